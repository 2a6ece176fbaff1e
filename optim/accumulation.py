"""Gradients of several batches for one step."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from autograd_core.grad_mode import no_grad
from autograd_core.optim.optimizer import Optimizer
from autograd_core.tensor import Tensor


class GradientAccumulator:
    """Step an optimizer once for several batches, as if they were one that fits no memory.

    The gradients are the mean over the batches, also in the last step, which may have fewer. At
    the end call `flush()`, or use the accumulator in a `with` statement, which does.

    Args:
        optimizer: the optimizer.
        steps: batches for one step.
        scheduler: a learning rate schedule to move on after each step; default none.
        before_step: called before each step, for example to clip the gradients; default none.

    Raises:
        ValueError: `steps` is no positive integer.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.SGD([w], lr=0.5)
        >>> with optim.GradientAccumulator(opt, steps=2) as accumulator:
        ...     for batch in (1.0, 3.0, 4.0):
        ...         stepped = accumulator.backward((w * batch).sum())
        ...         print(stepped, w.item())
        False 1.0
        True 0.0
        False 0.0
        >>> w.item()
        -2.0
    """

    def __init__(
        self,
        optimizer: Optimizer,
        steps: int,
        *,
        scheduler: Any = None,
        before_step: Callable[[], object] | None = None,
    ) -> None:
        if not isinstance(steps, int) or steps < 1:
            raise ValueError(f"GradientAccumulator: steps must be a positive integer, got {steps}")
        self.optimizer = optimizer
        self.steps = steps
        self.scheduler = scheduler
        self.before_step = before_step
        self._batches = 0

    def backward(self, loss: Tensor) -> bool:
        """Add the gradients of a batch; after the last of a step, step.

        Args:
            loss: the batch's loss.

        Returns:
            Whether a step was taken, after which the gradients are none.
        """
        (loss / self.steps).backward()
        self._batches += 1
        if self._batches < self.steps:
            return False
        self._step()
        return True

    def flush(self) -> bool:
        """Take the last step, if there are batches that it has not been taken for.

        Returns:
            Whether a step was taken.
        """
        if not self._batches:
            return False
        with no_grad():
            for group in self.optimizer.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        p.grad.mul_(self.steps / self._batches)
        self._step()
        return True

    def _step(self) -> None:
        if self.before_step is not None:
            self.before_step()
        self.optimizer.step()
        if self.scheduler is not None:
            self.scheduler.step()
        self.optimizer.zero_grad()
        self._batches = 0

    def __enter__(self) -> GradientAccumulator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.flush()
