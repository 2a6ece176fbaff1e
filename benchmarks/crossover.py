"""From which size on a GPU is faster than the processor."""

from __future__ import annotations

import math
from collections.abc import Mapping


def crossover(cpu: Mapping[int, float], gpu: Mapping[int, float]) -> float | None:
    """The size from which the GPU stays faster, read off straight lines in a log-log plot.

    Args:
        cpu: median seconds by size.
        gpu: likewise; only sizes that both have are looked at.

    Returns:
        The size; the smallest one if the GPU is always faster; None if it is not faster at the
        largest.

    Example:
        >>> crossover({1: 1.0, 100: 100.0}, {1: 10.0, 100: 10.0})
        10.0
    """
    sizes = sorted(cpu.keys() & gpu.keys())
    if not sizes or gpu[sizes[-1]] >= cpu[sizes[-1]]:
        return None
    slower = [i for i, size in enumerate(sizes) if gpu[size] >= cpu[size]]
    if not slower:
        return float(sizes[0])
    low, high = sizes[slower[-1]], sizes[slower[-1] + 1]
    # log(gpu / cpu) goes from at least 0 at `low` to below 0 at `high`.
    at_low, at_high = math.log(gpu[low] / cpu[low]), math.log(gpu[high] / cpu[high])
    share = at_low / (at_low - at_high)
    return round(low * (high / low) ** share, 6)


def crossovers(rows: list[dict]) -> dict[str, dict[str, float]]:
    """By case and then library, the size from which its GPU runs are the faster ones."""
    found: dict[str, dict[str, float]] = {}
    for case in dict.fromkeys(row["case"] for row in rows):
        for library in dict.fromkeys(row["library"] for row in rows):
            by_device: dict[str, dict[int, float]] = {"cpu": {}, "cuda": {}}
            for row in rows:
                if row["case"] == case and row["library"] == library and "median" in row:
                    by_device[row["device"]][row["size"]] = row["median"]
            size = crossover(by_device["cpu"], by_device["cuda"])
            if size is not None:
                found.setdefault(case, {})[library] = size
    return found
