"""Learning rate schedules: the same rates as PyTorch's for 200 epochs, saved on the way or not."""

from __future__ import annotations

import warnings

import pytest

import autograd_core as ag
from autograd_core import optim
from autograd_core.optim import lr_scheduler

GRID = [
    ("StepLR", {"step_size": 7}),
    ("StepLR", {"step_size": 30, "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [3, 10, 10, 150], "gamma": 0.5}),
    ("ExponentialLR", {"gamma": 0.97}),
    ("CosineAnnealingLR", {"T_max": 50}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ("LambdaLR", {"lr_lambda": lambda epoch: 0.95**epoch}),
    ("LambdaLR", {"lr_lambda": [lambda epoch: 1 / (1 + epoch), lambda epoch: 0.5**epoch]}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 100}),
]


def make(module, tensor, name, options, lr=0.5):
    groups = [{"params": [tensor()]}, {"params": [tensor()], "lr": 0.1}]
    optimizer = module.SGD(groups, lr=lr)
    return optimizer, getattr(module.lr_scheduler, name)(optimizer, **options)


def ours():
    return ag.zeros(1, requires_grad=True)


def rates(optimizer) -> list[float]:
    return [group["lr"] for group in optimizer.param_groups]


@pytest.mark.parametrize("name,options", GRID, ids=lambda v: str(v)[:40])
def test_same_rates_as_pytorch(name, options):
    torch = pytest.importorskip("torch")
    a, scheduler = make(optim, ours, name, options)
    b, reference = make(torch.optim, lambda: torch.zeros(1, requires_grad=True), name, options)
    for epoch in range(200):
        assert rates(a) == pytest.approx(rates(b), rel=1e-14), epoch
        assert scheduler.get_last_lr() == pytest.approx(reference.get_last_lr(), rel=1e-14)
        a.step()
        b.step()
        scheduler.step()
        reference.step()


@pytest.mark.parametrize("name,options", GRID, ids=lambda v: str(v)[:40])
def test_saved_and_loaded_on_the_way(name, options):
    a, whole = make(optim, ours, name, options)
    b, first = make(optim, ours, name, options)
    for _ in range(20):
        for optimizer, scheduler in ((a, whole), (b, first)):
            optimizer.step()
            scheduler.step()
    c, second = make(optim, ours, name, options, lr=99.0)
    second.load_state_dict(first.state_dict())
    c.load_state_dict(b.state_dict())
    for _ in range(100):
        a.step()
        c.step()
        whole.step()
        second.step()
        assert rates(a) == rates(c)


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
@pytest.mark.parametrize("cooldown", [0, 3])
def test_plateau_as_pytorch(mode, threshold_mode, cooldown):
    torch = pytest.importorskip("torch")
    options = {
        "mode": mode,
        "factor": 0.5,
        "patience": 2,
        "threshold": 0.01,
        "threshold_mode": threshold_mode,
        "cooldown": cooldown,
        "min_lr": [0.01, 0.02],
    }
    a, scheduler = make(optim, ours, "ReduceLROnPlateau", options)
    b, reference = make(
        torch.optim, lambda: torch.zeros(1, requires_grad=True), "ReduceLROnPlateau", options
    )
    stream = torch.Generator().manual_seed(0)
    measures = (torch.rand(200, generator=stream) + torch.linspace(1, 0, 200)).tolist()
    for measure in measures:
        scheduler.step(ag.tensor(measure))
        reference.step(torch.tensor(measure))
        assert rates(a) == rates(b)
        assert scheduler.num_bad_epochs == reference.num_bad_epochs
    assert rates(a) != [0.5, 0.1]


def test_state_from_pytorch():
    torch = pytest.importorskip("torch")
    b, reference = make(
        torch.optim, lambda: torch.zeros(1, requires_grad=True), "StepLR", {"step_size": 3}
    )
    for _ in range(5):
        b.step()
        reference.step()
    a, scheduler = make(optim, ours, "StepLR", {"step_size": 9})
    scheduler.load_state_dict(reference.state_dict())
    a.load_state_dict(b.state_dict())
    for _ in range(5):
        for optimizer, schedule in ((a, scheduler), (b, reference)):
            optimizer.step()
            schedule.step()
        assert rates(a) == rates(b)


def test_a_rate_that_is_a_tensor_is_changed_in_place():
    lr = ag.tensor(1.0)
    optimizer = optim.SGD([ours()], lr=lr)
    scheduler = lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    optimizer.step()
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] is lr
    assert lr.item() == 0.5


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
        (lambda o: lr_scheduler.StepLR(3, 1), TypeError, "int is no Optimizer"),
        (lambda o: lr_scheduler.StepLR(o, 1, last_epoch=3), KeyError, "initial_lr"),
        (lambda o: lr_scheduler.LinearLR(o, start_factor=0), ValueError, "start_factor"),
        (lambda o: lr_scheduler.LinearLR(o, end_factor=2), ValueError, "end_factor"),
        (lambda o: lr_scheduler.LambdaLR(o, [abs, abs]), ValueError, "Expected 1 lr_lambdas"),
        (lambda o: lr_scheduler.LRScheduler(o), NotImplementedError, "get_lr"),
        (lambda o: lr_scheduler.ReduceLROnPlateau(3), TypeError, "no Optimizer"),
        (lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=1.0), ValueError, "factor"),
        (lambda o: lr_scheduler.ReduceLROnPlateau(o, mode="x"), ValueError, "mode 'x'"),
        (lambda o: lr_scheduler.ReduceLROnPlateau(o, min_lr=[0, 1]), ValueError, "1 min_lrs"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call(optim.SGD([ours()], lr=1.0))


def test_plateau_notices_a_group_added_later():
    optimizer = optim.SGD([ours()], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    optimizer.add_param_group({"params": [ours()]})
    scheduler.step(1.0)
    with pytest.raises(RuntimeError, match="2 parameter groups.*1 min_lrs"):
        scheduler.step(2.0)


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
