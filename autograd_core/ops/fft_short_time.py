"""Short-time Fourier transforms: of overlapping frames of a signal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.complex import view_as_real
from autograd_core.ops.dims import whole
from autograd_core.ops.fft import fft, ifft, irfft, rfft
from autograd_core.ops.pad import pad
from autograd_core.ops.precision import is_complex
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _framed(xp: Any, input: Any, size: int, hop: int, length: int) -> Any:
    starts = xp.arange(1 + (length - size) // hop) * hop
    return input[..., starts[:, None] + xp.arange(size)]


def _overlapped(xp: Any, input: Any, size: int, hop: int, length: int) -> Any:
    out = xp.zeros((*input.shape[:-2], length), input.dtype)
    last = (input.shape[-2] - 1) * hop + 1
    for k in range(size):
        out[..., k : k + last : hop] += input[..., k]
    return out


# Frames of ``size`` elements, each ``hop`` further on than the one before; and their sum, each in
# its place.
_frames = Op(
    "stft_frames",
    lambda xp, input, size, hop, length: _framed(xp, input, size, hop, length),
    {"input": lambda g, size, hop, length: _overlap(g, size, hop, length)},
    keeps_order=True,
)
_overlap = Op(
    "stft_overlap",
    lambda xp, input, size, hop, length: _overlapped(xp, input, size, hop, length),
    {"input": lambda g, size, hop, length: _frames(g, size, hop, length)},
)


def _steps(
    name: str, n_fft: int, hop_length: int | None, win_length: int | None, window: Any
) -> tuple[int, int]:
    """Checked lengths of a step and of a window."""
    hop = n_fft // 4 if hop_length is None else hop_length
    length = n_fft if win_length is None else win_length
    if n_fft < 1 or not 0 < length <= n_fft:
        raise RuntimeError(f"{name}: expected 0 < win_length <= n_fft, got {length} and {n_fft}")
    if hop < 1:
        raise RuntimeError(f"{name}: hop_length must be positive, got {hop}")
    if window is not None and tuple(window.shape) != (length,):
        raise ShapeError(f"{name}: window must have {length} elements, got {describe(window)}")
    return hop, length


def _whole_window(window: Any, length: int, n_fft: int) -> Any:
    """The window in the middle of ``n_fft`` elements."""
    left = (n_fft - length) // 2
    return window if length == n_fft else pad(window, (left, n_fft - length - left))


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(12), 4, return_complex=True)
    yield Sample(make(2, 12), 6, 3, window=make(6, low=0.5), return_complex=True)
    yield Sample(make(10), 5, 2, 3, make(3, low=0.5), center=False, return_complex=False)
    yield Sample(make(12), 4, normalized=True, onesided=False, return_complex=True)
    yield Sample(make(10), 6, 2, 3, center=False, return_complex=True, align_to_window=True)


@operator("stft", samples=_samples, convention=SMOOTH)
def stft(
    input: Any,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Any:
    """Short-time Fourier transform: the spectra of overlapping frames of a signal.

    Args:
        input: signal (L) or batch of signals (B, L).
        n_fft: length of a frame.
        hop_length: how far one frame is from the next; default ``n_fft // 4``.
        win_length: length of the window, in the middle of the frame; default ``n_fft``.
        window: weights of a frame's elements; default ones.
        center: pad the signal by ``n_fft // 2`` on both sides, so that frame t is centred at
            ``t * hop_length``.
        pad_mode: how, as for ``nn.functional.pad``.
        normalized: divide by the root of ``n_fft``.
        onesided: the first half of each spectrum alone; default for real numbers.
        return_complex: complex numbers, or pairs of real ones in a last dimension; must be given
            for real input.
        align_to_window: the first window, and not the first frame, starts with the signal; only
            with ``center=False``.

    Returns:
        (..., frequencies, frames), complex; or (..., frequencies, frames, 2), real.

    Source: PyTorch, ``torch.stft``.
    """
    name = "stft"
    if input.ndim not in (1, 2):
        raise ShapeError(f"{name}: expected a signal (L) or signals (B, L), got {describe(input)}")
    n_fft = whole(name, n_fft, "n_fft")
    hop, length = _steps(name, n_fft, hop_length, win_length, window)
    complex_ = is_complex(input) or (window is not None and is_complex(window))
    if return_complex is None:
        if not complex_:
            raise RuntimeError(f"{name}: return_complex must be given for real input")
        return_complex = True
    onesided = not complex_ if onesided is None else onesided
    if onesided and complex_:
        raise RuntimeError(f"{name}: onesided=True needs real input and window")
    if center and align_to_window is not None:
        raise ValueError(f"{name}: align_to_window has a meaning with center=False only")
    if align_to_window:
        left = (n_fft - length) // 2
        input = pad(input, (left, n_fft - length - left))
    if center:
        side = n_fft // 2
        batched = input if input.ndim == 2 else input.unsqueeze(0)
        batched = pad(batched, (side, side), pad_mode)
        input = batched if input.ndim == 2 else batched.squeeze(0)
    size = int(input.shape[-1])
    if size < n_fft:
        raise ShapeError(f"{name}: n_fft={n_fft} is longer than the signal, {size}")
    frames = _frames(input, n_fft, hop, size)
    if window is not None:
        frames = frames * _whole_window(window, length, n_fft)
    spectra = (rfft if onesided else fft)(frames, norm="ortho" if normalized else None)
    spectra = spectra.transpose(-1, -2)
    return spectra if return_complex else view_as_real(spectra)


def _inverse_samples(make: Make) -> Iterable[Sample]:
    def spectra(*shape: int) -> Any:
        return make(*shape) + 1j * make(*shape)

    yield Sample(spectra(3, 5), 4)
    yield Sample(spectra(2, 4, 4), 6, 3, window=make(6, low=0.5), center=False)
    yield Sample(spectra(4, 5), 4, normalized=True, onesided=False, length=9)
    yield Sample(spectra(4, 5), 4, onesided=False, return_complex=True)


@operator("istft", samples=_inverse_samples, convention=SMOOTH)
def istft(
    input: Any,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Any:
    """The signal whose :func:`stft` comes nearest to these spectra, by least squares.

    Args:
        input: (frequencies, frames) or (B, frequencies, frames), complex.
        n_fft, hop_length, win_length, window, center, normalized: as for :func:`stft`.
        onesided: whether only half of each spectrum is there; default where its size says so.
        length: of the signal; default all of it that frames tell of.
        return_complex: whether the signal is complex; then the spectra must be whole.

    Raises:
        RuntimeError: the windows leave a place of the signal out.

    Source: PyTorch, ``torch.istft``; Griffin and Lim, "Signal estimation from modified short-time
    Fourier transform" (1984).
    """
    name = "istft"
    if input.ndim not in (2, 3) or not is_complex(input):
        raise ShapeError(
            f"{name}: expected complex spectra (frequencies, frames) or (B, frequencies, frames), "
            f"got {describe(input)}"
        )
    n_fft = whole(name, n_fft, "n_fft")
    hop, win_length = _steps(name, n_fft, hop_length, win_length, window)
    frequencies, count = (int(size) for size in input.shape[-2:])
    onesided = frequencies != n_fft if onesided is None else onesided
    if frequencies != (n_fft // 2 + 1 if onesided else n_fft) or not count:
        raise ShapeError(f"{name}: {describe(input)} are no spectra for n_fft={n_fft}")
    if onesided and return_complex:
        raise RuntimeError(f"{name}: return_complex=True needs whole spectra (onesided=False)")
    if window is not None and is_complex(window) and not return_complex:
        raise RuntimeError(f"{name}: a complex window needs return_complex=True")
    norm, spectra = "ortho" if normalized else None, input.transpose(-1, -2)
    if return_complex:
        frames = ifft(spectra, norm=norm)
    else:
        frames = irfft(spectra if onesided else spectra[..., : n_fft // 2 + 1], n_fft, norm=norm)
    weights = _ones(frames, win_length) if window is None else window
    weights = _whole_window(weights, win_length, n_fft)
    total = n_fft + hop * (count - 1)
    signal = _overlap(frames * weights, n_fft, hop, total)
    shares = (weights * weights).expand(count, n_fft)
    envelope = _overlap(shares, n_fft, hop, total)
    start = n_fft // 2 if center else 0
    stop = start + length if length is not None else total - (n_fft // 2 if center else 0)
    signal, envelope = signal[..., start:stop], envelope[start:stop]
    if envelope.numel() and envelope.detach().abs().min().item() < 1e-11:
        raise RuntimeError(
            f"{name}: the windows leave places of the signal out. Mend: a smaller hop_length, or "
            f"center=True"
        )
    signal = signal / envelope
    missing = 0 if length is None else length - int(signal.shape[-1])
    return pad(signal, (0, missing)) if missing > 0 else signal


def _ones(like: Any, size: int) -> Any:
    """A window of ones for real or complex frames."""
    array = like._array
    dtype = np.dtype(f"f{array.real.dtype.itemsize}")
    return TensorBase._wrap(backend_of(array).xp.ones(size, dtype))
