"""The random states of a process: the engine's, NumPy's and Python's, as plain values."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from autograd_core.random import get_rng_state_all, set_rng_state_all


def random_states() -> dict[str, Any]:
    """The states of all default generators, of NumPy's global one and of Python's ``random``.

    Returns:
        Tensors, lists, numbers and strings, which ``ag.save`` takes.
    """
    version, numbers, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state()  # type: ignore[misc]
    return {
        "engine": get_rng_state_all(),
        "python": [version, list(numbers), gauss],
        "numpy": [name, keys.tolist(), position, has_gauss, cached],  # type: ignore[attr-defined]
    }


def restore_random_states(states: dict[str, Any]) -> None:
    """Go on from what ``random_states`` returned."""
    set_rng_state_all(states["engine"])
    version, numbers, gauss = states["python"]
    random.setstate((version, tuple(numbers), gauss))
    name, keys, *rest = states["numpy"]
    np.random.set_state((name, np.array(keys, np.uint32), *rest))  # type: ignore[arg-type]


def same_states(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether nothing was drawn between two calls of ``random_states``."""
    if one["python"] != other["python"] or one["numpy"] != other["numpy"]:
        return False
    engine = [{k: v.numpy().tobytes() for k, v in s["engine"].items()} for s in (one, other)]
    return engine[0] == engine[1]
