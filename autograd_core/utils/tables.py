"""Tables as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def table(head: Sequence[str], lines: Sequence[Sequence[Any]], foot: Sequence[Any] = ()) -> str:
    """Columns of equal width: text to the left, and columns of numbers to the right.

    Example:
        >>> print(table(["name", "size"], [["a", 1], ["long", 20]], ["all", 21]))
        name  size
        ----  ----
        a        1
        long    20
        ----  ----
        all     21
    """
    texts = [[str(cell) for cell in line] for line in (head, *lines, *([foot] if foot else []))]
    widths = [max(len(line[i]) for line in texts) for i in range(len(head))]
    right = [
        bool(lines) and all(str(line[i])[:1].isdigit() for line in lines) for i in range(len(head))
    ]
    rows = [
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right)
        ).rstrip()
        for line in texts
    ]
    rule = "  ".join("-" * width for width in widths)
    rows.insert(1, rule)
    if foot:
        rows.insert(-1, rule)
    return "\n".join(rows)


def bytes_text(number: float) -> str:
    """A number of bytes for people: ``"1.5 MB"``.

    Example:
        >>> bytes_text(1_500_000), bytes_text(12)
        ('1.5 MB', '12 B')
    """
    return f"{number:.0f} B" if number < 1000 else f"{_scaled(number, 'kMGT')}B"


def count_text(number: float) -> str:
    """A large number for people: ``"3.2 M"``.

    Example:
        >>> count_text(3_200_000), count_text(12)
        ('3.2 M', '12')
    """
    return f"{number:.0f}" if number < 1000 else _scaled(number, "kMGT")


def _scaled(number: float, prefixes: str) -> str:
    power = 0
    while number >= 999.95 and power < len(prefixes):
        number /= 1000
        power += 1
    return f"{number:.1f} {prefixes[power - 1]}"
