"""The modes: nested, as decorators, in generators and in threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

import autograd_core as ag
from autograd_core.errors import GraphError


def records() -> bool:
    return (ag.ones(1, requires_grad=True) * 2).requires_grad


def test_each_mode_and_back() -> None:
    assert records()
    with ag.no_grad():
        assert not records() and not ag.is_grad_enabled()
        with ag.enable_grad():
            assert records()
            with ag.no_grad():
                assert not records()
            assert records()
        assert not records()
    assert records() and ag.is_grad_enabled()


def test_modes_are_left_on_errors() -> None:
    with pytest.raises(KeyError), ag.no_grad():
        raise KeyError
    assert records()


def test_one_object_can_be_entered_again() -> None:
    mode = ag.no_grad()
    for _ in range(2):
        with mode:
            assert not records()
        assert records()


def test_set_grad_enabled_works_at_once() -> None:
    ag.set_grad_enabled(False)
    assert not records()
    ag.set_grad_enabled(True)
    assert records()
    with ag.set_grad_enabled(False):
        assert not records()
        with ag.set_grad_enabled(True):
            assert records()
        assert not records()
    assert records()


@pytest.mark.parametrize(
    "make", [lambda: ag.no_grad(), lambda: ag.no_grad, lambda: ag.set_grad_enabled(False)]
)
def test_decorators(make) -> None:
    @make()
    def function(value: int) -> tuple[bool, int]:
        """Text."""
        return records(), value

    assert records()
    assert function(3) == (False, 3)
    assert function.__name__ == "function" and function.__doc__ == "Text."
    assert records()


def test_a_decorated_function_may_call_itself() -> None:
    @ag.no_grad()
    def down(n: int) -> bool:
        return records() if n == 0 else down(n - 1)

    assert down(5) is False
    assert records()


def test_generators_run_in_the_mode_and_their_consumers_do_not() -> None:
    closed = []

    @ag.no_grad()
    def numbers() -> Iterator[bool]:
        try:
            got = yield records()
            yield got if records() is False else "wrong"
            yield records()
        finally:
            closed.append(records())

    generator = numbers()
    assert next(generator) is False
    assert records()
    assert generator.send("sent") == "sent"
    assert records()
    generator.close()
    assert closed == [False] and records()


def test_generators_see_what_is_thrown_and_return_their_value() -> None:
    @ag.no_grad()
    def work() -> Iterator[object]:
        try:
            yield 1
        except ValueError:
            yield records()
        return 7

    generator = work()
    next(generator)
    assert generator.throw(ValueError) is False
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == 7
    assert records()


def test_a_new_thread_records() -> None:
    found = []
    with ag.no_grad():
        thread = threading.Thread(target=lambda: found.append(records()))
        thread.start()
        thread.join()
        assert not records()
    assert found == [True]


def test_a_thread_that_does_not_record_disturbs_no_other() -> None:
    entered, leave = threading.Event(), threading.Event()

    def work() -> None:
        with ag.no_grad():
            entered.set()
            leave.wait(5)

    thread = threading.Thread(target=work)
    thread.start()
    entered.wait(5)
    assert records()
    leave.set()
    thread.join()


def test_coroutines() -> None:
    async def inner() -> bool:
        with ag.no_grad():
            return records()

    assert asyncio.run(inner()) is False
    assert records()


# --- inference mode -------------------------------------------------------------------------------


def test_inference_mode_marks_its_results() -> None:
    x = ag.ones(2, requires_grad=True)
    with ag.inference_mode():
        assert ag.is_inference_mode_enabled() and not ag.is_grad_enabled()
        y = x * 2
        made = ag.zeros(2)
        with ag.enable_grad():
            assert not records()
    assert not ag.is_inference_mode_enabled() and records()
    assert y.is_inference() and made.is_inference() and not x.is_inference()
    assert not y.requires_grad


def test_inference_tensors_cannot_be_saved() -> None:
    x = ag.ones(2, requires_grad=True)
    with ag.inference_mode():
        y = ag.ones(2) * 2
    with pytest.raises(GraphError, match="inference_mode"):
        x * y
    assert (x + y).requires_grad, "add saves nothing"
    (x * y.clone()).sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_inference_mode_can_be_switched_off_inside() -> None:
    with ag.inference_mode():
        with ag.inference_mode(False):
            assert records()
            assert not (ag.ones(1) * 2).is_inference()
        assert not records()
    with ag.inference_mode(mode=False):
        assert records()


def test_inference_mode_decorates() -> None:
    @ag.inference_mode()
    def one() -> bool:
        return (ag.ones(1) * 2).is_inference()

    @ag.inference_mode
    def two() -> bool:
        return (ag.ones(1) * 2).is_inference()

    assert one() and two()
    assert not ag.is_inference_mode_enabled()


def test_backward_restores_the_mode() -> None:
    x = ag.ones(1, requires_grad=True)
    y = (x * x).sum()
    with ag.no_grad():
        y.backward()
        assert not ag.is_grad_enabled()
    (x * x).sum().backward(create_graph=True)
    assert ag.is_grad_enabled()
    x.grad = None


def test_backward_restores_the_mode_after_an_error() -> None:
    x = ag.ones(1, requires_grad=True)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(GraphError):
        y.backward()
    assert ag.is_grad_enabled()
