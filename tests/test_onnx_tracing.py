"""What ONNX's files follow of a program beside recorded operators, and what they refuse."""

from __future__ import annotations

import pytest

import autograd_core as ag
import autograd_core.nn as nn
import autograd_core.nn.functional as F

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx_checks import Lambda, check


@pytest.fixture(autouse=True)
def _seed() -> None:
    ag.manual_seed(0)


FOLLOWED = {
    "comparisons": lambda x: (x > 0, x <= 0.5, x == x, x != 0, (x < 1).float() + (x >= 0)),
    "where": lambda x: ag.where(x > 0, x, 2 * x) + ag.where(x.abs() > 1, 1.0, x),
    "masked_fill": lambda x: x.masked_fill(x < 0, 9.0).softmax(-1),
    "logic": lambda x: ((x > 0) & ~(x > 1) | (x < -1), (x > 0) ^ (x > 0.5), ag.logical_not(x > 0)),
    "no_grad": lambda x: x * (x.detach() * 2),
    "argmax": lambda x: (x.argmax(-1), x.argmin(0, keepdim=True), x.argmax()),
    "any and all": lambda x: ((x > 0).any(), (x > -9).all(1), (x > 0).any(1, keepdim=True)),
    "isnan": lambda x: (ag.isnan(x.log()), ag.isfinite(1 / x), ag.nan_to_num(x.log(), 0.5, 1, 2)),
    "counting": lambda x: ((x > 0).sum(1), (x > 0).float().mean(), (x > 0).sum()),
    "integers": lambda x: (
        x.long() // 2 + x.long() % 3 + x.argmax(-1, keepdim=True) * 2, x.int() + x, x.long() / 2,
    ),
    "one_hot": lambda x: F.one_hot(x.argmax(-1), 6).float() @ x.mT,
    "rounding": lambda x: (x.round() + x.trunc() + x.frac() + x.fmod(2) + x.remainder(0.7), x // 2),
    "scans": lambda x: x.cumsum(-1) + x.flip(-1).cumsum(0) + ag.cumsum(x > 0, 1),
    "triangles": lambda x: x.tril() + x.triu(1) + x.tril(-1),
    "repeat": lambda x: ag.cat([x.repeat(1, 2), x.tile((1, 2)), x.repeat_interleave(2, 1)]),
    "roll": lambda x: x.roll(1, 0) + x.roll((2, -1), (1, 0)) + x.roll(3),
    "expand": lambda x: x[:, None].expand(-1, 3, -1) + x.expand(2, -1, -1)[0].unsqueeze(1),
    "gather": lambda x: x.gather(1, x.argsort(1)) + ag.take_along_dim(x, x.argsort(1), 1),
    "index": lambda x: (x[x.argmax(0)], x[:, x.argmin(1)], x[ag.arange(3), x.argmax(1)]),
    "several indices": lambda x: (
        x[None, :, None][:, ag.tensor([[0], [2]]), :, ag.tensor([1, 5, 4])]
    ),
    "indices in the middle": lambda x: (
        x.reshape(1, 3, 2, 3)[:, ag.tensor([0, 2]), ag.tensor([1, 0])]
    ),
    "sorting": lambda x: (*x.sort(1), *x.topk(2, 1), x.sort(0, descending=True)[0]),
    "norms": lambda x: x.norm(3, 1) + x.norm(ag.inf, 1) + x.abs().prod(1),
    "hyperbolic": lambda x: x.sinh() + x.cosh() + (x / 20).atanh() + x.asinh() + x.exp().log1p(),
    "logarithms": lambda x: (
        x.abs().log2() + x.abs().log10() + x.exp2() + x.expm1() + x.erf().erfc()
    ),
    "windows": lambda x: x.unfold(1, 3, 2) * 2,
    "lerp": lambda x: ag.lerp(x, x * 2, 0.3) + ag.addcmul(x, x, x, value=0.5) + ag.addcdiv(x, x, x),
    "clamp by tensors": lambda x: x.clamp(ag.tensor(-0.5), x.detach().abs()),
    "division": lambda x: (
        ag.div(x, 0.3, rounding_mode="trunc") + ag.div(x, 0.3, rounding_mode="floor")
    ),
    "full_like": lambda x: x + ag.ones_like(x) * 2 + ag.zeros_like(x) - ag.full_like(x, 3),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLLOWED)
def test_what_has_no_gradient_is_followed_too(tmp_path, name) -> None:
    x = ag.tensor([[1.0, 5.0, 2.0, -3.0, 0.25, 4.0], [1.0, -2.0, 0.5, 7.0, 0.75, -1.5]])
    x = ag.cat([x, x[:1] * 0.3 - 1])
    other = ag.randn(3, 6) * 3
    check(Lambda(FOLLOWED[name]), (x,), tmp_path / "m.onnx", (other,))


def test_masks_of_padding_and_places_of_any_length(tmp_path) -> None:
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.places = nn.Embedding(11, 8, padding_idx=0), nn.Embedding(20, 8)
            self.attention, self.out = (
                nn.MultiheadAttention(8, 2, batch_first=True),
                nn.Linear(8, 3),
            )

        def forward(self, index):
            padding = index == 0
            place = ag.cumsum(~padding, 1) * ~padding
            x = self.tokens(index) + self.places(place)
            y, _ = self.attention(x, x, x, key_padding_mask=padding)
            y = y.masked_fill(padding[:, :, None], 0.0)
            return self.out(y.sum(1) / (~padding).sum(1, keepdim=True))

    index = ag.tensor([[3, 4, 0, 0], [5, 6, 7, 8]])
    longer = ag.tensor([[3, 0, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6], [9, 10, 1, 1, 0, 0]])
    axes = {"input": {0: "batch", 1: "time"}}
    check(Model(), (index,), tmp_path / "m.onnx", (longer,), dynamic_axes=axes)


def test_a_gpt_with_its_mask_by_hand(tmp_path) -> None:
    from examples.gpt import GPT

    model = GPT(13, context=16, width=16, heads=2, layers=2)
    first = Lambda(lambda index: model(index)[0])
    first.model = model
    axes = {"input": {0: "batch", 1: "time"}}
    index = ag.randint(0, 13, (2, 5))
    check(first, (index,), tmp_path / "m.onnx", (ag.randint(0, 13, (3, 11)),), dynamic_axes=axes)


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("grows", [False, True])
def test_a_mask_that_the_model_keeps(tmp_path, dynamic, grows) -> None:
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.mask, self.norm = None, nn.LayerNorm(4)

        def forward(self, x):
            n = x.shape[1]
            if self.mask is None or (self.mask.size(0) < n if grows else self.mask.size(0) != n):
                self.mask = ag.full((n, n), -ag.inf).triu(1)
            scores = x @ x.mT + self.mask[:n, :n]
            return self.norm(scores.softmax(-1) @ x)

    axes = {"input": {1: "time"}} if dynamic else None
    # (Of a mask that only grows the file has the size that the second run had.)
    other = ag.randn(2, 6 if dynamic and not grows else 5 if not dynamic else 3, 4)
    check(Model(), (ag.randn(2, 5, 4),), tmp_path / "m.onnx", (other,), dynamic_axes=axes)


def test_rotary_embedding_and_grouped_queries_by_hand(tmp_path) -> None:
    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.q, self.kv, self.norm = nn.Linear(16, 16), nn.Linear(16, 16), nn.RMSNorm(16)
            self.register_buffer("rates", 100.0 ** -(ag.arange(0, 4, 2) / 4))

        def turn(self, x):
            angles = ag.outer(ag.arange(x.shape[2]), self.rates)
            cos, sin = (f(ag.cat([angles, angles], -1)) for f in (ag.cos, ag.sin))
            a, b = x.chunk(2, -1)
            return x * cos + ag.cat([-b, a], -1) * sin

        def forward(self, x):
            b, t, _ = x.shape
            x = self.norm(x)
            q = self.turn(self.q(x).view(b, t, 4, 4).transpose(1, 2))
            k, v = self.kv(x).view(b, t, 2, 2, 4).permute(2, 0, 3, 1, 4)
            k, v = (p.repeat_interleave(2, 1) for p in (self.turn(k), v))
            causal = ag.triu(ag.full((t, t), -ag.inf), 1)
            y = (q @ k.mT / 2 + causal).softmax(-1) @ v
            return y.transpose(1, 2).reshape(b, t, 16)

    check(
        Attention(), (ag.randn(2, 5, 16),), tmp_path / "m.onnx", (ag.randn(1, 9, 16),),
        dynamic_axes={"input": {0: "batch", 1: "time"}},
    )  # fmt: skip


def test_constants_of_any_size(tmp_path) -> None:
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("table", ag.randn(30, 4))

        def forward(self, x):
            n = x.shape[0]
            ramp = ag.arange(n) + ag.linspace(1, n, n) + 0.5 * ag.arange(3, n + 3)
            return x + self.table[:n] + ramp[:, None] + ag.ones(n, 1, 1).sum()

    check(
        Model(), (ag.randn(3, 4),), tmp_path / "m.onnx", (ag.randn(7, 4),),
        dynamic_axes={"input": [0]},
    )  # fmt: skip


REFUSED = {
    "operator": (lambda x: x.cummax(0)[0], "cummax at .*_tracing.py:.*cannot be exported to ONNX"),
    "item": (lambda x: x * x.sum().item(), "mul at .*in a way that cannot be followed"),
    "numpy": (
        lambda x: x + ag.tensor(x.detach().cpu().numpy()),
        "add at .*in a way that cannot be followed",
    ),
    "branch": (
        lambda x: x.exp() if x.sum() > 0 else x.sin(),
        "another way for other inputs: (sin|exp) at",
    ),
    "index": (lambda x: x[:, x.argmax(-1)[0].item()], "slice at .* depends on the inputs"),
    "mask": (lambda x: x[x > 0], "index at .*indexing by a mask"),
    "unique": (lambda x: ag.unique(x), "the end, 'output': input 0 has another shape|in a way"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_exported_raises(tmp_path, name) -> None:
    function, message = REFUSED[name]
    x = ag.tensor([[1.0, 5.0, 2.0], [1.0, -2.0, 0.5]])
    with pytest.raises(ag.onnx.ExportError, match=message):
        ag.onnx.export(Lambda(function), x, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def write(x):
    mask = x > 0
    mask[0] = True
    return ag.where(mask, x, 0.0)


def write_and_look(x):
    mask = x.detach() * 1
    part = mask[1]
    mask.mul_(3)
    return x + part


@pytest.mark.parametrize("function", [write, write_and_look])
def test_writes_that_are_not_recorded_raise(tmp_path, function) -> None:
    with pytest.raises(ag.onnx.ExportError, match="changed in place before .*_tracing.py:"):
        ag.onnx.export(Lambda(function), ag.randn(2, 3), tmp_path / "m.onnx")


def test_sizes_that_become_constants_raise(tmp_path) -> None:
    with pytest.raises(ag.onnx.ExportError, match="add at .*leave these axes out of dynamic_axes"):
        ag.onnx.export(
            Lambda(lambda x: x + ag.tensor([i * i for i in range(len(x))])), ag.randn(3),
            tmp_path / "m.onnx", dynamic_axes={"input": [0]},
        )  # fmt: skip
