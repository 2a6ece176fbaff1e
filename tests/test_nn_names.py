"""Every public name of torch.nn and what is below it exists here, with the same arguments in the
same order with the same defaults; what does not is listed with the reason."""

from __future__ import annotations

import inspect
import re
import typing
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from autograd_core import nn

torch = pytest.importorskip("torch")

# --- what is absent, and why ----------------------------------------------------------------------

LEGACY = "superseded years ago"
INTERNAL = "not for users, though its name has no underscore"
MEMORY = "PyTorch's memory layouts, number formats and devices, which NumPy does not have"
ABSENT = {
    "nn": {
        "Container": LEGACY,
        "CrossMapLRN2d": f"{LEGACY}: LocalResponseNorm",
        "factory_kwargs": INTERNAL,
    },
    "nn.functional": {
        **dict.fromkeys(("assert_int_or_pair", "boolean_dispatch", "DType"), INTERNAL),
        **dict.fromkeys(("handle_torch_function", "has_torch_function"), INTERNAL),
        **dict.fromkeys(("has_torch_function_unary", "has_torch_function_variadic"), INTERNAL),
        "native_channel_shuffle": f"{INTERNAL}: channel_shuffle",
        **dict.fromkeys(("grouped_mm", "scaled_mm", "scaled_grouped_mm"), MEMORY),
        **dict.fromkeys(("ScalingType", "SwizzleType"), MEMORY),
    },
    "nn.utils": {
        "convert_conv2d_weight_memory_format": MEMORY,
        "convert_conv3d_weight_memory_format": MEMORY,
    },
}
METHODS = {
    **dict.fromkeys(("ipu", "mtia", "xpu"), MEMORY),
    **dict.fromkeys(("T_destination", "dump_patches", "merge_masks"), INTERNAL),
    **dict.fromkeys(("check_forward_args", "check_hidden_size", "check_input"), INTERNAL),
    **dict.fromkeys(("get_expected_hidden_size", "get_expected_cell_size"), INTERNAL),
    "permute_hidden": INTERNAL,
    **dict.fromkeys(("gather", "parallel_apply", "replicate", "scatter"), INTERNAL),
    "call_super_init": "a class with further bases calls their constructors itself",
    "compile": "models are compiled by other means",
}

# --- what has other arguments, and why ------------------------------------------------------------

OTHERWISE = {
    "nn.Hardtanh": "min_value and max_value were renamed to min_val and max_val in 2017",
    "nn.utils.rnn.PackedSequence": "data without batch_sizes means nothing",
    "nn.utils.rnn.PackedSequence.cpu": "dtypes are what to() is for",
    "nn.utils.rnn.PackedSequence.cuda": "dtypes are what to() is for",
    "nn.Module.state_dict": "positional arguments are deprecated",
    "nn.Module.forward": "there is none",
    "nn.Module.to": "its forms differ by what stands first, as in PyTorch",
    "nn.Sequential.extend": "the argument has the name that it has in ModuleList",
}
# Functions whose arguments PyTorch states as (...), or nowhere.
UNKNOWN = {
    "nn.functional.conv_tbc",
    *(f"nn.init.{name}" for name in ("constant", "dirac", "eye", "normal", "orthogonal", "sparse")),
    *(f"nn.init.{name}" for name in ("uniform", "xavier_normal", "xavier_uniform")),
    *(f"nn.init.{name}" for name in ("kaiming_normal", "kaiming_uniform")),
}


Parameters = dict[str, tuple[bool, Any]]


def stated(function: Any) -> Parameters | None:
    """The parameters: name to (keyword only, default)."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    found = {
        p.name: (p.kind is p.KEYWORD_ONLY, p.default)
        for p in signature.parameters.values()
        if p.name != "self"
    }
    variable = {p.VAR_POSITIONAL for p in signature.parameters.values()}
    is_open = any(p.kind in variable for p in signature.parameters.values())
    return None if is_open and set(found) <= {"args", "kwargs"} else found


def documented(name: str, function: Any) -> Parameters | None:
    """The same from PyTorch's documentation: ``gelu(input, approximate='none')``."""
    match = re.search(rf"\b{name}\(([^()]*(?:\([^()]*\)[^()]*)*)\)", function.__doc__ or "")
    if not match:
        return None
    found: Parameters = {}
    for part in re.split(r",\s*(?![^()]*\))", match.group(1).strip()):
        key, _, default = (piece.strip() for piece in part.partition("="))
        found[key] = (False, eval(default) if default else inspect.Parameter.empty)
    return found


def theirs(what: str, value: Any) -> Parameters | None:
    found = stated(value)
    if found is not None:
        return found
    if inspect.isclass(value):
        overloads = typing.get_overloads(value.__init__)
        return stated(overloads[0]) if overloads else {}
    return documented(what.split(".")[-1], value)


def differences(what: str, ours: Any, pytorch: Any) -> Iterator[str]:
    if what in UNKNOWN:
        return
    wanted, found = theirs(what, pytorch), stated(ours)
    if found is None and not wanted:  # both are open
        return
    if wanted is None or found is None:
        yield f"{what}: no arguments to compare"
        return
    places = [name for name in found if name in wanted]
    if places != list(wanted):
        yield f"{what}: has {list(found)}, not {list(wanted)}"
        return
    for name, (keyword, default) in wanted.items():
        mine = found[name][1]
        alike = mine == default or getattr(mine, "__name__", 0) == getattr(default, "__name__", 1)
        if not alike:
            yield f"{what}: {name}={mine!r}, not {default!r}"
        if found[name][0] and not keyword:
            yield f"{what}: {name} is keyword only"
    ahead = [name for name, (keyword, _) in found.items() if not keyword and name not in wanted]
    # What this engine adds stands behind what PyTorch has.
    if ahead and list(found)[: len(wanted)] != list(wanted):
        yield f"{what}: {ahead} before PyTorch's"


def pairs() -> Iterator[tuple[str, Any, Any]]:
    yield "nn", nn, torch.nn
    for name in ("functional", "init", "utils"):
        yield f"nn.{name}", getattr(nn, name), getattr(torch.nn, name)
    for name in ("rnn", "parametrize", "parametrizations", "prune", "stateless"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = __import__(f"torch.nn.utils.{name}", fromlist=["x"])
        yield f"nn.utils.{name}", import_module(f"autograd_core.nn.utils.{name}"), module


def public(module: Any) -> Iterator[str]:
    """What is PyTorch's own; not what a module has imported."""
    for name in getattr(module, "__all__", dir(module)):
        value = getattr(module, name)
        if name.startswith("_") or inspect.ismodule(value) or not callable(value):
            continue
        where = getattr(value, "__module__", None) or "torch.nn"
        if where.startswith(("torch", "builtins")) and name not in ("Tensor", "Module"):
            yield name
    if module is torch.nn:
        yield "Module"


WHERE = list(pairs())


@pytest.mark.parametrize(("where", "ours", "pytorch"), WHERE, ids=[w for w, _, _ in WHERE])
def test_names_and_arguments(where: str, ours: Any, pytorch: Any) -> None:
    absent, wrong = set(), []
    for name in public(pytorch):
        if not hasattr(ours, name):
            absent.add(name)
            continue
        what = f"{where}.{name}"
        found = list(differences(what, getattr(ours, name), getattr(pytorch, name)))
        if bool(found) != (what in OTHERWISE):
            wrong += found or [f"{what} is as PyTorch's: take it off the list"]
    assert absent == set(ABSENT.get(where, {}))
    assert not wrong, "\n".join(wrong)


def methods(ours: type, pytorch: type, check: Callable[[str, Any, Any], None]) -> Iterator[str]:
    """Names that are absent; ``check(name, ours, theirs)`` is called for the others."""
    inherited = torch.nn.Module if pytorch is not torch.nn.Module else object
    for name in dir(pytorch):
        value = getattr(pytorch, name)
        if name.startswith("_") or getattr(inherited, name, None) is value:
            continue
        if hasattr(ours, name):
            check(name, getattr(ours, name), value)
        else:
            yield name


def test_methods_and_their_arguments() -> None:
    wrong: list[str] = []
    absent: set[str] = set()
    for where, ours, pytorch in pairs():
        for name in public(pytorch):
            mine, yours = getattr(ours, name, None), getattr(pytorch, name)
            tensors = isinstance(yours, type) and issubclass(yours, torch.Tensor)
            if not isinstance(yours, type) or mine is None or tensors:
                continue

            def check(method: str, a: Any, b: Any, what: str = f"{where}.{name}") -> None:
                if inspect.isfunction(b):
                    full = f"{what}.{method}"
                    found = list(differences(full, a, b))
                    if bool(found) != (full in OTHERWISE):
                        wrong.extend(found or [f"{full} is as PyTorch's: take it off the list"])

            absent.update(methods(mine, yours, check))
    assert not wrong, "\n".join(wrong)
    assert absent == set(METHODS)


def test_every_exception_is_one() -> None:
    """The lists hold nothing that is gone."""
    names = {f"{where}.{name}" for where, _, pytorch in WHERE for name in public(pytorch)}
    assert names >= UNKNOWN
    assert set(ABSENT) <= {where for where, _, _ in WHERE}
    for what in OTHERWISE:
        value: Any = torch
        for part in what.split("."):
            value = getattr(value, part)
