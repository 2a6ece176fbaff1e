"""From constraints to transforms whose values satisfy them.

``biject_to(constraint)`` gives a bijective transform, for densities. ``transform_to(constraint)``
gives one that is perhaps not bijective but good for optimisation: parameters without constraints
are optimised, and transformed where they are used.

Example:
    >>> import autograd_core as ag
    >>> from autograd_core.distributions import constraints, transform_to
    >>> transform_to(constraints.simplex)(ag.zeros(4))
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.distributions import constraints, transforms

__all__ = ["ConstraintRegistry", "biject_to", "transform_to"]


class ConstraintRegistry:
    """A table of transforms by class of constraint.

    Source: PyTorch, ``torch.distributions.constraint_registry.ConstraintRegistry``.
    """

    def __init__(self) -> None:
        self._registry: dict[type, Callable[[Any], Any]] = {}

    def register(self, constraint: Any, factory: Callable[[Any], Any] | None = None) -> Any:
        """Enter a transform for a class of constraints (or the class of one); also a decorator.

        Args:
            constraint: Subclass of ``Constraint``, or an instance of one.
            factory: From a constraint of the class to the transform.

        Raises:
            TypeError: ``constraint`` is none.
        """
        if factory is None:
            return lambda factory: self.register(constraint, factory)
        kind = constraint if isinstance(constraint, type) else type(constraint)
        if not issubclass(kind, constraints.Constraint):
            raise TypeError(
                f"register: expected a constraint or a class of them, got {constraint!r}"
            )
        self._registry[kind] = factory
        return factory

    def __call__(self, constraint: Any) -> Any:
        """The transform for a constraint.

        Raises:
            NotImplementedError: None is registered.
        """
        factory = self._registry.get(type(constraint))
        if factory is None:
            raise NotImplementedError(
                f"no transform is known to {constraint!r}. Mend: register one with "
                f"biject_to.register or transform_to.register"
            )
        return factory(constraint)


biject_to = ConstraintRegistry()
transform_to = ConstraintRegistry()


def _both(*kinds: Any) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Enter a factory into both tables."""

    def enter(factory: Callable[[Any], Any]) -> Callable[[Any], Any]:
        for kind in kinds:
            biject_to.register(kind, factory)
            transform_to.register(kind, factory)
        return factory

    return enter


@_both(constraints.real)
def _to_real(constraint: Any) -> Any:
    return transforms.identity_transform


@_both(constraints.greater_than, constraints.greater_than_eq)
def _to_greater(constraint: Any) -> Any:
    exp = transforms.ExpTransform()
    low = constraint.lower_bound
    if isinstance(low, (int, float)) and low == 0:
        return exp
    return transforms.ComposeTransform([exp, transforms.AffineTransform(low, 1)])


@_both(constraints.less_than)
def _to_less(constraint: Any) -> Any:
    affine = transforms.AffineTransform(constraint.upper_bound, -1)
    return transforms.ComposeTransform([transforms.ExpTransform(), affine])


@_both(constraints.interval, constraints.half_open_interval)
def _to_interval(constraint: Any) -> Any:
    sigmoid = transforms.SigmoidTransform()
    low, high = constraint.lower_bound, constraint.upper_bound
    if all(isinstance(bound, (int, float)) for bound in (low, high)) and (low, high) == (0, 1):
        return sigmoid
    return transforms.ComposeTransform([sigmoid, transforms.AffineTransform(low, high - low)])


@_both(constraints.corr_cholesky)
def _to_corr_cholesky(constraint: Any) -> Any:
    return transforms.CorrCholeskyTransform()


biject_to.register(constraints.simplex, lambda constraint: transforms.StickBreakingTransform())
transform_to.register(constraints.simplex, lambda constraint: transforms.SoftmaxTransform())
transform_to.register(
    constraints.lower_cholesky, lambda constraint: transforms.LowerCholeskyTransform()
)


@transform_to.register(constraints.positive_definite)
@transform_to.register(constraints.positive_semidefinite)
def _to_positive_definite(constraint: Any) -> Any:
    return transforms.PositiveDefiniteTransform()


def _register_composed(table: ConstraintRegistry) -> None:
    """Constraints that are made of others: their transforms are made of those of the others."""

    @table.register(constraints.independent)
    def independent(constraint: Any) -> Any:
        base = table(constraint.base_constraint)
        return transforms.IndependentTransform(base, constraint.reinterpreted_batch_ndims)

    @table.register(constraints.cat)
    def cat(constraint: Any) -> Any:
        parts = [table(one) for one in constraint.cseq]
        return transforms.CatTransform(parts, constraint.dim, constraint.lengths)

    @table.register(constraints.stack)
    def stack(constraint: Any) -> Any:
        return transforms.StackTransform([table(one) for one in constraint.cseq], constraint.dim)


_register_composed(biject_to)
_register_composed(transform_to)
