"""Gated recurrent units over a whole sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.op import Op
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
from autograd_core.registry import SMOOTH, operator


def _definition(
    input: Any, hidden: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any, bias_hh: Any,
    steps: Steps,
) -> tuple[Any, Any]:  # fmt: skip
    """What the operator computes, in other operators."""
    given, outs = input @ weight_ih.T, []
    if bias_ih is not None:
        given = given + bias_ih
    for rows, size in steps.walk():
        last = hidden[:size]
        own = last @ weight_hh.T
        if bias_hh is not None:
            own = own + bias_hh
        (r, z, n), (own_r, own_z, own_n) = given[rows].chunk(3, 1), own.chunk(3, 1)
        new = tanh(n + sigmoid(r + own_r) * own_n)
        new = new + sigmoid(z + own_z) * (last - new)
        outs.append(new)
        hidden = carried(new, hidden, size)
    return joined(outs, steps), hidden


def _forward(
    xp: Any, input: Any, hidden: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any, bias_hh: Any,
    steps: Steps,
) -> tuple[Any, ...]:  # fmt: skip
    n, total = hidden.shape[1], len(input)
    given = from_input(input, weight_ih, bias_ih)
    # The gates r and z, the new value, and what came to it from the state.
    gates, out = xp.empty((total, 4 * n), given.dtype), xp.empty((total, n), given.dtype)
    hidden, recurrent = hidden.copy(), for_steps(xp, weight_hh, steps)
    work = xp.empty((len(hidden), 3 * n), given.dtype)
    for rows, size in steps.walk():
        last, own = hidden[:size], work[:size]
        last.dot(recurrent, out=own)
        if bias_hh is not None:
            own += bias_hh
        part = gates[rows]
        rz, new, own_new = part[:, : 2 * n], part[:, 2 * n : 3 * n], part[:, 3 * n :]
        own_new[...] = own[:, 2 * n :]
        own += given[rows]
        xp.negative(own[:, : 2 * n], out=rz)
        sigmoid_of_negative_(xp, rz)
        xp.multiply(rz[:, :n], own_new, out=new)
        new += given[rows][:, 2 * n :]
        xp.tanh(new, out=new)
        last -= new
        last *= rz[:, n:]
        last += new
        out[rows] = last
    return out, hidden, gates


def _gradients(
    g: Any, needs: Any, input: Any, hidden: Any, weight_ih: Any, weight_hh: Any, out: Any,
    gates: Any, steps: Steps,
) -> list[Any]:  # fmt: skip
    xp = backend_of(gates).xp
    n, total = hidden.shape[1], len(out)
    r, z, new, own_new = [gates[:, k * n : (k + 1) * n] for k in range(4)]
    last = before(xp, out, hidden, steps)
    # The gradients of what the gates and the new value get from the state: at first by what that
    # of the value is to be multiplied, which needs no walk. Likewise of what the new value gets
    # from the input, where it differs.
    slope = (1 - z) * (1 - new * new)
    inner = xp.empty((total, 3 * n), gates.dtype)
    inner[:, :n] = slope * own_new * (r * (1 - r))
    inner[:, n : 2 * n] = (last - new) * (z * (1 - z))
    inner[:, 2 * n :] = slope * r
    by_gate = inner.reshape(total, 3, n)
    grad_hidden = g[1].copy()
    for rows, size in reversed(steps.walk()):
        dh = grad_hidden[:size]
        dh += g[0][rows]
        by_gate[rows] *= dh[:, None]
        slope[rows] *= dh
        dh *= z[rows]
        dh += inner[rows].dot(weight_hh)
    bias_hh = add_up(xp, inner, (0,), False) if needs[5] else None
    grad_hh = inner.T.dot(last) if needs[3] else None
    inner[:, 2 * n :] = slope
    return [
        inner.dot(weight_ih) if needs[0] else None,
        grad_hidden,
        inner.T.dot(input) if needs[2] else None,
        grad_hh,
        add_up(xp, inner, (0,), False) if needs[4] else None,
        bias_hh,
    ]


def _rule(
    g: Any, needs: Any, input: Any, hidden: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any,
    bias_hh: Any, out: Any, gates: Any, steps: Steps,
) -> list[Any]:  # fmt: skip
    if isinstance(input, TensorBase):
        inputs = (input, hidden, weight_ih, weight_hh, bias_ih, bias_hh)
        return recorded_gradients(g, needs, _definition, inputs, steps)
    return array_gradients(
        _gradients, g, needs, input, hidden, weight_ih, weight_hh, out, gates, steps
    )


# From rows of inputs (total, F), the states (N, n), the weights (3n, F) and (3n, n) of r, z and the
# new value, and their biases (3n) or None. To the rows of outputs (total, n) and the last states.
gru_layer = Op(
    "gru",
    _forward,
    joint=_rule,
    inputs=6,
    outputs=("out", "hidden_n", "gates"),
    differentiable=("out", "hidden_n"),
)


@operator("gru", samples=network_samples(3), convention=SMOOTH, method=False)
def gru(
    input: Any, hx: Any, params: Sequence[Any], has_biases: bool, num_layers: int, dropout: float,
    train: bool, bidirectional: bool, batch_first: bool = False, *, batch_sizes: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """Gated recurrent units; each layer in one direction is one node in the graph.

    Args:
        input: (T, N, F): N sequences of T steps; (N, T, F) if ``batch_first``; or, with
            ``batch_sizes``, the rows of packed sequences.
        hx: (layers * directions, N, n), the first states.
        params: for each layer, for each direction: the weights (3n, F) from the input and (3n, n)
            from the state, of the gates r and z and the new value; their biases, (3n) each.
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

    Source: PyTorch, ``torch.gru``; Cho et al., "Learning phrase representations using RNN
    encoder-decoder" (2014).
    """
    weights = split_weights("gru", params, num_layers * (1 + bidirectional), has_biases)
    return run(  # type: ignore[return-value]
        "gru", gru_layer, 3, input, (hx,), weights, dropout if train else 0.0, bidirectional,
        batch_first, batch_sizes,
    )  # fmt: skip


@operator("gru_cell", samples=step_samples(3), convention=SMOOTH, method=False)
def gru_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of :func:`gru`, one node in the graph.

    Args:
        input: (N, F).
        hx: (N, n), the state.
        w_ih, w_hh: (3n, F) and (3n, n), the weights of the gates r and z and the new value.
        b_ih, b_hh: (3n), or None.

    Returns:
        The next state, (N, n).

    Raises:
        ShapeError: shapes that do not fit.
        TypeError: different dtypes.

    Source: PyTorch, ``torch.gru_cell``; Cho et al., "Learning phrase representations using RNN
    encoder-decoder" (2014).
    """
    return step("gru_cell", gru_layer, 3, input, (hx,), (w_ih, w_hh, b_ih, b_hh))[0]
