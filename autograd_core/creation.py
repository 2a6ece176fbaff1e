"""Making tensors filled with constants or sequences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.dtypes import as_dtype, get_default_dtype, int64, result_type
from autograd_core.dtypes import dtype as DType
from autograd_core.errors import DtypeError
from autograd_core.from_data import finish, place
from autograd_core.layouts import laid_out, order_like, takes_layout
from autograd_core.operands import put
from autograd_core.ops.dims import sizes, whole
from autograd_core.ranges import check_real, stored
from autograd_core.tensor import Tensor


@takes_layout
def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Any = None,
) -> Tensor:
    """A tensor of ``size`` filled with one value.

    Args:
        size: sequence of sizes.
        fill_value: number; without ``dtype`` its kind decides: bool, int64, default float or
            complex.

    Source: PyTorch, ``torch.full``.

    Example:
        >>> import autograd_core as ag
        >>> ag.full((2,), 7.0)
        tensor([7., 7.])
    """
    shape = sizes("full", (size,) if not hasattr(size, "__index__") else ((size,),))
    if isinstance(fill_value, TensorBase):
        fill_value = fill_value.item()  # type: ignore[attr-defined]
    kind = kind_of("full", dtype, result_type(fill_value), out)
    return _make("full", shape, fill_value, kind, device, requires_grad, out)


def _make(
    name: str,
    shape: Any,
    value: Any,
    dtype: Any,
    device: Any,
    requires_grad: bool,
    out: Any = None,
    order: tuple[int, ...] | None = None,
) -> Tensor:
    if any(n < 0 for n in shape):
        raise RuntimeError(f"{name}: sizes must not be negative, got {tuple(shape)}")
    backend, where = place(device if out is None else out.device)
    kind = kind_of(name, dtype, get_default_dtype(), out).numpy
    check_real(name, isinstance(value, complex), kind)

    def made(shape: Any) -> Any:
        if value is None:
            return backend.empty(shape, kind, where)
        if value == 0:
            return backend.zeros(shape, kind, where)
        try:
            return backend.full(shape, value, kind, where)
        except OverflowError:
            return backend.full(shape, stored(name, value, kind), kind, where)

    return given_to(out, name, laid_out(order, made, shape), requires_grad)


def kind_of(name: str, dtype: Any, default: DType, out: Any) -> DType:
    """The type of a result: ``dtype`` or the default, and that of ``out`` if there is one."""
    kind = None if dtype is None else as_dtype(dtype)
    if out is not None and kind not in (None, out.dtype):
        raise DtypeError(f"{name}: dtype is {kind}, but out is of {out.dtype}. Mend: leave one out")
    return (default if out is None else out.dtype) if kind is None else kind


def given_to(out: Any, name: str, array: Any, requires_grad: bool) -> Tensor:
    """The tensor of a new array; or ``out``, with its values."""
    if out is None:
        return finish(array, requires_grad)
    result = put(out, TensorBase._wrap(array), name)
    return result.requires_grad_() if requires_grad else result  # type: ignore[no-any-return]


@takes_layout
def zeros(
    *given: Any,
    size: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Any = None,
) -> Tensor:
    """A tensor of zeros.

    Args:
        given: sizes, as numbers or as one sequence; also by name, ``size``.
        dtype: default the default dtype.
        device: default the default device.
        requires_grad: whether gradients are recorded.
        out: tensor to write into; one without elements gets the shape.

    Source: PyTorch, ``torch.zeros``.

    Example:
        >>> import autograd_core as ag
        >>> ag.zeros(2)
        tensor([0., 0.])
    """
    return _make("zeros", sizes("zeros", given, size), 0, dtype, device, requires_grad, out)


@takes_layout
def ones(
    *given: Any,
    size: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Any = None,
) -> Tensor:
    """A tensor of ones.

    Source: PyTorch, ``torch.ones``.

    Example:
        >>> import autograd_core as ag
        >>> ag.ones(2)
        tensor([1., 1.])
    """
    return _make("ones", sizes("ones", given, size), 1, dtype, device, requires_grad, out)


@takes_layout
def empty(
    *given: Any,
    size: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Any = None,
    memory_format: Any = None,
) -> Tensor:
    """A tensor whose values are whatever the memory held; ``memory_format`` is accepted as in
    PyTorch, other arguments are as of :func:`zeros`.

    Source: PyTorch, ``torch.empty``.

    Example:
        >>> import autograd_core as ag
        >>> ag.empty(2, 3).shape
        autograd_core.Size([2, 3])
    """
    return _make("empty", sizes("empty", given, size), None, dtype, device, requires_grad, out)


def _like(
    name: str,
    input: Any,
    value: Any,
    dtype: Any,
    device: Any,
    requires_grad: bool,
    format: Any,
) -> Tensor:
    order = order_like(name, input._array, format)
    dtype, device = dtype or input.dtype, device or input.device
    return _make(name, input.shape, value, dtype, device, requires_grad, order=order)


@takes_layout
def zeros_like(
    input: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Zeros of the shape, dtype and device of ``input``. Source: PyTorch, ``torch.zeros_like``."""
    return _like("zeros_like", input, 0, dtype, device, requires_grad, memory_format)


@takes_layout
def ones_like(
    input: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Ones of the shape, dtype and device of ``input``. Source: PyTorch, ``torch.ones_like``."""
    return _like("ones_like", input, 1, dtype, device, requires_grad, memory_format)


@takes_layout
def empty_like(
    input: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Unset memory of the shape, dtype and device of ``input``. Source: PyTorch,
    ``torch.empty_like``."""
    return _like("empty_like", input, None, dtype, device, requires_grad, memory_format)


@takes_layout
def full_like(
    input: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """``fill_value`` in the shape, dtype and device of ``input``. Source: PyTorch,
    ``torch.full_like``."""
    return _like("full_like", input, fill_value, dtype, device, requires_grad, memory_format)


@takes_layout
def arange(
    start: Any = None,
    end: Any = None,
    step: Any = 1,
    *,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from ``start`` (default 0) up to, not including, ``end``.

    Args:
        start, end, step: numbers, or tensors of one element.
        dtype: default int64 if all three are whole, else the default float dtype.

    Raises:
        RuntimeError: ``step`` is 0 or leads away from ``end``, or a number is not finite.

    Source: PyTorch, ``torch.arange``.

    Example:
        >>> import autograd_core as ag
        >>> ag.arange(3)
        tensor([0, 1, 2])
        >>> ag.arange(0, 1, 0.25)
        tensor([0.0000, 0.2500, 0.5000, 0.7500])
    """
    if end is None:
        if start is None:
            raise TypeError("arange: expected an end")
        start, end = 0, start
    start = 0 if start is None else start
    start, end, step = [v.item() if isinstance(v, Tensor) else v for v in (start, end, step)]
    if step == 0 or not math.isfinite((end - start) / step):
        raise RuntimeError(
            f"arange: expected finite start, end and step, and step not 0, got {start}, {end} and "
            f"{step}"
        )
    if (end - start) / step < 0:
        raise RuntimeError(f"arange: from {start} to {end} the step {step} leads the wrong way")
    integers = all(isinstance(v, int) for v in (start, end, step))
    kind = kind_of("arange", dtype, int64 if integers else get_default_dtype(), out)
    if kind is int64:
        start, end = int(start), int(end)
    number = math.ceil((end - start) / step)
    if kind.numpy.kind in "iu":
        start, step = int(start), int(step)
        if step == 0:
            raise RuntimeError(f"arange: step must be a whole number for dtype={kind}, not below 1")
    backend, where = place(device if out is None else out.device)
    values = np.arange(number) * step + start
    array = backend.array(values.astype(kind.numpy), None, where)
    return given_to(out, "arange", array, requires_grad)


def end_points(name: str, start: Any, end: Any, steps: Any) -> tuple[Any, Any, int]:
    """The arguments of ``linspace`` and ``logspace`` as numbers."""
    count = whole(name, steps, "steps")
    if count < 0:
        raise RuntimeError(f"{name}: steps must not be negative, got {count}")
    for end_point in (start, end):
        if isinstance(end_point, Tensor) and end_point.ndim:
            raise RuntimeError(
                f"{name}: start and end must be numbers or tensors of no dimensions, got shape "
                f"{tuple(end_point.shape)}"
            )
    first, last = [v.item() if isinstance(v, Tensor) else v for v in (start, end)]
    return first, last, count


def spaced(start: Any, end: Any, steps: int, dtype: Any) -> Any:
    """Evenly spaced numbers, to the last digit those of PyTorch: counted from both ends to the
    middle, by a step in the precision of ``dtype``, and rounded once (halves: at every step)."""
    if steps < 2:
        return np.full(steps, start)
    if dtype.kind == "c":
        part = np.dtype(f"f{dtype.itemsize // 2}")
        real, imag = (spaced(a, b, steps, part) for a, b in zip(_parts(start), _parts(end)))
        return real + np.array(1j, dtype) * imag
    places = np.arange(steps)
    if dtype.kind in "iu":
        start, end = int(start), int(end)
        step, wide = (end - start) / (steps - 1), np.dtype(float)
    else:
        start, end = np.array([start, end]).astype(dtype)
        step = (end - start) / np.array(steps - 1, dtype)
        wide = {2: dtype, 4: np.dtype(np.float64), 8: np.dtype(np.longdouble)}[dtype.itemsize]
        start, end, step = np.array(start, wide), np.array(end, wide), np.array(step, wide)
    ahead, behind = places.astype(wide), places[::-1].astype(wide)
    return np.where(places < steps // 2, start + step * ahead, end - step * behind)


def _parts(number: complex) -> tuple[float, float]:
    return number.real, number.imag


@takes_layout
def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``steps`` evenly spaced numbers from ``start`` to ``end``, both included.

    Source: PyTorch, ``torch.linspace``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linspace(0, 1, 3)
        tensor([0.0000, 0.5000, 1.0000])
    """
    start, end, steps = end_points("linspace", start, end, steps)
    kind = kind_of("linspace", dtype, get_default_dtype(), out)
    backend, where = place(device if out is None else out.device)
    values = spaced(start, end, steps, kind.numpy).astype(kind.numpy)
    return given_to(out, "linspace", backend.array(values, None, where), requires_grad)


@takes_layout
def eye(
    n: int,
    m: int | None = None,
    *,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A matrix with ones on the diagonal.

    Source: PyTorch, ``torch.eye``.

    Example:
        >>> import autograd_core as ag
        >>> ag.eye(2)
        tensor([[1., 0.],
                [0., 1.]])
    """
    n, m = whole("eye", n, "n"), None if m is None else whole("eye", m, "m")
    if min(n, m or 0) < 0:
        raise RuntimeError(f"eye: n and m must not be negative, got {n} and {m}")
    kind = kind_of("eye", dtype, get_default_dtype(), out)
    backend, where = place(device if out is None else out.device)
    array = backend.array(np.eye(n, m, dtype=kind.numpy), None, where)
    return given_to(out, "eye", array, requires_grad)
