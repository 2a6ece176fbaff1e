"""Elementwise operators that CuPy lacks, or computes in more steps than one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy

_only = cupy.ElementwiseKernel("T x, bool mask", "T y", "y = mask ? x : 0", "autograd_core_only")
_erf = cupy.ElementwiseKernel("T x", "T y", "y = erf(x)", "autograd_core_erf")
_erfc = cupy.ElementwiseKernel("T x", "T y", "y = erfc(x)", "autograd_core_erfc")


def only(xp: Any, input: Any, mask: Any) -> Any:
    """``input`` where ``mask`` holds and 0 elsewhere."""
    size = input.dtype.itemsize
    if size > 8:
        return cupy.where(mask, input, input.dtype.type(0))
    return _only(input.view(f"u{size}"), mask).view(input.dtype)


def erf(xp: Any, x: Any) -> Any:
    """The error function, of float32 or float64."""
    return _erf(x)


def erfc(xp: Any, x: Any) -> Any:
    """``1 - erf(x)``, of float32 or float64."""
    return _erfc(x)


KERNELS: dict[str, Callable[..., Any]] = {"only": only, "erf": erf, "erfc": erfc}
