"""`nn.modules`: PyTorch's places of the layers, and the bases that users' layers derive from."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn.modules.utils import (
    _list_with_default,
    _ntuple,
    _pair,
    _quadruple,
    _reverse_repeat_tuple,
    _single,
    _triple,
    consume_prefix_in_state_dict_if_present,
)

torch = pytest.importorskip("torch")

# PyTorch's own machinery, and what is not in `nn` either.
WITHOUT = {"_functions", "linear_cross_entropy", "linear_cross_entropy_options"}
PLACES = [m.name for m in pkgutil.iter_modules(torch.nn.modules.__path__) if m.name not in WITHOUT]
ABSENT = {"Container", "CrossMapLRN2d", "NonDynamicallyQuantizableLinear", "apply_permutation", "T"}
BASES = {
    "batchnorm": ("_NormBase", "_BatchNorm", "_LazyNormBase"),
    "conv": ("_ConvNd", "_ConvTransposeNd"),
    "dropout": ("_DropoutNd",),
    "instancenorm": ("_InstanceNorm",),
    "lazy": ("LazyModuleMixin",),
    "loss": ("_Loss", "_WeightedLoss"),
    "pooling": (
        "_MaxPoolNd", "_MaxUnpoolNd", "_AvgPoolNd", "_LPPoolNd", "_AdaptiveAvgPoolNd",
        "_AdaptiveMaxPoolNd",
    ),
    "rnn": ("RNNBase", "RNNCellBase"),
}  # fmt: skip
# It has a weight for every element, and a common base for it here.
MORE = {("_WeightedLoss", "BCEWithLogitsLoss")}


@pytest.mark.parametrize("place", PLACES)
def test_every_place_has_its_classes(place: str) -> None:
    ours = importlib.import_module(f"autograd_core.nn.modules.{place}")
    theirs = importlib.import_module(f"torch.nn.modules.{place}")
    assert getattr(nn.modules, place) is ours
    for name, value in vars(theirs).items():
        own = getattr(value, "__module__", "") == theirs.__name__ and not name.startswith("_")
        if own and name not in ABSENT:
            assert getattr(ours, name) is getattr(nn, name, getattr(ours, name)), name


@pytest.mark.parametrize(("place", "base"), [(p, b) for p, names in BASES.items() for b in names])
def test_base_classes_have_the_same_children(place: str, base: str) -> None:
    ours = getattr(importlib.import_module(f"autograd_core.nn.modules.{place}"), base)
    theirs = getattr(importlib.import_module(f"torch.nn.modules.{place}"), base)
    for name in torch.nn.modules.__all__:
        if name not in ("Container", "CrossMapLRN2d") and (base, name) not in MORE:
            expected = issubclass(getattr(torch.nn, name), theirs)
            assert issubclass(getattr(nn, name), ours) == expected, name


def test_base_classes_take_pytorchs_arguments() -> None:
    for place, names in BASES.items():
        for base in names:
            ours = getattr(importlib.import_module(f"autograd_core.nn.modules.{place}"), base)
            theirs = getattr(importlib.import_module(f"torch.nn.modules.{place}"), base)
            wanted = list(inspect.signature(theirs).parameters)
            # Nobody derives from the transposed one; its classes state their arguments.
            if wanted not in (["args", "kwargs"], []) and base != "_ConvTransposeNd":
                found = list(inspect.signature(ours).parameters)
                assert found[: len(wanted)] == wanted, base


def test_the_package_loads_when_it_is_named() -> None:
    code = (
        "import sys; from autograd_core import nn; assert 'autograd_core.nn.modules' not in "
        "sys.modules; nn.modules.conv.Conv2d; nn.common_types._size_2_t; "
        "import autograd_core.nn.modules as m; assert m.Linear is nn.Linear"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    with pytest.raises(AttributeError, match="no attribute 'moduls'"):
        _ = nn.moduls


def test_tuples() -> None:
    theirs = torch.nn.modules.utils
    assert (_single(3), _pair(3), _triple(3), _quadruple(3)) == ((3,), (3,) * 2, (3,) * 3, (3,) * 4)
    assert _ntuple(5)("ab") == theirs._ntuple(5)("ab") and _pair([1, 2, 3]) == (1, 2, 3)
    assert _pair.__name__ == theirs._pair.__name__
    assert _reverse_repeat_tuple((1, 2), 2) == theirs._reverse_repeat_tuple((1, 2), 2)
    assert _list_with_default((None, 3), (5, 6, 7)) == theirs._list_with_default(
        (None, 3), (5, 6, 7)
    )
    assert _list_with_default(4, (1,)) == 4
    with pytest.raises(ValueError, match="at least 3"):
        _list_with_default((1, 2), (3, 4))


def test_consume_prefix() -> None:
    found = []
    for n, consume in (
        (nn, consume_prefix_in_state_dict_if_present),
        (torch.nn, torch.nn.modules.utils.consume_prefix_in_state_dict_if_present),
    ):
        outer = n.Module()
        outer.module = n.Sequential(n.BatchNorm1d(2), n.Linear(2, 2))
        outer.modules_of_its_own = n.Linear(1, 1)
        state = outer.state_dict()
        consume(state, "module.")
        found.append((list(state), dict(state._metadata)))
    assert found[0] == found[1]


def convolution_of(n: Any, functional: Any, modules: Any) -> Any:
    class Standardized(modules.conv._ConvNd):
        """A convolution on PyTorch's base class, as its users write one."""

        def __init__(self, inputs: int, outputs: int, size: Any, bias: bool = True) -> None:
            pair = modules.utils._pair
            super().__init__(
                inputs, outputs, pair(size), pair(1), pair(1), pair(1), False, pair(0), 1, bias,
                "zeros",
            )  # fmt: skip

        def forward(self, input: Any) -> Any:
            weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
            return functional.conv2d(input, weight, self.bias, self.stride, self.padding)

    return Standardized(2, 4, 3)


def test_a_convolution_of_the_users() -> None:
    x = np.random.default_rng(0).standard_normal((2, 2, 5, 5)).astype("f4")
    ours = convolution_of(nn, nn.functional, nn.modules)
    theirs = convolution_of(torch.nn, torch.nn.functional, torch.nn.modules)
    assert repr(ours) == repr(theirs)
    ours.load_state_dict(theirs.state_dict())
    y = theirs(torch.tensor(x))
    np.testing.assert_allclose(ours(ag.tensor(x)).tolist(), y.tolist(), rtol=1e-5, atol=1e-6)


def norm_of(modules: Any) -> Any:
    class AnyNorm(modules.batchnorm._BatchNorm):
        def _check_input_dim(self, input: Any) -> None:
            if input.ndim < 3:
                raise ValueError("my own check")

    class Plain(modules.batchnorm._BatchNorm):
        pass

    class Instance(modules.instancenorm._InstanceNorm):
        def _check_input_dim(self, input: Any) -> None:
            pass

        def _get_no_batch_dim(self) -> int:
            return 2

    return AnyNorm(2), Plain(2), Instance(2)


def test_a_normalization_of_the_users() -> None:
    x = np.random.default_rng(0).standard_normal((2, 2, 5, 3, 1, 2)).astype("f4")
    results = []
    for a, modules in ((ag, nn.modules), (torch, torch.nn.modules)):
        own, plain, instance = norm_of(modules)
        with pytest.raises(ValueError, match="my own check"):
            own(a.ones(2, 2))
        with pytest.raises(NotImplementedError):
            plain(a.ones(2, 2))
        flat = a.tensor(x[0, 0, 0, :, 0])
        results.append((own(a.tensor(x)).tolist(), instance(flat[:2]).tolist()))
    for ours, theirs in zip(*results):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("layer", ["BatchNorm2d", "LazyBatchNorm2d", "InstanceNorm2d"])
def test_a_check_that_is_overridden(layer: str) -> None:
    class Lenient(getattr(nn, layer)):  # type: ignore[misc]
        seen = 0

        def _check_input_dim(self, input: Any) -> None:
            Lenient.seen += 1

    Lenient(2)(ag.ones(1, 2, 2, 2)) if "Lazy" not in layer else Lenient()(ag.ones(1, 2, 2, 2))
    assert Lenient.seen


def test_losses_of_the_users() -> None:
    class Focal(nn.modules.loss._WeightedLoss):
        def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
            super().__init__(weight, reduction=reduction)

    loss = Focal(ag.ones(3), "sum")
    assert loss.reduction == "sum" and list(loss.state_dict()) == ["weight"]


def test_helpers_of_transformers() -> None:
    from autograd_core.nn.modules.transformer import _get_activation_fn, _get_clones

    layer = nn.Linear(2, 2)
    clones = _get_clones(layer, 3)
    assert len(clones) == 3 and clones[0] is not layer and isinstance(clones, nn.ModuleList)
    assert _get_activation_fn("relu") is nn.functional.relu


def test_types() -> None:
    theirs = importlib.import_module("torch.nn.common_types")
    names = [name for name in vars(theirs) if name.endswith("_t")]
    assert names and all(hasattr(nn.common_types, name) for name in names)
    assert nn.common_types._size_2_t == theirs._size_2_t
