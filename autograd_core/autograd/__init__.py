"""The public face of the engine: gradients, custom functions, modes and checks.

Its modules stand where PyTorch has them, and most load when they are first asked for.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from autograd_core.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from autograd_core.gradients import backward, grad

if TYPE_CHECKING:
    from autograd_core.autograd import anomaly_mode, function, grad_mode, graph, variable
    from autograd_core.autograd.anomaly_mode import (
        detect_anomaly,
        is_anomaly_enabled,
        set_detect_anomaly,
    )
    from autograd_core.autograd.function import Function
    from autograd_core.autograd.gradcheck import gradcheck, gradgradcheck
    from autograd_core.legacy import Variable

__all__ = [
    "Function", "Variable", "anomaly_mode", "backward", "detect_anomaly", "enable_grad", "function",
    "grad", "grad_mode", "gradcheck", "gradgradcheck", "graph", "inference_mode",
    "is_anomaly_enabled", "no_grad", "set_detect_anomaly", "set_grad_enabled", "variable",
]  # fmt: skip

# Loaded when first asked for, so that `import autograd_core` stays light.
_MODULES = ("anomaly_mode", "function", "grad_mode", "graph", "variable")
_LATER = {
    "Function": "function",
    "Variable": "variable",
    **dict.fromkeys(("detect_anomaly", "is_anomaly_enabled", "set_detect_anomaly"), "anomaly_mode"),
    **dict.fromkeys(("gradcheck", "gradgradcheck"), "gradcheck"),
}


class _Package(ModuleType):
    """Keeps ``gradcheck`` the function, when the import of the module of that name puts it here."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "gradcheck" and isinstance(value, ModuleType):
            value = value.gradcheck
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _LATER:
        value = getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
