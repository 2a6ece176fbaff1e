"""What all distributions have: shapes, checked arguments, sampling, expansion."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd_core.base import TensorBase
from autograd_core.distributions.constraints.base import Constraint, is_dependent
from autograd_core.distributions.utils import as_size, lazy_property
from autograd_core.grad_mode import no_grad
from autograd_core.size import Size


class Distribution:
    """Base of the distributions.

    A tensor of samples has the shape ``sample_shape + batch_shape + event_shape``: independent
    draws, for each of the distributions that the parameters describe, of values of that shape.

    A subclass names its parameters in ``arg_constraints``, keeps each under its name, and calls
    ``super().__init__`` with the shapes. It then defines ``support`` and what it can of ``sample``
    or ``rsample``, ``log_prob``, ``cdf``, ``icdf``, ``entropy``, ``mean``, ``mode`` and
    ``variance``. :meth:`expand` works by the parameters.

    Args:
        batch_shape: Shape of the batch of distributions.
        event_shape: Shape of one value.
        validate_args: Whether arguments are checked; default as set by
            :meth:`set_default_validate_args`, at first yes.

    Raises:
        ValueError: A parameter does not satisfy its constraint.

    Source: PyTorch, ``torch.distributions.Distribution``.

    Example:
        >>> import autograd_core as ag
        >>> normal = ag.distributions.Normal(ag.zeros(3), 1.0)
        >>> normal.batch_shape, normal.sample((5,)).shape
        (autograd_core.Size([3]), autograd_core.Size([5, 3]))
    """

    has_rsample: Any = False
    has_enumerate_support: Any = False
    arg_constraints: ClassVar[Any]
    support: Any
    _validate_args: ClassVar[bool] = __debug__

    def __init__(
        self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None
    ) -> None:
        self._batch_shape, self._event_shape = as_size(batch_shape), as_size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args  # type: ignore[misc]
        if self._validate_args:
            self._check_parameters()

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether distributions check their arguments unless told otherwise.

        Raises:
            ValueError: ``value`` is neither True nor False.
        """
        if value not in (True, False):
            raise ValueError(f"set_default_validate_args: expected True or False, got {value!r}")
        Distribution._validate_args = value

    @property
    def batch_shape(self) -> Size:
        """The shape of the batch of distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one value."""
        return self._event_shape

    # --- checks ----------------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        for name, constraint in self._constraints().items():
            known = name in self.__dict__
            if is_dependent(constraint) or (
                not known and isinstance(getattr(type(self), name, None), lazy_property)
            ):
                continue  # cannot be checked, or follows from a parameter that is
            value = getattr(self, name)
            self._check(f"parameter {name}", value, constraint, "validate_args=False to go on")

    def _constraints(self) -> dict[str, Constraint]:
        return getattr(self, "arg_constraints", {})

    def _check(self, what: str, value: Any, constraint: Constraint, mend: str) -> None:
        inside = constraint.check(value)
        if bool(inside.all()):
            return
        outside = ~inside
        dims = constraint.event_dim
        event = value.shape[value.ndim - dims :]
        wrong = value.detach().expand((*outside.shape, *event))[outside]
        shown = wrong.reshape((-1, *event))[:3].tolist()
        raise ValueError(
            f"{type(self).__name__}: {what} (shape {tuple(value.shape)}, {value.dtype}) must "
            f"satisfy {constraint!r}, but {int(outside.sum())} of {inside.numel()} values do not: "
            f"{', '.join(str(one) for one in shown)}{' ...' if outside.sum() > 3 else ''}. "
            f"Mend: correct them, or make the distribution with {mend}."
        )

    def _validate_sample(self, value: Any) -> None:
        """Refuse what is no value of this distribution."""
        if not isinstance(value, TensorBase):
            raise ValueError(
                f"{type(self).__name__}: expected a tensor as value, got {type(value).__name__}"
            )
        shape, own = value._array.shape, self._batch_shape + self._event_shape
        start = len(shape) - len(self._event_shape)
        fits = start >= 0 and shape[start:] == tuple(self._event_shape)
        for actual, expected in zip(reversed(shape), reversed(own)):
            fits = fits and (actual == expected or actual == 1 or expected == 1)
        if not fits:
            raise ValueError(
                f"{type(self).__name__}: a value of shape {shape} does not fit batch_shape "
                f"{tuple(self._batch_shape)} and event_shape {tuple(self._event_shape)}"
            )
        support = getattr(self, "support", None)
        if support is not None:
            self._check("value", value, support, "validate_args=False to have it anyway")

    # --- sampling --------------------------------------------------------------------------------

    def _extended_shape(self, sample_shape: Any = ()) -> Size:
        """The shape of samples."""
        return Size((*sample_shape, *self._batch_shape, *self._event_shape))

    def sample(self, sample_shape: Any = ()) -> Any:
        """Samples without gradient, of the shape ``sample_shape + batch_shape + event_shape``."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Samples that are differentiable functions of the parameters (``has_rsample``)."""
        raise NotImplementedError(
            f"{type(self).__name__}: samples do not depend differentiably on the parameters; "
            f"sample() gives samples without gradient"
        )

    # --- expansion -------------------------------------------------------------------------------

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The distribution with its parameters expanded, as views, to ``batch_shape``.

        Args:
            batch_shape: The batch shape wanted, to which the present one broadcasts.
            _instance: For subclasses that override this: what to write into, from
                ``_get_checked_instance``.
        """
        shape = as_size(batch_shape)
        new = self._get_checked_instance(type(self), _instance)
        for name, value in self.__dict__.items():
            if not isinstance(getattr(type(self), name, None), lazy_property):
                new.__dict__.setdefault(name, value)
        for name, constraint in self._constraints().items():
            if isinstance(value := self.__dict__.get(name), TensorBase):
                event = value._array.shape[value._array.ndim - constraint.event_dim :]
                new.__dict__[name] = value.expand((*shape, *event))  # type: ignore[attr-defined]
        new._batch_shape = shape
        return new

    def _get_checked_instance(self, cls: type, _instance: Any = None) -> Any:
        """A bare instance of this class; or ``_instance``, from a subclass."""
        return object.__new__(type(self)) if _instance is None else _instance

    # --- what subclasses define ------------------------------------------------------------------

    @property
    def mean(self) -> Any:
        """The mean."""
        raise self._lacks("mean")

    @property
    def mode(self) -> Any:
        """The most likely value."""
        raise self._lacks("mode")

    @property
    def variance(self) -> Any:
        """The variance."""
        raise self._lacks("variance")

    @property
    def stddev(self) -> Any:
        """The standard deviation."""
        return self.variance.sqrt()

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density, or of the probability, at ``value``."""
        raise self._lacks("log_prob")

    def cdf(self, value: Any) -> Any:
        """The probability of values up to ``value``."""
        raise self._lacks("cdf")

    def icdf(self, value: Any) -> Any:
        """The value below which the probability is ``value``."""
        raise self._lacks("icdf")

    def entropy(self) -> Any:
        """The entropy, for each distribution of the batch."""
        raise self._lacks("entropy")

    def perplexity(self) -> Any:
        """The exponential of the entropy."""
        return self.entropy().exp()

    def enumerate_support(self, expand: bool = True) -> Any:
        """All values of a discrete distribution, along a new first dimension.

        Args:
            expand: Whether they are expanded over the batch; without, its dimensions have size 1.
        """
        raise self._lacks("enumerate_support")

    def _lacks(self, what: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__} does not implement {what}")

    def __repr__(self) -> str:
        shown = []
        for name in getattr(self, "arg_constraints", {}):
            follows = isinstance(getattr(type(self), name, None), lazy_property)
            if name in self.__dict__ or not follows:
                value = getattr(self, name)
                shown.append(f"{name}: {value if value.numel() == 1 else value.shape}")
        return f"{type(self).__name__}({', '.join(shown)})"
