"""Tensors that a module keeps: Parameters, which are trained, and Buffers, which are only saved;
and both before their shapes are known, in lazy modules."""

from __future__ import annotations

from typing import Any, ClassVar

import autograd_core as ag
from autograd_core.graph import AccumulateGrad, Node
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


class Uninitialized:
    """A tensor that has a dtype and a device, but neither shape nor values yet.

    It can be moved and converted, and `materialize` turns it into what it is to be. All else
    raises.
    """

    cls_to_become: ClassVar[type[Tensor]]

    # An empty tensor of the dtype and on the device to be.
    _like: Tensor
    _node: Node | None

    @property
    def _array(self) -> Any:
        raise ValueError(
            f"{type(self).__name__}: it has no shape and no values yet, and no operator can use "
            "it. Mend: call the lazy module on a batch first, which says what the sizes are."
        )

    @property
    def shape(self) -> Any:
        """There is none yet."""
        raise RuntimeError(
            f"Can't access the shape of an uninitialized parameter or buffer "
            f"({type(self).__name__}). Mend: call the lazy module on a batch first; a state "
            "without sizes cannot be loaded into a module that has them."
        )

    @property
    def dtype(self) -> Any:
        """The dtype to be."""
        return self._like.dtype

    @property
    def device(self) -> Any:
        """The device to be on."""
        return self._like.device

    @property
    def data(self) -> Any:
        """An empty tensor of the dtype and on the device to be."""
        return self._like

    @data.setter
    def data(self, value: Tensor) -> None:
        self._like = value.data

    def detach(self) -> Any:
        """Itself, as there are no values that a graph could be cut off from."""
        return self

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Return one of another dtype or for another device; arguments as for `Tensor.to`."""
        like = self._like.to(*args, **kwargs)
        return type(self)(self.requires_grad, like.device, like.dtype)  # type: ignore[call-arg, attr-defined]

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Become a Parameter (or a Tensor) of the shape, whose values are not set.

        Args:
            shape: the shape.
            device: where; the device to be on if left out.
            dtype: its dtype; the dtype to be if left out.

        Example:
            >>> from autograd_core import nn
            >>> p = nn.UninitializedParameter()
            >>> p.materialize((2, 3))
            >>> p.shape
            autograd_core.Size([2, 3])
        """
        made = ag.empty(tuple(shape), device=device or self.device, dtype=dtype or self.dtype)
        del self.__dict__["_like"]
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        self.data = made

    def _require_grad(self) -> None:
        self._node = AccumulateGrad(self, (0,), self._like._array.dtype)

    def __repr__(self, **kwargs: Any) -> str:
        return f"<{type(self).__name__}>"

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = self.to(self.dtype)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> Any:
        dtype = str(self.dtype).rpartition(".")[2]
        return _rebuild, (type(self), self.requires_grad, str(self.device), dtype)  # type: ignore[attr-defined]


def _rebuild(cls: Any, requires_grad: bool, device: str, dtype: str) -> Any:
    return cls(requires_grad, device, getattr(ag, dtype))


def _expect(cls: type[Any], requires_grad: bool, device: Any, dtype: Any) -> Any:
    """Make an uninitialised leaf of class `cls`."""
    self = object.__new__(cls)
    self._counter = self._node = self._view = None
    self._like = ag.empty(0, device=device, dtype=dtype)
    if requires_grad:
        self.requires_grad_()
    return self


class UninitializedParameter(Uninitialized, Parameter):
    """A Parameter whose shape is not known yet; lazy modules have them.

    Args:
        requires_grad: whether gradients will be collected; default True.
        device: where it will be; the default device if left out.
        dtype: its dtype to be; the default dtype if left out.

    Raises:
        ValueError: an operator is called with it.
        RuntimeError: its shape is asked for.

    Source: PyTorch's ``torch.nn.UninitializedParameter``.

    Example:
        >>> from autograd_core import nn
        >>> nn.UninitializedParameter()
        <UninitializedParameter>
    """

    cls_to_become = Parameter

    def __new__(
        cls, requires_grad: bool = True, device: Any = None, dtype: Any = None
    ) -> UninitializedParameter:
        return _expect(cls, requires_grad, device, dtype)


class UninitializedBuffer(Uninitialized, Buffer):
    """A Buffer whose shape is not known yet; lazy modules have them.

    Args:
        requires_grad: whether gradients will be collected; default False.
        device: where it will be; the default device if left out.
        dtype: its dtype to be; the default dtype if left out.
        persistent: whether `state_dict` saves it; default True.

    Raises:
        ValueError: an operator is called with it.
        RuntimeError: its shape is asked for.

    Source: PyTorch's ``torch.nn.UninitializedBuffer``.

    Example:
        >>> from autograd_core import nn
        >>> nn.UninitializedBuffer()
        <UninitializedBuffer>
    """

    cls_to_become = Tensor

    def __new__(
        cls,
        requires_grad: bool = False,
        device: Any = None,
        dtype: Any = None,
        persistent: bool = True,
    ) -> UninitializedBuffer:
        self = _expect(cls, requires_grad, device, dtype)
        self.persistent = persistent
        return self


def is_lazy(param: Any) -> bool:
    """Whether a parameter or buffer has no shape yet.

    Args:
        param: any object.

    Source: PyTorch's ``torch.nn.parameter.is_lazy``.

    Example:
        >>> from autograd_core import nn
        >>> is_lazy(nn.UninitializedBuffer()), is_lazy(nn.Linear(2, 3).weight)
        (True, False)
    """
    return isinstance(param, Uninitialized)
