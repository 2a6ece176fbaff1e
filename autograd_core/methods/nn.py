"""Activations and what else of ``nn.functional`` is a method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_core.inplace import inplace
from autograd_core.later import later

if TYPE_CHECKING:
    from autograd_core.ops import (
        activation,
        activation_hard,
        activation_slopes,
    )
    from autograd_core.ops import softmax as normalize
else:
    activation = later("activation")
    activation_hard = later("activation_hard")
    activation_slopes = later("activation_slopes")
    normalize = later("softmax")


class NNMethods:
    """One line each."""

    __slots__ = ()

    relu = activation.relu
    relu_ = inplace(activation.relu)
    softmax = normalize.softmax
    log_softmax = normalize.log_softmax
    hardshrink = activation_hard.hardshrink
    prelu = activation_slopes.prelu
