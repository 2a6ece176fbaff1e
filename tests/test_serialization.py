"""save and load: what comes back, and what is refused."""

from __future__ import annotations

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_core as ag
from autograd_core.errors import CheckpointError, DeviceError


def through(obj: Any) -> Any:
    file = io.BytesIO()
    ag.save(obj, file)
    return ag.load(io.BytesIO(file.getvalue()))


def content(obj: Any) -> bytes:
    file = io.BytesIO()
    ag.save(obj, file)
    return file.getvalue()


def same(a: Any, b: Any) -> bool:
    """Equal in value, type and structure, down to the bits of the tensors."""
    if isinstance(a, ag.Tensor):
        return (
            isinstance(b, ag.Tensor)
            and (a.dtype, a.shape, a.device) == (b.dtype, b.shape, b.device)
            and a.cpu().numpy().tobytes() == b.cpu().numpy().tobytes()
        )
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return same(list(a), list(b)) and all(map(same, a.values(), b.values()))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return (
        repr(a) == repr(b)
        if isinstance(a, complex)
        else a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))
    )


# ---- round trips ---------------------------------------------------------------------------------

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32"]
DTYPES += ["float64", "complex64", "complex128", "uint16", "uint32", "uint64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3)])
def test_tensors(dtype: str, shape: tuple[int, ...]) -> None:
    value = (ag.arange(math.prod(shape)).reshape(shape) - 1).to(getattr(ag, dtype))
    assert same(through(value), value)


def test_special_floats() -> None:
    for dtype in (ag.float32, ag.float64, ag.float16, ag.bfloat16):
        assert same(
            through(value := ag.tensor([float("nan"), float("inf"), -0.0, 1e-5], dtype=dtype)),
            value,
        )


def test_views_and_other_strides() -> None:
    base = ag.arange(24).reshape(4, 6)
    for view in (base.t(), base[1:3, ::2], base[:, 0], base[0, 0], base[:1].expand(3, 6)):
        loaded = through(view)
        assert loaded.tolist() == view.tolist()


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -(2**80),
        1.5,
        0.1,
        -0.0,
        1e-320,
        float("nan"),
        float("inf"),
        -float("inf"),
        "",
        "naïve – ✓ \x00 \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        [],
        (),
        {},
        [1, [2.0, (None, "x")], {}],
        {"a": {1: [True], -2: (1,)}, "": 0, "a.b": 1},
        {"tensor": "x", "device": "cpu"},
        {"dict": [["a", 1]]},
        {"float": "nan"},
        b"\x00\xffbytes",
        b"",
        [1 - 2j, complex("nan+infj"), -0.0j],
        {"dtype": ag.bfloat16, "device": ag.device("cpu"), "shape": ag.Size([2, 3])},
        {"dtype": "float32"},
        {"bytes": "!"},
        {"complex": [1, 2]},
    ],
)
def test_plain_values(value: Any) -> None:
    assert same(through(value), value)


def test_a_checkpoint() -> None:
    checkpoint = {
        "model": OrderedDict([("0.weight", ag.randn(3, 2)), ("0.bias", ag.zeros(3))]),
        "optimizer": {
            "state": {0: {"step": ag.tensor(3.0), "exp_avg": ag.randn(3, 2)}, 1: {}},
            "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999), "foreach": None, "params": [0, 1]}],
        },
        "random": ag.arange(4).to(ag.uint8),
        "epoch": 3,
    }
    loaded = through(checkpoint)
    assert same(loaded, checkpoint)


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.integers(0, 3).map(lambda n: ag.arange(n))
)
plain_keys = st.text(max_size=3) | st.integers() | st.booleans() | st.none() | st.floats()
keys = plain_keys | st.lists(plain_keys, max_size=3).map(tuple)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(keys, inner, max_size=3)
        | st.dictionaries(keys, inner, max_size=3).map(OrderedDict)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(trees)
def test_any_nesting(tree: Any) -> None:
    assert same(through(tree), tree)


def test_names_that_collide_stay_apart() -> None:
    one, two, three = ag.tensor([1]), ag.tensor([2]), ag.tensor([3])
    value = {"a": {"b": one}, "a.b": two, "": {"": three}, "__metadata__": one + 5, 1: one + 6}
    value["1"] = one + 7
    assert same(through(value), value)


def test_shared_tensors_are_stored_once_and_stay_shared() -> None:
    weight = ag.randn(100, 100)
    shared = content({"encoder": weight, "decoder": weight.detach(), "view": weight.view(100, 100)})
    assert len(shared) < 1.2 * len(content({"encoder": weight}))
    loaded = ag.load(io.BytesIO(shared))
    loaded["encoder"][0, 0] = 7
    assert loaded["decoder"][0, 0].item() == loaded["view"][0, 0].item() == 7


def test_parts_of_a_tensor_are_not_the_tensor() -> None:
    base = ag.arange(6)
    loaded = through({"all": base, "half": base[:3], "other": base[::2], "bits": base.view(2, 3)})
    assert loaded["half"].tolist() == [0, 1, 2] and loaded["other"].tolist() == [0, 2, 4]
    assert loaded["bits"].shape == (2, 3)
    empty = through({"a": ag.zeros(0), "b": ag.zeros(0)})
    empty["a"] += 1
    assert empty["b"].shape == (0,)


def test_loaded_tensors_are_leaves() -> None:
    weight = ag.ones(2, requires_grad=True)
    loaded = through({"weight": weight, "result": weight * 2, "plain": ag.zeros(1)})
    assert loaded["weight"].is_leaf and loaded["result"].is_leaf
    with ag.no_grad():
        loaded["weight"] += 1  # its memory is its own, and may be written
    assert weight.tolist() == [1, 1]


def test_map_location() -> None:
    value = ag.zeros(2, device="cpu")
    loaded = ag.load(io.BytesIO(content([value])), map_location="cpu")
    assert loaded[0].device.type == "cpu"
    loaded = ag.load(io.BytesIO(content([value])), map_location=ag.device("cpu"))
    assert loaded[0].device.type == "cpu"
    asked = []

    def function(tensor: ag.Tensor, where: str) -> Any:
        asked.append((tensor.device.type, where))
        return tensor.to("cpu") if len(asked) == 1 else None

    for wanted in (lambda tensor, where: tensor, function, function, {"cpu": "cpu"}, {"x": "y"}):
        loaded = ag.load(io.BytesIO(content([value])), map_location=wanted)
        assert loaded[0].device.type == "cpu" and loaded[0].tolist() == [0, 0]
    assert asked == [("cpu", "cpu")] * 2
    for wrong in (lambda tensor, where: "cpu", lambda tensor, where: tensor[:1]):
        with pytest.raises(TypeError, match="map_location must return the tensor"):
            ag.load(io.BytesIO(content([value])), map_location=wrong)
    with pytest.raises(DeviceError, match="no such device"):
        ag.load(io.BytesIO(content([value])), map_location={"cpu": "no such device"})
    with pytest.raises(ZeroDivisionError):
        ag.load(io.BytesIO(content([value])), map_location=lambda *_: 1 / 0)


def test_arguments_of_pytorch_change_nothing() -> None:
    file = io.BytesIO()
    ag.save({"a": 1}, file, pickle, 4, _use_new_zipfile_serialization=False)
    harmful = io.BytesIO()
    with zipfile.ZipFile(harmful, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"path": Path("x")}, 2))
    for weights_only in (True, False, None):
        file.seek(0)
        assert ag.load(file, "cpu", pickle, weights_only=weights_only, encoding="latin1") == {
            "a": 1
        }
        with ag.serialization.safe_globals([Path]):
            with pytest.raises(CheckpointError, match="imported and run"):
                ag.load(io.BytesIO(harmful.getvalue()), weights_only=weights_only)


def test_safe_globals() -> None:
    there = ag.serialization
    assert there.get_safe_globals() == []
    there.add_safe_globals([Path])
    with there.safe_globals([OrderedDict, Path]):
        assert there.get_safe_globals() == [Path, OrderedDict]
    assert there.get_safe_globals() == [Path]
    there.clear_safe_globals()
    assert there.get_safe_globals() == []


# ---- other programs ------------------------------------------------------------------------------


def test_files_of_other_programs_load_as_a_dict(tmp_path: Path) -> None:
    path = tmp_path / "plain.safetensors"
    arrays = {"b": np.arange(3, dtype=np.int32), "a": np.ones((2, 2), np.float16)}
    safetensors.numpy.save_file(arrays, path)
    loaded = ag.load(path)
    assert sorted(loaded) == ["a", "b"] and loaded["b"].device.type == "cpu"
    assert loaded["a"].dtype == ag.float16 and loaded["b"].tolist() == [0, 1, 2]


def test_exchange_with_torch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ag.save({"0.weight": ag.ones(2, 3, dtype=ag.bfloat16), "n": ag.tensor(3)}, ours)
    loaded = load_file(ours)
    assert loaded["0.weight"].dtype == torch.bfloat16 and loaded["n"].item() == 3
    save_file({"w": torch.tensor([1.5, -2.0], dtype=torch.bfloat16)}, theirs)
    back = ag.load(theirs)
    assert back["w"].dtype == ag.bfloat16 and back["w"].tolist() == [1.5, -2.0]


# ---- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, {2}]}, r"obj\['a'\]\[1\] is a set; expected a tensor"),
        ({"m": print}, r"obj\['m'\] is a builtin_function_or_method"),
        (object(), "obj is a object"),
        (np.zeros(2), r"obj is a ndarray.*ag.tensor\(array\)"),
        ({"n": np.int64(3)}, r"obj\['n'\] is a int64.*\.item\(\)"),
        (bytearray(b"x"), "obj is a bytearray"),
        ({b"a": 2}, r"the key b'a' of obj is a bytes"),
        ({"x": {(1, (2,)): 3}}, r"the key \(1, \(2,\)\) of obj\['x'\] is a tuple"),
    ],
)
def test_other_types_are_refused(value: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=message):
        ag.save(value, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_an_object_that_contains_itself() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="does it contain itself"):
        through(loop)


def test_a_state_dict_keeps_its_names() -> None:
    file = content({"0.weight": ag.zeros(2), "0.bias": ag.zeros(1)})
    assert sorted(name for name, _ in safetensors.deserialize(file)) == ["0.bias", "0.weight"]
