"""The network of Michael Nielsen's book, and its gradients beside backpropagation by hand.

    python examples/nielsen.py

Chapter 1 of "Neural Networks and Deep Learning" (2015, http://neuralnetworksanddeeplearning.com)
trains layers of [n, 30, 10] sigmoid neurons with the quadratic cost, minibatches of 10 and a
learning rate of 3.0. Chapter 2 derives backpropagation; `backpropagate` below writes its four
equations down in NumPy, and the engine must find the same numbers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np

import autograd_core as ag
from autograd_core import nn, optim
from autograd_core.datasets import load_digits, train_test_split
from autograd_core.utils.data import DataLoader, TensorDataset


def network(inputs: int) -> nn.Sequential:
    """[inputs, 30, 10] sigmoid neurons in float64, weights and biases normally distributed."""
    model = nn.Sequential(
        nn.Linear(inputs, 30, dtype=ag.float64),
        nn.Sigmoid(),
        nn.Linear(30, 10, dtype=ag.float64),
        nn.Sigmoid(),
    )
    for parameter in model.parameters():
        nn.init.normal_(parameter)
    return model


def quadratic_cost(outputs: ag.Tensor, targets: ag.Tensor) -> ag.Tensor:
    """Half the squared distance, averaged over the minibatch."""
    return ((outputs - targets) ** 2).sum(1).mean() / 2


def backpropagate(
    parameters: Sequence[np.ndarray], x: np.ndarray, targets: np.ndarray
) -> list[np.ndarray]:
    """The gradients of the quadratic cost by the book's equations BP1 to BP4, with no engine.

    Args:
        parameters: Weight and bias of each layer in turn; a weight has shape (outputs, inputs).
        x: The inputs, shape (n, inputs).
        targets: The wanted outputs, shape (n, outputs).

    Returns:
        The gradients, in the order of ``parameters``.
    """
    activations = [x]
    for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
        activations.append(1 / (1 + np.exp(-(activations[-1] @ weight.T + bias))))
    gradients: list[np.ndarray] = []
    slope = activations[-1] * (1 - activations[-1])
    delta = (activations[-1] - targets) * slope  # BP1
    for layer in reversed(range(len(parameters) // 2)):
        bias_gradient = delta.mean(0)  # BP3
        weight_gradient = delta.T @ activations[layer] / len(x)  # BP4
        gradients = [weight_gradient, bias_gradient, *gradients]
        slope = activations[layer] * (1 - activations[layer])
        delta = delta @ parameters[2 * layer] * slope  # BP2
    return gradients


def largest_difference(model: nn.Module, x: ag.Tensor, targets: ag.Tensor) -> float:
    """How far the engine's gradients are from `backpropagate`'s, at most."""
    gradients = ag.autograd.grad(quadratic_cost(model(x), targets), list(model.parameters()))
    by_hand = backpropagate(
        [parameter.detach().cpu().numpy() for parameter in model.parameters()],
        x.cpu().numpy(),
        targets.cpu().numpy(),
    )
    return max(
        float(np.abs(gradient.cpu().numpy() - expected).max())
        for gradient, expected in zip(gradients, by_hand, strict=True)
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status tells whether the gradients agreed."""
    parser = argparse.ArgumentParser(description="The network of Nielsen's book.")
    parser.add_argument("--epochs", type=int, default=30, help="passes over the data (default: 30)")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    options = parser.parse_args(arguments)

    ag.manual_seed(options.seed)
    images, labels = load_digits()
    x = images.flatten(1).to(ag.float64)
    x_train, x_test, y_train, y_test = train_test_split(x, labels)
    targets = ag.eye(10, dtype=ag.float64)[y_train]  # a 1 in the place of the digit, else 0
    model = network(x.shape[1])
    optimizer = optim.SGD(model.parameters(), lr=3.0)
    loader = DataLoader(TensorDataset(x_train, targets), batch_size=10, shuffle=True)

    difference = largest_difference(model, x_train[:10], targets[:10])
    print(f"before training: gradients within {difference:.1e} of backpropagation by hand")
    for epoch in range(1, options.epochs + 1):
        for inputs, wanted in loader:
            optimizer.zero_grad()
            quadratic_cost(model(inputs), wanted).backward()
            optimizer.step()
        if epoch % 5 == 0 or epoch == options.epochs:
            with ag.no_grad():
                correct = (model(x_test).argmax(1) == y_test).sum().item()
            print(f"epoch {epoch:2d}: {correct} of {len(y_test)} test digits read right")
    after = largest_difference(model, x_train[:10], targets[:10])
    print(f"after training:  gradients within {after:.1e} of backpropagation by hand")
    return 0 if max(difference, after) <= 1e-12 else 1


if __name__ == "__main__":
    sys.exit(main())
