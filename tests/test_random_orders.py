"""Orders drawn at once are those of one swap after the other, and PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.backends.numpy.permuting import swapped

torch = pytest.importorskip("torch")


@pytest.mark.cpu_only
@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 64, 1000, 30_000])
def test_orders_are_those_of_pytorch(n: int) -> None:
    for seed in range(5):
        ag.manual_seed(seed)
        torch.manual_seed(seed)
        assert ag.randperm(n).tolist() == torch.randperm(n).tolist()
        assert ag.rand(1).item() == torch.rand(1).item()


def test_swaps_at_once_are_swaps_in_turn() -> None:
    for steps in ([0, 0, 0], [3, 2, 1], [1, 1, 1], [3, 0, 1], [0, 2, 0], [2, 1, 1]):
        order = list(range(4))
        for i, step in enumerate(steps):
            order[i], order[i + step] = order[i + step], order[i]
        assert swapped(np.array(steps)).tolist() == order
