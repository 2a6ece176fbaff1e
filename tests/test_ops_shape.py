"""Shapes, views and joining: what the table of operators does not say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag


def values(*shape: int) -> Any:
    return ag.arange(float(np.prod(shape)), dtype=ag.float64).reshape(*shape)


# --- arguments ------------------------------------------------------------------------------------


def test_sizes_and_dims_as_numbers_sequence_or_name() -> None:
    x = values(2, 3)
    for made in (
        x.reshape(3, 2),
        x.reshape((3, 2)),
        x.reshape([3, 2]),
        ag.reshape(x, shape=(3, 2)),
    ):
        assert made.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    for made in (x.permute(1, 0), x.permute((1, 0)), ag.permute(x, dims=(1, 0)), x.T, x.t(), x.mT):
        assert made.tolist() == [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
    assert x.flip(dims=(0,)).tolist() == x.flip(0).tolist() == [[3.0, 4.0, 5.0], [0.0, 1.0, 2.0]]
    assert x.expand(ag.Size([2, 2, 3])).shape == (2, 2, 3)
    assert x.view(ag.tensor(6)).shape == (6,)
    assert x.tile(dims=(2,)).shape == (2, 6)
    assert x.view_as(values(6)).shape == x.reshape_as(values(6)).shape == (6,)
    assert values(3).expand_as(x).shape == (2, 3)


def test_other_names() -> None:
    assert ag.concat is ag.cat and ag.concatenate is ag.cat
    assert ag.moveaxis is ag.movedim
    assert ag.Tensor.swapdims is ag.Tensor.transpose
    x = values(2, 3)
    assert ag.cat([x, x], axis=1).shape == (2, 6)


def test_shape_stays_a_size() -> None:
    assert repr(values(2, 3).unsqueeze(0).shape) == "autograd_core.Size([1, 2, 3])"


@pytest.mark.parametrize(
    ("operate", "kind", "message"),
    [
        (lambda x: x.reshape(4, 2), RuntimeError, "reshape"),
        (lambda x: x.reshape(2.0, 3), TypeError, "reshape: sizes must be integers"),
        (lambda x: x.view(5), RuntimeError, "view"),
        (lambda x: x.flatten(1, 0), RuntimeError, "flatten: start_dim=1 comes after end_dim=0"),
        (lambda x: x.unflatten(1, (2, 2)), RuntimeError, "sizes .* do not multiply to 3"),
        (lambda x: x.squeeze(5), IndexError, "squeeze: dim=5 is out of range"),
        (lambda x: x.unsqueeze(4), IndexError, "unsqueeze: dim=4 is out of range"),
        (lambda x: x.expand(4, 3), RuntimeError, "expand: .* cannot be expanded"),
        (lambda x: x.expand(-1, 2, 3), RuntimeError, "expand"),
        (lambda x: x.expand(3), RuntimeError, "expand"),
        (lambda x: x.permute(0), RuntimeError, "permute: 1 dimensions"),
        (lambda x: x.permute(0, 0), ValueError, "names a dimension twice"),
        (lambda x: x.transpose(0, 2), IndexError, "transpose: dim1=2"),
        (lambda x: x.unsqueeze(0).t(), RuntimeError, "t: expected at most 2"),
        (lambda x: x.movedim((0, 1), 0), RuntimeError, "movedim"),
        (lambda x: x.diagonal(0, 1, -1), RuntimeError, "diagonal: dim1=1 and dim2=-1"),
        (lambda x: x.narrow(0, 1, 2), RuntimeError, "narrow: 2 elements from 1 on"),
        (lambda x: x.select(0, 2), IndexError, "select: index 2 is out of range"),
        (lambda x: x.split(0), RuntimeError, "split"),
        (lambda x: x.split([1, 2]), RuntimeError, "split: sizes .* must add up to 2"),
        (lambda x: x.chunk(0), RuntimeError, "chunk"),
        (lambda x: ag.tensor(1.0).unbind(), RuntimeError, "unbind"),
        (lambda x: ag.cat([x, values(2, 2)]), RuntimeError, r"cat: .*\(2, 3\) and \(2, 2\)"),
        (lambda x: ag.cat([]), RuntimeError, "cat: expected at least one tensor"),
        (lambda x: ag.cat(x), TypeError, "cat: expected a list"),
        (lambda x: ag.cat([x, 3]), TypeError, "cat: expected a list of tensors"),
        (lambda x: ag.cat([ag.tensor(1.0)]), RuntimeError, r"stack\(\)"),
        (lambda x: ag.stack([x, values(3)]), RuntimeError, "stack: expected tensors of equal"),
        (lambda x: x.repeat(2), RuntimeError, "repeat: expected 2 or more"),
        (lambda x: x.repeat_interleave(-1), RuntimeError, "repeat_interleave"),
        (lambda x: x.repeat_interleave(ag.tensor([1, 2]), 1), RuntimeError, "expected 3 integers"),
        (lambda x: x.roll((1, 2), 0), RuntimeError, "roll: 2 shifts"),
        (lambda x: x.flip(0, 0), ValueError, "twice"),
        (lambda x: values(3).tril(), RuntimeError, "tril: expected at least 2 dimensions"),
        (lambda x: ag.meshgrid(x, x), RuntimeError, "meshgrid"),
        (lambda x: ag.broadcast_tensors(x, values(2)), RuntimeError, "do not broadcast"),
        (lambda x: ag.nn.functional.pad(x, (1,)), RuntimeError, "pad: expected pairs"),
        (lambda x: ag.nn.functional.pad(x, (-2, -2)), RuntimeError, "takes away more"),
        (lambda x: ag.nn.functional.pad(x, (3, 0), mode="reflect"), RuntimeError, "too much"),
        (lambda x: ag.nn.functional.pad(x, (-3, 0), mode="reflect"), RuntimeError, "nothing"),
        (lambda x: ag.nn.functional.pad(x, (1, 1), mode="mirror"), ValueError, "mode must be"),
    ],
)  # fmt: skip
def test_errors_name_operator_and_mend(
    operate: Callable[[Any], Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        operate(values(2, 3))


# --- beside PyTorch -------------------------------------------------------------------------------

CALLS: list[Callable[[Any, Any], Any]] = [
    lambda lib, x: x.unflatten(-1, (2, -1)).squeeze(),
    lambda lib, x: x.diagonal(1, 2, 0).movedim(0, -1),
    lambda lib, x: lib.cat(x.chunk(3, 1), 2),
    lambda lib, x: lib.stack(x.unbind(-1)[:2]),
    lambda lib, x: lib.cat(x.split([1, 0, 2], 1)[::-1], 1),
    lambda lib, x: lib.hstack([x, x]) + lib.cat([x, x], 1),
    lambda lib, x: x.tile((2, 1)).roll((1, -2), (0, 2)).flip(0, 2),
    lambda lib, x: x.repeat(2, 1, 1, 2).tril(1),
    lambda lib, x: x.repeat_interleave(lib.tensor([0, 2, 1]), 1),
    lambda lib, x: x.rot90(3, (0, 2)).triu(-1),
    lambda lib, x: lib.diag_embed(x, 1, 0, -1),
    lambda lib, x: lib.meshgrid(x[0, 0], x[0, :, 0], indexing="xy")[0],
    lambda lib, x: lib.column_stack([x[0, 0], x[0].T]),
    lambda lib, x: lib.nn.functional.pad(x, (1, -2, -1, 2), value=1.5),
    lambda lib, x: lib.nn.functional.pad(x, (3, 2), mode="reflect"),
    lambda lib, x: lib.nn.functional.pad(x, (3, -1), mode="circular"),
    lambda lib, x: lib.nn.functional.pad(x, (5, 2), mode="replicate"),
    lambda lib, x: x.mT.flatten(1).T.contiguous().view(-1)[3:].narrow(0, 2, 4),
    lambda lib, x: x[:0].sum(0) + x.expand(2, 2, 3, 4)[1, 0],
]


@pytest.mark.parametrize("call", CALLS)
def test_value_and_gradients_equal_pytorch(call: Callable[[Any, Any], Any]) -> None:
    torch = pytest.importorskip("torch")
    data = np.random.default_rng(0).standard_normal((2, 3, 4))
    results = []
    for lib in (ag, torch):
        x = lib.tensor(data.tolist(), dtype=lib.float64, requires_grad=True)
        y = call(lib, x)
        (first,) = lib.autograd.grad((y**3).sum(), x, create_graph=True)
        (second,) = lib.autograd.grad((first**2).sum(), x)
        results.append([y.tolist(), first.tolist(), second.tolist(), list(y.shape)])
    for got, want in zip(*results, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-10)


@pytest.mark.cpu_only
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("shape", [(6,), (-1,), (3, 2), (2, 3), (1, 2, 1, 3), (3, 2, 1), (2, 1, 3)])
def test_reshape_is_a_view_where_pytorchs_is(shape: tuple[int, ...], transposed: bool) -> None:
    torch = pytest.importorskip("torch")
    x, y = values(2, 3), torch.arange(6.0).reshape(2, 3)
    if transposed:
        x, y = x.t(), y.t()
    made, want = x.reshape(shape), y.reshape(shape)
    assert (made.data_ptr() == x.data_ptr()) == (want.data_ptr() == y.data_ptr())
    assert np.shares_memory(made.numpy(), x.numpy()) == made._is_view() or made._base is None
    assert made.tolist() == want.tolist()


# --- corners --------------------------------------------------------------------------------------


def test_joining_promotes() -> None:
    whole, real = ag.tensor([1, 2]), ag.tensor([0.5], requires_grad=True)
    joined = ag.cat([whole, real])
    assert joined.dtype is ag.float32 and joined.tolist() == [1.0, 2.0, 0.5]
    joined.sum().backward()
    assert real.grad.tolist() == [1.0]
    assert ag.stack([ag.tensor(1), ag.tensor(2.5)]).tolist() == [1.0, 2.5]


def test_gradient_reaches_unbound_parts_alone() -> None:
    x = values(3, 2).requires_grad_()
    first, *_ = x.unbind()
    (first * 2).sum().backward()
    assert x.grad.tolist() == [[2.0, 2.0], [0.0, 0.0], [0.0, 0.0]]


def test_empty_parts() -> None:
    assert [tuple(p.shape) for p in ag.zeros(0, 2).chunk(2)] == [(0, 2), (0, 2)]
    assert ag.zeros(0, 2).unbind() == ()
    assert [tuple(p.shape) for p in ag.zeros(3).tensor_split((2, 1))] == [(2,), (0,), (2,)]


def test_view_as_another_dtype() -> None:
    assert ag.tensor([1.0], dtype=ag.float32).view(ag.int32).tolist() == [0x3F800000]


def test_adjoint_conjugates() -> None:
    z = ag.tensor([[1 + 2j, 3j]])
    assert z.mH.tolist() == z.H.tolist() == [[1 - 2j], [-3j]]
    assert values(1, 2).mH.shape == (2, 1)


def test_ravel_copies_what_does_not_lie_in_order() -> None:
    x = ag.ones(1).expand(3)
    assert x.ravel().data_ptr() != x.data_ptr() and x.ravel().tolist() == [1, 1, 1]
    y = ag.ones(2, 3)
    assert y.ravel().data_ptr() == y.data_ptr()


def test_cat_does_not_write_over_what_it_reads() -> None:
    x = ag.arange(6.0)
    with pytest.raises(RuntimeError, match="out shares memory"):
        ag.cat([x[:3], ag.ones(3)], out=x)
    assert ag.cat([x[:3], ag.ones(3)], out=ag.empty(6)).tolist() == [0.0, 1.0, 2.0, 1.0, 1.0, 1.0]
