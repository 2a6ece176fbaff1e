"""Operators that slide windows over images in ONNX's operators."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.onnx.step import Step
from autograd_core.ops.pool_adaptive import cells_of


def _window(step: Step) -> dict[str, Any]:
    """The attributes of a window."""
    names = ("kernel", "stride", "padding", "dilation")
    kernel, strides, padding, dilations = step.param("window", *names)
    return {
        "kernel_shape": kernel, "strides": strides, "pads": [*padding, *padding],
        "dilations": dilations,
    }  # fmt: skip


def _places(step: Step) -> list[bool]:
    """For each dimension in both runs, whether padding that is the same on both sides gives the
    number of places."""
    return [
        out == (n + 2 * p - d * (k - 1) - 1) // s + 1
        for call in step.runs
        for n, out, k, s, p, d in zip(*call.params["window"])
    ]


def convolution(step: Step) -> str:
    attributes = _window(step)
    if not all(_places(step)):  # padding="same" with an even kernel: more of it on one side
        after = [
            tuple(
                max((out - 1) * s + d * (k - 1) + 1 - n - p, 0)
                for n, out, k, s, p, d in zip(*call.params["window"])
            )
            for call in step.runs
        ]
        before = attributes["pads"][: len(after[0])]
        attributes["pads"] = [*before, *step.equal("padding", *after)]
    names = [step.input(i) for i in range(len(step.call.operands)) if step.has(i)]
    return step.node("Conv", *names, group=step.param("groups"), **attributes)


def transposed(step: Step) -> str:
    return _spread(step, step.input(0), step.input(1), step.param("groups"))


def _spread(step: Step, value: str, weight: str, groups: int) -> str:
    """A transposed convolution, whose window stands on its output."""
    more = [
        tuple(
            n - ((out - 1) * s - 2 * p + d * (k - 1) + 1)
            for n, out, k, s, p, d in zip(*call.params["window"])
        )
        for call in step.runs
    ]
    padding = step.equal("output_padding", *more)
    return step.node(
        "ConvTranspose", value, weight, group=groups, output_padding=padding, **_window(step)
    )


def _taps(step: Step, channels: int) -> tuple[int, str]:
    """For each channel and each place in a window, a kernel that is 1 there."""
    kernel = step.call.params["window"].kernel
    count = int(np.prod(kernel))
    ones = np.eye(count, dtype=step.dtype).reshape(count, 1, *kernel)
    return count, step.graph.constant(np.tile(ones, (channels, 1, 1, 1)))


def columns(step: Step) -> str:
    """The windows of an image as columns."""
    channels = step.shape(0)[1][0]
    count, weight = _taps(step, channels)
    found = step.node("Conv", step.input(0), weight, group=channels, **_window(step))
    return step.node("Reshape", found, step.integers([0, channels * count, -1]))


def images(step: Step) -> str:
    """Columns added up to images."""
    rows = step.shape(0)[1][0]
    window = step.param("window")
    channels = rows // int(np.prod(window.kernel))
    _, weight = _taps(step, channels)
    value = step.node("Reshape", step.input(0), step.integers([0, rows, *window.output]))
    return _spread(step, value, weight, channels)


def max_pool(step: Step) -> str:
    ceil = int(not all(_places(step)))
    return step.node("MaxPool", step.input(0), ceil_mode=ceil, **_window(step))


def adaptive_places(step: Step) -> str:
    """Where the maximum of each window is, of windows that differ in size: all elements of each
    window side by side."""
    before = step.param("before")
    cells = cells_of(before, step.param("after"))
    lead = step.shape(0)[: step.rank() - len(before)]
    flat = step.reshape(step.input(0), [*lead, (int(np.prod(before)),) * 2])
    seen = step.node("Gather", flat, step.graph.constant(cells), axis=len(lead))
    number = step.node("ArgMax", seen, axis=len(lead) + 1, keepdims=0)
    starts = step.integers(np.arange(len(cells)) * cells.shape[1])
    places = step.node("Add", number, starts)
    return step.node("Gather", step.integers(cells.reshape(-1)), places, axis=0)
