"""The table of operators: what tests, documentation and the coverage table are generated from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import numpy as np

from autograd_core.keywords import also, numpy_names

F = TypeVar("F", bound=Callable[..., Any])

SMOOTH = "smooth wherever it is defined"


class Sample:
    """One call of an operator: arrays become tensors; float arrays in ``args`` are differentiated.

    Example:
        >>> from autograd_core.registry import Sample
        >>> Sample(np.ones(3), dim=0).kwargs
        {'dim': 0}
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args, self.kwargs = args, kwargs

    def __repr__(self) -> str:
        return f"Sample(args={self.args}, kwargs={self.kwargs})"


class At(NamedTuple):
    """The convention at one point: the gradients of the sum of the output, with respect to the
    first of ``args``."""

    args: tuple[Any, ...]
    gradients: tuple[Any, ...]
    kwargs: Mapping[str, Any] = MappingProxyType({})


class Make:
    """Makes a sample's arrays: distinct values in a range, away from 0 and from each other.

    So no sample stands at a kink or a tie by accident, and finite differences are meaningful.
    """

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)

    def __call__(self, *shape: int, low: float = -2.0, high: float = 2.0) -> Any:
        size = int(np.prod(shape)) if shape else 1
        grid = (np.arange(size) + 0.25 + 0.5 * self.rng.random(size)) / max(size, 1)
        return (low + (high - low) * self.rng.permutation(grid)).reshape(shape)

    def integers(self, *shape: int, low: int = 0, high: int = 4) -> Any:
        """Random int64 in [low, high)."""
        return self.rng.integers(low, high, size=shape)

    def booleans(self, *shape: int) -> Any:
        """Random truth values."""
        return self.rng.random(shape) < 0.5


class Entry:
    """What the table knows of one operator.

    Attributes:
        name: PyTorch's name, with its submodule: ``exp``, ``linalg.inv``, ``nn.functional.relu``.
        function: the public function.
        samples: from a ``Make`` to the samples.
        reference: the same on NumPy arrays (float64), or None where PyTorch alone is the reference.
        convention: what the gradient is where the derivative does not exist; ``SMOOTH`` if nowhere.
        kinks: the convention in numbers, tested.
        differentiable: whether any output depends smoothly on any input.
        aliases: other public names.
        inplace: whether ``name_`` exists as a method.
        method: whether it is a method of Tensor.
        hermitian: whether the first input stands for a Hermitian matrix, of which only one triangle
            is read; its gradient is Hermitian then, and gradient checks move both triangles alike.
        formula: the gradient in the letters of mathematics, where the rule is longer than that.
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        samples: Callable[[Make], Iterable[Sample]],
        reference: Callable[..., Any] | None,
        convention: str,
        kinks: Sequence[At] = (),
        differentiable: bool = True,
        aliases: Sequence[str] = (),
        inplace: bool = False,
        method: bool = True,
        hermitian: bool = False,
        formula: str = "",
    ) -> None:
        self.name = name
        self.function = function
        self.samples, self.reference = samples, reference
        self.convention, self.kinks = convention, tuple(kinks)
        self.differentiable = differentiable
        self.aliases = tuple(aliases)
        self.inplace, self.method = inplace, method
        self.hermitian = hermitian
        self.formula = formula

    @property
    def family(self) -> str:
        """The module that declares the operator."""
        return self.function.__module__.rpartition(".")[2]


REGISTRY: dict[str, Entry] = {}  # of what has been imported so far; operators() completes it


@cache
def operators() -> dict[str, Entry]:
    """The whole table.

    What has no method of Tensor and is not needed to make one is declared in modules that are
    imported here, so that ``import autograd_core`` stays light.

    Example:
        >>> from autograd_core.registry import operators
        >>> operators()["nn.functional.conv2d"].name
        'nn.functional.conv2d'
    """
    from pkgutil import iter_modules

    from autograd_core import ops

    for module in iter_modules(ops.__path__):
        import_module(f"{ops.__name__}.{module.name}")
    import_module("autograd_core.signal.windows")
    return REGISTRY


def register(entry: Entry) -> None:
    """Enter an operator into the table; a name is declared once, in one place."""
    if entry.name in REGISTRY:
        raise ValueError(f"operator {entry.name!r} is declared twice")
    if not entry.convention:
        raise ValueError(
            f"operator {entry.name!r}: state the convention where the derivative does not exist"
        )
    REGISTRY[entry.name] = entry


def accept(name: str, **names: str) -> Any:
    """The public function of an operator of the table, made to take arguments by other names, too;
    see ``keywords.also``."""
    entry = REGISTRY[name]
    entry.function = also(**names)(entry.function)
    return entry.function


def operator(
    name: str,
    *,
    samples: Callable[[Make], Iterable[Sample]],
    convention: str,
    reference: Callable[..., Any] | None = None,
    kinks: Sequence[At] = (),
    differentiable: bool = True,
    aliases: Sequence[str] = (),
    inplace: bool = False,
    method: bool = True,
    hermitian: bool = False,
    formula: str = "",
) -> Callable[[F], F]:
    """Decorate an operator's public function to enter it into the table; arguments as in
    ``Entry``."""

    def enter(function: F) -> F:
        function = numpy_names(function)
        register(
            Entry(
                name,
                function,
                samples,
                reference,
                convention,
                kinks,
                differentiable,
                aliases,
                inplace,
                method,
                hermitian,
                formula,
            )
        )
        return function

    return enter
