"""Comparisons and predicates. None of them has a gradient."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.comparison_family import comparison
from autograd_core.families import unary
from autograd_core.messages import explain
from autograd_core.op import promote
from autograd_core.operands import check_same_dtype, check_tensor
from autograd_core.registry import REGISTRY, Make, Sample, operator

_relation = partial(comparison, number_first=False, exact=True)

eq = _relation("eq", np.equal, doc="Where two tensors are equal.")
ne = _relation("ne", np.not_equal, doc="Where two tensors differ.", aliases=("not_equal",))
_order = partial(_relation, real=True)
lt = _order("lt", np.less, doc="Where ``input`` is less than ``other``.", aliases=("less",))
le = _order(
    "le", np.less_equal, doc="Where ``input`` is at most ``other``.", aliases=("less_equal",)
)
gt = _order(
    "gt", np.greater, doc="Where ``input`` is greater than ``other``.", aliases=("greater",)
)
ge = _order(
    "ge", np.greater_equal, doc="Where ``input`` is at least ``other``.", aliases=("greater_equal",)
)


def _predicate(name: str, ufunc: Any, doc: str, real: bool = False) -> Any:
    function = unary(
        name, ufunc, None, doc=doc, to_float=False, real=real, convention="no gradient"
    )
    REGISTRY[name].inplace = False
    return function


isnan = _predicate("isnan", np.isnan, "Where elements are NaN.")
isinf = _predicate("isinf", np.isinf, "Where elements are infinite.")
isfinite = _predicate("isfinite", np.isfinite, "Where elements are neither infinite nor NaN.")
isposinf = _predicate(
    "isposinf", lambda x: x == np.inf, "Where elements are positive infinity.", real=True
)
isneginf = _predicate(
    "isneginf", lambda x: x == -np.inf, "Where elements are negative infinity.", real=True
)
isreal = _predicate("isreal", lambda x: x.imag == 0, "Where the imaginary part is 0.")
signbit = _predicate("signbit", np.signbit, "Where the sign bit is set: negative numbers and -0.0.")


def _close_samples(make: Make) -> list[Sample]:
    x = make(2, 3)
    return [Sample(x, x + 1e-9), Sample(x, x[0]), Sample(x, x * 1.5, rtol=0.6)]


@operator(
    "isclose", samples=_close_samples, convention="no gradient", differentiable=False,
    reference=lambda x, y, rtol=1e-5, atol=1e-8: np.isclose(x, y, rtol, atol),
)  # fmt: skip
def isclose(
    input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Where ``|input - other| <= atol + rtol * |other|``; infinities are close to themselves.

    Args:
        input, other: tensors that broadcast, of one dtype.
        rtol, atol: relative and absolute tolerance.
        equal_nan: whether NaN is close to NaN.

    Source: PyTorch, ``torch.isclose``.

    Example:
        >>> import autograd_core as ag
        >>> ag.isclose(ag.tensor([1.0, 2.0]), ag.tensor([1.0, 2.1]))
        tensor([ True, False])
    """
    check_tensor("isclose", input)
    if rtol < 0 or atol < 0:
        raise RuntimeError(f"isclose: rtol={rtol} and atol={atol} must not be negative")
    check_same_dtype("isclose", input=input, other=other)
    x, y = promote("isclose", input, other)
    x, y = getattr(x, "_array", x), getattr(y, "_array", y)
    try:
        close = backend_of(x).xp.isclose(x, y, rtol, atol, equal_nan)
    except ValueError as error:
        raise explain("isclose", (input, other), error) from error
    return TensorBase._wrap(backend_of(x).asarray(close))


@operator(
    "allclose", samples=_close_samples, convention="no gradient", differentiable=False,
    reference=lambda x, y, rtol=1e-5, atol=1e-8: np.allclose(x, y, rtol, atol),
)  # fmt: skip
def allclose(
    input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Whether all elements are close, as a Python bool; arguments as for :func:`isclose`.

    Source: PyTorch, ``torch.allclose``.
    """
    close = isclose(input, other, rtol, atol, equal_nan)._array
    return bool(backend_of(close).item(close.all()))


@operator(
    "equal", samples=lambda make: [Sample(make(3), make(3)), Sample(np.ones(2), np.ones(2))],
    convention="no gradient", differentiable=False, reference=np.array_equal,
)  # fmt: skip
def equal(input: Any, other: Any) -> bool:
    """Whether two tensors have the same shape and the same elements, as a Python bool.

    Source: PyTorch, ``torch.equal``.
    """
    if tuple(input.shape) != tuple(other.shape):
        return False
    same = eq(input, other)._array
    return bool(backend_of(same).item(same.all()))
