"""What a constraint is, and those that depend on an instance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Constraint:
    """A set of values.

    Attributes:
        is_discrete: whether its values lie apart from each other.
        event_dim: the number of dimensions that make up one value.
    """

    is_discrete: Any = False
    event_dim: Any = 0

    def check(self, value: Any) -> Any:
        """Whether each value lies in the set: a boolean tensor without the event's dimensions."""
        raise NotImplementedError(f"{type(self).__name__}: check is not implemented")

    def __repr__(self) -> str:
        known = ", ".join(f"{name}={value}" for name, value in vars(self).items())
        return f"{type(self).__name__}({known})"


class Dependent(Constraint):
    """A set that is only known once there is an instance, as the support of ``Uniform``."""

    def __init__(self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented):
        self._is_discrete, self._event_dim = is_discrete, event_dim

    @property
    def is_discrete(self) -> bool:
        return self._known("is_discrete")

    @property
    def event_dim(self) -> int:
        return self._known("event_dim")

    def _known(self, name: str) -> Any:
        value = getattr(self, f"_{name}")
        if value is NotImplemented:
            raise NotImplementedError(f"{name} of a dependent constraint: it is not known here")
        return value

    def __call__(
        self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented
    ) -> Any:
        """The same with what is known of it: ``constraints.dependent(event_dim=1)``."""
        return Dependent(
            is_discrete=self._is_discrete if is_discrete is NotImplemented else is_discrete,
            event_dim=self._event_dim if event_dim is NotImplemented else event_dim,
        )

    def check(self, value: Any) -> Any:
        raise ValueError("a dependent constraint cannot be checked without its distribution")

    def __repr__(self) -> str:
        return "Dependent()"


class DependentProperty(property, Dependent):
    """A property whose value is a constraint, and which stands for a dependent one in its class.

    Example:
        >>> from autograd_core.distributions import constraints
        >>> class Below:
        ...     @constraints.dependent_property(is_discrete=False, event_dim=0)
        ...     def support(self):
        ...         return constraints.less_than(3.0)
        >>> Below().support, Below.support.event_dim
        (LessThan(upper_bound=3.0), 0)
    """

    def __init__(
        self,
        fget: Callable[[Any], Any] | None = None,
        *,
        is_discrete: Any = NotImplemented,
        event_dim: Any = NotImplemented,
    ) -> None:
        property.__init__(self, fget)
        Dependent.__init__(self, is_discrete=is_discrete, event_dim=event_dim)

    def __call__(self, fget: Callable[[Any], Any]) -> DependentProperty:  # type: ignore[override]
        return DependentProperty(fget, is_discrete=self._is_discrete, event_dim=self._event_dim)


def is_dependent(constraint: Any) -> bool:
    """Whether a constraint cannot be checked without its distribution."""
    return isinstance(constraint, Dependent)


def all_of_last(checked: Any, dims: int) -> Any:
    """Whether all are true in the last dimensions."""
    return checked.reshape((*checked.shape[: checked.ndim - dims], -1)).all(-1)
