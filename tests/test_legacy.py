"""Constructors of older programs, beside PyTorch's; and numbers that a dtype cannot hold."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

CALLS: dict[str, Callable[[Any], Any]] = {
    "data": lambda lib: lib.FloatTensor([1, 2]),
    "fractions are cut": lambda lib: lib.LongTensor([1.5, -2.5]),
    "an array": lambda lib: lib.DoubleTensor(np.ones((2, 1), np.float32)),
    "a range": lambda lib: lib.IntTensor(range(3)),
    "truths": lambda lib: lib.BoolTensor([1, 0]),
    "halves": lambda lib: lib.HalfTensor([1, 2]),
    "bytes": lambda lib: lib.ByteTensor([255]),
    "nothing": lambda lib: lib.ShortTensor(),
    "a tensor": lambda lib: lib.LongTensor(lib.tensor([1, 2])),
    "a tensor of another dtype": lambda lib: lib.FloatTensor(lib.tensor([1, 2])),
    "one number": lambda lib: lib.FloatTensor(3.5),
    "a word": lambda lib: lib.FloatTensor("ab"),
    "two lists": lambda lib: lib.LongTensor([2], [3]),
    "a negative size": lambda lib: lib.FloatTensor(-1),
    "too large": lambda lib: lib.ByteTensor([300]),
    "type of a class": lambda lib: lib.ones(2).type(lib.LongTensor),
    "type of a name": lambda lib: lib.ones(2).type("torch.LongTensor"),
    "new with data": lambda lib: lib.tensor([1]).new([2, 3]),
    "new of nothing": lambda lib: lib.tensor([1], dtype=lib.int16).new(),
    "Tensor of integers": lambda lib: lib.Tensor(lib.tensor([1, 2])),
    "Variable": lambda lib: lib.autograd.Variable(lib.ones(2)),
    "Variable of a number": lambda lib: lib.autograd.Variable(3.0),
    "complex data": lambda lib: lib.tensor([1 + 2j], dtype=lib.float32),
    "complex data as truths": lambda lib: lib.tensor([1 + 2j], dtype=lib.bool),
    "complex number": lambda lib: lib.full((2,), 1 + 2j, dtype=lib.float32),
    "complex integer": lambda lib: lib.tensor(1 + 2j, dtype=lib.int64),
}  # fmt: skip


@pytest.mark.cpu_only
@pytest.mark.parametrize("name", CALLS)
def test_older_constructors_are_as_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    call = CALLS[name]
    try:
        expected = call(torch)
    except (TypeError, ValueError, RuntimeError):
        with pytest.raises((TypeError, ValueError, RuntimeError)):
            call(ag)
        return
    result = call(ag)
    assert str(result.dtype).rpartition(".")[2] == str(expected.dtype).rpartition(".")[2]
    assert result.tolist() == expected.tolist()


@pytest.mark.cpu_only
def test_sizes_make_unset_memory() -> None:
    assert ag.FloatTensor(2, 3).shape == (2, 3) and ag.LongTensor(2).dtype == ag.int64
    assert ag.FloatTensor(ag.Size([4])).shape == (4,)
    assert ag.ones(2, dtype=ag.float64).new(2, 3).dtype == ag.float64


@pytest.mark.cpu_only
def test_types_know_their_tensors() -> None:
    x = ag.ones(2)
    assert isinstance(x, ag.FloatTensor) and not isinstance(x, ag.DoubleTensor)
    assert not isinstance(x, ag.cuda.FloatTensor) and not isinstance(x.numpy(), ag.FloatTensor)
    assert isinstance(x, ag.autograd.Variable) and not isinstance(1.0, ag.autograd.Variable)
    assert repr(ag.cuda.LongTensor) == "<class 'autograd_core.cuda.LongTensor'>"


def test_a_variable_is_a_leaf_on_the_same_memory() -> None:
    x = ag.ones(2, requires_grad=True) * 2
    v = ag.autograd.Variable(x, requires_grad=True)
    assert v.is_leaf and v.requires_grad and v.data_ptr() == x.data_ptr()
    (v * v).sum().backward()
    assert v.grad.tolist() == [4.0, 4.0]


def test_dropping_the_imaginary_part_warns() -> None:
    z = ag.tensor([1 + 2j])
    with pytest.warns(UserWarning, match="drops the imaginary part"):
        assert z.to(ag.float32).tolist() == [1.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert z.real.to(ag.float64).tolist() == [1.0] and z.to(ag.bool).tolist() == [True]


def test_programs_can_choose_their_device_as_under_pytorch() -> None:
    import autograd_core.backends.cudnn as cudnn

    cudnn.benchmark = ag.backends.cudnn.deterministic = True
    ag.backends.cuda.matmul.allow_tf32 = True
    assert ag.backends.cudnn.benchmark and not ag.backends.mps.is_available()
    assert ag.accelerator.is_available() is ag.cuda.is_available()
    found = ag.accelerator.current_accelerator()
    assert found is None if not ag.cuda.is_available() else found.type == "cuda"
    with pytest.raises(AttributeError, match="no attribute 'xla'"):
        _ = ag.backends.xla
