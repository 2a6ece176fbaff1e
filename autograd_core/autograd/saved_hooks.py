"""Hooks on the values that nodes save: to compress them, to move them, to recompute them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.base import TensorBase
from autograd_core.errors import GraphError
from autograd_core.grad_mode import modes, no_grad
from autograd_core.graph import Node, entries
from autograd_core.observer import current, observe
from autograd_core.version import Version


class Packed:
    """Stands where a saved array was, and gets it back when it is needed."""

    __slots__ = ("_packed", "_same", "_unpack")

    def __init__(
        self, entry: Any, pack: Callable[[Any], Any], unpack: Callable[[Any], Any]
    ) -> None:
        array, version, stamp = entry
        with no_grad():
            self._packed = pack(TensorBase._wrap(array))
        self._unpack = unpack
        # What is packed may still be the memory itself, which may change.
        shared = isinstance(self._packed, TensorBase) and self._packed._array is array
        self._same = (array, version, stamp) if shared else None

    def unpack(self, node: Node, index: int) -> Any:
        """The array, as the unpack hook gives it."""
        if self._same is not None:
            array, version, stamp = self._same
            if version.count != stamp:
                node._check(index, array, version, stamp)
        before, modes.grad = modes.grad, False
        try:
            tensor = self._unpack(self._packed)
        finally:
            modes.grad = before
        if not isinstance(tensor, TensorBase):
            raise TypeError(
                f"an unpack hook must return a Tensor, not {type(tensor).__name__}; it was asked "
                f"for {node.value_name(index)} of {node.operator} at {node.place_and_text}"
            )
        return tensor._array


# Never equal to a stamp, so that the walk asks.
PACKED = Version()
PACKED.count = -1


class saved_tensors_hooks:
    """Inside, values that the graph saves are kept as what ``pack_hook`` makes of them.

    Args:
        pack_hook: from a tensor to any object; called without recording when a node saves a value.
        unpack_hook: from that object to a tensor of the same values; called when backward needs it.

    The innermost hooks count. A value that ``pack_hook`` returns as it is stays under the watch for
    changes in place; of anything else the hooks take charge.

    Source: PyTorch, ``torch.autograd.graph.saved_tensors_hooks``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> with ag.autograd.graph.saved_tensors_hooks(lambda t: t.half(), lambda t: t.float()):
        ...     y = x * x
        >>> y.sum().backward()
        >>> x.grad
        tensor([2., 4.])
    """

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def _pack(self, node: Node) -> None:
        kept: list[Any] = []
        for entry in entries(node.saved):
            if hasattr(entry[0], "dtype"):
                entry = (Packed(entry, self.pack_hook, self.unpack_hook), PACKED, 0)
            kept.extend(entry)
        node.saved = tuple(kept)

    def __enter__(self) -> None:
        check, pack = current()
        if pack is not None and isinstance(
            getattr(pack, "__self__", None), disable_saved_tensors_hooks
        ):
            raise GraphError(pack.__self__.error_message)
        self._before = modes.anomaly
        observe(check, self._pack)

    def __exit__(self, *exc: object) -> None:
        modes.anomaly = self._before


class disable_saved_tensors_hooks:
    """Inside, entering :class:`saved_tensors_hooks` raises an error with the given text.

    Source: PyTorch, ``torch.autograd.graph.disable_saved_tensors_hooks``.
    """

    def __init__(self, error_message: str) -> None:
        self.error_message = error_message

    def _pack(self, node: Node) -> None:
        """Leave the saved values as they are."""

    def __enter__(self) -> None:
        self._before = modes.anomaly
        observe(current()[0], self._pack)

    def __exit__(self, *exc: object) -> None:
        modes.anomaly = self._before


class save_on_cpu(saved_tensors_hooks):
    """Inside, values that the graph saves are kept in the host's memory.

    Args:
        pin_memory, device_type: accepted as in PyTorch.

    Source: PyTorch, ``torch.autograd.graph.save_on_cpu``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> with ag.autograd.graph.save_on_cpu():
        ...     y = (x * x).sum()
        >>> y.backward()
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(
            lambda tensor: (tensor.device, tensor.cpu()), lambda packed: packed[1].to(packed[0])
        )
