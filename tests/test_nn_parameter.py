"""Parameters and buffers: leaves that share memory, and keep their type when copied."""

from __future__ import annotations

import copy
import pickle

import pytest

import autograd_core as ag
from autograd_core import nn


def test_a_parameter_is_a_leaf_that_shares_memory():
    data = ag.zeros(2)
    p = nn.Parameter(data)
    assert p.is_leaf and p.requires_grad and isinstance(p, ag.Tensor)
    data.fill_(3.0)
    assert p.tolist() == [3.0, 3.0]
    assert not nn.Parameter(data, requires_grad=False).requires_grad
    assert nn.Parameter().shape == (0,)


def test_results_are_plain_tensors():
    p = nn.Parameter(ag.ones(2, 2))
    for result in (p * 2, p + p, p.sum(), p.detach(), p.T, p @ p, p.clone(), p[0]):
        assert type(result) is ag.Tensor
    p.sum().backward()
    assert type(p.grad) is ag.Tensor


@pytest.mark.cpu_only  # elsewhere the device is part of the text
def test_text():
    assert repr(nn.Parameter(ag.ones(2))) == (
        "Parameter containing:\ntensor([1., 1.], requires_grad=True)"
    )
    assert repr(nn.Parameter(ag.ones(1), False)) == "Parameter containing:\ntensor([1.])"


@pytest.mark.parametrize("again", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_copies_keep_type_and_values(again):
    p = nn.Parameter(ag.tensor([1.0, 2.0]))
    p.note = "mine"
    twin = again(p)
    assert type(twin) is nn.Parameter and twin.requires_grad and twin.is_leaf
    assert twin.tolist() == [1.0, 2.0]
    with ag.no_grad():
        twin.zero_()
    assert p.tolist() == [1.0, 2.0]
    frozen = again(nn.Parameter(ag.ones(1), requires_grad=False))
    assert not frozen.requires_grad
    buffer = again(nn.Buffer(ag.ones(2), persistent=False))
    assert type(buffer) is nn.Buffer and buffer.persistent is False


def test_a_copy_leaves_the_gradient_behind():
    p = nn.Parameter(ag.ones(1))
    (p * 2).sum().backward()
    assert copy.deepcopy(p).grad is None


def test_deepcopy_keeps_shared_parameters_shared():
    p = nn.Parameter(ag.ones(1))
    a, b = copy.deepcopy([p, p])
    assert a is b


@pytest.mark.parametrize("kind", [nn.Parameter, nn.Buffer])
def test_only_tensors(kind):
    with pytest.raises(TypeError, match=r"expected a Tensor, got list; write .*ag\.tensor"):
        kind([1.0])


def test_integers_cannot_be_trained():
    with pytest.raises(RuntimeError, match="floating"):
        nn.Parameter(ag.tensor([1]))
    assert nn.Parameter(ag.tensor([1]), requires_grad=False).dtype == ag.int64


def test_a_subclass_keeps_its_class():
    class Scale(nn.Parameter):
        pass

    p = Scale(ag.ones(1))
    assert type(p) is Scale and type(copy.deepcopy(p)) is Scale
    m = nn.Module()
    m.p = p
    assert list(m.parameters()) == [p]
