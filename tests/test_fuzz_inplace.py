"""Generated programs of views and in-place writes: every tensor has PyTorch's value and gradient,
and a step is refused where PyTorch refuses it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from fuzzing import Call, compare, run, sizes
from fuzzing_calls import REFUSALS
from fuzzing_excuse import FEWER
from fuzzing_strategies import broadcast, recipes, shapes
from hypothesis import strategies as st

import autograd_core as ag

Step = tuple[str, int, int, int, int]


def place(t: Any, a: int) -> int:
    """A dimension of a tensor, which must have one."""
    return a % t.ndim if t.ndim else 0


def index_of(t: Any, a: int, b: int) -> Any:
    """An index of basic parts, or with a mask."""
    kinds = [b % 3, slice(b % 2, None), slice(None, None, 2), Ellipsis, None, t.detach() != 0]
    return kinds[a % len(kinds)]


VIEWS: dict[str, Callable[[Any, int, int], Any]] = {
    "select": lambda t, a, b: t.select(place(t, a), b % 3),
    "narrow": lambda t, a, b: t.narrow(place(t, a), b % 2, 1),
    "step": lambda t, a, b: t[..., b % 2 :: 1 + a % 2],
    "transpose": lambda t, a, b: t.transpose(place(t, a), place(t, b)),
    "permute": lambda t, a, b: t.permute(tuple(reversed(range(t.ndim)))),
    "unsqueeze": lambda t, a, b: t.unsqueeze(place(t, a)),
    "squeeze": lambda t, a, b: t.squeeze(),
    "expand": lambda t, a, b: t.expand(1 + a % 2, *t.shape),
    "view": lambda t, a, b: t.view(-1),
    "reshape": lambda t, a, b: t.reshape(-1),
    "diagonal": lambda t, a, b: t.diagonal(a % 3 - 1),
    "unfold": lambda t, a, b: t.unfold(place(t, a), 1 + b % 2, 1 + b % 2),
    "index": lambda t, a, b: t[index_of(t, a, b)],
    "times": lambda t, a, b: t * 2,
    "clone": lambda t, a, b: t.clone(),
    "square": lambda t, a, b: t**2,
    "exp": lambda t, a, b: (t * 0.25).exp(),
}

WRITES: dict[str, Callable[[Any, Any, int, int], Any]] = {
    "add_": lambda t, other, a, b: t.add_(other),
    "sub_": lambda t, other, a, b: t.sub_(other, alpha=2),
    "mul_": lambda t, other, a, b: t.mul_(other),
    "div_": lambda t, other, a, b: t.div_(2 + a % 3),
    "iadd": lambda t, other, a, b: t.__iadd__(1.5),
    "imul": lambda t, other, a, b: t.__imul__(other),
    "pow_": lambda t, other, a, b: t.pow_(2),
    "neg_": lambda t, other, a, b: t.neg_(),
    "abs_": lambda t, other, a, b: t.neg_() if t.is_complex() else t.abs_(),
    "clamp_": lambda t, other, a, b: t.clamp_(-1, 1.5),
    "tanh_": lambda t, other, a, b: t.tanh_(),
    "relu_": lambda t, other, a, b: t.relu_(),
    "fill_": lambda t, other, a, b: t.fill_(a % 4 - 1.5),
    "zero_": lambda t, other, a, b: t.zero_(),
    "copy_": lambda t, other, a, b: t.copy_(other if other.ndim <= t.ndim else other.sum()),
    "lerp_": lambda t, other, a, b: t.lerp_(other.to(t.dtype), 0.25),
    "addcmul_": lambda t, other, a, b: t.addcmul_(other, other, value=2),
    "masked_fill_": lambda t, other, a, b: t.masked_fill_(t.detach() == t.detach(), 2),
    "floor_": lambda t, other, a, b: t.floor_(),
    "cumsum_": lambda t, other, a, b: t.cumsum_(place(t, a)),
    "set": lambda t, other, a, b: t.__setitem__(index_of(t, a, b), other.to(t.dtype)),
    "set number": lambda t, other, a, b: t.__setitem__(index_of(t, a, b), 3),
    "transpose_": lambda t, other, a, b: t.transpose_(place(t, a), place(t, b)),
    "unsqueeze_": lambda t, other, a, b: t.unsqueeze_(place(t, a)),
    "squeeze_": lambda t, other, a, b: t.squeeze_(),
}


def program(engine: Any, x: Any, other: Any, steps: list[Step]) -> list[Any]:
    """Run the steps; the tensors that come about, and the steps that were refused."""
    tensors, refused = [x * 1], []
    for number, (name, which, silent, a, b) in enumerate(steps):
        target = tensors[which % len(tensors)]
        with engine.set_grad_enabled(not silent):
            try:
                if name in VIEWS:
                    tensors.append(VIEWS[name](target, a, b))
                else:
                    WRITES[name](target, other, a, b)
            except REFUSALS:
                refused.append(number)
    return [f"refused: {refused}", *tensors]


@st.composite
def programs(draw: Any) -> Call:
    kinds = ("float64", "float64", "float64", "float32", "int64", "complex128")
    x = draw(recipes(shapes(3, 1, 3), kinds))
    shape = draw(broadcast(x.shape)) if draw(st.booleans()) else ()
    # Fractions do not fit into integers, nor complex numbers into real ones.
    lesser = ("int64",) if x.dtype == "int64" else ("float64", "float32", "int64")
    other = draw(recipes(shape, (x.dtype, x.dtype, *lesser)))
    if not x.grad:  # PyTorch refuses to write to a view of what joins a graph later
        other = dataclasses.replace(other, grad=False)
    digit = st.integers(0, 5)
    silent = st.integers(0, 9).map(lambda n: int(n == 9))
    views = st.tuples(st.sampled_from(list(VIEWS)), digit, st.just(0), digit, digit)
    writes = st.tuples(st.sampled_from(list(WRITES)), digit, silent, digit, digit)
    steps = draw(st.lists(st.one_of(views, writes), min_size=2, max_size=7))
    return Call(program, x, other, steps)


def check(call: Call) -> None:
    if FEWER in compare(call, scale=True, loose=4, twice=True):
        check_by_differences(call)


def check_by_differences(call: Call) -> None:
    """The gradients of the sum of all tensors, which PyTorch refuses, against differences (where
    nothing passes them by)."""
    steps = call.args[2]
    if any(silent for _, _, silent, _, _ in steps):
        return
    x, other = (dataclasses.replace(r, content="normal", grad=True) for r in call.recipes)
    if x.dtype == other.dtype == "float64":
        leaves = [r.make(ag)[0] for r in (x, other)]

        def total(*given: Any) -> Any:
            views = [r.view(ag, leaf) for r, leaf in zip((x, other), given, strict=True)]
            return sum(t.sum() for t in program(ag, *views, steps)[1:])

        if total(*leaves).requires_grad:
            assert ag.autograd.gradcheck(total, leaves), call


@sizes(60, 3000)
def test_programs(examples: int) -> None:
    run(check, programs(), examples)
