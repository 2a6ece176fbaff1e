"""The shape of the project itself: imports point one way, files stay small, packaging is whole."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 400

# What `import autograd_core` may load besides its own modules, NumPy, ml_dtypes and what they load.
MOST_FOREIGN_MODULES = 20

# Folders of the repository and the import names that they are installed under.
PACKAGES = {
    "autograd_core": "autograd_core",
    "backends": "autograd_core.backends",
    "nn": "autograd_core.nn",
    "optim": "autograd_core.optim",
    "estimators": "autograd_core.estimators",
}
PROGRAMS = ("examples", "benchmarks")

# What each part may import of the project. Tests may import everything.
MAY_IMPORT = {
    "backends": {"backends"},
    "autograd_core": {"autograd_core", "backends"},
    "nn": {"nn", "autograd_core", "backends"},
    "optim": {"optim", "autograd_core", "backends"},
    "estimators": {"estimators", "nn", "optim", "autograd_core", "backends"},
    "examples": {"examples", "nn", "optim", "autograd_core", "backends"},
    "benchmarks": {"benchmarks", "examples", "nn", "optim", "autograd_core", "backends"},
}

# Modules that load others of the project only when they are asked for, and why.
LOADS_LAZILY = {
    "autograd_core": "nn, optim and their like are attributes that load when they are named",
    "autograd_core.autograd": "gradient checks, which only tests want",
    "autograd_core.einops_hook": "the backend for einops, which needs einops",
    "autograd_core.later": "methods that few programs call",
    "autograd_core.registry": "operators that Tensor can be made without",
    "autograd_core.backends": "switches that only programs written for PyTorch ask for",
    "autograd_core.backends.registry": "the CuPy backend",
    "autograd_core.backends.cupy": "CuPy itself",
    "autograd_core.nn": "PyTorch's places of the layers, which few programs name",
    "autograd_core.optim.swa_utils": "averages of models, which are in nn; optim does not need it",
    "autograd_core.backends.numpy": "numpy.random, which takes longer to import than this package",
}


@cache
def python_files() -> tuple[Path, ...]:
    """Every Python file of the repository."""
    folders = (*PACKAGES, *PROGRAMS, "tests", "docs")
    found = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return tuple(path for path in found if "_build" not in path.parts)


@cache
def modules() -> dict[str, Path]:
    """The project's modules: import name to file."""
    found = {}
    for path in python_files():
        folder, *rest = path.relative_to(ROOT).with_suffix("").parts
        if folder in PACKAGES or folder in PROGRAMS:
            rest = rest[:-1] if rest[-1] == "__init__" else rest
            found[".".join([PACKAGES.get(folder, folder), *rest])] = path
    return found


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text())


def part_of(module: str) -> str:
    """The top-level folder that a module lies in."""
    for folder in ("backends", "nn", "optim", "estimators"):
        if module == PACKAGES[folder] or module.startswith(PACKAGES[folder] + "."):
            return folder
    return module.partition(".")[0]


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def statements(
    node: ast.AST, inside_function: bool = False, for_types: bool = False
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool, bool]]:
    """Every import below a node: whether a function holds it, and whether only types need it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, inside_function, for_types
        function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from statements(
            child, inside_function or function, for_types or is_type_checking(child)
        )


def targets(statement: ast.Import | ast.ImportFrom) -> set[str]:
    """The project's modules that an import statement names."""
    if isinstance(statement, ast.Import):
        names = {alias.name for alias in statement.names}
    else:
        base = statement.module or ""
        inner = {f"{base}.{alias.name}" for alias in statement.names}
        # `from package import name` reads the package, unless every name is a module of it.
        names = inner if inner <= set(modules()) else {base, *(inner & set(modules()))}
    return names & set(modules())


@cache
def imports() -> tuple[tuple[str, str, int, bool, bool], ...]:
    """All imports between the project's modules: who, whom, line, in a function, for types."""
    found = []
    for module, path in modules().items():
        for statement, local, for_types in statements(tree(path)):
            found += [(module, to, statement.lineno, local, for_types) for to in targets(statement)]
    return tuple(found)


def test_the_files_are_found() -> None:
    assert "autograd_core.graph" in modules() and "autograd_core.nn" in modules()
    assert any(to == "autograd_core.graph" for _, to, *_ in imports())


def test_imports_point_one_way() -> None:
    wrong = [
        f"{module}:{line} imports {to}"
        for module, to, line, _, for_types in imports()
        if part_of(to) not in MAY_IMPORT[part_of(module)]
        # Types of the lazy attributes are declared where the attributes are.
        and not (for_types and module == "autograd_core")
    ]
    assert not wrong, "\n".join(wrong)


def test_no_import_cycles() -> None:
    graph: dict[str, set[str]] = {module: set() for module in modules()}
    for module, to, _, local, for_types in imports():
        if not local and not for_types:
            graph[module].add(to)
    remaining = dict(graph)
    while leaves := [module for module in remaining if not remaining[module] & set(remaining)]:
        for module in leaves:
            del remaining[module]
    cycle = {module: sorted(to & set(remaining)) for module, to in remaining.items()}
    assert not cycle, f"these modules import each other, or modules that do: {cycle}"


def test_no_function_imports_the_project() -> None:
    """An import inside a function would only hide a cycle."""
    wrong = [
        f"{module}:{line} imports {to}"
        for module, to, line, local, _ in imports()
        if local and module not in LOADS_LAZILY
    ]
    assert not wrong, "\n".join(wrong)


def test_lazy_loading_is_where_it_is_documented() -> None:
    lazy = {
        module
        for module, path in modules().items()
        if part_of(module) not in PROGRAMS and "import_module(" in path.read_text()
    }
    assert lazy <= set(LOADS_LAZILY), f"import_module() in {sorted(lazy - set(LOADS_LAZILY))}"


def test_imports_are_absolute() -> None:
    for path in python_files():
        for statement, *_ in statements(tree(path)):
            relative = isinstance(statement, ast.ImportFrom) and statement.level > 0
            assert not relative, f"{path}:{statement.lineno}: a relative import"


def test_files_stay_small() -> None:
    lines = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in python_files()}
    swollen = {name: count for name, count in lines.items() if count > MOST_LINES}
    assert not swollen, f"more than {MOST_LINES} lines: {swollen}"


def test_annotations_are_not_evaluated() -> None:
    """Every module with code starts with the same future import."""
    missing = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if any(not isinstance(node, ast.Expr) for node in tree(path).body)
        and "from __future__ import annotations" not in path.read_text()
    ]
    assert not missing, missing


def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_package_list_equals_the_tree() -> None:
    packages = sorted(name for name, path in modules().items() if path.name == "__init__.py")
    ours = [name for name in packages if name.partition(".")[0] not in PROGRAMS]
    listed = pyproject()["tool"]["setuptools"]["packages"]
    assert listed == ours


def test_package_data_exists_and_is_complete() -> None:
    declared = pyproject()["tool"]["setuptools"]["package-data"]
    shipped = set()
    for package, patterns in declared.items():
        folder = modules()[package].parent
        for pattern in patterns:
            matches = set(folder.glob(pattern))
            assert matches, f"{package}: nothing matches {pattern}"
            shipped |= matches
    assert ROOT / "autograd_core" / "py.typed" in shipped
    present = {
        path
        for folder in PACKAGES
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert present == shipped


def test_import_is_light() -> None:
    code = (
        "import sys, json, numpy, ml_dtypes; before = set(sys.modules); import autograd_core;"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    added = json.loads(answer.stdout)
    heavy = ("cupy", "torch", "matplotlib", "scipy", "tqdm", "safetensors")
    ours = ("autograd_core.nn", "autograd_core.optim", "autograd_core.backends.cupy")
    loaded = [name for name in added if any(f"{name}.".startswith(f"{x}.") for x in heavy + ours)]
    assert not loaded
    foreign = [name for name in added if name.partition(".")[0] != "autograd_core"]
    assert len(foreign) <= MOST_FOREIGN_MODULES, foreign


def forbidden() -> re.Pattern[str]:
    """Words that tie the text to one workplace, put together so that this file passes too."""
    machine = ["/wo" + "rk/", "/ro" + "ot/", "/op" + "t/py", "/ho" + "me/"]
    hosts = ["py" + "pi.org", "python" + "hosted", "registry" + ".npmjs", "deb." + "debian"]
    papers = ["surv" + "ey.md", "desi" + "gn.md"]
    return re.compile("|".join(re.escape(word) for word in machine + hosts + papers))


def text_files() -> list[Path]:
    files = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in (*PACKAGES, *PROGRAMS, "tests", "docs", ".ci"):
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    skipped = {"_build", "__pycache__"}
    kinds = {".py", ".md", ".toml", ".txt", ".json", ".svg", ".css", ".html", ".yml", ".cu", ""}
    return [p for p in files if p.suffix in kinds and not skipped & set(p.parts)]


@pytest.mark.parametrize("path", text_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_project_speaks_of_itself_alone(path: Path) -> None:
    found = forbidden().search(path.read_text(errors="replace"))
    assert found is None, f"{path.name} mentions {found[0] if found else ''}"
