"""Transposed convolutions of one, two and three dimensions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd_core.errors import ShapeError
from autograd_core.ops.conv_checks import check_operands
from autograd_core.ops.conv_core import transposed
from autograd_core.ops.conv_windows import Window, per_dim
from autograd_core.ops.dims import shape_of
from autograd_core.ops.shape import reshape, squeeze, unsqueeze
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _transpose(
    name: str, n: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any,
    output_padding: Any, groups: int, dilation: Any,
) -> Any:  # fmt: skip
    batched = check_operands(name, n, input, weight, bias, groups, True)
    kernel = shape_of(weight)[2:]
    stride = per_dim(name, "stride", stride, n, 1)
    padding = per_dim(name, "padding", padding, n, 0)
    dilation = per_dim(name, "dilation", dilation, n, 1)
    more = per_dim(name, "output_padding", output_padding, n, 0)
    if any(m >= max(s, d) for m, s, d in zip(more, stride, dilation)):
        raise ShapeError(
            f"{name}: output_padding must be smaller than stride or dilation, got "
            f"output_padding={more}, stride={stride}, dilation={dilation}"
        )
    if not batched:
        input = unsqueeze(input, 0)
    sizes = shape_of(input)[2:]
    output = tuple(
        (m - 1) * s - 2 * p + d * (k - 1) + e + 1
        for m, s, p, d, k, e in zip(sizes, stride, padding, dilation, kernel, more)
    )
    if min(output) < 1:
        raise ShapeError(
            f"{name}: input of sizes {sizes}, kernel {kernel} and padding {padding} leave an "
            f"output of sizes {output}"
        )
    out = transposed(
        input, weight, Window(output, sizes, kernel, stride, padding, dilation), groups
    )
    if bias is not None:
        out = out + reshape(bias, (-1, *[1] * n))
    return out if batched else squeeze(out, 0)


def _samples(n: int) -> Callable[[Make], Iterable[Sample]]:
    def samples(make: Make) -> Iterable[Sample]:
        sizes, kernel = (3, 2, 2)[:n], (2, 3, 2)[:n]
        yield Sample(make(2, 2, *sizes), make(2, 3, *kernel), make(3))
        yield Sample(make(2, *sizes), make(2, 1, *kernel))
        yield Sample(make(1, 1, *sizes), make(1, 2, *kernel), None, 2, 1, 1)
        if n == 3:
            return
        yield Sample(make(1, 4, *sizes), make(4, 1, *kernel), make(2), groups=2)
        yield Sample(make(1, 2, *sizes), make(2, 2, *kernel), dilation=2, stride=2)

    return samples


@operator(
    "nn.functional.conv_transpose1d", samples=_samples(1), convention=SMOOTH, method=False,
    aliases=("conv_transpose1d",),
)  # fmt: skip
def conv_transpose1d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
    output_padding: Any = 0, groups: int = 1, dilation: Any = 1,
) -> Any:  # fmt: skip
    """Spread each element of (N, C, L) over a window; weight (C, C_out / groups, kL).

    Arguments, result and errors as for :func:`conv_transpose2d`.

    Source: PyTorch, ``torch.nn.functional.conv_transpose1d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.conv_transpose1d(ag.ones(1, 1, 3), ag.ones(1, 2, 2)).shape
        autograd_core.Size([1, 2, 4])
    """
    return _transpose(
        "conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups,
        dilation,
    )  # fmt: skip


@operator(
    "nn.functional.conv_transpose2d", samples=_samples(2), convention=SMOOTH, method=False,
    aliases=("conv_transpose2d",),
)  # fmt: skip
def conv_transpose2d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
    output_padding: Any = 0, groups: int = 1, dilation: Any = 1,
) -> Any:  # fmt: skip
    """Spread each element over a window of the output, weighted by ``weight``: the gradient of a
    convolution with respect to its input, also called deconvolution.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch.
        weight: (C, C_out / groups, kH, kW).
        bias: (C_out), or None.
        stride: distance between the windows of neighbours; a number, or one for each dimension.
        padding: elements left out on both sides of the result.
        output_padding: elements added after the last one, to choose among the sizes that a
            convolution of this stride would map to the input's.
        groups: channels are split into so many groups that do not see each other.
        dilation: distance between the elements that the kernel writes to.

    Returns:
        (N, C_out, ...), each size ``(n - 1) * stride - 2 * padding + dilation * (kernel - 1) +
        output_padding + 1``.

    Raises:
        ShapeError: the shapes do not fit.
        TypeError: the dtypes differ.

    Source: PyTorch, ``torch.nn.functional.conv_transpose2d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.conv_transpose2d(ag.ones(1, 1, 3, 3), ag.ones(1, 2, 2, 2)).shape
        autograd_core.Size([1, 2, 4, 4])
    """
    return _transpose(
        "conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups,
        dilation,
    )  # fmt: skip


@operator(
    "nn.functional.conv_transpose3d", samples=_samples(3), convention=SMOOTH, method=False,
    aliases=("conv_transpose3d",),
)  # fmt: skip
def conv_transpose3d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
    output_padding: Any = 0, groups: int = 1, dilation: Any = 1,
) -> Any:  # fmt: skip
    """Spread each element of (N, C, D, H, W) over a window of the output.

    weight: (C, C_out / groups, kD, kH, kW). Other arguments, result and errors as for
    :func:`conv_transpose2d`.

    Source: PyTorch, ``torch.nn.functional.conv_transpose3d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.conv_transpose3d(ag.ones(1, 1, 3, 3, 3), ag.ones(1, 2, 2, 2, 2)).shape
        autograd_core.Size([1, 2, 4, 4, 4])
    """
    return _transpose(
        "conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups,
        dilation,
    )  # fmt: skip
