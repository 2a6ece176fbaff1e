"""Damaged, forged and interrupted files: what is refused, and that an older file survives."""

from __future__ import annotations

import io
import json
import os
import pickle
import stat
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_core as ag
from autograd_core.errors import CheckpointError, DeviceError
from autograd_core.files import packing


def sample() -> dict[str, Any]:
    return {"weight": ag.arange(12).reshape(3, 4), "epoch": 3, "list": [1.5, "text"]}


def content(obj: Any) -> bytes:
    file = io.BytesIO()
    ag.save(obj, file)
    return file.getvalue()


def is_sample(loaded: Any) -> bool:
    loaded = {**loaded, "weight": loaded["weight"].tolist()}
    return loaded == {**sample(), "weight": sample()["weight"].tolist()}


def test_every_damaged_byte_is_noticed() -> None:
    sound = content(sample())
    assert is_sample(ag.load(io.BytesIO(sound)))
    for position in range(len(sound)):
        damaged = bytearray(sound)
        damaged[position] ^= 0x15
        try:
            loaded = ag.load(io.BytesIO(bytes(damaged)))
        except CheckpointError:
            continue
        # Only the free text of the header may differ: the marker for other programs, or the names
        # that say this file is ours, without which it reads as another program's.
        assert set(loaded) <= {"weight"} or is_sample(loaded), position


def test_every_cut_is_noticed() -> None:
    sound = content(sample())
    for length in range(len(sound)):
        with pytest.raises(CheckpointError):
            ag.load(io.BytesIO(sound[:length]))
    with pytest.raises(CheckpointError):
        ag.load(io.BytesIO(sound + b"!"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(CheckpointError):
        ag.load(io.BytesIO(noise))
    with pytest.raises(CheckpointError):
        ag.load(io.BytesIO(struct.pack("<Q", len(noise)) + noise))


def forged(description: Any, arrays: dict[str, np.ndarray] | None = None) -> io.BytesIO:
    """A file whose checksums are right and whose description is up to an attacker."""
    arrays = {} if arrays is None else arrays
    if isinstance(description, dict):
        sums = {name: packing.checksum(array) for name, array in arrays.items()}
        description = json.dumps({"version": 1, "crc32": sums, **description})
    checksum = str(zlib.crc32(description.encode()))
    metadata = {packing.FORMAT: description, packing.CHECKSUM: checksum}
    return io.BytesIO(safetensors.numpy.save(arrays, metadata))


@pytest.mark.parametrize(
    "description",
    [
        "",
        "[]",
        "3",
        "{",
        "[" * 100_000,
        '{"version": 1, "structure": ' + '{"list": [' * 900 + "]}" * 900 + ', "crc32": {}}',
        {"version": 3, "structure": None},
        {"version": 1},
        {"structure": {"tensor": "absent", "device": "cpu"}},
        {"structure": {"tensor": 3, "device": "cpu"}},
        {"structure": {"pickle": "cos\nsystem"}},
        {"structure": {"dict": [[[1], 2]]}},
        {"structure": {"dict": [[{"tuple": [[1]]}, 2]]}},
        {"structure": {"dict": [[{"tuple": [{"tuple": []}]}, 2]]}},
        {"structure": {"dict": [[{"dict": []}, 2]]}},
        {"structure": {"ordered": [3]}},
        {"structure": {"ordered": 3, "metadata": {"dict": []}}},
        {"structure": {"ordered": [], "metadata": 3}},
        {"structure": {"ordered": [], "metadata": {"list": []}}},
        {"structure": {"ordered": [], "metadata": {"dict": []}, "more": 1}},
        {"structure": {"dict": [], "metadata": {"dict": []}}},
        {"structure": {"counter": "aab"}},
        {"structure": {"dict": [["a"]]}},
        {"structure": {"dict": [3]}},
        {"structure": {"dict": 3}},
        {"structure": {"list": "text"}},
        {"structure": {"float": "1.5"}},
        {"structure": [1, 2]},
        {"structure": {}, "crc32": 3},
        {"structure": {"complex": [[], 1]}},
        {"structure": {"complex": ["x", "y"]}},
        {"structure": {"bytes": "!"}},
        {"structure": {"bytes": 3}},
        {"structure": {"dtype": "object"}},
        {"structure": {"dtype": ["f8"]}},
        {"structure": {"device": "no such"}},
        {"structure": {"size": [1.5]}},
    ],
)
def test_forged_descriptions_are_refused(description: Any) -> None:
    with pytest.raises(CheckpointError):
        ag.load(forged(description))


@pytest.mark.parametrize(
    "properties",
    [
        {"order": [0, 0]}, {"order": [0]}, {"order": [0, 2]}, {"order": [True, False]},
        {"order": 3}, {"order": [-1, 0]}, {"order": [0, 1, 2]}, {"requires_grad": True},
        {"requires_grad": 1}, {"parameter": "yes"}, {"parameter": False},
        {"parameter": True, "requires_grad": True}, {"pairs": "complex128"}, {"pairs": 3},
        {"pairs": "float64"}, {"unknown": 1},
    ],
)  # fmt: skip
def test_forged_properties_of_tensors_are_refused(properties: dict[str, Any]) -> None:
    arrays = {"a": np.arange(6).reshape(2, 3)}
    node = {"tensor": "a", "device": "cpu"}
    assert ag.load(forged({"structure": {**node, "order": [1, 0]}}, arrays)).stride() == (1, 2)
    with pytest.raises(CheckpointError):
        ag.load(forged({"structure": {**node, **properties}}, arrays))


def test_a_forged_device_is_refused() -> None:
    arrays = {"a": np.zeros(2)}
    with pytest.raises(
        DeviceError, match="cannot put the tensor 'a' on no such device.*map_location"
    ):
        ag.load(forged({"structure": {"tensor": "a", "device": "no such device"}}, arrays))


@pytest.mark.parametrize("start", [b"PK\x03\x04 zip", b"\x80\x04 pickle"])
def test_what_only_starts_as_a_file_of_pytorch_is_refused(start: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(start + bytes(100))
    with pytest.raises(CheckpointError, match=r"model\.pt (cannot be loaded|is not a safetensors)"):
        ag.load(path)


def test_errors_are_one_line_and_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bad"
    path.write_bytes(content(sample())[:-5])
    with pytest.raises(CheckpointError) as caught:
        ag.load(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    for kind in (ValueError, RuntimeError, pickle.UnpicklingError):  # PyTorch's two, and ours
        assert isinstance(caught.value, kind)
    with pytest.raises(FileNotFoundError):
        ag.load(tmp_path / "missing")
    for kind in (FileNotFoundError, RuntimeError):  # RuntimeError is PyTorch's
        with pytest.raises(kind, match=r"save: there is no folder .*missing; make it"):
            ag.save(1, tmp_path / "missing" / "file")


# ---- the file in its place -----------------------------------------------------------------------


def test_paths_and_their_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    ag.save({"a": 1}, str(path))
    ag.save({"a": 2}, path)
    assert ag.load(str(path)) == {"a": 2}
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.safetensors"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_saved_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    ag.save(1, tmp_path / "saved")
    (tmp_path / "other").touch()
    rights = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("saved", "other")]
    assert rights[0] == rights[1]


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
def test_a_link_is_followed(tmp_path: Path) -> None:
    ag.save(1, tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    ag.save(2, tmp_path / "link")
    assert (tmp_path / "link").is_symlink() and ag.load(tmp_path / "real") == 2


@pytest.mark.parametrize("fails", ["replace", "fsync"])
def test_a_failed_save_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    path = tmp_path / "state"
    ag.save({"epoch": 1}, path)

    def fail(*args: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(os, fails, fail)
        with pytest.raises(OSError, match="no space left"):
            ag.save({"epoch": 2}, path)
    assert ag.load(path) == {"epoch": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["state"]


def test_the_file_is_whole_before_it_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, steps = tmp_path / "state", []
    replace, fsync = os.replace, os.fsync

    def watched_replace(source: Any, target: Any) -> None:
        steps.append(("replace", is_sample(ag.load(source))))
        replace(source, target)

    def watched_fsync(descriptor: int) -> None:
        steps.append(("fsync", stat.S_ISDIR(os.fstat(descriptor).st_mode)))
        fsync(descriptor)

    monkeypatch.setattr(os, "replace", watched_replace)
    monkeypatch.setattr(os, "fsync", watched_fsync)
    ag.save(sample(), path)
    assert steps == [("fsync", False), ("replace", True), ("fsync", True)]


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content(sample()))
    code = (
        "import sys; sys.modules['safetensors'] = None\n"
        "import autograd_core as ag\n"
        "print(ag.load('x', map_location='cpu')['epoch'])\n"
        "try: ag.save(1, 'x')\n"
        "except ImportError as error: print(error)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    expected = "save needs the package safetensors: pip install safetensors"
    assert answer.stdout.splitlines() == ["3", expected], answer.stderr
