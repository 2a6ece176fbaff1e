"""Reductions and scans beyond what the table generates."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import autograd_core as ag


def values(tensor: ag.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()


SHAPES = [(7,), (600,), (40, 30), (3, 20, 15), (8, 5, 6, 4), (1, 700), (700, 1)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("keepdim", [False, True])
def test_sums_over_any_dimensions(shape: tuple[int, ...], keepdim: bool) -> None:
    """All ways to sum agree with NumPy, whichever short cut a layout takes."""
    a = np.random.default_rng(0).standard_normal(shape)
    for layout in (a, a.T.copy().T, a[..., ::-1]):
        x = ag.tensor(a) if layout is a else ag.from_numpy(np.ascontiguousarray(layout.T)).T
        for size in range(1, len(shape) + 1):
            for dims in itertools.combinations(range(len(shape)), size):
                for name in ("sum", "mean"):
                    got = values(getattr(x, name)(dims, keepdim))
                    want = getattr(layout, name)(axis=dims, keepdims=keepdim)
                    np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-11)
                    assert got.shape == want.shape


def test_sums_of_infinities_and_nan() -> None:
    a = np.ones((40, 30), np.float32)
    a[3, 4], a[5, 6], a[7, 8], a[7, 9] = math.inf, math.nan, math.inf, -math.inf
    for dim in (0, 1):
        with np.errstate(invalid="ignore"):
            want = a.sum(dim)
        np.testing.assert_array_equal(values(ag.tensor(a).sum(dim)), want)


def test_accumulation() -> None:
    for dtype in (ag.float16, ag.bfloat16):
        x = ag.full((5000,), 0.1, dtype=dtype)
        exact = float(x[0]) * 5000
        assert float(x.sum()) == pytest.approx(exact, rel=1e-2) and x.sum().dtype is dtype
        assert float(x.mean()) == pytest.approx(0.1, rel=1e-2)
        assert float(x.cumsum(0)[-1]) == pytest.approx(exact, rel=1e-2)
    assert ag.tensor([200, 100], dtype=ag.uint8).sum().item() == 300
    assert ag.tensor([True, True]).sum().dtype is ag.int64
    assert ag.tensor([3, 4]).prod().dtype is ag.int64


def test_long_rows_keep_their_precision() -> None:
    x = ag.full((2, 1_000_000), 0.1, dtype=ag.float32)
    assert x.sum(1).tolist() == pytest.approx([1e5, 1e5], rel=1e-6)


def test_axis_and_keepdims_are_other_names() -> None:
    x = ag.ones(2, 3)
    assert x.sum(axis=1, keepdims=True).shape == (2, 1) and x.mean(axis=0).shape == (3,)
    assert x.amax(axis=(0, 1)).shape == () and x.var(axis=0).shape == (3,)
    with pytest.raises(TypeError, match="two names"):
        x.sum(0, axis=1)


def test_dims_are_checked() -> None:
    x = ag.ones(2, 3)
    with pytest.raises(IndexError, match="sum.*dim=2"):
        x.sum(2)
    with pytest.raises(ValueError, match="twice"):
        x.sum((0, 0))
    with pytest.raises(TypeError, match="softmax"):
        x.softmax("a")
    assert ag.tensor(2.0).sum(0).item() == 2.0 and ag.tensor(2.0).softmax(-1).item() == 1.0


def test_mean_of_integers_and_of_nothing() -> None:
    with pytest.raises(RuntimeError, match="mean.*int64"):
        ag.tensor([1, 2]).mean()
    assert ag.tensor([1, 2]).mean(dtype=ag.float32).item() == 1.5
    x = ag.ones(0, requires_grad=True)
    assert math.isnan(x.mean().item())
    x.mean().backward()
    assert x.grad.shape == (0,)


def test_three_forms_of_max() -> None:
    x = ag.tensor([[1.0, 5.0, 5.0], [7.0, 2.0, 3.0]], requires_grad=True)
    assert x.max().item() == 7.0
    out = x.max(1)
    assert out.values.tolist() == [5.0, 7.0] and out.indices.tolist() == [1, 0]
    assert out.indices.dtype is ag.int64 and not out.indices.requires_grad
    out.values.sum().backward()
    assert x.grad.tolist() == [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    assert ag.max(x, ag.full((3,), 4.0)).tolist() == [[4.0, 5.0, 5.0], [7.0, 4.0, 4.0]]
    assert x.min(0, keepdim=True).indices.tolist() == [[0, 1, 1]]
    assert x.argmax().item() == 3 and x.argmin(1, keepdim=True).tolist() == [[0], [1]]


def test_extremes_of_nan_and_of_nothing() -> None:
    x = ag.tensor([1.0, math.nan, 3.0], requires_grad=True)
    assert math.isnan(x.max().item()) and x.argmax().item() == 1
    x.amax().backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0]
    for name in ("max", "amin", "argmax"):
        with pytest.raises(IndexError, match=f"{name}.*no elements"):
            getattr(ag.ones(0, 3), name)()
    assert ag.ones(0, 3).amax(1).shape == (0,)


@pytest.mark.parametrize(
    "row", [[2.0, 3.0, 4.0], [0.0, 3.0, 4.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]]
)
def test_products_with_zeros_are_exact_to_second_order(row: list[float]) -> None:
    x = ag.tensor(row, dtype=ag.float64, requires_grad=True)
    a, b, c = row
    (grad,) = ag.autograd.grad(x.prod(), x, create_graph=True)
    assert grad.tolist() == [b * c, a * c, a * b]
    (second,) = ag.autograd.grad(grad.sum(), x)
    assert second.tolist() == [b + c, a + c, a + b]
    (grad,) = ag.autograd.grad(x.cumprod(0).sum(), x, create_graph=True)
    assert grad.tolist() == [1 + b + b * c, a + a * c, a * b]
    (second,) = ag.autograd.grad(grad.sum(), x)
    assert second.tolist() == [1 + c + b, 1 + c + a, b + a]


def test_corrections_of_variance() -> None:
    a = np.array([1.0, 2.0, 4.0])
    x = ag.tensor(a)
    assert x.var().item() == pytest.approx(a.var(ddof=1))
    assert x.var(False).item() == pytest.approx(a.var())
    assert x.std(unbiased=False).item() == pytest.approx(a.std())
    assert x.var(correction=2).item() == pytest.approx(a.var(ddof=2))
    var, mean = ag.var_mean(x, 0, keepdim=True)
    assert var.shape == mean.shape == (1,)
    assert math.isnan(ag.ones(1).var().item()) and ag.ones(1).var(correction=0).item() == 0.0


def test_variance_of_large_offsets() -> None:
    x = ag.tensor([1e8, 1e8 + 1, 1e8 + 2], dtype=ag.float64)
    assert x.var().item() == 1.0


def test_logsumexp_of_infinities() -> None:
    inf = math.inf
    assert ag.tensor([-inf, -inf]).logsumexp(0).item() == -inf
    assert ag.tensor([inf, 0.0]).logsumexp(0).item() == inf
    assert ag.tensor([1e4, 1e4]).logsumexp(0).item() == pytest.approx(1e4 + math.log(2))
    x = ag.tensor([[-inf, -inf], [0.0, 0.0]], requires_grad=True)
    x.logsumexp(1).sum().backward()
    assert x.grad.tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_norms() -> None:
    x = ag.tensor([[3.0, 0.0], [0.0, -4.0]])
    assert x.norm().item() == 5.0 and x.norm(1).item() == 7.0 and x.norm(math.inf).item() == 4.0
    for order in (1, 2, math.inf):
        assert ag.linalg.matrix_norm(ag.ones(0, 0), order).item() == 0.0
    assert ag.linalg.norm(x, 1).item() == 4.0 and ag.linalg.matrix_norm(x).item() == 5.0
    assert ag.linalg.vector_norm(x, 0, dim=1).tolist() == [1.0, 1.0]
    zero = ag.zeros(3, requires_grad=True)
    (grad,) = ag.autograd.grad(zero.norm(), zero, create_graph=True)
    assert grad.tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(ValueError, match="linalg.matrix_norm: ord"):
        ag.linalg.matrix_norm(x, "spectral")


def test_truth() -> None:
    x = ag.tensor([[0.0, 1.0], [math.nan, 2.0]])
    assert x.all().item() is False and x.any().item() is True
    assert x.all(1).tolist() == [False, True] and x.any(0, keepdim=True).shape == (1, 2)
    assert ag.ones(0).all().item() is True and ag.ones(0).any().item() is False
    assert ag.count_nonzero(ag.tensor([[0, 1], [2, 3]]), 1).tolist() == [1, 2]


def test_sums_that_pass_over_nan() -> None:
    x = ag.tensor([[1.0, math.nan], [math.nan, math.nan]], requires_grad=True)
    assert x.nansum(1).tolist() == [1.0, 0.0]
    assert x.nanmean(1).tolist()[0] == 1.0 and math.isnan(x.nanmean(1).tolist()[1])
    x.nansum().backward()
    assert x.grad.tolist() == [[1.0, 0.0], [0.0, 0.0]]


def test_long_scans_are_exact() -> None:
    """The recurrence behind the gradient of cumprod, against a loop."""
    rng = np.random.default_rng(1)
    a, g = rng.uniform(0.5, 1.5, 37), rng.standard_normal(37)
    a[[5, 20]] = 0.0
    x = ag.tensor(a, requires_grad=True)
    x.cumprod(0).backward(ag.tensor(g))
    want = [
        sum(g[k] * np.prod(np.delete(a[: k + 1], i)) for k in range(i, len(a)))
        for i in range(len(a))
    ]
    np.testing.assert_allclose(values(x.grad), want, rtol=1e-12, atol=1e-14)


def test_medians() -> None:
    x = ag.tensor([[3.0, 1.0, 2.0, 4.0], [5.0, math.nan, 5.0, 6.0]], requires_grad=True)
    assert x[0].median().item() == 2.0 and math.isnan(x.median().item())
    out = x.median(1)
    assert out.values[0].item() == 2.0 and math.isnan(out.values[1].item())
    assert out.indices.tolist() == [2, 1]
    out.values[0].backward()
    assert x.grad[0].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert ag.ones(0).median().isnan().item() and ag.ones(0, 3).nanmedian().isnan().item()
    with pytest.raises(IndexError, match="median"):
        ag.ones(0, dtype=ag.int64).median()
    with pytest.raises(IndexError, match="median"):
        ag.ones(0).median(0)


def test_infinities_make_nan_without_a_warning() -> None:
    x = ag.tensor([math.inf, -math.inf, 0.0])
    for name in ("sum", "mean", "prod", "var", "std", "nansum"):
        getattr(x, name)()
    assert x.cumsum(0).tolist()[0] == math.inf and x.cumprod(0)[2].isnan().item()


def test_no_dimensions_are_all_but_for_truths() -> None:
    x = ag.tensor([[True, False], [True, True]])
    assert x.sum(()).item() == 3 and x.all(()).tolist() == x.any(()).tolist() == x.tolist()


def test_nanmean_refuses_integers() -> None:
    with pytest.raises(RuntimeError, match=r"nanmean.*int64"):
        ag.nanmean(ag.tensor([1, 2]))


def test_running_extremes() -> None:
    x = ag.tensor([2.0, 1.0, 2.0, 3.0, math.nan, 9.0], requires_grad=True)
    out = x.cummax(0)
    assert out.values.tolist()[:4] == [2.0, 2.0, 2.0, 3.0] and math.isnan(out.values[5].item())
    assert out.indices.tolist() == [0, 0, 2, 3, 4, 4]
    out.values[:4].sum().backward()
    assert x.grad.tolist() == [2.0, 0.0, 1.0, 1.0, 0.0, 0.0]
    assert x[:4].cummin(0).values.tolist() == [2.0, 1.0, 1.0, 1.0]


def test_differences() -> None:
    x = ag.tensor([[1, 4, 9]])
    assert x.diff().tolist() == [[3, 5]] and x.diff(2).tolist() == [[2]]
    assert x.diff(prepend=ag.tensor([[0]])).tolist() == [[1, 3, 5]]
    assert x.diff(n=5).shape == (1, 0)
    assert ag.tensor([True, False]).diff().tolist() == [True]


def test_dtype_argument_decides() -> None:
    x = ag.tensor([100, 100, 100], dtype=ag.uint8)
    assert x.sum(dtype=ag.uint8).item() == 44 and x.sum(dtype=ag.uint8).dtype is ag.uint8
    assert x.cumsum(0, dtype=ag.int32).dtype is ag.int32
    assert x.prod(dtype=ag.float32).item() == 1e6
    assert x.mean(dtype=ag.float64).dtype is ag.float64


def test_softmax_of_a_number_that_is_not_finite_is_nan() -> None:
    for value in (math.nan, math.inf, -math.inf):
        assert ag.softmax(ag.tensor(value), 0).isnan().item()
        assert ag.log_softmax(ag.tensor(value), 0).isnan().item()
    assert ag.softmax(ag.tensor(3.0), 0).item() == 1 and ag.softmax(ag.zeros(0), 0).tolist() == []


def test_dim_of_a_number_is_checked() -> None:
    assert ag.tensor(3.0).prod(0).item() == ag.tensor(3.0).prod(-1).item() == 3
    with pytest.raises(IndexError, match=r"prod.*dim=1"):
        ag.tensor(3.0).prod(1)


def test_variance_without_freedom_is_infinite_or_nan() -> None:
    x = ag.tensor([1.0, 3.5])
    assert x.var(correction=2).item() == x.std(correction=3).item() == math.inf
    assert ag.ones(2).var(correction=2).isnan().item() and ag.ones(1).var().isnan().item()
