"""Transforms of images: tensors of shape (..., channels, height, width), one image or a batch.

Names, arguments and draws of random numbers are those of ``torchvision.transforms``. A random
transform draws once for each call, so the images of a batch are transformed alike: give it single
images, in a data set. It draws from the CPU's global generator, of which each worker of a loader
has its own. Random numbers decide where and how much, and do not depend on the device.

Source: torchvision.transforms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.creation import empty
from autograd_core.datasets import images as F
from autograd_core.from_data import tensor
from autograd_core.random import rand, randint, randperm
from autograd_core.tensor import Tensor

TRIES = 10  # of a random rectangle, before another choice is made


class Compose:
    """One transform after the other.

    Args:
        transforms: functions of one argument.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.datasets import transforms as T
        >>> change = T.Compose([T.CenterCrop(2), T.Normalize([0.5], [0.5])])
        >>> change(ag.ones(1, 4, 4)).shape
        autograd_core.Size([1, 2, 2])
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = list(transforms)

    def __call__(self, image: Any) -> Any:
        for transform in self.transforms:
            image = transform(image)
        return image

    def __repr__(self) -> str:
        lines = "".join(f"\n    {transform!r}" for transform in self.transforms)
        return f"Compose({lines}\n)"


class _Transform:
    """What transforms with arguments have in common: the arguments are their attributes."""

    def __call__(self, image: Any) -> Any:
        raise NotImplementedError

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({shown})"


class Lambda(_Transform):
    """A function as a transform."""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        self.lambd = lambd

    def __call__(self, image: Any) -> Any:
        return self.lambd(image)


class ToTensor(_Transform):
    """An array of shape (height, width, channels) or (height, width), or an image of Pillow, as a
    tensor of shape (channels, height, width); whole numbers of 8 bits as float32 from 0 to 1.

    Example:
        >>> import numpy as np
        >>> from autograd_core.datasets import transforms as T
        >>> T.ToTensor()(np.full((2, 2, 3), 255, np.uint8)).shape
        autograd_core.Size([3, 2, 2])
    """

    def __call__(self, image: Any) -> Tensor:
        array = np.asarray(image)
        if array.ndim not in (2, 3):
            raise ValueError(
                f"ToTensor: expected an image of shape (height, width) or (height, width,"
                f" channels), got {array.shape}"
            )
        array = array[:, :, None] if array.ndim == 2 else array
        array = np.ascontiguousarray(array.transpose(2, 0, 1))
        return tensor(array / np.float32(255) if array.dtype == np.uint8 else array)


class Normalize(_Transform):
    """Subtract a mean from each channel, and divide by a standard deviation.

    Args:
        mean, std: a number for each channel.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        self.mean, self.std = mean, std

    def __call__(self, image: Tensor) -> Tensor:
        return F.normalize(image, self.mean, self.std)


class Resize(_Transform):
    """Change the size.

    Args:
        size: (height, width), or the length of the shorter edge.
        mode: how to interpolate, ``"bilinear"`` (default), ``"bicubic"`` or ``"nearest"``.
        antialias: whether every pixel counts where the image shrinks (default: True).
    """

    def __init__(
        self, size: int | Sequence[int], mode: str = "bilinear", antialias: bool = True
    ) -> None:
        self.size, self.mode, self.antialias = size, mode, antialias

    def __call__(self, image: Tensor) -> Tensor:
        return F.resize(image, self.size, self.mode, self.antialias)


class CenterCrop(_Transform):
    """The middle of the image, with zeros around it where the image is smaller.

    Args:
        size: (height, width), or one number for both.
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = F.pair("CenterCrop", size)

    def __call__(self, image: Tensor) -> Tensor:
        return F.center_crop(image, self.size)


class Pad(_Transform):
    """Add a border.

    Args:
        padding: a number; (left and right, top and bottom); or (left, top, right, bottom).
        fill: with what (default: 0).
        padding_mode: ``"constant"`` (default), ``"reflect"``, ``"edge"`` or ``"symmetric"``.
    """

    def __init__(
        self, padding: int | Sequence[int], fill: float = 0, padding_mode: str = "constant"
    ) -> None:
        self.padding, self.fill, self.padding_mode = padding, fill, padding_mode

    def __call__(self, image: Tensor) -> Tensor:
        return F.pad(image, self.padding, self.fill, self.padding_mode)


class RandomCrop(_Transform):
    """A part of the image, of a given size, at a random place.

    Args:
        size: (height, width), or one number for both.
        padding, fill, padding_mode: a border that is added first, as for `Pad`; default none.
        pad_if_needed: add a border where the image is smaller (default: False, an error).

    Raises:
        ValueError: the image is smaller than ``size``.
    """

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] | None = None,
        pad_if_needed: bool = False,
        fill: float = 0,
        padding_mode: str = "constant",
    ) -> None:
        self.size, self.padding = F.pair("RandomCrop", size), padding
        self.pad_if_needed, self.fill, self.padding_mode = pad_if_needed, fill, padding_mode

    def __call__(self, image: Tensor) -> Tensor:
        if self.padding is not None:
            image = F.pad(image, self.padding, self.fill, self.padding_mode)
        high, wide = self.size
        if self.pad_if_needed:
            missing = max(wide - image.shape[-1], 0), max(high - image.shape[-2], 0)
            if any(missing):
                image = F.pad(image, missing, self.fill, self.padding_mode)
        height, width = image.shape[-2:]
        if high > height or wide > width:
            raise ValueError(
                f"RandomCrop: the image is {height} x {width}, smaller than {high} x {wide}; use"
                f" padding or pad_if_needed=True"
            )
        if (high, wide) == (height, width):
            return image
        return F.crop(image, _below(height - high + 1), _below(width - wide + 1), high, wide)


class RandomHorizontalFlip(_Transform):
    """Exchange left and right with probability ``p`` (default: a half)."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def __call__(self, image: Tensor) -> Tensor:
        return F.hflip(image) if _chance(self.p) else image


class RandomVerticalFlip(_Transform):
    """Exchange top and bottom with probability ``p`` (default: a half)."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def __call__(self, image: Tensor) -> Tensor:
        return F.vflip(image) if _chance(self.p) else image


class RandomApply(_Transform):
    """Transforms that are all applied with probability ``p`` (default: a half), or not at all."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]], p: float = 0.5) -> None:
        self.transforms, self.p = transforms, p

    def __call__(self, image: Tensor) -> Tensor:
        return Compose(self.transforms)(image) if _chance(self.p) else image


class RandomResizedCrop(_Transform):
    """A random part of the image, in a given size.

    Args:
        size: (height, width), or one number for both.
        scale: bounds of the part's share of the area (default: 0.08 to 1).
        ratio: bounds of its width divided by its height (default: 3/4 to 4/3).
        mode, antialias: as for `Resize`.
    """

    def __init__(
        self,
        size: int | Sequence[int],
        scale: Sequence[float] = (0.08, 1.0),
        ratio: Sequence[float] = (3 / 4, 4 / 3),
        mode: str = "bilinear",
        antialias: bool = True,
    ) -> None:
        self.size, self.scale, self.ratio = F.pair("RandomResizedCrop", size), scale, ratio
        self.mode, self.antialias = mode, antialias

    def __call__(self, image: Tensor) -> Tensor:
        part = F.crop(image, *self._place(*image.shape[-2:]))
        return F.resize(part, self.size, self.mode, self.antialias)

    def _place(self, height: int, width: int) -> tuple[int, int, int, int]:
        for _ in range(TRIES):
            area, ratio = _area_and_ratio(height * width, self.scale, self.ratio)
            wide, high = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < wide <= width and 0 < high <= height:
                return _below(height - high + 1), _below(width - wide + 1), high, wide
        least, most = min(self.ratio), max(self.ratio)  # the middle, as much as the ratio allows
        wide, high = width, height
        if width / height < least:
            high = round(width / least)
        elif width / height > most:
            wide = round(height * most)
        return (height - high) // 2, (width - wide) // 2, high, wide


class Grayscale(_Transform):
    """Red, green and blue as brightness, in 1 channel (default) or 3 equal ones."""

    def __init__(self, num_output_channels: int = 1) -> None:
        self.num_output_channels = num_output_channels

    def __call__(self, image: Tensor) -> Tensor:
        return F.rgb_to_grayscale(image, self.num_output_channels)


class ColorJitter(_Transform):
    """Change brightness, contrast and saturation by random factors, in a random order.

    Args:
        brightness, contrast, saturation: the bounds of a factor, or how far it may be from 1
            (default: 0, no change).
    """

    def __init__(
        self,
        brightness: float | Sequence[float] = 0,
        contrast: float | Sequence[float] = 0,
        saturation: float | Sequence[float] = 0,
    ) -> None:
        self.brightness = _bounds("brightness", brightness)
        self.contrast = _bounds("contrast", contrast)
        self.saturation = _bounds("saturation", saturation)

    def __call__(self, image: Tensor) -> Tensor:
        order = randperm(4, device="cpu").tolist()  # (the fourth is torchvision's change of hue)
        bounds = (self.brightness, self.contrast, self.saturation)
        factors = [None if bound is None else _uniform(*bound) for bound in bounds]
        changes = (F.adjust_brightness, F.adjust_contrast, F.adjust_saturation)
        for which in order:
            if which < 3 and (factor := factors[which]) is not None:
                image = changes[which](image, factor)
        return image


class RandomErasing(_Transform):
    """Overwrite a random rectangle with probability ``p``.

    Args:
        p: how likely (default: a half).
        scale: bounds of the rectangle's share of the area (default: 0.02 to 0.33).
        ratio: bounds of its height divided by its width (default: 0.3 to 3.3).
        value: with what: a number, one for each channel, or ``"random"`` for normal noise.
    """

    def __init__(
        self,
        p: float = 0.5,
        scale: Sequence[float] = (0.02, 0.33),
        ratio: Sequence[float] = (0.3, 3.3),
        value: Any = 0,
    ) -> None:
        self.p, self.scale, self.ratio, self.value = p, scale, ratio, value

    def __call__(self, image: Tensor) -> Tensor:
        if not _chance(self.p):
            return image
        height, width = image.shape[-2:]
        for _ in range(TRIES):
            area, ratio = _area_and_ratio(height * width, self.scale, self.ratio)
            high, wide = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if high < height and wide < width:
                value = F.filling(image, self.value, high, wide)
                return F.erase(
                    image, _below(height - high + 1), _below(width - wide + 1), high, wide, value
                )
        return image


def _chance(p: float) -> bool:
    return rand(1, device="cpu").item() < p


def _below(limit: int) -> int:
    return int(randint(0, limit, (1,), device="cpu").item())


def _uniform(low: float, high: float) -> float:
    return empty((1,), device="cpu").uniform_(low, high).item()


def _area_and_ratio(area: int, scale: Sequence[float], ratio: Sequence[float]) -> Any:
    """A random part of an area, and a random ratio of two edges."""
    part = area * _uniform(*scale)
    return part, math.exp(_uniform(math.log(ratio[0]), math.log(ratio[1])))


def _bounds(name: str, value: Any) -> tuple[float, float] | None:
    low, high = value if isinstance(value, Sequence) else (max(1 - value, 0), 1 + value)
    if not 0 <= low <= high:
        raise ValueError(f"ColorJitter: {name} is {value!r}; expected bounds from 0 on, or one")
    return None if low == high == 1 else (float(low), float(high))
