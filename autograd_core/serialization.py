"""Saving and loading: state dicts and whole checkpoints as safetensors files.

A safetensors file is a JSON header and the bytes of the tensors, so loading one never runs code.
Tensors become entries of the file under names that other programs understand (a state dict keeps
its own); how they are nested, and the plain values between them, stand in the file's metadata,
with checksums that tell a damaged file from a sound one.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

import ml_dtypes
import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import CheckpointError, DeviceError
from autograd_core.files import replacing
from autograd_core.from_data import tensor
from autograd_core.npz import is_npz, read_npz, write_npz
from autograd_core.pytorch_files import LEGACY, ZIP, read_pytorch
from autograd_core.tensor import Tensor

FORMAT = "autograd_core"  # the metadata entry that holds nesting, values and checksums
CHECKSUM = "autograd_core.crc32"  # the checksum of that entry
DTYPES = {
    "BOOL": np.bool_,
    "U8": np.uint8,
    "I8": np.int8,
    "U16": np.uint16,
    "I16": np.int16,
    "U32": np.uint32,
    "I32": np.int32,
    "U64": np.uint64,
    "I64": np.int64,
    "F16": np.float16,
    "BF16": ml_dtypes.bfloat16,
    "F32": np.float32,
    "F64": np.float64,
    "C64": np.complex64,
}
CODES = {np.dtype(kind).name: code for code, kind in DTYPES.items()}
NON_FINITE = ("nan", "inf", "-inf")
DEPTH = 200  # of nesting; Python's own limit lies not far beyond


def save(obj: Any, f: str | os.PathLike[str] | BinaryIO) -> None:
    """Save tensors and plain values in a file.

    The file is written beside its place and moved there when it is complete, so a crash or a full
    disk leaves an older file as it was. A tensor that appears more than once, as tied weights do,
    is stored once and comes back as one tensor.

    Args:
        obj: A tensor, None, a bool, number or string, or a dict (with strings or whole numbers as
            keys), list or tuple of these, nested as you like: a state dict, or a dict of several.
        f: The path of the file, or an object with a ``write`` method for bytes. A path that ends in
            ``.npz`` makes a NumPy archive, which holds a dict from names to tensors only.

    Raises:
        TypeError: Something in ``obj`` is of another type; the message says where.
        ValueError: ``obj`` contains itself.
        ImportError: The package ``safetensors`` is not installed.

    Source: torch.save's name and use; the format is safetensors, https://github.com/huggingface/safetensors.

    Example:
        >>> import tempfile, pathlib
        >>> import autograd_core as ag
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "state.safetensors")
        ...     ag.save({"epoch": 3, "weight": ag.tensor([1.0, 2.0])}, path)
        ...     ag.load(path)
        {'epoch': 3, 'weight': tensor([1., 2.])}
    """
    if not hasattr(f, "write") and Path(f).suffix == ".npz":
        with replacing(Path(f), "save") as temporary:
            write_npz(obj, temporary)
        return
    numpy_format = _safetensors().numpy
    packer = _Packer()
    structure = packer.pack(obj, ())
    description = json.dumps(
        {
            "version": 1,
            "structure": structure,
            "crc32": {name: _checksum(array) for name, array in packer.arrays.items()},
        },
        allow_nan=False,
    )
    checksum = str(zlib.crc32(description.encode()))
    metadata = {"format": "pt", FORMAT: description, CHECKSUM: checksum}
    if hasattr(f, "write"):
        f.write(numpy_format.save(packer.arrays, metadata))
        return
    with replacing(Path(f), "save") as temporary:
        numpy_format.save_file(packer.arrays, temporary, metadata)


def load(
    f: str | os.PathLike[str] | BinaryIO, map_location: Any = None, *, weights_only: bool = True
) -> Any:
    """Load what `save` wrote, the tensors of any safetensors file, or a file of PyTorch or NumPy.

    What the file is, it says itself: safetensors, the archive of ``torch.save`` (``.pt``, ``.pth``,
    also from before PyTorch 1.6), or that of ``numpy.savez``. PyTorch need not be installed, and
    the pickle in its files is read, never run.

    Args:
        f: The path of the file, or an object with a ``read`` method for bytes.
        map_location: The device to put every tensor on (default: the one it was saved from; the
            CPU for a file of another program).
        weights_only: Accepted as True for PyTorch's sake: nothing in a file is ever run.

    Returns:
        The saved object, with plain dicts, lists and tuples, and tensors that do not require
        gradients; for a safetensors or NumPy file of another program a dict from names to
        tensors. Parameters in a file of PyTorch become leaf tensors that require gradients.

    Raises:
        CheckpointError: The file is damaged, cut short, of an unknown kind, or describes objects
            that would have to be run to be made.
        FileNotFoundError: There is no such file.
        DeviceError: A tensor was saved from a device that this machine lacks.
        ImportError: The package ``safetensors`` is not installed.

    Source: torch.load.

    Example:
        >>> import io
        >>> import autograd_core as ag
        >>> file = io.BytesIO()
        >>> ag.save([ag.zeros(2), "two zeros"], file)
        >>> ag.load(io.BytesIO(file.getvalue()))
        [tensor([0., 0.]), 'two zeros']
    """
    if weights_only is not True:
        raise ValueError("load: weights_only=False is not supported: loading never runs code")
    if callable(map_location) or isinstance(map_location, dict):
        raise TypeError(
            f"load: map_location is a {type(map_location).__name__}; expected one device for every"
            " tensor, such as map_location='cpu'"
        )
    if hasattr(f, "read"):
        where, content = "the file", f.read()
    else:
        where, content = os.fspath(f), Path(f).read_bytes()
    if content.startswith((ZIP, LEGACY)):
        return _load_archive(where, content, "cpu" if map_location is None else map_location)
    deserialize = _safetensors().deserialize
    try:
        entries = dict(deserialize(content))
    except Exception as error:  # the library has an error class of its own for each version
        raise CheckpointError(
            f"load: {where} is not a safetensors file, or is cut short ({error})"
        ) from None
    # The library has checked the header by now, but hands out no metadata from bytes.
    metadata = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")]).get(
        "__metadata__", {}
    )
    try:
        arrays = {name: _array(entry) for name, entry in entries.items()}
        return _unpack(arrays, metadata, map_location)
    except CheckpointError as error:
        raise CheckpointError(f"load: {where} is damaged or of another kind: {error}") from None


class _Packer:
    """Takes an object apart into arrays with names and a structure that JSON can hold."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self._names: dict[Any, str] = {}  # the name under which some memory is stored already
        self._kept: list[Any] = []  # alive until saved, so that no address is used twice

    def pack(self, value: Any, path: tuple[str | int, ...]) -> Any:
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            text = repr(float(value))
            return {"float": text} if text in NON_FINITE else float(value)
        if isinstance(value, Tensor):
            return {"tensor": self._store(value, path), "device": str(value.device)}
        if len(path) >= DEPTH:
            raise ValueError(
                f"save: the object at {_shown(path[:6])}... is nested more than {DEPTH} deep;"
                " does it contain itself?"
            )
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, (str, int)) or isinstance(key, bool):
                    raise TypeError(
                        f"save: the key {key!r} of {_shown(path)} is a {type(key).__name__};"
                        " expected a string or a whole number"
                    )
            return {
                "dict": [[key, self.pack(entry, path + (key,))] for key, entry in value.items()]
            }
        if type(value) in (list, tuple):
            kind = type(value).__name__
            return {kind: [self.pack(entry, path + (i,)) for i, entry in enumerate(value)]}
        raise TypeError(
            f"save: {_shown(path)} is a {type(value).__name__}; expected a tensor, None, a bool,"
            " number or string, or a dict, list or tuple of these. For a module or an optimizer"
            " save its state_dict(), for a NumPy array ag.tensor(array), for a NumPy number its"
            " .item()"
        )

    def _store(self, value: Tensor, path: tuple[str | int, ...]) -> str:
        array = backend_of(value._array).to_numpy(value._array)
        if array.dtype.name not in CODES:
            raise TypeError(
                f"save: the tensor at {_shown(path)} has dtype {value.dtype}, which safetensors"
                f" cannot hold; expected one of {', '.join(CODES)}"
            )
        memory = _memory(value)
        if memory in self._names:
            return self._names[memory]
        name = wanted = ".".join(map(str, path)) or "tensor"
        number = 1
        while name in self.arrays or name == "__metadata__":
            number += 1
            name = f"{wanted}~{number}"
        self.arrays[name] = np.ascontiguousarray(array).reshape(array.shape)
        self._names[memory] = name
        self._kept.append(value)
        return name


def _memory(value: Tensor) -> Any:
    """Equal for two tensors exactly if they show the same memory in the same way."""
    if not value.numel():
        return id(value)  # every empty tensor may have the same address
    return str(value.device), value.data_ptr(), value.shape, value.stride(), value.dtype


def _unpack(arrays: dict[str, np.ndarray], metadata: dict[str, str], map_location: Any) -> Any:
    """The object that `_Packer` took apart. Whatever the metadata hold, no code of theirs runs."""
    tensors: dict[str, Tensor] = {}

    def place(name: str, device: Any) -> Tensor:
        if name not in arrays:
            raise CheckpointError(f"the tensor {name!r} is missing")
        if name not in tensors:
            wanted = device if map_location is None else map_location
            tensors[name] = _placed(arrays[name], wanted, name)
        return tensors[name]

    def build(node: Any) -> Any:
        if node is None or isinstance(node, (bool, int, float, str)):
            return node
        match node:
            case {"tensor": str(name), "device": str(device)}:
                return place(name, device)
            case {"dict": list(pairs)}:
                return dict(map(build_entry, pairs))
            case {"list": list(entries)}:
                return [build(entry) for entry in entries]
            case {"tuple": list(entries)}:
                return tuple(build(entry) for entry in entries)
            case {"float": str(text)} if text in NON_FINITE:
                return float(text)
        raise CheckpointError(f"its description has the unknown part {str(node)[:60]}")

    def build_entry(pair: Any) -> tuple[str | int, Any]:
        match pair:
            case [str() | int() as key, node]:
                return key, build(node)
        raise CheckpointError(f"its description has the unknown entry {str(pair)[:60]}")

    if FORMAT not in metadata:
        return {name: place(name, "cpu") for name in arrays}
    if metadata.get(CHECKSUM) != str(zlib.crc32(metadata[FORMAT].encode())):
        raise CheckpointError("the checksum of its description is wrong")
    try:
        description = json.loads(metadata[FORMAT])
        version, checksums = description["version"], description["crc32"]
        structure = description["structure"]
        if version != 1:
            raise CheckpointError(f"its version is {version}; this program reads version 1")
        for name, array in arrays.items():
            if checksums.get(name) != _checksum(array):
                raise CheckpointError(f"the checksum of the tensor {name!r} is wrong")
        return build(structure)
    except (KeyError, TypeError, AttributeError, RecursionError, json.JSONDecodeError) as error:
        raise CheckpointError(f"its description is not what save writes: {error}") from None


def _array(entry: dict[str, Any]) -> np.ndarray:
    if entry["dtype"] not in DTYPES:
        raise CheckpointError(f"it holds numbers of the unknown type {entry['dtype']}")
    return np.frombuffer(entry["data"], DTYPES[entry["dtype"]]).reshape(entry["shape"])


def _checksum(array: np.ndarray) -> int:
    """CRC-32 of the type, the shape and the bytes."""
    kind = f"{array.dtype.name} {tuple(array.shape)}".encode()
    return zlib.crc32(array.reshape(-1).view(np.uint8).data, zlib.crc32(kind))


def _shown(path: tuple[str | int, ...]) -> str:
    return "obj" + "".join(f"[{part!r}]" for part in path)


def _load_archive(where: str, content: bytes, device: Any) -> Any:
    """What is in a file of PyTorch or NumPy."""

    def place(array: np.ndarray) -> Tensor:
        return _placed(array, device)

    try:
        return (read_npz if is_npz(content) else read_pytorch)(content, place)
    except CheckpointError as error:
        raise CheckpointError(f"load: {where} cannot be loaded: {error}") from None


def _placed(array: np.ndarray, device: Any, name: str = "") -> Tensor:
    try:
        return tensor(array, device=device)
    except (RuntimeError, ValueError) as error:
        raise DeviceError(
            f"load: cannot put {f'the tensor {name!r}' if name else 'a tensor'} on {device}:"
            f" {error} (with map_location='cpu' everything is loaded on the CPU)"
        ) from None


def _safetensors() -> ModuleType:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            "save and load need the package safetensors: pip install safetensors"
        ) from error
    return safetensors
