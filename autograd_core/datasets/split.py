"""Setting part of a data set aside to test on."""

from __future__ import annotations

import numpy as np

from autograd_core.from_data import tensor
from autograd_core.tensor import Tensor


def train_test_split(
    images: Tensor, labels: Tensor, test_size: float = 0.2, seed: int = 0
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Split samples into a training and a test set in which every class has the same share.

    The samples of each class are shuffled and their first part goes to the test set; both sets
    keep the order of the source. The same seed always gives the same split.

    Args:
        images: The samples, along the first dimension. Any shape and dtype.
        labels: Their classes, integers of shape (N,).
        test_size: The share of every class that is set aside, between 0 and 1 (default: a fifth).
        seed: Which split, from 0 to 2**32 - 1.

    Returns:
        ``(train_images, test_images, train_labels, test_labels)``, in scikit-learn's order.

    Raises:
        ValueError: The lengths differ, ``labels`` is not one-dimensional and whole, ``test_size``
            is not between 0 and 1, or one of the two sets would be empty.

    Example:
        >>> import autograd_core as ag
        >>> images, labels = ag.datasets.load_digits()
        >>> split = ag.datasets.train_test_split(images, labels, test_size=0.25)
        >>> [len(part) for part in split]
        [1347, 450, 1347, 450]
    """
    classes = labels.detach().cpu().numpy()
    if classes.ndim != 1 or len(classes) != len(images) or classes.dtype.kind not in "iu":
        raise ValueError(
            f"train_test_split: labels have shape {tuple(labels.shape)} and dtype {labels.dtype};"
            f" expected one integer for each of the {len(images)} samples"
        )
    if not 0 < test_size < 1:
        raise ValueError(
            f"train_test_split: test_size is {test_size}; expected a share between 0 and 1, such"
            " as 0.2 for a fifth"
        )
    random = np.random.RandomState(seed)  # its stream is frozen, unlike default_rng's
    chosen = np.zeros(len(classes), dtype=bool)
    for label in np.unique(classes):
        members = random.permutation(np.flatnonzero(classes == label))
        chosen[members[: round(test_size * len(members))]] = True
    if chosen.all() or not chosen.any():
        raise ValueError(
            f"train_test_split: {len(classes)} samples with test_size {test_size} leave a set"
            " empty; give more samples of each class or another test_size"
        )
    train, test = tensor(np.flatnonzero(~chosen)), tensor(np.flatnonzero(chosen))
    train, test = train.to(labels.device), test.to(labels.device)
    return images[train], images[test], labels[train], labels[test]
