"""A generative adversarial network with convolutions, on handwritten digits.

python examples/dcgan.py          draws digits that nobody wrote

Source: Radford, Metz and Chintala, "Unsupervised representation learning with deep convolutional
generative adversarial networks" (2016).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import autograd_core as ag
import autograd_core.nn.functional as F
from autograd_core import nn, optim
from autograd_core.datasets import load_digits
from autograd_core.utils.data import DataLoader, TensorDataset

NOISE = 16


def generator():
    """From noise of shape (N, 16, 1, 1) to images of shape (N, 1, 8, 8)."""
    return nn.Sequential(
        nn.ConvTranspose2d(NOISE, 64, 2, bias=False), nn.BatchNorm2d(64), nn.ReLU(True),
        nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(True),
        nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh(),
    )  # fmt: skip


def discriminator():
    """From images to the probability that they are real."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(32, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(64, 1, 2), nn.Flatten(0), nn.Sigmoid(),
    )  # fmt: skip


def weights_init(module):
    name = type(module).__name__
    if "Conv" in name:
        nn.init.normal_(module.weight, 0.0, 0.05)
    elif "BatchNorm" in name:
        nn.init.normal_(module.weight, 1.0, 0.05)
        nn.init.zeros_(module.bias)


def train(steps=20, batch_size=64, lr=1e-3):
    """Train; returns the generator and the losses of both networks at every step."""
    ag.manual_seed(1)
    images = 2 * ag.tensor(load_digits()[0].numpy()).clamp(0, 1) - 1
    loader = DataLoader(TensorDataset(images), batch_size, shuffle=True, drop_last=True)
    net_g, net_d = generator().apply(weights_init), discriminator().apply(weights_init)
    criterion = nn.BCELoss()
    optimizer_g = optim.Adam(net_g.parameters(), lr=lr, betas=(0.5, 0.999))
    optimizer_d = optim.Adam(net_d.parameters(), lr=lr, betas=(0.5, 0.999))
    real_label, fake_label = ag.ones(batch_size), ag.zeros(batch_size)
    losses = []
    while len(losses) < steps:
        for (real,) in loader:
            net_d.zero_grad()
            error_real = criterion(net_d(real), real_label)
            error_real.backward()
            fake = net_g(ag.randn(batch_size, NOISE, 1, 1))
            error_fake = criterion(net_d(fake.detach()), fake_label)
            error_fake.backward()
            optimizer_d.step()
            net_g.zero_grad()
            error_g = criterion(net_d(fake), real_label)
            error_g.backward()
            optimizer_g.step()
            losses.append((error_real.item() + error_fake.item(), error_g.item()))
            if len(losses) == steps:
                break
    return net_g, losses


def main():
    parser = argparse.ArgumentParser(description="Invent handwritten digits.")
    parser.add_argument("--steps", type=int, default=1000, help="default: 1000")
    parser.add_argument("--out", type=Path, default=Path("runs/dcgan.png"), help="the picture")
    options = parser.parse_args()
    net_g, losses = train(options.steps)
    print(f"loss of the discriminator {losses[-1][0]:.3f}, of the generator {losses[-1][1]:.3f}")
    try:
        from matplotlib import image
    except ImportError:
        print("no picture: it needs matplotlib")
        return
    with ag.no_grad():
        fake = net_g(ag.randn(64, NOISE, 1, 1)).reshape(8, 8, 8, 8)
    fake = F.pad(fake, (2, 2, 2, 2), value=-1.0)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    picture = fake.permute(0, 2, 1, 3).reshape(96, 96).numpy().repeat(5, 0).repeat(5, 1)
    image.imsave(options.out, -picture, cmap="gray")
    print(f"picture: {options.out}")


if __name__ == "__main__":
    main()
