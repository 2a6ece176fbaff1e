"""Proximal policy optimization with generalized advantages, orthogonal weights and a continuous
action; the environment is a point that wants to stand at the origin."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from torch.distributions.normal import Normal


def layer_init(layer, std=np.sqrt(2), bias_const=0.0):
    torch.nn.init.orthogonal_(layer.weight, std)
    torch.nn.init.constant_(layer.bias, bias_const)
    return layer


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.critic = nn.Sequential(
            layer_init(nn.Linear(2, 16)), nn.Tanh(), layer_init(nn.Linear(16, 1), std=1.0)
        )
        self.actor_mean = nn.Sequential(
            layer_init(nn.Linear(2, 16)), nn.Tanh(), layer_init(nn.Linear(16, 1), std=0.01)
        )
        self.actor_logstd = nn.Parameter(torch.zeros(1, 1))

    def get_value(self, x):
        return self.critic(x)

    def get_action_and_value(self, x, action=None):
        action_mean = self.actor_mean(x)
        action_logstd = self.actor_logstd.expand_as(action_mean)
        probs = Normal(action_mean, torch.exp(action_logstd))
        if action is None:
            action = probs.sample()
        return action, probs.log_prob(action).sum(1), probs.entropy().sum(1), self.critic(x)


class Points:
    def __init__(self, n):
        self.rng = np.random.default_rng(0)
        self.state = self.rng.normal(size=(n, 2))

    def step(self, action):
        position, speed = self.state.T
        speed = 0.9 * speed + 0.2 * np.clip(action[:, 0], -2, 2)
        position = position + 0.2 * speed
        done = np.abs(position) > 2
        self.state = np.stack([position, speed], 1)
        self.state[done] = self.rng.normal(size=(done.sum(), 2)) * 0.5
        return self.state, -(position**2) - 5.0 * done, done


def train(updates=2, num_steps=16, num_envs=4, minibatches=2, epochs=2):
    np.random.seed(4)
    torch.manual_seed(4)
    envs, agent = Points(num_envs), Agent()
    optimizer = optim.Adam(agent.parameters(), lr=1e-2, eps=1e-5)
    gamma, gae_lambda, clip_coef = 0.99, 0.95, 0.2
    obs = torch.zeros((num_steps, num_envs) + (2,))
    actions = torch.zeros((num_steps, num_envs, 1))
    logprobs, rewards, dones, values = (torch.zeros((num_steps, num_envs)) for _ in range(4))
    next_obs, next_done = torch.Tensor(envs.state), torch.zeros(num_envs)
    history = []
    for update in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = (1.0 - (update - 1.0) / updates) * 1e-2
        for step in range(num_steps):
            obs[step] = next_obs
            dones[step] = next_done
            with torch.no_grad():
                action, logprob, _, value = agent.get_action_and_value(next_obs)
                values[step] = value.flatten()
            actions[step] = action
            logprobs[step] = logprob
            state, reward, done = envs.step(action.cpu().numpy())
            rewards[step] = torch.tensor(reward).view(-1)
            next_obs, next_done = torch.Tensor(state), torch.Tensor(done)
        with torch.no_grad():
            next_value = agent.get_value(next_obs).reshape(1, -1)
            advantages = torch.zeros_like(rewards)
            lastgaelam = 0
            for t in reversed(range(num_steps)):
                if t == num_steps - 1:
                    nextnonterminal, nextvalues = 1.0 - next_done, next_value
                else:
                    nextnonterminal, nextvalues = 1.0 - dones[t + 1], values[t + 1]
                delta = rewards[t] + gamma * nextvalues * nextnonterminal - values[t]
                lastgaelam = delta + gamma * gae_lambda * nextnonterminal * lastgaelam
                advantages[t] = lastgaelam
            returns = advantages + values
        b_obs, b_actions = obs.reshape((-1, 2)), actions.reshape((-1, 1))
        b_logprobs, b_advantages = logprobs.reshape(-1), advantages.reshape(-1)
        b_returns, b_values = returns.reshape(-1), values.reshape(-1)
        b_inds = np.arange(num_steps * num_envs)
        for _ in range(epochs):
            np.random.shuffle(b_inds)
            for mb_inds in np.array_split(b_inds, minibatches):
                _, newlogprob, entropy, newvalue = agent.get_action_and_value(
                    b_obs[mb_inds], b_actions[mb_inds]
                )
                logratio = newlogprob - b_logprobs[mb_inds]
                ratio = logratio.exp()
                with torch.no_grad():
                    approx_kl = ((ratio - 1) - logratio).mean()
                    clipfrac = ((ratio - 1.0).abs() > clip_coef).float().mean().item()
                mb_advantages = b_advantages[mb_inds]
                mb_advantages = (mb_advantages - mb_advantages.mean()) / (
                    mb_advantages.std() + 1e-8
                )
                pg_loss1 = -mb_advantages * ratio
                pg_loss2 = -mb_advantages * torch.clamp(ratio, 1 - clip_coef, 1 + clip_coef)
                pg_loss = torch.max(pg_loss1, pg_loss2).mean()
                newvalue = newvalue.view(-1)
                v_clipped = b_values[mb_inds] + torch.clamp(
                    newvalue - b_values[mb_inds], -clip_coef, clip_coef
                )
                v_loss_max = torch.max(
                    (newvalue - b_returns[mb_inds]) ** 2, (v_clipped - b_returns[mb_inds]) ** 2
                )
                loss = pg_loss - 0.01 * entropy.mean() + 0.5 * 0.5 * v_loss_max.mean()
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
                optimizer.step()
                history += [loss.item(), approx_kl.item(), clipfrac]
        y_pred, y_true = b_values.cpu().numpy(), b_returns.cpu().numpy()
        history.append(float(1 - np.var(y_true - y_pred) / np.var(y_true)))
    return history
