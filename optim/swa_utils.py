"""Averages of a model's weights over training, and what belongs to them.

`AveragedModel` and `update_bn` are modules' business and live in `autograd_core.nn`, which loads
when they are asked for.
"""

from __future__ import annotations

import importlib
from typing import Any

from autograd_core.optim.averages import (
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
    get_swa_avg_fn,
    get_swa_multi_avg_fn,
)
from autograd_core.optim.lr_scheduler.swa import SWALR

_OF_MODULES = ("AveragedModel", "update_bn")

__all__ = [
    "SWALR",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    *_OF_MODULES,
]


def __getattr__(name: str) -> Any:
    if name in _OF_MODULES:
        return getattr(importlib.import_module("autograd_core.nn.averaging"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_OF_MODULES})
