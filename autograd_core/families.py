"""The two families of elementwise operators, declared with one call each: unary and binary.

Their recording is written out here by hand, without the general path of ``op.Op``, because most of
the time of a small program goes into these lines: an operator on 4x4 costs little more than NumPy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core import base
from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase, node_of, saved, saved_both, saved_of
from autograd_core.docstrings import BINARY_DOC, UNARY_DOC, finish
from autograd_core.dtypes import get_default_dtype
from autograd_core.grad_mode import modes, unusual_threads, watching_threads
from autograd_core.graph import Node
from autograd_core.layouts import in_order_of
from autograd_core.messages import explain
from autograd_core.op import Op
from autograd_core.operands import (
    FLOAT32,
    FLOAT64,
    as_array,
    check_kinds,
    check_real,
    check_tensor,
    is_operand,
    keeps_dtype,
    promoted,
    put,
    reflected_call,
    refused,
)
from autograd_core.plan import Rule, interned
from autograd_core.registry import SMOOTH, At, Entry, Make, Sample, register
from autograd_core.source import inside, user_frame
from autograd_core.version import CONSTANT, Version

ndarray = np.ndarray
BOTH, OTHER = interned((0, 1)), interned((1,))
new = object.__new__
# The class of results, at hand as a global: `TensorBase.result_type` would cost every operator a
# slow lookup.
Tensor: Any = TensorBase
frame_at = sys._getframe


def results_are(tensor_type: type) -> None:
    """Make the operators' results tensors of this class; called once, where it is defined."""
    global Tensor
    Tensor = tensor_type
    base.results_are(tensor_type)


# The code that called last and was the user's: a loop asks the same question over and over.
user_code: Any = None


def _outside(frame: Any, code: Any) -> tuple[Any, Any]:
    """The user's frame and code behind ``frame``."""
    global user_code
    if inside[code.co_filename]:
        frame = user_frame(frame)
        return frame, frame.f_code
    user_code = code
    return frame, code


def unary(
    name: str,
    ufunc: Any,
    rule: Rule | None,
    *,
    doc: str,
    to_float: bool = True,
    domain: tuple[float, float] = (-2.0, 2.0),
    reference: Callable[..., Any] | None = None,
    holomorphic: bool = True,
    real: bool = False,
    inplace: bool = True,
    convention: str = SMOOTH,
    kinks: Sequence[At] = (),
    aliases: Sequence[str] = (),
    samples: Callable[[Make], Iterable[Sample]] | None = None,
) -> Any:
    """Declare an elementwise operator of one input.

    Args:
        name: PyTorch's name.
        ufunc: a NumPy ufunc (CuPy arrays bring their own), or a function ``f(array)`` in array
            operators.
        rule: gradient rule, of ``g`` and any of ``input``, ``out``; None if not differentiable.
        doc: one line for the docstring.
        to_float: integers and booleans are computed in the default dtype, as PyTorch does for exp
            and its like.
        domain: where samples are taken.
        holomorphic: see ``op.Op``.
        real: complex numbers are refused.
        inplace: whether there is a method ``name_``.
        reference, convention, kinks, aliases: see ``registry.Entry``.
    """
    rules = {"input": rule} if rule else {}
    op = Op(name, lambda xp, input: ufunc(input), rules, holomorphic=holomorphic)
    alone = op.plan((True,)) if rule else None
    saves_input = alone is not None and bool(alone.save_inputs)
    saves_output = alone is not None and bool(alone.save_outputs)

    def function(input: Any, *, out: Any = None) -> Any:
        try:
            x = input._array
        except AttributeError:
            return _raw_unary(name, ufunc, to_float, input)
        if to_float and (dtype := x.dtype) is not FLOAT32:
            if dtype.kind in "biu":
                x = x.astype(get_default_dtype().numpy)
            elif real:
                check_real(name, x)
        try:
            y = ufunc(x)
        except (TypeError, ValueError) as error:
            raise explain(name, (input,), error) from error
        if type(y) is not ndarray:
            y = backend_of(x).asarray(y)
        dtype = y.dtype
        quick = dtype is FLOAT32 or dtype is FLOAT64
        source: Any = input._node if input._view is None else node_of(input)
        result = new(Tensor)
        result._array = y
        result._view = result._counter = None
        if unusual_threads or not quick:
            check_kinds(name, (x,), y, real)
            plan = op.recording_plan(source, None, dtype)
        else:
            plan = None if source is None else alone
        if plan is None:
            result._node = None
            result._counter = modes.version
            if watching_threads and modes.unrecorded is not None:
                modes.unrecorded(op, (input._array,), (), (y,))
        else:
            result._node = node = Node()
            node.plan = plan
            node.inputs = (source,)
            node.shape = source.shape
            node.dtype = dtype
            node.hooks = None
            frame = frame_at(1)
            code = frame.f_code
            if code is not user_code:
                frame, code = _outside(frame, code)
            node.code = code
            node.lasti = frame.f_lasti
            if saves_output:
                result._counter = version = Version()
                node.saved = (*saved(input), y, version, 0) if saves_input else (y, version, 0)
            else:
                node.saved = saved(input) if saves_input else ()
            if unusual_threads and modes.anomaly is not None:
                modes.anomaly(node, (x,), (y,))
        return result if out is None else put(out, result, name)

    low, high = domain
    promotion = "; integers are computed in the default float dtype" if to_float else ""
    finish(function, name, doc, UNARY_DOC, promotion=promotion, low=low / 2, high=high / 2)

    def default_samples(make: Make) -> Iterable[Sample]:
        yield Sample(make(2, 3, low=low, high=high))
        yield Sample(make(low=low, high=high))
        yield Sample(make(0, 2))
        yield Sample(make(3, 4, low=low, high=high).T[::2])

    register(
        Entry(
            name,
            function,
            samples or default_samples,
            reference or (ufunc if isinstance(ufunc, np.ufunc) else None),
            convention,
            kinks,
            rule is not None,
            aliases,
            inplace and rule is not None and "." not in name,
            "." not in name,
        )
    )
    return function


def binary(
    name: str,
    ufunc: Any,
    rules: dict[str, Rule],
    *,
    doc: str,
    to_float: bool = False,
    domain: tuple[float, float] = (-2.0, 2.0),
    other_domain: tuple[float, float] | None = None,
    reference: Callable[..., Any] | None = None,
    convention: str = SMOOTH,
    kinks: Sequence[At] = (),
    aliases: Sequence[str] = (),
    holomorphic: bool = True,
    real: bool = False,
    inplace: bool = True,
    numbers: bool = False,
    number_first: bool = True,
    elementwise: bool = True,
    samples: Callable[[Make], Iterable[Sample]] | None = None,
) -> Any:
    """Declare an elementwise operator of two inputs, which broadcast and promote as in PyTorch.

    Args:
        name: PyTorch's name.
        ufunc: a NumPy ufunc, or a function ``f(a, b)`` in array operators.
        rules: gradient rules for ``input`` and ``other``, of ``g`` and any of ``input``,
            ``other``, ``out``; they need not mind broadcasting or promotion, which the engine
            undoes.
        doc: one line for the docstring.
        to_float: integers divide into the default float dtype (true division and its like).
        domain, other_domain: where samples of the two inputs are taken.
        numbers: a Python number as ``other`` reaches ufunc and rules as it is, not as a 0-d array.
        number_first: whether ``input`` may be a Python number.
        elementwise: whether operands of one shape give a result of that shape (not by matmul).
        real: complex numbers are refused.
    """
    op = Op(
        name, lambda xp, input, other: ufunc(input, other), rules, inputs=2, holomorphic=holomorphic
    )
    both, left_only, right_only = (
        op.plan((l in rules, r in rules)) if l in rules or r in rules else None
        for l, r in (("input", "other"), ("input", None), (None, "other"))
    )

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        quick = False
        try:
            x = input._array
            if type(other) is Tensor:
                y: Any = other._array
            else:
                y = other if type(other) is float or type(other) is int else other._array
        except AttributeError:
            if not isinstance(input, TensorBase) and not isinstance(other, TensorBase):
                return _raw_binary(name, ufunc, to_float, input, other)
        else:
            dtype = x.dtype
            if ((dtype is FLOAT32 or dtype is FLOAT64) and (y is other or y.dtype is dtype)) or (
                numbers and y is other and keeps_dtype(dtype, y)
            ):
                if y is other and not numbers and type(x) is ndarray:
                    y = other = as_array(other, dtype)
                try:
                    z = ufunc(x, y)
                except (TypeError, ValueError) as error:
                    if y is other or type(x) is type(y):
                        raise refused(name, (input, other), (x, y), error) from error
                else:
                    if type(z) is not ndarray:
                        z = backend_of(x).asarray(z)
                    if elementwise and y is not other and not x.flags.c_contiguous:
                        z = in_order_of(z, x, y)
                    quick = True
        if not quick:
            if not (is_operand(input) and is_operand(other)):
                return reflected_call(name, input, other)
            if not number_first:
                check_tensor(name, input)
            z, input, other = _general(name, ufunc, to_float, real, elementwise, input, other)
            dtype, y = z.dtype, None
        left = input._node if input._view is None else node_of(input)
        right = None if y is other else other._node if other._view is None else node_of(other)
        if unusual_threads or not quick:
            plan = op.recording_plan(left, right, dtype)
        elif left is not None:
            plan = both if right is not None else left_only
        else:
            plan = None if right is None else right_only
        result = new(Tensor)
        result._array = z
        result._view = result._counter = None
        if plan is None:
            result._node = None
            result._counter = modes.version
            if watching_threads and modes.unrecorded is not None:
                arrays = [v._array if isinstance(v, TensorBase) else v for v in (input, other)]
                modes.unrecorded(op, arrays, (), (z,))
            return result if out is None else put(out, result, name)
        result._node = node = Node()
        node.plan = plan
        node.inputs = (left, right)
        # The same tuple where nothing was broadcast: the walk then need not compare shapes.
        if left is None:
            node.shape = z.shape
        else:
            shape = left.shape
            if right is None or shape is not right.shape or not elementwise:
                own = z.shape
                node.shape = shape if shape == own else own
            else:
                node.shape = shape
        node.dtype = dtype
        node.hooks = None
        frame = frame_at(1)
        code = frame.f_code
        if code is not user_code:
            frame, code = _outside(frame, code)
        node.code = code
        node.lasti = frame.f_lasti
        origins = plan.origins
        if not origins:
            node.saved = ()
        elif origins is BOTH:
            if y is other:
                node.saved = (*saved(input), other, CONSTANT, 0)
            else:
                node.saved = saved_both(input, other)
        elif y is other and origins is OTHER:
            node.saved = (other, CONSTANT, 0)
        else:
            node.saved = saved_of(origins, (input, other), (result,))
        if unusual_threads and modes.anomaly is not None:
            modes.anomaly(node, (input._array, other), (z,))
        return result if out is None else put(out, result, name)

    promotion = ", integers to the default float dtype" if to_float else ""
    finish(function, name, doc, BINARY_DOC, promotion=promotion)
    low, high = domain
    low2, high2 = other_domain or domain

    def default_samples(make: Make) -> Iterable[Sample]:
        yield Sample(make(2, 3, low=low, high=high), make(2, 3, low=low2, high=high2))
        yield Sample(make(2, 1, 3, low=low, high=high), make(4, 1, low=low2, high=high2))
        yield Sample(make(low=low, high=high), make(3, low=low2, high=high2))
        yield Sample(make(3, low=low, high=high), 1.5)
        yield Sample(make(0, 3), make(3, low=low2, high=high2))

    register(
        Entry(
            name, function, samples or default_samples,
            reference or (ufunc if isinstance(ufunc, np.ufunc) else None),
            convention, kinks, bool(rules), aliases, inplace and "." not in name, "." not in name,
        )
    )  # fmt: skip
    return function


def _general(
    name: str, ufunc: Any, to_float: bool, real: bool, elementwise: bool, input: Any, other: Any
) -> tuple[Any, Any, Any]:
    """Operands of different dtypes or kinds: promote as PyTorch does, then compute.

    Returns the value and the two operands as tensors.
    """
    x = input._array if isinstance(input, TensorBase) else input
    y = other._array if isinstance(other, TensorBase) else other
    xs, ys = promoted(name, x, y, to_float)
    if real:
        check_real(name, xs)
    try:
        z = backend_of(xs).asarray(ufunc(xs, ys))
    except (TypeError, ValueError) as error:
        raise refused(name, (input, other), (xs, ys), error) from error
    check_kinds(name, (xs, ys), z, real)
    if elementwise and not xs.flags.c_contiguous:
        z = in_order_of(z, xs, ys)
    return (
        z,
        input if isinstance(input, TensorBase) else _operand(input, xs),
        other if isinstance(other, TensorBase) else _operand(other, ys),
    )


def _operand(value: Any, array: Any) -> Any:
    """A tensor of an operand that was none; an array of the user's own may yet change."""
    return TensorBase._shared(array) if array is value else TensorBase._wrap(array)


def _raw_unary(name: str, ufunc: Any, to_float: bool, x: Any) -> Any:
    """A rule called with a raw array: compute at once."""
    if not hasattr(x, "dtype"):
        raise TypeError(
            f"{name}: expected a tensor, got {type(x).__name__}. Mend: ag.tensor(...) makes one."
        )
    if to_float and x.dtype.kind in "biu":
        x = x.astype(get_default_dtype().numpy)
    return ufunc(x)


def _raw_binary(name: str, ufunc: Any, to_float: bool, x: Any, y: Any) -> Any:
    """A rule called with raw arrays and numbers: compute at once."""
    if hasattr(x, "dtype") or hasattr(y, "dtype"):
        if isinstance(x, np.generic):  # what NumPy makes of arrays without dimensions
            x = np.asarray(x)
        return ufunc(*promoted(name, x, y, to_float))
    return reflected_call(name, x, y)
