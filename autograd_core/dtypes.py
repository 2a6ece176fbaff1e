"""Element types, and which type an operation on several types has: PyTorch's rules."""

from __future__ import annotations

import builtins
from typing import Any, Union

import numpy as np

# In order of generality: what meets something later in the list takes that category.
_CATEGORIES = ("bool", "int", "float", "complex")


class dtype:
    """The type of a tensor's elements, such as ``autograd_core.float32``.

    There is one object per type; compare with ``is`` or ``==``.

    Attributes:
        name: The name, ``"float32"``.
        numpy: The NumPy dtype that stores it.
        itemsize: Bytes per element.
        is_floating_point: Whether it is a real floating-point type.
        is_complex: Whether it is a complex type.
        is_signed: Whether it holds negative numbers.

    Source: PyTorch, ``torch.dtype``.

    Example:
        >>> import autograd_core as ag
        >>> ag.bfloat16
        autograd_core.bfloat16
        >>> ag.bfloat16.itemsize
        2
    """

    __slots__ = (
        "name", "numpy", "itemsize", "is_floating_point", "is_complex", "is_signed", "_category",
    )  # fmt: skip

    name: str
    numpy: np.dtype
    itemsize: builtins.int
    is_floating_point: builtins.bool
    is_complex: builtins.bool
    is_signed: builtins.bool
    _category: builtins.int

    def __init__(self, name: str, storage: Any, category: str) -> None:
        values: dict[str, Any] = {
            "name": name,
            "itemsize": 2,
            "is_floating_point": category == "float",
            "is_complex": category == "complex",
            "is_signed": category in ("float", "complex") or name.startswith("int"),
            "_category": _CATEGORIES.index(category),
        }
        if storage is not None:
            values["numpy"] = np.dtype(storage)
            values["itemsize"] = values["numpy"].itemsize
        for attribute, value in values.items():
            object.__setattr__(self, attribute, value)

    def __getattr__(self, name: str) -> Any:
        """``numpy`` of bfloat16, which is ml_dtypes' and loaded when first asked for."""
        if name != "numpy":
            raise AttributeError(f"{self!r} has no attribute {name!r}")
        import ml_dtypes

        stored = np.dtype(ml_dtypes.bfloat16)
        BY_NUMPY[stored] = self
        object.__setattr__(self, "numpy", stored)
        return stored

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"dtype: {name!r} of {self!r} cannot be set")

    def __repr__(self) -> str:
        return f"autograd_core.{self.name}"

    def __reduce__(self) -> tuple[object, ...]:
        return (as_dtype, (self.name,))  # copies and pickles are the same object

    def to_real(self) -> dtype:
        """The type of the real part: float32 for complex64; itself where it is not complex."""
        return {complex64: float32, complex128: float64}.get(self, self)

    def to_complex(self) -> dtype:
        """The complex type with parts of this type.

        float16 and bfloat16 give complex64, as there is no narrower complex type; PyTorch gives
        complex32 for float16, and refuses the types that are no floats, as does this.

        Raises:
            TypeError: This is a type of integers or booleans.
        """
        if self.is_complex:
            return self
        if not self.is_floating_point:
            raise TypeError(f"{self!r}.to_complex(): only floating-point types have a complex type")
        return complex128 if self is float64 else complex64


bool_ = dtype("bool", np.bool_, "bool")
uint8 = dtype("uint8", np.uint8, "int")
int8 = dtype("int8", np.int8, "int")
int16 = short = dtype("int16", np.int16, "int")
int32 = int_ = dtype("int32", np.int32, "int")
int64 = long = dtype("int64", np.int64, "int")
uint16 = dtype("uint16", np.uint16, "int")
uint32 = dtype("uint32", np.uint32, "int")
uint64 = dtype("uint64", np.uint64, "int")
float16 = half = dtype("float16", np.float16, "float")
bfloat16 = dtype("bfloat16", None, "float")
float32 = float_ = dtype("float32", np.float32, "float")
float64 = double = dtype("float64", np.float64, "float")
complex64 = cfloat = dtype("complex64", np.complex64, "complex")
complex128 = cdouble = dtype("complex128", np.complex128, "complex")

ALL = (
    bool_, uint8, int8, int16, int32, int64, uint16, uint32, uint64,
    float16, bfloat16, float32, float64, complex64, complex128,
)  # fmt: skip

BY_NUMPY: dict[np.dtype, dtype] = {one.numpy: one for one in ALL if one is not bfloat16}
_BY_NAME: dict[str, dtype] = {
    **{one.name: one for one in ALL},
    "half": half, "float": float_, "double": double, "short": short, "int": int_, "long": long,
    "cfloat": cfloat, "cdouble": cdouble,
}  # fmt: skip
_PYTHON_TYPES: dict[type, dtype] = {
    builtins.bool: bool_, builtins.int: int64, builtins.float: float64, complex: complex128,
}  # fmt: skip
_BARE_UNSIGNED = (uint16, uint32, uint64)

DTypeLike = Union[dtype, np.dtype, type, str]
_default = float32


def from_numpy_dtype(stored: np.dtype) -> dtype:
    """The type that a NumPy dtype stores.

    Args:
        stored: A NumPy dtype in the machine's byte order.

    Raises:
        TypeError: No tensor holds this type (strings, dates, objects, foreign byte order ...).
    """
    found = BY_NUMPY.get(stored)
    if found is None and stored.name == "bfloat16" and stored == bfloat16.numpy:
        return bfloat16
    if found is None:
        mend = "convert it with .astype(...) first"
        if not stored.isnative and stored.newbyteorder("=") in BY_NUMPY:
            mend = f"its bytes are in foreign order; use .astype({stored.newbyteorder('=').name!r})"
        raise TypeError(f"no tensor holds NumPy's dtype {stored!r}; {mend}")
    return found


def as_dtype(x: DTypeLike) -> dtype:
    """The type that ``x`` names.

    Args:
        x: A dtype, a NumPy dtype or scalar type, one of Python's ``bool``, ``int``, ``float``,
            ``complex`` (bool, int64, float64, complex128, as in PyTorch and NumPy), or a name such
            as ``"float32"``.

    Raises:
        TypeError: ``x`` names no type that a tensor holds.

    Example:
        >>> import numpy as np
        >>> from autograd_core.dtypes import as_dtype
        >>> as_dtype(np.float16), as_dtype("double"), as_dtype(int)
        (autograd_core.float16, autograd_core.float64, autograd_core.int64)
    """
    if isinstance(x, dtype):
        return x
    if isinstance(x, np.dtype):
        return from_numpy_dtype(x)
    if isinstance(x, str):
        named = _BY_NAME.get(x.removeprefix("autograd_core.").removeprefix("torch."))
        if named is not None:
            return named
    elif isinstance(x, type):
        if x in _PYTHON_TYPES:
            return _PYTHON_TYPES[x]
        if issubclass(x, np.generic):
            return from_numpy_dtype(np.dtype(x))
    raise TypeError(
        f"{x!r} names no dtype; expected such as autograd_core.float32, 'float32', np.float32 or "
        f"Python's float. There are: {', '.join(one.name for one in ALL)}"
    )


def of_number(kind: type) -> dtype:
    """The type that a number of Python's type ``kind`` has by itself: floats have the default one.
    (As ``dtype=float`` the same class means float64.)"""
    if kind is builtins.float:
        return _default
    return _default.to_complex() if kind is complex else _PYTHON_TYPES[kind]


def get_default_dtype() -> dtype:
    """The floating-point type of new tensors for which none is given; at first float32."""
    return _default


def set_default_dtype(d: DTypeLike) -> None:
    """Set the floating-point type of new tensors for which none is given.

    Args:
        d: A floating-point dtype.

    Raises:
        TypeError: ``d`` is not a floating-point type.

    Source: PyTorch, ``torch.set_default_dtype``.
    """
    global _default
    chosen = as_dtype(d)
    if not chosen.is_floating_point:
        raise TypeError(
            f"set_default_dtype(): only floating-point types can be the default, got {chosen!r}"
        )
    _default = chosen


# --- promotion -----------------------------------------------------------------------------------


def promote_types(type1: DTypeLike, type2: DTypeLike) -> dtype:
    """The smallest type that holds the values of both, as PyTorch orders the types.

    Of two categories (bool, integer, real, complex) the later one decides, whatever the widths:
    int64 with float16 is float16.

    Raises:
        RuntimeError: uint16, uint32 or uint64 with another type that is not a real one; PyTorch
            does not define these either.

    Source: PyTorch, ``torch.promote_types``.

    Example:
        >>> import autograd_core as ag
        >>> ag.promote_types(ag.int64, ag.float16), ag.promote_types(ag.uint8, ag.int8)
        (autograd_core.float16, autograd_core.int16)
    """
    x, y = as_dtype(type1), as_dtype(type2)
    promoted = _PROMOTED.get((x, y))
    if promoted is None:
        raise RuntimeError(
            f"promote_types(): there is no common type for {x!r} and {y!r}; uint16, uint32 and "
            "uint64 combine with real types only: convert one of the two, e.g. to int64"
        )
    return promoted


def _promote(a: dtype, b: dtype) -> dtype | None:
    if a is b:
        return a
    low, high = sorted((a, b), key=lambda one: one._category)
    if any(one in _BARE_UNSIGNED for one in (a, b)):
        return high if high.is_floating_point else None
    if high.is_complex:
        wide = low is float64 or complex128 in (low, high)
        return complex128 if wide else complex64
    if low._category < high._category:
        return high
    if high.is_floating_point:  # float16 and bfloat16 hold neither's values: float32 holds both
        return float64 if float64 in (low, high) else float32
    return BY_NUMPY[np.promote_types(low.numpy, high.numpy)]


_PROMOTED = {(a, b): _promote(a, b) for a in ALL for b in ALL}


def result_type(*operands: Any) -> dtype:
    """The type of an operation on tensors, arrays and numbers.

    There are three ranks of operands: tensors with dimensions, 0-d tensors, plain numbers. A lower
    rank changes the type only where it is of a later category (bool, integer, real, complex): a
    float32 tensor times 2.5 stays float32, and so does one times a 0-d float64 tensor. NumPy's
    scalars count as plain numbers.

    Args:
        *operands: Tensors, arrays and numbers, at least one.

    Raises:
        TypeError: An operand is none of these.

    Source: PyTorch, ``torch.result_type``.

    Example:
        >>> import autograd_core as ag
        >>> ag.result_type(ag.zeros(2), 1j)
        autograd_core.complex64
    """
    ranks: list[dtype | None] = [None, None, None]  # plain numbers, 0-d tensors, tensors
    for operand in operands:
        current, rank = _type_and_rank(operand)
        before = ranks[rank]
        ranks[rank] = current if before is None else promote_types(before, current)
    result: dtype | None = None
    for higher in ranks:
        result = _combine(higher, result)
    if result is None:
        raise TypeError("result_type(): expected at least one tensor or number")
    return result


def _type_and_rank(operand: Any) -> tuple[dtype, builtins.int]:
    if isinstance(operand, np.generic):
        kind = operand.dtype.kind
        kinds = {"b": builtins.bool, "i": builtins.int, "u": builtins.int, "c": complex}
        return of_number(kinds.get(kind, builtins.float)), 0
    if isinstance(operand, (builtins.bool, builtins.int, builtins.float, complex)):
        for kind_of in (builtins.bool, builtins.int, builtins.float, complex):
            if isinstance(operand, kind_of):
                return of_number(kind_of), 0
    if not hasattr(operand, "dtype") or not hasattr(operand, "ndim"):
        raise TypeError(
            f"result_type(): expected tensors, arrays and numbers, got {operand!r} "
            f"({type(operand).__name__})"
        )
    return as_dtype(operand.dtype), 2 if operand.ndim else 1


def _combine(higher: dtype | None, lower: dtype | None) -> dtype | None:
    if higher is None or lower is None:
        return higher or lower
    if higher.is_floating_point and lower.is_complex:
        return higher.to_complex()  # the width is the higher rank's affair
    if lower.is_floating_point or lower.is_complex:
        return lower if lower._category > higher._category else higher
    return promote_types(higher, lower) if higher is bool_ else higher


def can_cast(from_: DTypeLike, to: DTypeLike) -> builtins.bool:
    """Whether an in-place operation may store ``from_`` results in a tensor of type ``to``.

    Source: PyTorch, ``torch.can_cast``.

    Example:
        >>> import autograd_core as ag
        >>> ag.can_cast(ag.float64, ag.float32), ag.can_cast(ag.float32, ag.int64)
        (True, False)
    """
    source, target = as_dtype(from_), as_dtype(to)
    return source._category <= target._category


def is_floating_point(input: Any) -> builtins.bool:
    """Whether a tensor (or a dtype) is of a real floating-point type."""
    return _dtype_of(input).is_floating_point


def is_complex(input: Any) -> builtins.bool:
    """Whether a tensor (or a dtype) is of a complex type."""
    return _dtype_of(input).is_complex


def is_signed(input: Any) -> builtins.bool:
    """Whether a tensor (or a dtype) holds negative numbers."""
    return _dtype_of(input).is_signed


def _dtype_of(input: Any) -> dtype:
    return as_dtype(getattr(input, "dtype", input))
