"""interp, convolve and correlate beside NumPy; their derivatives, jumps and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag

RNG = np.random.default_rng(0)


def host(x: Any) -> np.ndarray:
    return x.detach().cpu().numpy()


def numbers(n: int, kind: str) -> np.ndarray:
    if kind == "i":
        return RNG.integers(-5, 5, n)
    x = RNG.standard_normal(n)
    return x + 1j * RNG.standard_normal(n) if kind == "c" else x


@pytest.mark.parametrize("name", ["convolve", "correlate"])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("kind", ["f", "c", "i"])
@pytest.mark.parametrize("sizes", [(1, 1), (6, 3), (3, 6), (5, 4), (4, 5), (4, 4), (1, 3)])
def test_products_beside_numpy(name: str, mode: str, kind: str, sizes: tuple[int, int]) -> None:
    a, v = (numbers(n, kind) for n in sizes)
    got = getattr(ag, name)(ag.tensor(a), ag.tensor(v), mode)
    want = getattr(np, name)(a, v, mode)
    assert got.shape == want.shape
    assert host(got).dtype == want.dtype
    np.testing.assert_allclose(host(got), want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", ["convolve", "correlate"])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("sizes", [(4, 2), (2, 4)])
def test_derivatives_of_products(name: str, mode: str, sizes: tuple[int, int]) -> None:
    leaves = [ag.tensor(numbers(n, "c"), requires_grad=True) for n in sizes]

    def function(a: Any, v: Any) -> Any:
        return getattr(ag, name)(a, v, mode)

    assert ag.autograd.gradcheck(function, leaves)
    assert ag.autograd.gradgradcheck(function, leaves)


def test_products_promote_and_keep_dtypes() -> None:
    short, long = ag.ones(2, dtype=ag.float16), ag.ones(3, dtype=ag.float32)
    assert ag.convolve(short, long).dtype is ag.float32
    assert ag.convolve(short, short).dtype is ag.float16
    assert ag.convolve(ag.ones(2, dtype=ag.int64), long).dtype is ag.float32


POINTS = np.array([-1.0, 0.3, 0.9, 2.0])
VALUES = np.array([2.0, -1.0, 4.0, 0.5])


@pytest.mark.parametrize(
    "options", [{}, {"left": -3.0}, {"right": 9.0}, {"period": 2.5}, {"period": -7}]
)
@pytest.mark.parametrize("kind", ["f", "c"])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_interp_beside_numpy(options: dict[str, Any], kind: str, count: int) -> None:
    x = np.concatenate([np.linspace(-4, 5, 37), POINTS, [np.inf, -np.inf, np.nan]])
    if "period" in options:
        x = x[:-3]
    elif count == 1:
        x = x[:-1]  # NumPy takes the only value for NaN
    values = VALUES[:count] * (1 + 2j if kind == "c" else 1)
    got = ag.interp(ag.tensor(x), ag.tensor(POINTS[:count]), ag.tensor(values), **options)
    want = np.interp(x, POINTS[:count], values, **options)
    np.testing.assert_allclose(host(got), want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("period", [None, 4.5])
def test_derivatives_of_interp(period: float | None) -> None:
    leaves = [ag.tensor(v, requires_grad=True) for v in (RNG.uniform(-3, 3, 6), POINTS, VALUES)]

    def function(x: Any, xp: Any, fp: Any) -> Any:
        return ag.interp(x, xp, fp, period=period)

    assert ag.autograd.gradcheck(function, leaves)
    assert ag.autograd.gradgradcheck(function, leaves)


def test_what_lies_beyond_the_ends_gets_the_gradient() -> None:
    left = ag.tensor(5.0, requires_grad=True)
    fp = ag.tensor([1.0, 2.0], requires_grad=True)
    x = ag.tensor([-1.0, 0.5, 3.0], requires_grad=True)
    ag.interp(x, ag.tensor([0.0, 1.0]), fp, left=left).sum().backward()
    assert (left.grad.item(), fp.grad.tolist(), x.grad.tolist()) == (1, [0.5, 1.5], [0, 1, 0])


def test_a_jump_has_finite_gradients() -> None:
    xp = ag.tensor([0.0, 1.0, 1.0, 2.0], requires_grad=True)
    fp = ag.tensor([0.0, 1.0, 5.0, 6.0], requires_grad=True)
    x = ag.tensor([0.5, 1.0, 1.5], requires_grad=True)
    out = ag.interp(x, xp, fp)
    np.testing.assert_allclose(host(out), np.interp(host(x), host(xp), host(fp)))
    out.sum().backward()
    for leaf in (x, xp, fp):
        assert leaf.grad.isfinite().all().item()


def test_interp_keeps_float32() -> None:
    x = ag.tensor([0.5], requires_grad=True)
    out = ag.interp(x, ag.tensor([0.0, 1.0]), ag.tensor([0.0, 3.0]))
    out.backward()
    assert out.dtype is ag.float32 and x.grad.dtype is ag.float32
    assert ag.interp(ag.tensor([1]), ag.tensor([0, 2]), ag.tensor([0, 3])).tolist() == [1.5]
    assert ag.interp(0.5, ag.tensor([0.0, 1.0]), ag.tensor([0.0, 3.0])).item() == 1.5


@pytest.mark.cpu_only
def test_by_numpys_functions() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    assert np.convolve(x, np.array([1.0, 1.0])).tolist() == [1, 3, 2]
    assert np.interp(x, np.array([0.0, 4.0]), np.array([0.0, 8.0])).requires_grad


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ag.convolve(ag.ones(2, 2), ag.ones(2)), "convolve: a must be"),
        (lambda: ag.convolve(ag.ones(2), ag.ones(0)), "convolve: v must be"),
        (lambda: ag.correlate(ag.ones(2), ag.ones(2), "half"), "mode must be"),
        (lambda: ag.interp(ag.ones(2), ag.ones(2), ag.ones(3)), "xp and fp must"),
        (lambda: ag.interp(ag.ones(2), ag.ones(0), ag.ones(0)), "xp and fp must"),
        (lambda: ag.interp(ag.ones(2), ag.ones(2), ag.ones(2), period=0), "period"),
    ],
)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises((RuntimeError, ValueError), match=words):
        call()
