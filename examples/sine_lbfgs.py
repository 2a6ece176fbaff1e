"""Two LSTM cells learn sine waves and go on with them, in double precision, trained by L-BFGS.

python examples/sine_lbfgs.py     draws how the waves are continued
"""

from __future__ import annotations

import argparse
from pathlib import Path

import autograd_core as ag
from autograd_core import nn, optim


class Sequence(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.hidden = hidden
        self.lstm1 = nn.LSTMCell(1, hidden)
        self.lstm2 = nn.LSTMCell(hidden, hidden)
        self.linear = nn.Linear(hidden, 1)

    def forward(self, x, future=0):
        outputs = []
        h1 = ag.zeros(x.size(0), self.hidden, dtype=ag.float64)
        c1, h2, c2 = (ag.zeros_like(h1) for _ in range(3))
        for part in x.split(1, dim=1):
            h1, c1 = self.lstm1(part, (h1, c1))
            h2, c2 = self.lstm2(h1, (h2, c2))
            output = self.linear(h2)
            outputs.append(output)
        for _ in range(future):
            h1, c1 = self.lstm1(output, (h1, c1))
            h2, c2 = self.lstm2(h1, (h2, c2))
            output = self.linear(h2)
            outputs.append(output)
        return ag.cat(outputs, dim=1)


def waves(count, length):
    """Sine waves with random phases."""
    phase = ag.randint(-80, 80, (count, 1)).double()
    return ag.sin((ag.arange(length).double() + phase) / 6)


def train(steps=2, count=12, length=60):
    """Train; returns the model and the loss at every evaluation."""
    ag.manual_seed(0)
    data = waves(count, length)
    x, y = data[:, :-1], data[:, 1:]
    model = Sequence().double()
    criterion = nn.MSELoss()
    optimizer = optim.LBFGS(model.parameters(), lr=0.8, max_iter=8)
    losses = []

    def closure():
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        losses.append(loss.item())
        return loss

    for _ in range(steps):
        optimizer.step(closure)
    return model, losses


def main():
    parser = argparse.ArgumentParser(description="Learn sine waves.")
    parser.add_argument("--steps", type=int, default=12, help="default: 12")
    parser.add_argument("--out", type=Path, default=Path("runs/sine.png"), help="the picture")
    options = parser.parse_args()
    model, losses = train(options.steps)
    print(f"loss {losses[0]:.4f} -> {losses[-1]:.6f}")
    start = waves(3, 60)
    with ag.no_grad():
        predicted = model(start, future=60)
    try:
        from matplotlib import pyplot
    except ImportError:
        print("no picture: it needs matplotlib")
        return
    figure, axes = pyplot.subplots(3, 1, figsize=(8, 5), sharex=True, layout="constrained")
    for axis, wave in zip(axes, predicted.tolist()):
        axis.plot(range(60), wave[:60], color="#0072B2")
        axis.plot(range(59, 120), wave[59:], color="#E69F00", linestyle="--")
    axes[-1].set_xlabel("step")
    axes[0].set_title("Sine waves, and how the network goes on with them (dashed)", loc="left")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out, dpi=120)
    print(f"picture: {options.out}")


if __name__ == "__main__":
    main()
