"""Operators that make up layers in ONNX's operators: products, windows, normalization, attention
and recurrence."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from autograd_core.onnx.elementwise import Translation
from autograd_core.onnx.shapes import reduce
from autograd_core.onnx.step import Step


def _linear(step: Step) -> str:
    biased = step.has(2)
    if step.rank() == 2:
        names = [step.input(i) for i in range(3 if biased else 2)]
        return step.node("Gemm", *names, transB=1)
    turned = step.node("Transpose", step.input(1), perm=[1, 0])
    product = step.node("MatMul", step.input(0), turned)
    return step.node("Add", product, step.input(2)) if biased else product


def _convolution(step: Step) -> str:
    kernel, strides, padding, dilations = step.param(
        "window", "kernel", "stride", "padding", "dilation"
    )
    names = [step.input(i) for i in range(len(step.call.operands)) if step.has(i)]
    return step.node(
        "Conv", *names, kernel_shape=kernel, strides=strides, pads=[*padding, *padding],
        dilations=dilations, group=step.param("groups"),
    )  # fmt: skip


def _max_pool(step: Step) -> str:
    parts = ("kernel", "stride", "padding", "dilation")
    kernel, strides, padding, dilations = step.param("window", *parts)
    floors = [
        out == (n + 2 * p - d * (k - 1) - 1) // s + 1
        for window in (step.call.params["window"], step.other.params["window"])
        for out, n, k, s, p, d in zip(
            window.output, window.input, kernel, strides, padding, dilations
        )
    ]  # fmt: skip
    return step.node(
        "MaxPool", step.input(0), kernel_shape=kernel, strides=strides, pads=[*padding, *padding],
        dilations=dilations, ceil_mode=int(not all(floors)),
    )  # fmt: skip


def _weighted_sums(step: Step) -> str:
    """Average pooling and interpolation: along each dimension a product with a matrix."""
    value, last = step.input(0), step.rank() - 1
    for dim, taps in step.param("taps"):
        matrix = np.zeros((len(taps.places), taps.size))
        np.add.at(matrix, (np.arange(len(taps.places))[:, None], taps.places), taps.weights)
        matrix = matrix.astype(step.dtype)
        if dim == last - 1:
            value = step.node("MatMul", step.graph.constant(matrix), value)
            continue
        turn = [i for i in range(last + 1) if i != dim] + [dim]
        factor = step.graph.constant(matrix.T)
        if dim == last:
            value = step.node("MatMul", value, factor)
            continue
        product = step.node("MatMul", step.node("Transpose", value, perm=turn), factor)
        value = step.node("Transpose", product, perm=[turn.index(i) for i in range(last + 1)])
    return value


def _standardize(step: Step) -> str:
    dims, eps, x = step.param("dims"), step.param("eps"), step.input(0)
    trailing = tuple(dims) == tuple(range(step.rank() - len(dims), step.rank()))
    if trailing and step.has(2) and step.rank(1) == len(dims):
        names = [x, step.input(1), step.input(2)]
        return step.node("LayerNormalization", *names, axis=dims[0], epsilon=eps)
    apart = step.node("Sub", x, reduce(step, "ReduceMean", x, dims))
    var = reduce(step, "ReduceMean", step.node("Mul", apart, apart), dims)
    value = step.node("Div", apart, step.node("Sqrt", step.node("Add", var, step.number(eps))))
    if step.has(1):
        value = step.node("Mul", value, step.input(1))
    return step.node("Add", value, step.input(2)) if step.has(2) else value


def _rms_norm(step: Step) -> str:
    x = step.input(0)
    square = reduce(step, "ReduceMean", step.node("Mul", x, x), step.param("dims"))
    shifted = step.node("Add", square, step.number(step.param("eps")))
    return step.node("Div", x, step.node("Sqrt", shifted))


def _attention(step: Step) -> str:
    setting = step.param("setting")
    if setting.dropout:
        raise step.error("dropout is random; call it with dropout_p=0 in eval mode")
    rank = step.rank(1)
    turned = step.node("Transpose", step.input(1), perm=[*range(rank - 2), rank - 1, rank - 2])
    scaled = step.node("Mul", step.input(0), step.number(setting.scale))
    scores = step.node("MatMul", scaled, turned)
    if step.has(3):
        mask = step.input(3)
        if step.call.operands[3].array.dtype == bool:
            mask = step.node("Where", mask, step.number(0), step.number(-inf))
        scores = step.node("Add", scores, mask)
    if setting.causal:
        one = step.node(
            "Expand", step.number(-inf), step.vector([step.shape(0)[-2], step.shape(1)[-2]])
        )
        later = step.node("Trilu", one, step.graph.constant(np.asarray(1, np.int64)), upper=1)
        scores = step.node("Add", scores, later)
    return step.node("MatMul", step.node("Softmax", scores, axis=-1), step.input(2))


# How the gates stand in ONNX's weights, of how they stand in PyTorch's.
GATES = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}


def _recurrent(kind: str, **attributes: Any) -> Translation:
    order, states = GATES[kind], 2 if kind == "LSTM" else 1
    weight = 1 + states  # the first of two weights, two biases and what only ours has

    def translate(step: Step) -> list[str]:
        steps, others = step.call.params["steps"], step.other.params["steps"]
        if len({*steps.sizes}) > 1 or len({*others.sizes}) > 1:
            raise step.error("packed sequences of different lengths cannot be exported")
        if step.has(weight + 4) or step.has(weight + 5):
            raise step.error("projections and peepholes cannot be exported")
        size = step.shape(1)[-1][0]
        length = (len(steps.sizes), len(others.sizes))
        batch = (steps.sizes[0], others.sizes[0])
        rows = np.concatenate([np.arange(size) + size * gate for gate in order])
        rank_one = step.integers([0])

        def gates(index: int) -> str:
            moved = step.node("Gather", step.input(index), step.graph.constant(rows), axis=0)
            return step.node("Unsqueeze", moved, rank_one)

        x = step.reshape(step.input(0), [length, batch, step.shape(0)[-1]])
        biases = ""
        if step.has(weight + 2):
            biases = step.node("Concat", gates(weight + 2), gates(weight + 3), axis=1)
        first = [step.node("Unsqueeze", step.input(1 + i), rank_one) for i in range(states)]
        direction = "reverse" if step.param("steps", "reverse")[0] else "forward"
        out, *last = step.nodes(
            kind, [x, gates(weight), gates(weight + 1), biases, "", *first], 1 + states,
            hidden_size=size, direction=direction, **attributes,
        )  # fmt: skip
        out = step.node("Reshape", out, step.integers([-1, size]))
        return [out, *(step.node("Squeeze", state, rank_one) for state in last)]

    return translate


LAYERS: dict[str, Translation] = {
    "linear": _linear,
    "convolution": _convolution,
    "convolution_bias": _convolution,
    "max_pool": _max_pool,
    "weighted_sums": _weighted_sums,
    "standardize": _standardize,
    "standardize_affine": _standardize,
    "rms_norm": _rms_norm,
    "scaled_dot_product_attention": _attention,
    "lstm": _recurrent("LSTM"),
    "gru": _recurrent("GRU", linear_before_reset=1),
    "rnn_tanh": _recurrent("RNN", activations=["Tanh"]),
    "rnn_relu": _recurrent("RNN", activations=["Relu"]),
}
