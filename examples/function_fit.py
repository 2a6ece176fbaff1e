"""Fit a function from noisy samples, and draw the result.

python examples/function_fit.py
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import autograd_core as ag
from autograd_core import nn, optim
from autograd_core.utils import plots


def function(x: ag.Tensor) -> ag.Tensor:
    """What the network is to find."""
    return (3 * x).sin() + 0.4 * (9 * x).cos()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description="Fit a function from noisy samples.")
    parser.add_argument("--steps", type=int, default=2000, help="default: 2000")
    parser.add_argument("--out", type=Path, default=Path("runs/fit.png"), help="the picture")
    options = parser.parse_args(arguments)

    ag.manual_seed(0)
    x = 4 * ag.rand(200, 1) - 2
    y = function(x) + 0.1 * ag.randn(200, 1)
    model = nn.Sequential(
        nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1)
    )
    optimizer = optim.Adam(model.parameters(), lr=0.005)
    losses = []
    for step in range(1, options.steps + 1):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step % 500 == 0 or step == options.steps:
            print(f"step {step:4d}: loss {losses[-1]:.5f}")

    points = ag.linspace(-2, 2, 400).unsqueeze(1)
    with ag.no_grad():
        fitted = model(points)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    try:
        plots.function_fit(points, function(points), fitted, (x, y), losses, options.out)
        print(f"picture: {options.out}")
    except ImportError as error:
        print(f"no picture: {error}")


if __name__ == "__main__":
    main()
