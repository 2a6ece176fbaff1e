"""Seeds drawn from a generator, the way PyTorch's loader and samplers draw them."""

from __future__ import annotations

from autograd_core import dtypes
from autograd_core.creation import empty
from autograd_core.random import Generator


def draw_seed(generator: Generator | None = None) -> int:
    """A random whole number below 2**63, from ``generator`` or the global one."""
    return int(empty((), dtype=dtypes.int64, device="cpu").random_(generator=generator).item())
