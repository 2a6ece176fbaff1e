"""A recurrent network that reads and writes a text character by character.

python examples/char_rnn.py

Source: after Karpathy, "The unreasonable effectiveness of recurrent neural networks" (2015).
"""

from __future__ import annotations

import argparse

import autograd_core as ag
from autograd_core import nn, optim
from autograd_core.datasets.zen import CHARACTERS, TEXT, decode, encode


class CharRNN(nn.Module):
    def __init__(self, size, hidden=128):
        super().__init__()
        self.embedding = nn.Embedding(size, 32)
        self.rnn = nn.RNN(32, hidden, num_layers=2, batch_first=True)
        self.head = nn.Linear(hidden, size)

    def forward(self, x, state=None):
        output, state = self.rnn(self.embedding(x), state)
        return self.head(output), state


def train(steps=30, length=40, batch=16, lr=2e-3):
    """Train; returns the model and the loss of every step."""
    ag.manual_seed(1)
    text = ag.tensor(encode(TEXT))
    model = CharRNN(len(CHARACTERS))
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        starts = ag.randint(0, len(text) - length - 1, (batch,)).tolist()
        x = ag.stack([text[i : i + length] for i in starts])
        y = ag.stack([text[i + 1 : i + length + 1] for i in starts])
        optimizer.zero_grad()
        scores, _ = model(x)
        loss = criterion(scores.reshape(-1, len(CHARACTERS)), y.reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        losses.append(loss.item())
    return model, losses


def write(model, start="Beautiful", length=200, temperature=0.5):
    """Go on with a text, one character after the other."""
    written, state = encode(start), None
    x = ag.tensor([written])
    with ag.no_grad():
        for _ in range(length):
            scores, state = model(x, state)
            probabilities = ag.softmax(scores[0, -1] / temperature, dim=0)
            written.append(ag.multinomial(probabilities, 1).item())
            x = ag.tensor([written[-1:]])
    return decode(written)


def main():
    parser = argparse.ArgumentParser(description="Learn to write the Zen of Python.")
    parser.add_argument("--steps", type=int, default=400, help="default: 400")
    model, losses = train(parser.parse_args().steps)
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}\n\n{write(model)}")


if __name__ == "__main__":
    main()
