"""Every public name of PyTorch's optim is here with its signature, or its absence is explained."""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType

import pytest

torch = pytest.importorskip("torch")


def both(name: str) -> tuple[ModuleType, ModuleType]:
    """PyTorch's module of that name, and ours."""
    return tuple(
        importlib.import_module(f"{top}.optim{name}") for top in ("torch", "autograd_core")
    )


MODULES = [both(name) for name in ("", ".optimizer", ".lr_scheduler", ".swa_utils")]
every_module = pytest.mark.parametrize("theirs,ours", MODULES, ids=lambda m: m.__name__)

ABSENT = {
    "SparseAdam": "for sparse gradients, which do not exist here",
    "swap_in_optimizer_params_and_state": "for PyTorch's tracing of a step into a graph",
}
# Of classes: methods that a user of PyTorch's documentation does not meet.
ABSENT_OF_CLASSES = {
    "OptimizerPreHook": "an alias for type annotations",
    "OptimizerPostHook": "an alias for type annotations",
    "profile_hook_step": "a decorator of PyTorch's own; with_hooks is ours",
    "share_memory": "of Adagrad alone: memory shared between processes",
    "recursive_undo": "a part of SequentialLR's constructor",
}


def parameters(function) -> list[tuple[str, object, object]]:
    """Names, kinds and defaults of a function's arguments."""
    signature = inspect.signature(function)
    return [(p.name, p.kind, p.default) for p in signature.parameters.values()]


@every_module
def test_every_name_is_here(theirs, ours):
    missing = {name for name in theirs.__all__ if not hasattr(ours, name)}
    assert missing == (set(ABSENT) if theirs is torch.optim else set())


@every_module
def test_every_signature_is_the_same(theirs, ours):
    compared = 0
    for name in theirs.__all__:
        if name in ABSENT or not callable(getattr(theirs, name)):
            continue
        found, expected = getattr(ours, name), getattr(theirs, name)
        assert parameters(found) == parameters(expected), name
        compared += 1
    assert compared >= 3


@every_module
def test_every_method_is_here_with_the_same_signature(theirs, ours):
    for name in theirs.__all__:
        expected = getattr(theirs, name)
        if name in ABSENT or not inspect.isclass(expected) or name == "AveragedModel":
            continue
        for method in dir(expected):
            if method.startswith("_") or method in ABSENT_OF_CLASSES:
                continue
            theirs_, ours_ = getattr(expected, method), getattr(getattr(ours, name), method)
            if callable(theirs_):
                assert parameters(ours_) == parameters(theirs_), f"{name}.{method}"
