"""Reading safetensors: a JSON header with types, shapes and places, and then the bytes.

Nothing is copied here: an array looks at the file's content, be that bytes that were read or a
file that is mapped into memory.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import ml_dtypes
import numpy as np

from autograd_core.errors import CheckpointError
from autograd_core.files.placing import Content

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
_LONGEST = 100_000_000  # bytes of a header, as the format demands
_METADATA = "__metadata__"


def read_safetensors(content: Content) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays of a file by name, and its metadata.

    Raises:
        CheckpointError: it is no such file; its arrays leave a hole, overlap, or go beyond its end.
    """
    header, start = _header(content)
    metadata = header.pop(_METADATA, None)
    if metadata is None:
        metadata = {}
    elif not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise CheckpointError("its metadata are no strings")
    entries = {name: _entry(name, entry) for name, entry in header.items()}
    end = 0
    for name, (begin, stop, _, _) in sorted(entries.items(), key=lambda item: item[1][:2]):
        if begin != end:
            raise CheckpointError(f"its tensor {name!r} does not begin where the one before ends")
        end = stop
    if end != len(content) - start:
        raise CheckpointError(
            f"its tensors have {end} bytes, the file has {len(content) - start}; is it cut short?"
        )
    return {name: _array(content, start, *entry) for name, entry in entries.items()}, metadata


def _header(content: Content) -> tuple[dict[str, Any], int]:
    """The header, and where the bytes of the tensors begin."""
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > min(len(content) - 8, _LONGEST):
        raise CheckpointError("it is no safetensors file, or is cut short")
    try:
        header = json.loads(bytes(content[8 : 8 + size]).decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"it is no safetensors file ({error})") from None
    if not isinstance(header, dict):
        raise CheckpointError("it is no safetensors file: its header is no object")
    return header, 8 + size


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _entry(name: str, entry: Any) -> tuple[int, int, np.dtype, tuple[int, ...]]:
    """Where a tensor begins and ends, its type and its shape."""
    match entry:
        case {"dtype": str(code), "shape": list(shape), "data_offsets": [int(begin), int(end)]}:
            if code not in DTYPES:
                raise CheckpointError(f"its tensor {name!r} is of the unknown type {code[:20]!r}")
            dtype = np.dtype(DTYPES[code])
            if all(type(n) is int and n >= 0 for n in (*shape, begin, end)) and len(shape) <= 64:
                if end - begin == math.prod(shape) * dtype.itemsize:
                    return begin, end, dtype, tuple(shape)
    raise CheckpointError(f"its tensor {name!r} is described as {str(entry)[:60]}")


def _array(
    content: Content, start: int, begin: int, end: int, dtype: np.dtype, shape: tuple[int, ...]
) -> np.ndarray:
    array = np.frombuffer(memoryview(content)[start + begin : start + end], dtype)
    try:
        return array.reshape(shape)
    except ValueError as error:  # sizes beyond the address space, beside a 0
        raise CheckpointError(f"it has a tensor of shape {shape}: {error}") from None


def write_safetensors(f: Any, arrays: Mapping[str, np.ndarray], metadata: dict[str, str]) -> None:
    """Write arrays to a path, or to an object with a ``write`` method."""
    library = _safetensors().numpy
    if hasattr(f, "write"):
        f.write(library.save(arrays, metadata))
    else:
        library.save_file(arrays, f, metadata)


def _safetensors() -> ModuleType:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError as error:
        raise ImportError("save needs the package safetensors: pip install safetensors") from error
    return safetensors
