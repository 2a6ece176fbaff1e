"""Convolutions of one, two and three dimensions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd_core.errors import ShapeError
from autograd_core.ops.conv_checks import check_operands
from autograd_core.ops.conv_core import convolution, convolution_bias
from autograd_core.ops.conv_windows import Window, per_dim, places
from autograd_core.ops.dims import shape_of
from autograd_core.ops.shape import squeeze, unsqueeze
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _same_padding(name: str, kernel: Any, stride: Any, dilation: Any) -> list[tuple[int, int]]:
    if any(s != 1 for s in stride):
        raise ShapeError(f"{name}: padding='same' needs stride=1, got {stride}")
    totals = [d * (k - 1) for k, d in zip(kernel, dilation)]
    return [(total // 2, total - total // 2) for total in totals]


def _convolve(
    name: str, n: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any,
    dilation: Any, groups: int,
) -> Any:  # fmt: skip
    batched = check_operands(name, n, input, weight, bias, groups, False)
    kernel = shape_of(weight)[2:]
    stride = per_dim(name, "stride", stride, n, 1)
    dilation = per_dim(name, "dilation", dilation, n, 1)
    if padding == "same":
        pads = _same_padding(name, kernel, stride, dilation)
    elif padding == "valid":
        pads = [(0, 0)] * n
    elif isinstance(padding, str):
        raise ValueError(f"{name}: padding must be numbers, 'same' or 'valid', got {padding!r}")
    else:
        pads = [(p, p) for p in per_dim(name, "padding", padding, n, 0)]
    if not batched:
        input = unsqueeze(input, 0)
    sizes = shape_of(input)[2:]
    output = tuple(
        places(m, k, s, *p, d) for m, k, s, p, d in zip(sizes, kernel, stride, pads, dilation)
    )
    if min(output) < 1:
        raise ShapeError(
            f"{name}: the kernel {kernel} with dilation {dilation} is larger than the input "
            f"{sizes} with padding {padding}"
        )
    window = Window(sizes, output, kernel, stride, tuple(p[0] for p in pads), dilation)
    if bias is None:
        out = convolution(input, weight, window, groups)
    else:
        out = convolution_bias(input, weight, bias, window, groups)
    return out if batched else squeeze(out, 0)


def _samples(n: int) -> Callable[[Make], Iterable[Sample]]:
    def samples(make: Make) -> Iterable[Sample]:
        sizes, kernel = (5, 4, 3)[:n], (3, 2, 2)[:n]
        yield Sample(make(2, 2, *sizes), make(3, 2, *kernel), make(3))
        yield Sample(make(2, *sizes), make(3, 2, *kernel))
        yield Sample(make(1, 2, *sizes), make(2, 2, *kernel), None, 2, 1)
        yield Sample(make(1, 1, *sizes), make(2, 1, *kernel), make(2), padding="same")
        if n == 3:
            return
        yield Sample(make(2, 4, *sizes), make(4, 2, *kernel), make(4), groups=2)
        yield Sample(make(1, 2, *sizes), make(2, 1, *kernel), groups=2, dilation=2, padding="same")
        yield Sample(make(1, 2, *sizes), make(3, 2, *[1] * n), make(3))
        yield Sample(make(1, 1, *sizes), make(1, 1, *kernel), stride=3)
        yield Sample(make(0, 1, *sizes), make(1, 1, *kernel))

    return samples


@operator(
    "nn.functional.conv1d", samples=_samples(1), convention=SMOOTH, method=False,
    aliases=("conv1d",),
)  # fmt: skip
def conv1d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
    dilation: Any = 1, groups: int = 1,
) -> Any:  # fmt: skip
    """Slide ``weight`` (C_out, C / groups, kL) over (N, C, L).

    Arguments, result and errors as for :func:`conv2d`.

    Source: PyTorch, ``torch.nn.functional.conv1d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.conv1d(ag.ones(1, 1, 4), ag.ones(2, 1, 2)).shape
        autograd_core.Size([1, 2, 3])
    """
    return _convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


@operator(
    "nn.functional.conv2d", samples=_samples(2), convention=SMOOTH, method=False,
    aliases=("conv2d",),
    formula=(
        "dx: g spread over its windows with the weight (conv_transpose2d)\n"
        "dw: the windows of x times g, summed over places and images;  db = Σ g"
    ),
)  # fmt: skip
def conv2d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
    dilation: Any = 1, groups: int = 1,
) -> Any:  # fmt: skip
    """Slide ``weight`` over the input's last two dimensions and sum up the products.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch.
        weight: (C_out, C / groups, kH, kW).
        bias: (C_out), or None.
        stride: how far the window moves at a time; a number, or one for each dimension.
        padding: zeros added on both sides; or ``"same"`` (the output is as large as the input,
            for stride 1 only), or ``"valid"`` (none).
        dilation: distance between the elements that the kernel looks at.
        groups: channels are split into so many groups that do not see each other.

    Returns:
        (N, C_out, ...), in the dtype of the operands, which must be one.

    Raises:
        ShapeError: the shapes do not fit, or the kernel is larger than the padded input.
        TypeError: the dtypes differ.

    Source: PyTorch, ``torch.nn.functional.conv2d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.conv2d(ag.ones(1, 1, 4, 4), ag.ones(2, 1, 2, 2)).shape
        autograd_core.Size([1, 2, 3, 3])
    """
    return _convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


@operator(
    "nn.functional.conv3d", samples=_samples(3), convention=SMOOTH, method=False,
    aliases=("conv3d",),
)  # fmt: skip
def conv3d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
    dilation: Any = 1, groups: int = 1,
) -> Any:  # fmt: skip
    """Slide ``weight`` (C_out, C / groups, kD, kH, kW) over (N, C, D, H, W).

    Arguments, result and errors as for :func:`conv2d`.

    Source: PyTorch, ``torch.nn.functional.conv3d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.conv3d(ag.ones(1, 1, 4, 4, 4), ag.ones(2, 1, 2, 2, 2)).shape
        autograd_core.Size([1, 2, 3, 3, 3])
    """
    return _convolve("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)
