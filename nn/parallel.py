"""Models wrapped for several GPUs, of which this engine uses one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd_core as ag
from autograd_core.nn.module import Module
from autograd_core.pytree import tree_map_only

__all__ = ["DataParallel"]


class DataParallel(Module):
    """A module behind another, as programs wrap theirs for several GPUs; the keys of its state
    begin with ``module.``, as in states that were saved from there.

    Without a GPU it passes everything on. With one it moves the module and what it is called with
    there.

    Args:
        module: the module.
        device_ids: the GPU, as a list of one; all that there are if left out.
        output_device: where the result should be; it stays on that GPU.
        dim: where inputs would be cut; only kept.

    Raises:
        RuntimeError: there would be several GPUs.

    Source: PyTorch's ``torch.nn.DataParallel``.

    Example:
        >>> from autograd_core import nn
        >>> model = nn.DataParallel(nn.Linear(2, 3))
        >>> list(model.state_dict())
        ['module.weight', 'module.bias']
        >>> model.module
        Linear(in_features=2, out_features=3, bias=True)
    """

    def __init__(
        self,
        module: Module,
        device_ids: Sequence[Any] | None = None,
        output_device: Any = None,
        dim: int = 0,
    ) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[int] = []
        count = ag.cuda.device_count()
        if not count:
            return
        ids = range(count) if device_ids is None else device_ids
        self.device_ids = [_index(device) for device in ids]
        if len(self.device_ids) != 1:
            raise RuntimeError(
                f"DataParallel: one GPU is used at a time, but device_ids are {self.device_ids}. "
                "Mend: DataParallel(module, device_ids=[0])."
            )
        self.output_device = self.device_ids[0] if output_device is None else _index(output_device)
        self.dim = dim
        self.module.to(f"cuda:{self.device_ids[0]}")

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """Call the module."""
        if self.device_ids:
            where = f"cuda:{self.device_ids[0]}"
            inputs, kwargs = tree_map_only(ag.Tensor, lambda x: x.to(where), (inputs, kwargs))
        return self.module(*inputs, **kwargs)


def _index(device: Any) -> int:
    return device if isinstance(device, int) else ag.device(device).index or 0
