"""Views as copies: PyTorch's ``expand_copy``, ``permute_copy`` and their like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.operands import check_tensor
from autograd_core.ops.cast import contiguous_copy
from autograd_core.ops.complex import view_as_complex, view_as_real
from autograd_core.ops.dims import whole
from autograd_core.ops.join import unbind
from autograd_core.ops.nonzero import nonzero
from autograd_core.ops.shape import expand, squeeze, unsqueeze, view
from autograd_core.ops.slicing import diagonal, narrow
from autograd_core.ops.splitting import split_with_sizes
from autograd_core.ops.strided import as_strided, unfold
from autograd_core.ops.transpose import permute, t, transpose
from autograd_core.registry import REGISTRY, Sample, operator

_VIEWS = (
    diagonal, narrow, permute, t, transpose, unbind, expand, squeeze, unsqueeze, view,
    split_with_sizes, as_strided, unfold, view_as_complex, view_as_real,
)  # fmt: skip


def _declare(view: Callable[..., Any]) -> Callable[..., Any]:
    """The copying form of a view, with its samples and its reference."""
    name = view.__name__
    entry = REGISTRY[name]

    def copied(*args: Any, **kwargs: Any) -> Any:
        found = view(*args, **kwargs)
        return (
            tuple(map(contiguous_copy, found)) if type(found) is tuple else contiguous_copy(found)
        )

    copied.__name__ = copied.__qualname__ = f"{name}_copy"
    copied.__doc__ = (
        f":func:`{name}` as a copy; arguments as there. Source: PyTorch, ``torch.{name}_copy``."
    )
    return operator(
        f"{name}_copy", samples=entry.samples, reference=entry.reference, method=False,
        convention=entry.convention, kinks=entry.kinks,
    )(copied)  # fmt: skip


_copying = {view: _declare(view) for view in _VIEWS}
narrow_copy = _copying[narrow]


@operator(
    "nonzero_static",
    samples=lambda make: [
        Sample(np.array([0, 5, 7]), size=1),
        Sample(np.array([[0, 5], [7, 0]]), size=3, fill_value=9),
        Sample(np.zeros((2, 0)), size=2),
    ],
    convention="no gradient",
    differentiable=False,
)
def nonzero_static(input: Any, *, size: int, fill_value: int = -1) -> Any:
    """:func:`nonzero` with a fixed number of rows: cut off, or filled up.

    Args:
        input: tensor.
        size: the number of rows.
        fill_value: what rows that are left over hold.

    Returns:
        (size, number of dimensions), int64.

    Source: PyTorch, ``torch.nonzero_static``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nonzero_static(ag.tensor([0, 5, 7]), size=3)
        tensor([[ 1],
                [ 2],
                [-1]])
    """
    check_tensor("nonzero_static", input, arrays=False)
    size = whole("nonzero_static", size, "size")
    if size < 0:
        raise ShapeError(f"nonzero_static: size must not be negative, got {size}")
    found = nonzero(input)._array[:size]
    out = backend_of(found).full((size, found.shape[1]), fill_value, np.int64)
    out[: len(found)] = found
    return TensorBase._wrap(out)
