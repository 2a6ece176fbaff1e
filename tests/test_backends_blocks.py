"""Elementwise functions over many arrays: cut up, joined, on threads, always with one result."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from autograd_core.backends.numpy import blas, blocks, threads
from autograd_core.backends.registry import get_backend

pytestmark = pytest.mark.cpu_only


@pytest.fixture(params=[1, 3])
def workers(request, monkeypatch):
    """That many threads, whatever the machine has."""
    if threads._pool is not None:
        threads._pool.shutdown()
    monkeypatch.setattr(threads, "_count", request.param)
    monkeypatch.setattr(threads, "_pool", None)
    yield request.param
    if threads._pool is not None:
        threads._pool.shutdown()


def step(p, g, m=None):
    """What an optimizer does, in small: changes its first and third array, reads its second."""
    if m is not None:
        m *= 0.5
        m += g
        g = m
    p -= 0.25 * g


def layouts(shape):
    """Arrays of a shape, laid out in memory in different ways."""
    rng = np.random.default_rng(0)
    values = rng.standard_normal(shape)
    yield values
    yield np.asfortranarray(values)
    yield np.repeat(values, 2, axis=-1)[..., ::2] if values.ndim else values
    yield values[::-1] if values.ndim else values


SHAPES = [(), (1,), (5,), (0,), (3, 0), (20, 30), (500, 300), (3, 50_000), (50_000, 3), (70_000,)]


@pytest.mark.parametrize("with_state", [False, True])
def test_every_shape_and_layout_together(workers, with_state):
    items, expected = [], []
    for shape in SHAPES:
        for i, p in enumerate(layouts(shape)):
            for j, g in enumerate(layouts(shape)):
                if (i + j) % 2:
                    continue
                p, g = p.copy(order="K"), g.copy(order="K")
                m = np.ones(shape) if with_state else None
                items.append([p, g, m])
                want = [p.copy(), g.copy(), None if m is None else m.copy()]
                step(*[None if a is None else a.reshape(shape or (1,)) for a in want])
                expected.append(want)
    blocks.run(step, items, writes=lambda index: index != 1)
    for got, want in zip(items, expected):
        for a, b in zip(got, want):
            assert (a is None) == (b is None)
            if a is not None:
                np.testing.assert_array_equal(a, b)


def test_pieces_cover_an_array_once():
    for shape in ((500, 300), (3, 50_000), (50_000, 3), (10, 20, 30, 40)):
        for first in layouts(shape):
            count = np.zeros(shape)
            count = np.asfortranarray(count) if first.flags.f_contiguous else count
            for one, two in blocks.pieces([count, first]):
                assert one.shape == two.shape
                assert one.nbytes <= max(blocks.BLOCK, count.nbytes / max(shape))
                one += 1
            assert (count == 1).all()


def test_small_arrays_share_calls():
    calls = []
    items = [[np.ones((2, 3)), np.ones((2, 3))] for _ in range(50)]
    blocks.run(lambda p, g: calls.append(p.size), items, writes=lambda index: index == 0)
    assert calls == [300]


def test_what_is_only_read_is_not_written():
    g = np.ones(4)
    g.flags.writeable = False
    blocks.run(step, [[np.ones(4), g], [np.ones(3), np.ones(3)]], writes=lambda i: i != 1)


def test_work_is_done_on_several_threads(workers):
    names = set()
    meeting = threading.Barrier(workers, timeout=10)

    def task():
        names.add(threading.current_thread().name)
        meeting.wait()  # passes only if as many run at once

    threads.run([task] * workers)
    assert len(names) == workers


def test_an_error_of_any_thread_is_raised(workers):
    done = []

    def task(i):
        if i == 7:
            raise ValueError("seven")
        done.append(i)

    with pytest.raises(ValueError, match="seven"):
        threads.run([lambda i=i: task(i) for i in range(20)])


def test_numpys_error_state_goes_with_the_work(workers):
    def task():
        np.float64(1) / np.float64(0)

    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        threads.run([task] * 8)
    with np.errstate(divide="ignore"):
        threads.run([task] * 8)


def test_many_threads_may_ask_at_once(workers):
    """None waits for ever for a helper that waits for another."""
    totals = []

    def outer():
        parts = []
        threads.run([lambda i=i: parts.append(i) for i in range(10)])
        totals.append(sum(parts))

    threads.run([outer] * 6)
    assert totals == [45] * 6


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forks beside threads
def test_a_forked_process_has_threads_of_its_own(workers):
    threads.run([lambda: None] * 4)
    child = os.fork()
    if child == 0:
        parts = []
        threads.run([lambda i=i: parts.append(i) for i in range(10)])
        os._exit(sum(parts))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 45


@pytest.mark.parametrize("value,expected", [("3", 3), ("2,1", 2), ("x", None), ("0", None)])
def test_the_number_of_threads_follows_the_environment(monkeypatch, value, expected):
    monkeypatch.setattr(threads, "_count", None)
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert threads.count() == (expected or available)


# --- a x + b y in one pass -----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [10, blas.SMALL, 3 * blas.SMALL + 5])
@pytest.mark.parametrize("library", ["OpenBLAS", "NumPy"])
def test_axpby(monkeypatch, dtype, size, library):
    if library == "NumPy":
        monkeypatch.setattr(blas, "_functions", {})
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, size)).astype(dtype)
    for a, b in ((0.5, 1.0), (1.0, 0.9), (-2.0, 0.1), (1.0, 1.0)):
        want = a * x.astype("f8") + b * y.astype("f8")
        before = x.copy()
        blas.axpby(a, x, b, y)
        np.testing.assert_allclose(y, want, rtol=2e-6 if dtype == "float32" else 1e-14, atol=1e-6)
        assert (x == before).all()
    big = np.zeros((size, 2), dtype)
    blas.axpby(1.0, x, 1.0, big[:, 0])  # no row of memory
    assert (big[:, 0] == x).all() and (big[:, 1] == 0).all()


def test_openblas_is_found_where_numpy_brings_it():
    config = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    if config.get("name") != "scipy-openblas":
        pytest.skip("NumPy was built with another BLAS here")
    assert set(blas._found()) == {"f", "d"}


# --- NumPy's own kernels against the definitions -------------------------------------------------


@pytest.mark.parametrize("size", [100, 50_000])
@pytest.mark.parametrize(
    "options",
    [{}, {"weight_decay": 0.3}, {"momentum": 0.9}, {"momentum": 0.9, "dampening": 0.4},
     {"momentum": 0.9, "nesterov": True, "weight_decay": 0.3}],
)  # fmt: skip
def test_sgd_kernel(options, size):
    from autograd_core.optim.sgd import sgd_step

    numbers = {"lr": 0.1, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False}
    numbers |= options
    rng = np.random.default_rng(0)
    p, g = rng.standard_normal((2, size))
    m = np.full(size, np.nan) if numbers["momentum"] else None
    other = [p.copy(), g.copy(), None if m is None else m.copy()]
    for k in range(3):
        sgd_step(np, p, g, m, **numbers, first=k == 0)
        get_backend("cpu").kernels["sgd_step"](np, *other, **numbers, first=k == 0)
        np.testing.assert_allclose(p, other[0], rtol=1e-12, atol=1e-14)
        if m is not None:
            np.testing.assert_allclose(m, other[2], rtol=1e-12, atol=1e-14)
    assert (g == other[1]).all()


@pytest.mark.parametrize("size", [100, 50_000])
@pytest.mark.parametrize("amsgrad", [False, True])
@pytest.mark.parametrize("decay", [(0.0, False), (0.3, False), (0.3, True)])
def test_adam_kernel(decay, amsgrad, size):
    from autograd_core.optim.adam import adam_step

    rng = np.random.default_rng(0)
    p, g = rng.standard_normal((2, size))
    arrays = [p, g, np.zeros(size), np.zeros(size), np.zeros(size) if amsgrad else None]
    other = [None if a is None else a.copy() for a in arrays]
    numbers = {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
    numbers |= {"weight_decay": decay[0], "decoupled": decay[1]}
    for k in range(1, 4):
        adam_step(np, *arrays, **numbers, step=k)
        get_backend("cpu").kernels["adam_step"](np, *other, **numbers, step=k)
        for a, b in zip(arrays, other):
            if a is not None:
                np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)
    assert (arrays[1] == g).all()
