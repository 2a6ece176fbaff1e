"""Window functions: ``autograd_core.signal.windows``, as ``torch.signal.windows``.

All are computed in float64 and rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core.dtypes import as_dtype, get_default_dtype
from autograd_core.from_data import tensor
from autograd_core.layouts import takes_layout
from autograd_core.registry import Make, Sample, operator

__all__ = [
    "bartlett", "blackman", "cosine", "exponential", "gaussian", "general_cosine",
    "general_hamming", "hamming", "hann", "kaiser", "nuttall",
]  # fmt: skip


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(5)
    yield Sample(4, sym=False)
    yield Sample(1)
    yield Sample(0)


def _window(name: str, samples: Any = _samples) -> Any:
    return operator(
        f"signal.windows.{name}",
        samples=samples,
        convention="no gradient",
        differentiable=False,
        method=False,
    )


def _places(name: str, M: int, sym: bool) -> tuple[np.ndarray, int]:
    """The places 0 to M - 1, and that of the window's end: a periodic window ends one later."""
    if isinstance(M, bool) or not hasattr(M, "__index__"):
        raise TypeError(f"{name}: M must be an integer, got {type(M).__name__} {M!r}")
    if M < 0:
        raise ValueError(f"{name}: M must not be negative, got {M}")
    return np.arange(M, dtype=np.float64), M - 1 if sym or M < 2 else M


def _made(name: str, values: np.ndarray, dtype: Any, device: Any, requires_grad: bool) -> Any:
    kind = get_default_dtype() if dtype is None else as_dtype(dtype)
    if str(kind).rpartition(".")[2] not in ("float32", "float64"):
        raise ValueError(f"{name}: dtype must be float32 or float64, got {kind}")
    values = np.ones(1) if len(values) == 1 and name != "cosine" else values
    return tensor(values, dtype=kind, device=device, requires_grad=requires_grad)


def _cosines(
    name: str, M: int, a: Sequence[float], sym: bool, dtype: Any, device: Any, requires_grad: bool
) -> Any:
    k, end = _places(name, M, sym)
    turn = 2 * math.pi * k / max(end, 1)
    values = sum((-1) ** i * weight * np.cos(i * turn) for i, weight in enumerate(a))
    return _made(name, values, dtype, device, requires_grad)  # type: ignore[arg-type]


@_window("general_cosine", lambda make: [Sample(5, a=[0.5, 0.5]), Sample(4, a=[1.0], sym=False)])
def general_cosine(
    M: int, *, a: Sequence[float], sym: bool = True, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Any:  # fmt: skip
    """A sum of cosines, ``a[0] - a[1] * cos(x) + a[2] * cos(2 * x) - ...`` over one turn.

    Args:
        M: number of points.
        a: weights.
        sym: whether the window is symmetric; else it is periodic, with its last point left out.
        dtype: float32 or float64; default the default dtype.
        device, requires_grad: of the tensor.

    Raises:
        ValueError: M is negative, ``a`` is empty, or the dtype is another one.

    Source: PyTorch, ``torch.signal.windows.general_cosine``.
    """
    if not isinstance(a, Iterable):
        raise TypeError(f"general_cosine: a must be a list of weights, got {type(a).__name__}")
    if not len(a):
        raise ValueError("general_cosine: a must not be empty")
    return _cosines("general_cosine", M, a, sym, dtype, device, requires_grad)


@_window("general_hamming")
def general_hamming(
    M: int, *, alpha: float = 0.54, sym: bool = True, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Any:  # fmt: skip
    """``alpha - (1 - alpha) * cos(x)`` over one turn; see :func:`general_cosine`. Source: PyTorch,
    ``torch.signal.windows.general_hamming``."""
    weights = (alpha, 1 - alpha)
    return _cosines("general_hamming", M, weights, sym, dtype, device, requires_grad)


@_window("hamming")
def hamming(
    M: int, *, sym: bool = True, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """``0.54 - 0.46 * cos(x)`` over one turn; see :func:`general_cosine`. Source: PyTorch,
    ``torch.signal.windows.hamming``."""
    return _cosines("hamming", M, (0.54, 0.46), sym, dtype, device, requires_grad)


@_window("hann")
def hann(
    M: int, *, sym: bool = True, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """``(1 - cos(x)) / 2`` over one turn; see :func:`general_cosine`. Source: PyTorch,
    ``torch.signal.windows.hann``.

    Example:
        >>> import autograd_core as ag
        >>> ag.signal.windows.hann(5)
        tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    return _cosines("hann", M, (0.5, 0.5), sym, dtype, device, requires_grad)


@_window("blackman")
def blackman(
    M: int, *, sym: bool = True, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """``0.42 - 0.5 * cos(x) + 0.08 * cos(2 * x)`` over one turn; see :func:`general_cosine`.
    Source: PyTorch, ``torch.signal.windows.blackman``."""
    return _cosines("blackman", M, (0.42, 0.5, 0.08), sym, dtype, device, requires_grad)


@_window("nuttall")
def nuttall(
    M: int, *, sym: bool = True, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """Nuttall's window of four cosines; see :func:`general_cosine`. Source: PyTorch,
    ``torch.signal.windows.nuttall``."""
    weights = (0.3635819, 0.4891775, 0.1365995, 0.0106411)
    return _cosines("nuttall", M, weights, sym, dtype, device, requires_grad)


@_window("bartlett")
def bartlett(
    M: int, *, sym: bool = True, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """A triangle from 0 to 1 and back; arguments as for :func:`general_cosine`. Source: PyTorch,
    ``torch.signal.windows.bartlett``."""
    k, end = _places("bartlett", M, sym)
    return _made("bartlett", 1 - abs(2 * k / max(end, 1) - 1), dtype, device, requires_grad)


@_window("cosine")
def cosine(
    M: int, *, sym: bool = True, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """Half a turn of the sine, between its zeros; arguments as for :func:`general_cosine`. Source:
    PyTorch, ``torch.signal.windows.cosine``."""
    k, end = _places("cosine", M, sym)
    return _made("cosine", np.sin(math.pi * (k + 0.5) / (end + 1)), dtype, device, requires_grad)


@_window("gaussian")
def gaussian(
    M: int, *, std: float = 1.0, sym: bool = True, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Any:  # fmt: skip
    """The density of a normal distribution, 1 in the middle.

    Args:
        M, sym, dtype, device, requires_grad: as for :func:`general_cosine`.
        std: standard deviation, in points.

    Source: PyTorch, ``torch.signal.windows.gaussian``.
    """
    if std <= 0:
        raise ValueError(f"gaussian: std must be positive, got {std}")
    k, end = _places("gaussian", M, sym)
    values = np.exp(-0.5 * ((k - end / 2) / std) ** 2)
    return _made("gaussian", values, dtype, device, requires_grad)


@_window("exponential")
def exponential(
    M: int, *, center: float | None = None, tau: float = 1.0, sym: bool = True, dtype: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Any:  # fmt: skip
    """``exp(-abs(k - center) / tau)``.

    Args:
        M, sym, dtype, device, requires_grad: as for :func:`general_cosine`.
        center: default the middle, which it must be if the window is symmetric.
        tau: decay, in points.

    Source: PyTorch, ``torch.signal.windows.exponential``.
    """
    if tau <= 0:
        raise ValueError(f"exponential: tau must be positive, got {tau}")
    if sym and center is not None:
        raise ValueError("exponential: center must be None where sym=True. Mend: sym=False")
    k, end = _places("exponential", M, sym)
    values = np.exp(-abs(k - (end / 2 if center is None else center)) / tau)
    kind = "exponential" if center is None else "cosine"
    return _made(kind, values, dtype, device, requires_grad)


@_window("kaiser")
def kaiser(
    M: int, *, beta: float = 12.0, sym: bool = True, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Any:  # fmt: skip
    """Kaiser's window: ``i0(beta * sqrt(1 - x**2)) / i0(beta)`` for x from -1 to 1.

    Args:
        M, sym, dtype, device, requires_grad: as for :func:`general_cosine`.
        beta: how narrow it is, 0 or more.

    Source: PyTorch, ``torch.signal.windows.kaiser``.
    """
    if beta < 0:
        raise ValueError(f"kaiser: beta must not be negative, got {beta}")
    k, end = _places("kaiser", M, sym)
    x = 2 * k / max(end, 1) - 1
    values = np.i0(beta * np.sqrt(np.maximum(1 - x * x, 0))) / np.i0(beta)
    return _made("kaiser", values, dtype, device, requires_grad)


# PyTorch's older functions: periodic by default.


@takes_layout
def hann_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Any:  # fmt: skip
    """:func:`hann`, by default periodic. Source: PyTorch, ``torch.hann_window``."""
    return hann(
        window_length, sym=not periodic, dtype=dtype, device=device, requires_grad=requires_grad
    )


@takes_layout
def hamming_window(
    window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, *,
    dtype: Any = None, device: Any = None, requires_grad: bool = False,
) -> Any:  # fmt: skip
    """``alpha - beta * cos(x)`` over one turn, by default periodic. Source: PyTorch,
    ``torch.hamming_window``."""
    weights, sym = (alpha, beta), not periodic
    return _cosines("hamming_window", window_length, weights, sym, dtype, device, requires_grad)


@takes_layout
def blackman_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Any:  # fmt: skip
    """:func:`blackman`, by default periodic. Source: PyTorch, ``torch.blackman_window``."""
    return blackman(
        window_length, sym=not periodic, dtype=dtype, device=device, requires_grad=requires_grad
    )


@takes_layout
def bartlett_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Any:  # fmt: skip
    """:func:`bartlett`, by default periodic. Source: PyTorch, ``torch.bartlett_window``."""
    return bartlett(
        window_length, sym=not periodic, dtype=dtype, device=device, requires_grad=requires_grad
    )


@takes_layout
def kaiser_window(
    window_length: int, periodic: bool = True, beta: float = 12.0, *, dtype: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Any:  # fmt: skip
    """:func:`kaiser`, by default periodic. Source: PyTorch, ``torch.kaiser_window``."""
    return kaiser(
        window_length, beta=beta, sym=not periodic, dtype=dtype, device=device,
        requires_grad=requires_grad,
    )  # fmt: skip
