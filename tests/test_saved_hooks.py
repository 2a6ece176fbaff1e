"""Hooks on saved values: pack, unpack, and what they must not break."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.autograd.saved_hooks import (
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)
from autograd_core.errors import GraphError


def leaf(*values: float) -> ag.Tensor:
    return ag.tensor(list(values), requires_grad=True)


def same(value: Any) -> Any:
    return value


def test_values_are_packed_and_unpacked() -> None:
    packed, unpacked = [], []

    def pack(t: ag.Tensor) -> list[Any]:
        assert not t.requires_grad and not ag.is_grad_enabled()
        packed.append(t.tolist())
        return t.tolist()

    def unpack(values: list[Any]) -> ag.Tensor:
        unpacked.append(values)
        return ag.tensor(values)

    x = leaf(1.0, 2.0)
    with saved_tensors_hooks(pack, unpack):
        y = (x * x).exp()
    z = y.sum()
    assert len(packed) == 3 and unpacked == []  # x twice, and the output of exp
    z.backward()
    np.testing.assert_allclose(x.grad.tolist(), [2 * np.e, 4 * np.exp(4)], rtol=1e-6)
    assert len(unpacked) == 3


def test_what_is_recorded_outside_is_left_alone() -> None:
    x = leaf(1.0)
    before = x * x
    with saved_tensors_hooks(lambda t: pytest.fail("called"), same):
        pass
    (before * (x * x)).sum().backward()
    assert x.grad.tolist() == [4]


def test_no_array_is_kept_alive() -> None:
    x = leaf(1.0, 2.0)
    with saved_tensors_hooks(lambda t: t.tolist(), ag.tensor):
        y = x.exp()
        if isinstance(y._array, np.ndarray):
            array = weakref.ref(y._array)
            z = y.sum()
            del y
            gc.collect()
            assert array() is None
            z.backward()


def test_the_innermost_hooks_count() -> None:
    order = []
    x = leaf(1.0)
    with saved_tensors_hooks(lambda t: order.append("outer") or t, same):
        with saved_tensors_hooks(lambda t: order.append("inner") or t, same):
            x.exp()
        x.exp()
    assert order == ["inner", "outer"]


def test_with_create_graph() -> None:
    x = ag.tensor(2.0, requires_grad=True)
    with saved_tensors_hooks(lambda t: t.tolist(), ag.tensor):
        y = x * x * x
        (g,) = ag.autograd.grad(y, x, create_graph=True)
    (h,) = ag.autograd.grad(g, x)
    assert g.item() == 12 and h.item() == 12


def test_with_custom_functions_and_reductions() -> None:
    class Square(ag.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return 2 * g * ctx.saved_tensors[0]

    seen = []
    x = leaf(1.0, 2.0)
    with saved_tensors_hooks(lambda t: seen.append(1) or t.tolist(), ag.tensor):
        y = Square.apply(x).matmul(x)
    y.backward()
    assert seen and x.grad.tolist() == [3, 12]


def test_a_value_kept_as_it_is_stays_watched() -> None:
    x = leaf(1.0, 2.0)
    with saved_tensors_hooks(same, same):
        y = x.exp()
        y.add_(1)
    with pytest.raises(GraphError, match="changed in place"):
        y.sum().backward()


def test_what_unpack_returns_is_checked() -> None:
    x = leaf(1.0)
    with saved_tensors_hooks(same, lambda t: 3.0):
        y = x.exp()
    with pytest.raises(TypeError, match=r"unpack hook.*output of exp at test_saved_hooks"):
        y.sum().backward()


def test_together_with_anomaly_mode() -> None:
    seen = []
    x = leaf(-1.0)
    with saved_tensors_hooks(lambda t: seen.append(1) or t, same):
        with ag.autograd.detect_anomaly():
            x.exp()
            with pytest.raises(RuntimeError, match="sqrt"):
                x.sqrt()
        x.exp()
    assert len(seen) == 2


def test_a_second_backward_is_refused_as_ever() -> None:
    x = leaf(1.0)
    with saved_tensors_hooks(same, same):
        y = x.exp().sum()
    y.backward()
    with pytest.raises(GraphError, match="second time"):
        y.backward()


def test_save_on_cpu() -> None:
    x = leaf(1.0, 2.0)
    with save_on_cpu():
        y = (x * x).sum()
    y.backward()
    assert x.grad.tolist() == [2, 4] and x.grad.device == x.device


def test_disabling() -> None:
    with disable_saved_tensors_hooks("not here"):
        with pytest.raises(GraphError, match="not here"), saved_tensors_hooks(same, same):
            pass
        leaf(1.0).exp().sum().backward()
    with saved_tensors_hooks(same, same):
        pass
