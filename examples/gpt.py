"""A small GPT: causal attention, tied weights, groups of parameters, accumulation, generation.

python examples/gpt.py

Source: Radford et al., "Language models are unsupervised multitask learners" (2019).
"""

from __future__ import annotations

import argparse
import math

import autograd_core as ag
import autograd_core.nn.functional as F
from autograd_core import nn, optim
from autograd_core.datasets.zen import CHARACTERS, TEXT, decode, encode


class Attention(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = (
            part.view(n, t, self.heads, c // self.heads).transpose(1, 2)
            for part in self.qkv(x).split(c, dim=2)
        )
        weights = q @ k.transpose(-2, -1) / math.sqrt(k.size(-1))
        mask = ag.tril(ag.ones(t, t)).bool()
        weights = F.softmax(weights.masked_fill(~mask, float("-inf")), dim=-1)
        y = F.dropout(weights, self.dropout, self.training) @ v
        return self.drop(self.proj(y.transpose(1, 2).contiguous().view(n, t, c)))


class Block(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, dropout)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width), nn.Dropout(dropout)
        )

    def forward(self, x):
        x = x + self.attention(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class GPT(nn.Module):
    def __init__(self, vocabulary, context=32, width=64, heads=4, layers=2, dropout=0.1):
        super().__init__()
        self.context = context
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList([Block(width, heads, dropout) for _ in range(layers)])
        self.ln = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.tokens.weight = self.head.weight
        self.apply(self._init)

    def _init(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, mean=0.0, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, x, y=None):
        positions = ag.arange(x.size(1))
        h = self.drop(self.tokens(x) + self.positions(positions))
        for block in self.blocks:
            h = block(h)
        scores = self.head(self.ln(h))
        if y is None:
            return scores, None
        return scores, F.cross_entropy(scores.view(-1, scores.size(-1)), y.view(-1))

    @ag.no_grad()
    def generate(self, x, count, temperature=0.5, top_k=5):
        for _ in range(count):
            scores, _ = self(x[:, -self.context :])
            scores = scores[:, -1, :] / temperature
            least = ag.topk(scores, top_k).values[:, [-1]]
            scores[scores < least] = -float("inf")
            x = ag.cat((x, ag.multinomial(F.softmax(scores, dim=-1), num_samples=1)), dim=1)
        return x


def configure(model, lr=3e-3, decay=0.1):
    """AdamW that lets only matrices decay."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return optim.AdamW(groups, lr=lr, betas=(0.9, 0.95))


def train(steps=10, batch=8, accumulate=2):
    """Train; returns the model and the mean loss of every step."""
    ag.manual_seed(1337)
    text = ag.tensor(encode(TEXT))
    model = GPT(len(CHARACTERS))
    optimizer = configure(model)
    model.train()
    losses = []
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * min(1.0, (step + 1) / 10)
        total = 0.0
        for _ in range(accumulate):
            starts = ag.randint(len(text) - model.context, (batch,))
            x = ag.stack([text[i : i + model.context] for i in starts])
            y = ag.stack([text[i + 1 : i + 1 + model.context] for i in starts])
            _, loss = model(x, y)
            loss = loss / accumulate
            loss.backward()
            total += loss.item()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(total)
    return model, losses


def main():
    parser = argparse.ArgumentParser(description="Train a small GPT on the Zen of Python.")
    parser.add_argument("--steps", type=int, default=300, help="default: 300")
    model, losses = train(parser.parse_args().steps)
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}\n")
    model.eval()
    print(decode(model.generate(ag.tensor([encode("Simple")]), 200)[0].tolist()))


if __name__ == "__main__":
    main()
