"""An image classifier with the usual loop: convolutions, a train and a test pass per epoch.

python examples/cnn_digits.py --epochs 10
"""

from __future__ import annotations

import argparse

import autograd_core as ag
import autograd_core.nn.functional as F
from autograd_core import nn, optim
from autograd_core.datasets import load_digits, train_test_split
from autograd_core.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.dropout = nn.Dropout(0.25)
        self.fc1 = nn.Linear(128, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.dropout(ag.flatten(x, 1))
        x = F.relu(self.fc1(x))
        return F.log_softmax(self.fc2(x), dim=1)


def data():
    """Training and test set, as pairs of images and labels."""
    parts = [ag.tensor(part.numpy()) for part in train_test_split(*load_digits())]
    return TensorDataset(parts[0], parts[2]), TensorDataset(parts[1], parts[3])


def train(epochs=3, batch_size=64, lr=0.1):
    """Train; returns the loss of every step and the test accuracy of every epoch."""
    ag.manual_seed(1)
    train_set, test_set = data()
    train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=256)
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.8)
    losses, accuracies = [], []
    for epoch in range(1, epochs + 1):
        model.train()
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = F.nll_loss(model(images), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        correct = 0
        with ag.no_grad():
            for images, labels in test_loader:
                predicted = model(images).argmax(dim=1, keepdim=True)
                correct += predicted.eq(labels.view_as(predicted)).sum().item()
        accuracies.append(correct / len(test_set))
        scheduler.step()
        print(f"epoch {epoch}: loss {losses[-1]:.4f}, test accuracy {100 * accuracies[-1]:.1f} %")
    return losses, accuracies


def main():
    parser = argparse.ArgumentParser(description="Learn to read handwritten digits.")
    parser.add_argument("--epochs", type=int, default=10, help="default: 10")
    train(parser.parse_args().epochs)


if __name__ == "__main__":
    main()
