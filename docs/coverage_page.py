"""The coverage table: for every operator, and every name of PyTorch's, what was compared and found.

The figures are in coverage.json, which the tests measure and compare; what is otherwise on purpose
is in coverage.toml.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from operator_pages import cell, link

from autograd_core.registry import operators

FOLDER = Path(__file__).parent

HEAD = """---
hide-toc: true
---

# Coverage

PyTorch tests its operators on samples of its own. The same samples go through this engine, and
what it finds must be equal. A row is an operator; `12` means that all of 12 samples were equal, and
`11/12` that one was not.

{totals}

- **value**, **gradient**, **second**: in float64 (or the widest type that the operator takes),
  equal to ten digits. Second gradients are PyTorch's double backward; where PyTorch has none,
  finite differences (◊).
- **complex**: values, gradients and second gradients in complex128.
- **float32**: values and gradients in float32, equal to five digits; second gradients are float32.
- **dtypes**: in which the values, the gradients and their dtypes are PyTorch's, to the precision of
  the type.
- **devices**: where it runs. The same tests compare a CUDA GPU with the CPU (`pytest -m gpu`);
  without a GPU they run on a stand-in for CuPy.
- **view**: whether the result shares the input's memory: always (yes), or where the memory allows
  (some). It is a view exactly where PyTorch's is one.
- **in place**: whether there is a variant that writes into its input, equal in value and gradient.

An operator that PyTorch has no samples for (◦) is compared with NumPy and with finite differences
on samples of its own. `make coverage` makes the comparison again.
"""

GROUPS = {
    "float": ("float16", "bfloat16", "float32", "float64"),
    "complex": ("complex64", "complex128"),
    "int": ("int8", "int16", "int32", "int64", "uint8"),
    "bool": ("bool",),
}


def rows() -> dict[str, dict[str, Any]]:
    """What was measured, by name; an operator that is new has no figures yet."""
    path = FOLDER / "coverage.json"
    measured: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}
    return {name: measured.get(name, {}) for name in sorted({*measured, *operators()})}


def share(figure: list[int] | None) -> str:
    """Samples that passed, of how many if not all."""
    if figure is None:
        return ""
    passed, total = figure
    return str(total) if passed == total else f"{passed}/{total}"


def dtypes(names: list[str]) -> str:
    """Dtypes by their kinds, as ``float (not float16), int``."""
    if all(name in names for group in GROUPS.values() for name in group):
        return "all"
    parts = []
    for kind, group in GROUPS.items():
        missing = [name for name in group if name not in names]
        if len(missing) == len(group):
            continue
        if len(missing) * 2 > len(group):
            parts.append(" ".join(name for name in group if name in names))
        else:
            parts.append(kind + (f" (not {', '.join(missing)})" if missing else ""))
    return ", ".join(parts)


def aliases(name: str) -> str:
    entry = operators().get(name)
    if entry is not None:
        return ", ".join(f"`{alias}`" for alias in entry.aliases)
    main = next((e.name for e in operators().values() if name in e.aliases), None)
    return f"is {link(main)}" if main else ""


def in_place(name: str, row: dict[str, Any]) -> str:
    entry = operators().get(name)
    there = "inplace" in row or (entry is not None and entry.inplace)
    return "yes" if there and not name.endswith("_") else ""


def line(name: str, row: dict[str, Any]) -> str:
    """One row of the table."""
    shown = link(name) if name in operators() else f"`{name}`"
    if "value" not in row and name not in operators():
        return f"| {shown} | missing |  |  |  |  |  |  |  |  |  |"
    second = share(row.get("second")) + (" ◊" if "differences" in row else "")
    cells = (
        shown + (" ◦" if "of_its_own" in row else ""),
        share(row.get("value")),
        share(row.get("gradient")),
        second,
        share(row.get("complex")),
        share(row.get("float32")),
        dtypes(row.get("dtypes", [])),
        "CPU&nbsp;GPU" if name in operators() or "gpu" in row else "CPU",
        {"always": "yes", "sometimes": "some"}.get(row.get("view", ""), ""),
        in_place(name, row),
        aliases(name),
    )
    return f"| {' | '.join(cells)} |"


def totals(found: dict[str, dict[str, Any]]) -> str:
    """The sums over all rows, as a table."""
    there = [name for name, row in found.items() if "value" in row or name in operators()]
    lines = [
        f"{len(there)} operators, {len(found) - len(there)} missing.\n",
        "| | samples | equal | |\n|---|---|---|---|",
    ]
    titles = {"value": "values", "gradient": "gradients", "second": "second gradients"}
    titles |= {"complex": "complex numbers", "float32": "in float32"}
    for figure, title in titles.items():
        figures = [row[figure] for row in found.values() if figure in row]
        if figures:
            passed, total = (sum(numbers) for numbers in zip(*figures, strict=True))
            lines.append(f"| {title} | {total} | {passed} | {passed / total:.2%} |")
    return "\n".join(lines)


def otherwise(notes: dict[str, Any]) -> str:
    """What is not as in PyTorch, and why."""
    parts = ["\n## Otherwise on purpose\n", "| operator | figure | why |\n|---|---|---|"]
    for note in notes["otherwise"]:
        names = ", ".join(link(n) if n in operators() else f"`{n}`" for n in note["names"])
        figures = ", ".join(note.get("dtypes", note["figures"]))
        parts.append(f"| {names} | {figures} | {cell(note['reason'])} |")
    parts.append("\n## Left out\n\nPyTorch's own table of operators has these, too.\n")
    for note in notes["left_out"]:
        names = ", ".join(f"`{name}`" for name in note["names"])
        parts.append(f"- {cell(note['reason'][0].upper() + note['reason'][1:])}: {names}.")
    return "\n".join(parts) + "\n"


def page() -> str:
    """The page's text."""
    found = rows()
    notes = tomllib.loads((FOLDER / "coverage.toml").read_text())
    parts = [HEAD.format(totals=totals(found)), "## Operators\n\n:::{container} narrow\n"]
    parts.append(
        "| operator | value | gradient | second | complex | float32 | dtypes | devices | view "
        "| in place | also called |\n|---|---|---|---|---|---|---|---|---|---|---|"
    )
    parts += [line(name, row) for name, row in found.items()]
    return "\n".join(parts) + "\n:::\n" + otherwise(notes)
