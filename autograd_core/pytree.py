"""Trees: values nested in lists, tuples, dicts and their like, taken apart and put together.

A leaf is whatever is not one of these containers: a tensor, a number, a string, None. Dicts keep
the order of their keys. Classes of one's own become containers by `register_pytree_node`.

Source: PyTorch, ``torch.utils.pytree``.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[Any, ...]


@dataclass(frozen=True)
class SequenceKey:
    """A place in a list or tuple."""

    idx: int

    def __str__(self) -> str:
        return f"[{self.idx!r}]"


@dataclass(frozen=True)
class MappingKey:
    """A key of a dict."""

    key: Any

    def __str__(self) -> str:
        return f"[{self.key!r}]"


@dataclass(frozen=True)
class GetAttrKey:
    """A field of a named tuple, or an attribute."""

    name: str

    def __str__(self) -> str:
        return f".{self.name}"


@dataclass(frozen=True)
class Container:
    """How a class of containers is taken apart and put together.

    Attributes:
        flatten: from a container to the list of its parts, and what else is needed.
        unflatten: from parts and what else is needed to a container.
        keys: from a container to the key of each part.
    """

    flatten: Callable[[Any], tuple[list[Any], Any]]
    unflatten: Callable[[Iterable[Any], Any], Any]
    keys: Callable[[Any], list[Any]]


def _places(value: Any) -> list[Any]:
    return [SequenceKey(i) for i in range(len(value))]


def _mapping(make: Callable[[Any, Any], Any], extra: Callable[[Any], Any]) -> Container:
    return Container(
        lambda d: (list(d.values()), (list(d), extra(d))),
        lambda parts, context: make(zip(context[0], parts, strict=True), context[1]),
        lambda d: [MappingKey(key) for key in d],
    )


_NAMED = Container(
    lambda t: (list(t), type(t)),
    lambda parts, kind: kind(*parts),
    lambda t: [GetAttrKey(name) for name in t._fields],
)
_CONTAINERS: dict[type, Container] = {
    list: Container(lambda v: (list(v), None), lambda parts, _: list(parts), _places),
    tuple: Container(lambda v: (list(v), None), lambda parts, _: tuple(parts), _places),
    deque: Container(
        lambda v: (list(v), v.maxlen), lambda parts, longest: deque(parts, longest), _places
    ),
    dict: _mapping(lambda pairs, _: dict(pairs), lambda d: None),
    OrderedDict: _mapping(lambda pairs, _: OrderedDict(pairs), lambda d: None),
    defaultdict: _mapping(
        lambda pairs, default: defaultdict(default, pairs), lambda d: d.default_factory
    ),
}


def register_pytree_node(
    cls: type,
    flatten_fn: Callable[[Any], tuple[Iterable[Any], Any]],
    unflatten_fn: Callable[[Iterable[Any], Any], Any],
    *,
    keys_fn: Callable[[Any], list[Any]] | None = None,
) -> None:
    """Make a class a container.

    Args:
        cls: the class; its subclasses stay leaves.
        flatten_fn: from an object to its parts, and what else is needed (compared by ``==``).
        unflatten_fn: from parts and what else is needed to an object.
        keys_fn: from an object to the key of each part, for paths; default their places.

    Raises:
        ValueError: the class is a container already.

    Source: PyTorch, ``torch.utils.pytree.register_pytree_node``.
    """
    if cls in _CONTAINERS:
        raise ValueError(f"register_pytree_node: {cls.__name__} is a container already")

    def flatten(value: Any) -> tuple[list[Any], Any]:
        parts, context = flatten_fn(value)
        return list(parts), context

    _CONTAINERS[cls] = Container(
        flatten, unflatten_fn, keys_fn or (lambda value: _places(flatten(value)[0]))
    )


def _container_of(value: Any) -> Container | None:
    kind = type(value)
    found = _CONTAINERS.get(kind)
    if found is None and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _NAMED
    return found


@dataclass(frozen=True)
class TreeSpec:
    """The form of a tree: its containers, without the leaves.

    Attributes:
        type: the class of the container; None for a leaf.
        context: what else it needs to be put together.
        children: the forms of its parts.
    """

    type: type | None
    context: Any
    children: tuple[TreeSpec, ...]

    @property
    def num_leaves(self) -> int:
        """How many leaves there are."""
        if self.type is None:
            return 1
        return sum(child.num_leaves for child in self.children)


_LEAF = TreeSpec(None, None, ())
IsLeaf = Callable[[Any], bool] | None


def tree_flatten(tree: Any, is_leaf: IsLeaf = None) -> tuple[list[Any], TreeSpec]:
    """The leaves in order, and the form that `tree_unflatten` needs.

    Args:
        tree: values nested in containers.
        is_leaf: whether something is to be taken for a leaf, even if it is a container.

    Example:
        >>> from autograd_core.pytree import tree_flatten, tree_unflatten
        >>> leaves, form = tree_flatten({"a": [1, 2], "b": (3, None)})
        >>> leaves
        [1, 2, 3, None]
        >>> tree_unflatten([leaf is None for leaf in leaves], form)
        {'a': [False, False], 'b': (False, True)}
    """
    leaves: list[Any] = []
    return leaves, _flatten(tree, is_leaf, leaves)


def _flatten(tree: Any, is_leaf: IsLeaf, leaves: list[Any]) -> TreeSpec:
    container = None if is_leaf is not None and is_leaf(tree) else _container_of(tree)
    if container is None:
        leaves.append(tree)
        return _LEAF
    parts, context = container.flatten(tree)
    return TreeSpec(type(tree), context, tuple(_flatten(part, is_leaf, leaves) for part in parts))


def tree_unflatten(leaves: Iterable[Any], treespec: TreeSpec) -> Any:
    """The tree of a form with these leaves.

    Raises:
        ValueError: there are more or fewer leaves than the form has.
    """
    given = list(leaves)
    if len(given) != treespec.num_leaves:
        raise ValueError(
            f"tree_unflatten: got {len(given)} leaves for a tree of {treespec.num_leaves}"
        )
    return _unflatten(iter(given), treespec)


def _unflatten(leaves: Iterator[Any], form: TreeSpec) -> Any:
    if form.type is None:
        return next(leaves)
    parts = [_unflatten(leaves, child) for child in form.children]
    return _CONTAINERS.get(form.type, _NAMED).unflatten(parts, form.context)


def tree_leaves(tree: Any, is_leaf: IsLeaf = None) -> list[Any]:
    """The leaves in order."""
    return tree_flatten(tree, is_leaf)[0]


def tree_structure(tree: Any, is_leaf: IsLeaf = None) -> TreeSpec:
    """The form of a tree; two trees are of one form if these are equal."""
    return tree_flatten(tree, is_leaf)[1]


def tree_map(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: IsLeaf = None) -> Any:
    """A tree of the same form, whose leaves are what ``func`` returns.

    Args:
        func: gets a leaf, and what is at its place in each of ``rests``.
        tree: the tree.
        rests: trees of the same form, or with more below its leaves.
        is_leaf: whether something is to be taken for a leaf.

    Raises:
        ValueError: a tree in ``rests`` is of another form.

    Source: PyTorch, ``torch.utils.pytree.tree_map``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.pytree import tree_map
        >>> tree_map(lambda a, b: a + b, {"x": 1, "y": [2]}, {"x": 10, "y": [20]})
        {'x': 11, 'y': [22]}
    """
    leaves, form = tree_flatten(tree, is_leaf)
    columns = [leaves, *(_flatten_up_to(rest, form) for rest in rests)]
    return tree_unflatten([func(*row) for row in zip(*columns, strict=True)], form)


def _flatten_up_to(tree: Any, form: TreeSpec) -> list[Any]:
    """What is in ``tree`` at the leaves of ``form``."""
    if form.type is None:
        return [tree]
    container = _container_of(tree)
    parts: list[Any] = []
    context: Any = None
    if container is not None:
        parts, context = container.flatten(tree)
    same = type(tree) is form.type and len(parts) == len(form.children)
    if same and form.type in (dict, OrderedDict, defaultdict):
        same = set(context[0]) == set(form.context[0])
        parts = [tree[key] for key in form.context[0]] if same else []
    if not same:
        raise ValueError(
            f"tree_map: the trees differ in form: {type(tree).__name__} of {len(parts)} where the"
            f" first has {form.type.__name__} of {len(form.children)}"
        )
    found: list[Any] = []
    for part, child in zip(parts, form.children):
        found.extend(_flatten_up_to(part, child))
    return found


def tree_map_only(
    types: type | tuple[type, ...], func: Callable[[Any], Any], tree: Any, is_leaf: IsLeaf = None
) -> Any:
    """`tree_map` of the leaves of some types; the others stay."""
    return tree_map(lambda x: func(x) if isinstance(x, types) else x, tree, is_leaf=is_leaf)


def tree_all(pred: Callable[[Any], bool], tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether ``pred`` holds for every leaf."""
    return all(map(pred, tree_leaves(tree, is_leaf)))


def tree_any(pred: Callable[[Any], bool], tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether ``pred`` holds for some leaf."""
    return any(map(pred, tree_leaves(tree, is_leaf)))


def tree_flatten_with_path(
    tree: Any, is_leaf: IsLeaf = None
) -> tuple[list[tuple[Path, Any]], TreeSpec]:
    """Pairs of a path and a leaf, and the form of the tree.

    Example:
        >>> from autograd_core.pytree import keystr, tree_flatten_with_path
        >>> pairs, form = tree_flatten_with_path({"a": [1, 2]})
        >>> [(keystr(path), leaf) for path, leaf in pairs]
        [("['a'][0]", 1), ("['a'][1]", 2)]
    """
    pairs = list(_with_paths(tree, is_leaf, ()))
    return pairs, tree_structure(tree, is_leaf)


def _with_paths(tree: Any, is_leaf: IsLeaf, path: Path) -> Iterator[tuple[Path, Any]]:
    container = None if is_leaf is not None and is_leaf(tree) else _container_of(tree)
    if container is None:
        yield path, tree
        return
    for key, part in zip(container.keys(tree), container.flatten(tree)[0], strict=True):
        yield from _with_paths(part, is_leaf, (*path, key))


def tree_map_with_path(
    func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: IsLeaf = None
) -> Any:
    """`tree_map` with a function that gets the path first."""
    pairs, form = tree_flatten_with_path(tree, is_leaf)
    columns = [_flatten_up_to(rest, form) for rest in rests]
    values = [func(*pair, *row) for pair, *row in zip(pairs, *columns, strict=True)]
    return tree_unflatten(values, form)


def keystr(path: Path) -> str:
    """A path as it would be written behind a variable: ``['a'][0].weight``."""
    return "".join(map(str, path))
