"""The public face of the engine: gradients, custom functions, modes and checks."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from autograd_core.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from autograd_core.gradients import backward, grad

if TYPE_CHECKING:
    from autograd_core import function
    from autograd_core import graph_tools as graph
    from autograd_core.anomaly import detect_anomaly, is_anomaly_enabled, set_detect_anomaly
    from autograd_core.function import Function
    from autograd_core.gradcheck import gradcheck, gradgradcheck
    from autograd_core.legacy import Variable

__all__ = [
    "Function", "Variable", "backward", "detect_anomaly", "enable_grad", "function", "grad",
    "gradcheck", "gradgradcheck", "graph", "inference_mode", "is_anomaly_enabled", "no_grad",
    "set_detect_anomaly", "set_grad_enabled",
]  # fmt: skip

# Loaded when first asked for, so that `import autograd_core` stays light.
_MODULES = {"function": "function", "graph": "graph_tools"}
_LATER = {
    "Function": "function",
    "Variable": "legacy",
    **dict.fromkeys(("detect_anomaly", "is_anomaly_enabled", "set_detect_anomaly"), "anomaly"),
    **dict.fromkeys(("gradcheck", "gradgradcheck"), "gradcheck"),
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"autograd_core.{_MODULES[name]}")
    if name in _LATER:
        value = getattr(importlib.import_module(f"autograd_core.{_LATER[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
