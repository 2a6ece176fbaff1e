"""Generated calls of the operators that read or write at indices, and of searches."""

from __future__ import annotations

from typing import Any

import numpy as np
from fuzzing import FLOATS, Call, Given, compare, run, sizes
from fuzzing_strategies import broadcast, dims, masks, places, recipes, shapes, whole
from hypothesis import strategies as st

EVERY = (*FLOATS, *FLOATS, "float16", "bfloat16", "int64", "uint8", "bool", "complex128")
REAL = (*FLOATS, *FLOATS, "float16", "bfloat16", "int64", "int32", "uint8")

# --- one dimension -------------------------------------------------------------------------------


def size_of(shape: tuple[int, ...], dim: int) -> int:
    """Of a dimension; a tensor without dimensions has one of size 1."""
    return shape[dim] if -len(shape) <= dim < len(shape) else 1


def resized(shape: tuple[int, ...], dim: int, size: int) -> tuple[int, ...]:
    dim = dim % len(shape) if shape else 0
    return tuple(size if d == dim else n for d, n in enumerate(shape))


@st.composite
def some(draw: Any, shape: tuple[int, ...], size: int, negative: bool = False) -> Given:
    """Indices of that shape into a dimension of ``size``, seldom out of range."""
    outside = draw(st.integers(0, 15)) == 0
    low = -size if negative else 0
    return draw(places(shape, low - outside, max(size - 1, 0) + outside))


@st.composite
def narrow(draw: Any, index: Given) -> Given:
    """Indices of which the operator takes those of int32 too."""
    return Given(index.values.astype(draw(st.sampled_from(["int64", "int32"]))))


@st.composite
def selections(draw: Any) -> Call:
    x = draw(recipes(shapes(), EVERY))
    dim = draw(dims(len(x.shape)))
    size = size_of(x.shape, dim)
    index = draw(some(draw(shapes(1)) if size else (0,), size))
    return Call("index_select", x, dim, draw(narrow(index)))


@st.composite
def distinct(draw: Any, size: int) -> Given:
    """Indices, none of them twice: of those PyTorch's gradient counts all."""
    order = draw(st.permutations(range(size)))
    return Given(np.array(order[: draw(st.integers(0, size))], "int64"))


@st.composite
def parts(draw: Any) -> Call:
    name = draw(st.sampled_from(["index_add", "index_copy", "index_fill", "index_reduce"]))
    x = draw(recipes(shapes(), REAL if name == "index_reduce" else EVERY))
    dim = draw(dims(len(x.shape)))
    size = size_of(x.shape, dim)
    if name == "index_copy":
        index = draw(distinct(size))
    else:
        shape = (draw(st.integers(0, 4)) if size else 0,)
        index = draw(some(shape, size, name == "index_fill"))
    if name == "index_fill":
        number = st.sampled_from([0, 1, 2.5] if x.dtype in FLOATS else [0, 1])
        value = draw(number | recipes((), (x.dtype,)))
        return Call(f"Tensor.{name}", x, dim, index, value)
    fitting = resized(x.shape, dim, index.values.size)
    seldom = draw(st.integers(0, 15)) == 0
    source = draw(recipes(draw(shapes()) if seldom else fitting, (x.dtype,)))
    if name == "index_add":
        alpha = draw(st.sampled_from([1, 1, 2, -3]))
        return Call(name, x, dim, draw(narrow(index)), source, alpha=alpha)
    if name == "index_copy":
        return Call(name, x, dim, index, source)
    reduce = draw(st.sampled_from(["prod", "mean", "amax", "amin"]))
    return Call(name, x, dim, index, source, reduce, include_self=draw(st.booleans()))


@sizes(60, 1500)
def test_one_dimension(examples: int) -> None:
    run(
        lambda call: compare(call, twice=True, loose=20, scale=True),
        selections() | parts() | parts(),
        examples,
    )


# --- along a dimension ---------------------------------------------------------------------------


@st.composite
def along(draw: Any) -> Call:
    names = ["gather", "gather", "take_along_dim", "scatter", "scatter_add", "scatter_reduce"]
    name = draw(st.sampled_from(names))
    x = draw(recipes(shapes(), REAL if name == "scatter_reduce" else EVERY))
    dim = draw(dims(len(x.shape)))
    size = size_of(x.shape, dim)
    shape = resized(x.shape, dim, draw(st.integers(0, 5)) if size else 0)
    place = dim % len(shape) if shape else 0
    if name == "take_along_dim":  # broadcasts, but for dim
        shape = tuple(n if d == place or draw(st.booleans()) else 1 for d, n in enumerate(shape))
        return Call(name, x, draw(some(shape, size)), dim)
    shape = tuple(n if d == place else draw(st.integers(min(n, 1), n)) for d, n in enumerate(shape))
    if name == "gather":
        return Call(name, x, dim, draw(narrow(draw(some(shape, size)))))
    twice = name != "scatter"  # of several values for one place PyTorch's gradient counts all
    index = draw(some(shape, size)) if twice else draw(distinct_along(shape, place, size))
    larger = tuple(n + draw(st.integers(0, 1)) for n in index.values.shape)
    src = draw(recipes(larger, (x.dtype,)))
    if name == "scatter_add":
        return Call(name, x, dim, draw(narrow(index)), src)
    if name == "scatter_reduce":
        reduce = draw(st.sampled_from(["sum", "prod", "mean", "amax", "amin"]))
        return Call(name, x, dim, index, src, reduce, include_self=draw(st.booleans()))
    return Call(name, x, dim, index, draw(st.sampled_from([0, 1]) | st.just(src)))


@st.composite
def distinct_along(draw: Any, shape: tuple[int, ...], dim: int, size: int) -> Given:
    if not shape:
        return Given(np.array(0))
    shape = resized(shape, dim, min(shape[dim], size))
    rows = np.argsort(draw(whole(resized(shape, dim, size), 0, 99)), dim, kind="stable")
    return Given(np.take(rows, range(shape[dim]), dim))


@sizes(60, 1500)
def test_along_a_dimension(examples: int) -> None:
    run(lambda call: compare(call, twice=True, loose=20, scale=True), along(), examples)


# --- masks, and places counted through -----------------------------------------------------------


@st.composite
def masked(draw: Any) -> Call:
    whole_shape = draw(shapes())
    x = draw(recipes(draw(broadcast(whole_shape)), EVERY))
    mask = Given(draw(masks(draw(broadcast(whole_shape)))))
    name = draw(st.sampled_from(["masked_select", "masked_fill", "masked_scatter", "where"]))
    if name == "masked_select":
        return Call(name, x, mask)
    if name == "masked_fill":
        number = st.sampled_from([0, 1, 2.5] if x.dtype in FLOATS else [0, 1])
        return Call(name, x, mask, draw(number | recipes((), (x.dtype,))))
    if name == "where":
        other = recipes(draw(broadcast(whole_shape)), (x.dtype, *EVERY))
        return Call(name, mask, x, draw(other | st.sampled_from([0, 1, 2.5])))
    return Call(name, x, mask, draw(recipes(shapes(), (x.dtype,))))


@st.composite
def counted(draw: Any) -> Call:
    name = draw(st.sampled_from(["take", "put", "nonzero", "argwhere", "count_nonzero"]))
    x = draw(recipes(shapes(), EVERY, contents=("normal", "grid", "special")))
    if name == "count_nonzero":
        return Call(name, x, draw(st.none() | dims(len(x.shape))))
    if name in ("nonzero", "argwhere"):
        return Call(name, x)
    size = int(np.prod(x.shape))
    if name == "take":
        index = draw(some(draw(shapes(2)) if size else (0,), size, True))
        return Call(name, x, index)
    accumulate = draw(st.booleans())
    if accumulate:
        index = draw(some(draw(shapes(2)) if size else (0,), size, True))
    else:
        index = draw(distinct(size))
    source = draw(recipes(index.values.shape, (x.dtype,)))
    return Call(f"Tensor.{name}", x, index, source, accumulate)


def index_put(engine: Any, x: Any, indices: Any, values: Any, accumulate: bool) -> Any:
    return x.index_put(indices, values, accumulate)


@st.composite
def puts(draw: Any) -> Call:
    x = draw(recipes(shapes(3, least=1, smallest=1), EVERY))
    common = draw(shapes(2, side=3))
    number = draw(st.integers(1, len(x.shape)))
    indices = tuple(draw(places(draw(broadcast(common)), -n, n - 1)) for n in x.shape[:number])
    full = np.broadcast_shapes(*(i.values.shape for i in indices))
    values = draw(recipes(draw(broadcast(full + x.shape[number:])), (x.dtype,)))
    return Call(index_put, x, indices, values, True)


@sizes(80, 2000)
def test_masks_and_places(examples: int) -> None:
    run(
        lambda call: compare(call, twice=True, loose=20, scale=True),
        masked() | masked() | counted() | puts(),
        examples,
    )


# --- searches ------------------------------------------------------------------------------------


def searchsorted(engine: Any, rows: Any, values: Any, **options: Any) -> Any:
    return engine.searchsorted(rows.sort(-1)[0], values, **options)


def bucketize(engine: Any, values: Any, rows: Any, **options: Any) -> Any:
    return engine.bucketize(values, rows.sort(-1)[0], **options)


@st.composite
def searches(draw: Any) -> Call:
    kind = draw(st.sampled_from(REAL))
    options = {"right": draw(st.booleans()), "out_int32": draw(st.booleans())}
    grid = ("grid", "normal")
    if draw(st.booleans()):
        values = draw(recipes(shapes(), (kind,), grid))
        return Call(bucketize, values, draw(recipes(shapes(1, 1, 6), (kind,), grid)), **options)
    rows = draw(recipes(shapes(3, 1, 6), (kind,), grid))
    one = len(rows.shape) == 1
    shape = draw(shapes()) if one else (*rows.shape[:-1], draw(st.integers(0, 4)))
    return Call(searchsorted, rows, draw(recipes(shape, (kind,), grid)), **options)


@sizes(40, 500)
def test_searches(examples: int) -> None:
    run(compare, searches(), examples)
