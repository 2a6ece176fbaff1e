"""Learning rate schedules: the same rates as PyTorch's for 200 epochs, saved on the way or not."""

from __future__ import annotations

import copy
import re

import numpy as np
import pytest
from schedule_grid import GRID, advance, make, options_of, ours, rates

import autograd_core as ag
from autograd_core import optim

torch = pytest.importorskip("torch")
grid = pytest.mark.parametrize(
    "name,options", GRID, ids=lambda v: re.sub(" at 0x[0-9a-f]+", "", str(v))[:40]
)


@pytest.mark.parametrize("optimizer", ["SGD", pytest.param("Adam", marks=pytest.mark.slow)])
@grid
def test_same_rates_as_pytorch(name, options, optimizer):
    a, scheduler = make(optim, ours, name, options, optimizer=optimizer)
    b, reference = make(
        torch.optim,
        lambda: torch.zeros(1, requires_grad=True),
        name,
        options,
        optimizer=optimizer,
    )
    for epoch in range(200):
        assert options_of(a) == pytest.approx(options_of(b), rel=1e-14, abs=1e-17), epoch
        assert scheduler.get_last_lr() == pytest.approx(
            reference.get_last_lr(), rel=1e-14, abs=1e-17
        )
        advance(a, scheduler, epoch)
        advance(b, reference, epoch)
    assert comparable(scheduler.state_dict()) == comparable(reference.state_dict())


def comparable(state):
    """A schedule's state without what only one of the libraries keeps, and with rounded numbers."""
    skipped = {"_scale_fn_custom", "_get_lr_called_within_step", "_is_initial", "anneal_func"}
    if isinstance(state, dict):
        return {k: comparable(v) for k, v in state.items() if k not in skipped}
    if isinstance(state, (list, tuple)):
        return [comparable(v) for v in state]
    return pytest.approx(state, rel=1e-13, abs=1e-17) if isinstance(state, float) else state


@grid
def test_saved_in_a_file_and_loaded_on_the_way(name, options, tmp_path):
    pytest.importorskip("safetensors")
    a, whole = make(optim, ours, name, options)
    b, first = make(optim, ours, name, options)
    for epoch in range(20):
        advance(a, whole, epoch)
        advance(b, first, epoch)
    ag.save({"optimizer": b.state_dict(), "schedule": first.state_dict()}, tmp_path / "state")
    saved = ag.load(tmp_path / "state")
    c, second = make(optim, ours, name, options, lr=99.0)
    second.load_state_dict(saved["schedule"])
    c.load_state_dict(saved["optimizer"])
    for epoch in range(20, 120):
        advance(a, whole, epoch)
        advance(c, second, epoch)
        assert options_of(a) == options_of(c)


@grid
def test_moved_to_pytorch_and_back(name, options):
    """Both from here and from there, 20 epochs in a row on each side."""
    theirs = lambda: torch.zeros(1, requires_grad=True)
    sides = [(optim, ours), (torch.optim, theirs), (optim, ours), (torch.optim, theirs)]
    for journey in (sides[:3], sides[1:]):
        a, whole = make(torch.optim, theirs, name, options)
        saved, epoch = None, 0
        for module, tensor in journey:
            b, scheduler = make(module, tensor, name, options, lr=99.0 if saved else 0.5)
            if saved:
                scheduler.load_state_dict(copy.deepcopy(saved[1]))
                b.load_state_dict(saved[0])
            for _ in range(20):
                advance(a, whole, epoch)
                advance(b, scheduler, epoch)
                assert options_of(a) == pytest.approx(options_of(b), rel=1e-13, abs=1e-17)
                epoch += 1
            saved = b.state_dict(), scheduler.state_dict()


@pytest.mark.parametrize(
    "name,options",
    [(n, o) for n, o in GRID if n in ("StepLR", "MultiStepLR", "ConstantLR", "LinearLR",
     "ExponentialLR", "PolynomialLR", "CosineAnnealingLR", "LambdaLR")],
)  # fmt: skip
def test_jumps_as_pytorch(name, options):
    """The deprecated `step(epoch)`, by which PyTorch's users jump."""
    a, scheduler = make(optim, ours, name, options)
    b, reference = make(torch.optim, lambda: torch.zeros(1, requires_grad=True), name, options)
    a.step()
    b.step()
    for epoch in (3, 17, 5, 0, 160):
        with pytest.warns(UserWarning, match="epoch parameter in `scheduler.step"):
            scheduler.step(epoch)
        with pytest.warns(UserWarning, match="epoch parameter in `scheduler.step"):
            reference.step(epoch)
        assert rates(a) == pytest.approx(rates(b), rel=1e-14)


def test_warm_restarts_between_epochs():
    for options in ({"T_0": 4}, {"T_0": 2, "T_mult": 2, "eta_min": 0.1}):
        name = "CosineAnnealingWarmRestarts"
        a, scheduler = make(optim, ours, name, options)
        b, reference = make(torch.optim, lambda: torch.zeros(1, requires_grad=True), name, options)
        for quarter in range(60):
            scheduler.step(quarter / 4)
            reference.step(quarter / 4)
            assert rates(a) == pytest.approx(rates(b), rel=1e-14)
    with pytest.raises(ValueError, match="non-negative epoch, but got -1"):
        scheduler.step(-1)


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@grid
def test_continued_with_last_epoch(name, options, optimizer):
    """The optimizer's groups from an earlier run, and a new schedule with the epoch given."""
    if callable(options) or name == "ReduceLROnPlateau":
        pytest.skip("takes no last_epoch")
    found = []
    for module, tensor in (
        (optim, ours),
        (torch.optim, lambda: torch.zeros(1, requires_grad=True)),
    ):
        first, scheduler = make(module, tensor, name, options, optimizer=optimizer)
        for epoch in range(9):
            advance(first, scheduler, epoch)
        second, scheduler = make(
            module, tensor, name, {**options, "last_epoch": 9}, optimizer=optimizer, load=first
        )
        steps = [options_of(second)]
        for epoch in range(10, 30):
            advance(second, scheduler, epoch)
            steps.append(options_of(second))
        found.append(steps)
    np.testing.assert_allclose(*found, rtol=1e-14)


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
@pytest.mark.parametrize("cooldown", [0, 3])
def test_plateau_as_pytorch(mode, threshold_mode, cooldown):
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
