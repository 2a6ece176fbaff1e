"""Deep Q-learning with a replay buffer and a target network, in a small world of its own."""

from __future__ import annotations

import math
import random
from collections import deque, namedtuple
from itertools import count

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))


class Corridor:
    """Reach the right end; the left end ends the episode with nothing."""

    def reset(self):
        self.x, self.t = 3, 0
        return [self.x / 6.0, self.t / 20.0]

    def step(self, action):
        self.x += 1 if action == 1 else -1
        self.t += 1
        reward = 1.0 if self.x == 6 else -0.01
        terminated = self.x in (0, 6)
        return [self.x / 6.0, self.t / 20.0], reward, terminated, self.t >= 20


class ReplayMemory:
    def __init__(self, capacity):
        self.memory = deque([], maxlen=capacity)

    def push(self, *args):
        self.memory.append(Transition(*args))

    def sample(self, batch_size):
        return random.sample(self.memory, batch_size)

    def __len__(self):
        return len(self.memory)


class DQN(nn.Module):
    def __init__(self, n_observations, n_actions):
        super(DQN, self).__init__()
        self.layer1 = nn.Linear(n_observations, 32)
        self.layer2 = nn.Linear(32, 32)
        self.value = nn.Linear(32, 1)
        self.advantage = nn.Linear(32, n_actions)

    def forward(self, x):
        x = F.relu(self.layer2(F.relu(self.layer1(x))))
        advantage = self.advantage(x)
        return self.value(x) + advantage - advantage.mean(dim=1, keepdim=True)


def train(num_episodes=6):
    random.seed(5)
    torch.manual_seed(5)
    device = torch.device("cpu")
    env, memory, steps_done = Corridor(), ReplayMemory(200), 0
    policy_net, target_net = DQN(2, 2).to(device), DQN(2, 2).to(device)
    target_net.load_state_dict(policy_net.state_dict())
    for p in target_net.parameters():
        p.requires_grad = False
    optimizer = optim.AdamW(policy_net.parameters(), lr=1e-3, amsgrad=True)
    batch_size, gamma, tau = 16, 0.99, 0.05
    history = []

    def select_action(state):
        nonlocal steps_done
        threshold = 0.05 + 0.85 * math.exp(-1.0 * steps_done / 30)
        steps_done += 1
        if random.random() > threshold:
            with torch.no_grad():
                return policy_net(state).max(1).indices.view(1, 1)
        return torch.tensor([[random.randrange(2)]], device=device, dtype=torch.long)

    def optimize_model():
        if len(memory) < batch_size:
            return
        batch = Transition(*zip(*memory.sample(batch_size)))
        non_final_mask = torch.tensor(
            tuple(map(lambda s: s is not None, batch.next_state)), device=device, dtype=torch.bool
        )
        non_final_next_states = torch.cat([s for s in batch.next_state if s is not None])
        state_batch = torch.cat(batch.state)
        action_batch = torch.cat(batch.action)
        reward_batch = torch.cat(batch.reward)
        state_action_values = policy_net(state_batch).gather(1, action_batch)
        next_state_values = torch.zeros(batch_size, device=device)
        with torch.no_grad():
            best = policy_net(non_final_next_states).argmax(1, keepdim=True)
            next_state_values[non_final_mask] = (
                target_net(non_final_next_states).gather(1, best).squeeze(1)
            )
        expected = (next_state_values * gamma) + reward_batch
        loss = nn.SmoothL1Loss()(state_action_values, expected.unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
        optimizer.step()
        history.append(loss.item())

    for _ in range(num_episodes):
        state = torch.tensor(env.reset(), dtype=torch.float32, device=device).unsqueeze(0)
        for t in count():
            action = select_action(state)
            observation, reward, terminated, truncated = env.step(action.item())
            reward = torch.tensor([reward], device=device)
            next_state = None
            if not terminated:
                next_state = torch.tensor(observation, dtype=torch.float32).unsqueeze(0)
            memory.push(state, action, next_state, reward)
            state = next_state
            optimize_model()
            target_dict, policy_dict = target_net.state_dict(), policy_net.state_dict()
            for key in policy_dict:
                target_dict[key] = policy_dict[key] * tau + target_dict[key] * (1 - tau)
            target_net.load_state_dict(target_dict)
            if terminated or truncated:
                history.append(float(t + 1))
                break
    return history
