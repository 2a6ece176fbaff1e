"""NumPy's archives of named arrays, ``.npz``: a dict of tensors to and from one."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import CheckpointError
from autograd_core.tensor import Tensor


def is_npz(content: bytes) -> bool:
    """Whether the bytes are a zip archive of ``.npy`` files."""
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, struct.error):
        return False
    return bool(names) and all(name.endswith(".npy") for name in names)


def read_npz(content: bytes, place: Callable[[Any], Tensor]) -> dict[str, Tensor]:
    """The arrays of an archive by name, each put on its device by ``place``.

    Raises:
        CheckpointError: the archive is damaged, or holds Python objects, which would be run.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
        raise CheckpointError(f"the NumPy archive is damaged: {error}") from None
    for name, array in arrays.items():
        if array.dtype.kind not in "biufc":
            raise CheckpointError(f"its array {name!r} is of type {array.dtype}; expected numbers")
    return {name: place(array) for name, array in arrays.items()}


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
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
