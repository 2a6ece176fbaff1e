"""Sharpness-aware minimization."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import autograd_core as ag
from autograd_core.grad_mode import enable_grad, no_grad
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_range
from autograd_core.tensor import Tensor


class SAM(Optimizer):
    """Descend by the gradient at the worst place nearby, which leads to flat minima.

    Each step computes the gradient, climbs by `rho * grad / norm(grad)`, computes the gradient
    there, returns, and lets another optimizer descend by it. So it takes two forward and backward
    passes. The norm is that of all gradients together. Adaptive, the distance is measured in
    proportion to each element of the parameters.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        base_optimizer: class of the optimizer that descends, such as `optim.SGD`.
        rho: how far to climb; default 0.05.
        adaptive: measure the distance in proportion to the parameters; default False.
        options: those of `base_optimizer`.

    Raises:
        ValueError: an option is out of range.

    Source: Foret et al., "Sharpness-aware minimization for efficiently improving generalization"
    (2021), algorithm 1; adaptive: Kwon et al., "ASAM" (2021).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.SAM([w], optim.SGD, rho=0.5, lr=0.25)
        >>> def closure():
        ...     opt.zero_grad()
        ...     loss = (w * w).sum()
        ...     loss.backward()
        ...     return loss
        >>> opt.step(closure).item(), w.item()
        (1.0, 0.25)
    """

    def __init__(
        self,
        params: Iterable[Any],
        base_optimizer: type[Optimizer],
        rho: float = 0.05,
        adaptive: bool = False,
        **options: Any,
    ) -> None:
        check_range("SAM", rho=rho)
        super().__init__(params, {"rho": rho, "adaptive": adaptive, **options})
        self.base_optimizer = base_optimizer(self.param_groups, **options)
        self.defaults.update(self.base_optimizer.defaults)
        # Groups and state are the base's, so that schedules, saving and loading see one optimizer.
        self.param_groups, self.state = self.base_optimizer.param_groups, self.base_optimizer.state
        self._origins: dict[Tensor, Tensor] = {}

    @no_grad()
    def first_step(self, zero_grad: bool = False) -> None:
        """Climb to the worst place nearby.

        Args:
            zero_grad: forget the gradients after it; default False.
        """
        found = [(p, g) for g in self.param_groups for p in g["params"] if p.grad is not None]
        weighted = [(abs(p) if group["adaptive"] else 1.0) * p.grad for p, group in found]
        norm: Any = ag.stack([w.norm() for w in weighted]).norm() if weighted else 0.0
        for (p, group), direction in zip(found, weighted, strict=True):
            self._origins[p] = p.clone()
            reach = group["rho"] / (norm + 1e-12) * direction
            p.add_(abs(p) * reach if group["adaptive"] else reach)
        if zero_grad:
            self.zero_grad()

    @no_grad()
    def second_step(self, zero_grad: bool = False) -> None:
        """Return, and descend by the gradient of the place that was climbed to.

        Args:
            zero_grad: forget the gradients after it; default False.
        """
        for p, origin in self._origins.items():
            p.copy_(origin)
        self._origins.clear()
        self.base_optimizer.step()
        if zero_grad:
            self.zero_grad()

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Take both steps.

        Args:
            closure: computes the loss anew, gradients included, and returns it.

        Returns:
            What `closure` returned first, the loss at the parameters themselves.
        """
        with enable_grad():
            loss = closure()
        self.first_step()
        with enable_grad():
            closure()
        self.second_step()
        return loss

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load what `state_dict` returned; see `Optimizer.load_state_dict`."""
        super().load_state_dict(state_dict)
        self.base_optimizer.param_groups, self.base_optimizer.state = self.param_groups, self.state

    def __getstate__(self) -> dict[str, Any]:
        return {
            **super().__getstate__(),
            "base_optimizer": self.base_optimizer,
            "_origins": self._origins,
        }
