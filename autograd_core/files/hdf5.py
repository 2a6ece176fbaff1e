"""HDF5 files, by the package h5py: nested dicts of tensors to and from groups of data sets."""

from __future__ import annotations

import io
from types import ModuleType
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import CheckpointError
from autograd_core.files.placing import Content, Placer
from autograd_core.tensor import Tensor

SIGNATURE = b"\x89HDF\r\n\x1a\n"
SUFFIXES = (".h5", ".hdf5")


def read_hdf5(content: Content, placer: Placer) -> dict[str, Any]:
    """The data sets of a file by name, groups as dicts.

    Raises:
        CheckpointError: the file is damaged, or holds what is no array of numbers.
        ImportError: the package ``h5py`` is not installed.
        ValueError: it is to be mapped.
    """
    if placer.mapped:
        raise ValueError("load: an HDF5 file cannot be mapped. Mend: leave out mmap=True")
    h5py = _h5py()
    try:
        with h5py.File(io.BytesIO(bytes(content)), "r") as file:
            return _group(h5py, file, placer)
    except CheckpointError:
        raise
    except (OSError, KeyError, RuntimeError, TypeError, ValueError, MemoryError) as error:
        raise CheckpointError(f"the HDF5 file is damaged: {error}") from None


def _group(h5py: ModuleType, group: Any, placer: Placer) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in group:
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):  # it may lead to any file of this machine
            raise CheckpointError(f"its entry {name!r} is a link to another place")
        entry = group[name]
        if isinstance(entry, h5py.Group):
            found[name] = _group(h5py, entry, placer)
            continue
        if not isinstance(entry, h5py.Dataset) or entry.dtype.kind not in "biufc":
            raise CheckpointError(f"its entry {name!r} is no array of numbers")
        if entry.external is not None or entry.is_virtual:
            raise CheckpointError(f"the numbers of its entry {name!r} are in another file")
        array = np.asarray(entry[()])
        found[name] = placer(array.astype(array.dtype.newbyteorder("="), copy=False), name=name)
    return found


def write_hdf5(obj: Any, f: Any) -> None:
    """Write nested dicts from names to tensors.

    Raises:
        TypeError: it is another object, or a tensor is bfloat16, which the format cannot hold.
        ImportError: the package ``h5py`` is not installed.
    """
    h5py = _h5py()
    if not isinstance(obj, dict):
        raise TypeError(_refusal("obj", obj))
    with h5py.File(f, "w") as file:
        _write(file, obj)


def _write(group: Any, values: dict[Any, Any]) -> None:
    for name, value in values.items():
        if not isinstance(name, str) or not name or "/" in name or name == ".":
            raise TypeError(f"save: an HDF5 file has names without '/', got {name!r}")
        if isinstance(value, dict):
            _write(group.create_group(name), value)
            continue
        if not isinstance(value, Tensor):
            raise TypeError(_refusal(name, value))
        array = backend_of(value._array).to_numpy(value._array)
        if array.dtype.kind not in "biufc":
            raise TypeError(
                f"save: HDF5 cannot hold {value.dtype} ({name!r}). Mend: .float() first, or the"
                f" ending .safetensors"
            )
        group.create_dataset(name, data=array)


def _refusal(name: str, value: Any) -> str:
    return (
        f"save: an HDF5 file holds dicts from strings to tensors; {name!r} is a"
        f" {type(value).__name__}. Mend: another ending, such as .safetensors, keeps other objects"
    )


def _h5py() -> ModuleType:
    try:
        import h5py
    except ImportError as error:
        raise ImportError("HDF5 files need the package h5py: pip install h5py") from error
    return h5py
