"""Sets that parameters and samples have to lie in: ``distributions.constraints``.

A constraint answers for a tensor, value by value, whether it lies inside. ``event_dim`` says how
many of the last dimensions make up one value.

Example:
    >>> import autograd_core as ag
    >>> from autograd_core.distributions import constraints
    >>> constraints.positive.check(ag.tensor([-1.0, 2.0]))
    tensor([False,  True])
    >>> constraints.simplex.check(ag.tensor([0.25, 0.75]))
    tensor(True)
"""

from __future__ import annotations

from autograd_core.distributions.constraints.base import (
    Constraint,
    Dependent,
    DependentProperty,
    is_dependent,
)
from autograd_core.distributions.constraints.composed import (
    Cat,
    Independent,
    MixtureSameFamilyConstraint,
    Stack,
)
from autograd_core.distributions.constraints.numbers import (
    Boolean,
    GreaterThan,
    GreaterThanEq,
    HalfOpenInterval,
    IntegerGreaterThan,
    IntegerInterval,
    Interval,
    LessThan,
    Real,
)
from autograd_core.distributions.constraints.vectors import (
    CorrCholesky,
    LowerCholesky,
    LowerTriangular,
    Multinomial,
    OneHot,
    PositiveDefinite,
    PositiveSemidefinite,
    Simplex,
    Square,
    Symmetric,
)

__all__ = [
    "Constraint",
    "MixtureSameFamilyConstraint",
    "boolean",
    "cat",
    "corr_cholesky",
    "dependent",
    "dependent_property",
    "greater_than",
    "greater_than_eq",
    "half_open_interval",
    "independent",
    "integer_interval",
    "interval",
    "is_dependent",
    "less_than",
    "lower_cholesky",
    "lower_triangular",
    "multinomial",
    "nonnegative",
    "nonnegative_integer",
    "one_hot",
    "positive",
    "positive_definite",
    "positive_integer",
    "positive_semidefinite",
    "real",
    "real_vector",
    "simplex",
    "square",
    "stack",
    "symmetric",
    "unit_interval",
]

dependent = Dependent()
dependent_property = DependentProperty
independent = Independent
boolean = Boolean()
one_hot = OneHot()
nonnegative_integer = IntegerGreaterThan(0)
positive_integer = IntegerGreaterThan(1)
integer_interval = IntegerInterval
real = Real()
real_vector = Independent(real, 1)
positive = GreaterThan(0.0)
nonnegative = GreaterThanEq(0.0)
greater_than = GreaterThan
greater_than_eq = GreaterThanEq
less_than = LessThan
multinomial = Multinomial
unit_interval = Interval(0.0, 1.0)
interval = Interval
half_open_interval = HalfOpenInterval
simplex = Simplex()
lower_triangular = LowerTriangular()
lower_cholesky = LowerCholesky()
corr_cholesky = CorrCholesky()
square = Square()
symmetric = Symmetric()
positive_semidefinite = PositiveSemidefinite()
positive_definite = PositiveDefinite()
cat = Cat
stack = Stack
