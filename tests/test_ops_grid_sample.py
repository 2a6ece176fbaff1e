"""grid_sample and affine_grid beside PyTorch over their options; borders, infinities, refusals."""

from __future__ import annotations

import itertools
import math
import warnings
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.nn import functional as F

PADDINGS = ("zeros", "border", "reflection")
OPTIONS = [
    (n, mode, padding, align)
    for n, mode, padding, align in itertools.product(
        (2, 3), ("bilinear", "nearest", "bicubic"), PADDINGS, (False, True)
    )
    if (n, mode) != (3, "bicubic")
]


def image_and_grid(n: int, seed: int = 0, reach: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Pixels, and places of which some lie outside."""
    rng = np.random.default_rng(seed)
    sizes, places = (4, 5, 3)[:n], (2, 3, 2)[:n]
    image = rng.standard_normal((2, 3, *sizes))
    return image, rng.uniform(-reach, reach, (2, *places, n))


def leaves(*arrays: np.ndarray, dtype: Any = None) -> list[Any]:
    return [ag.tensor(a, dtype=dtype, requires_grad=True) for a in arrays]


@pytest.mark.parametrize(("n", "mode", "padding", "align"), OPTIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_beside_pytorch(n: int, mode: str, padding: str, align: bool, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    arrays = [a.astype(dtype) for a in image_and_grid(n)]
    ours = leaves(*arrays)
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    got = F.grid_sample(*ours, mode, padding, align)
    want = torch.nn.functional.grid_sample(*theirs, mode, padding, align)
    weight = np.random.default_rng(1).standard_normal(want.shape).astype(dtype)
    got.backward(ag.tensor(weight))
    want.backward(torch.tensor(weight))
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    for g, w in [(got.detach(), want.detach()), *((a.grad, b.grad) for a, b in zip(ours, theirs))]:
        assert str(g.dtype).endswith(dtype)
        np.testing.assert_allclose(g.cpu().numpy(), w.numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("n", "mode", "padding", "align"), OPTIONS)
def test_derivatives_of_both_orders(n: int, mode: str, padding: str, align: bool) -> None:
    image, grid = image_and_grid(n, reach=1.5)
    x, at = leaves(image[:1, :1, :2, :3], grid[:1, :1, :2])

    def sample(x: Any, at: Any) -> Any:
        return F.grid_sample(x, at, mode, padding, align)

    assert ag.autograd.gradcheck(sample, (x, at))
    assert ag.autograd.gradgradcheck(sample, (x, at))


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("align", [False, True])
def test_at_pixels_and_at_the_border(padding: str, align: bool) -> None:
    """Where the derivative jumps, PyTorch's choice."""
    torch = pytest.importorskip("torch")
    image = np.arange(12.0).reshape(1, 1, 3, 4) ** 2
    steps = np.arange(-2, 2.25, 0.25)
    grid = np.stack(np.meshgrid(steps, steps), -1)[None]
    x, at = leaves(image, grid)
    F.grid_sample(x, at, "bilinear", padding, align).sum().backward()
    a, b = (torch.tensor(v, requires_grad=True) for v in (image, grid))
    torch.nn.functional.grid_sample(a, b, "bilinear", padding, align).sum().backward()
    np.testing.assert_allclose(x.grad.cpu().numpy(), a.grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(at.grad.cpu().numpy(), b.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_far_outside(mode: str) -> None:
    """Infinite places see the padding, and NaN gives NaN; neither ends the process."""
    image = ag.tensor(np.arange(1.0, 13).reshape(1, 1, 3, 4))
    grid = ag.tensor([[[[math.inf, 0.0], [1e30, 0.0], [-math.inf, -math.inf], [math.nan, 0.0]]]])
    grid = grid.double().requires_grad_()
    out = F.grid_sample(image, grid, mode, "zeros", False)
    assert out.flatten().tolist()[:3] == [0, 0, 0]
    assert math.isnan(out.flatten()[3].item())
    edge = F.grid_sample(image, grid, mode, "border", True).flatten().tolist()
    assert edge[0] == edge[1] == pytest.approx(8)
    assert edge[2] == 1
    (gradient,) = ag.autograd.grad(edge_sum(image, grid[:, :, :3], mode), grid)
    assert gradient[:, :, :3, 0].abs().sum().item() == 0


def edge_sum(image: Any, grid: Any, mode: str) -> Any:
    return F.grid_sample(image, grid, mode, "border", True).sum()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_halves(dtype: str) -> None:
    image, grid = image_and_grid(2, reach=0.9)
    kind = getattr(ag, dtype)
    x, at = leaves(image, grid, dtype=kind)
    out = F.grid_sample(x, at, align_corners=False)
    want = F.grid_sample(x.detach().double(), at.detach().double(), align_corners=False)
    out.sum().backward()
    assert out.dtype is kind and x.grad.dtype is kind and at.grad.dtype is kind
    assert ag.allclose(out.detach().double(), want, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("size", [(2, 3, 4, 5), (1, 1, 1, 1), (2, 1, 2, 3, 4), (1, 2, 1, 2, 1)])
@pytest.mark.parametrize("align", [False, True, None])
def test_affine_grid_beside_pytorch(size: tuple[int, ...], align: bool | None) -> None:
    torch = pytest.importorskip("torch")
    n = len(size) - 2
    theta = np.random.default_rng(0).standard_normal((size[0], n, n + 1))
    (ours,) = leaves(theta)
    theirs = torch.tensor(theta, requires_grad=True)
    warnings.filterwarnings("ignore", "Since version 1.3.0")  # PyTorch's own, of images of size 1
    got = F.affine_grid(ours, size, align)
    want = torch.nn.functional.affine_grid(theirs, size, bool(align))
    np.testing.assert_allclose(got.detach().cpu().numpy(), want.detach().numpy(), rtol=1e-13)
    (got * got).sum().backward()
    (want * want).sum().backward()
    np.testing.assert_allclose(ours.grad.cpu().numpy(), theirs.grad.numpy(), rtol=1e-12)


def test_the_identity_changes_nothing() -> None:
    image = ag.randn(1, 2, 4, 6)
    same = ag.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    for align in (False, True):
        grid = F.affine_grid(same, image.shape, align)
        assert ag.allclose(F.grid_sample(image, grid, align_corners=align), image, atol=1e-6)


def zeros(*shape: int) -> Any:
    return ag.zeros(*shape)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: F.grid_sample(zeros(1, 1, 2), zeros(1, 1, 1)), "input must be"),
        (lambda: F.grid_sample(zeros(1, 1, 0, 2), zeros(1, 1, 1, 2)), "input must be"),
        (lambda: F.grid_sample(zeros(1, 1, 2, 2), zeros(2, 1, 1, 2)), "grid must be"),
        (lambda: F.grid_sample(zeros(1, 1, 2, 2), zeros(1, 1, 1, 3)), "grid must be"),
        (
            lambda: F.grid_sample(zeros(1, 1, 2, 2), zeros(1, 1, 1, 2).double()),
            "must have one dtype",
        ),
        (lambda: F.grid_sample(zeros(1, 1, 2, 2).long(), zeros(1, 1, 1, 2).long()), "floating"),
        (lambda: F.grid_sample(zeros(1, 1, 2, 2), zeros(1, 1, 1, 2), "cubic"), "mode must be"),
        (
            lambda: F.grid_sample(zeros(1, 1, 2, 2, 2), zeros(1, 1, 1, 1, 3), "bicubic"),
            "mode must be",
        ),
        (
            lambda: F.grid_sample(zeros(1, 1, 2, 2), zeros(1, 1, 1, 2), padding_mode="wrap"),
            "padding_mode must be",
        ),
        (lambda: F.affine_grid(zeros(1, 2, 3), (1, 1, 2)), "size must be"),
        (lambda: F.affine_grid(zeros(1, 2, 3), (1, 1, 0, 2)), "size must be"),
        (lambda: F.affine_grid(zeros(2, 2, 3), (1, 1, 2, 2)), "theta must be"),
        (lambda: F.affine_grid(zeros(1, 2, 3).long(), (1, 1, 2, 2)), "theta must be"),
    ],
)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises((RuntimeError, ValueError, TypeError), match=words):
        call()


@pytest.mark.cpu_only
@pytest.mark.parametrize("align", [False, True])
def test_a_map_that_moves_nothing_is_pytorchs_to_the_last_digit(align: bool) -> None:
    """It sees the centres of pixels, where a rounding decides which side's gradient is taken."""
    torch = pytest.importorskip("torch")
    still = [[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]
    for size in (2, 3, 7, 28, 33, 224):
        ours = ag.nn.functional.affine_grid(ag.tensor(still), (1, 1, size, size + 1), align)
        theirs = torch.nn.functional.affine_grid(torch.tensor(still), (1, 1, size, size + 1), align)
        assert np.array_equal(ours.numpy(), theirs.numpy())


@pytest.mark.parametrize("n", [7, 18, 28, 38])
def test_an_identity_map_meets_the_same_pixels_as_pytorchs(n: int) -> None:
    """The places are whole numbers but for rounding, and on either side is another slope."""
    torch = pytest.importorskip("torch")
    image = np.random.default_rng(n).standard_normal((1, 2, n, n)).astype("f")
    gradients = []
    for lib in (ag, torch):
        theta = lib.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]], requires_grad=True)
        F = lib.nn.functional
        grid = F.affine_grid(theta, (1, 2, n, n), align_corners=False)
        (F.grid_sample(lib.tensor(image), grid, align_corners=False) ** 2).sum().backward()
        gradients.append(np.array(theta.grad.tolist()))
    np.testing.assert_allclose(*gradients, rtol=1e-3, atol=1e-3)
