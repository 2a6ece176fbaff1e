"""Elementwise operators beyond what the table generates: arguments, promotion, views, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd_core as ag


def values(tensor: ag.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def test_add_and_sub_take_alpha() -> None:
    x, y = ag.tensor([1.0, 2.0], requires_grad=True), ag.tensor([10.0, 20.0], requires_grad=True)
    out = ag.add(x, y, alpha=3) + ag.sub(x, y, alpha=0.5)
    assert out.tolist() == [27.0, 54.0]
    out.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0] and y.grad.tolist() == [2.5, 2.5]
    z = ag.tensor([1.0, 2.0])
    assert z.add_(ag.ones(2), alpha=-0.5) is z and z.tolist() == [0.5, 1.5]
    assert ag.rsub(z, 1.0).tolist() == [0.5, -0.5]
    with pytest.raises(RuntimeError, match="alpha"):
        ag.add(ag.tensor([1]), ag.tensor([1]), alpha=0.5)


@pytest.mark.parametrize("mode", ["trunc", "floor"])
def test_division_with_rounding(mode: str) -> None:
    a = np.array([-7, 7, -6, 5])
    for dtype in (np.int64, np.float64):
        got = ag.div(ag.tensor(a.astype(dtype)), 2, rounding_mode=mode)
        assert got.tolist() == (np.trunc(a / 2) if mode == "trunc" else np.floor(a / 2)).tolist()
        assert values(got).dtype == dtype
    x = ag.tensor([5.0], requires_grad=True)
    ag.div(x, 2, rounding_mode=mode).sum().backward()
    assert x.grad.tolist() == [0.0]
    with pytest.raises(ValueError, match="rounding_mode"):
        ag.div(x, 2, rounding_mode="up")


def test_pythons_operators() -> None:
    x = ag.tensor([5.0, -5.0])
    assert (x // 2).tolist() == [2.0, -3.0] and (7 // x).tolist() == [1.0, -2.0]
    assert (x % 3).tolist() == [2.0, 1.0] and (7 % x).tolist() == [2.0, -3.0]
    assert (2**x).tolist() == [32.0, 2**-5] and (1 - x).tolist() == [-4.0, 6.0]
    assert (+x).tolist() == [5.0, -5.0] and abs(x).tolist() == [5.0, 5.0]
    n = ag.tensor([6, 3])
    assert (n & 2).tolist() == [2, 2] and (n | 1).tolist() == [7, 3] and (n ^ 1).tolist() == [7, 2]
    assert (
        (~n).tolist() == [-7, -4] and (n << 1).tolist() == [12, 6] and (n >> 1).tolist() == [3, 1]
    )
    assert (1 << n).tolist() == [64, 8]
    n &= 2
    assert n.tolist() == [2, 2]
    truth = ag.tensor([True, False])
    assert (~truth).tolist() == [False, True] and (truth & True).tolist() == [True, False]


def test_comparisons_with_what_is_no_tensor() -> None:
    x = ag.tensor([1.0, 2.0])
    assert (x == None) is False and (x != None) is True  # noqa: E711
    assert (x == "text") is False
    assert (x > 1).tolist() == [False, True] and (x > 1).tolist() == [False, True]
    assert x in [x] and len({x, x}) == 1
    with pytest.raises(TypeError, match="lt"):
        x < "text"  # noqa: B015


@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_error_function_to_the_last_digits(name: str) -> None:
    x = np.concatenate([np.linspace(-6, 6, 1201), np.geomspace(1e-300, 1, 50), [0.0, 1.0, -1.0]])
    x = x[x < 5.8] if name == "erfc" else x
    want = np.array([getattr(math, name)(v) for v in x])
    got = values(getattr(ag, name)(ag.tensor(x)))
    np.testing.assert_allclose(got, want, rtol=2e-15)
    single = values(getattr(ag, name)(ag.tensor(x.astype(np.float32))))
    want = np.array([getattr(math, name)(v) for v in x.astype(np.float32).astype(float)])
    np.testing.assert_allclose(single, want, rtol=1e-6, atol=1e-44)
    special = getattr(ag, name)(ag.tensor([math.inf, -math.inf, math.nan])).tolist()
    assert special[:2] == ([1.0, -1.0] if name == "erf" else [0.0, 2.0]) and math.isnan(special[2])


def test_error_function_in_blocks() -> None:
    x = np.linspace(-3, 3, 30_000).reshape(100, 300)
    want = np.vectorize(math.erf)(x)
    np.testing.assert_allclose(values(ag.erf(ag.tensor(x))), want, rtol=1e-14)
    np.testing.assert_allclose(values(ag.erf(ag.tensor(x).T)), want.T, rtol=1e-14)


def test_clamp_forms() -> None:
    x = ag.tensor([-2.0, 0.5, 3.0, math.nan], requires_grad=True)
    assert x.clamp(-1, 1).tolist()[:3] == [-1.0, 0.5, 1.0] and math.isnan(
        x.clamp(-1, 1).tolist()[3]
    )
    assert x.clamp(min=0).tolist()[:3] == [0.0, 0.5, 3.0]
    assert x.clamp(max=ag.tensor(0.0)).tolist()[:3] == [-2.0, 0.0, 0.0]
    assert x.clamp(2, 1).tolist()[:3] == [1.0, 1.0, 1.0]
    low, high = ag.zeros(4, requires_grad=True), ag.ones(4, requires_grad=True)
    ag.clamp(x, low, high).nansum().backward()
    assert x.grad.tolist()[:3] == [0.0, 1.0, 0.0]
    assert low.grad.tolist()[:3] == [1.0, 0.0, 0.0] and high.grad.tolist()[:3] == [0.0, 0.0, 1.0]
    assert ag.tensor([1, 5]).clamp(2, 3).tolist() == [2, 3]
    assert ag.tensor([1, 5]).clamp(max=2.5).tolist() == [1.0, 2.5]
    with pytest.raises(ValueError, match="at least one"):
        x.clamp()


def test_choices_pass_no_gradient_to_what_was_not_chosen() -> None:
    """Exact zeros, also where the gradient that arrives is infinite or NaN."""
    x = ag.tensor([-1.0, 4.0], requires_grad=True)
    x.relu().sqrt().sum().backward()
    assert x.grad.tolist() == [0.0, 0.25]
    y = ag.tensor([-1.0, 0.25], requires_grad=True)
    (ag.where(y > 0, y, 0.0) ** 0.5).sum().backward()
    assert y.grad.tolist() == [0.0, 1.0]


def test_integers_are_computed_in_the_default_dtype() -> None:
    n = ag.tensor([1, 2])
    for function in (ag.exp, ag.sin, ag.sigmoid, ag.erf, ag.rsqrt, ag.log1p):
        assert function(n).dtype is ag.float32
    assert ag.atan2(n, n).dtype is ag.float32 and (n / 2).dtype is ag.float32
    assert ag.square(n).dtype is ag.int64 and ag.floor(n).tolist() == [1, 2]
    assert ag.float_power(n, 2).dtype is ag.float64


def test_complex_parts_are_views() -> None:
    z = ag.tensor([1 + 2j, 3 - 4j])
    assert z.real.tolist() == [1.0, 3.0] and z.imag.tolist() == [2.0, -4.0]
    z.real.mul_(2)
    assert z.tolist() == [2 + 2j, 6 - 4j]
    assert ag.view_as_complex(ag.view_as_real(z)).tolist() == z.tolist()
    x = ag.tensor([1.0])
    assert x.conj() is x and x.real is x
    with pytest.raises(RuntimeError, match="complex"):
        x.imag  # noqa: B018


def test_gradient_of_a_complex_absolute_value() -> None:
    z = ag.tensor([3 + 4j], dtype=ag.complex128, requires_grad=True)
    (z.abs() ** 2).sum().backward()
    assert z.grad.tolist() == pytest.approx([6 + 8j])
    w = ag.tensor([3 + 4j, 0j], dtype=ag.complex128, requires_grad=True)
    w.abs().sum().backward()
    assert w.grad.tolist() == pytest.approx([0.6 + 0.8j, 0])


def test_nan_to_num_in_half_precision() -> None:
    x = ag.tensor([math.nan, math.inf, -math.inf, 1.0], dtype=ag.float16)
    assert ag.nan_to_num(x).tolist() == [0.0, 65504.0, -65504.0, 1.0]
    assert ag.nan_to_num(x, nan=1.0, posinf=2.0, neginf=3.0).tolist() == [1.0, 2.0, 3.0, 1.0]


def test_half_types_keep_their_dtype() -> None:
    for dtype in (ag.float16, ag.bfloat16):
        x = ag.tensor([0.5, 1.5], dtype=dtype, requires_grad=True)
        out = x.sigmoid() * x.erf() + ag.hypot(x, x).clamp(0.1, 9) + ag.lerp(x, x, 0.5)
        assert out.dtype is dtype
        out.sum().backward()
        assert x.grad.dtype is dtype


def test_closeness() -> None:
    x = ag.tensor([1.0, math.inf, math.nan])
    assert ag.isclose(x, x).tolist() == [True, True, False]
    assert ag.allclose(x, x, equal_nan=True) is True and ag.allclose(x, x) is False
    assert ag.equal(ag.ones(2), ag.ones(2)) is True and ag.equal(ag.ones(2), ag.ones(3)) is False


def test_errors_name_the_operator_and_the_operands() -> None:
    with pytest.raises(RuntimeError, match=r"hypot.*\(2,\).*\(3,\).*Mend"):
        ag.hypot(ag.ones(2), ag.ones(3))
    with pytest.raises(TypeError, match="tanh"):
        ag.tanh("text")
    with pytest.raises(TypeError, match="where.*boolean"):
        ag.where(ag.ones(2), ag.ones(2), 0)
    with pytest.raises(RuntimeError, match="addcdiv"):
        ag.addcdiv(ag.tensor([1]), ag.tensor([1]), ag.tensor([1]))


@pytest.mark.cpu_only  # on a GPU nobody looks
@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod"])
def test_integers_are_not_divided_by_zero(name: str) -> None:
    function = getattr(ag, name)
    for zero in (0, ag.tensor([0, 1], dtype=ag.int16)):
        with pytest.raises(ZeroDivisionError, match=f"{name}.*Mend"):
            function(ag.tensor([3, 4], dtype=ag.int16), zero)
    with pytest.raises(ZeroDivisionError):
        ag.div(ag.tensor([3]), 0, rounding_mode="trunc")
    assert function(ag.zeros(0, dtype=ag.int64), 0).tolist() == []
    for dtype in (ag.float32, ag.bfloat16, ag.float16):
        assert not function(ag.tensor([3.0], dtype=dtype), 0).isfinite().any().item()


def test_derivatives_of_sinc_at_and_near_zero() -> None:
    x = ag.tensor([0.0, 1e-5], dtype=ag.float64, requires_grad=True)
    (first,) = ag.autograd.grad(ag.sinc(x).sum(), x, create_graph=True)
    (second,) = ag.autograd.grad(first.sum(), x)
    assert first.tolist() == pytest.approx([0, -1e-5 * math.pi**2 / 3], rel=1e-9)
    assert second.tolist() == pytest.approx([-(math.pi**2) / 3] * 2, rel=1e-9)
    assert ag.sinc(ag.tensor(math.inf)).isnan().item()


def test_gradient_of_logit_is_nan_where_the_value_is() -> None:
    x = ag.tensor([0.5, -0.5, 1.5], requires_grad=True)
    ag.logit(x).sum().backward()
    assert x.grad[0].item() == 4 and x.grad[1:].isnan().all().item()


def test_gradient_by_a_complex_exponent_of_a_negative_base() -> None:
    z = ag.tensor([1 + 1j], dtype=ag.complex128, requires_grad=True)
    for base in (ag.tensor([-2]), ag.tensor([-2.0], dtype=ag.float64)):
        (got,) = ag.autograd.grad(ag.pow(base, z).real.sum(), z)
        want = ((-2) ** (1 + 1j) * complex(math.log(2), math.pi)).conjugate()
        assert got.item() == pytest.approx(want)


def test_gradients_keep_the_precision_of_mixed_dtypes() -> None:
    y = ag.tensor(0.7, dtype=ag.float64, requires_grad=True)
    (got,) = ag.autograd.grad(ag.pow(ag.tensor(3), y), y)
    assert got.item() == pytest.approx(3**0.7 * math.log(3), rel=1e-14)
    w = ag.tensor(1.5, dtype=ag.float64, requires_grad=True)
    (once,) = ag.autograd.grad(ag.xlogy(y, ag.tensor(3)), y, w, create_graph=True)
    (again,) = ag.autograd.grad(once, w)
    assert again.item() == pytest.approx(math.log(3), rel=1e-14)


def test_remainders_of_integers_by_fractions_near_zero() -> None:
    x, y = ag.tensor([3, -3]), ag.tensor([0.0, 2.0], requires_grad=True)
    for name, slope in (("fmod", 1.0), ("remainder", 2.0)):
        (got,) = ag.autograd.grad(getattr(ag, name)(x, y)[1], y)
        assert got[1].item() == slope


def test_addcmul_refuses_a_fraction_of_integers() -> None:
    x = ag.tensor([3])
    assert ag.addcmul(x, x, x, value=2.0).tolist() == [21]
    y = ag.tensor([3], dtype=ag.uint8)
    assert ag.addcmul(y, y, y, value=-1).tolist() == [250]
    with pytest.raises(RuntimeError, match=r"addcmul.*0\.5.*Mend"):
        ag.addcmul(x, x, x, value=0.5)


def test_clamping_between_equal_bounds_counts_a_gradient_once() -> None:
    bound = [1.0, 1.0, 1.0]
    x, low, high = (ag.tensor(v, requires_grad=True) for v in ([0.0, 1.0, 2.0], bound, bound))
    ag.clamp(x, low, high).sum().backward()
    assert [t.grad.tolist() for t in (x, low, high)] == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
