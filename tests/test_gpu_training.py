"""Training on a GPU: the same steps as on the CPU, nothing waits for the host, memory comes back.

As in ``test_gpu_operators``, on a GPU and on a CuPy that is acted out.
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import strict_device

import autograd_core as ag
from autograd_core import nn, optim
from autograd_core.backends.base import Backend
from autograd_core.datasets import load_digits
from autograd_core.utils.data import DataLoader, TensorDataset

pytestmark = pytest.mark.usefixtures("gpu")


@contextmanager
def nothing_waits(gpu: Backend) -> Iterator[None]:
    """Inside, the host must not wait for the device."""
    if gpu.array_type is strict_device.StrictArray:
        with strict_device.no_synchronization():
            yield
        return
    import cupyx

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with cupyx.allow_synchronize(False):
            yield


def classifier(dtype: Any = ag.float32, dropout: float = 0.0) -> nn.Module:
    """An MLP with the same values on every device."""
    ag.manual_seed(0)
    with ag.device("cpu"):
        model = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(dropout), nn.Linear(32, 16),
            nn.Tanh(), nn.Linear(16, 10),
        )  # fmt: skip
    return model.to(dtype=dtype)


def digits(where: str, dtype: Any = ag.float32, number: int = 96) -> tuple[Any, Any]:
    images, labels = load_digits()
    return (images[:number] / 16).to(where, dtype), labels[:number].to(where)


OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda parameters: optim.SGD(parameters, lr=0.1),
    "momentum": lambda parameters: optim.SGD(
        parameters, lr=0.1, momentum=0.9, dampening=0.1, weight_decay=0.01
    ),
    "Nesterov": lambda parameters: optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True),
    "maximize": lambda parameters: optim.SGD(parameters, lr=0.01, maximize=True),
    "Adam": lambda parameters: optim.Adam(parameters, lr=0.01, weight_decay=0.01),
    "AMSGrad": lambda parameters: optim.Adam(parameters, lr=0.01, amsgrad=True),
    "AdamW": lambda parameters: optim.AdamW(parameters, lr=0.01),
}


def trained(where: str, name: str, dtype: Any, steps: int = 5) -> tuple[list[float], list[Any]]:
    """Losses and, in the end, parameters."""
    model = classifier(dtype).to(where)
    optimizer = OPTIMIZERS[name](model.parameters())
    images, labels = digits(where, dtype)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        losses.append(loss.item())
    assert all(p.device.type == where and p.grad.device.type == where for p in model.parameters())
    return losses, [p.detach().cpu().numpy() for p in model.parameters()]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_equals_that_on_the_cpu(name: str, dtype: str) -> None:
    kind = getattr(ag, dtype)
    tolerance = 1e-9 if dtype == "float64" else 2e-3
    there, here = trained("cuda", name, kind), trained("cpu", name, kind)
    np.testing.assert_allclose(there[0], here[0], rtol=tolerance)
    for got, want in zip(there[1], here[1], strict=True):
        assert got.dtype == want.dtype
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)
    assert (there[0][-1] < there[0][0]) == (name != "maximize")


def test_the_training_loop_of_the_digits() -> None:
    found = []
    for where in ("cuda", "cpu"):
        model = classifier().to(where)
        optimizer = optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.05)
        scheduler = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
        order = ag.Generator().manual_seed(0)
        dataset = TensorDataset(*digits(where, number=400))
        losses = []
        for _ in range(3):
            for images, labels in DataLoader(dataset, 32, shuffle=True, generator=order):
                assert images.device.type == labels.device.type == where
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(images), labels)
                loss.backward()
                optimizer.step()
                losses.append(loss.detach())
            scheduler.step()
        model.eval()
        with ag.no_grad():
            images, labels = dataset.tensors
            right = (model(images).argmax(1) == labels).float().mean().item()
        found.append((ag.stack(losses).tolist(), right))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-2, atol=1e-3)
    assert abs(found[0][1] - found[1][1]) < 0.02 and min(found[0][0][-5:]) < found[0][0][0]


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "cross_entropy": nn.functional.cross_entropy,
    "smoothed": lambda x, t: nn.functional.cross_entropy(x, t, label_smoothing=0.1),
    "weighted": lambda x, t: nn.functional.cross_entropy(x, t, weight=x.detach()[0].exp()),
    "ignoring": lambda x, t: nn.functional.cross_entropy(x, t, ignore_index=3, reduction="sum"),
    "nll_loss": lambda x, t: nn.functional.nll_loss(nn.functional.log_softmax(x, 1), t),
    "mse_loss": lambda x, t: nn.functional.mse_loss(nn.functional.softmax(x, 1)[:, 0], t / 10),
    "bce": lambda x, t: nn.functional.binary_cross_entropy_with_logits(x[:, 0], (t > 4).float()),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_equal_those_on_the_cpu(loss: str) -> None:
    found = []
    for where in ("cuda", "cpu"):
        model, (images, labels) = classifier().to(where), digits(where)
        value = LOSSES[loss](model(images), labels)
        value.backward()
        found.append([value.tolist(), *[p.grad.tolist() for p in model.parameters()]])
    for got, want in zip(*found, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-5)


def test_labels_that_are_no_classes_raise() -> None:
    model, (images, labels) = classifier().cuda(), digits("cuda")
    with pytest.raises(IndexError, match=r"cross_entropy: .* out of range; expected 0 to 9"):
        nn.functional.cross_entropy(model(images), labels + 1).item()


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_training_step_never_waits(gpu: Backend, loss: str, name: str) -> None:
    if name != "AdamW" and loss != "cross_entropy":
        return
    model = classifier(dropout=0.3).cuda()
    optimizer = OPTIMIZERS[name](model.parameters())
    images, labels = digits("cuda")

    def step() -> Any:
        optimizer.zero_grad()
        value = LOSSES[loss](model(images), labels)
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return value

    step()  # compiles kernels
    with nothing_waits(gpu):
        for _ in range(2):
            value = step()
    assert np.isfinite(value.item())


def test_waiting_is_found(gpu: Backend) -> None:
    model, (images, _) = classifier().cuda(), digits("cuda")
    with pytest.raises((strict_device.HiddenSynchronization, RuntimeError)), nothing_waits(gpu):
        model(images).sum().item()


def test_batches_are_cut_on_the_device(gpu: Backend) -> None:
    dataset = TensorDataset(*digits("cuda"))
    with nothing_waits(gpu):
        for images, labels in DataLoader(dataset, 32):
            assert len(images) == 32 and labels.is_cuda


@pytest.mark.gpu
def test_memory_returns_after_a_step() -> None:
    model = classifier().cuda()
    optimizer = optim.AdamW(model.parameters())
    images, labels = digits("cuda", number=960)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()

    step()
    gc.disable()
    try:
        before = ag.cuda.memory_allocated()
        for _ in range(5):
            step()
        assert ag.cuda.memory_allocated() == before
        loss = nn.functional.cross_entropy(model(images), labels)
        assert ag.cuda.memory_allocated() > before
        del loss
        assert ag.cuda.memory_allocated() == before
    finally:
        gc.enable()
    ag.cuda.empty_cache()
    assert ag.cuda.max_memory_allocated() >= ag.cuda.memory_allocated() > 0


def test_states_travel_between_devices(tmp_path: Any) -> None:
    model, (images, labels) = classifier().cuda(), digits("cuda")
    optimizer = optim.AdamW(model.parameters(), lr=0.01)
    nn.functional.cross_entropy(model(images), labels).backward()
    optimizer.step()
    path = tmp_path / "state.safetensors"
    ag.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
    state = ag.load(path)
    other = classifier()
    other.load_state_dict(state["model"])
    again = optim.AdamW(other.parameters(), lr=0.01)
    again.load_state_dict(state["optimizer"])
    for got, want in zip(other.parameters(), model.parameters(), strict=True):
        assert not got.is_cuda and got.tolist() == want.tolist()
    back = classifier().cuda()
    back.load_state_dict(state["model"])
    with ag.no_grad():
        assert back(images).tolist() == model(images).tolist()
    assert back.to("cpu")(images.cpu()).device == ag.device("cpu")


def test_halves_train() -> None:
    for dtype in (ag.bfloat16, ag.float16):
        losses, parameters = trained("cuda", "momentum", dtype, steps=15)
        assert losses[-1] < losses[0] and all(p.dtype == dtype.numpy for p in parameters)


def test_the_graph_of_a_gradient() -> None:
    """A penalty on the gradient: the second derivative through every layer."""
    found = []
    for where in ("cuda", "cpu"):
        model, (images, labels) = classifier(ag.float64).to(where), digits(where, ag.float64, 8)
        images.requires_grad_()
        loss = nn.functional.cross_entropy(model(images), labels)
        (gradient,) = ag.autograd.grad(loss, images, create_graph=True)
        (gradient * gradient).sum().backward()
        found.append([p.grad.tolist() for p in model.parameters() if p.grad is not None])
    for got, want in zip(*found, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-12)
