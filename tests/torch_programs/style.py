"""Style transfer: an image is changed until the Gram matrices of its features fit, by L-BFGS; and
a denoising diffusion model with a moving average of its weights."""

from __future__ import annotations

import copy
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def gram_matrix(input):
    a, b, c, d = input.size()
    features = input.view(a * b, c * d)
    G = torch.mm(features, features.t())
    return G.div(a * b * c * d)


class StyleLoss(nn.Module):
    def __init__(self, target_feature):
        super(StyleLoss, self).__init__()
        self.target = gram_matrix(target_feature).detach()

    def forward(self, input):
        self.loss = F.mse_loss(gram_matrix(input), self.target)
        return input


class Normalization(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.mean = torch.tensor(mean).view(-1, 1, 1)
        self.std = torch.tensor(std).view(-1, 1, 1)

    def forward(self, img):
        return (img - self.mean) / self.std


def transfer(steps):
    cnn = nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=1),
        nn.ReLU(),
    ).eval()
    style_img, content_img = torch.rand(1, 3, 12, 12), torch.rand(1, 3, 12, 12)
    model = nn.Sequential(Normalization([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    style_losses, i = [], 0
    for layer in cnn.children():
        if isinstance(layer, nn.Conv2d):
            i += 1
            name = f"conv_{i}"
        elif isinstance(layer, nn.ReLU):
            name, layer = f"relu_{i}", nn.ReLU(inplace=False)
        else:
            name = f"pool_{i}"
        model.add_module(name, layer)
        if isinstance(layer, nn.Conv2d):
            style_loss = StyleLoss(model(style_img).detach())
            model.add_module(f"style_loss_{i}", style_loss)
            style_losses.append(style_loss)
    features = {}
    handle = model.relu_2.register_forward_hook(
        lambda module, args, output: features.__setitem__("relu_2", output)
    )
    model(content_img)
    content = features["relu_2"].detach()
    input_img = content_img.clone().requires_grad_(True)
    model.requires_grad_(False)
    optimizer = torch.optim.LBFGS([input_img], max_iter=4)
    history = []

    def closure():
        with torch.no_grad():
            input_img.clamp_(0, 1)
        optimizer.zero_grad()
        model(input_img)
        style = sum(sl.loss for sl in style_losses) * 1e2
        variation = (input_img[..., 1:] - input_img[..., :-1]).abs().mean()
        loss = style + F.mse_loss(features["relu_2"], content) + 0.01 * variation
        loss.backward()
        history.append(loss.item())
        return loss

    for _ in range(steps):
        optimizer.step(closure)
    handle.remove()
    return history


class Denoiser(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.width = width
        self.inner = nn.Sequential(nn.Conv1d(1, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU())
        self.time = nn.Sequential(nn.Linear(width, 8), nn.SiLU(), nn.Linear(8, 8))
        self.down = nn.Conv1d(8, 8, 4, 2, 1)
        self.up = nn.ConvTranspose1d(8, 8, 4, 2, 1)
        self.out = nn.Conv1d(16, 1, 3, padding=1)

    def forward(self, x, t):
        half = self.width // 2
        frequencies = torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float32) / half)
        angles = t[:, None].float() * frequencies[None]
        embedding = torch.cat([angles.sin(), angles.cos()], dim=-1)
        h = self.inner(x) + self.time(embedding)[:, :, None]
        return self.out(torch.cat([h, F.silu(self.up(F.silu(self.down(h))))], dim=1))


def diffusion(steps, times=20):
    betas = torch.linspace(1e-4, 0.2, times)
    alphas_cumprod = torch.cumprod(1.0 - betas, dim=0)
    previous = F.pad(alphas_cumprod[:-1], (1, 0), value=1.0)
    variance = betas * (1.0 - previous) / (1.0 - alphas_cumprod)

    def extract(a, t, shape):
        return a.gather(-1, t).reshape(t.shape[0], *((1,) * (len(shape) - 1)))

    model = Denoiser()
    ema = copy.deepcopy(model).eval().requires_grad_(False)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, betas=(0.9, 0.99))
    history = []
    for _ in range(steps):
        phase = torch.rand(16, 1, 1) * 2 * torch.pi
        x0 = torch.sin(torch.linspace(0, 2 * torch.pi, 16) + phase)
        t = torch.randint(0, times, (16,)).long()
        noise = torch.randn_like(x0)
        a = extract(alphas_cumprod, t, x0.shape)
        loss = F.smooth_l1_loss(model(a.sqrt() * x0 + (1 - a).sqrt() * noise, t), noise)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        for mine, theirs in zip(ema.parameters(), model.parameters()):
            mine.mul_(0.9).add_(theirs.data, alpha=0.1)
        history.append(loss.item())
    x = torch.randn(2, 1, 16)
    for i in reversed(range(times)):
        t = torch.full((2,), i, dtype=torch.long)
        predicted = ema(x, t)
        mean = (x - betas[i] / (1 - alphas_cumprod[i]).sqrt() * predicted) / (1 - betas[i]).sqrt()
        x = mean + (variance[i].sqrt() * torch.randn_like(x) if i else 0)
    return history + [x.mean().item(), x.std().item()]


def train(steps=6):
    torch.manual_seed(11)
    return transfer(3) + diffusion(steps)
