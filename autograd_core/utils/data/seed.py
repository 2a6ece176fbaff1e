"""Where loaders and samplers draw their numbers: on the CPU, as indices are used by Python there.

So the order of the samples does not depend on the device that the program computes on.
"""

from __future__ import annotations

from typing import Any

from autograd_core import dtypes
from autograd_core.creation import empty
from autograd_core.random import Generator


def draw_device(generator: Generator | None) -> Any:
    """The device on which to draw: that of ``generator``, or the CPU's global generator."""
    return "cpu" if generator is None else generator.device


def draw_seed(generator: Generator | None = None) -> int:
    """A random whole number below 2**63, drawn as PyTorch's loader and samplers draw it."""
    where = draw_device(generator)
    return int(empty((), dtype=dtypes.int64, device=where).random_(generator=generator).item())
