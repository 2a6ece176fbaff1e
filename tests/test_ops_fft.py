"""Fourier transforms: adjoints, inverses, energy, sizes and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag

NAMES = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]
NORMS = [None, "ortho", "forward"]


def make(rng: Any, *shape: int, real: bool = False) -> Any:
    values = rng.standard_normal(shape)
    return ag.tensor(values if real else values + 1j * rng.standard_normal(shape))


def inner(x: Any, y: Any) -> float:
    """The real inner product, for which gradients are adjoints."""
    return float((x * y.conj()).sum().real.item())


@pytest.mark.parametrize("n", [None, 1, 4, 7, 9])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_the_adjoint(name: str, norm: str | None, n: int | None) -> None:
    rng = np.random.default_rng(0)
    x = make(rng, 3, 6, real=name in ("rfft", "ihfft")).requires_grad_()
    y = getattr(ag.fft, name)(x, n, 1, norm)
    v = make(rng, *y.shape, real=not y.is_complex())
    (pulled,) = ag.autograd.grad(y, x, v)
    assert inner(y.detach(), v) == pytest.approx(inner(x.detach(), pulled), abs=1e-11)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("size", [1, 4, 5])
def test_inverses(size: int, norm: str | None) -> None:
    rng = np.random.default_rng(0)
    z, x = make(rng, 3, size), make(rng, 3, size, real=True)
    fft = ag.fft
    pairs = [
        (z, fft.ifft(fft.fft(z, norm=norm), norm=norm)),
        (z, fft.ifftn(fft.fftn(z, norm=norm), norm=norm)),
        (x, fft.irfft(fft.rfft(x, norm=norm), size, norm=norm)),
        (x, fft.irfftn(fft.rfftn(x, norm=norm), (3, size), norm=norm)),
        (x, fft.hfft(fft.ihfft(x, norm=norm), size, norm=norm)),
        (x, fft.hfftn(fft.ihfftn(x, norm=norm), (3, size), norm=norm)),
    ]
    for want, got in pairs:
        assert ag.allclose(got, want, rtol=1e-12, atol=1e-13)


def test_energy_is_kept() -> None:
    x = make(np.random.default_rng(0), 4, 6)
    energy = ag.linalg.vector_norm(ag.fft.fft2(x, norm="ortho")).item()
    assert energy == pytest.approx(ag.linalg.vector_norm(x).item(), rel=1e-14)


def test_a_convolution_is_a_product_of_spectra() -> None:
    """Value and gradient of a filter applied by way of the spectrum."""
    signal, taps = np.arange(1.0, 8.0), np.array([1.0, -2.0, 0.5])
    x, w = (ag.tensor(a, requires_grad=True) for a in (signal, taps))
    y = ag.fft.irfft(ag.fft.rfft(x, 9) * ag.fft.rfft(w, 9), 9)
    assert np.allclose(y.detach().cpu().numpy(), np.convolve(signal, taps), atol=1e-13)
    y.square().sum().backward()
    residual = 2 * np.convolve(signal, taps)
    assert np.allclose(w.grad.cpu().numpy(), np.correlate(residual, signal, "valid"), atol=1e-11)
    assert np.allclose(x.grad.cpu().numpy(), np.correlate(residual, taps, "valid"), atol=1e-11)


def test_dtypes() -> None:
    x = ag.ones(4, dtype=ag.float32, requires_grad=True)
    y = ag.fft.fft(x)
    assert y.dtype is ag.complex64
    y.abs().sum().backward()
    assert x.grad.dtype is ag.float32
    assert ag.fft.fft(ag.arange(4)).dtype is ag.complex64
    assert ag.fft.irfft(ag.ones(3, dtype=ag.float64)).dtype is ag.float64
    assert ag.fft.fftfreq(5, 0.5, dtype=ag.float64).tolist() == [0.0, 0.4, 0.8, -0.8, -0.4]
    assert ag.fft.rfftfreq(5, 0.5).tolist() == pytest.approx([0.0, 0.4, 0.8])


def test_any_number_of_dimensions() -> None:
    assert ag.fft.fftn(ag.tensor(2.0)).item() == 2
    assert ag.fft.fftn(ag.ones(2, 3), dim=()).tolist() == ag.ones(2, 3).tolist()
    assert ag.fft.fftn(ag.ones(2, 3), s=(5, -1)).shape == (5, 3)
    assert ag.fft.fftn(ag.ones(2, 3), s=(4,)).shape == (2, 4)
    assert ag.fft.fft(ag.ones(0, 3)).shape == (0, 3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ag.fft.fft(ag.ones(3), n=0), "at least one point"),
        (lambda: ag.fft.fft(ag.ones(0)), "at least one point"),
        (lambda: ag.fft.irfft(ag.ones(1)), "at least one point"),
        (lambda: ag.fft.fft(ag.ones(3), norm="both"), "norm must be"),
        (lambda: ag.fft.rfft(ag.ones(3) + 1j), "input must be real"),
        (lambda: ag.fft.ihfft(ag.ones(3) + 1j), "input must be real"),
        (lambda: ag.fft.fft(ag.ones(3).half()), "float16"),
        (lambda: ag.fft.fft(ag.tensor(1.0)), "without dimensions"),
        (lambda: ag.fft.fft(ag.ones(3), dim=1), "out of range"),
        (lambda: ag.fft.fftn(ag.ones(2, 3), dim=(0, 0)), "twice"),
        (lambda: ag.fft.fftn(ag.ones(2, 3), s=(2,), dim=(0, 1)), "same length"),
        (lambda: ag.fft.fftn(ag.ones(2, 3), s=(2, 2, 2)), "names 3 sizes"),
        (lambda: ag.fft.rfftn(ag.ones(2), dim=()), "at least one dimension"),
    ],
)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises((RuntimeError, IndexError, ValueError), match=words) as caught:
        call()
    assert "fft." in str(caught.value)


@pytest.mark.parametrize("onesided", [True, False])
@pytest.mark.parametrize(("n_fft", "hop", "length"), [(8, 2, 8), (8, 3, 6), (7, 2, 7)])
def test_signals_come_back_from_their_spectra(
    n_fft: int, hop: int, length: int, onesided: bool
) -> None:
    rng = np.random.default_rng(0)
    x = ag.tensor(rng.standard_normal((2, 40)), requires_grad=True)
    window = ag.tensor(rng.uniform(0.5, 1.0, length), requires_grad=True)
    options = {"hop_length": hop, "win_length": length, "window": window, "normalized": True}
    spectra = ag.stft(x, n_fft, onesided=onesided, return_complex=True, **options)
    back = ag.istft(spectra, n_fft, onesided=onesided, length=38, **options)
    assert ag.allclose(back, x[:, :38], atol=1e-12)

    def round_trip(x: Any, window: Any) -> Any:
        spectra = ag.stft(x, n_fft, hop, length, window, return_complex=True)
        return ag.istft(spectra.abs().square() + 0j, n_fft, hop, length, window)

    assert ag.autograd.gradcheck(round_trip, (x[:1, :12].detach().requires_grad_(), window))


@pytest.mark.parametrize("length", [3, 9, 10, 12])
@pytest.mark.parametrize("sizes", [(8, 2, 3), (6, 1, 2), (4, 3, 4)])
def test_the_first_window_starts_with_the_signal(length: int, sizes: tuple[int, int, int]) -> None:
    """Its frames are those of the windows alone, with zeros around them."""
    n_fft, hop, size = sizes
    if length < size:
        size = length
    x, window = np.arange(1.0, length + 1), np.arange(1.0, size + 1)
    got = ag.stft(
        ag.tensor(x), n_fft, hop, size, ag.tensor(window), center=False, return_complex=True,
        align_to_window=True,
    )  # fmt: skip
    frames = ag.fft.irfft(got.mT, n_fft).cpu().numpy()
    want = np.zeros_like(frames)
    assert len(want) == 1 + (length - size) // hop
    left = (n_fft - size) // 2
    for t, frame in enumerate(want):
        frame[left : left + size] = x[t * hop : t * hop + size] * window
    np.testing.assert_allclose(frames, want, atol=1e-12)


@pytest.mark.cpu_only
def test_aligned_windows_beside_pytorch() -> None:
    torch = pytest.importorskip("torch")
    x, window = np.arange(1.0, 13), np.arange(1.0, 4)
    for align in (True, False):
        got, want = (
            library.stft(
                library.tensor(x),
                8,
                2,
                3,
                library.tensor(window),
                center=False,
                return_complex=True,
                align_to_window=align,
            )
            for library in (ag, torch)
        )
        np.testing.assert_allclose(got.numpy(), want.numpy(), atol=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ag.stft(ag.ones(10), 4), "return_complex must be given"),
        (lambda: ag.stft(ag.ones(2), 8, center=False, return_complex=True), "longer than"),
        (lambda: ag.stft(ag.ones(10), 4, 0, return_complex=True), "hop_length must be"),
        (lambda: ag.stft(ag.ones(9), 4, return_complex=True, align_to_window=True), "align_to"),
        (lambda: ag.stft(ag.ones(10), 4, window=ag.ones(3), return_complex=True), "4 elements"),
        (lambda: ag.stft(ag.ones(10) + 1j, 4, onesided=True), "needs real"),
        (lambda: ag.istft(ag.ones(3, 5), 4), "complex spectra"),
        (lambda: ag.istft(ag.ones(4, 5) + 0j, 6, onesided=False), "no spectra for n_fft=6"),
        (lambda: ag.istft(ag.ones(3, 5) + 0j, 4, window=ag.zeros(4)), "leave places"),
    ],
)
def test_short_time_transforms_refuse(call: Any, words: str) -> None:
    with pytest.raises((RuntimeError, ValueError), match=words):
        call()
