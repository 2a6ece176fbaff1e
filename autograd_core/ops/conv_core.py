"""Convolution of any number of dimensions and its two gradients, on arrays and as operators.

Convolution is linear in the input and in the weight. With ``y = conv(x, w)``, the gradient of ``x``
is the transposed convolution of the output's gradient with ``w``, and that of ``w`` is the
correlation of ``x`` with it. The gradients of those two are again among the three, which is why
three operators serve every order.

All three work on a few images at a time: the windows of these images are copied side by side into
a buffer, which is used again for the next ones, and one matrix product does the rest. So the memory
does not grow with the batch, and the buffer stays in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd_core.op import Op
from autograd_core.ops.conv_windows import Window, add_windows, volume, windows
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.reduction import sum
from autograd_core.plan import Rule

# The windows of how many elements to copy at a time: 4 MB of float32.
_AT_ONCE = 1 << 20


def _chunks(images: int, each: int) -> Iterator[slice]:
    """Slices of the batch whose windows, ``each`` elements per image, fit into the buffer."""
    step = max(1, _AT_ONCE // max(each, 1))
    return (slice(i, min(i + step, images)) for i in range(0, images, step))


def _columns(channels: int, window: Window) -> int:
    return channels * volume(window.kernel)


def _narrow(result: Any, like: Any) -> Any:
    return result.astype(like.dtype) if is_half(like.dtype) else result


def _pointwise(window: Window) -> bool:
    """Whether every window is one element, and every element is one window's."""
    return window.input == window.output and volume(window.kernel) == 1 and not any(window.padding)


def _forward(xp: Any, input: Any, weight: Any, window: Window, groups: int) -> Any:
    return _forward_bias(xp, input, weight, None, window, groups)


def _forward_bias(xp: Any, input: Any, weight: Any, bias: Any, window: Window, groups: int) -> Any:
    x, w = widen(input), widen(weight)
    (images, channels), features = x.shape[:2], w.shape[0]
    size, columns = volume(window.output), _columns(channels, window)
    matrix = w.reshape(groups, features // groups, columns // groups)
    out = xp.empty((images, groups, features // groups, size), x.dtype)
    buffer = None
    for part in _chunks(images, columns * size):
        if _pointwise(window):
            seen = x[part]
        else:
            view = windows(xp, x[part], window)
            if buffer is None:
                buffer = xp.empty(view.shape, x.dtype)
            seen = buffer[: part.stop - part.start]
            seen[...] = view
        seen = seen.reshape(-1, groups, columns // groups, size)
        xp.matmul(matrix, seen, out=out[part])
    if bias is not None:
        out += widen(bias).reshape(groups, features // groups, 1)
    return _narrow(out.reshape(images, features, *window.output), input)


def _mirrored(weight: Any, window: Window, groups: int) -> tuple[Any, Window]:
    """The weight and window of the convolution that a transposed one of stride 1 is.

    Quicker where there are not many more features than channels, whose windows are copied.
    """
    split = weight.reshape(groups, -1, *weight.shape[1:])
    turned = split[(..., *[slice(None, None, -1)] * len(window.kernel))].swapaxes(1, 2)
    padding = [d * (k - 1) - p for d, k, p in zip(window.dilation, window.kernel, window.padding)]
    swapped = window._replace(input=window.output, output=window.input, padding=tuple(padding))
    return turned.reshape(-1, *turned.shape[2:]), swapped


def _transposed_forward(xp: Any, input: Any, weight: Any, window: Window, groups: int) -> Any:
    """(N, features, *output) to (N, channels, *input): each element spread over its window."""
    if max(window.stride) == 1 and weight.shape[0] <= 2 * weight.shape[1] * groups:
        return _forward(xp, input, *_mirrored(weight, window, groups), groups)
    g, w = widen(input), widen(weight)
    (images, features), channels = g.shape[:2], w.shape[1] * groups
    size, columns = volume(window.output), _columns(channels, window)
    matrix = w.reshape(groups, features // groups, columns // groups).swapaxes(1, 2)
    out = xp.empty((images, channels, *window.input), g.dtype)
    buffer = None
    for part in _chunks(images, columns * size):
        seen = g[part].reshape(-1, groups, features // groups, size)
        if buffer is None:
            buffer = xp.empty((len(seen), groups, columns // groups, size), g.dtype)
        spread = xp.matmul(matrix, seen, out=buffer[: len(seen)])
        spread = spread.reshape(-1, channels, *window.kernel, *window.output)
        out[part] = add_windows(xp, spread, window)
    return _narrow(out, input)


def _correlation_forward(xp: Any, input: Any, output: Any, window: Window, groups: int) -> Any:
    """(N, channels, *input) and (N, features, *output) to (features, channels/groups, *kernel)."""
    x, g = widen(input), widen(output)
    (images, channels), features = x.shape[:2], g.shape[1]
    size, columns = volume(window.output), _columns(channels, window)
    shape = (groups, features // groups, columns // groups)
    total = xp.zeros(shape, x.dtype)
    for part in _chunks(images, columns * size):
        # The images side by side, so that one product adds over them too.
        seen = xp.moveaxis(windows(xp, x[part], window), 0, 1 + len(window.kernel))
        seen = seen.reshape(groups, columns // groups, -1)
        given = g[part].reshape(-1, features, size).swapaxes(0, 1)
        total += given.reshape(groups, features // groups, -1) @ seen.swapaxes(1, 2)
    return _narrow(total.reshape(features, channels // groups, *window.kernel), input)


_rules: dict[str, Rule] = {
    "input": lambda g, weight, window, groups: transposed(g, weight, window, groups),
    "weight": lambda g, input, window, groups: correlation(input, g, window, groups),
    "bias": lambda g: sum(g, (0, *range(2, g.ndim))),
}

convolution = Op(
    "convolution",
    _forward,
    {"input": _rules["input"], "weight": _rules["weight"]},
    inputs=2,
    holomorphic=True,
)
convolution_bias = Op("convolution_bias", _forward_bias, _rules, inputs=3, holomorphic=True)

transposed = Op(
    "convolution_transposed",
    _transposed_forward,
    {
        "input": lambda g, weight, window, groups: convolution(g, weight, window, groups),
        "weight": lambda g, input, window, groups: correlation(g, input, window, groups),
    },
    inputs=2,
    holomorphic=True,
)

correlation = Op(
    "convolution_weight",
    _correlation_forward,
    {
        "input": lambda g, output, window, groups: transposed(output, g, window, groups),
        "output": lambda g, input, window, groups: convolution(input, g, window, groups),
    },
    inputs=2,
    holomorphic=True,
)
