"""Losses of likelihood, margin and embedding beside PyTorch's, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from nn_beside_pytorch import check_layer, close, numpy

import autograd_core as ag
from autograd_core import nn

torch = pytest.importorskip("torch")
F = nn.functional

REDUCTIONS = ["mean", "sum", "none"]
random = np.random.RandomState(0)
X, Y, Z = random.standard_normal((3, 4, 5))
SIGNS = np.sign(random.standard_normal((4, 5)))
SHARES = random.uniform(0.05, 0.95, (4, 5))
COUNTS = random.poisson(2.0, (4, 5)).astype(float)
CLASSES = random.randint(0, 5, 4)
LABELS = np.array([[1, 0, -1, 2, 2], [-1, 0, 0, 0, 0], [4, 3, 2, 1, 0], [2, 2, 1, -1, 0]])
WEIGHT = [0.5, 1.0, 2.0, 3.0, 0.1]

# name, arguments, inputs
CASES = [
    ("PoissonNLLLoss", {}, [X, COUNTS]),
    ("PoissonNLLLoss", {"log_input": False, "full": True, "eps": 0.1}, [SHARES, COUNTS + 0.5]),
    ("GaussianNLLLoss", {}, [X, Y, SHARES]),
    ("GaussianNLLLoss", {"full": True, "eps": 0.4}, [X, Y, SHARES[:, :1]]),
    ("GaussianNLLLoss", {}, [X, Y, SHARES[:, 0]]),
    ("HingeEmbeddingLoss", {}, [X, SIGNS]),
    ("HingeEmbeddingLoss", {"margin": 0.3}, [X, SIGNS]),
    ("MarginRankingLoss", {}, [X, Y, SIGNS]),
    ("MarginRankingLoss", {"margin": 0.7}, [X, Y, SIGNS]),
    ("SoftMarginLoss", {}, [X, SIGNS.astype(int)]),
    ("MultiMarginLoss", {}, [X, CLASSES]),
    ("MultiMarginLoss", {"p": 2, "margin": 0.6, "weight": WEIGHT}, [X, CLASSES]),
    ("MultiMarginLoss", {}, [X[0], CLASSES[0]]),
    ("MultiLabelMarginLoss", {}, [X, LABELS]),
    ("MultiLabelMarginLoss", {}, [X[0], LABELS[0]]),
    ("MultiLabelSoftMarginLoss", {}, [X, SHARES]),
    ("MultiLabelSoftMarginLoss", {"weight": WEIGHT}, [X, SHARES]),
    ("CosineEmbeddingLoss", {}, [X, Y, SIGNS[:, 0]]),
    ("CosineEmbeddingLoss", {"margin": -0.4}, [X[0], Y[0], SIGNS[0, 0]]),
    ("TripletMarginLoss", {}, [X, Y, Z]),
    ("TripletMarginLoss", {"margin": 2.0, "p": 1.0, "eps": 0.1, "swap": True}, [X, Y, Z]),
    ("TripletMarginWithDistanceLoss", {"margin": 2.0, "swap": True}, [X, Y, Z]),
]
cases = pytest.mark.parametrize(
    ("name", "kwargs", "inputs"), CASES, ids=lambda v: v if isinstance(v, str) else ""
)


def made(library, module, name, kwargs, dtype, **more):
    given = {k: library.tensor(v, dtype=dtype) if k == "weight" else v for k, v in kwargs.items()}
    return getattr(module, name)(**given, **more)


def differentiable(name, place):
    """PyTorch has no gradient for the targets of these."""
    return place == 0 or name not in ("SoftMarginLoss", "HingeEmbeddingLoss")


@cases
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_beside_pytorch(name, kwargs, inputs, reduction, dtype):
    """Value and gradients of all inputs; text and state."""
    tolerance = 1e-11 if dtype == "float64" else 2e-5
    found = []
    for library, module in ((ag, nn), (torch, torch.nn)):
        kind = getattr(library, dtype)
        loss = made(library, module, name, kwargs, kind, reduction=reduction)
        leaves = [
            library.tensor(a, dtype=kind, requires_grad=differentiable(name, i))
            if np.asarray(a).dtype.kind == "f"
            else library.tensor(a)
            for i, a in enumerate(inputs)
        ]
        value = loss(*leaves)
        value.backward(library.ones_like(value) * 1.5)
        found.append((loss, value, [t.grad for t in leaves]))
    (ours, value, grads), (theirs, want, wants) = found
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    close(value, want, tolerance)
    for grad, other in zip(grads, wants, strict=True):
        assert (grad is None) == (other is None)
        if grad is not None:
            close(grad, other, tolerance)


@cases
def test_second_derivatives(name, kwargs, inputs):
    """Also of those that PyTorch differentiates only once."""
    loss = made(ag, nn, name, kwargs, ag.float64)
    rest = [ag.tensor(a) for a in inputs[1:]]
    x = ag.tensor(inputs[0], requires_grad=True)
    assert ag.autograd.gradcheck(lambda x: loss(x, *rest), (x,))
    assert ag.autograd.gradgradcheck(lambda x: loss(x, *rest), (x,))


# -- corners --------------------------------------------------------------------------------------


def gradients(function, *values):
    """Gradients of both libraries for the same call."""
    found = []
    for library, functional in ((ag, F), (torch, torch.nn.functional)):
        leaves = [library.tensor(v, dtype=library.float64, requires_grad=True) for v in values]
        function(library, functional, *leaves).sum().backward()
        found.append([t.grad for t in leaves])
    return found


@pytest.mark.parametrize(
    ("function", "values"),
    [
        (
            lambda lib, F, x: F.hinge_embedding_loss(x, lib.tensor([-1, -1, -1, 1, 0])),
            [[1.0, 0.5, 2.0, 1.0, 0.5]],
        ),
        (
            lambda lib, F, x, y, t: F.margin_ranking_loss(x, y, t),
            [[1.0, 0.5], [1.0, 0.5], [1.0, -1.0]],
        ),
        (lambda lib, F, x: F.multi_margin_loss(x, lib.tensor([0])), [[[1.0, 0.0, 2.0]]]),
        (lambda lib, F, x: F.multi_margin_loss(x, lib.tensor([0]), 2), [[[1.0, 0.0, 2.0]]]),
        (
            lambda lib, F, x: F.multilabel_margin_loss(x, lib.tensor([[0, 0, -1]])),
            [[[1.0, 0.0, 0.5]]],
        ),
        (
            lambda lib, F, x, y: F.cosine_embedding_loss(x, y, lib.tensor([1, -1, -1])),
            [[[0.0, 0.0], [1.0, 0.0], [1.0, 0.0]], [[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]],
        ),
        (
            lambda lib, F, a, p, n: F.triplet_margin_loss(a, p, n, swap=True, eps=0.0),
            [[[0.0, 0.0]], [[0.0, 0.0]], [[1.0, 0.0]]],
        ),
        (
            lambda lib, F, x, t, v: F.gaussian_nll_loss(x, t, v),
            [[1.0, 1.0, 1.0], [0.0, 1.0, 2.0], [0.0, 1e-7, 1.0]],
        ),
    ],
)
def test_gradients_at_kinks_are_pytorchs(function, values):
    ours, theirs = gradients(function, *values)
    for one, other in zip(ours, theirs, strict=True):
        # (What PyTorch adds to the lengths is 1e-12 rounded to float32.)
        np.testing.assert_allclose(numpy(one), numpy(other), rtol=1e-8)


def test_the_factorial_of_no_counts_spoils_nothing():
    """PyTorch's gradient for a target of 0 is NaN."""
    target = ag.tensor([0.0, 1.0, 2.0], dtype=ag.float64, requires_grad=True)
    F.poisson_nll_loss(ag.ones(3, dtype=ag.float64), target, full=True, reduction="sum").backward()
    np.testing.assert_allclose(numpy(target.grad), [-1, -1, -1 + np.log(2) + 0.25], rtol=1e-12)


def test_soft_margin_does_not_overflow():
    x = ag.tensor([1000.0, -1000.0], requires_grad=True)
    y = F.soft_margin_loss(x, ag.tensor([-1, -1]), reduction="none")
    y.sum().backward()
    assert y.tolist() == [1000.0, 0.0] and x.grad.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("dtypes", [("float16", "float32"), ("float32", "int64"), ("int64",) * 2])
@pytest.mark.parametrize(
    "name", ["poisson_nll_loss", "margin_ranking_loss", "cosine_embedding_loss", "mse_loss",
             "triplet_margin_loss", "hinge_embedding_loss", "soft_margin_loss", "huber_loss"],
)  # fmt: skip
def test_dtypes_promote_as_in_pytorch(name, dtypes):
    found = []
    for library, functional in ((ag, F), (torch, torch.nn.functional)):
        first, second = [getattr(library, d) for d in dtypes]
        x, y = library.ones(3, 2, dtype=first), library.ones(3, 2, dtype=second)
        three = name.startswith(("margin", "cosine", "triplet"))
        last = (y[:, 0] if name.startswith("cosine") else y,) if three else ()
        try:
            loss = getattr(functional, name)(x, y, *last)
            found.append(str(loss.dtype).rpartition(".")[2])
        except (RuntimeError, TypeError):
            found.append("refused")
    assert found[0] == found[1]


# -- the old arguments ----------------------------------------------------------------------------


@pytest.mark.parametrize("size_average", [None, True, False])
@pytest.mark.parametrize("reduce", [None, True, False])
@pytest.mark.parametrize("name", ["MSELoss", "NLLLoss", "PoissonNLLLoss", "TripletMarginLoss"])
def test_size_average_and_reduce(name, size_average, reduce):
    if size_average is None and reduce is None:
        assert getattr(nn, name)(size_average=None, reduce=None).reduction == "mean"
        return
    with pytest.warns(UserWarning, match="deprecated, use reduction="):
        ours = getattr(nn, name)(size_average=size_average, reduce=reduce)
    with pytest.warns(UserWarning):
        theirs = getattr(torch.nn, name)(size_average=size_average, reduce=reduce)
    assert ours.reduction == theirs.reduction


def test_size_average_and_reduce_of_functions():
    x, y = ag.tensor([1.0, 2.0]), ag.tensor([1.0, 4.0])
    with pytest.warns(
        UserWarning, match="mse_loss: size_average and reduce are deprecated"
    ) as seen:
        assert F.mse_loss(x, y, False).item() == 4.0
    assert seen[0].filename == __file__
    with pytest.warns(UserWarning):
        assert F.mse_loss(x, y, reduce=False).tolist() == [0.0, 4.0]


def test_the_old_name_of_nll_loss():
    with pytest.warns(FutureWarning, match="use NLLLoss"):
        loss = nn.NLLLoss2d()
    assert isinstance(loss, nn.NLLLoss)


# -- what is refused ------------------------------------------------------------------------------

PAIRS = ["poisson_nll_loss", "hinge_embedding_loss", "soft_margin_loss"]


@pytest.mark.parametrize("name", [*PAIRS, "multilabel_soft_margin_loss"])
def test_shapes_that_would_broadcast(name):
    x, t = ag.ones(4, 1), ag.ones(4)
    with pytest.raises(ValueError, match=r"target.reshape\(input.shape\)"):
        getattr(F, name)(x, t)
    loss = getattr(F, name)(x, t, allow_broadcast=True, reduction="none")
    assert tuple(loss.shape) == ((4, 4) if name in PAIRS else (4,))


def test_broadcasting_where_it_is_asked_for():
    """Value and gradients are those of the broadcast operands."""
    a, b = np.arange(3.0)[:, None] + 0.25, np.arange(4.0)
    for name in ("mse_loss", "l1_loss", "huber_loss", "kl_div", "poisson_nll_loss"):
        found = []
        for full in (False, True):
            x, t = ag.tensor(a, requires_grad=True), ag.tensor(b + 0.5, requires_grad=True)
            pair = (x.expand(3, 4), t.expand(3, 4)) if full else (x, t)
            loss = getattr(F, name)(*pair, allow_broadcast=not full)
            loss.backward()
            found.append((loss.item(), x.grad.tolist(), t.grad.tolist()))
        assert found[0] == found[1]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: F.gaussian_nll_loss(x, x, -x), ValueError, "var has negative"),
        (lambda x: F.gaussian_nll_loss(x, x, ag.ones(3)), ValueError, "var must have the shape"),
        (lambda x: F.gaussian_nll_loss(x, x, "1"), TypeError, "var must be a Tensor or a number"),
        (lambda x: F.gaussian_nll_loss(x, x, x, reduction=1), ValueError, "1 is not a valid value"),
        (lambda x: F.margin_ranking_loss(x, x, x[0]), ValueError, "target has shape"),
        (lambda x: F.margin_ranking_loss(x, x[0], x), ValueError, "input2 has shape"),
        (lambda x: F.multi_margin_loss(x, ag.tensor([0, 9])), IndexError, "index 9 is out of"),
        (lambda x: F.multi_margin_loss(x, ag.tensor([0])), ValueError, "one class for each row"),
        (lambda x: F.multi_margin_loss(x, x[:, 0]), RuntimeError, "target must hold class ind"),
        (lambda x: F.multi_margin_loss(x, ag.tensor([0, 1]), 3), ValueError, "p must be 1 or 2"),
        (
            lambda x: F.multi_margin_loss(x, ag.tensor([0, 1]), weight=x),
            ValueError,
            "weight must have shape",
        ),
        (lambda x: F.multilabel_margin_loss(x, x), RuntimeError, "target must hold class"),
        (
            lambda x: F.multilabel_margin_loss(x, ag.full((2, 3), 7)),
            IndexError,
            "index 7 is out of range; expected 0 to 2",
        ),
        (lambda x: F.multilabel_margin_loss(x[:, :0], x[:, :0]), ValueError, "at least one class"),
        (lambda x: F.cosine_embedding_loss(x, x, x), ValueError, r"expected vectors \(N, D\)"),
        (lambda x: F.cosine_embedding_loss(x, x[0], x[0]), ValueError, "input2 has shape"),
        (lambda x: F.triplet_margin_loss(x, x, x, 0.0), ValueError, "margin must be greater"),
        (lambda x: F.triplet_margin_loss(x, x[0], x), ValueError, "positive has shape"),
        (lambda x: nn.TripletMarginLoss(-1.0), ValueError, "margin must be greater than 0"),
        (lambda x: nn.MultiMarginLoss(3), ValueError, "p must be 1 or 2"),
        (lambda x: nn.MultiMarginLoss(weight=x), ValueError, r"weight must be \(C,\)"),
        (
            lambda x: F.soft_margin_loss(x.int(), x),
            RuntimeError,
            "input must be of a real floating",
        ),
        (lambda x: F.hinge_embedding_loss(x, 1), TypeError, "target must be a tensor, got int"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call(ag.ones(2, 3))


def test_distance_layer_in_the_loss():
    loss = nn.TripletMarginWithDistanceLoss(distance_function=nn.PairwiseDistance(1.0))
    assert repr(loss) == repr(
        torch.nn.TripletMarginWithDistanceLoss(distance_function=torch.nn.PairwiseDistance(1.0))
    )
    check_layer("TripletMarginWithDistanceLoss", (), {}, [X, Y, Z], "float64", True)
