"""Filling parameters with their first values. Every function writes in place, without recording.

The same seed gives the same numbers as in PyTorch.
"""

from __future__ import annotations

from autograd_core.nn.init.basic import constant_, normal_, ones_, uniform_, zeros_
from autograd_core.nn.init.scaled import (
    calculate_gain,
    kaiming_normal_,
    kaiming_uniform_,
    xavier_normal_,
    xavier_uniform_,
)
from autograd_core.nn.init.structured import dirac_, eye_, orthogonal_, sparse_
from autograd_core.nn.init.truncated import trunc_normal_

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]
