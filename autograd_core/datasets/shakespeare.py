"""Tiny Shakespeare: forty thousand lines of plays in one text file, for models of characters."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from autograd_core.from_data import tensor
from autograd_core.tensor import Tensor

NAMES = ("input.txt", "tinyshakespeare.txt", "tiny-shakespeare.txt")
SHARE = 0.9  # of the text, to train on


def load_tiny_shakespeare(
    folder: str | os.PathLike[str], train: bool = True
) -> tuple[Tensor, list[str]]:
    """Read a text as the codes of its characters: Tiny Shakespeare, or any other.

    Args:
        folder: Where ``input.txt`` is, in UTF-8; or a text file itself.
        train: The first nine tenths of the text if true (default), else the rest.

    Returns:
        ``(codes, characters)``: codes of shape (N,), int64, on the default device; and the
        characters of the whole text in order, so that ``characters[code]`` is a code's.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is empty, or no text in UTF-8.

    Source: A. Karpathy, "The Unreasonable Effectiveness of Recurrent Neural Networks" (2015).

    Example:
        >>> import tempfile, pathlib
        >>> import autograd_core as ag
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     size = pathlib.Path(folder, "input.txt").write_text("to be or not to be, that is")
        ...     codes, characters = ag.datasets.load_tiny_shakespeare(folder)
        >>> "".join(characters[code] for code in codes.tolist())
        'to be or not to be, that'
    """
    path = Path(folder)
    if path.is_dir():
        found = [path / name for name in NAMES if (path / name).is_file()]
        if not found:
            raise FileNotFoundError(f"load_tiny_shakespeare: {path} has no file {NAMES[0]}")
        path = found[0]
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"load_tiny_shakespeare: {path} is no text in UTF-8: {error}") from None
    if not text:
        raise ValueError(f"load_tiny_shakespeare: {path} is empty")
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    characters, codes = np.unique(points, return_inverse=True)
    end = int(SHARE * len(codes))
    part = codes[:end] if train else codes[end:]
    return tensor(part.astype(np.int64)), [chr(point) for point in characters.tolist()]
