"""L-BFGS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import autograd_core as ag
from autograd_core.grad_mode import enable_grad, no_grad
from autograd_core.optim.line_search import Point, strong_wolfe
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_range, number
from autograd_core.tensor import Tensor


class LBFGS(Optimizer):
    """L-BFGS: Newton's method with curvature estimated from the last changes of the gradient.

    One step makes up to `max_iter` iterations, so it calls `closure` many times; gradients should
    come from the whole data set, or from the same batch every time. The state of all parameters
    together is kept with the first.

    Args:
        params: Tensors or (name, Tensor) pairs; one parameter group.
        lr: the length tried first along each direction; default 1.
        max_iter: iterations in a step; default 20.
        max_eval: calls of `closure` in a step; default `max_iter * 5 // 4`.
        tolerance_grad: stop when no element of the gradient is larger; default 1e-7.
        tolerance_change: stop when neither an element nor the loss changes by more; default 1e-9.
        history_size: changes that are remembered, each two vectors; default 100.
        line_search_fn: None (default), to go by `lr`, or "strong_wolfe".

    Raises:
        ValueError: `lr` is negative, or there are several parameter groups.
        RuntimeError: `line_search_fn` is something else, in the first step.

    Source: PyTorch's ``torch.optim.LBFGS``; Nocedal and Wright, "Numerical optimization" (2006),
    algorithm 7.5.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> opt = optim.LBFGS([w], line_search_fn="strong_wolfe")
        >>> def closure():
        ...     opt.zero_grad()
        ...     loss = ((w - 3) ** 2 * ag.tensor([1.0, 10.0])).sum()
        ...     loss.backward()
        ...     return loss
        >>> loss = opt.step(closure)
        >>> w
        tensor([3.0000, 3.0000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_range("LBFGS", lr=lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Take the only group; see `Optimizer.add_param_group`."""
        super().add_param_group(param_group)
        if len(self.param_groups) > 1:
            self.param_groups.pop()
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    @no_grad()
    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Make up to `max_iter` iterations.

        Args:
            closure: computes the loss anew, gradients included, and returns it.

        Returns:
            What `closure` returned first.
        """
        group = self.param_groups[0]
        lr, most = number(group["lr"]), group["max_eval"]
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise RuntimeError(
                "LBFGS: only 'strong_wolfe' is supported as line_search_fn, got "
                f"{group['line_search_fn']!r}"
            )
        state = self.state[group["params"][0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        closure = enable_grad()(closure)

        first_loss = closure()
        loss, grad, evaluations = float(first_loss), self._gradient(), 1
        state["func_evals"] += 1
        if _largest(grad) <= group["tolerance_grad"]:
            return first_loss
        for iteration in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            newest = state["n_iter"] == 1
            direction = -grad if newest else self._direction(state, grad, group["history_size"])
            if newest:
                state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            t = min(1.0, 1.0 / grad.abs().sum().item()) * lr if newest else lr
            state.update(d=direction, t=t, prev_flat_grad=grad, prev_loss=loss)
            slope = grad.dot(direction).item()
            if slope > -group["tolerance_change"]:
                break
            calls = 0
            if group["line_search_fn"] is not None:
                start = Point(0.0, loss, grad, slope)
                (t, loss, grad, _), calls = self._search(
                    closure, start, direction, t, most - evaluations
                )
                state["t"] = t
                self._move(t, direction)
            else:
                self._move(t, direction)
                if iteration != group["max_iter"]:  # the next step evaluates anew
                    with enable_grad():
                        loss = float(closure())
                    grad, calls = self._gradient(), 1
            evaluations += calls
            state["func_evals"] += calls
            if (
                iteration == group["max_iter"]
                or evaluations >= most
                or _largest(grad) <= group["tolerance_grad"]
                or abs(t) * _largest(direction) <= group["tolerance_change"]
                or abs(loss - state["prev_loss"]) < group["tolerance_change"]
            ):
                break
        return first_loss

    def _direction(self, state: dict[str, Any], grad: Tensor, size: int) -> Tensor:
        """The quasi-Newton direction, after noting the last change: the two-loop recursion."""
        gradients, steps, ro = state["old_dirs"], state["old_stps"], state["ro"]
        y = grad - state["prev_flat_grad"]
        s = state["d"] * number(state["t"])
        curvature = y.dot(s).item()
        if curvature > 1e-10:
            if len(gradients) == size:
                for entries in (gradients, steps, ro):
                    entries.pop(0)
            gradients.append(y)
            steps.append(s)
            ro.append(1.0 / curvature)
            state["H_diag"] = curvature / y.dot(y).item()
        history = list(zip(gradients, steps, map(number, ro), strict=True))
        shares = []
        q = -grad
        for y, s, r in reversed(history):
            share = s.dot(q).item() * r
            shares.append(share)
            q.add_(y, alpha=-share)
        q *= number(state["H_diag"])
        for (y, s, r), share in zip(history, reversed(shares), strict=True):
            q.add_(s, alpha=share - y.dot(q).item() * r)
        return q

    def _search(
        self, closure: Callable[[], Any], start: Point, direction: Tensor, t: float, most: int
    ) -> tuple[Point, int]:
        """Search along `direction` from where the parameters are, and leave them there."""
        origin = [p.clone() for p in self.param_groups[0]["params"]]

        def evaluate(t: float) -> Point:
            self._move(t, direction)
            loss = float(closure())
            grad = self._gradient()
            for p, value in zip(self.param_groups[0]["params"], origin, strict=True):
                p.copy_(value)
            return Point(t, loss, grad, grad.dot(direction).item())

        return strong_wolfe(evaluate, start, t, _largest(direction), max_evaluations=most)

    def _gradient(self) -> Tensor:
        """All gradients end to end, those of complex parameters as pairs of numbers."""
        parts = []
        for p in self.param_groups[0]["params"]:
            grad = ag.zeros_like(p) if p.grad is None else p.grad.detach()
            parts.append(ag.view_as_real(grad) if p.is_complex() else grad)
        return ag.cat([part.reshape(-1) for part in parts])

    def _move(self, t: float, direction: Tensor) -> None:
        """Add `t * direction` to the parameters."""
        start = 0
        for p in self.param_groups[0]["params"]:
            p = ag.view_as_real(p) if p.is_complex() else p
            stop = start + p.numel()
            p.add_(direction[start:stop].reshape(p.shape), alpha=t)
            start = stop


def _largest(x: Tensor) -> float:
    return x.abs().max().item()
