"""Reinforcement learning: an actor and a critic learn to balance a pole on a cart.

python examples/actor_critic.py   draws the length of the episodes

The cart is that of Barto, Sutton and Anderson, "Neuronlike adaptive elements that can solve
difficult learning control problems" (1983).
"""

from __future__ import annotations

import argparse
import math
import random
from pathlib import Path

import autograd_core as ag
import autograd_core.nn.functional as F
from autograd_core import nn, optim
from autograd_core.distributions import Categorical


class CartPole:
    """A pole on a cart that is pushed to the left or to the right."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def reset(self):
        self.state = [self.random.uniform(-0.05, 0.05) for _ in range(4)]
        return self.state

    def step(self, action):
        """The new state, and whether the pole still stands."""
        x, speed, angle, turn = self.state
        force = 10.0 if action == 1 else -10.0
        sine, cosine = math.sin(angle), math.cos(angle)
        push = (force + 0.05 * turn**2 * sine) / 1.1
        turning = (9.8 * sine - cosine * push) / (0.5 * (4.0 / 3.0 - 0.1 * cosine**2 / 1.1))
        driving = push - 0.05 * turning * cosine / 1.1
        dt = 0.02
        self.state = [x + dt * speed, speed + dt * driving, angle + dt * turn, turn + dt * turning]
        stands = abs(self.state[0]) < 2.4 and abs(self.state[2]) < 12 * math.pi / 180
        return self.state, stands


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine = nn.Linear(4, 128)
        self.action_head = nn.Linear(128, 2)
        self.value_head = nn.Linear(128, 1)

    def forward(self, x):
        x = F.relu(self.affine(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)


def train(episodes=5, gamma=0.99, lr=1e-2, most=500):
    """Train; returns the loss and the length of every episode."""
    ag.manual_seed(543)
    world, model = CartPole(543), Policy()
    optimizer = optim.Adam(model.parameters(), lr=lr)
    losses, lengths = [], []
    for _ in range(episodes):
        state, stands, played = world.reset(), True, []
        while stands and len(played) < most:
            probabilities, value = model(ag.tensor(state))
            choice = Categorical(probabilities)
            action = choice.sample()
            state, stands = world.step(action.item())
            played.append((choice.log_prob(action), value, 1.0))
        returns, total = [], 0.0
        for _, _, reward in reversed(played):
            total = reward + gamma * total
            returns.insert(0, total)
        returns = ag.tensor(returns)
        returns = (returns - returns.mean()) / (returns.std() + 1e-6)
        policy_losses, value_losses = [], []
        for (log_prob, value, _), target in zip(played, returns):
            advantage = target - value.item()
            policy_losses.append(-log_prob * advantage)
            value_losses.append(F.smooth_l1_loss(value, target.reshape(1)))
        optimizer.zero_grad()
        loss = ag.stack(policy_losses).sum() + ag.stack(value_losses).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        lengths.append(len(played))
    return losses, lengths


def main():
    parser = argparse.ArgumentParser(description="Balance a pole on a cart.")
    parser.add_argument("--episodes", type=int, default=140, help="default: 140")
    parser.add_argument("--out", type=Path, default=Path("runs/cartpole.png"), help="the picture")
    options = parser.parse_args()
    _, lengths = train(options.episodes)
    last = lengths[-20:]
    print(f"the pole stands {sum(last) / len(last):.0f} steps in the last episodes (at most 500)")
    try:
        from matplotlib import pyplot
    except ImportError:
        print("no picture: it needs matplotlib")
        return
    figure, axis = pyplot.subplots(figsize=(8, 3.5), layout="constrained")
    axis.plot(lengths, color="#0072B2")
    axis.set(xlabel="episode", ylabel="steps")
    axis.set_title("How long the pole stands", loc="left")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out, dpi=120)
    print(f"picture: {options.out}")


if __name__ == "__main__":
    main()
