"""Linear and shaping layers beside PyTorch's: output, gradients, text, state, first numbers."""

from __future__ import annotations

import numpy as np
import pytest
from nn_beside_pytorch import check_initial_numbers, check_layer

import autograd_core as ag
from autograd_core import nn

torch = pytest.importorskip("torch")

# (class, arguments, keyword arguments, shapes of the inputs)
LAYERS = [
    ("Linear", (4, 3), {}, [(5, 4)]),
    ("Linear", (4, 3), {"bias": False}, [(2, 3, 4)]),
    ("Linear", (4, 3), {}, [(4,)]),
    ("Linear", (4, 1), {}, [(0, 4)]),
    ("Bilinear", (2, 3, 4), {}, [(5, 2), (5, 3)]),
    ("Bilinear", (2, 3, 1), {"bias": False}, [(2, 5, 2), (2, 5, 3)]),
    ("Identity", (3,), {"unused": 1}, [(2, 3)]),
    ("Flatten", (), {}, [(2, 3, 4)]),
    ("Flatten", (0, 1), {}, [(2, 3, 4)]),
    ("Unflatten", (1, (2, 3)), {}, [(4, 6)]),
    ("Unflatten", (-1, (2, -1)), {}, [(4, 6)]),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "args", "kwargs", "shapes"), LAYERS, ids=str)
def test_like_pytorch(name, args, kwargs, shapes, dtype):
    rng = np.random.RandomState(0)
    inputs = [np.asarray(rng.standard_normal(shape) * 2) for shape in shapes]
    check_layer(name, args, kwargs, inputs, dtype, True)


@pytest.mark.cpu_only
@pytest.mark.parametrize("seed", [0, 1, 123456789])
@pytest.mark.parametrize("size", [(4, 3), (7, 5), (784, 30), (1, 1)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_linear_draws_pytorchs_numbers(seed, size, dtype):
    ag.manual_seed(seed)
    torch.manual_seed(seed)
    ours = nn.Linear(*size, dtype=getattr(ag, dtype))
    theirs = torch.nn.Linear(*size, dtype=getattr(torch, dtype))
    for a, b in ((ours.weight, theirs.weight), (ours.bias, theirs.bias)):
        # PyTorch multiplies and adds in one rounding, NumPy in two.
        np.testing.assert_allclose(a.tolist(), b.tolist(), rtol=0, atol=1e-7)


@pytest.mark.cpu_only
def test_linear_is_bit_equal_where_the_bound_is_a_power_of_two():
    for seed in range(20):
        ag.manual_seed(seed)
        torch.manual_seed(seed)
        ours, theirs = nn.Linear(4, 3), torch.nn.Linear(4, 3)
        assert ours.weight.tolist() == theirs.weight.tolist()
        assert ours.bias.tolist() == theirs.bias.tolist()


@pytest.mark.cpu_only
def test_bilinear_draws_pytorchs_numbers():
    check_initial_numbers("Bilinear", (2, 3, 4), {})


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Bilinear(0, 1, 1), ValueError, "in1_features must be > 0"),
        (lambda: nn.Bilinear(2, 3, 1)(ag.ones(1, 3), ag.ones(1, 3)), ValueError, r"\(1, 3\)"),
        (lambda: nn.Unflatten("a", (1, 2)), TypeError, "integer"),
        (lambda: nn.Unflatten(1, 3), TypeError, "tuple of integers"),
        (lambda: nn.Linear(4, 3)(ag.ones(2, 5)), ValueError, "linear"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()
