"""How tensors print: PyTorch's text."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase


def format_tensor(tensor: TensorBase) -> str:
    """The text of ``repr(tensor)``."""
    array = backend_of(tensor._array).to_numpy(tensor._array)
    return f"tensor({np.array2string(array, separator=', ', prefix='tensor(')})"
