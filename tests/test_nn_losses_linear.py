"""Losses over many classes: a layer and its cross entropy in blocks, and the adaptive softmax."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest
from nn_beside_pytorch import check_initial_numbers, close, numpy

import autograd_core as ag
from autograd_core import nn

F = nn.functional
BLOCKS = nn.LinearCrossEntropyOptions(batch_chunk_size=1)


def operands(samples=6, features=4, classes=23, dtype="float64"):
    random = np.random.RandomState(0)
    x, w, b = [
        random.standard_normal(s).astype(dtype)
        for s in ((samples, features), (classes, features), classes)
    ]
    return x, w, b, random.randint(0, classes, samples)


def made(library, x, w, b, dtype):
    kind = getattr(library, dtype)
    return [library.tensor(a, dtype=kind, requires_grad=True) for a in (x, w, b)]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore_index", [None, 3])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.3])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_blocks_beside_pytorch(dtype, bias, label_smoothing, ignore_index, weighted, reduction):
    torch = pytest.importorskip("torch")
    x, w, b, t = operands()
    t[0] = 3
    found = []
    for library in (ag, torch):
        given = {"reduction": reduction, "label_smoothing": label_smoothing}
        if ignore_index is not None:
            given["ignore_index"] = ignore_index
        if weighted:
            given["weight"] = library.tensor(np.arange(23) / 7, dtype=getattr(library, dtype))
        if library is ag:
            given["options"] = BLOCKS
        X, W, B = made(library, x, w, b, dtype)
        loss = library.nn.functional.linear_cross_entropy(
            X, W, library.tensor(t), linear_bias=B if bias else None, **given
        )
        loss.sum().backward()
        found.append((loss, X.grad, W.grad, *([B.grad] if bias else [])))
    for ours, theirs in zip(*found, strict=True):
        close(ours, theirs, 1e-11 if dtype == "float64" else 2e-5)


@pytest.mark.parametrize("wanted", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.3])
def test_second_derivatives(label_smoothing, wanted):
    """Whatever of input, weight and bias needs one."""
    *arrays, t = operands(4, 3, 5)
    leaves = [ag.tensor(a, requires_grad=i in wanted) for i, a in enumerate(arrays)]

    def loss(*values):
        given = iter(values)
        x, w, b = [next(given) if i in wanted else leaf for i, leaf in enumerate(leaves)]
        return F.linear_cross_entropy(
            x, w, ag.tensor(t), linear_bias=b, options=BLOCKS, label_smoothing=label_smoothing
        )

    chosen = tuple(leaf for i, leaf in enumerate(leaves) if i in wanted)
    assert ag.autograd.gradcheck(loss, chosen)
    assert ag.autograd.gradgradcheck(loss, chosen)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_halves_accumulate_in_float32(dtype):
    """The loss of the rounded operands, rounded once."""
    x, w, b, t = operands(8, 16, 300, "float32")
    given = made(ag, x, w, b, dtype)
    exact = [leaf.detach().double().requires_grad_() for leaf in given]
    loss, want = [
        F.linear_cross_entropy(*v[:2], ag.tensor(t), linear_bias=v[2], options=BLOCKS)
        for v in (given, exact)
    ]
    assert loss.dtype is getattr(ag, dtype)
    step = 2.0**-10 if dtype == "float16" else 2.0**-7
    np.testing.assert_allclose(float(loss.item()), want.item(), rtol=step)
    loss.backward()
    want.backward()
    for one, other in zip(given, exact):
        error = abs(numpy(one.grad).astype(float) - numpy(other.grad)).max()
        assert error <= step * abs(numpy(other.grad)).max()


def test_large_logits():
    x, w, _, t = operands(dtype="float32")
    loss = F.linear_cross_entropy(ag.tensor(x * 1e4), ag.tensor(w), ag.tensor(t), options=BLOCKS)
    logits = x.astype(float) * 1e4 @ w.T.astype(float)
    log_sum = logits.max(1) + np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1))
    want = (log_sum - logits[np.arange(6), t]).mean()
    np.testing.assert_allclose(loss.item(), want, rtol=1e-5)


def peak(function):
    """The most bytes held at a time in a call of ``function``, besides what is there before."""
    gc.collect()
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.cpu_only  # tracemalloc sees the host's memory
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_memory_stays_below_that_of_the_logits(reduction):
    """Forward and backward together, with the gradients that are returned."""
    x, w, b, t = operands(512, 16, 8192, "float32")
    X, W, B = made(ag, x, w, b, "float32")
    logits = 4 * 512 * 8192

    def step():
        loss = F.linear_cross_entropy(X, W, ag.tensor(t), linear_bias=B, reduction=reduction)
        loss.backward(ag.ones_like(loss))

    assert peak(step) < logits / 2
    assert peak(lambda: F.cross_entropy(F.linear(X, W, B), ag.tensor(t)).backward()) > logits


def test_layer_beside_pytorch():
    torch = pytest.importorskip("torch")
    weight = np.linspace(0.5, 2.0, 7)
    for kwargs in (
        {},
        {"bias": True, "out_features": (2, 3), "label_smoothing": 0.1},
        {"reduction": "sum", "ignore_index": 2},
        {"weight": weight, "bias": True},
    ):
        inner = kwargs.get("out_features", ())
        random = np.random.RandomState(2)
        x, t = random.standard_normal((4, 5)), random.randint(0, 7, (4, *inner))
        found = []
        for library in (torch, ag):
            given = dict(kwargs)
            if "weight" in kwargs:
                given["weight"] = library.tensor(weight)
            layer = library.nn.LinearCrossEntropyLoss(5, 7, dtype=library.float64, **given)
            if found:
                layer.load_state_dict(found[0][0].state_dict())
            value = layer(library.tensor(x), library.tensor(t))
            value.backward()
            found.append((layer, value, [p.grad for p in layer.parameters()]))
        (theirs, want, wants), (ours, value, grads) = found
        assert repr(ours) == repr(theirs)
        close(value, want, 1e-12)
        for grad, other in zip(grads, wants, strict=True):
            close(grad, other, 1e-12)


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ({}, None),
        ({"batch_chunk_size": 3}, 3),
        ({"chunking_method": "aspect_ratio"}, 16),
        ({"chunking_method": "aspect_ratio:4"}, 4),
        ({"chunking_method": None, "batch_chunk_size": 5}, 5),
    ],
)
def test_options(options, rows):
    assert nn.LinearCrossEntropyOptions(**options).rows(100, 10, 90) == rows


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x, w, t: F.linear_cross_entropy(x[None], w, t), ValueError, "input must be"),
        (lambda x, w, t: F.linear_cross_entropy(x, w[0], t), ValueError, "linear_weight"),
        (lambda x, w, t: F.linear_cross_entropy(x, w[:, :2], t), ValueError, "3 features"),
        (lambda x, w, t: F.linear_cross_entropy(x[0], w[:, None], t), ValueError, "input must be"),
        (
            lambda x, w, t: F.linear_cross_entropy(x, w, t, linear_bias=w),
            ValueError,
            "linear_bias must be",
        ),
        (
            lambda x, w, t: F.linear_cross_entropy(x, w, x @ w.mT, ignore_index=0),
            ValueError,
            "ignore_index cannot be given",
        ),
        (lambda x, w, t: F.linear_cross_entropy(x, w, t[:1]), ValueError, "expected input"),
        (
            lambda x, w, t: F.linear_cross_entropy(x, w, t + 9, options=BLOCKS),
            IndexError,
            "out of range; expected 0 to 3",
        ),
        (lambda x, w, t: F.linear_cross_entropy(x, w, 1), TypeError, "target must be a tensor"),
        (
            lambda x, w, t: F.linear_cross_entropy(x, w, t, label_smoothing=2),
            ValueError,
            "label_smoothing",
        ),
        (lambda *_: nn.LinearCrossEntropyOptions(batch_chunk_size=0), ValueError, "positive"),
        (lambda *_: nn.LinearCrossEntropyOptions(acc_policy="x"), ValueError, "acc_policy: 'x'"),
        (lambda *_: nn.LinearCrossEntropyOptions(chunking_method="x"), ValueError, "method: 'x'"),
        (
            lambda x, w, t: F.linear_cross_entropy(
                x, w, t, options=nn.LinearCrossEntropyOptions(False, 2, "aspect_ratio:2")
            ),
            ValueError,
            "contradict",
        ),
        (lambda x, w, t: nn.LinearCrossEntropyLoss(3, 4, weight=x), ValueError, "weight must"),
        (lambda *_: nn.LinearCrossEntropyLoss(3, 4, label_smoothing=2), ValueError, "smoothing"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call(ag.ones(2, 3), ag.ones(4, 3), ag.tensor([0, 1]))


# -- adaptive softmax -----------------------------------------------------------------------------


@pytest.mark.parametrize("head_bias", [False, True])
@pytest.mark.parametrize("targets", [[0, 3, 4, 9, 10, 19], [1, 0], [19], 7])
def test_adaptive_softmax_beside_pytorch(targets, head_bias):
    torch = pytest.importorskip("torch")
    args = (8, 20, [4, 10], 2.0, head_bias)
    found = []
    x = np.random.RandomState(0).standard_normal((*np.shape(targets), 8))
    for library in (torch, ag):
        layer = library.nn.AdaptiveLogSoftmaxWithLoss(*args, dtype=library.float64)
        if found:
            layer.load_state_dict(found[0][0].state_dict())
        X = library.tensor(x, requires_grad=True)
        output, loss = result = layer(X, library.tensor(targets))
        assert result.output is output and result.loss is loss
        (loss + output.sum()).backward()
        found.append((layer, output, loss, X.grad, dict(layer.named_parameters())))
    (theirs, *wants, parameters), (ours, *values, own) = found
    assert repr(ours) == repr(theirs) and list(own) == list(parameters)
    for value, want in zip(values, wants, strict=True):
        close(value, want, 1e-12)
    for name, parameter in own.items():
        if parameters[name].grad is None:
            assert parameter.grad is None
        else:
            close(parameter.grad, parameters[name].grad, 1e-12)
    if np.ndim(targets):
        close(ours.log_prob(ag.tensor(x)), theirs.log_prob(torch.tensor(x)), 1e-12)
        assert ours.predict(ag.tensor(x)).tolist() == theirs.predict(torch.tensor(x)).tolist()


def test_adaptive_softmax_predicts_rare_classes():
    layer = nn.AdaptiveLogSoftmaxWithLoss(32, 12, [2, 6], dtype=ag.float64)
    x = ag.tensor(np.random.RandomState(1).standard_normal((40, 32)) * 9)
    found = layer.predict(x)
    assert set(found.tolist()) > {0, 1}
    sure = layer.log_prob(x).argmax(1)
    head = layer.head(x).argmax(1) >= 2
    assert found[head].tolist() == sure[head].tolist()
    np.testing.assert_allclose(numpy(layer.log_prob(x).exp().sum(1)), 1, rtol=1e-12)


@pytest.mark.cpu_only  # other devices draw other numbers
def test_layers_draw_pytorchs_numbers():
    check_initial_numbers("LinearCrossEntropyLoss", (5, 7), {"bias": True})
    check_initial_numbers("AdaptiveLogSoftmaxWithLoss", (32, 20, [4, 10]), {})


def test_adaptive_softmax_starts_again():
    layer = nn.AdaptiveLogSoftmaxWithLoss(32, 20, [4, 10])
    before = layer.tail[0][1].weight.tolist()
    layer.reset_parameters()
    assert layer.tail[0][1].weight.tolist() != before


@pytest.mark.parametrize("cutoffs", [[], [0], [5, 3], [3, 3], [20], [2.5]])
def test_adaptive_softmax_refuses_cutoffs(cutoffs):
    with pytest.raises(ValueError, match="cutoffs must be integers in ascending order"):
        nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs)


def test_adaptive_softmax_errors():
    layer = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4])
    with pytest.raises(IndexError, match="target must lie between 0 and 19, got 3 to 20"):
        layer(ag.ones(2, 8), ag.tensor([20, 3]))
    for x, t in ((ag.ones(2, 8), ag.tensor([1])), (ag.ones(8), ag.tensor([1]))):
        with pytest.raises(ValueError, match="expected input"):
            layer(x, t)
