"""The pages of operators show every operator, with the rule as the source states it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograd_core.op import Op
from autograd_core.registry import SMOOTH, Entry, Sample, operators

sys.path.insert(0, str(Path(__file__).parent.parent / "docs"))

import generate_operators
import operator_pages
import operator_rules

pytestmark = pytest.mark.cpu_only  # What the pages say does not depend on the device.


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return generate_operators.pages()


def part(pages: dict[str, str], name: str) -> str:
    """An operator's section."""
    text = pages[f"operators/{operator_pages.file_of(operators()[name])}.md"]
    _, _, rest = text.partition(f"({operator_pages.label(name)})=\n")
    return rest.partition("\n(op-")[0]


def test_every_operator_has_one_section_and_one_line(pages: dict[str, str]) -> None:
    families = "".join(text for name, text in pages.items() if name.startswith("operators/"))
    for name in operators():
        assert families.count(f"\n### `{name}`\n") == 1, name
        assert families.count(f"\n({operator_pages.label(name)})=\n") == 1, name
        assert pages["operators.md"].count(f"\n| {operator_pages.link(name)}") == 1, name


def test_every_rule_is_shown() -> None:
    """Of what is differentiable there is a rule, or what it is made of."""
    for name, entry in operators().items():
        if entry.differentiable and operator_rules.recorded(name):
            assert operator_rules.own(entry) or operator_rules.made_of(entry), name
        for op in operator_rules.own(entry):
            assert operator_rules.rule_text(op)[0]


def test_a_rule_of_one_line(pages: dict[str, str]) -> None:
    text = part(pages, "expm1")
    assert '```python\n"input": lambda g, out: g * (out + 1)\n```' in text
    assert "```python\nexpm1(input, *, out=None)\n```" in text
    assert "keeps `out`. Smooth wherever it is defined." in text
    assert "Also `special.expm1`; methods `Tensor.expm1` and `Tensor.expm1_`." in text
    assert "autofunction:: autograd_core.expm1" in text


def test_rules_of_several_inputs_and_lines(pages: dict[str, str]) -> None:
    text = part(pages, "mul")
    assert '"input": lambda g, other: g * other\n"other": lambda g, input: g * input\n' in text
    text = part(pages, "pow")
    assert '"input": _pow_base\n' in text and "\ndef _pow_base(g: Any, input: Any" in text


def test_a_composition_says_what_it_is_made_of(pages: dict[str, str]) -> None:
    text = part(pages, "nn.functional.softmin")
    assert "[`softmax`](#op-softmax)" in text and "return softmax(-input, dim, dtype)" in text
    assert '"""' not in text  # the docstring is on the page already


def test_no_gradient(pages: dict[str, str]) -> None:
    assert "**Gradient:** none." in part(pages, "argmax")


def test_a_formula_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = operators()["exp"]
    monkeypatch.setattr(entry, "formula", "dx = g exp(x)")
    assert "```text\ndx = g exp(x)\n```" in operator_pages.section(entry, {})


def test_a_new_operator_appears_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    op = Op("thrice", lambda xp, input: input * 3, {"input": lambda g: g * 3})

    def thrice(input: object) -> object:
        """Three times the input."""
        return op(input)

    entry = Entry("thrice", thrice, lambda make: [Sample(make(2))], None, SMOOTH)
    monkeypatch.setitem(operators(), "thrice", entry)
    families = operator_pages.families()
    assert entry in families[operator_pages.FAMILIES[-1]][__name__]
    text = operator_pages.section(entry, {})
    assert '"input": lambda g: g * 3\n' in text and "keeps nothing" in text


def test_source_of_one_lambda_among_others() -> None:
    first, second = (lambda g: g), (lambda g, out: (g * out) + len([lambda: out]))
    assert operator_rules.source(first) == "lambda g: g"
    assert operator_rules.source(second) == "lambda g, out: (g * out) + len([lambda: out])"


def test_pages_that_are_gone_are_removed(tmp_path: Path) -> None:
    (tmp_path / "operators").mkdir()
    (tmp_path / "operators" / "old.md").write_text("# Old\n")
    generate_operators.write(tmp_path)
    assert not (tmp_path / "operators" / "old.md").exists()
    assert (tmp_path / "coverage.md").read_text().count("\n# Coverage\n") == 1
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")}
    generate_operators.write(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")} == before


def test_the_coverage_page_has_a_line_for_each(pages: dict[str, str]) -> None:
    text = pages["coverage.md"]
    assert "| [`softmax`](#op-softmax) | " in text
    for name in operators():
        assert f"\n| {operator_pages.link(name)}" in text, name
