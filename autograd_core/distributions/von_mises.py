"""The von Mises distribution, of angles."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from autograd_core.creation import zeros
from autograd_core.distributions import constraints
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.utils import broadcast_all, like
from autograd_core.grad_mode import no_grad
from autograd_core.ops.bessel_i import i0e, i1e
from autograd_core.ops.explog import log
from autograd_core.ops.selection import where
from autograd_core.ops.trig import acos, cos


class VonMises(Distribution):
    """The von Mises distribution of angles, between -pi and pi.

    Args:
        loc: The middle, an angle.
        concentration: How narrow it is, positive; like the inverse of a variance.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.VonMises``; samples after Best and Fisher, "Efficient
    simulation of the von Mises distribution" (1979).

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.VonMises(0.0, 4.0).log_prob(ag.tensor(0.0))
        tensor(-0.2628)
    """

    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real,
        "concentration": constraints.positive,
    }
    support: Any = constraints.real

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.concentration = broadcast_all(loc, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        """The mean direction."""
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        """The circular variance, between 0 and 1."""
        return 1 - i1e(self.concentration) / i0e(self.concentration)

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        # (i0e(k) is exp(-k) I0(k).)
        fall = self.concentration * (cos(value - self.loc) - 1)
        return fall - log(i0e(self.concentration)) - math.log(2 * math.pi)

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        with no_grad():
            loc, kappa = self.loc.double(), self.concentration.double()
            ratio = _proposal(kappa)
            angle = zeros(*shape, dtype=loc.dtype, device=loc.device)
            done = angle > 0
            while not bool(done.all()):
                # All are drawn again, as in PyTorch; those that are done keep their angle.
                u1, u2, u3 = like(loc, (3, *shape)).uniform_().unbind()
                z = cos(math.pi * u1)
                f = (1 + ratio * z) / (ratio + z)
                c = kappa * (ratio - f)
                accepted = (c * (2 - c) > u2) | (log(c / u2) + 1 - c >= 0)
                angle = where(accepted, (u3 - 0.5).sign() * acos(f), angle)
                done = done | accepted
            turned = (angle + math.pi + loc) % (2 * math.pi) - math.pi
            return turned.to(self.loc.dtype)


def _proposal(kappa: Any) -> Any:
    """The parameter of the wrapped Cauchy distribution that samples are proposed from."""
    tau = 1 + (1 + 4 * kappa.square()).sqrt()
    rho = (tau - (2 * tau).sqrt()) / (2 * kappa)
    return where(kappa < 1e-5, 1 / kappa + kappa, (1 + rho.square()) / (2 * rho))
