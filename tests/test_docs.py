"""What README and documentation say is true: their code runs, their links lead somewhere."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# From the table of operators, when the pages are built; one leads to the other.
WRITTEN = ("operators.md", "coverage.md")
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted(path for path in (ROOT / "docs").glob("*.md") if path.name not in WRITTEN),
]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pages = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def blocks(page: Path) -> Iterator[tuple[str, int, str]]:
    """The fenced blocks of a page: language, line of the first code line, code."""
    text = page.read_text()
    for match in FENCE.finditer(text):
        yield match[1], text.count("\n", 0, match.start(2)) + 1, match[2]


def run_page(page: Path) -> None:
    """Run a page's blocks, in one namespace.

    `python` blocks must run, and where they say `print(...)  # text`, print the text; `pycon`
    blocks are doctests.
    """
    namespace: dict[str, object] = {"__name__": "__main__"}
    for language, line, code in blocks(page):
        output = io.StringIO()
        if language == "python":
            # Empty lines put the code where it stands on the page, for tracebacks.
            program = compile("\n" * (line - 1) + code, str(page), "exec")
            with contextlib.redirect_stdout(output):
                exec(program, namespace)
            printed = output.getvalue().splitlines()
            for expected in re.findall(r"^print\(.*\)  # (.+)$", code, re.MULTILINE):
                assert expected in printed, f"line {line} and on: {expected!r} is not in {printed}"
        elif language == "pycon":
            runner = doctest.DocTestRunner(
                optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
            )
            case = doctest.DocTestParser().get_doctest(code, {}, page.name, str(page), line - 1)
            case.globs = namespace
            runner.run(case, out=output.write, clear_globs=False)
            assert runner.failures == 0, "\n" + output.getvalue()


@pytest.mark.cpu_only  # The pages show what a reader sees on the CPU.
@pages
def test_code_blocks_run(page: Path, tmp_path: Path) -> None:
    """In a process of its own, as a reader would: what a page sets does not reach other tests."""
    answer = subprocess.run(
        [sys.executable, "-W", "error", __file__, str(page)],
        cwd=tmp_path,
        env=os.environ | {"AUTOGRAD_CORE_DEVICE": "cpu"},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.cpu_only
def test_the_pictures_of_models_are_what_their_page_draws(tmp_path: Path) -> None:
    page = ROOT / "docs" / "looking.md"
    subprocess.run([sys.executable, __file__, str(page)], cwd=tmp_path, check=True)
    for name in ("model.svg", "transformer.svg", "lstm.svg"):
        drawn = (tmp_path / name).read_text()
        assert drawn == (ROOT / "docs" / "_static" / name).read_text()


@pages
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" not in target and target.split("/")[-1] not in WRITTEN:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pages
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"train", "test", "lint", "bench", "docs", "help", "clean"} <= targets
    code = "\n".join(re.findall(r"`[^`]+`|^```.*?^```", page.read_text(), re.M | re.S))
    mentioned = set(re.findall(r"\bmake ([a-z][\w-]*)", code))
    assert mentioned <= targets, f"no such target: {sorted(mentioned - targets)}"


def test_every_page_is_in_the_table_of_contents() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    for name in {"operators"} | {path.stem for path in PAGES[2:]} - {"index"}:
        assert re.search(rf"^{name}$", index, re.MULTILINE), f"{name} is in no toctree"


def test_the_changelog_has_this_version() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f"[{version[1]}]" in (ROOT / "CHANGELOG.md").read_text()


if __name__ == "__main__":
    run_page(Path(sys.argv[1]))
