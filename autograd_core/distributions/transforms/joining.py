"""Transforms of the shape, and of pieces of a tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.distributions import constraints
from autograd_core.distributions.transforms.base import Transform
from autograd_core.distributions.utils import as_size, sum_rightmost
from autograd_core.ops.join import cat, stack


class ReshapeTransform(Transform):
    """Another shape of the event.

    Args:
        in_shape, out_shape: The event's shape before and after, of equally many elements.
        cache_size: See :class:`Transform`.

    Raises:
        ValueError: The numbers of elements differ.

    Source: PyTorch, ``torch.distributions.transforms.ReshapeTransform``.
    """

    bijective = True

    def __init__(self, in_shape: Any, out_shape: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.in_shape, self.out_shape = as_size(in_shape), as_size(out_shape)
        if self.in_shape.numel() != self.out_shape.numel():
            raise ValueError(
                f"ReshapeTransform: {tuple(self.in_shape)} and {tuple(self.out_shape)} have "
                f"different numbers of elements"
            )

    @constraints.dependent_property(is_discrete=False)
    def domain(self) -> Any:
        return constraints.independent(constraints.real, len(self.in_shape))

    @constraints.dependent_property(is_discrete=False)
    def codomain(self) -> Any:
        return constraints.independent(constraints.real, len(self.out_shape))

    def _parameters(self) -> tuple[Any, ...]:
        return (self.in_shape, self.out_shape)

    def _call(self, x: Any) -> Any:
        return x.reshape(self.forward_shape(x.shape))

    def _inverse(self, y: Any) -> Any:
        return y.reshape(self.inverse_shape(y.shape))

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return x.new_zeros(x.shape[: x.ndim - len(self.in_shape)])

    def forward_shape(self, shape: Any) -> Any:
        return self._replaced(shape, self.in_shape, self.out_shape)

    def inverse_shape(self, shape: Any) -> Any:
        return self._replaced(shape, self.out_shape, self.in_shape)

    def _replaced(self, shape: Any, old: Any, new: Any) -> Any:
        cut = len(shape) - len(old)
        if cut < 0 or tuple(shape[cut:]) != tuple(old):
            raise ValueError(
                f"ReshapeTransform: expected a shape that ends in {tuple(old)}, got {tuple(shape)}"
            )
        return (*shape[:cut], *new)


class CatTransform(Transform):
    """Transforms of the pieces of a tensor along one dimension.

    Args:
        tseq: The transforms.
        dim: The dimension.
        lengths: The sizes of the pieces; default all 1.
        cache_size: See :class:`Transform`.

    Raises:
        ValueError: There are not as many sizes as transforms.

    Source: PyTorch, ``torch.distributions.transforms.CatTransform``.
    """

    def __init__(
        self,
        tseq: Sequence[Transform],
        dim: int = 0,
        lengths: Sequence[int] | None = None,
        cache_size: int = 0,
    ) -> None:
        super().__init__(cache_size)
        self.transforms = [t.with_cache(cache_size) for t in tseq] if cache_size else list(tseq)
        self.dim = dim
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.transforms):
            raise ValueError(
                f"{type(self).__name__}: {len(self.transforms)} transforms need as many lengths, "
                f"got {len(self.lengths)}"
            )

    @property
    def event_dim(self) -> int:
        return max(t.event_dim for t in self.transforms)

    @property
    def length(self) -> int:
        """The size of the dimension."""
        return sum(self.lengths)

    @property
    def bijective(self) -> Any:
        return all(t.bijective for t in self.transforms)

    @constraints.dependent_property
    def domain(self) -> Any:
        return constraints.cat([t.domain for t in self.transforms], self.dim, self.lengths)

    @constraints.dependent_property
    def codomain(self) -> Any:
        return constraints.cat([t.codomain for t in self.transforms], self.dim, self.lengths)

    def with_cache(self, cache_size: int = 1) -> Transform:
        if cache_size == self._cache_size:
            return self
        return CatTransform(self.transforms, self.dim, self.lengths, cache_size)

    def _parameters(self) -> tuple[Any, ...]:
        return (self.transforms, self.dim, self.lengths)

    def _pieces(self, value: Any) -> Any:
        if not -value.ndim <= self.dim < value.ndim or value.shape[self.dim] != self.length:
            raise ValueError(
                f"{type(self).__name__}: expected size {self.length} in dimension {self.dim}, got "
                f"shape {tuple(value.shape)}"
            )
        return value.split(self.lengths, self.dim)

    def _join(self, pieces: list[Any]) -> Any:
        return cat(pieces, self.dim)

    def _each(self, function: Callable[..., Any], *values: Any) -> list[Any]:
        columns = [self._pieces(value) for value in values]
        return [function(t, *pieces) for t, *pieces in zip(self.transforms, *columns)]

    def _call(self, x: Any) -> Any:
        return self._join(self._each(lambda t, piece: t(piece), x))

    def _inverse(self, y: Any) -> Any:
        return self._join(self._each(lambda t, piece: t.inv(piece), y))

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        dims = self.event_dim
        terms = self._each(
            lambda t, x, y: sum_rightmost(t.log_abs_det_jacobian(x, y), dims - t.event_dim), x, y
        )
        dim = (self.dim - x.ndim if self.dim >= 0 else self.dim) + dims
        return cat(terms, dim) if dim < 0 else sum(terms)


class StackTransform(CatTransform):
    """Transforms of the slices of a tensor along one dimension.

    Args:
        tseq: The transforms, as many as slices.
        dim: The dimension.
        cache_size: See :class:`Transform`.

    Source: PyTorch, ``torch.distributions.transforms.StackTransform``.
    """

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(tseq, dim, cache_size=cache_size)

    @constraints.dependent_property
    def domain(self) -> Any:
        return constraints.stack([t.domain for t in self.transforms], self.dim)

    @constraints.dependent_property
    def codomain(self) -> Any:
        return constraints.stack([t.codomain for t in self.transforms], self.dim)

    def with_cache(self, cache_size: int = 1) -> Transform:
        if cache_size == self._cache_size:
            return self
        return StackTransform(self.transforms, self.dim, cache_size)

    def _pieces(self, value: Any) -> Any:
        super()._pieces(value)
        return value.unbind(self.dim)

    def _join(self, pieces: list[Any]) -> Any:
        return stack(pieces, self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return self._join(self._each(lambda t, x, y: t.log_abs_det_jacobian(x, y), x, y))
