"""From a list of samples to one batch."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from autograd_core import dtypes
from autograd_core.from_data import as_tensor, tensor
from autograd_core.ops.join import stack
from autograd_core.tensor import Tensor


def default_collate(batch: Sequence[Any]) -> Any:
    """Put the samples of a batch together, with a new first dimension that counts them.

    Tensors and NumPy arrays are stacked; numbers become a tensor (floats one of float64, as in
    PyTorch); strings and bytes stay a list; mappings, named tuples and sequences are put together
    entry by entry (a plain tuple comes back as a list).

    Args:
        batch: The samples, all of the same structure.

    Returns:
        The batch, in the structure of one sample.

    Raises:
        TypeError: A sample is of another type: give the loader a ``collate_fn``.
        ValueError: The batch is empty, or the samples differ in shape or length.

    Source: torch.utils.data.default_collate.

    Example:
        >>> from autograd_core.utils.data import default_collate
        >>> default_collate([("a", 1), ("b", 2)])
        [('a', 'b'), tensor([1, 2])]
    """
    if not len(batch):
        raise ValueError("default_collate: the batch is empty; expected at least one sample")
    first = batch[0]
    if isinstance(first, Tensor):
        _require_same("shapes", [tuple(sample.shape) for sample in batch])
        return stack(list(batch), 0)
    if isinstance(first, np.ndarray) and first.dtype.kind not in "SUOMmV":
        return default_collate([as_tensor(sample) for sample in batch])
    if isinstance(first, float) and not isinstance(first, np.generic):
        return tensor(list(batch), dtype=dtypes.float64)
    if isinstance(first, (np.bool_, np.number)):
        return as_tensor(np.asarray(batch))
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return _rebuild(
            first, {key: default_collate([sample[key] for sample in batch]) for key in first}
        )
    if isinstance(first, Sequence):
        _require_same("lengths", [len(sample) for sample in batch])
        columns = [default_collate(column) for column in zip(*batch, strict=True)]
        if hasattr(first, "_fields"):  # a named tuple
            return type(first)(*columns)
        return columns if isinstance(first, tuple) else _rebuild(first, columns)
    raise TypeError(
        f"default_collate: cannot put samples of type {type(first).__name__} together; expected"
        " tensors, NumPy arrays, numbers, strings, or mappings and sequences of these. Give"
        " DataLoader a collate_fn that makes a batch of a list of your samples"
    )


def default_convert(data: Any) -> Any:
    """NumPy arrays and numbers as tensors, inside mappings and sequences too; the rest unchanged.

    This is what a loader without batches (``batch_size=None``) does to each sample.

    Args:
        data: One sample.

    Returns:
        The sample with tensors in place of arrays.

    Example:
        >>> import numpy as np
        >>> from autograd_core.utils.data import default_convert
        >>> default_convert([np.array([1, 2]), "label"])
        [tensor([1, 2]), 'label']
    """
    if isinstance(data, np.ndarray) and data.dtype.kind in "SUOMmV":
        return data
    if isinstance(data, (np.ndarray, np.bool_, np.number)):
        return as_tensor(np.asarray(data))
    if isinstance(data, (Tensor, str, bytes)):
        return data
    if isinstance(data, Mapping):
        return _rebuild(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, Sequence):
        values = [default_convert(value) for value in data]
        if hasattr(data, "_fields"):
            return type(data)(*values)
        return values if isinstance(data, tuple) else _rebuild(data, values)
    return data


def _rebuild(like: Any, values: Any) -> Any:
    """``values`` in a container like ``like``, where there can be one: in a copy of it, so that
    a defaultdict keeps its factory, or in one of its type if it cannot be changed."""
    if type(like) in (dict, list):
        return values
    try:
        if not isinstance(like, (MutableMapping, MutableSequence)):
            return type(like)(values)
        made = copy.copy(like)
        for place, value in values.items() if isinstance(like, Mapping) else enumerate(values):
            made[place] = value
        return made
    except (TypeError, RuntimeError):  # (an array of Python's takes no tensors)
        return values


def _require_same(what: str, found: list[Any]) -> None:
    if len(set(found)) > 1:
        raise ValueError(
            f"default_collate: the samples of a batch have different {what}"
            f" {sorted(set(found))}; expected equal ones. Give DataLoader a collate_fn that"
            " brings them to one size, by padding for example"
        )
