"""Encodings of positions, and the cache of keys and values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn

F = nn.functional


@pytest.mark.parametrize("traditional", [False, True])
def test_products_of_turned_vectors_depend_on_the_distance(traditional: bool) -> None:
    rope = nn.RoPE(4, traditional, base=50.0)
    q, k = ag.randn(1, 6, dtype=ag.float64), ag.randn(1, 6, dtype=ag.float64)

    def score(m: int, n: int) -> float:
        return float((rope(q, offset=m) @ rope(k, offset=n).mT).item())

    assert score(7, 3) == pytest.approx(score(104, 100), rel=1e-9)
    assert score(7, 3) != pytest.approx(score(7, 4), rel=1e-3)
    assert ag.equal(rope(q, offset=9)[:, 4:], q[:, 4:])


def test_rope_goes_on_from_an_offset() -> None:
    x = ag.randn(2, 5, 4)
    rope = nn.RoPE(4)
    assert ag.allclose(rope(x)[:, 3:], rope(x[:, 3:], offset=3))
    assert repr(rope) == "RoPE(4, traditional=False, base=10000.0, scale=1.0)"


def test_rope_has_pytorchs_derivatives_of_its_definition() -> None:
    torch = pytest.importorskip("torch")
    x, w = np.random.default_rng(0).standard_normal((2, 3, 4))
    a = ag.tensor(x, requires_grad=True)
    (ours,) = ag.autograd.grad(F.rope(a), a, ag.tensor(w))
    b = torch.tensor(x, requires_grad=True)
    rates = torch.tensor([1.0, 0.01], dtype=torch.float64)
    angles = torch.arange(3.0, dtype=torch.float64)[:, None] * rates
    turned = torch.view_as_complex(torch.stack([b[:, :2], b[:, 2:]], -1)) * torch.exp(1j * angles)
    (theirs,) = torch.autograd.grad(torch.cat([turned.real, turned.imag], -1), b, torch.tensor(w))
    np.testing.assert_allclose(ours.cpu().numpy(), theirs.numpy(), rtol=1e-12, atol=1e-12)


def test_sinusoidal_encoding_is_that_of_the_paper() -> None:
    encode = nn.SinusoidalPositionalEncoding(6, base=100.0)
    got = encode(ag.arange(4)).cpu().numpy()
    for position in range(4):
        for i in range(3):
            angle = position / 100.0 ** (2 * i / 6)
            assert got[position, 2 * i] == pytest.approx(np.sin(angle), abs=1e-6)
            assert got[position, 2 * i + 1] == pytest.approx(np.cos(angle), abs=1e-6)
    at = ag.tensor([[0.5, 2.0]], dtype=ag.float64, requires_grad=True)
    assert encode(at).shape == (1, 2, 6) and encode(at).dtype is ag.float64
    assert ag.autograd.gradcheck(encode, (at,))
    assert encode.state_dict() == {}


def test_slopes_of_alibi_are_those_of_the_paper() -> None:
    assert nn.ALiBi(8).slopes.tolist() == [2.0**-i for i in range(1, 9)]
    twelve = nn.ALiBi(12, dtype=ag.float64).slopes.tolist()
    assert twelve[:8] == [2.0**-i for i in range(1, 9)]
    assert twelve[8:] == pytest.approx([2.0 ** -(i + 0.5) for i in range(4)])
    assert nn.ALiBi(3).state_dict() == {}


def test_alibi_of_the_last_queries() -> None:
    alibi = nn.ALiBi(2)
    assert ag.equal(alibi(2, 5), alibi(5)[:, 3:])
    q, k, v = ag.randn(2, 2, 4), ag.randn(2, 5, 4), ag.randn(2, 5, 4)
    out = F.scaled_dot_product_attention(q, k, v, alibi(2, 5))
    weights = (q @ k.mT / 2 + alibi(2, 5)).softmax(-1)
    assert ag.allclose(out, weights @ v, atol=1e-6)


@pytest.mark.parametrize("blocks", [[1] * 7, [4, 1, 2], [7]], ids=str)
def test_cached_attention_is_that_of_the_whole(blocks: list[int]) -> None:
    q, k, v = [ag.randn(2, 3, 7, 4) for _ in range(3)]
    want = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    cache, outs, start = nn.KVCache(), [], 0
    for size in blocks:
        part = slice(start, start + size)
        keys, values = cache.update(k[:, :, part], v[:, :, part])
        start += size
        mask = ag.ones(size, start, dtype=ag.bool).tril(start - size)
        outs.append(F.scaled_dot_product_attention(q[:, :, part], keys, values, mask))
    assert ag.allclose(ag.cat(outs, 2), want, atol=1e-6)
    assert cache.length == 7 and ag.equal(keys, k) and ag.equal(values, v)


def test_a_cache_can_be_used_again() -> None:
    cache = nn.KVCache()
    cache.update(ag.ones(1, 2, 3), ag.ones(1, 2, 5))
    with pytest.raises(RuntimeError, match="expected new elements as those before"):
        cache.update(ag.ones(1, 2, 4), ag.ones(1, 2, 5))
    cache.reset()
    keys, _ = cache.update(ag.zeros(4, 1, 2), ag.zeros(4, 1, 2))
    assert cache.length == 1 and keys.shape == (4, 1, 2)
    with pytest.raises(RuntimeError, match="gradients are not kept"):
        cache.update(ag.zeros(4, 1, 2, requires_grad=True), ag.zeros(4, 1, 2))


@pytest.mark.parametrize(
    "call,error,message",
    [
        (lambda: F.rope(ag.ones(4)), RuntimeError, "input (..., T, E)"),
        (lambda: F.rope(ag.ones(2, 3)), RuntimeError, "even dims"),
        (lambda: nn.RoPE(6)(ag.ones(2, 4)), RuntimeError, "dims=6"),
        (lambda: nn.SinusoidalPositionalEncoding(3), ValueError, "must be even"),
        (lambda: nn.ALiBi(0), ValueError, "must be positive"),
    ],
)
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
