"""Saving and loading modules: PyTorch's keys, reports of what does not fit, hooks."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn


class Norm(nn.Module):
    """A parameter, a saved and an unsaved buffer, and state that is no Tensor."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(ag.ones(2))
        self.register_parameter("bias", None)
        self.register_buffer("mean", ag.zeros(2))
        self.register_buffer("scratch", ag.zeros(2), persistent=False)
        self.seen = 3

    def get_extra_state(self):
        return {"seen": self.seen}

    def set_extra_state(self, state):
        self.seen = state["seen"]


def net() -> nn.Module:
    m = nn.Module()
    m.body = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2))
    m.norm = Norm()
    return m


KEYS = [
    "body.0.weight", "body.0.bias", "body.2.weight", "body.2.bias",
    "norm.weight", "norm.mean", "norm._extra_state",
]  # fmt: skip


def test_keys_and_prefix():
    m = net()
    assert list(m.state_dict()) == KEYS
    assert list(m.state_dict(prefix="net.")) == ["net." + key for key in KEYS]
    mine: dict = {}
    assert m.state_dict(destination=mine) is mine and list(mine) == KEYS


def test_values_are_detached_and_share_memory():
    m = nn.Linear(2, 3)
    state = m.state_dict()
    assert type(state["weight"]) is ag.Tensor and not state["weight"].requires_grad
    assert m.state_dict(keep_vars=True)["weight"] is m.weight
    with ag.no_grad():
        m.weight.fill_(7.0)
    assert state["weight"].tolist() == [[7.0] * 2] * 3


def test_metadata():
    class Versioned(nn.Linear):
        _version = 4

        def _load_from_state_dict(self, state_dict, prefix, local_metadata, *rest):
            versions.append(local_metadata.get("version"))
            super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    versions: list = []
    m = nn.Sequential(Versioned(1, 1))
    state = m.state_dict()
    assert state._metadata == OrderedDict({"": {"version": 1}, "0": {"version": 4}})
    m.load_state_dict(state)
    m.load_state_dict(dict(state))
    assert versions == [4, None]


def test_round_trip():
    first, second = net(), net()
    first.norm.seen = 9
    with ag.no_grad():
        first.norm.mean.fill_(5.0)
    result = second.load_state_dict(first.state_dict())
    assert repr(result) == "<All keys matched successfully>"
    assert result == ([], [])
    assert second.norm.seen == 9
    for (name, a), (_, b) in zip(first.named_parameters(), second.named_parameters()):
        assert a.tolist() == b.tolist(), name
        assert a is not b
    assert second.norm.mean.tolist() == [5.0, 5.0]


def test_loading_writes_in_place_and_casts():
    m = nn.Linear(2, 1)
    weight = m.weight
    values = np.array([[1.0, 2.0]])
    m.load_state_dict({"weight": values, "bias": np.array([3.0])})  # arrays of float64
    assert m.weight is weight and m.weight.dtype == ag.float32
    assert m.weight.tolist() == [[1.0, 2.0]] and m.weight.requires_grad


def test_assign_takes_the_given_tensors():
    m = nn.Linear(2, 1).requires_grad_(False)
    given = ag.ones(1, 2, dtype=ag.float64)
    m.load_state_dict({"weight": given, "bias": nn.Parameter(ag.ones(1))}, assign=True)
    assert m.weight.dtype == ag.float64 and type(m.weight) is nn.Parameter
    assert not m.weight.requires_grad and not m.bias.requires_grad
    given.fill_(2.0)
    assert m.weight.tolist() == [[2.0, 2.0]]
    n = Norm()
    n.load_state_dict({**n.state_dict(), "mean": ag.ones(2, dtype=ag.float64)}, assign=True)
    assert n.mean.dtype == ag.float64 and list(n._buffers) == ["mean", "scratch"]


def test_shared_parameters_are_saved_under_both_names():
    m = nn.Module()
    m.a = nn.Linear(2, 2, bias=False)
    m.b = m.a
    assert list(m.state_dict()) == ["a.weight", "b.weight"]
    other = nn.Module()
    other.a = nn.Linear(2, 2, bias=False)
    other.b = other.a
    other.load_state_dict(m.state_dict())
    assert other.b.weight is other.a.weight
    assert other.a.weight.tolist() == m.a.weight.tolist()


def test_report_lists_everything_that_does_not_fit():
    m = net()
    state = m.state_dict()
    del state["body.0.bias"], state["norm._extra_state"]
    state["body.2.weight"] = ag.zeros(5, 3)
    state["norm.mean"] = ag.zeros(4)
    state["norm.scratch"] = ag.zeros(2)
    state["norm.bias"] = ag.zeros(2)
    state["elsewhere.weight"] = ag.zeros(1)
    with pytest.raises(RuntimeError) as caught:
        m.load_state_dict(state)
    assert str(caught.value) == (
        "Error(s) in loading state_dict for Module:\n"
        '\tMissing key(s) in state_dict: "body.0.bias", "norm._extra_state". \n'
        '\tUnexpected key(s) in state_dict: "elsewhere.weight", "norm.scratch", "norm.bias". \n'
        "\tsize mismatch for body.2.weight: copying a param with shape "
        "autograd_core.Size([5, 3]) from checkpoint, the shape in current model is "
        "autograd_core.Size([2, 3]).\n"
        "\tsize mismatch for norm.mean: copying a param with shape "
        "autograd_core.Size([4]) from checkpoint, the shape in current model is "
        "autograd_core.Size([2])."
    )


def test_not_strict_returns_the_keys():
    m = nn.Linear(2, 1)
    result = m.load_state_dict({"weight": ag.ones(1, 2), "more": ag.ones(1)}, strict=False)
    missing, unexpected = result
    assert (missing, unexpected) == (["bias"], ["more"])
    assert repr(result) == "_IncompatibleKeys(missing_keys=['bias'], unexpected_keys=['more'])"
    with pytest.raises(RuntimeError, match="size mismatch for weight"):
        m.load_state_dict({"weight": ag.ones(2, 1)}, strict=False)


@pytest.mark.parametrize("given,error", [([1], TypeError), ({"weight": "x"}, RuntimeError)])
def test_wrong_things(given, error):
    with pytest.raises(error, match="state_dict"):
        nn.Linear(1, 1, bias=False).load_state_dict(given)


def test_extra_state_that_nobody_takes_is_unexpected():
    m = nn.Linear(1, 1)
    with pytest.raises(RuntimeError, match='Unexpected.*"_extra_state"'):
        m.load_state_dict({**m.state_dict(), "_extra_state": 3})


def test_hooks():
    calls = []
    m = nn.Sequential(nn.Linear(1, 1))

    def rename(module, state_dict, prefix, metadata, strict, missing, unexpected, errors):
        calls.append(("load pre", prefix, strict))
        if prefix + "old" in state_dict:
            state_dict[prefix + "weight"] = state_dict.pop(prefix + "old")

    def forgive(module, incompatible):
        calls.append(("load post", list(incompatible.missing_keys)))
        incompatible.missing_keys.clear()

    m[0].register_state_dict_pre_hook(lambda module, prefix, keep: calls.append(("pre", prefix)))
    m[0].register_state_dict_post_hook(
        lambda module, state, prefix, metadata: calls.append(("post", list(state)))
    )
    m[0].register_load_state_dict_pre_hook(rename)
    m[0].register_load_state_dict_post_hook(forgive)
    m.state_dict()
    m.load_state_dict({"0.old": ag.tensor([[4.0]])})
    assert m[0].weight.item() == 4.0
    assert calls == [
        ("pre", "0."),
        ("post", ["0.weight", "0.bias"]),
        ("load pre", "0.", True),
        ("load post", ["0.bias"]),
    ]


def test_hooks_must_return_none():
    m = nn.Linear(1, 1)
    m.register_state_dict_post_hook(lambda *args: {})
    with pytest.raises(RuntimeError, match="must return None"):
        m.state_dict()
    n = nn.Linear(1, 1)
    n.register_load_state_dict_post_hook(lambda *args: args)
    with pytest.raises(AssertionError, match="must return None"):
        n.load_state_dict(nn.Linear(1, 1).state_dict())


def test_to_and_from_pytorch():
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.PReLU(4), torch.nn.Linear(4, 2))
    ours = nn.Sequential(nn.Linear(3, 4), nn.PReLU(4), nn.Linear(4, 2))
    ours.load_state_dict(theirs.state_dict())
    x = np.random.RandomState(0).standard_normal((5, 3)).astype("float32")
    y, z = ours(ag.tensor(x)), theirs(torch.tensor(x))
    np.testing.assert_allclose(y.detach().cpu().numpy(), z.detach().numpy(), rtol=1e-5, atol=1e-6)
    back = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.PReLU(4), torch.nn.Linear(4, 2))
    back.load_state_dict({k: torch.tensor(v.cpu().numpy()) for k, v in ours.state_dict().items()})
    assert torch.equal(back(torch.tensor(x)), z)


def test_what_fits_is_loaded_and_the_rest_told():
    def model(width, last):
        return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, width, bias=last))

    saved, ours = model(5, True).state_dict(), model(2, True)
    del saved["0.bias"]
    saved["extra"] = ag.ones(1)
    before = {key: value.clone() for key, value in ours.state_dict().items()}
    told = ours.load_state_dict(saved, strict="report")
    assert told.missing_keys == ["0.bias"]
    assert told.unexpected_keys == ["extra"]
    assert told.mismatched_keys == [("2.weight", (5, 3), (2, 3)), ("2.bias", (5,), (2,))]
    after = ours.state_dict()
    assert after["0.weight"].tolist() == saved["0.weight"].tolist()
    for key in ("0.bias", "2.weight", "2.bias"):
        assert after[key].tolist() == before[key].tolist()
    lazy = nn.LazyLinear(5)
    assert lazy.load_state_dict(nn.Linear(3, 5).state_dict(), strict="report").mismatched_keys == []
    assert lazy.weight.shape == (5, 3)
    with pytest.raises(ValueError, match="strict must be True, False or 'report', got 'reprot'"):
        ours.load_state_dict(saved, strict="reprot")
    with pytest.raises(RuntimeError, match="expected a Tensor or an array"):
        ours.load_state_dict({**before, "0.bias": "text"}, strict="report")
