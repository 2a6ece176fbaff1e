"""Writing files so that a crash or a full disk leaves what was there before."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograd_core.errors import FolderError


@contextmanager
def replacing(path: Path, operator: str) -> Iterator[Path]:
    """Give a file to write beside ``path``; put it in the place of ``path`` once it is complete."""
    path = Path(os.path.realpath(path))  # a link stays, and what it points to is replaced
    if not path.parent.is_dir():
        raise FolderError(f"{operator}: there is no folder {path.parent}; make it first")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.touch(exist_ok=False)
        rights = temporary.stat().st_mode  # those of any new file; the library would narrow them
        yield temporary
        temporary.chmod(rights)
        _flush(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _flush(path.parent)  # the folder's entry too must outlast a power cut


def _flush(path: Path) -> None:
    """Wait until a file, or a folder's list of files, is on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot flush a folder
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
