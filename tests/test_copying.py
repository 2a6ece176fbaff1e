"""Copies and pickles of tensors."""

from __future__ import annotations

import copy
import pickle
import weakref
from typing import Any

import pytest

import autograd_core as ag
from autograd_core.errors import GraphError

DTYPES = ["float32", "float64", "float16", "bfloat16", "int64", "uint8", "bool", "complex64"]


class Named(ag.Tensor):
    """A tensor class of the user's own."""


def roundtrip(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def test_deepcopy_of_a_leaf() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    x.name = ["a"]
    y = copy.deepcopy(x)
    assert y.tolist() == [1, 2] and y.requires_grad and y.is_leaf
    assert y.grad.tolist() == [2, 4] and y.grad is not x.grad
    assert y.name == ["a"] and y.name is not x.name
    with ag.no_grad():
        y.mul_(10)
        y.grad.mul_(10)
    assert x.tolist() == [1, 2] and x.grad.tolist() == [2, 4]
    (y * 2).sum().backward()
    assert x.grad.tolist() == [2, 4]


def test_deepcopy_keeps_identities() -> None:
    x = ag.ones(2)
    one, two = copy.deepcopy([x, x])
    assert one is two and one is not x


def test_deepcopy_of_a_tensor_in_a_graph_is_refused() -> None:
    y = ag.ones(2, requires_grad=True) * 2
    with pytest.raises(GraphError, match=r"mul at test_copying.py.*detach\(\)\.clone\(\)"):
        copy.deepcopy(y)
    assert copy.deepcopy(y.detach()).tolist() == [2, 2]


def test_deepcopy_keeps_strides() -> None:
    x = ag.arange(6).reshape(2, 3).T
    y = copy.deepcopy(x)
    assert y.stride() == x.stride() == (1, 3) and y.tolist() == x.tolist()


def test_copy_shares_memory() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    x.name = "a"
    y = copy.copy(x)
    assert y.requires_grad and y.is_leaf and y is not x and y.name == "a"
    loss = (x * x).sum()
    with ag.no_grad():
        y.mul_(3)
    assert x.tolist() == [3, 6]
    with pytest.raises(GraphError, match="changed in place"):
        loss.backward()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0, 2), (2, 3)])
def test_pickle(dtype: str, shape: tuple[int, ...]) -> None:
    x = ag.ones(*shape, dtype=getattr(ag, dtype) if dtype != "bool" else "bool")
    y = roundtrip(x)
    assert y.dtype == x.dtype and y.shape == x.shape and y.device == x.device
    assert y.tolist() == x.tolist() and not y.requires_grad
    if dtype != "bool":
        y.add_(1)  # what was read can be written to
    assert copy.deepcopy(x).tolist() == x.tolist()


def test_pickles_are_leaves() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    y = roundtrip(x)
    assert y.requires_grad and y.is_leaf
    z = roundtrip(x * 2)
    assert z.requires_grad and z.is_leaf and z.tolist() == [2, 4]
    assert roundtrip({"a": [x]})["a"][0].tolist() == [1, 2]


def test_pickle_of_a_non_contiguous_tensor() -> None:
    x = ag.arange(6).reshape(2, 3).T
    assert roundtrip(x).tolist() == x.tolist()


def test_attributes_and_classes_are_kept() -> None:
    x = Named([1.0, 2.0])
    assert type(x) is Named
    x.label = 5
    for y in (roundtrip(x), copy.deepcopy(x), copy.copy(x)):
        assert type(y) is Named and y.label == 5 and y.tolist() == [1, 2]


def test_dtypes_and_devices_are_pickled() -> None:
    assert roundtrip(ag.float32) is ag.float32
    assert roundtrip(ag.device("cpu")) == ag.device("cpu")


def test_weak_references() -> None:
    x = ag.ones(2)
    reference = weakref.ref(x)
    assert reference() is x
    del x
    assert reference() is None
