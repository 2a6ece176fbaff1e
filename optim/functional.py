"""Optimizers as functions: from parameters, gradients and state to new parameters and new state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from autograd_core.creation import zeros
from autograd_core.optim.optimizer import Optimizer
from autograd_core.tensor import Tensor


class Functional:
    """An optimizer as two functions, `init` and `update`, that change nothing they are given.

    Parameters are a Tensor, or lists, tuples and dicts of Tensors, nested as you like; gradients
    and state have the same structure. What is kept between updates is yours to keep: two runs from
    one state, a step that is tried and given up, or models of an ensemble stacked along a first
    dimension, which optimizers that work element by element update all at once.

    Args:
        optimizer: the optimizer's class. `LBFGS`, `SAM` and the schedule-free ones, whose steps
            need more than gradients, cannot be had this way.
        options: its options. With `differentiable=True` gradients flow from new parameters to old
            ones, to gradients, and to options that are Tensors.

    Raises:
        TypeError: `optimizer` is no class of optimizers, or has a `step` of its own; an option is
            unknown.
        ValueError: an option is out of range.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> params = {"w": ag.tensor([1.0, 2.0], requires_grad=True)}
        >>> adam = optim.Functional(optim.Adam, lr=0.25)
        >>> state = adam.init(params)
        >>> (grad,) = ag.autograd.grad((params["w"] ** 2).sum(), params["w"])
        >>> new, state = adam.update(params, {"w": grad}, state)
        >>> new["w"].tolist(), params["w"].tolist()
        ([0.75, 1.75], [1.0, 2.0])
    """

    def __init__(self, optimizer: type[Optimizer], **options: Any) -> None:
        if not (isinstance(optimizer, type) and issubclass(optimizer, Optimizer)):
            raise TypeError(f"Functional: expected a class of optimizers, got {optimizer!r}")
        if optimizer.step is not Optimizer.step:
            raise TypeError(
                f"Functional: {optimizer.__name__} has a step of its own, which needs more than "
                "gradients; use it as an object"
            )
        self._optimizer = optimizer
        self._options = options
        self._made([zeros(1, 1)])  # so that wrong options are named here

    def init(self, params: Any) -> Any:
        """Return the state to start with.

        Args:
            params: the parameters.

        Returns:
            The same structure, with a dict of Tensors and plain values for each parameter.

        Raises:
            TypeError: there is something else than Tensors.
            ValueError: there are none.
        """
        leaves = [p.detach() for (p,) in _leaves((params,))]
        optimizer = self._made(leaves)
        (group,) = optimizer.param_groups
        return _rebuilt(params, iter([optimizer.init_single(p, group) for p in leaves]))

    def update(self, params: Any, grads: Any, state: Any, **options: Any) -> tuple[Any, Any]:
        """Return the parameters and the state after one step.

        Args:
            params: the parameters.
            grads: their gradients; None for a parameter that shall stay as it is.
            state: what `init` or the last `update` returned.
            options: options that are others in this step, such as `lr`.

        Returns:
            New parameters, which require gradients where the old ones did, and a new state.

        Raises:
            TypeError: there is something else than Tensors, or an option is unknown.
            ValueError: structures differ, or an option is out of range.
        """
        recorded = (self._options | options).get("differentiable", False)
        leaves = _leaves((params, grads, state))
        moved = {}
        for i, (p, grad, entries) in enumerate(leaves):
            if grad is not None:
                copy = p.clone() if recorded else p.detach().clone()
                copy.grad = grad
                moved[i] = copy, {name: _copied(value) for name, value in entries.items()}
        if moved:
            optimizer = self._made([copy for copy, _ in moved.values()], **options)
            optimizer.state = defaultdict(dict, moved.values())
            optimizer.step()
        results = []
        for i, (p, _, entries) in enumerate(leaves):
            if i in moved:
                copy, _ = moved[i]
                copy.grad = None
                if not recorded:
                    copy.requires_grad_(p.requires_grad)
                p, entries = copy, optimizer.state[copy]
            results.append((p, entries))
        return (
            _rebuilt(params, iter([p for p, _ in results])),
            _rebuilt(params, iter([entries for _, entries in results])),
        )

    def _made(self, leaves: list[Tensor], **options: Any) -> Optimizer:
        return self._optimizer(leaves, **(self._options | options))


def _copied(value: Any) -> Any:
    return value.clone() if isinstance(value, Tensor) else value


def _leaves(trees: tuple[Any, ...], where: str = "") -> list[tuple[Any, ...]]:
    """The Tensors of the first tree, in order, each with what the others have in its place."""
    first = trees[0]
    if isinstance(first, Tensor):
        return [trees]
    if isinstance(first, dict):
        keys = list(first)
    elif isinstance(first, (list, tuple)):
        keys = list(range(len(first)))
    else:
        raise TypeError(
            f"Functional: params{where} is a {type(first).__name__}; expected a Tensor, or a list, "
            "tuple or dict of them"
        )
    for tree, name in zip(trees, ("params", "grads", "state")):
        if type(tree) is not type(first) or len(tree) != len(keys):
            raise ValueError(f"Functional: {name}{where} has another structure than params{where}")
        if isinstance(first, dict) and tree.keys() != first.keys():
            raise ValueError(
                f"Functional: {name}{where} has the keys {list(tree)}, but params{where} {keys}"
            )
    return [
        leaf for key in keys for leaf in _leaves(tuple(t[key] for t in trees), f"{where}[{key!r}]")
    ]


def _rebuilt(tree: Any, values: Iterator[Any]) -> Any:
    """A tree of the same structure with other values in the place of its Tensors."""
    if isinstance(tree, Tensor):
        return next(values)
    if isinstance(tree, dict):
        return {key: _rebuilt(entry, values) for key, entry in tree.items()}
    entries = [_rebuilt(entry, values) for entry in tree]
    return type(tree)(*entries) if hasattr(tree, "_fields") else type(tree)(entries)
