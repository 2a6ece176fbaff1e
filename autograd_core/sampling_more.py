"""More distributions to fill a tensor with: ``cauchy_``, ``geometric_``, ``log_normal_``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.generator import Generator
from autograd_core.operands import check_floating
from autograd_core.sampling import check_std, refill

_DOUBLE = np.dtype(np.float64)


def cauchy_(
    input: Any, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None
) -> Any:
    """Fill with reals of the Cauchy distribution.

    Args:
        input: Tensor of a real floating-point type.
        median: Its middle.
        sigma: Half the width at half the height.
        generator: Source of the numbers; default the device's default generator.

    Raises:
        RuntimeError: ``sigma <= 0``, or the type is no real floating-point type.

    Source: PyTorch, ``torch.Tensor.cauchy_``.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.empty(2).cauchy_(1.0, 2.0)
        tensor([22.1955,  2.5295])
    """
    check_floating("cauchy_", input)
    if not sigma > 0:
        raise RuntimeError(f"cauchy_: expected sigma > 0, got {sigma}")
    xp = backend_of(input._array).xp
    return refill(
        "cauchy_", input, generator,
        lambda stream, shape, _: (
            median + sigma * xp.tan(math.pi * (stream.uniform(shape, _DOUBLE) - 0.5))
        ).astype(input._array.dtype),
    )  # fmt: skip


def geometric_(input: Any, p: float, *, generator: Generator | None = None) -> Any:
    """Fill with how many trials it takes until one succeeds, each with probability ``p``.

    Args:
        input: Tensor of any real type but bool.
        p: Probability, between 0 and 1, both excluded.
        generator: Source of the numbers; default the device's default generator.

    Raises:
        RuntimeError: ``p`` is none, or the type holds no such numbers.

    Source: PyTorch, ``torch.Tensor.geometric_``.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.empty(3).geometric_(0.3)
        tensor([1., 1., 3.])
    """
    dtype = input._array.dtype
    if dtype.kind in "bc":
        raise RuntimeError(f"geometric_: expected a real dtype that counts, got {dtype.name}")
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_: expected 0 < p < 1, got p={p}")
    xp = backend_of(input._array).xp
    return refill(
        "geometric_", input, generator,
        lambda stream, shape, _: xp.maximum(
            xp.ceil(xp.log(stream.uniform(shape, _DOUBLE)) / math.log1p(-p)), 1.0
        ).astype(dtype),
    )  # fmt: skip


def log_normal_(
    input: Any, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None
) -> Any:
    """Fill with reals whose logarithm has the normal distribution.

    Args:
        input: Tensor of a real floating-point type.
        mean, std: Mean and standard deviation of the logarithm.
        generator: Source of the numbers; default the device's default generator.

    Raises:
        RuntimeError: ``std <= 0``, or the type is no real floating-point type.

    Source: PyTorch, ``torch.Tensor.log_normal_``.

    Example:
        >>> import autograd_core as ag
        >>> min(ag.empty(3).log_normal_().tolist()) > 0
        True
    """
    check_floating("log_normal_", input)
    check_std("log_normal_", std)
    if std == 0:
        raise RuntimeError("log_normal_: expected std > 0, got 0")
    xp = backend_of(input._array).xp
    return refill(
        "log_normal_", input, generator,
        # One by one, as PyTorch draws them, also where it draws normal numbers by the block.
        lambda stream, shape, _: xp.exp(
            stream.normal(shape, _DOUBLE, float(mean), float(std), False)
        ).astype(input._array.dtype),
    )  # fmt: skip
