"""Long short-term memory over a whole sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.dims import shape_of
from autograd_core.ops.recurrent_core import (
    Steps,
    array_gradients,
    before,
    carried,
    for_steps,
    from_input,
    joined,
    recorded_gradients,
    sigmoid_of_negative_,
)
from autograd_core.ops.recurrent_layers import (
    network_samples,
    run,
    split_weights,
    step,
    step_samples,
)
from autograd_core.ops.rows import add_up
from autograd_core.ops.special import sigmoid
from autograd_core.ops.trig import tanh
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _definition(
    input: Any, hidden: Any, cell: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any, bias_hh: Any,
    weight_hr: Any, weight_ch: Any, steps: Steps,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """What the operator computes, in other operators."""
    given, outs = input @ weight_ih.T, []
    for bias in (bias_ih, bias_hh):
        if bias is not None:
            given = given + bias
    for rows, size in steps.walk():
        last = cell[:size]
        i, f, g, o = (given[rows] + hidden[:size] @ weight_hh.T).chunk(4, 1)
        if weight_ch is not None:
            i, f = i + last * weight_ch[0], f + last * weight_ch[1]
        new = sigmoid(f) * last + sigmoid(i) * tanh(g)
        if weight_ch is not None:
            o = o + new * weight_ch[2]
        out = sigmoid(o) * tanh(new)
        if weight_hr is not None:
            out = out @ weight_hr.T
        outs.append(out)
        hidden, cell = carried(out, hidden, size), carried(new, cell, size)
    return joined(outs, steps), hidden, cell


def _forward(
    xp: Any, input: Any, hidden: Any, cell: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any,
    bias_hh: Any, weight_hr: Any, weight_ch: Any, steps: Steps,
) -> tuple[Any, ...]:  # fmt: skip
    n, total = cell.shape[1], len(input)
    # The gates' inputs with their signs turned, as the sigmoid needs them; then the gates.
    gates = from_input(input, weight_ih, bias_ih, bias_hh)
    xp.negative(gates, out=gates)
    cells, out = xp.empty((total, n), gates.dtype), xp.empty((total, hidden.shape[1]), gates.dtype)
    hidden, cell, recurrent = hidden.copy(), cell.copy(), for_steps(xp, weight_hh, steps)
    work, bent = xp.empty((len(hidden), 4 * n), gates.dtype), xp.empty_like(cell)
    for rows, size in steps.walk():
        z, new, last, y = gates[rows], cells[rows], cell[:size], bent[:size]
        z -= hidden[:size].dot(recurrent, out=work[:size])
        i, f, g, o = z[:, :n], z[:, n : 2 * n], z[:, 2 * n : 3 * n], z[:, 3 * n :]
        if weight_ch is not None:
            i -= last * weight_ch[0]
            f -= last * weight_ch[1]
            late = o.copy()
        xp.tanh(g, out=y)
        sigmoid_of_negative_(xp, z)  # (of all columns: quicker than of three quarters of each row)
        xp.negative(y, out=g)
        xp.multiply(f, last, out=new)
        new += xp.multiply(i, g, out=y)
        if weight_ch is not None:
            late -= new * weight_ch[2]
            sigmoid_of_negative_(xp, late)
            o[...] = late
        xp.tanh(new, out=y)
        y *= o
        out[rows] = hidden[:size] = y if weight_hr is None else y.dot(weight_hr.T)
        cell[:size] = new
    return out, hidden, cell, cells, gates


def _gradients(
    g: Any, needs: Any, input: Any, hidden: Any, cell: Any, weight_ih: Any, weight_hh: Any,
    weight_hr: Any, weight_ch: Any, out: Any, cells: Any, gates: Any, steps: Steps,
) -> list[Any]:  # fmt: skip
    xp = backend_of(gates).xp
    n, total = cells.shape[1], len(cells)
    i, f, u, o = [gates[:, k * n : (k + 1) * n] for k in range(4)]
    last, bent = before(xp, cells, cell, steps), xp.tanh(cells)
    # The gradients of the gates' inputs: at first by what that of the cell (for i, f, u) or of the
    # value (for o) is to be multiplied. That needs no walk.
    inner = 1 - gates
    inner *= gates
    inner[:, :n] *= u
    inner[:, n : 2 * n] *= last
    inner[:, 2 * n : 3 * n] = (1 - u * u) * i
    inner[:, 3 * n :] *= bent
    to_cell = bent * bent
    xp.subtract(1, to_cell, out=to_cell)
    to_cell *= o
    by_gate = inner.reshape(total, 4, n)
    pulled = None if weight_hr is None else xp.empty_like(out)
    grad_hidden, grad_cell = g[1].copy(), g[2].copy()
    for rows, size in reversed(steps.walk()):
        dh, dc, z = grad_hidden[:size], grad_cell[:size], by_gate[rows]
        dh += g[0][rows]
        dy = dh
        if pulled is not None:
            pulled[rows] = dh
            dy = dh.dot(weight_hr)
        z[:, 3] *= dy
        dc += dy * to_cell[rows]
        if weight_ch is not None:
            dc += z[:, 3] * weight_ch[2]
        z[:, :3] *= dc[:, None]
        dc *= f[rows]
        if weight_ch is not None:
            dc += z[:, 0] * weight_ch[0]
            dc += z[:, 1] * weight_ch[1]
        inner[rows].dot(weight_hh, out=dh)
    bias = add_up(xp, inner, (0,), False)
    peephole = None
    if needs[8]:
        seen = ((0, last), (1, last), (3, cells))
        peephole = xp.stack([(by_gate[:, k] * c).sum(0) for k, c in seen])
    return [
        inner.dot(weight_ih) if needs[0] else None,
        grad_hidden,
        grad_cell,
        inner.T.dot(input) if needs[3] else None,
        inner.T.dot(before(xp, out, hidden, steps)) if needs[4] else None,
        bias,
        bias.copy(),
        pulled.T.dot(o * bent) if needs[7] else None,  # type: ignore[union-attr]
        peephole,
    ]


def _rule(
    g: Any, needs: Any, input: Any, hidden: Any, cell: Any, weight_ih: Any, weight_hh: Any,
    bias_ih: Any, bias_hh: Any, weight_hr: Any, weight_ch: Any, out: Any, cells: Any, gates: Any,
    steps: Steps,
) -> list[Any]:  # fmt: skip
    if isinstance(input, TensorBase):
        inputs = (
            input, hidden, cell, weight_ih, weight_hh, bias_ih, bias_hh, weight_hr, weight_ch
        )  # fmt: skip
        return recorded_gradients(g, needs, _definition, inputs, steps)
    return array_gradients(
        _gradients, g, needs, input, hidden, cell, weight_ih, weight_hh, weight_hr, weight_ch, out,
        cells, gates, steps,
    )  # fmt: skip


# From rows of inputs (total, F), the states (N, H) and (N, n), the weights (4n, F) and (4n, H) of
# the gates i, f, g, o, their biases (4n), the projection (H, n) and the peepholes (3, n); the last
# four may be None. To the rows of outputs (total, H) and the last states.
lstm_layer = Op(
    "lstm",
    _forward,
    joint=_rule,
    inputs=9,
    outputs=("out", "hidden_n", "cell_n", "cells", "gates"),
    differentiable=("out", "hidden_n", "cell_n"),
)


def _pair(name: str, hx: Any) -> tuple[Any, Any]:
    if not isinstance(hx, (tuple, list)) or len(hx) != 2:
        raise TypeError(f"{name}: hx must be a pair, of states and of cells, got {describe(hx)}")
    return hx[0], hx[1]


def _samples(make: Make) -> Iterable[Sample]:
    yield from network_samples(4, True)(make)
    weights = [make(8, 1), make(8, 1), make(8), make(8), make(1, 2)]
    states = (make(1, 1, 1), make(1, 1, 2))
    yield Sample(make(2, 1, 1), states, weights, True, 1, 0.0, False, False)
    weights, states = [make(8, 1), make(8, 2), make(3, 2)], (make(1, 1, 2), make(1, 1, 2))
    yield Sample(make(3, 1, 1), states, weights, False, 1, 0.0, False, False, peepholes=True)


@operator("lstm", samples=_samples, convention=SMOOTH, method=False)
def lstm(
    input: Any, hx: Any, params: Sequence[Any], has_biases: bool, num_layers: int, dropout: float,
    train: bool, bidirectional: bool, batch_first: bool = False, *, batch_sizes: Any = None,
    peepholes: bool = False,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Long short-term memory; each layer in one direction is one node in the graph.

    Args:
        input: (T, N, F): N sequences of T steps; (N, T, F) if ``batch_first``; or, with
            ``batch_sizes``, the rows of packed sequences.
        hx: pair of (layers * directions, N, H) and (layers * directions, N, n), the first states
            and cells. H is n unless there are projections.
        params: for each layer, for each direction: the weights (4n, F) from the input and (4n, H)
            from the state, of the gates i, f, g and o; their biases, (4n) each; the projection
            (H, n), if H is not n; the peepholes (3, n), if there are any.
        has_biases: whether biases are among ``params``.
        num_layers: number of layers; each sees the output of the one before.
        dropout: probability of dropping what one layer hands to the next while training.
        train: whether to drop.
        bidirectional: whether each layer walks in both directions; the outputs stand side by side.
        batch_first: see ``input``.
        batch_sizes: how many rows each step has, integers that do not increase.
        peepholes: each layer has weights by which the gates i and f see the cell before, and o the
            new one.

    Returns:
        The states of the last layer at all steps, and the last states and cells of all layers.

    Raises:
        ShapeError: shapes that do not fit.
        TypeError: different dtypes, or ``hx`` is no pair.
        ValueError: another number of parameters.

    Source: PyTorch, ``torch.lstm``; Hochreiter and Schmidhuber, "Long short-term memory" (1997);
    for peepholes Gers and Schmidhuber, "Recurrent nets that time and count" (2000).
    """
    states = _pair("lstm", hx)
    projects = shape_of(states[0])[-1] != shape_of(states[1])[-1]
    layers = num_layers * (1 + bidirectional)
    weights = split_weights("lstm", params, layers, has_biases, (projects, peepholes))
    return run(  # type: ignore[return-value]
        "lstm", lstm_layer, 4, input, states, weights, dropout if train else 0.0, bidirectional,
        batch_first, batch_sizes,
    )  # fmt: skip


@operator("lstm_cell", samples=step_samples(4, True), convention=SMOOTH, method=False)
def lstm_cell(
    input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None
) -> tuple[Any, Any]:
    """One step of :func:`lstm`, one node in the graph.

    Args:
        input: (N, F).
        hx: pair of (N, n), state and cell.
        w_ih, w_hh: (4n, F) and (4n, n), the weights of the gates i, f, g and o.
        b_ih, b_hh: (4n), or None.

    Returns:
        The next state and the next cell, (N, n) each.

    Raises:
        ShapeError: shapes that do not fit.
        TypeError: different dtypes, or ``hx`` is no pair.

    Source: PyTorch, ``torch.lstm_cell``; Hochreiter and Schmidhuber, "Long short-term memory"
    (1997).
    """
    weights = (w_ih, w_hh, b_ih, b_hh, None, None)
    return step("lstm_cell", lstm_layer, 4, input, _pair("lstm_cell", hx), weights)  # type: ignore[return-value]
