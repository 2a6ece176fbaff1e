"""Reading and writing at indices, beside NumPy and PyTorch; gradients, errors, sorting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_core as ag

SHAPE = (3, 4, 2)


def host(tensor: Any) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def cube() -> np.ndarray:
    return np.arange(24.0).reshape(SHAPE) + 1


# --- generated indices ----------------------------------------------------------------------------


def part(size: int) -> st.SearchStrategy[Any]:
    """A basic index of one dimension."""
    bound = st.none() | st.integers(-size - 2, size + 2)
    steps = st.sampled_from([None, 1, 2, -1, -2])
    return st.integers(-size, size - 1) | st.builds(slice, bound, bound, steps)


@st.composite
def basic(draw: Any) -> Any:
    number = draw(st.integers(0, 3))
    items = [draw(part(n)) for n in SHAPE[:number]]
    for extra in draw(st.lists(st.sampled_from([None]), max_size=2)):
        items.insert(draw(st.integers(0, len(items))), extra)
    if draw(st.booleans()):
        # What stands behind the Ellipsis is for the last dimensions.
        items = [...] + [draw(part(n)) for n in SHAPE[3 - draw(st.integers(0, 2)) :]][:2]
    return tuple(items)


@st.composite
def advanced(draw: Any) -> Any:
    """Slices, None, lists of integers that broadcast, and masks; no integer beside a list (there
    PyTorch and NumPy differ)."""
    length = draw(st.integers(0, 4))
    items: list[Any] = []
    dim = 0
    while dim < 3:
        kind = draw(st.sampled_from(["slice", "list", "column", "mask", "none", "end"]))
        size = SHAPE[dim]
        if kind == "end":
            break
        if kind == "none":
            items.append(None)
            continue
        if kind == "slice":
            items.append(draw(part(size).filter(lambda p: isinstance(p, slice))))
        elif kind == "list":
            items.append(
                draw(st.lists(st.integers(-size, size - 1), min_size=length, max_size=length))
            )
        elif kind == "column":
            items.append(
                [[n] for n in draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=2))]
            )
        else:
            mask = [False] * size
            for n in draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=1)):
                mask[n] = True
            items.append(mask)
        dim += 1
    return tuple(items)


def for_numpy(index: tuple[Any, ...]) -> tuple[Any, ...]:
    def convert(item: Any) -> Any:
        masked = isinstance(item, list) and bool(item) and isinstance(item[0], bool)
        return np.array(item, bool if masked else np.int64) if isinstance(item, list) else item

    return tuple(convert(item) for item in index)


def check(index: tuple[Any, ...]) -> None:
    """Reading, writing and both gradients as NumPy's, for an index that names no place twice or
    that is read."""
    x = cube()
    places = np.arange(24).reshape(SHAPE)[for_numpy(index)]
    tensor = ag.tensor(x, requires_grad=True)
    read = tensor[index]
    np.testing.assert_array_equal(host(read), x[for_numpy(index)])
    weight = np.arange(1.0, 1 + read.numel()).reshape(places.shape)
    (read * ag.tensor(weight)).sum().backward()
    want = np.zeros(24)
    np.add.at(want, places, weight)
    np.testing.assert_allclose(host(tensor.grad), want.reshape(SHAPE))

    written, value = tensor * 1, ag.tensor(-weight, requires_grad=True)
    written[index] = value
    x[for_numpy(index)] = -weight
    np.testing.assert_array_equal(host(written), x)
    tensor.grad = None
    scale = np.arange(24.0) ** 2
    (written * ag.tensor(scale.reshape(SHAPE))).sum().backward()
    kept = np.ones(24)
    kept[places] = 0
    np.testing.assert_allclose(host(tensor.grad).reshape(-1), kept * scale)
    # Of several values for one place, the last has the influence.
    last = {place: i for i, place in enumerate(places.reshape(-1).tolist())}
    grad = np.zeros(places.size)
    for place, i in last.items():
        grad[i] = scale[place]
    np.testing.assert_allclose(host(value.grad).reshape(-1), grad)


@settings(max_examples=150, deadline=None)
@given(basic())
def test_basic_indices_equal_numpy(index: Any) -> None:
    check(index)


@settings(max_examples=200, deadline=None)
@given(advanced())
def test_advanced_indices_equal_numpy(index: Any) -> None:
    try:
        cube()[for_numpy(index)]
    except IndexError:
        with pytest.raises((IndexError, RuntimeError)):
            ag.tensor(cube())[index]
        return
    check(index)


# --- beside PyTorch -------------------------------------------------------------------------------

INDICES: list[Callable[[Any], Any]] = [
    lambda lib: (0, slice(None), [0, 1]),  # PyTorch picks the integer's part first, NumPy does not
    lambda lib: (slice(None), 0, lib.tensor([1, 0])),
    lambda lib: lib.tensor(2),
    lambda lib: (lib.tensor([0, 2]), slice(1, None), lib.tensor([1, 0])),
    lambda lib: (..., lib.tensor([[1], [0]])),
    lambda lib: (None, lib.tensor([True, False, True]), None),
    lambda lib: lib.arange(12).reshape(3, 4) % 3 == 0,
    lambda lib: (
        slice(0, 2),
        lib.tensor([[True, False], [False, True], [True, True], [False, False]]),
    ),
    lambda lib: True,
    lambda lib: (False, 1),
    lambda lib: (None, True, 0),
    lambda lib: [],
    lambda lib: [True, False, True],
    lambda lib: (lib.tensor(1), ..., lib.tensor(-1)),
    lambda lib: np.array([2, 0]),
    lambda lib: (range(2), 1),
    lambda lib: slice(lib.tensor(1), None),
    lambda lib: lib.zeros(0, dtype=lib.int64),
]


@pytest.mark.parametrize("index", INDICES)
def test_value_and_gradients_equal_pytorch(index: Callable[[Any], Any]) -> None:
    torch = pytest.importorskip("torch")
    results = []
    for lib in (ag, torch):
        x = lib.tensor(cube().tolist(), dtype=lib.float64, requires_grad=True)
        where = index(lib)
        read = x[where]
        target = x * 1
        target[where] = read.detach() * 2
        target[where] += x.mean()
        loss = (read**3).sum() + (target**3).sum()
        (first,) = lib.autograd.grad(loss, x, create_graph=True)
        (second,) = lib.autograd.grad((first**2).sum(), x)
        results.append([read.tolist(), target.tolist(), first.tolist(), second.tolist()])
        assert isinstance(read.shape, tuple)
    for got, want in zip(*results, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9)


# --- writing --------------------------------------------------------------------------------------


def test_values_are_cast_and_lose_leading_ones() -> None:
    x = ag.zeros(2, 3)
    x[0] = ag.ones(1, 1, 3, dtype=ag.int64)
    x[1] = 2.5
    assert x.tolist() == [[1.0, 1.0, 1.0], [2.5, 2.5, 2.5]] and x.dtype is ag.float32
    whole = ag.zeros(2, dtype=ag.int64)
    whole[0] = 1.7
    assert whole.tolist() == [1, 0]
    x[x > 2] = 0
    assert x.sum().item() == 3


def test_mask_assignment_of_one_value_needs_no_host() -> None:
    """Where the device is the strict stand-in, reading a mask on the host would raise."""
    x = ag.tensor([1.0, -2.0, 3.0], requires_grad=True)
    if x.device.type == "strict":
        from strict_device import no_synchronization as guard
    else:
        from contextlib import nullcontext as guard  # type: ignore[assignment]
    y = x * 1
    with guard():
        y[x < 0] = 0
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 0.0, 1.0]


def test_index_put_accumulates() -> None:
    x = ag.zeros(3)
    values = ag.tensor([1.0, 2.0, 4.0], requires_grad=True)
    x.index_put_((ag.tensor([0, 2, 0]),), values, accumulate=True)
    assert x.tolist() == [5.0, 0.0, 2.0]
    (x * ag.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert values.grad.tolist() == [1.0, 100.0, 1.0]


def test_scatter_and_its_gradient_at_one_place() -> None:
    src = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = ag.zeros(2).scatter(0, ag.tensor([1, 1, 0]), src)
    assert out.tolist() == [3.0, 2.0]
    out.sum().backward()
    assert src.grad.tolist() == [0.0, 1.0, 1.0]
    with pytest.raises(TypeError, match="one of src and value"):
        ag.zeros(2).scatter(0, ag.tensor([0]))
    assert ag.ones(2).scatter_(0, ag.tensor([0]), value=5).tolist() == [5.0, 1.0]


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("index_add_", lambda x: x.index_add_(0, ag.tensor([0, 0]), ag.ones(2, 2), alpha=2)),
        ("scatter_add_", lambda x: x.scatter_add_(0, ag.tensor([[1, 1]]), ag.ones(1, 2))),
        ("index_fill_", lambda x: x.index_fill_(1, ag.tensor([1]), 7)),
        ("index_copy_", lambda x: x.index_copy_(0, ag.tensor([1]), ag.ones(1, 2))),
        ("masked_fill_", lambda x: x.masked_fill_(ag.tensor([True, False]), 3)),
        ("masked_scatter_", lambda x: x.masked_scatter_(ag.tensor([True, False]), ag.ones(2))),
        ("index_put_", lambda x: x.index_put_((None, ag.tensor([0])), ag.tensor(1.0))),
        ("copy_", lambda x: x.copy_(ag.ones(2))),
        ("fill_", lambda x: x.fill_(ag.tensor(2.0))),
        ("zero_", lambda x: x.zero_()),
    ],
)
def test_inplace_variants_write_and_count(name: str, call: Callable[[Any], Any]) -> None:
    x = ag.arange(4.0).reshape(2, 2)
    before, pointer = x.tolist(), x.data_ptr()
    assert call(x) is x
    assert x.tolist() != before and x._version == 1 and x.data_ptr() == pointer


# --- iteration ------------------------------------------------------------------------------------


def test_iteration_and_membership() -> None:
    x = ag.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert [row.tolist() for row in x] == [[1.0, 2.0], [3.0, 4.0]]
    _, second = x
    assert second._base is x
    assert 2.0 in x and 5.0 not in x and ag.tensor([3.0, 0.0]) in x
    with pytest.raises(TypeError, match="no dimensions"):
        iter(ag.tensor(1.0))
    with pytest.raises(TypeError, match="__contains__"):
        assert "a" in x


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (3, "index 3 is out of bounds"),
        ((0, 0, 0, 0), "too many indices"),
        (([0], [0], [0], [0]), "__getitem__: too many indices: 4 for a tensor of 3"),
        ([3], "3"),
        ([-4], "-4"),
        ((slice(None), [4]), "4"),
        (1.0, "__getitem__: a float 1.0 is no index"),
        ([0.5], "__getitem__: a list of float64 is no index"),
        ("a", "is no index"),
        ([True, False], r"a mask of shape \(2,\) does not fit"),
        (([0, 1], [0, 1, 2]), "could not be broadcast|shape mismatch"),
    ],
)
def test_wrong_indices(index: Any, message: str) -> None:
    x = ag.tensor(cube())
    with pytest.raises(IndexError, match=message):
        x[index]
    with pytest.raises((IndexError, RuntimeError)):
        x[index] = 1.0
    assert host(x).tolist() == cube().tolist()


def test_wrong_index_tensors() -> None:
    x = ag.tensor(cube())
    with pytest.raises(IndexError, match="Tensor of float32 is no index"):
        x[ag.tensor([0.0])]
    with pytest.raises(IndexError, match=r"index\.bool\(\) for a mask"):
        x[ag.tensor([0, 1], dtype=ag.uint8)]
    with pytest.raises(IndexError):
        x[ag.tensor([0, 3])]
    with pytest.raises(IndexError, match="empty|size 0"):
        ag.zeros(0)[ag.tensor([0])]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda x: x.index_select(0, ag.tensor([3])), IndexError, "index_select: index 3"),
        (lambda x: x.index_select(0, ag.tensor([-1])), IndexError, "index_select: index -1"),
        (lambda x: x.index_select(0, ag.tensor([0.0])), IndexError, "tensor of integers"),
        (lambda x: x.index_select(0, ag.tensor([[0]])), IndexError, "at most 1 dimension"),
        (lambda x: x.gather(0, ag.tensor([[3]])), IndexError, "gather: index 3"),
        (lambda x: x.gather(0, ag.tensor([0])), RuntimeError, "gather: index of shape"),
        (lambda x: x.gather(0, ag.zeros(1, 5, dtype=ag.int64)), RuntimeError, "no larger"),
        (lambda x: x.scatter(0, ag.tensor([[9]]), 1.0), IndexError, "scatter: index 9"),
        (lambda x: x.scatter(0, ag.tensor([[0]]), ag.ones(1, 1).double()), TypeError, "dtype"),
        (lambda x: x.scatter(0, ag.tensor([[0]]), 1.0, reduce="mean"), ValueError, "reduce"),
        (lambda x: x.scatter_add(0, ag.tensor([[0, 0]]), ag.ones(1, 1)), RuntimeError, "no larger"),
        (
            lambda x: x.index_add(0, ag.tensor([0]), ag.ones(2, 2)),
            RuntimeError,
            "index_add: source",
        ),
        (lambda x: x.index_add(0, ag.tensor([5]), ag.ones(1, 2)), IndexError, "index_add: index 5"),
        (lambda x: x.index_fill(0, ag.tensor([0]), ag.ones(2)), RuntimeError, "no dimensions"),
        (lambda x: x.take(ag.tensor([9])), IndexError, "take"),
        (
            lambda x: x.masked_fill(ag.ones(3, 2), 0),
            TypeError,
            "masked_fill: mask must be a boolean",
        ),
        (lambda x: x.long().masked_fill(x > 0, 0.5), TypeError, "cannot be stored"),
        (lambda x: x.masked_select(ag.ones(3, 2)), TypeError, "mask must be a boolean"),
        (lambda x: x.masked_scatter(x > -1, ag.ones(1)), RuntimeError, "6 places"),
        (lambda x: x.__setitem__(0, [1.0, 2.0]), TypeError, "__setitem__: expected a tensor or a"),
        (lambda x: x.__setitem__(0, ag.ones(3)), RuntimeError, "__setitem__ at"),
        (lambda x: x.__setitem__(0, 1j), TypeError, "__setitem__"),
        (lambda x: x.__setitem__(0, ag.tensor(1j)), TypeError, "__setitem__"),
        (lambda x: x.index_put((ag.tensor([0]),), ag.ones(3)), RuntimeError, "index_put"),
        (lambda x: x.index_put(ag.tensor([0]), ag.ones(2)), TypeError, "tuple of tensors"),
        (lambda x: x.fill_(ag.ones(2)), RuntimeError, "fill_"),
        (lambda x: x.copy_(ag.ones(4)), RuntimeError, "copy_"),
        (lambda x: x.topk(4, 0), RuntimeError, "topk: k=4 of 3"),
        (lambda x: ag.tensor([1j]).sort(), TypeError, "sort: input must be real"),
    ],
)
def test_errors_name_operator_and_what_came(
    call: Callable[[Any], Any], kind: type[Exception], message: str
) -> None:
    x = ag.arange(6.0).reshape(3, 2)
    with pytest.raises(kind, match=message):
        call(x)
    assert x.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]


# --- order ----------------------------------------------------------------------------------------


def test_sort_is_stable_and_puts_nan_last() -> None:
    x = ag.tensor([2.0, float("nan"), 1.0, 2.0, 1.0])
    assert x.sort().indices.tolist() == [2, 4, 0, 3, 1]
    assert x.sort(descending=True).indices.tolist() == [1, 0, 3, 2, 4]
    assert x.argsort(stable=True).tolist() == [2, 4, 0, 3, 1]
    assert x.topk(2).indices.tolist() == [1, 0]
    assert ag.tensor([True, False]).sort().values.tolist() == [False, True]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "int64", "uint8"])
@pytest.mark.parametrize("largest", [True, False])
def test_topk_among_many(dtype: str, largest: bool) -> None:
    numbers = np.random.default_rng(0).permutation(100)
    x = ag.tensor(numbers.reshape(2, 50), dtype=getattr(ag, dtype))
    values, indices = x.topk(3, largest=largest)
    order = np.sort(numbers.reshape(2, 50), 1)
    want = order[:, ::-1][:, :3] if largest else order[:, :3]
    assert values.float().tolist() == want.tolist()
    assert x.gather(1, indices).float().tolist() == want.tolist()
    assert values.dtype is x.dtype and indices.dtype is ag.int64


def test_nonzero() -> None:
    x = ag.tensor([[0, 1], [2, 0]])
    assert x.nonzero().tolist() == ag.argwhere(x).tolist() == [[0, 1], [1, 0]]
    rows, columns = x.nonzero(as_tuple=True)
    assert x[rows, columns].tolist() == [1, 2]
    assert ag.tensor(5).nonzero().shape == (1, 0)
