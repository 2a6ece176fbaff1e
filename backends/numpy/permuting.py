"""A chain of swaps, computed for all at once."""

from __future__ import annotations

import numpy as np


def swapped(steps: np.ndarray) -> np.ndarray:
    """What Fisher and Yates make of 0, 1, ..., n - 1: for each place ``i`` but the last in turn,
    its number is swapped with the one at ``i + steps[i]``.

    After step ``i`` its place is never touched again, so the result there is what ``i + steps[i]``
    held: the number that the last earlier step to the same target left there, which is the one
    found at that step's own place; or its own number where no step has been. What step ``i`` finds
    at its own place was left by the last step to it, and so on back: chains as long as log n,
    halved in each round.
    """
    n = len(steps) + 1
    line = np.arange(n)
    targets = line.copy()
    targets[:-1] += steps
    ordered = np.sort(targets * n + line)  # by target, then by time
    target, step = np.divmod(ordered, n)
    again = target[1:] == target[:-1]
    earlier = np.full(n, -1)  # the step before with the same target
    earlier[step[1:][again]] = step[:-1][again]
    moved = targets > line
    found = line.copy()  # whose number a step finds at its place; of several the last wins
    found[targets[moved]] = line[moved]
    while ((further := found[found]) != found).any():
        found = further
    return np.where(earlier < 0, targets, found[earlier])
