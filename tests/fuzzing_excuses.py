"""What generated calls (see fuzzing.py) give otherwise than PyTorch, each with its reason."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Excuse(NamedTuple):
    """A difference: ``fault`` is a pattern for what is reported, ``operators`` says for which
    calls (None: all), and ``when`` narrows them down."""

    operators: str | None
    fault: str
    reason: str
    when: Callable[[Any], bool] = lambda call: True


def _plain_mask_beside_ellipsis(call: Any) -> bool:
    def is_mask(item: Any) -> bool:
        array = np.asarray(item) if isinstance(item, (list, np.ndarray)) else np.zeros(0)
        return array.ndim > 1 and array.dtype == bool

    indices = [a for a in call.args if type(a) is tuple]
    return any(any(i is ... for i in index) and any(map(is_mask, index)) for index in indices)


def _nothing(call: Any) -> bool:
    return not math.prod(call.recipes[0].shape)


def _nothing_at_all(call: Any) -> bool:
    return all(not math.prod(r.shape) for r in call.recipes)


def _holds(test: Callable[[Any], Any]) -> Callable[[Any], bool]:
    """Whether some tensor of the call holds numbers for which ``test`` is true."""

    def when(call: Any) -> bool:
        return any(np.any(test(r.values())) for r in call.recipes)

    return when


def _special(values: Any) -> Any:
    return ~np.isfinite(values) if values.dtype.kind in "fc" else np.False_


_NAN = r"\(?-?(nan|inf)([+-](nan|inf)j\))?"
# At most four numbers are listed.
NAN_HERE = rf"(result|gradient|second gradient) \d+ is \[?({_NAN}(, )?)+\]? at .*"
NAN_THERE = rf"(result|gradient|second gradient) \d+ is .*, PyTorch's \[?({_NAN}(, )?)+\]?$"

FEWER = "backward needs other values here, which were not overwritten; gradients are as differences"


EXCUSES = [
    Excuse(
        "getitem getitem_twice setitem setitem_of_part",
        "",
        "PyTorch counts a mask that is no tensor for one dimension, and misplaces what is beside "
        "the Ellipsis; the values are compared with NumPy's",
        _plain_mask_beside_ellipsis,
    ),
    Excuse(
        "getitem setitem setitem_of_part index_select Tensor.index_fill",
        "raises here: IndexError.*with PyTorch: nothing",
        "PyTorch does not look at indices out of range where there is nothing to read or write; "
        "NumPy refuses them too",
        _nothing,
    ),
    Excuse(
        "scatter scatter_add scatter_reduce",
        "backward raises with PyTorch: RuntimeError: (Function Scatter.* returned an invalid "
        "gradient at index 1|The size of tensor a .* must match the size of tensor b)",
        "PyTorch differentiates with respect to a src of the index's shape only",
        lambda call: call.args[2].values.shape != call.args[3].shape,
    ),
    Excuse(
        "take_along_dim",
        "raises here: IndexError.* with PyTorch: nothing",
        "PyTorch wraps what is out of range around; NumPy refuses it, and so does gather",
    ),
    Excuse(
        "where",
        "backward raises with PyTorch: RuntimeError: Expected isFloatingType",
        "PyTorch's backward fails if one is complex and the other one real",
    ),
    Excuse(
        "einsum",
        r"result 0 is (uint8|int64) .*, PyTorch's (uint8|int64)",
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
        "raises here: nothing; with PyTorch: RuntimeError: cannot reshape tensor of 0 elements",
        "PyTorch's bilinear takes no inputs without features",
    ),
    Excuse(
        "linalg.norm separated_norm separated_matrix_norm separated_cond",
        "result 0 requires_grad True, PyTorch's False",
        "PyTorch's norms of empty matrices are constants",
        lambda call: 0 in call.recipes[0].shape,
    ),
    Excuse(
        "linalg.norm linalg.vector_norm",
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
        "kron",
        "raises here: nothing; with PyTorch: RuntimeError: view size is not compatible",
        "PyTorch's kron cannot take some layouts",
    ),
    Excuse(
        "Tensor.index_fill",
        r"backward raises with PyTorch: (IndexError|RuntimeError: (INDICES|index_select\(\)))",
        "PyTorch's backward fails for negative indices and for tensors without dimensions",
    ),
    Excuse(
        "nan_to_num",
        "raises here: nothing; with PyTorch: RuntimeError: nan_to_num does not support automatic",
        "PyTorch does not differentiate it for complex numbers",
    ),
    Excuse(
        "acosh",
        NAN_HERE,
        "PyTorch's formula of the gradient is finite below 1, where the function is NaN",
        _holds(lambda x: x < 1),
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
        _holds(np.isnan),
    ),
    Excuse(
        "nn.functional.elu",
        "second gradient",
        "of the two second derivatives at 0 it is that of the left side, as for the first",
        _holds(lambda x: x == 0),
    ),
    Excuse(
        "nn.functional.softsign special.i1 special.i1e",
        f"{NAN_THERE}|{NAN_HERE}",
        "at infinity the limit, where PyTorch has NaN; of NaN the derivative is NaN",
        _holds(_special),
    ),
    Excuse(
        "sign sgn",
        r"result 0 is \[(nan(, )?)+\] .*, PyTorch's \[(0\.0(, )?)+\]$",
        "NaN has no sign, and is not lost",
        _holds(_special),
    ),
    Excuse(
        "sinc",
        NAN_THERE,
        "the second derivative at 0, of which PyTorch makes NaN",
        _holds(lambda x: x == 0),
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
        "sub rsub logaddexp",
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
        "nextafter",
        "gradient",
        "it moves with its input",
    ),
    Excuse(
        "pow float_power xlogy special.xlog1py hypot atan2 logaddexp logaddexp2",
        NAN_THERE,
        "at 0, or infinity, the gradient is the limit, or 0, and not NaN",
        _holds(lambda x: (x == 0) | ~np.isfinite(x)),
    ),
    Excuse(
        "xlogy",
        r"gradient 1 is \[((-?inf)(, )?)+\] .*, PyTorch's \[((-?inf)(, )?)+\]$",
        "-0 is 0 there",
        _holds(lambda x: (x == 0) & np.signbit(x)),
    ),
    Excuse(
        "pow float_power",
        r"result 0 is \[nan\] at \[\[\]\], PyTorch's \[inf\]",
        "of minus infinity NumPy takes the square root",
    ),
    Excuse(
        "nn.functional.pad",
        r".*with PyTorch: (NotImplementedError: (Padding size|Only 2D)|RuntimeError: Expected \dD)",
        "PyTorch pads by reflection and its like in certain dimensions only",
    ),
    Excuse(
        "roll cat concatenate cummax cummin",
        r"raises here: IndexError: .* is out of range .*with PyTorch: nothing",
        "PyTorch does not look at the dimension of a tensor without elements",
        _nothing_at_all,
    ),
    Excuse(
        "repeat_interleave",
        "raises here: nothing; with PyTorch: IndexError: Dimension out of range",
        "a number has a dimension 0 here, as elsewhere in PyTorch",
        lambda call: not call.recipes[0].shape,
    ),
    Excuse(
        "meshgrid cartesian_prod",
        ".*meshgrid expects all tensors to have the same dtype",
        "nothing speaks against different dtypes",
    ),
    Excuse(
        "program",
        "backward raises with PyTorch: RuntimeError: one of the variables needed for gradient "
        "computation has been modified by an inplace operation",
        FEWER,
    ),
    Excuse(
        "program",
        ".*RuntimeError: .*This view is the output of a function that returns multiple views",
        "the outputs of chunk can be written to",
    ),
    Excuse(
        None,
        r"(result|gradient|second gradient) \d+ is complex64 .*, PyTorch's complex32",
        "NumPy has no complex32",
    ),
    Excuse(
        None,
        r"(raises here: nothing; |backward raises )with PyTorch: NotImplementedError: "
        r"\"\w+\" not implemented for '\w+'",
        "PyTorch has no kernel for the dtype",
    ),
]


def excuse(call: Any, fault: str) -> str | None:
    """Why a difference is none, or None."""
    for one in EXCUSES:
        fits = one.operators is None or call.name in one.operators.split()
        if fits and re.match(one.fault, fault) and one.when(call):
            return one.reason
    return None
