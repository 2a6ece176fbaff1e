"""The largest batch that fits into memory."""

from __future__ import annotations

import gc
from collections.abc import Callable

from autograd_core.backends.registry import default_device, get_backend


def find_batch_size(step: Callable[[int], object], *, start: int = 1, most: int = 1 << 16) -> int:
    """Try growing batches until memory is out, and return the largest that fits.

    The size doubles from `start` until a step fails, and the gap is then halved until it is less
    than an eighth. Meant for GPUs, and for processes whose memory is limited: where it is not, an
    operating system may end the process before Python hears of it.

    Args:
        step: takes one training step with a batch of the given size; it should end as a step of
            training does, with the optimizer's step, so that all memory is asked for.
        start: the first size, which has to fit; default 1.
        most: the largest size to try; default 65536.

    Returns:
        The size.

    Raises:
        ValueError: not `1 <= start <= most`.
        MemoryError: not even `start` fits.

    Example:
        >>> def step(size):
        ...     if size > 100:
        ...         raise MemoryError
        >>> find_batch_size(step)
        96
    """
    if not 1 <= start <= most:
        raise ValueError(
            f"find_batch_size: expected 1 <= start <= most, got start={start}, most={most}"
        )
    fits, size = 0, start
    while True:
        if not _fits(step, size):
            break
        fits = size
        if size == most:
            return most
        size = min(2 * size, most)
    if not fits:
        raise MemoryError(f"find_batch_size: a batch of {start} does not fit into memory")
    too_large = size
    while too_large - fits > max(1, fits // 8):
        middle = (fits + too_large) // 2
        if _fits(step, middle):
            fits = middle
        else:
            too_large = middle
    return fits


def _fits(step: Callable[[int], object], size: int) -> bool:
    try:
        step(size)
    except MemoryError:  # CuPy's is one too
        return False
    finally:
        gc.collect()
        get_backend(default_device().type).empty_cache()
    return True
