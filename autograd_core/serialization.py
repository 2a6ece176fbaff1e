"""Saving and loading: state dicts and whole checkpoints as safetensors files.

A safetensors file is a JSON header and the bytes of the tensors, so loading one never runs code
(see `packing` for how objects are stored in one). Files of PyTorch and NumPy are read, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from autograd_core.errors import CheckpointError
from autograd_core.files.hdf5 import SIGNATURE, SUFFIXES, read_hdf5, write_hdf5
from autograd_core.files.npz import is_npz, read_npz, write_npz
from autograd_core.files.packing import FORMAT, pack, unpack
from autograd_core.files.placing import Content, Placer, read_content
from autograd_core.files.pytorch import LEGACY, ZIP, read_pytorch
from autograd_core.files.replacing import replacing
from autograd_core.files.safetensors import read_safetensors, write_safetensors

# Kinds of files that hold dicts of tensors only, by the ending of the path.
_OTHER: dict[str, Callable[[Any, Any], None]] = {".npz": write_npz}
_OTHER.update(dict.fromkeys(SUFFIXES, write_hdf5))


def save(
    obj: Any,
    f: str | os.PathLike[str] | BinaryIO,
    pickle_module: Any = None,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:
    """Save tensors and plain values in a file.

    The file is written beside its place and moved there when it is complete, so a crash or a full
    disk leaves an older file as it was. A tensor that appears more than once, as tied weights do,
    is stored once and comes back as one tensor. Tensors keep the order of their dimensions in
    memory and whether they require gradients, Parameters that they are Parameters.

    Args:
        obj: A tensor, None, a bool, number, string or bytes, a dtype, device or size, or a dict
            (also an OrderedDict or Counter; with strings, numbers, bools, None or tuples of them as
            keys), list or tuple of these, nested as you like: a state dict, or a dict of several.
        f: The path of the file, or an object with a ``write`` method for bytes. A path that ends in
            ``.npz`` makes a NumPy archive, which holds a dict from names to tensors only; ``.h5``
            or ``.hdf5`` an HDF5 file, which holds nested dicts of them, by the package ``h5py``.
        pickle_module: Accepted for PyTorch's sake, as are the arguments after it, and without
            effect: there is no pickle.

    Raises:
        TypeError: Something in ``obj`` is of another type; the message says where.
        ValueError: ``obj`` contains itself.
        FolderError: The folder of ``f`` is not there: a FileNotFoundError, and a RuntimeError as
            PyTorch's.
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
    if not hasattr(f, "write") and (write := _OTHER.get(Path(f).suffix)) is not None:
        with replacing(Path(f), "save") as temporary:
            write(obj, temporary)
        return
    arrays, metadata = pack(obj)
    if hasattr(f, "write"):
        write_safetensors(f, arrays, metadata)
        return
    with replacing(Path(f), "save") as temporary:
        write_safetensors(temporary, arrays, metadata)


def load(
    f: str | os.PathLike[str] | BinaryIO,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Load what `save` wrote, the tensors of any safetensors file, or a file of PyTorch or NumPy.

    What the file is, it says itself: safetensors, the archive of ``torch.save`` (``.pt``, ``.pth``,
    also from before PyTorch 1.6), that of ``numpy.savez``, or HDF5. PyTorch need not be installed,
    and the pickle in its files is read, never run; HDF5 is read by the package ``h5py``.

    Args:
        f: The path of the file, or an object with a ``read`` method for bytes.
        map_location: Where the tensors go (default: to the device that each was saved from; the
            CPU for a file of another program). A device for all; a dict from names of devices in
            the file to devices; or a function of a tensor on the CPU and the name of its device in
            the file, which returns the tensor moved to another device, or None for the default.
        pickle_module: Accepted for PyTorch's sake, as are ``pickle_load_args``, and without effect:
            a pickle is only read.
        weights_only: Accepted for PyTorch's sake, whatever it is. Nothing in a file is ever run:
            what would have to be run to be made is refused also with False.
        mmap: Whether tensors on the CPU look at the file itself, mapped into memory, instead of
            being read (default: False). Loading takes no time then, and a part of the file takes
            memory when it is used, which processes share. Writing to such a tensor does not change
            the file; checksums are not looked at. The file must stay as it is meanwhile: replace
            it, as `save` does, rather than write into it. Tensors that `save` found with another
            order of dimensions in memory are read and copied.

    Returns:
        The saved object, whose tensors are leaves, and require gradients if they did; for a
        safetensors or NumPy file of another program a dict from names to tensors.

    Raises:
        CheckpointError: The file is damaged, cut short, of an unknown kind, or describes objects
            that would have to be run to be made. It is a ValueError, RuntimeError and
            ``pickle.UnpicklingError``.
        FileNotFoundError: There is no such file.
        DeviceError: A tensor was saved from a device that this machine lacks.
        ValueError: ``mmap=True`` for what is no path, or a file that cannot be mapped: one that is
            compressed, HDF5, or was written before PyTorch 1.6.
        ImportError: The file is HDF5, and ``h5py`` is not installed.

    Source: torch.load.

    Example:
        >>> import io
        >>> import autograd_core as ag
        >>> file = io.BytesIO()
        >>> ag.save([ag.zeros(2), "two zeros"], file)
        >>> ag.load(io.BytesIO(file.getvalue()))
        [tensor([0., 0.]), 'two zeros']
    """
    mapped = bool(mmap)
    if not hasattr(f, "read"):
        where, content = os.fspath(f), read_content(Path(f), mapped)
    elif mapped:
        raise ValueError("load: mmap=True needs the path of a file; an object with read() is none")
    else:
        where, content = "the file", f.read()
        if not isinstance(content, bytes):
            raise TypeError(
                f"load: the file's read() gave {type(content).__name__}; expected bytes. Mend:"
                f" open it with mode 'rb'"
            )
    try:
        return _read(content, map_location, mapped)
    except CheckpointError as error:
        raise CheckpointError(f"load: {where} cannot be loaded: {error}") from None


def _read(content: Content, map_location: Any, mapped: bool) -> Any:
    """The object in a file, whose kind its first bytes tell."""
    if bytes(content[: len(SIGNATURE)]) == SIGNATURE:
        return read_hdf5(content, Placer(map_location, keep=False, mapped=mapped))
    if bytes(content[:4]) == ZIP or bytes(content[: len(LEGACY)]) == LEGACY:
        read = read_npz if is_npz(content) else read_pytorch
        return read(content, Placer(map_location, keep=False, mapped=mapped))
    arrays, metadata = read_safetensors(content)
    return unpack(arrays, metadata, Placer(map_location, keep=FORMAT in metadata, mapped=mapped))


_safe_globals: list[Any] = []


def add_safe_globals(safe_globals: list[Any]) -> None:
    """Note classes and functions that files may name. It has no effect on `load`, which runs
    nothing and so needs no permission: what it reads, it reads without this.

    Args:
        safe_globals: Classes and functions, or pairs of one and its full name.

    Source: torch.serialization.add_safe_globals.
    """
    _safe_globals.extend(one for one in safe_globals if one not in _safe_globals)


def get_safe_globals() -> list[Any]:
    """What `add_safe_globals` was given. Source: torch.serialization.get_safe_globals."""
    return list(_safe_globals)


def clear_safe_globals() -> None:
    """Forget what `add_safe_globals` was given. Source: torch.serialization.clear_safe_globals."""
    _safe_globals.clear()


@contextmanager
def safe_globals(safe_globals: list[Any]) -> Iterator[None]:
    """`add_safe_globals` inside of a ``with`` block. Source: torch.serialization.safe_globals."""
    before = get_safe_globals()
    add_safe_globals(safe_globals)
    try:
        yield
    finally:
        _safe_globals[:] = before
