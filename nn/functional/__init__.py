"""Layers and losses as plain functions, usually imported as `F`."""

from __future__ import annotations

from autograd_core.nn.functional.activation import (
    celu_,
    elu_,
    hardtanh_,
    leaky_relu_,
    relu,
    relu_,
    rrelu_,
    selu_,
    threshold_,
)
from autograd_core.nn.functional.attention import multi_head_attention_forward
from autograd_core.nn.functional.bilinear import bilinear
from autograd_core.nn.functional.conv import conv_tbc
from autograd_core.nn.functional.pooling import (
    adaptive_max_pool1d_with_indices,
    adaptive_max_pool2d_with_indices,
    adaptive_max_pool3d_with_indices,
    fractional_max_pool2d_with_indices,
    fractional_max_pool3d_with_indices,
    max_pool1d_with_indices,
    max_pool2d_with_indices,
    max_pool3d_with_indices,
)
from autograd_core.nn.functional.softmax import log_softmax, softmax, softmin
from autograd_core.ops.activation import hardtanh, relu2, relu6, threshold
from autograd_core.ops.activation_gated import glu, mish, silu
from autograd_core.ops.activation_hard import hardshrink, hardsigmoid, hardswish, softshrink
from autograd_core.ops.activation_slopes import leaky_relu, prelu, rrelu
from autograd_core.ops.activation_smooth import (
    celu,
    elu,
    logsigmoid,
    selu,
    softplus,
    softsign,
    squareplus,
    tanhshrink,
)
from autograd_core.ops.attention import scaled_dot_product_attention
from autograd_core.ops.conv import conv1d, conv2d, conv3d
from autograd_core.ops.conv_transpose import conv_transpose1d, conv_transpose2d, conv_transpose3d
from autograd_core.ops.cross_entropy import cross_entropy, nll_loss
from autograd_core.ops.distances import cosine_similarity, pairwise_distance, pdist
from autograd_core.ops.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from autograd_core.ops.embedding import embedding, one_hot
from autograd_core.ops.embedding_bag import embedding_bag
from autograd_core.ops.gelu import gelu
from autograd_core.ops.grid_sample import affine_grid, grid_sample
from autograd_core.ops.gumbel import gumbel_softmax
from autograd_core.ops.interpolate import (
    interpolate,
    upsample,
    upsample_bilinear,
    upsample_nearest,
)
from autograd_core.ops.linear import linear
from autograd_core.ops.loss_beyond import dice_loss, nt_xent_loss, sigmoid_focal_loss
from autograd_core.ops.loss_binary import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)
from autograd_core.ops.loss_ctc import ctc_loss
from autograd_core.ops.loss_embedding import (
    cosine_embedding_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from autograd_core.ops.loss_likelihood import gaussian_nll_loss, kl_div, poisson_nll_loss
from autograd_core.ops.loss_linear import linear_cross_entropy
from autograd_core.ops.loss_margin import (
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
)
from autograd_core.ops.loss_regression import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from autograd_core.ops.maxout import crelu, maxout
from autograd_core.ops.normalization import batch_norm, group_norm, instance_norm
from autograd_core.ops.normalization_shape import (
    layer_norm,
    local_response_norm,
    normalize,
    rms_norm,
)
from autograd_core.ops.pad import pad
from autograd_core.ops.pool_adaptive import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
)
from autograd_core.ops.pool_average import (
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
)
from autograd_core.ops.pool_fractional import fractional_max_pool2d, fractional_max_pool3d
from autograd_core.ops.pool_max import max_pool1d, max_pool2d, max_pool3d
from autograd_core.ops.pool_unpool import max_unpool1d, max_unpool2d, max_unpool3d
from autograd_core.ops.rotary import rope
from autograd_core.ops.shuffle import channel_shuffle, pixel_shuffle, pixel_unshuffle
from autograd_core.ops.special import sigmoid
from autograd_core.ops.trig import tanh
from autograd_core.ops.unfold import fold, unfold

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_with_indices",
    "affine_grid",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "celu_",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_tbc",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "crelu",
    "cross_entropy",
    "ctc_loss",
    "dice_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "elu_",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "fold",
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "grid_sample",
    "group_norm",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "hinge_embedding_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "leaky_relu_",
    "linear",
    "linear_cross_entropy",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "maxout",
    "mish",
    "mse_loss",
    "multi_head_attention_forward",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "nt_xent_loss",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pdist",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu2",
    "relu6",
    "relu_",
    "rms_norm",
    "rope",
    "rrelu",
    "rrelu_",
    "scaled_dot_product_attention",
    "selu",
    "selu_",
    "sigmoid",
    "sigmoid_focal_loss",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "squareplus",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]
