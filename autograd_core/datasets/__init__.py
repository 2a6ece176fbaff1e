"""Data sets: the handwritten digits that come with the package, readers of files, transforms.

>>> from autograd_core.datasets import load_digits, train_test_split
>>> images, labels = load_digits()
>>> train_images, test_images, train_labels, test_labels = train_test_split(images, labels)
>>> tuple(train_images.shape), tuple(test_images.shape)
((1438, 1, 8, 8), (359, 1, 8, 8))
"""

from __future__ import annotations

from autograd_core.datasets.checksums import verify
from autograd_core.datasets.cifar import load_cifar10, load_cifar100
from autograd_core.datasets.digits import load_digits
from autograd_core.datasets.idx import load_mnist, read_idx
from autograd_core.datasets.shakespeare import load_tiny_shakespeare
from autograd_core.datasets.split import train_test_split

__all__ = [
    "load_cifar10",
    "load_cifar100",
    "load_digits",
    "load_mnist",
    "load_tiny_shakespeare",
    "read_idx",
    "train_test_split",
    "verify",
]
