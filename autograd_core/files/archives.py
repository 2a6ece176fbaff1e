"""Zip archives whose entries are looked at where they stand, without being copied."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from autograd_core.errors import CheckpointError
from autograd_core.files.placing import Content

# What zipfile raises for a damaged archive.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError,
    ValueError, struct.error,
)  # fmt: skip
_LOCAL = 30  # bytes of an entry's own header, before its name
_ENCRYPTED, _UTF8 = 1, 0x800


class Archive:
    """The entries of a zip archive.

    Args:
        content: the whole file.
        mapped: whether it is a file that is mapped, and no checksum is to be looked at, since that
            would read it all.

    Raises:
        CheckpointError: it is no zip archive.
    """

    def __init__(self, content: Content, mapped: bool = False) -> None:
        self._content, self._mapped = content, mapped
        try:
            self._archive = zipfile.ZipFile(_File(content))
        except DAMAGE as error:
            raise CheckpointError(f"it is no sound zip archive ({error})") from None
        entries = self._archive.infolist()
        self._entries = {entry.filename: entry for entry in entries}
        if len(self._entries) != len(entries):
            raise CheckpointError("it has two records of one name")

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    def is_stored(self, name: str) -> bool:
        """Whether an entry stands in the file as it is, neither compressed nor encrypted."""
        entry = self._entries[name]
        plain = entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & _ENCRYPTED
        return plain and entry.file_size == entry.compress_size

    def stored(self, name: str) -> Content:
        """The bytes of an entry that is stored.

        Raises:
            CheckpointError: it is missing, not stored, cut short, or its checksum is wrong.
        """
        if name not in self._entries:
            raise CheckpointError(f"its record {name!r} is missing")
        if not self.is_stored(name):
            raise CheckpointError(f"its record {name!r} is compressed")
        entry = self._entries[name]
        header = bytes(self._content[entry.header_offset : entry.header_offset + _LOCAL])
        if len(header) < _LOCAL or not header.startswith(b"PK\x03\x04"):
            raise CheckpointError(f"its record {name!r} is damaged")
        long, more = struct.unpack("<HH", header[26:])
        start = entry.header_offset + _LOCAL + long
        encoding = "utf-8" if entry.flag_bits & _UTF8 else "cp437"
        if bytes(self._content[start - long : start]) != entry.orig_filename.encode(encoding):
            raise CheckpointError(f"its record {name!r} has two names")
        start += more
        data = memoryview(self._content)[start : start + entry.file_size]
        if len(data) != entry.file_size:
            raise CheckpointError(f"its record {name!r} is cut short")
        # (PyTorch may have been told to leave the checksum out, and writes 0.)
        if entry.CRC and not self._mapped and zlib.crc32(data) != entry.CRC:
            raise CheckpointError(f"its record {name!r} is damaged: the checksum is wrong")
        return data

    def size(self, name: str) -> int:
        """How many bytes an entry says that it has, uncompressed."""
        return self._entries[name].file_size

    def open(self, name: str) -> Any:
        """A stream of an entry, uncompressed as it is read."""
        return self._archive.open(name)


class _File(io.RawIOBase):
    """Content as a file to read, which zipfile wants."""

    def __init__(self, content: Content) -> None:
        self._content, self._position = memoryview(content), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = (0, self._position, len(self._content))[whence]
        if base + offset < 0:
            raise ValueError(f"no place {base + offset} in a file")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        data = self._content[self._position : self._position + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
