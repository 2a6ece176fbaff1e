"""Sequences of different lengths: packed without gaps, or padded to one length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

import autograd_core as ag
from autograd_core.errors import ShapeError
from autograd_core.ops.packing import put_rows, take_rows
from autograd_core.tensor import Tensor


class _Fields(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Fields):
    """Sequences of different lengths in one tensor, without padding, as recurrent layers take them.

    Made by :func:`pack_padded_sequence` and :func:`pack_sequence`.

    Args:
        data: (sum of lengths, ...): the first elements of all sequences, then all second ones, and
            so on; longer sequences first.
        batch_sizes: how many sequences have a first, a second ... element; on the CPU.
        sorted_indices: which sequence was taken first, second ...; None if they were in order.
        unsorted_indices: the inverse; computed if left out.

    Source: PyTorch's ``torch.nn.utils.rnn.PackedSequence``.

    Example:
        >>> import autograd_core as ag
        >>> pack_sequence([ag.tensor([1, 2, 3]), ag.tensor([4, 5])]).data
        tensor([1, 4, 2, 5, 3])
    """

    def __new__(
        cls,
        data: Tensor,
        batch_sizes: Tensor,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> PackedSequence:
        if batch_sizes.device.type != "cpu":
            raise ValueError(
                "PackedSequence: batch_sizes must be on the CPU. Mend: pack_sequence() and "
                "pack_padded_sequence() make it so"
            )
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    @property
    def is_cuda(self) -> bool:
        """Whether the data is on a CUDA GPU."""
        return self.data.is_cuda

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The same with the data moved or converted as by ``Tensor.to``; the indices move with it.

        Args:
            args, kwargs: as of ``Tensor.to``.
        """
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        indices = [
            None if index is None else index.to(data.device)
            for index in (self.sorted_indices, self.unsorted_indices)
        ]
        return type(self)(data, self.batch_sizes, *indices)

    def cpu(self) -> PackedSequence:
        """The same on the CPU."""
        return self.to("cpu")

    def cuda(self, device: Any = None) -> PackedSequence:
        """The same on a CUDA GPU."""
        return self.to("cuda" if device is None else device)

    def is_pinned(self) -> bool:
        """Whether the memory is locked for copies to a GPU, as of ``Tensor.is_pinned``."""
        return self.data.is_pinned()

    def pin_memory(self, device: Any = None) -> PackedSequence:
        """The same in locked memory, as by ``Tensor.pin_memory``."""
        data = self.data.pin_memory(device)
        return self if data is self.data else type(self)(data, *self[1:])

    def double(self) -> PackedSequence:
        """The same in float64."""
        return self.to(ag.float64)

    def float(self) -> PackedSequence:
        """The same in float32."""
        return self.to(ag.float32)

    def half(self) -> PackedSequence:
        """The same in float16."""
        return self.to(ag.float16)

    def long(self) -> PackedSequence:
        """The same in int64."""
        return self.to(ag.int64)

    def int(self) -> PackedSequence:
        """The same in int32."""
        return self.to(ag.int32)

    def short(self) -> PackedSequence:
        """The same in int16."""
        return self.to(ag.int16)

    def char(self) -> PackedSequence:
        """The same in int8."""
        return self.to(ag.int8)

    def byte(self) -> PackedSequence:
        """The same in uint8."""
        return self.to(ag.uint8)


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes another one; None for None.

    Args:
        permutation: (n,), the numbers from 0 to n - 1 in some order.

    Source: PyTorch's ``torch.nn.utils.rnn.invert_permutation``.

    Example:
        >>> import autograd_core as ag
        >>> invert_permutation(ag.tensor([2, 0, 1]))
        tensor([1, 2, 0])
    """
    return None if permutation is None else permutation.argsort()


def _on_host(values: Any) -> np.ndarray:
    """A tensor or sequence of integers as a NumPy array."""
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    return np.asarray(values).astype(np.int64)


def _index(values: np.ndarray, like: Tensor) -> Tensor:
    return ag.tensor(values, device=like.device)


def _packed_places(batch_sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Step and sequence of each row of packed data."""
    steps = np.repeat(np.arange(len(batch_sizes)), batch_sizes)
    starts = np.cumsum(batch_sizes) - batch_sizes
    return steps, np.arange(len(steps)) - starts[steps]


def pack_padded_sequence(
    input: Tensor,
    lengths: Tensor | Sequence[int],
    batch_first: bool = False,
    enforce_sorted: bool = True,
) -> PackedSequence:
    """Leave out the padding of sequences.

    Args:
        input: (T, N, ...), or (N, T, ...) if `batch_first`: N sequences, padded to length T.
        lengths: (N,), the sequences' lengths.
        batch_first: see `input`; default False.
        enforce_sorted: the lengths must not increase; if False, the sequences are sorted.
            Default True.

    Raises:
        ShapeError: another number of lengths than of sequences, or a length not in 1 to T.
        RuntimeError: the lengths increase, and `enforce_sorted`.

    Source: PyTorch's ``torch.nn.utils.rnn.pack_padded_sequence``.

    Example:
        >>> import autograd_core as ag
        >>> packed = pack_padded_sequence(ag.tensor([[1, 2, 0], [3, 0, 0]]), [2, 1], True)
        >>> packed.data, packed.batch_sizes
        (tensor([1, 3, 2]), tensor([2, 1]))
    """
    sizes = _on_host(lengths)
    shape = tuple(input.shape)
    if input.ndim < 2 or sizes.shape != (shape[0 if batch_first else 1],):
        raise ShapeError(
            f"pack_padded_sequence: expected one length for each sequence of an input of shape "
            f"{shape} (batch_first={batch_first}), got lengths of shape {sizes.shape}"
        )
    longest = shape[1 if batch_first else 0]
    if not len(sizes) or sizes.min() <= 0 or sizes.max() > longest:
        raise ShapeError(
            f"pack_padded_sequence: expected lengths from 1 to {longest}, got {sizes.tolist()}"
        )
    order = None
    if not enforce_sorted:
        order = np.argsort(-sizes, kind="stable")
        sizes = sizes[order]
    elif (sizes[1:] > sizes[:-1]).any():
        raise RuntimeError(
            f"pack_padded_sequence: the lengths must not increase, got {sizes.tolist()}. Mend: "
            f"enforce_sorted=False sorts the sequences"
        )
    batch_sizes = (sizes[:, None] > np.arange(sizes[0])).sum(0)
    steps, sequences = _packed_places(batch_sizes)
    if order is not None:
        sequences = order[sequences]
    places = sequences * shape[1] + steps if batch_first else steps * shape[1] + sequences
    rows = shape[0] * shape[1]
    data = take_rows(input.reshape(rows, *shape[2:]), _index(places, input), rows)
    return PackedSequence(
        data,
        ag.tensor(batch_sizes, device="cpu"),
        None if order is None else _index(order, input),
    )


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Pad packed sequences to one length, in the order they had before they were packed.

    Args:
        sequence: what :func:`pack_padded_sequence` or a recurrent layer returned.
        batch_first: return (N, T, ...) instead of (T, N, ...); default False.
        padding_value: what stands after the end of a sequence; default 0.
        total_length: the length to pad to; default that of the longest sequence.

    Returns:
        The padded sequences, and their lengths (N,), on the CPU.

    Raises:
        ValueError: `total_length` is less than the longest sequence.

    Source: PyTorch's ``torch.nn.utils.rnn.pad_packed_sequence``.

    Example:
        >>> import autograd_core as ag
        >>> packed = pack_sequence([ag.tensor([1, 2]), ag.tensor([3])])
        >>> pad_packed_sequence(packed, batch_first=True)
        (tensor([[1, 2],
                [3, 0]]), tensor([2, 1]))
    """
    batch_sizes = _on_host(sequence.batch_sizes)
    length, number = len(batch_sizes), int(batch_sizes[0])
    if total_length is not None:
        if total_length < length:
            raise ValueError(
                f"pad_packed_sequence: expected total_length to be at least the length of the "
                f"longest sequence, {length}, got {total_length}"
            )
        length = total_length
    steps, sequences = _packed_places(batch_sizes)
    lengths = (batch_sizes[:, None] > np.arange(number)).sum(0)
    if sequence.sorted_indices is not None:
        order = _on_host(sequence.sorted_indices)
        sequences = order[sequences]
        lengths = lengths[np.argsort(order)]
    places = sequences * length + steps if batch_first else steps * number + sequences
    data = sequence.data
    rows = put_rows(data, _index(places, data), length * number, padding_value)
    sizes = (number, length) if batch_first else (length, number)
    return rows.reshape(*sizes, *data.shape[1:]), ag.tensor(lengths, device="cpu")


def pad_sequence(
    sequences: Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Pad sequences to the length of the longest, and stack them.

    Args:
        sequences: tensors (length, ...), which differ in length alone.
        batch_first: return (N, T, ...) instead of (T, N, ...); default False.
        padding_value: what stands beside the shorter ones; default 0.
        padding_side: "right" (default) pads after the end, "left" before the beginning.

    Raises:
        RuntimeError: no sequence, or another `padding_side`.
        ShapeError: a sequence without dimensions, or sizes that differ.

    Source: PyTorch's ``torch.nn.utils.rnn.pad_sequence``.

    Example:
        >>> import autograd_core as ag
        >>> pad_sequence([ag.tensor([1, 2]), ag.tensor([3])], batch_first=True)
        tensor([[1, 2],
                [3, 0]])
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: expected an iterable of tensors, got {type(sequences).__name__}"
        )
    given = list(sequences)
    if not given:
        raise RuntimeError("pad_sequence: expected at least one sequence, got none")
    if padding_side not in ("right", "left"):
        raise RuntimeError(
            f"pad_sequence: padding_side must be 'right' or 'left', got {padding_side!r}"
        )
    if any(one.ndim == 0 for one in given):
        raise ShapeError("pad_sequence: a tensor of no dimensions is no sequence")
    sizes = np.array([one.shape[0] for one in given])
    length, number = int(sizes.max()), len(given)
    ordinals = np.repeat(np.arange(number), sizes)
    steps = np.arange(len(ordinals)) - (np.cumsum(sizes) - sizes)[ordinals]
    if padding_side == "left":
        steps += (length - sizes)[ordinals]
    places = ordinals * length + steps if batch_first else steps * number + ordinals
    data = ag.cat(given)
    rows = put_rows(data, _index(places, data), length * number, padding_value)
    grid = (number, length) if batch_first else (length, number)
    return rows.reshape(*grid, *data.shape[1:])


def unpad_sequence(
    padded_sequences: Tensor, lengths: Tensor | Sequence[int], batch_first: bool = False
) -> list[Tensor]:
    """The sequences without their padding.

    Args:
        padded_sequences: (T, N, ...), or (N, T, ...) if `batch_first`.
        lengths: (N,), the sequences' lengths.
        batch_first: see `padded_sequences`; default False.

    Raises:
        ShapeError: another number of lengths than of sequences.

    Source: PyTorch's ``torch.nn.utils.rnn.unpad_sequence``.

    Example:
        >>> import autograd_core as ag
        >>> unpad_sequence(ag.tensor([[1, 2], [3, 0]]), [2, 1], batch_first=True)
        [tensor([1, 2]), tensor([3])]
    """
    sizes = _on_host(lengths).tolist()
    parts = padded_sequences.unbind(0 if batch_first else 1)
    if len(parts) != len(sizes):
        raise ShapeError(
            f"unpad_sequence: expected a length for each of {len(parts)} sequences, got "
            f"{len(sizes)}"
        )
    return [part[:size] for part, size in zip(parts, sizes)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences of different lengths.

    Args:
        sequences: tensors (length, ...), which differ in length alone.
        enforce_sorted: the lengths must not increase; if False, the sequences are sorted.
            Default True.

    Raises:
        ShapeError: a sequence of length 0, or sizes that differ.
        RuntimeError: the lengths increase, and `enforce_sorted`.

    Source: PyTorch's ``torch.nn.utils.rnn.pack_sequence``.

    Example:
        >>> import autograd_core as ag
        >>> pack_sequence([ag.tensor([1, 2]), ag.tensor([3])]).batch_sizes
        tensor([2, 1])
    """
    lengths = [one.shape[0] for one in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences that were packed, in the order they had then.

    Args:
        packed_sequences: what :func:`pack_sequence` or a recurrent layer returned.

    Source: PyTorch's ``torch.nn.utils.rnn.unpack_sequence``.

    Example:
        >>> import autograd_core as ag
        >>> unpack_sequence(pack_sequence([ag.tensor([1, 2]), ag.tensor([3])]))
        [tensor([1, 2]), tensor([3])]
    """
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
