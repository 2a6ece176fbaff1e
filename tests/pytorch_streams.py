"""Whether PyTorch draws from its own generator on this machine.

On Intel's processors it takes Bernoulli numbers (and so dropout) and exponential ones (and so
multinomial numbers without replacement) from MKL, and those differ from its own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

BERNOULLI = [1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1]
EXPONENTIAL = [0.5384891510356039, 0.39533532944397354, 0.02523840912558416, 0.15403295647191007]


@cache
def own_stream() -> bool:
    """Whether Bernoulli and exponential numbers are those of PyTorch's own generator."""
    torch: Any = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(3)
    drawn = torch.empty(20).bernoulli_(0.3, generator=generator)
    waits = torch.empty(4, dtype=torch.float64).exponential_(2.0, generator=generator)
    close = torch.allclose(waits, torch.tensor(EXPONENTIAL, dtype=torch.float64), rtol=1e-12)
    return bool(drawn.tolist() == BERNOULLI and close)


def needs_own_stream() -> None:
    """Skip the test where PyTorch draws these numbers from MKL."""
    if not own_stream():
        pytest.skip("PyTorch draws these numbers from MKL on this processor")
