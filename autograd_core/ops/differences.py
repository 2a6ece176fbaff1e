"""diff: differences of neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.ops.cast import clone
from autograd_core.ops.dims import one_dim
from autograd_core.ops.join import cat
from autograd_core.ops.logical import logical_xor
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _diff_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(4))
    yield Sample(make(2, 5), 2)
    yield Sample(make(4, 2), dim=0)


@operator(
    "diff",
    samples=_diff_samples,
    convention=SMOOTH,
    reference=lambda x, n=1, dim=-1: np.diff(x, n, dim),
)
def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Differences of neighbours along ``dim``, ``n`` times over.

    Args:
        input: tensor of at least one dimension.
        n: how often to take differences.
        dim: dimension.
        prepend, append: tensors to put before and after ``input`` first.

    Source: PyTorch, ``torch.diff``.

    Example:
        >>> import autograd_core as ag
        >>> ag.diff(ag.tensor([1, 4, 9]))
        tensor([3, 5])
    """
    if not input.ndim:
        raise RuntimeError("diff: expected a tensor of at least one dimension, got a 0-d one")
    if n < 0:
        raise RuntimeError(f"diff: n must not be negative, got {n}")
    number = one_dim("diff", dim, input.ndim)
    parts = [part for part in (prepend, input, append) if part is not None]
    x = cat(parts, number) if n and len(parts) > 1 else input
    for _ in range(min(n, x.shape[number])):
        size = x.shape[number] - 1
        after, before = x.narrow(number, 1, size), x.narrow(number, 0, size)
        x = logical_xor(after, before) if x.dtype.name == "bool" else after - before
    return clone(x) if x is input else x
