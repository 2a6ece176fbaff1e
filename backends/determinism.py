"""Whether only algorithms may be used that give the same result every time."""

from __future__ import annotations

import warnings


class _Setting:
    """What was asked for; one for all threads."""

    on = False
    warn_only = False


_setting = _Setting()


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Refuse operators that may give a slightly different result every time, from now on.

    On the CPU all give the same result for the same number of threads. On CUDA GPUs sums into
    places that occur several times (gradients of indexing and embeddings, ``index_add`` and its
    like) are done in no fixed order.

    Args:
        mode: whether to refuse them.
        warn_only: warn instead.

    Raises:
        TypeError: ``mode`` is no boolean.

    Source: PyTorch, ``torch.use_deterministic_algorithms``.

    Example:
        >>> import autograd_core as ag
        >>> ag.use_deterministic_algorithms(True)
        >>> ag.are_deterministic_algorithms_enabled()
        True
        >>> ag.use_deterministic_algorithms(False)
    """
    if not isinstance(mode, bool):
        raise TypeError(f"use_deterministic_algorithms: mode must be True or False, got {mode!r}")
    _setting.on, _setting.warn_only = mode, bool(warn_only)


def are_deterministic_algorithms_enabled() -> bool:
    """Whether :func:`use_deterministic_algorithms` is on. Source: PyTorch,
    ``torch.are_deterministic_algorithms_enabled``."""
    return _setting.on


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Whether it only warns. Source: PyTorch,
    ``torch.is_deterministic_algorithms_warn_only_enabled``."""
    return _setting.on and _setting.warn_only


def in_no_fixed_order(what: str) -> None:
    """Called where a sum is about to be made in no fixed order.

    Raises:
        RuntimeError: only deterministic algorithms are allowed.
    """
    if not _setting.on:
        return
    message = (
        f"{what} has no deterministic algorithm on CUDA, and use_deterministic_algorithms(True) is "
        f"on. Mend: run it on the CPU, or allow it with warn_only=True"
    )
    if not _setting.warn_only:
        raise RuntimeError(message)
    warnings.warn(message, stacklevel=2)
