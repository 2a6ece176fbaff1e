"""Links between a recorded gradient and what its rule depends on only from piece to piece."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.graph import Node
from autograd_core.op import Op

Kinds = tuple[tuple[tuple[int, ...], Any], ...]


def _zeros(g: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    recorded = isinstance(g, TensorBase)
    zeros = backend_of(g._array if recorded else g).xp.zeros(shape, dtype)
    return TensorBase._wrap(zeros) if recorded else zeros


def _rule(g: Any, needs: Any, kinds: Kinds) -> list[Any]:
    return [g, *[_zeros(g, *kind) for kind in kinds]]


_link = Op(
    "link", lambda xp, inputs, kinds: inputs[0], joint=_rule, variadic=True, keeps_order=True
)


def link(gradients: Sequence[Any], node: Node) -> list[Any]:
    """The gradients of an operator's inputs, each with a derivative of zero for every input.

    Where the rules are of the result, as that of relu is, the derivative is with respect to the
    result, so that it is linked in turn, and there are derivatives of every order.

    Args:
        gradients: tensors, as a recorded rule gave them; None where none is needed.
        node: the operator's.
    """
    plan = node.plan
    sources = (node,) if plan.op.single and plan.save_outputs else node.inputs
    nodes = [source for source in sources if source is not None]
    kinds = tuple([(node.shape, node.dtype) for node in nodes])

    def linked(gradient: Any) -> Any:
        if gradient is None:
            return None
        inputs = [gradient]
        for source in nodes:  # nothing is wanted but its place in the graph
            inputs.append(TensorBase._wrap(gradient._array))
            inputs[-1]._node = source
        return _link(inputs, kinds)

    return [linked(gradient) for gradient in gradients]
