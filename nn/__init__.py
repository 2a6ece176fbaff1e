"""Neural networks: modules, layers, losses, initialisation, with PyTorch's names and layouts."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from autograd_core.nn import functional, init, parallel, utils
from autograd_core.nn.activation_piecewise import (
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    PReLU,
    ReLU,
    ReLU2,
    ReLU6,
    RReLU,
    Softshrink,
    Threshold,
)
from autograd_core.nn.activation_smooth import (
    CELU,
    ELU,
    GELU,
    SELU,
    LogSigmoid,
    Mish,
    Sigmoid,
    SiLU,
    Softplus,
    Softsign,
    Squareplus,
    Tanh,
    Tanhshrink,
)
from autograd_core.nn.activation_softmax import GLU, LogSoftmax, Softmax, Softmax2d, Softmin
from autograd_core.nn.adaptive import AdaptiveLogSoftmaxWithLoss
from autograd_core.nn.batchnorm import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    SyncBatchNorm,
)
from autograd_core.nn.containers import ModuleDict, ModuleList, Sequential
from autograd_core.nn.conv import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from autograd_core.nn.distance import CosineSimilarity, PairwiseDistance
from autograd_core.nn.dropout import (
    AlphaDropout,
    Dropout,
    Dropout1d,
    Dropout2d,
    Dropout3d,
    FeatureAlphaDropout,
)
from autograd_core.nn.flatten import Flatten, Unflatten
from autograd_core.nn.fold import Fold, Unfold
from autograd_core.nn.fractional import FractionalMaxPool2d, FractionalMaxPool3d
from autograd_core.nn.hooks import (
    register_module_buffer_registration_hook,
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)
from autograd_core.nn.lazy import LazyLinear
from autograd_core.nn.lazy_conv import (
    LazyConv1d,
    LazyConv2d,
    LazyConv3d,
    LazyConvTranspose1d,
    LazyConvTranspose2d,
    LazyConvTranspose3d,
)
from autograd_core.nn.lazy_norm import (
    LazyBatchNorm1d,
    LazyBatchNorm2d,
    LazyBatchNorm3d,
    LazyInstanceNorm1d,
    LazyInstanceNorm2d,
    LazyInstanceNorm3d,
)
from autograd_core.nn.linear import Bilinear, Identity, Linear
from autograd_core.nn.loss_beyond import DiceLoss, NTXentLoss, SigmoidFocalLoss
from autograd_core.nn.loss_binary import (
    BCELoss,
    BCEWithLogitsLoss,
    MultiLabelSoftMarginLoss,
    SoftMarginLoss,
)
from autograd_core.nn.loss_classes import (
    CrossEntropyLoss,
    LinearCrossEntropyLoss,
    NLLLoss,
    NLLLoss2d,
)
from autograd_core.nn.loss_embedding import (
    CosineEmbeddingLoss,
    TripletMarginLoss,
    TripletMarginWithDistanceLoss,
)
from autograd_core.nn.loss_likelihood import CTCLoss, GaussianNLLLoss, KLDivLoss, PoissonNLLLoss
from autograd_core.nn.loss_margin import (
    HingeEmbeddingLoss,
    MarginRankingLoss,
    MultiLabelMarginLoss,
    MultiMarginLoss,
)
from autograd_core.nn.loss_regression import HuberLoss, L1Loss, MSELoss, SmoothL1Loss
from autograd_core.nn.maxout import CReLU, Maxout
from autograd_core.nn.module import Module
from autograd_core.nn.multihead import MultiheadAttention
from autograd_core.nn.normalization import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
from autograd_core.nn.padding import (
    CircularPad1d,
    CircularPad2d,
    CircularPad3d,
    ConstantPad1d,
    ConstantPad2d,
    ConstantPad3d,
    ReflectionPad1d,
    ReflectionPad2d,
    ReflectionPad3d,
    ReplicationPad1d,
    ReplicationPad2d,
    ReplicationPad3d,
    ZeroPad1d,
    ZeroPad2d,
    ZeroPad3d,
)
from autograd_core.nn.parallel import DataParallel
from autograd_core.nn.parameter import (
    Buffer,
    Parameter,
    UninitializedBuffer,
    UninitializedParameter,
)
from autograd_core.nn.parameter_containers import ParameterDict, ParameterList
from autograd_core.nn.pooling import (
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    MaxUnpool1d,
    MaxUnpool2d,
    MaxUnpool3d,
)
from autograd_core.nn.pooling_adaptive import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
)
from autograd_core.nn.pooling_average import (
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    LPPool1d,
    LPPool2d,
    LPPool3d,
)
from autograd_core.nn.positional import ALiBi, KVCache, RoPE, SinusoidalPositionalEncoding
from autograd_core.nn.recurrent import GRU, RNN, RNNBase
from autograd_core.nn.recurrent_cells import GRUCell, LSTMCell, RNNCell, RNNCellBase
from autograd_core.nn.recurrent_lstm import LSTM, PeepholeLSTM
from autograd_core.nn.sparse import Embedding, EmbeddingBag
from autograd_core.nn.transformer import Transformer, TransformerDecoder, TransformerEncoder
from autograd_core.nn.transformer_layers import TransformerDecoderLayer, TransformerEncoderLayer
from autograd_core.nn.upsampling import (
    ChannelShuffle,
    PixelShuffle,
    PixelUnshuffle,
    Upsample,
    UpsamplingBilinear2d,
    UpsamplingNearest2d,
)
from autograd_core.ops.loss_linear import LinearCrossEntropyOptions
from autograd_core.source import register_package

if TYPE_CHECKING:  # what __getattr__ finds
    from autograd_core.nn import attention, common_types, modules

# Graph errors and reports name the line of the user's model, not that of a layer.
register_package(__file__)

# fmt: off
__all__ = [
    "functional", "init", "parallel", "utils",
    # modules and what they hold
    "Module", "Parameter", "Buffer", "UninitializedParameter", "UninitializedBuffer", "Sequential",
    "ModuleList", "ModuleDict", "ParameterList", "ParameterDict", "DataParallel",
    # layers
    "Linear", "Bilinear", "Identity", "Flatten", "Unflatten",
    # dropout
    "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout",
    # padding
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d",
    "ConstantPad3d", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d",
    "ReplicationPad2d", "ReplicationPad3d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
    # convolution
    "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d",
    # pooling
    "MaxPool1d", "MaxPool2d", "MaxPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d",
    "FractionalMaxPool2d", "FractionalMaxPool3d",
    # average pooling
    "AvgPool1d", "AvgPool2d", "AvgPool3d", "LPPool1d", "LPPool2d", "LPPool3d",
    # adaptive pooling
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d", "AdaptiveMaxPool3d",
    # windows
    "Fold", "Unfold",
    # resizing
    "ChannelShuffle", "PixelShuffle", "PixelUnshuffle", "Upsample", "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
    # normalisation
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm1d", "InstanceNorm2d",
    "InstanceNorm3d", "SyncBatchNorm",
    # normalisation of parts
    "GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm",
    # tables
    "Embedding", "EmbeddingBag",
    # attention
    "MultiheadAttention", "Transformer", "TransformerEncoder", "TransformerDecoder",
    "TransformerEncoderLayer", "TransformerDecoderLayer",
    # positions
    "RoPE", "ALiBi", "SinusoidalPositionalEncoding", "KVCache",
    # recurrent
    "RNNBase", "RNN", "LSTM", "PeepholeLSTM", "GRU", "RNNCellBase", "RNNCell", "LSTMCell",
    "GRUCell",
    # distances
    "CosineSimilarity", "PairwiseDistance",
    # activations
    "ReLU", "ReLU6", "LeakyReLU", "PReLU", "RReLU", "Hardtanh", "Hardsigmoid", "Hardswish",
    "Hardshrink", "Softshrink", "Threshold", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish",
    "Sigmoid", "LogSigmoid", "Tanh", "Tanhshrink", "Softplus", "Softsign", "Softmax", "Softmax2d",
    "LogSoftmax", "Softmin", "GLU", "Maxout", "CReLU", "ReLU2", "Squareplus",
    # layers that take sizes from the first input
    "LazyLinear", "LazyConv1d", "LazyConv2d", "LazyConv3d", "LazyConvTranspose1d",
    "LazyConvTranspose2d", "LazyConvTranspose3d", "LazyBatchNorm1d", "LazyBatchNorm2d",
    "LazyBatchNorm3d", "LazyInstanceNorm1d", "LazyInstanceNorm2d", "LazyInstanceNorm3d",
    # losses
    "L1Loss", "MSELoss", "SmoothL1Loss", "HuberLoss", "NLLLoss", "NLLLoss2d", "CrossEntropyLoss",
    "LinearCrossEntropyLoss", "LinearCrossEntropyOptions", "AdaptiveLogSoftmaxWithLoss", "BCELoss",
    "BCEWithLogitsLoss", "SoftMarginLoss", "MultiLabelSoftMarginLoss", "KLDivLoss",
    "PoissonNLLLoss", "GaussianNLLLoss", "CTCLoss", "HingeEmbeddingLoss", "MarginRankingLoss",
    "MultiMarginLoss", "MultiLabelMarginLoss", "CosineEmbeddingLoss", "TripletMarginLoss",
    "TripletMarginWithDistanceLoss", "SigmoidFocalLoss", "DiceLoss", "NTXentLoss",
    # hooks of all modules
    "register_module_buffer_registration_hook", "register_module_forward_hook",
    "register_module_forward_pre_hook", "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook", "register_module_module_registration_hook",
    "register_module_parameter_registration_hook",
]
# fmt: on

_LAZY = ("attention", "common_types", "modules")


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return importlib.import_module(f"autograd_core.nn.{name}")
    raise AttributeError(f"module 'autograd_core.nn' has no attribute {name!r}")
