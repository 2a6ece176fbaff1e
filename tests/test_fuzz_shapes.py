"""Generated calls of operators that rearrange: the same values in the same places, gradients, and a
view exactly where PyTorch's result is one."""

from __future__ import annotations

import math
from typing import Any

from fuzzing import COMPLEX, FLOATS, NARROW, WHOLE, Call, Recipe, compare, run, sizes
from fuzzing_strategies import broadcast, dims, recipes, several_dims, shapes
from hypothesis import strategies as st

EVERY = (*FLOATS, *FLOATS, *FLOATS, *NARROW, *WHOLE, "bool", *COMPLEX)
# A flipped tensor is a copy in PyTorch, so whether its elements lie in order differs.
LAYOUTS = ("contiguous", "transposed", "stepped", "offset", "expanded")

# --- one tensor ----------------------------------------------------------------------------------


def a_shape(draw: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape of as many elements, seldom of others, with or without -1."""
    size, made = math.prod(shape), []
    while size > 1 and draw(st.integers(0, 4)):
        n = draw(st.sampled_from([d for d in range(1, size + 1) if size % d == 0]))
        made.append(n)
        size //= n
    made.append(size if draw(st.integers(0, 9)) else size + 1)
    made = draw(st.permutations(made))
    if draw(st.integers(0, 2)) == 0:
        made[draw(st.integers(0, len(made) - 1))] = -1
    return tuple(made)


def permutation(draw: Any, ndim: int) -> tuple[int, ...]:
    return tuple(d - ndim if draw(st.booleans()) else d for d in draw(st.permutations(range(ndim))))


small = st.integers(-2, 3)
ONE = {
    "reshape": lambda draw, s: (a_shape(draw, s),),
    "Tensor.view": lambda draw, s: a_shape(draw, s),
    "flatten": lambda draw, s: (draw(dims(len(s))), draw(dims(len(s)))),
    "ravel": lambda draw, s: (),
    "transpose": lambda draw, s: (draw(dims(len(s))), draw(dims(len(s)))),
    "permute": lambda draw, s: (permutation(draw, len(s)),),
    "movedim": lambda draw, s: (draw(dims(len(s))), draw(dims(len(s)))),
    "squeeze": lambda draw, s: (draw(several_dims(len(s))),) if draw(st.booleans()) else (),
    "unsqueeze": lambda draw, s: (draw(dims(len(s) + 1)),),
    "Tensor.expand": lambda draw, s: (
        (*draw(shapes(1)), *(-1 if draw(st.booleans()) else max(n, 2 * (n == 1)) for n in s)),
    ),
    "Tensor.repeat": lambda draw, s: ((*draw(shapes(1)), *(draw(st.integers(0, 2)) for _ in s)),),
    "tile": lambda draw, s: (draw(shapes(3)),),
    "repeat_interleave": lambda draw, s: (draw(st.integers(0, 2)), draw(dims(len(s)))),
    "flip": lambda draw, s: (draw(several_dims(len(s))),),
    "fliplr": lambda draw, s: (),
    "rot90": lambda draw, s: (draw(small), draw(several_dims(len(s)))),
    "roll": lambda draw, s: (draw(small), draw(dims(len(s)))),
    "narrow": lambda draw, s: (draw(dims(len(s))), draw(small), draw(st.integers(0, 3))),
    "select": lambda draw, s: (draw(dims(len(s))), draw(small)),
    "Tensor.unfold": lambda draw, s: (draw(dims(len(s))), draw(st.integers(0, 3)), draw(small)),
    "unflatten": lambda draw, s: (
        draw(dims(len(s))), a_shape(draw, (s[-1] if s else 1,)),
    ),
    "diagonal": lambda draw, s: (draw(small), draw(dims(len(s))), draw(dims(len(s)))),
    "diag": lambda draw, s: (draw(small),),
    "diag_embed": lambda draw, s: (draw(small), draw(dims(len(s) + 1)), draw(dims(len(s) + 1))),
    "tril": lambda draw, s: (draw(small),),
    "triu": lambda draw, s: (draw(small),),
    "split": lambda draw, s: (draw(st.integers(0, 3)), draw(dims(len(s)))),
    "chunk": lambda draw, s: (draw(st.integers(0, 3)), draw(dims(len(s)))),
    "tensor_split": lambda draw, s: (
        draw(st.one_of(st.integers(0, 3), st.lists(small, max_size=3).map(tuple))),
        draw(dims(len(s))),
    ),
    "unbind": lambda draw, s: (draw(dims(len(s))),),
    "swapaxes": lambda draw, s: (draw(dims(len(s))), draw(dims(len(s)))),
    "atleast_2d": lambda draw, s: (),
    "atleast_3d": lambda draw, s: (),
    "broadcast_to": lambda draw, s: ((*draw(shapes(1)), *(max(n, 2 * (n == 1)) for n in s)),),
    "nn.functional.pad": lambda draw, s: (
        [draw(st.integers(-1, 2)) for _ in range(2 * draw(st.integers(0, len(s))))],
        draw(st.sampled_from(["constant", "constant", "reflect", "replicate", "circular"])),
    ),
    "Tensor.contiguous": lambda draw, s: (),
    "clone": lambda draw, s: (),
    "Tensor.as_strided": lambda draw, s: (
        tuple(draw(st.integers(1, 3)) for _ in range(2)),
        tuple(draw(st.integers(0, 2)) for _ in range(2)),
        draw(st.integers(0, 2)),
    ),
    "view_as_real": lambda draw, s: (),
    "resolve_conj": lambda draw, s: (),
}  # fmt: skip
# They are the elements' places in memory, which are others for other layouts.
BY_MEMORY = {"Tensor.as_strided"}


@st.composite
def rearrangements(draw: Any) -> Call:
    name = draw(st.sampled_from(list(ONE)))
    layouts = LAYOUTS[:1] if name in BY_MEMORY else LAYOUTS
    most = 4 if name == "nn.functional.pad" else 3
    x: Recipe = draw(recipes(shapes(most), EVERY, layouts=layouts))
    return Call(name, x, *ONE[name](draw, x.shape))


def check(call: Call) -> None:
    compare(call, twice=True, views=True)


@sizes(80, 3000)
def test_rearrangements(examples: int) -> None:
    run(check, rearrangements(), examples)


# --- several tensors -----------------------------------------------------------------------------


@st.composite
def joins(draw: Any) -> Call:
    name = draw(
        st.sampled_from(
            ["cat", "stack", "hstack", "vstack", "dstack", "column_stack", "broadcast_tensors",
             "block_diag", "meshgrid", "cartesian_prod", "where", "kron", "tensordot", "outer",
             "concatenate"]
        )
    )  # fmt: skip
    kinds = st.sampled_from(EVERY)
    kind = draw(kinds)
    count = draw(st.integers(1, 3))
    shape: tuple[int, ...] = draw(shapes(3))

    def one(s: tuple[int, ...]) -> Recipe:
        return draw(recipes(s, (kind, kind, draw(kinds)), layouts=LAYOUTS))

    if name in ("cat", "concatenate"):
        dim = draw(dims(len(shape)))
        tensors = []
        for _ in range(count):
            s = list(shape)
            if s and -len(s) <= dim < len(s):
                s[dim] = draw(st.integers(0, 3))
            tensors.append(one(tuple(s)))
        return Call(name, tensors, dim)
    if name == "stack":
        return Call(name, [one(shape) for _ in range(count)], draw(dims(len(shape) + 1)))
    if name in ("hstack", "vstack", "dstack", "column_stack"):
        return Call(name, [one(shape) for _ in range(count)])
    if name == "broadcast_tensors":
        return Call(name, *[one(draw(broadcast(shape))) for _ in range(count)])
    if name == "block_diag":
        return Call(name, *[one(draw(shapes(2))) for _ in range(count)])
    if name in ("meshgrid", "cartesian_prod"):
        tensors = [one(draw(shapes(1, 1))) for _ in range(count)]
        named = {"indexing": draw(st.sampled_from(["ij", "xy"]))} if name == "meshgrid" else {}
        return Call(name, *tensors, **named)
    if name == "where":
        condition = draw(recipes(draw(broadcast(shape)), ("bool",)))
        return Call(name, condition, *[one(draw(broadcast(shape))) for _ in range(2)])
    if name == "tensordot":
        return Call(name, one(shape), one(shape[::-1]), draw(st.integers(0, len(shape))))
    if name == "outer":
        return Call(name, one(draw(shapes(1, 1))), one(draw(shapes(1, 1))))
    return Call(name, one(draw(shapes(2))), one(draw(shapes(2))))


@sizes(40, 1500)
def test_joins(examples: int) -> None:
    run(check_joins, joins(), examples)


def check_joins(call: Call) -> None:
    compare(call, twice=True, scale=True)
