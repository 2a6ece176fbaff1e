"""Copies, dtypes and devices: clone, contiguous, to and its shorthands."""

from __future__ import annotations

import warnings
from typing import Any

from autograd_core.backends.device import device as Device
from autograd_core.backends.registry import backend_of, get_backend
from autograd_core.base import TensorBase
from autograd_core.dtypes import as_dtype, get_default_dtype
from autograd_core.dtypes import dtype as DType
from autograd_core.layouts import copied, memory_order, order_like
from autograd_core.legacy import OLD_NAMES, TensorType
from autograd_core.op import Op
from autograd_core.registry import SMOOTH, Sample, operator


def _cast_forward(xp: Any, input: Any, dtype: Any) -> Any:
    drops = input.dtype.kind == "c" and dtype.kind not in "cb"
    return (input.real if drops else input).astype(dtype)


_cast = Op(
    "to",
    forward=_cast_forward,
    rules={"input": lambda g: g},  # the engine casts gradients to the dtype of the value
    keeps_order=True,
)


def cast(input: Any, dtype: Any) -> Any:
    """``input`` in NumPy dtype ``dtype``; itself if it has that already."""
    own = input._array.dtype
    if own == dtype:
        return input
    if own.kind == "c" and dtype.kind not in "cb":
        warnings.warn(
            f"to: {own} to {dtype} drops the imaginary part. Mend: say so with .real",
            UserWarning,
            stacklevel=3,
        )
    return _cast(input, dtype)


def as_float(input: Any) -> Any:
    """``input``; integers and booleans in the default floating-point dtype."""
    if input._array.dtype.kind in "biu":
        return _cast(input, get_default_dtype().numpy)
    return input


_clone = Op(
    "clone",
    forward=lambda xp, input, order: copied(input, order),
    rules={"input": lambda g: g},
    keeps_order=True,
)


@operator(
    "clone",
    samples=lambda make: [Sample(make(2, 3)), Sample(make())],
    reference=lambda x: x.copy(),
    convention=SMOOTH,
    aliases=("alias_copy",),
)
def clone(input: Any, *, memory_format: Any = None) -> Any:
    """A copy, with the gradient passed through.

    Args:
        input: tensor.
        memory_format: ``contiguous_format`` for a contiguous copy; by default the dimensions lie
            in memory in the order of the input's.

    Source: PyTorch, ``torch.clone``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tensor([1.0, 2.0]).clone()
        tensor([1., 2.])
    """
    return _clone(input, order_like("clone", input._array, memory_format))


@operator(
    "contiguous",
    samples=lambda make: [Sample(make(3, 2).T), Sample(make(2))],
    reference=lambda x: x,
    convention=SMOOTH,
)
def contiguous(input: Any, *, memory_format: Any = None) -> Any:
    """``input`` itself if its elements lie in order in memory, else a copy in which they do.

    Source: PyTorch, ``torch.Tensor.contiguous``.

    Example:
        >>> import autograd_core as ag
        >>> ag.ones(2, 3).T.contiguous().is_contiguous()
        True
    """
    return input if input._array.flags.c_contiguous else contiguous_copy(input)


def contiguous_copy(input: Any) -> Any:
    """A copy whose elements lie in order in memory."""
    return _clone(input, None)


def lying_as(input: Any, other: Any) -> Any:
    """``input``, a tensor or an array, with its dimensions in memory in the order of the array
    ``other``; itself if they are."""
    array = input._array if isinstance(input, TensorBase) else input
    if array.flags.c_contiguous and other.flags.c_contiguous:
        return input
    order = memory_order(other)
    return input if memory_order(array) == order else _clone(input, order)


_move = Op(
    "to_device",
    # Runs on the source's backend; the gradient comes back the same way.
    forward=lambda xp, input, target, source: transfer(input, target),
    rules={"input": lambda g, target, source: move(g, source)},
)


def transfer(array: Any, target: Device) -> Any:
    """The array on another device; itself if it is there already."""
    source = backend_of(array)
    if source.device_of(array) == target:
        return array
    return get_backend(target.type).from_numpy(source.to_numpy(array), target)


def move(value: Any, target: Device) -> Any:
    """A tensor or array on another device."""
    if not isinstance(value, TensorBase):
        return transfer(value, target)
    source = backend_of(value._array).device_of(value._array)
    if source == target:
        return value
    result = TensorBase._wrap(transfer(value._array, target))
    _move.record((value,), (target, source), [result])
    return result


def to(input: Any, *args: Any, **kwargs: Any) -> Any:
    """Change dtype and/or device; returns ``input`` itself where nothing changes.

    Args:
        args: a dtype, a device (``ag.device``, string or index), both, or another tensor to be
            like; then ``non_blocking`` and ``copy`` as in PyTorch.
        dtype, device, copy: the same by name.

    Source: PyTorch, ``torch.Tensor.to``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tensor([1, 2]).to(ag.float64)
        tensor([1., 2.], dtype=autograd_core.float64)
    """
    dtype, where = kwargs.pop("dtype", None), kwargs.pop("device", None)
    copy = kwargs.pop("copy", False)
    for unused in ("non_blocking", "memory_format"):
        kwargs.pop(unused, None)
    if kwargs:
        raise TypeError(f"to: unknown argument {next(iter(kwargs))!r}")
    flags = []
    for arg in args:
        if isinstance(arg, TensorBase):
            dtype, where = arg._array.dtype, arg.device  # type: ignore[attr-defined]
        elif isinstance(arg, bool):
            flags.append(arg)
        elif isinstance(arg, (str, Device, int)):
            where = arg
        elif arg is not None:
            dtype = arg
    copy = flags[1] if len(flags) > 1 else copy
    result = input
    if where is not None:
        target = Device(where)
        result = move(result, get_backend(target.type).resolve(target))
    if dtype is not None:
        result = cast(result, as_dtype(dtype).numpy)
    return clone(result) if copy and result is input else result


def type_as(input: Any, other: Any) -> Any:
    """``input`` in the dtype and on the device of ``other``."""
    return to(input, other)


def _shorthand(name: str, dtype: DType) -> Any:
    def function(input: Any, *, memory_format: Any = None) -> Any:
        return cast(input, dtype.numpy)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"``input.to({dtype})``. Source: PyTorch, ``torch.Tensor.{name}``."
    return function


def _dtype(name: str) -> DType:
    return as_dtype(name)


float_ = _shorthand("float", _dtype("float32"))
double = _shorthand("double", _dtype("float64"))
half = _shorthand("half", _dtype("float16"))
bfloat16 = _shorthand("bfloat16", _dtype("bfloat16"))
int_ = _shorthand("int", _dtype("int32"))
long = _shorthand("long", _dtype("int64"))
short = _shorthand("short", _dtype("int16"))
char = _shorthand("char", _dtype("int8"))
byte = _shorthand("byte", _dtype("uint8"))
bool_ = _shorthand("bool", _dtype("bool"))
cfloat = _shorthand("cfloat", _dtype("complex64"))
cdouble = _shorthand("cdouble", _dtype("complex128"))


_PLACES = [[package, *gpu] for package in ("torch", "autograd_core") for gpu in ([], ["cuda"])]


def type_(input: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The tensor's type by PyTorch's older names, such as ``"torch.FloatTensor"``; or the tensor
    in another one.

    Args:
        input: tensor.
        dtype: a dtype; or such a name, with ``cuda.`` in it for one on a GPU, or with
            ``autograd_core`` in front; or such a type.
        non_blocking: accepted as in PyTorch.

    Raises:
        ValueError: ``dtype`` is no such name.

    Source: PyTorch, ``torch.Tensor.type``.

    Example:
        >>> import autograd_core as ag
        >>> ag.ones(2).type("torch.DoubleTensor").type()
        'torch.DoubleTensor'
    """
    if dtype is None:
        where = "cuda." if input.is_cuda else ""
        return f"torch.{where}{OLD_NAMES[input.dtype.name]}Tensor"
    if isinstance(dtype, TensorType):
        return to(input, dtype.device, dtype.dtype)
    if not isinstance(dtype, str) or not dtype.endswith("Tensor"):
        return to(input, dtype)
    *place, name = dtype.split(".")
    found = {f"{old}Tensor": new for new, old in OLD_NAMES.items()}.get(name)
    if found is None or place not in _PLACES:
        raise ValueError(f"type: dtype must be a name such as 'torch.FloatTensor', got {dtype!r}")
    return to(input, "cuda" if "cuda" in place else "cpu", as_dtype(found))


def cpu(input: Any) -> Any:
    """``input.to("cpu")``."""
    return to(input, "cpu")


def cuda(input: Any, device: Any = None, non_blocking: bool = False) -> Any:
    """``input.to("cuda")``, or to one of several GPUs."""
    return to(input, "cuda" if device is None else Device(device))
