"""Names of ``torch.nn.modules.pooling``."""

from __future__ import annotations

from autograd_core.nn.fractional import FractionalMaxPool2d, FractionalMaxPool3d
from autograd_core.nn.pooling import (
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    MaxUnpool1d,
    MaxUnpool2d,
    MaxUnpool3d,
)
from autograd_core.nn.pooling import _MaxPool as _MaxPoolNd
from autograd_core.nn.pooling import _MaxUnpool as _MaxUnpoolNd
from autograd_core.nn.pooling_adaptive import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
)
from autograd_core.nn.pooling_adaptive import _AdaptiveAvgPool as _AdaptiveAvgPoolNd
from autograd_core.nn.pooling_adaptive import _AdaptiveMaxPool as _AdaptiveMaxPoolNd
from autograd_core.nn.pooling_average import (
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    LPPool1d,
    LPPool2d,
    LPPool3d,
)
from autograd_core.nn.pooling_average import _AvgPool as _AvgPoolNd
from autograd_core.nn.pooling_average import _LPPool as _LPPoolNd

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
    "_AdaptiveAvgPoolNd",
    "_AdaptiveMaxPoolNd",
    "_AvgPoolNd",
    "_LPPoolNd",
    "_MaxPoolNd",
    "_MaxUnpoolNd",
]
