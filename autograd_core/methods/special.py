"""Methods that are special functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_core.inplace import inplace
from autograd_core.later import later

if TYPE_CHECKING:
    from autograd_core.ops import (
        bessel_i,
        gamma,
        incomplete_gamma,
        normal,
    )
else:
    bessel_i = later("bessel_i")
    gamma = later("gamma")
    incomplete_gamma = later("incomplete_gamma")
    normal = later("normal")


class SpecialMethods:
    """One line each."""

    __slots__ = ()

    lgamma = gamma.lgamma
    lgamma_ = inplace(gamma.lgamma)
    digamma = gamma.digamma
    digamma_ = inplace(gamma.digamma)
    mvlgamma = gamma.mvlgamma
    mvlgamma_ = inplace(gamma.mvlgamma)
    erfinv = normal.erfinv
    erfinv_ = inplace(normal.erfinv)
    igamma = incomplete_gamma.igamma
    igamma_ = inplace(incomplete_gamma.igamma)
    igammac = incomplete_gamma.igammac
    igammac_ = inplace(incomplete_gamma.igammac)
    i0 = bessel_i.i0
    i0_ = inplace(bessel_i.i0)

    def polygamma(self, n: int) -> Any:
        """:func:`autograd_core.polygamma` of this tensor: the order comes first there."""
        return gamma.polygamma(n, self)

    polygamma_ = inplace(polygamma)
