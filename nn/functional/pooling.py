"""Pooling that also returns where each maximum was: ``max_pool2d_with_indices`` and its like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.ops.pool_adaptive import (
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
)
from autograd_core.ops.pool_fractional import fractional_max_pool2d, fractional_max_pool3d
from autograd_core.ops.pool_max import max_pool1d, max_pool2d, max_pool3d


def _sliding(pool: Callable[..., Any]) -> Callable[..., Any]:
    def with_indices(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
        ceil_mode: bool = False, return_indices: bool = False,
    ) -> Any:  # fmt: skip
        return pool(input, kernel_size, stride, padding, dilation, ceil_mode, True)

    return _named(with_indices, pool)


def _adaptive(pool: Callable[..., Any]) -> Callable[..., Any]:
    def with_indices(input: Any, output_size: Any, return_indices: bool = False) -> Any:
        return pool(input, output_size, True)

    return _named(with_indices, pool)


def _fractional(pool: Callable[..., Any]) -> Callable[..., Any]:
    def with_indices(
        input: Any, kernel_size: Any, output_size: Any = None, output_ratio: Any = None,
        return_indices: bool = False, _random_samples: Any = None,
    ) -> Any:  # fmt: skip
        return pool(input, kernel_size, output_size, output_ratio, True, _random_samples)

    return _named(with_indices, pool)


def _named(function: Callable[..., Any], pool: Callable[..., Any]) -> Callable[..., Any]:
    name = pool.__name__
    function.__name__ = function.__qualname__ = f"{name}_with_indices"
    function.__doc__ = (
        f":func:`{name}` with ``return_indices=True``, whatever that is; arguments as there. "
        f"Source: PyTorch, ``torch.nn.functional.{name}_with_indices``."
    )
    return function


max_pool1d_with_indices = _sliding(max_pool1d)
max_pool2d_with_indices = _sliding(max_pool2d)
max_pool3d_with_indices = _sliding(max_pool3d)
adaptive_max_pool1d_with_indices = _adaptive(adaptive_max_pool1d)
adaptive_max_pool2d_with_indices = _adaptive(adaptive_max_pool2d)
adaptive_max_pool3d_with_indices = _adaptive(adaptive_max_pool3d)
fractional_max_pool2d_with_indices = _fractional(fractional_max_pool2d)
fractional_max_pool3d_with_indices = _fractional(fractional_max_pool3d)
