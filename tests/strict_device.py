"""A stand-in for a GPU that runs on NumPy: what would break or be slow with CuPy raises here.

``install()`` registers the device type ``"strict"``. Its arrays are no NumPy arrays: they refuse
to be mixed with them, to be turned into Python numbers or NumPy arrays behind the backend's back,
and to become scalars; its namespace lacks what CuPy lacks; integer arrays that point outside wrap
around silently. Inside ``no_synchronization()`` also the deliberate reads of the host raise.
"""

from __future__ import annotations

import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cupy_differences as differences
import ml_dtypes
import numpy as np

from autograd_core.backends import registry
from autograd_core.backends.base import Backend
from autograd_core.backends.device import device
from autograd_core.backends.philox import PhiloxStream
from autograd_core.backends.stream import Stream

_state = threading.local()


class HiddenSynchronization(TypeError):
    """Something made the host wait for the device where it must not."""


@contextmanager
def no_synchronization() -> Iterator[None]:
    """Inside, reading a value on the host raises, and so does an operation that needs to."""
    before = getattr(_state, "forbidden", False)
    _state.forbidden = True
    try:
        yield
    finally:
        _state.forbidden = before


def _synchronizes(what: str) -> None:
    if getattr(_state, "forbidden", False):
        raise HiddenSynchronization(f"{what} makes the host wait for the device")


# --- arrays --------------------------------------------------------------------------------------


class StrictArray:
    """An array as CuPy's: whatever NumPy's has, but for what differs."""

    __slots__ = ("__weakref__", "_host")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, host: np.ndarray) -> None:
        assert type(host) is np.ndarray
        self._host = host

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in differences.MISSING_METHODS:
            raise AttributeError(f"CuPy's arrays have no {name!r}")
        found = getattr(self._host, name)
        if not callable(found):
            return _to_device(found)
        return _Function(found, name, known={id(self._host): self})

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("implicit conversion to a NumPy array; use the backend's to_numpy()")

    def __array_function__(self, function: Any, *_: Any) -> Any:
        raise TypeError(f"np.{function.__name__}() on a device's array; use the backend's xp")

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        operands = (*args, *kwargs.get("out", ()))
        missing = method != "__call__" or ufunc.__name__ in differences.MISSING_NAMES
        if missing or not all(_known(one) for one in operands):
            return NotImplemented
        return _Function(ufunc, ufunc.__name__)(*args, **kwargs)

    @property
    def flags(self) -> types.SimpleNamespace:
        flags = self._host.flags
        return types.SimpleNamespace(
            c_contiguous=flags.c_contiguous, f_contiguous=flags.f_contiguous, owndata=flags.owndata
        )

    def __getitem__(self, index: Any) -> Any:
        return StrictArray(self._host[_checked_index(self._host, index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        if not isinstance(value, StrictArray) and not np.isscalar(value):
            raise TypeError(f"cannot assign {type(value).__name__} to a device's array")
        parts = index if type(index) is tuple else (index,)
        masked = any(isinstance(one, StrictArray) and one.dtype == bool for one in parts)
        if masked and isinstance(value, StrictArray) and value.ndim:
            raise TypeError("CuPy broadcasts what is written through a mask; use where()")
        where = _checked_index(self._host, index, reading=False)
        with np.errstate(all="ignore"):
            self._host[where] = _to_host(value)

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Iterator[StrictArray]:
        return (self[i] for i in range(len(self._host)))

    def __copy__(self) -> StrictArray:
        return StrictArray(self._host.copy())

    def __deepcopy__(self, memo: Any) -> StrictArray:
        return StrictArray(self._host.copy())

    def __reduce__(self) -> tuple[object, ...]:
        return (StrictArray, (self._host,))

    def __repr__(self) -> str:
        return f"<StrictArray {self._host.dtype.name}{list(self._host.shape)}>"

    def _read(self, *args: Any) -> Any:
        raise HiddenSynchronization("a value is read on the host; use the backend's item()")

    __bool__ = __int__ = __float__ = __complex__ = _read
    item = tolist = get = tobytes = dump = _read


def _operator(name: str, ufunc: np.ufunc, reflected: bool = False) -> Any:
    def operate(self: StrictArray, other: Any) -> Any:
        if not _known(other):
            if isinstance(other, np.ndarray):
                raise TypeError(f"Unsupported type {type(other)} in {ufunc.__name__}")
            return NotImplemented
        operands = (other, self) if reflected else (self, other)
        out = {"out": self} if name.startswith("__i") else {}
        return _Function(ufunc, ufunc.__name__)(*operands, **out)

    return operate


for _name, _ufunc in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide,
    "floordiv": np.floor_divide, "mod": np.remainder, "pow": np.power, "and": np.bitwise_and,
    "or": np.bitwise_or, "xor": np.bitwise_xor, "lshift": np.left_shift, "rshift": np.right_shift,
    "matmul": np.matmul, "divmod": np.divmod,
}.items():  # fmt: skip
    setattr(StrictArray, f"__{_name}__", _operator(f"__{_name}__", _ufunc))
    setattr(StrictArray, f"__r{_name}__", _operator(f"__r{_name}__", _ufunc, reflected=True))
    if _name not in ("matmul", "divmod"):
        setattr(StrictArray, f"__i{_name}__", _operator(f"__i{_name}__", _ufunc))
for _name, _ufunc in {
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "eq": np.equal, "ne": np.not_equal,
}.items():  # fmt: skip
    setattr(StrictArray, f"__{_name}__", _operator(f"__{_name}__", _ufunc))
for _name, _ufunc in {
    "neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert,
}.items():  # fmt: skip
    setattr(StrictArray, f"__{_name}__", lambda self, _u=_ufunc: _Function(_u, _u.__name__)(self))


# --- crossing between host and device ------------------------------------------------------------


def _known(operand: Any) -> bool:
    """Whether CuPy's arithmetic takes it: its own arrays, and numbers of Python and NumPy."""
    return isinstance(operand, (StrictArray, np.generic, bool, int, float, complex))


def _to_host(value: Any) -> Any:
    if isinstance(value, StrictArray):
        return value._host
    if isinstance(value, np.ndarray):
        raise TypeError("a NumPy array meets a device's array; use the backend's from_numpy()")
    if type(value) in (tuple, list):
        return type(value)(_to_host(one) for one in value)
    return value


def _to_device(value: Any, known: dict[int, StrictArray] | None = None) -> Any:
    if isinstance(value, np.ndarray):
        own = (known or {}).get(id(value))
        return StrictArray(value) if own is None else own
    if isinstance(value, np.generic):
        return StrictArray(np.asarray(value))
    if isinstance(value, list):
        return [_to_device(one) for one in value]
    if isinstance(value, tuple) and any(isinstance(one, (np.ndarray, np.generic)) for one in value):
        made = [_to_device(one) for one in value]
        return type(value)(*made) if hasattr(value, "_fields") else tuple(made)
    return value


def _checked_index(host: np.ndarray, index: Any, reading: bool = True) -> tuple[Any, ...]:
    """The index for NumPy: integer arrays wrapped around, and an Ellipsis so that views stay."""
    parts = index if type(index) is tuple else (index,)
    taken = sum(_dimensions(one) for one in parts)
    made: list[Any] = []
    axis = 0
    for part in parts:
        if isinstance(part, np.ndarray):
            raise TypeError("a NumPy array indexes a device's array")
        if part is Ellipsis:
            axis += host.ndim - taken
        inner = _to_host(part)
        if isinstance(part, StrictArray):
            if inner.dtype == bool and reading:
                _synchronizes("reading through a mask")
            elif inner.dtype != bool and host.shape[axis]:
                inner = inner % host.shape[axis]
        made.append(inner)
        axis += _dimensions(part)
    return (*made, Ellipsis) if not any(one is Ellipsis for one in made) else tuple(made)


def _dimensions(part: Any) -> int:
    """How many dimensions a part of an index uses up."""
    if part is None or part is Ellipsis or isinstance(part, (bool, np.bool_)):
        return 0
    return part.ndim if isinstance(part, StrictArray) and part.dtype == bool else 1


# --- the namespace -------------------------------------------------------------------------------


class _Function:
    """A function, ufunc or method of NumPy that takes and gives a device's arrays."""

    def __init__(self, inner: Any, name: str, known: dict[int, StrictArray] | None = None) -> None:
        self._inner, self._name, self._known = inner, name, known or {}
        self.__name__ = name

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)  # ufunc.at, ufunc.reduce, ufunc.nin ...
        return _Function(found, f"{self._name}.{name}") if callable(found) else found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = self._name
        missing = differences.MISSING_KEYWORDS.get(name, frozenset()) & set(kwargs)
        if missing:
            raise TypeError(f"CuPy's {name}() has no argument {', '.join(sorted(missing))}")
        if name in differences.SYNCHRONIZING or (name == "where" and len(args) == 1):
            _synchronizes(f"{name}()")
        ufunc = isinstance(self._inner, np.ufunc)
        override = "__cupy_override_elementwise_kernel__"
        for one in args if ufunc else ():
            if hasattr(one, override):
                kernel = types.SimpleNamespace(name=f"cupy_{name}")
                return getattr(one, override)(kernel, *args, **kwargs)
        if ufunc and not all(_known(one) for one in args if one is not None):
            raise TypeError(f"Unsupported type in {name}: {[type(one) for one in args]}")
        known = dict(self._known)
        for one in (*args, *kwargs.values()):
            if isinstance(one, StrictArray):
                known[id(one._host)] = one
        keywords = {key: _to_host(value) for key, value in kwargs.items()}
        positional = [_to_host(one) for one in args]
        if name == "take":
            keywords["mode"] = "wrap"
        elif name.endswith(".at"):
            positional[1] = _checked_index(positional[0], args[1], reading=False)
        elif name in ("take_along_axis", "put_along_axis") and positional[0].size:
            axis = keywords.get("axis", positional[-1])
            positional[1] = positional[1] % np.shape(positional[0])[axis]
        if name in differences.WITHOUT_BFLOAT16:
            for one in known.values():
                if one.dtype == ml_dtypes.bfloat16:
                    raise TypeError(f"CuPy's {name}() has no version for bfloat16")
        with np.errstate(all="ignore"):
            result = self._inner(*positional, **keywords)
        if name in differences.ARRAY_RESULT:
            result = np.asarray(result)
        if name in differences.WIDENING and getattr(result, "dtype", None) == ml_dtypes.bfloat16:
            result = result.astype(np.float32)
        return _to_device(result, known)


class _Namespace:
    """NumPy's names, as far as CuPy has them."""

    ndarray = StrictArray

    def __init__(self, module: types.ModuleType, prefix: str = "") -> None:
        self._module, self._prefix = module, prefix

    def __getattr__(self, name: str) -> Any:
        full = self._prefix + name
        if full in differences.MISSING_NAMES:
            raise AttributeError(f"CuPy has no {full!r}")
        if full == "random":
            raise AttributeError("random numbers come from the backend's stream, not from xp")
        found = getattr(self._module, name)
        if isinstance(found, types.ModuleType):
            found = _Namespace(found, full + ".")
        elif callable(found) and not isinstance(found, type):
            found = _Function(found, full)
        setattr(self, name, found)
        return found

    def asarray(self, data: Any, dtype: Any = None, **kwargs: Any) -> StrictArray:
        if isinstance(data, StrictArray):
            host = np.asarray(data._host, dtype, **kwargs)
            return data if host is data._host else StrictArray(host)
        return self.array(data, dtype)

    def array(self, data: Any, dtype: Any = None, **kwargs: Any) -> StrictArray:
        # The one place where NumPy's arrays may come in; always a copy then.
        host = data if isinstance(data, np.ndarray) else _to_host(data)
        return StrictArray(np.array(host, dtype, **kwargs))


# --- the backend ---------------------------------------------------------------------------------


class StrictBackend(Backend):
    """One device, ``strict:0``."""

    name = "strict"
    device_type = "strict"
    xp = _Namespace(np)
    array_type = StrictArray

    def __init__(self) -> None:
        self.kernels = {}

    def device_of(self, array: Any) -> device:
        return device("strict", 0)

    def resolve(self, where: device | None = None) -> device:
        if where is not None and where.index:
            raise RuntimeError(f"{where} was asked for, but the last strict device is strict:0")
        return device("strict", 0)

    def to_numpy(self, array: Any) -> np.ndarray:
        _synchronizes("to_numpy()")
        return array._host.copy()

    def data_ptr(self, array: Any) -> int:
        return array._host.ctypes.data

    def check_index(self, index: Any, low: int, high: int, operator: str) -> None:
        super().check_index(index._host, low, high, operator)

    def shares_memory(self, a: Any, b: Any) -> bool:
        return np.shares_memory(a._host, b._host)

    def fingerprint(self, array: Any) -> int:
        return registry.get_backend("cpu").fingerprint(array._host)

    def make_stream(self, where: device) -> Stream:
        return PhiloxStream(self, where)


def install() -> StrictBackend:
    """Register the device type ``"strict"``, once; returns its backend."""
    backend = registry.BACKENDS_BY_TYPE.get(StrictArray)
    if backend is None:
        backend = StrictBackend()
        registry.register(backend)
    assert isinstance(backend, StrictBackend)
    return backend
