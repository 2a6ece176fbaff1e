"""Memory: nothing is kept longer than needed, and no reference cycle keeps anything at all."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Iterator

import pytest

import autograd_core as ag
from autograd_core.graph import Node


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """Reference counting alone must free everything."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def nodes() -> int:
    """How many nodes of the graph are alive."""
    return sum(issubclass(type(one), Node) for one in gc.get_objects())


def step(x: ag.Tensor, w: ag.Tensor) -> ag.Tensor:
    hidden = (x * w + 1).exp()
    return (hidden * hidden / 3).sum()


def test_intermediates_go_when_the_loss_goes() -> None:
    x = ag.ones(3, requires_grad=True)
    seen = []
    y = x * 2
    seen.append(weakref.ref(y))
    z = y.exp()
    seen.append(weakref.ref(z))
    nodes_seen = [weakref.ref(y.grad_fn), weakref.ref(z.grad_fn)]
    loss = z.sum()
    del y, z
    assert all(r() is None for r in seen), "a graph keeps arrays, not tensors"
    assert all(r() is not None for r in nodes_seen)
    del loss
    assert all(r() is None for r in nodes_seen)


@pytest.mark.cpu_only
def test_saved_arrays_go_in_backward() -> None:
    x = ag.ones(3, requires_grad=True)
    y = x.exp()
    array = weakref.ref(y._array)
    loss = y.sum()
    del y
    assert array() is not None
    loss.backward()
    assert array() is None


@pytest.mark.cpu_only
def test_what_no_rule_wants_goes_at_once() -> None:
    x = ag.ones(3, requires_grad=True)
    y = x + 1
    array = weakref.ref(y._array)
    z = y - 5
    del y
    assert array() is None
    z.sum().backward()


@pytest.mark.cpu_only
def test_gradients_go_as_the_walk_passes() -> None:
    """The gradient of each value is given up when it was used: at most a few live at once."""
    alive: list[weakref.ref] = []
    most = 0

    class Watch(ag.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            nonlocal most
            alive.append(weakref.ref(g._array))
            most = max(most, sum(r() is not None for r in alive))
            return g * 1

    y = x = ag.ones(3, requires_grad=True)
    for _ in range(20):
        y = Watch.apply(y)
    y.sum().backward()
    assert len(alive) == 20 and most <= 3
    assert x.grad.tolist() == [1, 1, 1]


def test_a_training_step_leaves_no_garbage() -> None:
    x, w = ag.ones(3), ag.ones(3, requires_grad=True)
    for _ in range(3):
        loss = step(x, w)
        loss.backward()
        with ag.no_grad():
            w -= 0.1 * w.grad
        w.grad = None
    del loss
    assert gc.collect() == 0


def test_higher_derivatives_leave_no_garbage() -> None:
    x = ag.ones(3, requires_grad=True)
    loss = step(x, x)
    (g,) = ag.autograd.grad(loss, x, create_graph=True)
    (h,) = ag.autograd.grad((g * g).sum(), x, create_graph=True)
    last = weakref.ref(h.grad_fn)
    assert gc.collect() == 0
    del loss, g, h
    assert last() is None
    assert gc.collect() == 0


def test_a_recorded_grad_goes_with_its_leaf() -> None:
    """.grad refers to the graph, and the graph refers to the leaf weakly."""
    x = ag.ones(3, requires_grad=True)
    step(x, x).backward(create_graph=True)
    node = weakref.ref(x.grad.grad_fn)
    x.grad = None
    assert node() is None
    assert gc.collect() == 0


def test_hooks_and_retained_gradients_leave_no_garbage() -> None:
    x = ag.ones(3, requires_grad=True)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 2)
    y.sum().backward()
    r = weakref.ref(y)
    del y
    assert r() is None
    assert gc.collect() == 0


def test_views_written_in_place_leave_no_garbage() -> None:
    x = ag.ones(4, requires_grad=True)
    y = x * 1
    v = y.reshape(2, 2)
    v.mul_(3)
    y.sum().backward()
    assert x.grad.tolist() == [3, 3, 3, 3]
    del y, v
    assert gc.collect() == 0


def test_custom_functions_leave_no_garbage() -> None:
    class Exp(ag.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(x, y)
            return y

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[1]

    gc.collect()  # (a class is a cycle of its own)
    x = ag.ones(3, requires_grad=True)
    y = Exp.apply(x)
    node = weakref.ref(y.grad_fn)
    y.sum().backward()
    del y
    assert node() is None
    y = Exp.apply(x)
    (g,) = ag.autograd.grad(y.sum(), x, create_graph=True)
    g.sum().backward()
    node = weakref.ref(y.grad_fn)
    del y, g
    assert node() is None
    assert gc.collect() == 0


def test_an_error_in_backward_leaves_no_garbage() -> None:
    x = ag.ones(3, requires_grad=True)
    before = nodes()
    loss = step(x, x)
    loss.backward()
    with pytest.raises(RuntimeError):
        loss.backward()
    del loss
    gc.collect()  # (the traceback that pytest keeps is a cycle)
    assert nodes() == before


def test_the_number_of_nodes_does_not_grow_over_steps() -> None:
    w = ag.ones(3, requires_grad=True)
    counts = []
    for _ in range(5):
        loss = step(ag.ones(3), w)
        loss.backward()
        w.grad = None
        del loss
        counts.append(nodes())
    assert len(set(counts)) == 1


def chain(length: int) -> float:
    """Forward, backward and release of a long chain; returns the seconds it took."""
    start = time.perf_counter()
    x = ag.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(length // 2):
        y = y * 1.0 + 0.0
    y.backward()
    assert x.grad.item() == 1
    first = weakref.ref(y.grad_fn)
    del y
    assert first() is None
    return time.perf_counter() - start


def test_a_chain_of_200_000_operators() -> None:
    assert chain(200_000) < 60


@pytest.mark.cpu_only
def test_a_chain_of_a_million_operators() -> None:
    assert chain(1_000_000) < 60


def test_a_long_chain_with_create_graph() -> None:
    x = ag.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y * x
    (g,) = ag.autograd.grad(y, x, create_graph=True)
    assert g.item() == 20_001
    del y
    node = weakref.ref(g.grad_fn)
    del g
    assert node() is None


def test_a_long_chain_that_is_never_walked_is_released() -> None:
    x = ag.tensor(1.0, requires_grad=True)
    before = nodes()
    y = x
    for _ in range(100_000):
        y = y.exp() * 0.0
    del y
    assert nodes() == before


@pytest.mark.cpu_only
def test_memory_returns() -> None:
    """Resident memory after many steps is what it was after a few."""
    resource = pytest.importorskip("resource")
    w = ag.ones(256, 256, requires_grad=True)

    def work(times: int) -> int:
        for _ in range(times):
            (w * w * 2).exp().sum().backward()
            w.grad = None
        return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

    before = work(20)
    assert work(200) - before < 20_000  # kilobytes; a leak of one array a step would be 50,000
