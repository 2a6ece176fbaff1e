"""Functions of images, tensors of shape (..., channels, height, width); `transforms` uses them.

They are made of operators, so gradients flow through them, and they work on every device.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core import dtypes
from autograd_core.creation import empty
from autograd_core.from_data import as_tensor
from autograd_core.ops.interpolate import interpolate
from autograd_core.ops.pad import pad as add_border
from autograd_core.tensor import Tensor

GRAY = (0.2989, 0.587, 0.114)  # how bright red, green and blue are (ITU-R BT.601)
_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate"}


def normalize(image: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Each channel less its mean, divided by its standard deviation.

    Raises:
        TypeError: the image is not of floating-point numbers.
        ValueError: a standard deviation is 0.
    """
    if not image.is_floating_point():
        raise TypeError(
            f"normalize: expected an image of floating-point numbers, got {image.dtype}"
        )
    if 0 in std:
        raise ValueError(f"normalize: the standard deviations {list(std)} must not be 0")
    like = {"dtype": image.dtype, "device": image.device}
    center, spread = as_tensor(list(mean), **like), as_tensor(list(std), **like)
    return (image - center.reshape(-1, 1, 1)) / spread.reshape(-1, 1, 1)


def crop(image: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    """The part of a given size whose upper left corner is at (top, left)."""
    return image[..., top : top + height, left : left + width]


def center_crop(image: Tensor, size: int | Sequence[int]) -> Tensor:
    """The middle, with zeros around it where the image is smaller."""
    high, wide = pair("center_crop", size)
    height, width = image.shape[-2:]
    if wide > width or high > height:
        x, y = max(wide - width, 0), max(high - height, 0)
        image = pad(image, (x // 2, y // 2, (x + 1) // 2, (y + 1) // 2))
        height, width = image.shape[-2:]
    return crop(image, round((height - high) / 2), round((width - wide) / 2), high, wide)


def pad(
    image: Tensor, padding: int | Sequence[int], fill: float = 0, padding_mode: str = "constant"
) -> Tensor:
    """A border around the image: all sides, (left and right, top and bottom), or (left, top,
    right, bottom).

    Raises:
        ValueError: an unknown ``padding_mode``, or another number of sides.
    """
    sides = [padding] * 4 if isinstance(padding, int) else list(padding)
    sides = sides * 2 if len(sides) == 2 else sides * 4 if len(sides) == 1 else sides
    if len(sides) != 4 or (padding_mode not in _MODES and padding_mode != "symmetric"):
        raise ValueError(
            f"pad: expected 1, 2 or 4 sides and the mode 'constant', 'reflect', 'edge' or"
            f" 'symmetric', got {padding} and {padding_mode!r}"
        )
    left, top, right, bottom = sides
    if padding_mode == "symmetric":
        rows, columns = (_mirrored(n, a, b) for n, a, b in (
            (image.shape[-2], top, bottom), (image.shape[-1], left, right)
        ))  # fmt: skip
        return image[..., rows, :][..., columns]
    mode, given = _MODES[padding_mode], (left, right, top, bottom)
    if mode == "constant":
        return add_border(image, given, mode, fill)
    flat = image.reshape(-1, *image.shape[-3:])  # (what the other modes take)
    return add_border(flat, given, mode).reshape(
        *image.shape[:-2], image.shape[-2] + top + bottom, image.shape[-1] + left + right
    )


def _mirrored(size: int, before: int, after: int) -> list[int]:
    """Indices of a line that is mirrored at its ends, which are repeated."""
    places = [i % (2 * size) for i in range(-before, size + after)]
    return [i if i < size else 2 * size - 1 - i for i in places]


def hflip(image: Tensor) -> Tensor:
    """Left and right exchanged."""
    return image.flip(-1)


def vflip(image: Tensor) -> Tensor:
    """Top and bottom exchanged."""
    return image.flip(-2)


def resize(
    image: Tensor, size: int | Sequence[int], mode: str = "bilinear", antialias: bool = True
) -> Tensor:
    """The image in another size: (height, width), or the length of its shorter edge.

    Images of whole numbers are interpolated in float32, and rounded.
    """
    height, width = image.shape[-2:]
    if isinstance(size, int):
        long = int(size * max(height, width) / min(height, width))
        size = (size, long) if height <= width else (long, size)
    high, wide = pair("resize", size)
    if (high, wide) == (height, width):
        return image
    numbers = image if image.is_floating_point() else image.to(dtypes.float32)
    flat = numbers.reshape(-1, *numbers.shape[-3:])
    smooth = antialias and mode != "nearest"
    made = interpolate(flat, (high, wide), mode=mode, antialias=smooth)
    made = made.reshape(*image.shape[:-2], high, wide)
    if numbers is image:
        return made
    return (made.clamp(0, 255) if mode == "bicubic" else made).round().to(image.dtype)


def rgb_to_grayscale(image: Tensor, num_output_channels: int = 1) -> Tensor:
    """Brightness, in 1 channel or in 3 equal ones.

    Raises:
        ValueError: the image has not 3 channels, or ``num_output_channels`` is not 1 or 3.
    """
    if image.shape[-3] != 3 or num_output_channels not in (1, 3):
        raise ValueError(
            f"rgb_to_grayscale: expected 3 channels, to become 1 or 3, got an image of shape"
            f" {tuple(image.shape)} to become {num_output_channels}"
        )
    red, green, blue = (image[..., i : i + 1, :, :] for i in range(3))
    gray = (GRAY[0] * red + GRAY[1] * green + GRAY[2] * blue).to(image.dtype)
    return gray.expand(*image.shape[:-3], num_output_channels, *image.shape[-2:])


def adjust_brightness(image: Tensor, factor: float) -> Tensor:
    """Every pixel times ``factor``."""
    return _blend(image, 0.0, factor)


def adjust_contrast(image: Tensor, factor: float) -> Tensor:
    """Differences from the mean brightness times ``factor``."""
    gray = rgb_to_grayscale(image) if image.shape[-3] == 3 else image
    kind = image.dtype if image.is_floating_point() else dtypes.float32
    return _blend(image, gray.to(kind).mean((-3, -2, -1), keepdim=True), factor)


def adjust_saturation(image: Tensor, factor: float) -> Tensor:
    """Differences from the image in gray times ``factor``."""
    return _blend(image, rgb_to_grayscale(image), factor) if image.shape[-3] == 3 else image


def _blend(image: Tensor, other: Any, share: float) -> Tensor:
    mixed = share * image + (1 - share) * other
    return mixed.clamp(0, 1 if image.is_floating_point() else 255).to(image.dtype)


def filling(image: Tensor, value: Any, height: int, width: int) -> Tensor:
    """What `erase` writes: a number, a number for each channel, or ``"random"`` noise."""
    if isinstance(value, str):
        if value != "random":
            raise ValueError(f"RandomErasing: value is {value!r}; expected 'random' or numbers")
        shape = (image.shape[-3], height, width)
        return empty(shape, dtype=dtypes.float32, device="cpu").normal_().to(image.device)
    numbers = [value] if isinstance(value, (int, float)) else list(value)
    return as_tensor(numbers, dtype=image.dtype, device=image.device).reshape(-1, 1, 1)


def erase(image: Tensor, top: int, left: int, height: int, width: int, value: Tensor) -> Tensor:
    """A copy in which the rectangle at (top, left) holds ``value``."""
    result = image.clone()
    result[..., top : top + height, left : left + width] = value.to(image.dtype)
    return result


def pair(name: str, size: int | Sequence[int]) -> tuple[int, int]:
    """(height, width) of one number for both, or of two."""
    sizes = (size,) * 2 if isinstance(size, int) else tuple(size)
    sizes = sizes * 2 if len(sizes) == 1 else sizes
    if len(sizes) != 2 or not all(isinstance(n, int) and n > 0 for n in sizes):
        raise ValueError(f"{name}: size is {size!r}; expected one or two positive whole numbers")
    return sizes  # type: ignore[return-value]
