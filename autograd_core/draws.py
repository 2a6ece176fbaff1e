"""Random tensors whose distribution other tensors give: ``bernoulli``, ``poisson``, ``binomial``,
``multinomial``.

Their values are whole numbers, which jump and are flat elsewhere: so the gradients are zero.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.backends.device import device as Device
from autograd_core.backends.registry import backend_of
from autograd_core.backends.stream import Stream
from autograd_core.base import TensorBase
from autograd_core.generator import Generator, stream_for
from autograd_core.layouts import laid_out, memory_order
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_same_dtype, fit
from autograd_core.ops.broadcast import broadcast_tensors
from autograd_core.ops.constants import zeros
from autograd_core.ops.precision import widen
from autograd_core.sampling import checked_probability, drawn_like, refill

if TYPE_CHECKING:
    from autograd_core.tensor import Tensor


def made(
    name: str,
    draw: Any,
    shape: tuple[int, ...],
    dtype: np.dtype,
    where: Device,
    generator: Generator | None,
    requires_grad: bool = False,
    out: Any = None,
    order: tuple[int, ...] | None = None,
) -> Tensor:
    """The tensor of what ``draw(stream, shape, dtype)`` returns, its dimensions in memory in
    ``order``; or ``out`` filled with it."""
    if out is not None:
        fit(out, shape, name)
        into = out._array.dtype
        return refill(name, out, generator, lambda stream, _s, _c: draw(stream, shape, into))
    stream = stream_for(where, generator)
    result = TensorBase._wrap(laid_out(order, lambda sizes: draw(stream, sizes, dtype), shape))
    return result.requires_grad_() if requires_grad else result


def stream_of(input: Any, generator: Generator | None) -> Stream:
    """The samplers for tensors on the device of ``input``."""
    array = input._array
    return stream_for(backend_of(array).device_of(array), generator)


_bernoulli = Op(
    "bernoulli",
    lambda xp, input, stream: stream.bernoulli_of(input).astype(input.dtype),
    {"input": lambda g: zeros(g)},
)
_poisson = Op(
    "poisson",
    lambda xp, input, stream: stream.poisson(input).astype(input.dtype),
    {"input": lambda g: zeros(g)},
)
_binomial = Op(
    "binomial",
    lambda xp, count, prob, stream: stream.binomial(count, prob).astype(prob.dtype),
    {"count": lambda g: zeros(g), "prob": lambda g: zeros(g)},
    inputs=2,
)


def bernoulli(
    input: Any, p: Any = None, *, generator: Generator | None = None, out: Any = None
) -> Tensor:
    """Ones and zeros in the shape and dtype of ``input``.

    Args:
        input: Tensor of the probabilities of a one; with ``p`` only its shape and dtype count.
        p: One probability for all.
        generator: Source of the numbers; default the device's default generator.
        out: Tensor to write into.

    Raises:
        RuntimeError: A probability is not between 0 and 1 (of a tensor, looked at on the CPU
            only), or ``input`` is not floating-point.

    Source: PyTorch, ``torch.bernoulli``.

    Example:
        >>> import autograd_core as ag
        >>> ag.bernoulli(ag.tensor([0.0, 1.0]))
        tensor([0., 1.])
    """
    array = input._array
    if p is None:
        check_floating("bernoulli", input)
        result = _bernoulli(input, stream_of(input, generator))
        return result if out is None else out.copy_(result)
    chance = checked_probability("bernoulli", p)
    draw = lambda stream, shape, kind: stream.bernoulli(chance, shape).astype(kind)
    shape, order = tuple(array.shape), memory_order(array)
    return made("bernoulli", draw, shape, array.dtype, input.device, generator, False, out, order)


def poisson(input: Any, generator: Generator | None = None) -> Tensor:
    """For every element a number from the Poisson distribution with that mean.

    Args:
        input: Tensor of means, of a real floating-point type, not negative.
        generator: Source of the numbers; default the device's default generator.

    Returns:
        Whole numbers in the dtype of ``input``.

    Raises:
        RuntimeError: A mean is negative or not finite, or the type is none of reals.

    Source: PyTorch, ``torch.poisson``; the CPU's numbers are the same as there.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.poisson(ag.tensor([0.0, 4.0, 100.0]))
        tensor([  0.,   7., 102.])
    """
    array = check_floating("poisson", input)
    if array.size and not backend_of(array).item(((array >= 0) & (array < math.inf)).all()):
        raise RuntimeError("poisson: every mean must be a number from 0 on")
    return _poisson(input, stream_of(input, generator))


def binomial(count: Any, prob: Any, generator: Generator | None = None) -> Tensor:
    """For every element how many of ``count`` trials succeed, each with probability ``prob``.

    Args:
        count: Tensor of whole numbers, in a real floating-point type.
        prob: Tensor of probabilities, of the same dtype, that broadcasts with ``count``.
        generator: Source of the numbers; default the device's default generator.

    Returns:
        Whole numbers in the same dtype.

    Raises:
        RuntimeError: The dtypes differ, or are none of reals.

    Source: PyTorch, ``torch.binomial``; the CPU's numbers are the same as there.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.binomial(ag.tensor([10.0, 100.0]), ag.tensor(0.5))
        tensor([ 7., 51.])
    """
    check_floating("binomial", prob, "prob")
    check_same_dtype("binomial", count=count, prob=prob)
    count, prob = broadcast_tensors(count, prob)
    return _binomial(count, prob, stream_of(prob, generator))


def multinomial(
    input: Any,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
    out: Any = None,
) -> Tensor:
    """Indices drawn with the probabilities that each row of weights gives.

    Args:
        input: Weights, one distribution ``(n,)`` or several ``(m, n)``; not negative, and not all
            zero; they need not sum to one.
        num_samples: Number of indices for each row.
        replacement: Whether an index can come again.
        generator: Source of the numbers; default the device's default generator.
        out: Tensor to write into.

    Returns:
        int64 tensor, ``(num_samples,)`` or ``(m, num_samples)``.

    Raises:
        RuntimeError: The weights are no distribution, or more indices are asked for than there are.

    Source: PyTorch, ``torch.multinomial``.

    Example:
        >>> import autograd_core as ag
        >>> ag.multinomial(ag.tensor([0.0, 3.0, 0.0]), 2, replacement=True)
        tensor([1, 1])
    """
    weights, number = input._array, int(num_samples)
    _check_weights(weights, number, replacement)
    if out is not None and out._array.dtype != np.int64:
        raise RuntimeError(f"multinomial: out must be of dtype int64, got {out.dtype}")
    xp = backend_of(weights).xp

    def draw(stream: Stream, shape: tuple[int, ...], dtype: np.dtype) -> Any:
        if not replacement or number == 1:
            # The first of several clocks that run at these rates.
            scores = weights / drawn_like(
                weights, stream, lambda stream, shape, _: stream.exponential(shape, weights.dtype)
            )
            if number == 1:
                return widen(scores).argmax(-1)[..., None].astype(dtype)
            order = xp.argsort(-widen(scores), axis=-1, kind="stable")
            return order[..., :number].astype(dtype)
        u = stream.uniform(shape, np.dtype(np.float64)).reshape(-1, number)
        rows = [
            xp.searchsorted(row / row[-1], values.astype(row.dtype))
            for row, values in zip(
                xp.cumsum(weights.reshape(-1, weights.shape[-1]), axis=-1), u, strict=True
            )
        ]
        return xp.stack(rows).reshape(shape).astype(dtype)

    shape = (*weights.shape[:-1], number)
    kind = np.dtype(np.int64)
    return made("multinomial", draw, shape, kind, input.device, generator, False, out)


def _check_weights(weights: Any, number: int, replacement: bool) -> None:
    check_floating("multinomial", weights)
    if weights.ndim not in (1, 2) or not weights.shape[-1]:
        raise RuntimeError(
            f"multinomial: expected weights (n,) or (m, n) with n > 0, got {tuple(weights.shape)}"
        )
    if number <= 0 or (number > weights.shape[-1] and not replacement):
        raise RuntimeError(
            f"multinomial: cannot draw {number} of {weights.shape[-1]} indices"
            + ("" if replacement else "; with replacement=True it could be more")
        )
    backend = backend_of(weights)
    with np.errstate(all="ignore"):  # the look below finds what overflows
        sums = weights.sum(-1)
    if not backend.item((weights >= 0).all() & (sums > 0).all() & (sums < np.inf).all()):
        raise RuntimeError(
            "multinomial: the weights are no distribution: one is negative, infinite or NaN, or a "
            "whole row is zero"
        )
