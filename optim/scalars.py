"""Numbers in the state of an optimizer, such as its count of steps: Tensors of one element.

They live on the host, so that no step has to wait for a device to read them. Only where the option
"capturable" says that the step will be captured and replayed, they live beside their parameter.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.tensor import Tensor


def scalar(value: float, p: Tensor, group: dict[str, Any], dtype: Any = None) -> Tensor:
    """Return a number as an entry of the state of `p`.

    Args:
        value: the number.
        p: the parameter.
        group: its group's options.
        dtype: the dtype; by default float64 if that is the default dtype, else float32, as in
            PyTorch.

    Returns:
        A 0-d Tensor.

    Example:
        >>> import autograd_core as ag
        >>> scalar(0, ag.zeros(3), {})
        tensor(0.)
    """
    if dtype is None:
        dtype = ag.float64 if ag.get_default_dtype() == ag.float64 else ag.float32
    return ag.tensor(float(value), dtype=dtype, device=home(p, group))


def home(p: Tensor, group: dict[str, Any]) -> Any:
    """Return the device for the numbers in the state of `p`.

    Args:
        p: the parameter.
        group: its group's options.

    Example:
        >>> import autograd_core as ag
        >>> home(ag.zeros(3), {"capturable": True})
        device(type='cpu')
    """
    return p.device if group.get("capturable") else ag.device("cpu")


def value(entry: Tensor) -> Any:
    """Return an entry as a number to compute with: as it is if it lives on a device.

    Args:
        entry: a Tensor of one element.

    Example:
        >>> import autograd_core as ag
        >>> value(ag.tensor(0.5))
        0.5
    """
    array = entry._array
    return array.item() if isinstance(array, np.ndarray) else entry


def count(state: dict[str, Any]) -> Any:
    """Count one more step in `state["step"]`.

    Args:
        state: the state of a parameter.

    Returns:
        The count, 1 in the first step; a Tensor if it lives on a device.

    Example:
        >>> import autograd_core as ag
        >>> count({"step": ag.tensor(0.0)})
        1.0
    """
    step = state["step"]
    step._array += 1
    return value(step)
