"""The constructors of older programs: ``Tensor(2, 3)``, ``LongTensor([1, 2])``, ``x.new(3)`` and
``Variable(x)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.dtypes import as_dtype, from_numpy_dtype, get_default_dtype
from autograd_core.dtypes import dtype as DType
from autograd_core.from_data import finish, place, tensor
from autograd_core.ops.dims import sizes
from autograd_core.size import Size

if TYPE_CHECKING:
    from autograd_core.tensor import Tensor


def construct(name: str, size: tuple[Any, ...], dtype: DType, device: Any = None) -> Tensor:
    """A tensor of the given data, if ``size`` is one sequence or array (a tensor's memory and graph
    are shared); else of the given sizes and uninitialised.

    Raises:
        TypeError: a tensor of another dtype, or one number that is no size.
        RuntimeError: a size is negative.
    """
    if len(size) == 1 and not isinstance(size[0], (int, np.integer, Size)):
        data = size[0]
        own = from_numpy_dtype(data._array.dtype) if isinstance(data, TensorBase) else dtype
        if own != dtype:
            raise TypeError(
                f"{name}: expected data of {dtype}, got a tensor of {own}. Mend: .to({dtype})"
            )
        if isinstance(data, TensorBase):
            return _alias(data.to(device=device))  # type: ignore[attr-defined]
        if isinstance(data, (float, complex, str)):
            raise TypeError(
                f"{name}: expected sizes, or a sequence of data, got {data!r:.40}. "
                f"Mend: autograd_core.tensor({data!r:.40}) makes a tensor of one number."
            )
        return tensor(data, dtype=dtype, device=device)
    shape = sizes(name, size) if size else (0,)
    if min(shape, default=0) < 0:
        raise RuntimeError(f"{name}: sizes must not be negative, got {shape}")
    backend, where = place(device)
    return finish(backend.empty(shape, dtype.numpy, where), False)


def _alias(data: Any) -> Tensor:
    """A tensor on the same memory and in the same graph."""
    return data.detach() if data._node is None else data.view_as(data)  # type: ignore[no-any-return]


def legacy_tensor(cls: type, *size: Any) -> Tensor:
    """``Tensor(2, 3)``, in the default dtype, or a tensor as it is; ``cls`` may be a class of the
    user's own."""
    made: Any
    if len(size) == 1 and isinstance(size[0], TensorBase):
        made = _alias(size[0])
    else:
        made = construct("Tensor", size, get_default_dtype())
    if cls is not TensorBase.result_type:
        made.__class__ = cls
    return made


class TensorType:
    """A constructor of tensors of one dtype on one kind of device, as ``torch.FloatTensor``; also
    something for ``isinstance`` and ``x.type()``.

    Called with sizes, it gives uninitialised memory; called with a sequence or an array, a tensor
    of that data. Newer programs say ``tensor(data, dtype=...)``.

    Args:
        name: the name in PyTorch, without ``torch.``.
        dtype: of the tensors.
        device: where they are made.

    Raises:
        TypeError: a tensor of another dtype, or one number that is no size.
        RuntimeError: a size is negative.

    Source: PyTorch, ``torch.Tensor``, on data types.

    Example:
        >>> import autograd_core as ag
        >>> ag.LongTensor([1, 2]), ag.FloatTensor(2, 3).shape
        (tensor([1, 2]), autograd_core.Size([2, 3]))
        >>> isinstance(ag.ones(2), ag.FloatTensor), isinstance(ag.ones(2), ag.LongTensor)
        (True, False)
    """

    def __init__(self, name: str, dtype: DType, device: str) -> None:
        self.__name__ = name
        self.dtype = dtype
        self.device = device

    def __call__(self, *size: Any) -> Tensor:
        return construct(self.__name__, size, self.dtype, self.device)

    def __instancecheck__(self, value: Any) -> bool:
        if not isinstance(value, TensorBase):
            return False
        array = value._array
        return (
            from_numpy_dtype(array.dtype) == self.dtype
            and backend_of(array).device_type == self.device
        )

    def __repr__(self) -> str:
        return f"<class 'autograd_core.{self.__name__}'>"


# PyTorch's older name of each dtype.
OLD_NAMES = {
    "float32": "Float", "float64": "Double", "float16": "Half", "bfloat16": "BFloat16",
    "int64": "Long", "int32": "Int", "int16": "Short", "int8": "Char", "uint8": "Byte",
    "bool": "Bool", "complex64": "ComplexFloat", "complex128": "ComplexDouble",
}  # fmt: skip


def tensor_types(prefix: str, device: str) -> dict[str, TensorType]:
    """``FloatTensor`` and its like by their names, for tensors on ``device``."""
    return {
        f"{old}Tensor": TensorType(f"{prefix}{old}Tensor", as_dtype(new), device)
        for new, old in OLD_NAMES.items()
    }


class _AnyTensor(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, TensorBase)


class Variable(metaclass=_AnyTensor):
    """A tensor that stands where ``data`` stands in memory, as a leaf; a tensor is one today.

    Args:
        data: the tensor.
        requires_grad: whether gradients are recorded.
        volatile: without effect, as in PyTorch.

    Raises:
        TypeError: ``data`` is no tensor.

    Source: PyTorch, ``torch.autograd.Variable``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.autograd.Variable(ag.ones(2), requires_grad=True)
        >>> x, isinstance(x, ag.autograd.Variable)
        (tensor([1., 1.], requires_grad=True), True)
    """

    def __new__(cls, data: Any, requires_grad: bool = False, volatile: Any = None) -> Any:
        if not isinstance(data, TensorBase):
            raise TypeError(f"Variable: data must be a tensor, got {type(data).__name__}")
        return data.detach().requires_grad_(requires_grad)  # type: ignore[attr-defined]
