"""NumPy's functions on tensors give what they give on arrays, and a graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import GraphError

pytestmark = pytest.mark.cpu_only

RNG = np.random.default_rng(0)
A = RNG.uniform(0.5, 2.0, (3, 4))
B = RNG.uniform(0.5, 2.0, (3, 4))
S = RNG.uniform(0.5, 2.0, (3, 3)) + 3 * np.eye(3)

# Functions of one or two arrays that NumPy computes: the same on tensors must give the same.
CALLS: dict[str, Callable[..., Any]] = {
    **{
        name: (lambda f: lambda a, b, s: f(a / 2.5))(getattr(np, name))
        for name in (
            "exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "arcsin", "arctan", "absolute",
            "negative", "square", "reciprocal", "sign", "expm1", "log1p", "exp2", "log2", "log10",
            "floor", "ceil", "trunc", "rint", "degrees", "radians", "isnan", "isfinite", "sinh",
            "cosh", "arcsinh", "arctanh", "fabs", "positive", "signbit",
        )
    },
    **{
        name: (lambda f: lambda a, b, s: f(a, b))(getattr(np, name))
        for name in (
            "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "arctan2",
            "greater", "less_equal", "equal", "not_equal", "hypot", "fmax", "fmin", "logaddexp",
            "remainder", "fmod", "floor_divide", "copysign", "heaviside",
        )
    },
    "sum": lambda a, b, s: np.sum(a),
    "sum axis": lambda a, b, s: np.sum(a, axis=0),
    "sum keepdims": lambda a, b, s: np.sum(a, axis=(0, 1), keepdims=True),
    "sum all keepdims": lambda a, b, s: np.sum(a, keepdims=True),
    "mean": lambda a, b, s: np.mean(a, 1),
    "prod": lambda a, b, s: np.prod(a, axis=1),
    "max": lambda a, b, s: np.max(a, axis=0),
    "min": lambda a, b, s: np.min(a),
    "argmax": lambda a, b, s: np.argmax(a, axis=1),
    "std": lambda a, b, s: np.std(a),
    "std axis": lambda a, b, s: np.std(a, axis=0),
    "var ddof": lambda a, b, s: np.var(a, axis=1, ddof=1, keepdims=True),
    "all": lambda a, b, s: np.all(a > 1, axis=0),
    "any": lambda a, b, s: np.any(a > 1),
    "count_nonzero": lambda a, b, s: np.count_nonzero(a > 1, axis=0),
    "add.reduce": lambda a, b, s: np.add.reduce(a),
    "maximum.reduce": lambda a, b, s: np.maximum.reduce(a, axis=1),
    "cumsum": lambda a, b, s: np.cumsum(a),
    "cumsum axis": lambda a, b, s: np.cumsum(a, axis=1),
    "cumprod": lambda a, b, s: np.cumprod(a, axis=0),
    "concatenate": lambda a, b, s: np.concatenate([a, b], axis=1),
    "stack": lambda a, b, s: np.stack((a, b), axis=-1),
    "vstack": lambda a, b, s: np.vstack([a, b]),
    "hstack": lambda a, b, s: np.hstack([a, b]),
    "where": lambda a, b, s: np.where(a > b, a, b),
    "dot": lambda a, b, s: np.dot(s, a),
    "dot 1-d": lambda a, b, s: np.dot(a[0], b[0]),
    "dot n-d": lambda a, b, s: np.dot(a.reshape(3, 2, 2), b.reshape(3, 2, 2)),
    "matmul": lambda a, b, s: np.matmul(s, a),
    "inner": lambda a, b, s: np.inner(a, b),
    "outer": lambda a, b, s: np.outer(a[0], b[0]),
    "outer of matrices": lambda a, b, s: np.outer(a, b),
    "diff": lambda a, b, s: np.diff(a, n=2, axis=1),
    "median": lambda a, b, s: np.median(a),
    "median axis": lambda a, b, s: np.median(a, axis=1, keepdims=True),
    "ptp": lambda a, b, s: np.ptp(a, axis=0),
    "pad": lambda a, b, s: np.pad(a, ((1, 2), (0, 3)), constant_values=2.0),
    "pad alike": lambda a, b, s: np.pad(a, 1),
    "pad edge": lambda a, b, s: np.pad(a, ((0, 1), (2, 0)), mode="edge"),
    "pad reflect": lambda a, b, s: np.pad(a, 2, "reflect"),
    "pad wrap": lambda a, b, s: np.pad(a, ((1, 1), (2, 1)), "wrap"),
    "tensordot": lambda a, b, s: np.tensordot(s, a, 1),
    "einsum": lambda a, b, s: np.einsum("ij,ij->i", a, b),
    "kron": lambda a, b, s: np.kron(a, s),
    "reshape": lambda a, b, s: np.reshape(a, (2, 6)),
    "ravel": lambda a, b, s: np.ravel(a),
    "transpose": lambda a, b, s: np.transpose(a),
    "transpose axes": lambda a, b, s: np.transpose(a.reshape(3, 2, 2), (2, 0, 1)),
    "swapaxes": lambda a, b, s: np.swapaxes(a, 0, 1),
    "moveaxis": lambda a, b, s: np.moveaxis(a.reshape(3, 2, 2), 0, -1),
    "expand_dims": lambda a, b, s: np.expand_dims(a, 1),
    "squeeze": lambda a, b, s: np.squeeze(a.reshape(3, 1, 4)),
    "squeeze axis": lambda a, b, s: np.squeeze(a.reshape(3, 1, 4, 1), axis=1),
    "broadcast_to": lambda a, b, s: np.broadcast_to(a, (2, 3, 4)),
    "flip": lambda a, b, s: np.flip(a),
    "flip axis": lambda a, b, s: np.flip(a, axis=1),
    "roll": lambda a, b, s: np.roll(a, 2, axis=1),
    "roll flat": lambda a, b, s: np.roll(a, 2),
    "rot90": lambda a, b, s: np.rot90(a),
    "tile": lambda a, b, s: np.tile(a, (2, 1)),
    "repeat": lambda a, b, s: np.repeat(a, 2, axis=1),
    "clip": lambda a, b, s: np.clip(a, 0.8, 1.5),
    "round": lambda a, b, s: np.round(a, 1),
    "sort": lambda a, b, s: np.sort(a),
    "sort axis": lambda a, b, s: np.sort(a, axis=0),
    "argsort": lambda a, b, s: np.argsort(a, axis=0),
    "split": lambda a, b, s: np.split(a, 2, axis=1),
    "split at": lambda a, b, s: np.split(a, [1, 3], axis=1),
    "take": lambda a, b, s: np.take(a, np.array([0, 5])),
    "take axis": lambda a, b, s: np.take(a, np.array([0, 2]), axis=1),
    "diag": lambda a, b, s: np.diag(s),
    "diagonal": lambda a, b, s: np.diagonal(a, 1),
    "trace": lambda a, b, s: np.trace(s),
    "tril": lambda a, b, s: np.tril(a),
    "triu": lambda a, b, s: np.triu(a, k=1),
    "real": lambda a, b, s: np.real(a),
    "imag": lambda a, b, s: np.imag(a),
    "quantile": lambda a, b, s: np.quantile(a, 0.3, axis=0),
    "zeros_like": lambda a, b, s: np.zeros_like(a),
    "full_like": lambda a, b, s: np.full_like(a, 3.0),
    "copy": lambda a, b, s: np.copy(a),
    "linalg.inv": lambda a, b, s: np.linalg.inv(s),
    "linalg.det": lambda a, b, s: np.linalg.det(s),
    "linalg.solve": lambda a, b, s: np.linalg.solve(s, a),
    "linalg.norm": lambda a, b, s: np.linalg.norm(a),
    "linalg.norm axis": lambda a, b, s: np.linalg.norm(a, axis=1),
    "linalg.cholesky": lambda a, b, s: np.linalg.cholesky(s @ s.T),
    "abs": lambda a, b, s: np.abs(a),
    "an array first": lambda a, b, s: B * a - B / b,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CALLS))
def test_numpy_functions_give_what_they_give_on_arrays(name: str) -> None:
    call = CALLS[name]
    inputs = [ag.tensor(value, requires_grad=True) for value in (A, B, S)]
    ours, theirs = call(*inputs), call(A, B, S)
    ours, theirs = ([v] if not isinstance(v, list) else v for v in (ours, theirs))
    for one, two in zip(ours, theirs, strict=True):
        assert isinstance(one, ag.Tensor) and tuple(one.shape) == np.shape(two)
        np.testing.assert_allclose(one.detach().numpy(), two, rtol=1e-12)


def test_numpy_functions_have_gradients() -> None:
    t = ag.tensor([0.0, 1.0], requires_grad=True)
    np.sum(np.exp(t) * np.array([1.0, 2.0], np.float32)).backward()
    np.testing.assert_allclose(t.grad.tolist(), [1, 2 * np.e], rtol=1e-6)
    t.grad = None
    np.concatenate([t, np.ones(2, np.float32)]).sum().backward()
    assert t.grad.tolist() == [1, 1]


def test_the_traps_of_numpy() -> None:
    t = ag.tensor([1.0, 2.0], requires_grad=True)
    for result in (np.float64(2) * t, t * np.float64(2), np.float64(1) + t, np.float64(3) ** t):
        assert isinstance(result, ag.Tensor) and result.dtype == ag.float32
        assert result.requires_grad
    array = np.array([2.0, 3.0], np.float32)
    for result in (array * t, array + t, array - t, array / t, array @ t, array**t):
        assert isinstance(result, ag.Tensor) and result.requires_grad
    assert (array > t).tolist() == [True, True]


def test_an_array_used_in_the_graph_and_then_overwritten_is_noticed() -> None:
    t = ag.tensor([1.0, 2.0], requires_grad=True)
    array = np.array([2.0, 3.0], np.float32)
    for make in (lambda: array * t, lambda: t * array, lambda: np.multiply(t, array)):
        y = make().sum()
        array[0] += 1
        with pytest.raises(GraphError, match="overwritten outside the engine"):
            y.backward()


def test_an_index_or_mask_that_is_overwritten_is_noticed() -> None:
    x = ag.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    mask, index = np.array([[True, False], [True, True]]), np.array([0, 1])
    for make, array in (
        (lambda: ag.where(mask, x, x * 2), mask),
        (lambda: x.masked_fill(mask, 0.0), mask),
        (lambda: x.index_select(0, index), index),
    ):
        y = make().sum()
        array[0] = ~array[0]
        with pytest.raises(GraphError, match="overwritten outside the engine"):
            y.backward()
        array[0] = ~array[0]


def test_padding_that_numpy_alone_knows_is_refused() -> None:
    t = ag.ones(2, 3)
    for options in ({"mode": "mean"}, {"constant_values": (1, 2)}, {"mode": "reflect", "end": 1}):
        with pytest.raises(TypeError, match=r"np\.pad on tensors: mode must be one of constant"):
            np.pad(t, 1, **options)


def test_unknown_functions_name_themselves() -> None:
    t = ag.tensor([1.0, 2.0], requires_grad=True)
    for name, call in {
        "np.unwrap": lambda: np.unwrap(t),
        "np.percentile": lambda: np.percentile(t, 30),
        "np.spacing": lambda: np.spacing(t),
        "np.add.at": lambda: np.add.at(t, 0, 1),
        "np.add.accumulate": lambda: np.add.accumulate(t),
    }.items():
        with pytest.raises(TypeError, match=f"{name} has no form for tensors.*detach"):
            call()


def test_unknown_arguments_name_the_function() -> None:
    with pytest.raises(TypeError, match=r"np.sum on tensors: .*initial"):
        np.sum(ag.ones(2), initial=3)


def test_out() -> None:
    t, out = ag.tensor([1.0, 2.0]), np.zeros(2, np.float32)
    result = np.exp(t, out=ag.zeros(2))
    assert result.tolist() == t.exp().tolist()
    with pytest.raises(TypeError, match="out= cannot take"):
        np.exp(t.requires_grad_(), out=ag.zeros(2))
    assert np.multiply(t.detach(), 2, out=out) is out
    assert out.tolist() == [2, 4]
    out += t.detach()
    assert type(out) is np.ndarray and out.tolist() == [3, 6]
    assert np.sum(t.detach(), axis=0, out=np.zeros((), np.float32)) == 3
    with pytest.raises(TypeError, match="out= cannot take"):
        out *= t
    assert (np.float64(1.5) < t).tolist() == [False, True]


def test_questions_are_answered_by_numpy() -> None:
    t = ag.tensor([1.0, 2.0], requires_grad=True)
    assert np.allclose(t, [1, 2]) and np.array_equal(t, np.array([1, 2]))
    assert np.shape(t) == (2,) and np.ndim(t) == 1 and np.size(t) == 2
    np.testing.assert_allclose(t.detach(), [1, 2])
