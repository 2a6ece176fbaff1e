"""Steps on a device: no waiting for it, and counts that may live there."""

from __future__ import annotations

import numpy as np
import pytest
import strict_device
from optim_grid import OPTIONS, shapes

import autograd_core as ag
from autograd_core import nn, optim

CASES = [(name, options) for name, every in OPTIONS.items() for options in (every[0], every[-1])]
BEYOND = ["Lion", "LARS", "LAMB", "SGDScheduleFree", "AdamWScheduleFree"]
every_case = pytest.mark.parametrize(
    "name,options", [*CASES, *[(name, {}) for name in BEYOND]], ids=lambda v: str(v)[:40]
)


@pytest.fixture(autouse=True)
def strict():
    strict_device.install()


def run(name, device, steps=8, guard=False, **options):
    rng = np.random.RandomState(0)
    made = [rng.standard_normal((steps + 1, *shape)) for shape in shapes(name)]
    params = [ag.tensor(m[0], device=device, requires_grad=True) for m in made]
    optimizer = getattr(optim, name)(params, **options)
    for step in range(1, steps + 1):
        for p, m in zip(params, made):
            p.grad = ag.tensor(m[step], device=device)
        if guard and step > 1:  # the first step makes the state
            with strict_device.no_synchronization():
                optimizer.step()
        else:
            optimizer.step()
    return optimizer, [p.detach().cpu().tolist() for p in params]


@every_case
def test_no_step_waits_for_the_device(name, options):
    _, there = run(name, "strict", guard=True, **options)
    _, here = run(name, "cpu", **options)
    for a, b in zip(here, there):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize(
    "name,options",
    [(n, o) for n, o in CASES if n not in ("SGD", "Adagrad", "Adafactor", "Muon")],
    ids=lambda v: str(v)[:40],
)
def test_counts_and_rates_that_live_on_the_device(name, options):
    """With capturable, nothing of a step is a number on the host, not even the learning rate."""
    lr = ag.tensor(options.get("lr", 0.01), dtype=ag.float64, device="strict")
    options = {**options, "lr": lr, "capturable": True}
    optimizer, there = run(name, "strict", guard=True, **options)
    _, here = run(name, "cpu", **{**options, "lr": lr.cpu()})
    for a, b in zip(here, there):
        # Numbers such as 1 - 0.999**t are of float32, that of the count.
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    for state in optimizer.state.values():
        assert all(value.device.type == "strict" for value in state.values())

    # Loaded, they stay there.
    other = getattr(optim, name)(
        [p.detach().requires_grad_() for p in optimizer.param_groups[0]["params"]], **options
    )
    other.load_state_dict(optimizer.state_dict())
    for state in other.state.values():
        assert all(value.device.type == "strict" for value in state.values())


@pytest.mark.parametrize("name", [n for n in OPTIONS if n not in ("SGD", "Muon")])
def test_counts_live_on_the_host_otherwise(name):
    optimizer, _ = run(name, "strict")
    for state in optimizer.state.values():
        assert state["step"].device.type == "cpu"
    other = getattr(optim, name)([ag.zeros(*s, device="strict") for s in shapes(name)])
    other.load_state_dict(optimizer.state_dict())
    for state in other.state.values():
        assert state["step"].device.type == "cpu"
        assert state["step"].item() == 8


@pytest.mark.parametrize("name", ["SGD", "Adam", "Adafactor", "LAMB"])
@pytest.mark.parametrize("device", ["cpu", "strict"])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_narrow_floats_are_rounded_once_a_step(name, device, dtype):
    """A step in float32, rounded: so the same on every device, and small steps are not lost."""
    kind = getattr(ag, dtype)
    start = ag.tensor(np.linspace(0.5, 2.0, 12).reshape(3, 4), dtype=kind)
    grad = ag.tensor(np.linspace(-1.0, 1.5, 12).reshape(3, 4), dtype=kind)
    p = start.to(device).clone().requires_grad_()
    q = start.to(ag.float32).requires_grad_()
    options = {"eps": (float(ag.finfo(kind).eps), 1e-3)} if name == "Adafactor" else {}
    a, b = (getattr(optim, name)([x], lr=0.1, **options) for x in (p, q))
    p.grad, q.grad = grad.to(device), grad.to(ag.float32)
    a.step()
    b.step()
    assert p.dtype == kind
    assert p.cpu().tolist() == q.detach().to(kind).tolist()


def with_grads():
    params = [ag.ones(3, device="strict", requires_grad=True) for _ in range(3)]
    for p in params:
        p.grad = ag.full((3,), 2.0, device="strict")
    return params


def test_no_helper_waits_for_the_device():
    """Clipping, accumulation, averages, and optimizers of other kinds; the second time over."""
    params, model = with_grads(), nn.Linear(3, 2).to("strict")
    ema = optim.swa_utils.get_ema_multi_avg_fn(0.9)
    averages = [optim.swa_utils.AveragedModel(model, multi_avg_fn=f) for f in (None, ema)]
    sam = optim.SAM(params, optim.SGD, lr=0.1)
    free = optim.SGDScheduleFree(params, lr=0.1)
    adam = optim.Functional(optim.Adam)
    rate = ag.tensor(0.1, device="strict")
    schedule = optim.lr_scheduler.CosineAnnealingLR(optim.SGD(with_grads(), lr=rate), 9)
    accumulator = optim.GradientAccumulator(optim.SGD(with_grads(), lr=0.1), 2)
    state = adam.init(params)
    free.step()
    schedule.optimizer.step()

    def everything():
        nonlocal state
        nn.utils.clip_grad_norm_(params, 1.0)
        nn.utils.clip_grad_norm_(params, 1.0, float("inf"))
        nn.utils.clip_grad_value_(params, 0.5)
        for average in averages:
            average.update_parameters(model)
        sam.first_step()
        for p in params:
            p.grad = p.detach() * 2
        sam.second_step()
        free.eval()
        free.train()
        _, state = adam.update(params, [p.grad for p in params], state)
        schedule.step()
        for _ in range(2):
            accumulator.backward((params[0] * params[1]).sum())
        sam.zero_grad(set_to_none=False)
        sam.state_dict()

    everything()
    for p in params:
        p.grad = ag.full((3,), 2.0, device="strict")
    with strict_device.no_synchronization():
        everything()
