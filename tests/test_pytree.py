"""Trees, beside PyTorch's."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_core as ag
from autograd_core import pytree

Point = namedtuple("Point", ["x", "y"])

leaves = st.integers() | st.none() | st.text(max_size=2)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.lists(inner, max_size=3).map(deque)
        | st.tuples(inner, inner).map(lambda pair: Point(*pair))
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3).map(OrderedDict)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3).map(
            lambda d: defaultdict(list, d)
        )
    ),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None)
@given(trees)
def test_trees_are_taken_apart_as_by_pytorch(tree: Any) -> None:
    theirs = pytest.importorskip("torch.utils._pytree")
    flat, form = pytree.tree_flatten(tree)
    assert flat == theirs.tree_flatten(tree)[0] == pytree.tree_leaves(tree)
    assert pytree.tree_unflatten(flat, form) == tree
    again = pytree.tree_unflatten(flat, form)
    assert type(again) is type(tree) and pytree.tree_structure(again) == form
    assert form.num_leaves == len(flat)
    pairs, same = pytree.tree_flatten_with_path(tree)
    expected, _ = theirs.tree_flatten_with_path(tree)
    assert [(pytree.keystr(p), leaf) for p, leaf in pairs] == [
        (theirs.keystr(p), leaf) for p, leaf in expected
    ]
    assert same == form
    assert pytree.tree_map(repr, tree) == theirs.tree_map(repr, tree)


def test_maps() -> None:
    tree = {"w": ag.ones(2), "list": [1, (2.0, None)]}
    doubled = pytree.tree_map_only(ag.Tensor, lambda t: t * 2, tree)
    assert doubled["w"].tolist() == [2, 2] and doubled["list"] == [1, (2.0, None)]
    named = pytree.tree_map_with_path(
        lambda p, a, b: (pytree.keystr(p), a, b), [1, {"k": 2}], [3, {"k": [4]}]
    )
    assert named == [("[0]", 1, 3), {"k": ("[1]['k']", 2, [4])}]
    point = pytree.tree_map(lambda v: v + 1, Point(1, [2]))
    assert point == Point(2, [3]) and isinstance(point, Point)
    assert pytree.tree_map(len, [(1, 2), (3,)], is_leaf=lambda v: isinstance(v, tuple)) == [2, 1]
    assert pytree.tree_all(bool, [1, {"a": 2}]) and not pytree.tree_any(bool, [0, (None,)])
    mixed = pytree.tree_map(lambda a, b: (a, b), {"x": 1, "y": 2}, {"y": 20, "x": 10})
    assert mixed == {"x": (1, 10), "y": (2, 20)}


@pytest.mark.parametrize("other", [[1], (1, 2), {"a": 1}, 3, [1, [2, 3]]])
def test_trees_of_other_forms_are_refused(other: Any) -> None:
    with pytest.raises(ValueError, match="the trees differ in form"):
        pytree.tree_map(lambda a, b: a, [1, (2, 3)], other)
    with pytest.raises(ValueError, match="got 1 leaves for a tree of 3"):
        pytree.tree_unflatten([1], pytree.tree_structure([1, (2, 3)]))
    with pytest.raises(ValueError, match="the trees differ in form"):
        pytree.tree_map(lambda a, b: a, {"a": 1}, {"b": 1})


def test_classes_of_ones_own() -> None:
    class Pair:
        def __init__(self, a: Any, b: Any, name: str) -> None:
            self.a, self.b, self.name = a, b, name

    assert pytree.tree_leaves([Pair(1, 2, "p")])[0].name == "p"
    pytree.register_pytree_node(
        Pair, lambda p: ((p.a, p.b), p.name), lambda parts, name: Pair(*parts, name),
        keys_fn=lambda p: [pytree.GetAttrKey("a"), pytree.GetAttrKey("b")],
    )  # fmt: skip
    made = pytree.tree_map(lambda v: v * 10, [Pair(1, [2], "p")])[0]
    assert (made.a, made.b, made.name) == (10, [20], "p")
    assert [pytree.keystr(p) for p, _ in pytree.tree_flatten_with_path(Pair(1, [2], ""))[0]] == [
        ".a", ".b[0]"
    ]  # fmt: skip
    assert pytree.tree_structure(Pair(1, 2, "p")) != pytree.tree_structure(Pair(1, 2, "q"))
    with pytest.raises(ValueError, match="Pair is a container already"):
        pytree.register_pytree_node(Pair, lambda p: ((), None), lambda parts, _: None)
