"""Functions of random values with known derivatives: ``distributions.transforms``.

Example:
    >>> import autograd_core as ag
    >>> from autograd_core.distributions import transforms
    >>> affine = transforms.AffineTransform(loc=1.0, scale=2.0)
    >>> y = transforms.ComposeTransform([transforms.ExpTransform(), affine])(ag.tensor([0.0, 1.0]))
    >>> y
    tensor([3.0000, 6.4366])
"""

from __future__ import annotations

from autograd_core.distributions.transforms.base import (
    ComposeTransform,
    IndependentTransform,
    Transform,
    identity_transform,
)
from autograd_core.distributions.transforms.elementwise import (
    AbsTransform,
    AffineTransform,
    CumulativeDistributionTransform,
    ExpTransform,
    PowerTransform,
    SigmoidTransform,
    SoftplusTransform,
    TanhTransform,
)
from autograd_core.distributions.transforms.joining import (
    CatTransform,
    ReshapeTransform,
    StackTransform,
)
from autograd_core.distributions.transforms.vectors import (
    CorrCholeskyTransform,
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    SoftmaxTransform,
    StickBreakingTransform,
)

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "CatTransform",
    "ComposeTransform",
    "CorrCholeskyTransform",
    "CumulativeDistributionTransform",
    "ExpTransform",
    "IndependentTransform",
    "LowerCholeskyTransform",
    "PositiveDefiniteTransform",
    "PowerTransform",
    "ReshapeTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StackTransform",
    "StickBreakingTransform",
    "TanhTransform",
    "Transform",
    "identity_transform",
]
