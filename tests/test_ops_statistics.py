"""Order statistics, quantiles, covariances, histograms: corners beyond the table's samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

REAL = ["float64", "float32", "float16", "int64", "int32", "uint8"]
NAN = math.nan


def grad_of(function: Any, data: Any) -> list[Any]:
    x = ag.tensor(data, dtype=ag.float64, requires_grad=True)
    function(x).sum().backward()
    return x.grad.tolist()


def compare_with_torch(name: str, array: np.ndarray, *args: Any, **kwargs: Any) -> None:
    """Values, shapes and dtypes of all results."""
    torch = pytest.importorskip("torch")
    theirs = getattr(torch, name)(torch.tensor(array), *args, **kwargs)
    ours = getattr(ag, name)(ag.tensor(array), *args, **kwargs)
    pair = [t if isinstance(t, (tuple, list)) else (t,) for t in (theirs, ours)]
    assert len(pair[0]) == len(pair[1])
    for want, got in zip(*pair, strict=True):
        assert str(got.dtype).rpartition(".")[2] == str(want.dtype).rpartition(".")[2]
        assert tuple(got.shape) == tuple(want.shape)
        exact = got.double() if got.is_floating_point() else got
        rtol = 2e-3 if want.dtype == torch.float16 else 1e-5
        np.testing.assert_allclose(
            exact.cpu().numpy(), want.to(torch.float64).numpy(), rtol=rtol, atol=1e-6
        )


TIED = np.array([[3, 2, 2, 1, 1], [0, 0, 0, 0, 3], [2, 3, 2, 2, 3], [2, 2, 2, 2, 3]])


@pytest.mark.parametrize("dtype", REAL)
def test_ties_and_dtypes_as_in_pytorch(dtype: str) -> None:
    x = TIED.astype(dtype)
    for dim in (0, 1, -1):
        compare_with_torch("mode", x, dim)
        compare_with_torch("cummax", x, dim)
        compare_with_torch(
            "cummin",
            x,
            dim,
        )
        assert ag.tensor(x).kthvalue(2, dim).values.dtype is ag.tensor(x).dtype
    compare_with_torch("nanmedian", x)
    compare_with_torch("msort", x)
    compare_with_torch("cov", x)
    compare_with_torch("corrcoef", x)
    compare_with_torch("trapezoid", x)
    compare_with_torch("cumulative_trapezoid", x, dim=0)
    if dtype != "uint8":
        compare_with_torch("gradient", x)
    if dtype.startswith("float"):
        compare_with_torch("histc", x, 4)
        compare_with_torch("renorm", x, 2, 0, 1.5)


def test_missing_values() -> None:
    x = np.array([[1.0, NAN, 3.0, 2.0], [NAN, NAN, NAN, NAN], [4.0, 1.0, 2.0, 3.0]])
    compare_with_torch("nanmedian", x)
    compare_with_torch("nanmedian", x[::2], 1, True)
    for interpolation in ("linear", "lower", "higher", "midpoint", "nearest"):
        compare_with_torch("quantile", x, 0.4, 1, interpolation=interpolation)
        compare_with_torch("nanquantile", x, 0.4, 1, True, interpolation=interpolation)
    compare_with_torch("kthvalue", x[:1], 4, 1)
    compare_with_torch("cummax", x, 1)
    compare_with_torch("cummin", x, 1)


def test_gradients_at_ties() -> None:
    third = 1 / 3
    assert grad_of(ag.nanmedian, [1.0, 3.0, NAN, 3.0, 3.0, 7.0]) == pytest.approx(
        [0, third, 0, third, third, 0]
    )
    assert sum(grad_of(lambda x: x.nanmedian(0).values, [3.0, 3.0, 3.0])) == 1
    assert grad_of(lambda x: x.mode(0).values, [2.0, 1.0, 2.0, 1.0]) == [0, 0, 0, 1]
    assert sum(grad_of(lambda x: x.kthvalue(2, 0).values, [3.0, 3.0, 3.0])) == 1
    assert grad_of(lambda x: x.quantile(0.5), [4.0, 1.0, 3.0, 2.0]) == [0, 0, 0.5, 0.5]
    assert grad_of(lambda x: x.nanquantile(0.5), [4.0, NAN, 3.0]) == [0.5, 0, 0.5]
    assert grad_of(lambda x: x.quantile(0.3, interpolation="lower"), [1.0, 2.0, 3.0]) == [1, 0, 0]


def test_quantiles_of_several_levels_have_gradients_too() -> None:
    x = ag.tensor([1.0, 5.0, 2.0], dtype=ag.float64)
    q = ag.tensor([0.25, 0.75], dtype=ag.float64, requires_grad=True)
    out = x.quantile(q)
    assert out.tolist() == [1.5, 3.5]
    out.sum().backward()
    assert q.grad.tolist() == [2.0, 6.0]  # the slope between neighbours, times n - 1


def test_weighted_covariance() -> None:
    often, weight = np.array([1, 3, 2]), np.array([0.5, 2.0, 1.0])
    x = np.array([[1.0, 2.0, 4.0], [0.0, 1.0, -2.0]])
    got = ag.cov(ag.tensor(x), correction=0, fweights=ag.tensor(often), aweights=ag.tensor(weight))
    want = np.cov(x, ddof=0, fweights=often, aweights=weight)
    np.testing.assert_allclose(got.cpu().numpy(), want, rtol=1e-12)


def test_renorm_in_place_keeps_what_rules_need() -> None:
    x = ag.tensor([[3.0, 4.0], [0.1, 0.2]], dtype=ag.float64, requires_grad=True)
    y = x * 1
    y.renorm_(2, 0, 1.0)
    z = x.renorm(2, 0, 1.0)
    grads = [ag.autograd.grad((v * v * v).sum(), x)[0].tolist() for v in (y, z)]
    assert grads[0] == grads[1]


def test_abscissas() -> None:
    y, x = ag.tensor([[1.0, 2.0, 4.0], [0.0, 3.0, 3.0]]), ag.tensor([0.0, 1.0, 3.0])
    assert ag.trapezoid(y, x).tolist() == [7.5, 7.5]
    assert ag.trapz(y.T, x, dim=0).tolist() == [7.5, 7.5]
    assert ag.cumulative_trapezoid(y, x).tolist() == [[1.5, 7.5], [1.5, 7.5]]
    square = ag.tensor([0.0, 1.0, 9.0, 16.0])
    (slope,) = ag.gradient(square, spacing=[ag.tensor([0.0, 1.0, 3.0, 4.0])], edge_order=2)
    assert slope.tolist() == pytest.approx([0.0, 2.0, 6.0, 8.0], abs=1e-5)


def test_histograms() -> None:
    x = ag.tensor([0.0, 1.0, 1.0, 3.0, NAN, 5.0])
    assert ag.histc(x, 3, 0, 3).tolist() == [1.0, 2.0, 1.0]
    hist, edges = ag.histogram(x[:4], 3)
    assert hist.tolist() == [1.0, 2.0, 1.0] and edges.tolist() == [0.0, 1.0, 2.0, 3.0]
    one = ag.tensor([2.0, 2.0])
    assert ag.histogram(one, 2).bin_edges.tolist() == [1.5, 2.0, 2.5]
    assert ag.histc(one, 2).tolist() == [0.0, 2.0]
    density = ag.histogram(x[:4], ag.tensor([0.0, 1.0, 4.0]), density=True).hist
    assert density.tolist() == pytest.approx([0.25, 0.25])
    assert ag.histogramdd(ag.zeros(0, 2), (2, 3)).hist.shape == (2, 3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ag.zeros(3).kthvalue(4), "kthvalue: k=4"),
        (lambda: ag.zeros(3, 0).kthvalue(1), "kthvalue: .*no elements"),
        (lambda: ag.zeros(3, 0).mode(), "mode: .*no elements"),
        (lambda: ag.zeros(3, 0).nanmedian(1), "nanmedian: .*no elements"),
        (lambda: ag.zeros(3).nanmedian(1), "nanmedian: dim=1"),
        (lambda: ag.zeros(2, dtype=ag.complex64).mode(), "mode: input must be real"),
        (lambda: ag.zeros(3).quantile(1.5), "quantile: q must lie"),
        (lambda: ag.zeros(3).quantile(ag.tensor([0.5, -0.1])), "quantile: all of q"),
        (lambda: ag.zeros(3).quantile(ag.tensor(0.5, dtype=ag.float64)), "quantile: input and q"),
        (lambda: ag.zeros(3).quantile(0.5, interpolation="cubic"), "interpolation must be one of"),
        (lambda: ag.zeros(0).quantile(0.5), "quantile: input is empty"),
        (lambda: ag.zeros(3, dtype=ag.int64).quantile(0.5), "quantile: input must be float32"),
        (lambda: ag.cov(ag.zeros(2, 2, 2)), "cov: expected at most 2"),
        (lambda: ag.cov(ag.zeros(2, 2), fweights=ag.tensor([1.0, 1.0])), "cov: fweights"),
        (lambda: ag.cov(ag.zeros(2, 2), aweights=ag.tensor([-1.0, 1.0])), "cov: aweights"),
        (lambda: ag.renorm(ag.zeros(3), 2, 0, 1), "renorm: expected at least 2"),
        (lambda: ag.renorm(ag.zeros(3, 3), 0, 0, 1), "renorm: expected p > 0"),
        (lambda: ag.gradient(ag.zeros(1)), "gradient: edge_order=1 needs"),
        (lambda: ag.gradient(ag.zeros(3), edge_order=3), "gradient: edge_order must be"),
        (lambda: ag.gradient(ag.zeros(3, 3), spacing=[1.0]), "gradient: expected one spacing"),
        (lambda: ag.trapezoid(ag.zeros(2, 3), ag.zeros(2)), "trapezoid: x has 2 elements"),
        (lambda: ag.trapezoid(ag.zeros(3), ag.zeros(3), dx=1), "trapezoid: x and dx"),
        (lambda: ag.histc(ag.zeros(3), 0), "histc: bins must be"),
        (lambda: ag.histc(ag.zeros(3), 3, 2, 1), "histc: the range"),
        (lambda: ag.histc(ag.tensor([math.inf])), "histc: the range"),
        (lambda: ag.histogram(ag.zeros(3), 3, weight=ag.zeros(2)), "histogram: weight must have"),
        (lambda: ag.histogramdd(ag.zeros(3, 2), (1, 2, 3)), "histogramdd: bins must have"),
    ],
)  # fmt: skip
def test_refusals_name_operator_and_argument(call: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError, IndexError, RuntimeError), match=words):
        call()


def test_masked_operators_ignore_what_the_mask_leaves_out() -> None:
    x = ag.tensor([[1.0, NAN, 3.0], [4.0, 5.0, NAN]], dtype=ag.float64, requires_grad=True)
    mask = ~x.isnan()
    assert ag.masked.sum(x, 1, mask=mask).tolist() == [4.0, 9.0]
    assert ag.masked.mean(x, 1, mask=mask).tolist() == [2.0, 4.5]
    assert ag.masked.amax(x, 1, mask=mask).tolist() == [3.0, 5.0]
    assert ag.masked.median(x, 1, mask=mask).tolist() == [1.0, 4.0]
    assert ag.masked.var(x, 1, mask=mask).tolist() == [2.0, 0.5]
    assert ag.masked.argmin(x, 1, mask=mask).tolist() == [0, 0]
    ag.masked.sum(x, mask=mask).backward()
    assert x.grad.tolist() == [[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]


def test_masked_rows_without_elements() -> None:
    x, none = ag.tensor([1.0, 2.0]), ag.tensor([False, False])
    assert ag.masked.sum(x, mask=none).item() == 0
    assert ag.masked.prod(x, mask=none).item() == 1
    assert ag.masked.amax(x, mask=none).item() == -math.inf
    assert math.isnan(ag.masked.mean(x, mask=none).item())
    assert ag.masked.amin(ag.tensor([3, 1]), mask=none).item() == 2**63 - 1
    with pytest.raises(TypeError, match=r"masked\.sum: mask must be"):
        ag.masked.sum(x, mask=ag.tensor([1, 0]))
    with pytest.raises(RuntimeError, match=r"masked\.sum: mask of shape"):
        ag.masked.sum(x, mask=ag.tensor([[True, False], [True, True]]))
