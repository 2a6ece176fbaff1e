"""Constraints that are made of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core.distributions.constraints.base import Constraint, all_of_last
from autograd_core.ops.join import cat, stack


class Independent(Constraint):
    """``base_constraint``, where a value has ``reinterpreted_batch_ndims`` more dimensions."""

    def __init__(self, base_constraint: Constraint, reinterpreted_batch_ndims: int) -> None:
        self.base_constraint = base_constraint
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    @property
    def is_discrete(self) -> bool:
        return self.base_constraint.is_discrete

    @property
    def event_dim(self) -> int:
        return self.base_constraint.event_dim + self.reinterpreted_batch_ndims

    def check(self, value: Any) -> Any:
        if value.ndim < self.event_dim:
            raise ValueError(
                f"{self}: expected a value of at least {self.event_dim} dimensions, got shape "
                f"{tuple(value.shape)}"
            )
        return all_of_last(self.base_constraint.check(value), self.reinterpreted_batch_ndims)

    def __repr__(self) -> str:
        return f"Independent({self.base_constraint}, {self.reinterpreted_batch_ndims})"


class MixtureSameFamilyConstraint(Constraint):
    """Values that lie in the support of every component of a mixture."""

    def __init__(self, base_constraint: Constraint) -> None:
        self.base_constraint = base_constraint

    @property
    def is_discrete(self) -> bool:
        return self.base_constraint.is_discrete

    @property
    def event_dim(self) -> int:
        return self.base_constraint.event_dim

    def check(self, value: Any) -> Any:
        return self.base_constraint.check(value.unsqueeze(-1 - self.event_dim)).all(-1)

    def __repr__(self) -> str:
        return f"MixtureSameFamilyConstraint({self.base_constraint})"


class Cat(Constraint):
    """Pieces along ``dim``, each with its own constraint; ``lengths`` are their sizes."""

    def __init__(
        self, cseq: Sequence[Constraint], dim: int = 0, lengths: Sequence[int] | None = None
    ) -> None:
        self.cseq, self.dim = list(cseq), dim
        self.lengths = [1] * len(self.cseq) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.cseq):
            raise ValueError(
                f"constraints.cat: {len(self.cseq)} constraints need as many lengths, got "
                f"{len(self.lengths)}"
            )

    @property
    def is_discrete(self) -> bool:
        return any(c.is_discrete for c in self.cseq)

    @property
    def event_dim(self) -> int:
        return max(c.event_dim for c in self.cseq)

    def check(self, value: Any) -> Any:
        pieces = value.split(self.lengths, self.dim)
        return cat([c.check(v) for c, v in zip(self.cseq, pieces, strict=True)], self.dim)


class Stack(Cat):
    """Slices along ``dim``, each with its own constraint."""

    def __init__(self, cseq: Sequence[Constraint], dim: int = 0) -> None:
        super().__init__(cseq, dim)

    @property
    def event_dim(self) -> int:
        dim = super().event_dim
        return dim + 1 if self.dim + dim < 0 else dim

    def check(self, value: Any) -> Any:
        slices = value.unbind(self.dim)
        return stack([c.check(v) for c, v in zip(self.cseq, slices, strict=True)], self.dim)
