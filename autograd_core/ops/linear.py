"""The affine map of a dense layer, as one operator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.messages import explain
from autograd_core.op import Op
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.products import as_rows, matmul, product
from autograd_core.plan import Rule
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _forward(xp: Any, input: Any, weight: Any, bias: Any) -> Any:
    x, w = widen(input), widen(weight)
    out = (as_rows(x) if x.ndim > 2 else x) @ w.T
    if bias is not None:
        out += widen(bias)
    if x.ndim > 2:
        out = out.reshape(*x.shape[:-1], w.shape[0])
    return out.astype(input.dtype) if is_half(input.dtype) else out


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
)  # fmt: skip
def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """``input @ weight.T + bias``: the affine map of a dense layer, one node in the graph.

    Args:
        input: (..., in_features), with any leading dimensions.
        weight: (out_features, in_features); or (in_features), then the output has no last
            dimension.
        bias: (out_features), or None.

    Returns:
        (..., out_features), in the dtype of the operands, which must be one.

    Source: PyTorch, ``torch.nn.functional.linear``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.ops.linear import linear
        >>> linear(ag.tensor([[1.0, 2.0]]), ag.tensor([[3.0, 4.0]]), ag.tensor([0.5]))
        tensor([[11.5000]])
    """
    if weight.ndim != 2:
        out = matmul(input, weight)
        return out if bias is None else out + bias
    inputs = (input, weight) if bias is None else (input, weight, bias)
    features = (*weight.shape[::-1],)
    if tuple(input.shape[-1:]) != features[:1] or (
        bias is not None and bias.shape not in ((), features[1:])
    ):
        error = ValueError("expected input (..., in), weight (out, in) and bias (out)")
        raise explain("linear", inputs, error)
    return _linear(*inputs) if bias is None else _affine(*inputs)
