"""Copies and pickles of tensors: ``copy``, ``deepcopy``, ``pickle``."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.device import device as Device
from autograd_core.backends.registry import backend_of, get_backend
from autograd_core.base import TensorBase, node_of
from autograd_core.dtypes import as_dtype
from autograd_core.errors import GraphError
from autograd_core.graph import AccumulateGrad


def rebuild(
    cls: type, data: bytes, dtype: str, shape: Any, device: str, requires_grad: bool
) -> Any:
    """A tensor of what a pickle holds."""
    array = np.frombuffer(data, as_dtype(dtype).numpy).reshape(shape)
    where = Device(device)
    backend = get_backend(where.type)
    return _made(cls, backend.array(array, None, backend.resolve(where)), requires_grad, {})


def _made(cls: type, array: Any, requires_grad: bool, attributes: dict[str, Any]) -> Any:
    tensor = TensorBase._wrap(array)
    if cls is not TensorBase.result_type:
        tensor.__class__ = cls
    tensor.__dict__.update(attributes)
    if requires_grad:
        tensor._require_grad()
    return tensor


def _attributes(tensor: Any) -> dict[str, Any]:
    """What the user set on the tensor."""
    return {name: value for name, value in tensor.__dict__.items() if name != "_grad"}


class CopyMethods:
    """How tensors are copied and pickled."""

    __slots__ = ()

    def __copy__(self) -> Any:
        """A new leaf on the same memory."""
        made = _made(type(self), self._array, node_of(self) is not None, _attributes(self))  # type: ignore[attr-defined]
        made._counter = self._version_counter()  # type: ignore[attr-defined]
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """A new leaf on memory of its own, with a copy of ``.grad``."""
        import copy

        if id(self) in memo:
            return memo[id(self)]
        node = node_of(self)
        if node is not None and not isinstance(node, AccumulateGrad):
            raise GraphError(
                f"deepcopy: the tensor is not a leaf (it comes from {node.operator} at "
                f"{node.place_and_text}), and its graph is not copied. "
                f"Mend: detach().clone() gives a copy of its value."
            )
        array = self._array.copy(order="K")  # type: ignore[attr-defined]
        made = memo[id(self)] = _made(type(self), array, node is not None, {})
        made.__dict__.update(copy.deepcopy(_attributes(self), memo))
        made._grad = copy.deepcopy(self._grad, memo)  # type: ignore[attr-defined]
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickles hold the value, not the graph: what is read back is a leaf."""
        array = self._array  # type: ignore[attr-defined]
        backend = backend_of(array)
        # As bytes and a name, so that bfloat16 needs nothing special.
        data = np.ascontiguousarray(backend.to_numpy(array)).tobytes()
        name, where = as_dtype(array.dtype).name, str(backend.device_of(array))
        arguments = (type(self), data, name, tuple(array.shape), where, node_of(self) is not None)
        return rebuild, arguments, _attributes(self) or None
