"""The stand-in device is as strict as it says."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import strict_device

from autograd_core.backends.base import Backend


@pytest.fixture
def strict() -> Backend:
    return strict_device.install()


@pytest.mark.parametrize(
    "conversion",
    [
        bool, int, float, complex, np.asarray, np.array, list, np.sum, np.float64, memoryview,
        lambda x: x.item(), lambda x: x.tolist(), lambda x: [1, 2][x], lambda x: range(x),
        lambda x: 1 in x, lambda x: np.concatenate([x, x]), lambda x: x.get(),
    ],
)  # fmt: skip
def test_strict_refuses_implicit_conversion(strict: Backend, conversion: Any) -> None:
    with pytest.raises((TypeError, AttributeError)):
        conversion(strict.asarray(1))


@pytest.mark.parametrize(
    "mixing",
    [
        lambda s, n: s + n, lambda s, n: n + s, lambda s, n: n * s, lambda s, n: s == n,
        lambda s, n: s @ n, lambda s, n: np.add(s, n), lambda s, n: s.__iadd__(n),
        lambda s, n: s[n.astype(int)], lambda s, n: s.__setitem__(0, n),
        lambda s, n: strict_device.StrictBackend.xp.add(s, n),
        lambda s, n: strict_device.StrictBackend.xp.concatenate([s, n]),
        lambda s, n: strict_device.StrictBackend.xp.add(s, [1.0, 2.0]),
        lambda s, n: strict_device.StrictBackend.xp.where(s, n, 0),
    ],
)  # fmt: skip
def test_strict_refuses_to_mix(strict: Backend, mixing: Any) -> None:
    with pytest.raises(TypeError):
        mixing(strict.zeros((2,), np.float64), np.zeros(2))


def test_strict_arithmetic(strict: Backend) -> None:
    x, xp = strict.asarray([1.0, -2.0]), strict.xp
    y = abs(-x) * 2 + np.float32(1) - 1 / x
    y **= 2
    y += x
    assert strict.to_numpy(y).tolist() == [5.0, 28.25]
    assert strict.to_numpy((x < 0) | (x == 1)).tolist() == [True, True]
    assert strict.to_numpy(xp.exp(x) - np.exp(x)).tolist() == [0.0, 0.0]
    out = xp.empty(2)
    assert xp.add(x, x, out=out) is out and strict.item(out[0]) == 2.0
    assert strict.item(x @ x) == 5.0 and strict.item(xp.linalg.norm(x)) == 5**0.5
    assert [strict.item(one) for one in x] == [1.0, -2.0] and len(x) == 2


def test_strict_keeps_results_without_dimensions_as_arrays(strict: Backend) -> None:
    x, xp = strict.asarray([[1.0, 2.0], [3.0, 4.0]]), strict.xp
    results = [
        x.sum(), x.max(), x.mean(), x[0, 1], x[1][0], xp.sum(x), xp.dot(x[0], x[0]), x.sum() * 2,
        xp.allclose(x, x), xp.count_nonzero(x), xp.argmax(x), -x.sum(), x.sum().astype(np.float32),
    ]  # fmt: skip
    for result in results:
        assert type(result) is strict_device.StrictArray and result.shape == ()
    view = x[0, 1]
    view[...] = 9.0
    assert strict.item(x[0, 1]) == 9.0


def test_strict_lacks_what_cupy_lacks(strict: Backend) -> None:
    x, xp = strict.asarray([1.0, 2.0]), strict.xp
    for missing in (
        lambda: xp.nditer, lambda: xp.insert, lambda: xp.linalg.vector_norm, lambda: xp.errstate,
        lambda: xp.random, lambda: x.setflags, lambda: x.flags.writeable, lambda: x.ctypes,
    ):  # fmt: skip
        with pytest.raises(AttributeError):
            missing()
    with pytest.raises(TypeError, match=r"CuPy's sum\(\) has no argument where"):
        xp.sum(x, where=x > 1)
    with pytest.raises(TypeError, match="has no argument initial"):
        x.max(initial=0)
    for refused in (lambda: np.add.reduce(x), lambda: np.add.at(x, 0, 1.0), lambda: np.spacing(x)):
        with pytest.raises(TypeError):
            refused()
    half = strict.asarray([1.0, 2.0], ml_dtypes.bfloat16)
    assert (half + half).dtype == half.dtype and xp.where(half > 1, half, half).dtype == np.float32
    with pytest.raises(TypeError, match=r"CuPy's sort\(\) has no version for bfloat16"):
        xp.sort(half)


def test_strict_indices_wrap_around_silently(strict: Backend) -> None:
    x, xp = strict.asarray([[0, 1, 2], [3, 4, 5]]), strict.xp
    far = strict.asarray([3, -4])
    assert strict.to_numpy(x[:, far]).tolist() == [[0, 2], [3, 5]]
    assert strict.to_numpy(x[..., far]).tolist() == [[0, 2], [3, 5]]
    assert strict.to_numpy(x[None, far][0]).tolist() == [[3, 4, 5], [0, 1, 2]]
    assert strict.to_numpy(xp.take(x, far, axis=1)).tolist() == [[0, 2], [3, 5]]
    assert strict.to_numpy(xp.take_along_axis(x, far[None], axis=1)).tolist() == [[0, 2]] * 1 + [
        [3, 5]
    ]
    x[:, far] = 9
    assert strict.to_numpy(x).tolist() == [[9, 1, 9], [9, 4, 9]]
    with pytest.raises(IndexError):
        x[2]


def test_strict_finds_hidden_synchronization(strict: Backend) -> None:
    x, xp = strict.asarray([1.0, -2.0]), strict.xp
    reads = [
        lambda: strict.item(x[0]), lambda: strict.to_numpy(x), lambda: x[x > 0],
        lambda: xp.nonzero(x), lambda: x.nonzero(), lambda: xp.where(x > 0), lambda: xp.unique(x),
    ]  # fmt: skip
    for read in reads:
        read()
        with strict_device.no_synchronization(), pytest.raises(strict_device.HiddenSynchronization):
            read()
    with pytest.raises(TypeError, match=r"through a mask; use where\(\)"):
        x[x < 0] = x[:1]
    with strict_device.no_synchronization():
        x[x < 0] = 0.0
        xp.where(x > 0, x, 0)


def test_strict_arrays_can_be_copied(strict: Backend) -> None:
    x = strict.asarray([1.0, 2.0])
    for made in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x)), x.copy()):
        made[0] = 5.0
        assert strict.to_numpy(x).tolist() == [1.0, 2.0]
    assert strict.xp.asarray(np.ones(2)) is not None
    host = np.ones(2)
    strict.from_numpy(host)[0] = 7.0
    assert host.tolist() == [1.0, 1.0]
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)
