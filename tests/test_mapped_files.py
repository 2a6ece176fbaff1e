"""Files that are mapped into memory instead of being read, and where their tensors go."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import CheckpointError

LARGE = 1 << 16  # elements


def values() -> dict[str, Any]:
    return {
        "float": ag.arange(LARGE, dtype=ag.float32).reshape(2, -1),
        "bool": ag.tensor([True, False, True]),
        "odd": ag.tensor([1, 2, 3], dtype=ag.int8),
        "double": ag.tensor(2.5, dtype=ag.float64),
        "empty": ag.zeros(0, 3),
        "complex": ag.tensor([1 + 2j, 3], dtype=ag.complex128),
    }


def written(path: Path) -> dict[str, Any]:
    """Write ``values`` to a file of the kind that its name says."""
    tensors = values()
    if path.suffix == ".pt":
        torch = pytest.importorskip("torch")
        torch.save({k: torch.from_numpy(t.cpu().numpy()) for k, t in tensors.items()}, path)
    else:
        ag.save(tensors, path)
    return tensors


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt", "a.npz"])
def test_mapped_tensors_are_the_files(name: str, tmp_path: Path) -> None:
    expected = written(tmp_path / name)
    before = (tmp_path / name).read_bytes()
    loaded = ag.load(tmp_path / name, map_location="cpu", mmap=True)
    for key, tensor in expected.items():
        assert loaded[key].tolist() == tensor.tolist() and loaded[key].dtype is tensor.dtype
    loaded["float"][0, 0] = -1  # stays in this process
    assert ag.load(tmp_path / name)["float"][0, 0].item() == 0
    assert (tmp_path / name).read_bytes() == before
    weight = loaded["float"].requires_grad_()
    (weight * weight).sum().backward()
    assert weight.grad[0, 0].item() == -2


@pytest.mark.cpu_only  # elsewhere tensors have memory of their own
@pytest.mark.parametrize("name", ["a.safetensors", "a.pt", "a.npz"])
def test_mapped_tensors_take_no_memory_of_their_own(name: str, tmp_path: Path) -> None:
    import mmap

    written(tmp_path / name)
    loaded = ag.load(tmp_path / name, mmap=True)
    base = loaded["float"]._array
    while hasattr(base, "base"):
        base = base.base
    assert isinstance(base, memoryview) and isinstance(base.obj, mmap.mmap)


def test_a_file_may_be_replaced_while_it_is_mapped(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    ag.save({"a": ag.ones(LARGE)}, path)
    loaded = ag.load(path, mmap=True)
    ag.save({"a": ag.zeros(LARGE)}, path)
    assert loaded["a"].sum().item() == LARGE and ag.load(path, mmap=True)["a"].sum().item() == 0


def test_what_cannot_be_mapped(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mmap=True needs the path"):
        ag.load(io.BytesIO(b""), mmap=True)
    np.savez_compressed(tmp_path / "c.npz", a=np.zeros(100))
    with pytest.raises(ValueError, match="'a.npy' is compressed, which cannot be mapped"):
        ag.load(tmp_path / "c.npz", mmap=True)
    assert ag.load(tmp_path / "c.npz")["a"].sum().item() == 0
    legacy = Path(__file__).parent / "data" / "pytorch_legacy.pt"
    with pytest.raises(ValueError, match="before PyTorch 1.6 cannot be mapped"):
        ag.load(legacy, mmap=True)
    (tmp_path / "empty").touch()
    with pytest.raises(CheckpointError, match="no safetensors file"):
        ag.load(tmp_path / "empty", mmap=True)
    with pytest.raises(TypeError, match="open it with mode 'rb'"):
        ag.load(io.StringIO("text"))


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt", "a.npz"])
def test_every_cut_of_a_mapped_file_is_noticed(name: str, tmp_path: Path) -> None:
    written(tmp_path / name)
    sound = (tmp_path / name).read_bytes()
    for length in range(0, len(sound), len(sound) // 40):
        (tmp_path / name).write_bytes(sound[:length])
        with pytest.raises(CheckpointError):
            ag.load(tmp_path / name, mmap=True)


def test_devices_in_a_file_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    file = io.BytesIO()
    torch.save({"a": torch.ones(2), "b": [torch.zeros(3)]}, file)
    asked = []
    ag.load(
        io.BytesIO(file.getvalue()),
        map_location=lambda tensor, where: asked.append((where, tensor.shape[0])),
    )
    assert asked == [("cpu", 2), ("cpu", 3)]
    swapped = file.getvalue().replace(b"X\x03\x00\x00\x00cpu", b"X\x03\x00\x00\x00xla")
    for wanted in ({"xla": "cpu"}, None, "cpu"):
        with pytest.raises(CheckpointError, match="checksum"):
            ag.load(io.BytesIO(swapped), map_location=wanted)


# ---- odd corners of torch.save -------------------------------------------------------------------


def test_conjugated_and_negated_views() -> None:
    torch = pytest.importorskip("torch")
    z = torch.tensor([1 + 2j, 3 - 1j])
    views = {"conj": z.conj(), "neg": z.clone().conj().imag, "part": z.conj()[1:], "plain": z}
    for new in (True, False):
        file = io.BytesIO()
        torch.save(views, file, _use_new_zipfile_serialization=new)
        loaded = ag.load(io.BytesIO(file.getvalue()))
        for name, view in views.items():
            assert loaded[name].tolist() == view.tolist(), name


def test_files_without_checksums() -> None:
    torch = pytest.importorskip("torch")
    file = io.BytesIO()
    before = torch.serialization.get_crc32_options()
    torch.serialization.set_crc32_options(False)
    try:
        torch.save({"a": torch.arange(3)}, file)
    finally:
        torch.serialization.set_crc32_options(before)
    assert ag.load(io.BytesIO(file.getvalue()))["a"].tolist() == [0, 1, 2]


def test_values_beside_tensors() -> None:
    torch = pytest.importorskip("torch")
    import argparse
    from collections import defaultdict

    array = np.arange(3)
    cycle: list[Any] = [1]
    cycle.append(cycle)
    obj = {
        "args": argparse.Namespace(lr=0.1, betas=(0.9, 0.99)), "twice": [array, array],
        "counts": defaultdict(int, {"a": 2}), "lists": defaultdict(list, {"a": [1]}),
        "memory": torch.tensor([7, 8], dtype=torch.uint8).untyped_storage(), "cycle": cycle,
    }  # fmt: skip
    file = io.BytesIO()
    torch.save(obj, file)
    loaded = ag.load(io.BytesIO(file.getvalue()))
    assert loaded["args"] == obj["args"]
    assert [a.tolist() for a in loaded["twice"]] == [[0, 1, 2]] * 2
    assert loaded["counts"] == {"a": 2} and loaded["lists"] == {"a": [1]}
    assert loaded["memory"].tolist() == [7, 8]
    assert loaded["cycle"][1] is loaded["cycle"]


@pytest.mark.filterwarnings("ignore")
def test_what_there_is_not_here_is_named() -> None:
    torch = pytest.importorskip("torch")
    for obj, message in (
        (torch.ones(2).to_sparse(), "a sparse tensor"),
        (torch.eye(2).to_sparse_csr(), "a sparse tensor"),
        (torch.quantize_per_tensor(torch.ones(2), 0.1, 1, torch.quint8), "a quantized tensor"),
        (torch.ones(2, device="meta"), "the device meta"),
        (torch.ones(2).to(torch.float8_e4m3fn), "the type torch.float8_e4m3fn"),
        (torch.nn.Linear(1, 1), r"'torch.nn.modules.linear.Linear'.*state_dict"),
        ([torch.Tensor], "'torch.Tensor' by itself"),
        ({"dtype": np.dtype("f4")}, "a part of a NumPy array by itself"),
        ({"type": (int,)}, "by itself"),
    ):
        for new in (True, False):
            file = io.BytesIO()
            torch.save(obj, file, _use_new_zipfile_serialization=new)
            with pytest.raises(CheckpointError, match=message):
                ag.load(io.BytesIO(file.getvalue()))
