"""Special functions: the last digits, the ends of their domains, refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

special = ag.special


def points(*parts: Any) -> np.ndarray:
    return np.concatenate([np.ravel(p) for p in parts])


def powers(low: float, high: float, rng: Any) -> np.ndarray:
    return 10 ** rng.uniform(low, high, 40)


# Tolerances are those of the argument's own rounding: beside a zero (digamma), far out in a tail.
def cases() -> list[Any]:
    rng = np.random.default_rng(0)
    near = powers(-12, -1, rng)
    positive = points(rng.uniform(0, 25, 120), powers(-10, 8, rng), 1 + near, 2 - near, 2 + near)
    negative = -rng.uniform(0, 20, 60)
    real = points(rng.uniform(-25, 25, 100), powers(-8, 2, rng))
    probabilities = points(rng.uniform(0, 1, 100), powers(-300, -1, rng), 1 - near)

    def quantile(mp: Any, p: Any) -> Any:
        y = mp.mpf(special.ndtri(ag.tensor(float(p), dtype=ag.float64)).item())
        for _ in range(3):  # Newton
            slope = mp.exp(-y * y / 2) / mp.sqrt(2 * mp.pi)
            y -= (mp.erfc(-y / mp.sqrt(2)) / 2 - p) / slope
        return y

    def log_cdf(mp: Any, x: Any) -> Any:
        if x > 5:
            return mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2)
        return mp.log(mp.erfc(-x / mp.sqrt(2)) / 2)

    made = [
        ("lgamma", special.gammaln, lambda mp, x: mp.loggamma(x).real, positive, 1e-14),
        ("lgamma-", special.gammaln, lambda mp, x: mp.loggamma(x).real, negative, 1e-13),
        ("digamma", special.digamma, lambda mp, x: mp.digamma(x), positive, 1e-12),
        ("digamma-", special.digamma, lambda mp, x: mp.digamma(x), negative, 1e-13),
        ("erfinv", special.erfinv, lambda mp, x: mp.erfinv(x), rng.uniform(-1, 1, 100), 1e-15),
        ("erfinv at 1", special.erfinv, lambda mp, x: mp.erfinv(x), 1 - near, 1e-15),
        ("ndtri", special.ndtri, quantile, probabilities, 1e-15),
        ("erfcx", special.erfcx, lambda mp, x: mp.exp(x * x) * mp.erfc(x), real, 1e-15),
        ("log_ndtr", special.log_ndtr, log_cdf, real, 3e-13),
        ("i0", special.i0, lambda mp, x: mp.besseli(0, x), real, 1e-15),
        ("i1", special.i1, lambda mp, x: mp.besseli(1, x), real, 1e-15),
        ("i0e", special.i0e, lambda mp, x: mp.besseli(0, x) * mp.exp(-abs(x)), real, 1e-15),
        ("i1e", special.i1e, lambda mp, x: mp.besseli(1, x) * mp.exp(-abs(x)), real, 1e-15),
    ]
    for n in (1, 2, 3, 8):
        function = lambda x, n=n: special.polygamma(n, x)
        reference = lambda mp, x, n=n: mp.psi(n, x)
        made.append((f"polygamma {n}", function, reference, positive, 2e-15))
        made.append((f"polygamma {n}-", function, reference, negative, 1e-14))
    return [pytest.param(*case[1:], id=case[0]) for case in made]


@pytest.mark.parametrize(("function", "reference", "x", "tolerance"), cases())
def test_digits(function: Any, reference: Any, x: np.ndarray, tolerance: float) -> None:
    mpmath = pytest.importorskip("mpmath")
    got = function(ag.tensor(x)).cpu().numpy()
    with mpmath.workdps(30):
        want = np.array([float(reference(mpmath, mpmath.mpf(float(v)))) for v in x])
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=0)


INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("function", "x", "want"),
    [
        (special.gammaln, [0.0, -1.0, 1.0, 2.0, INF, -INF, NAN], [INF, INF, 0, 0, INF, INF, NAN]),
        (special.digamma, [0.0, -0.0, -1.0, INF, NAN], [-INF, INF, NAN, INF, NAN]),
        (lambda x: ag.polygamma(1, x), [0.0, -1.0, INF, -INF, NAN], [INF, INF, 0, NAN, NAN]),
        (lambda x: ag.polygamma(2, x), [0.0, -1.0, INF, NAN], [-INF, -INF, 0, NAN]),
        (special.erfinv, [1.0, -1.0, 1.5, 0.0, NAN], [INF, -INF, NAN, 0, NAN]),
        (special.ndtri, [0.0, 1.0, 0.5, -0.1, 1.1, NAN], [-INF, INF, 0, NAN, NAN, NAN]),
        (special.erfcx, [INF, -INF, 0.0, NAN], [0, INF, 1, NAN]),
        (special.log_ndtr, [INF, -INF, NAN], [0, -INF, NAN]),
        (special.i0, [0.0, INF, -INF, NAN], [1, INF, INF, NAN]),
        (special.i1, [0.0, INF, -INF, NAN], [0, INF, -INF, NAN]),
        (special.i1e, [0.0, INF, NAN], [0, 0, NAN]),
    ],
)
def test_ends_of_the_domain(function: Any, x: list[float], want: list[float]) -> None:
    got = function(ag.tensor(x, dtype=ag.float64)).cpu().numpy()
    np.testing.assert_array_equal(got, want)


def test_far_tails_have_gradients() -> None:
    x = ag.tensor([-1e4, -40.0], dtype=ag.float64, requires_grad=True)
    special.log_ndtr(x).sum().backward()
    np.testing.assert_allclose(x.grad.cpu().numpy(), [1e4, 40 + 1 / 40 - 2 / 40**3], rtol=1e-6)


def test_third_derivatives_of_bessel_functions_at_zero() -> None:
    """There, rules that divide by the argument fail."""
    x = ag.tensor(0.0, dtype=ag.float64, requires_grad=True)
    y, found = special.i1(x), []
    for _ in range(3):
        (y,) = ag.autograd.grad(y, x, create_graph=True)
        found.append(y.item())
    assert found == [0.5, 0.0, 0.375]


def test_integers_compute_in_the_default_dtype() -> None:
    assert ag.polygamma(1, ag.tensor([1])).dtype is ag.float32
    assert ag.mvlgamma(ag.tensor([3]), 2).dtype is ag.float32
    assert ag.lgamma(ag.tensor([3])).item() == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ag.polygamma(-1, ag.ones(2)), "polygamma: n must be"),
        (lambda: ag.polygamma(1.5, ag.ones(2)), "polygamma: n must be"),
        (lambda: ag.mvlgamma(ag.ones(2), 0), "mvlgamma: p must be"),
        (lambda: ag.lgamma("x"), "lgamma"),
    ],
)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises((RuntimeError, TypeError), match=words):
        call()


windows = ag.signal.windows


@pytest.mark.parametrize("M", [0, 1, 2, 5, 8])
def test_windows_beside_numpy(M: int) -> None:
    pairs = [
        (windows.hann(M), np.hanning(M)),
        (windows.hamming(M), np.hamming(M)),
        (windows.blackman(M), np.blackman(M)),
        (windows.bartlett(M), np.bartlett(M)),
        (windows.kaiser(M, beta=3.0), np.kaiser(M, 3.0)),
    ]
    for got, want in pairs:
        assert got.dtype is ag.float32
        np.testing.assert_allclose(got.cpu().numpy(), want, atol=1e-7)


def test_periodic_windows() -> None:
    """A periodic window is the symmetric one of one more point, without its last."""
    for name in ("hann", "hamming", "blackman", "bartlett", "kaiser"):
        whole = getattr(windows, name)(9).tolist()
        assert getattr(windows, name)(8, sym=False).tolist() == whole[:-1]
        assert getattr(ag, f"{name}_window")(8).tolist() == whole[:-1]
        assert getattr(ag, f"{name}_window")(9, periodic=False).tolist() == whole


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: windows.hann(-1), "M must not be negative"),
        (lambda: windows.hann(2.5), "M must be an integer"),
        (lambda: windows.hann(3, dtype=ag.int64), "float32 or float64"),
        (lambda: windows.gaussian(3, std=0.0), "std must be positive"),
        (lambda: windows.exponential(3, center=1.0), "center must be None"),
        (lambda: windows.exponential(3, tau=0.0), "tau must be positive"),
        (lambda: windows.kaiser(3, beta=-1.0), "beta must not be negative"),
        (lambda: windows.general_cosine(3, a=[]), "must not be empty"),
    ],
)
def test_windows_refuse(call: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        call()
