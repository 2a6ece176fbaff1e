"""Operators that make up layers in ONNX's operators: products, windows, normalization, attention
and recurrence."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from autograd_core.onnx.elementwise import Translation
from autograd_core.onnx.shapes import reduce
from autograd_core.onnx.step import Step
from autograd_core.onnx.windows import adaptive_places, convolution, max_pool, transposed


def _linear(step: Step) -> str:
    biased = step.has(2)
    if step.rank() == 2:
        names = [step.input(i) for i in range(3 if biased else 2)]
        return step.node("Gemm", *names, transB=1)
    turned = step.node("Transpose", step.input(1), perm=[1, 0])
    product = step.node("MatMul", step.input(0), turned)
    return step.node("Add", product, step.input(2)) if biased else product


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


def _rope(step: Step) -> str:
    x, cos, sin = (step.input(i) for i in range(3))
    last, size = step.rank() - 1, step.shape(0)[-1][0]
    dims = 2 * step.shape(1)[-1][0]
    axis, half = step.integers([last]), dims // 2

    def part(start: int, end: int, by: int = 1) -> str:
        bounds = [step.integers([start]), step.integers([end])]
        return step.node("Slice", x, *bounds, axis, step.integers([by]))

    neighbours = step.param("neighbours")
    a, b = (part(0, dims, 2), part(1, dims, 2)) if neighbours else (part(0, half), part(half, dims))
    first = step.node("Sub", step.node("Mul", a, cos), step.node("Mul", b, sin))
    second = step.node("Add", step.node("Mul", a, sin), step.node("Mul", b, cos))
    if neighbours:
        beside = step.integers([last + 1])
        pairs = [step.node("Unsqueeze", value, beside) for value in (first, second)]
        together = step.node("Concat", *pairs, axis=last + 1)
        turned = step.reshape(together, [*step.shape(0)[:-1], (dims, dims)])
        parts = [turned]
    else:
        parts = [first, second]
    if dims < size:
        parts.append(part(dims, size))
    return step.node("Concat", *parts, axis=last)


# How the gates stand in ONNX's weights, of how they stand in PyTorch's.
GATES = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}


def _recurrent(kind: str, **attributes: Any) -> Translation:
    order, states = GATES[kind], 2 if kind == "LSTM" else 1
    weight = 1 + states  # the first of two weights, two biases and what only ours has

    def translate(step: Step) -> list[str]:
        steps, others = step.call.params["steps"], step.other.params["steps"]
        packed = len({*steps.sizes, *others.sizes}) > 1 and steps.sizes == others.sizes
        if not packed and (len({*steps.sizes}) > 1 or len({*others.sizes}) > 1):
            raise step.error("packed sequences whose lengths depend on the inputs")
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

        lengths = ""
        if packed:
            places = np.zeros(
                (length[0], batch[0]), np.int64
            )  # of each row; any where there is none
            real = np.arange(batch[0]) < np.asarray(steps.sizes)[:, None]
            places[real] = np.arange(real.sum())
            lengths = step.graph.constant(real.sum(0).astype(np.int32))
            x = step.node("Gather", step.input(0), step.graph.constant(places), axis=0)
        else:
            x = step.reshape(step.input(0), [length, batch, step.shape(0)[-1]])
        biases = ""
        if step.has(weight + 2):
            biases = step.node("Concat", gates(weight + 2), gates(weight + 3), axis=1)
        first = [step.node("Unsqueeze", step.input(1 + i), rank_one) for i in range(states)]
        direction = "reverse" if step.param("steps", "reverse")[0] else "forward"
        out, *last = step.nodes(
            kind, [x, gates(weight), gates(weight + 1), biases, lengths, *first], 1 + states,
            hidden_size=size, direction=direction, **attributes,
        )  # fmt: skip
        out = step.node("Reshape", out, step.integers([-1, size]))
        if packed:
            out = step.node("Gather", out, step.integers(np.flatnonzero(real)), axis=0)
        return [out, *(step.node("Squeeze", state, rank_one) for state in last)]

    return translate


LAYERS: dict[str, Translation] = {
    "matmul": lambda step: step.node("MatMul", step.input(0), step.input(1)),
    "linear": _linear,
    "rope": _rope,
    "convolution": convolution,
    "convolution_bias": convolution,
    "convolution_transposed": transposed,
    "max_pool": max_pool,
    "adaptive_max_pool_indices": adaptive_places,
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
