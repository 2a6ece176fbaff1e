"""The affine map of a dense layer, as one operator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.messages import explain
from autograd_core.op import Op
from autograd_core.operands import check_same_dtype
from autograd_core.ops.dims import shape_of
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.products import as_rows, matmul, product
from autograd_core.plan import Rule
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _forward(xp: Any, input: Any, weight: Any, bias: Any) -> Any:
    if is_half(input.dtype):
        bias = bias if bias is None else widen(bias)
        return _forward(xp, widen(input), widen(weight), bias).astype(input.dtype)
    if input.ndim > 2:
        out = as_rows(input).dot(weight.T)
    else:
        out = input.dot(weight.T)  # (not ``@``: see products)
    if bias is not None:
        out += bias
    return out.reshape(*input.shape[:-1], weight.shape[0]) if input.ndim > 2 else out


def _weight_rule(g: Any, input: Any) -> Any:
    if input.ndim == 1:
        return g.reshape(-1, 1) * input
    return product(as_rows(g).swapaxes(0, 1), as_rows(input))


_rules: dict[str, Rule] = {
    "input": lambda g, weight: product(g, weight),
    "weight": _weight_rule,
    "bias": lambda g: g,
}
_affine = Op("linear", _forward, _rules, inputs=3, holomorphic=True)
_linear = Op(
    "linear",
    lambda xp, input, weight: _forward(xp, input, weight, None),
    {"input": _rules["input"], "weight": _rules["weight"]},
    inputs=2,
    holomorphic=True,
)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(3, 4), make(2, 4), make(2))
    yield Sample(make(3, 4), make(2, 4))
    yield Sample(make(4), make(2, 4), make(2))
    yield Sample(make(2, 3, 4), make(2, 4), make(2))
    yield Sample(make(2, 3, 4).transpose(1, 0, 2), make(4, 2).T, make(2))
    yield Sample(make(4), make(4), make())
    yield Sample(make(0, 4), make(2, 4), make(2))


@operator(
    "nn.functional.linear", samples=_samples, convention=SMOOTH, method=False,
    reference=lambda x, w, b=0.0: np.asarray(x @ w.T + b),
    formula="dx = g W,  dW = gᵀ x,  db = Σ g",
)  # fmt: skip
def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """``input @ weight.T + bias``: the affine map of a dense layer, one node in the graph.

    Args:
        input: (..., in_features), with any leading dimensions.
        weight: (out_features, in_features); or (in_features), then the output has no last
            dimension.
        bias: (out_features), or None; for a weight of one dimension one number.

    Returns:
        (..., out_features), in the dtype of the operands, which must be one.

    Raises:
        ShapeError: the shapes do not fit.
        DtypeError: the dtypes differ.

    Source: PyTorch, ``torch.nn.functional.linear``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.ops.linear import linear
        >>> linear(ag.tensor([[1.0, 2.0]]), ag.tensor([[3.0, 4.0]]), ag.tensor([0.5]))
        tensor([[11.5000]])
    """
    sizes = shape_of(weight)
    if len(sizes) == 1 and (bias is None or shape_of(bias) == ()):
        out = matmul(input, weight)
        return out if bias is None else out + bias
    if (
        len(sizes) != 2
        or shape_of(input)[-1:] != sizes[1:]
        or (bias is not None and (of_bias := shape_of(bias)) != sizes[:1] and of_bias != ())
    ):
        inputs = (input, weight) if bias is None else (input, weight, bias)
        error = ValueError("expected input (..., in), weight (out, in) and bias (out)")
        raise explain("linear", inputs, error)
    try:
        dtype = input._array.dtype
        same = dtype is weight._array.dtype and (bias is None or dtype is bias._array.dtype)
    except AttributeError:  # an array among them
        same = False
    if not same:
        check_same_dtype("linear", weight=weight, input=input, bias=bias)
    return _linear(input, weight) if bias is None else _affine(input, weight, bias)
