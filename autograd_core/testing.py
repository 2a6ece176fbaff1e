"""Helpers for tests: ``assert_close`` and ``make_tensor``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.dtypes import as_dtype
from autograd_core.from_data import as_tensor
from autograd_core.random import rand, randint

# (rtol, atol) by dtype: about the square root of what one operation loses. Others must be equal.
TOLERANCES = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5),
    "complex128": (1e-7, 1e-7),
}


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """Raise unless two tensors, or structures of them, are close: same shape, dtype and device,
    and ``|actual - expected| <= atol + rtol * |expected|``.

    Args:
        actual, expected: tensors, arrays, numbers, or sequences and mappings of them.
        allow_subclasses: whether their classes may differ.
        rtol, atol: tolerances, both or neither; default by dtype.
        equal_nan: whether NaN equals NaN.
        check_device, check_dtype, check_stride: whether these must agree.
        check_layout: accepted as in PyTorch.
        msg: text of the error, or a function of the text that makes it.

    Raises:
        AssertionError: names the place in the structure and the greatest differences.
        ValueError: only one of ``rtol`` and ``atol``.

    Source: PyTorch, ``torch.testing.assert_close``.

    Example:
        >>> import autograd_core as ag
        >>> ag.testing.assert_close(ag.tensor([1.0]), ag.tensor([1.0 + 1e-7]))
    """
    if (rtol is None) != (atol is None):
        raise ValueError("assert_close: rtol and atol belong together. Mend: give both or neither.")
    options = (rtol, atol, equal_nan, check_device, check_dtype, check_stride, allow_subclasses)
    found = _difference(actual, expected, options, "")
    if found:
        text = f"assert_close: {found}"
        if msg is not None:
            text = msg(text) if callable(msg) else msg
        raise AssertionError(text)


def _difference(actual: Any, expected: Any, options: Any, place: str) -> str:
    """What is different, or an empty text."""
    at = f"item {place}: " if place else ""
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        if set(actual) != set(expected):
            return f"{at}the keys differ: {sorted(map(str, set(actual) ^ set(expected)))}"
        pairs = [(f"{place}[{key!r}]", actual[key], expected[key]) for key in expected]
        return next(filter(None, (_difference(a, e, options, p) for p, a, e in pairs)), "")
    sequences = [
        isinstance(v, Sequence) and not isinstance(v, (str, bytes)) for v in (actual, expected)
    ]
    if all(sequences):
        if len(actual) != len(expected):
            return f"{at}{len(actual)} items, expected {len(expected)}"
        triples = zip(range(len(actual)), actual, expected, strict=True)
        found = (_difference(a, e, options, f"{place}[{i}]") for i, a, e in triples)
        return next(filter(None, found), "")
    if actual is None and expected is None:
        return ""
    try:
        first, second = as_tensor(actual), as_tensor(expected)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"assert_close: cannot compare {type(actual).__name__} and {type(expected).__name__}"
        ) from error
    tensors = isinstance(actual, TensorBase) and isinstance(expected, TensorBase)
    text = _tensors(first, second, options, tensors)
    return at + text if text else ""


def _tensors(actual: Any, expected: Any, options: Any, both_tensors: bool) -> str:
    rtol, atol, equal_nan, check_device, check_dtype, check_stride, subclasses = options
    if tuple(actual.shape) != tuple(expected.shape):
        return f"shape {tuple(actual.shape)}, expected {tuple(expected.shape)}"
    if both_tensors:
        if not subclasses and type(actual) is not type(expected):
            return f"class {type(actual).__name__}, expected {type(expected).__name__}"
        if check_device and actual.device != expected.device:
            return f"device {actual.device}, expected {expected.device}"
        if check_dtype and actual.dtype is not expected.dtype:
            return f"dtype {actual.dtype}, expected {expected.dtype}"
        if check_stride and actual.stride() != expected.stride():
            return f"stride {actual.stride()}, expected {expected.stride()}"
    if rtol is None:
        pairs = [TOLERANCES.get(t.dtype.name, (0.0, 0.0)) for t in (actual, expected)]
        rtol, atol = (max(values) for values in zip(*pairs, strict=True))
    return _values(_host(actual), _host(expected), rtol, atol, equal_nan)


def _host(tensor: Any) -> np.ndarray:
    array = backend_of(tensor._array).to_numpy(tensor._array)
    if array.dtype.kind in "biu":
        return array.astype(np.float64) if array.dtype.itemsize < 8 else array
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _values(actual: np.ndarray, expected: np.ndarray, rtol: float, atol: float, nan: bool) -> str:
    close = np.isclose(actual, expected, rtol, atol, equal_nan=nan)
    if close.all():
        return ""
    with np.errstate(all="ignore"):
        absolute = np.abs(actual - expected).astype(np.float64)
        relative = absolute / np.abs(expected)
    where = {}
    for name, values in (("absolute", absolute), ("relative", relative)):
        shown = np.where(close, -1.0, np.where(np.isnan(values), np.inf, values))
        index = np.unravel_index(int(shown.argmax()), shown.shape)
        where[name] = (values[index], tuple(int(i) for i in index))
    if actual.ndim == 0:
        allowed = f"{atol:g} + {rtol:g} * |expected|"
        return f"{actual.item()!r}, expected {expected.item()!r} (allowed {allowed})"
    wrong = int((~close).sum())
    return (
        f"{wrong} of {close.size} elements ({100 * wrong / close.size:.1f}%) are not close; "
        f"greatest absolute difference {where['absolute'][0]:.6g} at {where['absolute'][1]} "
        f"(allowed {atol:g}), greatest relative difference {where['relative'][0]:.6g} at "
        f"{where['relative'][1]} (allowed {rtol:g})"
    )


def make_tensor(
    *shape: Any,
    dtype: Any,
    device: Any = None,
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> Any:
    """A tensor of random values in ``[low, high)``.

    Args:
        shape: sizes, as numbers or one sequence.
        dtype: of the elements.
        device: default the default device.
        low, high: default -9 and 9 (0 and 10 for unsigned integers, 0 and 2 for booleans).
        requires_grad: whether gradients are needed.
        noncontiguous: with gaps in memory, if it has two elements or more.
        exclude_zero: replace zeros by the smallest positive number (1 for integers).
        memory_format: accepted as in PyTorch.

    Source: PyTorch, ``torch.testing.make_tensor``.

    Example:
        >>> import autograd_core as ag
        >>> ag.testing.make_tensor(2, 3, dtype=ag.int64, low=0, high=1)
        tensor([[0, 0, 0],
                [0, 0, 0]])
    """
    sizes = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape
    kind = as_dtype(dtype)
    number = kind.numpy.kind
    default = {"b": (0, 2), "u": (0, 10)}.get(number, (-9, 9))
    low = default[0] if low is None else low
    high = default[1] if high is None else high
    if low >= high:
        raise ValueError(f"make_tensor: low must be less than high, got {low} and {high}")
    whole = (*sizes[:-1], 2 * sizes[-1]) if noncontiguous and sizes else sizes
    if kind.is_floating_point or kind.is_complex:
        made = rand(whole, dtype="float64", device=device) * (high - low) + low
        if kind.is_complex:
            made = made + 1j * (rand(whole, dtype="float64", device=device) * (high - low) + low)
    else:
        made = randint(int(low), int(high), whole, device=device)
    made = made.to(kind)
    if exclude_zero:
        least = 1 if number in "biu" else float(np.finfo(np.float16).tiny)
        array = made._array
        array[...] = backend_of(array).xp.where(array == 0, array.dtype.type(least), array)
    if noncontiguous and sizes:
        made = TensorBase._wrap(made._array[..., ::2])
    return made.requires_grad_() if requires_grad else made
