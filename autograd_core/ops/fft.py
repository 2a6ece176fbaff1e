"""Discrete Fourier transforms.

All rest on three linear operators: complex to complex, real to the half of the complex spectrum
that holds everything (the other half is its mirror image), and back. The adjoint of a transform is
the transform in the other direction, scaled the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_core.errors import DtypeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_real
from autograd_core.ops.cast import as_float, cast
from autograd_core.ops.complex import conj
from autograd_core.ops.dims import one_dim, some_dims, whole
from autograd_core.ops.precision import is_complex, is_half
from autograd_core.ops.rearrange import roll
from autograd_core.registry import SMOOTH, Make, Sample, operator

# "backward" divides the backward transform by the number of points, "forward" the forward one.
_ADJOINT = {"backward": "forward", "forward": "backward", "ortho": "ortho"}


def _part(ndim: int, dim: int, start: int, stop: int) -> tuple[slice, ...]:
    """The index of a part along ``dim``."""
    return (slice(None),) * dim + (slice(start, stop),) + (slice(None),) * (ndim - dim - 1)


def _resized(xp: Any, input: Any, dim: int, size: int) -> Any:
    have = input.shape[dim]
    if size <= have:
        return input[_part(input.ndim, dim, 0, size)]
    shape = input.shape[:dim] + (size,) + input.shape[dim + 1 :]
    out = xp.zeros(shape, input.dtype)
    out[_part(input.ndim, dim, 0, have)] = input
    return out


# Cut off at the end of a dimension, or fill up with zeros.
_resize = Op(
    "fft_resize",
    lambda xp, input, dim, size, before: _resized(xp, input, dim, size),
    {"input": lambda g, dim, size, before: _resize(g, dim, before, size)},
    keeps_order=True,
)


def resize(input: Any, dim: int, size: int) -> Any:
    """``input`` with ``size`` elements along ``dim``: cut off, or filled up with zeros."""
    before = int(input.shape[dim])
    return input if size == before else _resize(input, dim, size, before)


def _weighted(xp: Any, input: Any, dim: int, size: int, factor: float) -> Any:
    out = input.copy()
    out[_part(input.ndim, dim, 1, (size + 1) // 2)] *= factor
    return out


# Multiply what the half spectrum of ``size`` real numbers leaves out by mirroring: all but the
# constant, and for an even size the last, which are their own mirror images.
_weight = Op(
    "fft_weight",
    _weighted,
    {"input": lambda g, dim, size, factor: _weight(g, dim, size, factor)},
)

_complex_to_complex = Op(
    "fft_c2c",
    lambda xp, input, dims, norm, forward: (xp.fft.fftn if forward else xp.fft.ifftn)(
        input, axes=dims, norm=norm
    ),
    {
        "input": lambda g, dims, norm, forward: _complex_to_complex(
            g, dims, _ADJOINT[norm], not forward
        )
    },
)

_real_to_complex = Op(
    "fft_r2c",
    lambda xp, input, dims, norm, size: xp.fft.rfftn(input, axes=dims, norm=norm),
    {
        "input": lambda g, dims, norm, size: _complex_to_real(
            _weight(g, dims[-1], size, 0.5), dims, _ADJOINT[norm], size
        )
    },
)


def _backward_to_real(xp: Any, input: Any, dims: tuple[int, ...], norm: str, size: int) -> Any:
    sizes = [input.shape[d] for d in dims[:-1]]
    return xp.fft.irfftn(input, [*sizes, size], dims, norm)


_complex_to_real = Op(
    "fft_c2r",
    _backward_to_real,
    {
        "input": lambda g, dims, norm, size: _weight(
            _real_to_complex(g, dims, _ADJOINT[norm], size), dims[-1], size, 2.0
        )
    },
)


def _prepared(name: str, input: Any, norm: str | None, to_complex: bool) -> tuple[Any, str]:
    """The input in a dtype that has transforms, and the name of the scaling."""
    if norm not in (None, *_ADJOINT):
        raise RuntimeError(f"{name}: norm must be one of {tuple(_ADJOINT)} or None, got {norm!r}")
    if is_half(input._array.dtype):
        raise DtypeError(f"{name}: no transform of {describe(input)}. Mend: input.float()")
    if not to_complex:
        check_real(name, input)
    input = as_float(input)
    if to_complex and not is_complex(input):
        single = input._array.dtype.itemsize == 4
        input = cast(input, np.dtype(np.complex64 if single else np.complex128))
    return input, norm or "backward"


def _check_sizes(name: str, *sizes: int) -> None:
    for size in sizes:
        if size < 1:
            raise RuntimeError(f"{name}: a transform needs at least one point, got n={size}")


Transform = Callable[[str, Any, Any, Any, Any], Any]


def _forward(name: str, input: Any, sizes: Any, dims: Any, norm: Any, forward: bool = True) -> Any:
    input, norm = _prepared(name, input, norm, to_complex=True)
    for dim, size in zip(dims, sizes):
        input = resize(input, dim, input.shape[dim] if size is None else size)
    return _complex_to_complex(input, dims, norm, forward) if dims else input


def _backward(name: str, input: Any, sizes: Any, dims: Any, norm: Any) -> Any:
    return _forward(name, input, sizes, dims, norm, False)


def _half(name: str, input: Any, sizes: Any, dims: Any, norm: Any) -> Any:
    input, norm = _prepared(name, input, norm, to_complex=False)
    for dim, size in zip(dims, sizes):
        input = resize(input, dim, input.shape[dim] if size is None else size)
    return _real_to_complex(input, dims, norm, int(input.shape[dims[-1]]))


def _half_backward(name: str, input: Any, sizes: Any, dims: Any, norm: Any) -> Any:
    input, norm = _prepared(name, input, norm, to_complex=True)
    last = dims[-1]
    *others, size = sizes
    if size is None:
        size = 2 * (int(input.shape[last]) - 1)
    _check_sizes(name, size)
    for dim, other in zip(dims, others):
        input = resize(input, dim, input.shape[dim] if other is None else other)
    return _complex_to_real(resize(input, last, size // 2 + 1), dims, norm, size)


def _hermitian(name: str, input: Any, sizes: Any, dims: Any, norm: Any) -> Any:
    swapped = _ADJOINT.get(norm or "backward", norm)
    return _half_backward(name, conj(input), sizes, dims, swapped)


def _hermitian_backward(name: str, input: Any, sizes: Any, dims: Any, norm: Any) -> Any:
    return conj(_half(name, input, sizes, dims, _ADJOINT.get(norm or "backward", norm)))


_SCALING = """norm: what is divided by the number of points n: ``"backward"`` (default) the
            transforms back, ``"forward"`` those forth, and ``"ortho"`` both, by the root of n."""


def _declare(name: str, transform: Transform, what: str) -> tuple[Any, Any, Any]:
    """The three public functions of a transform: along one dimension, two, and any number."""
    real = name in ("rfft", "ihfft")
    from_half = name in ("irfft", "hfft")

    def values(make: Make, *shape: int) -> Any:
        return make(*shape) if real else make(*shape) + 1j * make(*shape)

    def along_one(make: Make) -> Iterable[Sample]:
        yield Sample(make(6))
        yield Sample(values(make, 5))
        yield Sample(values(make, 2, 4), dim=0)
        yield Sample(values(make, 2, 4), 3, -1, "ortho")
        yield Sample(values(make, 4, 2).T, 6, norm="forward")
        yield Sample(values(make, 2, 3), 1)
        yield Sample(values(make, 0, 3))

    def along_several(make: Make) -> Iterable[Sample]:
        yield Sample(make(2, 3))
        yield Sample(values(make, 2, 3, 4), dim=(0, 2), norm="ortho")
        yield Sample(values(make, 2, 3, 4), (3, 5), (2, 1))
        yield Sample(make(3, 4), (2, 3), norm="forward")

    def one(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
        full = f"fft.{name}"
        if not input.ndim:
            raise IndexError(f"{full}: dim={dim} of a tensor without dimensions")
        dims = (one_dim(full, dim, input.ndim),)
        n = None if n is None else whole(full, n, "n")
        _check_sizes(full, *([] if n is None else [n]), *(input.shape[d] for d in dims))
        return transform(full, input, (n,), dims, norm)

    def two(input: Any, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Any:
        return _several(f"fft.{name}2", input, s, dim, norm)

    def several(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Any:
        return _several(f"fft.{name}n", input, s, dim, norm)

    def _several(full: str, input: Any, s: Any, dim: Any, norm: str | None) -> Any:
        if s is not None:
            s = tuple(s) if isinstance(s, (tuple, list)) else (s,)
            if dim is None:
                if len(s) > input.ndim:
                    raise RuntimeError(
                        f"{full}: s={s} names {len(s)} sizes, but input is {describe(input)}"
                    )
                dim = tuple(range(input.ndim - len(s), input.ndim))
        if dim is not None and not input.ndim:
            raise IndexError(f"{full}: dim={dim} of a tensor without dimensions")
        dims = some_dims(full, dim, input.ndim)
        given = [None] * len(dims) if s is None else s
        sizes = [None if n is None or n == -1 else whole(full, n, "s") for n in given]
        if len(sizes) != len(dims):
            raise RuntimeError(f"{full}: s={s} and dim={dim} must have the same length")
        if not dims and transform not in (_forward, _backward):
            raise RuntimeError(f"{full}: needs at least one dimension to transform, got dim={dim}")
        _check_sizes(full, *(n for n in sizes if n is not None), *(input.shape[d] for d in dims))
        return transform(full, input, sizes, dims, norm)

    given = "real" if real else "real or complex"
    result_size = "n // 2 + 1" if real else "n"
    size = "2 * (size of dim - 1)" if from_half else "the size of dim"
    one.__doc__ = f"""{what}, along one dimension.

    Args:
        input: {given} tensor; integers are computed in the default float dtype.
        n: number of points of the signal; the input is cut off or filled up with zeros to fit.
            Default {size}.
        dim: dimension to transform.
        {_SCALING}

    Returns:
        A {"real" if from_half else "complex"} tensor with {result_size} elements along ``dim``.

    Raises:
        RuntimeError: ``n`` is less than 1, or the dtype has no transform.

    Source: PyTorch, ``torch.fft.{name}``.
    """
    for function, dims in ((two, "two dimensions (by default the last)"), (several, "dimensions")):
        default = "" if function is two else "; default all, or the last ones if ``s`` is given"
        function.__doc__ = f"""{what}, along {dims}.

    Args:
        input: {given} tensor.
        s: number of points along each of ``dim``; -1 means the size that it has.
        dim: dimensions to transform{default}.
        {_SCALING}

    Source: PyTorch, ``torch.fft.{name}{"2" if function is two else "n"}``.
    """
    reference = getattr(np.fft, name)
    made = []
    functions: tuple[tuple[Any, str, Any, Any], ...] = (
        (one, "", along_one, lambda x, n=None, dim=-1, norm=None: reference(x, n, dim, norm)),
        (two, "2", along_several, None),
        (several, "n", along_several, _reference_along_several(name)),
    )
    for function, suffix, samples, given_reference in functions:
        function.__name__ = function.__qualname__ = name + suffix
        enter = operator(
            f"fft.{name}{suffix}",
            samples=samples,
            reference=given_reference,
            convention=SMOOTH,
            method=False,
        )
        made.append(enter(function))
    return made[0], made[1], made[2]


def _reference_along_several(name: str) -> Any:
    """NumPy's function, which has another default for the dimensions; None where it has none."""
    if name in ("hfft", "ihfft"):
        return None
    transform = getattr(np.fft, f"{name}n")

    def reference(x: Any, s: Any = None, dim: Any = None, norm: Any = None) -> Any:
        return transform(x, s, range(-len(s), 0) if dim is None and s is not None else dim, norm)

    return reference


fft, fft2, fftn = _declare("fft", _forward, "Discrete Fourier transform")
ifft, ifft2, ifftn = _declare("ifft", _backward, "Inverse of the discrete Fourier transform")
rfft, rfft2, rfftn = _declare(
    "rfft",
    _half,
    "Discrete Fourier transform of real numbers: its first half, which determines the rest",
)
irfft, irfft2, irfftn = _declare("irfft", _half_backward, "Inverse of ``rfft``: real numbers")
hfft, hfft2, hfftn = _declare(
    "hfft",
    _hermitian,
    "Discrete Fourier transform, real, of a Hermitian signal given by its first half",
)
ihfft, ihfft2, ihfftn = _declare("ihfft", _hermitian_backward, "Inverse of ``hfft``")


def _shift_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(5))
    yield Sample(make(2, 3))
    yield Sample(make(4, 3), dim=0)
    yield Sample(make(2, 3, 4), (0, -1))


def _shifted(name: str, input: Any, dim: Any, forward: bool) -> Any:
    dims = some_dims(name, dim, input.ndim)
    halves = [input.shape[d] // 2 for d in dims]
    return roll(input, halves if forward else [-h for h in halves], list(dims)) if dims else input


@operator(
    "fft.fftshift",
    samples=_shift_samples,
    convention=SMOOTH,
    method=False,
    reference=lambda x, dim=None: np.fft.fftshift(x, dim),
)
def fftshift(input: Any, dim: Any = None) -> Any:
    """Bring the frequency 0 of a spectrum from the first place to the middle.

    Args:
        input: spectrum.
        dim: dimension or dimensions; default all.

    Source: PyTorch, ``torch.fft.fftshift``.

    Example:
        >>> import autograd_core as ag
        >>> ag.fft.fftshift(ag.fft.fftfreq(4))
        tensor([-0.5000, -0.2500,  0.0000,  0.2500])
    """
    return _shifted("fft.fftshift", input, dim, True)


@operator(
    "fft.ifftshift",
    samples=_shift_samples,
    convention=SMOOTH,
    method=False,
    reference=lambda x, dim=None: np.fft.ifftshift(x, dim),
)
def ifftshift(input: Any, dim: Any = None) -> Any:
    """Undo :func:`fftshift`. Source: PyTorch, ``torch.fft.ifftshift``.

    Example:
        >>> import autograd_core as ag
        >>> ag.fft.ifftshift(ag.fft.fftshift(ag.arange(3)))
        tensor([0, 1, 2])
    """
    return _shifted("fft.ifftshift", input, dim, False)
