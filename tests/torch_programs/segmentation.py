"""A U-Net with Dice loss, augmentation, early stopping and a plateau;
and a network that solves a differential equation by derivatives of itself."""

from __future__ import annotations

import copy

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.lr_scheduler import ReduceLROnPlateau


class DoubleConv(nn.Module):
    def __init__(self, in_channels, out_channels, mid_channels=None):
        super().__init__()
        if not mid_channels:
            mid_channels = out_channels
        self.double_conv = nn.Sequential(
            nn.Conv2d(in_channels, mid_channels, kernel_size=3, padding=1, bias=False),
            nn.InstanceNorm2d(mid_channels, affine=True),
            nn.PReLU(),
            nn.Conv2d(mid_channels, out_channels, kernel_size=3, padding=1, padding_mode="reflect"),
            nn.GroupNorm(2, out_channels),
            nn.Mish(inplace=True),
            nn.Dropout2d(0.1),
        )

    def forward(self, x):
        return self.double_conv(x)


class Up(nn.Module):
    def __init__(self, in_channels, out_channels, bilinear=True):
        super().__init__()
        if bilinear:
            self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            self.conv = DoubleConv(in_channels, out_channels, in_channels // 2)
        else:
            self.up = nn.ConvTranspose2d(in_channels, in_channels // 2, kernel_size=2, stride=2)
            self.conv = DoubleConv(in_channels, out_channels)

    def forward(self, x1, x2):
        x1 = self.up(x1)
        diffY = x2.size()[2] - x1.size()[2]
        diffX = x2.size()[3] - x1.size()[3]
        x1 = F.pad(x1, [diffX // 2, diffX - diffX // 2, diffY // 2, diffY - diffY // 2])
        return self.conv(torch.cat([x2, x1], dim=1))


class UNet(nn.Module):
    def __init__(self, n_channels, n_classes):
        super().__init__()
        self.inc = DoubleConv(n_channels, 4)
        self.down1 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(4, 8))
        self.down2 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(8, 8))
        self.up1 = Up(16, 4)
        self.up2 = Up(8, 4)
        self.outc = nn.Conv2d(4, n_classes, kernel_size=1)

    def forward(self, x):
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x = self.up1(self.down2(x2), x2)
        return self.outc(self.up2(x, x1))


def dice_coeff(input, target, reduce_batch_first=False, epsilon=1e-6):
    assert input.size() == target.size()
    sum_dim = (-1, -2) if input.dim() == 2 or not reduce_batch_first else (-1, -2, -3)
    inter = 2 * (input * target).sum(dim=sum_dim)
    sets_sum = input.sum(dim=sum_dim) + target.sum(dim=sum_dim)
    sets_sum = torch.where(sets_sum == 0, inter, sets_sum)
    return ((inter + epsilon) / (sets_sum + epsilon)).mean()


def segment(epochs):
    grid = torch.stack(torch.meshgrid(torch.arange(11), torch.arange(13), indexing="ij"))
    centers = torch.rand(12, 2, 1, 1) * 10
    masks = ((grid - centers).pow(2).sum(1) < 9).long()
    images = torch.randn(12, 1, 11, 13) * 0.3 + masks[:, None]
    model = UNet(1, 2).to(memory_format=torch.channels_last)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=5e-3, weight_decay=1e-8, momentum=0.9)
    scheduler = ReduceLROnPlateau(optimizer, "max", patience=0, factor=0.5)
    history, best, best_state = [], 0.0, None
    for epoch in range(1, epochs + 1):
        model.train()
        for image, mask in zip(images[:8].split(4), masks[:8].split(4)):
            if torch.rand(1) < 0.5:
                image, mask = torch.flip(image, dims=(3,)), mask.flip(-1)
            masks_pred = model(image)
            loss = F.cross_entropy(masks_pred, mask, weight=torch.tensor([0.4, 1.0]))
            probabilities = F.softmax(masks_pred, dim=1).float()
            one_hot = F.one_hot(mask, 2).permute(0, 3, 1, 2).float()
            loss += 1 - dice_coeff(probabilities[:, 1:], one_hot[:, 1:])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            history.append(loss.item())
        model.eval()
        with torch.inference_mode():
            predicted = model(images[8:]).argmax(dim=1)
            score = dice_coeff((predicted == 1).float(), masks[8:].float())
        scheduler.step(score)
        if score > best:
            best, best_state = score, copy.deepcopy(model.state_dict())
        history += [score.item(), optimizer.param_groups[0]["lr"]]
    if best_state is not None:
        model.load_state_dict(best_state)
    return history


class Sine(nn.Module):
    def forward(self, x):
        return torch.sin(3 * x)


def solve(steps):
    """u'' = -u with u(0) = 0 and u'(0) = 1."""
    model = nn.Sequential(nn.Linear(1, 16), Sine(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = torch.optim.LBFGS(
        model.parameters(), lr=1, max_iter=5, history_size=10, line_search_fn="strong_wolfe"
    )
    x = torch.linspace(0, 3, 20).unsqueeze(1).requires_grad_()
    zero = torch.zeros(1, 1, requires_grad=True)
    derivative = lambda y, x: torch.autograd.grad(y.sum(), x, create_graph=True)[0]
    history = []

    def closure():
        optimizer.zero_grad()
        u = model(x)
        residual = derivative(derivative(u, x), x) + u
        start = model(zero)
        loss = (
            residual.square().mean()
            + start.square().squeeze()
            + (derivative(start, zero) - 1).pow(2).squeeze()
        )
        loss.backward()
        history.append(loss.item())
        return loss

    for _ in range(steps):
        optimizer.step(closure)
    return history


def train():
    torch.manual_seed(9)
    return segment(3) + solve(2)
