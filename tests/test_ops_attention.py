"""Scaled dot-product attention beside PyTorch's: masks, groups, dropout, gradients of every order,
memory."""

from __future__ import annotations

import itertools
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest
from nn_calls import check_calls

import autograd_core as ag
from autograd_core import nn
from autograd_core.ops import attention_core

F = nn.functional
rng = np.random.default_rng(0)


def values(*shape: int) -> np.ndarray:
    return rng.standard_normal(shape)


def mask(*shape: int) -> np.ndarray:
    """Booleans, of which one row is False throughout."""
    chosen = rng.random(shape) < 0.6
    chosen[..., 0, :] = False
    return chosen


def additive(*shape: int) -> np.ndarray:
    return np.where(mask(*shape), values(*shape), -np.inf)


SHAPES = {
    "matrices": ((3, 4), (5, 4), (5, 2)),
    "longer queries": ((2, 6, 4), (2, 3, 4), (2, 3, 2)),
    "heads": ((2, 2, 3, 4), (2, 2, 5, 4), (2, 2, 5, 3)),
    "broadcast": ((2, 1, 3, 4), (2, 5, 4), (1, 5, 3)),
}
CALLS: list[tuple[Any, Any, dict[str, Any]]] = [
    (shapes, None, {"is_causal": causal, "scale": scale})
    for shapes, causal, scale in itertools.product(SHAPES.values(), [False, True], [None, 0.3])
]
CALLS += [
    (SHAPES["heads"], made(*shape), {})
    for made, shape in itertools.product(
        [mask, values, additive], [(3, 5), (1, 5), (2, 1, 3, 5), (1, 2, 3, 1), (2, 2, 3, 5)]
    )
]
GROUPS = ((2, 4, 3, 4), (2, 2, 5, 4), (2, 2, 5, 3))
CALLS += [
    (GROUPS, None, {"enable_gqa": True, "is_causal": True}),
    (GROUPS, additive(2, 4, 3, 5), {"enable_gqa": True}),
    (GROUPS, mask(2, 1, 3, 5), {"enable_gqa": True}),
    (((2, 4, 3, 4), (2, 2, 5, 4), (2, 1, 5, 3)), mask(3, 5), {"enable_gqa": True}),
]


def exact(torch: Any, *args: Any, **kwargs: Any) -> Any:
    """PyTorch's definition: some of its kernels have no second derivative."""
    kernels = torch.nn.attention
    with kernels.sdpa_kernel(kernels.SDPBackend.MATH):
        return torch.nn.functional.scaled_dot_product_attention(*args, **kwargs)


@pytest.fixture(params=[1 << 18, 5], ids=["one block", "many blocks"])
def blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores at once: all of a small example, or but a row."""
    monkeypatch.setattr(attention_core, "_AT_ONCE", request.param)


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("dtype,tolerance", [("float64", 1e-12), ("float32", 1e-5)])
def test_attention_like_pytorch(dtype: str, tolerance: float) -> None:
    torch = pytest.importorskip("torch")
    for shapes, given, options in CALLS:
        arrays = (*[values(*shape) for shape in shapes], given)

        def theirs(*args: Any, options: Any = options) -> Any:
            return exact(torch, *args, **options)

        def ours(*args: Any, options: Any = options) -> Any:
            return F.scaled_dot_product_attention(*args, **options)

        check_calls(ours, theirs, arrays, dtype, tolerance)


@pytest.mark.usefixtures("blocks")
def test_large_scores_keep_their_digits() -> None:
    """The gradient makes weights from scores again; that the logarithm of a row's sum is rounded,
    by the more the greater the scores are, does not spoil them."""
    draw = np.random.default_rng(0)  # whole numbers, so that the scores, near 1000, are exact
    arrays = [draw.integers(20, 24, size) for size in ((2, 4, 8), (2, 6, 8), (2, 6, 8))]
    found = []
    for dtype in (ag.float64, ag.float32):
        q, k, v = (ag.tensor(a, dtype=dtype, requires_grad=True) for a in arrays)
        (F.scaled_dot_product_attention(q, k, v, scale=0.25) - 21.5).square().sum().backward()
        found.append([t.grad.cpu().numpy() for t in (q, k, v)])
    for wide, narrow in zip(*found, strict=True):
        # (Differences of numbers 100 times as large.)
        assert abs(wide - narrow).max() < 3e-4 * abs(wide).max()


@pytest.mark.usefixtures("blocks")
def test_second_derivatives_like_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for shapes, given, options in CALLS:
        arrays = (*[values(*shape) for shape in shapes], given)

        def gradients(attend: Any, engine: Any, options: Any = options) -> Any:
            def run(*args: Any) -> Any:
                leaves = [x for x in args if x is not None and x.requires_grad]
                out = attend(*args, **options)
                return tuple(engine.autograd.grad((out**2).sum(), leaves, create_graph=True))

            return run

        ours = gradients(F.scaled_dot_product_attention, ag)
        theirs = gradients(lambda *a, **k: exact(torch, *a, **k), torch)
        check_calls(ours, theirs, arrays, "float64", 1e-11)


@pytest.mark.cpu_only
@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("p", [0.3, 1.0])
def test_dropout_drops_what_pytorch_drops(p: float) -> None:
    torch = pytest.importorskip("torch")
    for shapes, given, options in CALLS[::3]:
        if shapes is SHAPES["broadcast"]:
            continue
        arrays = (*[values(*shape) for shape in shapes], given)

        def seeded(attend: Any, module: Any, options: Any = options) -> Any:
            def run(*args: Any) -> Any:
                module.manual_seed(7)
                return attend(*args, dropout_p=p, **options)

            return run

        ours = seeded(F.scaled_dot_product_attention, ag)
        theirs = seeded(lambda *a, **k: exact(torch, *a, **k), torch)
        check_calls(ours, theirs, arrays, "float64", 1e-12)


def test_dropout_is_the_same_in_backward_of_every_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """What backward draws again, it draws as forward did, in however many blocks."""
    monkeypatch.setattr(attention_core, "_AT_ONCE", 7)
    q, k, v = [ag.tensor(values(*s), requires_grad=True) for s in ((2, 3, 4), (2, 5, 4), (2, 5, 2))]

    def attend(q: Any, k: Any, v: Any) -> Any:
        ag.manual_seed(5)
        return F.scaled_dot_product_attention(q, k, v, dropout_p=0.4)

    assert ag.autograd.gradcheck(attend, (q, k, v))
    assert ag.autograd.gradgradcheck(attend, (q, k, v))


def test_rows_that_see_nothing_are_zero() -> None:
    q, k, v = [ag.tensor(values(2, 3, 4), requires_grad=True) for _ in range(3)]
    seen = ag.tensor([[True, True, False], [False] * 3, [True] * 3])
    for given in (seen, ag.zeros(3, 3, dtype=ag.float64).masked_fill(~seen, -math.inf)):
        out = F.scaled_dot_product_attention(q, k, v, given)
        assert not bool(out[:, 1].any())
        for grad in ag.autograd.grad(out.sum(), (q, k, v)):
            assert bool(grad.isfinite().all())
        (grad,) = ag.autograd.grad(F.scaled_dot_product_attention(q, k, v, given).sum(), q)
        assert not bool(grad[:, 1].any())


def test_a_mask_and_causal_both_count() -> None:
    x, seen = ag.randn(3, 4), ag.tensor([[True, True, True], [False, True, True], [True] * 3])
    got = F.scaled_dot_product_attention(x, x, x, seen, is_causal=True)
    assert ag.allclose(got, F.scaled_dot_product_attention(x, x, x, seen.tril()))


@pytest.mark.parametrize("dtype,tolerance", [("float16", 2e-3), ("bfloat16", 2e-2)])
def test_half_types_are_computed_in_float32(dtype: str, tolerance: float) -> None:
    half = getattr(ag, dtype)
    leaves = [ag.randn(2, 6, 8).to(half).requires_grad_() for _ in range(3)]
    wide = [x.detach().float().requires_grad_() for x in leaves]
    bias = ag.randn(6, 6)
    out = F.scaled_dot_product_attention(*leaves, bias)
    want = F.scaled_dot_product_attention(*wide, bias)
    assert out.dtype is half and ag.allclose(out.float(), want, tolerance, tolerance)
    given, wanted = ag.autograd.grad(out.sum(), leaves), ag.autograd.grad(want.sum(), wide)
    for a, b in zip(given, wanted, strict=True):
        assert a.dtype is half and ag.allclose(a.float(), b, tolerance, 5 * tolerance)


def peak(length: int, **options: Any) -> int:
    """The most bytes in use while attention and its gradient are computed."""
    leaves = [ag.randn(1, length, 8, requires_grad=True) for _ in range(3)]
    tracemalloc.start()
    try:
        F.scaled_dot_product_attention(*leaves, **options).sum().backward()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.cpu_only  # tracemalloc sees the host's memory
@pytest.mark.parametrize("options", [{}, {"is_causal": True}, {"dropout_p": 0.1}], ids=str)
def test_memory_is_linear_in_the_length(options: dict[str, Any]) -> None:
    short, long = peak(2048, **options), peak(4096, **options)
    assert long < 2.2 * short
    assert long < 4096 * 4096 * 4 / 3  # a third of the scores of all pairs


def test_memory_of_groups_is_not_repeated() -> None:
    """The gradients of shared keys and values are summed on the way."""
    q, k = ag.randn(1, 4, 3, 2, requires_grad=True), ag.randn(1, 1, 5, 2, requires_grad=True)
    F.scaled_dot_product_attention(q, k, k, enable_gqa=True).sum().backward()
    assert k.grad.shape == (1, 1, 5, 2)


@pytest.mark.parametrize(
    "shapes,options,error,message",
    [
        (((3, 4), (5, 3), (5, 2)), {}, RuntimeError, "query (..., L, E)"),
        (((3, 4), (5, 4), (6, 2)), {}, RuntimeError, "query (..., L, E)"),
        (((4,), (5, 4), (5, 2)), {}, RuntimeError, "query (..., L, E)"),
        (((2, 3, 4), (3, 5, 4), (3, 5, 2)), {}, RuntimeError, "enable_gqa=True"),
        (GROUPS, {}, RuntimeError, "enable_gqa=True"),
        (((1, 4, 2, 2), (1, 3, 2, 2), (1, 3, 2, 2)), {"enable_gqa": True}, RuntimeError, "4 heads"),
        (((2, 2), (2, 2), (2, 2)), {"enable_gqa": True}, IndexError, "dimensions of heads"),
        (((3, 4), (5, 4), (5, 2)), {"dropout_p": 1.5}, ValueError, "dropout_p must be in [0, 1]"),
        (((3, 4), (5, 4), (5, 2)), {"attn_mask": np.ones((2, 5))}, RuntimeError, "attn_mask must"),
        (((3, 4), (5, 4), (5, 2)), {"attn_mask": np.ones((2, 3, 5))}, RuntimeError, "attn_mask"),
        (((3, 4), (5, 4), (5, 2)), {"attn_mask": np.ones((3, 5), np.int64)}, RuntimeError, "dtype"),
    ],
)
def test_errors_of_attention(shapes: Any, options: Any, error: Any, message: str) -> None:
    options = {k: ag.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    with pytest.raises(error) as caught:
        F.scaled_dot_product_attention(*[ag.tensor(values(*s)) for s in shapes], **options)
    assert message in str(caught.value)


def test_dtypes_must_be_one() -> None:
    x = ag.ones(2, 2)
    for other in (x.double(), x.to(ag.int64)):
        with pytest.raises(RuntimeError, match="one real floating-point dtype"):
            F.scaled_dot_product_attention(other, x, other)
