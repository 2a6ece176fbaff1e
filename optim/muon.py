"""Muon."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_range, check_real
from autograd_core.optim.update import Update, per_tensor
from autograd_core.tensor import Tensor


@per_tensor
def muon_step(
    xp: Any,
    p: Any,
    grad: Any,
    buffer: Any,
    *,
    lr: float,
    ratio: float,
    shrink: float,
    momentum: float,
    nesterov: bool,
    coefficients: tuple[float, float, float],
    eps: float,
    ns_steps: int,
) -> None:
    """Update the matrix `p` and its running direction in place by Muon.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        buffer: running mean of the gradient.
        lr: learning rate.
        ratio: factor of the learning rate, for matrices of this shape.
        shrink: factor of `p`, by which it decays.
        momentum: decay of `buffer`.
        nesterov: look ahead along the running direction.
        coefficients: of the polynomial that brings singular values towards 1.
        eps: least divisor.
        ns_steps: how often the polynomial is applied.
    """
    buffer += (1 - momentum) * (grad - buffer)
    direction = grad + momentum * (buffer - grad) if nesterov else buffer
    change = _orthogonalized(xp, direction, coefficients, eps, ns_steps)
    p *= shrink
    p -= lr * ratio * change


def _orthogonalized(
    xp: Any, x: Any, coefficients: tuple[float, float, float], eps: float, ns_steps: int
) -> Any:
    """A matrix with the singular vectors of `x` and singular values near 1.

    The Newton-Schulz iteration `x = a x + b (x x') x + c (x x')^2 x` applies a polynomial to the
    singular values. Its coefficients are chosen for speed: small values grow fast, and end between
    about 0.7 and 1.2.
    """
    a, b, c = coefficients
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / xp.maximum(xp.sqrt(xp.sum(x * x)), eps)
    for _ in range(ns_steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.T if tall else x


class Muon(Optimizer):
    """Momentum whose direction is orthogonalised: every singular direction steps equally far.

    For the matrices in hidden layers; biases, embeddings and the like are left to another
    optimizer. Decay is decoupled, as in AdamW.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups; all matrices.
        lr: learning rate; default 1e-3.
        weight_decay: the decay; default 0.1.
        momentum: decay of the running direction; default 0.95.
        nesterov: Nesterov's momentum; default True.
        ns_coefficients: coefficients of the polynomial; default (3.4445, -4.775, 2.0315).
        eps: least norm that the direction is divided by; default 1e-7.
        ns_steps: how often the polynomial is applied; default 5.
        adjust_lr_fn: how the learning rate depends on the shape (A, B): "original" (default), by
            `sqrt(max(1, A / B))`, or "match_rms_adamw", by `0.2 * sqrt(max(A, B))`, with which
            learning rates that suit AdamW suit Muon too.

    Raises:
        ValueError: an option is out of range, or a parameter is not a matrix.
        RuntimeError: a parameter is complex, in the first step.

    Source: PyTorch's ``torch.optim.Muon``; Jordan et al., "Muon: an optimizer for hidden layers in
    neural networks" (2024); Liu et al., "Muon is scalable for LLM training" (2025).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.ones(2, 2).requires_grad_()
        >>> opt = optim.Muon([w], lr=0.1, weight_decay=0.0)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> bool((w < 1).all())
        True
    """

    shaped_state = frozenset({"momentum_buffer"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        check_range("Muon", lr=lr, momentum=momentum, weight_decay=weight_decay)
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(
                f"Muon: Adjust learning rate function {adjust_lr_fn} is not supported; "
                "expected None, 'original' or 'match_rms_adamw'"
            )
        if ns_steps >= 100:
            raise ValueError(
                f"Muon: Number of steps must be less than 100 for computational efficiency, "
                f"got ns_steps={ns_steps}"
            )
        if len(ns_coefficients) != 3:
            raise ValueError(
                f"Muon: Coefficients must be a tuple of exactly 3 values, got {ns_coefficients}"
            )
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of matrices; see `Optimizer.add_param_group`."""
        super().add_param_group(param_group)
        for p in param_group["params"]:
            if p.ndim != 2:
                self.param_groups.pop()
                raise ValueError(
                    "Muon only supports 2D parameters whereas we found a parameter with size: "
                    f"{tuple(p.shape)}; give the others to another optimizer, such as AdamW"
                )

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a running direction of zero."""
        check_real("Muon", p)
        return {"momentum_buffer": ag.zeros_like(p)}

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `muon_step`."""
        rows, columns = p.shape
        if group["adjust_lr_fn"] == "match_rms_adamw":
            ratio = 0.2 * max(rows, columns) ** 0.5
        else:
            ratio = max(1, rows / columns) ** 0.5
        numbers = {
            "lr": group["lr"],
            "ratio": ratio,
            # Where the learning rate is a Tensor, rounded to its dtype, as in PyTorch.
            "shrink": 1 - group["lr"] * group["weight_decay"],
            "momentum": group["momentum"],
            "nesterov": group["nesterov"],
            "coefficients": group["ns_coefficients"],
            "eps": group["eps"],
            "ns_steps": group["ns_steps"],
        }
        return Update(muon_step, (state["momentum_buffer"],), numbers)
