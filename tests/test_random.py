"""Random numbers on every device: distributions, generators, states, bad arguments."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import strict_device

import autograd_core as ag
from autograd_core import generator as generators
from autograd_core.backends import registry
from autograd_core.draws_gamma import standard_gamma

FLOATS = ["float32", "float64", "float16", "bfloat16"]


@pytest.fixture(autouse=True)
def same_state() -> Iterator[None]:
    with generators.fork_rng():
        yield


@pytest.fixture(params=["cpu", "strict", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request: pytest.FixtureRequest) -> str:
    if request.param == "strict":
        strict_device.install()
    elif not registry.is_available(request.param):
        pytest.skip("needs a CUDA GPU and CuPy")
    return str(request.param)


def numbers(tensor: Any) -> np.ndarray:
    return np.array(tensor.tolist())


# --- distributions, on every device --------------------------------------------------------------

N = 40_000


def _close(values: np.ndarray, mean: float, std: float) -> None:
    """Mean and standard deviation within five standard errors (kurtosis up to 9)."""
    assert abs(values.mean() - mean) < 5 * std / math.sqrt(N)
    assert abs(values.std() - std) < 5 * std * math.sqrt(8 / 4 / N)


def test_distributions(device: str) -> None:
    ag.manual_seed(0)
    where = {"device": device}
    _close(numbers(ag.rand(N, **where)), 0.5, 1 / math.sqrt(12))
    _close(numbers(ag.rand(N, dtype=ag.float64, **where)), 0.5, 1 / math.sqrt(12))
    _close(numbers(ag.randn(N, **where)), 0.0, 1.0)
    _close(numbers(ag.randn(N + 1, dtype=ag.float64, **where)), 0.0, 1.0)
    _close(numbers(ag.empty(N, **where).normal_(3.0, 0.5)), 3.0, 0.5)
    _close(numbers(ag.empty(N, **where).uniform_(-2, 4)), 1.0, 6 / math.sqrt(12))
    _close(numbers(ag.empty(N, **where).exponential_(4.0)), 0.25, 0.25)
    _close(numbers(ag.empty(N, **where).bernoulli_(0.3)), 0.3, math.sqrt(0.21))
    _close(numbers(ag.bernoulli(ag.full((N,), 0.3, **where))), 0.3, math.sqrt(0.21))
    _close(numbers(ag.randint(-10, 10, (N,), **where)), -0.5, math.sqrt(399 / 12))
    z = numbers(ag.randn(N, dtype=ag.complex64, **where))
    _close(z.real, 0.0, math.sqrt(0.5))
    assert abs((z.real * z.imag).mean()) < 5 * 0.5 / math.sqrt(N)


def test_uniform_numbers_are_spread_evenly(device: str) -> None:
    ag.manual_seed(0)
    for dtype in FLOATS:
        values = numbers(ag.rand(N, dtype=dtype, device=device))
        assert values.min() >= 0.0 and values.max() < 1.0
        counts = np.histogram(values, 16, (0, 1))[0]
        chi = ((counts - N / 16) ** 2 / (N / 16)).sum()
        assert chi < 50, dtype  # 15 degrees of freedom: 1 in 90,000


def test_permutations(device: str) -> None:
    ag.manual_seed(0)
    made = ag.randperm(1000, device=device)
    assert made.dtype is ag.int64 and sorted(made.tolist()) == list(range(1000))
    assert made.tolist() != ag.randperm(1000, device=device).tolist()
    assert ag.randperm(0, device=device).tolist() == []
    first = [ag.randperm(3, device=device).tolist()[0] for _ in range(600)]
    assert all(150 < first.count(i) < 250 for i in range(3))


def test_multinomial(device: str) -> None:
    ag.manual_seed(0)
    weights = ag.tensor([[1.0, 0.0, 3.0], [2.0, 2.0, 4.0]], device=device)
    drawn = numbers(ag.multinomial(weights, 4000, replacement=True))
    assert drawn.shape == (2, 4000)
    for row, want in zip(drawn, ([0.25, 0, 0.75], [0.25, 0.25, 0.5]), strict=True):
        assert np.allclose(np.bincount(row, minlength=3) / 4000, want, atol=0.04)
    drawn = numbers(ag.multinomial(weights, 2))
    assert drawn[0].tolist() in ([0, 2], [2, 0])
    row = ag.tensor([1.0, 0.0, 3.0], device=device)
    firsts = [ag.multinomial(row, 1).item() for _ in range(400)]
    assert 60 < firsts.count(0) < 140 and 1 not in firsts


# --- generators ----------------------------------------------------------------------------------


def test_generator(device: str) -> None:
    g = ag.Generator(device)
    assert g.initial_seed() == 67280421310721 and g.device.type == device
    assert g.manual_seed(4) is g and g.initial_seed() == 4
    first = ag.randn(5, generator=g).tolist()
    assert ag.randn(5, generator=g).tolist() != first
    assert ag.randn(5, generator=g.manual_seed(4)).tolist() == first
    assert g.seed() == g.initial_seed() != 4


def test_generator_state(device: str) -> None:
    g = ag.Generator(device).manual_seed(4)
    ag.randn(3, generator=g)
    state = g.get_state()
    assert state.dtype is ag.uint8 and state.device.type == "cpu"
    others = [
        ag.Generator(device),
        g.clone_state(),
        copy.deepcopy(g),
        pickle.loads(pickle.dumps(g)),
    ]
    want = ag.randn(5, generator=g).tolist()
    assert others[0].set_state(state) is others[0]
    for other in others:
        assert other is not g and other.initial_seed() == 4
        assert ag.randn(5, generator=other).tolist() == want


def test_generator_refuses_bad_states() -> None:
    strict_device.install()
    g = ag.Generator()
    state = g.get_state()
    with pytest.raises(TypeError, match="expected a tensor of bytes, got list"):
        g.set_state([1, 2])
    with pytest.raises(TypeError, match="uint8"):
        g.set_state(ag.zeros(5056, device="cpu"))
    with pytest.raises(RuntimeError, match="has 5056 bytes, got .*states of a GPU do not fit"):
        g.set_state(ag.Generator("strict").get_state())
    with pytest.raises(RuntimeError, match="has 16 bytes, got .*states of the CPU do not fit"):
        ag.Generator("strict").set_state(state)
    with pytest.raises(RuntimeError, match="damaged"):
        g.set_state(ag.zeros(5056, dtype=ag.uint8, device="cpu"))
    assert numbers(g.get_state()).tolist() == numbers(state).tolist()


def test_generator_of_another_device_is_refused() -> None:
    strict_device.install()
    with pytest.raises(RuntimeError, match=r"generator of the device cpu cannot fill .* strict:0"):
        ag.rand(2, device="strict", generator=ag.Generator())
    with pytest.raises(TypeError, match="expected a Generator, got int"):
        ag.rand(2, device="cpu", generator=3)
    assert ag.rand(2, generator=ag.Generator("strict")).device == ag.device("strict:0")


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1])
def test_seeds_out_of_range(seed: int) -> None:
    with pytest.raises(ValueError, match="is not between"):
        ag.manual_seed(seed)


def test_manual_seed_reaches_every_device(device: str) -> None:
    ag.manual_seed(9)
    first = ag.rand(3, device=device).tolist()
    ag.manual_seed(9)
    assert ag.rand(3, device=device).tolist() == first
    generators._defaults.pop(registry.get_backend(device).resolve(), None)
    try:  # a device first used after the seed was set
        if device != "cpu":
            assert ag.rand(3, device=device).tolist() == first
    finally:
        generators._defaults[ag.device("cpu")] = ag.default_generator


def test_seed_is_unpredictable() -> None:
    assert ag.seed() != ag.seed()
    assert ag.initial_seed() == ag.default_generator.initial_seed()


def test_a_device_without_index_is_the_current_one() -> None:
    strict = strict_device.install()
    named = generators.default_generator_of(ag.device(strict.device_type))
    assert named is generators.default_generator_of(ag.device(f"{strict.device_type}:0"))
    assert named is generators.default_generator_of(strict.device_type)
    assert generators.default_generator_of("cpu") is ag.default_generator
    assert generators.default_generator_of(ag.device("cpu", 0)) is ag.default_generator


def test_philox_on_the_cpu_gives_the_numbers_of_other_devices() -> None:
    strict_device.install()
    draws = [
        lambda g: ag.rand(99, generator=g),
        lambda g: ag.randn(99, dtype=ag.float64, generator=g),
        lambda g: ag.randint(1000, (99,), generator=g),
        lambda g: ag.randperm(99, generator=g),
        lambda g: ag.bernoulli(ag.full((99,), 0.3, device=g.device), generator=g),
        lambda g: ag.poisson(ag.full((99,), 20.0, device=g.device), generator=g),
        lambda g: standard_gamma(ag.full((99,), 0.3, device=g.device), generator=g),
        lambda g: ag.multinomial(ag.ones(5, device=g.device), 9, True, generator=g),
    ]
    for draw in draws:
        cpu = ag.Generator(algorithm="philox").manual_seed(3)
        assert cpu.algorithm == ag.Generator("strict").algorithm == "philox"
        want = draw(ag.Generator("strict").manual_seed(3))
        got = draw(cpu)
        assert got.device.type == "cpu" and got.tolist() == want.tolist()


def test_the_default_generator_can_count_with_philox() -> None:
    strict_device.install()
    state = ag.get_rng_state()
    with ag.random.fork_rng():
        assert ag.manual_seed(3, algorithm="philox") is ag.default_generator
        made = ag.rand(5, device="cpu").tolist()
        assert made == ag.rand(5, device="strict").tolist()
        assert ag.manual_seed(3).algorithm == "philox"  # until told otherwise
        assert made == ag.rand(5, device="cpu").tolist()
        ag.manual_seed(3, algorithm="mt19937")
        assert made != ag.rand(5, device="cpu").tolist()
        ag.manual_seed(3, algorithm="philox")
    assert ag.default_generator.algorithm == "mt19937"
    assert ag.get_rng_state().tolist() == state.tolist()
    for algorithm in ("sfc64", "MT19937"):
        with pytest.raises(ValueError, match="none of the device cpu; expected 'philox'"):
            ag.manual_seed(1, algorithm=algorithm)
    with pytest.raises(ValueError, match="none of the device strict:0"):
        ag.Generator("strict", algorithm="mt19937")


def test_fork_rng(device: str) -> None:
    ag.manual_seed(9)
    ag.randn(3, device=device)
    want_after = None
    for _ in range(2):
        with ag.random.fork_rng():
            inside = ag.randn(3, device=device).tolist()
            ag.manual_seed(1)
        want_after = want_after or inside
        assert inside == want_after
    with ag.random.fork_rng(devices=[device]):
        assert ag.randn(3, device=device).tolist() == want_after
    with pytest.raises(ZeroDivisionError), ag.random.fork_rng():
        ag.manual_seed(1)
        raise ZeroDivisionError
    assert ag.randn(3, device=device).tolist() == want_after
    with ag.random.fork_rng(enabled=False):
        ag.manual_seed(1)
    assert ag.initial_seed() == 1


# --- arguments -----------------------------------------------------------------------------------


def test_forms_of_creation(device: str) -> None:
    where = {"device": device}
    x = ag.rand(2, 3, requires_grad=True, **where)
    assert x.shape == (2, 3) and x.requires_grad and x.is_leaf and x.device.type == device
    assert ag.randn((2, 3), dtype=ag.float64, **where).dtype is ag.float64
    assert ag.rand(**where).shape == () and ag.randn(0, 2, **where).shape == (0, 2)
    for like in (ag.rand_like, ag.randn_like):
        made = like(x, dtype=ag.float64)
        assert made.shape == x.shape and made.dtype is ag.float64 and made.device == x.device
        assert not made.requires_grad
    made = ag.randint_like(x, 3, 5)
    assert made.dtype is ag.float32 and set(numbers(made).ravel()) <= {3.0, 4.0}
    made = ag.randint(low=2, high=4, size=(50,), dtype=ag.int8, **where)
    assert made.dtype is ag.int8 and set(made.tolist()) == {2, 3}
    out = ag.empty(2, 3, **where)
    assert ag.rand(2, 3, out=out) is out and numbers(out).max() < 1
    assert ag.empty(3, **where).bernoulli(0.0 + 1.0).tolist() == [1.0, 1.0, 1.0]
    assert ag.tensor([0.0, 1.0], **where).multinomial(1).item() == 1


def test_in_place_samplers_count_as_writes(device: str) -> None:
    x = ag.ones(4, device=device, requires_grad=True)
    y = x * 2
    z = y * y
    y.normal_()
    with pytest.raises(RuntimeError, match="normal_"):
        z.sum().backward()
    with pytest.raises(RuntimeError, match=r"uniform_: a leaf"):
        x.uniform_()
    with ag.no_grad():
        assert x.uniform_(2, 3) is x
    assert numbers(x).min() >= 2 and x.requires_grad


def test_what_is_overwritten_has_gradient_zero(device: str) -> None:
    fills = [
        lambda y: y.uniform_(), lambda y: y.normal_(), lambda y: y.bernoulli_(0.5),
        lambda y: y.bernoulli_(ag.full((4,), 0.5, device=device)), lambda y: y.random_(5),
        lambda y: y.exponential_(), lambda y: y.cauchy_(), lambda y: y.geometric_(0.5),
        lambda y: y.log_normal_(), ag.bernoulli, ag.poisson,
        lambda y: ag.binomial(y * 8, y),
    ]  # fmt: skip
    for fill in fills:
        x = ag.full((4,), 0.25, device=device, requires_grad=True)
        (gradient,) = ag.autograd.grad(fill(x * 2).sum(), x)
        assert gradient.tolist() == [0.0] * 4
    x = ag.ones(4, device=device, requires_grad=True)
    y = x * 2
    y[1:3].normal_()
    assert ag.autograd.grad(y.sum(), x)[0].tolist() == [2.0, 0.0, 0.0, 2.0]
    transposed = (x * 2).reshape(2, 2).T.contiguous().T
    assert ag.autograd.grad(transposed.uniform_().sum(), x)[0].tolist() == [0.0] * 4


def test_normal_passes_gradients_to_mean_and_std(device: str) -> None:
    mean = ag.full((2, 1), 3.0, device=device, requires_grad=True)
    std = ag.tensor([0.5, 1.0, 2.0], device=device, requires_grad=True)
    made = ag.normal(mean, std)
    noise = (made.detach() - 3) / std.detach()
    to_mean, to_std = ag.autograd.grad(made.sum(), [mean, std])
    assert np.allclose(numbers(to_mean), 3) and np.allclose(numbers(to_std), numbers(noise.sum(0)))
    assert not ag.normal(mean.detach(), 2.0).requires_grad
    assert ag.normal(1.0, std).shape == (3,)


def test_cuda_questions_never_fail() -> None:
    cuda = ag.cuda
    available = cuda.is_available()
    assert cuda.device_count() > 0 if available else cuda.device_count() == 0
    assert cuda.memory_allocated() >= 0 and cuda.max_memory_allocated() >= 0
    cuda.empty_cache()
    cuda.manual_seed(1)
    cuda.manual_seed_all(1)
    assert len(cuda.get_rng_state_all()) == cuda.device_count()
    cuda.set_rng_state_all(cuda.get_rng_state_all())
    with pytest.raises(ValueError, match="expected a CUDA device, got cpu"):
        cuda.memory_allocated("cpu") if available else cuda._named("cpu")
    if not available:
        for asking in (
            cuda.current_device,
            cuda.synchronize,
            cuda.get_device_name,
            cuda.initial_seed,
        ):
            with pytest.raises(RuntimeError, match="CUDA was asked for"):
                asking()


@pytest.mark.gpu
def test_cuda_on_a_gpu() -> None:
    cuda = ag.cuda
    if not cuda.is_available():
        pytest.skip("needs a CUDA GPU and CuPy")
    cuda.set_device(0)
    assert cuda.current_device() == 0 and cuda.get_device_name()
    kept = ag.zeros(1000, 1000, device="cuda")
    assert cuda.max_memory_allocated() >= cuda.memory_allocated() >= kept.nbytes
    cuda.synchronize()
    state = cuda.get_rng_state()
    first = ag.rand(3, device="cuda").tolist()
    cuda.set_rng_state(state)
    assert ag.rand(3, device="cuda").tolist() == first
