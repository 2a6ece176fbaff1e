"""Discrete Fourier transforms: ``autograd_core.fft``, as ``torch.fft``.

Example:
    >>> import autograd_core as ag
    >>> ag.fft.fft(ag.tensor([1.0, 0.0, -1.0, 0.0]))
    tensor([0.+0.j, 2.+0.j, 0.+0.j, 2.+0.j])
    >>> ag.fft.irfft(ag.fft.rfft(ag.tensor([1.0, 2.0, 3.0])), 3)
    tensor([1., 2., 3.])
"""

from __future__ import annotations

from typing import Any

from autograd_core.creation import arange
from autograd_core.ops.fft import (
    fft,
    fft2,
    fftn,
    fftshift,
    hfft,
    hfft2,
    hfftn,
    ifft,
    ifft2,
    ifftn,
    ifftshift,
    ihfft,
    ihfft2,
    ihfftn,
    irfft,
    irfft2,
    irfftn,
    rfft,
    rfft2,
    rfftn,
)

__all__ = [
    "fft", "ifft", "fft2", "ifft2", "fftn", "ifftn",
    "rfft", "irfft", "rfft2", "irfft2", "rfftn", "irfftn",
    "hfft", "ihfft", "hfft2", "ihfft2", "hfftn", "ihfftn",
    "fftfreq", "rfftfreq", "fftshift", "ifftshift",
]  # fmt: skip


def fftfreq(n: int, d: float = 1.0, *, dtype: Any = None, device: Any = None) -> Any:
    """The frequencies of the elements that :func:`fft` returns, in cycles per unit of ``d``.

    Args:
        n: number of points.
        d: distance between two of them.
        dtype: floating-point dtype; default the default one.

    Source: PyTorch, ``torch.fft.fftfreq``.

    Example:
        >>> import autograd_core as ag
        >>> ag.fft.fftfreq(4)
        tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    places = arange(float(n), dtype=dtype, device=device)
    return ifftshift(places - n // 2) / (n * d) if n else places


def rfftfreq(n: int, d: float = 1.0, *, dtype: Any = None, device: Any = None) -> Any:
    """The frequencies of the elements that :func:`rfft` returns; arguments as for :func:`fftfreq`.

    Source: PyTorch, ``torch.fft.rfftfreq``.

    Example:
        >>> import autograd_core as ag
        >>> ag.fft.rfftfreq(4)
        tensor([0.0000, 0.2500, 0.5000])
    """
    return arange(float(n // 2 + 1), dtype=dtype, device=device) / (n * d)
