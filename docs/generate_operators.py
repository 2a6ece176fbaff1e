"""Write the pages of operators from their declarations: `python docs/generate_operators.py`.

`make docs` runs this by itself. It needs neither PyTorch nor a GPU: what was measured with them is
in coverage.json.
"""

from __future__ import annotations

from pathlib import Path

import coverage_page
import operator_pages
from operator_pages import cell, families, link, summary
from operator_rules import own, rule_text

from autograd_core.registry import Entry, operators

HEAD = """# Operators

{count} operators, each declared in one place with its gradient rules, samples and conventions;
these pages are written from the declarations. Every operator is tested against NumPy or PyTorch,
and its first and second gradients against finite differences: the [coverage table](coverage.md)
has the figures.

```{{toctree}}
:maxdepth: 1

coverage
{toctree}
```

## How a rule reads

The page of each family shows the gradient rules as they stand in the source. That of `softmax` is

```python
{rule}
```

It gives the gradient of `input`. `g` is the gradient of the output, with its shape; the other
arguments say by their names what the rule wants: inputs and outputs, which are kept until the
gradient has passed, and plain arguments such as `dim`. What no rule names is freed at once. A rule
called `joint` gives the gradients of all inputs together; `needs` says which are wanted. Where an
operator has several outputs, `g` is a tuple.

A rule computes with arrays, or with tensors where the gradient is to be differentiated in turn, so
that one rule serves every order. It need not undo broadcasting: the engine does. For complex
numbers the engine conjugates around a rule written as for real ones.
Above longer rules there is a formula, in which `g` is the gradient of the output `y` (or of
whatever name the output has), `dx` that of `x`, and `∘` the product of elements.
[How it works](how-it-works.md) builds such an engine in forty lines.

## All operators

A `_` after the name means that there is an in-place method too, as `exp_` for `exp`. The last
column says what the gradient is where the derivative does not exist.
"""


def row(entry: Entry) -> str:
    """One line of the table."""
    names = link(entry.name) + (" `_`" if entry.inplace else "")
    if entry.aliases:
        names += "<br>also " + ", ".join(f"`{alias}`" for alias in entry.aliases)
    convention = entry.convention if entry.differentiable else "not differentiable"
    return f"| {names} | {summary(entry)} | {cell(convention)} |"


def index() -> str:
    """The page that lists all operators, by family."""
    found = families()
    toctree = "\n".join(f"operators/{family.file}" for family in found)
    rule, _ = rule_text(own(operators()["softmax"])[0])
    parts = [HEAD.format(count=len(operators()), toctree=toctree, rule=rule)]
    for family, modules in found.items():
        parts.append(f"\n### {family.title}\n\n{family.intro}\n")
        parts.append("| operator | what it does | gradient where there is none |\n|---|---|---|")
        parts += [row(entry) for entries in modules.values() for entry in entries]
    return "\n".join(parts) + "\n"


def pages() -> dict[str, str]:
    """All pages, by the name of their file."""
    found = {"operators.md": index(), "coverage.md": coverage_page.page()}
    for family, modules in families().items():
        found[f"operators/{family.file}.md"] = operator_pages.page(family, modules)
    return found


def write(folder: Path) -> None:
    """Write the pages that are not as they should be already, and remove families that are gone."""
    (folder / "operators").mkdir(exist_ok=True)
    wanted = pages()
    for path in (folder / "operators").glob("*.md"):
        if f"operators/{path.name}" not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


if __name__ == "__main__":
    write(Path(__file__).parent)
