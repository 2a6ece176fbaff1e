"""Utilities for gradients and parameters; in `rnn` for sequences of different lengths."""

from __future__ import annotations

from autograd_core.nn.utils import parametrizations, parametrize, rnn, stateless
from autograd_core.nn.utils.clip_grad import (
    clip_grad_norm,
    clip_grad_norm_,
    clip_grad_value_,
    clip_grads_with_norm_,
    get_total_norm,
)
from autograd_core.nn.utils.convert_parameters import parameters_to_vector, vector_to_parameters
from autograd_core.nn.utils.freezing import freeze, matching_parameters, unfreeze
from autograd_core.nn.utils.fusion import (
    fuse_conv_bn_eval,
    fuse_conv_bn_weights,
    fuse_linear_bn_eval,
    fuse_linear_bn_weights,
)
from autograd_core.nn.utils.init import skip_init
from autograd_core.nn.utils.spectral_norm import remove_spectral_norm, spectral_norm
from autograd_core.nn.utils.weight_norm import remove_weight_norm, weight_norm

__all__ = [
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "freeze",
    "fuse_conv_bn_eval",
    "fuse_conv_bn_weights",
    "fuse_linear_bn_eval",
    "fuse_linear_bn_weights",
    "get_total_norm",
    "matching_parameters",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "remove_spectral_norm",
    "remove_weight_norm",
    "rnn",
    "skip_init",
    "spectral_norm",
    "stateless",
    "unfreeze",
    "vector_to_parameters",
    "weight_norm",
]
