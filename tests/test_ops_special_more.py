"""Bessel functions, Airy's function, orthogonal polynomials and zeta."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

special = ag.special


def host(tensor: Any) -> Any:
    return tensor.detach().cpu().numpy()


def positive(high: float = 60.0) -> np.ndarray:
    """Numbers on all sides of where one way of computing ends and another begins."""
    rng = np.random.default_rng(0)
    borders = [2.0, 4.0, 25.0]
    near = [b + s for b in borders for s in (-1e-9, 0.0, 1e-9)]
    return np.sort(np.concatenate([10 ** rng.uniform(-6, math.log10(high), 200), near]))


# name: SciPy's name, a typical size of the value, where to look.
SCIPY: dict[str, tuple[str, Any]] = {
    "bessel_j0": ("j0", positive()),
    "bessel_j1": ("j1", -positive()),
    "bessel_y0": ("y0", positive()),
    "bessel_y1": ("y1", positive()),
    "modified_bessel_k0": ("k0", positive(500)),
    "modified_bessel_k1": ("k1", positive(500)),
    "scaled_modified_bessel_k0": ("k0e", positive(500)),
    "scaled_modified_bessel_k1": ("k1e", positive(500)),
}


@pytest.mark.parametrize("name", SCIPY)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_bessel_functions_beside_scipy(name: str, dtype: Any) -> None:
    scipy = pytest.importorskip("scipy.special")
    theirs, x = SCIPY[name]
    x = x.astype(dtype)
    if dtype == np.float32:
        x = x[abs(x) < 80]  # the numbers of K are below those of float32 beyond
    got, want = host(getattr(special, name)(ag.tensor(x))), getattr(scipy, theirs)(x)
    assert got.dtype == dtype
    tolerance = 1e-13 if dtype == np.float64 else 1e-5
    oscillates = "modified" not in name
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance / 10 if oscillates else 0)


NAMES = [
    "airy_ai", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "modified_bessel_i0",
    "modified_bessel_i1", "modified_bessel_k0", "modified_bessel_k1", "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1", "spherical_bessel_j0",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_beside_pytorch(name: str, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    x = np.concatenate([np.linspace(-12, 12, 241), [30.0, 100.0, np.inf, np.nan]])
    if dtype == "int64":
        x = np.arange(-9, 30)
    if name == "airy_ai":
        x = x[x > -10]  # further down PyTorch has few digits
    got = host(getattr(special, name)(ag.tensor(x.astype(dtype))))
    want = getattr(torch.special, name)(torch.tensor(x.astype(dtype))).numpy()
    assert got.dtype == want.dtype
    # (PyTorch knows no values at infinity, and has 6 digits of J, Y and Ai near 5; those here are
    # compared with SciPy's above.)
    known = np.isfinite(want) | ~np.isinf(x)
    exact = dtype == "float64" and ("modified" in name or "spherical" in name)
    tolerance = 1e-12 if exact else 2e-5
    np.testing.assert_allclose(got[known], want[known], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_of_both_orders(name: str) -> None:
    low = 0.2 if "_y" in name or "_k" in name else -7.0
    x = ag.tensor(np.linspace(low, 11, 4), requires_grad=True)
    function = getattr(special, name)
    assert ag.autograd.gradcheck(function, x)
    assert ag.autograd.gradgradcheck(function, x)


def test_wronskians_and_equations() -> None:
    x = ag.tensor(positive(200), requires_grad=True)
    j0, j1, y0, y1 = (getattr(special, f"bessel_{n}")(x) for n in ("j0", "j1", "y0", "y1"))
    np.testing.assert_allclose(host((j1 * y0 - j0 * y1) * x * math.pi / 2), 1, rtol=1e-12)
    i0, i1 = special.i0e(x), special.i1e(x)
    k0, k1 = (special.scaled_modified_bessel_k0(x), special.scaled_modified_bessel_k1(x))
    np.testing.assert_allclose(host((i0 * k1 + i1 * k0) * x), 1, rtol=1e-12)
    at = ag.tensor(np.linspace(-20, 8, 57), requires_grad=True)
    value = special.airy_ai(at)
    (slope,) = ag.autograd.grad(value.sum(), at, create_graph=True)
    (bend,) = ag.autograd.grad(slope.sum(), at)
    np.testing.assert_allclose(host(bend), host(at * value), rtol=1e-12)  # Ai'' = x Ai
    third = [3 ** (-2 / 3) / math.gamma(2 / 3), -(3 ** (-1 / 3)) / math.gamma(1 / 3)]
    zero = ag.zeros(1, dtype=ag.float64, requires_grad=True)
    value = special.airy_ai(zero)
    value.backward()
    np.testing.assert_allclose([value.item(), zero.grad.item()], third, rtol=1e-14)


def test_at_the_ends() -> None:
    ends = ag.tensor([0.0, math.inf, -1.0])
    assert special.bessel_j0(ends).tolist()[:2] == [1, 0]
    assert special.bessel_j1(ends).tolist()[:2] == [0, 0]
    for name, at_zero in (("bessel_y0", -math.inf), ("modified_bessel_k1", math.inf)):
        zero, far, below = getattr(special, name)(ends).tolist()
        assert (zero, far) == (at_zero, 0) and math.isnan(below)
    assert special.spherical_bessel_j0(ends).tolist()[:2] == [1, 0]
    assert special.airy_ai(ag.tensor([math.inf, -math.inf])).tolist() == [0, 0]


POLYNOMIALS = {
    "chebyshev_polynomial_t": "eval_chebyt", "chebyshev_polynomial_u": "eval_chebyu",
    "shifted_chebyshev_polynomial_t": "eval_sh_chebyt",
    "shifted_chebyshev_polynomial_u": "eval_sh_chebyu",
    "hermite_polynomial_h": "eval_hermite", "hermite_polynomial_he": "eval_hermitenorm",
    "laguerre_polynomial_l": "eval_laguerre", "legendre_polynomial_p": "eval_legendre",
}  # fmt: skip
KINDS = [
    *POLYNOMIALS, "chebyshev_polynomial_v", "chebyshev_polynomial_w",
    "shifted_chebyshev_polynomial_v", "shifted_chebyshev_polynomial_w",
]  # fmt: skip


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomials_beside_scipy(name: str) -> None:
    scipy = pytest.importorskip("scipy.special")
    x, n = np.linspace(-1.5, 1.5, 31), np.array([[0], [1], [2], [5], [12], [30]])
    got = host(getattr(special, name)(ag.tensor(x), ag.tensor(n)))
    want = getattr(scipy, POLYNOMIALS[name])(n, x)
    largest = abs(want).max(1, keepdims=True)
    np.testing.assert_allclose(got / largest, want / largest, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", KINDS)
def test_polynomials_beside_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    x, n = np.linspace(-3, 3, 25), np.array([[-2.0], [0.0], [1.0], [3.9], [8.0]])
    for a, b in ((x, n), (x, 4), (0.5, n), (np.arange(-3, 4), np.array([[2], [3]]))):
        got, want = (
            getattr(library.special, name)(
                library.tensor(a) if isinstance(a, np.ndarray) else a,
                library.tensor(b) if isinstance(b, np.ndarray) else b,
            )
            for library in (ag, torch)
        )
        assert str(got.dtype).split(".")[1] == str(want.dtype).split(".")[1]
        tolerance = 1e-10 if want.dtype == torch.float64 else 1e-5
        np.testing.assert_allclose(host(got), want.numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", KINDS)
def test_derivatives_of_polynomials(name: str) -> None:
    x = ag.tensor(np.array([-1.2, -0.4, 0.3, 1.0]), requires_grad=True)
    degrees = ag.tensor(np.array([[0], [1], [2], [5]]))

    def function(x: Any) -> Any:
        return getattr(special, name)(x, degrees)

    assert ag.autograd.gradcheck(function, x)
    assert ag.autograd.gradgradcheck(function, x)


def test_zeta() -> None:
    scipy = pytest.importorskip("scipy.special")
    rng = np.random.default_rng(0)
    s, q = rng.uniform(1.05, 12, 300), 10 ** rng.uniform(-3, 3, 300)
    np.testing.assert_allclose(host(special.zeta(ag.tensor(s), ag.tensor(q))), scipy.zeta(s, q))
    assert special.zeta(2.0, ag.tensor(1.0)).item() == pytest.approx(math.pi**2 / 6)
    x = ag.tensor([1.0, 0.5, 2.0, 2.5, 3.0, 2.0])
    y = ag.tensor([2.0, 2.0, -1.0, -0.5, -0.5, math.inf])
    one, low, pole, mixed, below, far = special.zeta(x, y).tolist()
    assert one == pole == math.inf and math.isnan(low) and math.isnan(mixed) and far == 0
    assert below == pytest.approx(-8 + 7 * 1.2020569031595942, rel=1e-5)
    with pytest.raises(NotImplementedError, match="first argument"):
        special.zeta(ag.tensor(2.0, requires_grad=True), ag.tensor(1.0)).backward()


def test_degrees_that_would_never_end_are_refused() -> None:
    with pytest.raises(ValueError, match="special.legendre_polynomial_p: degrees"):
        special.legendre_polynomial_p(ag.ones(2), 1e30)
    with pytest.raises(ValueError, match="special.zeta: other"):
        special.zeta(ag.tensor(2.0), ag.tensor(-1e9 + 0.5, dtype=ag.float64))
