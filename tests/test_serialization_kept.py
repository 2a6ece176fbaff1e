"""What save and load keep beside the values: kinds of dicts, layouts, gradients, parameters."""

from __future__ import annotations

import io
import json
import zlib
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import autograd_core as ag
from autograd_core import nn
from autograd_core.files import packing


def content(obj: Any) -> bytes:
    file = io.BytesIO()
    ag.save(obj, file)
    return file.getvalue()


def through(obj: Any) -> Any:
    return ag.load(io.BytesIO(content(obj)))


def through_torch(torch: Any, obj: Any) -> Any:
    file = io.BytesIO()
    torch.save(obj, file)
    file.seek(0)
    return torch.load(file)


def test_a_state_dict_comes_back_as_it_was() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    state = model.state_dict()
    loaded = through({"model": state})["model"]
    assert type(loaded) is OrderedDict and list(loaded) == list(state)
    assert loaded._metadata == state._metadata and loaded._metadata["1"] == {"version": 2}
    loaded.move_to_end("0.weight")
    model.load_state_dict(loaded)
    assert not hasattr(through(OrderedDict(a=1)), "_metadata")


def test_kinds_of_dicts() -> None:
    for value in ({}, {"a": 1}, OrderedDict(b=1, a=2), Counter("aab"), Counter([1, 1, 2])):
        loaded = through(value)
        assert type(loaded) is type(value) and loaded == value and list(loaded) == list(value)
    scheduler = ag.optim.lr_scheduler.MultiStepLR(
        ag.optim.SGD([ag.ones(1, requires_grad=True)], lr=1.0), [1, 2]
    )
    state = through(scheduler.state_dict())
    assert state == scheduler.state_dict() and type(state["milestones"]) is Counter


@pytest.mark.parametrize("key", [(), (1, "a"), ("a.b", None, True), (0.5,), 1.5, None, True, -3])
def test_keys(key: Any) -> None:
    loaded = through({key: ag.ones(2), "more": {key: 1}})
    found = next(iter(loaded))
    assert found == key and type(found) is type(key) and loaded[key].tolist() == [1, 1]
    assert loaded["more"] == {key: 1}


def tensors(lib: Any) -> dict[str, Any]:
    base = lib.arange(24.0).reshape(2, 3, 4)
    leaf = lib.ones(2, requires_grad=True)
    return {
        "usual": base, "permuted": base.permute(2, 0, 1), "swapped": base.transpose(0, 2),
        "complex": lib.ones(2, 3, dtype=lib.complex128).t(),
        "half": lib.ones(2, 3, dtype=lib.bfloat16).t(),
        "whole": lib.arange(6).reshape(2, 3).t(), "number": lib.tensor(2.0),
        "leaf": leaf, "result": leaf * 2, "leaf of order": base.permute(2, 0, 1).requires_grad_(),
        "parameter": lib.nn.Parameter(lib.ones(2, 3)),
        "parameter of order": lib.nn.Parameter(lib.ones(2, 3).t()),
        "frozen": lib.nn.Parameter(lib.ones(2), requires_grad=False),
        "whole parameter": lib.nn.Parameter(lib.arange(3), requires_grad=False),
        "buffer": lib.nn.Buffer(lib.ones(2)),
    }  # fmt: skip


def facts(lib: Any, value: Any) -> Any:
    kind = type(value).__name__
    return kind, value.requires_grad, value.is_leaf, value.stride(), value.detach().tolist()


def test_tensors_keep_what_pytorch_keeps() -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = through(tensors(ag)), through_torch(torch, tensors(torch))
    for name, value in theirs.items():
        assert facts(ag, ours[name]) == facts(torch, value), name


def test_tensors_of_a_file_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for new in (True, False):
        file = io.BytesIO()
        torch.save(tensors(torch), file, _use_new_zipfile_serialization=new)
        file.seek(0)
        for name, value in ag.load(file).items():
            expected = through_torch(torch, tensors(torch))[name]
            assert facts(ag, value) == facts(torch, expected), name
            assert isinstance(value, nn.Parameter) == isinstance(expected, torch.nn.Parameter)


def test_a_parameter_and_its_tensor_share_their_memory() -> None:
    weight = nn.Parameter(ag.ones(2))
    loaded = through({"first": weight, "tied": weight, "plain": weight.detach()})
    assert loaded["first"] is loaded["tied"] and type(loaded["first"]) is nn.Parameter
    assert type(loaded["plain"]) is ag.Tensor and not loaded["plain"].requires_grad
    loaded["plain"][0] = 7
    assert loaded["first"].tolist() == [7, 1]
    layer = nn.Linear(2, 2)
    layer.weight = through(layer.weight)
    assert len(list(layer.parameters())) == 2


def test_other_programs_read_the_values_in_the_usual_order(tmp_path: Path) -> None:
    value = ag.arange(6).reshape(2, 3).t()
    ag.save({"a": value}, tmp_path / "file")
    assert safetensors.numpy.load_file(tmp_path / "file")["a"].tolist() == value.tolist()
    mapped = ag.load(tmp_path / "file", map_location="cpu", mmap=True)["a"]
    assert mapped.tolist() == value.tolist() and mapped.stride() == (1, 3)


def test_gaps_and_repeats_are_not_kept() -> None:
    base = ag.arange(24).reshape(4, 6)
    for view in (base[1:3, ::2], base[:1].expand(3, 6)):
        assert through(view).is_contiguous() and through(view).tolist() == view.tolist()
    assert through(base.t()[::2]).stride() == (1, 3)


def test_files_of_the_first_version_are_read() -> None:
    array = np.arange(6.0).reshape(3, 2)
    description = json.dumps({
        "version": 1,
        "structure": {"dict": [
            ["w", {"tensor": "w", "device": "cpu"}], [3, {"tuple": [{"float": "nan"}]}],
            ["c", {"tensor": "w", "device": "cpu", "pairs": "complex128"}],
        ]},
        "crc32": {"w": packing.checksum(array)},
    })  # fmt: skip
    sums = {packing.FORMAT: description, packing.CHECKSUM: str(zlib.crc32(description.encode()))}
    loaded = ag.load(io.BytesIO(safetensors.numpy.save({"w": array}, sums)))
    assert type(loaded) is dict and list(loaded) == ["w", 3, "c"]
    assert loaded["w"].tolist() == array.tolist() and loaded["c"].tolist() == [1j, 2 + 3j, 4 + 5j]
