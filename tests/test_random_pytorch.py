"""The CPU's random numbers are those of PyTorch's CPU generator."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from pytorch_streams import BERNOULLI, EXPONENTIAL, needs_own_stream

import autograd_core as ag
from autograd_core import generator as generators
from autograd_core.backends.numpy.mt19937 import MersenneStream
from autograd_core.draws_gamma import sample_dirichlet, standard_gamma

FLOATS = ["float32", "float64", "float16", "bfloat16"]


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def same_state() -> Iterator[None]:
    with generators.fork_rng():
        yield


def numbers(tensor: Any) -> np.ndarray:
    return np.array(tensor.tolist())


def both(torch: Any, name: str, seed: int = 5) -> tuple[Any, Any, Any, Any]:
    """PyTorch's dtype and ours, the dtype's rounding, and PyTorch's generator in step with ours."""
    torch.manual_seed(seed)
    ag.manual_seed(seed)
    return torch, getattr(torch, name), getattr(ag, name), {"device": "cpu"}


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("n", [1, 7, 15, 16, 17, 32, 40, 1000])
def test_reals_equal_pytorch(torch: Any, name: str, n: int) -> None:
    torch, theirs, ours, cpu = both(torch, name)
    slack = {"float32": 1e-6, "float64": 1e-15, "float16": 2e-3, "bfloat16": 2e-2}[name]
    for _ in range(3):  # one after the other: the streams stay in step
        want = torch.rand(n, dtype=theirs).double().tolist()
        assert ag.rand(n, dtype=ours, **cpu).tolist() == want
        want = torch.randn(n, dtype=theirs).double().numpy()
        assert abs(numbers(ag.randn(n, dtype=ours, **cpu)) - want).max() <= slack
        want = torch.empty(n, dtype=theirs).uniform_(-0.3, 0.5).double().numpy()
        drawn = ag.empty(n, dtype=ours, **cpu).uniform_(-0.3, 0.5)
        assert abs(numbers(drawn) - want).max() <= (1e-15 if name == "float64" else 0.0)
        want = torch.empty(n, dtype=theirs).normal_(2.0, 0.5).double().numpy()
        drawn = ag.empty(n, dtype=ours, **cpu).normal_(2.0, 0.5)
        eps = float(ag.finfo(ours).eps)
        assert abs(numbers(drawn) - want).max() <= 4 * eps


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_short_normal_runs_equal_pytorch_bit_by_bit(torch: Any, name: str) -> None:
    torch, theirs, ours, cpu = both(torch, name)
    slack = 0.0 if name == "float32" else 1e-15
    for n in (3, 4, 1, 15, 2):  # an odd number leaves one over for the next call
        want = torch.randn(n, dtype=theirs).double().numpy()
        assert abs(numbers(ag.randn(n, dtype=ours, **cpu)) - want).max() <= slack


@pytest.mark.parametrize("high", [1, 2, 10, 1000, 2**28 - 1, 2**28, 2**31, 2**32, 2**40, 2**63 - 1])
def test_randint_equals_pytorch(torch: Any, high: int) -> None:
    torch, _, _, cpu = both(torch, "int64")
    assert ag.randint(high, (50,), **cpu).tolist() == torch.randint(high, (50,)).tolist()
    low = -high // 2
    want = torch.randint(low, high, (50,)).tolist() if high - low < 2**63 else None
    if want is not None:
        assert ag.randint(low, high, (50,), **cpu).tolist() == want


@pytest.mark.parametrize("name", ["uint8", "int8", "int32", "float32", "float64", "bfloat16"])
def test_randint_of_other_types_equals_pytorch(torch: Any, name: str) -> None:
    torch, theirs, ours, cpu = both(torch, name)
    want = torch.randint(3, 100, (50,), dtype=theirs).tolist()
    assert ag.randint(3, 100, (50,), dtype=ours, **cpu).tolist() == want
    like = torch.randint_like(torch.zeros(4, dtype=theirs), 9).tolist()
    assert ag.randint_like(ag.zeros(4, dtype=ours, **cpu), 9).tolist() == like


@pytest.mark.parametrize("name", ["bool", "uint8", "int8", "int16", "int32", "int64", *FLOATS])
def test_random_without_bounds_equals_pytorch(torch: Any, name: str) -> None:
    torch.manual_seed(5)
    ag.manual_seed(5)
    ours = ag.empty(50, dtype=name, device="cpu").random_()
    assert ours.tolist() == torch.empty(50, dtype=getattr(torch, name)).random_().tolist()


def test_random_with_bounds_equals_pytorch(torch: Any) -> None:
    torch, theirs, ours, cpu = both(torch, "int64")
    for bounds in ((10,), (-5, 5), (3, None), (-(2**63), None), (0, 2**40)):
        want = torch.empty(20, dtype=theirs).random_(*bounds).tolist()
        assert ag.empty(20, dtype=ours, **cpu).random_(*bounds).tolist() == want, bounds


@pytest.mark.parametrize("n", [0, 1, 2, 10, 1000])
def test_randperm_equals_pytorch(torch: Any, n: int) -> None:
    torch, _, _, cpu = both(torch, "int64")
    for _ in range(2):
        assert ag.randperm(n, **cpu).tolist() == torch.randperm(n).tolist()


def test_bernoulli_of_tensors_equals_pytorch(torch: Any) -> None:
    for name in FLOATS:
        torch, theirs, ours, cpu = both(torch, name)
        want = torch.bernoulli(torch.full((100,), 0.4, dtype=theirs)).tolist()
        assert ag.bernoulli(ag.full((100,), 0.4, dtype=ours, **cpu)).tolist() == want
        want = torch.empty(2, 50).bernoulli_(torch.full((50,), 0.4, dtype=theirs)).tolist()
        drawn = ag.empty(2, 50, **cpu).bernoulli_(ag.full((50,), 0.4, dtype=ours, **cpu))
        assert drawn.tolist() == want


def test_bernoulli_and_exponential_numbers_are_frozen() -> None:
    """PyTorch takes these from MKL on Intel's processors; elsewhere it gives what stands there."""
    ag.manual_seed(3)
    drawn = ag.empty(20, dtype=ag.int64, device="cpu").bernoulli_(0.3)
    assert drawn.tolist() == BERNOULLI
    drawn = ag.empty(4, dtype=ag.float64, device="cpu").exponential_(2.0)
    assert np.allclose(numbers(drawn), EXPONENTIAL, rtol=1e-14, atol=0)


def test_bernoulli_and_exponential_numbers_equal_pytorch(torch: Any) -> None:
    needs_own_stream()
    for name in FLOATS:
        torch, theirs, ours, cpu = both(torch, name)
        for n in (5, 1000):
            for fill, args in (("bernoulli_", (0.3,)), ("exponential_", (2.0,))):
                want = getattr(torch.empty(n, dtype=theirs), fill)(*args).double().numpy()
                drawn = getattr(ag.empty(n, dtype=ours, **cpu), fill)(*args)
                eps = float(ag.finfo(ours).eps)
                assert np.allclose(numbers(drawn), want, rtol=4 * eps, atol=0)


@pytest.mark.parametrize("name", FLOATS)
def test_more_distributions_equal_pytorch(torch: Any, name: str) -> None:
    torch, theirs, ours, cpu = both(torch, name)
    eps = float(ag.finfo(ours).eps)
    fills = (("cauchy_", (1.0, 2.0)), ("geometric_", (0.3,)), ("log_normal_", (1.0, 0.5)))
    for n in (5, 1000):
        for fill, args in fills:
            want = getattr(torch.empty(n, dtype=theirs), fill)(*args).double().numpy()
            drawn = getattr(ag.empty(n, dtype=ours, **cpu), fill)(*args)
            assert np.allclose(numbers(drawn), want, rtol=4 * eps, atol=1e-13), fill


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_numbers_that_are_drawn_one_by_one_equal_pytorch(torch: Any, name: str) -> None:
    torch, _, ours, _ = both(torch, name)
    rng = np.random.default_rng(0)
    dtype = np.dtype(name)

    def compare(function: str, *arrays: Any, last_bits: float = 0.0) -> None:
        columns = [array.astype(dtype) for array in arrays]
        want = getattr(torch, function)(*[torch.from_numpy(c) for c in columns]).numpy()
        drawn = PUBLIC[function](*[ag.from_numpy(c) for c in columns])
        assert drawn.dtype is ours
        np.testing.assert_allclose(numbers(drawn), want, rtol=last_bits, atol=0)

    for mean in (
        np.full(300, 3.0),
        np.full(300, 300.0),
        np.zeros(3),
        10 ** rng.uniform(-2, 5, 300),
    ):
        compare("poisson", mean)
        assert ag.rand(1, device="cpu").item() == torch.rand(1).item()  # the streams stay in step
    many = np.floor(10 ** rng.uniform(0, 5, 300))
    for count, chance in ((np.full(300, 30.0), np.full(300, 0.2)), (many, rng.uniform(0, 1, 300))):
        compare("binomial", count, chance)
        assert ag.rand(1, device="cpu").item() == torch.rand(1).item()
    compare("binomial", np.array([0.0, 5.0, 5.0]), np.array([0.5, 0.0, 1.0]))
    for shape in (np.full(301, 0.3), np.full(301, 1.0), 10 ** rng.uniform(-1, 3, 300)):
        compare("_standard_gamma", shape, last_bits=4 * np.finfo(dtype).eps)
        assert ag.rand(1, device="cpu").item() == torch.rand(1).item()
    compare("_sample_dirichlet", rng.uniform(0.2, 5, (50, 4)), last_bits=4 * np.finfo(dtype).eps)


PUBLIC = {
    "poisson": ag.poisson,
    "binomial": ag.binomial,
    "_standard_gamma": standard_gamma,
    "_sample_dirichlet": sample_dirichlet,
}


def test_memory_order_equals_pytorch(torch: Any) -> None:
    torch, _, _, _ = both(torch, "float32")
    for view in (lambda x: x.T, lambda x: x[:, 3:11], lambda x: x[::2]):
        for shape in ((8, 14), (3, 4)):
            for fill in ("uniform_", "normal_"):
                theirs, ours = torch.zeros(shape), np.zeros(shape, np.float32)
                getattr(view(theirs), fill)()
                getattr(ag.from_numpy(view(ours)), fill)()
                assert np.allclose(ours, theirs.numpy(), rtol=0, atol=1e-6)


def test_complex_numbers_equal_pytorch(torch: Any) -> None:
    for name in ("complex64", "complex128"):
        torch, theirs, ours, cpu = both(torch, name)
        for n in (3, 20):
            assert ag.rand(n, dtype=ours, **cpu).tolist() == torch.rand(n, dtype=theirs).tolist()
            want = torch.randn(n, dtype=theirs).numpy()
            assert abs(numbers(ag.randn(n, dtype=ours, **cpu)) - want).max() < 1e-6


def test_normal_of_tensors_equals_pytorch(torch: Any) -> None:
    torch, _, _, cpu = both(torch, "float32")
    means, stds = [[1.0], [2.0]], [0.5, 1.0, 2.0]
    want = torch.normal(torch.tensor(means), torch.tensor(stds)).numpy()
    drawn = ag.normal(ag.tensor(means, **cpu), ag.tensor(stds, **cpu))
    assert np.allclose(numbers(drawn), want, rtol=1e-6, atol=1e-7) and drawn.shape == (2, 3)
    want = torch.normal(torch.tensor(means), 3.0).numpy()
    assert np.allclose(numbers(ag.normal(ag.tensor(means, **cpu), 3.0)), want, rtol=1e-6)
    want = torch.normal(2.0, 3.0, (5,)).numpy()
    assert np.allclose(numbers(ag.normal(2.0, 3.0, (5,), **cpu)), want, rtol=1e-6)


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_multinomial_with_replacement_equals_pytorch(torch: Any, name: str) -> None:
    torch, theirs, ours, cpu = both(torch, name)
    for weights in ([0.1, 0.0, 3.0, 0.5], [[1.0, 2.0, 3.0], [3.0, 0.0, 0.1]]):
        want = torch.multinomial(torch.tensor(weights, dtype=theirs), 30, replacement=True)
        drawn = ag.multinomial(ag.tensor(weights, dtype=ours, **cpu), 30, replacement=True)
        assert drawn.tolist() == want.tolist() and drawn.dtype is ag.int64


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**32 + 5, 2**64 - 1, -1, -(2**63)])
def test_seeds_and_states_equal_pytorch(torch: Any, seed: int) -> None:
    torch.manual_seed(seed)
    assert ag.manual_seed(seed) is ag.default_generator
    assert ag.initial_seed() == torch.initial_seed()
    for draw, their_draw in ((ag.rand, torch.rand), (ag.randn, torch.randn)):
        draw(5, device="cpu")
        their_draw(5)
        ours, theirs = numbers(ag.get_rng_state()), torch.get_rng_state().numpy()
        assert ours.shape == theirs.shape
        normal = slice(24 + 624 * 8, None)
        assert (ours[: normal.start] == theirs[: normal.start]).all()
        assert np.allclose(ours[5024:5032].astype("u1").view("f8"), theirs[5024:5032].view("f8"))
        assert ours[5040] == theirs[5040]


def test_states_can_be_exchanged_with_pytorch(torch: Any) -> None:
    torch.manual_seed(7)
    torch.randn(333)
    torch.randn(3)
    ag.set_rng_state(ag.tensor(torch.get_rng_state().numpy(), device="cpu"))
    want = [torch.randn(2).tolist(), torch.rand(700).tolist()]
    assert [ag.randn(2, device="cpu").tolist(), ag.rand(700, device="cpu").tolist()] == want
    torch.set_rng_state(torch.tensor(numbers(ag.get_rng_state()), dtype=torch.uint8))
    assert ag.rand(7, device="cpu").tolist() == torch.rand(7).tolist()


def test_uniform_numbers_do_not_depend_on_chunking() -> None:
    ag.manual_seed(1)
    whole = ag.rand(1000, device="cpu").tolist()
    ag.manual_seed(1)
    chunks = [ag.rand(n, device="cpu").tolist() for n in (1, 399, 0, 600)]
    assert list(itertools.chain(*chunks)) == whole


def test_narrow_uniform_numbers_stay_below_the_bound() -> None:
    stream = MersenneStream()
    for dtype in (np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)):
        values = stream.uniform((40_000,), dtype, 1.0, 3.0).astype(np.float64)
        assert values.min() >= 1.0 and values.max() < 3.0
