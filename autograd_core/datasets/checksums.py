"""Checksums of the files of well-known data sets, as their authors publish them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_IDX = (
    "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)  # fmt: skip

# MD5 where it has 32 digits, SHA-256 where it has 64. They tell damaged files, not forged ones.
CHECKSUMS: dict[str, dict[str, str]] = {
    "mnist": dict(zip(_IDX, [
        "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c",
    ], strict=True)),
    "fashion-mnist": dict(zip(_IDX, [
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310",
    ], strict=True)),
    "cifar-10": {
        "data_batch_1": "c99cafc152244af753f735de768cd75f",
        "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
        "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
        "data_batch_4": "634d18415352ddfa80567beed471001a",
        "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
        "test_batch": "40351d587109b95175f43aff81a1287e",
    },
    "cifar-100": {
        "train": "16019d7e3df5f24257cddd939b257f8d",
        "test": "f0ef6b0ae62326f3e7ffdfab6717acfc",
    },
    "tiny-shakespeare": {
        "input.txt": "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    },
}  # fmt: skip


def verify(folder: str | os.PathLike[str], name: str) -> None:
    """Compare the files of a data set with the checksums that their authors publish.

    Args:
        folder: Where the files are, as they are published (MNIST's compressed, CIFAR's of the
            Python version).
        name: ``"mnist"``, ``"fashion-mnist"``, ``"cifar-10"``, ``"cifar-100"`` or
            ``"tiny-shakespeare"``.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: A file is another one than it should be, or ``name`` is unknown.

    Example:
        >>> import autograd_core as ag
        >>> ag.datasets.verify("no/such/folder", "mnist")
        Traceback (most recent call last):
        FileNotFoundError: verify: there is no file no/such/folder/train-images-idx3-ubyte.gz
    """
    if name not in CHECKSUMS:
        raise ValueError(
            f"verify: {name!r} is no known data set; expected one of {', '.join(CHECKSUMS)}"
        )
    for file, expected in CHECKSUMS[name].items():
        path = Path(folder, file)
        if not path.is_file():
            raise FileNotFoundError(f"verify: there is no file {path}")
        algorithm = "md5" if len(expected) == 32 else "sha256"
        digest = hashlib.new(algorithm, usedforsecurity=False)
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        found = digest.hexdigest()
        if found != expected:
            raise ValueError(
                f"verify: {path} has the {algorithm} checksum {found}, expected {expected}; fetch"
                " it again"
            )
