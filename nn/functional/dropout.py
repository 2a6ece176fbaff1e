"""Dropout."""

from __future__ import annotations

import autograd_core as ag
from autograd_core.tensor import Tensor


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Set elements to zero at random and scale the others up, so that the mean stays.

    Args:
        input: any shape.
        p: probability of a zero; default 0.5.
        training: False returns `input` as it is; default True.
        inplace: overwrite `input`; default False.

    Raises:
        ValueError: `p` is not in [0, 1].

    Source: PyTorch's ``torch.nn.functional.dropout``; Srivastava et al., "Dropout" (2014).

    Example:
        >>> import autograd_core as ag
        >>> sorted(set(dropout(ag.ones(100)).tolist()))
        [0.0, 2.0]
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0 or input.numel() == 0:
        return input
    mask = ag.empty_like(input, requires_grad=False)
    if p == 1:
        mask.zero_()
    else:
        mask.bernoulli_(1 - p).div_(1 - p)
    return input.mul_(mask) if inplace else input * mask
