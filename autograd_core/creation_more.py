"""More tensors made of nothing: logspace, range, scalar_tensor, empty_strided, the indices of
triangles."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from autograd_core.creation import empty, end_points, full, given_to, kind_of, spaced
from autograd_core.dtypes import as_dtype, get_default_dtype
from autograd_core.errors import ShapeError
from autograd_core.from_data import finish, place
from autograd_core.layouts import takes_layout
from autograd_core.ops.dims import sizes
from autograd_core.ops.shape import broadcast_shape
from autograd_core.ops.strided import as_strided
from autograd_core.size import Size
from autograd_core.tensor import Tensor


@takes_layout
def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``steps`` numbers from ``base**start`` to ``base**end``, whose logarithms are evenly spaced.

    Args:
        start, end: first and last exponent, numbers or tensors of no dimensions.
        steps: how many.
        base: what is raised to the exponents.
        out: tensor to write into; one without elements gets the shape.

    Raises:
        RuntimeError: ``steps`` is negative.

    Source: PyTorch, ``torch.logspace``.

    Example:
        >>> import autograd_core as ag
        >>> ag.logspace(0, 2, 3)
        tensor([  1.,  10., 100.])
    """
    first, last, steps = end_points("logspace", start, end, steps)
    kind = kind_of("logspace", dtype, get_default_dtype(), out)
    backend, where = place(device if out is None else out.device)
    exponents = spaced(first, last, steps, kind.numpy)
    values = np.power(complex(base) if kind.is_complex else float(base), exponents)
    array = backend.array(values.astype(kind.numpy), None, where)
    return given_to(out, "logspace", array, requires_grad)


@takes_layout
def range(
    start: Any,
    end: Any,
    step: Any = 1,
    *,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from ``start`` up to ``end``, which is one of them: deprecated, as in PyTorch, for
    :func:`arange`, which leaves the end out.

    Args:
        start, end, step: numbers, or tensors of one element.
        out: tensor to write into; one without elements gets the shape.
        dtype: default the default dtype, also if all three are whole.

    Raises:
        RuntimeError: ``step`` is 0 or leads away from ``end``, or a number is not finite.

    Source: PyTorch, ``torch.range``.
    """
    warnings.warn(
        "range is deprecated, because Python's leaves the end out; use arange instead",
        stacklevel=3,
    )
    start, end, step = [v.item() if isinstance(v, Tensor) else v for v in (start, end, step)]
    kind = kind_of("range", dtype, get_default_dtype(), out)
    if kind.numpy.kind in "iu":
        start, end, step = int(start), int(end), int(step)
    if step == 0 or not 0 <= (end - start) / step < math.inf:
        raise RuntimeError(
            f"range: expected finite numbers and a step that leads from start to end, got start "
            f"{start}, end {end} and step {step}"
        )
    backend, where = place(device if out is None else out.device)
    values = np.arange(math.floor((end - start) / step) + 1) * step + start
    array = backend.array(values.astype(kind.numpy), None, where)
    return given_to(out, "range", array, requires_grad)


@takes_layout
def empty_strided(
    size: Any, stride: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of unset memory with the given steps from one element to the next.

    Args:
        size: sequence of sizes.
        stride: as many steps, counted in elements; 0 repeats one.
        dtype, device, requires_grad: as of :func:`empty`.

    Raises:
        RuntimeError: there are not as many steps as sizes, or one is negative.

    Source: PyTorch, ``torch.empty_strided``.

    Example:
        >>> import autograd_core as ag
        >>> ag.empty_strided((2, 3), (1, 2)).stride()
        (1, 2)
    """
    shape, steps = sizes("empty_strided", size, None), sizes("empty_strided", stride, None)
    if len(shape) != len(steps) or min((*shape, *steps), default=0) < 0:
        raise ShapeError(
            f"empty_strided: size {shape} and stride {steps} must be as many numbers, none of them "
            f"negative"
        )
    room = 0 if 0 in shape else 1 + sum((n - 1) * step for n, step in zip(shape, steps))
    memory = empty(room, dtype=dtype, device=device)
    return finish(as_strided(memory, shape, steps)._array, requires_grad)


@takes_layout
def new_empty_strided(
    input: Any, size: Any, stride: Any, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """:func:`empty_strided` in the dtype and on the device of this tensor, unless told otherwise.
    Source: PyTorch, ``torch.Tensor.new_empty_strided``."""
    dtype = input.dtype if dtype is None else dtype
    device = input.device if device is None else device
    return empty_strided(size, stride, dtype=dtype, device=device, requires_grad=requires_grad)


@takes_layout
def scalar_tensor(
    s: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of no dimensions that holds one number, of the default dtype unless told. Source:
    PyTorch, ``torch.scalar_tensor``.

    Example:
        >>> import autograd_core as ag
        >>> ag.scalar_tensor(2)
        tensor(2.)
    """
    kind = get_default_dtype() if dtype is None else dtype
    return full((), s, dtype=kind, device=device, requires_grad=requires_grad)


def broadcast_shapes(*shapes: Any) -> Size:
    """The shape that shapes (or sizes of one dimension) broadcast to.

    Raises:
        RuntimeError: they do not broadcast.

    Source: PyTorch, ``torch.broadcast_shapes``.

    Example:
        >>> import autograd_core as ag
        >>> ag.broadcast_shapes((3, 1), (4,))
        autograd_core.Size([3, 4])
    """
    given = [(s,) if hasattr(s, "__index__") else tuple(s) for s in shapes]
    return Size(broadcast_shape("broadcast_shapes", *given))


def _triangle(
    name: str, find: Any, row: int, col: int, offset: int, dtype: Any, device: Any
) -> Tensor:
    if row < 0 or col < 0:
        raise RuntimeError(f"{name}: row and col must not be negative, got {row} and {col}")
    kind = as_dtype("int64" if dtype is None else dtype).numpy
    backend, where = place(device)
    return finish(backend.array(np.stack(find(row, offset, col)).astype(kind), None, where), False)


@takes_layout
def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None
) -> Tensor:
    """The indices of a matrix's lower triangle: their rows, and below them their columns.

    Args:
        row, col: the matrix's sizes.
        offset: up to which diagonal, it included.

    Raises:
        RuntimeError: a size is negative.

    Source: PyTorch, ``torch.tril_indices``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tril_indices(2, 2)
        tensor([[0, 1, 1],
                [0, 0, 1]])
    """
    return _triangle("tril_indices", np.tril_indices, row, col, offset, dtype, device)


@takes_layout
def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None
) -> Tensor:
    """The indices of a matrix's upper triangle; arguments as for :func:`tril_indices`. Source:
    PyTorch, ``torch.triu_indices``."""
    return _triangle("triu_indices", np.triu_indices, row, col, offset, dtype, device)
