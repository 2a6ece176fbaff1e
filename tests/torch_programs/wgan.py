"""A Wasserstein GAN with gradient penalty, spectral norm and weights averaged over time."""

from __future__ import annotations

import torch
from torch import autograd, nn, optim
from torch.nn.utils.parametrizations import spectral_norm
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


class Generator(nn.Module):
    def __init__(self, latent=4):
        super().__init__()

        def block(in_feat, out_feat, normalize=True):
            layers = [nn.Linear(in_feat, out_feat)]
            if normalize:
                layers.append(nn.BatchNorm1d(out_feat, 0.8))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers

        self.model = nn.Sequential(
            *block(latent, 16, normalize=False), *block(16, 16), nn.Linear(16, 2), nn.Tanh()
        )

    def forward(self, z):
        return self.model(z)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            spectral_norm(nn.Linear(2, 16)), nn.ELU(), spectral_norm(nn.Linear(16, 16)), nn.ELU(),
            nn.Linear(16, 1),
        )  # fmt: skip

    def forward(self, x):
        return self.model(x)


def compute_gradient_penalty(D, real_samples, fake_samples):
    alpha = torch.rand(real_samples.size(0), 1)
    interpolates = (alpha * real_samples + ((1 - alpha) * fake_samples)).requires_grad_(True)
    d_interpolates = D(interpolates)
    gradients = autograd.grad(
        outputs=d_interpolates, inputs=interpolates, grad_outputs=torch.ones_like(d_interpolates),
        create_graph=True, retain_graph=True, only_inputs=True,
    )[0]  # fmt: skip
    return ((gradients.view(gradients.size(0), -1).norm(2, dim=1) - 1) ** 2).mean()


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("BatchNorm") != -1:
        nn.init.normal_(m.weight.data, 1.0, 0.02)
        nn.init.constant_(m.bias.data, 0)


def train(iterations=6, n_critic=2):
    torch.manual_seed(2)
    generator, critic = Generator(), Critic()
    generator.apply(weights_init)
    averaged = AveragedModel(generator, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    optimizer_G = optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.9))
    optimizer_D = optim.RMSprop(critic.parameters(), lr=5e-4, momentum=0.1)
    history = []
    for i in range(iterations * n_critic):
        angle = 2 * torch.pi * torch.rand(32)
        real = torch.stack([angle.cos(), angle.sin()], 1) * 0.7
        fake = generator(torch.normal(0.0, 1.0, (32, 4)))
        penalty = compute_gradient_penalty(critic, real.data, fake.data)
        d_loss = -torch.mean(critic(real)) + torch.mean(critic(fake.detach())) + 10 * penalty
        optimizer_D.zero_grad()
        d_loss.backward()
        optimizer_D.step()
        history += [d_loss.item(), penalty.item()]
        if i % n_critic == 0:
            for p in critic.parameters():
                p.requires_grad_(False)
            g_loss = -critic(generator(torch.randn(32, 4))).mean()
            optimizer_G.zero_grad()
            g_loss.backward()
            optimizer_G.step()
            averaged.update_parameters(generator)
            for p in critic.parameters():
                p.requires_grad_(True)
            history.append(g_loss.item())
    # (A bias before batch normalization gets no gradient but rounding, which Adam makes large; here
    # the batch's own mean takes it away again.)
    return history + averaged(torch.eye(4)).flatten().tolist()
