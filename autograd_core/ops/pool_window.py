"""The window of a pooling call, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.ops.conv_windows import Window, per_dim, places
from autograd_core.ops.dims import shape_of


def check_rank(name: str, input: Any, n: int) -> tuple[int, ...]:
    """The sizes of the ``n`` pooled dimensions of (N, C, ...) or (C, ...)."""
    shape = shape_of(input)
    if len(shape) not in (n + 1, n + 2):
        raise ShapeError(
            f"{name}: expected {n + 2} dimensions (N, C, ...), or {n + 1} without a batch, got "
            f"{describe(input)}"
        )
    if 0 in shape[-n - 1 :]:
        raise ShapeError(f"{name}: only the batch may be empty, got {describe(input)}")
    return shape[-n:]


def pool_stride(name: str, stride: Any, kernel: tuple[int, ...]) -> tuple[int, ...]:
    """The stride, which is the kernel's size where it is None or empty."""
    missing = stride is None or (isinstance(stride, Sequence) and not len(stride))
    return kernel if missing else per_dim(name, "stride", stride, len(kernel), 1)


def pool_window(
    name: str, n: int, input: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any,
    ceil_mode: bool,
) -> Window:  # fmt: skip
    """The window that slides over the last ``n`` dimensions."""
    sizes = check_rank(name, input, n)
    kernel = per_dim(name, "kernel_size", kernel_size, n, 1)
    stride = pool_stride(name, stride, kernel)
    padding = per_dim(name, "padding", padding, n, 0)
    dilation = per_dim(name, "dilation", dilation, n, 1)
    if any(2 * p > k for p, k in zip(padding, kernel)):
        raise ShapeError(
            f"{name}: padding must be at most half of the window, got padding={padding} for "
            f"kernel_size={kernel}"
        )
    output = []
    for m, k, s, p, d in zip(sizes, kernel, stride, padding, dilation):
        count = places(m, k, s, p, p + (s - 1 if ceil_mode else 0), d)
        if ceil_mode and (count - 1) * s >= m + p:  # the last one would see padding alone
            count -= 1
        output.append(count)
    if min(output) < 1:
        raise ShapeError(
            f"{name}: kernel_size={kernel} with dilation={dilation} is larger than the input "
            f"{sizes} with padding={padding}"
        )
    return Window(sizes, tuple(output), kernel, stride, padding, dilation)
