"""The family of elementwise operators that have no gradient: comparisons and their like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.docstrings import BINARY_DOC, finish
from autograd_core.grad_mode import modes, watching_threads
from autograd_core.layouts import in_order_of
from autograd_core.op import Op
from autograd_core.operands import (
    check_kinds,
    check_tensor,
    is_operand,
    promoted,
    put,
    reflected_call,
    refused,
)
from autograd_core.registry import Entry, Make, Sample, register


def comparison(
    name: str,
    ufunc: Any,
    *,
    doc: str,
    number_first: bool = True,
    exact: bool = False,
    real: bool = False,
    aliases: Sequence[str] = (),
    reference: Callable[..., Any] | None = None,
    samples: Callable[[Make], Iterable[Sample]] | None = None,
) -> Any:
    """Declare an elementwise operator of two inputs whose result is a truth value, or which has
    no gradient.

    Args:
        name: PyTorch's name.
        ufunc: a NumPy ufunc (CuPy arrays bring their own), or a function ``f(a, b)`` in array
            operators.
        doc: one line for the docstring.
        number_first: whether ``input`` may be a Python number.
        exact: an integer that the dtype cannot hold is taken as it is.
        real: complex numbers are refused.
        aliases, reference: see ``registry.Entry``.
    """

    op = Op(name, lambda xp, input, other: ufunc(input, other), inputs=2)

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        if not (is_operand(input) and is_operand(other)):
            return reflected_call(name, input, other)
        if not number_first:
            check_tensor(name, input, mend="swap the operands, or ag.tensor(...)")
        x = input._array if isinstance(input, TensorBase) else input
        y = other._array if isinstance(other, TensorBase) else other
        xs, ys = promoted(name, x, y, exact=exact)
        try:
            z = backend_of(xs).asarray(ufunc(xs, ys))
        except (TypeError, ValueError) as error:
            raise refused(name, (input, other), (xs, ys), error) from error
        check_kinds(name, (xs, ys), z, real)
        if not xs.flags.c_contiguous:
            z = in_order_of(z, xs, ys)
        if not isinstance(input, TensorBase) and not isinstance(other, TensorBase):
            return z
        result = TensorBase._wrap(z)
        if watching_threads and modes.unrecorded is not None:
            modes.unrecorded(op, (x, y), (), (z,))
        return result if out is None else put(out, result, name)

    finish(function, name, doc, BINARY_DOC, promotion="")

    def default_samples(make: Make) -> Iterable[Sample]:
        yield Sample(make(2, 3), make(3))
        yield Sample(np.array([1.0, 2.0, np.nan]), np.array([1.0, 3.0, np.nan]))
        yield Sample(make.integers(4), 2)
        yield Sample(make(), make(0, 2))

    register(
        Entry(
            name,
            function,
            samples or default_samples,
            reference or (ufunc if isinstance(ufunc, np.ufunc) else None),
            "no gradient",
            (),
            False,
            tuple(aliases),
            False,
            "." not in name,
        )
    )
    return function
