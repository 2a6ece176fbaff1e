"""Random tensors of the gamma and Dirichlet distributions, differentiable by their parameters.

A number moves with a parameter so that it keeps its quantile: implicit reparameterization
(Figurnov, Mohamed and Mnih 2018).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.draws import stream_of
from autograd_core.generator import Generator
from autograd_core.op import Op
from autograd_core.operands import check_floating
from autograd_core.ops.incomplete_gamma import slope_ratio
from autograd_core.ops.precision import widen
from autograd_core.ops.reduction import sum
from autograd_core.ops.tails import beta_slope


def _gamma(xp: Any, input: Any, stream: Any) -> Any:
    drawn = stream.gamma(widen(input)).astype(input.dtype)
    return xp.maximum(drawn, _least(input.dtype))


def _least(dtype: np.dtype) -> Any:
    """The least positive number of full precision, in its type."""
    exponent = {"float16": -14, "float64": -1022}.get(dtype.name, -126)
    return np.float64(2.0**exponent).astype(dtype)


_standard_gamma = Op(
    "_standard_gamma",
    _gamma,
    {"input": lambda g, input, out: g * -slope_ratio(input, out)},
)


def standard_gamma(input: Any, generator: Generator | None = None) -> Any:
    """For every element a number of the gamma distribution with that shape and scale 1.

    Args:
        input: Tensor of shapes, of a real floating-point type, not negative.
        generator: Source of the numbers; default the device's default generator.

    Returns:
        Tensor of the same shape and dtype, differentiable up to the second order.

    Raises:
        RuntimeError: The type is none of reals, or a shape is negative.

    Source: PyTorch, ``torch._standard_gamma``; the CPU's numbers are the same as there.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.draws_gamma import standard_gamma
        >>> _ = ag.manual_seed(0)
        >>> standard_gamma(ag.tensor([0.5, 2.0]))
        tensor([0.0008, 0.6315])
    """
    _check_positive("standard_gamma", input)
    return _standard_gamma(input, stream_of(input, generator))


def _check_positive(name: str, input: Any) -> None:
    array = check_floating(name, input)
    if array.size and not backend_of(array).item((array >= 0).all()):
        raise RuntimeError(f"{name}: a parameter of the distribution is negative or NaN")


def _dirichlet(xp: Any, input: Any, stream: Any) -> Any:
    # Added up in float64, where small shapes do not vanish.
    gammas = xp.maximum(stream.gamma(widen(input).astype(np.float64)), _least(np.dtype(np.float64)))
    shares = (gammas / gammas.sum(-1, keepdims=True)).astype(input.dtype)
    most = np.nextafter(input.dtype.type(1), input.dtype.type(0))
    return xp.minimum(xp.maximum(shares, _least(input.dtype)), most)


def _no_further(g: Any) -> Any:
    raise NotImplementedError(
        "second derivatives of Dirichlet and beta samples are not implemented. "
        "Mend: detach() the first ones, or take gamma samples and divide them by their sum."
    )


# How a share changes with its parameter, over the rest, 1 - share.
_share_slope = Op(
    "dirichlet_slope",
    lambda xp, input, share, total: (
        beta_slope(share, input, total - input) / (1 - share.astype(np.float64))
    ).astype(input.dtype),
    {"input": _no_further, "share": _no_further, "total": _no_further},
    inputs=3,
)


def _dirichlet_rule(g: Any, input: Any, out: Any) -> Any:
    # One share grows by its parameter, the others shrink in proportion.
    total = sum(input, -1, True) + input * 0
    return _share_slope(input, out, total) * (g - sum(g * out, -1, True))


_sample_dirichlet = Op("_sample_dirichlet", _dirichlet, {"input": _dirichlet_rule})


def sample_dirichlet(input: Any, generator: Generator | None = None) -> Any:
    """Shares that add up to 1, of Dirichlet distributions.

    Args:
        input: Tensor of concentrations, ``(..., n)``, of a real floating-point type, not negative.
        generator: Source of the numbers; default the device's default generator.

    Returns:
        Tensor of the same shape and dtype, differentiable once.

    Raises:
        RuntimeError: The type is none of reals, or a concentration is negative.

    Source: PyTorch, ``torch._sample_dirichlet``; the CPU's numbers are the same as there.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.draws_gamma import sample_dirichlet
        >>> round(sample_dirichlet(ag.ones(3)).sum().item(), 5)
        1.0
    """
    _check_positive("sample_dirichlet", input)
    return _sample_dirichlet(input, stream_of(input, generator))
