"""Transforms: values, inverses and Jacobians, alone and against PyTorch."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from distribution_table import gradients, numbers, positive, real

import autograd_core as ag
from autograd_core import distributions
from autograd_core.distributions import transforms as T
from autograd_core.distributions.utils import tril_matrix_to_vec, vec_to_tril_matrix

Build = Callable[[Any, Any], Any]

# How to make a transform, from the module of transforms and the library; and where to apply it.
CASES: dict[str, tuple[Build, np.ndarray]] = {
    "exp": (lambda t, m: t.ExpTransform(), real(2, 3)),
    "abs": (lambda t, m: t.AbsTransform(), real(2, 3)),
    "sigmoid": (lambda t, m: t.SigmoidTransform(), real(2, 3) * 3),
    "softplus": (lambda t, m: t.SoftplusTransform(), real(2, 3) * 3),
    "tanh": (lambda t, m: t.TanhTransform(), real(2, 3)),
    "power": (lambda t, m: t.PowerTransform(m.tensor([2.0, -0.5, 1.5])), positive(2, 3)),
    "affine": (lambda t, m: t.AffineTransform(1.0, -2.0), real(2, 3)),
    "affine of tensors": (
        lambda t, m: t.AffineTransform(m.tensor([1.0, 2.0, 3.0]), m.tensor([[2.0], [-3.0]])),
        real(2, 3),
    ),
    "affine of events": (
        lambda t, m: t.AffineTransform(0.5, m.tensor([1.0, 2.0, 3.0]), event_dim=1),
        real(2, 3),
    ),
    "cdf": (
        lambda t, m: t.CumulativeDistributionTransform(m.distributions.Normal(0.0, 2.0)),
        real(2, 3),
    ),
    "softmax": (lambda t, m: t.SoftmaxTransform(), real(2, 4)),
    "stick-breaking": (lambda t, m: t.StickBreakingTransform(), real(2, 3)),
    "lower cholesky": (lambda t, m: t.LowerCholeskyTransform(), real(2, 3, 3)),
    "positive definite": (lambda t, m: t.PositiveDefiniteTransform(), real(2, 3, 3)),
    "correlations": (lambda t, m: t.CorrCholeskyTransform(), real(2, 6)),
    "reshape": (lambda t, m: t.ReshapeTransform((2, 3), (6,)), real(4, 2, 3)),
    "independent": (lambda t, m: t.IndependentTransform(t.ExpTransform(), 1), real(2, 3)),
    "inverse": (lambda t, m: t.ExpTransform().inv, positive(2, 3)),
    "compose": (
        lambda t, m: t.ComposeTransform(
            [t.AffineTransform(1.0, 2.0), t.SigmoidTransform(), t.AffineTransform(0.0, 3.0)]
        ),
        real(2, 3),
    ),
    "compose of vectors": (
        lambda t, m: t.ComposeTransform([t.TanhTransform(), t.StickBreakingTransform()]),
        real(2, 3),
    ),
    "nothing": (lambda t, m: t.identity_transform, real(2, 3)),
    "cat": (
        lambda t, m: t.CatTransform([t.ExpTransform(), t.TanhTransform()], dim=1, lengths=[1, 2]),
        real(2, 3),
    ),
    "cat of vectors": (
        lambda t, m: t.CatTransform(
            [t.IndependentTransform(t.ExpTransform(), 1), t.AffineTransform(0.0, 2.0, 1)],
            dim=0, lengths=[1, 2],
        ),
        real(3, 2),
    ),
    "stack": (
        lambda t, m: t.StackTransform([t.ExpTransform(), t.TanhTransform()], dim=-1),
        real(3, 2),
    ),
}  # fmt: skip

by_case = pytest.mark.parametrize("key", CASES)
NOT_INJECTIVE = {"abs", "softmax"}
WITHOUT_JACOBIAN = {"abs", "softmax", "lower cholesky", "positive definite"}


def build(key: str, module: Any = ag) -> tuple[Any, Any]:
    if module is not ag:
        module.set_default_dtype(module.float64)
    else:
        ag.set_default_dtype(ag.float64)
    try:
        make, points = CASES[key]
        return make(module.distributions.transforms, module), module.tensor(points.tolist())
    finally:
        module.set_default_dtype(module.float32)


@by_case
def test_transforms_equal_pytorch(key: str) -> None:
    torch = pytest.importorskip("torch")
    (theirs, there), (ours, here) = build(key, torch), build(key)
    there.requires_grad_()
    here.requires_grad_()
    want, got = theirs(there), ours(here)
    np.testing.assert_allclose(numbers(got), numbers(want), rtol=1e-12, atol=1e-13)
    weights = np.random.default_rng(0).normal(size=want.shape)
    for g, w in zip(
        gradients(ag, got, [here], weights), gradients(torch, want, [there], weights), strict=True
    ):
        np.testing.assert_allclose(g, w, rtol=1e-11, atol=1e-12)
    back, want_back = ours.inv(got.detach()), theirs.inv(want.detach())
    np.testing.assert_allclose(numbers(back), numbers(want_back), rtol=1e-9, atol=1e-9)
    if key not in WITHOUT_JACOBIAN:
        slopes, want_slopes = (
            t.log_abs_det_jacobian(x, y) for t, x, y in ((ours, here, got), (theirs, there, want))
        )
        np.testing.assert_allclose(numbers(slopes), numbers(want_slopes), rtol=1e-8, atol=1e-9)
        for g, w in zip(
            gradients(ag, slopes, [here]), gradients(torch, want_slopes, [there]), strict=True
        ):
            np.testing.assert_allclose(g, w, rtol=1e-8, atol=1e-8)
    assert bool(ours.bijective) == bool(theirs.bijective)
    for constraint in ("domain", "codomain"):
        a, b = getattr(ours, constraint), getattr(theirs, constraint)
        assert a.event_dim == b.event_dim and a.is_discrete == b.is_discrete
    assert tuple(ours.forward_shape(here.shape)) == tuple(theirs.forward_shape(there.shape))
    assert tuple(ours.inverse_shape(got.shape)) == tuple(theirs.inverse_shape(want.shape))


@by_case
def test_inverses_and_domains(key: str) -> None:
    transform, x = build(key)
    assert bool(transform.domain.check(x).all())
    y = transform(x)
    assert bool(transform.codomain.check(y).all())
    assert tuple(transform.forward_shape(x.shape)) == tuple(y.shape)
    assert tuple(transform.inverse_shape(y.shape)) == tuple(x.shape)
    assert transform.inv.inv is transform
    again = transform(transform.inv(y))
    np.testing.assert_allclose(numbers(again), numbers(y), rtol=1e-9, atol=1e-12)
    if key not in NOT_INJECTIVE | {"lower cholesky", "positive definite"}:
        np.testing.assert_allclose(numbers(transform.inv(y)), numbers(x), rtol=1e-8, atol=1e-10)
    if key not in WITHOUT_JACOBIAN:
        slopes = transform.log_abs_det_jacobian(x, y)
        back = transform.inv.log_abs_det_jacobian(y, x)
        np.testing.assert_allclose(numbers(slopes), -numbers(back))
        event = 0 if key == "stack" else transform.domain.event_dim  # each slice has its own
        assert tuple(slopes.shape) == tuple(x.shape[: x.ndim - event])


@by_case
def test_jacobians_are_those_of_the_function(key: str) -> None:
    """The determinant of the matrix of derivatives, of one event."""
    if key in WITHOUT_JACOBIAN:
        pytest.skip("it has no Jacobian determinant")
    transform, x = build(key)
    slopes = numbers(transform.log_abs_det_jacobian(x, transform(x)))
    x = x.requires_grad_()
    y = transform(x)
    if key == "stick-breaking" or key == "compose of vectors":
        y = y[..., :-1]  # the last share follows
    elif key == "correlations":
        y = tril_matrix_to_vec(y, -1)
    outputs = y.reshape(-1)
    rows = [
        numbers(ag.autograd.grad(one, x, retain_graph=True)[0]).ravel() for one in outputs.unbind()
    ]
    sign, total = np.linalg.slogdet(np.stack(rows))
    assert sign != 0
    np.testing.assert_allclose(slopes.sum(), total, rtol=1e-9, atol=1e-9)


def test_signs() -> None:
    assert T.ExpTransform().sign == 1 and T.AffineTransform(0, -2.0).sign == -1
    assert T.ComposeTransform([T.AffineTransform(0, -1), T.AffineTransform(0, -1)]).sign == 1
    assert T.PowerTransform(ag.tensor([2.0, -2.0])).sign.tolist() == [1.0, -1.0]
    assert T.ExpTransform().inv.sign == 1
    with pytest.raises(NotImplementedError, match="SoftmaxTransform is not known to be monotonous"):
        _ = T.SoftmaxTransform().sign


def test_equality() -> None:
    assert T.ExpTransform() == T.ExpTransform() and T.ExpTransform() != T.TanhTransform()
    assert T.ExpTransform().inv == T.ExpTransform().inv
    assert T.AffineTransform(1, 2) == T.AffineTransform(1.0, 2.0) != T.AffineTransform(1.0, 3.0)
    here = ag.tensor([1.0, 2.0])
    assert T.AffineTransform(here, 1) == T.AffineTransform(here + 0, 1)
    assert T.AffineTransform(here, 1) != T.AffineTransform(here + 1, 1)
    assert T.PowerTransform(here) != T.PowerTransform(ag.tensor([1.0, 2.0, 3.0]))
    parts = [T.ExpTransform(), T.AffineTransform(1, 2)]
    assert T.ComposeTransform(parts) == T.ComposeTransform([T.ExpTransform(), parts[1]])
    assert T.ComposeTransform(parts) != T.ComposeTransform(parts[:1])


@by_case
def test_caches(key: str) -> None:
    transform, x = build(key)
    cached = transform.with_cache()
    assert cached.with_cache(1) is cached and transform.with_cache(0) is transform
    y = cached(x)
    if key != "nothing":
        assert cached.inv(y) is x and cached(x) is y and cached.inv.inv is cached
    np.testing.assert_array_equal(numbers(y), numbers(transform(x)))
    with pytest.raises(ValueError, match="cache_size must be 0 or 1, got 2"):
        T.ExpTransform(cache_size=2)


@by_case
def test_transforms_can_be_copied(key: str) -> None:
    transform, x = build(key)
    _ = transform.inv
    for other in (copy.deepcopy(transform), pickle.loads(pickle.dumps(transform))):
        np.testing.assert_array_equal(numbers(other(x)), numbers(transform(x)))
        assert repr(other) == repr(transform) or key == "cdf"


def test_texts() -> None:
    assert repr(T.ExpTransform().inv) == "InverseTransform(ExpTransform())"
    composed = T.ComposeTransform([T.ExpTransform(), T.TanhTransform()])
    assert repr(composed) == "ComposeTransform(\n    ExpTransform(),\n    TanhTransform()\n)"
    assert (
        repr(T.IndependentTransform(T.AbsTransform(), 1))
        == "IndependentTransform(AbsTransform(), 1)"
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: T.ReshapeTransform((2, 3), (5,)), "different numbers of elements"),
        (lambda: T.ReshapeTransform((2,), (2, 1))(ag.zeros(3)), r"ends in \(2,\), got \(3,\)"),
        (lambda: T.CatTransform([T.ExpTransform()], lengths=[1, 2]), "1 transforms need as many"),
        (lambda: T.CatTransform([T.ExpTransform()], dim=1)(ag.zeros(2, 3)), "expected size 1 in"),
        (lambda: T.StackTransform([T.ExpTransform()])(ag.zeros(2)), "size 1 in dimension 0"),
        (lambda: T.IndependentTransform(T.ExpTransform(), 2)(ag.zeros(2)), "at least 2 dimensions"),
        (lambda: T.CorrCholeskyTransform().forward_shape((4,)), "4 numbers are not the lower"),
        (lambda: T.CorrCholeskyTransform().inverse_shape((4, 3)), "expected square matrices"),
        (lambda: T.SoftmaxTransform().forward_shape(()), "expected at least 1 dimensions"),
        (lambda: T.ReshapeTransform((2, 2), (4,)).event_dim, "ask domain.event_dim"),
        (lambda: vec_to_tril_matrix(ag.zeros(4)), "4 elements are not the lower triangle"),
        (lambda: tril_matrix_to_vec(ag.zeros(2, 2), 2), "diag=2 is not between -2 and 1"),
    ],
)  # fmt: skip
def test_bad_arguments(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("diag", [-2, -1, 0, 1])
def test_triangles_as_vectors(diag: int) -> None:
    matrix = ag.tensor(real(2, 4, 4).tolist())
    vector = tril_matrix_to_vec(matrix, diag)
    places = np.tril_indices(4, diag)
    assert np.array_equal(numbers(vector), numbers(matrix)[:, places[0], places[1]])
    assert np.array_equal(numbers(vec_to_tril_matrix(vector, diag)), np.tril(numbers(matrix), diag))
    assert vec_to_tril_matrix(ag.zeros(2, 0), -1).shape == (2, 1, 1)


# --- transformed distributions -------------------------------------------------------------------


def test_transformed_distributions_equal_pytorch() -> None:
    torch = pytest.importorskip("torch")

    def built(module: Any) -> list[Any]:
        d, t = module.distributions, module.distributions.transforms
        normal = lambda *shape: d.Normal(module.zeros(shape), module.ones(shape))
        return [
            d.TransformedDistribution(normal(3), [t.ExpTransform(), t.AffineTransform(1.0, -2.0)]),
            d.TransformedDistribution(normal(2, 3), t.StickBreakingTransform()),
            d.TransformedDistribution(normal(3), t.AffineTransform(module.zeros(2, 1), 2.0)),
            d.TransformedDistribution(normal(2, 6), t.ReshapeTransform((6,), (2, 3))),
            d.TransformedDistribution(d.Independent(normal(2, 3), 1), t.ExpTransform()),
            d.TransformedDistribution(d.Uniform(0.0, 1.0), [t.SigmoidTransform().inv]),
            d.TransformedDistribution(normal(3), []),
            d.TransformedDistribution(normal(2, 3), t.CorrCholeskyTransform()),
        ]

    for ours, theirs in zip(built(ag), built(torch), strict=True):
        assert tuple(ours.batch_shape) == tuple(theirs.batch_shape)
        assert tuple(ours.event_shape) == tuple(theirs.event_shape)
        assert ours.support.event_dim == theirs.support.event_dim
        torch.manual_seed(3)
        x = theirs.sample((4,))
        here = ag.tensor(x.tolist())
        want, got = numbers(theirs.log_prob(x)), numbers(ours.log_prob(here))
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4)
        wide = ours.expand((5, *ours.batch_shape))
        assert wide.batch_shape == (5, *ours.batch_shape) and wide.sample().shape == (
            5, *ours.batch_shape, *ours.event_shape,
        )  # fmt: skip
    falling, exactly = built(ag)[0], built(torch)[0]
    at = [[-3.0, -1.0, 0.5]]
    for what, x in (("cdf", at), ("icdf", [[0.1, 0.5, 0.9]])):
        want = getattr(exactly, what)(torch.tensor(x))
        np.testing.assert_allclose(
            numbers(getattr(falling, what)(ag.tensor(x))), numbers(want), rtol=1e-5, atol=1e-6
        )


def test_a_sample_of_a_cached_transform_has_its_density() -> None:
    """tanh rounds large values to 1, whose inverse is infinite; the cache remembers it."""
    base = distributions.Normal(ag.tensor([30.0]), 1.0)
    with_cache = distributions.TransformedDistribution(base, T.TanhTransform(cache_size=1))
    assert math.isfinite(with_cache.log_prob(with_cache.rsample()).item())


def test_transformed_bad_arguments() -> None:
    base = distributions.Normal(0.0, 1.0)
    with pytest.raises(ValueError, match="expected transforms, got"):
        distributions.TransformedDistribution(base, [3])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="take values of 1 dimensions"):
        distributions.TransformedDistribution(base, T.StickBreakingTransform())
