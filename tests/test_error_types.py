"""Errors are caught by what catches PyTorch's: mixed dtypes, wrong arguments, wrong indices."""

from __future__ import annotations

from typing import Any

import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.errors import DtypeError
from autograd_core.nn import functional as F

torch = pytest.importorskip("torch")

# Each line is an expression (the last one, after statements) in terms of the package T, its layers
# nn and functions F, and of makers of ones of a dtype.
MIXED = """
nn.Linear(2, 2)(f64(1, 2))
nn.Linear(2, 2)(i64(1, 2))
nn.Linear(2, 2)(f16(1, 2))
nn.Linear(2, 2)(b(2, 1, 2))
nn.Linear(2, 2, bias=False)(f64(2))
F.linear(f32(1, 2), f32(3, 2), f64(3))
F.linear(f32(1, 2), f64(3, 2))
nn.BatchNorm1d(2)(f64(3, 2))
nn.BatchNorm1d(2).eval()(f64(3, 2))
nn.BatchNorm2d(2, affine=False)(f64(3, 2, 2, 2))
nn.BatchNorm1d(2).half()(f32(3, 2))
F.batch_norm(f32(3, 2), f64(2), f64(2))
F.batch_norm(f32(3, 2), f32(2), f32(2), f32(2), f64(2))
F.batch_norm(f16(3, 2), f32(2), f32(2), f16(2), f16(2))
F.batch_norm(f16(3, 2), None, None, f64(2), f64(2), training=True)
nn.LayerNorm(2)(f64(3, 2))
F.layer_norm(f16(3, 2), (2,), f16(2), f32(2))
F.layer_norm(f32(3, 2), (2,), None, f64(2))
nn.GroupNorm(1, 2)(f64(3, 2, 2))
F.group_norm(f32(3, 2, 2), 1, f64(2))
nn.InstanceNorm1d(2, affine=True)(f64(3, 2, 2))
nn.MultiheadAttention(2, 1)(f64(2, 1, 2), f64(2, 1, 2), f64(2, 1, 2))
nn.TransformerEncoderLayer(2, 1, 4)(f64(2, 1, 2))
nn.GRU(2, 2)(f32(2, 1, 2), f64(1, 1, 2))
nn.LSTMCell(2, 2)(f64(1, 2))
F.binary_cross_entropy(f32(2), i64(2))
F.binary_cross_entropy(f32(2), f64(2))
F.binary_cross_entropy_with_logits(f32(2), i64(2))
F.binary_cross_entropy_with_logits(f32(2), b(2))
F.cross_entropy(f32(2, 3), i32(2))
F.cross_entropy(f32(2, 3), i64(2).to(T.int16), label_smoothing=0.1)
F.nll_loss(f32(2, 3), i32(2))
F.multi_margin_loss(f32(2, 2), i32(2))
F.multilabel_margin_loss(f32(2, 2), i32(2, 2))
T.lerp(f32(2), f64(2), 0.5)
T.lerp(f32(2), f32(2), f64(2))
T.allclose(f32(2), f64(2))
T.isclose(i64(2), i32(2))
T.cdist(f32(2, 2), f64(2, 2))
T.addmm(f64(2, 2), f32(2, 2), f32(2, 2))
f32(2, 2) @ f64(2, 2)
T.add(f32(2), f32(2), out=i64(2))
T.exp(f32(2), out=i64(2))
T.div(i64(2), i64(2), out=i64(2))
a = f16(3); a[T.tensor([0, 1])] = f32(2)
a = f16(3, 2); a[[0, 1]] = f32(2)
a = f32(3); a[b(3)] = i64(3)
a = i64(3); a.add_(1.5)
a = i64(3); a /= 2
a = i64(3); a.sqrt_()
a = f32(3); a += 1j
-b(2)
b(2) - b(2)
f32(3).masked_fill(i64(3), 0)
T.where(f32(3), f32(3), f32(3))
T.masked_select(f32(3), i64(3))
F.softmax(i64(2), 0)
F.cross_entropy(i64(2, 3), i64(2))
F.mse_loss(i64(2), i64(2))
T.bincount(f32(2))
"""

FITTING = """
nn.Linear(2, 2)(f32(1, 2))
F.linear(i64(1, 2), i64(3, 2), i64(3))
nn.BatchNorm1d(2)(f16(3, 2))
nn.BatchNorm1d(2).eval()(bf16(3, 2))
F.batch_norm(f16(3, 2), f16(2), f16(2), f16(2), f16(2))
nn.LayerNorm(2)(f16(3, 2))
nn.GroupNorm(1, 2)(bf16(3, 2, 2))
nn.InstanceNorm1d(2, affine=True)(f16(3, 2, 2))
nn.InstanceNorm1d(2, track_running_stats=True)(f64(3, 2, 2))
F.cross_entropy(f32(2, 3), T.ones(2, dtype=T.uint8))
F.binary_cross_entropy_with_logits(f32(2), f64(2))
T.lerp(f32(2), f32(2), T.tensor(0.5, dtype=T.float64))
T.add(f64(2), f64(2), out=f32(2))
T.add(i64(2), i64(2), out=f32(2))
a = f16(3); a[:2] = f32(2); a
a = f16(3); a[b(3)] = T.tensor(2.0); a
a = f16(3, 2); a[T.tensor(1)] = f32(2); a
a = f16(3, 2); a[T.tensor([1])] = 1.5; a
"""

WRONG = """
T.rand(2, dtype=T.int64)
f32(3).masked_fill(b(3), 2j)
a = f32(3); a[T.tensor([0])] = 2j
F.embedding(f32(2), f32(3, 2))
F.embedding(9 * i64(2), f32(3, 2))
nn.EmbeddingBag(3, 2)(T.tensor([[5]]))
F.one_hot(f32(2))
F.one_hot(i64(2), 1)
F.one_hot(-i64(2))
T.gather(f32(3), 0, f32(2))
T.gather(f32(3), 0, 9 * i64(2))
T.index_select(f32(3), 0, f32(2))
T.index_select(f32(3), 0, 9 * i64(2))
T.index_add(f32(3), 0, 9 * i64(2), f32(2))
T.scatter(f32(3), 0, 9 * i64(2), f32(2))
T.scatter_add(f32(3), 0, f32(2), f32(2))
T.scatter_reduce(f32(3), 0, i64(2), f32(2), "foo")
f32(3)[9 * i64(2)]
f32(3)[5]
T.empty(0).max()
T.empty(0, 2).max(0)
T.empty(0).amax()
T.empty(0).argmax()
T.empty(0).kthvalue(1)
T.kthvalue(f32(3), 4)
f32(3).clamp()
f32(2, 3).permute(0, 0)
f32(2, 3).sum((0, 0))
T.div(f32(2), 2, rounding_mode="foo")
F.gelu(f32(2), approximate="foo")
T.allclose(f32(2), f32(3))
nn.Linear(-1, 3)
F.ctc_loss(f32(3, 1, 4), T.tensor([[1, 2]]), T.tensor([5]), T.tensor([2]))
F.ctc_loss(f32(3, 1, 4), T.tensor([[1, 2]]), T.tensor([3]), T.tensor([2]), blank=9)
nn.Bilinear(-1, 1, 1)
f32(2).requires_grad_("a")
T.randint(2.5, (2,))
T.randint(0, 2.5, (2,))
[1, 2][i64(2)]
int(f32(2))
float(f32(2))
bool(f32(2))
f32(2).item()
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


def run(package: Any, code: str) -> Any:
    def maker(dtype: Any) -> Any:
        return lambda *sizes: package.ones(*sizes, dtype=dtype)

    layers = package.nn if package is torch else nn
    names = {
        "T": package, "nn": layers, "F": package.nn.functional if package is torch else F,
        "f16": maker(package.float16), "bf16": maker(package.bfloat16),
        "f32": maker(package.float32), "f64": maker(package.float64),
        "i32": maker(package.int32), "i64": maker(package.int64), "b": maker(package.bool),
    }  # fmt: skip
    *before, last = code.split("; ")
    exec("\n".join(before), names)
    try:
        return eval(last, names)
    except SyntaxError:
        return exec(last, names)


@pytest.mark.parametrize("code", lines(MIXED) + lines(WRONG))
def test_what_catches_pytorchs_error_catches_this_one(code: str) -> None:
    with pytest.raises(Exception) as theirs:
        run(torch, code)
    with pytest.raises(theirs.type):
        run(ag, code)


@pytest.mark.parametrize("code", lines(MIXED))
def test_a_dtype_is_refused_as_one(code: str) -> None:
    with pytest.raises(DtypeError, match="Mend: "):
        run(ag, code)


@pytest.mark.parametrize("code", lines(FITTING))
def test_dtypes_that_fit_compute(code: str) -> None:
    theirs, ours = run(torch, code), run(ag, code)
    assert str(ours.dtype).split(".")[1] == str(theirs.dtype).split(".")[1]


def test_a_text_names_operator_arguments_and_mend() -> None:
    with pytest.raises(DtypeError) as caught:
        nn.Linear(2, 2)(ag.ones(1, 2, dtype=ag.float64))
    assert str(caught.value) == (
        "linear: weight, input and bias must have one dtype, got weight float32, input float64 and "
        "bias float32. Mend: input.to(weight.dtype)"
    )
