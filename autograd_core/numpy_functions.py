"""NumPy's functions on tensors: ``np.exp(t)`` is ``ag.exp(t)``, with a graph.

Functions of the same name are found in the table of operators. The rest is listed here: NumPy's
name, and the operator it means. What is not found raises, since computing it on bare values would
cut the graph silently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.registry import REGISTRY

# NumPy's name -> the operator's, where they differ. The order of the arguments is the same.
UFUNCS = {
    "absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh",
    "arctan": "atan", "arctan2": "atan2", "arctanh": "atanh", "conjugate": "conj", "divide": "div",
    "equal": "eq", "fabs": "abs", "float_power": "float_power", "greater": "gt",
    "greater_equal": "ge", "invert": "bitwise_not", "left_shift": "bitwise_left_shift",
    "less": "lt", "less_equal": "le", "multiply": "mul", "negative": "neg", "not_equal": "ne",
    "power": "pow", "right_shift": "bitwise_right_shift", "rint": "round", "subtract": "sub",
}  # fmt: skip

# The same for functions that are no ufuncs.
FUNCTIONS = {
    "around": "round", "broadcast_to": "expand", "clip": "clamp", "concatenate": "cat",
    "cumulative_sum": "cumsum", "expand_dims": "unsqueeze", "max": "amax", "min": "amin",
    "permute_dims": "permute", "repeat": "repeat_interleave", "swapaxes": "transpose",
}  # fmt: skip

# NumPy's keyword -> the operator's.
KEYWORDS = {
    "a": "input", "x": "input", "arr": "input", "ary": "input", "m": "input", "array": "input",
    "axis": "dim", "axes": "dims", "keepdims": "keepdim", "a_min": "min", "a_max": "max",
    "ddof": "correction", "newshape": "shape", "offset": "diagonal",
}  # fmt: skip


def _operator(name: str) -> Callable[..., Any] | None:
    entry = REGISTRY.get(name)
    if entry is not None:
        return entry.function
    for entry in REGISTRY.values():
        if name in entry.aliases:
            return entry.function
    return None


def _missing(name: str) -> TypeError:
    return TypeError(
        f"{name} has no form for tensors. Mend: use an operator of autograd_core, or "
        f"{name}(t.detach().numpy()) if no gradient is wanted."
    )


def _tensors(value: Any) -> Any:
    """Arrays as tensors on the same memory, also in lists and tuples."""
    if isinstance(value, np.ndarray):
        return TensorBase._shared(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_tensors(item) for item in value)
    return value


def call_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What ``Tensor.__array_ufunc__`` answers."""
    name = ufunc.__name__
    if method == "reduce" and name in ("add", "multiply", "maximum", "minimum"):
        reduction = {"add": np.sum, "multiply": np.prod, "maximum": np.max, "minimum": np.min}[name]
        return call_function(reduction, inputs, {"axis": 0, **kwargs})
    function = _operator(UFUNCS.get(name, name))
    if method != "__call__" or function is None:
        raise _missing(f"np.{name}" + ("" if method == "__call__" else f".{method}"))
    return _called(f"np.{name}", function, inputs, kwargs)


def call_function(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What ``Tensor.__array_function__`` answers."""
    module = func.__module__.partition("numpy.")[2]
    name = f"{module}.{func.__name__}" if module in ("linalg", "fft") else func.__name__
    special = SPECIAL.get(name)
    if special is not None:
        return special(*_tensors(tuple(args)), **{k: _tensors(v) for k, v in kwargs.items()})
    function = _operator(FUNCTIONS.get(name, name))
    if function is None:
        raise _missing(f"np.{name}")
    return _called(f"np.{name}", function, args, kwargs)


def _called(name: str, function: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    out = kwargs.pop("out", None)
    dtype = kwargs.pop("dtype", None)
    unset = {k for k, v in kwargs.items() if v is np._NoValue or (k == "where" and v is True)}
    keywords = {KEYWORDS.get(k, k): _tensors(v) for k, v in kwargs.items() if k not in unset}
    try:
        result = function(*_tensors(tuple(args)), **keywords)
    except TypeError as error:
        if "unexpected keyword" in str(error) or "positional argument" in str(error):
            raise TypeError(f"{name} on tensors: {error}") from error
        raise
    if dtype is not None:
        result = result.to(dtype)
    if out is None:
        return result
    return _written(name, out[0] if isinstance(out, tuple) else out, result)


def _written(name: str, out: Any, result: Any) -> Any:
    """Serve ``out=``: into a tensor, or into an array if that cuts no graph."""
    if isinstance(out, TensorBase):
        return out.copy_(result)  # type: ignore[attr-defined]
    if result.requires_grad:
        raise TypeError(
            f"{name}: out= is an array, and the result has a graph that an array cannot carry. "
            f"Mend: assign the result, or detach() the operands."
        )
    out[...] = result.numpy()
    return out


def _dot(a: Any, b: Any) -> Any:
    """Sum of products over the last dimension of a and the second to last of b."""
    matmul, tensordot = _operator("matmul"), _operator("tensordot")
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if a.ndim <= 2 and b.ndim <= 2:
        return matmul(a, b)  # type: ignore[misc]
    return tensordot(a, b, ([a.ndim - 1], [max(b.ndim - 2, 0)]))  # type: ignore[misc]


def _transpose(a: Any, axes: Any = None) -> Any:
    order = tuple(reversed(range(a.ndim))) if axes is None else tuple(axes)
    return _operator("permute")(a, order)  # type: ignore[misc]


def _reshape(a: Any, /, shape: Any, order: str = "C", **kwargs: Any) -> Any:
    if order != "C":
        raise TypeError("np.reshape on tensors: only order='C' is supported")
    return _operator("reshape")(a, shape)  # type: ignore[misc]


def _along(name: str) -> Callable[..., Any]:
    """A function whose second argument NumPy calls axis."""

    def call(a: Any, axis: Any = None, **kwargs: Any) -> Any:
        function = _operator(name)
        if function is None:
            raise _missing(f"np.{name}")
        kwargs = {KEYWORDS.get(k, k): v for k, v in kwargs.items() if v is not np._NoValue}
        return function(a, **kwargs) if axis is None else function(a, axis, **kwargs)

    return call


def _spread(name: str) -> Callable[..., Any]:
    """std and var: NumPy divides by n, PyTorch by n - 1."""

    def call(a: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False, **kwargs: Any) -> Any:
        function = _operator(name)
        if function is None:
            raise _missing(f"np.{name}")
        keep = keepdims is True
        return function(a, axis, correction=ddof, keepdim=keep)

    return call


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Questions about values, which have no gradient: answered by NumPy itself."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*_values(args), **{k: _values(v) for k, v in kwargs.items()})

    return call


def _values(value: Any) -> Any:
    if isinstance(value, TensorBase):
        return value.detach().numpy()  # type: ignore[attr-defined]
    return type(value)(map(_values, value)) if isinstance(value, (list, tuple)) else value


def _filled(value: int | None) -> Callable[..., Any]:
    def call(a: Any, dtype: Any = None, fill_value: Any = value, **kwargs: Any) -> Any:
        like = a.detach() if dtype is None else a.detach().to(dtype)
        return like.clone().fill_(fill_value)

    return call


SPECIAL: dict[str, Callable[..., Any]] = {
    "dot": _dot,
    "transpose": _transpose,
    "reshape": _reshape,
    "squeeze": _along("squeeze"),
    "cumsum": _along("cumsum"),
    "std": _spread("std"),
    "var": _spread("var"),
    "shape": lambda a: tuple(a.shape),
    "ndim": lambda a: a.ndim,
    "size": lambda a, axis=None: a.numel() if axis is None else a.shape[axis],
    "copy": lambda a, order="K", subok=False: a.clone(),
    "zeros_like": _filled(0),
    "ones_like": _filled(1),
    "full_like": lambda a, fill_value, dtype=None, **kwargs: _filled(fill_value)(a, dtype),
    "vstack": lambda tup, **kwargs: _operator("vstack")(tup),  # type: ignore[misc]
    **{
        name: _plain(getattr(np, name))
        for name in (
            "allclose", "array_equal", "array_repr", "array_str", "array2string", "isclose", "save",
            "savetxt", "savez", "may_share_memory", "shares_memory", "result_type", "can_cast",
        )
    },
}  # fmt: skip
