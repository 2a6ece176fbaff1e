"""Asking for gradients: ``backward`` adds them to leaves, ``grad`` returns them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase, node_of
from autograd_core.engine import walk
from autograd_core.errors import GraphError
from autograd_core.graph import AccumulateGrad
from autograd_core.messages import describe
from autograd_core.registry import REGISTRY
from autograd_core.seeds import seeds_for


def _sequence(value: Any) -> tuple[Any, ...]:
    """The tensors of any iterable (a generator, ``dict.values()``), a dict's keys excepted."""
    if isinstance(value, TensorBase) or not isinstance(value, Iterable):
        return (value,)
    return (value,) if isinstance(value, (Mapping, str)) else tuple(value)


def _gradients(given: Any, number: int, what: str) -> tuple[Any, ...]:
    if given is None:
        return (None,) * number
    gradients = _sequence(given)
    if len(gradients) != number:
        raise GraphError(
            f"{what}: {number} outputs but {len(gradients)} gradients. Mend: pass one for each."
        )
    return gradients


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Add the gradients of ``tensors`` to the ``.grad`` of the leaves they depend on.

    Args:
        tensors: a tensor or an iterable of them.
        grad_tensors: gradient of each; may be None for tensors of one element.
        retain_graph: keep saved values for another walk; default ``create_graph``.
        create_graph: record the walk itself, so that gradients can be differentiated again.
        inputs: accumulate only into these, a tensor or an iterable; default all leaves.

    Raises:
        GraphError: no inputs, no graph, a graph already freed, or a saved value that changed.

    Source: PyTorch, ``torch.autograd.backward``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> ag.autograd.backward((x * x).sum())
        >>> x.grad
        tensor([2., 4.])
    """
    outputs = _sequence(tensors)
    given = grad_tensors if grad_tensors is not None else grad_variables
    keep = create_graph if retain_graph is None else retain_graph
    roots, seeds = seeds_for(
        outputs, _gradients(given, len(outputs), "backward"), create_graph, "backward"
    )
    if inputs is None:
        walk(roots, seeds, keep=keep, create_graph=create_graph, targets=None)
        return
    wanted = _sequence(inputs)
    if not wanted:
        raise GraphError("backward: inputs is empty. Mend: pass tensors, or None for all leaves.")
    nodes = [_input_node(t, "backward") for t in wanted]
    captured = walk(roots, seeds, keep=keep, create_graph=create_graph, targets=set(nodes))
    for tensor, node in dict(zip(wanted, nodes)).items():
        if node in captured:
            grad = captured[node]
            grad = grad if isinstance(grad, TensorBase) else TensorBase._wrap(grad.copy())
            tensor._grad = grad if tensor._grad is None else tensor._grad + grad
            if isinstance(node, AccumulateGrad) and node.hooks is not None:
                for hook in list(node.hooks.accumulated.values()):
                    hook(tensor)


def _input_node(tensor: Any, what: str) -> Any:
    if not isinstance(tensor, TensorBase):
        raise TypeError(f"{what}: inputs must be tensors, not {type(tensor).__name__}")
    node = node_of(tensor)
    if node is None:
        raise GraphError(
            f"{what}: one of the inputs ({describe(tensor)}) does not require grad. "
            f"Mend: requires_grad_() it before computing the output."
        )
    return node


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of the sum of ``outputs`` with respect to ``inputs``; no ``.grad`` is touched.

    Args:
        outputs: a tensor or an iterable of them.
        inputs: a tensor or an iterable of them (``model.parameters()``), leaves or not.
        grad_outputs: gradient of each output; may be None for outputs of one element.
        retain_graph: keep saved values for another walk; default ``create_graph``.
        create_graph: record the walk, so that the results can be differentiated again.
        allow_unused: give None for inputs that no output depends on, instead of raising; default
            ``materialize_grads``.
        is_grads_batched: ``grad_outputs`` have a leading batch dimension; a gradient for each.
        materialize_grads: zeros instead of None for inputs without influence.

    Returns:
        One gradient for each input.

    Raises:
        GraphError: no inputs, an unused one, no graph, a graph already freed, or a saved value that
            changed.

    Source: PyTorch, ``torch.autograd.grad``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor(3.0, requires_grad=True)
        >>> (first,) = ag.autograd.grad(x**3, x, create_graph=True)
        >>> ag.autograd.grad(first, x)
        (tensor(18.),)
    """
    if not only_inputs:
        raise ValueError(
            "grad: only_inputs=False is not supported, as in PyTorch. Mend: use backward()."
        )
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "grad: materialize_grads=True contradicts allow_unused=False. Mend: drop the second."
        )
    allow_unused = materialize_grads if allow_unused is None else allow_unused
    outs, ins = _sequence(outputs), _sequence(inputs)
    if not ins:
        raise GraphError("grad: inputs is empty. Mend: pass tensors; a generator serves only once.")
    keep = create_graph if retain_graph is None else retain_graph
    if is_grads_batched:
        return _batched(
            outs, ins, _sequence(grad_outputs), keep, create_graph, allow_unused, materialize_grads
        )
    roots, seeds = seeds_for(
        outs, _gradients(grad_outputs, len(outs), "grad"), create_graph, "grad"
    )
    nodes = [_input_node(t, "grad") for t in ins]
    captured = walk(roots, seeds, keep=keep, create_graph=create_graph, targets=set(nodes))
    results: list[Any] = []
    for position, (tensor, node) in enumerate(zip(ins, nodes)):
        value = captured.get(node)
        if value is None:
            if not allow_unused:
                raise GraphError(
                    f"grad: input {position} ({describe(tensor)}) was not used to compute the "
                    f"outputs. Mend: allow_unused=True gives None for it, materialize_grads=True "
                    f"zeros."
                )
            results.append(_zeros(tensor) if materialize_grads else None)
        else:
            results.append(value if isinstance(value, TensorBase) else _fresh(value, seeds))
    return tuple(results)


def _zeros(tensor: TensorBase) -> Any:
    array = tensor._array
    backend = backend_of(array)
    return TensorBase._wrap(backend.zeros(array.shape, array.dtype, backend.device_of(array)))


def _fresh(array: Any, seeds: Sequence[Any]) -> Any:
    """A tensor of a computed gradient; copied where the array belongs to someone else too."""
    backend = backend_of(array)
    shared = getattr(array, "base", None) is not None or any(array is s for s in seeds)
    return TensorBase._wrap(backend.array(array) if shared else backend.asarray(array))


def _batched(
    outs: Any,
    ins: Any,
    grads: Any,
    keep: bool,
    create_graph: bool,
    allow_unused: bool,
    materialize: bool,
) -> tuple[Any, ...]:
    size = grads[0].shape[0]
    rows = [
        grad(
            outs,
            ins,
            [g[i] for g in grads],
            retain_graph=keep or i < size - 1,
            create_graph=create_graph,
            allow_unused=allow_unused,
            materialize_grads=materialize,
        )
        for i in range(size)
    ]
    return tuple(
        None if column[0] is None else REGISTRY["stack"].function(list(column))
        for column in zip(*rows)
    )
