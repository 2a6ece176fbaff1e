"""Groups by names, accumulation of gradients, the range test for the learning rate."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn, optim


def param(*values: float) -> ag.Tensor:
    return ag.tensor(list(values) or [1.0], requires_grad=True)


# -- groups by patterns of names ------------------------------------------------------------------


def named(*names):
    return [(name, param()) for name in names]


def test_options_of_all_matching_patterns_are_united():
    pairs = named("a.weight", "a.bias", "b.weight", "b.bias", "c")
    groups = optim.group_parameters(
        pairs, {"*.bias": {"weight_decay": 0.0, "lr": 1.0}, "b.*": {"lr": 0.1}}
    )
    optimizer = optim.AdamW(groups, lr=0.5, weight_decay=0.25)
    assert [(g["param_names"], g["lr"], g["weight_decay"]) for g in optimizer.param_groups] == [
        (["a.weight", "c"], 0.5, 0.25),
        (["a.bias"], 1.0, 0.0),
        (["b.weight"], 0.1, 0.25),
        (["b.bias"], 0.1, 0.0),
    ]
    assert optimizer.param_groups[0]["params"] == [pairs[0][1], pairs[4][1]]


def test_none_leaves_parameters_out():
    groups = optim.group_parameters(named("a.x", "b.x"), {"a.*": None})
    assert [[name for name, _ in g["params"]] for g in groups] == [["b.x"]]


def test_a_pattern_without_a_match_is_a_slip():
    with pytest.raises(ValueError, match="no parameter's name matches 'c', 'd"):
        optim.group_parameters(named("a"), {"d*": {}, "c": {}, "a": {}})


def test_groups_by_name_are_saved_by_name():
    model, other = nn.Linear(2, 2), nn.Linear(2, 2)
    patterns = {"bias": {"lr": 0.1}}
    first = optim.SGD(
        optim.group_parameters(model.named_parameters(), patterns), lr=1.0, momentum=0.9
    )
    model(ag.ones(1, 2)).sum().backward()
    first.step()
    second = optim.SGD(optim.group_parameters(other.named_parameters(), patterns), momentum=0.9)
    second.load_state_dict(first.state_dict())
    assert [g["lr"] for g in second.param_groups] == [1.0, 0.1]
    assert second.state[other.bias]["momentum_buffer"].tolist() == [1.0, 1.0]


# -- accumulation ---------------------------------------------------------------------------------


def test_several_batches_are_as_one():
    rng = np.random.RandomState(0)
    inputs = ag.tensor(rng.standard_normal((12, 3)))
    targets = ag.tensor(rng.standard_normal((12, 2)))
    torch_like = [nn.Linear(3, 2, dtype=ag.float64) for _ in range(2)]
    torch_like[1].load_state_dict(torch_like[0].state_dict())
    whole, parts = (optim.Adam(m.parameters(), lr=0.1) for m in torch_like)
    loss = nn.functional.mse_loss
    for _ in range(3):
        for rows in (slice(0, 8), slice(8, 12)):
            whole.zero_grad()
            loss(torch_like[0](inputs[rows]), targets[rows]).backward()
            whole.step()
        with optim.GradientAccumulator(parts, 4) as accumulator:
            stepped = [
                accumulator.backward(loss(torch_like[1](inputs[i : i + 2]), targets[i : i + 2]))
                for i in range(0, 12, 2)
            ]
        assert stepped == [False, False, False, True, False, False]
    for p, q in zip(torch_like[0].parameters(), torch_like[1].parameters()):
        np.testing.assert_allclose(p.tolist(), q.tolist(), rtol=1e-12)


def test_what_goes_with_each_step():
    w, calls = param(1.0), []
    optimizer = optim.SGD([w], lr=1.0)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    accumulator = optim.GradientAccumulator(
        optimizer, 2, scheduler=scheduler, before_step=lambda: calls.append(w.grad.item())
    )
    for batch in (1.0, 2.0, 5.0):
        accumulator.backward((w * batch).sum())
    assert calls == [1.5] and scheduler.get_last_lr() == [0.5]
    assert accumulator.flush() and not accumulator.flush()
    assert calls == [1.5, 5.0] and scheduler.get_last_lr() == [0.25]
    assert w.grad is None


def test_an_error_takes_no_step():
    w = param(1.0)
    with pytest.raises(RuntimeError), optim.GradientAccumulator(optim.SGD([w]), 2) as accumulator:
        accumulator.backward(w.sum())
        raise RuntimeError
    assert w.item() == 1.0


@pytest.mark.parametrize("steps", [0, 1.5, -1])
def test_wrong_numbers_of_batches(steps):
    with pytest.raises(ValueError, match="steps must be a positive integer"):
        optim.GradientAccumulator(optim.SGD([param()]), steps)


# -- the range test -------------------------------------------------------------------------------


def bowl(optimizer, w):
    def closure():
        optimizer.zero_grad()
        loss = (w * w * ag.tensor([1.0, 10.0])).sum()
        loss.backward()
        return loss

    return closure


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_everything_is_put_back(name):
    w = param(3.0, -2.0)
    optimizer = getattr(optim, name)([w], lr=0.01)
    optimizer.step(bowl(optimizer, w))
    before = (w.tolist(), w.grad.tolist(), copy.deepcopy(optimizer.state_dict()))
    curve = optim.find_lr(optimizer, bowl(optimizer, w), start=1e-5, steps=60)
    assert (w.tolist(), w.grad.tolist()) == before[:2]
    after = optimizer.state_dict()
    assert after["param_groups"] == before[2]["param_groups"]
    for key, value in before[2]["state"].get(0, {}).items():
        assert after["state"][0][key].tolist() == value.tolist()
    assert len(curve.rates) == len(curve.losses) == len(curve.smoothed) <= 60
    assert curve.rates[0] == 1e-5


def test_a_rate_that_is_a_tensor_is_put_back_too():
    w, rate = param(3.0, -2.0), ag.tensor(0.01)
    optimizer = optim.SGD([w], lr=rate)
    optim.find_lr(optimizer, bowl(optimizer, w), steps=10)
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == pytest.approx(0.01)


def test_the_suggestion_is_where_a_bowl_can_be_descended():
    w = param(3.0, -2.0)
    optimizer = optim.SGD([w], lr=1.0)
    curve = optim.find_lr(optimizer, bowl(optimizer, w), start=1e-5, steps=100)
    assert 1e-3 < curve.suggestion < 0.1  # gradient descent diverges from 0.1 on
    assert curve.rates[-1] < 10.0  # it ended early
    for group in optimizer.param_groups:
        group["lr"] = curve.suggestion
    losses = [optimizer.step(bowl(optimizer, w)).item() for _ in range(50)]
    assert losses[-1] < 0.1 * losses[0]


def test_rates_stay_in_proportion():
    a, b = param(1.0), param(1.0)
    optimizer = optim.SGD([{"params": [a], "lr": 0.1}, {"params": [b], "lr": 0.4}])
    seen = []

    def closure():
        seen.append([g["lr"] for g in optimizer.param_groups])
        optimizer.zero_grad()
        loss = (a * b).sum()
        loss.backward()
        return loss

    optim.find_lr(optimizer, closure, start=0.01, end=1.0, steps=3)
    assert np.array(seen).tolist() == pytest.approx(
        np.array([[0.0025, 0.01], [0.025, 0.1], [0.25, 1.0]])
    )


def test_running_values_are_kept_where_asked():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (model(ag.ones(4, 2)) ** 2).mean()
        loss.backward()
        return loss

    optim.find_lr(optimizer, closure, steps=5, keep=[model])
    assert model[1].num_batches_tracked.item() == 0


def test_a_loss_that_is_no_number_ends_the_test():
    w = param(1.0)
    optimizer = optim.SGD([w], lr=1.0)
    losses = iter([3.0, 2.0, float("nan"), 1.0])
    curve = optim.find_lr(optimizer, lambda: next(losses), steps=10)
    assert curve.losses == [3.0, 2.0]


def test_a_loss_that_never_falls_has_no_suggestion():
    optimizer = optim.SGD([param()], lr=1.0)
    with pytest.raises(ValueError, match="never fell"):
        _ = optim.find_lr(optimizer, lambda: 1.0, steps=5).suggestion
    with pytest.raises(ValueError, match="0 < start < end"):
        optim.find_lr(optimizer, lambda: 1.0, start=1.0, end=0.5)


def test_an_error_in_the_closure_leaves_all_as_it_was():
    w = param(1.0)
    optimizer = optim.SGD([w], lr=0.5)
    calls = []

    def closure():
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("no more data")
        w.grad = ag.ones(1)
        return 1.0

    with pytest.raises(RuntimeError, match="no more data"):
        optim.find_lr(optimizer, closure)
    assert w.item() == 1.0 and optimizer.param_groups[0]["lr"] == 0.5


# -- the largest batch ----------------------------------------------------------------------------


@pytest.mark.parametrize("room", [1, 2, 3, 7, 100, 1000, 70_000])
@pytest.mark.parametrize("start", [1, 16])
def test_the_largest_batch_that_fits(room, start, monkeypatch):
    monkeypatch.setattr("gc.collect", lambda: None)  # slow where a whole test suite is loaded
    tried = []

    def step(size):
        tried.append(size)
        if size > room:
            raise MemoryError

    if start > room:
        with pytest.raises(MemoryError, match=f"a batch of {start} does not fit"):
            optim.find_batch_size(step, start=start)
        return
    found = optim.find_batch_size(step, start=start)
    assert found <= min(room, 1 << 16)
    assert found >= min(room, 1 << 16) * 7 / 8 - 1
    assert len(tried) <= 25


def test_other_errors_of_a_step_are_raised():
    with pytest.raises(RuntimeError, match="wrong"):
        optim.find_batch_size(lambda size: (_ for _ in ()).throw(RuntimeError("wrong")))
    with pytest.raises(ValueError, match="1 <= start <= most"):
        optim.find_batch_size(lambda size: None, start=0)
