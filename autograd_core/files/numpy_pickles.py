"""NumPy's numbers and arrays in pickles: what their calls describe, without calling NumPy's own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.errors import CheckpointError


class _DType:
    """A dtype as a pickle describes it: first its code, then its byte order."""

    def __init__(self, code: Any, *more: Any) -> None:
        if not isinstance(code, str) or code[:1] not in "biufc" or not code[1:].isdigit():
            raise CheckpointError(f"a NumPy array is of type {str(code)[:20]!r}; expected numbers")
        self.dtype = np.dtype(code)

    def with_state(self, state: Any) -> _DType:
        order = state[1]
        if order in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(order)
        return self


class _Array:
    """An array before its content is known."""

    def with_state(self, state: Any) -> Any:
        _, shape, dtype, fortran, data = state
        data = data.encode("latin1") if isinstance(data, str) else data  # (as Python 2 wrote it)
        if not isinstance(dtype, _DType) or not isinstance(data, bytes):
            raise CheckpointError("a NumPy array is described in an unknown way")
        if not all(type(n) is int and n >= 0 for n in shape):
            raise CheckpointError(f"a NumPy array has the shape {shape}")
        if math.prod(shape) * dtype.dtype.itemsize != len(data):
            raise CheckpointError(f"a NumPy array of shape {shape} has {len(data)} bytes")
        array = np.frombuffer(data, dtype.dtype).reshape(shape, order="F" if fortran else "C")
        return array.astype(dtype.dtype.newbyteorder("="))


def _scalar(dtype: Any, data: Any) -> Any:
    if not isinstance(dtype, _DType) or not isinstance(data, bytes):
        raise CheckpointError("a NumPy number is described in an unknown way")
    if len(data) != dtype.dtype.itemsize:
        raise CheckpointError(f"a NumPy number of {dtype.dtype} has {len(data)} bytes")
    return np.frombuffer(data, dtype.dtype).astype(dtype.dtype.newbyteorder("="))[0]


NUMPY_NAMES: dict[str, Any] = {
    "numpy.dtype": _DType,
    "numpy.ndarray": lambda *_: _Array(),
    "_codecs.encode": lambda text, encoding="latin1": text.encode("latin1"),  # (bytes, by Python 3)
}
for _module in ("numpy.core.multiarray", "numpy._core.multiarray"):
    NUMPY_NAMES[f"{_module}.scalar"] = _scalar
    NUMPY_NAMES[f"{_module}._reconstruct"] = lambda *_: _Array()
for _module in ("numpy.core.numeric", "numpy._core.numeric"):
    NUMPY_NAMES[f"{_module}._frombuffer"] = lambda data, dtype, shape, order: _Array().with_state(
        (1, shape, dtype, order == "F", bytes(data))
    )
