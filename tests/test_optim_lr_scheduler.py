"""Learning rate schedules: rates that are Tensors, warnings, errors, and what PyTorch has not."""

from __future__ import annotations

import pickle
import warnings

import pytest
from schedule_grid import make, ours, rates

import autograd_core as ag
from autograd_core import optim
from autograd_core.optim import lr_scheduler


def test_a_rate_that_is_a_tensor_is_changed_in_place():
    lr = ag.tensor(1.0)
    optimizer = optim.SGD([ours()], lr=lr)
    scheduler = lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    optimizer.step()
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] is lr
    assert lr.item() == 0.5
    (last,) = scheduler.get_last_lr()
    assert last.item() == 0.5
    last.fill_(7.0)  # a copy
    assert lr.item() == 0.5


@pytest.mark.parametrize(
    "make_one",
    [
        lambda m, o: m.LambdaLR(o, lambda epoch: 0.5**epoch),
        lambda m, o: m.LinearLR(o),
        lambda m, o: m.PolynomialLR(o, 10),
        lambda m, o: m.CosineAnnealingLR(o, 10),
        lambda m, o: m.CosineAnnealingWarmRestarts(o, 3),
        lambda m, o: m.CyclicLR(o, 0.1, 1.0, 4),
        lambda m, o: m.OneCycleLR(o, 1.0, 12),
        lambda m, o: m.ReduceLROnPlateau(o, patience=0),
        lambda m, o: m.SequentialLR(o, [m.ConstantLR(o), m.ExponentialLR(o, 0.5)], [3]),
    ],
)
def test_rates_that_are_tensors(make_one):
    plain = optim.SGD([ours()], lr=0.5, momentum=0.9)
    tensor = optim.SGD([ours()], lr=ag.tensor(0.5, dtype=ag.float64), momentum=0.9)
    a, b = make_one(lr_scheduler, plain), make_one(lr_scheduler, tensor)
    for epoch in range(10):
        for optimizer, scheduler in ((plain, a), (tensor, b)):
            optimizer.step()
            scheduler.step(*([1.0 + epoch] if hasattr(scheduler, "patience") else []))
        assert tensor.param_groups[0]["lr"].item() == pytest.approx(plain.param_groups[0]["lr"])


def test_warns_when_stepped_before_the_optimizer():
    optimizer, scheduler = make(optim, ours, "StepLR", {"step_size": 3})
    with pytest.warns(UserWarning, match=r"before `optimizer\.step\(\)`"):
        scheduler.step()
    optimizer, scheduler = make(optim, ours, "StepLR", {"step_size": 3})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize(
    "call,error,message",
    [
        (lambda o: lr_scheduler.StepLR(3, 1), TypeError, "StepLR: int is not an Optimizer"),
        (lambda o: lr_scheduler.StepLR(o, 1, last_epoch=3), KeyError, "initial_lr"),
        (
            lambda o: lr_scheduler.LinearLR(o, start_factor=0),
            ValueError,
            "Starting multiplicative factor",
        ),
        (
            lambda o: lr_scheduler.LinearLR(o, end_factor=2),
            ValueError,
            "Ending multiplicative factor",
        ),
        (lambda o: lr_scheduler.LambdaLR(o, [abs, abs]), ValueError, "Expected 1 lr_lambdas"),
        (lambda o: lr_scheduler.LRScheduler(o), NotImplementedError, "get_lr"),
        (lambda o: lr_scheduler.ReduceLROnPlateau(3), TypeError, "not an Optimizer"),
        (
            lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=1.0),
            ValueError,
            "Factor should be < 1.0",
        ),
        (lambda o: lr_scheduler.ReduceLROnPlateau(o, mode="x"), ValueError, "mode x is unknown"),
        (lambda o: lr_scheduler.ReduceLROnPlateau(o, min_lr=[0, 1]), ValueError, "1 min_lrs"),
        (lambda o: lr_scheduler.ReduceLROnPlateau(o, threshold_mode="x"), ValueError, "mode x is"),
        (lambda o: lr_scheduler.StepLR(o, 0), ValueError, "step_size > 0"),
        (lambda o: lr_scheduler.CosineAnnealingLR(o, 0), ValueError, "T_max > 0"),
        (lambda o: lr_scheduler.ConstantLR(o, 1.5), ValueError, "Constant multiplicative factor"),
        (lambda o: lr_scheduler.MultiplicativeLR(o, 0.5), TypeError, "should be a function"),
        (lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 0), ValueError, "integer T_0"),
        (lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2.0), ValueError, "integer T_0"),
        (lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2, 0), ValueError, "T_mult >= 1"),
        (lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2, eta_min="x"), ValueError, "eta_"),
        (lambda o: lr_scheduler.CyclicLR(3, 0.1, 1.0), TypeError, "int is not an Optimizer"),
        (lambda o: lr_scheduler.CyclicLR(o, [0.1, 1], 1.0), ValueError, "base_lr must have the"),
        (lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, mode="x"), ValueError, "mode is invalid"),
        (
            lambda o: lr_scheduler.CyclicLR(optim.Rprop([ours()]), 0.1, 1.0),
            ValueError,
            "must support momentum or beta1",
        ),
        (lambda o: lr_scheduler.OneCycleLR(3, 1.0, 10), TypeError, "int is not an Optimizer"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0), ValueError, "either total_steps OR"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0, 0), ValueError, "positive integer total_steps"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0, None, 0, 1), ValueError, "integer epochs"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0, None, 1, -1), ValueError, "steps_per_epoch"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0, 9, pct_start=2.0), ValueError, "pct_start"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0, 9, anneal_strategy="x"), ValueError, "one of"),
        (lambda o: lr_scheduler.SequentialLR(o, [], []), ValueError, "at least one scheduler"),
        (lambda o: lr_scheduler.SequentialLR(o, [3], []), TypeError, "should have `optimizer`"),
        (lambda o: lr_scheduler.ChainedScheduler([]), ValueError, "at least one scheduler"),
        (lambda o: lr_scheduler.ChainedScheduler([3]), TypeError, "should have `optimizer`"),
        (
            lambda o: lr_scheduler.SequentialLR(o, [lr_scheduler.StepLR(o, 1)], [1]),
            ValueError,
            "one more than the number of milestone",
        ),
        (
            lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.ReduceLROnPlateau(o)]),
            ValueError,
            "does not support `ReduceLROnPlateau`",
        ),
        (
            lambda o: lr_scheduler.ChainedScheduler(
                [lr_scheduler.StepLR(o, 1), lr_scheduler.StepLR(optim.SGD([ours()]), 1)]
            ),
            ValueError,
            "belong to the same optimizer",
        ),
        (lambda o: optim.swa_utils.SWALR(o, 0.1, anneal_strategy="x"), ValueError, "'cos' or"),
        (lambda o: optim.swa_utils.SWALR(o, 0.1, -1), ValueError, "equal or greater than 0"),
        (lambda o: optim.swa_utils.SWALR(o, [0.1, 0.2]), ValueError, "swa_lr must have the same"),
        (lambda o: lr_scheduler.warmup_cosine(o, 3, 2), ValueError, "warmup_steps=3"),
        (lambda o: lr_scheduler.warmup_stable_decay(o, 1, -1, 2), ValueError, "stable_steps >= 0"),
        (
            lambda o: lr_scheduler.warmup_stable_decay(o, 1, 1, 2, decay="x"),
            ValueError,
            "'linear', 'cosine', 'sqrt', got 'x'",
        ),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call(optim.SGD([ours()], lr=1.0))


def test_plateau_and_a_group_added_later():
    optimizer = optim.SGD([ours()], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, min_lr=[0.0])
    other = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, min_lr=0.5)
    optimizer.add_param_group({"params": [ours()], "lr": 0.6})
    scheduler.step(1.0)
    with pytest.raises(RuntimeError, match="2 parameter groups.*1 min_lrs"):
        scheduler.step(2.0)
    other.step(1.0)
    other.step(2.0)
    assert rates(optimizer) == [0.5, 0.5]


def test_callable_objects_keep_their_attributes():
    class Ramp:
        def __init__(self, slope):
            self.slope = slope

        def __call__(self, epoch):
            return 1 + self.slope * epoch

    first = lr_scheduler.LambdaLR(optim.SGD([ours()], lr=1.0), Ramp(2.0))
    second = lr_scheduler.LambdaLR(optim.SGD([ours()], lr=1.0), Ramp(5.0))
    second.load_state_dict(first.state_dict())
    assert second.lr_lambdas[0].slope == 2.0


def test_a_schedule_that_ends():
    optimizer, scheduler = make(optim, ours, "OneCycleLR", {"max_lr": 1.0, "total_steps": 3})
    for _ in range(3):
        optimizer.step()
        scheduler.step()
    with pytest.raises(ValueError, match="Tried to step 4 times.*is 3"):
        scheduler.step()


def test_one_cycle_with_a_phase_of_no_length():
    optimizer = optim.SGD([ours()], momentum=0.9)
    scheduler = lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=10, pct_start=0.1)
    assert scheduler.get_last_lr() == [1.0]


def test_a_constant_factor_of_zero_ends():
    optimizer = optim.SGD([ours()], lr=0.5)
    scheduler = lr_scheduler.ConstantLR(optimizer, 0.0, total_iters=1)
    assert rates(optimizer) == [0.0]
    optimizer.step()
    scheduler.step()
    assert rates(optimizer) == [0.5]


def test_get_lr_is_for_schedules_alone():
    _, scheduler = make(optim, ours, "ExponentialLR", {"gamma": 0.5})
    with pytest.warns(UserWarning, match=r"please use `get_last_lr\(\)`"):
        scheduler.get_lr()


def test_warns_when_the_step_was_replaced():
    optimizer, scheduler = make(optim, ours, "StepLR", {"step_size": 3})
    optimizer.step = lambda: None
    optimizer.step()
    with pytest.warns(UserWarning, match=r"`optimizer\.step\(\)` has been overridden"):
        scheduler.step()


def test_schedules_with_functions_are_pickled():
    optimizer = optim.SGD([ours()], lr=1.0)
    scheduler = lr_scheduler.warmup_cosine(optimizer, 2, 10, min_factor=0.1)
    optimizer.step()
    scheduler.step()
    twin = pickle.loads(pickle.dumps(scheduler))
    assert twin.get_last_lr() == [0.5]
    for one in (scheduler, twin):
        one.optimizer.step()
        for _ in range(20):
            one.step()
        assert one.get_last_lr() == [pytest.approx(0.1)]


def test_warmup_stable_decay_falls_in_three_shapes():
    for decay, half in (("linear", 0.55), ("cosine", 0.55), ("sqrt", 0.1 + 0.9 * (1 - 0.5**0.5))):
        optimizer = optim.SGD([ours()], lr=1.0)
        scheduler = lr_scheduler.warmup_stable_decay(
            optimizer, 4, 3, 2, decay=decay, start_factor=0.2, min_factor=0.1
        )
        found = []
        for _ in range(11):
            found += rates(optimizer)
            optimizer.step()
            scheduler.step()
        assert found == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, half, 0.1, 0.1])


def test_milestones_from_a_file_can_be_jumped_over(tmp_path):
    pytest.importorskip("safetensors")
    optimizer, scheduler = make(optim, ours, "MultiStepLR", {"milestones": [2, 2, 9], "gamma": 0.5})
    ag.save(scheduler.state_dict(), tmp_path / "state")  # which has no counters
    scheduler.load_state_dict(ag.load(tmp_path / "state"))
    optimizer.step()
    with pytest.warns(UserWarning, match="epoch parameter"):
        scheduler.step(5)
    assert rates(optimizer) == [0.125, 0.025]
