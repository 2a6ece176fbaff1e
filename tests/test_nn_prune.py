"""Pruning like PyTorch's: the same names, masks, and values after further training."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn.utils import prune

torch = pytest.importorskip("torch")
theirs = pytest.importorskip("torch.nn.utils.prune")
BOTH = ((ag, nn, prune), (torch, torch.nn, theirs))
WEIGHTS = np.random.default_rng(0).standard_normal((6, 4, 3, 2)).astype("f4")


def layer(a: Any, n: Any) -> Any:
    conv = n.Conv2d(4, 6, (3, 2))
    with a.no_grad():
        conv.weight.copy_(a.tensor(WEIGHTS))
        conv.bias.copy_(a.tensor(WEIGHTS[:, 0, 0, 0]))
    return conv


def state(module: Any) -> dict[str, Any]:
    return {name: value.tolist() for name, value in module.state_dict().items()}


STEPS = {
    "l1": [("l1_unstructured", {"amount": 0.3})],
    "l1 of an int, again": [("l1_unstructured", {"amount": 20})] * 3,
    "l1 of none": [("l1_unstructured", {"amount": 0})],
    "random": [("random_unstructured", {"amount": 0.4}), ("random_unstructured", {"amount": 9})],
    "random channels": [("random_structured", {"amount": 0.5, "dim": 0})] * 2,
    "random channels of the last": [("random_structured", {"amount": 1, "dim": -1})],
    "channels": [("ln_structured", {"amount": 2, "n": 2, "dim": 0})] * 2,
    "channels by L1": [("ln_structured", {"amount": 0.5, "n": 1, "dim": -3})],
    "channels by the maximum": [("ln_structured", {"amount": 1, "n": float("inf"), "dim": 2})],
    "none": [("identity", {}), ("l1_unstructured", {"amount": 0.25})],
    "mixed": [
        ("ln_structured", {"amount": 1, "n": 2, "dim": 1}),
        ("random_unstructured", {"amount": 0.5}),
        ("l1_unstructured", {"amount": 0.5}),
        ("random_structured", {"amount": 0.5, "dim": 0}),
    ],
}


@pytest.mark.cpu_only  # the numbers are those of the CPU's generator
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_masks_like_pytorchs(steps: list[tuple[str, dict[str, Any]]]) -> None:
    found = []
    for a, n, p in BOTH:
        a.manual_seed(1)
        conv = layer(a, n)
        for name, options in steps:
            assert getattr(p, name)(conv, "weight", **options) is conv
            assert p.is_pruned(conv)
        hooks = [type(hook).__name__ for hook in conv._forward_pre_hooks.values()]
        found.append((state(conv), conv.weight.tolist(), hooks))
        p.remove(conv, "weight")
        assert not p.is_pruned(conv) and isinstance(conv.weight, n.Parameter)
        found[-1] += (state(conv), list(state(conv)))
    assert found[0] == found[1]
    assert list(found[0][0]) == ["bias", "weight_orig", "weight_mask"]


def test_scores_in_place_of_values() -> None:
    found = []
    for a, n, p in BOTH:
        conv = layer(a, n)
        scores = -a.tensor(WEIGHTS).abs()
        p.l1_unstructured(conv, "weight", 0.2, importance_scores=1 / scores)
        p.ln_structured(conv, "weight", 1, 2, 0, importance_scores=1 / scores)
        p.l1_unstructured(conv, "bias", amount=2)
        found.append(state(conv))
    assert found[0] == found[1]


def test_masks_that_are_given() -> None:
    found = []
    for a, n, p in BOTH:
        conv = layer(a, n)
        p.custom_from_mask(conv, "weight", a.tensor(WEIGHTS) > -0.5)
        p.custom_from_mask(conv, "weight", mask=a.tensor(WEIGHTS) < 1)
        found.append(state(conv))
    assert found[0] == found[1]


@pytest.mark.parametrize("method", ["L1Unstructured", "RandomUnstructured"])
def test_several_parameters_together(method: str, request: Any) -> None:
    if method.startswith("Random") and request.config.getoption("--device") != "cpu":
        pytest.skip("the numbers are those of the CPU's generator")
    found = []
    for a, n, p in BOTH:
        a.manual_seed(2)
        first, second = layer(a, n), layer(a, n)
        model = n.Sequential(first, second)
        pairs = [(first, "weight"), (first, "bias"), (second, "weight")]
        p.global_unstructured(pairs, getattr(p, method), amount=0.2)
        scores = {(second, "weight"): second.weight.detach() * 2}
        p.global_unstructured(pairs, getattr(p, method), importance_scores=scores, amount=50)
        found.append(state(model))
    assert found[0] == found[1]


def test_training_what_is_left() -> None:
    x = np.random.default_rng(1).standard_normal((2, 4, 5, 5)).astype("f4")
    found = []
    for a, n, p in BOTH:
        conv = p.l1_unstructured(layer(a, n), "weight", amount=0.5)
        optimizer = a.optim.SGD(conv.parameters(), lr=0.01)
        for _ in range(3):
            optimizer.zero_grad()
            loss = conv(a.tensor(x)).square().mean()
            loss.backward()
            optimizer.step()
        assert ((conv.weight == 0).sum() == 72).item()
        found.append([loss.item(), conv.weight_orig.grad.tolist(), conv.weight_orig.tolist()])
        restored = p.identity(layer(a, n), "weight")
        restored.load_state_dict(conv.state_dict())
        assert restored(a.tensor(x)).tolist() == conv(a.tensor(x)).tolist()
    for ours, pytorchs in zip(*found):
        np.testing.assert_allclose(ours, pytorchs, rtol=1e-4, atol=1e-6)


def test_pruning_a_tensor() -> None:
    found = []
    for a, _, p in BOTH:
        t, mask = a.tensor(WEIGHTS), a.tensor(WEIGHTS > 0).to(a.float32)
        found.append([
            p.L1Unstructured(0.5).prune(t).tolist(),
            p.LnStructured(1, 2, 0).prune(t, default_mask=mask).tolist(),
            p.L1Unstructured(3).prune(t, importance_scores=1 / t).tolist(),
        ])  # fmt: skip
    assert found[0] == found[1]


def test_methods_of_the_users() -> None:
    found = []
    for a, n, p in BOTH:

        class EveryOther(p.BasePruningMethod):  # type: ignore[misc, name-defined]
            PRUNING_TYPE = "unstructured"

            def compute_mask(self, t: Any, default_mask: Any) -> Any:
                mask = default_mask.clone()
                mask.view(-1)[::2] = 0
                return mask

        conv = layer(a, n)
        for _ in range(2):
            method = EveryOther.apply(conv, "bias")
        assert isinstance(method, p.PruningContainer) and len(method) == 2
        assert isinstance(method[0], EveryOther) and list(method)[1] is method[1]
        found.append(state(conv))
    assert found[0] == found[1]


def test_a_copy_of_the_state_is_independent() -> None:
    conv = prune.l1_unstructured(layer(ag, nn), "weight", amount=0.5)
    before = copy.deepcopy(conv.state_dict())
    prune.l1_unstructured(conv, "weight", amount=0.5)
    assert conv.weight_mask.sum() < before["weight_mask"].sum()


def wrong(call: Any, error: type[Exception], match: str) -> None:
    conv = layer(ag, nn)
    before = state(conv)
    with pytest.raises(error, match=match):
        call(conv)
    assert state(conv) == before and not conv._forward_pre_hooks


def test_errors_leave_the_module_as_it_was() -> None:
    weight = "weight"
    wrong(lambda m: prune.l1_unstructured(m, "no", 1), ValueError, "no parameter 'no'")
    wrong(lambda m: prune.l1_unstructured(m, weight, "a"), TypeError, "amount")
    wrong(lambda m: prune.l1_unstructured(m, weight, 1.5), ValueError, "from 0 to 1")
    wrong(lambda m: prune.l1_unstructured(m, weight, -1), ValueError, "not negative")
    wrong(lambda m: prune.l1_unstructured(m, weight, 145), ValueError, "more than the 144")
    wrong(lambda m: prune.random_structured(m, weight, 1, 4), IndexError, "dim=4")
    wrong(lambda m: prune.random_structured(m, "bias", 1, 0), ValueError, "unstructured method")
    wrong(lambda m: prune.custom_from_mask(m, weight, ag.ones(2)), ValueError, "shape")
    wrong(lambda m: prune.l1_unstructured(m, weight, 1, ag.ones(2)), ValueError, "scores")
    wrong(lambda m: prune.remove(m, weight), ValueError, "has to be pruned")
    every = prune.global_unstructured
    wrong(lambda m: every([(m, weight)], prune.LnStructured, amount=1, n=1), TypeError, "TYPE")
    wrong(lambda m: every(3, prune.L1Unstructured), TypeError, "iterable")
    conv = prune.l1_unstructured(layer(ag, nn), weight, 0.5)
    before = state(conv)
    with pytest.raises(ValueError, match="more than the 72"):
        prune.l1_unstructured(conv, weight, 73)
    assert state(conv) == before and prune.is_pruned(conv)
    with pytest.raises(ValueError, match="its methods prune"):
        container = prune.PruningContainer(next(iter(conv._forward_pre_hooks.values())))
        other = prune.Identity()
        other._tensor_name = "bias"
        container.add_pruning_method(other)
    with pytest.raises(TypeError, match="BasePruningMethod"):
        container.add_pruning_method(3)
