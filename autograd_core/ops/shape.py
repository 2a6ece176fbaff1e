"""Views and shapes: reshape, expand, transpose, permute and their like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.ops.dims import one_dim, sizes
from autograd_core.registry import SMOOTH, Make, Sample, operator

_reshape = Op(
    "reshape",
    forward=lambda xp, input, size, shape: input.reshape(size),
    rules={"input": lambda g, shape: reshape(g, shape)},
    view=True,
)


@operator(
    "reshape",
    samples=lambda make: [Sample(make(2, 3), (3, 2)), Sample(make(4), (2, -1)), Sample(make(0, 3), (3, 0))],
    reference=np.reshape,
    convention=SMOOTH,
)
def reshape(input: Any, *shape: Any) -> Any:
    """The same elements in another shape; a view where the memory allows, else a copy.

    Args:
        input: tensor of any shape.
        shape: sizes, as numbers or one sequence; one of them may be -1.

    Source: PyTorch, ``torch.reshape``.

    Example:
        >>> import autograd_core as ag
        >>> ag.reshape(ag.arange(4), (2, -1))
        tensor([[0, 1],
                [2, 3]])
    """
    return _reshape(input, sizes("reshape", shape), tuple(input.shape))


_expand = Op(
    "expand",
    forward=lambda xp, input, size: xp.broadcast_to(input, size),
    rules={"input": lambda g: g},  # the engine sums what was broadcast
    view=True,
)


@operator(
    "expand",
    samples=lambda make: [Sample(make(3, 1), (3, 4)), Sample(make(3), (2, -1)), Sample(make(), (2,))],
    reference=lambda x, size: np.broadcast_to(x, [n if n >= 0 else x.shape[i - len(size)] for i, n in enumerate(size)]),
    convention=SMOOTH,
)
def expand(input: Any, *size: Any) -> Any:
    """A view in which dimensions of size 1 (and new leading ones) repeat without copying.

    Args:
        input: tensor.
        size: target sizes, as numbers or one sequence; -1 keeps a dimension.

    Source: PyTorch, ``torch.Tensor.expand``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tensor([[1], [2]]).expand(2, 3)
        tensor([[1, 1, 1],
                [2, 2, 2]])
    """
    target = sizes("expand", size)
    lead = len(target) - input.ndim
    if lead < 0:
        raise RuntimeError(f"expand: {len(target)} sizes {target} for a tensor of {input.ndim} dimensions")
    full = tuple(n if n != -1 or i < lead else input.shape[i - lead] for i, n in enumerate(target))
    return _expand(input, full)
