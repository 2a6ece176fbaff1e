"""Where a walk begins: the nodes of the outputs, and the gradients to start with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase, node_of
from autograd_core.engine import fit
from autograd_core.errors import GraphError
from autograd_core.graph import Node
from autograd_core.messages import describe


def seeds_for(
    tensors: Sequence[TensorBase], gradients: Sequence[Any], create_graph: bool, what: str
) -> tuple[list[Node], list[Any]]:
    """The nodes of the outputs and the gradients to start with: given ones, or 1 for a single
    element."""
    roots, seeds = [], []
    for tensor, gradient in zip(tensors, gradients):
        node = node_of(tensor)
        if node is None:
            raise GraphError(
                f"{what}: the tensor ({describe(tensor)}) does not require grad and has no graph. "
                f"Mend: make its inputs with requires_grad=True, and compute it outside no_grad() "
                f"and detach()."
            )
        array = tensor._array
        if gradient is None:
            if array.size != 1:
                raise GraphError(
                    f"{what}: the output has shape {tuple(array.shape)}; only a single element "
                    f"has a gradient "
                    f"without further ado. Mend: reduce it with .sum() or .mean(), or pass "
                    f"gradient=ag.ones_like(output)."
                )
            if array.dtype.kind == "c":
                raise GraphError(
                    f"{what}: a complex output needs an explicit gradient. Mend: use output.real "
                    f"or pass gradient=."
                )
            gradient = TensorBase._wrap(backend_of(array).xp.ones(array.shape, array.dtype))
        elif not isinstance(gradient, TensorBase):
            raise TypeError(
                f"{what}: gradient must be a Tensor or None, not {type(gradient).__name__}"
            )
        elif tuple(gradient._array.shape) != tuple(array.shape):
            raise GraphError(
                f"{what}: gradient has shape {tuple(gradient._array.shape)}, the output "
                f"{tuple(array.shape)}. "
                f"Mend: they must be equal."
            )
        seed = gradient if create_graph else gradient._array
        if gradient._array.dtype != array.dtype:
            seed = fit(seed, array.shape, array.dtype)
        roots.append(node)
        seeds.append(seed)
    return roots, seeds
