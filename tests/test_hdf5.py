"""HDF5 files: there and back, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import CheckpointError

h5py = pytest.importorskip("h5py")


def test_there_and_back(tmp_path: Path) -> None:
    names = [
        "bool",
        "uint8",
        "int64",
        "uint32",
        "float16",
        "float32",
        "float64",
        "complex64",
        "complex128",
    ]
    tensors = {name: ag.arange(6).reshape(2, 3).to(getattr(ag, name)) for name in names}
    obj = {"types": tensors, "number": ag.tensor(2.5), "empty": ag.zeros(0, 3), "none": {}}
    ag.save(obj, tmp_path / "x.h5")
    loaded = ag.load(tmp_path / "x.h5")
    assert set(loaded) == set(obj) and loaded["none"] == {}
    for name, tensor in tensors.items():
        found = loaded["types"][name]
        assert found.tolist() == tensor.tolist() and found.dtype is tensor.dtype
    assert loaded["number"].item() == 2.5 and loaded["empty"].shape == (0, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["x.h5"]
    with h5py.File(tmp_path / "x.h5") as file:
        assert file["types/float32"][1].tolist() == [3, 4, 5]


def test_files_of_others(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        file["a/b"] = np.arange(4, dtype=">f4")
        file.create_dataset("packed", data=np.ones((50, 50)), compression="gzip")
        file.attrs["note"] = "text"
    loaded = ag.load(tmp_path / "x.hdf5", map_location="cpu")
    assert loaded["a"]["b"].tolist() == [0, 1, 2, 3] and loaded["packed"].sum().item() == 2500


def test_refusals(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    for obj in (
        [1],
        {"a": 1},
        {1: ag.ones(1)},
        {"a/b": ag.ones(1)},
        {"h": ag.ones(1, dtype=ag.bfloat16)},
    ):
        with pytest.raises(TypeError, match="save: .*HDF5"):
            ag.save(obj, path)
    assert not path.exists()
    (tmp_path / "secret.bin").write_bytes(bytes(8))
    for make, message in (
        (lambda file: file.create_dataset("t", data="text"), "'t' is no array of numbers"),
        (lambda file: file.__setitem__("l", h5py.SoftLink("/x")), "'l' is a link"),
        (lambda file: file.__setitem__("l", h5py.ExternalLink("y.h5", "/")), "'l' is a link"),
        (
            lambda file: file.create_dataset(
                "e", (8,), "u1", external=[(str(tmp_path / "secret.bin"), 0, 8)]
            ),
            "'e' are in another file",
        ),
    ):
        with h5py.File(path, "w") as file:
            make(file)
        with pytest.raises(CheckpointError, match=message):
            ag.load(path)
    ag.save({"a": ag.ones(100)}, path)
    with pytest.raises(ValueError, match="cannot be mapped"):
        ag.load(path, mmap=True)
    sound = path.read_bytes()
    for length in range(8, len(sound), 97):
        path.write_bytes(sound[:length])
        with pytest.raises(CheckpointError):
            ag.load(path)


def test_the_missing_package_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['h5py'] = None\n"
        "import autograd_core as ag\n"
        "try: ag.save({}, 'x.h5')\n"
        "except ImportError as error: print(error)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert answer.stdout.strip() == "HDF5 files need the package h5py: pip install h5py"
