"""Keeping gradients small."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable

import autograd_core as ag
from autograd_core.grad_mode import no_grad
from autograd_core.linalg import vector_norm
from autograd_core.tensor import Tensor


def _grads(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    given = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p.grad for p in given if p.grad is not None]


@no_grad()
def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Return the norm of several tensors taken as one long vector.

    Args:
        tensors: a Tensor or Tensors.
        norm_type: p; `math.inf` is the largest magnitude; default 2.
        error_if_nonfinite: raise if the norm is infinite or NaN; default False.
        foreach: accepted and ignored.

    Returns:
        A 0-d Tensor.

    Raises:
        RuntimeError: the norm is not finite, and `error_if_nonfinite`.

    Source: PyTorch's ``torch.nn.utils.get_total_norm``.

    Example:
        >>> import autograd_core as ag
        >>> get_total_norm([ag.tensor([3.0]), ag.tensor([4.0])])
        tensor(5.)
    """
    tensors = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    p = float(norm_type)
    if not tensors:
        return ag.tensor(0.0)
    # A norm of norms, so that large values do not overflow when raised to p all together.
    total = _norm(ag.stack([_norm(t, p).to(tensors[0].device) for t in tensors]), p)
    if error_if_nonfinite and not math.isfinite(total.item()):
        raise RuntimeError(
            f"The total norm of order {p} for gradients from `parameters` is non-finite, so it "
            "cannot be clipped. To disable this error and scale the gradients by the non-finite "
            "norm anyway, set `error_if_nonfinite=False`"
        )
    return total


def _norm(t: Tensor, p: float) -> Tensor:
    return vector_norm(t, p) if t.numel() else ag.zeros((), dtype=t.dtype, device=t.device)


@no_grad()
def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    total_norm: Tensor,
    foreach: bool | None = None,
) -> None:
    """Scale gradients down in place as if their total norm were `total_norm`.

    Args:
        parameters: a Tensor or Tensors; those without a gradient are passed over.
        max_norm: the largest norm that is left as it is.
        total_norm: the norm, from `get_total_norm`.
        foreach: accepted and ignored.

    Source: PyTorch's ``torch.nn.utils.clip_grads_with_norm_``.

    Example:
        >>> import autograd_core as ag
        >>> w = ag.ones(1, requires_grad=True)
        >>> (w * 4).backward()
        >>> clip_grads_with_norm_(w, 1.0, ag.tensor(4.0))
        >>> round(w.grad.item(), 3)
        1.0
    """
    # Multiplied also where it is 1: asking which would make the host wait for the device.
    scale = (float(max_norm) / (total_norm + 1e-6)).clamp(max=1.0)
    for grad in _grads(parameters):
        grad.mul_(scale.to(device=grad.device, dtype=grad.dtype))


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients down in place, so that their total norm is at most `max_norm`.

    Args:
        parameters: a Tensor or Tensors; those without a gradient are passed over.
        max_norm: the largest norm that is left as it is.
        norm_type: p; `math.inf` is the largest magnitude; default 2.
        error_if_nonfinite: raise if the norm is infinite or NaN; default False.
        foreach: accepted and ignored.

    Returns:
        The norm before clipping, a 0-d Tensor.

    Raises:
        RuntimeError: the norm is not finite, and `error_if_nonfinite`.

    Source: PyTorch's ``torch.nn.utils.clip_grad_norm_``; Pascanu et al., "On the difficulty of
    training recurrent neural networks" (2013).

    Example:
        >>> import autograd_core as ag
        >>> w = ag.ones(2, requires_grad=True)
        >>> (w * ag.tensor([3.0, 4.0])).sum().backward()
        >>> clip_grad_norm_([w], max_norm=1.0)
        tensor(5.)
        >>> w.grad
        tensor([0.6000, 0.8000])
    """
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    total = get_total_norm(_grads(parameters), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, total)
    return total


@no_grad()
def clip_grad_norm(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The old name of :func:`clip_grad_norm_`; warns. Source: PyTorch's
    ``torch.nn.utils.clip_grad_norm``."""
    warnings.warn(
        "nn.utils.clip_grad_norm is deprecated. Mend: nn.utils.clip_grad_norm_",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Cut off every element of the gradients in place at +-clip_value.

    Args:
        parameters: a Tensor or Tensors; those without a gradient are passed over.
        clip_value: the bound.
        foreach: accepted and ignored.

    Source: PyTorch's ``torch.nn.utils.clip_grad_value_``.

    Example:
        >>> import autograd_core as ag
        >>> w = ag.ones(2, requires_grad=True)
        >>> (w * ag.tensor([0.5, -4.0])).sum().backward()
        >>> clip_grad_value_([w], 1.0)
        >>> w.grad
        tensor([ 0.5000, -1.0000])
    """
    bound = float(clip_value)
    for grad in _grads(parameters):
        grad.clamp_(-bound, bound)
