"""What an excuse for a difference is, and what it may ask of a call; the excuses are in
fuzzing_excuses.py."""

from __future__ import annotations

import math
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


def nothing(call: Any) -> bool:
    return not math.prod(call.recipes[0].shape)


def nothing_at_all(call: Any) -> bool:
    return all(not math.prod(r.shape) for r in call.recipes)


def holds(test: Callable[[Any], Any]) -> Callable[[Any], bool]:
    """Whether some tensor of the call holds numbers for which ``test`` is true."""

    def when(call: Any) -> bool:
        return any(np.any(test(r.array())) for r in call.recipes)

    return when


def special(values: Any) -> Any:
    return ~np.isfinite(values) if values.dtype.kind in "fc" else np.False_


_NAN = r"\(?-?(nan|inf)([+-](nan|inf)j\))?"
# At most four numbers are listed.
NAN_HERE = rf"(result|gradient|second gradient) \d+ is \[?({_NAN}(, )?)+\]? at .*"
NAN_THERE = rf"(result|gradient|second gradient) \d+ is .*, PyTorch's \[?({_NAN}(, )?)+\]?$"

FEWER = "backward needs other values here, which were not overwritten; gradients are as differences"
