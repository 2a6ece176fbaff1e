"""cdist beside PyTorch: both ways to compute Euclidean distances, and their derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag

torch = pytest.importorskip("torch")

MODES = (
    "use_mm_for_euclid_dist_if_necessary",
    "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)
SHAPES = [
    ((30, 4), (7, 4)),
    ((3, 4), (26, 4)),
    ((2, 1, 27, 3), (3, 5, 3)),
    ((4, 2), (5, 2)),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_distances_and_derivatives(shapes: object, mode: str) -> None:
    rng = np.random.default_rng(0)
    first, second = (rng.standard_normal(shape) for shape in shapes)

    def results(lib: object, distance: object) -> list[object]:
        x, y = lib.tensor(first, requires_grad=True), lib.tensor(second, requires_grad=True)
        out = distance(x, y)
        grads = lib.autograd.grad((out**2 + out).sum(), (x, y), create_graph=True)
        again = lib.autograd.grad((grads[0] ** 2).sum() + (grads[1] ** 3).sum(), (x, y))
        return [out, *grads, *again]

    ours = results(ag, lambda x, y: ag.cdist(x, y, compute_mode=mode))
    # PyTorch's cdist has no second derivative where it takes the differences.
    theirs = results(torch, lambda x, y: (x[..., :, None, :] - y[..., None, :, :]).norm(dim=-1))
    theirs[0] = torch.cdist(torch.tensor(first), torch.tensor(second), compute_mode=mode)
    for got, want in zip(ours, theirs, strict=True):
        assert tuple(got.shape) == tuple(want.shape)
        np.testing.assert_allclose(got.tolist(), want.tolist(), rtol=1e-9, atol=1e-9)


def test_no_rows_and_no_columns() -> None:
    for shapes in (((0, 3), (40, 3)), ((30, 0), (2, 0))):
        for lib in (ag, torch):
            out = lib.cdist(*[lib.ones(*shape) for shape in shapes])
            assert tuple(out.shape) == (shapes[0][0], shapes[1][0])
            assert not out.any()


def test_gradient_is_zero_between_equal_vectors() -> None:
    for lib in (ag, torch):
        x = lib.ones(30, 2, requires_grad=True)
        lib.cdist(x, lib.ones(3, 2)).sum().backward()
        assert not x.grad.any()


def test_many_rows_are_rounded_as_by_the_product() -> None:
    """Far from 0 the squares take the small distances' digits, as in PyTorch."""
    far = np.full((30, 2), 4096.0, np.float32)
    far[0] += np.float32(0.25)
    for lib in (ag, torch):
        x = lib.tensor(far)
        exact = lib.cdist(x, x, compute_mode=MODES[2])[0, 1].item()
        assert exact == pytest.approx(0.125**0.5, abs=1e-6)
        assert lib.cdist(x, x)[0, 1].item() != exact


def test_unknown_mode_is_refused() -> None:
    for lib in (ag, torch):
        with pytest.raises(ValueError, match="compute_mode"):
            lib.cdist(lib.ones(2, 2), lib.ones(2, 2), compute_mode="exact")
