"""Questions about tensors, and names that PyTorch has for the same thing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.nn import functional as F


def test_questions() -> None:
    x = ag.zeros(2, 3)
    assert ag.numel(x) == 6
    assert ag.is_same_size(x, ag.ones(2, 3)) and not x.is_same_size(x.mT)
    assert ag.is_signed(x) and not ag.is_signed(x.bool()) and not x.to(ag.uint8).is_signed()
    assert not ag.is_conj((x + 1j).conj()) and not ag.is_neg(-x)
    assert ag.is_nonzero(ag.tensor([[2.0]])) and not ag.is_nonzero(ag.tensor(0))
    with pytest.raises(RuntimeError, match="is_nonzero: expected one element"):
        ag.is_nonzero(x)


@pytest.mark.cpu_only
def test_types_by_their_older_names() -> None:
    torch = pytest.importorskip("torch")
    for library in (ag, torch):
        x = library.ones(2)
        assert x.type() == "torch.FloatTensor"
        for name in ("Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool"):
            assert x.type(f"torch.{name}Tensor").type() == f"torch.{name}Tensor"
        assert x.type(library.float64).dtype == library.float64
        assert x.type(library.complex64).type() == "torch.ComplexFloatTensor"
        with pytest.raises(ValueError, match="type"):
            x.type("torch.RealTensor")


@pytest.mark.cpu_only
def test_places_beside_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for library in (ag, torch):
        x = library.arange(24).reshape(4, 6)
        offsets = [
            x.storage_offset(), x[1:, 2:].storage_offset(), x[2].storage_offset(),
            x.T[3].storage_offset(), x[1:][1:].clone().storage_offset(),
        ]  # fmt: skip
        assert offsets == [0, 8, 12, 3, 0]
        assert library.get_device(x) == x.get_device() == -1


def test_adjoint() -> None:
    x = ag.tensor([[1.0, 2 + 1j]])
    assert x.adjoint().tolist() == ag.adjoint(x).tolist() == x.mH.tolist() == [[1], [2 - 1j]]


@pytest.mark.cpu_only
def test_tensors_on_buffers() -> None:
    torch = pytest.importorskip("torch")
    buffer = bytearray(np.arange(6, dtype=np.int32).tobytes())
    for options in ({}, {"count": 2}, {"offset": 4}, {"count": 2, "offset": 8}):
        got, want = (x.frombuffer(buffer, dtype=x.int32, **options) for x in (ag, torch))
        assert got.tolist() == want.tolist()
    ag.frombuffer(buffer, dtype=ag.int32)[0] = 77
    assert np.frombuffer(buffer, np.int32)[0] == 77
    for options in ({"count": 9}, {"offset": 24}, {"offset": -1}, {"count": 0}, {"offset": 3}):
        with pytest.raises(ValueError, match="frombuffer"):
            ag.frombuffer(buffer, dtype=ag.int32, **options)
    with pytest.raises(ValueError, match="frombuffer: offset"):
        ag.frombuffer(b"", dtype=ag.int32)
    with pytest.raises(TypeError, match="frombuffer: buffer"):
        ag.frombuffer([1, 2], dtype=ag.int32)


@pytest.mark.parametrize("name", ["expand", "diagonal", "unbind", "view", "as_strided"])
def test_copies_share_no_memory(name: str) -> None:
    args: dict[str, tuple[Any, ...]] = {
        "expand": ((2, 3),), "view": ((3, 1),), "as_strided": ((2, 2), (1, 1)),
    }  # fmt: skip
    x = ag.ones(1, 3)
    out = getattr(ag, f"{name}_copy")(x, *args.get(name, ()))
    for copy in out if isinstance(out, tuple) else [out]:
        copy.fill_(7)
    assert x.tolist() == [[1, 1, 1]]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_pooling_with_indices(n: int) -> None:
    x = ag.tensor(np.random.default_rng(0).standard_normal((1, 2, *(4,) * n)))
    for name, args in (("max_pool", (2,)), ("adaptive_max_pool", (3,))):
        got = getattr(F, f"{name}{n}d_with_indices")(x, *args)
        want = getattr(F, f"{name}{n}d")(x, *args, return_indices=True)
        assert [t.tolist() for t in got] == [t.tolist() for t in want]
        assert len(got) == 2
