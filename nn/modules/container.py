"""Names of ``torch.nn.modules.container``."""

from __future__ import annotations

from autograd_core.nn.containers import ModuleDict, ModuleList, Sequential
from autograd_core.nn.parameter_containers import ParameterDict, ParameterList

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]
