"""Derivatives and integrals of sampled functions: gradient, trapezoid and its sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.operands import check_numbers
from autograd_core.ops.dims import one_dim, shape_of, some_dims
from autograd_core.ops.join import cat
from autograd_core.ops.reduction import sum
from autograd_core.ops.scan import cumsum
from autograd_core.ops.shape import reshape
from autograd_core.ops.slicing import part
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _pair(y: Any, dim: int) -> tuple[Any, Any]:
    """All but the last, and all but the first element along ``dim``."""
    return part(y, dim, slice(None, -1)), part(y, dim, slice(1, None))


# --- trapezoids -----------------------------------------------------------------------------------


def _widths(name: str, y: Any, x: Any, dim: int) -> Any:
    """The distances of neighbouring abscissas, ready to broadcast with those of ``y``."""
    if x.ndim == 0:
        raise ShapeError(f"{name}: x must have at least one dimension, got a tensor of none")
    if x.ndim == 1 and y.ndim != 1:
        if x.shape[0] != y.shape[dim]:
            raise ShapeError(
                f"{name}: x has {x.shape[0]} elements, y has {y.shape[dim]} along dim {dim}. "
                f"Mend: one abscissa for each value"
            )
        x = reshape(x, [-1 if d == dim else 1 for d in range(y.ndim)])
    elif x.ndim < y.ndim:
        x = reshape(x, (1,) * (y.ndim - x.ndim) + shape_of(x))
    left, right = _pair(x, dim % x.ndim if x.ndim == y.ndim else dim + x.ndim - y.ndim)
    return right - left


def _trapezoids(name: str, y: Any, x: Any, dx: Any, dim: int, integral: Any) -> Any:
    if y.ndim == 0:
        raise IndexError(f"{name}: y must have at least one dimension, got a tensor of none")
    check_numbers(name, y, "y")
    if x is not None:
        check_numbers(name, x, "x")
    if x is not None and dx is not None:
        raise TypeError(f"{name}: x and dx are two ways to say one thing; give one of them")
    dim = one_dim(name, dim, y.ndim)
    left, right = _pair(y, dim)
    if x is None:
        return integral(left + right, dim) * ((1.0 if dx is None else dx) / 2)
    return integral(_widths(name, y, x, dim) * (left + right), dim) / 2


def _trapezoid_samples(make: Make) -> list[Sample]:
    return [
        Sample(make(5)),
        Sample(make(2, 4), dx=0.5),
        Sample(make(4, 3), dim=0),
        Sample(make(2, 4), np.array([0.0, 1.0, 3.0, 3.5])),
        Sample(make(4, 3), make(4, 3), dim=0),
        Sample(make(3, 4), make(1, 4)),
        Sample(make(1)),
    ]


def _trapezoid_reference(y: Any, x: Any = None, *, dx: float = 1.0, dim: int = -1) -> Any:
    return np.trapezoid(y, x, dx, dim)


@operator(
    "trapezoid",
    samples=_trapezoid_samples,
    reference=_trapezoid_reference,
    convention=SMOOTH,
    aliases=("trapz",),
    method=False,
)
def trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The integral along ``dim`` by the trapezoidal rule.

    Args:
        y: tensor of values.
        x: tensor of abscissas, of the shape of ``y``, one that broadcasts to it, or one row.
        dx: distance of neighbouring abscissas, instead of ``x``; default 1.
        dim: the dimension; default the last.

    Raises:
        RuntimeError: ``x`` does not fit ``y``.
        TypeError: ``x`` and ``dx`` are both given.

    Source: PyTorch, ``torch.trapezoid``.

    Example:
        >>> import autograd_core as ag
        >>> ag.trapezoid(ag.tensor([1.0, 5.0, 10.0]))
        tensor(10.5000)
    """
    return _trapezoids("trapezoid", y, x, dx, dim, sum)


def _cumulative_reference(y: Any, x: Any = None, *, dx: float = 1.0, dim: int = -1) -> Any:
    y = np.moveaxis(y, dim, -1)
    if x is not None:
        x = x if x.ndim == 1 else np.moveaxis(np.broadcast_to(x, y.shape), dim, -1)
        dx = np.diff(x, axis=-1)
    return np.moveaxis(np.cumsum(dx * (y[..., 1:] + y[..., :-1]) / 2, -1), -1, dim)


@operator(
    "cumulative_trapezoid",
    samples=lambda make: [
        Sample(make(5)),
        Sample(make(2, 4), dx=0.5),
        Sample(make(4, 3), dim=0),
        Sample(make(2, 4), np.array([0.0, 1.0, 3.0, 3.5])),
        Sample(make(1)),
    ],
    reference=_cumulative_reference,
    convention=SMOOTH,
    method=False,
)
def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The integrals along ``dim`` up to each element but the first, by the trapezoidal rule;
    arguments as for :func:`trapezoid`. Source: PyTorch, ``torch.cumulative_trapezoid``.

    Example:
        >>> import autograd_core as ag
        >>> ag.cumulative_trapezoid(ag.tensor([1.0, 5.0, 10.0]))
        tensor([ 3.0000, 10.5000])
    """
    return _trapezoids("cumulative_trapezoid", y, x, dx, dim, cumsum)


# --- derivatives ----------------------------------------------------------------------------------


def _even(f: Any, dim: int, h: Any, edge_order: int) -> Any:
    """The derivative along ``dim`` from values at distance ``h``."""

    def at(start: int, stop: int | None) -> Any:
        return part(f, dim, slice(start, stop))

    inner = (at(2, None) - at(0, -2)) / h / 2
    if edge_order == 1:
        return cat([(at(1, 2) - at(0, 1)) / h, inner, (at(-1, None) - at(-2, -1)) / h], dim)
    first = (at(1, 2) * 2 - at(0, 1) * 1.5 - at(2, 3) * 0.5) / h
    last = (at(-1, None) * 1.5 - at(-2, -1) * 2 + at(-3, -2) * 0.5) / h
    return cat([first, inner, last], dim)


def _uneven(f: Any, dim: int, x: Any, edge_order: int) -> Any:
    """The derivative along ``dim`` from values at the abscissas ``x``."""
    left, right = _pair(x, 0)
    steps = right - left
    row = [-1 if d == dim else 1 for d in range(f.ndim)]

    def at(start: int, stop: int | None) -> Any:
        return part(f, dim, slice(start, stop))

    def step(start: int | None, stop: int | None) -> Any:
        return reshape(steps[start:stop], row)

    a, b = step(None, -1), step(1, None)
    inner = (
        at(2, None) * (a / (b * (a + b)))
        + at(1, -1) * ((b - a) / (a * b))
        - at(0, -2) * (b / (a * (a + b)))
    )
    if edge_order == 1:
        first = (at(1, 2) - at(0, 1)) / step(0, 1)
        last = (at(-1, None) - at(-2, -1)) / step(-1, None)
        return cat([first, inner, last], dim)
    a, b = step(0, 1), step(1, 2)
    first = (
        at(1, 2) * ((a + b) / (a * b))
        - at(0, 1) * ((2 * a + b) / (a * (a + b)))
        - at(2, 3) * (a / (b * (a + b)))
    )
    a, b = step(-2, -1), step(-1, None)
    last = (
        at(-1, None) * ((2 * b + a) / (b * (a + b)))
        - at(-2, -1) * ((a + b) / (a * b))
        + at(-3, -2) * (b / (a * (a + b)))
    )
    return cat([first, inner, last], dim)


def _spacings(spacing: Any, dims: tuple[int, ...]) -> list[Any]:
    if spacing is None:
        spacing = 1
    given = list(spacing) if isinstance(spacing, (list, tuple)) else [spacing] * len(dims)
    if len(given) != len(dims):
        raise ShapeError(
            f"gradient: expected one spacing, or one for each of {len(dims)} dimensions, got "
            f"{len(given)}"
        )
    return given


def _gradient_reference(f: Any, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> Any:
    spacings = spacing if isinstance(spacing, list) else [spacing]
    found: Any = np.gradient(f, *spacings, axis=dim, edge_order=edge_order)  # type: ignore[call-overload]
    return list(found) if isinstance(found, tuple) else [found]


@operator(
    "gradient",
    samples=lambda make: [
        Sample(make(5)),
        Sample(make(3, 4), spacing=2.0),
        Sample(make(4, 3), dim=0, edge_order=2),
        Sample(make(3, 4), spacing=[0.5, 2.0], dim=(1, 0)),
        Sample(make(4, 2), spacing=[np.array([0.0, 1.0, 3.0, 3.5])], dim=0),
        Sample(make(4), spacing=[np.array([0.0, 1.0, 3.0, 3.5])], edge_order=2),
    ],
    reference=_gradient_reference,
    convention=SMOOTH,
    method=False,
)
def gradient(
    input: Any, *, spacing: Any = None, dim: Any = None, edge_order: int = 1
) -> tuple[Any, ...]:
    """Derivatives of a sampled function, from differences of neighbours.

    Args:
        input: tensor of values.
        spacing: distance of neighbours, one number or one for each dimension; or for each
            dimension a tensor of abscissas. Default 1.
        dim: dimension or dimensions along which to derive; default all.
        edge_order: 1 for differences of two values at the edges, 2 for three.

    Returns:
        One tensor for each dimension.

    Raises:
        RuntimeError: there are too few values, or spacings.

    Source: PyTorch, ``torch.gradient``.

    Example:
        >>> import autograd_core as ag
        >>> ag.gradient(ag.tensor([1.0, 4.0, 9.0, 16.0]))
        (tensor([3., 4., 6., 7.]),)
    """
    dims = some_dims("gradient", dim, input.ndim)
    if input._array.dtype.kind in "bu":
        raise RuntimeError(
            f"gradient: differences of {input.dtype} may be negative. Mend: input.float()"
        )
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order must be 1 or 2, got {edge_order!r}")
    results = []
    for d, h in zip(dims, _spacings(spacing, dims)):
        if input.shape[d] <= edge_order:
            raise ShapeError(
                f"gradient: edge_order={edge_order} needs more than {edge_order} values, dimension "
                f"{d} has {input.shape[d]}"
            )
        if isinstance(h, TensorBase) and h._array.ndim:
            if shape_of(h) != (input.shape[d],):
                raise ShapeError(
                    f"gradient: spacing has shape {shape_of(h)}, dimension {d} of input has size "
                    f"{input.shape[d]}. Mend: one abscissa for each value"
                )
            results.append(_uneven(input, d, h, edge_order))
        else:
            results.append(_even(input, d, h, edge_order))
    return tuple(results)
