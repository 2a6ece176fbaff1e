"""Operators on truth values and integers in ONNX's operators: comparisons, logic, places."""

from __future__ import annotations

import numpy as np

from autograd_core.onnx.elementwise import Translation
from autograd_core.onnx.shapes import reduce
from autograd_core.onnx.step import Step


def _comparison(kind: str, negated: bool = False) -> Translation:
    """Operands of one dtype; ONNX orders no truth values."""

    def translate(step: Step) -> str:
        dtype = step.common
        if dtype.kind == "b" and kind != "Equal":
            dtype = np.dtype(np.int64)
        result = step.node(kind, step.input(0, dtype), step.input(1, dtype))
        return step.node("Not", result) if negated else result

    return translate


def truth(step: Step, index: int) -> str:
    """An input as truth values: whether it is not 0."""
    return step.input(index, np.dtype(bool))


def _logical(kind: str) -> Translation:
    return lambda step: step.node(kind, truth(step, 0), truth(step, 1))


def _bitwise(logical: str, bits: str) -> Translation:
    def translate(step: Step) -> str:
        dtype = step.common
        kind = logical if dtype.kind == "b" else bits
        return step.node(kind, step.input(0, dtype), step.input(1, dtype))

    return translate


def _bitwise_not(step: Step) -> str:
    return step.node("Not" if step.common.kind == "b" else "BitwiseNot", step.input(0))


def _isfinite(step: Step) -> str:
    x = step.input(0)
    return step.node("Not", step.node("Or", step.node("IsNaN", x), step.node("IsInf", x)))


def _any_all(kind: str) -> Translation:
    def translate(step: Step) -> str:
        numbers = step.cast(truth(step, 0), np.dtype(np.int32))
        dims = step.param("dims")
        dims = range(step.rank()) if dims is None else dims
        if not step.rank():
            return truth(step, 0)
        found = reduce(step, kind, numbers, dims, bool(step.param("keepdim")))
        return step.cast(found, step.call.dtypes[0])

    return translate


def _position(kind: str) -> Translation:
    def translate(step: Step) -> str:
        dim, keepdim = step.param("dim"), bool(step.param("keepdim"))
        if dim is not None:
            return step.node(kind, step.input(0), axis=dim, keepdims=int(keepdim))
        flat = step.node("Reshape", step.input(0), step.integers([-1]))
        shape = step.integers([1] * step.rank() if keepdim else [])
        return step.node("Reshape", step.node(kind, flat, axis=0, keepdims=0), shape)

    return translate


def _one_hot(step: Step) -> str:
    count = step.graph.constant(np.asarray(step.param("classes"), np.int64))
    return step.node("OneHot", step.input(0), count, step.integers([0, 1]), axis=-1)


def _floor_divide(step: Step) -> str:
    dtype = step.common
    wide = dtype if dtype.kind == "f" else np.dtype(np.float64)
    quotient = step.node("Floor", step.node("Div", step.input(0, wide), step.input(1, wide)))
    return quotient if wide == dtype else step.cast(quotient, dtype)


def _remainder(step: Step) -> str:
    dtype = step.call.dtypes[0]
    x, y = step.input(0, dtype), step.input(1, dtype)
    if dtype.kind != "f":
        return step.node("Mod", x, y)
    whole = step.node("Floor", step.node("Div", x, y))
    return step.node("Sub", x, step.node("Mul", whole, y))


def _fmod(step: Step) -> str:
    dtype = step.call.dtypes[0]
    return step.node("Mod", step.input(0, dtype), step.input(1, dtype), fmod=1)


LOGIC: dict[str, Translation] = {
    "eq": _comparison("Equal"),
    "ne": _comparison("Equal", negated=True),
    "lt": _comparison("Less"),
    "le": _comparison("LessOrEqual"),
    "gt": _comparison("Greater"),
    "ge": _comparison("GreaterOrEqual"),
    "logical_and": _logical("And"),
    "logical_or": _logical("Or"),
    "logical_xor": _logical("Xor"),
    "logical_not": lambda step: step.node("Not", truth(step, 0)),
    "bitwise_and": _bitwise("And", "BitwiseAnd"),
    "bitwise_or": _bitwise("Or", "BitwiseOr"),
    "bitwise_xor": _bitwise("Xor", "BitwiseXor"),
    "bitwise_not": _bitwise_not,
    "isnan": lambda step: step.node("IsNaN", step.input(0)),
    "isinf": lambda step: step.node("IsInf", step.input(0)),
    "isfinite": _isfinite,
    "any": _any_all("ReduceMax"),
    "all": _any_all("ReduceMin"),
    "argmax": _position("ArgMax"),
    "argmin": _position("ArgMin"),
    "one_hot": _one_hot,
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "fmod": _fmod,
}
