"""Nested objects taken apart into arrays with names and a description in JSON, and put together.

The arrays become the entries of a safetensors file under names that other programs understand (a
state dict keeps its own); the description, how they are nested and the plain values between them,
stands in the file's metadata, with checksums that tell a damaged file from a sound one.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core import dtypes
from autograd_core.backends.device import device as Device
from autograd_core.backends.registry import backend_of
from autograd_core.errors import CheckpointError
from autograd_core.files.placing import Placer
from autograd_core.files.safetensors import CODES
from autograd_core.size import Size
from autograd_core.tensor import Tensor

FORMAT = "autograd_core"  # the metadata entry that holds nesting, values and checksums
CHECKSUM = "autograd_core.crc32"  # the checksum of that entry
NON_FINITE = ("nan", "inf", "-inf")
DEPTH = 200  # of nesting; Python's own limit lies not far beyond


def pack(obj: Any) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays in ``obj`` by name, and the metadata that ``unpack`` needs.

    Raises:
        TypeError: something in ``obj`` cannot be stored.
        ValueError: ``obj`` contains itself.
    """
    packer = _Packer()
    structure = packer.pack(obj, ())
    description = json.dumps(
        {
            "version": 1,
            "structure": structure,
            "crc32": {name: checksum(array) for name, array in packer.arrays.items()},
        },
        allow_nan=False,
    )
    crc32 = str(zlib.crc32(description.encode()))
    return packer.arrays, {"format": "pt", FORMAT: description, CHECKSUM: crc32}


def checksum(array: np.ndarray) -> int:
    """CRC-32 of the type, the shape and the bytes."""
    kind = f"{array.dtype.name} {tuple(array.shape)}".encode()
    return zlib.crc32(array.reshape(-1).view(np.uint8).data, zlib.crc32(kind))


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
            return self._tensor(value, path)
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
        if type(value) in (list, tuple, Size):
            kind = type(value).__name__.lower()
            return {kind: [self.pack(entry, path + (i,)) for i, entry in enumerate(value)]}
        match value:
            case bytes():
                return {"bytes": base64.b64encode(value).decode()}
            case complex():
                return {"complex": [repr(value.real), repr(value.imag)]}
            case dtypes.dtype():
                return {"dtype": value.name}
            case Device():
                return {"device": str(value)}
        raise TypeError(
            f"save: {_shown(path)} is a {type(value).__name__}; expected a tensor, None, a bool,"
            " number, string or bytes, a dtype or device, or a dict, list or tuple of these. For a"
            " module or an optimizer save its state_dict(), for a NumPy array ag.tensor(array), for"
            " a NumPy number its .item()"
        )

    def _tensor(self, value: Tensor, path: tuple[str | int, ...]) -> dict[str, str]:
        array = backend_of(value._array).to_numpy(value._array)
        node = {"device": str(value.device)}
        if array.dtype == np.complex128:  # which the format lacks: pairs of float64
            array = np.ascontiguousarray(array).view(np.float64).reshape(*array.shape, 2)
            node["pairs"] = "complex128"
        memory = _memory(value)
        if memory in self._names:
            return {"tensor": self._names[memory], **node}
        if array.dtype.name not in CODES:
            raise TypeError(
                f"save: the tensor at {_shown(path)} has dtype {value.dtype}, which safetensors"
                f" cannot hold; expected one of {', '.join(CODES)}"
            )
        name = wanted = ".".join(map(str, path)) or "tensor"
        number = 1
        while name in self.arrays or name == "__metadata__":
            number += 1
            name = f"{wanted}~{number}"
        self.arrays[name] = np.ascontiguousarray(array).reshape(array.shape)
        self._names[memory] = name
        self._kept.append(value)
        return {"tensor": name, **node}


def _memory(value: Tensor) -> Any:
    """Equal for two tensors exactly if they show the same memory in the same way."""
    if not value.numel():
        return id(value)  # every empty tensor may have the same address
    return str(value.device), value.data_ptr(), value.shape, value.stride(), value.dtype


def _shown(path: tuple[str | int, ...]) -> str:
    return "obj" + "".join(f"[{part!r}]" for part in path)


def unpack(arrays: dict[str, np.ndarray], metadata: dict[str, str], placer: Placer) -> Any:
    """The object that ``pack`` took apart. Whatever the metadata hold, no code of theirs runs.

    The checksums of arrays that are mapped are not looked at, since that would read them all.

    Raises:
        CheckpointError: a checksum is wrong, or the description is not what ``pack`` makes.
    """
    if FORMAT not in metadata:
        return {name: placer(array, "cpu", name) for name, array in arrays.items()}
    if metadata.get(CHECKSUM) != str(zlib.crc32(metadata[FORMAT].encode())):
        raise CheckpointError("the checksum of its description is wrong")
    try:
        description = json.loads(metadata[FORMAT])
        version, checksums = description["version"], description["crc32"]
        structure = description["structure"]
        if version != 1:
            raise CheckpointError(f"its version is {version}; this program reads version 1")
        for name, array in arrays.items():
            sound = placer.mapped or checksums[name] == checksum(array)
            if name not in checksums or not sound:
                raise CheckpointError(f"the checksum of the tensor {name!r} is wrong")
    except CheckpointError:
        raise
    except (KeyError, TypeError, AttributeError, RecursionError, ValueError) as error:
        raise CheckpointError(f"its description is not what save writes: {error}") from None
    try:
        return _Builder(arrays, placer).build(structure)
    except RecursionError:
        raise CheckpointError("its description is nested too deep") from None


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "complex": lambda parts: complex(*map(float, parts)),
    "bytes": lambda text: base64.b64decode(text, validate=True),
    "dtype": dtypes.as_dtype,
    "device": Device,
}


class _Builder:
    """Puts together what `_Packer` took apart."""

    def __init__(self, arrays: dict[str, np.ndarray], placer: Placer) -> None:
        self.arrays, self.placer = arrays, placer
        self._placed: dict[tuple[str, str], Tensor] = {}

    def build(self, node: Any) -> Any:
        if node is None or isinstance(node, (bool, int, float, str)):
            return node
        match node:
            case {"tensor": str(name), "device": str(device), **rest}:
                return self._tensor(name, device, rest.get("pairs", ""))
            case {"dict": list(pairs)}:
                return dict(map(self._entry, pairs))
            case {"list": list(entries)}:
                return [self.build(entry) for entry in entries]
            case {"tuple": list(entries)}:
                return tuple(self.build(entry) for entry in entries)
            case {"size": list(entries)} if all(type(n) is int for n in entries):
                return Size(entries)
            case {"float": str(text)} if text in NON_FINITE:
                return float(text)
            case {**only} if len(only) == 1 and (kind := next(iter(only))) in _PLAIN:
                try:
                    return _PLAIN[kind](only[kind])
                except (AttributeError, RuntimeError, TypeError, ValueError) as error:
                    raise CheckpointError(f"it describes a {kind} wrongly: {error}") from None
        raise CheckpointError(f"its description has the unknown part {str(node)[:60]}")

    def _entry(self, pair: Any) -> tuple[str | int, Any]:
        match pair:
            case [str() | int() as key, node]:
                return key, self.build(node)
        raise CheckpointError(f"its description has the unknown entry {str(pair)[:60]}")

    def _tensor(self, name: str, device: str, pairs: Any) -> Tensor:
        if name not in self.arrays:
            raise CheckpointError(f"the tensor {name!r} is missing")
        array = self.arrays[name]
        if pairs:
            if pairs != "complex128" or array.dtype != np.float64 or array.shape[-1:] != (2,):
                raise CheckpointError(f"the tensor {name!r} holds no complex numbers")
            array = array.view(np.complex128)[..., 0]
        key = name, str(pairs)
        if key not in self._placed:
            self._placed[key] = self.placer(array, device, name)
        return self._placed[key]
