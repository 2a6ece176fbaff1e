"""Bad arguments raise what they raise in PyTorch, with words that name them."""

from __future__ import annotations

import sys

import pytest

import autograd_core as ag
from autograd_core import optim

NAN = float("nan")
COMMON = [{"lr": -1.0}, {"weight_decay": -0.5}, {"eps": -1e-3}]
BETAS = [{"betas": (1.0, 0.5)}, {"betas": (-0.1, 0.5)}, {"betas": (0.5, 1.0)}, {"betas": (0.5, -1)}]
BAD = {
    "SGD": [
        {"lr": -1.0},
        {"momentum": -0.1},
        {"weight_decay": -1},
        {"nesterov": True},
        {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
        {"fused": True, "differentiable": True},
        {"fused": True, "foreach": True},
    ],
    "Adam": [*COMMON, *BETAS, {"fused": True, "differentiable": True}],
    "AdamW": [*COMMON, *BETAS, {"fused": True, "foreach": True}],
    "NAdam": [*COMMON, *BETAS, {"momentum_decay": -1}],
    "RAdam": [*COMMON, *BETAS],
    "Adamax": [*COMMON, *BETAS],
    "RMSprop": [*COMMON, {"momentum": -1}, {"alpha": -0.1}],
    "Adagrad": [
        *COMMON,
        {"lr_decay": -1},
        {"initial_accumulator_value": -1},
        {"fused": True, "differentiable": True},
        {"fused": True, "foreach": True},
    ],
    "Adadelta": [*COMMON, {"rho": -0.1}, {"rho": 1.1}],
    "Rprop": [{"lr": -1.0}, {"etas": (0.5, 0.9)}, {"etas": (0.0, 1.2)}, {"etas": (1.0, 1.2)}],
    "ASGD": [{"lr": -1.0}, {"weight_decay": -1}],
    "LBFGS": [{"lr": -1.0}],
    "Adafactor": [
        {"lr": -1.0},
        {"weight_decay": -1},
        {"beta2_decay": 0.5},
        {"eps": (-1.0, 1e-3)},
        {"eps": (None, -1e-3)},
        {"d": 0.5},
    ],
    "Muon": [{"lr": -1.0}, {"momentum": -1}, {"weight_decay": -1}, {"adjust_lr_fn": "x"}],
}
CASES = [(name, kwargs) for name, every in BAD.items() for kwargs in every]


@pytest.mark.parametrize("name,kwargs", CASES, ids=lambda v: str(v))
def test_bad_options(name, kwargs):
    torch = pytest.importorskip("torch")
    with pytest.raises((ValueError, RuntimeError)) as theirs:
        getattr(torch.optim, name)([torch.zeros(2, 2, requires_grad=True)], **kwargs)
    with pytest.raises(theirs.type) as ours:
        getattr(optim, name)([ag.zeros(2, 2, requires_grad=True)], **kwargs)
    if theirs.type is ValueError:
        assert name in str(ours.value)
        wrong = next(iter(kwargs.values()))
        shown = wrong[0] if isinstance(wrong, tuple) and name != "Adafactor" else None
        if shown is not None and "beta" in str(theirs.value) and not 0 <= shown < 1:
            assert str(shown) in str(ours.value)


@pytest.mark.parametrize("name", [n for n in BAD if n != "LBFGS"])
@pytest.mark.parametrize("option", ["lr", "weight_decay", "eps", "momentum"])
def test_nothing_is_nan(name, option):
    make = getattr(optim, name)
    params = [ag.zeros(2, 2, requires_grad=True)]
    if option not in make(params).defaults or (name, option) == ("Adafactor", "eps"):
        pytest.skip("it has none")
    if (name, option) == ("Muon", "eps"):
        pytest.skip("PyTorch does not look at it")
    with pytest.raises(ValueError, match="nan"):
        make(params, **{option: NAN})


WRONG_PARAMETERS = [
    lambda m, t: m.SGD(t(), lr=0.1),
    lambda m, t: m.SGD([], lr=0.1),
    lambda m, t: m.SGD([3], lr=0.1),
    lambda m, t: m.SGD(["w"], lr=0.1),
    lambda m, t: m.SGD([t() * 2], lr=0.1),
    lambda m, t: m.SGD([{"params": {t()}}], lr=0.1),
    lambda m, t: m.SGD([("a", t()), t()], lr=0.1),
    lambda m, t: m.SGD([{"params": [("a", t())]}, {"params": [t()]}], lr=0.1),
    lambda m, t: (lambda p: m.SGD([{"params": [p]}, {"params": [p]}], lr=0.1))(t()),
    lambda m, t: m.SGD([t()], lr=0.1).add_param_group([t()]),
    lambda m, t: m.SGD([t()], lr=0.1).load_state_dict({"state": {}, "param_groups": []}),
    lambda m, t: m.SGD([t()], lr=0.1).load_state_dict(m.SGD([t(), t()]).state_dict()),
    lambda m, t: m.Optimizer([t()], {"lr": sys.modules[m.Optimizer.__module__].required}),
    lambda m, t: m.Muon([m.SGD([t()]).param_groups[0]["params"][0][0]]),
]


@pytest.mark.parametrize("call", WRONG_PARAMETERS)
def test_wrong_parameters(call):
    torch = pytest.importorskip("torch")
    with pytest.raises(Exception) as theirs:
        call(torch.optim, lambda: torch.zeros(2, requires_grad=True))
    with pytest.raises(theirs.type):
        call(optim, lambda: ag.zeros(2, requires_grad=True))


def test_betas_must_be_two():
    with pytest.raises(ValueError, match="expected two betas"):
        optim.Adam([ag.zeros(1, requires_grad=True)], betas=(0.9,))


@pytest.mark.parametrize(
    "kwargs,message",
    [
        ({"ns_steps": 100}, "less than 100"),
        ({"ns_coefficients": (1.0, 2.0)}, "exactly 3 values"),
    ],
)
def test_muon_says_at_once_what_pytorch_says_in_the_first_step(kwargs, message):
    with pytest.raises(ValueError, match=message):
        optim.Muon([ag.zeros(2, 2, requires_grad=True)], **kwargs)
    optimizer = optim.Muon([ag.zeros(2, 2, requires_grad=True)])
    with pytest.raises(ValueError, match=r"size: \(3,\)"):
        optimizer.add_param_group({"params": ag.zeros(3, requires_grad=True)})
    assert len(optimizer.param_groups) == 1
