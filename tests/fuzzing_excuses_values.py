"""What elementwise operators and reductions give otherwise than PyTorch; see fuzzing_excuses.py."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from fuzzing_excuse import (
    NAN_HERE,
    NAN_THERE,
    Excuse,
    holds,
    nothing,
    special,
)


def _below_equal_bounds(call: Any) -> bool:
    if len(call.recipes) < 3:
        return False
    x, low, high = (r.array() for r in call.recipes)
    return bool(np.any((low == high) & (x < low)))


_infinite = holds(special)
_zeros = holds(lambda x: x == 0)

VALUES = [
    Excuse(
        "nan_to_num",
        "raises here: nothing; with PyTorch: RuntimeError: nan_to_num does not support automatic",
        "PyTorch does not differentiate it for complex numbers",
    ),
    Excuse(
        "acosh",
        NAN_HERE,
        "PyTorch's formula of the gradient is finite below 1, where the function is NaN",
        holds(lambda x: x <= 1),
    ),
    Excuse(
        "abs",
        NAN_HERE,
        "NaN has no sign, and is not lost",
        holds(special),
    ),
    Excuse(
        "relu",
        "(second )?gradient",
        "PyTorch's gradient of NaN is that of a positive number, here that of a negative one",
        holds(np.isnan),
    ),
    Excuse(
        "lgamma digamma",
        "(second )?gradient",
        "at a pole the derivatives are infinite or NaN; PyTorch's numbers are of rounding errors",
        holds(lambda x: (x <= 0) & (x == np.floor(x))),
    ),
    Excuse(
        "nn.functional.silu",
        ".*silu does not support automatic differentiation for outputs with complex dtype",
        "PyTorch does not differentiate it for complex numbers",
    ),
    Excuse(
        "special.ndtr",
        "result",
        "PyTorch loses digits of integers in the tail",
        lambda call: call.recipes[0].dtype.startswith(("int", "uint")),
    ),
    Excuse(
        "nn.functional.hardtanh",
        ".*cannot do hardtanh on an unsigned type with negative limits",
        "a limit that the dtype cannot hold is compared as any other number",
    ),
    Excuse(
        "nn.functional.elu",
        NAN_HERE,
        "PyTorch's gradient is 1 where the value is NaN",
        holds(np.isnan),
    ),
    Excuse(
        "nn.functional.elu",
        "second gradient",
        "of the two second derivatives at 0 it is that of the left side, as for the first",
        holds(lambda x: x == 0),
    ),
    Excuse(
        "nn.functional.softsign nn.functional.gelu special.i1 special.i1e i0 copysign "
        "special.log_ndtr digamma lgamma",
        f"{NAN_THERE}|{NAN_HERE}",
        "at infinity the limit, where PyTorch has NaN; of NaN the derivative is NaN",
        holds(special),
    ),
    Excuse(
        "sign sgn",
        r"result 0 is \[(nan(, )?)+\] .*, PyTorch's \[(0\.0(, )?)+\]$",
        "NaN has no sign, and is not lost",
        holds(special),
    ),
    Excuse(
        "nn.functional.softsign",
        "result",
        "PyTorch's 1 + |x| overflows for the largest integers",
        lambda call: call.recipes[0].dtype.startswith("int"),
    ),
    Excuse(
        "asin acos",
        NAN_THERE,
        "the gradient is infinite at 1 and -1, where PyTorch's complex one is NaN",
        holds(lambda x: abs(x) == 1),
    ),
    Excuse(
        "atan2",
        "(second )?gradient",
        "PyTorch's backward negates uint8, which wraps around",
        lambda call: any(r.dtype == "uint8" for r in call.recipes),
    ),
    Excuse(
        "addcdiv div",
        f"{NAN_HERE}|{NAN_THERE}",
        "a complex number divided by 0 is infinite or NaN, depending on the order",
        lambda call: any(r.dtype.startswith("complex") for r in call.recipes) and _zeros(call),
    ),
    Excuse(
        "maximum minimum",
        "(second )?gradient",
        "beside NaN PyTorch gives both their gradients, here neither has one",
        holds(special),
    ),
    Excuse(
        "mul div",
        NAN_THERE,
        "a complex number times an infinity is infinite or NaN, depending on the order",
        lambda call: any(r.dtype.startswith("complex") for r in call.recipes) and _infinite(call),
    ),
    Excuse(
        "pow",
        "raises here: .*Integers to negative integer powers.*PyTorch: nothing",
        "a tensor without dimensions is refused as the number is",
        lambda call: call.recipes[-1].shape == (),
    ),
    Excuse(
        "addcdiv addcmul",
        "(second )?gradient",
        "PyTorch rounds parts of the gradient to the least of several dtypes",
        lambda call: len({r.dtype for r in call.recipes}) > 1,
    ),
    Excuse(
        "sinc angle renorm",
        NAN_THERE,
        "the second derivative at 0, of which PyTorch makes NaN",
        holds(lambda x: x == 0),
    ),
    Excuse(
        "floor_divide heaviside unique",
        "result 0 requires_grad False, PyTorch's True",
        "they have no gradient; PyTorch's backward raises",
    ),
    Excuse(
        "heaviside",
        ".*heaviside is not yet implemented for tensors with different dtypes",
        "dtypes promote as everywhere",
    ),
    Excuse("isclose", ".*RuntimeError: \\w+ did not match \\w+", "dtypes promote as everywhere"),
    Excuse(
        "sub rsub logaddexp logaddexp2 pow",
        ".*Subtraction, the `-` operator, with a bool tensor is not supported",
        "truth values count as 0 and 1 beside numbers, as in NumPy",
    ),
    Excuse(
        "ldexp",
        "(gradient|second gradient|result)",
        "PyTorch's power of 2 is 0 for negative integers in backward, wraps around for the largest "
        "ones, and is rounded to half types",
        lambda call: call.recipes[1].dtype != "float64",
    ),
    Excuse(
        "addcdiv addcmul",
        "backward raises with PyTorch: RuntimeError: result type .* can't be cast to",
        "PyTorch's backward fails beside integers",
    ),
    Excuse(
        "clamp clip clamp_min clamp_max",
        "raises here: RuntimeError: .* does not fit into .*with PyTorch: nothing",
        "a bound that the dtype cannot hold wraps around in PyTorch",
    ),
    Excuse(
        "clamp clip",
        "backward raises with PyTorch: RuntimeError: output with shape",
        "PyTorch's backward fails where a bound is larger than the input",
    ),
    Excuse(
        "clamp clip",
        "(second )?gradient [012]",
        "below two equal bounds PyTorch's gradient is lost, here it goes to the lower one",
        _below_equal_bounds,
    ),
    Excuse(
        "nextafter",
        "gradient",
        "it moves with its input",
    ),
    Excuse(
        "pow float_power xlogy special.xlog1py hypot atan2 logaddexp logaddexp2",
        NAN_THERE,
        "at 0, or infinity, the gradient is the limit, or 0, and not NaN",
        holds(lambda x: (x == 0) | ~np.isfinite(x)),
    ),
    Excuse(
        "xlogy",
        r"gradient 1 is \[((-?inf)(, )?)+\] .*, PyTorch's \[((-?inf)(, )?)+\]$",
        "-0 is 0 there",
        holds(lambda x: (x == 0) & np.signbit(x)),
    ),
    Excuse(
        "pow float_power",
        r"result 0 is \[nan\] at \[\[\]\], PyTorch's \[inf\]",
        "of minus infinity NumPy takes the square root",
    ),
    Excuse(
        "var std var_mean std_mean",
        "(gradient|second gradient)",
        "PyTorch takes no dimensions for one element in backward; without the argument it is right",
        lambda call: call.kwargs.get("dim") == (),
    ),
    Excuse(
        "var std var_mean std_mean",
        "second gradient",
        "of a value that is NaN for lack of elements",
        lambda call: (
            any(r.shape.count(0) + r.shape.count(1) == len(r.shape) for r in call.recipes)
            or nothing(call)
        ),
    ),
    Excuse(
        "std std_mean",
        NAN_THERE,
        "the second derivative of a deviation that is 0 is 0, as that of a norm",
        lambda call: any(r.layout == "expanded" or r.content != "normal" for r in call.recipes),
    ),
    Excuse(
        "argmax argmin",
        ".*does not support bool input",
        "True is the larger one, as in amax",
    ),
    Excuse(
        "nansum nanmean",
        ".*does not support complex inputs",
        "complex numbers have sums",
    ),
    Excuse(
        "sum prod mean nansum",
        ".*RuntimeError: Autograd not support dtype: Long",
        "integers have no gradient, but values",
    ),
    Excuse(
        "logit",
        NAN_HERE,
        "the gradient is NaN where the value is, also the second one",
        holds(lambda x: (x < 0) | (x > 1)),
    ),
    Excuse(
        "floor_divide heaviside unique",
        "backward raises with PyTorch: .*derivative for .* is not implemented",
        "they have no gradient; PyTorch's backward raises",
    ),
    Excuse(
        "linalg.vector_norm norm dist",
        f"{NAN_THERE}|backward raises with PyTorch: .*Expected a proper Tensor but got None",
        "of nothing, or at 0, the gradient is 0",
    ),
    Excuse(
        "cumprod prod",
        f"{NAN_THERE}|(second )?gradient",
        "the gradient is made of products, not of quotients, of which infinities make NaN",
        holds(special),
    ),
    Excuse(
        "logcumsumexp",
        "(second )?gradient",
        "beside an infinity, and of PyTorch to second order, the gradient is NaN",
        holds(special),
    ),
    Excuse("logcumsumexp", NAN_THERE, "PyTorch's second gradient takes the logarithm of 0"),
    Excuse(
        "softmax log_softmax",
        r"raises here: \w+: .* must be of a real floating-point dtype.*PyTorch: nothing",
        "PyTorch does not look at the dtype of a tensor without elements",
        nothing,
    ),
    Excuse(
        "median nanmedian",
        "raises here: (Index(ing)?Error|RuntimeError): .*with PyTorch: nothing",
        "PyTorch's median of no integers is the smallest one",
        nothing,
    ),
    Excuse(
        "median nanmedian",
        "result",
        "PyTorch reads memory beside that of an expanded tensor",
        lambda call: call.recipes[0].layout == "expanded",
    ),
    Excuse(
        "quantile nanquantile",
        "(second )?gradient",
        "of equal elements it is the one of the stable order",
        lambda call: call.recipes[0].layout == "expanded" or call.recipes[0].content != "normal",
    ),
    Excuse(
        "kthvalue mode",
        r"result 1 is|(second )?gradient",
        "of equal elements it is the one of the stable order",
        lambda call: call.recipes[0].layout == "expanded" or call.recipes[0].content != "normal",
    ),
    Excuse(
        "kthvalue mode median nanmedian cummax cummin sort argsort",
        "raises here: .* (complex|must be real).*with PyTorch: nothing",
        "PyTorch does not look at the dtype of a number, or of nothing",
        lambda call: math.prod(call.recipes[0].shape) < 2,
    ),
    Excuse(
        "amax amin max min aminmax",
        NAN_THERE,
        "the gradient goes to the NaN that was found",
        holds(special),
    ),
    Excuse(
        "logsumexp",
        "raises here: nothing; .*doesn't match the broadcast shape",
        "PyTorch's logsumexp over no dimensions fails for infinities",
        lambda call: call.kwargs.get("dim") == (),
    ),
    Excuse(
        "var_mean std_mean",
        r"result 1 is \[?-?inf.*, PyTorch's \[nan",
        "PyTorch's mean beside a variance is NaN where there is an infinity",
        holds(special),
    ),
    Excuse(
        "unique",
        "result",
        "NaN comes last, as elsewhere, also along a dimension",
        holds(special),
    ),
    Excuse(
        "diff",
        "raises here: Index(ing)?Error: .* out of range .*with PyTorch: nothing",
        "PyTorch does not look at the dimension where there is nothing to do",
        lambda call: call.args[1] == 0,
    ),
    Excuse(
        "unique",
        ".*Number of zero sized dimensions is more than one",
        "there are none, which is an answer",
    ),
    Excuse(
        "trapezoid",
        "result 0 requires_grad True, PyTorch's False",
        "the integral over nothing is 0, with a graph as any other",
        nothing,
    ),
    Excuse(
        "block_diag",
        "(second )?gradient",
        "PyTorch's gradient passes over the row of a block without columns",
        lambda call: any(0 in r.shape for r in call.recipes),
    ),
]
