"""Constraints, and the transforms that lead to them, against PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from distribution_table import chance, definite, numbers, real

import autograd_core as ag
from autograd_core import distributions
from autograd_core.distributions import biject_to, constraints, transform_to
from autograd_core.distributions import transforms as T

CONSTRAINTS: list[tuple[Callable[[Any], Any], Any]] = [
    (lambda c: c.real, [1.0, math.inf, math.nan]),
    (lambda c: c.positive, [1.0, 0.0, -1.0, math.nan]),
    (lambda c: c.nonnegative, [1.0, 0.0, -1.0]),
    (lambda c: c.greater_than(2.0), [2.0, 3.0]),
    (lambda c: c.greater_than_eq(2.0), [2.0, 1.0]),
    (lambda c: c.less_than(2.0), [2.0, 1.0]),
    (lambda c: c.unit_interval, [-0.1, 0.0, 1.0, 1.1]),
    (lambda c: c.interval(-1.0, 2.0), [-1.0, 2.0, 3.0]),
    (lambda c: c.half_open_interval(-1.0, 2.0), [-1.0, 2.0, 3.0]),
    (lambda c: c.boolean, [0.0, 1.0, 0.5]),
    (lambda c: c.nonnegative_integer, [0.0, 2.0, -1.0, 0.5]),
    (lambda c: c.positive_integer, [0.0, 2.0, -1.0, 0.5]),
    (lambda c: c.integer_interval(1, 3), [0.0, 1.0, 3.0, 2.5, 4.0]),
    (lambda c: c.simplex, [[0.5, 0.5], [0.5, 0.6], [-0.5, 1.5]]),
    (lambda c: c.one_hot, [[0.0, 1.0], [1.0, 1.0], [0.5, 0.5]]),
    (lambda c: c.multinomial(3), [[1.0, 2.0], [2.0, 2.0], [-1.0, 2.0]]),
    (lambda c: c.real_vector, [[1.0, 2.0], [math.nan, 1.0]]),
    (lambda c: c.lower_triangular, [[[1.0, 0.0], [1.0, 0.0]], [[1.0, 1.0], [0.0, 1.0]]]),
    (lambda c: c.lower_cholesky, [[[1.0, 0.0], [1.0, 2.0]], [[1.0, 0.0], [1.0, -1.0]]]),
    (lambda c: c.corr_cholesky, [[[1.0, 0.0], [0.6, 0.8]], [[1.0, 0.0], [0.6, 0.9]]]),
    (lambda c: c.square, [[[1.0, 2.0], [3.0, 4.0]]]),
    (lambda c: c.square, [[[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]]]),
    (lambda c: c.symmetric, [[[1.0, 2.0], [2.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]]]),
    (lambda c: c.positive_semidefinite, [[[1.0, 0.5], [0.5, 4.0]], [[1.0, 2.0], [2.0, 1.0]]]),
    (lambda c: c.positive_definite, [[[1.0, 0.5], [0.5, 4.0]], [[1.0, 2.0], [2.0, 1.0]]]),
    (lambda c: c.positive_definite, [[[1.0, 2.0], [3.0, 4.0]]]),
    (lambda c: c.independent(c.positive, 1), [[1.0, 2.0], [-1.0, 1.0]]),
    (
        lambda c: c.cat([c.positive, c.real], dim=1, lengths=[1, 2]),
        [[1.0, -2.0, 1.0], [-1.0, 1.0, 1.0]],
    ),
    (lambda c: c.stack([c.positive, c.real], dim=-1), [[1.0, -2.0], [-1.0, 1.0]]),
    (lambda c: c.MixtureSameFamilyConstraint(c.positive), [1.0, -1.0]),
]  # fmt: skip


@pytest.mark.parametrize("index", range(len(CONSTRAINTS)))
def test_constraints_equal_pytorch(index: int) -> None:
    torch = pytest.importorskip("torch")
    make, value = CONSTRAINTS[index]
    ours, theirs = make(constraints), make(torch.distributions.constraints)
    for dtype in ("float32", "float64"):
        got = ours.check(ag.tensor(value, dtype=dtype))
        want = theirs.check(torch.tensor(value, dtype=getattr(torch, dtype)))
        assert got.tolist() == want.tolist() and got.dtype is ag.bool
    assert ours.event_dim == theirs.event_dim and ours.is_discrete == theirs.is_discrete
    if not repr(theirs).endswith("()"):  # else ours says more
        assert repr(ours) in repr(theirs).replace("IndependentConstraint(", "Independent(")


REACHED: list[Callable[[Any], Any]] = [
    lambda c: c.real,
    lambda c: c.positive,
    lambda c: c.nonnegative,
    lambda c: c.greater_than(-2.0),
    lambda c: c.less_than(3.0),
    lambda c: c.unit_interval,
    lambda c: c.interval(-1.0, 2.0),
    lambda c: c.half_open_interval(-1.0, 2.0),
    lambda c: c.simplex,
    lambda c: c.corr_cholesky,
    lambda c: c.independent(c.positive, 1),
    lambda c: c.cat([c.positive, c.real], dim=-1, lengths=[1, 2]),
    lambda c: c.stack([c.positive, c.real, c.unit_interval], dim=-1),
    lambda c: c.lower_cholesky,
    lambda c: c.positive_definite,
    lambda c: c.positive_semidefinite,
]


@pytest.mark.parametrize("index", range(len(REACHED)))
def test_transforms_to_constraints(index: int) -> None:
    torch = pytest.importorskip("torch")
    make = REACHED[index]
    constraint = make(constraints)
    x = real(2, 3, 3) if index > 12 else real(2, 3)
    for name, table in (("biject_to", biject_to), ("transform_to", transform_to)):
        theirs = getattr(torch.distributions, name)
        try:
            want = theirs(make(torch.distributions.constraints))(torch.tensor(x))
        except NotImplementedError:
            with pytest.raises(NotImplementedError, match="no transform is known"):
                table(constraint)
            continue
        got = table(constraint)(ag.tensor(x.tolist(), dtype=ag.float64))
        np.testing.assert_allclose(numbers(got), numbers(want), rtol=1e-12, atol=1e-13)
        assert bool(constraint.check(got).all())


def test_registering_a_constraint() -> None:
    class Even(constraints.Constraint):
        def check(self, value: Any) -> Any:
            return value % 2 == 0

    @transform_to.register(Even)
    def to_even(constraint: Any) -> Any:
        return T.AffineTransform(0, 2)

    assert transform_to(Even())(ag.tensor([3.0])).tolist() == [6.0]
    assert repr(Even()) == "Even()"
    with pytest.raises(TypeError, match="expected a constraint"):
        transform_to.register(int, to_even)
    with pytest.raises(NotImplementedError, match="check is not implemented"):
        constraints.Constraint().check(ag.zeros(1))


def test_dependent_constraints() -> None:
    assert constraints.is_dependent(distributions.Uniform.support)
    assert distributions.Uniform.support.event_dim == 0
    assert not distributions.Uniform.support.is_discrete
    assert constraints.dependent(event_dim=2).event_dim == 2
    with pytest.raises(NotImplementedError, match="event_dim of a dependent constraint"):
        _ = constraints.dependent.event_dim
    assert repr(constraints.dependent) == "Dependent()"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: constraints.cat([constraints.real], lengths=[1, 2]), "1 constraints need as many"),
        (lambda: constraints.dependent.check(ag.zeros(1)), "cannot be checked without"),
        (lambda: constraints.independent(constraints.real, 2).check(ag.zeros(2)), "at least 2 dim"),
    ],
)
def test_bad_arguments(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_points_are_in_their_constraints() -> None:
    assert bool(constraints.positive_definite.check(ag.tensor(definite(2).tolist())).all())
    assert bool(constraints.unit_interval.check(ag.tensor(chance(3).tolist())).all())
