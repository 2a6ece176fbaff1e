"""Activations in ONNX's operators."""

from __future__ import annotations

import math

from autograd_core.onnx.elementwise import Translation, direct, with_param
from autograd_core.onnx.step import Step
from autograd_core.ops.gelu import tanh_gelu


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
        return step.node("Clip", step.input(0), *names)
    value = step.input(0)
    for kind, index in (("Max", 1), ("Min", 2)):  # limits may be tensors of any shape
        if step.has(index):
            value = step.node(kind, value, step.input(index, step.call.dtypes[0]))
    return value


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


def _prelu(step: Step) -> str:
    x = step.input(0)
    slope = step.node("Mul", step.node("Min", x, step.number(0)), step.input(1))
    return step.node("Add", step.node("Relu", x), slope)


def _shrink(soft: bool) -> Translation:
    def translate(step: Step) -> str:
        limit = float(step.param("lambd"))
        return step.node("Shrink", step.input(0), lambd=limit, bias=limit if soft else 0.0)

    return translate


def _threshold(step: Step) -> str:
    x, limit, value = step.input(0), step.param("threshold"), step.param("value")
    above = step.node("Greater", x, step.number(limit))
    return step.node("Where", above, x, step.number(value))


def _crelu(step: Step) -> str:
    halves = [step.node("Relu", x) for x in (step.input(0), step.node("Neg", step.input(0)))]
    return step.node("Concat", *halves, axis=step.param("dim"))


def _relu2(step: Step) -> str:
    bent = step.node("Relu", step.input(0))
    return step.node("Mul", bent, bent)


def _squareplus(step: Step) -> str:
    x = step.input(0)
    root = step.node("Sqrt", step.node("Add", step.node("Mul", x, x), step.number(step.param("b"))))
    return step.node("Mul", step.node("Add", x, root), step.number(0.5))


ACTIVATIONS: dict[str, Translation] = {
    "relu": direct("Relu"),
    "sigmoid": direct("Sigmoid"),
    "nn.functional.softsign": direct("Softsign"),
    "nn.functional.tanhshrink": lambda step: step.node(
        "Sub", step.input(0), step.node("Tanh", step.input(0))
    ),
    "nn.functional.relu2": _relu2,
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
    "crelu": _crelu,
    "gelu": _gelu,
    "glu": _glu,
    "hardshrink": _shrink(soft=False),
    "logsigmoid": _logsigmoid,
    "mish": _mish,
    "prelu": _prelu,
    "silu": _silu,
    "softplus": _softplus,
    "softshrink": _shrink(soft=True),
    "squareplus": _squareplus,
    "threshold": _threshold,
}
