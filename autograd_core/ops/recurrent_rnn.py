"""Plain recurrent networks over a whole sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.op import Op
from autograd_core.operands import check_real
from autograd_core.ops.activation import relu
from autograd_core.ops.recurrent_core import (
    Steps,
    array_gradients,
    before,
    carried,
    for_steps,
    from_input,
    joined,
    recorded_gradients,
)
from autograd_core.ops.recurrent_layers import (
    network_samples,
    run,
    split_weights,
    step,
    step_samples,
)
from autograd_core.ops.rows import add_up
from autograd_core.ops.trig import tanh
from autograd_core.registry import SMOOTH, At, operator

_AT_ZERO, _ZERO = "0 where a state is 0", np.zeros((1, 1))


def _forward(
    xp: Any, input: Any, hidden: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any, bias_hh: Any,
    steps: Steps, bend: Any,
) -> tuple[Any, Any]:  # fmt: skip
    out = from_input(input, weight_ih, bias_ih, bias_hh)
    hidden, recurrent = hidden.copy(), for_steps(xp, weight_hh, steps)
    work = xp.empty_like(hidden)
    for rows, size in steps.walk():
        part = out[rows]
        part += hidden[:size].dot(recurrent, out=work[:size])
        bend(xp, part)
        hidden[:size] = part
    return out, hidden


def _layer(name: str, function: Any, bend: Any, slopes: Any) -> Op:
    """A plain recurrent network.

    Args:
        function: its activation; ``bend(xp, values)`` replaces values by it.
        slopes: from (xp, activation) to its derivative.
    """

    def definition(
        input: Any, hidden: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any, bias_hh: Any,
        steps: Steps,
    ) -> tuple[Any, Any]:  # fmt: skip
        given, outs = input @ weight_ih.T, []
        for bias in (bias_ih, bias_hh):
            if bias is not None:
                given = given + bias
        for rows, size in steps.walk():
            outs.append(function(given[rows] + hidden[:size] @ weight_hh.T))
            hidden = carried(outs[-1], hidden, size)
        return joined(outs, steps), hidden

    def forward(
        xp: Any, input: Any, hidden: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any,
        bias_hh: Any, steps: Steps,
    ) -> tuple[Any, Any]:  # fmt: skip
        return _forward(xp, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh, steps, bend)

    def gradients(
        g: Any, needs: Any, input: Any, hidden: Any, weight_ih: Any, weight_hh: Any, out: Any,
        steps: Steps,
    ) -> list[Any]:  # fmt: skip
        xp = backend_of(out).xp
        inner = slopes(xp, out)
        grad_hidden = g[1].copy()
        for rows, size in reversed(steps.walk()):
            dh, z = grad_hidden[:size], inner[rows]
            dh += g[0][rows]
            z *= dh
            z.dot(weight_hh, out=dh)
        bias = add_up(xp, inner, (0,), False)
        return [
            inner.dot(weight_ih) if needs[0] else None,
            grad_hidden,
            inner.T.dot(input) if needs[2] else None,
            inner.T.dot(before(xp, out, hidden, steps)) if needs[3] else None,
            bias,
            bias.copy(),
        ]

    def rule(
        g: Any, needs: Any, input: Any, hidden: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any,
        bias_hh: Any, out: Any, steps: Steps,
    ) -> list[Any]:  # fmt: skip
        if isinstance(input, TensorBase):
            inputs = (input, hidden, weight_ih, weight_hh, bias_ih, bias_hh)
            return recorded_gradients(g, needs, definition, inputs, steps)
        return array_gradients(gradients, g, needs, input, hidden, weight_ih, weight_hh, out, steps)

    return Op(name, forward, joint=rule, inputs=6, outputs=("out", "hidden_n"))


# From rows of inputs (total, F), the states (N, n), the weights (n, F) and (n, n) and their biases
# (n) or None. To the rows of outputs (total, n) and the last states.
_LAYERS = {
    "rnn_tanh": _layer(
        "rnn_tanh",
        tanh,
        lambda xp, values: xp.tanh(values, out=values),
        lambda xp, out: 1 - out * out,
    ),
    "rnn_relu": _layer(
        "rnn_relu",
        relu,
        lambda xp, values: xp.maximum(values, 0, out=values),
        lambda xp, out: (out > 0).astype(out.dtype),
    ),
}


def _network(
    name: str, input: Any, hx: Any, params: Sequence[Any], has_biases: bool, num_layers: int,
    dropout: float, train: bool, bidirectional: bool, batch_first: bool, batch_sizes: Any,
) -> Any:  # fmt: skip
    weights = split_weights(name, params, num_layers * (1 + bidirectional), has_biases)
    return run(
        name, _LAYERS[name], 1, input, (hx,), weights, dropout if train else 0.0, bidirectional,
        batch_first, batch_sizes,
    )  # fmt: skip


@operator("rnn_tanh", samples=network_samples(1), convention=SMOOTH, method=False)
def rnn_tanh(
    input: Any, hx: Any, params: Sequence[Any], has_biases: bool, num_layers: int, dropout: float,
    train: bool, bidirectional: bool, batch_first: bool = False, *, batch_sizes: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The tanh of a linear map of input and last state; each layer in one direction is one node.

    Args:
        input: (T, N, F): N sequences of T steps; (N, T, F) if ``batch_first``; or, with
            ``batch_sizes``, the rows of packed sequences.
        hx: (layers * directions, N, n), the first states.
        params: for each layer, for each direction: the weights (n, F) from the input and (n, n)
            from the state; their biases, (n) each.
        has_biases: whether biases are among ``params``.
        num_layers: number of layers; each sees the output of the one before.
        dropout: probability of dropping what one layer hands to the next while training.
        train: whether to drop.
        bidirectional: whether each layer walks in both directions; the outputs stand side by side.
        batch_first: see ``input``.
        batch_sizes: how many rows each step has, integers that do not increase.

    Returns:
        The states of the last layer at all steps, and the last states of all layers.

    Raises:
        ShapeError: shapes that do not fit.
        TypeError: different dtypes.
        ValueError: another number of parameters.

    Source: PyTorch, ``torch.rnn_tanh``; Elman, "Finding structure in time" (1990).
    """
    return _network(  # type: ignore[no-any-return]
        "rnn_tanh", input, hx, params, has_biases, num_layers, dropout, train, bidirectional,
        batch_first, batch_sizes,
    )  # fmt: skip


@operator("rnn_relu", samples=network_samples(1), convention=_AT_ZERO, method=False)
def rnn_relu(
    input: Any, hx: Any, params: Sequence[Any], has_biases: bool, num_layers: int, dropout: float,
    train: bool, bidirectional: bool, batch_first: bool = False, *, batch_sizes: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The positive part of a linear map of input and last state; arguments as of :func:`rnn_tanh`.

    Source: PyTorch, ``torch.rnn_relu``; Le et al., "A simple way to initialize recurrent networks
    of rectified linear units" (2015).
    """
    check_real("rnn_relu", input)
    return _network(  # type: ignore[no-any-return]
        "rnn_relu", input, hx, params, has_biases, num_layers, dropout, train, bidirectional,
        batch_first, batch_sizes,
    )  # fmt: skip


@operator("rnn_tanh_cell", samples=step_samples(1), convention=SMOOTH, method=False)
def rnn_tanh_cell(
    input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None
) -> Any:
    """One step of :func:`rnn_tanh`, one node in the graph.

    Args:
        input: (N, F).
        hx: (N, n), the state.
        w_ih, w_hh: (n, F) and (n, n).
        b_ih, b_hh: (n), or None.

    Returns:
        The next state, (N, n).

    Raises:
        ShapeError: shapes that do not fit.
        TypeError: different dtypes.

    Source: PyTorch, ``torch.rnn_tanh_cell``.
    """
    weights = (w_ih, w_hh, b_ih, b_hh)
    return step("rnn_tanh_cell", _LAYERS["rnn_tanh"], 1, input, (hx,), weights)[0]


@operator(
    "rnn_relu_cell",
    samples=step_samples(1),
    convention=_AT_ZERO,
    kinks=[At((_ZERO, _ZERO, _ZERO + 1, _ZERO + 1), (_ZERO,) * 4)],
    method=False,
)
def rnn_relu_cell(
    input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None
) -> Any:
    """One step of :func:`rnn_relu`; arguments as of :func:`rnn_tanh_cell`.

    Source: PyTorch, ``torch.rnn_relu_cell``.
    """
    weights = (w_ih, w_hh, b_ih, b_hh)
    check_real("rnn_relu_cell", input)
    return step("rnn_relu_cell", _LAYERS["rnn_relu"], 1, input, (hx,), weights)[0]
