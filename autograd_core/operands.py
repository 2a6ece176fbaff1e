"""The operands of operators: what is one, which are refused, how two of them promote."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.registry import BACKENDS_BY_TYPE, backend_of
from autograd_core.base import TensorBase
from autograd_core.dtypes import (
    can_cast,
    from_numpy_dtype,
    get_default_dtype,
    int64,
    result_type,
)
from autograd_core.errors import DtypeError, ShapeError
from autograd_core.messages import describe, device_mismatch, explain
from autograd_core.ranges import wrapped

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)
# Python numbers as 0-d arrays, by dtype: NumPy takes longer to convert one than to compute with it.
_arrays: dict[Any, dict[float, Any]] = {FLOAT32: {}, FLOAT64: {}}


def as_array(number: float, dtype: Any) -> Any:
    """A Python number as a 0-d array."""
    known = _arrays[dtype]
    array = known.get(number)
    if array is None:
        array = np.array(number, dtype)
        # (0.0 and -0.0 are one key, and NaN is none)
        if number != 0 and number == number and len(known) < 256:
            array.flags.writeable = False
            known[number] = array
    return array


def is_operand(value: Any) -> bool:
    return isinstance(value, (TensorBase, bool, int, float, complex, np.generic, np.ndarray)) or (
        type(value) in BACKENDS_BY_TYPE
    )


def keeps_dtype(dtype: Any, number: float) -> bool:
    """Whether an operator of a tensor of this dtype and an int or a float has this dtype."""
    return dtype.kind in "fV" or (dtype.kind in "iu" and type(number) is int)


def check_tensor(
    name: str, value: Any, argument: str = "input", mend: str = "", arrays: bool = True
) -> None:
    """Refuse what is no tensor (or array, unless ``arrays`` is False)."""
    if isinstance(value, TensorBase):
        return
    if not arrays or not (type(value) in BACKENDS_BY_TYPE or isinstance(value, np.generic)):
        raise TypeError(
            f"{name}: {argument} must be a tensor, got {type(value).__name__} {value!r:.40}. "
            f"Mend: {mend or 'ag.tensor(...) makes one'}."
        )


def check_real(name: str, value: Any, argument: str = "input") -> Any:
    """The array of a tensor; complex ones are refused, as there is no order among such numbers, or
    no such function of them."""
    array = _array(name, value, argument)
    if array.dtype.kind == "c":
        raise _unfit(name, value, argument, "be real")
    return array


def check_floating(
    name: str, value: Any, argument: str = "input", also: str = "", arrays: bool = True
) -> Any:
    """The array of a tensor of real floating-point numbers, or of a kind of dtype that ``also``
    names (NumPy's letters); others are refused."""
    array = _array(name, value, argument, arrays)
    kind = array.dtype.kind
    if kind in "biuc" and kind not in also:
        raise _unfit(name, value, argument, "be of a real floating-point dtype")
    return array


def check_numbers(name: str, value: Any, argument: str = "input") -> Any:
    """The array of a tensor; truth values are refused."""
    array = _array(name, value, argument)
    if array.dtype.kind == "b":
        raise _unfit(name, value, argument, "hold numbers")
    return array


def check_inexact(name: str, value: Any, argument: str = "input") -> Any:
    """The array of a tensor of floating-point or complex numbers; others are refused."""
    array = _array(name, value, argument)
    if array.dtype.kind in "biu":
        raise _unfit(name, value, argument, "be of a floating-point or complex dtype")
    return array


def check_integers(
    name: str, value: Any, argument: str, what: str = "integers", arrays: bool = True
) -> Any:
    """The array of a tensor of integers; others are refused, as it must hold ``what``."""
    array = _array(name, value, argument, arrays)
    if array.dtype.kind not in "iu":
        raise _unfit(name, value, argument, f"hold {what}", "long()")
    return array


def check_same_dtype(name: str, **values: Any) -> None:
    """Refuse tensors or arrays, by the names of their arguments, that differ in dtype; None is no
    tensor."""
    dtypes = {
        argument: _array(name, value, argument).dtype
        for argument, value in values.items()
        if value is not None
    }
    first, *others = dtypes
    for argument in others:
        if dtypes[argument] != dtypes[first]:
            got = [f"{argument} {dtype}" for argument, dtype in dtypes.items()]
            raise DtypeError(
                f"{name}: {_listed(list(dtypes))} must have one dtype, got {_listed(got)}. "
                f"Mend: {argument}.to({first}.dtype)"
            )


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _array(name: str, value: Any, argument: str, arrays: bool = True) -> Any:
    if isinstance(value, TensorBase):
        return value._array
    if not arrays or type(value) not in BACKENDS_BY_TYPE:
        check_tensor(name, value, argument, arrays=arrays)
    return value


def _unfit(name: str, value: Any, argument: str, expected: str, mend: str = "float()") -> Exception:
    """The error for a dtype that does not fit."""
    if getattr(value, "_array", value).dtype.kind == "c":
        mend = "abs(), .real or .imag"
    return DtypeError(
        f"{name}: {argument} must {expected}, got {describe(value)}. Mend: {argument}.{mend}"
    )


def check_kinds(name: str, inputs: Any, result: Any, real: bool) -> None:
    """Refuse complex numbers, if an elementwise operator needs ``real`` ones, and truth values for
    which NumPy has no arithmetic but int8's."""
    for argument, value in zip(("input", "other"), inputs):
        if real:
            check_real(name, value, argument)
    if result.dtype == np.int8 and inputs[0].dtype.kind == "b":
        raise DtypeError(f"{name}: not defined for bool. Mend: input.int()")


def reflected_call(name: str, input: Any, other: Any) -> Any:
    """An operand of a foreign type: its own reflected operator may know what to do."""
    reflected = getattr(type(other), f"__r{name}__", None)
    if reflected is not None and isinstance(input, TensorBase):
        return reflected(other, input)
    if is_operand(input) and is_operand(other):
        raise TypeError(
            f"{name}: expected a tensor among the operands, got the numbers {input!r:.40} and "
            f"{other!r:.40}. Mend: ag.tensor(...) makes one."
        )
    raise TypeError(
        f"{name}: expected tensors, arrays or Python numbers, got {type(input).__name__} and "
        f"{type(other).__name__}. Mend: ag.tensor(...) makes a tensor of lists."
    )


def promoted(
    name: str, x: Any, y: Any, to_float: bool = False, exact: bool = False
) -> tuple[Any, Any]:
    """Two arrays or numbers as arrays of PyTorch's result type, on one backend.

    Integers that this type cannot hold wrap around, unless it may be wider, to be ``exact``.
    """
    if type(x) is np.ndarray and ((own := x.dtype) is FLOAT32 or own is FLOAT64):
        if type(y) is np.ndarray and y.dtype is own:
            return x, y
        if type(y) is float or type(y) is int:
            return x, as_array(y, own)
    lead = (
        x
        if hasattr(x, "ndim")
        and not isinstance(x, np.generic)
        and (x.ndim or not hasattr(y, "ndim"))
        else y
    )
    if isinstance(lead, np.generic) or not hasattr(lead, "ndim"):
        lead = x if hasattr(x, "ndim") else y
        if not hasattr(lead, "ndim"):
            return reflected_call(name, x, y)  # type: ignore[no-any-return]
    backend = backend_of(lead)
    dtype = result_type(x, y)
    if to_float and not (dtype.is_floating_point or dtype.is_complex):
        dtype = get_default_dtype()
    if exact and dtype.numpy.kind in "iu":
        numbers = [v for v in (x, y) if type(v) is int]
        bounds = np.iinfo(dtype.numpy)
        if not all(bounds.min <= number <= bounds.max for number in numbers):
            dtype = int64
    return _cast(name, backend, x, dtype.numpy, y), _cast(name, backend, y, dtype.numpy, x)


def _cast(name: str, backend: Any, value: Any, dtype: Any, partner: Any) -> Any:
    if isinstance(value, backend.array_type):
        return value if value.dtype == dtype else value.astype(dtype)
    if isinstance(value, (bool, int, float, complex, np.generic)):
        try:
            return backend.asarray(value, dtype)
        except OverflowError:
            return backend.asarray(wrapped(name, value, dtype), dtype)  # type: ignore[arg-type]
    if value.ndim == 0:  # a 0-d tensor may live on another device
        return backend.from_numpy(backend_of(value).to_numpy(value).astype(dtype))
    raise device_mismatch(name, [v for v in (value, partner) if hasattr(v, "shape")])


def refused(name: str, inputs: Any, arrays: Any, error: Exception) -> Exception:
    """Name the operator and its operands in the error of an arithmetic that refused them."""
    x, y = arrays
    if hasattr(y, "shape") and type(x) is not type(y):
        return device_mismatch(name, arrays)
    mend = ""
    if "core dimension" in str(error) or "not aligned" in str(error):
        mend = "the first one's last size must equal the second one's last but one (transpose)"
    elif isinstance(error, ValueError):
        mend = (
            "make the shapes broadcast: from the right, sizes must be equal or 1 "
            "(unsqueeze, reshape, transpose)"
        )
    return explain(name, inputs, error, mend)


def fit(out: Any, shape: tuple[int, ...], name: str) -> None:
    """Give an ``out`` without elements the memory for a result of ``shape``; refuse others of
    another shape."""
    array = out._array
    if array.shape == shape:
        return
    if array.size or out._node is not None:
        raise ShapeError(
            f"{name}: out has shape {array.shape}, expected {shape}. Mend: an out of that shape, "
            f"or one without elements, which gets it"
        )
    backend = backend_of(array)
    out._array, out._view = backend.empty(shape, array.dtype, backend.device_of(array)), None


def put(out: Any, result: Any, name: str) -> Any:
    """Serve ``out=``: write the result into ``out``, which must not be part of a graph."""
    if out._node is not None or result._node is not None:
        raise RuntimeError(
            f"{name}: out= is not differentiable. Mend: assign the result, or use no_grad()."
        )
    fit(out, result._array.shape, name)
    have, want = result._array.dtype, out._array.dtype
    if have != want and not can_cast(from_numpy_dtype(have), from_numpy_dtype(want)):
        raise DtypeError(
            f"{name}: the result's dtype {have} cannot be stored in out of dtype {want}. "
            f"Mend: an out of dtype {have}"
        )
    try:
        out._array[...] = result._array
    except (ValueError, TypeError) as error:  # elements that share memory, or a narrower dtype
        raise explain(name, (result, out), error) from error
    out._mutated(name)
    return out
