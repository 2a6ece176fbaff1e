"""Views by strides, windows, parts put into wholes, reductions into places."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.autograd import gradcheck, gradgradcheck


def leaf(*shape: int) -> Any:
    values = np.random.default_rng(len(shape)).standard_normal(shape)
    return ag.tensor(values, requires_grad=True)


# --- strides --------------------------------------------------------------------------------------


def test_as_strided_is_a_view_of_the_memory() -> None:
    x = ag.arange(6)
    y = x[2:].as_strided((2, 2), (1, 1))
    assert y.tolist() == [[2, 3], [3, 4]]
    assert x[2:].as_strided((2,), (3,), 0).tolist() == [0, 3]
    y[0, 0] = 9
    assert x.tolist() == [0, 1, 9, 3, 4, 5]
    with pytest.raises(RuntimeError, match="as_strided: size .* reach beyond"):
        x.as_strided((3, 3), (3, 1))
    with pytest.raises(RuntimeError, match="as_strided: size .* none of them negative"):
        x.as_strided((2,), (-1,))


def test_as_strided_adds_up_what_overlaps() -> None:
    x = leaf(5)
    x.as_strided((3, 3), (1, 1)).sum().backward()
    assert x.grad.tolist() == [1.0, 2.0, 3.0, 2.0, 1.0]
    matrix = leaf(3, 4)
    for function in (
        lambda t: t.as_strided((2, 3), (1, 2), 1),
        lambda t: t.t().as_strided((2, 2), (3, 1)),
        lambda t: (t * t).as_strided((2, 2, 2), (1, 1, 1)),
    ):
        assert gradcheck(function, (matrix,)) and gradgradcheck(function, (matrix,))


def test_writing_through_strides_reaches_the_base() -> None:
    x = leaf(6)

    def function(t: Any) -> Any:
        base = t * 1
        base.as_strided((2, 2), (3, 1)).mul_(2.0)
        return base * t

    assert gradcheck(function, (x,)) and gradgradcheck(function, (x,))


def test_unfold_is_a_view() -> None:
    x = ag.zeros(5)
    windows = x.unfold(0, 2, 2)
    windows[1, 0] = 7
    assert x.tolist() == [0.0, 0.0, 7.0, 0.0, 0.0]
    assert ag.zeros(5, 0).unfold(0, 5, 1).shape == (1, 0, 5)
    assert ag.tensor(3).unfold(0, 1, 1).tolist() == [3]
    for bad, words in (
        ((0, 6, 1), "size must be"),
        ((0, 2, 0), "step must be"),
        ((1, 1, 1), "dim"),
    ):
        with pytest.raises((RuntimeError, IndexError), match=words):
            x.unfold(*bad)
    overlapping = leaf(7)
    assert gradgradcheck(lambda t: t.unfold(0, 3, 2) ** 2, (overlapping,))


def test_fill_diagonal() -> None:
    torch = pytest.importorskip("torch")
    for shape, wrap in (((3, 3), False), ((7, 3), True), ((7, 3), False), ((3, 5), True)):
        want = torch.zeros(shape).fill_diagonal_(2, wrap).tolist()
        assert ag.zeros(shape).fill_diagonal_(2, wrap).tolist() == want
    assert ag.zeros(2, 2, 2).fill_diagonal_(1).sum().item() == 2
    x = leaf(3, 3)
    y = x * 1
    y.fill_diagonal_(0)
    y.sum().backward()
    assert x.grad.tolist() == (1 - np.eye(3)).tolist()
    with pytest.raises(RuntimeError, match="fill_diagonal_: expected equal sizes"):
        ag.zeros(2, 3, 2).fill_diagonal_(1)
    with pytest.raises(RuntimeError, match="fill_diagonal_: expected at least 2"):
        ag.zeros(2).fill_diagonal_(1)


# --- parts put into wholes ------------------------------------------------------------------------


def test_parts_of_another_shape_are_refused() -> None:
    x = ag.zeros(3, 3)
    for call, words in (
        (lambda: x.select_scatter(ag.ones(2), 0, 1), "select_scatter: src must have shape"),
        (lambda: x.slice_scatter(ag.ones(3, 3), 0, 1, 3), "slice_scatter: src must have shape"),
        (lambda: x.slice_scatter(x, 0, step=0), "slice_scatter: step"),
        (lambda: x.diagonal_scatter(ag.ones(2)), "diagonal_scatter: src must have shape"),
        (lambda: x.as_strided_scatter(x, (2, 2), (1, 1)), "as_strided_scatter: src has"),
        (lambda: ag.block_diag(ag.zeros(1, 1, 1)), "block_diag: expected tensors"),
        (lambda: x.sum_to_size(2, 3), "sum_to_size: size"),
        (lambda: x.hsplit(2), "hsplit: dimension 1"),
        (lambda: x.dsplit(1), "dsplit: expected at least 3"),
        (lambda: x.vsplit("a"), "vsplit: expected a number"),
        (lambda: x.split_with_sizes([1, 1]), "sizes"),
    ):
        with pytest.raises((RuntimeError, TypeError, ValueError), match=words):
            call()


def test_splits_are_views() -> None:
    x = ag.zeros(2, 4)
    for parts in (x.hsplit(2), x.split_with_sizes([1, 3], 1), x.unsafe_chunk(2, 1)):
        parts[0][0, 0] += 1
    assert x[0, 0].item() == 3
    assert ag.atleast_2d(ag.tensor(1), ag.tensor([1, 2]))[1].shape == (1, 2)
    assert ag.atleast_3d(ag.zeros(2)).shape == (1, 2, 1)


def test_fill_has_the_gradient_of_its_value() -> None:
    x, value = leaf(2, 3), ag.tensor(2.0, dtype=ag.float64, requires_grad=True)
    ag.fill(x, value).sum().backward()
    assert value.grad.item() == 6 and x.grad.abs().sum().item() == 0
    assert ag.fill(ag.tensor([float("nan")]), 1).tolist() == [1.0]


# --- reductions into places -----------------------------------------------------------------------


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
@pytest.mark.parametrize("dtype", ["float32", "float16", "int64", "uint8"])
def test_scatter_reduce_dtypes(reduce: str, include_self: bool, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x, src = (rng.integers(1, 5, shape).astype(dtype) for shape in ((4, 3), (6, 3)))
    index = rng.integers(0, 4, (6, 3))
    want = torch.tensor(x).scatter_reduce(
        0, torch.tensor(index), torch.tensor(src), reduce, include_self=include_self
    )
    got = ag.tensor(x).scatter_reduce(
        0, ag.tensor(index), ag.tensor(src), reduce, include_self=include_self
    )
    assert str(got.dtype).rpartition(".")[2] == dtype
    np.testing.assert_allclose(
        got.double().cpu().numpy(), want.double().numpy(), rtol=2e-3 if dtype == "float16" else 1e-6
    )


def test_ties_share() -> None:
    x = ag.tensor([1.0, 0.0], dtype=ag.float64, requires_grad=True)
    src = ag.tensor([1.0, 1.0], dtype=ag.float64, requires_grad=True)
    index = ag.tensor([0, 0])
    x.scatter_reduce(0, index, src, "amax").sum().backward()
    assert x.grad.tolist() == pytest.approx([1 / 3, 1.0])
    assert src.grad.tolist() == pytest.approx([1 / 3, 1 / 3])
    x.grad = src.grad = None
    x.scatter_reduce(0, index, src, "amin", include_self=False).sum().backward()
    assert x.grad.tolist() == [0.0, 1.0] and src.grad.tolist() == [0.5, 0.5]


def test_products_with_zeros_are_exact_to_second_order() -> None:
    x = ag.tensor([2.0, 3.0], dtype=ag.float64, requires_grad=True)
    src = ag.tensor([0.0, 5.0, 0.0, 0.0], dtype=ag.float64, requires_grad=True)
    index = ag.tensor([0, 0, 1, 1])

    def function(a: Any, b: Any) -> Any:
        return a.scatter_reduce(0, index, b, "prod")

    assert gradcheck(function, (x, src)) and gradgradcheck(function, (x, src))
    assert ag.autograd.grad(function(x, src).sum(), src)[0].tolist() == [10.0, 0.0, 0.0, 0.0]


def test_in_place_forms_keep_what_rules_need() -> None:
    x, src = leaf(4, 3), leaf(2, 3)
    index = ag.tensor([[0, 1, 1], [0, 3, 1]])
    rows = ag.tensor([3, 3])
    for name, args in (
        ("scatter_reduce", (0, index, src, "prod")),
        ("index_reduce", (0, rows, src, "amax")),
        ("put", (index, src, True)),
    ):
        y = x * 1
        getattr(y, f"{name}_")(*args)
        z = getattr(x, name)(*args)
        grads = [ag.autograd.grad((v * v).sum(), (x, src)) for v in (y, z)]
        for got, want in zip(*grads, strict=True):
            np.testing.assert_allclose(got.cpu().numpy(), want.cpu().numpy(), rtol=1e-12)


def test_refusals_name_operator_and_argument() -> None:
    x, index = ag.zeros(3), ag.tensor([0, 1])
    for call, words in (
        (lambda: x.scatter_reduce(0, index, ag.ones(2), "max"), "scatter_reduce: reduce must be"),
        (lambda: x.scatter_reduce(0, index, ag.ones(1), "sum"), "scatter_reduce: index of shape"),
        (lambda: x.scatter_reduce(0, ag.tensor([3]), ag.ones(1), "sum"), "scatter_reduce"),
        (lambda: x.scatter_reduce(0, index, ag.ones(2).long(), "sum"), "scatter_reduce: input"),
        (lambda: x.index_reduce(0, index, ag.ones(2), "sum"), "index_reduce: reduce must be"),
        (lambda: x.index_reduce(0, index, ag.ones(3), "amax"), "index_reduce: index must"),
        (lambda: x.index_reduce(0, x, ag.ones(3), "amax"), "index_reduce: index must be a tensor"),
        (lambda: x.put(index, ag.ones(3)), "put: source of shape"),
        (lambda: x.put(ag.tensor([-4]), ag.ones(1)), "put"),
        (lambda: x.put(index, ag.ones(2).long()), "put: input and source must have one dtype"),
    ):
        with pytest.raises((RuntimeError, TypeError, ValueError, IndexError), match=words):
            call()


def test_as_strided_in_place_makes_a_tensor_its_own_view() -> None:
    x = leaf(6)
    y = x * 2
    y.as_strided_((2, 2), (3, 1), 1)
    assert y.tolist() == (x * 2).as_strided((2, 2), (3, 1), 1).tolist()
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 2.0, 2.0, 0.0, 2.0, 2.0]


def test_a_part_of_one_element_needs_no_dimension() -> None:
    first = ag.tensor([0])
    source = ag.tensor(2.0, requires_grad=True)
    x = ag.ones(2).index_copy(0, first, source)
    assert x.tolist() == [2.0, 1.0]
    x.sum().backward()
    assert source.grad.item() == 1.0


def test_values_that_broadcast_add_up() -> None:
    index = ag.tensor([[0, 1], [2, 0]])
    values = ag.tensor([1.0, 2.0], requires_grad=True)
    total = ag.zeros(3).index_put((index,), values, accumulate=True)
    assert total.tolist() == [3.0, 2.0, 1.0]
    (total * ag.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert values.grad.tolist() == [101.0, 11.0]


def test_where_there_is_nothing_to_do_arguments_are_checked_and_recorded() -> None:
    nothing = ag.tensor([], dtype=ag.int64)
    with pytest.raises(IndexError, match="dim=1"):
        ag.zeros(0).gather(1, nothing)
    with pytest.raises(IndexError, match="dim=1"):
        ag.zeros(()).index_select(1, ag.tensor(0))
    src = ag.zeros(0, requires_grad=True)
    for reduce in ("sum", "prod", "mean", "amax", "amin"):
        ag.ones(2).scatter_reduce(0, nothing, src, reduce).sum().backward()
    assert src.grad.shape == (0,)
