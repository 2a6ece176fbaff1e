"""Normalisation, embedding and distances beside PyTorch: every order, running values, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.nn import functional as F

NORMS: list[tuple[str, Any, Any, Any]] = [
    # name, shape of input, shapes of weight and bias, call
    ("batch_norm", (4, 3), [(3,), (3,)], lambda f, x, w, b: f(x, None, None, w, b, True)),
    ("batch_norm", (2, 3, 4), [(3,)], lambda f, x, w: f(x, None, None, w, None, True, eps=0.1)),
    ("batch_norm", (2, 3, 2, 2), [], lambda f, x: f(x, None, None, training=True)),
    ("instance_norm", (2, 3, 4), [(3,), (3,)], lambda f, x, w, b: f(x, None, None, w, b)),
    ("group_norm", (2, 4, 3), [(4,), (4,)], lambda f, x, w, b: f(x, 2, w, b)),
    ("group_norm", (3, 4), [], lambda f, x: f(x, 2)),
    ("layer_norm", (3, 4), [(4,), (4,)], lambda f, x, w, b: f(x, (4,), w, b)),
    ("layer_norm", (3, 2, 4), [(2, 4)], lambda f, x, w: f(x, (2, 4), w)),
    ("rms_norm", (3, 4), [(4,)], lambda f, x, w: f(x, (4,), w)),
    ("rms_norm", (3, 2, 4), [], lambda f, x: f(x, (2, 4), eps=0.1)),
    ("local_response_norm", (2, 5, 3), [], lambda f, x: f(x, 3, 0.5)),
    ("normalize", (3, 4), [], lambda f, x: f(x, 3.0, 0)),
]


def to_second_order(library: Any, function: Any, call: Any, values: list[Any]) -> list[Any]:
    leaves = [library.tensor(v, requires_grad=True) for v in values]
    out = call(function, *leaves)
    weights = library.tensor(np.cos(np.arange(out.numel())).reshape(tuple(out.shape)))
    first = library.autograd.grad((out * out * weights).sum(), leaves, create_graph=True)
    second = library.autograd.grad(sum((g * g).sum() for g in first), leaves)
    return [t.detach().cpu().numpy() for t in (out, *first, *second)]


@pytest.mark.parametrize(
    "name,shape,more,call",
    NORMS,
    ids=lambda v: "call" if callable(v) else str(v).replace(" ", "")[:30],
)
def test_like_pytorch_to_second_order(name: str, shape: Any, more: Any, call: Any) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    values = [rng.standard_normal(s) for s in (shape, *more)]
    ours = to_second_order(ag, getattr(F, name), call, values)
    theirs = to_second_order(torch, getattr(torch.nn.functional, name), call, values)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_far_from_zero_the_variance_stays_exact(dtype: str) -> None:
    x = ag.tensor([[1000.0, 1008.0, 1016.0, 1024.0]], dtype=getattr(ag, dtype))
    want = [-1.3416, -0.4472, 0.4472, 1.3416]
    np.testing.assert_allclose(F.layer_norm(x, (4,)).float().tolist(), [want], rtol=1e-2)


@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
def test_running_values(name: str) -> None:
    torch = pytest.importorskip("torch")
    value = np.random.default_rng(0).standard_normal((4, 3, 5))
    results = []
    for library, functional in ((ag, F), (torch, torch.nn.functional)):
        mean, var = library.zeros(3, dtype=library.float64), library.ones(3, dtype=library.float64)
        before = mean._version
        getattr(functional, name)(library.tensor(value), mean, var, None, None, True, 0.3)
        assert library is torch or mean._version == before + 1
        out = getattr(functional, name)(library.tensor(value), mean, var, None, None, False)
        results.append([t.tolist() for t in (mean, var, out)])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_half_input_with_wide_weights() -> None:
    x = ag.randn(4, 3, dtype=ag.bfloat16).requires_grad_()
    weight, bias = (ag.ones(3, requires_grad=True) for _ in range(2))
    out = F.batch_norm(x, None, None, weight, bias, True)
    out.float().pow(2).sum().backward()
    assert out.dtype is x.grad.dtype is ag.bfloat16 and weight.grad.dtype is ag.float32


def test_embedding_gradients() -> None:
    torch = pytest.importorskip("torch")
    table, numbers = np.random.default_rng(0).standard_normal((5, 3)), [[0, 2, 2], [4, 0, 2]]
    for options in (
        {},
        {"padding_idx": -3},
        {"scale_grad_by_freq": True},
        {"padding_idx": 0, "scale_grad_by_freq": True},
        {"max_norm": 0.9},
        {"max_norm": 0.9, "norm_type": 1.0},
        {"max_norm": 0.9, "norm_type": float("inf")},
    ):
        results = []
        for library, functional in ((ag, F), (torch, torch.nn.functional)):
            weight = library.tensor(table, requires_grad=True)
            out = functional.embedding(library.tensor(numbers), weight, **options)
            (out * out).sum().backward()
            results.append([out.tolist(), weight.grad.tolist(), weight.tolist()])
        for a, b in zip(*results, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-12, err_msg=str(options))


def test_embedding_twice_differentiated() -> None:
    weight = ag.randn(4, 2, dtype=ag.float64).requires_grad_()
    numbers = ag.tensor([3, 1, 3])
    for options in ({}, {"padding_idx": 2}):
        assert ag.autograd.gradgradcheck(
            lambda w, o=options: F.embedding(numbers, w, **o) ** 3, weight
        )


def test_one_hot() -> None:
    torch = pytest.importorskip("torch")
    for numbers, classes in (([[0, 2], [1, 1]], -1), ([0], 4), (2, 3)):
        ours = F.one_hot(ag.tensor(numbers), classes)
        theirs = torch.nn.functional.one_hot(torch.tensor(numbers), classes)
        assert ours.tolist() == theirs.tolist() and ours.dtype is ag.int64
    assert F.one_hot(ag.zeros(2, 0).long(), 3).shape == (2, 0, 3)


@pytest.mark.parametrize(
    "call,error,message",
    [
        (
            lambda: F.batch_norm(ag.ones(3), None, None, training=True),
            ValueError,
            "batch_norm",
        ),
        (
            lambda: F.batch_norm(ag.ones(1, 3), None, None, training=True),
            ValueError,
            "more than 1 value per channel",
        ),
        (
            lambda: F.batch_norm(ag.ones(2, 3), None, None),
            ValueError,
            "and running_var",
        ),
        (
            lambda: F.batch_norm(ag.ones(2, 3), ag.ones(2), ag.ones(3)),
            ValueError,
            r"running_mean must have shape \(3,\)",
        ),
        (lambda: F.instance_norm(ag.ones(3)), ValueError, r"instance_norm: expected \(N, C"),
        (lambda: F.instance_norm(ag.ones(2, 3)), ValueError, "more than 1 spatial element"),
        (lambda: F.instance_norm(ag.ones(2, 3, 1)), ValueError, "more than 1 spatial element"),
        (lambda: F.group_norm(ag.ones(2, 3), 2), ValueError, "multiple of num_groups"),
        (lambda: F.group_norm(ag.ones(2, 4), 2, ag.ones(3)), ValueError, r"weight must have"),
        (lambda: F.layer_norm(ag.ones(2, 3), (2,)), RuntimeError, r"normalized_shape=\(2,\)"),
        (lambda: F.layer_norm(ag.ones(2, 3), ()), ValueError, "normalized_shape"),
        (lambda: F.layer_norm(ag.ones(2, 3), 3, ag.ones(2)), ValueError, "weight must have"),
        (lambda: F.rms_norm(ag.ones(3), (3, 3)), ValueError, "rms_norm: expected"),
        (lambda: F.local_response_norm(ag.ones(2, 3), 2), ValueError, "local_response_norm"),
        (lambda: F.local_response_norm(ag.ones(2, 3, 1), 0), ValueError, "size must be"),
        (lambda: F.embedding(ag.tensor([4]), ag.ones(4, 2)), IndexError, "embedding: index 4"),
        (lambda: F.embedding(ag.tensor([-1]), ag.ones(4, 2)), IndexError, "embedding: index -1"),
        (lambda: F.embedding(ag.tensor([1.0]), ag.ones(4, 2)), IndexError, "integers"),
        (lambda: F.embedding(ag.tensor([1]), ag.ones(4)), ValueError, "weight must be"),
        (lambda: F.embedding(ag.tensor([1]), ag.ones(4, 2), 4), IndexError, "padding_idx=4"),
        (lambda: F.one_hot(ag.tensor([3]), 3), IndexError, "one_hot: index 3"),
        (lambda: F.one_hot(ag.tensor([0.5])), IndexError, "integers"),
        (lambda: F.one_hot(ag.zeros(0).long()), ValueError, "num_classes"),
        (lambda: F.one_hot(ag.tensor([0]), 0), ValueError, "must be positive"),
        (lambda: F.cosine_similarity(ag.ones(2), ag.ones(2), 1), IndexError, "cosine_similarity"),
        (lambda: ag.cdist(ag.ones(2, 3), ag.ones(2, 2)), ValueError, "cdist: expected"),
        (lambda: F.pdist(ag.ones(3)), ValueError, "pdist: expected"),
    ],
)
def test_errors(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_instance_norm_without_places_and_without_elements() -> None:
    mean, var = ag.tensor([3.0, 1.0]), ag.tensor([4.0, 1.0])
    out = F.instance_norm(ag.tensor([[5.0, 1.0]]), mean, var, use_input_stats=False, eps=0.0)
    assert out.tolist() == [[1.0, 0.0]]
    F.instance_norm(ag.ones(2, 2, 0), mean, var)
    assert mean.tolist() == [3.0, 1.0] and var.tolist() == [4.0, 1.0]
