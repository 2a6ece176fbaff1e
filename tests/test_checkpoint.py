"""utils.checkpoint: the same gradients, less memory, and no silent wrong ones."""

from __future__ import annotations

import tracemalloc
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.errors import GraphError
from autograd_core.utils.checkpoint import (
    checkpoint,
    checkpoint_sequential,
    set_checkpoint_early_stop,
)


def block(width: int = 8) -> nn.Module:
    first, last = nn.Linear(width, width), nn.Linear(width, width)
    return nn.Sequential(first, nn.Tanh(), nn.Dropout(0.5), last)


def gradients(run: Any) -> list[list[Any]]:
    """Gradients of input and parameters of three blocks, after ``run(blocks, x)``."""
    ag.manual_seed(3)
    blocks = [block() for _ in range(3)]
    x = ag.randn(5, 8).requires_grad_()
    run(blocks, x).pow(2).sum().backward()
    parameters = [p for b in blocks for p in b.parameters()]
    return [tensor.grad.tolist() for tensor in (x, *parameters)]


def plain(blocks: Any, x: Any) -> Any:
    for one in blocks:
        x = one(x)
    return x


def each(blocks: Any, x: Any) -> Any:
    for one in blocks:
        x = checkpoint(one, x, use_reentrant=False)
    return x


def nested(blocks: Any, x: Any) -> Any:
    def inner(x: Any) -> Any:
        return checkpoint(blocks[1], checkpoint(blocks[0], x))

    return checkpoint(lambda x: blocks[2](checkpoint(inner, x)), x)


@pytest.mark.parametrize(
    "run",
    [
        each,
        nested,
        lambda blocks, x: checkpoint(plain, blocks, x),
        lambda blocks, x: checkpoint(plain, blocks, x, early_stop=False),
        lambda blocks, x: checkpoint(lambda *, x: plain(blocks, x), x=x),
        lambda blocks, x: checkpoint_sequential(blocks, 2, x),
        lambda blocks, x: checkpoint_sequential(nn.Sequential(*blocks), 3, x),
    ],
)
def test_gradients_are_the_same_bit_for_bit_with_dropout(run: Any) -> None:
    assert gradients(run) == gradients(plain)


def test_the_random_numbers_afterwards_are_the_same_too() -> None:
    after = []
    for run in (plain, each):
        gradients(run)
        after.append(ag.rand(3).tolist())
    assert after[0] == after[1]


def test_the_second_run_happens_in_backward_once() -> None:
    runs = []

    def part(x: Any) -> Any:
        runs.append(len(runs))
        return (x.exp() * x.sin()).tanh()

    x = ag.tensor([0.5, 1.0], requires_grad=True)
    y = checkpoint(part, x)
    assert runs == [0]
    y.sum().backward(retain_graph=True)
    assert runs == [0, 1]
    first = x.grad.tolist()
    x.grad = None
    y.sum().backward()
    assert runs == [0, 1, 2] and x.grad.tolist() == first


def test_derivatives_of_any_order() -> None:
    x = ag.tensor([0.5, 1.5], dtype=ag.float64, requires_grad=True)
    assert ag.autograd.gradcheck(lambda x: checkpoint(lambda x: (x * x).exp().sin(), x), (x,))
    assert ag.autograd.gradgradcheck(lambda x: checkpoint(lambda x: (x * x).exp().sin(), x), (x,))


def test_nothing_that_operators_save_is_kept() -> None:
    def part(x: Any) -> Any:
        for _ in range(20):
            x = x.tanh()
        return x

    def kept(run: Any) -> int:
        x = ag.ones(1000, 100, device="cpu", requires_grad=True)
        tracemalloc.start()
        y = run(x)
        current, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        y.sum().backward()
        return current

    one = 4 * 1000 * 100
    assert kept(part) > 20 * one
    assert kept(lambda x: checkpoint(part, x)) < 2 * one


def test_several_outputs_and_arguments_without_gradient() -> None:
    x, other = ag.tensor([1.0, 2.0], requires_grad=True), ag.tensor([3.0, 4.0])

    def part(x: Any, scale: float, other: Any) -> Any:
        assert not other.requires_grad
        return x * other * scale, (x.exp() * other).sum()

    a, b = checkpoint(part, x, 2.0, other)
    (a.sum() + b).backward()
    expected = ag.tensor([1.0, 2.0]).exp() * other + 2 * other
    assert x.grad.tolist() == expected.tolist()


def test_without_recording_it_is_the_function() -> None:
    x = ag.ones(2, requires_grad=True)
    with ag.no_grad():
        assert not checkpoint(lambda x: x * 2, x).requires_grad
    assert not checkpoint(lambda x: x * 2, x.detach()).requires_grad


def test_an_input_that_changed_is_noticed() -> None:
    x = ag.ones(3, requires_grad=True)
    y = x * 1
    z = checkpoint(lambda y: y.exp() * y, y)
    y.add_(1)
    with pytest.raises(GraphError, match=r"changed in place.*add_"):
        z.sum().backward()


@pytest.mark.parametrize("again", [lambda x: x.reshape(1, 2).exp(), lambda x: x * 1.0])
def test_a_second_run_that_differs_is_an_error(again: Any) -> None:
    runs = []

    def part(x: Any) -> Any:
        runs.append(0)
        return x.exp().sin() if len(runs) == 1 else again(x)

    x = ag.tensor([1.0, 2.0], requires_grad=True)
    y = checkpoint(part, x)
    with pytest.raises(GraphError, match=r"checkpoint: the second run saved .* Mend"):
        y.sum().backward()


def test_contexts_surround_the_two_runs() -> None:
    trace = []

    @contextmanager
    def around(name: str) -> Any:
        trace.append(name)
        yield

    x = ag.ones(2, requires_grad=True)
    y = checkpoint(ag.exp, x, context_fn=lambda: (around("first"), around("second")))
    assert trace == ["first"]
    y.sum().backward()
    assert trace == ["first", "second"]


def test_the_second_run_stops_early_or_not() -> None:
    ran = []

    def part(x: Any) -> Any:
        y = x.exp()
        ran.append("after")
        return y

    x = ag.ones(2, requires_grad=True)
    for given, set_to, runs in (
        (None, None, 1),
        (False, None, 2),
        (True, False, 2),
        (False, True, 1),
    ):
        ran.clear()
        options = {} if given is None else {"early_stop": given}
        with nullcontext() if set_to is None else set_checkpoint_early_stop(set_to):
            y = checkpoint(part, x, **options)
        y.sum().backward()
        assert len(ran) == runs, (given, set_to)


def test_bad_arguments() -> None:
    x = ag.ones(2, requires_grad=True)
    with pytest.raises(ValueError, match="determinism_check must be 'default' or 'none'"):
        checkpoint(ag.exp, x, determinism_check="strict")
    with pytest.raises(ValueError, match="1 functions cannot be divided into 2 segments"):
        checkpoint_sequential([ag.exp], 2, x)


def test_the_graph_goes_without_the_collector() -> None:
    import gc
    import weakref

    gc.collect()
    gc.disable()
    try:
        x = ag.ones(4, requires_grad=True)
        y = checkpoint(lambda x: checkpoint(ag.exp, x).sin(), x)
        watch = weakref.ref(y.grad_fn)
        y.sum().backward()
        del y
        assert watch() is None
    finally:
        gc.enable()
