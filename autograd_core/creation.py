"""Making tensors filled with constants or sequences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.dtypes import as_dtype, get_default_dtype, int64, result_type
from autograd_core.from_data import finish, place
from autograd_core.layouts import laid_out, order_like
from autograd_core.ops.dims import sizes, whole
from autograd_core.ranges import check_real, stored
from autograd_core.tensor import Tensor


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
    kind = as_dtype(dtype) if dtype is not None else result_type(fill_value)
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
    if out is not None:
        out._array[...] = value
        out._mutated(name)
        return out  # type: ignore[no-any-return]
    backend, where = place(device)
    kind = (get_default_dtype() if dtype is None else as_dtype(dtype)).numpy
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

    return finish(laid_out(order, made, shape), requires_grad)


def zeros(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None
) -> Tensor:
    """A tensor of zeros.

    Source: PyTorch, ``torch.zeros``.

    Example:
        >>> import autograd_core as ag
        >>> ag.zeros(2)
        tensor([0., 0.])
    """
    return _make("zeros", sizes("zeros", size), 0, dtype, device, requires_grad, out)


def ones(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None
) -> Tensor:
    """A tensor of ones.

    Source: PyTorch, ``torch.ones``.

    Example:
        >>> import autograd_core as ag
        >>> ag.ones(2)
        tensor([1., 1.])
    """
    return _make("ones", sizes("ones", size), 1, dtype, device, requires_grad, out)


def empty(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None
) -> Tensor:
    """A tensor whose values are whatever the memory held.

    Source: PyTorch, ``torch.empty``.

    Example:
        >>> import autograd_core as ag
        >>> ag.empty(2, 3).shape
        autograd_core.Size([2, 3])
    """
    return _make("empty", sizes("empty", size), None, dtype, device, requires_grad, out)


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


def arange(
    start: Any = None,
    end: Any = None,
    step: Any = 1,
    *,
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
    kind = (
        as_dtype(dtype)
        if dtype is not None
        else (as_dtype("int64") if integers else get_default_dtype())
    )
    if kind is int64:
        start, end = int(start), int(end)
    number = math.ceil((end - start) / step)
    if kind.numpy.kind in "iu":
        start, step = int(start), int(step)
        if step == 0:
            raise RuntimeError(f"arange: step must be a whole number for dtype={kind}, not below 1")
    backend, where = place(device)
    values = np.arange(number) * step + start
    return finish(backend.array(values.astype(kind.numpy), None, where), requires_grad)


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


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
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
    kind = get_default_dtype() if dtype is None else as_dtype(dtype)
    backend, where = place(device)
    return finish(
        backend.array(spaced(start, end, steps, kind.numpy).astype(kind.numpy), None, where),
        requires_grad,
    )


def eye(
    n: int,
    m: int | None = None,
    *,
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
    kind = get_default_dtype() if dtype is None else as_dtype(dtype)
    backend, where = place(device)
    return finish(backend.array(np.eye(n, m, dtype=kind.numpy), None, where), requires_grad)
