"""Nested objects taken apart into arrays with names and a description in JSON, and put together.

The arrays become the entries of a safetensors file under names that other programs understand (a
state dict keeps its own); the description, how they are nested and the plain values between them,
stands in the file's metadata, with checksums that tell a damaged file from a sound one.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core import dtypes
from autograd_core.backends.device import device as Device
from autograd_core.backends.registry import backend_of
from autograd_core.errors import CheckpointError
from autograd_core.files.placing import Placer
from autograd_core.files.safetensors import CODES
from autograd_core.later import Later
from autograd_core.layouts import copied, memory_order
from autograd_core.size import Size
from autograd_core.tensor import Tensor

FORMAT = "autograd_core"  # the metadata entry that holds nesting, values and checksums
CHECKSUM = "autograd_core.crc32"  # the checksum of that entry
NON_FINITE = ("nan", "inf", "-inf")
DEPTH = 200  # of nesting; Python's own limit lies not far beyond
VERSION = 2  # of the description; the first had plain dicts and tensors only
DICTS: dict[str, type[dict]] = {"ordered": OrderedDict, "counter": Counter, "dict": dict}
PARAMETER = Later("autograd_core.nn.parameter", "Parameter")


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
            "version": VERSION,
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

    def pack(self, value: Any, path: tuple[Any, ...]) -> Any:
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
            return self._dict(value, path)
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

    def _dict(self, value: dict, path: tuple[Any, ...]) -> dict[str, Any]:
        for key in value:
            if not _is_key(key):
                raise TypeError(
                    f"save: the key {key!r} of {_shown(path)} is a {type(key).__name__}; expected a"
                    " string, a number, a bool, None, or a tuple of these"
                )
        kind = next(kind for kind, made in DICTS.items() if isinstance(value, made))
        node = {
            kind: [
                [self.pack(key, path), self.pack(entry, path + (key,))]
                for key, entry in value.items()
            ]
        }
        if kind == "ordered" and hasattr(value, "_metadata"):  # the versions of modules
            node["metadata"] = self.pack(value._metadata, path + ("_metadata",))
        return node

    def _tensor(self, value: Tensor, path: tuple[Any, ...]) -> dict[str, Any]:
        array = backend_of(value._array).to_numpy(value._array)
        node: dict[str, Any] = {"device": str(value.device)}
        order = memory_order(value._array)
        if order is not None and order != tuple(range(len(order))):
            node["order"] = list(order)
        if value.requires_grad:
            node["requires_grad"] = True
        if type(value) is not Tensor and isinstance(value, PARAMETER.load()):
            node["parameter"] = True
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


def _is_key(key: Any) -> bool:
    """Whether a dict that is saved may have the key: a plain value, or a tuple of plain values."""
    parts = key if type(key) is tuple else (key,)
    return all(part is None or isinstance(part, (str, int, float)) for part in parts)


def _memory(value: Tensor) -> Any:
    """Equal for two tensors exactly if they show the same memory in the same way."""
    if not value.numel():
        return id(value)  # every empty tensor may have the same address
    return str(value.device), value.data_ptr(), value.shape, value.stride(), value.dtype


def _shown(path: tuple[Any, ...]) -> str:
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
        if version not in (1, VERSION):
            raise CheckpointError(f"its version is {version}; this program reads up to {VERSION}")
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
        self._placed: dict[tuple[Any, ...], Tensor] = {}

    def build(self, node: Any) -> Any:
        if node is None or isinstance(node, (bool, int, float, str)):
            return node
        match node:
            case {"tensor": str(name), "device": str(device), **rest}:
                return self._tensor(name, device, **self._properties(name, rest))
            case {"ordered": list(pairs), "metadata": {**node}, **rest} if not rest:
                ordered, metadata = self.build({"ordered": pairs}), self.build(node)
                if isinstance(metadata, dict):
                    ordered._metadata = metadata
                    return ordered
            case {**only} if len(only) == 1 and (kind := next(iter(only))) in DICTS:
                return DICTS[kind](self._entries(only[kind]))
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

    def _entries(self, pairs: Any) -> dict[Any, Any]:
        if not isinstance(pairs, list):
            raise CheckpointError(f"its description has the unknown entries {str(pairs)[:60]}")
        return dict(map(self._entry, pairs))

    def _entry(self, pair: Any) -> tuple[Any, Any]:
        match pair:
            case [key, node] if _is_key(built := self.build(key)):
                return built, self.build(node)
        raise CheckpointError(f"its description has the unknown entry {str(pair)[:60]}")

    def _properties(self, name: str, rest: dict[Any, Any]) -> dict[Any, Any]:
        """What a description says of a tensor beside its name and device, if it is in order."""
        for key, value in rest.items():
            match key, value:
                case ("pairs", "complex128") | ("requires_grad" | "parameter", True):
                    continue
                case "order", [*dims] if all(type(dim) is int for dim in dims):
                    continue
            raise CheckpointError(f"the tensor {name!r} has the unknown property {key[:20]!r}")
        return rest

    def _tensor(
        self,
        name: str,
        device: str,
        pairs: str = "",
        order: list[int] | None = None,
        requires_grad: bool = False,
        parameter: bool = False,
    ) -> Tensor:
        if name not in self.arrays:
            raise CheckpointError(f"the tensor {name!r} is missing")
        array = self.arrays[name]
        if pairs:
            if array.dtype != np.float64 or array.shape[-1:] != (2,):
                raise CheckpointError(f"the tensor {name!r} holds no complex numbers")
            array = array.view(np.complex128)[..., 0]
        if order is not None and sorted(order) != list(range(array.ndim)):
            raise CheckpointError(f"the tensor {name!r} has no order of dimensions {order[:9]}")
        if requires_grad and array.dtype.kind in "biu":
            raise CheckpointError(f"the tensor {name!r} requires a gradient and is {array.dtype}")
        key = name, pairs, None if order is None else tuple(order)
        if key not in self._placed:
            placed = self.placer(array, device, name)
            if order is not None:
                placed = Tensor._wrap(copied(placed._array, tuple(order)))
            self._placed[key] = placed
        if not requires_grad and not parameter:
            return self._placed[key]
        leaf = *key, requires_grad, parameter  # other tensors may look at its memory, as it was
        if leaf not in self._placed:
            plain = self._placed[key]
            self._placed[leaf] = (
                PARAMETER.load()(plain, requires_grad)
                if parameter
                else plain.detach().requires_grad_()
            )
        return self._placed[leaf]
