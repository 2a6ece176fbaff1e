"""What a benchmark case is, and how one is declared.

A case is a name, a range of sizes and a ``setup`` that returns the call to be timed. ``setup``
receives the library as a module, ``autograd_core`` or ``torch``, so that one source runs under
both. A ``bare`` setup, where there is a natural one, does the same work on plain arrays and
receives ``numpy`` or ``cupy``. The files in ``benchmarks/cases`` hold nothing but declarations,
and import no array library themselves: the runner reads them only to know the names.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from typing import Any

Call = Callable[[], object]
Setup = Callable[[Any, str, int], Call]
Bare = Callable[[Any, int], Call]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to measure over a range of sizes.

    Args:
        name: ``family/name``; a family shares a chart.
        unit: what a size counts, for the table's heading.
        sizes: the sizes, in rising order.
        setup: ``setup(library, device, size)`` returns the call to be timed.
        bare: ``bare(array_library, size)`` returns the same work on plain arrays, or None.
    """

    name: str
    unit: str
    sizes: tuple[int, ...]
    setup: Setup
    bare: Bare | None = None

    @property
    def family(self) -> str:
        return self.name.partition("/")[0]


CASES: dict[str, Case] = {}


def case(
    name: str, unit: str, sizes: Sequence[int], setup: Setup, bare: Bare | None = None
) -> Case:
    """Declares one case; its name must be new and its sizes rise."""
    if name in CASES:
        raise ValueError(
            f"benchmark case {name!r} is declared twice; give one of them another name"
        )
    if list(sizes) != sorted(set(sizes)) or not sizes:
        raise ValueError(f"benchmark case {name!r}: sizes must rise, got {tuple(sizes)}")
    CASES[name] = Case(name, unit, tuple(sizes), setup, bare)
    return CASES[name]


Shapes = Callable[[int], list[tuple[int, ...]]]


def operator(
    name: str,
    unit: str,
    sizes: Sequence[int],
    shapes: Shapes,
    function: Callable[..., Any],
    bare: Callable[..., Any] | None = None,
    constants: Callable[[int], list[Any]] | None = None,
) -> None:
    """Declares two cases for one operator: recorded forward, and forward with backward.

    Args:
        name: ``family/name``; the second case is called ``family/name+backward``.
        unit: what a size counts.
        sizes: the sizes, in rising order.
        shapes: from a size to the shapes of the float32 inputs, all of which require grad.
        function: ``function(library, *inputs, *constants)``.
        bare: ``bare(array_library, *inputs, *constants)``, or None.
        constants: from a size to further arguments as NumPy arrays, such as an index.
    """

    def arrays(size: int) -> tuple[list[Any], list[Any]]:
        import numpy as np

        rng = np.random.default_rng(0)
        inputs = [rng.standard_normal(shape, dtype=np.float32) for shape in shapes(size)]
        return inputs, constants(size) if constants else []

    def tensors(library: Any, device: str, size: int) -> tuple[list[Any], list[Any]]:
        inputs, fixed = arrays(size)
        return (
            [library.tensor(array, device=device, requires_grad=True) for array in inputs],
            [library.tensor(array, device=device) for array in fixed],
        )

    def forward(library: Any, device: str, size: int) -> Call:
        inputs, fixed = tensors(library, device, size)
        return partial(function, library, *inputs, *fixed)

    def forward_and_backward(library: Any, device: str, size: int) -> Call:
        inputs, fixed = tensors(library, device, size)
        seed = library.ones_like(function(library, *inputs, *fixed).detach())
        grad = library.autograd.grad

        def call() -> object:
            return grad(function(library, *inputs, *fixed), inputs, seed)

        return call

    def plain(xp: Any, size: int) -> Call:
        assert bare is not None
        inputs, fixed = arrays(size)
        return partial(bare, xp, *map(xp.asarray, inputs), *map(xp.asarray, fixed))

    case(name, unit, sizes, forward, plain if bare else None)
    case(f"{name}+backward", unit, sizes, forward_and_backward)


def load_cases() -> dict[str, Case]:
    """Imports every file of ``benchmarks/cases`` and returns what they declared, by name."""
    package = importlib.import_module("benchmarks.cases")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"benchmarks.cases.{module.name}")
    return CASES


def select(patterns: Sequence[str]) -> list[Case]:
    """The cases whose name contains, or as a glob matches, one of ``patterns``; all for none."""
    cases = list(load_cases().values())
    if not patterns:
        return cases
    return [c for c in cases if any(p in c.name or fnmatch(c.name, p) for p in patterns)]
