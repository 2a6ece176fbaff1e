"""Reading the files of ``torch.save``, without PyTorch and without running what is in them.

Such a file is a pickle that describes the objects, beside the raw bytes of the tensors' memory: in
a zip archive since PyTorch 1.6, one after the other before. The pickle is only read (see
`pickle_reader`); a tensor in it is a call that names a piece of memory, an offset, sizes and
strides, all of which are checked before an array looks there.
"""

from __future__ import annotations

import io
import pickletools
from typing import Any

import numpy as np

from autograd_core import dtypes
from autograd_core.errors import CheckpointError
from autograd_core.files.archives import Archive
from autograd_core.files.pickle_reader import Name, PickleReader
from autograd_core.files.placing import Content, Placer
from autograd_core.files.pytorch_names import TENSORS, UNTYPED, pytorch_names, refused
from autograd_core.tensor import Tensor

ZIP = b"PK\x03\x04"
MAGIC = 0x1950A86A20F9469CFC6C  # the first object of a file from before PyTorch 1.6
LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # its pickle


def read_pytorch(content: Content, placer: Placer) -> Any:
    """The object in a file of ``torch.save``.

    Args:
        content: the whole file.
        placer: makes tensors of NumPy arrays, on the wanted device.

    Raises:
        CheckpointError: the file is damaged, cut short, or holds what is no tensor or plain value.
        ValueError: it is from before PyTorch 1.6, and cannot be mapped.
    """
    if bytes(content[:4]) == ZIP:
        return _read_archive(content, placer)
    if placer.mapped:
        raise ValueError(
            "load: a file from before PyTorch 1.6 cannot be mapped. Mend: leave out mmap=True"
        )
    return _read_legacy(bytes(content), placer)


def _read_archive(content: Content, placer: Placer) -> Any:
    """PyTorch 1.6 and later: data.pkl, and the memory of each storage as data/KEY."""
    archive = Archive(content, placer.mapped)
    pickles = [name for name in archive.names if name.rpartition("/")[2] == "data.pkl"]
    if len(pickles) != 1:
        raise CheckpointError(f"it is no archive of torch.save: it has {len(pickles)} data.pkl")
    folder = pickles[0].removesuffix("data.pkl")
    order = folder + "byteorder"
    big = order in archive.names and bytes(archive.stored(order)) == b"big"
    names = pytorch_names()
    if big:
        names[UNTYPED] = refused("a type that its memory lacks, in the other byte order")
    storages: dict[str, Tensor] = {}

    def persistent(reference: Any) -> Tensor:
        kind, key, location, count = _reference(reference)
        if key not in storages:
            array = _elements(archive.stored(f"{folder}data/{key}"), kind, big)
            if array.size != count:
                raise CheckpointError(
                    f"its record 'data/{key}' has {array.size} of {count} elements"
                )
            storages[key] = placer(array, location)
        return storages[key]

    return PickleReader(names, persistent).read(bytes(archive.stored(pickles[0])))


def _read_legacy(content: bytes, placer: Placer) -> Any:
    """Before PyTorch 1.6: five pickles (magic number, version, system, object, keys of the
    storages), and then the storages, each with its number of elements in front."""
    ends = []
    position = 0
    for _ in range(5):
        position = _end(content, position)
        ends.append(position)
    kinds: dict[str, tuple[Any, str, int]] = {}

    def note(reference: Any) -> None:
        kind, key, location, count = _reference(reference)
        kinds[key] = kind, location, count

    plain = PickleReader({}, note)
    if plain.read(content[: ends[0]]) != MAGIC:
        raise CheckpointError("it does not start as a file of torch.save")
    keys = plain.read(content[ends[3] : ends[4]])
    description = content[ends[2] : ends[3]]
    unbuilt = dict.fromkeys(TENSORS, lambda *arguments: None)
    PickleReader({**pytorch_names(), **unbuilt}, note).read(description)
    storages: dict[str, Tensor] = {}
    if not isinstance(keys, list):
        raise CheckpointError("the list of its storages is damaged")
    for key in keys:
        if not isinstance(key, str) or key not in kinds:
            raise CheckpointError(f"nothing is known of its storage {key!r}")
        kind, location, count = kinds[key]
        number = int.from_bytes(content[position : position + 8], "little")
        size = number * kind.numpy.itemsize
        position += 8 + size
        if number != count or position > len(content):
            raise CheckpointError(f"its storage {key!r} is cut short")
        array = _elements(content[position - size : position], kind, False)
        storages[key] = placer(array, location)

    def persistent(reference: Any) -> Tensor:
        return storages[_reference(reference)[1]]

    return PickleReader(pytorch_names(), persistent).read(description)


def _end(content: bytes, start: int) -> int:
    """Where the pickle that starts at ``start`` ends."""
    stream = io.BytesIO(content)
    stream.seek(start)
    try:
        for _ in pickletools.genops(stream):
            pass
    except (ValueError, Warning) as error:
        raise CheckpointError(f"its pickle is damaged: {error}") from None
    return stream.tell()


def _reference(reference: Any) -> tuple[Any, str, str, int]:
    """Type, key, device and number of elements of the storage referred to."""
    match reference:
        case ("storage", Name() as missing, *_):
            missing.call()
        case ("storage", dtypes.dtype() as kind, str(key), str(where), int(count)):
            return kind, key, where, count
        case ("storage", dtypes.dtype() as kind, str(key), str(where), int(count), None):
            return kind, key, where, count  # the older form, of a whole storage
    raise CheckpointError(f"its reference {str(reference)[:60]} to memory is unknown")


def _elements(data: Content, kind: Any, big: bool) -> Any:
    dtype = kind.numpy
    if len(data) % dtype.itemsize:
        raise CheckpointError(f"a storage of {dtype} has {len(data)} bytes")
    if big:
        whole = np.frombuffer(data, np.dtype(f"V{dtype.itemsize}"))
        half = dtype.itemsize // (2 if dtype.kind == "c" else 1)
        return whole.view(f"u{half}").byteswap().view(dtype)
    return np.frombuffer(data, dtype)
