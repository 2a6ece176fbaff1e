"""Anomaly mode names the operator and the line that made the first NaN or infinity."""

from __future__ import annotations

import threading

import pytest

import autograd_core as ag
from autograd_core.autograd import detect_anomaly, set_detect_anomaly
from autograd_core.errors import AnomalyError

INF = float("inf")


def leaf(*values: float) -> ag.Tensor:
    return ag.tensor(list(values), requires_grad=True)


def test_nan_in_forward() -> None:
    x = leaf(-1.0, 4.0)
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        y = x * 2
        y.sqrt()  # here
    text = str(caught.value)
    assert text.startswith("sqrt at test_anomaly.py:")
    assert "(`y.sqrt()  # here`) made 1 NaN of 2 elements in its output 0 ((2,) float32)" in text
    assert "input 0: (2,) float32 from -2 to 8" in text and "Mend:" in text


def test_infinity_in_forward() -> None:
    with detect_anomaly(), pytest.raises(AnomalyError, match="exp at .* made 1 infinite of 2"):
        leaf(1.0, 1000.0).exp()


def test_nan_that_came_from_outside() -> None:
    with detect_anomaly(), pytest.raises(AnomalyError, match="input 1 had NaN already"):
        leaf(1.0) * ag.tensor([float("nan")])


def test_infinity_in_backward() -> None:
    x = leaf(0.0, 4.0)
    with detect_anomaly():
        y = x.sqrt()
        with pytest.raises(AnomalyError) as caught:
            y.sum().backward()
    text = str(caught.value)
    assert text.startswith("backward of sqrt at test_anomaly.py:")
    assert "(`y = x.sqrt()`)" in text and "gradient of its input 0 ((2,) float32)" in text
    assert "output: (2,) float32 from 0 to 2" in text


def test_nan_in_backward_of_the_branch_not_taken() -> None:
    x = leaf(-1.0, 4.0)
    with detect_anomaly(), pytest.raises(AnomalyError, match="sqrt"):
        ag.where(x > 0, x.sqrt(), x).sum().backward()


def test_nan_in_recorded_backward() -> None:
    x = leaf(0.0)
    y = x * x  # its gradient is 0, that of sqrt infinite: 0 * inf
    with detect_anomaly(), pytest.raises(AnomalyError):
        ag.autograd.grad(y.sqrt().sum(), x, create_graph=True)


def test_custom_functions_are_checked() -> None:
    class Bad(ag.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * float("nan")

    with detect_anomaly(), pytest.raises(AnomalyError, match="backward of Bad at test_anomaly"):
        Bad.apply(leaf(1.0)).sum().backward()


def test_infinities_put_in_on_purpose_pass() -> None:
    mask = ag.tensor([0.0, -INF])
    x = leaf(1.0, 2.0)
    with detect_anomaly():
        masked = x + mask
        masked.exp().sum().backward()
        assert (x * INF).tolist() == [INF, INF]
    assert x.grad.tolist()[1] == 0


def test_good_programs_pass() -> None:
    x = leaf(1.0, 2.0)
    with detect_anomaly():
        (x.exp().log() / x).sum().backward()


def test_integers_and_empty_tensors_pass() -> None:
    with detect_anomaly():
        (ag.zeros(0, requires_grad=True) * 2).sum().backward()
        ag.tensor([1, 2]) * 2


def test_switching() -> None:
    assert not ag.autograd.is_anomaly_enabled()
    with set_detect_anomaly(True):
        assert ag.autograd.is_anomaly_enabled()
        with set_detect_anomaly(False):
            assert not ag.autograd.is_anomaly_enabled()
        with detect_anomaly(check_nan=False):
            leaf(-1.0).sqrt()
        assert ag.autograd.is_anomaly_enabled()
    set_detect_anomaly(True)
    assert ag.autograd.is_anomaly_enabled()
    set_detect_anomaly(False)
    assert not ag.autograd.is_anomaly_enabled()
    leaf(-1.0).sqrt()


def test_decorator() -> None:
    @detect_anomaly()
    def step() -> None:
        leaf(-1.0).sqrt()

    with pytest.raises(AnomalyError):
        step()
    assert not ag.autograd.is_anomaly_enabled()


def test_other_threads_are_not_concerned() -> None:
    errors = []

    def work() -> None:
        try:
            leaf(-1.0).sqrt()
        except AnomalyError as error:
            errors.append(error)

    with detect_anomaly():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert errors == []


def test_a_backward_of_a_graph_made_outside_is_checked() -> None:
    y = leaf(0.0).sqrt().sum()
    with pytest.raises(AnomalyError), detect_anomaly():
        y.backward()
