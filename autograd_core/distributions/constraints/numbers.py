"""Constraints on single numbers."""

from __future__ import annotations

from typing import Any

from autograd_core.distributions.constraints.base import Constraint


class Real(Constraint):
    """All numbers; not NaN."""

    def check(self, value: Any) -> Any:
        return value == value


class GreaterThan(Constraint):
    """Numbers above ``lower_bound``, a number or a tensor."""

    def __init__(self, lower_bound: Any) -> None:
        self.lower_bound = lower_bound

    def check(self, value: Any) -> Any:
        return value > self.lower_bound


class GreaterThanEq(GreaterThan):
    """Numbers from ``lower_bound`` on."""

    def check(self, value: Any) -> Any:
        return value >= self.lower_bound


class LessThan(Constraint):
    """Numbers below ``upper_bound``."""

    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def check(self, value: Any) -> Any:
        return value < self.upper_bound


class Interval(Constraint):
    """Numbers from ``lower_bound`` to ``upper_bound``."""

    def __init__(self, lower_bound: Any, upper_bound: Any) -> None:
        self.lower_bound, self.upper_bound = lower_bound, upper_bound

    def check(self, value: Any) -> Any:
        return (value >= self.lower_bound) & (value <= self.upper_bound)


class HalfOpenInterval(Interval):
    """Numbers from ``lower_bound`` on, below ``upper_bound``."""

    def check(self, value: Any) -> Any:
        return (value >= self.lower_bound) & (value < self.upper_bound)


class Boolean(Constraint):
    """0 and 1."""

    is_discrete = True

    def check(self, value: Any) -> Any:
        return (value == 0) | (value == 1)


class IntegerInterval(Interval):
    """Whole numbers from ``lower_bound`` to ``upper_bound``."""

    is_discrete = True

    def check(self, value: Any) -> Any:
        return super().check(value) & (value % 1 == 0)


class IntegerGreaterThan(Constraint):
    """Whole numbers from ``lower_bound`` on."""

    is_discrete = True

    def __init__(self, lower_bound: Any) -> None:
        self.lower_bound = lower_bound

    def check(self, value: Any) -> Any:
        return (value >= self.lower_bound) & (value % 1 == 0)
