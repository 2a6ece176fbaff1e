"""Einstein summation: sums of products, written with a letter for each dimension."""

from __future__ import annotations

import math
import string
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.errors import ArgumentError, ShapeError
from autograd_core.messages import describe
from autograd_core.op import promote
from autograd_core.operands import check_tensor
from autograd_core.ops.dims import is_whole
from autograd_core.ops.products import matmul
from autograd_core.registry import SMOOTH, Make, Sample, operator

_ALPHABET = string.ascii_uppercase + string.ascii_lowercase


def _from_lists(args: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Operands that their labels follow, as lists of numbers, and perhaps the output's, as an
    equation and its operands."""
    *pairs, out = args if len(args) % 2 else (*args, None)
    terms = [_letters(labels) for labels in pairs[1::2]]
    return ",".join(terms) + ("" if out is None else f"->{_letters(out)}"), tuple(pairs[::2])


def _letters(labels: Any) -> str:
    if not isinstance(labels, (list, tuple)):
        raise TypeError(
            f"einsum: expected an equation first, or a list of labels after each tensor, got "
            f"{describe(labels)}"
        )
    letters = []
    for label in labels:
        if label is not Ellipsis and (not is_whole(label) or not 0 <= label < len(_ALPHABET)):
            raise ArgumentError(
                f"einsum: labels in lists are numbers from 0 to {len(_ALPHABET) - 1}, or ..., got "
                f"{label!r:.40}"
            )
        letters.append("..." if label is Ellipsis else _ALPHABET[label])
    return "".join(letters)


def _parse(equation: str, operands: Sequence[Any]) -> tuple[list[list[str]], list[str]]:
    """The labels of each operand and of the output; an ellipsis becomes labels of its own ("...0"
    is the last).
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise ArgumentError(
            f"einsum: {equation!r} is for {len(terms)} operands, got {len(operands)}"
        )
    labels, most = [], 0
    for term, operand in zip(terms, operands):
        before, dots, after = term.partition("...")
        if set(before + after) - set(string.ascii_letters):
            raise ArgumentError(
                f"einsum: {term!r} in {equation!r}: labels are letters, and one ellipsis '...'"
            )
        covered = operand.ndim - len(before) - len(after)
        if covered < 0 or (covered and not dots):
            raise ShapeError(
                f"einsum: {term!r} in {equation!r} does not fit the dimensions of "
                f"{describe(operand)}"
            )
        most = max(most, covered)
        labels.append([*before, *[f"...{i}" for i in range(covered - 1, -1, -1)], *after])
    ellipsis = [f"...{i}" for i in range(most - 1, -1, -1)]
    if arrow:
        before, dots, after = right.partition("...")
        out = [*before, *(ellipsis if dots else ()), *after]
    else:
        letters = [c for term in labels for c in term if "." not in c]
        out = ellipsis + sorted(c for c in set(letters) if letters.count(c) == 1)
    known = {c for term in labels for c in term}
    if len(set(out)) != len(out) or set(out) - known:
        raise ArgumentError(
            f"einsum: the output of {equation!r} repeats a label, or has one that no operand has"
        )
    return labels, out


def _diagonals(x: Any, labels: list[str]) -> tuple[Any, list[str]]:
    """Labels that an operand repeats are its diagonal."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            i = labels.index(label)
            j = labels.index(label, i + 1)
            if x.shape[i] != x.shape[j]:
                raise ShapeError(
                    f"einsum: label {label!r} stands for sizes {x.shape[i]} and {x.shape[j]}"
                )
            x = x.diagonal(dim1=i, dim2=j)
            labels = [c for k, c in enumerate(labels) if k not in (i, j)] + [label]
    return x, labels


def _summed(x: Any, labels: list[str], keep: list[str]) -> tuple[Any, list[str]]:
    """Labels that nothing else needs are summed at once (integers to int64, as sums are); the
    others then lie in the order of ``keep``."""
    gone = [c for c in labels if c not in keep]
    if not gone:
        return x, labels
    kept = [c for c in keep if c in labels]
    x = x.permute(*[labels.index(c) for c in kept + gone])
    return x.sum(list(range(len(kept), len(labels)))), kept


def _arranged(x: Any, labels: list[str], groups: list[list[str]]) -> Any:
    """Dimensions in the order of the groups, each group as one dimension."""
    order = [labels.index(c) for group in groups for c in group]
    sizes = [math.prod([x.shape[labels.index(c)] for c in group]) for group in groups]
    return x.permute(*order).reshape(sizes)


def _spread(x: Any, labels: list[str], order: list[str]) -> Any:
    """Dimensions in this order, of size 1 where ``x`` has none."""
    x = x.permute(*[labels.index(c) for c in order if c in labels])
    return x[tuple(slice(None) if c in labels else None for c in order)]


def _product(
    x: Any, left: list[str], y: Any, right: list[str], order: list[str], alike: bool
) -> tuple[Any, list[str]]:
    """Two operands as one: a batch of matrix products, or of numbers where nothing is to be summed.

    Only the labels in ``order`` are still needed; the result has them in this order as far as
    matrix products can. If all operands are ``alike``, dtypes differ by what sums have widened.
    """
    for label in set(left) & set(
        right
    ):  # size 1 broadcasts: such a label belongs to the other operand alone
        i, j = left.index(label), right.index(label)
        if x.shape[i] == 1 != y.shape[j]:
            x, left = x.squeeze(i), left[:i] + left[i + 1 :]
        elif y.shape[j] == 1 != x.shape[i]:
            y, right = y.squeeze(j), right[:j] + right[j + 1 :]
        elif x.shape[i] != y.shape[j]:
            raise ShapeError(
                f"einsum: label {label!r} stands for sizes {x.shape[i]} and {y.shape[j]}"
            )
    x, left = _summed(x, left, list(dict.fromkeys(order + right)))
    y, right = _summed(y, right, list(dict.fromkeys(order + left)))
    if alike:
        x, y = promote("einsum", x, y)
    batch = [c for c in order if c in left and c in right]
    inner = [c for c in left if c in right and c not in order]
    rows = [c for c in order if c in left and c not in right]
    columns = [c for c in order if c in right and c not in left]
    if not inner:
        labels = [c for c in order if c in left or c in right]
        return _spread(x, left, labels) * _spread(y, right, labels), labels
    if rows and columns and order.index(columns[0]) < order.index(rows[0]):
        x, left, rows, y, right, columns = y, right, columns, x, left, rows
    size = {**dict(zip(left, x.shape)), **dict(zip(right, y.shape))}
    out = matmul(
        _arranged(x, left, [batch, rows, inner]), _arranged(y, right, [batch, inner, columns])
    )
    labels = batch + rows + columns
    return out.reshape([size[c] for c in labels]), labels


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample("ij,jk->ik", make(2, 3), make(3, 4))
    yield Sample("ij,jk", make(2, 3), make(3, 4))
    yield Sample("bij,bjk->bik", make(2, 3, 4), make(2, 4, 2))
    yield Sample("...ij,...jk->...ik", make(2, 1, 3, 4), make(5, 4, 2))
    yield Sample("ii->i", make(3, 3))
    yield Sample("ii", make(3, 3))
    yield Sample("ij->ji", make(2, 3))
    yield Sample("i,j->ij", make(2), make(3))
    yield Sample("ij,ij,j->i", make(2, 3), make(2, 3), make(3))
    yield Sample("ij->", make(2, 3))
    yield Sample("iij,j->i", make(2, 2, 3), make(3))
    yield Sample("ij,jk->k", make(2, 0), make(0, 4))


@operator("einsum", samples=_samples, reference=np.einsum, convention=SMOOTH, method=False)
def einsum(equation: Any, *operands: Any) -> Any:
    """Sums of products over labelled dimensions, taken two operands at a time from the left.

    Args:
        equation: labels of each operand's dimensions, such as ``"bij,bjk->bik"``. A label that is
            not in the output is summed; one that an operand repeats is its diagonal; ``...`` stands
            for dimensions that broadcast. Without ``->`` the output has the labels that occur once,
            in alphabetical order, after those of the ellipsis.
        operands: tensors, or one list of them.

    Instead of an equation, each operand may be followed by a list of its labels, numbers from 0 to
    51 (or ``...``), and the last one by those of the output, as in
    ``einsum(x, [0, 1], y, [1, 2], [0, 2])``.

    Raises:
        ArgumentError: the equation is none, or not for these operands.
        ShapeError: it does not fit their shapes.

    Source: PyTorch, ``torch.einsum``.

    Example:
        >>> import autograd_core as ag
        >>> ag.einsum("ij,ij->i", ag.ones(2, 3), ag.ones(2, 3))
        tensor([3., 3.])
    """
    if isinstance(equation, TensorBase) and operands:
        equation, operands = _from_lists((equation, *operands))
    elif len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    if not isinstance(equation, str) or not operands:
        raise ArgumentError("einsum: expected an equation such as 'ij,jk->ik' and tensors")
    for operand in operands:
        check_tensor("einsum", operand, "every operand")
    labels, out = _parse(equation, operands)
    alike = len({operand.dtype for operand in operands}) == 1
    x, have = _diagonals(operands[0], labels[0])
    for k in range(1, len(operands)):
        y, more = _diagonals(operands[k], labels[k])
        later = [c for term in labels[k + 1 :] for c in term]
        x, have = _product(x, have, y, more, list(dict.fromkeys(out + later)), alike)
    x, have = _summed(x, have, out)
    return x.permute(*[have.index(c) for c in out]) if have != out else x
