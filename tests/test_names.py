"""The names of PyTorch's public namespaces are here, too, except for those that are listed with the
reason; and every name that loads on demand loads."""

from __future__ import annotations

import importlib
import inspect
import warnings
from fnmatch import fnmatchcase
from types import ModuleType
from typing import Any

import absent_names as absent
import pytest
from operator_table import ENTRIES

import autograd_core as ag

PLACES = {
    "": absent.TORCH,
    "Tensor": absent.TENSOR,
    "linalg": absent.LINALG,
    "fft": absent.FFT,
    "special": absent.SPECIAL,
    "nn.functional": absent.FUNCTIONAL,
    "signal.windows": {},
    "masked": absent.MASKED,
}

LOWER = "abcdefghijklmnopqrstuvwxyz"


def given(name: str, patterns: str | dict[str, str]) -> bool:
    """Whether a name is listed."""
    texts = patterns.values() if isinstance(patterns, dict) else [patterns]
    return any(fnmatchcase(name, p) for text in texts for p in text.split())


def place(root: Any, path: str) -> Any:
    """``root``, or what stands in it under a path."""
    for part in filter(None, path.split(".")):
        found = getattr(root, part, None)
        root = importlib.import_module(f"{root.__name__}.{part}") if found is None else found
    return root


def public(found: Any) -> set[str]:
    """Functions and constants of a namespace: neither modules nor classes nor what is private."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some are deprecated
        names = {n: getattr(found, n, None) for n in dir(found) if not n.startswith("_")}
    return {
        name
        for name, value in names.items()
        if not isinstance(value, ModuleType) and not inspect.isclass(value) and name[0] in LOWER
    }


@pytest.mark.parametrize("path", PLACES, ids=lambda path: path or "torch")
def test_names_of_pytorch(path: str) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = place(ag, path), public(place(torch, path))
    missing = {name for name in theirs if not hasattr(ours, name)}
    unknown = {name for name in missing if not given(name, PLACES[path])}
    assert not unknown, f"absent without a reason: {sorted(unknown)}"
    listed = [pattern for text in PLACES[path].values() for pattern in text.split()]
    needless = [pattern for pattern in listed if not any(given(n, pattern) for n in missing)]
    assert not needless, f"called absent, but not so: {needless}"


def test_every_operator_has_pytorchs_forms() -> None:
    """An operator is a function, a method and an in-place variant wherever it is one in PyTorch."""
    torch = pytest.importorskip("torch")
    wrong = []
    for entry in ENTRIES:
        for name in (entry.name, *entry.aliases):
            head, _, last = name.rpartition(".")
            if head or not hasattr(torch, last):
                continue
            for form in (last, f"{last}_"):
                for here, there in ((ag, torch), (ag.Tensor, torch.Tensor)):
                    reasons = absent.TORCH if there is torch else absent.TENSOR
                    if (
                        hasattr(there, form)
                        and not hasattr(here, form)
                        and not given(form, reasons)
                    ):
                        wrong.append(f"{there.__name__}.{form}")
    assert not wrong


@pytest.mark.parametrize("name", sorted({*ag._LAZY, *ag._LAZY_FUNCTIONS}))
def test_names_that_load_on_demand(name: str) -> None:
    assert name in dir(ag)
    try:
        assert getattr(ag, name) is not None
    except ImportError as error:  # an optional package is not installed, and the message says so
        assert "pip install" in str(error)
