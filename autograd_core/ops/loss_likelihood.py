"""Losses of probability: the likelihoods of Poisson and Gauss, Kullback-Leibler divergence."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_floating
from autograd_core.ops.explog import exp, log
from autograd_core.ops.loss_reduction import (
    alike,
    as_floating,
    each,
    matched,
    reduce_tensor,
    reduced,
    reduction_of,
)
from autograd_core.ops.precision import widen
from autograd_core.ops.selection import only, where
from autograd_core.ops.shape import expand
from autograd_core.registry import At, Make, Sample, operator


def _log_or_0(target: Any) -> Any:
    return log(target + (target == 0))  # 0 * log(0) would be NaN


def _divergences(xp: Any, input: Any, target: Any, log_target: bool, reduction: str) -> Any:
    x, t = widen(input), widen(target)
    if log_target:
        losses = xp.exp(t) * (t - x)
    else:
        losses = (xp.log(t + (t == 0)) - x) * t
    return reduced(losses, reduction, input.dtype)


def _divergence_slopes(
    g: Any, needs: Any, input: Any, target: Any, log_target: bool, reduction: str
) -> Any:
    g = each(g, reduction, input)
    if log_target:
        return -exp(target) * g, exp(target) * (target - input + 1) * g if needs[1] else None
    if not needs[1]:
        return -target * g, None
    return -target * g, (_log_or_0(target) + (target != 0) - input) * g


_kl_div = Op("kl_div", _divergences, joint=_divergence_slopes, inputs=2)


def _counts(xp: Any, input: Any, target: Any, log_input: bool, eps: float, reduction: str) -> Any:
    x, t = widen(input), widen(target)
    losses = xp.exp(x) - t * x if log_input else x - t * xp.log(x + eps)
    return reduced(losses, reduction, input.dtype)


_poisson_nll_loss = Op(
    "poisson_nll_loss",
    _counts,
    {
        "input": lambda g, input, target, log_input, eps, reduction: (
            (exp(input) - target if log_input else 1 - target / (input + eps))
            * each(g, reduction, input)
        ),
        "target": lambda g, input, target, log_input, eps, reduction: (
            (-input if log_input else -log(input + eps)) * each(g, reduction, input)
        ),
    },
    inputs=2,
    keeps_order=True,
)


def _log_factorial(target: Any) -> Any:
    """Stirling's approximation for numbers above 1, and 0 for others."""
    many = target > 1
    n = where(many, target, 1)
    return only(many, n * log(n) - n + 0.5 * log(2 * math.pi * n))


def _densities(xp: Any, input: Any, target: Any, var: Any, constant: float, reduction: str) -> Any:
    v, error = widen(var), widen(input) - widen(target)
    losses = (xp.log(v) + error * error / v) * 0.5 + constant
    return reduced(losses, reduction, input.dtype)


def _density_slopes(
    g: Any, needs: Any, input: Any, target: Any, var: Any, constant: float, reduction: str
) -> Any:
    g = each(g, reduction, input)
    error = input - target
    slope = error / var * g
    spread = (1 - error * error / var) / var * (g * 0.5) if needs[2] else None
    return slope, -slope, spread


_gaussian_nll_loss = Op("gaussian_nll_loss", _densities, joint=_density_slopes, inputs=3)

# The gradient passes as if nothing were raised, so that a variance that fell to 0 can rise again.
_raised = Op("raised", lambda xp, input, low: xp.maximum(input, low), {"input": lambda g: g})


def _probabilities(make: Make, *shape: int) -> Any:
    return make(*shape, low=0.05, high=0.95)


def _divergence_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), _probabilities(make, 2, 3))
    yield Sample(make(2, 3), _probabilities(make, 2, 3), reduction="batchmean")
    yield Sample(make(2, 3), make(2, 3), log_target=True, reduction="sum")
    yield Sample(make(), _probabilities(make), reduction="none")
    yield Sample(make(2, 3), _probabilities(make, 3), allow_broadcast=True)


@operator(
    "nn.functional.kl_div", method=False, samples=_divergence_samples,
    convention="a probability of 0 counts as a constant: its logarithm has gradient 0",
    kinks=[At((np.array([-1.0, -2.0]), np.zeros(2)), (np.zeros(2), np.array([0.5, 1.0])))],
)  # fmt: skip
def kl_div(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", log_target: bool = False, *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """``target * (log(target) - input)``, whose sum is the Kullback-Leibler divergence.

    Args:
        input: log-probabilities, any shape.
        target: probabilities, or log-probabilities if ``log_target``; the same shape.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"batchmean"`` (the sum over the size of dimension 0, the mathematical
            meaning), ``"mean"`` (default, over all elements), ``"sum"`` or ``"none"``.
        log_target: default False. A probability of 0 adds nothing.
        allow_broadcast: let shapes differ that broadcast; default False.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.kl_div``; Kullback and Leibler (1951).

    Example:
        >>> import autograd_core as ag
        >>> p = ag.tensor([[0.5, 0.5]])
        >>> ag.nn.functional.kl_div(p.log(), p, reduction="batchmean")
        tensor(0.)
    """
    per_sample = reduction == "batchmean"
    reduction = reduction_of("kl_div", "sum" if per_sample else reduction, size_average, reduce)
    input, target = matched("kl_div", input, target, allow_broadcast)
    check_floating("kl_div", input)
    check_floating("kl_div", target, "target")
    input, target = alike("kl_div", input, target)
    loss = _kl_div(input, target, log_target, reduction)
    return loss / input.shape[0] if per_sample and input.ndim else loss


def _count_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), make(2, 3, low=0.1, high=4))
    yield Sample(make(4), make(4, low=0.1, high=4), full=True, reduction="none")
    yield Sample(make(4, low=0.5), make(4, low=0.1, high=4), log_input=False)
    yield Sample(make(), make(), reduction="sum")
    yield Sample(make(2, 3), make(3, low=0.1, high=4), allow_broadcast=True)


@operator(
    "nn.functional.poisson_nll_loss", method=False, samples=_count_samples,
    convention="the approximation of the factorial is 0, and its gradient too, for counts up to 1",
    kinks=[At((np.zeros(1), np.ones(1)), (np.zeros(1), np.zeros(1)), {"full": True})],
)  # fmt: skip
def poisson_nll_loss(
    input: Any, target: Any, log_input: bool = True, full: bool = False, size_average: Any = None,
    eps: float = 1e-8, reduce: Any = None, reduction: str = "mean", *,
    allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """Minus the log likelihood of counts under Poisson's distribution.

    Args:
        input: the expected counts, or their logarithms if ``log_input``; any shape.
        target: the counts, the same shape.
        log_input: default True: ``exp(input) - target * input``; else
            ``input - target * log(input + eps)``.
        full: add Stirling's approximation of ``log(target!)`` where ``target`` is above 1.
        eps: keeps the logarithm finite without ``log_input``; default 1e-8.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.
        allow_broadcast: let shapes differ that broadcast; default False.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.poisson_nll_loss``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.poisson_nll_loss(ag.tensor([0.0]), ag.tensor([3.0]))
        tensor(1.)
    """
    reduction = reduction_of("poisson_nll_loss", reduction, size_average, reduce)
    input, target = matched("poisson_nll_loss", input, target, allow_broadcast)
    input, target = as_floating("poisson_nll_loss", input, target)
    if not full:
        return _poisson_nll_loss(input, target, log_input, eps, reduction)
    losses = _poisson_nll_loss(input, target, log_input, eps, "none")
    return reduce_tensor(losses + _log_factorial(target), reduction)


def _density_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), make(2, 3), make(2, 3, low=0.5))
    yield Sample(make(2, 3), make(2, 3), make(2, low=0.5), full=True)
    yield Sample(make(2, 3), make(2, 3), make(2, 1, low=0.5), reduction="none")
    yield Sample(make(2, 3), make(2, 3), 1.5, reduction="sum")
    yield Sample(make(2, 3), make(3), make(2, 3, low=0.5), allow_broadcast=True)


@operator(
    "nn.functional.gaussian_nll_loss", method=False, samples=_density_samples,
    convention="where var is below eps it gets the gradient at eps",
    kinks=[
        At(
            (np.ones(1), np.zeros(1), np.zeros(1)),
            (np.array([2.0]), np.array([-2.0]), np.array([-1.0])),
            {"eps": 0.5},
        )
    ],
)  # fmt: skip
def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6,
    reduction: str = "mean", *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """Minus the log likelihood of numbers under normal distributions:
    ``(log(var) + (input - target)**2 / var) / 2``.

    Args:
        input: the means, any shape.
        target: the numbers, the same shape.
        var: the variances: a number, the same shape, that shape without its last dimension, or
            with one dimension of size 1.
        full: add the constant ``log(2 pi) / 2``; default False.
        eps: smaller variances count as this; default 1e-6.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.
        allow_broadcast: let the shape of ``target`` differ; default False.

    Raises:
        ShapeError: the shapes differ.
        ValueError: a variance is negative (looking makes the host wait for a device), or
            ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.gaussian_nll_loss``; Nix and Weigend (1994).

    Example:
        >>> import autograd_core as ag
        >>> F = ag.nn.functional
        >>> F.gaussian_nll_loss(ag.tensor([1.0]), ag.tensor([3.0]), ag.tensor([4.0]))
        tensor(1.1931)
    """
    name = "gaussian_nll_loss"
    reduction = reduction_of(name, reduction)
    input, target = matched(name, input, target, allow_broadcast)
    var = _variances(name, input, var)
    input, target, var = alike(name, input, target, expand(var, tuple(input.shape)))
    check_floating(name, input)
    constant = 0.5 * math.log(2 * math.pi) if full else 0.0
    return _gaussian_nll_loss(input, target, _raised(var, eps), constant, reduction)


def _variances(name: str, input: Any, var: Any) -> Any:
    """The variances as a tensor that broadcasts with ``input``, all of them checked."""
    negative = f"{name}: var has negative entries; a variance is 0 or more"
    if not isinstance(var, TensorBase):
        if isinstance(var, bool) or not isinstance(var, (int, float)):
            raise TypeError(f"{name}: var must be a Tensor or a number, got {type(var).__name__}")
        if var < 0:
            raise ValueError(negative)
        array = input._array
        return TensorBase._wrap(backend_of(array).full((), var, array.dtype))
    shape, have = tuple(input.shape), tuple(var._array.shape)
    backend = backend_of(var._array)
    if backend.item((var._array < 0).any()):
        raise ValueError(negative)
    if have in (shape, ()):
        return var
    if have == shape[:-1]:
        return var.reshape(*have, 1)  # type: ignore[attr-defined]
    differing = [m for n, m in zip(shape, have) if n != m]
    if len(have) != len(shape) or differing != [1]:
        raise ShapeError(
            f"{name}: var must have the shape of input, or that without its last dimension or with "
            f"one dimension of size 1; got input {describe(input)} and var {describe(var)}"
        )
    return var
