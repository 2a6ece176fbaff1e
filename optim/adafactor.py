"""Adafactor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_range, check_real, number
from autograd_core.optim.scalars import count, scalar
from autograd_core.optim.update import Update, per_tensor
from autograd_core.tensor import Tensor


@per_tensor
def adafactor_step(
    xp: Any,
    p: Any,
    grad: Any,
    row_var: Any,
    col_var: Any,
    variance: Any,
    *,
    step: float,
    lr: float,
    beta2_decay: float,
    eps1: float,
    eps2: float,
    d: float,
    weight_decay: float,
) -> None:
    """Update `p` and its variances in place by Adafactor.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        row_var: running mean of the squared gradient's rows, or None for vectors.
        col_var: the same for columns.
        variance: running mean of the squared gradient of vectors, else None.
        step: number of this step, from 1.
        lr: learning rate.
        beta2_decay: exponent of `step` that gives the new gradient's share in the means.
        eps1: least divisor.
        eps2: least scale of the parameter.
        d: greatest root mean square of the change before it is scaled.
        weight_decay: the decay.
    """
    share = step**beta2_decay
    scale = xp.maximum(_root_mean_square(xp, p), eps2) * min(lr, step**-0.5)
    if weight_decay:
        p *= 1 - lr * weight_decay
    square = grad * grad
    if row_var is not None:
        row_var += share * (square.mean(axis=-1, keepdims=True) - row_var)
        col_var += share * (square.mean(axis=-2, keepdims=True) - col_var)
        # The outer product that has these means: of rank one, so two vectors stand for a matrix.
        estimate = row_var / xp.maximum(row_var.mean(axis=-2, keepdims=True), eps1) * col_var
    else:
        variance += share * (square - variance)
        estimate = variance
    change = grad / xp.sqrt(xp.maximum(estimate, eps1 * eps1))
    p -= scale / xp.maximum(_root_mean_square(xp, change) / d, 1.0) * change


def _root_mean_square(xp: Any, x: Any) -> Any:
    return xp.sqrt(xp.mean(x * x))


class Adafactor(Optimizer):
    """Adam in little memory: of a matrix of second moments only the row and column means are kept.

    Steps are relative to the root mean square of the parameter, and limited to `d` before that;
    there is no first moment.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: greatest relative step, as `1 / sqrt(t)` is taken when it is smaller; default 1e-2.
        beta2_decay: the new gradient's share in the means is `t**beta2_decay`; default -0.8.
        eps: least divisor (None, the default, is the dtype's precision), and least scale of the
            parameter; default (None, 1e-3).
        d: greatest root mean square of the change before it is scaled; default 1.
        weight_decay: the decay, which is decoupled as in AdamW; default 0.
        foreach: accepted and ignored, as parameters are always updated together.
        maximize: climb and do not descend; default False.

    Raises:
        ValueError: an option is out of range.
        RuntimeError: a parameter is complex, in the first step.

    Source: PyTorch's ``torch.optim.Adafactor``; Shazeer and Stern, "Adafactor: adaptive learning
    rates with sublinear memory cost" (2018).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.ones(3, 2).requires_grad_()
        >>> opt = optim.Adafactor([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w[0].tolist(), tuple(opt.state[w]["row_var"].shape)
        ([0.75, 0.75], (3, 1))
    """

    shaped_state = frozenset({"variance"})
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        check_range("Adafactor", lr=lr)
        if not beta2_decay <= 0:
            raise ValueError(f"Adafactor: beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None and not eps[0] >= 0:
            raise ValueError(f"Adafactor: epsilon1 should be >= 0 but is: {eps[0]}")
        if not eps[1] >= 0:
            raise ValueError(f"Adafactor: epsilon2 should be >= 0 but is: {eps[1]}")
        if not d >= 1:
            raise ValueError(f"Adafactor: Clipping threshold d should be >= 1 but is: {d}")
        check_range("Adafactor", weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count, and means of zero: of rows and columns, or of each element."""
        check_real("Adafactor", p)
        state = {"step": scalar(0, p, group)}
        if p.ndim > 1:
            state["row_var"] = ag.zeros_like(p[..., :1])
            state["col_var"] = ag.zeros_like(p[..., :1, :])
        else:
            state["variance"] = ag.zeros_like(p)
        return state

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `adafactor_step`."""
        eps1, eps2 = group["eps"]
        numbers = {
            "step": count(state),
            "lr": number(group["lr"]),
            "beta2_decay": group["beta2_decay"],
            "eps1": ag.finfo(p.dtype).eps if eps1 is None else eps1,
            "eps2": eps2,
            "d": group["d"],
            "weight_decay": group["weight_decay"],
        }
        means = tuple(state.get(name) for name in ("row_var", "col_var", "variance"))
        return Update(adafactor_step, means, numbers)
