"""unfold and fold: the windows of a batch of images as columns, and columns added up to images."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.conv_windows import Window, add_windows, per_dim, places, volume, windows
from autograd_core.ops.dims import shape_of
from autograd_core.ops.precision import is_half, widen
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _columns(xp: Any, input: Any, window: Window) -> Any:
    seen = windows(xp, input, window)
    images, channels = input.shape[:2]
    return seen.reshape(images, channels * volume(window.kernel), volume(window.output))


def _images(xp: Any, input: Any, window: Window) -> Any:
    columns = widen(input).reshape(
        input.shape[0],
        input.shape[1] // volume(window.kernel),
        *window.kernel,
        *window.output,
    )
    out = add_windows(xp, columns, window)
    return out.astype(input.dtype) if is_half(input.dtype) else out


_unfold = Op("unfold", _columns, {"input": lambda g, window: _fold(g, window)})
_fold = Op("fold", _images, {"input": lambda g, window: _unfold(g, window)})


def _window(
    name: str, sizes: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> Window:
    kernel = per_dim(name, "kernel_size", kernel_size, 2, 1)
    dilation = per_dim(name, "dilation", dilation, 2, 1)
    padding = per_dim(name, "padding", padding, 2, 0)
    stride = per_dim(name, "stride", stride, 2, 1)
    output = tuple(
        places(m, k, s, p, p, d) for m, k, s, p, d in zip(sizes, kernel, stride, padding, dilation)
    )
    if min(output) < 1:
        raise ShapeError(
            f"{name}: kernel_size={kernel} with dilation={dilation} is larger than the images "
            f"{sizes} with padding={padding}"
        )
    return Window(sizes, output, kernel, stride, padding, dilation)


def _unfold_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 2, 4, 3), 2)
    yield Sample(make(1, 4, 3), (2, 1), 1, 1, 2)
    yield Sample(make(1, 1, 5, 5), 2, dilation=2, padding=(1, 0))


@operator("nn.functional.unfold", samples=_unfold_samples, convention=SMOOTH, method=False)
def unfold(
    input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """The windows that slide over an image, each as a column.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch.
        kernel_size: size of the window; a number, or one for each dimension.
        dilation: distance between the elements that the window looks at.
        padding: zeros added on both sides.
        stride: how far the window moves at a time.

    Returns:
        (N, C * kH * kW, number of windows), or without N.

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.unfold``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.unfold(ag.tensor([[[1.0, 2.0, 3.0]]]), (1, 2))
        tensor([[1., 2.],
                [2., 3.]])
    """
    shape = shape_of(input)
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        raise ShapeError(
            f"unfold: expected (N, C, H, W) or (C, H, W), only N may be 0, got {describe(input)}"
        )
    window = _window("unfold", shape[-2:], kernel_size, dilation, padding, stride)
    return _unfold(input, window) if len(shape) == 4 else _unfold(input[None], window)[0]


def _fold_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 8, 6), (4, 3), 2)
    yield Sample(make(2, 9), (4, 3), (2, 1), 1, 1, 2)
    yield Sample(make(1, 4, 15), (5, 5), 2, dilation=2, padding=(1, 0))


@operator("nn.functional.fold", samples=_fold_samples, convention=SMOOTH, method=False)
def fold(
    input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
    stride: Any = 1,
) -> Any:  # fmt: skip
    """Columns put back as windows of an image, added up where they overlap: unfold's adjoint.

    Args:
        input: (N, C * kH * kW, number of windows), or without N.
        output_size: (H, W) of the image; a number if they are equal.
        kernel_size, dilation, padding, stride: as for :func:`unfold`.

    Returns:
        (N, C, H, W), or without N.

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.fold``.

    Example:
        >>> import autograd_core as ag
        >>> columns = ag.tensor([[1.0, 2.0], [2.0, 3.0]])
        >>> ag.nn.functional.fold(columns, (1, 3), (1, 2))
        tensor([[[1., 4., 3.]]])
    """
    shape = shape_of(input)
    sizes = per_dim("fold", "output_size", output_size, 2, 1)
    window = _window("fold", sizes, kernel_size, dilation, padding, stride)
    taps, count = volume(window.kernel), volume(window.output)
    if len(shape) not in (2, 3) or shape[-2] % taps or shape[-2] == 0 or shape[-1] != count:
        raise ShapeError(
            f"fold: expected (N, a multiple of {taps}, {count}) for kernel {window.kernel} and "
            f"{window.output} windows, got {describe(input)}"
        )
    return _fold(input, window) if len(shape) == 3 else _fold(input[None], window)[0]
