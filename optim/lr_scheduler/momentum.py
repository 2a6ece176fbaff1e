"""Momenta that go up and down with the learning rate."""

from __future__ import annotations

from typing import Any

from autograd_core.optim.lr_scheduler.base import LRScheduler, for_each_group


class MomentumCycle(LRScheduler):
    """A schedule that sets momenta too: "momentum", or the first of "betas"."""

    cycle_momentum: bool
    use_beta1: bool

    def _start_momenta(
        self, base_momentum: Any, max_momentum: Any, last_epoch: int
    ) -> tuple[list[Any], list[Any]]:
        """Note the bounds in the groups, and set the greatest; returns the lists of bounds."""
        name, optimizer = type(self).__name__, self.optimizer
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise ValueError(
                f"{name}: optimizer must support momentum or beta1 with `cycle_momentum` option "
                "enabled; pass cycle_momentum=False"
            )
        self.use_beta1 = "betas" in optimizer.defaults
        lowest = for_each_group(f"{name}: base_momentum", optimizer, base_momentum)
        highest = for_each_group(f"{name}: max_momentum", optimizer, max_momentum)
        if last_epoch == -1:
            for group, low, high in zip(optimizer.param_groups, lowest, highest, strict=True):
                self._set_momentum(group, high)
                group["max_momentum"] = high
                group["base_momentum"] = low
        return lowest, highest

    def _set_momentum(self, group: dict[str, Any], momentum: Any) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum
