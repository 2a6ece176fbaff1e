"""One step of an optimizer, without forward and backward: one large parameter, and many small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.case import Call, case

# 1.9 million elements are about the parameters of a multilayer perceptron for MNIST; 10 million do
# not fit the caches.
ELEMENTS = (1_000, 30_000, 300_000, 1_900_000, 10_000_000)
COUNTS = (4, 16, 64, 256)


def step(
    lib: Any, device: str, shapes: Sequence[tuple[int, ...]], name: str, **options: float
) -> Call:
    """The call of an optimizer's step on parameters of the given shapes."""
    import numpy as np

    rng = np.random.default_rng(0)
    params = []
    for shape in shapes:
        value, grad = rng.standard_normal((2, *shape), dtype=np.float32)
        param = lib.tensor(value, device=device, requires_grad=True)
        param.grad = lib.tensor(grad, device=device)
        params.append(param)
    optimizer = getattr(lib.optim, name)(params, **options)
    return optimizer.step


def declare(title: str, name: str, **options: float) -> None:
    """Declare the two cases of an optimizer."""
    case(
        f"optimizers/{title}",
        "elements of one parameter",
        ELEMENTS,
        lambda lib, device, n: step(lib, device, [(n,)], name, **options),
    )
    case(
        f"optimizers/{title}, small",
        "parameters of 32x32",
        COUNTS,
        lambda lib, device, n: step(lib, device, [(32, 32)] * n, name, **options),
    )


declare("sgd", "SGD", lr=1e-6)
declare("sgd momentum", "SGD", lr=1e-6, momentum=0.9)
declare("sgd nesterov", "SGD", lr=1e-6, momentum=0.9, nesterov=True, weight_decay=1e-4)
declare("adam", "Adam", lr=1e-6)
declare("adamw", "AdamW", lr=1e-6)
declare("rmsprop", "RMSprop", lr=1e-6)
declare("adagrad", "Adagrad", lr=1e-6)
declare("adadelta", "Adadelta", lr=1e-6)
declare("adamax", "Adamax", lr=1e-6)
declare("nadam", "NAdam", lr=1e-6)
