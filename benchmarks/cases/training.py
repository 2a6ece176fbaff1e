"""Whole training steps of multilayer perceptrons: forward, backward, optimizer.

The bare contenders are what one writes by hand without an autodiff engine: backpropagation and
the update spelled out on arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from benchmarks.case import Call, case

WIDTHS = (16, 64, 256, 1024)
BATCHES = (1, 10, 100, 1000)


def batch_of(shape: tuple[int, int], classes: int) -> tuple[Any, Any]:
    """Random inputs in float32 and random classes."""
    import numpy as np

    rng = np.random.default_rng(0)
    inputs = rng.standard_normal(shape, dtype=np.float32)
    return inputs, rng.integers(0, classes, shape[0])


def classifier_step(
    lib: Any, device: str, widths: Sequence[int], batch: int, optimizer: str, **options: float
) -> Call:
    """One step of a ReLU classifier with cross-entropy."""
    nn = lib.nn
    lib.manual_seed(0)
    layers: list[Any] = []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    model = nn.Sequential(*layers[:-1]).to(device)
    stepper = getattr(lib.optim, optimizer)(model.parameters(), **options)
    criterion = nn.CrossEntropyLoss()
    inputs, classes = batch_of((batch, widths[0]), widths[-1])
    x, y = lib.tensor(inputs, device=device), lib.tensor(classes, device=device)

    def step() -> None:
        stepper.zero_grad()
        criterion(model(x), y).backward()
        stepper.step()

    return step


def bare_classifier_step(xp: Any, widths: Sequence[int], batch: int, lr: float) -> Call:
    """The same step with plain gradient descent, on arrays, by hand."""
    inputs, classes = map(xp.asarray, batch_of((batch, widths[0]), widths[-1]))
    rows = xp.arange(batch)
    weights, biases = [], []
    for n_in, n_out in pairwise(widths):
        weights.append(xp.full((n_out, n_in), 0.5 / n_in, dtype=xp.float32))
        biases.append(xp.zeros(n_out, dtype=xp.float32))

    def step() -> None:
        activations = [inputs]
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            activations.append(xp.maximum(activations[-1] @ w.T + b, 0))
        logits = activations[-1] @ weights[-1].T + biases[-1]
        delta = xp.exp(logits - logits.max(axis=1, keepdims=True))
        delta /= delta.sum(axis=1, keepdims=True)
        delta[rows, classes] -= 1
        delta /= batch
        for i in reversed(range(len(weights))):
            grad_w, grad_b = delta.T @ activations[i], delta.sum(axis=0)
            if i:
                delta = (delta @ weights[i]) * (activations[i] > 0)
            weights[i] -= lr * grad_w
            biases[i] -= lr * grad_b

    return step


def nielsen_step(lib: Any, device: str, batch: int) -> Call:
    """A step of the network of Nielsen's book: [784, 30, 10], sigmoid, quadratic cost, float64."""
    nn = lib.nn
    lib.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 30), nn.Sigmoid(), nn.Linear(30, 10), nn.Sigmoid())
    model = model.to(device=device, dtype=lib.float64)
    stepper = lib.optim.SGD(model.parameters(), lr=3.0)
    inputs, classes = nielsen_batch(batch)
    x, y = lib.tensor(inputs, device=device), lib.tensor(classes, device=device)

    def step() -> None:
        stepper.zero_grad()
        cost = ((model(x) - y) ** 2).sum() / (2 * batch)
        cost.backward()
        stepper.step()

    return step


def nielsen_batch(batch: int) -> tuple[Any, Any]:
    import numpy as np

    inputs, classes = batch_of((batch, 784), 10)
    return inputs.astype(np.float64), np.eye(10)[classes]


def bare_nielsen_step(xp: Any, batch: int) -> Call:
    """The same step as the book writes it, for a whole minibatch at once."""
    x, y = map(xp.asarray, nielsen_batch(batch))
    w1, b1 = xp.full((30, 784), 1e-3), xp.zeros(30)
    w2, b2 = xp.full((10, 30), 1e-2), xp.zeros(10)
    rate = 3.0 / batch

    def step() -> None:
        nonlocal w1, b1, w2, b2
        hidden = 1 / (1 + xp.exp(-(x @ w1.T + b1)))
        out = 1 / (1 + xp.exp(-(hidden @ w2.T + b2)))
        delta2 = (out - y) * out * (1 - out)
        delta1 = (delta2 @ w2) * hidden * (1 - hidden)
        w2 -= rate * (delta2.T @ hidden)
        b2 -= rate * delta2.sum(axis=0)
        w1 -= rate * (delta1.T @ x)
        b1 -= rate * delta1.sum(axis=0)

    return step


def inference(lib: Any, device: str, width: int) -> Call:
    """The forward pass alone, under no_grad."""
    nn = lib.nn
    model = nn.Sequential(
        nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10)
    ).to(device)
    x = lib.tensor(batch_of((64, width), 10)[0], device=device)

    def predict() -> Any:
        with lib.no_grad():
            return model(x)

    return predict


def square_mlp(width: int) -> tuple[int, ...]:
    return width, width, width, 10


# fmt: off
case(
    "training/mlp sgd", "width of 2 hidden layers, batch of 64", WIDTHS,
    lambda lib, device, n: classifier_step(lib, device, square_mlp(n), 64, "SGD", lr=0.01),
    lambda xp, n: bare_classifier_step(xp, square_mlp(n), 64, 0.01),
)
case(
    "training/mlp adam", "width of 2 hidden layers, batch of 64", WIDTHS,
    lambda lib, device, n: classifier_step(lib, device, square_mlp(n), 64, "Adam", lr=1e-3),
)
case(
    "training/digits mlp", "batch", BATCHES,
    lambda lib, device, n: classifier_step(lib, device, (64, 128, 64, 10), n, "Adam", lr=1e-3),
)
case("training/nielsen mlp", "batch", BATCHES, nielsen_step, bare_nielsen_step)
case("training/mlp inference", "width of 2 hidden layers, batch of 64", WIDTHS, inference)
