"""Tensors that a module keeps: Parameters, which are trained, and Buffers, which are only saved."""

from __future__ import annotations

from typing import Any

import autograd_core as ag
from autograd_core.tensor import Tensor


def _adopt(cls: type[Any], data: Tensor | None, requires_grad: bool) -> Any:
    """Make a leaf of class `cls` that shares the memory of `data`."""
    if data is None:
        data = ag.empty(0)
    if not isinstance(data, Tensor):
        raise TypeError(
            f"{cls.__name__}: expected a Tensor, got {type(data).__name__}; write "
            f"{cls.__name__}(ag.tensor(...))"
        )
    shared = data.detach()
    self = object.__new__(cls)
    self._array = shared._array
    self._counter = shared._counter
    self._node = self._grad = self._view = None
    if requires_grad:
        self.requires_grad_()
    return self


class Parameter(Tensor):
    """A Tensor that belongs to a module and is trained.

    Assigned as an attribute of a `Module` it appears in `module.parameters()`. Whatever is
    computed from it is a plain Tensor.

    Args:
        data: the values, shared and not copied; empty if left out.
        requires_grad: whether gradients are collected; default True.

    Raises:
        TypeError: `data` is not a Tensor.
        RuntimeError: `requires_grad` with an integer or boolean dtype.

    Source: PyTorch's ``torch.nn.Parameter``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Parameter(ag.ones(2))
        Parameter containing:
        tensor([1., 1.], requires_grad=True)
    """

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Parameter:
        return _adopt(cls, data, requires_grad)

    def __repr__(self, **kwargs: Any) -> str:
        return "Parameter containing:\n" + super().__repr__(**kwargs)

    # Unlike a plain Tensor's copy, one of a Parameter leaves the gradient behind, as in PyTorch.
    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.detach().clone(), self.requires_grad)
        return memo[id(self)]


class Buffer(Tensor):
    """A Tensor that belongs to a module and is saved with it, but not trained.

    Assigned as an attribute of a `Module` it becomes a buffer, like `register_buffer`.

    Args:
        data: the values, shared and not copied; empty if left out.
        persistent: whether `state_dict` saves it; default True.

    Raises:
        TypeError: `data` is not a Tensor.

    Source: PyTorch's ``torch.nn.Buffer``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> m = nn.Module()
        >>> m.steps = nn.Buffer(ag.tensor(0))
        >>> dict(m.state_dict())
        {'steps': tensor(0)}
    """

    persistent: bool

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Buffer:
        self = _adopt(cls, data, isinstance(data, Tensor) and data.requires_grad)
        self.persistent = persistent
        return self
