"""The examples in docstrings run and print what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {
    "autograd_core": "autograd_core",
    "backends": "autograd_core.backends",
    "nn": "autograd_core.nn",
    "optim": "autograd_core.optim",
    "estimators": "autograd_core.estimators",
}


def modules_with_examples() -> list[str]:
    """Import names, as installed, of the modules that have examples."""
    names = []
    for folder, package in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            if ">>> " in path.read_text():
                inner = path.relative_to(ROOT / folder).with_suffix("").parts
                inner = inner[:-1] if inner[-1] == "__init__" else inner
                names.append(".".join([package, *inner]))
    return names


@pytest.mark.cpu_only  # Examples show what a reader sees on the CPU.
@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_in_docstrings(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if ".cupy" in name:
        pytest.importorskip("cupy")
    if ".estimators" in name:
        pytest.importorskip("sklearn")
    if name.endswith(".einops"):
        pytest.importorskip("einops")
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    messages: list[str] = []
    runner = doctest.DocTestRunner(optionflags=flags)
    examples = 0
    for case in doctest.DocTestFinder(exclude_empty=True).find(module):
        examples += len(case.examples)
        runner.run(case, out=messages.append, clear_globs=True)
    assert runner.summarize(verbose=False).failed == 0, "\n" + "".join(messages)
    assert examples, f"{name}: '>>>' is in the file, but no docstring that doctest finds has it"
