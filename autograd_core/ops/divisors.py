"""Common divisors and multiples of integers: gcd, lcm."""

from __future__ import annotations

import numpy as np

from autograd_core.comparison_family import comparison
from autograd_core.registry import Make, Sample


def _samples(make: Make) -> list[Sample]:
    return [
        Sample(make.integers(2, 3, low=-9, high=10), make.integers(3, low=-9, high=10)),
        Sample(make.integers(4, high=20), 6),
        Sample(np.array([0, 4, -6]), np.array(0)),
    ]


gcd = comparison("gcd", np.gcd, doc="The greatest common divisor of integers.", samples=_samples)
lcm = comparison("lcm", np.lcm, doc="The least common multiple of integers.", samples=_samples)
