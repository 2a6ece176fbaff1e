"""Memory that is shared with NumPy, PyTorch and others: seen by both, and watched."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import GraphError
from autograd_core.utils import dlpack

pytestmark = pytest.mark.cpu_only

# --- numpy() and __array__ ------------------------------------------------------------------------


def test_numpy_shares_memory() -> None:
    t = ag.tensor([1.0, 2.0])
    array = t.numpy()
    array[0] = 5
    assert t.tolist() == [5, 2]
    t.mul_(2)
    assert array.tolist() == [10, 4]
    assert array is not t.numpy()


def test_numpy_of_a_tensor_that_requires_grad_is_read_only() -> None:
    t = ag.tensor([1.0, 2.0], requires_grad=True)
    for array in (t.numpy(), (t * 2).numpy(), np.asarray(t)):
        assert not array.flags.writeable
        with pytest.raises(ValueError, match=r"read-only|WRITEABLE"):
            array.setflags(write=True)
            array[0] = 1
    assert t.detach().numpy().flags.writeable


def test_a_write_through_numpy_is_noticed() -> None:
    x, w = ag.tensor([1.0, 2.0]), ag.tensor([3.0, 4.0], requires_grad=True)
    loss = (x * w).sum()
    array = x.numpy()
    array[0] = 9
    with pytest.raises(GraphError, match="overwritten outside"):
        loss.backward()
    loss = (x * w).sum()  # the new value is what counts now
    array[1] = 7
    with pytest.raises(GraphError, match="overwritten outside"):
        loss.backward()
    loss = (x * w).sum()
    loss.backward()
    assert w.grad.tolist() == [9, 7]


def test_looking_at_memory_through_parts_of_it_is_no_write() -> None:
    w = ag.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    x = w * 1
    diagonal = x.detach().diagonal()
    loss = (x**2).sum()
    assert x.detach().numpy().sum() == 10 and diagonal.numpy().sum() == 5
    loss.backward()
    assert w.grad.tolist() == [[2, 4], [6, 8]]


def test_a_write_through_a_view_of_what_numpy_gave_is_noticed() -> None:
    x, w = ag.ones(2, 3), ag.ones(2, 3, requires_grad=True)
    view = x.reshape(3, 2).numpy().T[0]
    loss = (x * w).sum()
    view[1] = 5
    with pytest.raises(GraphError, match="overwritten outside"):
        loss.backward()


def test_memory_is_watched_no_longer_than_someone_holds_it() -> None:
    x, w = ag.ones(2), ag.ones(2, requires_grad=True)
    part = x.detach().numpy()[:1]
    loss = (x * w).sum()
    assert isinstance(loss.grad_fn.next_functions[0][0].saved[2], tuple), "fingerprinted"
    del part
    gc.collect()
    after = (x * w).sum()
    assert isinstance(after.grad_fn.next_functions[0][0].saved[2], int), "counted only"
    loss.backward()
    after.backward()
    assert w.grad.tolist() == [2, 2]
    x.add_(1)
    with pytest.raises(RuntimeError):
        loss.backward()


def test_reading_again_and_again_disturbs_nothing() -> None:
    x, w = ag.ones(2), ag.ones(2, requires_grad=True)
    losses = []
    for _ in range(5):
        losses.append((x * w).sum())
        x.numpy()
        x.detach().numpy()
        w.detach().numpy()
    fresh = ag.ones(2)
    for _ in range(5):
        fresh.numpy()
    assert len(fresh._counter.holders) <= 1 and len(x._counter.holders) <= 1
    assert x._version == 0
    for loss in losses:
        loss.backward()
    assert w.grad.tolist() == [5, 5]


def test_an_engine_write_after_numpy_is_a_write() -> None:
    x, w = ag.ones(2), ag.ones(2, requires_grad=True)
    array = x.numpy()
    loss = (x * w).sum()
    x.add_(1)
    with pytest.raises(GraphError, match="changed in place"):
        loss.backward()
    assert x._version == 1 and array.tolist() == [2, 2]


def test_dtypes() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    t = ag.tensor([1.0, 2.0], dtype=ag.bfloat16)
    array = t.numpy()
    assert array.dtype == ml_dtypes.bfloat16
    array[0] = 3
    assert t.tolist() == [3, 2]
    for dtype in (ag.float16, ag.float64, ag.int8, ag.uint8, ag.complex64):
        assert ag.ones(2, dtype=dtype).numpy().dtype == dtype.numpy
    assert ag.tensor([True]).numpy().dtype == bool
    assert ag.tensor(3.0).numpy().shape == () and ag.zeros(0, 2).numpy().shape == (0, 2)


def test_numpy_of_views() -> None:
    t = ag.arange(6).reshape(2, 3)
    assert t.T.numpy().tolist() == [[0, 3], [1, 4], [2, 5]]
    assert t.T.numpy().strides == t.T._array.strides
    assert ag.ones(1).expand(3).numpy().tolist() == [1, 1, 1]
    assert t.numpy(force=True).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_array_conversion() -> None:
    t = ag.tensor([1.5, 2.5], requires_grad=True)
    assert np.asarray(t).dtype == np.float32
    assert np.asarray(t, dtype=np.int64).tolist() == [1, 2]
    copied = np.array(t)
    copied[0] = 0
    assert t.tolist() == [1.5, 2.5]
    with pytest.raises(ValueError, match="copy"):
        t.__array__(np.float64, copy=False)
    assert list(map(float, t)) == [1.5, 2.5]


# --- DLPack ---------------------------------------------------------------------------------------


def test_dlpack_with_numpy() -> None:
    t = ag.tensor([1.0, 2.0])
    array = np.from_dlpack(t)
    array[0] = 5
    assert t.tolist() == [5, 2]
    back = ag.from_dlpack(array)
    back.mul_(2)
    assert t.tolist() == [10, 4]
    assert t.__dlpack_device__() == (1, 0)
    assert ag.from_dlpack(t).data_ptr() == t.data_ptr()


def test_dlpack_with_pytorch() -> None:
    torch = pytest.importorskip("torch")
    t = ag.tensor([[1.0, 2.0], [3.0, 4.0]])
    theirs = torch.from_dlpack(t.T)
    theirs[0, 1] = 9
    assert t.tolist() == [[1, 2], [9, 4]] and theirs.data_ptr() == t.data_ptr()
    ours = ag.from_dlpack(torch.arange(3))
    assert ours.tolist() == [0, 1, 2] and ours.dtype == ag.int64
    source = torch.ones(2)
    ours = ag.from_dlpack(source)
    ours.mul_(3)
    assert source.tolist() == [3, 3]
    capsule = torch.utils.dlpack.to_dlpack(source)
    assert dlpack.from_dlpack(capsule).tolist() == [3, 3]
    assert torch.utils.dlpack.from_dlpack(dlpack.to_dlpack(t)).tolist() == t.tolist()


def test_writes_behind_dlpack_are_noticed() -> None:
    torch = pytest.importorskip("torch")
    w = ag.ones(2, requires_grad=True)
    x = ag.ones(2)
    theirs = torch.from_dlpack(x)
    loss = (x * w).sum()
    theirs[0] = 5
    with pytest.raises(GraphError, match="overwritten outside"):
        loss.backward()
    source = torch.ones(2)
    loss = (ag.from_dlpack(source) * w).sum()
    source[0] = 5
    with pytest.raises(GraphError, match="overwritten outside"):
        loss.backward()


def test_what_dlpack_refuses() -> None:
    t = ag.ones(2, requires_grad=True)
    with pytest.raises(BufferError, match=r"requires grad.*detach\(\)"):
        t.__dlpack__()
    with pytest.raises(TypeError, match="__dlpack__"):
        ag.from_dlpack([1, 2])
    with pytest.raises(BufferError, match="stream"):
        t.detach().__dlpack__(stream=1)
    with pytest.raises(AttributeError):
        _ = t.detach().__cuda_array_interface__


def test_pytorch_tensors_are_data() -> None:
    torch = pytest.importorskip("torch")
    assert ag.tensor(torch.tensor([1.0, 2.0])).tolist() == [1, 2]
    assert torch.as_tensor(ag.tensor([1.0, 2.0]).numpy()).tolist() == [1, 2]
