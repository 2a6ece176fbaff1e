"""What generated calls (see fuzzing.py) give otherwise than PyTorch, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple


class Excuse(NamedTuple):
    """A difference: ``fault`` is a pattern for what is reported, ``operators`` says for which
    calls (None: all), and ``when`` narrows them down."""

    operators: str | None
    fault: str
    reason: str
    when: Callable[[Any], bool] = lambda call: True


EXCUSES = [
    Excuse(
        None,
        r"raises here: None; with PyTorch: .*not implemented for '(Half|BFloat16|Bool|Complex\w+)'",
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
