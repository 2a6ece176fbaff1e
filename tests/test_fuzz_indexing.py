"""Generated indices: ``x[index]`` and ``x[index] = value`` beside PyTorch, and beside NumPy for
what PyTorch lacks (negative steps) or leaves open (several values for one place)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from fuzzing import FLOATS, Call, Given, Recipe, compare, run, sizes
from fuzzing_calls import Outcome, to_numpy
from fuzzing_strategies import broadcast, masks, recipes, shapes, whole
from hypothesis import strategies as st

import autograd_core as ag

EVERY = (*FLOATS, *FLOATS, "float16", "bfloat16", "int64", "uint8", "bool", "complex128")
ALL = slice(None)
FORWARD = (1, 2, 3)
BOTH_WAYS = (1, 2, -1, -1, -2, -3)

# --- indices -------------------------------------------------------------------------------------


@st.composite
def forms(draw: Any, values: np.ndarray) -> Any:
    """Indices or a mask as a tensor, a list or an array of NumPy's."""
    form = draw(st.sampled_from(["tensor", "tensor", "list", "NumPy"]))
    if form == "tensor":
        narrow = values.dtype != bool and draw(st.booleans())
        return Given(values.astype(np.int32) if narrow else values)
    # (A list cannot say that there is a second dimension behind an empty one.)
    return values.tolist() if form == "list" and (values.size or values.ndim == 1) else values


KINDS = ("slice", "slice", "integer", "indices", "indices", "mask")


@st.composite
def parts(draw: Any, block: tuple[int, ...], common: Any, steps: Any, outside: bool) -> list[Any]:
    """Indices of neighbouring dimensions; ``common`` is what arrays of indices broadcast to, and
    ``outside`` whether some may be out of range."""
    made: list[Any] = []
    while block:
        size, used = block[0], 1
        kind = draw(st.sampled_from(KINDS if size or outside else KINDS[:1]))
        if kind == "slice":
            bound = st.none() | st.integers(-size - 2, size + 2)
            made.append(slice(draw(bound), draw(bound), draw(st.none() | st.sampled_from(steps))))
        elif kind == "mask":
            used = draw(st.integers(1, len(block)))
            fitting = (*block[: used - 1], block[used - 1] + outside)
            made.append(draw(forms(draw(masks(fitting)))))
        else:
            form = () if kind == "integer" else draw(broadcast(common))
            values = draw(whole(form, -size - outside, max(size - 1, 0) + outside))
            plain = kind == "integer" and draw(st.booleans())
            made.append(int(values) if plain else draw(forms(values)))
        block = block[used:]
    return made


@st.composite
def indices(
    draw: Any, shape: tuple[int, ...], steps: tuple[int, ...] = FORWARD, refused: bool = True
) -> tuple[Any, ...]:
    """What stands between the brackets, seldom something that must be refused."""
    front = draw(st.integers(0, len(shape)))
    back = draw(st.integers(0, len(shape) - front))
    common = draw(shapes(2, side=3))
    outside = refused and draw(st.integers(0, 11)) == 0
    index = draw(parts(shape[:front], common, steps, outside))
    if back or draw(st.booleans()):
        index += [..., *draw(parts(shape[len(shape) - back :], common, steps, outside))]
    for extra in draw(st.lists(st.sampled_from([None, None, True, False]), max_size=2)):
        index.insert(draw(st.integers(0, len(index))), extra)
    return (*index, 0) if outside and draw(st.booleans()) else tuple(index)


def beside_numpy(array: np.ndarray, index: Any) -> np.ndarray:
    """``array[index]`` in PyTorch's order, which differs from NumPy's in one thing: integers pick
    their part first, as slices do; only then do arrays of indices."""
    items: list[Any] = []
    for item in index:
        value = item.values if isinstance(item, Given) else item
        if isinstance(value, (list, np.ndarray)):
            value = np.asarray(value, None if np.size(value) else np.asarray(value).dtype)
            if isinstance(item, list) and not value.size:
                value = value.astype(np.int64)
            value = value if value.ndim else value.item()
        items.append(value)
    taken = [v.ndim if isinstance(v, np.ndarray) and v.dtype == bool else 1 for v in items]
    used = sum(n for n, v in zip(taken, items) if not (v is None or v is ... or type(v) is bool))
    if used > array.ndim:
        raise IndexError("too many indices")
    basic: list[Any] = []
    advanced: list[Any] = []
    for number, value in zip(taken, items, strict=True):
        if value is ...:
            basic += [ALL] * (array.ndim - used)
            advanced += [ALL] * (array.ndim - used)
        elif isinstance(value, np.ndarray):
            basic += [ALL] * number
            advanced.append(value)
        elif type(value) is bool:  # a mask of a new dimension
            basic.append(None)
            advanced.append(np.array([value]))
        else:
            basic.append(value)
            advanced += [] if type(value) is int else [ALL]
    return array[tuple(basic)][tuple(advanced)]


def places(shape: tuple[int, ...], *indices: Any) -> np.ndarray | None:
    """Which elements, counted through, indices name one after the other; None if they name none."""
    numbers = np.arange(math.prod(shape)).reshape(shape)
    try:
        for index in indices:
            numbers = beside_numpy(numbers, index)
    except IndexError:
        return None
    return numbers


# --- reading -------------------------------------------------------------------------------------


def getitem(engine: Any, x: Any, index: Any) -> Any:
    return x[index]


def getitem_twice(engine: Any, x: Any, first: Any, second: Any) -> Any:
    return x[first][second]


@st.composite
def reads(draw: Any) -> Call:
    recipe = draw(recipes(shapes(4), EVERY))
    first = draw(indices(recipe.shape))
    rest = places(recipe.shape, first)
    if rest is None or rest.ndim not in (1, 2, 3, 4) or draw(st.booleans()):
        return Call(getitem, recipe, first)
    return Call(getitem_twice, recipe, first, draw(indices(rest.shape, refused=False)))


@sizes(120, 2500)
def test_reading(examples: int) -> None:
    def check(call: Call) -> None:
        plain = all(item is None or type(item) in (int, slice, type(...)) for item in call.args[-1])
        compare(call, views=plain and call.name == "getitem", twice=True)

    run(check, reads(), examples)


# --- writing -------------------------------------------------------------------------------------


def setitem(engine: Any, x: Any, index: Any, value: Any) -> Any:
    written = x.clone()
    written[index] = value
    return written


def setitem_of_part(engine: Any, x: Any, first: Any, second: Any, value: Any) -> Any:
    """Writing into a view, which is seen in what it is a view of."""
    written = x.clone()
    written[first][second] = value
    return written


@st.composite
def values(draw: Any, fitting: tuple[int, ...], dtype: str, tensor: bool) -> Any:
    """What to write to ``fitting`` places: a number or, if wanted, a tensor that broadcasts."""
    if not tensor or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from([0, 1, True, 2.5] if dtype in FLOATS else [0, 1, True]))
    if draw(st.integers(0, 11)) == 0:
        return draw(recipes(shapes(2), (dtype,)))  # which need not fit
    shape = (1,) * draw(st.integers(0, 1)) + draw(broadcast(fitting))
    return draw(recipes(shape, (dtype,)))


@st.composite
def writes(draw: Any) -> Call:
    recipe = draw(recipes(shapes(4), EVERY))
    shape = recipe.shape
    path = [draw(indices(shape))]
    fitting = places(shape, *path)
    if fitting is not None and 0 < fitting.ndim < 5 and not any(map(is_advanced, path[0])):
        path.append(draw(indices(fitting.shape, refused=False)))
        fitting = places(shape, *path)
    if fitting is None:
        return Call(setitem if len(path) == 1 else setitem_of_part, recipe, *path, 1)
    distinct = np.unique(fitting).size == fitting.size  # otherwise PyTorch promises nothing
    value = draw(values(fitting.shape, recipe.dtype, distinct))
    return Call(setitem if len(path) == 1 else setitem_of_part, recipe, *path, value)


def is_advanced(item: Any) -> bool:
    return isinstance(item, (bool, list, np.ndarray, Given))


@sizes(120, 2000)
def test_writing(examples: int) -> None:
    run(lambda call: compare(call, twice=True), writes(), examples)


# --- beside NumPy --------------------------------------------------------------------------------


@st.composite
def steps_of_all_kinds(draw: Any) -> tuple[Recipe, Any, int]:
    recipe = draw(recipes(shapes(4), ("float64",)))
    return recipe, draw(indices(recipe.shape, BOTH_WAYS)), draw(st.integers(0, 99))


def check_numpy(case: tuple[Recipe, Any, int]) -> None:
    """Reading and writing with any steps, and with places named several times: the last value that
    is written stays, and only it gets a gradient."""
    recipe, index, seed = case
    read = Outcome(ag, Call(getitem, recipe, index))
    named = places(recipe.shape, index)
    if named is None:
        assert read.error is not None
        return
    if read.error is not None:
        raise read.error
    x = to_numpy(read.inputs[0])
    np.testing.assert_array_equal(to_numpy(read.results[0]), beside_numpy(x, index))

    weights = np.random.default_rng(seed).integers(-8, 9, named.shape) / 4
    written = ag.tensor(x, requires_grad=True)
    value = ag.tensor(weights, requires_grad=True)
    result = setitem(ag, written, tuple(map(given_here, index)), value)
    want = x.copy()
    want.reshape(-1)[named] = weights
    np.testing.assert_array_equal(to_numpy(result), want)

    scale = np.arange(x.size) ** 2.0
    result.backward(ag.tensor(scale.reshape(x.shape)))
    kept = scale.copy()
    kept[named] = 0
    np.testing.assert_array_equal(to_numpy(written.grad), kept.reshape(x.shape))
    last = {place: i for i, place in enumerate(named.reshape(-1).tolist())}
    mine = np.zeros(named.size)
    for place, i in last.items():
        mine[i] = scale[place]
    np.testing.assert_array_equal(to_numpy(value.grad), mine.reshape(named.shape))


def given_here(item: Any) -> Any:
    return ag.tensor(item.values) if isinstance(item, Given) else item


@sizes(120, 2000)
def test_beside_numpy(examples: int) -> None:
    run(check_numpy, steps_of_all_kinds(), examples)
