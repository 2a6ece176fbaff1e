"""What is checked of an operator, on the samples that its declaration brings.

The tests make these checks on every machine that builds the package; ``selfcheck`` makes them on
the user's own. Each function returns if all is well, and raises ``AssertionError`` or
``GradcheckError`` with what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.autograd.gradcheck import gradcheck, gradgradcheck
from autograd_core.backends.device import device
from autograd_core.base import TensorBase
from autograd_core.creation import arange, ones_like
from autograd_core.dtypes import bfloat16, complex64, complex128, float16, float32, float64
from autograd_core.from_data import tensor
from autograd_core.gradients import grad
from autograd_core.random import get_rng_state, manual_seed
from autograd_core.registry import At, Entry, Make, Sample

# PyTorch computes these in float64 whatever comes in.
ALWAYS_DOUBLE = {"float_power"}

# Rounding of one operation in the dtype; sums of a few terms stay within ten of them.
ROUNDING = {float16: 2e-2, bfloat16: 1e-1, float32: 2e-5}

# Between devices, whose libraries round sums and functions differently; gradients of gradients in
# float32 add that up.
BETWEEN_DEVICES = {float64: 1e-9, float32: 1e-3, float16: 2e-2, bfloat16: 1e-1}


def samples(entry: Entry, seed: int = 0) -> list[Sample]:
    """The operator's samples, made anew (so that no check sees what another one changed)."""
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


def map_tensors(value: Any, known: dict[int, Any]) -> Any:
    """``value`` with tensors exchanged, by their identity, also inside lists and tuples."""
    if isinstance(value, TensorBase):
        return known.get(id(value), value)
    if isinstance(value, (list, tuple)):
        return type(value)(map_tensors(item, known) for item in value)
    if isinstance(value, dict):
        return {key: map_tensors(item, known) for key, item in value.items()}
    return value


class Call:
    """A sample with its arrays as tensors; ``leaves`` are the floating-point ones, which require
    grad.

    Args:
        sample: what to call an operator with.
        dtype: of its floating-point tensors; default float64.
        requires_grad: whether there are leaves.
    """

    def __init__(self, sample: Sample, dtype: Any = None, requires_grad: bool = True) -> None:
        self.leaves: list[Any] = []

        def to_tensor(array: np.ndarray) -> Any:
            if array.dtype.kind == "f":
                return tensor(array, dtype=dtype)
            if array.dtype.kind == "c" and dtype is float32:
                return tensor(array, dtype=complex64)
            return tensor(array)

        def to_leaf(array: np.ndarray) -> Any:
            made = to_tensor(array)
            if requires_grad and array.dtype.kind in "fc":
                self.leaves.append(made.requires_grad_())
            return made

        self.args = map_arrays(sample.args, to_leaf)
        self.kwargs = map_arrays(sample.kwargs, to_tensor)

    def __call__(self, function: Callable[..., Any]) -> Any:
        return function(*self.args, **self.kwargs)


def all_tensors(value: Any) -> list[Any]:
    """The tensors of a result, also inside lists and tuples."""
    if isinstance(value, TensorBase):
        return [value]
    return (
        [t for one in value for t in all_tensors(one)] if isinstance(value, (list, tuple)) else []
    )


def floating_outputs(value: Any) -> list[Any]:
    """The tensors of a result that can carry gradients."""
    return [t for t in all_tensors(value) if t.is_floating_point() or t.is_complex()]


def backward(outputs: Sequence[Any]) -> None:
    """Walk back from each output with ones as its gradient."""
    for output in outputs:
        if output.requires_grad:
            output.backward(ones_like(output), retain_graph=True)


def to_numpy(value: Any) -> Any:
    """Tensors as NumPy arrays on the host, through lists and tuples."""
    if isinstance(value, TensorBase):
        return value.detach().cpu().numpy()  # type: ignore[attr-defined]
    if isinstance(value, (list, tuple)):
        return [to_numpy(item) for item in value]
    return value


def expect(condition: bool, message: str) -> None:
    """Raise unless the condition holds, whatever Python's optimisation level."""
    if not condition:
        raise AssertionError(message)


def assert_equal(got: Any, want: Any, rtol: float, atol: float, what: str) -> None:
    """Compare nested results: shapes exactly, values within tolerance, NaN equal to NaN."""
    if isinstance(want, (list, tuple)):
        sequence = isinstance(got, (list, tuple))
        expect(sequence, f"{what}: {type(got).__name__} instead of a sequence")
        expect(len(got) == len(want), f"{what}: {len(got)} results, {len(want)} expected")
        for i, (g, w) in enumerate(zip(got, want, strict=True)):
            assert_equal(g, w, rtol, atol, f"{what}[{i}]")
        return
    got, want = np.asarray(got), np.asarray(want)
    expect(got.shape == want.shape, f"{what}: shape {got.shape}, expected {want.shape}")
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, equal_nan=True, err_msg=what)


def check_value(entry: Entry, sample: Sample) -> None:
    """The value in float64 equals the reference's, which computes with NumPy alone."""
    if entry.reference is None:
        raise ValueError(f"{entry.name} has no reference")
    got = to_numpy(Call(sample)(entry.function))
    want = entry.reference(*map_arrays(sample.args, np.copy), **sample.kwargs)
    assert_equal(got, want, 1e-12, 1e-13, f"{entry.name}{sample}")


def check_gradient(entry: Entry, sample: Sample, fast: bool = False) -> None:
    """The gradient in float64 equals finite differences (``fast``: along a random direction)."""
    _differences(gradcheck, entry, sample, fast)


def check_second_gradient(entry: Entry, sample: Sample, fast: bool = False) -> None:
    """The second gradient equals finite differences of the gradient."""
    _differences(gradgradcheck, entry, sample, fast)


def _differences(check: Callable[..., bool], entry: Entry, sample: Sample, fast: bool) -> None:
    """Run a gradient check over the sample's leaves, which may stand inside lists."""
    call = Call(sample)

    def function(*values: Any) -> Any:
        if entry.hermitian:
            values = ((values[0] + values[0].mH) / 2, *values[1:])
        known = {id(leaf): value for leaf, value in zip(call.leaves, values, strict=True)}
        manual_seed(0)
        args, kwargs = map_tensors(call.args, known), map_tensors(call.kwargs, known)
        return tuple(floating_outputs(entry.function(*args, **kwargs)))

    if call.leaves and any(output.requires_grad for output in function(*call.leaves)):
        check(function, tuple(call.leaves), fast_mode=fast)


def check_dtype(entry: Entry, sample: Sample, dtype: Any) -> None:
    """Value and gradient keep a dtype narrower than float64, and the value is near the one in
    float64.

    Half precision may be refused, by an error that names the dtype.
    """
    exact, call = Call(sample), Call(sample, dtype)
    if dtype is not float32 and any(leaf.is_complex() for leaf in exact.leaves):
        return
    manual_seed(0)
    want = floating_outputs(exact(entry.function))
    manual_seed(0)
    try:
        got = floating_outputs(call(entry.function))
    except (RuntimeError, TypeError) as error:
        if dtype is float32 or dtype.name not in str(error):
            raise AssertionError(f"{entry.name} refuses {dtype}, saying: {error}") from error
        return
    allowed = (dtype, complex64)  # (there is no narrower complex type)
    for g, w in zip(got, want, strict=True):
        kept = g.dtype in allowed or entry.name in ALWAYS_DOUBLE
        expect(kept, f"{entry.name}{sample}: {dtype} in, {g.dtype} out")
        value = to_numpy(g).astype(np.complex128 if g.is_complex() else np.float64)
        tolerance = ROUNDING[dtype]
        assert_equal(value, to_numpy(w), tolerance, tolerance, f"{entry.name}{sample}")
    backward(got)
    for leaf in call.leaves:
        if leaf.grad is not None:
            same = leaf.grad.dtype is leaf.dtype and leaf.grad.shape == leaf.shape
            found = f"gradient {leaf.grad.dtype} {leaf.grad.shape}"
            expect(same, f"{entry.name}{sample}: {found} of {leaf.dtype} {leaf.shape}")


def check_convention(entry: Entry, at: At) -> None:
    """The gradients at a point where the derivative does not exist are those that are stated."""
    count = len(at.gradients)
    leaves = [tensor(np.asarray(a, np.float64)).requires_grad_() for a in at.args[:count]]
    others = [tensor(a) if isinstance(a, np.ndarray) else a for a in at.args[count:]]
    outputs = floating_outputs(entry.function(*leaves, *others, **at.kwargs))
    outputs[0].sum().backward()
    for leaf, want in zip(leaves, at.gradients, strict=True):
        if want is not None:
            assert_equal(to_numpy(leaf.grad), want, 1e-12, 0, f"{entry.name} at {at.args}")


# --- between devices -----------------------------------------------------------------------------


def is_random(entry: Entry, sample: Sample) -> bool:
    """Whether it draws numbers, which are others on every kind of device."""
    state = get_rng_state()
    Call(sample, requires_grad=False)(entry.function)
    return bool((get_rng_state() != state).any())


def weighted(values: Sequence[Any]) -> Any:
    """One number that depends on every element in its own way."""
    total: Any = 0
    for value in values:
        size = value.numel()
        weights = arange(1, size + 1, dtype=float64, device=value.device)
        product = value * (weights / (size + 1)).reshape(value.shape).to(value.dtype)
        total = total + (product.real + product.imag if product.is_complex() else product).sum()
    return total


def outcome(
    entry: Entry, sample: Sample, where: str, dtype: Any, order: int = 2
) -> list[list[Any]]:
    """Values, gradients and second gradients (as far as ``order`` says), on a device."""
    with device(where):
        call = Call(sample, dtype)
        manual_seed(0)
        results = all_tensors(call(entry.function))
        found = [results]
        outputs = [o for o in floating_outputs(results) if o.requires_grad]
        for _ in range(order):
            if not outputs or not call.leaves:
                break
            total = weighted(outputs)
            grads = grad(total, call.leaves, create_graph=True, materialize_grads=True)
            found.append(list(grads))
            outputs = [g for g in grads if g.requires_grad]
    for one in [t for group in found for t in group]:
        expect(one.device.type == where, f"{entry.name} on {where} gave a tensor on {one.device}")
    return found


def check_device(entry: Entry, sample: Sample, where: str, dtype: Any, order: int = 2) -> None:
    """What a device gives, value, gradients and second gradients, is what the CPU gives: the same
    shapes and dtypes, the same numbers up to rounding.

    What the CPU refuses in half precision, the device refuses by the same error; half precision is
    compared by its values.
    """
    half = dtype in (float16, bfloat16)
    try:
        here = outcome(entry, sample, "cpu", dtype, order)
    except (RuntimeError, TypeError) as error:
        if not half:
            raise
        try:
            outcome(entry, sample, where, dtype, order)
        except type(error):
            return
        raise AssertionError(f"{entry.name} takes {dtype} on {where} and not on the CPU") from error
    there = outcome(entry, sample, where, dtype, order)
    what = f"{entry.name}{sample} on {where} against cpu"
    shapes = [[[(t.shape, t.dtype) for t in group] for group in found] for found in (there, here)]
    expect(shapes[0] == shapes[1], f"{what}: shapes and dtypes {shapes[0]}, not {shapes[1]}")
    if is_random(entry, sample):
        return
    if half:
        there, here = [[[t.to(complex128) for t in found[0]]] for found in (there, here)]
    tolerance = BETWEEN_DEVICES[dtype]
    assert_equal(to_numpy(there), to_numpy(here), tolerance, tolerance, what)
