"""Losses that compare an input with a target of the same shape, element by element."""

from __future__ import annotations

from typing import Any

import autograd_core as ag
from autograd_core.op import Op
from autograd_core.ops.activation_smooth import logsigmoid
from autograd_core.tensor import Tensor


def reduce(loss: Tensor, reduction: str) -> Tensor:
    """Return the mean, the sum, or the losses as they are.

    Args:
        loss: any shape.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: `reduction` is none of these.

    Example:
        >>> import autograd_core as ag
        >>> reduce(ag.tensor([1.0, 2.0]), "sum")
        tensor(3.)
    """
    if reduction == "mean":
        return loss.mean()
    if reduction == "sum":
        return loss.sum()
    if reduction == "none":
        return loss
    raise ValueError(f"{reduction} is not a valid value for reduction; use 'mean', 'sum' or 'none'")


def check_shapes(name: str, input: Tensor, target: Any, allow_broadcast: bool) -> None:
    """Raise unless input and target have one shape.

    Broadcasting here is nearly always a mistake: (4, 1) against (4,) would compare every
    prediction with every target, and train on the mean of all.

    Args:
        name: the loss, for the message.
        input: the predictions.
        target: what they should be.
        allow_broadcast: True lets it pass.

    Raises:
        TypeError: `target` is not a Tensor.
        ValueError: the shapes differ.

    Example:
        >>> import autograd_core as ag
        >>> check_shapes("mse_loss", ag.ones(4), ag.ones(4), False)
    """
    if not isinstance(target, Tensor):
        raise TypeError(f"{name}: target must be a Tensor, got {type(target).__name__}")
    have, want = tuple(input.shape), tuple(target.shape)
    if have == want or allow_broadcast:
        return
    if [n for n in have if n != 1] == [n for n in want if n != 1]:
        mend = "write target.reshape(input.shape)"
    else:
        mend = "give them one shape"
    raise ValueError(
        f"{name}: input has shape {have} but target has shape {want}, which would be broadcast "
        f"against each other; {mend}, or pass allow_broadcast=True if that is meant"
    )


def mse_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    weight: Tensor | None = None,
    *,
    allow_broadcast: bool = False,
) -> Tensor:
    """Return the squared error `(input - target)**2`.

    Args:
        input: any shape.
        target: the same shape.
        reduction: "mean" (default), "sum" or "none".
        weight: a factor for every element; the mean then divides by the sum of the factors.
        allow_broadcast: let shapes differ that broadcast; default False.

    Raises:
        ValueError: the shapes differ, or `reduction` is unknown.

    Source: PyTorch's ``torch.nn.functional.mse_loss``.

    Example:
        >>> import autograd_core as ag
        >>> mse_loss(ag.tensor([1.0, 2.0]), ag.tensor([1.0, 4.0]))
        tensor(2.)
    """
    check_shapes("mse_loss", input, target, allow_broadcast)
    return _weighted((input - target) ** 2, weight, reduction)


def l1_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    weight: Tensor | None = None,
    *,
    allow_broadcast: bool = False,
) -> Tensor:
    """Return the absolute error `abs(input - target)`; its gradient at 0 is 0.

    Args:
        input: any shape.
        target: the same shape.
        reduction: "mean" (default), "sum" or "none".
        weight: a factor for every element; the mean then divides by the sum of the factors.
        allow_broadcast: let shapes differ that broadcast; default False.

    Raises:
        ValueError: the shapes differ, or `reduction` is unknown.

    Source: PyTorch's ``torch.nn.functional.l1_loss``.

    Example:
        >>> import autograd_core as ag
        >>> l1_loss(ag.tensor([1.0, 2.0]), ag.tensor([1.0, 4.0]))
        tensor(1.)
    """
    check_shapes("l1_loss", input, target, allow_broadcast)
    return _weighted((input - target).abs(), weight, reduction)


def _weighted(loss: Tensor, weight: Tensor | None, reduction: str) -> Tensor:
    if weight is None:
        return reduce(loss, reduction)
    loss = _times(loss, weight)
    return loss.sum() / weight.sum() if reduction == "mean" else reduce(loss, reduction)


def _times(loss: Tensor, weight: Tensor) -> Tensor:
    if tuple(weight.shape) != tuple(loss.shape):
        raise ValueError(
            f"weight must have the losses' shape {tuple(loss.shape)}, got {tuple(weight.shape)}"
        )
    return loss * weight


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    beta: float = 1.0,
    *,
    allow_broadcast: bool = False,
) -> Tensor:
    """Return the absolute error less beta/2, or its square / (2 beta) where it is below beta.

    Args:
        input: any shape.
        target: the same shape.
        reduction: "mean" (default), "sum" or "none".
        beta: where the two parts meet; 0 is `l1_loss`; default 1.
        allow_broadcast: let shapes differ that broadcast; default False.

    Raises:
        ValueError: the shapes differ, `beta` is negative, or `reduction` is unknown.

    Source: PyTorch's ``torch.nn.functional.smooth_l1_loss``; Girshick, "Fast R-CNN" (2015).

    Example:
        >>> import autograd_core as ag
        >>> smooth_l1_loss(ag.tensor([1.0, 2.0]), ag.tensor([1.5, 4.0]), reduction="none")
        tensor([0.1250, 1.5000])
    """
    check_shapes("smooth_l1_loss", input, target, allow_broadcast)
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss does not support negative values for beta, got {beta}")
    error = input - target
    size = error.abs()
    if beta == 0:
        return reduce(size, reduction)
    return reduce(ag.where(size < beta, error * error * (0.5 / beta), size - 0.5 * beta), reduction)


def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
    *,
    allow_broadcast: bool = False,
) -> Tensor:
    """Return half the squared error up to `delta`, and beyond it a straight line of slope delta.

    Args:
        input: any shape.
        target: the same shape.
        reduction: "mean" (default), "sum" or "none".
        delta: where the two parts meet; default 1.
        weight: a factor for every element; the mean still divides by their number.
        allow_broadcast: let shapes differ that broadcast; default False.

    Raises:
        ValueError: the shapes differ, `delta` is not positive, or `reduction` is unknown.

    Source: PyTorch's ``torch.nn.functional.huber_loss``; Huber (1964).

    Example:
        >>> import autograd_core as ag
        >>> huber_loss(ag.tensor([1.0, 2.0]), ag.tensor([1.5, 4.0]), reduction="none")
        tensor([0.1250, 1.5000])
    """
    check_shapes("huber_loss", input, target, allow_broadcast)
    if not delta > 0:
        raise ValueError(f"huber_loss does not support non-positive values for delta, got {delta}")
    error = input - target
    size = error.abs()
    loss = ag.where(size <= delta, 0.5 * error * error, delta * (size - 0.5 * delta))
    return reduce(loss if weight is None else _times(loss, weight), reduction)


def _forward(xp: Any, input: Any, target: Any) -> Any:
    log_yes = xp.maximum(xp.log(input), -100)
    log_no = xp.maximum(xp.log1p(-input), -100)
    return (target - 1) * log_no - target * log_yes


# The gradient does not follow the cut at -100: PyTorch lets it grow to 1e12, so that a wrong
# prediction of 0 or 1 can still be mended.
_binary_cross_entropy = Op(
    "binary_cross_entropy",
    _forward,
    {
        "input": lambda g, input, target: (
            g * (input - target) / ag.clamp(input * (1 - input), min=1e-12)
        ),
        "target": lambda g, input: (
            g * (ag.clamp(ag.log1p(-input), min=-100) - ag.clamp(ag.log(input), min=-100))
        ),
    },
    inputs=2,
)


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
    allow_broadcast: bool = False,
) -> Tensor:
    """Return `-(target * log(input) + (1 - target) * log(1 - input))`, the logs not below -100.

    Prefer `binary_cross_entropy_with_logits`, which takes the values before the sigmoid.

    Args:
        input: probabilities, any shape.
        target: probabilities, the same shape.
        weight: a factor for every loss, of a shape that broadcasts.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let the shape of target differ; default False.

    Raises:
        ValueError: the shapes differ, or `reduction` is unknown.

    Source: PyTorch's ``torch.nn.functional.binary_cross_entropy``.

    Example:
        >>> import autograd_core as ag
        >>> binary_cross_entropy(ag.tensor([0.5, 0.0]), ag.tensor([1.0, 0.0]), reduction="none")
        tensor([0.6931, 0.0000])
    """
    check_shapes("binary_cross_entropy", input, target, allow_broadcast)
    loss = _binary_cross_entropy(input, target)
    return reduce(loss if weight is None else loss * weight, reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
    allow_broadcast: bool = False,
) -> Tensor:
    """Return `binary_cross_entropy(sigmoid(input), target)`, without overflow.

    Args:
        input: logits, any shape.
        target: probabilities, the same shape.
        weight: a factor for every loss, of a shape that broadcasts.
        reduction: "mean" (default), "sum" or "none".
        pos_weight: a factor for the part that asks for 1, of a shape that broadcasts.
        allow_broadcast: let the shape of target differ; default False.

    Raises:
        ValueError: the shapes differ, or `reduction` is unknown.

    Source: PyTorch's ``torch.nn.functional.binary_cross_entropy_with_logits``.

    Example:
        >>> import autograd_core as ag
        >>> binary_cross_entropy_with_logits(ag.tensor([0.0, -1000.0]), ag.tensor([1.0, 0.0]))
        tensor(0.3466)
    """
    check_shapes("binary_cross_entropy_with_logits", input, target, allow_broadcast)
    # -log(sigmoid(x)) = max(-x, 0) + log(1 + exp(-|x|)), and -log(1 - sigmoid(x)) is x more.
    log_sigmoid = logsigmoid(input)
    if pos_weight is None:
        loss = (1 - target) * input - log_sigmoid
    else:
        loss = (1 - target) * input - (1 + (pos_weight - 1) * target) * log_sigmoid
    return reduce(loss if weight is None else loss * weight, reduction)


def kl_div(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    log_target: bool = False,
    *,
    allow_broadcast: bool = False,
) -> Tensor:
    """Return `target * (log(target) - input)`, whose sum is the Kullback-Leibler divergence.

    Args:
        input: log-probabilities, any shape.
        target: probabilities, or log-probabilities if `log_target`; the same shape.
        reduction: "batchmean" (the sum over the size of dimension 0, the mathematical meaning),
            "mean" (default, over all elements), "sum" or "none".
        log_target: default False. A probability of 0 adds nothing.
        allow_broadcast: let shapes differ that broadcast; default False.

    Raises:
        ValueError: the shapes differ, or `reduction` is unknown.

    Source: PyTorch's ``torch.nn.functional.kl_div``; Kullback and Leibler (1951).

    Example:
        >>> import autograd_core as ag
        >>> p = ag.tensor([[0.5, 0.5]])
        >>> kl_div(p.log(), p, reduction="batchmean")
        tensor(0.)
    """
    check_shapes("kl_div", input, target, allow_broadcast)
    if log_target:
        loss = ag.exp(target) * (target - input)
    else:
        # Where the target is 0 the logarithm is that of 1, as 0 * log(0) would be NaN.
        logarithm = ag.log(ag.where(target == 0, 1.0, target))
        loss = target * logarithm - target * input
    if reduction == "batchmean":
        return loss.sum() / input.size(0) if input.ndim else loss.sum()
    return reduce(loss, reduction)
