"""Averages of a model's weights over training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import chain
from typing import Any

import autograd_core as ag
from autograd_core.grad_mode import no_grad
from autograd_core.nn.batchnorm import _BatchNorm
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class AveragedModel(Module):
    """A copy of a model whose parameters are averages of the model's over training.

    Call `update_parameters` after steps of the optimizer, and use the copy to validate and in the
    end. By default the average is the mean of all values so far (stochastic weight averaging);
    with `multi_avg_fn=get_ema_multi_avg_fn(decay)` it is an exponential moving average.

    Args:
        model: the model; it is copied.
        device: where the averages are kept; default where the model is.
        avg_fn: `function(average, current, num_averaged)` that returns the next average of one
            Tensor.
        multi_avg_fn: `function(averages, currents, num_averaged)` that changes all averages of one
            dtype and device in place.
        use_buffers: average the buffers too; default False, they are copied.

    Raises:
        ValueError: both functions are given.

    Source: PyTorch's ``torch.optim.swa_utils.AveragedModel``; Izmailov et al., "Averaging weights
    leads to wider optima and better generalization" (2018).

    Example:
        >>> from autograd_core import nn, optim
        >>> model = nn.Linear(1, 1, bias=False)
        >>> averaged = optim.swa_utils.AveragedModel(model)
        >>> for value in (1.0, 2.0, 6.0):
        ...     _ = nn.init.constant_(model.weight, value)
        ...     averaged.update_parameters(model)
        >>> averaged.module.weight.item(), averaged.n_averaged.item()
        (3.0, 3)
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Callable[[Tensor, Tensor, Any], Tensor] | None = None,
        multi_avg_fn: Callable[[Sequence[Tensor], Sequence[Tensor], Any], None] | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise ValueError(
                "AveragedModel: Only one of avg_fn and multi_avg_fn should be provided"
            )
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        # Of its own accord on the host, where it can be read without waiting for a device.
        home = "cpu" if device is None else device
        self.register_buffer("n_averaged", ag.tensor(0, dtype=ag.int64, device=home))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the averaged model."""
        return self.module(*args, **kwargs)

    @no_grad()
    def update_parameters(self, model: Module) -> None:
        """Take the model's parameters into the averages; at first they are copied.

        Args:
            model: the model that is trained.
        """
        averages = self._tensors(self.module)
        currents = [
            current.detach().to(average.device)
            for average, current in zip(averages, self._tensors(model), strict=True)
        ]
        count = self.n_averaged.item()
        if count == 0:
            for average, current in zip(averages, currents, strict=True):
                average.copy_(current)
        elif self.multi_avg_fn is not None:
            kinds = dict.fromkeys((a.device, a.dtype) for a in averages)
            for kind in kinds:
                same = [i for i, a in enumerate(averages) if (a.device, a.dtype) == kind]
                self.multi_avg_fn(
                    [averages[i] for i in same], [currents[i] for i in same], self.n_averaged
                )
        else:
            function = self.avg_fn or _mean
            for average, current in zip(averages, currents, strict=True):
                average.copy_(function(average, current, self.n_averaged.to(average.device)))
        if not self.use_buffers:
            for buffer, current in zip(self.module.buffers(), model.buffers(), strict=True):
                buffer.copy_(current.detach().to(buffer.device))
        self.n_averaged += 1

    def _tensors(self, model: Module) -> list[Tensor]:
        """What is averaged of a model, without its graph."""
        buffers: Iterable[Tensor] = model.buffers() if self.use_buffers else ()
        return [tensor.detach() for tensor in chain(model.parameters(), buffers)]


def _mean(average: Tensor, current: Tensor, num_averaged: Tensor) -> Tensor:
    return average + (current - average) / (num_averaged + 1)


@no_grad()
def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the running values of batch normalisation anew, for weights that were averaged.

    Args:
        loader: batches; of a tuple or list the first entry is the input.
        model: the model.
        device: where to move the inputs; default, they stay.

    Source: PyTorch's ``torch.optim.swa_utils.update_bn``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn, optim
        >>> model = nn.BatchNorm1d(1)
        >>> optim.swa_utils.update_bn([ag.full((4, 1), 2.0), ag.full((4, 1), 4.0)], model)
        >>> model.running_mean
        tensor([3.])
    """
    layers = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    if not layers:
        return
    momenta = [layer.momentum for layer in layers]
    training = {module: module.training for module in model.modules()}
    try:
        model.train()
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum = None  # the mean over all batches
        for batch in loader:
            input = batch[0] if isinstance(batch, (list, tuple)) else batch
            model(input if device is None else input.to(device))
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        for module, mode in training.items():
            module.training = mode
