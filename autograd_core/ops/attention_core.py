"""Softmax attention on arrays, a block of rows at a time, and its gradients.

The scores of all pairs would be a matrix quadratic in the length of the sequence. They are computed
for as many rows as fit into a small buffer, used, and forgotten; what is kept is the logarithm of
each row's sum, from which the gradient computes them again. So memory is linear in the length, and
the buffer stays in the processor's cache. (Rabe and Staats, "Self-attention does not need O(n^2)
memory", 2021; Dao et al., "FlashAttention", 2022. As a block holds whole rows, no sum has to be
corrected afterwards.)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.generator import stream_for
from autograd_core.op import Op
from autograd_core.ops.explog import exp
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.products import product
from autograd_core.ops.reduction import sum
from autograd_core.ops.rows import add_up, largest
from autograd_core.ops.selection import where

# How many scores to hold at a time: 1 MB of float32. What causal rows do not see is left out by
# blocks, so their number of rows is limited, too.
_AT_ONCE, _CAUSAL_ROWS = 1 << 18, 128

Index = tuple[Any, ...]


class Setting(NamedTuple):
    """What attention does besides its inputs.

    Attributes:
        scale: the factor of the scores.
        causal: row i sees the columns up to i.
        dropout: the share of weights that are dropped.
        state: the state of the random stream before they were drawn, from which the gradient draws
            them again.
    """

    scale: float
    causal: bool
    dropout: float
    state: Any


def _blocks(batch: tuple[int, ...], rows: int, columns: int, at_once: int) -> Iterator[Index]:
    """Indices of the parts of a batch, or of the rows of one of its matrices, that have at most so
    many scores, in the order of memory."""
    sizes = (*batch, rows)
    dim, each = 0, math.prod(sizes[1:]) * columns
    while each > at_once and dim < len(batch):
        dim += 1
        each //= sizes[dim]
    step = max(1, at_once // max(each, 1))
    for outer in itertools.product(*map(range, sizes[:dim])):
        for start in range(0, sizes[dim], step):
            yield (*outer, slice(start, min(start + step, sizes[dim])))


def _pick(array: Any, index: Index) -> Any:
    """A view of the part at ``index`` of an array, whose dimensions of size 1 broadcast."""
    return array[
        tuple([
            i if n != 1 else 0 if isinstance(i, int) else slice(None)
            for n, i in zip(array.shape, index)
        ])
    ]  # fmt: skip


def _add(
    xp: Any, total: Any, index: Index, columns: Any, once: bool, left: Any, right: Any
) -> None:
    """Add the product of a block to a gradient, summed over the dimensions that broadcast.

    Args:
        columns: which part of the block's place the product belongs to.
        once: no other block belongs to the same place, so there is nothing yet.
    """
    part = _pick(total, index)[columns]
    if once:
        xp.matmul(left, right, out=part)
    else:
        part += _summed(left @ right, part.shape)


def _summed(value: Any, shape: tuple[int, ...]) -> Any:
    dims = tuple([d for d, n in enumerate(shape) if n == 1 and value.shape[d] != 1])
    return value.sum(dims, keepdims=True) if dims else value


def common_batch(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """What the dimensions in front of the last two broadcast to."""
    batches = [shape[:-2] for shape in shapes]
    if batches.count(batches[0]) == len(batches):
        return batches[0]  # (NumPy's function takes longer than a small product)
    return np.broadcast_shapes(*batches)


class _Problem:
    """The operands as arrays of equally many dimensions, and the scores of each block."""

    def __init__(
        self, xp: Any, query: Any, key: Any, value: Any, mask: Any, setting: Setting
    ) -> None:
        self.xp, self.setting = xp, setting
        self.batch = common_batch(query.shape, key.shape, value.shape)
        self.rows, self.columns = query.shape[-2], key.shape[-2]
        self.query = self.deep(widen(query)) * setting.scale
        if self.query.shape[:-2] != self.batch:
            self.query = xp.broadcast_to(self.query, (*self.batch, *query.shape[-2:]))
        self.key, self.value = self.deep(widen(key)), self.deep(widen(value))
        self.mask = None if mask is None else self.deep(mask)
        self.keeps = 1.0 - setting.dropout or 1.0

    def deep(self, array: Any) -> Any:
        """The array with dimensions of size 1 in front, as many as the batch has."""
        return array.reshape((1,) * (len(self.batch) + 2 - array.ndim) + array.shape)

    def blocks(self) -> Iterator[Index]:
        at_once = _AT_ONCE
        if self.setting.causal and self.rows > _CAUSAL_ROWS:
            at_once = min(at_once, _CAUSAL_ROWS * self.columns)
        return _blocks(self.batch, self.rows, self.columns, at_once)

    def first_row(self, index: Index) -> int:
        return index[-1].start if len(index) > len(self.batch) else 0

    def last_column(self, index: Index) -> int:
        """Up to where the rows of a block see."""
        if not self.setting.causal:
            return self.columns
        stop = index[-1].stop if len(index) > len(self.batch) else self.rows
        return min(stop, self.columns)

    def keys_of(self, array: Any, index: Index) -> Any:
        """The part of keys or values that the rows of a block see."""
        return _pick(array, index[: len(self.batch)])[..., : self.last_column(index), :]

    def scores(self, index: Index) -> Any:
        xp = self.xp
        stop, first = self.last_column(index), self.first_row(index)
        scores = _pick(self.query, index) @ self.keys_of(self.key, index).swapaxes(-1, -2)
        if self.mask is not None:
            mask = _pick(self.mask, index)[..., :stop]
            if mask.dtype.kind == "b":
                xp.copyto(scores, -np.inf, where=~mask)
            else:
                scores += widen(mask)
        if self.setting.causal and stop > first:
            later = ~xp.tri(scores.shape[-2], stop - first, dtype=bool)
            xp.copyto(scores[..., first:], -np.inf, where=later)
        return scores

    def kept(self, shape: tuple[int, ...], stream: Any) -> Any:
        """Which weights of a block are not dropped, in all columns: PyTorch draws for all."""
        shape = (*shape[:-1], self.columns)
        if self.setting.dropout == 1.0:
            return self.xp.zeros(shape, bool)
        return stream.bernoulli(1.0 - self.setting.dropout, shape)


def _forward(
    xp: Any, query: Any, key: Any, value: Any, mask: Any, setting: Setting
) -> tuple[Any, Any]:
    this = _Problem(xp, query, key, value, mask, setting)
    shape, dtype = (*this.batch, this.rows), this.query.dtype
    if not this.columns:
        return xp.zeros((*shape, value.shape[-1]), query.dtype), xp.zeros((*shape, 1), dtype)
    out, log_sum = xp.empty((*shape, value.shape[-1]), dtype), xp.empty((*shape, 1), dtype)
    stream = stream_for(backend_of(query).device_of(query), None) if setting.dropout else None
    for index in this.blocks():
        weights = this.scores(index)
        last = weights.ndim - 1
        # A row that sees nothing has the maximum -inf and the sum 0; its weights shall be 0.
        top = largest(xp, weights, last)
        top[top == -np.inf] = 0
        weights -= top
        xp.exp(weights, out=weights)
        total = add_up(xp, weights, (last,), True)
        total[total == 0] = 1
        log_sum[index] = xp.log(total) + top
        if stream is not None:
            weights *= this.kept(weights.shape, stream)[..., : weights.shape[-1]]
            total *= this.keeps
        out[index] = weights @ this.keys_of(this.value, index) / total
    return (out.astype(query.dtype) if is_half(query.dtype) else out), log_sum


def _gradients(
    g: Any, needs: Any, query: Any, key: Any, value: Any, mask: Any, log_sum: Any, setting: Setting
) -> list[Any]:
    """The gradients from arrays, with the scores computed again block by block."""
    backend = backend_of(query)
    xp = backend.xp
    this = _Problem(xp, query, key, value, mask, setting)
    given = widen(g[0])
    operands = (query, key, value, mask)
    grads: list[Any] = [
        xp.zeros(this.deep(a).shape, given.dtype) if n else None for a, n in zip(operands, needs)
    ]
    stream = None
    if setting.dropout:
        stream = backend.make_stream(backend.device_of(query))
        stream.set_state(setting.state)
    for index in this.blocks() if this.columns else ():
        weights = this.scores(index)
        weights -= log_sum[index]
        xp.exp(weights, out=weights)
        # (The logarithm is rounded, by the more the greater the scores are: rows sum to nearly 1.)
        total = add_up(xp, weights, (weights.ndim - 1,), True)
        total[total == 0] = 1
        into = given[index] / total
        share = into @ this.keys_of(this.value, index).swapaxes(-1, -2)
        kept, seen = weights, slice(this.last_column(index))
        if stream is not None:
            noise = this.kept(weights.shape, stream)[..., seen] / given.dtype.type(this.keeps)
            kept = weights * noise
            share *= noise
        whole, rows = index[: len(this.batch)], (..., seen, slice(None))
        all_rows = this.rows == weights.shape[-2]
        if needs[2]:
            once = all_rows and value.shape[:-2] == this.batch
            _add(xp, grads[2], whole, rows, once, kept.swapaxes(-1, -2), into)
        share *= weights
        weights *= (add_up(xp, share, (share.ndim - 1,), True) - g[1][index]) / total
        share -= weights
        if needs[0]:
            once = query.shape[:-2] == this.batch
            _add(xp, grads[0], index, ..., once, share, this.keys_of(this.key, index))
        if needs[1]:
            once = all_rows and key.shape[:-2] == this.batch
            queries = _pick(this.query, index)
            _add(xp, grads[1], whole, rows, once, share.swapaxes(-1, -2), queries)
        if needs[3]:
            part = _pick(grads[3], index)[..., seen]
            part += _summed(share, part.shape)
    if needs[0]:
        grads[0] *= setting.scale
    return [g if g is None else g.reshape(a.shape) for g, a in zip(grads, operands)]


def _noise(query: Any, key: Any, value: Any, setting: Setting) -> Any:
    """All factors of dropout at once, drawn block by block as they were in the forward pass."""
    backend = backend_of(query)
    this = _Problem(backend.xp, query, key, value, None, setting)
    stream = backend.make_stream(backend.device_of(query))
    stream.set_state(setting.state)
    noise = backend.xp.empty((*this.batch, this.rows, this.columns), this.query.dtype)
    for index in this.blocks():
        part = noise[index]
        part[...] = this.kept(part.shape, stream)
    noise /= this.keeps
    return TensorBase._wrap(noise)


def _recorded_gradients(
    g: Any, needs: Any, query: Any, key: Any, value: Any, mask: Any, log_sum: Any, setting: Setting
) -> list[Any]:
    """The same as tensors whose derivatives are recorded, with the scores of all pairs at once."""
    scaled = query * setting.scale
    scores = product(scaled, key.swapaxes(-1, -2))
    if mask is not None:
        masked = mask._array.dtype.kind == "b"
        scores = where(mask, scores, -math.inf) if masked else scores + mask
    if setting.causal:
        xp = backend_of(query._array).xp
        earlier = TensorBase._wrap(xp.tri(*scores.shape[-2:], dtype=bool))
        scores = where(earlier, scores, -math.inf)
    weights = exp(scores - log_sum)
    total = sum(weights, -1, True)
    kept = weights = weights / where(total == 0, 1, total)
    share = product(g[0], value.swapaxes(-1, -2))
    if setting.dropout:
        noise = _noise(query._array, key._array, value._array, setting)
        kept, share = weights * noise, share * noise
    share = weights * (share - (sum(weights * share, -1, True) - g[1]))
    return [
        product(share, key) * setting.scale if needs[0] else None,
        product(share.swapaxes(-1, -2), scaled) if needs[1] else None,
        product(kept.swapaxes(-1, -2), g[0]) if needs[2] else None,
        share if needs[3] else None,
    ]


def _rule(
    g: Any, needs: Any, query: Any, key: Any, value: Any, mask: Any, log_sum: Any, setting: Setting
) -> Any:
    gradients = _recorded_gradients if isinstance(query, TensorBase) else _gradients
    return gradients(g, needs, query, key, value, mask, log_sum, setting)


# The logarithms of the sums are an output, differentiable too, so that the gradient, which needs
# them, can be differentiated again.
attention = Op(
    "scaled_dot_product_attention",
    _forward,
    joint=_rule,
    inputs=4,
    outputs=("out", "log_sum"),
)
