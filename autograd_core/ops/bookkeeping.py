"""Names that PyTorch has for its own bookkeeping: resolve_neg, constant_pad_nd."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.ops.pad import pad as padded
from autograd_core.registry import SMOOTH, Sample, operator


@operator(
    "resolve_neg",
    samples=lambda make: [Sample(make(2, 3)), Sample(make())],
    reference=np.asarray,
    convention=SMOOTH,
)
def resolve_neg(input: Any) -> Any:
    """The tensor itself: negation is done at once here. Source: PyTorch, ``torch.resolve_neg``."""
    return input


@operator(
    "constant_pad_nd",
    samples=lambda make: [Sample(make(2, 3), (1, 2)), Sample(make(4, 4), (-1, 1, 2, 0), 0.5)],
    convention=SMOOTH,
    method=False,
)
def constant_pad_nd(input: Any, pad: Any, value: float = 0) -> Any:
    """``nn.functional.pad`` in mode ``"constant"``; arguments as there. Source: PyTorch,
    ``torch.constant_pad_nd``."""
    return padded(input, pad, "constant", value)
