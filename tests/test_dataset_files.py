"""CIFAR, Tiny Shakespeare and checksums, from files that are made here."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.datasets import (
    checksums,
    load_cifar10,
    load_cifar100,
    load_tiny_shakespeare,
    verify,
)

SIZE = 3


def batch(seed: int) -> tuple[np.ndarray, list[int]]:
    random = np.random.RandomState(seed)
    return random.randint(0, 256, (SIZE, 3072)).astype(np.uint8), random.randint(
        10, size=SIZE
    ).tolist()


def write_cifar10(folder: Path, kind: str) -> None:
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    for seed, name in enumerate(names):
        images, labels = batch(seed)
        if kind == "binary":
            records = np.concatenate([np.uint8(labels)[:, None], images], 1)
            (folder / f"{name}.bin").write_bytes(records.tobytes())
        else:
            keys = [k if kind == "text" else k.encode() for k in ("batch_label", "data", "labels")]
            obj: dict[Any, Any] = dict(zip(keys, ("batch", images, labels), strict=True))
            (folder / name).write_bytes(pickle.dumps(obj, 2))


@pytest.mark.parametrize("kind", ["bytes", "text", "binary"])
@pytest.mark.parametrize("within", ["", "cifar-10-batches-py"])
def test_cifar10(kind: str, within: str, tmp_path: Path) -> None:
    (tmp_path / within).mkdir(exist_ok=True)
    write_cifar10(tmp_path / within, kind)
    images, labels = load_cifar10(tmp_path)
    assert images.shape == (15, 3, 32, 32) and images.dtype == ag.float32
    assert labels.tolist() == [n for seed in range(5) for n in batch(seed)[1]]
    assert labels.dtype == ag.int64
    expected = batch(2)[0][1].reshape(3, 32, 32) / np.float32(255)
    assert images[7].tolist() == expected.tolist()
    images, labels = load_cifar10(tmp_path, train=False)
    assert len(images) == 3 and labels.tolist() == batch(5)[1]


def python2(images: np.ndarray, labels: list[int]) -> bytes:
    """A pickle as Python 2 wrote it, with the array's bytes as a string."""
    head = b"\x80\x02}(U\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n"
    head += b"K\x00\x85U\x01b\x87R"
    dtype = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xff"
    dtype += b"J\xff\xff\xff\xffK\x00tb"
    shape = b"(K\x01K" + bytes([len(images)]) + b"M\x00\x0c\x86" + dtype + b"\x89T"
    content = len(images.tobytes()).to_bytes(4, "little") + images.tobytes()
    return head + shape + content + b"tbU\x0bfine_labels]" + b"".join(
        b"K" + bytes([n]) + b"a" for n in labels
    ) + b"u."  # fmt: skip


def test_cifar100_of_python_2(tmp_path: Path) -> None:
    images, labels = batch(0)
    (tmp_path / "train").write_bytes(python2(images, labels))
    assert pickle.loads(python2(images, labels), encoding="latin1")["fine_labels"] == labels
    found, codes = load_cifar100(tmp_path)
    assert (
        codes.tolist() == labels
        and (found * 255).round().long().reshape(3, -1).tolist() == images.tolist()
    )


def test_both_labels_of_cifar100(tmp_path: Path) -> None:
    images, fine = batch(1)
    (tmp_path / "cifar-100-binary").mkdir()
    records = np.concatenate([np.uint8([[7], [8], [9]]), np.uint8(fine)[:, None], images], 1)
    (tmp_path / "cifar-100-binary" / "test.bin").write_bytes(records.tobytes())
    assert load_cifar100(tmp_path, False)[1].tolist() == fine
    assert load_cifar100(tmp_path, False, coarse=True)[1].tolist() == [7, 8, 9]
    (tmp_path / "test").write_bytes(
        pickle.dumps({"data": images, "fine_labels": fine, "coarse_labels": [1, 2, 3]})
    )
    assert load_cifar100(tmp_path, False, coarse=True)[1].tolist() == [1, 2, 3]
    assert load_cifar100(tmp_path, False)[0].shape == (3, 3, 32, 32)


def test_damaged_files_of_cifar(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="neither test_batch nor test_batch.bin"):
        load_cifar10(tmp_path, False)
    (tmp_path / "test_batch.bin").write_bytes(bytes(100))
    with pytest.raises(
        ValueError, match=r"test_batch.bin has 100 bytes; expected a multiple of 3073"
    ):
        load_cifar10(tmp_path, False)
    images, labels = batch(0)
    for obj in (
        [1], {}, {"data": images}, {"data": images, "labels": [1]},
        {"data": images[:, 1:], "labels": labels}, {"data": Path("x"), "labels": labels},
        {"data": images.astype(float), "labels": labels},
    ):  # fmt: skip
        (tmp_path / "test_batch").write_bytes(pickle.dumps(obj))
        with pytest.raises(
            ValueError, match=r"load_cifar10: .*test_batch (is no batch|has images)"
        ):
            load_cifar10(tmp_path, False)
    (tmp_path / "test_batch").write_bytes(b"\x80\x02garbage")
    with pytest.raises(ValueError, match="is no batch of CIFAR"):
        load_cifar10(tmp_path, False)


def test_tiny_shakespeare(tmp_path: Path) -> None:
    text = "First Citizen:\nÉ, speak. \U0001f600" * 10
    (tmp_path / "input.txt").write_text(text, encoding="utf-8")
    train, characters = load_tiny_shakespeare(tmp_path)
    rest, same = load_tiny_shakespeare(tmp_path / "input.txt", train=False)
    assert characters == same == sorted(set(text))
    assert "".join(characters[i] for i in train.tolist() + rest.tolist()) == text
    assert len(train) == int(0.9 * len(text)) and train.dtype == ag.int64
    (tmp_path / "input.txt").write_bytes(b"\xff")
    with pytest.raises(ValueError, match="no text in UTF-8"):
        load_tiny_shakespeare(tmp_path)
    (tmp_path / "input.txt").write_bytes(b"")
    with pytest.raises(ValueError, match="is empty"):
        load_tiny_shakespeare(tmp_path)
    (tmp_path / "input.txt").unlink()
    with pytest.raises(FileNotFoundError, match="has no file input.txt"):
        load_tiny_shakespeare(tmp_path)


def test_checksums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "b").write_bytes(b"more")
    sums = {"a": hashlib.md5(b"content").hexdigest(), "b": hashlib.sha256(b"more").hexdigest()}
    monkeypatch.setitem(checksums.CHECKSUMS, "made here", sums)
    verify(tmp_path, "made here")
    (tmp_path / "b").write_bytes(b"less")
    with pytest.raises(
        ValueError, match=r"b has the sha256 checksum .*, expected .*fetch it again"
    ):
        verify(tmp_path, "made here")
    (tmp_path / "a").unlink()
    with pytest.raises(FileNotFoundError, match="there is no file"):
        verify(tmp_path, "made here")
    with pytest.raises(ValueError, match="'other' is no known data set; expected one of mnist,"):
        verify(tmp_path, "other")
    for files in checksums.CHECKSUMS.values():
        assert all(len(value) in (32, 64) for value in files.values())
