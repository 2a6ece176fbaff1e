"""Connectionist temporal classification beside PyTorch's, and beside the sum over all paths."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from nn_beside_pytorch import numpy

import autograd_core as ag
from autograd_core import nn

F = nn.functional


def scores(*shape, seed=0):
    x = np.random.RandomState(seed).standard_normal(shape)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def beside_pytorch(lp, targets, ends, counts, dtype="float64", lengths=list, **kwargs):
    """Value and gradient, of the scores before their log_softmax."""
    torch = pytest.importorskip("torch")
    found = []
    for library in (ag, torch):
        x = library.tensor(lp, dtype=getattr(library, dtype), requires_grad=True)
        given = [v if lengths is list else tuple(v) if lengths is tuple else library.tensor(v)
                 for v in (ends, counts)]  # fmt: skip
        x_log = x.log_softmax(-1)
        loss = library.nn.CTCLoss(**kwargs)(x_log, library.tensor(targets), *given)
        loss.sum().backward()
        found.append((loss, x.grad))
    (loss, grad), (want, other) = found
    assert tuple(loss.shape) == tuple(want.shape) and str(loss.dtype).endswith(dtype)
    tolerance = 1e-11 if dtype == "float64" else 2e-5
    np.testing.assert_allclose(numpy(loss), numpy(want), rtol=tolerance)
    np.testing.assert_allclose(numpy(grad), numpy(other), atol=tolerance)


REPEATS = np.array([[1, 1, 2, 2], [3, 3, 3, 1], [1, 2, 1, 0]])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("blank", [0, 4])
@pytest.mark.parametrize("joined", [False, True])
def test_beside_pytorch(joined, blank, dtype, reduction):
    lp, ends, counts = scores(12, 3, 5), [12, 9, 11], [4, 4, 2]
    targets = REPEATS if blank == 0 else REPEATS - (REPEATS > 0)
    if joined:
        targets = np.concatenate([row[:n] for row, n in zip(targets, counts)])
    beside_pytorch(lp, targets, ends, counts, dtype, blank=blank, reduction=reduction)


@pytest.mark.parametrize("lengths", [list, tuple, ag.tensor])
def test_lengths_may_be_tensors(lengths):
    beside_pytorch(scores(9, 2, 4), REPEATS[:2, :3], [9, 8], [3, 2], lengths=lengths)


def test_one_sample_without_a_batch():
    beside_pytorch(scores(9, 4), REPEATS[0], [9], [4])
    beside_pytorch(scores(9, 4), REPEATS[0][:3], 9, 3, lengths=ag.tensor)


def test_empty_targets_and_inputs():
    lp = scores(6, 4, 5)
    beside_pytorch(lp, np.ones((4, 2), int), [6, 6, 3, 1], [0, 1, 0, 1], reduction="none")
    beside_pytorch(lp, np.zeros((4, 0), int), [6, 6, 3, 1], [0, 0, 0, 0], reduction="none")
    loss = F.ctc_loss(
        ag.tensor(lp), ag.ones(4, 1, dtype=ag.int64), [0, 0, 6, 6], [0, 1, 0, 1], reduction="none"
    )
    assert loss.tolist()[:2] == [0.0, np.inf]


def test_the_sum_over_all_paths():
    steps, classes = 5, 3
    lp = scores(steps, 1, classes)
    for target in ([], [1], [2, 1], [1, 1], [1, 2, 1]):
        total = 0.0
        for path in itertools.product(range(classes), repeat=steps):
            labels = [k for k, _ in itertools.groupby(path) if k]
            if labels == target:
                total += np.exp(sum(lp[t, 0, k] for t, k in enumerate(path)))
        row = ag.tensor([[*target, 0, 0]][0], dtype=ag.int64).reshape(1, -1)
        loss = F.ctc_loss(ag.tensor(lp), row, [steps], [len(target)], reduction="sum")
        np.testing.assert_allclose(loss.item(), -np.log(total), rtol=1e-12)


def test_targets_that_do_not_fit():
    """They cost infinity, and their gradient is 0: PyTorch's is NaN without zero_infinity."""
    lp = scores(4, 2, 4)
    targets, ends, counts = np.array([[1, 1, 2], [1, 2, 3]]), [3, 4], [3, 3]
    x = ag.tensor(lp, requires_grad=True)
    loss = F.ctc_loss(x, ag.tensor(targets), ends, counts, reduction="none")
    assert loss[0].item() == np.inf and np.isfinite(loss[1].item())
    loss.sum().backward()
    assert not x.grad[:, 0].any().item() and x.grad[:, 1].any().item()
    beside_pytorch(lp, targets, ends, counts, zero_infinity=True, reduction="none")


def test_impossible_classes():
    """Probabilities of 0, which a path may have to avoid."""
    lp = scores(5, 1, 4)
    lp[1, 0, 2] = lp[2, 0, 0] = -np.inf
    x = ag.tensor(lp, requires_grad=True)
    loss = F.ctc_loss(x, ag.tensor([[1, 2]]), [5], [2])
    (grad,) = ag.autograd.grad(loss, x, create_graph=True)
    assert np.isfinite(loss.item()) and grad.isfinite().all().item()
    assert grad[1, 0, 2].item() == 0 and grad[2, 0, 0].item() == 0
    (second,) = ag.autograd.grad((grad * grad).sum(), x)
    assert second.isfinite().all().item()


def test_the_gradient_is_the_derivative():
    """To the third order: minus the probability of each class at each step, given the target."""
    targets, ends, counts = ag.tensor(REPEATS[:, :3]), [6, 5, 6], [2, 3, 1]

    def loss(x):
        return F.ctc_loss(x, targets, ends, counts, reduction="none")

    x = ag.tensor(np.random.RandomState(1).standard_normal((6, 3, 5)), requires_grad=True)
    assert ag.autograd.gradcheck(loss, (x,))
    assert ag.autograd.gradgradcheck(loss, (x,))
    (grad,) = ag.autograd.grad(loss(x).sum(), x)
    sums = numpy(-grad.sum(2))
    for n, end in enumerate(ends):
        np.testing.assert_allclose(sums[:, n], np.arange(6) < end, atol=1e-12)

    def slope(x):
        (g,) = ag.autograd.grad(loss(x).sum(), x, create_graph=True)
        return (g * g).sum()

    x = ag.tensor(np.random.RandomState(2).standard_normal((3, 3, 5)), requires_grad=True)
    ends[:], counts[:] = [3, 3, 3], [1, 1, 1]
    assert ag.autograd.gradgradcheck(slope, (x,))


def test_far_out():
    """In log space nothing underflows: one class is all but impossible at every step."""
    x = np.zeros((40, 1, 3))
    x[:, :, 1] = -500
    beside_pytorch(x, np.array([[1, 1, 1]]), [40], [3], reduction="sum")


def test_float32_keeps_its_digits():
    """Also where the logarithms are large; PyTorch's gradient is 1e-3 off here."""
    lp = scores(200, 2, 20) * 5
    found = []
    for dtype in (ag.float32, ag.float64):
        x = ag.tensor(lp, dtype=dtype, requires_grad=True)
        target = ag.tensor(np.random.RandomState(1).randint(1, 20, (2, 40)))
        loss = F.ctc_loss(x, target, [200, 200], [40, 40], reduction="none")
        loss.sum().backward()
        found.append((numpy(loss), numpy(x.grad)))
    (loss, grad), (want, other) = found
    np.testing.assert_allclose(loss, want, rtol=2e-7)
    np.testing.assert_allclose(grad, other, atol=2e-4)


@pytest.mark.slow
def test_a_thousand_random_cases():
    random = np.random.RandomState(5)
    for _ in range(1000):
        steps, samples, classes = random.randint(1, 9), random.randint(1, 4), random.randint(2, 5)
        longest = random.randint(1, 5)
        targets = random.randint(1, classes, (samples, longest))
        ends = random.randint(1, steps + 1, samples).tolist()
        counts = random.randint(0, longest + 1, samples).tolist()
        beside_pytorch(
            scores(steps, samples, classes, seed=None), targets, ends, counts,
            reduction=random.choice(["mean", "sum", "none"]), zero_infinity=True,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x, t: F.ctc_loss(x[0, 0], t, [4], [2]), ValueError, r"\(T, N, C\)"),
        (lambda x, t: F.ctc_loss(x, t[:1], [4, 4], [2, 2]), ValueError, r"targets must be \(2, S"),
        (lambda x, t: F.ctc_loss(x, t, [4], [2, 2]), ValueError, "input_lengths must hold one"),
        (lambda x, t: F.ctc_loss(x, t, [4, 5], [2, 2]), ValueError, "input_lengths must lie"),
        (lambda x, t: F.ctc_loss(x, t, [4, 4], [2, -1]), ValueError, "target_lengths must lie"),
        (lambda x, t: F.ctc_loss(x, t, [4, 4], [2.0, 1]), TypeError, "must be integers"),
        (lambda x, t: F.ctc_loss(x, t[0], [4, 4], [2, 2]), ValueError, "target_lengths sum to 4"),
        (lambda x, t: F.ctc_loss(x, t + 5, [4, 4], [2, 2]), IndexError, "is out of range"),
        (lambda x, t: F.ctc_loss(x, t.double(), [4, 4], [2, 2]), RuntimeError, "targets must hold"),
        (lambda x, t: F.ctc_loss(x, t, [4, 4], [2, 2], 3), ValueError, "blank must be a class"),
        (lambda x, t: F.ctc_loss(x.long(), t, [4, 4], [2, 2]), RuntimeError, "log_probs must be"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call(ag.zeros(4, 2, 3), ag.tensor([[1, 2], [2, 1]]))
