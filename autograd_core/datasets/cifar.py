"""CIFAR-10 and CIFAR-100: small photographs, read from the files of their authors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from autograd_core.errors import CheckpointError
from autograd_core.files.numpy_pickles import NUMPY_NAMES
from autograd_core.files.pickle_reader import PickleReader
from autograd_core.from_data import tensor
from autograd_core.tensor import Tensor

SHAPE = (3, 32, 32)
PIXELS = 3 * 32 * 32


def load_cifar10(folder: str | os.PathLike[str], train: bool = True) -> tuple[Tensor, Tensor]:
    """Read CIFAR-10 from a folder: 50,000 images to train on and 10,000 to test on, of ten classes.

    Args:
        folder: Where the files are, of the Python version (``data_batch_1`` to ``data_batch_5`` and
            ``test_batch``; these are pickles, which are read and not run) or of the binary version
            (the same names with ``.bin``), as unpacked, or the folder that they were unpacked in.
        train: The training set if true (default), else the test set.

    Returns:
        ``(images, labels)``: images of shape (N, 3, 32, 32), float32 in [0, 1], red, green and
        blue; labels of shape (N,), int64, from 0 to 9. Both on the default device.

    Raises:
        FileNotFoundError: The folder or one of the files is missing.
        ValueError: A file is damaged.

    Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).

    Example:
        >>> import autograd_core as ag
        >>> ag.datasets.load_cifar10("no/such/folder")
        Traceback (most recent call last):
        FileNotFoundError: load_cifar10: there is no folder no/such/folder
    """
    names = [f"data_batch_{i}" for i in range(1, 6)] if train else ["test_batch"]
    subfolders = ("cifar-10-batches-py", "cifar-10-batches-bin")
    return _load("load_cifar10", Path(folder), subfolders, names, b"labels", (0,))


def load_cifar100(
    folder: str | os.PathLike[str], train: bool = True, *, coarse: bool = False
) -> tuple[Tensor, Tensor]:
    """Read CIFAR-100 from a folder: 50,000 images to train on and 10,000 to test on.

    Args:
        folder: Where the files ``train`` and ``test`` of the Python version are, or ``train.bin``
            and ``test.bin`` of the binary version, or the folder that they were unpacked in.
        train: The training set if true (default), else the test set.
        coarse: Labels of the 20 superclasses instead of the 100 classes (default: False).

    Returns:
        ``(images, labels)``, as from `load_cifar10`.

    Raises:
        FileNotFoundError: The folder or the file is missing.
        ValueError: The file is damaged.

    Example:
        >>> import autograd_core as ag
        >>> ag.datasets.load_cifar100("no/such/folder")
        Traceback (most recent call last):
        FileNotFoundError: load_cifar100: there is no folder no/such/folder
    """
    subfolders = ("cifar-100-python", "cifar-100-binary")
    key, places = (b"coarse_labels", (0, 1)) if coarse else (b"fine_labels", (1, 0))
    names = ["train" if train else "test"]
    return _load("load_cifar100", Path(folder), subfolders, names, key, places)


def _load(
    name: str,
    folder: Path,
    subfolders: tuple[str, str],
    files: list[str],
    key: bytes,
    places: tuple[int, ...],
) -> tuple[Tensor, Tensor]:
    """Images and labels of some files; ``places`` are the wanted label's place among the labels of
    a binary record, and those of the others."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{name}: there is no folder {folder}")
    parts = []
    for file in files:
        path = _find(name, folder, subfolders, file)
        if path.suffix == ".bin":
            parts.append(_binary(name, path, len(places), places[0]))
        else:
            parts.append(_pickled(name, path, key))
    images = np.concatenate([part[0] for part in parts]).reshape(-1, *SHAPE)
    labels = np.concatenate([part[1] for part in parts])
    return tensor(images / np.float32(255)), tensor(labels.astype(np.int64))


def _find(name: str, folder: Path, subfolders: tuple[str, str], file: str) -> Path:
    for place in (folder, *(folder / subfolder for subfolder in subfolders)):
        for candidate in (place / file, place / f"{file}.bin"):
            if candidate.is_file():
                return candidate
    raise FileNotFoundError(f"{name}: {folder} has neither {file} nor {file}.bin")


def _binary(name: str, path: Path, labels: int, which: int) -> tuple[np.ndarray, np.ndarray]:
    """Records of a few labels, a byte each, and then the pixels."""
    content = np.fromfile(path, np.uint8)
    if not len(content) or len(content) % (labels + PIXELS):
        raise ValueError(
            f"{name}: {path} has {len(content)} bytes; expected a multiple of {labels + PIXELS}"
        )
    records = content.reshape(-1, labels + PIXELS)
    return records[:, labels:], records[:, which]


def _pickled(name: str, path: Path, key: bytes) -> tuple[np.ndarray, np.ndarray]:
    """A dict with the pixels of all images as one array, and a list of labels."""
    try:
        batch = PickleReader(NUMPY_NAMES, _no_reference).read(path.read_bytes())
        batch = {k.encode() if isinstance(k, str) else k: v for k, v in batch.items()}
        images, labels = np.asarray(batch[b"data"]), np.asarray(batch[key])
    except (CheckpointError, AttributeError, KeyError, ValueError) as error:
        raise ValueError(f"{name}: {path} is no batch of CIFAR: {error}") from None
    if images.dtype != np.uint8 or images.shape != (len(labels), PIXELS) or labels.ndim != 1:
        raise ValueError(
            f"{name}: {path} has images of shape {images.shape} and type {images.dtype} with"
            f" labels of shape {labels.shape}; expected (N, {PIXELS}) of uint8 and (N,)"
        )
    return images, labels


def _no_reference(reference: Any) -> Any:
    raise CheckpointError("it refers to something outside")
