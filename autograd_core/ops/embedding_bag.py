"""Sums, means and maxima of bags of rows of a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_same_dtype, check_tensor
from autograd_core.ops.cast import cast
from autograd_core.ops.embedding import look_up, padding_row
from autograd_core.ops.gather import _add_into_zeros, check_integer_index, gather
from autograd_core.ops.join import cat
from autograd_core.ops.precision import is_half
from autograd_core.ops.shape import reshape, unsqueeze
from autograd_core.registry import SMOOTH, Make, Sample, operator

_MODES = ("sum", "mean", "max")


def _winners_forward(xp: Any, input: Any, bags: Any, count: int) -> Any:
    """For each bag and column the first row with the largest value, or the number of rows if the
    bag is empty."""
    rows = input.shape[0]
    if type(input) is np.ndarray:
        return _winners_in_order(input, bags, count)
    top = xp.full((count, *input.shape[1:]), -np.inf, input.dtype)
    xp.maximum.at(top, bags, input)
    wins = (input == top[bags]) | (input != input)  # (where a NaN is, it is the largest)
    number = xp.where(wins, xp.arange(rows, dtype=np.float64)[:, None], rows)
    first = xp.full(top.shape, rows, np.float64)
    xp.minimum.at(first, bags, number)
    return first.astype(np.int64)


def _winners_in_order(input: np.ndarray, bags: np.ndarray, count: int) -> np.ndarray:
    """The same bag after bag, as NumPy takes 20 times longer for rows in any order."""
    rows, line = input.shape[0], np.arange(input.shape[0])
    first = np.full((count, *input.shape[1:]), rows)
    if not rows:
        return first
    if (bags[1:] < bags[:-1]).any():
        line = np.argsort(bags, kind="stable")
        input, bags = input[line], bags[line]
    starts = np.flatnonzero(np.concatenate([[True], bags[1:] != bags[:-1]]))
    top = np.maximum.reduceat(input, starts, axis=0)
    wins = input == np.repeat(top, np.diff(starts, append=rows), axis=0)
    wins |= input != input
    number = np.where(wins, line[:, None], rows)
    first[bags[starts]] = np.minimum.reduceat(number, starts, axis=0)
    return first


_winners = Op("bag_winners", _winners_forward, inputs=2)


def _bags(offsets: Any, total: int, last: bool) -> tuple[Any, int]:
    """The bag of each of ``total`` rows, and how many bags there are; what is in none is in one
    behind the last."""
    array = offsets._array if isinstance(offsets, TensorBase) else offsets
    backend = backend_of(array)
    xp = backend.xp
    if last and not array.size:
        raise ShapeError("embedding_bag: offsets must not be empty with include_last_offset=True")
    backend.check_index(array[:1], 0, 1, "embedding_bag: the first of offsets")
    backend.check_index(array, 0, total + 1, "embedding_bag: offsets")
    steps = array[1:] - array[:-1]
    backend.check_index(steps, 0, total + 1, "embedding_bag: the steps between offsets")
    bags = xp.searchsorted(array, xp.arange(total, dtype=array.dtype), side="right") - 1
    return bags, len(array) - last


def _maxima(rows: Any, bags: Any, count: int) -> Any:
    nothing = rows.new_zeros((1, rows.shape[1]))
    return gather(cat([rows, nothing]), 0, _winners(rows, bags, count))


def _check_weights(input: Any, weight: Any, per_sample_weights: Any, mode: str) -> None:
    if mode != "sum":
        raise ValueError(f"embedding_bag: per_sample_weights need mode='sum', got {mode!r}")
    if per_sample_weights.shape != input.shape:
        raise ShapeError(
            f"embedding_bag: per_sample_weights must have the shape of input, "
            f"{tuple(input.shape)}, got {describe(per_sample_weights)}"
        )
    check_same_dtype("embedding_bag", weight=weight, per_sample_weights=per_sample_weights)


def _check(input: Any, weight: Any, offsets: Any, mode: str) -> None:
    check_tensor("embedding_bag", input, arrays=False)
    check_tensor("embedding_bag", weight, "weight", arrays=False)
    if offsets is not None:
        check_tensor("embedding_bag", offsets, "offsets", arrays=False)
    if weight.ndim != 2:
        raise ShapeError(f"embedding_bag: weight must be (numbers, size), got {describe(weight)}")
    if input.ndim not in (1, 2):
        raise ShapeError(f"embedding_bag: input must have 1 or 2 dimensions, got {describe(input)}")
    if input.ndim == 2 and offsets is not None:
        raise ValueError("embedding_bag: offsets have no meaning for input of 2 dimensions")
    if input.ndim == 1 and (offsets is None or offsets.ndim != 1):
        raise ValueError(
            f"embedding_bag: input of 1 dimension needs offsets of 1 dimension, got "
            f"{None if offsets is None else describe(offsets)}"
        )
    if mode not in _MODES:
        raise ValueError(f"embedding_bag: mode must be one of {_MODES}, got {mode!r}")


def _samples(make: Make) -> Iterable[Sample]:
    pairs, long = np.array([[0, 2, 2], [1, 0, 3]]), np.array([1, 0, 3, 3, 2])
    starts = np.array([0, 2, 2])
    for mode in _MODES:
        yield Sample(pairs, make(4, 3), mode=mode)
        yield Sample(long, make(4, 2), starts, mode=mode, padding_idx=3)
    yield Sample(long, make(4, 2), np.array([0, 3, 5]), mode="sum", include_last_offset=True)
    yield Sample(pairs, make(4, 3), mode="sum", per_sample_weights=make(2, 3))
    yield Sample(long, make(4, 3), starts, mode="sum", per_sample_weights=make(5))
    yield Sample(np.zeros((2, 0), np.int64), make(4, 3))


@operator(
    "nn.functional.embedding_bag", samples=_samples, method=False,
    convention=SMOOTH + "; in mode 'max' the first of equal rows gets all; with "
    "scale_grad_by_freq the gradient is not the derivative, but divided by how often the number "
    "occurs",
)  # fmt: skip
def embedding_bag(
    input: Any, weight: Any, offsets: Any = None, max_norm: float | None = None,
    norm_type: float = 2, scale_grad_by_freq: bool = False, mode: str = "mean",
    sparse: bool = False, per_sample_weights: Any = None, include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:  # fmt: skip
    """The sum, mean or maximum of the rows of ``weight`` that each bag of numbers names.

    Args:
        input: integers: (bags, n), or one behind the other in one dimension.
        weight: (numbers, size), the table.
        offsets: where in ``input`` of one dimension each bag starts, from 0 on; bags may be empty.
        max_norm: rows that are asked for and longer are first scaled to this length, in place.
        norm_type: the exponent of the norm that this means.
        scale_grad_by_freq: divide each row's gradient by how often its number occurs; not for
            ``"max"``.
        mode: ``"sum"``, ``"mean"`` or ``"max"``.
        sparse: accepted as in PyTorch (not for ``"max"``); gradients here are dense.
        per_sample_weights: of the shape of ``input``: a factor for each row; for ``"sum"`` only.
        include_last_offset: the last of ``offsets`` is where the last bag ends.
        padding_idx: rows of this number do not count.

    Returns:
        (bags, size); zeros for a bag without rows.

    Raises:
        IndexError: a number or an offset is out of range, or no integer.
        ShapeError: the shapes do not fit.
        ValueError: an option has no meaning beside the others.

    Source: PyTorch, ``torch.nn.functional.embedding_bag``.

    Example:
        >>> import autograd_core as ag
        >>> table = ag.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> starts = ag.tensor([0, 2])
        >>> ag.nn.functional.embedding_bag(ag.tensor([0, 1, 1]), table, starts, mode="sum")
        tensor([[4., 6.],
                [3., 4.]])
    """
    _check(input, weight, offsets, mode)
    padding = padding_row("embedding_bag", padding_idx, weight)
    if mode == "max" and (scale_grad_by_freq or sparse):
        raise ValueError("embedding_bag: scale_grad_by_freq and sparse are not for mode='max'")
    if per_sample_weights is not None:
        _check_weights(input, weight, per_sample_weights, mode)
    dtype = weight._array.dtype
    numbers = reshape(check_integer_index("embedding_bag", input, "input"), (input.numel(),))
    rows = look_up("embedding_bag", numbers, weight, None, max_norm, norm_type, scale_grad_by_freq)
    if is_half(dtype):
        rows = cast(rows, np.dtype(np.float32))
    if per_sample_weights is not None:
        rows = rows * unsqueeze(reshape(per_sample_weights, (input.numel(),)), 1)
    if input.ndim == 2 and padding is None and mode != "max" and input.shape[1]:
        bags = reshape(rows, (*input.shape, weight.shape[1]))
        return cast(bags.sum(1) if mode == "sum" else bags.mean(1), dtype)
    index = numbers._array
    xp = backend_of(index).xp
    if input.ndim == 2:
        owners, count = xp.arange(index.size) // max(input.shape[1], 1), input.shape[0]
    else:
        check_integer_index("embedding_bag", offsets, "offsets")
        owners, count = _bags(offsets, index.size, include_last_offset)
    if padding is not None:
        owners = xp.where(index == padding, count, owners)
    # One more bag, for what does not count.
    bags = TensorBase._wrap(owners)
    if mode == "max":
        return cast(_maxima(rows, bags, count + 1)[:count], dtype)
    out = _add_into_zeros(rows, bags, 0, (count + 1, rows.shape[1]))[:count]
    if mode == "mean":
        sizes = _add_into_zeros(rows.new_ones(index.size), bags, 0, (count + 1,))[:count]
        out = out / unsqueeze(sizes + (sizes == 0), 1)
    return cast(out, dtype)
