"""Transforms of images: values, random draws, and single images as well as batches."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.datasets import images as F
from autograd_core.datasets import transforms as T


def image(*shape: int, dtype: Any = None) -> ag.Tensor:
    values = ag.arange(math.prod(shape)).reshape(*shape)
    return values.to(ag.uint8) if dtype is ag.uint8 else values.to(ag.float32) / math.prod(shape)


def test_to_tensor() -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    found = T.ToTensor()(array)
    assert found.shape == (3, 2, 4) and found.dtype == ag.float32
    assert found[1, 1, 2].item() == pytest.approx(array[1, 2, 1] / 255)
    assert T.ToTensor()(np.ones((2, 3))).shape == (1, 2, 3)
    with pytest.raises(ValueError, match=r"ToTensor: expected an image of shape .* got \(2,\)"):
        T.ToTensor()(np.zeros(2))


def test_normalize() -> None:
    x = image(2, 3, 4, 4)
    found = T.Normalize([0.1, 0.2, 0.3], [1, 2, 4])(x)
    assert found[1, 2, 0, 0].item() == pytest.approx((x[1, 2, 0, 0].item() - 0.3) / 4)
    with pytest.raises(TypeError, match=r"floating-point numbers, got .*uint8"):
        F.normalize(image(1, 2, 2, dtype=ag.uint8), [0], [1])
    with pytest.raises(ValueError, match="must not be 0"):
        F.normalize(x, [0] * 3, [1, 0, 1])


def test_flips_and_crops() -> None:
    x = image(2, 3, 4)
    assert F.hflip(x).tolist() == x.cpu().numpy()[..., ::-1].tolist()
    assert F.vflip(x).tolist() == x.cpu().numpy()[..., ::-1, :].tolist()
    assert F.crop(x, 1, 2, 2, 2).tolist() == x[:, 1:3, 2:4].tolist()
    assert T.CenterCrop(2)(image(1, 4, 6)).tolist() == image(1, 4, 6)[:, 1:3, 2:4].tolist()
    small = T.CenterCrop((5, 4))(ag.ones(1, 2, 3))
    assert small.shape == (1, 5, 4) and small.sum().item() == 6
    assert small[0].tolist()[1:3] == [[1, 1, 1, 0]] * 2
    for size in (0, (1, 2, 3), -1, (2, 0)):
        with pytest.raises(ValueError, match="one or two positive whole numbers"):
            T.CenterCrop(size)


@pytest.mark.parametrize(
    ("mode", "numpys"),
    [
        ("constant", "constant"),
        ("reflect", "reflect"),
        ("edge", "edge"),
        ("symmetric", "symmetric"),
    ],
)
@pytest.mark.parametrize("padding", [1, (2, 1), (1, 0, 2, 1), [2]])
def test_pad(mode: str, numpys: str, padding: Any) -> None:
    sides = {1: (1, 1, 1, 1), (2, 1): (2, 1, 2, 1), (1, 0, 2, 1): (1, 0, 2, 1)}
    left, top, right, bottom = sides.get(padding, (2,) * 4) if padding != [2] else (2,) * 4
    for x in (image(2, 3, 4), image(2, 1, 3, 4)):
        widths = [(0, 0)] * (x.ndim - 2) + [(top, bottom), (left, right)]
        expected = np.pad(x.cpu().numpy(), widths, mode=numpys)  # type: ignore[call-overload]
        assert T.Pad(padding, 0, mode)(x).tolist() == expected.tolist()
    with pytest.raises(ValueError, match="1, 2 or 4 sides"):
        F.pad(image(1, 2, 2), (1, 2, 3))
    with pytest.raises(ValueError, match="'wrap'"):
        F.pad(image(1, 2, 2), 1, padding_mode="wrap")


def test_resize() -> None:
    torch = pytest.importorskip("torch")
    for size, expected in (((5, 7), (5, 7)), (3, (3, 6)), (8, (8, 16))):
        x = image(2, 4, 8)
        found = T.Resize(size)(x)
        assert found.shape == (2, *expected)
        theirs = torch.nn.functional.interpolate(
            torch.from_numpy(x.cpu().numpy())[None], expected, mode="bilinear", antialias=True
        )[0]
        np.testing.assert_allclose(found.cpu().numpy(), theirs.numpy(), rtol=1e-5, atol=1e-6)
    assert T.Resize(2)(image(3, 6, 4)).shape == (3, 3, 2)
    whole = T.Resize(3, "bicubic")(image(1, 6, 6, dtype=ag.uint8))
    assert whole.dtype == ag.uint8 and whole.shape == (1, 3, 3)
    assert (
        T.Resize((2, 2), "nearest")(image(1, 4, 4)).tolist() == image(1, 4, 4)[:, ::2, ::2].tolist()
    )
    same = image(1, 4, 4)
    assert T.Resize(4)(same) is same


def test_colours() -> None:
    x = image(3, 2, 2)
    gray = 0.2989 * x[0] + 0.587 * x[1] + 0.114 * x[2]
    assert T.Grayscale()(x)[0].tolist() == gray.tolist()
    assert (
        T.Grayscale(3)(x).shape == (3, 2, 2) and F.rgb_to_grayscale(image(2, 3, 2, 2)).shape[1] == 1
    )
    assert F.adjust_brightness(x, 2.0).tolist() == (2 * x).clamp(0, 1).tolist()
    assert F.adjust_contrast(x, 0.0)[2, 1, 1].item() == pytest.approx(gray.mean().item(), rel=1e-5)
    assert F.adjust_saturation(x, 0.0)[1].tolist() == gray.tolist()
    assert F.adjust_saturation(x[:1], 0.5).tolist() == x[:1].tolist()
    bright = F.adjust_brightness(ag.tensor([[[100, 200]]], dtype=ag.uint8), 2.0)
    assert bright.tolist() == [[[200, 255]]] and bright.dtype == ag.uint8
    with pytest.raises(ValueError, match="expected 3 channels"):
        T.Grayscale()(image(2, 2, 2))
    with pytest.raises(ValueError, match=r"brightness is \(-1, 2\)"):
        T.ColorJitter(brightness=(-1, 2))


def test_random_transforms_follow_the_seed_and_draw_as_torchvision_does() -> None:
    torch = pytest.importorskip("torch")
    x = image(3, 12, 10)
    values = x.cpu().numpy()
    for seed in range(12):
        torch.manual_seed(seed), ag.manual_seed(seed)
        expected = values[..., ::-1] if torch.rand(1).item() < 0.5 else values
        assert T.RandomHorizontalFlip()(x).tolist() == expected.tolist()
        expected = values[:, ::-1] if torch.rand(1).item() < 0.3 else values
        assert T.RandomVerticalFlip(0.3)(x).tolist() == expected.tolist()
        top, left = torch.randint(0, 8, (1,)).item(), torch.randint(0, 5, (1,)).item()
        assert (
            T.RandomCrop((5, 6))(x).tolist() == values[:, top : top + 5, left : left + 6].tolist()
        )
        padded = np.pad(values, [(0, 0), (2, 2), (2, 2)])
        top, left = torch.randint(0, 5, (1,)).item(), torch.randint(0, 5, (1,)).item()
        expected = padded[:, top : top + 12, left : left + 10]
        assert T.RandomCrop((12, 10), padding=2)(x).tolist() == expected.tolist()
        order = torch.randperm(4).tolist()
        factor = torch.empty(1).uniform_(0.5, 1.5).item()
        assert 0 in order
        found = T.ColorJitter(brightness=0.5)(x)
        np.testing.assert_allclose(found.cpu().numpy(), (factor * values).clip(0, 1), rtol=1e-5)
        assert ag.rand(1, device="cpu").item() == torch.rand(1).item()


def test_random_rectangles() -> None:
    ag.manual_seed(0)
    x = image(3, 20, 30)
    for _ in range(20):
        assert T.RandomResizedCrop(8)(x).shape == (3, 8, 8)
        erased = T.RandomErasing(1.0, value=2)(x)
        share = (erased == 2).float().mean().item()
        assert 0.005 < share < 0.4 and (erased[erased != 2] == x[erased != 2]).all().item()
    assert T.RandomErasing(0.0)(x) is x
    noise = T.RandomErasing(1.0, value="random")(x)
    assert (noise != x).any().item() and x.max().item() < 1
    assert T.RandomErasing(1.0, value=(0, 1, 2))(x)[2].max().item() == 2
    assert T.RandomErasing(1.0, scale=(5, 6))(x) is x  # nothing so large fits
    whole = T.RandomResizedCrop((4, 4), scale=(5, 6), ratio=(3, 4))(x)
    assert whole.shape == (3, 4, 4)
    with pytest.raises(ValueError, match="expected 'random' or numbers"):
        T.RandomErasing(1.0, value="noise")(x)


def test_compositions() -> None:
    x = image(1, 6, 6)
    change = T.Compose([T.Pad(1), T.Lambda(lambda x: x * 2), T.CenterCrop(6)])
    assert change(x).tolist() == (2 * x).tolist()
    assert (
        repr(T.Compose([T.Pad(1)]))
        == "Compose(\n    Pad(padding=1, fill=0, padding_mode='constant')\n)"
    )
    assert T.RandomApply([T.Lambda(lambda x: x + 1)], 1.0)(x).tolist() == (x + 1).tolist()
    assert T.RandomApply([T.Lambda(lambda x: x + 1)], 0.0)(x) is x
    with pytest.raises(ValueError, match=r"the image is 6 x 6, smaller than 7 x 2"):
        T.RandomCrop((7, 2))(x)
    assert T.RandomCrop(8, pad_if_needed=True)(x).shape == (1, 8, 8)
    assert T.RandomCrop(6)(x) is x


def test_gradients_flow_through_transforms() -> None:
    x = image(3, 6, 6).requires_grad_()
    change = T.Compose([T.Resize(4), T.Normalize([0.5] * 3, [0.5] * 3), T.CenterCrop(2)])
    change(x).sum().backward()
    assert x.grad.abs().sum().item() > 0 and x.grad.shape == x.shape
