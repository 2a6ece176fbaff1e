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


EXCUSES = [
    Excuse(
        "getitem getitem_twice setitem setitem_of_part",
        "",
        "PyTorch counts a mask that is no tensor for one dimension, and misplaces what is beside "
        "the Ellipsis; the values are compared with NumPy's",
        _plain_mask_beside_ellipsis,
    ),
    Excuse(
        "getitem setitem index_select",
        "raises here: IndexError.*with PyTorch: nothing",
        "PyTorch does not look at indices out of range where there is nothing to read or write; "
        "NumPy refuses them too",
        _nothing,
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
