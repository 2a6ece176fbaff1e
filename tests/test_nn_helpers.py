"""What users' layers call although its name begins with an underscore, and older names."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn.utils import parametrizations, parametrize

torch = pytest.importorskip("torch")
BOTH = ((ag, nn), (torch, torch.nn))


def same(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours.tolist(), theirs.tolist(), rtol=1e-5, atol=1e-6)


# --- initialisation -------------------------------------------------------------------------------


def test_fans() -> None:
    for shape in ((3, 4), (5, 2, 3, 3), (1, 7, 2)):
        ours, theirs = ag.empty(shape), torch.empty(shape)
        find = nn.init._calculate_fan_in_and_fan_out
        assert find(ours) == torch.nn.init._calculate_fan_in_and_fan_out(theirs)
        for mode in ("fan_in", "fan_out", "FAN_IN"):
            wanted = torch.nn.init._calculate_correct_fan(theirs, mode)
            assert nn.init._calculate_correct_fan(ours, mode) == wanted
    with pytest.raises(ValueError, match="not supported"):
        nn.init._calculate_correct_fan(ag.empty(2, 2), "both")
    with pytest.raises(ValueError, match="fewer than 2 dimensions"):
        nn.init._calculate_fan_in_and_fan_out(ag.empty(2))


@pytest.mark.cpu_only  # the numbers are those of the CPU's generator
@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("_no_grad_normal_", (1.0, 2.0)),
        ("_no_grad_uniform_", (-1.0, 3.0)),
        ("_no_grad_trunc_normal_", (0.0, 1.0, -1.0, 1.5)),
        ("_no_grad_fill_", (0.5,)),
        ("_no_grad_zero_", ()),
    ],
)
def test_filling_without_recording(name: str, args: tuple[float, ...]) -> None:
    filled = []
    for a, n in BOTH:
        a.manual_seed(3)
        parameter = n.Parameter(a.ones(4, 5))
        assert getattr(n.init, name)(parameter, *args) is parameter and parameter.is_leaf
        filled.append(parameter)
    same(*filled)


def test_skip_init() -> None:
    ag.manual_seed(0)
    wanted = ag.rand(3)
    ag.manual_seed(0)
    layer = nn.utils.skip_init(nn.Linear, 5, out_features=2, dtype=ag.float64)
    assert layer.weight.shape == (2, 5) and layer.weight.dtype == ag.float64
    assert ag.equal(ag.rand(3), wanted)
    for wrong in (nn.Sequential, ag.Tensor):
        with pytest.raises(RuntimeError):
            nn.utils.skip_init(wrong)


# --- layers that override a step ------------------------------------------------------------------


def standardized(n: Any) -> Any:
    class Conv(n.Conv2d):
        def forward(self, x: Any) -> Any:
            weight = self.weight - self.weight.mean(dim=(1, 2, 3), keepdim=True)
            return self._conv_forward(x, weight, self.bias)

    return Conv


def halved(n: Any) -> Any:
    class Conv(n.Conv2d):
        def _conv_forward(self, input: Any, weight: Any, bias: Any) -> Any:
            return super()._conv_forward(input, weight * 0.5, bias)

    return Conv


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("make", [standardized, halved])
@pytest.mark.parametrize("mode", ["zeros", "circular"])
@pytest.mark.parametrize("padding", [1, (0, 2), "same", "valid"])
def test_convolutions_with_weights_of_their_own(make: Any, mode: str, padding: Any) -> None:
    x = np.random.default_rng(0).standard_normal((2, 2, 6, 5)).astype("f4")
    ours, theirs = (make(n)(2, 4, (3, 2), padding=padding, padding_mode=mode) for _, n in BOTH)
    assert list(ours._reversed_padding_repeated_twice) == list(
        theirs._reversed_padding_repeated_twice
    )
    ours.load_state_dict(theirs.state_dict())
    y, z = ours(ag.tensor(x)), theirs(torch.tensor(x))
    same(y, z)
    y.sum().backward(), z.sum().backward()
    np.testing.assert_allclose(
        ours.weight.grad.tolist(), theirs.weight.grad.tolist(), rtol=1e-4, atol=1e-4
    )


# --- hooks of states ------------------------------------------------------------------------------


def renamed(n: Any, with_module: bool) -> Any:
    class Block(n.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = n.Linear(2, 2)
            self._register_load_state_dict_pre_hook(
                self.with_module if with_module else self.rename, with_module=with_module
            )

        def with_module(self, module: Any, *args: Any) -> None:
            assert isinstance(module, Block) and len(args) == 7
            self.rename(*args)

        def rename(
            self, state_dict: Any, prefix: str, local_metadata: Any, strict: bool,
            missing_keys: list[str], unexpected_keys: list[str], error_msgs: list[str],
        ) -> None:  # fmt: skip
            for key in list(state_dict):
                if key.startswith(prefix + "old."):
                    state_dict[key.replace("old.", "fc.")] = state_dict.pop(key)

    return n.Sequential(Block(), n.Linear(2, 1))


@pytest.mark.parametrize("with_module", [False, True])
def test_keys_that_are_renamed_while_loading(with_module: bool) -> None:
    for a, n in BOTH:
        model = renamed(n, with_module)
        state = {k.replace("fc", "old"): a.ones_like(v) for k, v in model.state_dict().items()}
        for one in (model, copy.deepcopy(model)):
            one.load_state_dict(state)
            assert one[0].fc.weight.sum().item() == 4
        with pytest.raises(RuntimeError, match='Missing key.*"0.fc.bias"'):
            model.load_state_dict({k: v for k, v in state.items() if k != "0.old.bias"})


def test_a_hook_that_replaces_the_state() -> None:
    def only_weights(module: Any, state: Any, prefix: str, local_metadata: Any) -> Any:
        return {k: v for k, v in state.items() if "weight" in k}

    found = []
    for _, n in BOTH:
        model = n.Sequential(n.Linear(2, 2), n.Linear(2, 1))
        inner = model[0]._register_state_dict_hook(only_weights)  # not that of the root
        keys = [list(model.state_dict()), list(model[0].state_dict())]
        inner.remove()
        model._register_state_dict_hook(only_weights)
        found.append([*keys, list(model.state_dict()), list(model[0].state_dict())])
    assert found[0] == found[1]
    assert found[0][2] == ["0.weight", "1.weight"]


# --- modules --------------------------------------------------------------------------------------


@pytest.mark.cpu_only  # memory of processes
def test_share_memory() -> None:
    layer = nn.BatchNorm1d(2)
    weight = layer.weight
    assert layer.share_memory() is layer and layer.weight is weight
    assert layer.weight.is_shared() and layer.running_mean.is_shared()
    layer(ag.ones(3, 2)).sum().backward()


class Gate(nn.Module):
    """As older code has it: an attribute that came later is made when a pickle lacks it."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(1, 1)
        self.scale = 2.0

    def __setstate__(self, state: Any) -> None:
        super().__setstate__(state)
        self.__dict__.setdefault("scale", 1.0)

    def forward(self, x: Any) -> Any:
        return self.fc(x) * self.scale


def test_setstate() -> None:
    gate = Gate()
    for one in (copy.deepcopy(gate), pickle.loads(pickle.dumps(gate))):
        assert one.scale == 2.0 and ag.equal(one(ag.ones(1, 1)), gate(ag.ones(1, 1)))
    state = {k: v for k, v in gate.__dict__.items() if k not in ("scale", "_backward_pre_hooks")}
    old = Gate.__new__(Gate)
    old.__setstate__(state)
    assert old.scale == 1.0 and old.fc is gate.fc
    old(ag.ones(1, 1)).sum().backward()


@pytest.mark.filterwarnings("ignore:Using a non-full backward hook:FutureWarning")
def test_register_backward_hook() -> None:
    for a, n in BOTH:
        seen: list[Any] = []
        layer = n.ReLU()
        handle = layer.register_backward_hook(lambda m, gi, go, seen=seen: seen.append((gi, go)))
        for _ in range(2):
            layer(a.tensor([-1.0, 2.0], requires_grad=True)).sum().backward()
            handle.remove()
        assert len(seen) == 1
        assert [g.tolist() for pair in seen[0] for g in pair] == [[0.0, 1.0], [1.0, 1.0]]
    called: list[str] = []
    register = nn.modules.module.register_module_backward_hook
    with register(lambda m, gi, go: called.append(type(m).__name__)):
        nn.Tanh()(ag.ones(1, requires_grad=True)).backward()
    assert called == ["Tanh"]


# --- parametrisations -----------------------------------------------------------------------------


class Twice(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * 2


def test_parametrizations_are_transferred() -> None:
    source = parametrizations.weight_norm(nn.Linear(3, 2))
    parametrize.register_parametrization(source, "bias", Twice())
    target = nn.Linear(3, 2)
    assert parametrize.transfer_parametrizations_and_params(source, target, "bias") is target
    assert ag.equal(source.bias, target.bias)
    assert not parametrize.is_parametrized(target, "weight")
    parametrize.transfer_parametrizations_and_params(source, target, "weight")
    x = ag.ones(2, 3)
    assert ag.equal(source(x), target(x))
    assert list(source.state_dict()) != []
    chain = target.parametrizations.weight
    assert chain.original0 is source.parametrizations.weight.original0

    bare = nn.Module()
    parametrize.transfer_parametrizations_and_params(source, bare)
    assert ag.equal(bare.weight, source.weight)
    plain = nn.Linear(3, 2)
    assert parametrize.transfer_parametrizations_and_params(nn.Linear(3, 2), plain) is plain
    assert not parametrize.is_parametrized(plain)


# --- texts ----------------------------------------------------------------------------------------


def test_texts_like_pytorchs() -> None:
    texts = []
    for _, n in BOTH:
        cells = [
            cell(3, 4, bias)
            for cell in (n.RNNCell, n.LSTMCell, n.GRUCell)
            for bias in (True, False, 0, 1)
        ]
        hooks = n.ReLU()._forward_hooks
        texts.append([*map(repr, cells), repr(hooks), str(n.ReLU()._state_dict_hooks)])
        assert isinstance(hooks, OrderedDict)
    assert texts[0] == texts[1]


def test_a_size_mismatch_like_pytorchs() -> None:
    texts = []
    for a, n in BOTH:
        for state in ({"weight": a.ones(7, 8), "more": a.ones(1)}, {"bias": a.ones(())}):
            with pytest.raises(RuntimeError) as caught:
                n.Linear(7, 8).load_state_dict(state)
            texts.append(str(caught.value).replace("autograd_core.", "torch."))
    assert texts[:2] == texts[2:]
