"""NumPy's functions on tensors: ``np.exp(t)`` is ``ag.exp(t)``, with a graph.

Ufuncs are found in the table of operators, under NumPy's name or the one listed here. Other
functions are listed one by one, since some that share a name mean different things (``np.split``
counts parts, ``np.std`` divides by n). What is not listed raises: computed on bare values, it would
cut the graph silently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.op import promote
from autograd_core.registry import operators

# NumPy's name -> the operator's, where they differ.
UFUNCS = {
    "absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh",
    "arctan": "atan", "arctan2": "atan2", "arctanh": "atanh", "conjugate": "conj",
    "degrees": "rad2deg", "divide": "div", "equal": "eq", "fabs": "abs", "greater": "gt",
    "greater_equal": "ge", "invert": "bitwise_not", "left_shift": "bitwise_left_shift",
    "less": "lt", "less_equal": "le", "multiply": "mul", "negative": "neg", "not_equal": "ne",
    "power": "pow", "radians": "deg2rad", "right_shift": "bitwise_right_shift", "rint": "round",
    "subtract": "sub", "vecdot": "linalg.vecdot",
}  # fmt: skip

# Functions whose arguments stand in the same order here.
SAME = {
    "broadcast_to": "broadcast_to", "clip": "clamp", "concatenate": "cat",
    "convolve": "convolve", "correlate": "correlate", "interp": "interp",
    "cross": "linalg.cross", "diag": "diag", "dstack": "dstack", "expand_dims": "unsqueeze",
    "hstack": "hstack", "inner": "inner", "kron": "kron", "moveaxis": "movedim",
    "permute_dims": "permute", "quantile": "quantile", "real": "real", "repeat":
    "repeat_interleave", "rot90": "rot90", "stack": "stack", "swapaxes":
    "transpose", "tensordot": "tensordot", "tile": "tile", "tril": "tril", "triu": "triu",
    "vdot": "vdot", "vstack": "vstack", "where": "where", "nan_to_num": "nan_to_num",
    "argsort": "argsort", "einsum": "einsum", "angle": "angle", "sinc": "sinc",
    "linalg.cholesky": "linalg.cholesky", "linalg.det": "linalg.det", "linalg.eigh": "linalg.eigh",
    "linalg.eigvalsh": "linalg.eigvalsh", "linalg.inv": "linalg.inv",
    "linalg.matrix_power": "linalg.matrix_power", "linalg.norm": "linalg.norm",
    "linalg.pinv": "linalg.pinv", "linalg.qr": "linalg.qr", "linalg.slogdet": "linalg.slogdet",
    "linalg.solve": "linalg.solve", "linalg.svd": "linalg.svd",
    **{f"fft.{name}": f"fft.{name}" for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")},
}  # fmt: skip

# Reductions: of everything, or along an axis.
REDUCTIONS = {
    "all": "all", "amax": "amax", "amin": "amin", "any": "any", "argmax": "argmax",
    "argmin": "argmin", "count_nonzero": "count_nonzero", "max": "amax", "mean": "mean",
    "min": "amin", "nanmean": "nanmean", "nansum": "nansum", "prod": "prod", "std": "std",
    "sum": "sum", "var": "var",
}  # fmt: skip

# NumPy's keyword -> ours, for the functions in SAME.
KEYWORDS = {
    "axis": "dim", "keepdims": "keepdim", "a_min": "min", "a_max": "max", "k": "diagonal",
    "repeats": "repeats", "decimals": "decimals", "axes": "dims",
}  # fmt: skip


def _operator(name: str, asked: str | None = None) -> Callable[..., Any]:
    entry = operators().get(name)
    if entry is None:
        entry = next((e for e in operators().values() if name in e.aliases), None)
    if entry is None:
        raise _missing(f"np.{asked or name}")
    return entry.function


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


def _given(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The keywords that were really given, with arrays as tensors."""
    unset = {k for k, v in kwargs.items() if v is np._NoValue or (k == "where" and v is True)}
    return {k: v if k == "out" else _tensors(v) for k, v in kwargs.items() if k not in unset}


def call_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What ``Tensor.__array_ufunc__`` answers."""
    name = ufunc.__name__
    reductions = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}
    if method == "reduce" and name in reductions:
        return _called(reductions[name], inputs, {"axis": 0, **kwargs})
    if method != "__call__":
        raise _missing(f"np.{name}.{method}")
    function = _operator(UFUNCS.get(name, name), name)
    if isinstance(inputs[0], (bool, int, float, complex)):  # which some operators do not take
        inputs = promote(f"np.{name}", *inputs)
    return _finished(f"np.{name}", function, _tensors(tuple(inputs)), _given(kwargs))


def call_function(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What ``Tensor.__array_function__`` answers."""
    module = func.__module__.partition("numpy.")[2]
    name = f"{module}.{func.__name__}" if module in ("linalg", "fft") else func.__name__
    return _called(name, args, kwargs)


def _called(name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    values, keywords = _tensors(tuple(args)), _given(kwargs)
    if name in REDUCTIONS:
        function: Callable[..., Any] = _reduction(name)
    elif name in SPECIAL:
        function = SPECIAL[name]
    elif name in SAME:
        function = _operator(SAME[name], name)
        keywords = {KEYWORDS.get(k, k): v for k, v in keywords.items()}
    else:
        raise _missing(f"np.{name}")
    return _finished(f"np.{name}", function, values, keywords)


def _finished(name: str, function: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """Call, and serve ``dtype=`` and ``out=``."""
    out, dtype = kwargs.pop("out", None), kwargs.pop("dtype", None)
    try:
        result = function(*args, **kwargs)
    except TypeError as error:
        if "argument" in str(error):
            raise TypeError(f"{name} on tensors: {error}") from error
        raise
    result = result if dtype is None else result.to(dtype)
    if out is None:
        return result
    if result.requires_grad:
        raise TypeError(
            f"{name}: out= cannot take a result that has a graph. Mend: assign the result, or "
            f"detach() the operands."
        )
    given = out[0] if isinstance(out, tuple) else out
    _tensors(given).copy_(result)
    return given


def _reduction(name: str) -> Callable[..., Any]:
    function = _operator(REDUCTIONS[name], name)

    def call(a: Any, axis: Any = None, *, keepdims: bool = False, ddof: int = 0) -> Any:
        extra = {"correction": ddof} if name in ("std", "var") else {}
        if axis is not None:
            if name == "count_nonzero":
                return function(a, axis)
            return function(a, axis, keepdim=bool(keepdims), **extra)
        result = function(a, **({"dim": None, **extra} if extra else {}))
        return result.reshape((1,) * a.ndim) if keepdims else result

    return call


def _scan(name: str) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None) -> Any:
        return _operator(name)(a.reshape(-1) if axis is None else a, 0 if axis is None else axis)

    return call


def _dot(a: Any, b: Any) -> Any:
    """Sum of products over the last dimension of a and the second to last of b."""
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if a.ndim <= 2 and b.ndim <= 2:
        return _operator("matmul")(a, b)
    return _operator("tensordot")(a, b, ([a.ndim - 1], [max(b.ndim - 2, 0)]))


def _transpose(a: Any, axes: Any = None) -> Any:
    order = tuple(reversed(range(a.ndim))) if axes is None else tuple(axes)
    return _operator("permute")(a, order)


def _reshape(a: Any, /, shape: Any, order: str = "C") -> Any:
    if order != "C":
        raise TypeError("np.reshape on tensors: only order='C' is supported")
    return _operator("reshape")(a, shape)


def _ravel(a: Any, order: str = "C") -> Any:
    return _reshape(a, -1, order)


def _squeeze(a: Any, axis: Any = None) -> Any:
    return _operator("squeeze")(a) if axis is None else _operator("squeeze")(a, axis)


def _flip(m: Any, axis: Any = None) -> Any:
    axes = range(m.ndim) if axis is None else axis if isinstance(axis, (list, tuple)) else (axis,)
    return _operator("flip")(m, tuple(axes))


def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    return _operator("roll")(a, shift, axis)


def _round(a: Any, decimals: int = 0) -> Any:
    return _operator("round")(a, decimals=decimals)


def _sort(a: Any, axis: Any = -1, *, stable: Any = None, kind: Any = None) -> Any:
    a, axis = (a.reshape(-1), 0) if axis is None else (a, axis)
    return _operator("sort")(a, axis)[0]


def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    size, cuts = ary.shape[axis], indices_or_sections
    if isinstance(cuts, int):
        if size % cuts:
            raise ValueError(f"np.split: {size} does not divide into {cuts} equal parts")
        lengths = [size // cuts] * cuts
    else:
        edges = [0, *(min(c, size) for c in cuts), size]
        lengths = [high - low for low, high in pairwise(edges)]
    return list(_operator("split")(ary, lengths, axis))


def _take(a: Any, indices: Any, axis: Any = None) -> Any:
    if axis is None:
        return _operator("take")(a, indices)
    return a[(slice(None),) * (axis % a.ndim) + (indices,)]


def _outer(a: Any, b: Any) -> Any:
    return _operator("outer")(a.reshape(-1), b.reshape(-1))


def _diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    return _operator("diff")(a, n, axis)


def _median(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The mean of the middle two, where PyTorch's median is the lower of them."""
    if isinstance(axis, tuple):
        raise TypeError("np.median on tensors: axis must be one number or None")
    if axis is not None:
        return _operator("quantile")(a, 0.5, axis, keepdims)
    result = _operator("quantile")(a.reshape(-1), 0.5)
    return result.reshape((1,) * a.ndim) if keepdims else result


def _pad(array: Any, pad_width: Any, mode: str = "constant", **options: Any) -> Any:
    names = {"constant": "constant", "edge": "replicate", "reflect": "reflect", "wrap": "circular"}
    value = options.pop("constant_values", 0)
    if mode not in names or options or not isinstance(value, (int, float)):
        raise TypeError(
            f"np.pad on tensors: mode must be one of {', '.join(names)}, with one constant_values "
            f"at most; got mode={mode!r}, constant_values={value!r}, {options}"
        )
    widths = np.broadcast_to(pad_width, (array.ndim, 2)).tolist()
    for dim, width in enumerate(widths):  # one dimension after the other, each as the last of three
        if any(width):
            lines = array.movedim(dim, -1)
            padded = _operator("nn.functional.pad")(
                lines.reshape(-1, 1, lines.shape[-1]), tuple(width), names[mode],
                value if mode == "constant" else None,
            )  # fmt: skip
            array = padded.reshape(*lines.shape[:-1], -1).movedim(-1, dim)
    return array


def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return _operator("diagonal")(a, offset, axis1, axis2)


def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return _operator("sum")(_diagonal(a, offset, axis1, axis2), -1)


def _imag(val: Any) -> Any:
    return _operator("imag")(val) if val.is_complex() else val.detach() * 0


def _filled(a: Any, value: Any, dtype: Any = None) -> Any:
    like = a.detach() if dtype is None else a.detach().to(dtype)
    return like.clone().fill_(value)


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Questions about values, which have no gradient: answered by NumPy itself."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*_values(args), **{k: _values(v) for k, v in kwargs.items()})

    return call


def _values(value: Any) -> Any:
    if isinstance(value, TensorBase):
        return value.detach().numpy()  # type: ignore[attr-defined]
    return type(value)(map(_values, value)) if isinstance(value, (list, tuple)) else value


SPECIAL: dict[str, Callable[..., Any]] = {
    "around": _round,
    "copy": lambda a: a.clone(),
    "cumprod": _scan("cumprod"),
    "cumsum": _scan("cumsum"),
    "diagonal": _diagonal,
    "diff": _diff,
    "dot": _dot,
    "flip": _flip,
    "full_like": lambda a, fill_value, dtype=None: _filled(a, fill_value, dtype),
    "imag": _imag,
    "median": _median,
    "outer": _outer,
    "pad": _pad,
    "ptp": lambda a, axis=None: _reduction("max")(a, axis) - _reduction("min")(a, axis),
    "ndim": lambda a: a.ndim,
    "ones_like": lambda a, dtype=None: _filled(a, 1, dtype),
    "ravel": _ravel,
    "reshape": _reshape,
    "roll": _roll,
    "round": _round,
    "shape": lambda a: tuple(a.shape),
    "size": lambda a, axis=None: a.numel() if axis is None else a.shape[axis],
    "sort": _sort,
    "split": _split,
    "squeeze": _squeeze,
    "take": _take,
    "trace": _trace,
    "transpose": _transpose,
    "zeros_like": lambda a, dtype=None: _filled(a, 0, dtype),
    **{
        name: _plain(getattr(np, name))
        for name in (
            "allclose", "array_equal", "array_repr", "array_str", "array2string", "isclose",
            "may_share_memory", "save", "savetxt", "savez", "shares_memory",
        )
    },
}  # fmt: skip
