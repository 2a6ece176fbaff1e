"""Activations and what else of ``nn.functional`` is a method; loads the rest into the table."""

from __future__ import annotations

from autograd_core.inplace import inplace
from autograd_core.ops import (
    activation,
    activation_gated,
    activation_hard,
    activation_slopes,
    activation_smooth,
    attention,
    conv,
    conv_transpose,
    cross_entropy,
    distances,
    dropout,
    embedding,
    embedding_bag,
    gelu,
    grid_sample,
    gumbel,
    interpolate,
    linear,
    loss_beyond,
    loss_binary,
    loss_ctc,
    loss_embedding,
    loss_likelihood,
    loss_linear,
    loss_margin,
    loss_regression,
    normalization,
    normalization_shape,
    pool_adaptive,
    pool_average,
    pool_fractional,
    pool_max,
    pool_unpool,
    recurrent_gru,
    recurrent_lstm,
    recurrent_rnn,
    rotary,
    shuffle,
    unfold,
)
from autograd_core.ops import softmax as normalize

# Functions of the table without a method.
_LOADED = (
    activation_gated,
    activation_smooth,
    attention,
    conv,
    conv_transpose,
    cross_entropy,
    distances,
    dropout,
    embedding,
    gelu,
    embedding_bag,
    grid_sample,
    gumbel,
    interpolate,
    linear,
    loss_beyond,
    loss_binary,
    loss_ctc,
    loss_embedding,
    loss_likelihood,
    loss_linear,
    loss_margin,
    loss_regression,
    normalization,
    normalization_shape,
    pool_adaptive,
    pool_average,
    pool_fractional,
    pool_max,
    pool_unpool,
    recurrent_gru,
    recurrent_lstm,
    recurrent_rnn,
    rotary,
    shuffle,
    unfold,
)


class NNMethods:
    """One line each."""

    __slots__ = ()

    relu = activation.relu
    relu_ = inplace(activation.relu)
    softmax = normalize.softmax
    log_softmax = normalize.log_softmax
    hardshrink = activation_hard.hardshrink
    prelu = activation_slopes.prelu
