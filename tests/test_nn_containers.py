"""Containers: used like lists and dicts, numbered and printed like PyTorch's."""

from __future__ import annotations

from collections import OrderedDict

import pytest

import autograd_core as ag
from autograd_core import nn


class Tag(nn.Module):
    """A module that says which one it is."""

    def __init__(self, n):
        super().__init__()
        self.n = n

    def forward(self, x):
        return [*x, self.n]

    def extra_repr(self):
        return str(self.n)


def tags(*numbers):
    return [Tag(n) for n in numbers]


def numbers(container):
    return [module.n for module in container]


def keys(container):
    return list(container._modules)


@pytest.fixture(params=["Sequential", "ModuleList"])
def make(request):
    if request.param == "Sequential":
        return lambda *n: nn.Sequential(*tags(*n))
    return lambda *n: nn.ModuleList(tags(*n))


def test_used_like_a_list(make):
    m = make(0, 1, 2)
    assert len(m) == 3 and numbers(m) == [0, 1, 2] and keys(m) == ["0", "1", "2"]
    assert m[-1].n == 2 and numbers(m[1:]) == [1, 2] and type(m[1:]) is type(m)
    assert m.append(Tag(3)) is m and m.extend(tags(4, 5)) is m
    assert numbers(m) == [0, 1, 2, 3, 4, 5]
    m[1] = Tag(10)
    m[-1] = Tag(50)
    assert numbers(m) == [0, 10, 2, 3, 4, 50]
    del m[0]
    assert numbers(m) == [10, 2, 3, 4, 50] and keys(m) == ["0", "1", "2", "3", "4"]
    del m[1:3]
    assert numbers(m) == [10, 4, 50] and keys(m) == ["0", "1", "2"]
    assert m.pop(-1).n == 50 and numbers(m) == [10, 4]
    # PyTorch's list returns nothing.
    assert m.insert(1, Tag(7)) is (m if isinstance(m, nn.Sequential) else None)
    m.insert(-1, Tag(8))
    m.insert(4, Tag(9))
    assert numbers(m) == [10, 7, 8, 4, 9] and keys(m) == ["0", "1", "2", "3", "4"]
    m += make(11)
    assert numbers(m + make(12)) == [10, 7, 8, 4, 9, 11, 12]


def test_list_errors(make):
    m = make(0, 1)
    for call in (lambda: m[2], lambda: m[-3], lambda: m.insert(3, Tag(1)), lambda: m.pop(5)):
        with pytest.raises(IndexError, match="out of range"):
            call()
    with pytest.raises(TypeError, match="int is not a Module"):
        m.append(3)
    with pytest.raises(TypeError, match="int is not a Module"):
        m.insert(0, 3)
    with pytest.raises(TypeError, match="iterable"):
        m.extend(3)


def test_sequential_runs_in_order():
    assert nn.Sequential(*tags(1, 2, 3))([]) == [1, 2, 3]
    assert nn.Sequential()("as it is") == "as it is"


def test_sequential_with_names():
    m = nn.Sequential(OrderedDict(a=Tag(1), b=Tag(2)))
    assert keys(m) == ["a", "b"] and m.b.n == 2 and m[0].n == 1
    assert keys(m[1:]) == ["b"]
    m[0] = Tag(5)
    assert m.a.n == 5


def test_sequential_arithmetic():
    m = nn.Sequential(*tags(1, 2))
    assert numbers(m * 2) == numbers(2 * m) == [1, 2, 1, 2]
    assert (m * 2)[0] is (m * 2)[2]
    m *= 3
    assert numbers(m) == [1, 2] * 3
    with pytest.raises(ValueError, match="Non-positive"):
        m * 0
    with pytest.raises(TypeError, match="int of times"):
        m * 1.5
    with pytest.raises(ValueError, match="another Sequential"):
        m + tags(1)


def test_module_list_has_no_forward():
    with pytest.raises(NotImplementedError, match="ModuleList"):
        nn.ModuleList()(1)


def test_module_dict():
    m = nn.ModuleDict({"a": Tag(1), "b": Tag(2)})
    assert list(m) == list(m.keys()) == ["a", "b"] and "a" in m and len(m) == 2
    assert [v.n for v in m.values()] == [1, 2] and m["b"].n == 2
    m["c"] = Tag(3)
    m.update([("d", Tag(4))])
    m.update(nn.ModuleDict({"a": Tag(9)}))
    assert [(k, v.n) for k, v in m.items()] == [("a", 9), ("b", 2), ("c", 3), ("d", 4)]
    del m["b"]
    assert m.pop("c").n == 3
    m.clear()
    assert len(m) == 0
    with pytest.raises(TypeError, match="key/value"):
        m.update(3)
    with pytest.raises(TypeError, match="#0"):
        m.update([3])
    with pytest.raises(ValueError, match="length 3"):
        m.update([(1, 2, 3)])


def test_parameter_list():
    m = nn.ParameterList([ag.zeros(2), nn.Parameter(ag.ones(1)), "text"])
    assert len(m) == 3 and isinstance(m[0], nn.Parameter) and m[-1] == "text"
    assert [name for name, _ in m.named_parameters()] == ["0", "1"]
    m += [ag.ones(3)]
    m[1] = ag.zeros(4)
    assert [tuple(p.shape) for p in m.parameters()] == [(2,), (4,), (3,)]
    assert type(m[:2]) is nn.ParameterList and len(m[1:3]) == 2
    with pytest.raises(IndexError):
        m[4]
    with pytest.raises(TypeError, match="Tensor"):
        m.extend(ag.ones(3))
    with pytest.raises(RuntimeError, match="should not be called"):
        m()


def test_parameter_dict():
    m = nn.ParameterDict({"b": ag.zeros(2), "a": ag.zeros(1)})
    assert list(m) == ["a", "b"] and list(reversed(m)) == ["b", "a"]
    assert list(nn.ParameterDict([("b", ag.zeros(2)), ("a", 3)])) == ["b", "a"]
    m["c"] = ag.ones(3)
    m["note"] = "text"
    assert isinstance(m["c"], nn.Parameter) and m.get("nothing", 5) == 5
    assert [name for name, _ in m.named_parameters()] == ["a", "b", "c"]
    twin = m.copy()
    assert twin["a"] is m["a"] and list(twin) == list(m)
    assert m.setdefault("d", ag.zeros(1)) is m["d"] and m.setdefault("d") is m["d"]
    assert m.pop("d").shape == (1,) and m.popitem() == ("note", "text")
    assert list(m | nn.ParameterDict({"z": ag.zeros(1)})) == ["a", "b", "c", "z"]
    m |= {"y": ag.zeros(1)}
    assert "y" in m and list(m.fromkeys(["p", "q"], 1.0).items()) == [("p", 1.0), ("q", 1.0)]
    del m["y"]
    m.clear()
    assert len(m) == 0 and not list(m.parameters()) and not list(m.values())
    for call in (lambda: m["a"], lambda: m.popitem()):
        with pytest.raises(KeyError):
            call()
    with pytest.raises(TypeError, match="strings"):
        m[3] = ag.zeros(1)
    with pytest.raises(RuntimeError, match="should not be called"):
        m()


def same_model(nn):
    """A model that uses every container, made of either library's parts."""
    return nn.Sequential(
        nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)]),
        nn.ModuleDict({"a": nn.Tanh(), "b": nn.Sequential(nn.ReLU(), nn.ReLU())}),
        nn.ModuleList([nn.Sequential(nn.ReLU()), nn.Sequential(nn.ReLU())]),
        nn.ModuleList(),
        nn.Sequential(),
    )


def test_text_and_keys_like_pytorch():
    torch = pytest.importorskip("torch")
    ours, theirs = same_model(nn), same_model(torch.nn)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    mine, other = (
        nn.ParameterList([ag.zeros(2, 3), 3]),
        torch.nn.ParameterList([torch.zeros(2, 3), 3]),
    )
    assert repr(mine).replace("autograd_core.", "torch.") == repr(other)
    if ag.get_default_device().type == "cpu":
        for dtype in ("float32", "float64", "bfloat16", "complex64"):
            mine, other = (
                n.ParameterDict({"a": a.zeros(2, dtype=getattr(a, dtype)), "b": 3})
                for a, n in ((ag, nn), (torch, torch.nn))
            )
            assert repr(mine).replace("autograd_core.", "torch.") == repr(other)
