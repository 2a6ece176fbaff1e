"""Helpers of the tests that are generated from the table of operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.registry import REGISTRY, Entry, Make, Sample

ENTRIES = sorted(REGISTRY.values(), key=lambda entry: entry.name)


def samples(entry: Entry, seed: int = 0) -> list[Sample]:
    """The operator's samples, made anew (so that no test sees what another one changed)."""
    return list(entry.samples(Make(seed)))


def is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) or (
        isinstance(value, np.generic) and value.dtype.kind in "fc"
    )


def map_arrays(value: Any, function: Callable[[Any], Any]) -> Any:
    """``value`` with ``function`` applied to every array in it, also inside lists and tuples."""
    if is_array(value):
        return function(np.asarray(value))
    if isinstance(value, (list, tuple)):
        return type(value)(map_arrays(item, function) for item in value)
    if isinstance(value, dict):
        return {key: map_arrays(item, function) for key, item in value.items()}
    return value


class Call:
    """A sample with its arrays as tensors; ``leaves`` are the floating-point ones, which require
    grad."""

    def __init__(self, sample: Sample, dtype: Any = None, requires_grad: bool = True) -> None:
        self.leaves: list[Any] = []

        def to_tensor(array: np.ndarray) -> Any:
            if array.dtype.kind == "f":
                return ag.tensor(array, dtype=dtype)
            if array.dtype.kind == "c" and dtype is ag.float32:
                return ag.tensor(array, dtype=ag.complex64)
            return ag.tensor(array)

        def to_leaf(array: np.ndarray) -> Any:
            tensor = to_tensor(array)
            if requires_grad and array.dtype.kind in "fc":
                self.leaves.append(tensor.requires_grad_())
            return tensor

        self.args = map_arrays(sample.args, to_leaf)
        self.kwargs = map_arrays(sample.kwargs, to_tensor)

    def __call__(self, function: Callable[..., Any]) -> Any:
        return function(*self.args, **self.kwargs)


def floating_outputs(value: Any) -> list[Any]:
    """The tensors of a result that can carry gradients."""
    values = value if isinstance(value, (tuple, list)) else [value]
    return [
        v for v in values if isinstance(v, ag.Tensor) and (v.is_floating_point() or v.is_complex())
    ]


def backward(outputs: list[Any]) -> None:
    """Walk back from each output with ones as its gradient."""
    for output in outputs:
        if output.requires_grad:
            output.backward(ag.ones_like(output), retain_graph=True)


def to_numpy(value: Any) -> Any:
    """Tensors as NumPy arrays on the host, through lists and tuples."""
    if isinstance(value, ag.Tensor):
        return value.detach().cpu().numpy()
    if isinstance(value, (list, tuple)):
        return [to_numpy(item) for item in value]
    return value


def assert_equal(got: Any, want: Any, rtol: float, atol: float, what: str) -> None:
    """Compare nested results: shapes exactly, values within tolerance, NaN equal to NaN."""
    if isinstance(want, (list, tuple)):
        assert isinstance(got, (list, tuple)), f"{what}: {type(got).__name__} instead of a sequence"
        assert len(got) == len(want), f"{what}: {len(got)} results, {len(want)} expected"
        for i, (g, w) in enumerate(zip(got, want, strict=True)):
            assert_equal(g, w, rtol, atol, f"{what}[{i}]")
        return
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape, f"{what}: shape {got.shape}, expected {want.shape}"
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, equal_nan=True, err_msg=what)
