"""The engine on a GPU: devices, indexing, random numbers, exchange of memory, and whether writes
behind its back are noticed. As in ``test_gpu_operators``, on a GPU and on a CuPy that is acted out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.backends.base import Backend
from autograd_core.backends.philox import PhiloxStream
from autograd_core.backends.registry import get_backend
from autograd_core.errors import GraphError
from autograd_core.generator import default_generator

pytestmark = pytest.mark.usefixtures("gpu")


def on_gpu(values: Any, dtype: Any = None, requires_grad: bool = False) -> Any:
    return ag.tensor(values, dtype=dtype, device="cuda", requires_grad=requires_grad)


# --- devices -------------------------------------------------------------------------------------


def test_the_switch_in_all_its_forms() -> None:
    for made in (
        ag.zeros(2, device="cuda"),
        ag.zeros(2, device="cuda:0"),
        ag.zeros(2, device=ag.device("cuda", 0)),
        ag.zeros(2).cuda(),
        ag.zeros(2).cuda(0),
        ag.zeros(2).to("cuda"),
        ag.zeros(2).to(ag.zeros(1, device="cuda")),
        ag.ones_like(ag.zeros(2), device="cuda"),
        ag.rand(2, device="cuda"),
        ag.arange(2.0, device="cuda"),
        ag.full((2,), 1.0, device="cuda"),
    ):
        assert made.device == ag.device("cuda:0") and made.is_cuda
    with ag.device("cuda"):
        assert ag.tensor([1.0]).is_cuda and not ag.tensor([1.0], device="cpu").is_cuda
    ag.set_default_device("cuda")
    assert ag.eye(2).is_cuda and ag.linspace(0, 1, 3).is_cuda
    ag.set_default_device("cpu")
    assert ag.cuda.is_available() and ag.cuda.device_count() >= 1
    ag.cuda.synchronize()
    with pytest.raises(RuntimeError, match="the last CUDA device is"):
        ag.zeros(2, device="cuda:99")


@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "int64", "float16", "bfloat16", "float32", "float64", "complex64"]
)
def test_there_and_back(dtype: str) -> None:
    values = np.array([[0, 1, 2], [3, 0, 5]])
    here = ag.tensor(values).to(getattr(ag, dtype))
    there = here.to("cuda")
    assert there.dtype is here.dtype and there.shape == here.shape
    assert there.cpu().tolist() == here.tolist() == there.t().cpu().t().tolist()
    assert there.to("cuda") is there and here.cpu() is here
    assert there.tolist() == here.tolist() and there[1, 0].item() == here[1, 0].item()
    assert np.array_equal(there.numpy(force=True), here.numpy())
    there[0, 0] = 1
    assert here[0, 0].item() == 0


def test_gradients_cross_between_devices() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    y = x.cuda()
    z = (y * y).cpu()
    assert not z.is_cuda and y.is_cuda and not y.is_leaf
    (z * 3).sum().backward()
    assert x.grad is not None and not x.grad.is_cuda and x.grad.tolist() == [6.0, 12.0]


def test_devices_do_not_mix_but_numbers_do() -> None:
    x, y = on_gpu([1.0, 2.0]), ag.tensor([1.0, 2.0])
    mixtures: list[Callable[[], Any]] = [
        lambda: x + y, lambda: y * x, lambda: x @ y, lambda: ag.cat([x, y]), lambda: x.copy_(y) + y,
        lambda: ag.where(x > 1, x, y), lambda: ag.nn.functional.linear(x, ag.ones(3, 2)),
        lambda: x + np.ones(2), lambda: np.ones(2) * x,
    ]  # fmt: skip
    for mixture in mixtures:
        with pytest.raises((RuntimeError, TypeError), match="cpu|cuda|device"):
            mixture()
    assert (x + ag.tensor(1)).tolist() == [2.0, 3.0]
    assert (x * np.float32(2) + 1).tolist() == [3.0, 5.0] and (2 / x).tolist() == [2.0, 1.0]
    with pytest.raises(TypeError, match=r"\.cpu\(\)\.numpy\(\)"):
        x.numpy()
    with pytest.raises(TypeError):
        np.asarray(x)


def test_a_tensor_without_dimensions_may_come_from_the_cpu() -> None:
    assert (on_gpu([1.0, 2.0]) + ag.tensor(1.0)).tolist() == [2.0, 3.0]


# --- indices -------------------------------------------------------------------------------------

INDICES: list[Any] = [
    0, -1, slice(1, 3), (slice(None), 2), (Ellipsis, None), [0, 2], [-1, 0, 0], ([0, 1], [1, -1]),
    (slice(None), [1, 1]), np.array([[0, 1], [2, 0]]), (0, [1, 2]), ([0, 1], slice(None, None, 2)),
    "mask", "rows", "tensor", "cpu tensor",
]  # fmt: skip


def index_of(index: Any, x: Any) -> Any:
    made = {
        "mask": lambda: x.detach() > 0,
        "rows": lambda: x.detach()[:, 0] > 0,
        "tensor": lambda: ag.tensor([2, 0], device=x.device),
        "cpu tensor": lambda: ag.tensor([2, 0], device="cpu"),
    }
    return made[index]() if isinstance(index, str) else index


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_indexing(index: Any) -> None:
    values = np.random.default_rng(0).normal(size=(3, 4))
    found = []
    for where in ("cuda", "cpu"):
        x = ag.tensor(values, device=where, requires_grad=True)
        y = x[index_of(index, x)]
        assert y.device.type == where
        (grad,) = ag.autograd.grad((y * y).sum(), x)
        written = x * 1
        written[index_of(index, x)] = 7.0
        (kept,) = ag.autograd.grad((written * written).sum(), x)
        with ag.no_grad():
            put = x.clone()
            put[index_of(index, x)] = ag.ones_like(put[index_of(index, x)]) * 2
        found.append([t.tolist() for t in (y, grad, written, kept, put)])
    assert found[0] == found[1]


def test_index_out_of_range() -> None:
    """CuPy wraps around; what was noted on the device raises when the host next reads."""
    x = on_gpu([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(IndexError):
        x[2]
    with pytest.raises(IndexError):
        x[0, -3]
    far = on_gpu([0, 2])
    asked: list[Callable[[], Any]] = [
        lambda: x[far], lambda: x[:, far], lambda: x[[0, -3]], lambda: ag.gather(x, 1, far[None]),
        lambda: x.index_select(0, far), lambda: ag.take_along_dim(x, far[None], 1),
        lambda: x.clone().index_add_(0, far, x), lambda: ag.scatter(x, 1, far[None], x[:1]),
        lambda: ag.nn.functional.cross_entropy(x, far),
    ]  # fmt: skip
    for ask in asked:
        with pytest.raises(IndexError, match="out of range"):
            ask().sum().item()
        assert x.sum().item() == 10.0  # reported once, and nothing is broken
    with pytest.raises(IndexError, match="out of range"):
        x[far]
        ag.cuda.synchronize()


def test_gradients_of_repeated_indices_add_up() -> None:
    for dtype in (ag.float64, ag.float32, ag.float16, ag.bfloat16, ag.complex64):
        x = on_gpu([1.0, 2.0, 3.0], dtype=dtype, requires_grad=True)
        x[on_gpu([0] * 100 + [2])].real.sum().backward()
        assert x.grad.dtype is dtype and x.grad.tolist() == [100.0, 0.0, 1.0]


# --- random numbers ------------------------------------------------------------------------------

DRAWS: dict[str, Callable[[str], Any]] = {
    "rand": lambda where: ag.rand(1001, device=where),
    "rand float64": lambda where: ag.rand(33, dtype=ag.float64, device=where),
    "rand bfloat16": lambda where: ag.rand(33, dtype=ag.bfloat16, device=where),
    "randn": lambda where: ag.randn(7, 11, device=where),
    "randint": lambda where: ag.randint(-5, 1000, (99,), device=where),
    "randperm": lambda where: ag.randperm(99, device=where),
    "bernoulli": lambda where: ag.empty(99, device=where).bernoulli_(0.3),
    "exponential": lambda where: ag.empty(99, device=where).exponential_(2.0),
    "transposed": lambda where: ag.empty(4, 5, device=where).t().normal_(),
}


@pytest.mark.parametrize("name", DRAWS)
def test_random_numbers_are_those_of_the_array_version(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = PhiloxStream(get_backend("cpu"), ag.device("cpu"))
    monkeypatch.setattr(default_generator, "_made", stream)
    drawn = []
    for where in ("cuda", "cpu"):
        ag.manual_seed(3)
        drawn.append([DRAWS[name](where) for _ in range(2)])
    for there, here in zip(*drawn, strict=True):
        assert there.is_cuda and there.dtype is here.dtype and there.shape == here.shape
        got, want = (np.array(t.float().tolist()) for t in (there, here))
        exact = name not in ("randn", "exponential", "transposed")  # log, sin and cos differ
        np.testing.assert_allclose(got, want, rtol=0 if exact else 1e-5, atol=0 if exact else 1e-5)
    assert drawn[0][0].tolist() != drawn[0][1].tolist()


def test_random_states() -> None:
    ag.manual_seed(1)
    state = ag.cuda.get_rng_state()
    first = ag.rand(5, device="cuda").tolist()
    ag.cuda.set_rng_state(state)
    assert ag.rand(5, device="cuda").tolist() == first
    generator = ag.Generator("cuda").manual_seed(1)
    assert ag.rand(5, generator=generator).tolist() == first
    before = ag.rand(1).tolist()  # the CPU has a stream of its own
    ag.cuda.manual_seed(1)
    assert ag.rand(5, device="cuda").tolist() == first and ag.rand(1).tolist() != before
    with ag.random.fork_rng():
        ag.rand(3, device="cuda")
    ag.cuda.manual_seed_all(1)
    assert ag.rand(5, device="cuda").tolist() == first
    with pytest.raises(RuntimeError, match="cannot fill a tensor on"):
        ag.rand(5, device="cpu", generator=generator)


# --- memory of other libraries -------------------------------------------------------------------


def test_arrays_of_cupy_are_shared(gpu: Backend) -> None:
    array = gpu.xp.asarray([1.0, 2.0, 3.0])
    t = ag.as_tensor(array)
    assert t.is_cuda and t.data_ptr() == gpu.data_ptr(array) and t.dtype is ag.float64
    array[0] = 5.0
    t[1] = 7.0
    assert t.tolist() == [5.0, 7.0, 3.0] == gpu.to_numpy(array).tolist()
    assert ag.tensor(array).data_ptr() != t.data_ptr()
    assert (t + array).tolist() == [10.0, 14.0, 6.0]


@pytest.mark.gpu
def test_dlpack_with_cupy_copies_nothing() -> None:
    import cupy

    array = cupy.arange(6.0, dtype=cupy.float32).reshape(2, 3)
    t = ag.from_dlpack(array)
    assert t.is_cuda and t.data_ptr() == array.data.ptr and t.tolist() == array.tolist()
    back = cupy.from_dlpack(t)
    assert back.data.ptr == array.data.ptr and back.strides == array.strides
    back[0, 0] = 9.0
    assert t[0, 0].item() == 9.0
    assert t.__dlpack_device__() == (2, 0)
    halves = ag.ones(2, dtype=ag.bfloat16, device="cuda")
    assert ag.from_dlpack(cupy.from_dlpack(halves)).dtype is ag.bfloat16
    with pytest.raises(BufferError, match="detach"):
        cupy.from_dlpack(ag.ones(2, device="cuda", requires_grad=True))


def test_cuda_array_interface() -> None:
    t = ag.arange(4.0, device="cuda")[::2]
    interface = t.__cuda_array_interface__
    assert interface["shape"] == (2,) and interface["data"][0] == t.data_ptr()
    assert not hasattr(ag.zeros(2), "__cuda_array_interface__")
    with pytest.raises(BufferError, match="detach"):
        _ = ag.ones(2, device="cuda", requires_grad=True).__cuda_array_interface__


def test_memory_that_was_handed_out_is_watched() -> None:
    x = on_gpu([1.0, 2.0])
    w = on_gpu([1.0, 1.0], requires_grad=True)
    assert x.__cuda_array_interface__
    y = (x * w).sum()
    x._array[...] = 0.0  # as the library would, that holds the memory now
    with pytest.raises(GraphError, match="overwritten"):
        y.backward()


@pytest.mark.gpu
def test_cupy_reads_a_tensor_in_place() -> None:
    import cupy

    t = ag.arange(4.0, device="cuda")[::2]
    assert cupy.asarray(t).data.ptr == t.data_ptr() and cupy.asarray(t).tolist() == [0.0, 2.0]


def test_functions_of_cupy_are_operators(gpu: Backend) -> None:
    t, array = on_gpu([1.0, 2.0], requires_grad=True), gpu.xp.asarray([3.0, 4.0], np.float32)
    for result, want in (
        (gpu.xp.exp(t), t.exp()), (gpu.xp.multiply(array, t), t * array), (array * t, t * array),
        (t - array, t - array), (array / t, 1 / (t / array)), (np.exp(t), t.exp()),
    ):  # fmt: skip
        assert isinstance(result, ag.Tensor) and result.requires_grad
        np.testing.assert_allclose(result.tolist(), want.tolist(), rtol=1e-6)
    with pytest.raises(TypeError, match="has no form for tensors"):
        gpu.xp.modf(t)


# --- the state of the engine: each right, or a precise error -------------------------------------


def probe_overwritten_input(array: Any) -> Any:
    """The array behind a leaf is overwritten between forward and backward."""
    x = ag.as_tensor(array).requires_grad_()
    y = (x * x).sum()
    array[...] = 0.0
    return y, x


def probe_overwritten_through_a_view(array: Any) -> Any:
    x = ag.as_tensor(array).requires_grad_()
    y = ag.exp(x[1:] * x[:-1]).sum()
    array[1:2] *= 3.0
    return y, x


def probe_zeroed_output(array: Any) -> Any:
    x = ag.tensor(array, requires_grad=True)
    z = ag.exp(x)
    z.data.zero_()
    return z.sum(), x


def probe_output_changed_in_place(array: Any) -> Any:
    x = ag.tensor(array, requires_grad=True)
    z = ag.exp(x)
    z += 1
    return z.sum(), x


def probe_updated_leaf(array: Any) -> Any:
    x = ag.tensor(array, requires_grad=True)
    y = (x * x).sum()
    with ag.no_grad():
        x -= 1.0
    return y, x


def probe_leaf_changed_in_place(array: Any) -> Any:
    x = ag.tensor(array, requires_grad=True)
    x += 1
    return x.sum(), x


@pytest.mark.parametrize(
    "probe",
    [
        probe_overwritten_input, probe_overwritten_through_a_view, probe_zeroed_output,
        probe_output_changed_in_place, probe_updated_leaf, probe_leaf_changed_in_place,
    ],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16], ids=str)
def test_writes_that_would_make_gradients_wrong(gpu: Backend, probe: Any, dtype: Any) -> None:
    with pytest.raises(GraphError, match="overwritten|in place|changed|written"):
        loss, _ = probe(gpu.xp.asarray([1.0, 2.0, 3.0], dtype))
        loss.backward()


def right_after_writing_where_nothing_was_saved(array: Any) -> Any:
    x = ag.as_tensor(array).requires_grad_()
    y = (x + 1).sum() * 2
    array[...] = 100.0
    return y, x, [2.0, 2.0, 2.0]


def right_after_writing_back(array: Any) -> Any:
    x = ag.as_tensor(array).requires_grad_()
    y = (x * x).sum()
    before = array.copy()
    array[...] = 0.0
    array[...] = before
    return y, x, [2.0, 4.0, 6.0]


def right_after_a_write_in_place(array: Any) -> Any:
    x = ag.tensor(array, requires_grad=True)
    y = x * 2
    y[1:] = y[:-1] * 3
    return y.sum(), x, [8.0, 6.0, 0.0]


def right_after_a_write_through_a_view(array: Any) -> Any:
    x = ag.tensor(array, requires_grad=True)
    y = x * 1
    y[:2].mul_(x[1:])
    return y.sum(), x, [2.0, 4.0, 3.0]


@pytest.mark.parametrize(
    "probe",
    [
        right_after_writing_where_nothing_was_saved, right_after_writing_back,
        right_after_a_write_in_place, right_after_a_write_through_a_view,
    ],
)  # fmt: skip
def test_writes_that_do_no_harm(gpu: Backend, probe: Any) -> None:
    loss, x, want = probe(gpu.xp.asarray([1.0, 2.0, 3.0]))
    loss.backward()
    assert x.grad.tolist() == want and x.grad.is_cuda
