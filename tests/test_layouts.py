"""How results lie in memory: as PyTorch's do, so that ``view`` works where it works there, and
random numbers land on the same elements."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.backends.registry import backend_of
from autograd_core.layouts import copied, laid_out, memory_order
from autograd_core.registry import Make, Sample, operators

ENTRIES = sorted(operators().values(), key=lambda entry: entry.name)

# Contiguous in PyTorch, whose steps are others inside; no one takes a view of these.
AS_THEY_COME = {
    "angle": "of real numbers; of complex ones both keep the order",
    "mvlgamma": "elementwise",
    "nn.functional.rrelu": "elementwise; in training both keep the order",
    "ormqr": "lies as the matrix that the reflections work on",
    "pca_lowrank": "V is the transpose of a matrix of LAPACK's",
    "svd": "V is the transpose of a matrix of LAPACK's",
    "svd_lowrank": "V is the transpose of a matrix of LAPACK's",
}


def steps(tensor: Any) -> tuple[int, ...]:
    """The strides that say something: those of dimensions of more than one element."""
    return tuple([step for step, n in zip(tensor.stride(), tensor.shape) if n > 1])


def random_view(torch: Any, rng: random.Random) -> Any:
    """A tensor of some dimensions after some steps that leave it neither contiguous nor dense."""
    shape = [rng.choice([1, 2, 3, 4]) for _ in range(rng.randint(1, 4))]
    t = torch.arange(float(np.prod(shape))).reshape(shape)
    for _ in range(rng.randint(1, 4)):
        dim = rng.randrange(t.ndim)
        step = rng.choice(["permute", "narrow", "stride", "expand", "unsqueeze", "unfold"])
        if step == "permute":
            t = t.permute(rng.sample(range(t.ndim), t.ndim))
        elif step == "narrow":
            t = t.narrow(dim, 0, max(1, t.shape[dim] - 1))
        elif step == "stride":
            t = t[(slice(None),) * dim + (slice(None, None, 2),)]
        elif step == "expand":
            t = t.expand([3 if n == 1 else n for n in t.shape])
        elif step == "unsqueeze":
            t = t.unsqueeze(dim)
        elif t.shape[dim] > 1 and t.ndim < 5:
            t = t.unfold(dim, 2, 1)
    return t


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_dimensions_is_pytorchs(seed: int) -> None:
    torch = pytest.importorskip("torch")
    rng = random.Random(seed)
    for _ in range(100):
        theirs = random_view(torch, rng)
        memory = np.arange(theirs.untyped_storage().size() // 4, dtype=np.float32)
        view = np.lib.stride_tricks.as_strided(
            memory, tuple(theirs.shape), [4 * step for step in theirs.stride()]
        )
        copy = copied(view, memory_order(view))
        np.testing.assert_array_equal(copy, view)
        strides = [step // 4 for step in copy.strides]
        found = tuple([step for step, n in zip(strides, copy.shape) if n > 1])
        assert found == steps(theirs.clone()), (theirs.shape, theirs.stride())


def test_laid_out_fills_memory_in_order() -> None:
    array = laid_out((1, 0), lambda sizes: np.arange(6).reshape(sizes), (2, 3))
    np.testing.assert_array_equal(array, [[0, 2, 4], [1, 3, 5]])
    assert array.strides == (8, 16)


def turned(lib: Any, value: Any) -> Any:
    """Arrays as tensors whose dimensions lie in memory in reverse order."""
    if isinstance(value, np.ndarray):
        t = lib.tensor(np.ascontiguousarray(value.transpose()))
        return t.permute(*reversed(range(value.ndim))) if value.ndim > 1 else t
    if isinstance(value, (list, tuple)):
        return type(value)([turned(lib, one) for one in value])
    return value


def call(lib: Any, function: Callable[..., Any], sample: Sample) -> tuple[list[Any], list[Any]]:
    """The tensors that a call takes, and those that it gives; none where the two libraries'
    arguments differ."""
    lib.manual_seed(0)
    args = turned(lib, list(sample.args))
    kwargs = {name: turned(lib, value) for name, value in sample.kwargs.items()}
    try:
        return tensors(args), tensors(function(*args, **kwargs))
    except (TypeError, RuntimeError, ValueError, IndexError, AttributeError):
        return [], []


def tensors(values: Any) -> list[Any]:
    """The tensors in nested sequences."""
    if isinstance(values, (list, tuple)):
        return [one for value in values for one in tensors(value)]
    return [values] if hasattr(values, "stride") else []


def find(torch: Any, name: str) -> Any:
    found = torch
    for part in name.split("."):
        found = getattr(found, part, None)
    return found or getattr(torch.Tensor, name, None)


@pytest.mark.filterwarnings("ignore")  # PyTorch's, of arguments
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_view_works_where_it_works_in_pytorch(entry: Any) -> None:
    torch = pytest.importorskip("torch")
    theirs = find(torch, entry.name)
    if theirs is None or entry.name in AS_THEY_COME:
        return
    for sample in entry.samples(Make()):
        _, found = call(ag, entry.function, sample)
        _, expected = call(torch, theirs, sample)
        for ours, other in zip(found, expected):
            if tuple(ours.shape) == tuple(other.shape) and other.is_contiguous():
                assert ours.is_contiguous(), (sample, ours.stride(), other.stride())


@pytest.mark.parametrize(
    "make",
    [
        lambda lib, t: t.clone(),
        lambda lib, t: t.to(lib.float32, copy=True),
        lambda lib, t: t.double(),
        lambda lib, t: t.exp(),
        lambda lib, t: t + t,
        lambda lib, t: t.relu(),
        lambda lib, t: t.clamp(0.2, 0.5),
        lambda lib, t: lib.where(t > 0.5, t, -t),
        lambda lib, t: lib.nn.functional.gelu(t),
        lambda lib, t: lib.nn.functional.elu(t),
        lambda lib, t: lib.zeros_like(t),
        lambda lib, t: lib.full_like(t, 2.0),
        lambda lib, t: lib.ones_like(t, memory_format=lib.contiguous_format),
        lambda lib, t: lib.zeros_like(t, memory_format=lib.preserve_format),
        lambda lib, t: t.clone(memory_format=lib.contiguous_format),
        lambda lib, t: lib.rand_like(t),
        lambda lib, t: lib.randn_like(t, memory_format=lib.contiguous_format),
        lambda lib, t: lib.randn_like(t),
        lambda lib, t: lib.randint_like(t, 10),
        lambda lib, t: lib.bernoulli(t),
        lambda lib, t: lib.nn.functional.dropout(t),
        lambda lib, t: lib.nn.functional.dropout(t.clone(), inplace=True),
        lambda lib, t: t.clone().normal_(),
        lambda lib, t: t.clone().bernoulli_(0.5),
        lambda lib, t: t[:, ::2].clone().uniform_(),
        lambda lib, t: t[:, :1].expand(4, 3).clone().uniform_(),
        lambda lib, t: t.unfold(0, 2, 1).clone().uniform_(),
        lambda lib, t: t.narrow_copy(0, 0, 2),
        lambda lib, t: t.flip(0),
        lambda lib, t: t.sort(0)[0],
        lambda lib, t: t.sort(1, descending=True)[1],
        lambda lib, t: t.argsort(0),
    ],
)  # fmt: skip
def test_values_and_order_are_pytorchs_from_the_same_seed(make: Any) -> None:
    torch = pytest.importorskip("torch")
    values = np.random.default_rng(0).random((3, 4)).astype("f")
    found = []
    for lib in (ag, torch):
        lib.manual_seed(0)
        found.append(make(lib, lib.tensor(values, device="cpu").t()))
    ours, theirs = found
    assert steps(ours) == steps(theirs)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)


BINARY: dict[str, Callable[..., Any]] = {
    "add": lambda lib, a, b, c: a + b,
    "chained": lambda lib, a, b, c: (a - b) * c,
    "dtypes": lambda lib, a, b, c: a.double() / b,
    "pow": lambda lib, a, b, c: a**b,
    "maximum": lambda lib, a, b, c: lib.maximum(a, b),
    "floor_divide": lambda lib, a, b, c: a // b,
    "gt": lambda lib, a, b, c: a > b,
    "and": lambda lib, a, b, c: (a > 0.5) & (b > 0.5),
    "where": lambda lib, a, b, c: lib.where(a > 0.5, b, c),
    "lerp": lambda lib, a, b, c: lib.lerp(a, b, c),
    "addcmul": lambda lib, a, b, c: lib.addcmul(a, b, c),
    "clamp": lambda lib, a, b, c: a.clamp(b, b + 1),
    "dropout": lambda lib, a, b, c: lib.nn.functional.dropout(a + b, 0.5),
}


@pytest.mark.parametrize("name", BINARY)
def test_operands_that_disagree_lie_as_the_first(name: str) -> None:
    torch = pytest.importorskip("torch")
    rng, values = random.Random(name), np.random.default_rng(0)
    for _ in range(20):
        shape = [rng.choice([2, 3]) for _ in range(rng.randint(2, 4))]
        operands = []
        for _ in range(3):
            dims = rng.sample(range(len(shape)), len(shape))
            memory = values.random([shape[dims.index(i)] for i in range(len(shape))])
            operands.append((memory.astype("f"), dims))
        found = []
        for lib in (ag, torch):
            lib.manual_seed(0)
            given = [lib.tensor(memory, device="cpu").permute(*dims) for memory, dims in operands]
            found.append(BINARY[name](lib, *given))
        ours, theirs = found
        assert steps(ours) == steps(theirs), operands
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)


@pytest.mark.parametrize("causal", [False, True])
def test_heads_of_attention_are_joined_by_view(causal: bool) -> None:
    q = ag.randn(2, 5, 3, 4).transpose(1, 2)
    out = ag.nn.functional.scaled_dot_product_attention(q, q, q, is_causal=causal)
    assert out.transpose(1, 2).view(2, 5, 12).shape == (2, 5, 12)
    plain = q.contiguous()
    out = ag.nn.functional.scaled_dot_product_attention(plain, plain, plain, is_causal=causal)
    assert out.is_contiguous()


def test_multinomial_draws_the_same_of_weights_that_are_turned() -> None:
    torch = pytest.importorskip("torch")
    weights = np.random.default_rng(0).random((3, 4)).astype("f")
    found = []
    for lib in (ag, torch):
        lib.manual_seed(0)
        found.append(lib.multinomial(lib.tensor(weights, device="cpu").t(), 2).tolist())
    assert found[0] == found[1]


@pytest.mark.parametrize("make", [ag.zeros_like, ag.randn_like, ag.clone])
def test_a_memory_format_that_is_none_is_refused(make: Any) -> None:
    with pytest.raises(TypeError, match=r"expected a memory format, got 'NCHW'. Mend: such as"):
        make(ag.ones(2, 3), memory_format="NCHW")


# Gradients


def gradient(leaf: Any, loss: Callable[[Any], Any], **how: Any) -> Any:
    loss(leaf).backward(**how)
    return leaf.grad


@pytest.mark.parametrize("how", [{}, {"create_graph": True}])
@pytest.mark.parametrize(
    "loss",
    [
        lambda w: (w.t() @ ag.ones(3, 2)).sum(),
        lambda w: w.t().exp().sum(),
        lambda w: (ag.ones(2, 4) @ w.t()).square().sum(),
        lambda w: w.permute(1, 0)[1:].sum() + w.sum(),
    ],
)
def test_gradients_lie_as_their_leaves_do(loss: Any, how: dict[str, Any]) -> None:
    usual = ag.arange(12.0).reshape(3, 4).requires_grad_()
    assert gradient(usual, loss, **how).view(-1).shape == (12,)
    turned_leaf = ag.arange(12.0).reshape(4, 3).t().requires_grad_()
    assert gradient(turned_leaf, loss, **how).stride() == (1, 3)


def test_a_gradient_brought_into_order_can_be_differentiated_again() -> None:
    w = ag.arange(6.0).reshape(2, 3).requires_grad_()
    grad = gradient(w, lambda w: (w.t() ** 3).sum(), create_graph=True)
    (second,) = ag.autograd.grad(grad.sum(), w)
    np.testing.assert_allclose(second.numpy(force=True), 6 * np.arange(6.0).reshape(2, 3))


# Memory that is shared

# Views in PyTorch alone.
COPIES = {
    "adjoint": "conjugated at once, here",
    "conj": "conjugated at once, here",
    "histogramdd": "the edges given are copied, as by histogram",
}


def shares(lib: Any, result: Any, inputs: list[Any]) -> bool:
    """Whether a result looks at the memory of an input."""
    inputs = [one for one in inputs if one.numel()]
    if lib is ag:
        array = result._array
        return any(backend_of(array).shares_memory(array, one._array) for one in inputs)
    place = result.untyped_storage().data_ptr()
    return any(one.untyped_storage().data_ptr() == place for one in inputs)


@pytest.mark.filterwarnings("ignore")  # PyTorch's, of arguments
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_views_are_pytorchs_views(entry: Any) -> None:
    torch = pytest.importorskip("torch")
    theirs = find(torch, entry.name)
    if theirs is None or entry.name in COPIES:
        return
    for sample in entry.samples(Make()):
        ours, expected = [
            [shares(lib, result, inputs) for result in outputs if result.numel()]
            for lib, function in ((ag, entry.function), (torch, theirs))
            for inputs, outputs in [call(lib, function, sample)]
        ]
        if len(ours) == len(expected):
            assert ours == expected, sample
