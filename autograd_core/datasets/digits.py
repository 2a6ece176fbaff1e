"""The handwritten digits that come with the package."""

from __future__ import annotations

from importlib.resources import as_file, files

import numpy as np

from autograd_core.datasets.idx import read_idx_array
from autograd_core.from_data import tensor
from autograd_core.tensor import Tensor

INK = 16  # a pixel counts the inked dots in a block of 4 x 4


def load_digits() -> tuple[Tensor, Tensor]:
    """The UCI handwritten digits: 1,797 images of 8 x 8 pixels, written by 13 people.

    They come with the package, so nothing is downloaded. The order is that of the source.

    Returns:
        ``(images, labels)``: images of shape (1797, 1, 8, 8), float32, from 0 (paper) to 1 (ink);
        labels of shape (1797,), int64, from 0 to 9. Both on the default device.

    Source: E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI
    Machine Learning Repository, https://doi.org/10.24432/C50P49 (CC BY 4.0).

    Example:
        >>> import autograd_core as ag
        >>> images, labels = ag.datasets.load_digits()
        >>> labels[:5].tolist()
        [0, 1, 2, 3, 4]
    """
    pixels = _shipped("digits-images-idx3-ubyte.gz")
    labels = _shipped("digits-labels-idx1-ubyte.gz")
    return tensor((pixels / np.float32(INK))[:, None]), tensor(labels.astype(np.int64))


def _shipped(name: str) -> np.ndarray:
    with as_file(files("autograd_core.datasets") / name) as path:
        return read_idx_array(path)
