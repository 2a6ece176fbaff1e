"""Resilient backpropagation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_range, number
from autograd_core.optim.scalars import count, scalar
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


def rprop_step(
    xp: Any,
    p: Any,
    grad: Any,
    previous: Any,
    step_size: Any,
    *,
    shrink: float,
    grow: float,
    least: float,
    most: float,
) -> None:
    """Update `p`, the previous gradient and the step sizes in place by resilient backpropagation.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        previous: the gradient of the step before.
        step_size: the size of each element's next change.
        shrink: factor of the step size where the gradient changed its sign.
        grow: factor where it kept it.
        least: the least step size.
        most: the greatest step size.
    """
    agreement = grad * previous
    turned = agreement < 0
    size = xp.where(turned, shrink * step_size, step_size)
    size = xp.where(agreement > 0, grow * step_size, size)
    step_size[...] = xp.minimum(xp.maximum(size, least), most)
    previous[...] = xp.where(turned, 0.0, grad)
    p -= xp.sign(previous) * step_size


class Rprop(Optimizer):
    """Resilient backpropagation: only the signs of the gradient count.

    Each element has a step size of its own, which grows while the gradient keeps its sign and
    shrinks when it changes it; in the latter case the element waits for one step. Meant for
    gradients of the whole data set.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: the first step size; default 1e-2.
        etas: the factors by which a step size shrinks and grows; default (0.5, 1.2).
        step_sizes: the least and the greatest step size; default (1e-6, 50).
        capturable: count the steps on the parameter's device, so that the step can be captured;
            default False.
        foreach: accepted and ignored, as parameters are always updated together.
        maximize: climb and do not descend; default False.
        differentiable: record the step, so that gradients flow through it; default False.

    Raises:
        ValueError: an option is out of range.

    Source: PyTorch's ``torch.optim.Rprop``; Riedmiller and Braun, "A direct adaptive method for
    faster backpropagation learning" (1993).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.Rprop([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w
        tensor([0.7500], requires_grad=True)
    """

    shaped_state = frozenset({"prev", "step_size"})
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_range("Rprop", lr=lr)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError(
                f"Rprop: Invalid eta values: {etas[0]}, {etas[1]}; "
                "expected 0 < etas[0] < 1 < etas[1]"
            )
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count, a gradient of zero, and step sizes of `lr`."""
        lr = number(group["lr"])
        return {
            "step": scalar(0, p, group),
            "prev": ag.zeros_like(p),
            "step_size": ag.full_like(p, complex(lr, lr) if p.is_complex() else lr),
        }

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `rprop_step`."""
        count(state)
        shrink, grow = group["etas"]
        least, most = group["step_sizes"]
        numbers = {"shrink": shrink, "grow": grow, "least": least, "most": most}
        return Update(rprop_step, (state["prev"], state["step_size"]), numbers)
