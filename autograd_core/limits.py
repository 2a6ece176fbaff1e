"""What the numeric types can hold: ``finfo`` and ``iinfo``."""

from __future__ import annotations

import numpy as np

from autograd_core.dtypes import DTypeLike, as_dtype, get_default_dtype


class finfo:
    """Limits of a floating-point type (of its parts, for a complex one).

    Args:
        type: The dtype; the default dtype if left out.

    Attributes:
        bits: Bits per number.
        eps: Distance from 1 to the next larger number.
        max: Largest number.
        min: Smallest number, ``-max``.
        tiny, smallest_normal: Smallest positive number of full precision.
        resolution: Decimal resolution, ``10**-digits``.
        dtype: Name of the type.

    Raises:
        TypeError: The type is not a floating-point type.

    Source: PyTorch, ``torch.finfo``.

    Example:
        >>> import autograd_core as ag
        >>> ag.finfo(ag.float32).eps
        1.1920928955078125e-07
    """

    def __init__(self, type: DTypeLike | None = None) -> None:
        chosen = (get_default_dtype() if type is None else as_dtype(type)).to_real()
        if not chosen.is_floating_point:
            raise TypeError(f"finfo(): {chosen!r} is not a floating-point type; use iinfo()")
        import ml_dtypes

        limits = ml_dtypes.finfo(chosen.numpy)
        self.bits = int(limits.bits)
        self.eps = float(limits.eps)
        self.max = float(limits.max)
        self.min = float(limits.min)
        self.tiny = self.smallest_normal = float(limits.smallest_normal)
        self.resolution = 10.0**-limits.precision
        self.dtype = chosen.name

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        shown = ", ".join(f"{name}={getattr(self, name):g}" for name in names)
        return f"finfo({shown}, dtype={self.dtype})"


class iinfo:
    """Limits of an integer type.

    Args:
        type: The dtype.

    Attributes:
        bits: Bits per number.
        max: Largest number.
        min: Smallest number.
        dtype: Name of the type.

    Raises:
        TypeError: The type is not an integer type.

    Source: PyTorch, ``torch.iinfo``.

    Example:
        >>> import autograd_core as ag
        >>> ag.iinfo(ag.int8)
        iinfo(min=-128, max=127, dtype=int8)
    """

    def __init__(self, type: DTypeLike) -> None:
        chosen = as_dtype(type)
        if chosen.numpy.kind not in "iu":
            raise TypeError(f"iinfo(): {chosen!r} is not an integer type; use finfo()")
        limits = np.iinfo(chosen.numpy)
        self.bits = int(limits.bits)
        self.max = int(limits.max)
        self.min = int(limits.min)
        self.dtype = chosen.name

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"
