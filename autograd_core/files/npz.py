"""NumPy's archives of named arrays, ``.npz``: a dict of tensors to and from one."""

from __future__ import annotations

import io
import math
import struct
import tokenize
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import CheckpointError
from autograd_core.files.archives import DAMAGE, Archive
from autograd_core.files.placing import Content, Placer
from autograd_core.tensor import Tensor

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
# What NumPy's parser of headers raises, besides.
_BAD_HEADER = (
    KeyError, MemoryError, RecursionError, SyntaxError, TypeError, Warning, tokenize.TokenError
)  # fmt: skip
_PADDING = 0xD935  # the kind of extra field that other programs align entries with, too
_HEADER = 1 << 16  # bytes that hold the header of any array of numbers


def is_npz(content: Content) -> bool:
    """Whether the bytes are a zip archive of ``.npy`` files."""
    try:
        names = Archive(content).names
    except CheckpointError:
        return False
    return bool(names) and all(name.endswith(".npy") for name in names)


def read_npz(content: Content, placer: Placer) -> dict[str, Tensor]:
    """The arrays of an archive by name, each put on its device.

    Raises:
        CheckpointError: the archive is damaged, or holds Python objects, which would be run.
        ValueError: it is compressed, and cannot be mapped.
    """
    archive = Archive(content, placer.mapped)
    return {
        name.removesuffix(".npy"): placer(_array(archive, name, placer.mapped))
        for name in archive.names
    }


def _array(archive: Archive, name: str, mapped: bool) -> np.ndarray:
    if mapped and not archive.is_stored(name):
        raise ValueError(
            f"load: the array {name!r} is compressed, which cannot be mapped. Mend: leave out"
            f" mmap=True, or write the archive with numpy.savez"
        )
    try:
        if archive.is_stored(name):
            stored = archive.stored(name)
            stream = io.BytesIO(bytes(stored[:_HEADER]))
            shape, fortran, dtype = _header(name, stream, archive.size(name))
            data = stored[stream.tell() :]
        else:
            with archive.open(name) as stream:
                shape, fortran, dtype = _header(name, stream, archive.size(name))
                data = stream.read()
        # (as plain bytes first, since the file may have ended too early)
        array = np.frombuffer(data, np.uint8).view(dtype)
        array = array.reshape(shape, order="F" if fortran else "C")
    except CheckpointError:
        raise
    except (*DAMAGE, *_BAD_HEADER) as error:
        raise CheckpointError(f"its array {name!r} is damaged: {error}") from None
    return array.astype(dtype.newbyteorder("="), copy=False)


def _header(name: str, stream: Any, size: int) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, order and type of the array that a stream of ``size`` bytes holds."""
    version = np.lib.format.read_magic(stream)
    if version not in _HEADERS:
        raise CheckpointError(f"its array {name!r} is of the unknown version {version}")
    shape, fortran, dtype = _HEADERS[version](stream)
    rest = size - stream.tell()
    if dtype.kind not in "biufc":
        raise CheckpointError(f"its array {name!r} is of type {dtype}; expected numbers")
    if math.prod(shape) * dtype.itemsize != rest or any(n < 0 for n in shape):
        raise CheckpointError(f"its array {name!r} of shape {shape} has {rest} bytes")
    return shape, fortran, dtype


def write_npz(obj: Any, f: Path | BinaryIO) -> None:
    """Write a dict from names to tensors.

    Raises:
        TypeError: it is another object, or a tensor is bfloat16, which NumPy's format cannot hold.
    """
    arrays = {}
    for name, value in obj.items() if isinstance(obj, dict) else [("obj", obj)]:
        if not isinstance(obj, dict) or not isinstance(name, str) or not isinstance(value, Tensor):
            raise TypeError(
                f"save: an .npz file holds a dict from strings to tensors; {name!r} is a"
                f" {type(value).__name__}. Mend: another ending, such as .safetensors, keeps nested"
                f" objects"
            )
        arrays[name] = backend_of(value._array).to_numpy(value._array)
        if arrays[name].dtype.kind not in "biufc":
            raise TypeError(
                f"save: NumPy's format cannot hold {value.dtype} ({name!r}). Mend: .float() first,"
                f" or the ending .safetensors"
            )
    with zipfile.ZipFile(f, "w") as archive:  # (np.savez takes no array of the name "file")
        for name, array in arrays.items():
            with archive.open(_aligned(f"{name}.npy", archive), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)


def _aligned(name: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """An entry padded so that its content begins at a multiple of 64 bytes, and can be mapped."""
    entry = zipfile.ZipInfo(name)
    assert archive.fp is not None
    start = archive.fp.tell() + 30 + len(name.encode()) + 4 + 20  # headers, padding's, zip64's
    entry.extra = struct.pack("<HH", _PADDING, -start % 64) + bytes(-start % 64)
    return entry
