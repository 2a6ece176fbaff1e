"""How many threads the host computes with."""

from __future__ import annotations

import ctypes

from autograd_core.backends.numpy import blas, threads

_interop: int | None = None


def get_num_threads() -> int:
    """The number of threads that operators use on the CPU: ``OMP_NUM_THREADS``, else as many as
    there are processors. Source: PyTorch, ``torch.get_num_threads``.

    Example:
        >>> import autograd_core as ag
        >>> ag.get_num_threads() >= 1
        True
    """
    return threads.count()


def set_num_threads(num: int) -> None:
    """Use so many threads on the CPU from now on, in this package and in NumPy's OpenBLAS.

    Args:
        num: at least 1.

    Raises:
        TypeError: ``num`` is no whole number.
        ValueError: ``num`` is less than 1.

    Source: PyTorch, ``torch.set_num_threads``.

    Example:
        >>> import autograd_core as ag
        >>> before = ag.get_num_threads()
        >>> ag.set_num_threads(1)
        >>> ag.get_num_threads()
        1
        >>> ag.set_num_threads(before)
    """
    _check("set_num_threads", num)
    threads.set_count(num)
    for path in blas.openblas_files():
        try:
            library = ctypes.CDLL(str(path))
        except OSError:
            continue
        function = blas.openblas_function(library, "openblas_set_num_threads")
        if function is not None:
            function(ctypes.c_int(num))


def _check(name: str, num: int) -> None:
    if not isinstance(num, int) or isinstance(num, bool):
        raise TypeError(f"{name}: num must be a whole number, got {num!r}")
    if num < 1:
        raise ValueError(f"{name}: num must be at least 1, got {num}")


def get_num_interop_threads() -> int:
    """What :func:`set_num_interop_threads` was told, else the number of threads. Source: PyTorch,
    ``torch.get_num_interop_threads``."""
    return threads.count() if _interop is None else _interop


def set_num_interop_threads(num: int) -> None:
    """Say how many operators may run at the same time. They run one after another, each on
    :func:`get_num_threads` threads, whatever this says.

    Args:
        num: at least 1.

    Raises:
        TypeError: ``num`` is no whole number.
        ValueError: ``num`` is less than 1.

    Source: PyTorch, ``torch.set_num_interop_threads``.
    """
    global _interop
    _check("set_num_interop_threads", num)
    _interop = num
