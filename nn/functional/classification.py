"""Losses that compare scores for classes with the right class."""

from __future__ import annotations

import autograd_core as ag
from autograd_core.nn.functional.loss import reduce
from autograd_core.tensor import Tensor


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """Return minus the input at the right class.

    Args:
        input: log-probabilities, `(C,)`, `(N, C)` or `(N, C, d1, ...)`.
        target: class numbers, of that shape without C.
        weight: a factor for every class, `(C,)`; none if left out.
        ignore_index: targets of this value add nothing; default -100.
        reduction: "mean" (default: the sum over the sum of the weights), "sum" or "none".

    Raises:
        ValueError: shapes do not fit, or `reduction` is unknown.
        TypeError: the target is not of an integer dtype.
        IndexError: a target is not in [0, C).

    Source: PyTorch's ``torch.nn.functional.nll_loss``.

    Example:
        >>> import autograd_core as ag
        >>> nll_loss(ag.tensor([[-1.0, -2.0], [-3.0, -4.0]]), ag.tensor([0, 1]), reduction="none")
        tensor([1., 4.])
    """
    _check_classes("nll_loss", input, target, weight)
    picked, factor = _pick(input, target, weight, ignore_index)
    return _weighted_mean(-picked * factor, factor, reduction)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the cross entropy of class scores and the right classes.

    Args:
        input: scores before the softmax, `(C,)`, `(N, C)` or `(N, C, d1, ...)`.
        target: class numbers, of that shape without C, or probabilities of the same shape.
        weight: a factor for every class, `(C,)`; none if left out.
        ignore_index: class numbers of this value add nothing; default -100.
        reduction: "mean" (default), "sum" or "none". The mean is over the sum of the weights of
            class numbers, and over the number of samples for probabilities.
        label_smoothing: share of the target spread evenly over all classes; default 0.

    Raises:
        ValueError: shapes do not fit, `label_smoothing` is not in [0, 1], or `reduction` is
            unknown.
        TypeError: the dtype of the target does not fit.
        IndexError: a class number is not in [0, C).

    Source: PyTorch's ``torch.nn.functional.cross_entropy``; Szegedy et al., "Rethinking the
    inception architecture" (2016), for the smoothing.

    Example:
        >>> import autograd_core as ag
        >>> cross_entropy(ag.zeros(3, 4), ag.tensor([0, 1, 3]))
        tensor(1.3863)
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(
            f"cross_entropy: label_smoothing must be between 0 and 1, got {label_smoothing}"
        )
    dim = 0 if input.ndim == 1 else 1
    if input.ndim and tuple(input.shape) == tuple(target.shape):
        return _soft_cross_entropy(
            input, target, weight, dim, ignore_index, reduction, label_smoothing
        )
    _check_classes("cross_entropy", input, target, weight)
    log_p = ag.log_softmax(input, dim)
    picked, factor = _pick(log_p, target, weight, ignore_index)
    loss = -picked * factor
    if label_smoothing:
        even = -(log_p if weight is None else log_p * _along(weight, log_p, dim)).sum(dim)
        even = even * (target != ignore_index)
        loss = loss * (1 - label_smoothing) + even * (label_smoothing / input.size(dim))
    return _weighted_mean(loss, factor, reduction)


def _soft_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None,
    dim: int,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
) -> Tensor:
    """The case of targets that are probabilities."""
    if not target.is_floating_point():
        raise TypeError(
            "cross_entropy: a target of the input's shape holds probabilities and must be "
            f"floating-point, got {target.dtype}; class numbers have no class dimension"
        )
    if ignore_index >= 0:
        raise ValueError("cross_entropy: ignore_index is not supported for floating point target")
    _check_weight("cross_entropy", weight, input.size(dim))
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / input.size(dim)
    terms = ag.log_softmax(input, dim) * target
    loss = -(terms if weight is None else terms * _along(weight, input, dim)).sum(dim)
    if reduction == "mean":
        return loss.sum() / loss.numel() if loss.numel() else loss.sum() / 0.0
    return reduce(loss, reduction)


def _check_classes(name: str, input: Tensor, target: Tensor, weight: Tensor | None) -> None:
    have, want = tuple(input.shape), tuple(target.shape)
    if input.ndim == 0:
        raise ValueError(f"{name}: input needs a class dimension, (C,) or (N, C, ...), got {have}")
    expected = () if input.ndim == 1 else have[:1] + have[2:]
    if want != expected:
        raise ValueError(
            f"{name}: for an input of shape {have} expected a target of shape {expected} with "
            f"class numbers, got {want}"
        )
    if target.is_floating_point() or target.is_complex() or target.dtype == ag.bool:
        raise TypeError(
            f"{name}: expected class numbers of an integer dtype, got {target.dtype}; write "
            "target.long()"
        )
    _check_weight(name, weight, have[0 if input.ndim == 1 else 1])


def _check_weight(name: str, weight: Tensor | None, classes: int) -> None:
    if weight is not None and tuple(weight.shape) != (classes,):
        raise ValueError(
            f"{name}: weight must have one entry for each of the {classes} classes, got shape "
            f"{tuple(weight.shape)}"
        )


def _along(weight: Tensor, input: Tensor, dim: int) -> Tensor:
    """Shape `(C,)` so that it broadcasts along the class dimension."""
    return weight.reshape((-1,) + (1,) * (input.ndim - 1 - dim))


def _weighted_mean(loss: Tensor, factor: Tensor, reduction: str) -> Tensor:
    if reduction == "mean":
        return loss.sum() / factor.sum()
    return reduce(loss, reduction)
