"""Reading the files of ``torch.save``, without PyTorch and without running what is in them.

Such a file is a pickle that describes the objects, beside the raw bytes of the tensors' memory: in
a zip archive since PyTorch 1.6, one after the other before. The pickle is only read (see
`pickle_reader`); a tensor in it is a call that names a piece of memory, an offset, sizes and
strides, all of which are checked before an array looks there.
"""

from __future__ import annotations

import io
import math
import pickletools
import struct
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core import dtypes
from autograd_core.backends.registry import backend_of
from autograd_core.errors import CheckpointError
from autograd_core.numpy_pickles import NUMPY_NAMES
from autograd_core.pickle_reader import PickleReader, called, members
from autograd_core.size import Size
from autograd_core.tensor import Tensor

ZIP = b"PK\x03\x04"
MAGIC = 0x1950A86A20F9469CFC6C  # the first object of a file from before PyTorch 1.6
LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # its pickle

_STORAGES = {
    "Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16",
    "Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8",
    "Bool": "bool", "ComplexDouble": "complex128", "ComplexFloat": "complex64",
}  # fmt: skip
_DTYPES = (
    "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
    "uint16", "uint32", "uint64", "bool", "complex128", "complex64",
)  # fmt: skip

# What zipfile raises for a damaged archive.
_DAMAGE = (zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError, struct.error)

Place = Callable[[Any], Tensor]


class Storage:
    """A piece of memory that tensors of the file look at.

    Args:
        array: its elements, or its bytes where it has no type.
        place: puts an array on the wanted device, as a tensor.
    """

    def __init__(self, array: Any, place: Place) -> None:
        self.array, self._place = array, place
        self._placed: dict[str, Tensor] = {}

    def tensor(self, offset: Any, size: Any, stride: Any, dtype: Any = None) -> Tensor:
        """The tensor that sees the memory so; tensors of one storage share it."""
        array = self.array if dtype is None else self.array.view(dtype.numpy)
        numbers = (offset, *size, *stride)
        if len(size) != len(stride) or not all(type(n) is int and n >= 0 for n in numbers):
            raise CheckpointError(f"a tensor has size {size}, stride {stride} and offset {offset}")
        last = offset + sum((n - 1) * step for n, step in zip(size, stride))
        if math.prod(size) and last >= array.size:
            raise CheckpointError(
                f"a tensor of size {tuple(size)} and stride {tuple(stride)} does not fit into its"
                f" memory of {array.size} elements"
            )
        key = array.dtype.name
        if key not in self._placed:
            self._placed[key] = self._place(array)
        memory = self._placed[key]
        flat = memory._array
        strides = tuple(step * array.itemsize for step in stride)
        start = flat[min(offset, flat.size) :]
        view = backend_of(flat).xp.lib.stride_tricks.as_strided(start, tuple(size), strides)
        result: Tensor = Tensor._wrap(view)
        result._counter = memory._version_counter()  # a write through one is one to all
        return result


def read_pytorch(content: bytes, place: Place) -> Any:
    """The object in a file of ``torch.save``.

    Args:
        content: the whole file.
        place: makes a tensor of a NumPy array, on the wanted device.

    Raises:
        CheckpointError: the file is damaged, cut short, or holds what is no tensor or plain value.
    """
    if content.startswith(ZIP):
        return _read_archive(content, place)
    return _read_legacy(content, place)


def _read_archive(content: bytes, place: Place) -> Any:
    """PyTorch 1.6 and later: data.pkl, and the memory of each storage as data/KEY."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = {entry.filename: entry for entry in archive.infolist()}
        (pickle,) = [name for name in entries if name.endswith("data.pkl")]
    except _DAMAGE as error:
        raise CheckpointError(f"it is no archive of torch.save ({error})") from None
    folder = pickle.removesuffix("data.pkl")

    def record(name: str) -> bytes:
        entry = entries.get(folder + name)
        if entry is None:
            raise CheckpointError(f"its record {name!r} is missing")
        if entry.compress_type != zipfile.ZIP_STORED:  # torch.save never compresses: a bomb?
            raise CheckpointError(f"its record {name!r} is compressed")
        try:
            return archive.read(entry)
        except _DAMAGE as error:
            raise CheckpointError(f"its record {name!r} is damaged: {error}") from None

    big = folder + "byteorder" in entries and record("byteorder") == b"big"
    storages: dict[str, Storage] = {}

    def persistent(reference: Any) -> Storage:
        kind, key, count = _reference(reference)
        if key not in storages:
            array = _elements(record(f"data/{key}"), kind, big)
            if array.size != count:
                raise CheckpointError(
                    f"its record 'data/{key}' has {array.size} of {count} elements"
                )
            storages[key] = Storage(array, place)
        return storages[key]

    return PickleReader(_names(), persistent).read(record("data.pkl"))


def _read_legacy(content: bytes, place: Place) -> Any:
    """Before PyTorch 1.6: five pickles (magic number, version, system, object, keys of the
    storages), and then the storages, each with its number of elements in front."""
    ends = []
    position = 0
    for _ in range(5):
        position = _end(content, position)
        ends.append(position)
    kinds: dict[str, tuple[Any, int]] = {}

    def note(reference: Any) -> Any:
        kind, key, count = _reference(reference)
        kinds[key] = kind, count
        return Storage(np.zeros(0, np.uint8), place)

    plain = PickleReader({}, note)
    if plain.read(content[: ends[0]]) != MAGIC:
        raise CheckpointError("it does not start as a file of torch.save")
    keys = plain.read(content[ends[3] : ends[4]])
    description = content[ends[2] : ends[3]]
    unbuilt = dict.fromkeys(_TENSORS, lambda *arguments: None)
    PickleReader({**_names(), **unbuilt}, note).read(description)
    storages = {}
    if not isinstance(keys, list):
        raise CheckpointError("the list of its storages is damaged")
    for key in keys:
        if not isinstance(key, str) or key not in kinds:
            raise CheckpointError(f"nothing is known of its storage {key!r}")
        kind, count = kinds[key]
        number = int.from_bytes(content[position : position + 8], "little")
        size = number * (1 if kind is None else kind.numpy.itemsize)
        position += 8 + size
        if number != count or position > len(content):
            raise CheckpointError(f"its storage {key!r} is cut short")
        storages[key] = Storage(_elements(content[position - size : position], kind, False), place)

    def persistent(reference: Any) -> Storage:
        _, key, _ = _reference(reference)
        return storages[key]

    return PickleReader(_names(), persistent).read(description)


def _end(content: bytes, start: int) -> int:
    """Where the pickle that starts at ``start`` ends."""
    stream = io.BytesIO(content)
    stream.seek(start)
    try:
        for _ in pickletools.genops(stream):
            pass
    except ValueError as error:
        raise CheckpointError(f"its pickle is damaged: {error}") from None
    return stream.tell()


def _reference(reference: Any) -> tuple[Any, str, int]:
    """Type (None for bytes), key and number of elements of the storage that is referred to."""
    match reference:
        case ("storage", None | dtypes.dtype() as kind, str(key), _, int(count)):
            return kind, key, count
        case ("storage", None | dtypes.dtype() as kind, str(key), _, int(count), None):
            return kind, key, count  # the older form, of a whole storage
    raise CheckpointError(f"its reference {str(reference)[:60]} to memory is unknown")


def _elements(data: bytes, kind: Any, big: bool) -> Any:
    dtype = np.dtype(np.uint8) if kind is None else kind.numpy
    if len(data) % dtype.itemsize:
        raise CheckpointError(f"a storage of {dtype} has {len(data)} bytes")
    if big:
        whole = np.frombuffer(data, np.dtype(f"V{dtype.itemsize}"))
        half = dtype.itemsize // (2 if dtype.kind == "c" else 1)
        return whole.view(f"u{half}").byteswap().view(dtype)
    return np.frombuffer(data, dtype)


def _names() -> dict[str, Any]:
    """What the pickle may name."""
    names: dict[str, Any] = {
        "collections.OrderedDict": lambda pairs=(): OrderedDict(_keyed(pairs)),
        "collections.Counter": lambda pairs=(): Counter(dict(_keyed(pairs))),
        "collections.defaultdict": lambda *_: {},
        "torch.Size": lambda sizes=(): Size(sizes),
        "torch.device": lambda *parts: ":".join(map(str, parts)),
        **_TENSORS,
        "torch.nn.parameter.Parameter": None,
        "torch.nn.parameter.Buffer": None,
        "torch.Tensor": None,
        "torch.storage.UntypedStorage": None,
        "torch.UntypedStorage": None,
        "_codecs.encode": lambda text, encoding="latin1": text.encode("latin1"),
        **NUMPY_NAMES,
    }
    for module in ("builtins", "__builtin__"):
        names[f"{module}.set"] = lambda items=(): set(members(items))
        names[f"{module}.frozenset"] = lambda items=(): frozenset(members(items))
        names[f"{module}.complex"] = lambda real=0.0, imag=0.0: complex(float(real), float(imag))
        names[f"{module}.slice"] = lambda *parts: slice(*parts)
        names[f"{module}.bytearray"] = lambda data=b"", *_: bytearray(_bytes(data))
        names[f"{module}.list"] = lambda items=(): list(items)
        names[f"{module}.dict"] = None
    for name in _DTYPES:
        names[f"torch.{name}"] = dtypes.as_dtype(name)
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
    storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any = False, *more: Any
) -> Tensor:
    if not isinstance(storage, Storage):
        raise CheckpointError("a tensor has no memory")
    return _leaf(storage.tensor(offset, size, stride), requires_grad)


def _tensor_of_bytes(
    storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any, hooks: Any, dtype: Any,
    *more: Any,
) -> Tensor:  # fmt: skip
    if not isinstance(storage, Storage) or not isinstance(dtype, dtypes.dtype):
        raise CheckpointError("a tensor has no memory or no type")
    return _leaf(storage.tensor(offset, size, stride, dtype), requires_grad)


def _leaf(data: Any, requires_grad: Any, *more: Any) -> Tensor:
    """The tensor as a leaf: what a parameter becomes, and a tensor that required grad."""
    if not isinstance(data, Tensor) or (requires_grad and data._array.dtype.kind in "biu"):
        raise CheckpointError("a parameter is no tensor of real or complex numbers")
    return data.requires_grad_(bool(requires_grad))


_TENSORS: dict[str, Any] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor_of_bytes,
    "torch._utils._rebuild_parameter": _leaf,
    "torch._utils._rebuild_parameter_with_state": _leaf,
    "torch._tensor._rebuild_from_type_v2": lambda function, kind, arguments, state: called(
        function, arguments
    ),
}
