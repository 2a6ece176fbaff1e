"""Questions about tensors as functions, ``numel(x)`` for ``x.numel()``, and about modes."""

from __future__ import annotations

from typing import Any

from autograd_core.base import TensorBase
from autograd_core.storage import UntypedStorage


def numel(input: Any) -> int:
    """The number of elements. Source: PyTorch, ``torch.numel``."""
    return int(input.numel())


def is_nonzero(input: Any) -> bool:
    """Whether the only element is not 0; an error if there is another number of them. Source:
    PyTorch, ``torch.is_nonzero``.

    Example:
        >>> import autograd_core as ag
        >>> ag.is_nonzero(ag.tensor([0.0]))
        False
    """
    return bool(input.is_nonzero())


def is_same_size(input: Any, other: Any) -> bool:
    """Whether the shapes are equal. Source: PyTorch, ``torch.is_same_size``."""
    return bool(input.is_same_size(other))


def is_conj(input: Any) -> bool:
    """Whether values are conjugated when they are read: never. Source: PyTorch,
    ``torch.is_conj``."""
    return bool(input.is_conj())


def is_neg(input: Any) -> bool:
    """Whether values are negated when they are read: never. Source: PyTorch, ``torch.is_neg``."""
    return bool(input.is_neg())


def get_device(input: Any) -> int:
    """The number of the CUDA device, -1 on the CPU. Source: PyTorch, ``torch.get_device``."""
    return int(input.get_device())


def is_inference(input: Any) -> bool:
    """Whether a tensor was made in inference mode. Source: PyTorch, ``torch.is_inference``."""
    return bool(input.is_inference())


def detach(input: Any) -> Any:
    """The same values in the same memory, outside of the graph. Source: PyTorch,
    ``torch.detach``."""
    return input.detach()


def detach_copy(input: Any) -> Any:
    """A copy outside of the graph. Source: PyTorch, ``torch.detach_copy``."""
    return input.detach().clone()


def typename(obj: Any) -> str:
    """The type of a tensor by PyTorch's older names, the full name of the type of anything else.
    Source: PyTorch, ``torch.typename``.

    Example:
        >>> import autograd_core as ag
        >>> ag.typename(ag.ones(2))
        'torch.FloatTensor'
    """
    if isinstance(obj, TensorBase):
        return str(obj.type())  # type: ignore[attr-defined]
    module = getattr(obj, "__module__", "")
    name = getattr(obj, "__qualname__", type(obj).__name__)
    return name if module in ("", "builtins", None) else f"{module}.{name}"


def _assert(condition: Any, message: str) -> None:
    """``assert condition, message`` as a function. Source: PyTorch, ``torch._assert``.

    Raises:
        AssertionError: ``condition`` does not hold.
    """
    if not condition:
        raise AssertionError(message)


def is_storage(obj: Any) -> bool:
    """Whether ``obj`` is the memory of a tensor, as ``x.untyped_storage()``. Source: PyTorch,
    ``torch.is_storage``."""
    return isinstance(obj, UntypedStorage)
