"""What generated calls (see fuzzing.py) give otherwise than PyTorch, each with its reason."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from fuzzing_excuse import Excuse, nothing
from fuzzing_excuses_networks import NETWORKS
from fuzzing_excuses_places import PLACES
from fuzzing_excuses_values import VALUES


def _plain_mask_beside_ellipsis(call: Any) -> bool:
    def is_mask(item: Any) -> bool:
        array = np.asarray(item) if isinstance(item, (list, np.ndarray)) else np.zeros(0)
        return array.ndim > 1 and array.dtype == bool

    indices = [a for a in call.args if type(a) is tuple]
    return any(any(i is ... for i in index) and any(map(is_mask, index)) for index in indices)


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
        "raises here: Index(ing)?Error.*with PyTorch: nothing",
        "PyTorch does not look at indices out of range where there is nothing to read or write; "
        "NumPy refuses them too",
        nothing,
    ),
    Excuse(
        "scatter scatter_add scatter_reduce",
        "backward raises with PyTorch: RuntimeError: (Function Scatter.* returned an invalid "
        "gradient at index 1|The size of tensor a .* must match the size of tensor b)",
        "PyTorch differentiates with respect to a src of the index's shape only",
        lambda call: call.args[2].values.shape != call.args[3].shape,
    ),
    Excuse(
        "scatter_reduce index_reduce",
        r"(second )?gradient \d is",
        "PyTorch shares the gradient of ties with the old value even if that does not take part",
        lambda call: call.args[4] in ("amax", "amin") and not call.kwargs["include_self"],
    ),
    Excuse(
        "take_along_dim",
        "raises here: Index(ing)?Error.* with PyTorch: nothing",
        "PyTorch wraps what is out of range around; NumPy refuses it, and so does gather",
    ),
    Excuse(
        "where ldexp logaddexp program",
        "backward raises with PyTorch: RuntimeError: Expected isFloatingType",
        "PyTorch's backward fails if one is complex and the other one real",
    ),
    Excuse(
        "Tensor.index_fill",
        r"backward raises with PyTorch: (IndexError|RuntimeError: (INDICES|index_select\(\)))",
        "PyTorch's backward fails for negative indices and for tensors without dimensions",
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
    for one in (*EXCUSES, *NETWORKS, *PLACES, *VALUES):
        fits = one.operators is None or call.name in one.operators.split()
        if fits and re.match(one.fault, fault, re.DOTALL) and one.when(call):
            return one.reason
    return None
