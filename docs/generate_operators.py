"""Write the page of operators from their declarations: `python docs/generate_operators.py`.

`make docs` runs this by itself.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections import defaultdict
from pathlib import Path

import autograd_core.nn  # noqa: F401  (declares the operators of nn.functional)
from autograd_core.registry import REGISTRY, Entry

HEAD = """# Operators

{count} operators, each declared in one place with its gradient rules, samples and conventions; this
page is written from the declarations. Every operator is tested against NumPy or PyTorch, and its
first and second gradients against finite differences.

A `_` after the name means that there is an in-place method too, as `exp_` for `exp`. The last
column says what the gradient is where the derivative does not exist.
"""


def families() -> dict[str, list[Entry]]:
    """The operators by the module that declares them, both in alphabetical order."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for _, entry in sorted(REGISTRY.items()):
        found[entry.function.__module__].append(entry)
    return dict(sorted(found.items()))


def title(module: str) -> tuple[str, str]:
    """What a family is called, and what is in it, from the first line of its module's docstring."""
    doc = inspect.getdoc(importlib.import_module(module)) or module
    name, _, rest = doc.splitlines()[0].rstrip(".").partition(": ")
    return name, rest[:1].upper() + rest[1:]


def cell(text: str) -> str:
    """Text that neither breaks out of a table's cell nor is taken for markup outside code."""
    pieces = re.split(r"``?", " ".join(text.split()).replace("|", "\\|"))
    pieces[::2] = [re.sub(r"([*_<>\[\]])", r"\\\1", plain) for plain in pieces[::2]]
    return "`".join(pieces)


def row(entry: Entry) -> str:
    """One line of the table."""
    summary = (inspect.getdoc(entry.function) or "").partition("\n")[0]
    names = f"`{entry.name}`" + (" `_`" if entry.inplace else "")
    if entry.aliases:
        names += "<br>also " + ", ".join(f"`{alias}`" for alias in entry.aliases)
    convention = entry.convention if entry.differentiable else "not differentiable"
    return f"| {names} | {cell(summary)} | {cell(convention)} |"


def page() -> str:
    """The page's text."""
    parts = [HEAD.format(count=len(REGISTRY))]
    for module, entries in families().items():
        name, contents = title(module)
        contents = f"{contents}. " if contents else ""
        parts.append(f"\n## {name}\n\n{contents}Declared in `{module}`.\n")
        parts.append("| operator | what it does | gradient where there is none |\n|---|---|---|")
        parts += [row(entry) for entry in entries]
    return "\n".join(parts) + "\n"


def write(path: Path) -> None:
    """Write the page, unless it is as it should be already."""
    text = page()
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


if __name__ == "__main__":
    write(Path(__file__).parent / "operators.md")
