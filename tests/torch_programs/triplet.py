"""Embeddings learned from triplets: a Dataset and a collate_fn of one's own, and a contrastive
loss beside."""

from __future__ import annotations

import random

import numpy as np
import torch
from torch import nn, optim
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler


class Points(Dataset):
    def __init__(self, n, transform=None):
        rng = np.random.RandomState(0)
        self.labels = rng.randint(0, 3, n)
        centers = np.array([[2.0, 0.0, 1.0], [0.0, 2.0, -1.0], [-2.0, -2.0, 0.0]])
        self.data = [
            (centers[label] + rng.randn(rng.randint(3, 7), 3)).astype(np.float32)
            for label in self.labels
        ]
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        label = int(self.labels[index])
        same = random.choice([i for i, y in enumerate(self.labels) if y == label])
        other = random.choice([i for i, y in enumerate(self.labels) if y != label])
        sample = {
            "anchor": torch.from_numpy(self.data[index]),
            "positive": torch.from_numpy(self.data[same]),
            "negative": torch.from_numpy(self.data[other]),
            "label": label,
        }
        return self.transform(sample) if self.transform else sample


def collate(samples):
    """Pads each cloud of points to the longest of the batch."""
    batch = {"label": torch.tensor([s["label"] for s in samples], dtype=torch.long)}
    for key in ("anchor", "positive", "negative"):
        clouds = [s[key] for s in samples]
        padded = nn.utils.rnn.pad_sequence(clouds, batch_first=True)
        mask = torch.zeros(padded.shape[:2], dtype=torch.bool)
        for i, cloud in enumerate(clouds):
            mask[i, : len(cloud)] = True
        batch[key] = (padded, mask)
    return batch


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 16), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, 4))

    def forward(self, x, mask):
        h = self.net(x).masked_fill(~mask.unsqueeze(-1), 0.0)
        pooled = h.sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp(min=1)
        return F.normalize(pooled, p=2, dim=1)


def nt_xent(a, b, temperature=0.5):
    z = torch.cat([a, b], dim=0)
    similarity = z @ z.t() / temperature
    similarity.fill_diagonal_(float("-inf"))
    n = a.size(0)
    targets = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(similarity, targets)


def train(epochs=3):
    random.seed(1)
    torch.manual_seed(1)
    data = Points(48, transform=lambda s: {**s, "anchor": s["anchor"] + 0.1 * torch.randn(3)})
    counts = np.bincount(data.labels)
    sampler = WeightedRandomSampler([1.0 / counts[y] for y in data.labels], num_samples=48)
    loader = DataLoader(data, batch_size=12, sampler=sampler, collate_fn=collate, num_workers=0)
    model = Encoder()
    triplet = nn.TripletMarginLoss(margin=0.5, p=2)
    optimizer = optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-2)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    history = []
    for _ in range(epochs):
        for batch in loader:
            a, p, n = (model(*batch[key]) for key in ("anchor", "positive", "negative"))
            loss = triplet(a, p, n) + 0.1 * nt_xent(a, p)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            history.append(loss.item())
        scheduler.step()
    with torch.inference_mode():
        clouds = nn.utils.rnn.pad_sequence([torch.as_tensor(c) for c in data.data], True)
        mask = clouds.abs().sum(-1) > 0
        embedded = model(clouds, mask)
        distances = torch.cdist(embedded, embedded)
        nearest = distances.topk(2, largest=False).indices[:, 1]
        labels = torch.tensor(data.labels)
        history.append((labels[nearest] == labels).float().mean().item())
        history.append(F.cosine_similarity(embedded[:-1], embedded[1:]).mean().item())
    return history
