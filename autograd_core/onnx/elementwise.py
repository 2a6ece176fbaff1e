"""Elementwise operators and activations in ONNX's operators."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_core.onnx.step import Step
from autograd_core.ops.gelu import tanh_gelu

Translation = Callable[[Step], Any]


def direct(kind: str, inputs: int = 1, **attributes: Any) -> Translation:
    """An operator that ONNX has too."""
    return lambda step: step.node(kind, *[step.input(i) for i in range(inputs)], **attributes)


def with_param(kind: str, attribute: str, param: str) -> Translation:
    """One whose single argument has another name there."""
    return lambda step: step.node(kind, step.input(0), **{attribute: step.param(param)})


def _gelu(step: Step) -> str:
    x = step.input(0)
    if step.call.op is tanh_gelu:
        cube = step.node("Mul", step.node("Mul", x, x), x)
        inner = step.node("Add", x, step.node("Mul", cube, step.number(0.044715)))
        bend = step.node("Tanh", step.node("Mul", inner, step.number(math.sqrt(2 / math.pi))))
    else:
        bend = step.node("Erf", step.node("Mul", x, step.number(math.sqrt(0.5))))
    share = step.node("Mul", step.node("Add", bend, step.number(1)), step.number(0.5))
    return step.node("Mul", x, share)


def _clamp(step: Step) -> str:
    if "low" in step.call.params:
        limits = [step.param("low"), step.param("high")]
        names = ["" if limit is None else step.number(limit) for limit in limits]
    else:
        names = [step.input(i) if step.has(i) else "" for i in (1, 2)]
    return step.node("Clip", step.input(0), *names)


def _silu(step: Step) -> str:
    return step.node("Mul", step.input(0), step.node("Sigmoid", step.input(0)))


def _mish(step: Step) -> str:
    return step.node("Mul", step.input(0), step.node("Tanh", step.node("Softplus", step.input(0))))


def _softplus(step: Step) -> str:
    beta = step.number(step.param("beta"))
    bent = step.node("Softplus", step.node("Mul", step.input(0), beta))
    return step.node("Div", bent, beta)


def _logsigmoid(step: Step) -> str:
    return step.node("Neg", step.node("Softplus", step.node("Neg", step.input(0))))


def _elu(step: Step) -> str:
    """``scale * alpha * (exp(rate * x) - 1)`` below 0 and ``scale * x`` above."""
    alpha, scale, rate = (step.param(name) for name in ("alpha", "scale", "rate"))
    x = step.input(0)
    above = step.node("Mul", step.node("Relu", x), step.number(scale))
    below = step.node("Min", step.node("Mul", x, step.number(rate)), step.number(0))
    bent = step.node("Mul", step.node("Elu", below, alpha=1.0), step.number(scale * alpha))
    return step.node("Add", above, bent)


def _glu(step: Step) -> str:
    dim = step.param("dim")
    size = step.shape(0)[dim][0] // 2
    left, right = step.nodes("Split", [step.input(0), step.integers([size, size])], 2, axis=dim)
    return step.node("Mul", left, step.node("Sigmoid", right))


def _rsqrt(step: Step) -> str:
    return step.node("Reciprocal", step.node("Sqrt", step.input(0)))


def _square(step: Step) -> str:
    return step.node("Mul", step.input(0), step.input(0))


def _cast(step: Step) -> str:
    dtype = step.param("dtype")
    to = step.graph.helper.np_dtype_to_tensor_dtype(dtype)
    return step.node("Cast", step.input(0), to=to)


ELEMENTWISE: dict[str, Translation] = {
    **{
        name: direct(name.capitalize())
        for name in (
            "abs", "ceil", "cos", "erf", "exp", "floor", "log", "neg", "reciprocal", "relu",
            "sigmoid", "sign", "sin", "sqrt", "tan", "tanh",
        )
    },
    **{name: direct(name.capitalize(), 2) for name in ("add", "sub", "mul", "div", "pow")},
    "matmul": direct("MatMul", 2),
    "maximum": direct("Max", 2),
    "minimum": direct("Min", 2),
    "where": direct("Where", 3),
    "clone": direct("Identity"),
    "to": _cast,
    "nn.functional.softsign": direct("Softsign"),
    "hardswish": direct("HardSwish"),
    "hardsigmoid": direct("HardSigmoid", alpha=1 / 6, beta=0.5),
    "leaky_relu": with_param("LeakyRelu", "alpha", "slope"),
    "softmax": with_param("Softmax", "axis", "dim"),
    "log_softmax": with_param("LogSoftmax", "axis", "dim"),
    "clamp": _clamp,
    "clamp_min": _clamp,
    "clamp_max": _clamp,
    "relu6": _clamp,
    "hardtanh": _clamp,
    "elu": _elu,
    "celu": _elu,
    "selu": _elu,
    "gelu": _gelu,
    "glu": _glu,
    "logsigmoid": _logsigmoid,
    "mish": _mish,
    "prelu": direct("PRelu", 2),
    "rsqrt": _rsqrt,
    "silu": _silu,
    "softplus": _softplus,
    "square": _square,
}  # fmt: skip
