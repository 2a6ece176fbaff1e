"""Helpers of the tests that hold layers with several or nested arguments and results beside
PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
from nn_beside_pytorch import close

import autograd_core as ag


def parts(value: Any) -> list[Any]:
    """The tensors of a nested result, in order."""
    if isinstance(value, (tuple, list)):
        return [tensor for item in value for tensor in parts(item)]
    return [] if value is None else [value]


def both(value: Any, dtype: str, leaves: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """An argument for this engine and for PyTorch: arrays, also in tuples, become tensors.

    Those of floats get the dtype and require grad; they are noted in ``leaves``.
    """
    import torch

    if isinstance(value, tuple):
        pairs = [both(item, dtype, leaves) for item in value]
        return tuple(ours for ours, _ in pairs), tuple(theirs for _, theirs in pairs)
    if not isinstance(value, np.ndarray):
        return value, value
    if value.dtype.kind != "f":
        return ag.tensor(value), torch.tensor(value)
    pair = ag.tensor(value.astype(dtype)), torch.tensor(value.astype(dtype))
    leaves.append((pair[0].requires_grad_(), pair[1].requires_grad_()))
    return pair


def check_calls(
    ours: Any, theirs: Any, args: tuple[Any, ...], dtype: str, tolerance: float, **kwargs: Any
) -> None:
    """Both called with the same arguments: values, and gradients of arguments and parameters."""
    import torch

    leaves: list[tuple[Any, Any]] = []
    our_args, their_args = both(args, dtype, leaves)
    pairs = {key: both(value, dtype, leaves) for key, value in kwargs.items()}
    ys = parts(ours(*our_args, **{key: pair[0] for key, pair in pairs.items()}))
    zs = parts(theirs(*their_args, **{key: pair[1] for key, pair in pairs.items()}))
    rng = np.random.default_rng(5)
    y_loss, z_loss = 0, 0
    for y, z in zip(ys, zs, strict=True):
        close(y, z, tolerance)
        if z.is_floating_point():
            weights = rng.standard_normal(tuple(z.shape)).astype(dtype)
            y_loss = y_loss + (y * ag.tensor(weights)).sum()
            z_loss = z_loss + (z * torch.tensor(weights)).sum()
    if isinstance(theirs, torch.nn.Module):
        leaves += zip(ours.parameters(), theirs.parameters(), strict=True)
    if not z_loss.requires_grad:
        return
    given = [ag.autograd.grad(y_loss, [x for x, _ in leaves], allow_unused=True)]
    given.append(torch.autograd.grad(z_loss, [w for _, w in leaves], allow_unused=True))
    for mine, yours in zip(*given, strict=True):
        if yours is None or mine is None:
            assert (yours is None or not yours.any()) and (mine is None or not bool(mine.any()))
        else:
            close(mine, yours, tolerance)
