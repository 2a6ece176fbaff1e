"""What the pickle in a file of ``torch.save`` may name, and what each name stands for here.

A tensor is a call that names a piece of memory, an offset, sizes and strides, all of which are
checked before an array looks there.
"""

from __future__ import annotations

import math
from argparse import Namespace
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any, NoReturn

from autograd_core import dtypes
from autograd_core.backends.registry import backend_of
from autograd_core.errors import CheckpointError
from autograd_core.files.numpy_pickles import NUMPY_NAMES
from autograd_core.files.packing import PARAMETER
from autograd_core.files.pickle_reader import Name, called, members
from autograd_core.size import Size
from autograd_core.tensor import Tensor

_STORAGES = {
    "Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16",
    "Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8",
    "Bool": "bool", "ComplexDouble": "complex128", "ComplexFloat": "complex64",
}  # fmt: skip
_DTYPES = (
    "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
    "uint16", "uint32", "uint64", "bool", "complex128", "complex64",
)  # fmt: skip
_MISSING_DTYPES = (
    "complex32", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz",
    "float8_e8m0fnu", "float4_e2m1fn_x2",
)  # fmt: skip
UNTYPED = "torch._utils._rebuild_tensor_v3"  # the tensors whose memory has no type of its own


def refused(what: str) -> Callable[..., NoReturn]:
    """What stands for a name that is known, and that nothing can be made of."""

    def refuse(*arguments: Any) -> NoReturn:
        raise CheckpointError(f"it holds {what}, which there is not here")

    return refuse


def pytorch_names() -> dict[str, Any]:
    """Each name with a function that makes the value of its call, or with its value."""
    names: dict[str, Any] = {
        "collections.OrderedDict": lambda pairs=(): OrderedDict(_keyed(pairs)),
        "collections.Counter": lambda pairs=(): Counter(dict(_keyed(pairs))),
        "collections.defaultdict": lambda *_: {},
        "argparse.Namespace": lambda: Namespace(),
        "torch.Size": lambda sizes=(): Size(sizes),
        "torch.device": lambda *parts: ":".join(map(str, parts)),
        **TENSORS,
        "torch.UntypedStorage": dtypes.uint8,
        "torch.storage.UntypedStorage": dtypes.uint8,
        **NUMPY_NAMES,
    }
    for name in ("torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer"):
        names[name] = refused(f"a {name} described in an unknown way")
    for module in ("builtins", "__builtin__"):
        names[f"{module}.set"] = lambda items=(): set(members(items))
        names[f"{module}.frozenset"] = lambda items=(): frozenset(members(items))
        names[f"{module}.complex"] = lambda real=0.0, imag=0.0: complex(float(real), float(imag))
        names[f"{module}.slice"] = lambda *parts: slice(*parts)
        names[f"{module}.bytes"] = lambda data=b"": _bytes(data)  # (how b"" is described)
        names[f"{module}.bytearray"] = lambda data=b"", *_: bytearray(_bytes(data))
        names[f"{module}.list"] = lambda items=(): list(items)
        for kind in ("dict", "int", "long", "float", "bool", "str", "tuple"):  # of a defaultdict
            names[f"{module}.{kind}"] = refused(f"a call of {kind}")
    for name in _DTYPES:
        names[f"torch.{name}"] = dtypes.as_dtype(name)
    for name in _MISSING_DTYPES:
        names[f"torch.{name}"] = refused(f"the type torch.{name}")
    for name in ("QUInt8", "QInt8", "QInt32", "QUInt4x2", "QUInt2x4"):
        names[f"torch.{name}Storage"] = refused("a quantized tensor")
    for name, of in _STORAGES.items():
        names[f"torch.{name}Storage"] = dtypes.as_dtype(of)
    return names


def _keyed(pairs: Any) -> list[tuple[Any, Any]]:
    pairs = [tuple(pair) for pair in (pairs.items() if isinstance(pairs, dict) else pairs)]
    return list(zip(members([key for key, _ in pairs]), [value for _, value in pairs]))


def _bytes(data: Any) -> bytes:
    if isinstance(data, str):
        return data.encode("latin1")
    if not isinstance(data, (bytes, bytearray, list)):  # bytearray(10**12) would take the memory
        raise CheckpointError(f"bytes are described by a {type(data).__name__}")
    return bytes(data)


def _tensor(
    memory: Any, offset: Any, size: Any, stride: Any, requires_grad: Any = False, hooks: Any = None,
    bits: Any = None,
) -> Tensor:  # fmt: skip
    if not isinstance(memory, Tensor):
        raise CheckpointError("a tensor has no memory")
    return _leaf(
        _with_bits(_seen(memory, memory._array, offset, size, stride), bits), requires_grad
    )


def _tensor_of_bytes(
    memory: Any, offset: Any, size: Any, stride: Any, requires_grad: Any, hooks: Any, dtype: Any,
    bits: Any = None,
) -> Tensor:  # fmt: skip
    if isinstance(dtype, Name):
        dtype.call()
    if not isinstance(memory, Tensor) or not isinstance(dtype, dtypes.dtype):
        raise CheckpointError("a tensor has no memory or no type")
    seen = _seen(memory, memory._array.view(dtype.numpy), offset, size, stride)
    return _leaf(_with_bits(seen, bits), requires_grad)


def _seen(memory: Tensor, flat: Any, offset: Any, size: Any, stride: Any) -> Tensor:
    """The tensor that sees the memory so; the tensors of one memory share it."""
    numbers = (offset, *size, *stride)
    if len(size) != len(stride) or not all(type(n) is int and n >= 0 for n in numbers):
        raise CheckpointError(f"a tensor has size {size}, stride {stride} and offset {offset}")
    last = offset + sum((n - 1) * step for n, step in zip(size, stride))
    if math.prod(size) and last >= flat.size:
        raise CheckpointError(
            f"a tensor of size {tuple(size)} and stride {tuple(stride)} does not fit into its"
            f" memory of {flat.size} elements"
        )
    strides = tuple(step * flat.itemsize for step in stride)
    start = flat[min(offset, flat.size) :]
    view = backend_of(flat).xp.lib.stride_tricks.as_strided(start, tuple(size), strides)
    result: Tensor = Tensor._wrap(view)
    result._counter = memory._version_counter()  # a write through one is one to all
    return result


def _with_bits(data: Any, bits: Any) -> Any:
    """PyTorch conjugates and negates without touching the memory, and notes it beside it."""
    if not bits:
        return data
    if not isinstance(bits, dict) or not set(bits) <= {"conj", "neg"}:
        raise CheckpointError(f"a tensor has the unknown property {str(bits)[:60]}")
    data = data.conj() if bits.get("conj") else data
    return -data if bits.get("neg") else data


def _leaf(data: Any, requires_grad: Any, *more: Any) -> Tensor:
    """The tensor as a leaf, which requires a gradient if it did."""
    if not isinstance(data, Tensor) or (requires_grad and data._array.dtype.kind in "biu"):
        raise CheckpointError("a parameter is no tensor of real or complex numbers")
    return data.requires_grad_(bool(requires_grad))


def _parameter(data: Any, requires_grad: Any, *more: Any) -> Tensor:
    return PARAMETER.load()(_leaf(data, requires_grad), bool(requires_grad))


TENSORS: dict[str, Any] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    UNTYPED: _tensor_of_bytes,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch._tensor._rebuild_from_type_v2": lambda function, kind, arguments, state: called(
        function, arguments
    ),
    "torch.serialization._get_layout": refused("a sparse tensor"),
    "torch._utils._rebuild_sparse_tensor": refused("a sparse tensor"),
    "torch._utils._rebuild_nested_tensor": refused("a nested tensor"),
    "torch._utils._rebuild_qtensor": refused("a quantized tensor"),
    "torch._utils._rebuild_meta_tensor_no_storage": refused("a tensor of the device meta"),
}
