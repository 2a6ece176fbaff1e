"""A normalizing flow (RealNVP), and a neural ordinary differential equation with the adjoint
method."""

from __future__ import annotations

import math

import torch
import torch.nn as nn
from torch import distributions, optim
from torch.autograd import Function


def moons(n):
    angle = torch.rand(n) * math.pi
    upper = torch.rand(n) < 0.5
    x = torch.where(upper, torch.cos(angle), 1 - torch.cos(angle))
    y = torch.where(upper, torch.sin(angle), 0.5 - torch.sin(angle))
    return torch.stack([x, y], dim=1) + 0.05 * torch.randn(n, 2)


class RealNVP(nn.Module):
    def __init__(self, nets, nett, masks, prior):
        super(RealNVP, self).__init__()
        self.prior = prior
        self.register_buffer("mask", masks)
        self.t = nn.ModuleList([nett() for _ in range(len(masks))])
        self.s = nn.ModuleList([nets() for _ in range(len(masks))])

    def g(self, z):
        x = z
        for i in range(len(self.t)):
            x_ = x * self.mask[i]
            s = self.s[i](x_) * (1 - self.mask[i])
            t = self.t[i](x_) * (1 - self.mask[i])
            x = x_ + (1 - self.mask[i]) * (x * torch.exp(s) + t)
        return x

    def f(self, x):
        log_det_J, z = x.new_zeros(x.shape[0]), x
        for i in reversed(range(len(self.t))):
            z_ = self.mask[i] * z
            s = self.s[i](z_) * (1 - self.mask[i])
            t = self.t[i](z_) * (1 - self.mask[i])
            z = (1 - self.mask[i]) * (z - t) * torch.exp(-s) + z_
            log_det_J -= s.sum(dim=1)
        return z, log_det_J

    def log_prob(self, x):
        z, logp = self.f(x)
        return self.prior.log_prob(z) + logp

    @torch.no_grad()
    def sample(self, n):
        return self.g(self.prior.sample((n,)))


class Dynamics(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Linear(12, 2))

    def forward(self, y):
        return self.net(y**3)


class Adjoint(Function):
    @staticmethod
    def forward(ctx, y, func, steps, h, *params):
        with torch.no_grad():
            for _ in range(steps):
                y = y + h * func(y)
        ctx.func, ctx.steps, ctx.h = func, steps, h
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        (y,) = ctx.saved_tensors
        params = tuple(ctx.func.parameters())
        totals = [torch.zeros_like(p) for p in params]
        for _ in range(ctx.steps):
            with torch.enable_grad():
                y = y.detach().requires_grad_(True)
                f = ctx.func(y)
                dy, *dp = torch.autograd.grad(f, (y, *params), grad, allow_unused=True)
            y = (y - ctx.h * f).detach()
            grad = grad + ctx.h * dy
            for total, d in zip(totals, dp):
                if d is not None:
                    total += ctx.h * d
        return (grad, None, None, None, *totals)


def train(steps=8):
    torch.manual_seed(7)
    net = lambda last: (
        lambda: nn.Sequential(nn.Linear(2, 24), nn.LeakyReLU(), nn.Linear(24, 2), *last)
    )
    masks = torch.tensor([[0.0, 1.0], [1.0, 0.0]] * 2)
    prior = distributions.MultivariateNormal(torch.zeros(2), torch.eye(2))
    flow = RealNVP(net([nn.Tanh()]), net([]), masks, prior)
    optimizer = optim.Adam([p for p in flow.parameters() if p.requires_grad], lr=1e-2)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.95)
    history = []
    for _ in range(steps):
        loss = -flow.log_prob(moons(64)).mean()
        optimizer.zero_grad()
        loss.backward(retain_graph=True)
        optimizer.step()
        scheduler.step()
        history.append(loss.item())
    samples = flow.sample(100)
    history += [samples.mean().item(), samples.std().item()]

    func = Dynamics()
    for m in func.net.modules():
        if isinstance(m, nn.Linear):
            nn.init.normal_(m.weight, mean=0, std=0.1)
            nn.init.constant_(m.bias, val=0)
    optimizer = optim.RMSprop(func.parameters(), lr=1e-2)
    start = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    target = start @ torch.tensor([[-0.1, 2.0], [-2.0, -0.1]])
    for _ in range(steps):
        optimizer.zero_grad()
        end = Adjoint.apply(start, func, 10, 0.05, *func.parameters())
        loss = torch.mean(torch.abs(end - start - 0.1 * target))
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    return history
