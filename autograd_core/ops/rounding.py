"""Rounding. The results are steps, so the gradient is 0."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.families import unary
from autograd_core.op import Op
from autograd_core.operands import check_real
from autograd_core.ops.constants import zeros
from autograd_core.ops.precision import is_half, widen
from autograd_core.registry import At, Make, Sample, operator

_STEP = "0 everywhere, also at the steps"


def _between(make: Make) -> Iterable[Sample]:
    """Numbers away from whole and half ones, where rounding steps."""
    for shape in ((2, 3), (), (0, 2)):
        yield Sample(make.integers(*shape, low=-3, high=3) + make(*shape, low=0.1, high=0.4))


def _step(name: str, ufunc: Any, doc: str, **options: Any) -> Any:
    def whole(x: Any) -> Any:
        return x.copy() if x.dtype.kind in "biu" else ufunc(x)

    return unary(
        name,
        whole,
        lambda g: zeros(g),
        doc=doc,
        to_float=False,
        holomorphic=False,
        reference=ufunc,
        samples=_between,
        convention=_STEP,
        kinks=[At((1.0,), (0.0,))],
        **options,
    )


floor = _step("floor", np.floor, "The largest whole number that is at most each element.")
ceil = _step("ceil", np.ceil, "The smallest whole number that is at least each element.")
trunc = _step("trunc", np.trunc, "Each element without its fraction.", aliases=("fix",))

frac = unary(
    "frac",
    lambda x: x - np.trunc(x),
    lambda g: g,
    doc="The fraction of each element, with its sign.",
    to_float=False,
    holomorphic=False,
    samples=_between,
    convention="1 everywhere, also at the jumps",
    kinks=[At((1.0,), (1.0,))],
)


def _round_forward(xp: Any, input: Any, decimals: int) -> Any:
    if input.dtype.kind in "biu":
        return input.copy() if decimals >= 0 else xp.round(input, decimals)
    return (
        xp.round(widen(input), decimals).astype(input.dtype)
        if is_half(input.dtype)
        else (xp.round(input, decimals))
    )


_round = Op("round", _round_forward, {"input": lambda g: zeros(g)}, keeps_order=True)


@operator(
    "round",
    samples=_between,
    reference=np.round,
    convention=_STEP,
    kinks=[At((1.0,), (0.0,))],
    inplace=True,
    aliases=("special.round",),
)
def round(input: Any, *, decimals: int = 0) -> Any:
    """Each element rounded to the nearest number with so many decimals, halves to the even one.

    Args:
        input: tensor.
        decimals: digits after the point; negative ones count before it.

    Source: PyTorch, ``torch.round``.

    Example:
        >>> import autograd_core as ag
        >>> ag.round(ag.tensor([0.5, 1.5, 2.6]))
        tensor([0., 2., 3.])
    """
    check_real("round", input)
    return _round(input, decimals)
