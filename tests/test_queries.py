"""Questions about tensors, and names that PyTorch has for the same thing."""

from __future__ import annotations

import os
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


def test_modes_and_names_of_types() -> None:
    with ag.inference_mode():
        x = ag.ones(2)
    assert ag.is_inference(x) and not ag.is_inference(ag.ones(2))
    w = ag.ones(2, requires_grad=True)
    assert not ag.detach(w * 2).requires_grad and ag.detach(w).data_ptr() == w.data_ptr()
    assert ag.detach_copy(w).data_ptr() != w.data_ptr()
    names = [ag.typename(v) for v in (1, ag.nn.Linear, ag.nn.Linear(1, 1), np.sum)]
    linear = "autograd_core.nn.linear.Linear"
    assert names == ["int", linear, linear, "numpy.sum"]


def test_layouts_are_accepted() -> None:
    x = ag.ones(1, 2, 3, 4)
    for order in (ag.contiguous_format, ag.preserve_format, ag.channels_last):
        for y in (x.clone(memory_format=order), x.to(memory_format=order)):
            assert y.shape == x.shape and isinstance(order, ag.memory_format)
    assert x.layout is ag.strided and isinstance(x.layout, ag.layout)
    assert repr(ag.channels_last) == "autograd_core.channels_last"
    assert not (x.is_sparse or x.is_quantized or x.is_meta or x.is_nested or x.is_pinned())
    assert x.is_cpu == (x.device.type == "cpu") and x.pin_memory() is x
    assert x[ag.newaxis].ndim == 5


@pytest.mark.cpu_only
def test_settings_beside_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for library in (ag, torch):
        before = library.get_num_threads()
        library.set_num_threads(1)
        assert library.get_num_threads() == 1
        library.set_num_threads(before)
        for mode, number in (("warn", 1), (2, 2), ("default", 0)):
            library.set_deterministic_debug_mode(mode)
            assert library.get_deterministic_debug_mode() == number
        library.set_float32_matmul_precision("high")
        assert library.get_float32_matmul_precision() == "high"
        library.set_float32_matmul_precision("highest")
    for function, wrong, error in (
        (ag.set_num_threads, 0, ValueError),
        (ag.set_num_threads, 1.5, TypeError),
        (ag.set_deterministic_debug_mode, "often", ValueError),
        (ag.set_float32_matmul_precision, "low", ValueError),
    ):
        with pytest.raises(error, match=f"{function.__name__}: .* got {wrong!r}"):
            function(wrong)


@pytest.mark.cpu_only
def test_set_num_threads_reaches_openblas() -> None:
    from autograd_core import info

    before = ag.get_num_threads()
    ag.set_num_threads(2)
    assert info.collect()["blas"].get("threads", 2) == 2
    ag.set_num_threads(before)


@pytest.mark.cpu_only
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_shared_memory_is_seen_by_children() -> None:
    x = ag.zeros(2, 3).share_memory_()
    child = os.fork()
    if not child:
        x[1, 2] = 5
        os._exit(0)
    os.waitpid(child, 0)
    assert x.tolist() == [[0, 0, 0], [0, 0, 5]]
    assert x.is_shared() and x[1:].is_shared() and not x.clone().is_shared()
    w = ag.ones(2, requires_grad=True)
    assert w.share_memory_() is w and w.is_leaf
    (w * 3).sum().backward()
    assert w.grad.tolist() == [3, 3]
    assert ag.zeros(0).share_memory_().tolist() == []


def test_in_place_variants_are_functions() -> None:
    x = ag.tensor([0.0, 1.0])
    assert ag.exp_(x) is x and ag.zero_(x).tolist() == [0, 0] and ag.fill_(x, 2).tolist() == [2, 2]
    assert ag.clamp_max_(x, 1).tolist() == [1, 1] and ag.selu(x).tolist() == F.selu(x).tolist()
