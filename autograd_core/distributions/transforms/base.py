"""What a transform is, its inverse, and transforms one after the other."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

from autograd_core.creation import zeros_like
from autograd_core.distributions import constraints
from autograd_core.distributions.utils import sum_rightmost


class Transform:
    """A function of tensors with a known derivative, and mostly an inverse.

    A subclass gives ``domain``, ``codomain``, ``bijective``, ``_call``, ``_inverse``,
    ``log_abs_det_jacobian`` and, where the function is monotonous, ``sign``.

    Args:
        cache_size: With 1 the latest pair of argument and value is remembered, so that the inverse
            of a value just computed is its argument exactly, and costs nothing; with 0 none.

    Raises:
        ValueError: ``cache_size`` is neither 0 nor 1.

    Source: PyTorch, ``torch.distributions.transforms.Transform``.

    Example:
        >>> import autograd_core as ag
        >>> exp = ag.distributions.transforms.ExpTransform()
        >>> exp(ag.tensor([0.0])), exp.inv(ag.tensor([1.0]))
        (tensor([1.]), tensor([0.]))
    """

    bijective: Any = False
    domain: Any
    codomain: Any

    def __init__(self, cache_size: int = 0) -> None:
        if cache_size not in (0, 1):
            raise ValueError(f"{type(self).__name__}: cache_size must be 0 or 1, got {cache_size}")
        self._cache_size = cache_size
        self._pair: tuple[Any, Any] = (None, None)
        self._inv: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_inv": None, "_pair": (None, None)}

    @property
    def event_dim(self) -> int:
        """The number of dimensions that are transformed together, before and after."""
        if self.domain.event_dim != self.codomain.event_dim:
            raise ValueError(
                f"{self}: ask domain.event_dim ({self.domain.event_dim}) or codomain.event_dim "
                f"({self.codomain.event_dim}), which differ"
            )
        return self.domain.event_dim

    @property
    def inv(self) -> Transform:
        """The inverse, whose inverse is this again."""
        inverse = None if self._inv is None else self._inv()
        if inverse is None:
            inverse = InverseTransform(self)
            self._inv = weakref.ref(inverse)
        return inverse

    @property
    def sign(self) -> Any:
        """1 where the function grows, -1 where it falls."""
        raise NotImplementedError(f"{type(self).__name__} is not known to be monotonous")

    def with_cache(self, cache_size: int = 1) -> Transform:
        """The same transform with another ``cache_size``."""
        if cache_size == self._cache_size:
            return self
        new = object.__new__(type(self))
        new.__dict__.update(self.__getstate__())
        Transform.__init__(new, cache_size)
        return new

    def __call__(self, x: Any) -> Any:
        """The value at ``x``."""
        if not self._cache_size:
            return self._call(x)
        if self._pair[0] is not x:
            self._pair = (x, self._call(x))
        return self._pair[1]

    def _inv_call(self, y: Any) -> Any:
        if not self._cache_size:
            return self._inverse(y)
        if self._pair[1] is not y:
            self._pair = (self._inverse(y), y)
        return self._pair[0]

    def _call(self, x: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not implement _call")

    def _inverse(self, y: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no inverse")

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """The logarithm of the absolute determinant of the derivative at ``x``, where the value is
        ``y``."""
        raise NotImplementedError(f"{type(self).__name__} does not implement log_abs_det_jacobian")

    def forward_shape(self, shape: Any) -> Any:
        """The shape of the value for an argument of the given shape."""
        return shape

    def inverse_shape(self, shape: Any) -> Any:
        """The shape of the argument for a value of the given shape."""
        return shape

    def _parameters(self) -> tuple[Any, ...] | None:
        """What tells transforms of one class apart; None if only being the same object counts."""
        return None

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return False
        mine, theirs = self._parameters(), other._parameters()
        if mine is None or theirs is None:
            return False
        return all(_same(a, b) for a, b in zip(mine, theirs, strict=True))

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, Transform | list) or isinstance(b, Transform | list):
        return bool(a == b)
    if getattr(a, "ndim", 0) and getattr(b, "ndim", 0) and a.shape != b.shape:
        return False
    equal = a == b
    return bool(equal.all() if hasattr(equal, "all") else equal)


class InverseTransform(Transform):
    """The inverse of a transform; made by ``.inv``."""

    def __init__(self, transform: Transform) -> None:
        super().__init__(transform._cache_size)
        self._forward = transform

    @constraints.dependent_property(is_discrete=False)
    def domain(self) -> Any:
        return self._forward.codomain

    @constraints.dependent_property(is_discrete=False)
    def codomain(self) -> Any:
        return self._forward.domain

    @property
    def bijective(self) -> Any:
        return self._forward.bijective

    @property
    def sign(self) -> Any:
        return self._forward.sign

    @property
    def inv(self) -> Transform:
        return self._forward

    def with_cache(self, cache_size: int = 1) -> Transform:
        return self._forward.with_cache(cache_size).inv

    def _parameters(self) -> tuple[Any, ...]:
        return (self._forward,)

    def __call__(self, x: Any) -> Any:
        return self._forward._inv_call(x)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return -self._forward.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape: Any) -> Any:
        return self._forward.inverse_shape(shape)

    def inverse_shape(self, shape: Any) -> Any:
        return self._forward.forward_shape(shape)

    def __repr__(self) -> str:
        return f"InverseTransform({self._forward!r})"


class ComposeTransform(Transform):
    """Transforms one after the other, the first of the list first.

    Args:
        parts: The transforms; none make the identity.
        cache_size: See :class:`Transform`.

    Source: PyTorch, ``torch.distributions.transforms.ComposeTransform``.
    """

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = [part.with_cache(cache_size) for part in parts] if cache_size else list(parts)

    @constraints.dependent_property(is_discrete=False)
    def domain(self) -> Any:
        if not self.parts:
            return constraints.real
        # What later parts take together was together before.
        dims = self.parts[-1].codomain.event_dim
        for part in reversed(self.parts):
            dims += part.domain.event_dim - part.codomain.event_dim
            dims = max(dims, part.domain.event_dim)
        return _widened(self.parts[0].domain, dims)

    @constraints.dependent_property(is_discrete=False)
    def codomain(self) -> Any:
        if not self.parts:
            return constraints.real
        dims = self.parts[0].domain.event_dim
        for part in self.parts:
            dims += part.codomain.event_dim - part.domain.event_dim
            dims = max(dims, part.codomain.event_dim)
        return _widened(self.parts[-1].codomain, dims)

    @property
    def bijective(self) -> Any:
        return all(part.bijective for part in self.parts)

    @property
    def sign(self) -> Any:
        sign: Any = 1
        for part in self.parts:
            sign = sign * part.sign
        return sign

    @property
    def inv(self) -> Transform:
        inverse = None if self._inv is None else self._inv()
        if inverse is None:
            inverse = ComposeTransform([part.inv for part in reversed(self.parts)])
            self._inv, inverse._inv = weakref.ref(inverse), lambda: self
        return inverse

    def with_cache(self, cache_size: int = 1) -> Transform:
        if cache_size == self._cache_size:
            return self
        return ComposeTransform(self.parts, cache_size)

    def _parameters(self) -> tuple[Any, ...]:
        return (self.parts,)

    def __call__(self, x: Any) -> Any:
        for part in self.parts:
            x = part(x)
        return x

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        if not self.parts:
            return zeros_like(x)
        total: Any = 0
        dims = self.domain.event_dim
        for part in self.parts:
            value = y if part is self.parts[-1] else part(x)
            term = part.log_abs_det_jacobian(x, value)
            total = total + sum_rightmost(term, dims - part.domain.event_dim)
            dims += part.codomain.event_dim - part.domain.event_dim
            x = value
        return total

    def forward_shape(self, shape: Any) -> Any:
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def inverse_shape(self, shape: Any) -> Any:
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return shape

    def __repr__(self) -> str:
        return "\n    ".join(["ComposeTransform(", ",\n    ".join(map(repr, self.parts))]) + "\n)"


def _widened(constraint: Any, dims: int) -> Any:
    """The constraint on values of ``dims`` dimensions."""
    more = dims - constraint.event_dim
    return constraints.independent(constraint, more) if more else constraint


identity_transform = ComposeTransform([])


class IndependentTransform(Transform):
    """A transform of which ``reinterpreted_batch_ndims`` more dimensions belong to one value.

    The value is the same; the terms of ``log_abs_det_jacobian`` are added up over them.

    Source: PyTorch, ``torch.distributions.transforms.IndependentTransform``.
    """

    def __init__(
        self, base_transform: Transform, reinterpreted_batch_ndims: int, cache_size: int = 0
    ) -> None:
        super().__init__(cache_size)
        self.base_transform = base_transform.with_cache(cache_size)
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    @constraints.dependent_property(is_discrete=False)
    def domain(self) -> Any:
        return constraints.independent(self.base_transform.domain, self.reinterpreted_batch_ndims)

    @constraints.dependent_property(is_discrete=False)
    def codomain(self) -> Any:
        return constraints.independent(self.base_transform.codomain, self.reinterpreted_batch_ndims)

    @property
    def bijective(self) -> Any:
        return self.base_transform.bijective

    @property
    def sign(self) -> Any:
        return self.base_transform.sign

    def _parameters(self) -> tuple[Any, ...]:
        return (self.base_transform, self.reinterpreted_batch_ndims)

    def with_cache(self, cache_size: int = 1) -> Transform:
        if cache_size == self._cache_size:
            return self
        return IndependentTransform(self.base_transform, self.reinterpreted_batch_ndims, cache_size)

    def _call(self, x: Any) -> Any:
        self._check_dims(x, self.domain)
        return self.base_transform(x)

    def _inverse(self, y: Any) -> Any:
        self._check_dims(y, self.codomain)
        return self.base_transform.inv(y)

    def _check_dims(self, value: Any, constraint: Any) -> None:
        if value.ndim < constraint.event_dim:
            raise ValueError(
                f"{self!r}: expected at least {constraint.event_dim} dimensions, got shape "
                f"{tuple(value.shape)}"
            )

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        result = self.base_transform.log_abs_det_jacobian(x, y)
        return sum_rightmost(result, self.reinterpreted_batch_ndims)

    def forward_shape(self, shape: Any) -> Any:
        return self.base_transform.forward_shape(shape)

    def inverse_shape(self, shape: Any) -> Any:
        return self.base_transform.inverse_shape(shape)

    def __repr__(self) -> str:
        return f"IndependentTransform({self.base_transform!r}, {self.reinterpreted_batch_ndims})"
