"""Tools for looking at the graph and hooking into it: ``autograd_core.autograd.graph``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd_core.autograd.saved_hooks import (
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)
from autograd_core.base import node_of
from autograd_core.graph import Node, Output, walked_now
from autograd_core.hooks import RemovableHandle

__all__ = [
    "GradientEdge", "Node", "disable_saved_tensors_hooks", "get_gradient_edge",
    "register_multi_grad_hook", "save_on_cpu", "saved_tensors_hooks",
]  # fmt: skip


class GradientEdge(NamedTuple):
    """Where a tensor's gradient arrives: a node, and the number of its output."""

    node: Node
    output_nr: int


def get_gradient_edge(tensor: Any) -> GradientEdge:
    """The edge at which the gradient of ``tensor`` arrives.

    Raises:
        RuntimeError: the tensor does not require grad.

    Source: PyTorch, ``torch.autograd.graph.get_gradient_edge``.

    Example:
        >>> import autograd_core as ag
        >>> y = ag.ones(1, requires_grad=True) * 2
        >>> ag.autograd.graph.get_gradient_edge(y).node.name()
        'MulBackward0'
    """
    node = node_of(tensor)
    if node is None:
        raise RuntimeError(
            "get_gradient_edge: the tensor does not require grad. Mend: requires_grad_() first."
        )
    if isinstance(node, Output):
        return GradientEdge(node.inputs[0], node.index)  # type: ignore[arg-type]
    return GradientEdge(node, 0)


class _Handles:
    """Removes several hooks at once."""

    def __init__(self, handles: Sequence[RemovableHandle]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        """Take all the hooks out; a second call does nothing."""
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> _Handles:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()


def register_multi_grad_hook(
    tensors: Sequence[Any], fn: Callable[[Any], None], *, mode: str = "all"
) -> _Handles:
    """Call ``fn`` when the gradients of several tensors are known.

    Args:
        tensors: tensors that require grad.
        fn: with ``mode="all"`` called once per backward with the list of all gradients, None
            for tensors that this backward does not reach; with ``mode="any"`` called with the first
            one.
        mode: ``"all"`` or ``"any"``.

    Returns:
        A handle whose ``remove()`` takes the hooks out.

    Raises:
        ValueError: an unknown mode.

    Source: PyTorch, ``torch.autograd.graph.register_multi_grad_hook``.

    Example:
        >>> import autograd_core as ag
        >>> a = ag.ones(1, requires_grad=True)
        >>> b = ag.ones(1, requires_grad=True)
        >>> handle = ag.autograd.graph.register_multi_grad_hook((a, b), print)
        >>> (a * 2 + b * 3).sum().backward()
        [tensor([2.]), tensor([3.])]
    """
    if mode not in ("all", "any"):
        raise ValueError(f'register_multi_grad_hook: mode must be "all" or "any", got {mode!r}')
    nodes = [node_of(tensor) for tensor in tensors]
    # Of the backward that runs now: its nodes, and the gradients so far.
    state: dict[str, Any] = {"walk": None, "grads": {}}

    def hook(index: int, grad: Any) -> None:
        walk = walked_now.nodes
        if state["walk"] is not walk:
            state["walk"], state["grads"] = walk, {}
        grads = state["grads"]
        grads[index] = grad
        expected = 1 if mode == "any" else sum(node in walk for node in nodes)
        if len(grads) != expected:
            return
        fn(grad if mode == "any" else [grads.get(i) for i in range(len(nodes))])
        if mode == "all":
            state["walk"], state["grads"] = None, {}

    def hook_of(index: int) -> Callable[[Any], None]:
        return lambda grad: hook(index, grad)

    return _Handles([t.register_hook(hook_of(i)) for i, t in enumerate(tensors)])
