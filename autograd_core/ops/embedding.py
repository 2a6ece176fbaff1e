"""Rows of a table by number, and numbers as rows of zeros with a one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ArgumentError, ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_tensor
from autograd_core.ops.dims import whole
from autograd_core.ops.gather import check_integer_index, check_range
from autograd_core.ops.precision import widen
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _add_rows(xp: Any, input: Any, index: Any, rows: int) -> Any:
    out = xp.zeros((rows, *input.shape[index.ndim :]), input.dtype)
    backend_of(input).scatter_add(out, index, input)
    return out


def _scaled(xp: Any, input: Any, factor: Any) -> Any:
    return (input * factor[..., None]).astype(input.dtype, copy=False)


_take = Op(
    "embedding", lambda xp, weight, index, rows: xp.take(weight, index, 0),
    {"weight": lambda g, index, rows: _add(g, index, rows)}, inputs=2,
)  # fmt: skip
_add = Op(
    "embedding_backward", _add_rows,
    {"input": lambda g, index, rows: _take(g, index, rows)}, inputs=2,
)  # fmt: skip
# The rows as they are, but their gradients times a factor each.
_with_factor = Op(
    "embedding_factor", lambda xp, input, factor: input.copy(),
    {"input": lambda g, factor: _times(g, factor)}, inputs=2,
)  # fmt: skip
_times = Op("rows_times", _scaled, {"input": lambda g, factor: _times(g, factor)}, inputs=2)


def _shorten(name: str, weight: Any, index: Any, max_norm: float, norm_type: float) -> None:
    """Bring the rows that are asked for to at most ``max_norm``, in place."""
    array = weight._array
    xp = backend_of(array).xp
    wide = abs(widen(array))
    if norm_type == np.inf:
        norms = wide.max(axis=1)
    else:
        norms = (wide**norm_type).sum(axis=1) ** (1 / norm_type)
    asked = xp.zeros(len(array), bool)
    asked[index] = True
    scale = xp.where(asked & (norms > max_norm), max_norm / (norms + 1e-7), 1.0)
    array *= scale[:, None].astype(array.dtype)
    weight._mutated(name)


def _factors(index: Any, rows: int, padding: int | None, by_frequency: bool, dtype: Any) -> Any:
    """What each row's gradient counts: nothing for padding, or one over how often it occurs."""
    backend = backend_of(index)
    factor = backend.full(index.shape, 1, dtype)
    if by_frequency:
        counts = backend.zeros((rows,), dtype)
        backend.scatter_add(counts, index, factor)
        factor = factor / counts[index]
    return factor if padding is None else factor * (index != padding).astype(dtype)


def padding_row(name: str, padding_idx: int | None, weight: Any) -> int | None:
    """``padding_idx`` as a number from 0 on."""
    check_tensor(name, weight, "weight", arrays=False)
    if weight.ndim != 2:
        raise ShapeError(f"{name}: weight must be (numbers, size), got {describe(weight)}")
    rows = weight.shape[0]
    if padding_idx is None:
        return None
    padding_idx = whole(name, padding_idx, "padding_idx")
    if not -rows <= padding_idx < rows:
        raise IndexError(f"{name}: padding_idx={padding_idx} is out of range for {rows} rows")
    return padding_idx % rows


def look_up(
    name: str, input: Any, weight: Any, padding: int | None, max_norm: float | None,
    norm_type: float, by_frequency: bool,
) -> Any:  # fmt: skip
    """The rows of ``weight`` that are asked for; see :func:`embedding` for the options."""
    check_integer_index(name, input, "input")
    rows = weight.shape[0]
    check_range(name, input, 0, rows)
    index = input._array if isinstance(input, TensorBase) else input
    if max_norm is not None:
        if not isinstance(max_norm, (int, float)) or not isinstance(norm_type, (int, float)):
            raise TypeError(
                f"{name}: max_norm and norm_type must be numbers, got {max_norm!r} and "
                f"{norm_type!r}"
            )
        _shorten(name, weight, index, max_norm, norm_type)
    out = _take(weight, input, rows)
    if padding is None and not by_frequency:
        return out
    dtype = widen(out._array[:0]).dtype if out.ndim else out._array.dtype
    factor = _factors(index, rows, padding, by_frequency, dtype)
    return _with_factor(out, TensorBase._wrap(factor))


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(np.array([[0, 2, 2], [1, 0, 3]]), make(4, 3))
    yield Sample(np.array(1), make(2, 3))
    yield Sample(np.zeros((2, 0), np.int64), make(4, 3))


@operator(
    "nn.functional.embedding", samples=_samples, method=False,
    convention=SMOOTH + "; with padding_idx or scale_grad_by_freq the gradient is not the "
    "derivative: 0 for the padding, divided by how often the number occurs",
    reference=lambda index, weight: weight[index],
)  # fmt: skip
def embedding(
    input: Any, weight: Any, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Any:  # fmt: skip
    """The rows of ``weight`` that the numbers in ``input`` name.

    Args:
        input: integers of any shape.
        weight: (numbers, size), the table.
        padding_idx: this row gets no gradient; negative ones count from the end.
        max_norm: rows that are asked for and longer are first scaled to this length, in place.
        norm_type: the exponent of the norm that this means; default 2.
        scale_grad_by_freq: divide each row's gradient by how often its number occurs.
        sparse: accepted as in PyTorch; gradients here are dense.

    Returns:
        (..., size).

    Raises:
        IndexError: a number is out of range, or no integer.

    Source: PyTorch, ``torch.nn.functional.embedding``.

    Example:
        >>> import autograd_core as ag
        >>> table = ag.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> ag.nn.functional.embedding(ag.tensor([1, 0, 1]), table)
        tensor([[3., 4.],
                [1., 2.],
                [3., 4.]])
    """
    padding = padding_row("embedding", padding_idx, weight)
    return look_up("embedding", input, weight, padding, max_norm, norm_type, scale_grad_by_freq)


_one_hot = Op(
    "one_hot",
    lambda xp, tensor, classes: (tensor[..., None] == xp.arange(classes)).astype(np.int64),
)


@operator(
    "nn.functional.one_hot", convention="no gradient", differentiable=False, method=False,
    samples=lambda make: [
        Sample(np.array([[0, 2], [1, 0]]), 4),
        Sample(np.array([0, 2])),
        Sample(np.array(1), 3),
    ],
    reference=lambda x, n=-1: np.eye(n if n > 0 else x.max() + 1, dtype=np.int64)[x],
)  # fmt: skip
def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """For each number a row of zeros with a one at its place.

    Args:
        tensor: integers from 0 on, of any shape.
        num_classes: length of the rows; default -1: the largest number plus one, which waits for
            the device.

    Returns:
        (..., num_classes), int64.

    Raises:
        IndexError: a number is out of range, or no integer.
        ValueError: ``num_classes`` is not positive, or cannot be told from no numbers.

    Source: PyTorch, ``torch.nn.functional.one_hot``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.one_hot(ag.tensor([1, 0]), 3)
        tensor([[0, 1, 0],
                [1, 0, 0]])
    """
    check_integer_index("one_hot", tensor, "tensor")
    array = tensor._array if isinstance(tensor, TensorBase) else tensor
    backend = backend_of(array)
    if num_classes == -1:
        if not array.size:
            raise ArgumentError(
                "one_hot: num_classes cannot be told from no numbers. Mend: pass it"
            )
        num_classes = int(backend.item(array.max())) + 1
    if num_classes < 1:
        raise ArgumentError(f"one_hot: num_classes must be positive, got {num_classes}")
    check_range("one_hot", array, 0, num_classes)
    return _one_hot(tensor, num_classes)
