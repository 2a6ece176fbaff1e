"""A graph convolutional network: who of Zachary's karate club went with whom.

python examples/graph_network.py

Of the 34 members only the two leaders' groups are known to the network; the others' follow from
who met whom. Data: Zachary, "An information flow model for conflict and fission in small groups"
(1977). Source of the network: Kipf and Welling, "Semi-supervised classification with graph
convolutional networks" (2017).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import autograd_core as ag
import autograd_core.nn.functional as F
from autograd_core import nn, optim

MEMBERS = 34
# Who met whom: for each member, those with a higher number.
MEETINGS = {
    0: [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31], 1: [2, 3, 7, 13, 17, 19, 21, 30],
    2: [3, 7, 8, 9, 13, 27, 28, 32], 3: [7, 12, 13], 4: [6, 10], 5: [6, 10, 16], 6: [16],
    8: [30, 32, 33], 9: [33], 13: [33], 14: [32, 33], 15: [32, 33], 18: [32, 33], 19: [33],
    20: [32, 33], 22: [32, 33], 23: [25, 27, 29, 32, 33], 24: [25, 27, 31], 25: [31], 26: [29, 33],
    27: [33], 28: [31, 33], 29: [32, 33], 30: [32, 33], 31: [32, 33], 32: [33],
}  # fmt: skip
FIRST_GROUP = {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 16, 17, 19, 21}


class GraphConvolution(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(ag.empty(inputs, outputs))
        self.bias = nn.Parameter(ag.zeros(outputs))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x, source, target, strength):
        """The mean of the neighbours' messages, weighted."""
        messages = (x @ self.weight)[source] * strength.unsqueeze(1)
        gathered = ag.zeros(x.size(0), messages.size(1)).index_add(0, target, messages)
        return gathered + self.bias


class GCN(nn.Module):
    def __init__(self, inputs, hidden=16, classes=2):
        super().__init__()
        self.first = GraphConvolution(inputs, hidden)
        self.second = GraphConvolution(hidden, classes)

    def forward(self, x, *graph):
        x = F.dropout(F.relu(self.first(x, *graph)), 0.3, training=self.training)
        return F.log_softmax(self.second(x, *graph), dim=1)


def graph():
    """Edges in both directions and to oneself: sources, targets and their strength."""
    pairs = [(a, b) for a, others in MEETINGS.items() for b in others]
    pairs += [(b, a) for a, b in pairs] + [(i, i) for i in range(MEMBERS)]
    source, target = ag.tensor(pairs).t()
    degree = ag.bincount(target, minlength=MEMBERS).float()
    return source, target, (degree[source] * degree[target]) ** -0.5


def train(epochs=60, lr=0.02):
    """Train; returns the model, the loss of every epoch and the share of members placed right."""
    ag.manual_seed(2)
    edges = graph()
    features = ag.eye(MEMBERS)
    labels = ag.tensor([0 if i in FIRST_GROUP else 1 for i in range(MEMBERS)])
    known = ag.tensor([0, 33])
    model = GCN(MEMBERS)
    optimizer = optim.Adam(model.parameters(), lr=lr, weight_decay=5e-4)
    losses = []
    for _ in range(epochs):
        model.train()
        optimizer.zero_grad()
        output = model(features, *edges)
        loss = F.nll_loss(output[known], labels[known])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with ag.no_grad():
        right = (model(features, *edges).argmax(1) == labels).float().mean().item()
    return model, losses, right


def places(source, target, steps=400):
    """Where to draw the members: meetings pull them together, and all push each other away."""
    at = nn.Parameter(ag.randn(MEMBERS, 2))
    optimizer = optim.Adam([at], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        pull = (at[source] - at[target]).pow(2).sum()
        apart = (at[:, None] - at).pow(2).sum(-1)
        (pull - 2 * (apart + 0.05).log().sum()).backward()
        optimizer.step()
    return at.tolist()


def main():
    parser = argparse.ArgumentParser(description="Divide a karate club.")
    parser.add_argument("--epochs", type=int, default=200, help="default: 200")
    parser.add_argument("--out", type=Path, default=Path("runs/karate.png"), help="the picture")
    options = parser.parse_args()
    model, losses, right = train(options.epochs)
    print(
        f"loss {losses[0]:.3f} -> {losses[-1]:.3f}; {100 * right:.0f} % of the members placed right"
    )
    try:
        from matplotlib import pyplot
    except ImportError:
        print("no picture: it needs matplotlib")
        return
    source, target, strength = graph()
    with ag.no_grad():
        guess = model(ag.eye(MEMBERS), source, target, strength).argmax(1).tolist()
    at = places(source, target)
    figure, axes = pyplot.subplots(figsize=(7, 5), layout="constrained")
    for a, others in MEETINGS.items():
        for b in others:
            axes.plot(*zip(at[a], at[b]), color="#D1D5DB", linewidth=1, zorder=1)
    for member, (x, y) in enumerate(at):
        wrong = guess[member] != (0 if member in FIRST_GROUP else 1)
        axes.scatter(
            x, y, s=260, color=("#0072B2", "#E69F00")[guess[member]], zorder=2,
            edgecolors="#C8102E" if wrong else "#1F2937" if member in (0, 33) else "white",
            linewidths=2.5 if wrong or member in (0, 33) else 1,
        )  # fmt: skip
        axes.text(x, y, member, ha="center", va="center", color="white", fontsize=8, zorder=3)
    axes.set_title("Two members are known (black rim), the others placed; red: wrong", loc="left")
    axes.set_axis_off()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out, dpi=120)
    print(f"picture: {options.out}")


if __name__ == "__main__":
    main()
