"""What products, linear algebra and the parts of networks give otherwise than PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from fuzzing_excuse import Excuse, holds


def _resized(call: Any) -> tuple[int, ...]:
    """The sizes that interpolate was asked for."""
    before = call.recipes[0].shape[2:]
    size, factor = call.kwargs.get("size"), call.kwargs.get("scale_factor")
    if size is not None:
        return size if isinstance(size, tuple) else (size,) * len(before)
    factors = factor if isinstance(factor, tuple) else (factor,) * len(before)
    return tuple(math.floor(n * f) for n, f in zip(before, factors, strict=True))


NETWORKS = [
    Excuse(
        "einsum",
        r"(result 0 is (uint8|int64) .*, PyTorch's (uint8|int64)|"
        r"raises here: nothing; with PyTorch: RuntimeError: expected scalar type Long)",
        "which letters are added up by sum(), which widens integers, and which by a product of "
        "matrices, is PyTorch's own choice",
    ),
    Excuse(
        "separated_cond",
        "backward raises with PyTorch: RuntimeError: one of the variables needed",
        "PyTorch's cond changes what its own backward needs",
    ),
    Excuse(
        "nn.functional.bilinear",
        "raises here: nothing; with PyTorch: RuntimeError: (cannot reshape tensor of 0 elements|"
        "_trilinear does not support automatic differentiation)",
        "PyTorch's bilinear takes no inputs without features, and none that are complex",
    ),
    Excuse(
        "addmv",
        r"result 0 is \w+ \(\d+,\), PyTorch's \w+ \(\)",
        "PyTorch's product of nothing has the shape of what it is added to",
    ),
    Excuse(
        "linalg.norm separated_norm separated_matrix_norm separated_cond",
        "result 0 requires_grad True, PyTorch's False",
        "PyTorch's norms of empty matrices are constants",
        lambda call: 0 in call.recipes[0].shape,
    ),
    Excuse(
        "linalg.norm linalg.vector_norm nn.functional.normalize",
        r"second gradient \d is .*PyTorch's \[.*nan",
        "the second derivative of a norm is finite at 0",
        lambda call: call.recipes[0].content == "grid" or 0 in call.recipes[0].shape,
    ),
    Excuse(
        "qr",
        "backward raises with PyTorch: RuntimeError: The derivative of linalg.qr depends on Q",
        "PyTorch does not keep what backward needs",
    ),
    Excuse(
        " ".join(f"nn.functional.conv_transpose{n}d" for n in (1, 2, 3)),
        "raises here: ShapeError: .*(leave an output of sizes|output_padding must be smaller)",
        "PyTorch checks in some of its implementations only: not for empty batches, nor, the size "
        "of the output, for float32 and bfloat16",
        lambda call: 0 in call.recipes[0].shape or call.recipes[0].dtype in ("float32", "bfloat16"),
    ),
    Excuse(
        "nn.functional.avg_pool3d nn.functional.lp_pool3d",
        "raises here: nothing; with PyTorch: RuntimeError: input image .* smaller than kernel size",
        "in three dimensions PyTorch refuses what ceil_mode makes room for in one and two",
    ),
    Excuse(
        "nn.functional.interpolate",
        "raises here: ShapeError: interpolate: the sizes .* would become",
        "PyTorch's mode area makes images without elements, as no other mode does",
        lambda call: call.kwargs["mode"] == "area",
    ),
    Excuse(
        "nn.functional.pad",
        "(raises here|result|gradient|second gradient)",
        "PyTorch's circular padding with a negative width copies what it has already overwritten; "
        "the value is compared with NumPy's",
        lambda call: call.args[2] == "circular" and min(call.args[1], default=0) < 0,
    ),
    Excuse(
        "nn.functional.interpolate",
        "(result|gradient|second gradient)",
        "PyTorch's antialiased images of width 1 have the first row everywhere",
        lambda call: call.kwargs.get("antialias") and _resized(call)[-1] == 1,
    ),
    Excuse(
        "nn.functional.embedding",
        "second gradient 1 ",
        "PyTorch's double backward forgets scale_grad_by_freq",
        lambda call: call.kwargs["scale_grad_by_freq"],
    ),
    Excuse(
        "nn.functional.group_norm",
        "backward raises with PyTorch: RuntimeError: tensor does not have a device",
        "PyTorch's backward fails if there are no elements, no weight, or only the bias's gradient",
        lambda call: 0 in call.recipes[0].shape or call.args[2] is None or not call.recipes[0].grad,
    ),
    Excuse(
        "nn.functional.group_norm",
        r"(second )?gradient \d is .*PyTorch's \[nan",
        "the gradients of nothing are 0",
        lambda call: 0 in call.recipes[0].shape,
    ),
    Excuse(
        "batch_norm",
        "(second )?gradient 0 is",
        "PyTorch's kernels for some layouts read a weight without its strides",
        lambda call: any(r.layout in ("stepped", "flipped", "expanded") for r in call.recipes[3:]),
    ),
    Excuse(
        "batch_norm instance_norm nn.functional.layer_norm nn.functional.group_norm",
        "second gradient .* PyTorch's None",
        "PyTorch does not differentiate the bias's gradient if neither input nor weight has one",
        lambda call: not call.recipes[0].grad,
    ),
    Excuse(
        "kron separated_matrix_exp nn.functional.local_response_norm",
        "raises here: nothing; with PyTorch: RuntimeError: view size is not compatible",
        "PyTorch cannot take some layouts",
    ),
    Excuse(
        "nn.functional.interpolate",
        "(gradient|second gradient)",
        "PyTorch's bicubic backward takes images of the same size for copied, its forward does not",
        lambda call: (
            call.kwargs["mode"] == "bicubic" and _resized(call) == call.recipes[0].shape[2:]
        ),
    ),
    Excuse(
        "nn.functional.pad",
        "raises here: ShapeError: .*leaves nothing",
        "PyTorch refuses results without elements for some numbers of dimensions only",
    ),
    Excuse(
        "ctc_loss",
        r"(gradient|second gradient) \d is .*PyTorch's \[.*nan",
        "PyTorch's gradient is NaN where the target does not fit, and not 0",
    ),
    Excuse(
        "nn.functional.nll_loss nn.functional.cross_entropy",
        r"second gradient 1 is .*PyTorch's \[nan",
        "the mean of nothing is NaN, which its gradient need not be",
        lambda call: 0 in call.recipes[0].shape,
    ),
    Excuse(
        "nn.functional.nll_loss nn.functional.cross_entropy",
        "backward raises with PyTorch: RuntimeError: grad_input must be contiguous",
        "PyTorch's backward cannot take some layouts",
    ),
    Excuse(
        "nn.functional.gelu",
        r"(result|gradient) 0 is \[.*PyTorch's \[(nan(, )?)+\]",
        "the limit at minus infinity is 0",
        holds(lambda values: np.isneginf(values)),
    ),
    Excuse(
        "nn.functional.hardsigmoid",
        "(gradient|result) 0 ",
        "PyTorch's sixth is one of float32",
        lambda call: call.recipes[0].dtype == "float64",
    ),
]
