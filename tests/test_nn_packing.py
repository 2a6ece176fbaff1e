"""Packed and padded sequences beside PyTorch's: order, values, gradients, errors."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from nn_calls import check_calls

import autograd_core as ag
from autograd_core import nn

LENGTHS = [[4, 3, 3, 1], [1, 4, 2, 4], [2], [3, 3], [1, 2, 3]]
CASES = list(itertools.product(LENGTHS, [False, True], [(), (2,), (2, 3)]))

cases = pytest.mark.parametrize("lengths,batch_first,features", CASES, ids=str)


def tools() -> tuple[Any, Any]:
    torch = pytest.importorskip("torch")
    return nn.utils.rnn, torch.nn.utils.rnn


def values(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape)


def is_sorted(lengths: list[int]) -> bool:
    return lengths == sorted(lengths, reverse=True)


@cases
def test_pack_padded_sequence(lengths: list[int], batch_first: bool, features: Any) -> None:
    ours, theirs = tools()
    sizes = (len(lengths), 5) if batch_first else (5, len(lengths))
    x = values(*sizes, *features)
    for enforce_sorted in {False, is_sorted(lengths)}:

        def pack(kit: Any, enforce_sorted: bool = enforce_sorted) -> Any:
            return lambda x: tuple(
                kit.pack_padded_sequence(x, lengths, batch_first, enforce_sorted)
            )

        check_calls(pack(ours), pack(theirs), (x,), "float64", 0)


@cases
@pytest.mark.parametrize("total_length", [None, 6])
def test_pad_packed_sequence(
    lengths: list[int], batch_first: bool, features: Any, total_length: int | None
) -> None:
    ours, theirs = tools()

    def there_and_back(kit: Any) -> Any:
        def run(x: Any) -> Any:
            packed = kit.pack_padded_sequence(x, lengths, enforce_sorted=False)
            return kit.pad_packed_sequence(packed, batch_first, -1.5, total_length)

        return run

    x = values(5, len(lengths), *features)
    check_calls(there_and_back(ours), there_and_back(theirs), (x,), "float64", 0)


@cases
def test_pack_and_pad_sequences(lengths: list[int], batch_first: bool, features: Any) -> None:
    ours, theirs = tools()
    given = tuple(values(n, *features) for n in lengths)

    def each(kit: Any) -> Any:
        def run(*sequences: Any) -> Any:
            packed = kit.pack_sequence(list(sequences), enforce_sorted=False)
            padded = kit.pad_sequence(sequences, batch_first)
            left = kit.pad_sequence(sequences, batch_first, 2.0, padding_side="left")
            back = kit.unpad_sequence(
                # (PyTorch's transposes its argument in place.)
                padded * 1,
                type(padded)(lengths) if kit is theirs else lengths,
                batch_first,
            )
            again = kit.unpack_sequence(packed)
            assert len(back) == len(again) == len(lengths)
            return *packed, padded, left, *back, *again

        return run

    check_calls(each(ours), each(theirs), given, "float64", 0)


def test_second_derivatives() -> None:
    x = ag.randn(3, 2, dtype=ag.float64, requires_grad=True)

    def squares(x: Any) -> Any:
        packed = nn.utils.rnn.pack_padded_sequence(x, [2, 3], enforce_sorted=False)
        return nn.utils.rnn.pad_packed_sequence(packed)[0] ** 2 * packed.data.sum()

    assert ag.autograd.gradcheck(squares, (x,))
    assert ag.autograd.gradgradcheck(squares, (x,))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "int64", "bool"])
def test_dtypes_are_kept(dtype: str) -> None:
    kind = getattr(ag, dtype)
    packed = nn.utils.rnn.pack_sequence([ag.ones(2, dtype=kind), ag.ones(1, dtype=kind)])
    assert packed.data.dtype is kind
    assert nn.utils.rnn.pad_packed_sequence(packed)[0].dtype is kind


def test_conversions() -> None:
    packed = nn.utils.rnn.pack_sequence([ag.tensor([1, 2]), ag.tensor([3, 4, 5])], False)
    assert packed.to(ag.int64) is packed.long() is packed
    for name in ("double", "float", "half", "int", "short", "char", "byte"):
        other = getattr(packed, name)()
        assert other.data.tolist() == [3, 1, 4, 2, 5] and other.data.dtype != ag.int64
        assert other.sorted_indices.tolist() == [1, 0] and other.batch_sizes.tolist() == [2, 2, 1]
    assert packed.cpu().data.device.type == packed.batch_sizes.device.type == "cpu"
    assert packed.sorted_indices.device == packed.data.device
    assert not packed.is_cuda
    assert nn.utils.rnn.PackedSequence(*packed[:3]).unsorted_indices.tolist() == [1, 0]
    assert packed.pin_memory().data.tolist() == packed.data.tolist() and not packed.is_pinned()
    assert nn.utils.rnn.invert_permutation(None) is None


def test_the_input_is_not_changed() -> None:
    x = ag.ones(3, 2)
    assert [len(part) for part in nn.utils.rnn.unpad_sequence(x, ag.tensor([3, 1]))] == [3, 1]
    assert x.shape == (3, 2)


pack, kit = nn.utils.rnn.pack_padded_sequence, nn.utils.rnn


@pytest.mark.parametrize(
    "call,error,message",
    [
        (lambda: pack(ag.ones(4, 3), [3, 2]), RuntimeError, "one length for each sequence"),
        (lambda: pack(ag.ones(4), [3]), RuntimeError, "one length for each sequence"),
        (lambda: pack(ag.ones(4, 2), [5, 2]), RuntimeError, "lengths from 1 to 4, got [5, 2]"),
        (lambda: pack(ag.ones(4, 2), [2, 0]), RuntimeError, "lengths from 1 to 4"),
        (lambda: pack(ag.ones(4, 0), []), RuntimeError, "lengths from 1 to 4"),
        (lambda: pack(ag.ones(4, 2), [2, 3]), RuntimeError, "enforce_sorted=False"),
        (lambda: kit.pack_sequence([ag.ones(2), ag.ones(0)]), RuntimeError, "lengths from 1"),
        (lambda: kit.pad_packed_sequence(kit.pack_sequence([ag.ones(2)]), total_length=1),
         ValueError, "total_length to be at least"),
        (lambda: kit.pad_sequence(3), RuntimeError, "iterable"),
        (lambda: kit.pad_sequence([]), RuntimeError, "at least one sequence"),
        (lambda: kit.pad_sequence([ag.tensor(1.0)]), RuntimeError, "no dimensions"),
        (lambda: kit.pad_sequence([ag.ones(2, 2), ag.ones(2, 3)]), RuntimeError, "equal shape"),
        (lambda: kit.pad_sequence([ag.ones(2)], padding_side="x"), RuntimeError, "padding_side"),
        (lambda: kit.unpad_sequence(ag.ones(3, 2), [3]), RuntimeError, "each of 2 sequences"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
