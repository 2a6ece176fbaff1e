"""Filling parameters with their first values. Every function writes in place, without recording.

The same seed gives the same numbers as in PyTorch.
"""

from __future__ import annotations

from autograd_core.nn.init.basic import constant_, normal_, ones_, uniform_, zeros_

# Their older names, by which users' own functions call them.
from autograd_core.nn.init.basic import constant_ as _no_grad_fill_
from autograd_core.nn.init.basic import normal_ as _no_grad_normal_
from autograd_core.nn.init.basic import uniform_ as _no_grad_uniform_
from autograd_core.nn.init.basic import zeros_ as _no_grad_zero_
from autograd_core.nn.init.deprecated import (
    constant,
    dirac,
    eye,
    kaiming_normal,
    kaiming_uniform,
    normal,
    orthogonal,
    sparse,
    uniform,
    xavier_normal,
    xavier_uniform,
)
from autograd_core.nn.init.scaled import (
    _calculate_correct_fan,
    _calculate_fan_in_and_fan_out,
    calculate_gain,
    kaiming_normal_,
    kaiming_uniform_,
    xavier_normal_,
    xavier_uniform_,
)
from autograd_core.nn.init.structured import dirac_, eye_, orthogonal_, sparse_
from autograd_core.nn.init.truncated import trunc_normal_
from autograd_core.nn.init.truncated import trunc_normal_ as _no_grad_trunc_normal_

__all__ = [
    "calculate_gain",
    "constant",
    "constant_",
    "dirac",
    "dirac_",
    "eye",
    "eye_",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "normal",
    "normal_",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "sparse",
    "sparse_",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]
