"""A variational autoencoder: handwritten digits from two numbers each.

python examples/vae.py            draws the plane of digits that it learned

Source: Kingma and Welling, "Auto-encoding variational Bayes" (2014).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import autograd_core as ag
import autograd_core.nn.functional as F
from autograd_core import nn, optim
from autograd_core.datasets import load_digits
from autograd_core.utils.data import DataLoader, TensorDataset


class VAE(nn.Module):
    def __init__(self, latent=2):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU())
        self.mean = nn.Linear(64, latent)
        self.log_variance = nn.Linear(64, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, 64), nn.ReLU(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64)
        )

    def forward(self, x):
        hidden = self.encoder(x)
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        deviation = ag.exp(0.5 * log_variance)
        z = mean + ag.randn_like(deviation) * deviation
        return ag.sigmoid(self.decoder(z)), mean, log_variance


def train(epochs=2, batch_size=64, lr=1e-3):
    """Train; returns the model and the loss of every step, per image."""
    ag.manual_seed(1)
    images = ag.tensor(load_digits()[0].numpy()).flatten(1)
    images = images / images.max()
    loader = DataLoader(TensorDataset(images), batch_size=batch_size, shuffle=True)
    model = VAE()
    optimizer = optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        for (x,) in loader:
            optimizer.zero_grad()
            reconstruction, mean, log_variance = model(x)
            error = F.binary_cross_entropy(reconstruction, x, reduction="sum")
            divergence = -0.5 * ag.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
            loss = (error + divergence) / len(x)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return model, losses


def plane(model, size=15, width=2.5):
    """What the model makes of a square of latent values, as one image."""
    steps = ag.linspace(-width, width, size)
    points = ag.cartesian_prod(-steps, steps)
    with ag.no_grad():
        digits = ag.sigmoid(model.decoder(points)).reshape(size, size, 8, 8)
    digits = F.pad(digits, (2, 2, 2, 2))
    return digits.permute(0, 2, 1, 3).reshape(12 * size, 12 * size)


def main():
    parser = argparse.ArgumentParser(description="Learn a plane of handwritten digits.")
    parser.add_argument("--epochs", type=int, default=100, help="default: 100")
    parser.add_argument("--out", type=Path, default=Path("runs/vae.png"), help="the picture")
    options = parser.parse_args()
    model, losses = train(options.epochs)
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f} per image")
    try:
        from matplotlib import image
    except ImportError:
        print("no picture: it needs matplotlib")
        return
    options.out.parent.mkdir(parents=True, exist_ok=True)
    picture = plane(model).numpy().repeat(3, 0).repeat(3, 1)
    image.imsave(options.out, 1 - picture, cmap="gray")
    print(f"picture: {options.out}")


if __name__ == "__main__":
    main()
