"""A language model of LSTM layers: truncated backpropagation through time, gradient clipping.

python examples/lstm_language_model.py

The text is one long stream, cut into parallel columns; the state goes on from one piece to the next
without its gradient. Source: Zaremba, Sutskever and Vinyals, "Recurrent neural network
regularization" (2014).
"""

from __future__ import annotations

import argparse
import math

import autograd_core as ag
from autograd_core import nn, optim
from autograd_core.datasets.zen import TEXT

WORDS = TEXT.replace("\n", " <eos> ").replace(".", " .").replace(",", " ,").lower().split()


class LanguageModel(nn.Module):
    def __init__(self, vocabulary, embedding=64, hidden=64, layers=2, dropout=0.2):
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, hidden, layers, dropout=dropout)
        self.decoder = nn.Linear(hidden, vocabulary)
        self.decoder.weight = self.encoder.weight  # one matrix for reading and writing
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, state):
        output, state = self.lstm(self.drop(self.encoder(x)), state)
        return self.decoder(self.drop(output)), state


def repackage(state):
    """The state as values, without the graph that led to it."""
    return tuple(part.detach() for part in state)


def train(epochs=2, columns=4, length=7, lr=2.0, clip=0.25):
    """Train; returns the loss of every step."""
    ag.manual_seed(1)
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys(WORDS))}
    stream = ag.tensor([vocabulary[word] for word in WORDS])
    rows = len(stream) // columns
    data = stream[: rows * columns].view(columns, rows).t().contiguous()
    model = LanguageModel(len(vocabulary))
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        state = tuple(ag.zeros(2, columns, 64) for _ in range(2))
        for i in range(0, rows - 1, length):
            n = min(length, rows - 1 - i)
            x, y = data[i : i + n], data[i + 1 : i + 1 + n].reshape(-1)
            state = repackage(state)
            optimizer.zero_grad()
            scores, state = model(x, state)
            loss = criterion(scores.view(-1, len(vocabulary)), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            losses.append(loss.item())
    return losses


def main():
    parser = argparse.ArgumentParser(description="Learn which word of a text comes next.")
    parser.add_argument("--epochs", type=int, default=60, help="default: 60")
    losses = train(parser.parse_args().epochs)
    print(f"perplexity {math.exp(losses[0]):.1f} -> {math.exp(losses[-1]):.1f}")


if __name__ == "__main__":
    main()
