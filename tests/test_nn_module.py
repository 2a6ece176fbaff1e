"""The machinery of modules: registration, walking, modes, conversion, text, copies."""

from __future__ import annotations

import copy
import pickle

import pytest

import autograd_core as ag
from autograd_core import nn


class Block(nn.Module):
    """Two layers, a buffer of each kind, and a parameter that is switched off."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.scale = nn.Parameter(ag.ones(3))
        self.register_parameter("shift", None)
        self.register_buffer("mean", ag.zeros(3))
        self.register_buffer("cache", ag.tensor([1, 2]), persistent=False)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.first(x) * self.scale + self.mean)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = Block()
        self.b = nn.Sequential(nn.Linear(3, 3), self.a.act)
        self.tied = self.a.first

    def forward(self, x):
        return self.b(self.a(x))


# -- registration ---------------------------------------------------------------------------------


def test_assignment_sorts_by_kind():
    m = Block()
    assert list(m._parameters) == ["scale", "shift"]
    assert list(m._buffers) == ["mean", "cache"]
    assert list(m._modules) == ["first", "act"]
    assert m.shift is None
    m.note = "plain"
    assert m.note == "plain"
    assert {"scale", "mean", "first", "note"} <= set(dir(m))


def test_assignment_replaces_and_moves_between_kinds():
    m = nn.Module()
    m.x = 3
    m.x = nn.Parameter(ag.ones(1))
    assert "x" not in m.__dict__
    m.x = nn.ReLU()
    assert not m._parameters and list(m._modules) == ["x"]
    m.x = nn.Buffer(ag.ones(2), persistent=False)
    assert not m._modules and list(m._buffers) == ["x"]
    assert m.state_dict() == {}
    m.x = nn.Parameter(ag.ones(1))
    assert not m._buffers and list(m.state_dict()) == ["x"]


def test_a_buffer_keeps_its_persistence_when_assigned_anew():
    m = Block()
    m.cache = ag.tensor([3])
    assert "cache" not in m.state_dict()
    m.mean = ag.ones(3)
    assert "mean" in m.state_dict()
    m.mean = None
    assert "mean" not in m.state_dict()


def test_deletion():
    m = Block()
    del m.scale, m.mean, m.first
    for name in ("scale", "mean", "first"):
        assert not hasattr(m, name)
    with pytest.raises(AttributeError):
        del m.scale


@pytest.mark.parametrize(
    "change,error,message",
    [
        (lambda m: setattr(m, "scale", ag.ones(3)), TypeError, "parameter 'scale'.*nn.Parameter"),
        (lambda m: setattr(m, "first", 3), TypeError, "child module 'first'"),
        (lambda m: setattr(m, "mean", 3), TypeError, "buffer 'mean'"),
        (lambda m: m.register_parameter("p", ag.ones(1)), TypeError, "'Tensor' object"),
        (lambda m: m.register_parameter("forward", None), KeyError, "'forward' already exists"),
        (lambda m: m.register_parameter("a.b", None), KeyError, "contain"),
        (lambda m: m.register_parameter("", None), KeyError, "empty"),
        (lambda m: m.register_parameter(3, None), TypeError, "string"),
        (lambda m: m.register_buffer("scale", None), KeyError, "already exists"),
        (lambda m: m.register_buffer("b", 3), TypeError, "'int' object to buffer 'b'"),
        (lambda m: m.add_module("m", 3), TypeError, "int is not a Module"),
        (lambda m: m.add_module("a.b", nn.ReLU()), KeyError, "contain"),
        (lambda m: m.nothing, AttributeError, "'Block' object has no attribute 'nothing'"),
        (lambda m: m.train("yes"), ValueError, "boolean, got 'yes'"),
        (lambda m: m.to(ag.int64), TypeError, "floating point"),
        (lambda m: m.to(3.5), TypeError, "float"),
        (lambda m: nn.Module()(1), NotImplementedError, r"\[Module\] is missing"),
    ],
)
def test_errors(change, error, message):
    with pytest.raises(error, match=message):
        change(Block())


@pytest.mark.parametrize("value", [nn.Parameter(ag.ones(1)), nn.ReLU(), nn.Buffer(ag.ones(1))])
def test_assignment_before_init(value):
    class Late(nn.Module):
        def __init__(self):
            self.x = value

    with pytest.raises(AttributeError, match=r"before Module.__init__\(\) call"):
        Late()


def test_use_before_init_says_what_is_missing():
    class Late(nn.Module):
        def __init__(self):
            self.size = 3

    with pytest.raises(AttributeError, match=r"super\(\).__init__\(\) has not been called"):
        Late().weight  # noqa: B018  (the access is the test)


def test_a_result_cannot_be_a_parameter():
    result = nn.Parameter(ag.ones(1)) * 2
    assert type(result) is ag.Tensor
    with pytest.raises(TypeError, match="Parameter or None required"):
        nn.Module().register_parameter("p", result)


# -- walking --------------------------------------------------------------------------------------


def test_names_and_shared_members():
    m = Net()
    assert [name for name, _ in m.named_parameters()] == [
        "a.scale",
        "a.first.weight",
        "a.first.bias",
        "b.0.weight",
        "b.0.bias",
    ]
    assert [name for name, _ in m.named_modules()] == ["", "a", "a.first", "a.act", "b", "b.0"]
    assert [name for name, _ in m.named_modules(remove_duplicate=False)] == [
        "", "a", "a.first", "a.act", "b", "b.0", "b.1", "tied",
    ]  # fmt: skip
    everything = [name for name, _ in m.named_parameters(remove_duplicate=False)]
    assert everything[-2:] == ["tied.weight", "tied.bias"]
    assert [name for name, _ in m.named_buffers(prefix="net")] == ["net.a.mean", "net.a.cache"]
    assert [name for name, _ in m.named_children()] == ["a", "b", "tied"]
    assert [name for name, _ in m.a.named_parameters(recurse=False)] == ["scale"]
    assert len(list(m.parameters())) == 5
    assert len(list(m.buffers())) == 2
    assert list(m.children()) == [m.a, m.b, m.tied]


def test_dotted_access():
    m = Net()
    assert m.get_submodule("") is m
    assert m.get_submodule("b.0") is m.b[0]
    assert m.get_parameter("a.first.weight") is m.a.first.weight
    assert m.get_buffer("a.mean") is m.a.mean
    m.set_submodule("b.0", nn.Identity())
    assert isinstance(m.b[0], nn.Identity)
    m.set_submodule("a.extra", nn.Tanh())
    assert isinstance(m.a.extra, nn.Tanh)


@pytest.mark.parametrize(
    "call,error,message",
    [
        (
            lambda m: m.get_submodule("a.nothing"),
            AttributeError,
            "Block has no attribute `nothing`",
        ),
        (lambda m: m.get_submodule("a.scale"), AttributeError, "`scale` is not an nn.Module"),
        (lambda m: m.get_parameter("a.mean"), AttributeError, "`mean` is not an nn.Parameter"),
        (lambda m: m.get_buffer("a.scale"), AttributeError, "`scale` is not a buffer"),
        (lambda m: m.set_submodule("", nn.ReLU()), ValueError, "without a target"),
        (lambda m: m.set_submodule("a.act", 3), ValueError, "not an nn.Module"),
        (lambda m: m.set_submodule("a.new", nn.ReLU(), strict=True), AttributeError, "`new`"),
        (lambda m: m.set_submodule("a.scale", nn.ReLU()), AttributeError, "not an nn.Module"),
    ],
)
def test_dotted_access_errors(call, error, message):
    with pytest.raises(error, match=message):
        call(Net())


def test_apply_goes_inside_out():
    seen = []
    m = Net()
    assert m.apply(lambda module: seen.append(type(module).__name__)) is m
    assert seen == ["Linear", "ReLU", "Block", "Linear", "ReLU", "Sequential", "Linear", "Net"]


# -- modes ----------------------------------------------------------------------------------------


def test_train_and_eval_reach_every_module():
    m = Net()
    assert m.eval() is m
    assert not any(module.training for module in m.modules())
    m.train()
    assert all(module.training for module in m.modules())


def test_requires_grad_and_zero_grad():
    m = Net()
    assert m.requires_grad_(False) is m
    assert not any(p.requires_grad for p in m.parameters())
    m.requires_grad_()
    m(ag.ones(1, 2)).sum().backward()
    grad = m.a.scale.grad
    m.zero_grad(set_to_none=False)
    assert m.a.scale.grad is grad and grad.tolist() == [0.0] * 3
    m.zero_grad()
    assert m.a.scale.grad is None


# -- conversion -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "convert,dtype",
    [
        (lambda m: m.double(), ag.float64),
        (lambda m: m.half(), ag.float16),
        (lambda m: m.bfloat16(), ag.bfloat16),
        (lambda m: m.double().float(), ag.float32),
        (lambda m: m.to(ag.float64), ag.float64),
        (lambda m: m.to(dtype=ag.float64), ag.float64),
        (lambda m: m.to(ag.get_default_device(), ag.float64), ag.float64),
        (lambda m: m.to(ag.ones(1, dtype=ag.float64)), ag.float64),
    ],
)
def test_conversion_in_place_of_floats_only(convert, dtype):
    m = Block()
    m(ag.ones(1, 2)).sum().backward()
    before = list(m.parameters())
    assert convert(m) is m
    after = list(m.parameters())
    assert all(a is b for a, b in zip(before, after))  # an optimizer goes on with them
    assert {p.dtype for p in after} == {dtype}
    assert {p.grad.dtype for p in after} == {dtype}
    assert all(isinstance(p, nn.Parameter) and p.requires_grad and p.is_leaf for p in after)
    assert m.mean.dtype == dtype
    assert m.cache.dtype == ag.int64


def test_conversion_leaves_a_working_module():
    m = nn.Linear(2, 1).double()
    m(ag.ones(1, 2, dtype=ag.float64)).sum().backward()
    assert m.weight.grad.dtype == ag.float64
    assert m.weight.grad.tolist() == [[1.0, 1.0]]


def test_type_converts_integers_too():
    m = Block().type(ag.float16)
    assert m.cache.dtype == ag.float16


def test_to_a_device():
    where = ag.get_default_device()
    m = Block().to(where)
    assert all(p.device.type == where.type for p in m.parameters())
    m.cpu()
    assert all(t.device.type == "cpu" for t in (*m.parameters(), *m.buffers()))


# -- text and copies ------------------------------------------------------------------------------


def test_text():
    assert repr(Net()) == (
        "Net(\n"
        "  (a): Block(\n"
        "    (first): Linear(in_features=2, out_features=3, bias=True)\n"
        "    (act): ReLU()\n"
        "  )\n"
        "  (b): Sequential(\n"
        "    (0): Linear(in_features=3, out_features=3, bias=True)\n"
        "    (1): ReLU()\n"
        "  )\n"
        "  (tied): Linear(in_features=2, out_features=3, bias=True)\n"
        ")"
    )


def test_text_with_several_lines_of_its_own():
    class Wordy(nn.Module):
        def extra_repr(self):
            return "one\ntwo"

    assert repr(Wordy()) == "Wordy(\n  one\n  two\n)"
    m = Wordy()
    m.act = nn.ReLU()
    assert repr(m) == "Wordy(\n  one\n  two\n  (act): ReLU()\n)"


def test_deepcopy_is_independent_and_keeps_sharing():
    m = Net()
    twin = copy.deepcopy(m)
    assert twin.tied is twin.a.first
    assert twin.a.first.weight is not m.a.first.weight
    assert type(twin.a.scale) is nn.Parameter
    assert [n for n, _ in twin.named_parameters()] == [n for n, _ in m.named_parameters()]
    with ag.no_grad():
        twin.a.scale.fill_(5.0)
    assert m.a.scale.tolist() == [1.0] * 3


def test_pickle():
    m = Net().eval()
    twin = pickle.loads(pickle.dumps(m))
    assert repr(twin) == repr(m)
    assert not twin.a.training
    assert twin.tied is twin.a.first
    assert type(twin.a.scale) is nn.Parameter
    assert twin(ag.ones(2, 2)).tolist() == m(ag.ones(2, 2)).tolist()


def test_training_a_small_model():
    ag.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    inputs = ag.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    targets = ag.tensor([0, 1, 1, 0])
    optimizer = ag.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05
    assert model(inputs).argmax(1).tolist() == [0, 1, 1, 0]
