"""The memory under tensors, beside PyTorch's."""

from __future__ import annotations

import pytest

import autograd_core as ag
from autograd_core.errors import GraphError

torch = pytest.importorskip("torch")


def both(call):
    ours, theirs = call(ag), call(torch)
    assert ours == theirs
    return ours


# Typed storages are deprecated there.
pytestmark = pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")


def views(m):
    x = m.arange(6.0, dtype=m.float32).reshape(2, 3)
    return {
        "whole": x,
        "row": x[1],
        "transposed": x.t(),
        "strided": x[:, ::2],
        "int64": m.arange(4),
        "bool": m.ones(3, dtype=m.bool),
        "empty": m.ones(0, 3),
        "scalar": m.ones(()),
        "part of bytes": m.arange(8, dtype=m.uint8)[3:],
    }


@pytest.mark.parametrize("name", views(ag))
def test_storages_are_the_whole_memory(name: str) -> None:
    def facts(m):
        x = views(m)[name]
        typed, untyped = x.storage(), x.untyped_storage()
        return (
            (len(typed), typed.size(), typed.nbytes(), typed.element_size(), typed.tolist()),
            (len(untyped), untyped.size(), untyped.nbytes(), untyped.tolist()),
            list(typed),
            typed.data_ptr() == untyped.data_ptr(),
            str(typed.dtype).split(".")[-1],
            typed.untyped() == untyped,
            type(typed).__name__,
            type(untyped).__name__,
        )

    both(facts)


def test_tied_weights_are_found() -> None:
    def groups(m):
        nn = ag.nn if m is ag else torch.nn
        model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
        model[1].weight = model[0].weight
        found = {}
        for key, value in model.state_dict().items():
            found.setdefault(value.untyped_storage().data_ptr(), []).append(key)
        memory = {v.untyped_storage(): v.untyped_storage().nbytes() for v in model.parameters()}
        return sorted(found.values()), sum(memory.values())

    assert both(groups)[1] == (16 + 4 + 4) * 4


def test_elements_of_a_storage() -> None:
    x = ag.arange(6.0).reshape(2, 3)
    memory = x[1].storage()
    assert (memory[0], memory[-1]) == (0.0, 5.0)
    memory[0] = 9
    assert x.tolist() == [[9, 1, 2], [3, 4, 5]]
    for index in (6, -7):
        with pytest.raises(IndexError, match="out of range, size is 6"):
            memory[index]
    with pytest.raises(TypeError, match="index must be an int, got slice"):
        memory[1:]
    with pytest.raises(RuntimeError, match="cannot grow or shrink"):
        memory.resize_(3)
    assert x.storage() == memory and x.clone().storage() != memory
    assert repr(memory).startswith("[autograd_core.TypedStorage(dtype=autograd_core.float32, ")
    assert repr(memory.untyped()).endswith("of size 24]")
    assert not memory.is_cuda or memory.device.type == "cuda"


def test_a_write_to_a_storage_is_a_write_to_the_tensor() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    out = y.exp() * y
    y.storage()[0] = 5.0
    with pytest.raises(GraphError):
        out.sum().backward()


RESIZED = {
    "smaller": lambda m, x: x.resize_(2, 2),
    "a tuple": lambda m, x: x.resize_((3, 1)),
    "the same shape": lambda m, x: x.t().resize_(3, 2),
    "another view": lambda m, x: x.t().resize_(2, 2),
    "of a part": lambda m, x: x[1].resize_(2),
    "like another": lambda m, x: x.resize_as_(m.ones(5)),
    "to nothing and back": lambda m, x: x.resize_(0).resize_(2, 3),
}


@pytest.mark.parametrize("name", RESIZED)
def test_resizing_within_the_memory(name: str) -> None:
    def call(m):
        x = m.arange(6.0).reshape(2, 3)
        y = RESIZED[name](m, x)
        stride = y.stride()
        y.add_(10)
        return y.tolist(), tuple(y.shape), stride, x.flatten().tolist()

    both(call)


def test_resizing_to_more_keeps_what_there_was() -> None:
    def call(m):
        x = m.arange(6.0)
        y = x[2:].resize_(3, 4)
        return y.flatten()[:4].tolist(), tuple(y.shape), x.tolist()

    both(call)
    grown = ag.arange(6.0)[2:].resize_(3, 4)
    assert grown.flatten()[4:].tolist() == [0] * 8  # undefined in PyTorch


def test_set_and_is_set_to() -> None:
    def call(m):
        a, b = m.arange(6.0), m.arange(4.0).reshape(2, 2).t()
        before = a.is_set_to(b)
        assert a.set_(b) is a
        a[0, 1] = 7
        answers = [a.is_set_to(x) for x in (b, b[:], b[:1], b.t(), b.clone())]
        return before, answers, b.tolist(), tuple(m.ones(3).set_().shape)

    both(call)


def test_set_to_a_part_of_a_memory() -> None:
    def call(m):
        x = m.arange(6.0)
        parts = [
            m.ones(3).set_(x.storage()),
            m.ones(3).set_(x[3:].storage(), 1, (2, 2), (2, 1)),
            m.ones(3).set_(x, 2, (2, 2), (1, 1)),
            m.ones(3).set_(x.untyped_storage(), 0, (3,), (2,)),
        ]
        parts[1][0, 0] = 9
        return [part.tolist() for part in parts], x.tolist()

    both(call)


def test_graphs_are_left_alone() -> None:
    leaf = ag.ones(2, requires_grad=True)
    plain = ag.ones(2)
    for tensor in (leaf, leaf * 2):
        for call in (
            lambda t: t.resize_(1),
            lambda t: t.resize_as_(plain),
            lambda t: t.set_(plain),
            lambda t: plain.set_(t),
            lambda t: t.apply_(abs),
            lambda t: t.map_(plain, max),
        ):
            with pytest.raises(GraphError, match="requires grad"), ag.no_grad():
                call(tensor)
    with pytest.raises(TypeError, match="set_: source must have the dtype"):
        plain.set_(ag.ones(2, dtype=ag.int64))
    with pytest.raises(TypeError, match="set_: source must be a tensor or a storage, got list"):
        plain.set_([1.0])
    with pytest.raises(ValueError, match="resize_: memory_format must be"):
        plain.resize_(1, memory_format=ag.channels_last)
    with pytest.raises(RuntimeError, match="resize_: "):
        plain.resize_(-1)


@pytest.mark.cpu_only
def test_functions_of_python_on_every_element() -> None:
    both(lambda m: m.arange(4.0).reshape(2, 2).t().apply_(lambda v: v * 2.5).tolist())
    both(lambda m: m.arange(4).apply_(lambda v: v * 2.5).tolist())
    both(lambda m: m.ones(0).apply_(abs).tolist())
    both(lambda m: m.arange(4.0, dtype=m.bfloat16).apply_(lambda v: v + 0.5).tolist())
    both(lambda m: m.arange(6.0).reshape(2, 3).map_(m.tensor([1.0, 2.0, 3.0]), pow).tolist())
    with pytest.raises(TypeError, match="map_: tensor must have the dtype of input"):
        ag.ones(2).map_(ag.ones(2, dtype=ag.int64), max)


def test_a_tensor_as_one_of_a_subclass() -> None:
    def call(m):
        class Mine(m.Tensor):
            def twice(self):
                return self * 2

        x = m.ones(2, requires_grad=True)
        mine = (x * 3).as_subclass(Mine)
        assert isinstance(mine, Mine)
        mine.twice().sum().backward()
        return x.grad.tolist(), mine.requires_grad

    both(call)
    with pytest.raises(TypeError, match="cls must be a subclass of Tensor"):
        ag.ones(2).as_subclass(list)


def test_what_a_tensor_is_not() -> None:
    names = ["ipu", "maia", "mps", "mtia", "vulkan", "xla", "xpu", "meta"]
    both(lambda m: [getattr(m.ones(1), f"is_{name}") for name in names] + [m.ones(1).name])


def test_types_by_the_names_of_this_package() -> None:
    assert ag.ones(2).type("autograd_core.DoubleTensor").dtype == ag.float64
    with pytest.raises(ValueError, match="must be a name such as"):
        ag.ones(2).type("numpy.DoubleTensor")
