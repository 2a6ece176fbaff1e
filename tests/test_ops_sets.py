"""Looking up, distinct values, combinations, the parts of numbers, random draws, new tensors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

NAN = math.nan


def arrays(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [arrays(v) for v in value]
    return value.detach().cpu().numpy()


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("rows", [(), (3,), (2, 3)])
def test_searchsorted_equals_counting(rows: tuple[int, ...], right: bool) -> None:
    """The place is the number of elements that are less (or equal)."""
    rng = np.random.default_rng(0)
    for size in (0, 1, 2, 5, 8, 9):
        sequence = np.sort(rng.integers(0, 6, (*rows, size)), -1)
        values = rng.integers(-1, 7, (*rows, 11))
        got = ag.searchsorted(ag.tensor(sequence), ag.tensor(values), right=right)
        before = sequence[..., None, :] <= values[..., None]
        if not right:
            before = sequence[..., None, :] < values[..., None]
        np.testing.assert_array_equal(got.cpu().numpy(), before.sum(-1))


def test_searchsorted_corners() -> None:
    edges = ag.tensor([1.0, 2.0, NAN])
    assert ag.searchsorted(edges[:2], ag.tensor([NAN, 1.5])).tolist() == [2, 1]
    assert ag.searchsorted(edges[:2], 1.5).item() == 1
    assert ag.searchsorted(edges[:2], ag.tensor(3.0), out_int32=True).dtype is ag.int32
    assert ag.bucketize(ag.tensor([1, 2]), ag.tensor([1.5, 2.5])).tolist() == [0, 1]
    half = ag.tensor([1.0, 2.0], dtype=ag.bfloat16)
    assert ag.searchsorted(half, half, right=True).tolist() == [1, 2]
    backwards = ag.tensor([3, 2, 1])
    order = ag.argsort(backwards)
    assert ag.searchsorted(backwards, ag.tensor([2]), sorter=order).tolist() == [1]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: ag.searchsorted(x, x, side="middle"), "searchsorted: side must be"),
        (lambda x: ag.searchsorted(x, x, right=True, side="left"), "searchsorted: right=True"),
        (lambda x: ag.searchsorted(x, x.long()), "searchsorted: sorted_sequence and input must"),
        (lambda x: ag.searchsorted(x.expand(2, 3), x), "searchsorted: sorted_sequence of shape"),
        (lambda x: ag.searchsorted(x, x, sorter=ag.tensor([0, 1, 3])), "searchsorted: "),
        (lambda x: ag.searchsorted(x, x, sorter=x), "searchsorted: sorter must"),
        (lambda x: ag.bucketize(x, x.expand(2, 3)), "bucketize: boundaries must"),
        (lambda x: x.bincount(), "bincount: input must hold integers"),
        (lambda x: ag.bincount(ag.tensor([-1])), "bincount: input must not hold negative"),
        (lambda x: ag.bincount(ag.tensor([1]), weights=x), "bincount: weights"),
        (lambda x: ag.zeros(0, 3).unique(dim=1), "unique: the parts along dim 1"),
        (lambda x: ag.combinations(x.expand(2, 3)), "combinations: input must have one"),
        (lambda x: ag.combinations(x, -1), "combinations: r must"),
        (lambda x: ag.cartesian_prod(x, x.expand(2, 3)), "cartesian_prod: expected"),
        (lambda x: ag.unravel_index(ag.tensor([6]), (2, 3)), "unravel_index"),
        (lambda x: ag.unravel_index(x, (2, 3)), "unravel_index: indices must"),
        (lambda x: ag.frexp(x.long()), "frexp: input must be of a real floating"),
        (lambda x: ag.gcd(x, x), "gcd"),
        (lambda x: ag.ldexp(x, 2), "ldexp: other must be a tensor"),
        (lambda x: ag.tril_indices(-1, 2), "tril_indices: row"),
        (lambda x: ag.logspace(0, 1, -1), "logspace: steps"),
        (lambda x: ag.broadcast_shapes((2,), (3,)), "broadcast_shapes: shapes"),
        (lambda x: x.new_zeros(-1), "new_zeros: sizes"),
        (lambda x: x.cauchy_(0.0, 0.0), "cauchy_: expected sigma"),
        (lambda x: x.geometric_(1.0), "geometric_: expected 0 < p"),
        (lambda x: x.log_normal_(0.0, 0.0), "log_normal_: expected std"),
        (lambda x: ag.poisson(x - 5), "poisson: every mean"),
        (lambda x: ag.poisson(x.long()), "poisson: input must be of a real"),
    ],
)  # fmt: skip
def test_refusals_name_operator_and_argument(call: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError, IndexError, RuntimeError), match=words):
        call(ag.tensor([1.0, 2.0, 3.0]))


def test_isin_does_not_find_nan() -> None:
    x = ag.tensor([1.0, NAN])
    assert ag.isin(x, x).tolist() == [True, False]
    assert ag.isin(x, 1).tolist() == [True, False]
    assert ag.isin(2, ag.tensor([1, 2])).item() is True
    assert ag.isin(ag.tensor([True]), ag.tensor([False]), invert=True).tolist() == [True]


def test_unique_puts_the_input_together_again() -> None:
    x = ag.tensor(np.random.default_rng(0).integers(0, 3, (4, 30)))
    for dim in (None, 0, 1):
        values, inverse, counts = ag.unique(x, return_inverse=True, return_counts=True, dim=dim)
        again = values[inverse] if dim is None else values.index_select(dim, inverse)
        assert bool((again == x).all())
        assert counts.sum().item() == (x.numel() if dim is None else x.shape[dim])
    runs, inverse = ag.unique_consecutive(x, return_inverse=True, dim=1)
    assert bool((runs.index_select(1, inverse) == x).all())
    assert ag.unique(ag.tensor([NAN, 1.0, NAN])).shape == (3,)
    assert ag.unique(ag.tensor(5)).tolist() == [5]
    assert ag.unique(ag.tensor([2.0, 1.0], dtype=ag.bfloat16)).dtype is ag.bfloat16


def test_bincount_dtypes() -> None:
    x = ag.tensor([0, 2, 2])
    assert ag.bincount(x).dtype is ag.int64
    assert ag.bincount(x, ag.tensor([1.0, 0.5, 0.25])).dtype is ag.float32
    assert ag.bincount(x, ag.tensor([1, 2, 3])).dtype is ag.float64
    assert ag.bincount(x.to(ag.uint8), minlength=5).tolist() == [1, 0, 2, 0, 0]


def test_combinations_have_gradients() -> None:
    x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    ag.combinations(x).prod(1).sum().backward()
    assert x.grad.tolist() == [5.0, 4.0, 3.0]
    assert ag.combinations(x, 4).shape == (0, 4)


def test_parts_of_numbers() -> None:
    mantissa, exponent = ag.tensor([8.0, -0.75, 0.0]).frexp()
    assert mantissa.tolist() == [0.5, -0.75, 0.0] and exponent.tolist() == [4, 0, 0]
    x = ag.tensor([8.0, 3e300], dtype=ag.float64, requires_grad=True)
    x.frexp().mantissa.sum().backward()
    assert x.grad.tolist() == [2.0**-4, 2.0 ** -math.frexp(3e300)[1]]
    one = ag.tensor([1.0], dtype=ag.float64)
    assert ag.ldexp(one, ag.tensor([200])).item() == 2.0**200
    assert ag.ldexp(one.half(), ag.tensor([3])).dtype is ag.float16
    assert ag.ldexp(ag.tensor([1]), ag.tensor([3])).dtype is ag.float32
    assert ag.heaviside(ag.tensor([-1.0, 0.0, 2.0, NAN]), ag.tensor(0.5)).tolist() == [0, 0.5, 1, 0]
    assert ag.copysign(ag.tensor([1, 2]), ag.tensor([-1.0, 1.0])).tolist() == [-1.0, 2.0]
    assert ag.nextafter(one.float(), ag.tensor([2.0])).item() == 1 + 2.0**-23
    assert ag.gcd(ag.tensor([12, -8]), ag.tensor([18, 0])).tolist() == [6, 8]
    assert ag.tensor([4, 6]).lcm_(ag.tensor([6, 4])).tolist() == [12, 12]


def test_new_tensors_are_like_their_maker() -> None:
    x = ag.zeros(2, dtype=ag.float16)
    for made in (x.new_zeros(3), x.new_ones((3,)), x.new_empty(3), x.new_full((3,), 2)):
        assert made.dtype is ag.float16 and made.shape == (3,) and made.device == x.device
    assert x.new_tensor([1, 2]).dtype is ag.float16
    assert x.new_full((), True, dtype=ag.bool).dtype is ag.bool
    assert x.new_ones(2, requires_grad=True).requires_grad
    assert ag.scalar_tensor(1).dtype is ag.float32
    assert ag.logspace(0, 3, 4, 2.0).tolist() == [1.0, 2.0, 4.0, 8.0]
    ends = ag.tensor(0), ag.tensor(3.0)
    assert ag.logspace(*ends, 4, 2.0).tolist() == [1.0, 2.0, 4.0, 8.0]
    assert ag.linspace(*ends, 4).tolist() == [0.0, 1.0, 2.0, 3.0]
    assert ag.broadcast_shapes(2, (3, 1)) == (3, 2)
    assert ag.triu_indices(2, 3, 1).tolist() == [[0, 0, 1], [1, 2, 2]]
    assert ag.tril_indices(2, 2, dtype=ag.int32).dtype is ag.int32


def test_the_operator_mode_is_not_hidden_by_the_module() -> None:
    assert ag.mode(ag.tensor([1, 1, 2])).values.item() == 1


@pytest.mark.cpu_only
@pytest.mark.parametrize(
    ("name", "args"), [("cauchy_", (1.0, 2.0)), ("geometric_", (0.3,)), ("log_normal_", (1.0, 0.5))]
)
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_draws_are_pytorchs(name: str, args: tuple[float, ...], dtype: str) -> None:
    torch = pytest.importorskip("torch")
    for shape in ((5,), (4, 10)):
        torch.manual_seed(3)
        want = getattr(torch.empty(shape, dtype=getattr(torch, dtype)), name)(*args)
        ag.manual_seed(3)
        got = getattr(ag.empty(shape, dtype=getattr(ag, dtype)), name)(*args)
        np.testing.assert_allclose(got.double().numpy(), want.double().numpy(), rtol=1e-6)


def test_poisson_has_its_mean_and_variance() -> None:
    ag.manual_seed(0)
    rates = [0.0, 0.5, 4.0, 30.0, 800.0]
    counts = ag.poisson(ag.tensor(rates, dtype=ag.float64).expand(20000, 5))
    for rate, mean, var in zip(rates, counts.mean(0).tolist(), counts.var(0).tolist(), strict=True):
        assert abs(mean - rate) <= 5 * math.sqrt(rate / 20000)
        assert abs(var - rate) <= 0.1 * rate
    assert ag.poisson(ag.ones(2, dtype=ag.float16)).dtype is ag.float16
    assert ag.poisson(ag.zeros(0)).shape == (0,)
