"""Losses of yes and no: cross entropy of probabilities and of logits, for one label or many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_same_dtype
from autograd_core.ops.activation_smooth import logsigmoid
from autograd_core.ops.cast import cast
from autograd_core.ops.clamping import clamp
from autograd_core.ops.explog import log, log1p
from autograd_core.ops.loss_reduction import (
    alike,
    check_factor,
    each,
    matched,
    reduce_tensor,
    reduced,
    reduction_of,
)
from autograd_core.ops.precision import widen
from autograd_core.ops.special import sigmoid
from autograd_core.registry import SMOOTH, At, Make, Sample, operator


def _of_probabilities(xp: Any, input: Any, target: Any, reduction: str) -> Any:
    backend = backend_of(input)
    backend.check_share(input, "binary_cross_entropy", "input")
    backend.check_share(target, "binary_cross_entropy", "target")
    x, t = widen(input), widen(target)
    log_yes = xp.maximum(xp.log(x), -100)
    log_no = xp.maximum(xp.log1p(-x), -100)
    return reduced((t - 1) * log_no - t * log_yes, reduction, input.dtype)


def _log_odds(input: Any) -> Any:
    return clamp(log1p(-input), min=-100) - clamp(log(input), min=-100)


# The gradient does not follow the cut at -100: PyTorch lets it grow to 1e12, so that a wrong
# prediction of 0 or 1 can still be mended.
_binary_cross_entropy = Op(
    "binary_cross_entropy",
    _of_probabilities,
    {
        "input": lambda g, input, target, reduction: (
            (input - target) / clamp(input * (1 - input), min=1e-12) * each(g, reduction, input)
        ),
        "target": lambda g, input, target, reduction: _log_odds(input) * each(g, reduction, input),
    },
    inputs=2,
    keeps_order=True,
)


def _of_logits(xp: Any, input: Any, target: Any, reduction: str) -> Any:
    # -log(sigmoid(x)) = max(-x, 0) + log(1 + exp(-|x|)), and -log(1 - sigmoid(x)) is x more.
    # Large parts cancel before the small one is added. (clip is quicker than maximum.)
    x, t = widen(input), widen(target)
    losses = xp.clip(x, 0, np.inf) - x * t
    losses += xp.log1p(xp.exp(-abs(x)))
    return reduced(losses, reduction, input.dtype)


_binary_cross_entropy_with_logits = Op(
    "binary_cross_entropy_with_logits",
    _of_logits,
    {
        "input": lambda g, input, target, reduction: (
            (sigmoid(input) - target) * each(g, reduction, input)
        ),
        "target": lambda g, input, target, reduction: -input * each(g, reduction, input),
    },
    inputs=2,
    keeps_order=True,
)


def _of_signs(xp: Any, input: Any, target: Any, reduction: str) -> Any:
    wrong = widen(input) * -widen(target)
    losses = xp.log1p(xp.exp(-abs(wrong)))
    losses += xp.clip(wrong, 0, np.inf)
    return reduced(losses, reduction, input.dtype)


def _sign_slope(g: Any, input: Any, target: Any, reduction: str) -> Any:
    wrong = input * -target
    return sigmoid(wrong) * each(g, reduction, input)


_soft_margin_loss = Op(
    "soft_margin_loss",
    _of_signs,
    {
        "input": lambda g, input, target, reduction: (
            _sign_slope(g, input, target, reduction) * -target
        ),
        "target": lambda g, input, target, reduction: (
            _sign_slope(g, input, target, reduction) * -input
        ),
    },
    inputs=2,
    keeps_order=True,
)


def _share(make: Make, *shape: int) -> Any:
    return make(*shape, low=0.05, high=0.95)


def _reference(losses: Any) -> Any:
    """The loss on arrays, from that of each element."""

    def reference(
        input: Any, target: Any, weight: Any = None, reduction: str = "mean", pos_weight: Any = 1.0,
        allow_broadcast: bool = False,
    ) -> Any:  # fmt: skip
        values = losses(input, target, 1.0 if pos_weight is None else pos_weight)
        values = values * (1 if weight is None else weight)
        return values if reduction == "none" else getattr(np, reduction)(values)

    return reference


@operator(
    "nn.functional.binary_cross_entropy", method=False,
    convention="the logarithms end at -100, but the gradient goes on as if they were cut at 1e-12",
    samples=lambda make: [
        Sample(_share(make, 2, 3), _share(make, 2, 3)),
        Sample(_share(make, 4), _share(make, 4), reduction="sum"),
        Sample(_share(make, 2, 3), _share(make, 2, 3), weight=make(3, low=0.5)),
        Sample(_share(make), _share(make), reduction="none"),
        Sample(_share(make, 2, 3), _share(make, 3), allow_broadcast=True),
    ],
    kinks=[At((np.array([0.0, 1.0]), np.array([1.0, 0.0])), (np.array([-5e11, 5e11]), None))],
    reference=_reference(lambda x, t, p: -t * np.log(x) - (1 - t) * np.log(1 - x)),
)  # fmt: skip
def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """``-(target * log(input) + (1 - target) * log(1 - input))``, the logs not below -100.

    Prefer :func:`binary_cross_entropy_with_logits`, which takes the values before the sigmoid.

    Args:
        input: probabilities, any shape.
        target: probabilities, the same shape and dtype.
        weight: a factor for every loss, of a shape that broadcasts.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.
        allow_broadcast: let the shape of ``target`` differ; default False.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``reduction`` is unknown.
        RuntimeError: a number of ``input`` or ``target`` is not between 0 and 1 (looked at on the
            CPU only).

    Source: PyTorch, ``torch.nn.functional.binary_cross_entropy``.

    Example:
        >>> import autograd_core as ag
        >>> F, target = ag.nn.functional, ag.tensor([1.0, 0.0])
        >>> F.binary_cross_entropy(ag.tensor([0.5, 0.0]), target, reduction="none")
        tensor([0.6931, 0.0000])
    """
    reduction = reduction_of("binary_cross_entropy", reduction, size_average, reduce)
    input, target = matched("binary_cross_entropy", input, target, allow_broadcast)
    check_floating("binary_cross_entropy", input)
    check_same_dtype("binary_cross_entropy", input=input, target=target)
    if weight is None:
        return _binary_cross_entropy(input, target, reduction)
    check_factor("binary_cross_entropy", "weight", weight, input)
    return reduce_tensor(_binary_cross_entropy(input, target, "none") * weight, reduction)


def _logit_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), _share(make, 2, 3))
    yield Sample(make(4), _share(make, 4), reduction="sum")
    yield Sample(make(2, 3), _share(make, 2, 3), weight=make(3, low=0.5))
    yield Sample(make(2, 3), _share(make, 2, 3), pos_weight=make(3, low=0.5))
    yield Sample(make(), _share(make), reduction="none")
    yield Sample(make(0, 3), _share(make, 0, 3), reduction="sum")
    yield Sample(make(2, 3), _share(make, 3), allow_broadcast=True)


@operator(
    "nn.functional.binary_cross_entropy_with_logits", method=False, convention=SMOOTH,
    samples=_logit_samples,
    reference=_reference(
        lambda x, t, p: (1 - t) * np.log1p(np.exp(x)) + p * t * np.log1p(np.exp(-x))
    ),
)  # fmt: skip
def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", pos_weight: Any = None, *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """``binary_cross_entropy(sigmoid(input), target)``, without overflow.

    Args:
        input: logits, any shape.
        target: probabilities, floating-point, the same shape.
        weight, size_average, reduce, reduction, allow_broadcast: as for
            :func:`binary_cross_entropy`.
        pos_weight: a factor for the part that asks for 1, of a shape that broadcasts.

    Raises:
        ShapeError, ValueError: as for :func:`binary_cross_entropy`.

    Source: PyTorch, ``torch.nn.functional.binary_cross_entropy_with_logits``.

    Example:
        >>> import autograd_core as ag
        >>> F, target = ag.nn.functional, ag.tensor([1.0, 0.0])
        >>> F.binary_cross_entropy_with_logits(ag.tensor([0.0, -1000.0]), target)
        tensor(0.3466)
    """
    name = "binary_cross_entropy_with_logits"
    reduction = reduction_of(name, reduction, size_average, reduce)
    input, target = matched(name, input, target, allow_broadcast)
    check_floating(name, input)
    check_floating(name, target, "target")
    input, target = alike(name, input, target)
    for argument, factor in (("weight", weight), ("pos_weight", pos_weight)):
        if factor is not None:
            check_factor("binary_cross_entropy_with_logits", argument, factor, input)
    if weight is None and pos_weight is None:
        return _binary_cross_entropy_with_logits(input, target, reduction)
    if pos_weight is None:
        losses = _binary_cross_entropy_with_logits(input, target, "none")
    else:
        losses = (1 - target) * input - (1 + (pos_weight - 1) * target) * logsigmoid(input)
    return reduce_tensor(losses if weight is None else losses * weight, reduction)


@operator(
    "nn.functional.soft_margin_loss", method=False, convention=SMOOTH,
    samples=lambda make: [
        Sample(make(2, 3), make(2, 3)),
        Sample(make(4), make(4), reduction="sum"),
        Sample(make(), make(), reduction="none"),
        Sample(make(2, 3), make(3), allow_broadcast=True),
    ],
    reference=_reference(lambda x, t, p: np.log1p(np.exp(-x * t))),
)  # fmt: skip
def soft_margin_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """``log(1 + exp(-target * input))``, without overflow.

    Args:
        input: floating-point, any shape.
        target: 1 or -1, the same shape.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.
        allow_broadcast: let the shape of ``target`` differ; default False.

    Returns:
        The loss, in the dtype of ``input``.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.soft_margin_loss``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.soft_margin_loss(ag.tensor([0.0, 0.0]), ag.tensor([1.0, -1.0]))
        tensor(0.6931)
    """
    reduction = reduction_of("soft_margin_loss", reduction, size_average, reduce)
    input, target = matched("soft_margin_loss", input, target, allow_broadcast)
    check_floating("soft_margin_loss", input)
    return _soft_margin_loss(input, cast(target, input._array.dtype), reduction)


@operator(
    "nn.functional.multilabel_soft_margin_loss", method=False, convention=SMOOTH,
    samples=lambda make: [
        Sample(make(2, 3), _share(make, 2, 3)),
        Sample(make(3), _share(make, 3), reduction="none"),
        Sample(make(2, 3), _share(make, 2, 3), weight=make(3, low=0.5), reduction="sum"),
        Sample(make(2, 2, 3), _share(make, 2, 2, 3), reduction="none"),
    ],
)  # fmt: skip
def multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """The mean of :func:`binary_cross_entropy_with_logits` over the classes.

    Args:
        input: logits (..., C).
        target: for each class 0 or 1, the same shape.
        weight: (C), a factor for each class.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``, of what (...) is left.
        allow_broadcast: let the shape of ``target`` differ; default False.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.multilabel_soft_margin_loss``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.multilabel_soft_margin_loss(ag.zeros(1, 2), ag.tensor([[1.0, 0.0]]))
        tensor(0.6931)
    """
    name = "multilabel_soft_margin_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    input, target = matched(name, input, target, allow_broadcast)
    check_floating(name, input)
    input, target = alike(name, input, target)
    losses = _binary_cross_entropy_with_logits(input, target, "none")
    if weight is not None:
        check_factor(name, "weight", weight, input)
        losses = losses * weight
    losses = losses.mean(-1)
    return reduce_tensor(losses, reduction)
