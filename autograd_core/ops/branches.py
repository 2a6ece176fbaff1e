"""select: a part of a dimension; or, element by element, one of two functions.

``where(condition, f(x), g(x))`` computes and differentiates both functions everywhere. Where the
one not taken has an infinite derivative, its gradient 0 times infinity is NaN, and it spoils the
whole. Here each function sees only the elements that it is for, so nothing else can happen there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import promote
from autograd_core.operands import is_operand
from autograd_core.ops.dims import shape_of
from autograd_core.ops.gather import check_mask, index_select
from autograd_core.ops.join import cat
from autograd_core.ops.shape import broadcast_shape, expand, reshape
from autograd_core.ops.slicing import select as part_at
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _order(condition: Any) -> tuple[Any, Any, Any]:
    """Where the flattened condition holds, where it does not, and how to put the two behind each
    other back into place."""
    xp = backend_of(condition._array).xp
    flat = condition._array.reshape(-1)
    taken, rest = xp.nonzero(flat)[0], xp.nonzero(~flat)[0]
    back = xp.empty(flat.shape, np.int64)
    back[xp.concatenate([taken, rest])] = xp.arange(flat.size)
    return TensorBase._wrap(taken), TensorBase._wrap(rest), TensorBase._wrap(back)


def _values(branch: Any, argument: str, xs: list[Any], places: Any) -> Any:
    """What a branch gives for the elements at ``places``."""
    count = places.shape[0]
    if callable(branch):
        branch = branch(
            *[index_select(x, 0, places) if isinstance(x, TensorBase) else x for x in xs]
        )
    if not is_operand(branch):
        raise TypeError(f"select: {argument} must give a tensor or a number, got {branch!r:.60}")
    shape = shape_of(branch) if isinstance(branch, TensorBase) else ()
    if shape not in ((), (count,)):
        raise ShapeError(
            f"select: {argument} must give one element for each of the {count} that it gets, got "
            f"{describe(branch)}. Mend: pass every tensor that it needs as one of xs"
        )
    return branch


def _branches(condition: Any, f: Any, g: Any, xs: tuple[Any, ...]) -> Any:
    check_mask("select", condition)
    shape = broadcast_shape(
        "select", *[shape_of(x) for x in (condition, *xs) if isinstance(x, TensorBase)]
    )
    taken, rest, back = _order(expand(condition, shape))
    flat = [reshape(expand(x, shape), (-1,)) if isinstance(x, TensorBase) else x for x in xs]
    results = promote(
        "select", _values(f, "f", flat, taken), _values(g, "g", flat, rest), like=back._array
    )
    parts = [
        expand(r if isinstance(r, TensorBase) else TensorBase._wrap(r), places.shape)
        for r, places in zip(results, (taken, rest))
    ]
    return reshape(index_select(cat(parts), 0, back), shape)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), 0, 1)
    yield Sample(make(2, 3), -1, -2)
    yield Sample(make(3), 0, 2)
    yield Sample(make.booleans(2, 3), lambda x: x * x, lambda x: -x, make(2, 3))
    yield Sample(make.booleans(3), lambda x, y: x * y, 0.5, make(2, 1), make(3))


def _reference(input: Any, dim: Any, index: Any, *xs: Any) -> Any:
    if callable(dim):
        return np.where(input, dim(*xs), index(*xs) if callable(index) else index)
    return np.take(input, index, dim)


@operator("select", samples=_samples, reference=_reference, convention=SMOOTH)
def select(
    input: Any, dim: int | Callable[..., Any], index: int | Callable[..., Any], *xs: Any
) -> Any:
    """The part at ``index`` of one dimension, without that dimension; a view.

    Or, as ``select(condition, f, g, *xs)``: ``f(*xs)`` where the condition holds, ``g(*xs)``
    elsewhere. Other than with :func:`where`, each function sees only the elements that it is for,
    so that what the other one would do there (a root of negative numbers, say) spoils no gradient.

    Args:
        input: tensor; or the condition, a boolean tensor.
        dim: the dimension; or ``f``, a function of tensors of one dimension that gives one element
            for each element. It is also called if it gets none. Either ``f`` or ``g`` may be a
            number or a tensor of no dimensions instead.
        index: the place along ``dim``, negative ones count from the end; or ``g``.
        xs: what the functions get of: tensors that broadcast with the condition.

    Returns:
        A view; or a tensor of the shape that the condition and ``xs`` broadcast to, of the dtype
        that the two results promote to. On a GPU the host waits, as the number of elements that
        each function gets depends on values.

    Raises:
        IndexError: ``dim`` or ``index`` is out of range.
        TypeError: the condition is not boolean.
        ShapeError: a function gives another number of elements.

    Source: PyTorch, ``torch.select``; the second form is this package's own.

    Example:
        >>> import autograd_core as ag
        >>> ag.select(ag.tensor([[1, 2], [3, 4]]), 1, 0)
        tensor([1, 3])
        >>> x = ag.tensor([-1.0, 4.0], requires_grad=True)
        >>> ag.select(x > 0, ag.sqrt, lambda x: 2 * x, x).sum().backward()
        >>> x.grad  # with where() instead, the first would be NaN
        tensor([2.0000, 0.2500])
    """
    if callable(dim) or callable(index):
        return _branches(input, dim, index, xs)
    if xs:
        raise TypeError(f"select: expected input, dim and index, got {3 + len(xs)} arguments")
    return part_at(input, dim, index)
