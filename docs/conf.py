"""How Sphinx builds these pages: `make docs`."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import generate_operators

project = "autograd_core"
author = "The autograd_core developers"
copyright = f"2026, {author}"
release = metadata.version("autograd-core")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
myst_enable_extensions = ["attrs_inline", "colon_fence"]

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
default_role = "code"
autoclass_content = "class"
python_use_unqualified_type_names = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Source", "notes"), ("Shape", "notes")]

html_theme = "furo"
html_title = f"autograd_core {release}"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_show_sphinx = False

# The pages of operators are written from their declarations, so they cannot fall behind them.
generate_operators.write(Path(__file__).parent)
