"""Files of torch.save: what is read is right, and nothing in them is run."""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_core as ag
from autograd_core import nn
from autograd_core.errors import CheckpointError
from autograd_core.files.pickle_reader import PickleReader

FILES = Path(__file__).parent / "data"
KINDS = ("zip", "legacy")


def archive(data: bytes, **records: bytes) -> bytes:
    """A zip file as torch.save writes it, with any pickle in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("archive/data.pkl", data)
        for name, content in records.items():
            made.writestr(f"archive/data/{name.removeprefix('_')}", content)
    return file.getvalue()


def load(content: bytes) -> Any:
    return ag.load(io.BytesIO(content))


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint_loads_without_pytorch(kind: str) -> None:
    loaded = ag.load(FILES / f"pytorch_{kind}.pt")
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    model.load_state_dict(loaded["model"])
    assert list(loaded["model"]) == list(model.state_dict())
    assert loaded["model"]._metadata["1"] == {"version": 2}
    assert model[1].num_batches_tracked.item() == 1
    optimizer = ag.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    optimizer.load_state_dict(loaded["optimizer"])
    assert optimizer.param_groups[0]["lr"] == 0.5
    assert loaded["view"].tolist() == [1, 3, 5] and loaded["half"].dtype is ag.bfloat16
    assert loaded["epoch"] == 3 and loaded["best"] == 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_tensors_of_one_memory_share_it(kind: str) -> None:
    loaded = ag.load(FILES / f"pytorch_{kind}.pt")
    loaded["base"][3] = 30.0
    assert loaded["view"].tolist() == [1, 30, 5]


@pytest.mark.parametrize("new", [True, False])
def test_every_type_of_value_comes_back(new: bool) -> None:
    torch = pytest.importorskip("torch")
    dtypes = (
        "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 uint16 uint32 bool"
        " complex128 complex64"
    )
    square = torch.arange(12.0).reshape(3, 4)
    tensors = {name: torch.tensor([0, 1, 2]).to(getattr(torch, name)) for name in dtypes.split()}
    tensors |= {
        "transposed": square.t(), "part": square[1:, ::2], "expanded": square[:1].expand(5, 4),
        "empty": torch.empty(0, 3), "number": torch.tensor(2.5),
        "parameter": torch.nn.Parameter(torch.ones(2)), "leaf": torch.ones(2, requires_grad=True),
    }  # fmt: skip
    plain = {
        "tuple": (1, None, True, 2.5, "text", b"bytes", 10**30, -7), "set": {1, 2}, 3: [1, [2]],
        "counter": Counter("aab"), "array": np.arange(6.0).reshape(2, 3).T, "np": np.int16(3),
        "complex": 1 + 2j, "ordered": OrderedDict(a=1), "strings": np.float32(1.5),
    }  # fmt: skip
    file = io.BytesIO()
    more = {"size": torch.Size([1, 2]), "dtype": torch.float16, "device": torch.device("cpu")}
    obj = {"tensors": tensors, "plain": plain, "more": more}
    torch.save(obj, file, _use_new_zipfile_serialization=new)
    loaded = load(file.getvalue())
    for name, tensor in tensors.items():
        mine = loaded["tensors"][name]
        assert str(tensor.dtype) == f"torch.{mine.dtype.name}", name
        assert mine.detach().tolist() == tensor.detach().tolist(), name
        assert (*mine.shape,) == (*tensor.shape,) and mine.requires_grad == tensor.requires_grad
    array = loaded["plain"].pop("array")
    assert (array == plain.pop("array")).all()
    assert loaded["plain"] == plain and type(loaded["plain"]["np"]) is np.int16
    assert loaded["more"] == {"size": (1, 2), "dtype": ag.float16, "device": "cpu"}


def test_big_endian_files() -> None:
    torch = pytest.importorskip("torch")
    from torch.serialization import LoadEndianness  # noqa: F401  (PyTorch can write them too)

    file = io.BytesIO()
    torch.save({"a": torch.tensor([1.5, -2.0]), "c": torch.tensor([1 + 2j])}, file)
    source = zipfile.ZipFile(file)
    swapped = io.BytesIO()
    with zipfile.ZipFile(swapped, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("byteorder"):
                content = b"big"
            elif "/data/" in name:
                content = np.frombuffer(content, "<u4").byteswap().tobytes()
            made.writestr(name, content)
    loaded = load(swapped.getvalue())
    assert loaded["a"].tolist() == [1.5, -2.0] and loaded["c"].tolist() == [1 + 2j]


class Attack:
    """Something whose pickle runs code when it is loaded."""

    def __init__(self, *call: Any) -> None:
        self.call = call

    def __reduce__(self) -> Any:
        return self.call[0], self.call[1:]


@pytest.mark.parametrize("protocol", range(6))
def test_nothing_in_a_pickle_is_run(protocol: int, tmp_path: Path) -> None:
    trace = tmp_path / "run"
    calls = [
        Attack(os.system, f"touch {trace}"),
        Attack(os.mkdir, str(trace)),
        Attack(eval, f"open({str(trace)!r}, 'w')"),
        {"deep": [Attack(exec, f"open({str(trace)!r}, 'w')")]},
    ]
    for call in calls:
        data = pickle.dumps(call, protocol)
        for content in (archive(data), data):
            with pytest.raises(CheckpointError):
                load(content)
    assert not trace.exists()


def test_a_class_of_someones_own_is_named() -> None:
    with pytest.raises(CheckpointError, match=r"object of '.*Path'.*imported and run.*state_dict"):
        load(archive(pickle.dumps({"path": Path("x")}, 2)))


def tensor_pickle(size: Any, stride: Any, offset: Any = 0, count: int = 4, key: str = "0") -> bytes:
    """The pickle of one float32 tensor, with geometry at will."""
    text = (
        f"ctorch._utils\n_rebuild_tensor_v2\n((Vstorage\nctorch\nFloatStorage\nV{key}\nVcpu\n"
        f"I{count}\ntQI{offset}\n("
    )
    text += "".join(f"I{n}\n" for n in size) + "t(" + "".join(f"I{n}\n" for n in stride)
    return text.encode() + b"tI00\nccollections\nOrderedDict\n(tRtR."


def test_geometry_is_checked() -> None:
    memory = np.arange(4, dtype=np.float32).tobytes()
    good = load(archive(tensor_pickle([2, 2], [1, 2]), _0=memory))
    assert good.tolist() == [[0, 2], [1, 3]]
    wrong = [
        tensor_pickle([5], [1]), tensor_pickle([2], [4]), tensor_pickle([4], [1], 1),
        tensor_pickle([4], [-1]), tensor_pickle([-4], [1]), tensor_pickle([2], [1, 1]),
        tensor_pickle([1], [1], -1), tensor_pickle([10**18, 10**18], [1, 1]),
        tensor_pickle([4], [1], count=5), tensor_pickle([4], [1], key="1"),
    ]  # fmt: skip
    for data in wrong:
        with pytest.raises(CheckpointError):
            load(archive(data, _0=memory))


def test_compressed_records_are_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("archive/data.pkl", tensor_pickle([4], [1]))
        made.writestr("archive/data/0", bytes(16))
    with pytest.raises(CheckpointError, match="compressed"):
        load(file.getvalue())


@pytest.mark.parametrize(
    "data",
    [
        b"", b".", b"N", b"NN.", b"(.", b"t.", b"]a.", b"}s.", b"R.", b"b.", b"h\x00.", b"Q.",
        b"(NNu.", b"]N}s.", b"(K\x01K\x02K\x03d.", b"}(K\x01u.", b"NNR.", b"\x80\x09.",
        b"cos\nsystem\n.",
        b"\x8c\x02os\x8c\x06system\x93.", b"(S'echo'\nios\nsystem\n.",
        b"}}N\x86\x92.", b"\x82\x01.",
        b"cbuiltins\nbytearray\nL1000000000000L\n\x85R.",
        b"K\x00" + b"2\x86" * 60 + b"}\x8c\x01ks.",
        b"}" + b"K\x00" + b"2\x86" * 80 + b"Ns.",  # a key whose hash would take for ever
        b"cbuiltins\nset\n](K\x00" + b"2\x86" * 80 + b"e\x85R.",
        b"(" * 100_000 + b".", b"]" * 100_000 + b"a" * 99_999 + b"a.",
    ],
)  # fmt: skip
def test_forged_pickles_are_refused(data: bytes) -> None:
    with pytest.raises(CheckpointError):
        PickleReader({"builtins.set": lambda items=(): _set(items)}, lambda _: None).read(data)
    with pytest.raises(CheckpointError):
        load(archive(data))


def _set(items: Any) -> set[Any]:
    from autograd_core.files.pickle_reader import members

    return set(members(items))


def test_nesting_is_no_danger() -> None:
    deep = PickleReader({}, lambda _: None).read(b"]" * 100_000 + b"a" * 99_999 + b".")
    for _ in range(99_999):
        (deep,) = deep
    assert deep == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_cut_is_noticed(kind: str) -> None:
    sound = (FILES / f"pytorch_{kind}.pt").read_bytes()
    for length in range(0, len(sound) - 1, 29):
        with pytest.raises(CheckpointError):
            load(sound[:length])


@pytest.mark.parametrize("kind", KINDS)
def test_damage_never_crashes(kind: str) -> None:
    sound = (FILES / f"pytorch_{kind}.pt").read_bytes()
    for position in range(0, len(sound), 23):  # (test_file_fuzz has many more)
        damaged = bytearray(sound)
        damaged[position] ^= 0x15
        try:
            load(bytes(damaged))
        except CheckpointError:
            pass  # (the older files have no checksums, so that not every damage can be noticed)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_noise_is_refused(noise: bytes) -> None:
    for content in (b"\x80\x02" + noise, archive(noise), archive(b"\x80\x02" + noise + b".")):
        try:
            load(content)
        except CheckpointError:
            pass


def test_npz_both_ways(tmp_path: Path) -> None:
    tensors = {"a": ag.arange(6).reshape(2, 3), "file": ag.tensor(2.5), "b": ag.ones(2).bool()}
    ag.save(tensors, tmp_path / "x.npz")
    assert sorted(os.listdir(tmp_path)) == ["x.npz"]
    with np.load(tmp_path / "x.npz") as arrays:
        assert arrays["a"].tolist() == [[0, 1, 2], [3, 4, 5]] and arrays["a"].dtype == np.int64
    loaded = ag.load(tmp_path / "x.npz")
    assert {name: t.tolist() for name, t in loaded.items()} == {
        name: t.tolist() for name, t in tensors.items()
    }
    np.savez_compressed(tmp_path / "y.npz", z=np.eye(2))
    assert ag.load(tmp_path / "y.npz")["z"].dtype is ag.float64


def test_npz_refuses_objects_and_what_it_cannot_hold(tmp_path: Path) -> None:
    np.savez(tmp_path / "o.npz", o=np.array([{}], object))
    with pytest.raises(CheckpointError, match="type object; expected numbers"):
        ag.load(tmp_path / "o.npz")
    for obj in ({"a": [1]}, [ag.ones(1)], {"h": ag.ones(1, dtype=ag.bfloat16)}):
        with pytest.raises(TypeError, match="save: .*Mend"):
            ag.save(obj, tmp_path / "p.npz")
    assert not (tmp_path / "p.npz").exists()
    sound = (tmp_path / "o.npz").read_bytes()
    with pytest.raises(CheckpointError):
        load(sound[:-30])


def test_the_struct_of_a_legacy_file_is_checked() -> None:
    sound = (FILES / "pytorch_legacy.pt").read_bytes()
    at = sound.rindex(struct.pack("<q", 6) + np.arange(2, dtype=np.float32).tobytes())
    for number in (7, 0, 2**62, -1):
        with pytest.raises(CheckpointError):
            load(sound[:at] + struct.pack("<q", number) + sound[at + 8 :])
