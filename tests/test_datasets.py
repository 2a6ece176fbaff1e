"""The digits that come with the package, the IDX reader and the split."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.datasets import load_digits, load_mnist, read_idx, train_test_split

CODES = {"uint8": 8, "int8": 9, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def idx(array: np.ndarray) -> bytes:
    """An array as the content of an IDX file."""
    header = bytes([0, 0, CODES[array.dtype.name], array.ndim])
    header += struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write_mnist(folder: Path, train: int = 6, test: int = 3, side: int = 4) -> None:
    random = np.random.RandomState(0)
    for part, size in (("train", train), ("t10k", test)):
        images = random.randint(0, 256, (size, side, side)).astype(np.uint8)
        labels = np.arange(size).astype(np.uint8)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))


# ---- the digits ----------------------------------------------------------------------------------


def test_digits() -> None:
    images, labels = load_digits()
    assert images.shape == (1797, 1, 8, 8) and images.dtype == ag.float32
    assert labels.shape == (1797,) and labels.dtype == ag.int64
    assert images.min().item() == 0 and images.max().item() == 1
    counts = np.bincount(labels.cpu().numpy())
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert not images.requires_grad


def test_digits_are_those_of_the_source() -> None:
    images, labels = load_digits()
    pixels = (images.cpu().numpy() * 16).astype(np.uint8).tobytes()
    content = pixels + labels.cpu().numpy().astype(np.uint8).tobytes()
    expected = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
    assert hashlib.sha256(content).hexdigest() == expected
    first = (images[0, 0] * 16).tolist()
    assert first[0] == [0, 0, 5, 13, 9, 1, 0, 0] and first[7] == [0, 0, 6, 13, 10, 0, 0, 0]
    assert labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]


def test_each_call_gives_new_tensors() -> None:
    images, _ = load_digits()
    images.zero_()
    assert load_digits()[0].max().item() == 1


# ---- IDX -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", CODES)
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 1, 3, 2), (0, 4)])
@pytest.mark.parametrize("compressed", [False, True])
def test_idx_round_trip(
    tmp_path: Path, dtype: str, shape: tuple[int, ...], compressed: bool
) -> None:
    array = (np.arange(np.prod(shape)) * 37 % 100).reshape(shape).astype(dtype)
    path = tmp_path / "file"  # no .gz: the content tells
    path.write_bytes(gzip.compress(idx(array)) if compressed else idx(array))
    found = read_idx(path)
    assert found.shape == shape and str(found.dtype).endswith(f".{dtype}")
    assert found.tolist() == array.tolist()
    assert read_idx(str(path)).tolist() == array.tolist()


GOOD = idx(np.zeros((2, 3), np.uint8))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins with the bytes ''"),
        (b"\0\0\x08", "begins with the bytes '00 00 08'"),
        (b"PNG\0" + GOOD, "not an IDX file"),
        (b"\0\0\x07\x01" + bytes(8), "unknown type 0x07; known are 0x08, 0x09"),
        (b"\0\0\x08\x02\0\0\0\x01", "2 dimensions need a header of 12 bytes, the file has 8"),
        (b"\0\0\x08\x00\x01", "says 0 dimensions"),
        (b"\0\0\x08\xff" + bytes(4 * 255), "says 255 dimensions"),
        (GOOD[:-1], r"cut short: shape \(2, 3\) of uint8 makes 18 bytes.* has 17"),
        (GOOD + b"!", "bytes to spare"),
        (b"\0\0\x0e\x03" + b"\xff" * 12, "cut short: shape"),
        (gzip.compress(GOOD, mtime=0)[:-4], "damaged gzip file"),
        (gzip.compress(GOOD, mtime=0)[:-8] + bytes(8), "damaged gzip file"),
        (b"\x1f\x8b garbage", "damaged gzip file"),
    ],
)
def test_damaged_idx_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)


def test_a_missing_idx_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "missing")


# ---- MNIST ---------------------------------------------------------------------------------------


def test_mnist_folder(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    images, labels = load_mnist(tmp_path)
    assert images.shape == (6, 1, 4, 4) and images.dtype == ag.float32
    assert 0 <= images.min().item() < images.max().item() <= 1
    assert labels.tolist() == [0, 1, 2, 3, 4, 5] and labels.dtype == ag.int64
    assert load_mnist(str(tmp_path), train=False)[0].shape == (3, 1, 4, 4)


def test_mnist_with_a_dot_in_its_names(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    for path in list(tmp_path.iterdir()):
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    assert len(load_mnist(tmp_path)[0]) == 6


def test_mnist_problems(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        load_mnist(tmp_path / "missing")
    with pytest.raises(FileNotFoundError, match="none of the files train-images-idx3-ubyte"):
        load_mnist(tmp_path)
    write_mnist(tmp_path)
    labels = tmp_path / "train-labels-idx1-ubyte.gz"
    labels.write_bytes(idx(np.zeros(5, np.uint8)))
    with pytest.raises(ValueError, match="one uint8 for each of the 6 images"):
        load_mnist(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(np.zeros((5, 4), np.uint8)))
    with pytest.raises(ValueError, match=r"expected \(N, height, width\)"):
        load_mnist(tmp_path)


# ---- the split -----------------------------------------------------------------------------------


def test_split_is_stratified() -> None:
    images, labels = load_digits()
    x_train, x_test, y_train, y_test = train_test_split(images, labels)
    assert len(x_train) == len(y_train) == 1438 and len(x_test) == len(y_test) == 359
    whole, held_out = np.bincount(labels.cpu().numpy()), np.bincount(y_test.cpu().numpy())
    assert held_out.tolist() == [round(0.2 * count) for count in whole.tolist()]


def test_split_keeps_samples_and_labels_together() -> None:
    labels = ag.tensor([0, 1] * 20)
    samples = ag.arange(40)
    x_train, x_test, y_train, y_test = train_test_split(samples, labels, test_size=0.3, seed=5)
    assert sorted(x_train.tolist() + x_test.tolist()) == list(range(40))
    assert (x_train % 2).tolist() == y_train.tolist() and (x_test % 2).tolist() == y_test.tolist()
    assert x_train.tolist() == sorted(x_train.tolist())
    assert len(x_test) == 12


def test_split_is_seeded() -> None:
    labels = ag.tensor([0, 1] * 20)
    splits = [train_test_split(ag.arange(40), labels, seed=seed)[1].tolist() for seed in (0, 0, 1)]
    assert splits[0] == splits[1] != splits[2]


def test_split_problems() -> None:
    x = ag.zeros(4, 2)
    for labels in (ag.zeros(4), ag.zeros(3, dtype=ag.int64), ag.zeros(4, 1, dtype=ag.int64)):
        with pytest.raises(ValueError, match="one integer for each of the 4 samples"):
            train_test_split(x, labels)
    labels = ag.tensor([0, 0, 1, 1])
    for size in (0, 1, -0.5, 20):
        with pytest.raises(ValueError, match="between 0 and 1"):
            train_test_split(x, labels, test_size=size)
    with pytest.raises(ValueError, match="leave a set empty"):
        train_test_split(x, labels, test_size=0.1)
