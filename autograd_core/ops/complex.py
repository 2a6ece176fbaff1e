"""Complex numbers: parts, conjugates and angles.

For a complex input, ``.grad`` is the direction of steepest ascent, as in PyTorch: the gradient of
``|z|**2`` is 2z.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import DtypeError
from autograd_core.families import unary
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_same_dtype
from autograd_core.ops.constants import zeros
from autograd_core.ops.precision import is_complex, widened
from autograd_core.ops.selection import where
from autograd_core.ops.trig import cos, sin
from autograd_core.registry import REGISTRY, SMOOTH, At, Make, Sample, operator

# The engine turns a real gradient into a complex one.
_real = Op("real", lambda xp, input: input.real, {"input": lambda g: g}, view=True)
_imag = Op("imag", lambda xp, input: input.imag, {"input": lambda g: g * 1j}, view=True)
_conj = Op("conj", lambda xp, input: input.conj(), {"input": lambda g: g.conj()}, keeps_order=True)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3))
    yield Sample(make(2, 3) + 1j * make(2, 3))
    yield Sample(make() + 1j * make())
    yield Sample(make(0, 2) + 0j)


def _complex_samples(make: Make) -> Iterable[Sample]:
    return list(_samples(make))[1:]


@operator("real", samples=_samples, reference=np.real, convention=SMOOTH)
def real(input: Any) -> Any:
    """Real parts: a view; the tensor itself if it is real. Source: PyTorch, ``torch.real``.

    Example:
        >>> import autograd_core as ag
        >>> ag.real(ag.tensor([1 + 2j]))
        tensor([1.])
    """
    return _real(input) if is_complex(input) else input


@operator("imag", samples=_complex_samples, reference=np.imag, convention=SMOOTH)
def imag(input: Any) -> Any:
    """Imaginary parts of a complex tensor: a view. Source: PyTorch, ``torch.imag``.

    Raises:
        RuntimeError: the tensor is real.

    Example:
        >>> import autograd_core as ag
        >>> ag.imag(ag.tensor([1 + 2j]))
        tensor([2.])
    """
    if not is_complex(input):
        raise RuntimeError(f"imag: expected a complex tensor, got {input.dtype}")
    return _imag(input)


@operator(
    "conj",
    samples=_samples,
    reference=np.conj,
    convention=SMOOTH,
    aliases=("conj_physical",),
)
def conj(input: Any) -> Any:
    """Complex conjugates; the tensor itself if it is real. Source: PyTorch, ``torch.conj``.

    Example:
        >>> import autograd_core as ag
        >>> ag.conj(ag.tensor([1 + 2j]))
        tensor([1.-2.j])
    """
    return _conj(input) if is_complex(input) else input


@operator("resolve_conj", samples=_samples, reference=np.asarray, convention=SMOOTH)
def resolve_conj(input: Any) -> Any:
    """The tensor itself: conjugation is done at once. Source: PyTorch, ``torch.resolve_conj``."""
    return input


def _angle(x: Any) -> Any:
    xp = backend_of(x).xp
    if x.dtype.kind == "c":
        return np.arctan2(x.imag, x.real)
    return xp.where(x < 0, np.pi, xp.where(x == x, 0, x)).astype(x.dtype)


def _angle_rule(g: Any, input: Any) -> Any:
    if not is_complex(input):
        return zeros(g)
    square = (input * input.conj()).real
    return where(square == 0, 0, g * (input * 1j) / (square + (square == 0)))


angle = unary(
    "angle",
    _angle,
    _angle_rule,
    doc="Angle of each number in the complex plane, in radians: 0 or pi if real.",
    holomorphic=False,
    samples=_samples,
    reference=np.angle,
    convention="0 for real numbers, and at 0",
    kinks=[At((0.0,), (0.0,)), At((-1.0,), (0.0,))],
)
REGISTRY["angle"].inplace = False


def _join(xp: Any, real: Any, imag: Any) -> Any:
    dtype = np.complex64 if real.dtype.itemsize == 4 else np.complex128
    out = xp.empty(np.broadcast_shapes(real.shape, imag.shape), dtype)
    out.real[...], out.imag[...] = real, imag
    return out


_complex = Op(
    "complex",
    _join,
    {"real": lambda g: g.real, "imag": lambda g: g.imag},
    inputs=2,
    keeps_order=True,
)


@operator(
    "complex",
    samples=lambda make: [Sample(make(2, 3), make(3)), Sample(make(), make(2))],
    reference=lambda x, y: x + 1j * y,
    convention=SMOOTH,
    method=False,
)
def complex(real: Any, imag: Any) -> Any:
    """Complex numbers from their parts, which must be of one floating-point dtype.

    Args:
        real, imag: float32 or float64 tensors that broadcast; float16 gives complex64.

    Source: PyTorch, ``torch.complex``.

    Example:
        >>> import autograd_core as ag
        >>> ag.complex(ag.tensor([1.0]), ag.tensor([2.0]))
        tensor([1.+2.j])
    """
    _check_parts("complex", real=real, imag=imag)
    return _complex(widened(real), widened(imag))


def _check_parts(name: str, **parts: Any) -> None:
    """Refuse what are no two tensors of one floating-point dtype that has a complex one."""
    for argument, part in parts.items():
        if check_floating(name, part, argument, arrays=False).dtype.kind == "V":
            raise DtypeError(f"{name}: bfloat16 has no complex dtype. Mend: {argument}.float()")
    check_same_dtype(name, **parts)


@operator(
    "polar",
    samples=lambda make: [Sample(make(2, 3, low=0.2), make(3))],
    reference=lambda r, t: r * np.exp(1j * t),
    convention=SMOOTH,
    method=False,
)
def polar(abs: Any, angle: Any) -> Any:
    """Complex numbers from absolute values and angles. Source: PyTorch, ``torch.polar``."""
    _check_parts("polar", abs=abs, angle=angle)
    abs, angle = widened(abs), widened(angle)
    return complex(abs * cos(angle), abs * sin(angle))


def _interleaved(xp: Any, input: Any) -> Any:
    return input[..., None].view(np.float32 if input.dtype.itemsize == 8 else np.float64)


_as_real = Op("view_as_real", _interleaved, {"input": lambda g: _pairs_to_complex(g)}, view=True)


def _joined(xp: Any, input: Any) -> Any:
    if input.strides[-1] != input.itemsize:
        input = xp.ascontiguousarray(input)
    return input.view(np.complex64 if input.itemsize == 4 else np.complex128)[..., 0]


_as_complex = Op(
    "view_as_complex", _joined, {"input": lambda g: _as_real(g)}, view=True, may_copy=True
)


def _pairs_to_complex(g: Any) -> Any:
    return g[..., 0] + g[..., 1] * 1j


@operator("view_as_real", samples=_complex_samples, convention=SMOOTH, method=False)
def view_as_real(input: Any) -> Any:
    """A complex tensor as pairs of real numbers in a new last dimension: a view.

    Source: PyTorch, ``torch.view_as_real``.

    Example:
        >>> import autograd_core as ag
        >>> ag.view_as_real(ag.tensor([1 + 2j]))
        tensor([[1., 2.]])
    """
    if not is_complex(input):
        raise RuntimeError(f"view_as_real: expected a complex tensor, got {input.dtype}")
    return _as_real(input)


@operator(
    "view_as_complex",
    samples=lambda make: [Sample(make(3, 2)), Sample(make(2))],
    convention=SMOOTH,
    method=False,
)
def view_as_complex(input: Any) -> Any:
    """Pairs of real numbers in the last dimension as a complex tensor.

    A view if the pairs lie together in memory, else (where PyTorch raises) a copy.

    Source: PyTorch, ``torch.view_as_complex``.

    Example:
        >>> import autograd_core as ag
        >>> ag.view_as_complex(ag.tensor([[1.0, 2.0]]))
        tensor([1.+2.j])
    """
    array = getattr(input, "_array", input)
    if (
        array.dtype.kind != "f"
        or array.ndim < 1
        or array.shape[-1] != 2
        or array.dtype.itemsize < 4
    ):
        raise RuntimeError(
            f"view_as_complex: expected float32 or float64 with a last dimension of size 2, "
            f"got shape {tuple(array.shape)} and {array.dtype}"
        )
    return _as_complex(input)
