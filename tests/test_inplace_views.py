"""In-place writes and views: what is written through one tensor is seen, and differentiated,
through all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from view_programs import Program

import autograd_core as ag


def leaf(*values: float) -> Any:
    return ag.tensor(list(values), dtype=ag.float64, requires_grad=True)


def gradient(loss: Any, tensor: Any) -> Any:
    return ag.autograd.grad(loss, tensor)[0].tolist()


# --- beside PyTorch -------------------------------------------------------------------------------


def outcome(library: Any, make: Callable[[np.ndarray], Any], program: Program) -> list[Any]:
    """Loss, gradients, and gradients of the gradients' squares, as arrays or None."""
    leaves = [make(a) for a in program.leaves]
    loss = program.run(library, *leaves)
    first = library.autograd.grad(loss, leaves, create_graph=True, allow_unused=True)
    squares = sum((g * g).sum() for g in first if g is not None)
    second: Any = [None] * 3
    if squares.requires_grad:
        second = library.autograd.grad(squares, leaves, allow_unused=True)
    return [None if t is None else np.array(t.tolist()) for t in (loss, *first, *second)]


def compare(seed: int) -> None:
    torch = pytest.importorskip("torch")
    program = Program(seed)
    want = outcome(torch, lambda a: torch.tensor(a, requires_grad=True), program)
    got = outcome(ag, lambda a: ag.tensor(a, requires_grad=True), program)
    for g, w in zip(got, want, strict=True):
        np.testing.assert_allclose(
            0 if g is None else g, 0 if w is None else w, rtol=1e-8, atol=1e-9
        )


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_equal_pytorch(seed: int) -> None:
    compare(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_many_random_programs_equal_pytorch(block: int) -> None:
    for seed in range(100 * block, 100 * block + 100):
        compare(seed)


# --- values and gradients, by finite differences --------------------------------------------------


def write_unbound(x: Any, y: Any) -> Any:
    first, second = x.unbind()
    first.mul_(y)
    second.add_(first)
    return x * x


def write_split(x: Any, y: Any) -> Any:
    left, right = x.split([1, 2], 1)
    left.copy_(right[:, :1].clone() * y[0])
    return x * x


def write_iterated(x: Any, y: Any) -> Any:
    for i, row in enumerate(x):
        row *= y * (i + 1)
    return x * x


def write_diagonal(x: Any, y: Any) -> Any:
    x.diagonal(1).mul_(y[:2])
    return x * x


def write_transposed(x: Any, y: Any) -> Any:
    x.T[0] += y[:2]
    return x * x


def write_reversed(x: Any, y: Any) -> Any:
    x[:, ::-1][0] *= y
    return x * x


def write_base_then_use_view(x: Any, y: Any) -> Any:
    view = x[0]
    x.mul_(y)
    return view * view


def write_view_then_use_older_view(x: Any, y: Any) -> Any:
    older = x.reshape(-1)[1:]
    x[1].mul_(y).add_(1)
    return older * older


def write_view_of_view(x: Any, y: Any) -> Any:
    x.t()[1:][::2][0].copy_(y[:2])
    return x * x


def write_with_itself(x: Any, y: Any) -> Any:
    x[0] = x[1].clone() * y
    x[1].mul_(x[0].clone())
    return x * x


def write_chunk_into_another(x: Any, y: Any) -> Any:
    x[:, 1:] = x[:, :-1]
    x[0, 0] = y[0]
    return x * x


def write_duplicates(x: Any, y: Any) -> Any:
    x[0, ag.tensor([1, 1, 2])] = y
    return x * x


def write_column_duplicates(x: Any, y: Any) -> Any:
    x[:, ag.tensor([2, 0, 2])] = ag.stack([y, y * y])
    return x * x


def write_broadcast(x: Any, y: Any) -> Any:
    x[:, ag.tensor([0, 2])] = y[0]
    return x * x


def write_mask(x: Any, y: Any) -> Any:
    x[ag.tensor([[True, False, True], [False, True, False]])] = y
    return x * x


def write_part_and_indices(x: Any, y: Any) -> Any:
    x[1, ag.tensor([0, 2])] = y[:2]
    return x * x


def add_to_indices(x: Any, y: Any) -> Any:
    x[ag.tensor([0, 1])] += y
    return x * x


def zero_and_fill(x: Any, y: Any) -> Any:
    x[0].zero_()
    x[1, 1:].fill_(y[0] * y[1])
    return x * x


def turn_into_view(x: Any, y: Any) -> Any:
    older = x[0]
    x.t_().unsqueeze_(0)
    older.mul_(y)
    return x * x


WRITERS = [
    write_unbound, write_split, write_iterated, write_diagonal, write_transposed, write_reversed,
    write_base_then_use_view, write_view_then_use_older_view, write_view_of_view, write_with_itself,
    write_chunk_into_another, write_duplicates, write_column_duplicates, write_broadcast,
    write_mask, write_part_and_indices, add_to_indices, zero_and_fill, turn_into_view,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS, ids=lambda f: f.__name__)
def test_gradients_through_writes(write: Callable[[Any, Any], Any]) -> None:
    x = ag.tensor([[0.3, -1.2, 0.7], [1.1, 0.4, -0.6]], dtype=ag.float64, requires_grad=True)
    y = leaf(0.8, -0.5, 1.3)
    assert ag.autograd.gradcheck(lambda x, y: write(x * 1, y), (x, y))
    assert ag.autograd.gradgradcheck(lambda x, y: write(x * 1, y), (x, y))


def test_write_into_plain_tensor_makes_it_part_of_the_graph() -> None:
    y = leaf(1.0, 2.0)
    buffer = ag.zeros(3, dtype=ag.float64)
    view = buffer[1:]
    buffer[1:] = y * 3
    assert buffer.requires_grad and not buffer.is_leaf and view.requires_grad
    assert gradient((view * view).sum(), y) == [18.0, 36.0]


def test_loop_that_fills_a_buffer() -> None:
    x = leaf(1.0, 2.0, 3.0)
    out = ag.zeros(3, dtype=ag.float64)
    for i in range(3):
        out[i] = x[i] * (out[i - 1].clone() if i else 1)
    assert out.tolist() == [1.0, 2.0, 6.0]
    assert gradient(out[2], x) == [6.0, 3.0, 2.0]


def test_zero_gives_zero_gradient() -> None:
    x = leaf(1.0, 2.0)
    y = x * 2
    y.zero_()
    assert y.requires_grad
    assert gradient(y.sum(), x) == [0.0, 0.0]


def test_copy_casts_and_broadcasts() -> None:
    x = ag.tensor([1.0], requires_grad=True)
    target = ag.zeros(2, 3, dtype=ag.float64)
    assert target.copy_(x) is target
    (grad,) = ag.autograd.grad(target.sum(), x)
    assert grad.tolist() == [6.0] and grad.dtype is ag.float32


def test_base_in_another_memory_order() -> None:
    """A view by reshape exists only in the base's own order, which its gradient may not have."""
    x = ag.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    base = x.t() * 1  # column by column
    view = base.t().view(-1)
    view[1:3] *= 10
    grad = gradient((base * ag.arange(6.0).reshape(3, 2)).sum(), x)
    assert grad == [[0.0, 20.0, 40.0], [1.0, 3.0, 5.0]]


def test_write_into_view_of_itself_is_recorded_once() -> None:
    x = leaf(1.0, 2.0)
    y = x * 1
    y[0] += 1
    assert y.grad_fn.operator == "view_scatter"
    assert y.grad_fn.next_functions[0][0].operator == "mul"


# --- what is a view -------------------------------------------------------------------------------


def test_reshape_that_copies_is_no_view() -> None:
    x = ag.arange(6.0).reshape(2, 3)
    copy = x.t().reshape(-1)
    assert not copy._is_view() and copy._version == 0
    copy.zero_()
    assert x.sum().item() == 15
    y = (leaf(1.0, 2.0, 3.0, 4.0) * 1).reshape(2, 2)
    flat = y.t().reshape(4)
    y.mul_(2)  # must not change what flat stands for
    assert flat.tolist() == [1.0, 3.0, 2.0, 4.0]
    assert flat.grad_fn.operator == "reshape"


def test_view_refuses_to_copy() -> None:
    with pytest.raises(RuntimeError, match=r"view at .*reshape\(\)"):
        ag.zeros(2, 3).t().view(6)


def test_views_share_version_and_memory() -> None:
    x = ag.zeros(2, 2)
    view = x[0]
    view.add_(1)
    assert x.tolist() == [[1.0, 1.0], [0.0, 0.0]]
    assert x._version == view._version == 1
    assert view._base is x and view[:1]._base is x


@pytest.mark.parametrize("operate", [
    lambda t: t[0], lambda t: t[0, 0], lambda t: t[:, 1:], lambda t: t[None], lambda t: t[...],
    lambda t: t[ag.tensor(1)], lambda t: t.view(-1), lambda t: t.flatten(), lambda t: t.ravel(),
    lambda t: t.T, lambda t: t.mT, lambda t: t.permute(1, 0), lambda t: t.movedim(0, 1),
    lambda t: t.squeeze(), lambda t: t.unsqueeze(0), lambda t: t.expand(2, 3),
    lambda t: t.diagonal(), lambda t: t.unbind()[1], lambda t: t.split(1)[0],
    lambda t: t.chunk(2)[0],
    lambda t: t.narrow(0, 1, 1),
    lambda t: t.select(1, 0), lambda t: t.unflatten(1, (3, 1)), lambda t: t.view_as(ag.zeros(3, 2)),
    lambda t: t.detach(),
])  # fmt: skip
def test_views_are_views(operate: Callable[[Any], Any]) -> None:
    t = ag.arange(6.0).reshape(2, 3)
    operate(t).fill_(7)
    assert (t == 7).any()


@pytest.mark.parametrize("operate", [
    lambda t: t[[0, 1]], lambda t: t[t >= 0], lambda t: t[True], lambda t: t.repeat(1, 1),
    lambda t: t.repeat(2, 1, 1)[0], lambda t: t.tile(1), lambda t: t.flip(0), lambda t: t.roll(1),
    lambda t: t.rot90(0), lambda t: t.diag(), lambda t: t.index_select(0, ag.tensor([0])),
    lambda t: ag.cat([t]), lambda t: t.repeat_interleave(1, 0), lambda t: t.sort().values,
    lambda t: t.clone(), lambda t: t.tril(5), lambda t: t.gather(0, ag.tensor([[0]])),
])  # fmt: skip
def test_copies_are_copies(operate: Callable[[Any], Any]) -> None:
    t = ag.arange(6.0).reshape(2, 3)
    operate(t).fill_(7)
    assert not (t == 7).any()


# --- refusals -------------------------------------------------------------------------------------


def test_leaf_and_its_views_are_not_written_to() -> None:
    x = leaf(1.0, 2.0)
    for write in (lambda: x.mul_(2), lambda: x[0].mul_(2), lambda: x.zero_(), lambda: x.t_()):
        with pytest.raises(RuntimeError, match="leaf"):
            write()
    with pytest.raises(RuntimeError, match="leaf"):
        x[0] = 5
    assert x.tolist() == [1.0, 2.0]
    with ag.no_grad():
        x[0] = 5
        x[1:].mul_(2)
    assert x.tolist() == [5.0, 4.0] and x.is_leaf


def test_view_taken_without_recording() -> None:
    y = leaf(1.0, 2.0) * 1
    with ag.no_grad():
        view = y[0]
    with pytest.raises(RuntimeError, match="no_grad"):
        view.mul_(2)
    with pytest.raises(RuntimeError, match="no_grad"):
        view[...] = 3.0
    assert y.tolist() == [1.0, 2.0]


def test_expanded_tensor_is_not_written_to() -> None:
    x = ag.zeros(1, 3)
    with pytest.raises(RuntimeError, match="share one memory location"):
        x.expand(2, 3).add_(1)
    x.expand(1, 3).add_(1)
    assert x.tolist() == [[1.0, 1.0, 1.0]]


@pytest.mark.parametrize("write", [
    lambda t: t.mul_(2), lambda t: t[0].add_(1), lambda t: t.detach().add_(1),
    lambda t: t.T[0].zero_(),
    lambda t: t.__setitem__(0, 1.0), lambda t: t.unbind()[0].fill_(3), lambda t: t.t_(),
])  # fmt: skip
def test_write_to_what_backward_needs_is_noticed(write: Callable[[Any], Any]) -> None:
    y = ag.ones(2, 2, requires_grad=True) * 3
    loss = (y * y).sum()
    write(y)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_write_to_an_index_after_use_changes_no_gradient() -> None:
    x, index = leaf(1.0, 2.0, 3.0), ag.tensor([0, 1])
    picked = x[index]
    index.fill_(2)
    assert gradient(picked.sum(), x) == [1.0, 1.0, 0.0]


# --- retain_grad and hooks ------------------------------------------------------------------------


def test_retain_grad_is_for_the_latest_value() -> None:
    x = leaf(1.0, 2.0)
    y = x * 1
    y.retain_grad()
    y.mul_(3)
    y.sum().backward()
    assert y.grad.tolist() == [1.0, 1.0] and x.grad.tolist() == [3.0, 3.0]


def test_retain_grad_of_a_view_that_is_written_to() -> None:
    y = leaf(1.0, 2.0, 3.0) * 1
    view = y[:2]
    view.retain_grad()
    view.mul_(3)
    (y.sum() + view.sum()).backward()
    assert view.grad.tolist() == [1.0, 1.0]


def test_hook_sees_the_value_it_was_set_on() -> None:
    seen: list[Any] = []
    y = leaf(1.0, 2.0) * 1
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.mul_(3)
    y.sum().backward()
    assert seen == [[3.0, 3.0]]


# --- in-place views -------------------------------------------------------------------------------


def test_inplace_views_change_the_shape() -> None:
    x = leaf(*range(6))
    y = (x * 1).view(2, 3)
    assert y.t_() is y and y.shape == (3, 2)
    assert y.unsqueeze_(0).shape == (1, 3, 2) and y.squeeze_().shape == (3, 2)
    assert y.transpose_(0, 1).shape == (2, 3)
    assert gradient((y * ag.arange(6.0).view(2, 3)).sum(), x) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    with ag.no_grad():
        x.unsqueeze_(0)
    assert x.shape == (1, 6) and x.is_leaf
    (x * 2).sum().backward()
    assert x.grad.shape == (1, 6)
