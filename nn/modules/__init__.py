"""The layers where PyTorch keeps them, with the base classes that users' layers derive from.

Every class is that of `nn`. The package loads when a program asks for it.

Source: PyTorch's ``torch.nn.modules``.

Example:
    >>> from autograd_core import nn
    >>> isinstance(nn.BatchNorm2d(3), nn.modules.batchnorm._BatchNorm)
    True
"""

from __future__ import annotations

from autograd_core.nn import *  # noqa: F403
from autograd_core.nn.modules import (  # type: ignore[no-redef]  # other utils than those of nn
    activation,
    adaptive,
    batchnorm,
    channelshuffle,
    container,
    conv,
    distance,
    dropout,
    flatten,
    fold,
    instancenorm,
    lazy,
    linear,
    loss,
    module,
    normalization,
    padding,
    pixelshuffle,
    pooling,
    rnn,
    sparse,
    transformer,
    upsampling,
    utils,
)
