"""The learning rate of stochastic weight averaging."""

from __future__ import annotations

import math

from autograd_core.optim.lr_scheduler.base import LRScheduler, Rates, for_each_group
from autograd_core.optim.optimizer import Optimizer


class SWALR(LRScheduler):
    """Lead the learning rate from wherever it is to `swa_lr`, and keep it there.

    Args:
        optimizer: the optimizer whose rate is set.
        swa_lr: the rate during averaging, or a list, one per parameter group.
        anneal_epochs: epochs of the way there; default 10.
        anneal_strategy: "cos" (default), along a cosine wave, or "linear".
        last_epoch: the last epoch that was run; default -1, a new start.

    Raises:
        ValueError: `anneal_strategy` is unknown, `anneal_epochs` is no integer from 0 on, or a
            list has a wrong length.

    Source: PyTorch's ``torch.optim.swa_utils.SWALR``; Izmailov et al., "Averaging weights leads to
    wider optima and better generalization" (2018).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = optim.swa_utils.SWALR(opt, 0.5, anneal_epochs=2, anneal_strategy="linear")
        >>> rates = []
        >>> for _ in range(3):
        ...     opt.step()
        ...     scheduler.step()
        ...     rates += scheduler.get_last_lr()
        >>> rates
        [0.75, 0.5, 0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        rates = for_each_group("SWALR: swa_lr", optimizer, swa_lr)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                "SWALR: anneal_strategy must be one of 'cos' or 'linear', instead got "
                f"{anneal_strategy}"
            )
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(
                f"SWALR: anneal_epochs must be equal or greater than 0, got {anneal_epochs}"
            )
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["swa_lr"] = rate
        self._anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """Return the rates of epoch `last_epoch`."""
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group in self.optimizer.param_groups:
            target, rate = group["swa_lr"], group["lr"]
            # The rate that the way started from, told from where it has come to.
            start = target if before == 1 else (rate - before * target) / (1 - before)
            rates.append(target * now + start * (1 - now))
        return rates

    def _share(self, step: float) -> float:
        """The share of the way that is behind after a number of steps."""
        share = max(0, min(1, step / max(1, self.anneal_epochs)))
        return (1 - math.cos(math.pi * share)) / 2 if self._anneal_strategy == "cos" else share
