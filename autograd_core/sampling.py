"""Random values written into a tensor: ``uniform_``, ``normal_`` and their like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.backends.stream import Stream
from autograd_core.base import TensorBase
from autograd_core.generator import Generator, stream_for
from autograd_core.inplace import check_writable
from autograd_core.layouts import laid_out, memory_order
from autograd_core.operands import check_floating, check_inexact
from autograd_core.ops.assign import overwrite

# A float holds every integer up to two to the power of this.
_DIGITS = {"bfloat16": 8, "float16": 11, "float32": 24, "float64": 53}


def normal_values(
    stream: Stream,
    shape: tuple[int, ...],
    dtype: np.dtype,
    mean: float = 0.0,
    std: float = 1.0,
    contiguous: bool = True,
) -> Any:
    """Normal numbers; of complex ones both parts, each with that mean and half the variance."""
    if dtype.kind != "c":
        return stream.normal(shape, dtype, float(mean), float(std), contiguous)
    return _paired(stream.normal((*shape, 2), _part(dtype), float(mean), std * 0.5**0.5), dtype)


def uniform_values(
    stream: Stream, shape: tuple[int, ...], dtype: np.dtype, low: float = 0.0, high: float = 1.0
) -> Any:
    """Numbers spread evenly over [low, high), both parts of complex ones."""
    if dtype.kind != "c":
        return stream.uniform(shape, dtype, low, high)
    return _paired(stream.uniform((*shape, 2), _part(dtype), low, high), dtype)


def _part(dtype: np.dtype) -> np.dtype:
    return np.dtype(np.float32 if dtype.itemsize == 8 else np.float64)


def _paired(parts: Any, dtype: np.dtype) -> Any:
    return parts.view(dtype)[..., 0]


def integer_values(
    name: str, stream: Stream, low: int, high: int, shape: tuple[int, ...], dtype: np.dtype
) -> Any:
    """Integers of [low, high), after a look at whether the type holds them."""
    if low >= high:
        raise RuntimeError(f"{name}: expected low < high, got low={low} and high={high}")
    least, most = _range(dtype)
    if dtype.kind in "biu" and (low < least or high - 1 > most):
        raise RuntimeError(
            f"{name}: integers from {low} to {high - 1} do not fit into {dtype.name}, which holds "
            f"{least} to {most}"
        )
    return stream.integers(low, high, shape, dtype)


def _range(dtype: np.dtype) -> tuple[int, int]:
    """The least integer of a type, and the greatest up to which it holds all."""
    if dtype.kind == "b":
        return 0, 1
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return int(limits.min), int(limits.max)
    return -(1 << _DIGITS[dtype.name]), 1 << _DIGITS[dtype.name]


def refill(
    name: str,
    tensor: Any,
    generator: Generator | None,
    draw: Callable[[Stream, tuple[int, ...], bool], Any],
) -> Any:
    """Write drawn values into a tensor, in the order of its memory, as PyTorch does.

    The gradient of what was there before is zero.
    """
    check_writable(tensor, name)  # before anything is drawn
    array = tensor._array
    stream = stream_for(backend_of(array).device_of(array), generator)
    overwrite(name, tensor, TensorBase._wrap(drawn_like(array, stream, draw)))
    return tensor


def drawn_like(
    array: Any, stream: Stream, draw: Callable[[Stream, tuple[int, ...], bool], Any]
) -> Any:
    """Drawn values in an array's shape, one after the other in the order of its memory."""
    order = memory_order(array)
    return laid_out(order, lambda shape: draw(stream, shape, order is None), array.shape)


def uniform_(
    input: Any, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None
) -> Any:
    """Fill with reals spread evenly over ``[from_, to)``, both parts of complex numbers.

    Args:
        input: Tensor of a floating-point or complex type.
        from_, to: Bounds.
        generator: Source of the numbers; default the device's default generator.

    Raises:
        RuntimeError: ``from_ > to``, or the type is one of integers.

    Source: PyTorch, ``torch.Tensor.uniform_``.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.empty(2).uniform_(-1, 1)
        tensor([-0.0075,  0.5364])
    """
    dtype = check_inexact("uniform_", input).dtype
    if not from_ <= to:
        raise RuntimeError(f"uniform_: expected from_ <= to, got from_={from_} and to={to}")
    low, high = float(from_), float(to)
    return refill(
        "uniform_", input, generator,
        lambda stream, shape, _: uniform_values(stream, shape, dtype, low, high),
    )  # fmt: skip


def normal_(
    input: Any, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None
) -> Any:
    """Fill with reals of the normal distribution, both parts of complex numbers.

    Args:
        input: Tensor of a floating-point or complex type.
        mean, std: Mean and standard deviation; of a complex number each part has this mean, and
            half the variance.
        generator: Source of the numbers; default the device's default generator.

    Raises:
        RuntimeError: ``std < 0``, or the type is one of integers.

    Source: PyTorch, ``torch.Tensor.normal_``.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.empty(2).normal_(10, 0.1)
        tensor([10.1541,  9.9707])
    """
    dtype = check_inexact("normal_", input).dtype
    check_std("normal_", std)
    return refill(
        "normal_", input, generator,
        lambda stream, shape, contiguous: normal_values(
            stream, shape, dtype, mean, std, contiguous
        ),
    )  # fmt: skip


def check_std(name: str, std: float) -> None:
    """Refuse a negative standard deviation."""
    if not std >= 0:
        raise RuntimeError(f"{name}: expected std >= 0, got {std}")


def bernoulli_(input: Any, p: Any = 0.5, *, generator: Generator | None = None) -> Any:
    """Fill with ones and zeros, one with probability ``p``.

    Args:
        input: Tensor of any real type.
        p: Probability, or a tensor of them that broadcasts to the shape of ``input``.
        generator: Source of the numbers; default the device's default generator.

    Raises:
        RuntimeError: A probability is not between 0 and 1 (of a tensor, looked at on the CPU only).

    Source: PyTorch, ``torch.Tensor.bernoulli_``.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.empty(4).bernoulli_(0.5)
        tensor([0., 0., 1., 0.])
    """
    if not isinstance(p, TensorBase):
        chance = checked_probability("bernoulli_", p)
        return refill(
            "bernoulli_", input, generator, lambda stream, shape, _: stream.bernoulli(chance, shape)
        )
    check_floating("bernoulli_", p, "p")
    check_writable(input, "bernoulli_")
    array = input._array
    backend = backend_of(array)
    chances = backend.xp.broadcast_to(p._array, array.shape)
    stream = stream_for(backend.device_of(array), generator)
    overwrite("bernoulli_", input, TensorBase._wrap(stream.bernoulli_of(chances)))
    return input


def checked_probability(name: str, p: Any) -> float:
    """``p`` as a number between 0 and 1."""
    chance = float(p)
    if not 0.0 <= chance <= 1.0:
        raise RuntimeError(f"{name}: expected a probability between 0 and 1, got p={p}")
    return chance


def random_(input: Any, *bounds: int | None, generator: Generator | None = None) -> Any:
    """Fill with integers: ``random_()``, ``random_(to)`` or ``random_(from, to)``, without ``to``.

    Without bounds they go from 0 to the greatest integer of the type (for floats, to the greatest
    up to which they hold all integers).

    Args:
        input: Tensor of any real type.
        *bounds: ``to``, or ``from`` and ``to``; None for ``to`` means one more than the greatest.
        generator: Source of the numbers; default the device's default generator.

    Raises:
        RuntimeError: ``from >= to``, or the type does not hold the bounds.
        TypeError: More than two bounds, or a complex type.

    Source: PyTorch, ``torch.Tensor.random_``.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.empty(4, dtype=ag.int64).random_(10)
        tensor([4, 9, 3, 0])
    """
    dtype = input._array.dtype
    if dtype.kind == "c" or len(bounds) > 2:
        raise TypeError(
            f"random_: expected at most two bounds and a real dtype, got {bounds}, {dtype}"
        )
    limit = _range(dtype)[1] + 1
    if not bounds:
        return refill(
            "random_", input, generator,
            lambda stream, shape, _: stream.integers_below(limit, shape, dtype),
        )  # fmt: skip
    low, high = (0, bounds[0]) if len(bounds) == 1 else bounds
    low, high = int(low or 0), limit if high is None else int(high)
    return refill(
        "random_", input, generator,
        lambda stream, shape, _: integer_values("random_", stream, low, high, shape, dtype),
    )  # fmt: skip


def exponential_(input: Any, lambd: float = 1.0, *, generator: Generator | None = None) -> Any:
    """Fill with reals of the exponential distribution, ``lambd * exp(-lambd * x)``.

    Args:
        input: Tensor of a real floating-point type.
        lambd: Rate, the inverse of the mean.
        generator: Source of the numbers; default the device's default generator.

    Raises:
        RuntimeError: ``lambd <= 0``, or the type is no real floating-point type.

    Source: PyTorch, ``torch.Tensor.exponential_``.

    Example:
        >>> import autograd_core as ag
        >>> min(ag.empty(3).exponential_(2.0).tolist()) >= 0
        True
    """
    dtype = check_floating("exponential_", input).dtype
    if not lambd > 0:
        raise RuntimeError(f"exponential_: expected lambd > 0, got {lambd}")
    return refill(
        "exponential_", input, generator,
        lambda stream, shape, _: stream.exponential(shape, dtype, float(lambd)),
    )  # fmt: skip
