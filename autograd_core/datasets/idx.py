"""IDX, the file format of MNIST: a short header, then the numbers, most significant byte first.

The header is two zero bytes, a byte for the type, a byte for the number of dimensions, and one
32-bit size for each dimension.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path

import numpy as np

from autograd_core.from_data import tensor
from autograd_core.tensor import Tensor

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"


def read_idx(path: str | os.PathLike[str]) -> Tensor:
    """Read one IDX file, plain or compressed with gzip.

    Args:
        path: The file. Whether it is compressed is seen from its content, not from its name.

    Returns:
        A tensor of the shape and type that the header names (uint8, int8, int16, int32, float32
        or float64), on the default device.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is not IDX, is cut short, or has bytes to spare.

    Source: the MNIST database, Y. LeCun, C. Cortes, C. J. C. Burges.

    Example:
        >>> import tempfile, pathlib
        >>> import autograd_core as ag
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "labels-idx1-ubyte")
        ...     size = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
        ...     ag.datasets.read_idx(path).tolist()
        [7, 2, 1]
    """
    return tensor(read_idx_array(path))


def read_idx_array(path: str | os.PathLike[str]) -> np.ndarray:
    """`read_idx` as a NumPy array in the machine's own byte order."""
    content = _content(Path(path))
    if len(content) < 4 or content[:2] != b"\0\0":
        raise ValueError(
            f"read_idx: {path} is not an IDX file: it begins with the bytes"
            f" '{content[:4].hex(' ')}', an IDX file with two zero bytes, a type and a number of"
            " dimensions"
        )
    code, dimensions = content[2], content[3]
    if code not in TYPES:
        known = ", ".join(f"0x{known:02x}" for known in TYPES)
        raise ValueError(f"read_idx: {path} has the unknown type 0x{code:02x}; known are {known}")
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise ValueError(
            f"read_idx: {path} is cut short: {dimensions} dimensions need a header of {start}"
            f" bytes, the file has {len(content)}"
        )
    if not 1 <= dimensions <= 64:
        raise ValueError(f"read_idx: {path} says {dimensions} dimensions; expected 1 to 64")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    dtype = np.dtype(TYPES[code])
    expected = start + math.prod(shape) * dtype.itemsize
    if len(content) != expected:
        problem = "is cut short" if len(content) < expected else "has bytes to spare"
        raise ValueError(
            f"read_idx: {path} {problem}: shape {shape} of {dtype.name} makes {expected} bytes with"
            f" the header, the file has {len(content)}; fetch it again"
        )
    numbers = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return numbers.astype(dtype.newbyteorder("="))


def load_mnist(folder: str | os.PathLike[str], train: bool = True) -> tuple[Tensor, Tensor]:
    """Read MNIST, or a data set in the same files (Fashion-MNIST, KMNIST), from a folder.

    Args:
        folder: Where the IDX files are: ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``,
            ``t10k-images-idx3-ubyte`` and ``t10k-labels-idx1-ubyte``, each plain or as ``.gz``
            (``train-images.idx3-ubyte`` is found as well).
        train: The training set if true (default), else the test set.

    Returns:
        ``(images, labels)``: images of shape (N, 1, height, width), float32 in [0, 1]; labels of
        shape (N,), int64. Both on the default device.

    Raises:
        FileNotFoundError: The folder or one of the files is missing.
        ValueError: A file is damaged, or images and labels do not belong together.

    Example:
        >>> import autograd_core as ag
        >>> ag.datasets.load_mnist("no/such/folder")
        Traceback (most recent call last):
        FileNotFoundError: load_mnist: there is no folder no/such/folder
    """
    part = "train" if train else "t10k"
    images = read_idx_array(_find(Path(folder), f"{part}-images", 3))
    labels = read_idx_array(_find(Path(folder), f"{part}-labels", 1))
    if images.dtype != np.uint8 or images.ndim != 3:
        raise ValueError(
            f"load_mnist: the {part} images in {folder} have shape {images.shape} and type"
            f" {images.dtype}; expected (N, height, width) of uint8"
        )
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
        raise ValueError(
            f"load_mnist: the {part} labels in {folder} have shape {labels.shape} and type"
            f" {labels.dtype}; expected one uint8 for each of the {len(images)} images"
        )
    return tensor((images / np.float32(255))[:, None]), tensor(labels.astype(np.int64))


def _find(folder: Path, name: str, dimensions: int) -> Path:
    if not folder.is_dir():
        raise FileNotFoundError(f"load_mnist: there is no folder {folder}")
    names = [
        f"{name}{dot}idx{dimensions}-ubyte{compressed}"
        for dot in "-."
        for compressed in ("", ".gz")
    ]
    for candidate in names:
        if (folder / candidate).is_file():
            return folder / candidate
    raise FileNotFoundError(f"load_mnist: {folder} has none of the files {', '.join(names)}")


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    if not content.startswith(GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"read_idx: {path} is a damaged gzip file: {error}") from error
