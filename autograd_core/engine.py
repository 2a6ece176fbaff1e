"""The backward walk: from outputs to inputs in reverse topological order, without recursion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import GraphError
from autograd_core.grad_mode import modes
from autograd_core.graph import (
    AccumulateGrad,
    Freed,
    Node,
    Output,
    Wrap,
    find_users,
    nodes_leading_to,
    walked_now,
)
from autograd_core.ops.cast import lying_as
from autograd_core.ops.linking import link
from autograd_core.ops.reduction import sum as sum_of
from autograd_core.ops.shape import reshape
from autograd_core.plan import pass_on


def wrap_saved(array: Any, node: Node | None) -> Any:
    """A tensor of a saved array that stands where the value stood in the graph."""
    if not hasattr(array, "dtype"):
        return array
    tensor = TensorBase._wrap(array)
    if array.dtype.kind not in "biu":
        tensor._node = node
    return tensor


def fit(grad: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Undo what an operator's broadcasting and promotion did: sum to ``shape`` and cast to
    ``dtype``.

    This is the one place where either is undone, so no rule mentions them.
    """
    have = tuple(grad.shape)
    if have != tuple(shape):
        lead = len(have) - len(shape)
        dims = list(range(lead))
        dims += [i + lead for i, n in enumerate(shape) if n == 1 and have[i + lead] != 1]
        if lead < 0 or any(n != have[i + lead] and n != 1 for i, n in enumerate(shape)):
            raise GraphError(
                f"a gradient of shape {have} arrived for a value of shape {tuple(shape)}. "
                f"Mend: a gradient has the shape of the value, or one that broadcasting made of it."
            )
        if dims:
            grad = sum_of(grad, dims, True)
        if lead:
            grad = reshape(grad, tuple(shape))
    recorded = isinstance(grad, TensorBase)
    have_dtype = (grad._array if recorded else grad).dtype
    if have_dtype != dtype:
        if have_dtype.kind == "c" and dtype.kind != "c":
            grad = grad.real
        grad = grad._cast(dtype) if recorded else grad.astype(dtype, copy=False)
    return grad


def _add(waiting: list[Any], share: Any) -> None:
    """Count one user of a node with several, and add its share to the gradient so far."""
    waiting[0] -= 1
    if share is None:
        return
    have = waiting[1]
    if have is None or type(share) is list:  # (the list of output gradients is added to in place)
        waiting[1] = share
    elif waiting[2]:
        have += share  # a sum made here is no one else's
        waiting[1] = have
    else:
        waiting[1] = have + share
        waiting[2] = not isinstance(share, TensorBase)


def _slots(share: Any, output: Output, parent: Node, waiting: list[Any] | None) -> list[Any]:
    """The list of output gradients of ``parent``, with ``share`` put in its place."""
    slots = (
        waiting[1] if waiting is not None and waiting[1] is not None else [None] * len(parent.shape)
    )
    have = slots[output.index]
    slots[output.index] = share if have is None else have + share
    return slots


def _copy(grad: Any) -> Any:
    recorded = isinstance(grad, TensorBase)
    return grad.clone() if recorded else backend_of(grad).array(grad)


class Walk:
    """One backward walk.

    Args:
        keep: leave saved values in place (retain_graph).
        wrap: None to compute on raw arrays; ``wrap_saved`` to record the walk itself
            (create_graph).
        targets: only gradients of these nodes are wanted; None for all leaves.
    """

    def __init__(self, keep: bool, wrap: Wrap, targets: set[Node] | None) -> None:
        self.keep = keep
        self.wrap = wrap
        self.targets = targets
        self.captured: dict[Node, Any] = {}
        self.freed = Freed()
        self.anomaly = modes.anomaly

    def run(self, roots: Sequence[Node], seeds: Sequence[Any]) -> None:
        """Walk from ``roots``, whose gradients are ``seeds`` (arrays, or tensors if ``wrap``).

        A node with one user is ready as soon as that user has run; one with several waits in
        ``users`` until all have delivered. Most nodes have one, and cost no bookkeeping.
        """
        users, wanted = self._prepare(roots)
        ready: list[tuple[Node, Any]] = []
        for root, seed in zip(roots, seeds):
            # The seed is the caller's: a leaf must not take it for its own .grad.
            share = seed if root.inputs else _copy(seed)
            if wanted is not None and root not in wanted:
                continue
            waiting = users[root] or [1, None, False]
            _add(waiting, share)
            if waiting[0] == 0:
                ready.append((root, waiting[1]))
        wrap = self.wrap
        # Most nodes of most walks: an elementwise operator, no hooks, no one looking.
        plain = wrap is None and self.anomaly is None and wanted is None
        while ready:
            node, grad = ready.pop()
            if plain and grad is not None:
                if type(node) is Node:
                    node, grad = self._chain(node, grad, users, ready)
                    if node is None:
                        continue
                elif type(node) is AccumulateGrad and node.hooks is None:
                    self._accumulate(node, grad)
                    continue
            results = [None] * len(node.inputs) if grad is None else self._visit(node, grad)
            for child, share in zip(node.inputs, results):
                if child is None or (wanted is not None and child not in wanted):
                    continue
                waits = users[child]
                if share is not None:
                    array = share if wrap is None else share._array
                    if array.shape != child.shape or array.dtype is not child.dtype:
                        if type(node) is Output:  # the shape of its child is a list of shapes
                            share = _slots(share, node, child, waits)
                        else:
                            share = fit(share, child.shape, child.dtype)
                    elif share is grad and not child.inputs:
                        share = _copy(share)
                if waits is None:
                    ready.append((child, share))
                else:
                    _add(waits, share)
                    if waits[0] == 0:
                        ready.append((child, waits[1]))

    def _chain(
        self,
        node: Any,
        grad: Any,
        users: dict[Node, list[Any] | None],
        ready: list[tuple[Node, Any]],
    ) -> tuple[Any, Any]:
        """Follow elementwise nodes without hooks, on raw arrays, as long as one leads to the next.

        This is `run` for what most of a small graph consists of, without the questions that these
        nodes need not be asked. Returns the node at which it stopped and its gradient, or None.
        """
        keep, freed = self.keep, self.freed
        while node.hooks is None and (quick := (plan := node.plan).quick) is not None:
            saved = node.saved
            if saved:
                try:
                    shares = quick(saved, grad)
                except TypeError:  # ``Freed`` is no tuple
                    shares = None
                if shares is None:  # freed, or perhaps changed: this raises, or knows better
                    shares = node.pull(grad, None)
                if not keep:
                    node.saved = freed
            else:
                shares = (grad, grad) if quick is pass_on else quick(saved, grad)
            follow = passed = None
            position, minus = 0, False  # (quicker than zip)
            for child in node.inputs:
                if child is not None:
                    share = shares[position]
                    # (What is handed on has the node's own dtype, which is quicker to ask for.)
                    dtype = node.dtype if share is grad else share.dtype
                    waiting = users[child]
                    if waiting is not None:
                        if dtype is not waiting[4] or (
                            node.shape is not waiting[3] and share.shape != waiting[3]
                        ):
                            share = fit(share, waiting[3], waiting[4])
                        if waiting[2]:
                            waiting[0] -= 1
                            if minus:
                                waiting[1] -= share
                            else:
                                waiting[1] += share
                        elif minus:
                            _add(waiting, -share)
                        else:
                            _add(waiting, _copy(share) if share is grad else share)
                        if not waiting[0]:
                            ready.append((child, waiting[1]))
                    else:
                        if dtype is not child.dtype or (
                            node.shape is not child.shape and share.shape != child.shape
                        ):
                            share = fit(share, child.shape, child.dtype)
                        if minus:
                            share = -share
                        if not child.inputs:
                            # A leaf's .grad is its own.
                            ready.append((child, _copy(share) if share is grad else share))
                        elif follow is None:
                            follow, passed = child, share
                        else:
                            ready.append((child, share))
                position, minus = 1, plan.negates  # of one or two inputs
            if follow is None:
                return None, None
            node, grad = follow, passed
        return node, grad

    def _prepare(
        self, roots: Sequence[Node]
    ) -> tuple[dict[Node, list[Any] | None], set[Node] | None]:
        """All nodes with what is known of their users, and (if there are targets) the nodes that
        lead to one."""
        users = find_users(roots)
        self.wanted = None if self.targets is None else nodes_leading_to(self.targets, users)
        walked_now.nodes = users if self.wanted is None else self.wanted
        return users, self.wanted

    def _visit(self, node: Node, grad: Any) -> Sequence[Any]:
        """Everything that can happen at a node besides running its rules."""
        if node.hooks is not None:
            grad = self._before(node, grad)
        if self.targets is not None and node in self.targets:
            self.captured[node] = grad
        if not node.inputs:
            if isinstance(node, AccumulateGrad) and self.targets is None:
                self._accumulate(node, grad)
            return ()
        if self.wanted is not None and not any(n in self.wanted for n in node.inputs):
            return ()
        if isinstance(grad, list):
            grad = self._filled(node, grad)
        results: Sequence[Any] = node.pull(grad, self.wrap)
        if self.wrap is not None and node.plan.linked:
            results = link(results, node)
        if node.hooks is not None and node.hooks.post:
            results = self._after(node, results, grad)
        if self.anomaly is not None:
            self._check(node, results)
        if not self.keep and node.saved:
            node.release(self.freed)
        return results

    def _filled(self, node: Node, grads: list[Any]) -> list[Any]:
        """Zeros for outputs that had no influence."""
        if not node.materialize_grads:
            return grads
        given = next(g for g in grads if g is not None)
        array = given._array if isinstance(given, TensorBase) else given
        xp = backend_of(array).xp
        for i, grad in enumerate(grads):
            if grad is None and node.shape[i] is not None:
                zeros = xp.zeros(node.shape[i], node.dtype[i])
                grads[i] = zeros if self.wrap is None else TensorBase._wrap(zeros)
        return grads

    def _accumulate(self, node: AccumulateGrad, grad: Any) -> None:
        leaf = node.variable
        if leaf is None:
            return
        have = leaf._grad
        if have is None:
            # What may be someone else's memory too (a view, or what a hook has seen) is copied.
            array = grad if self.wrap is None else grad._array
            if node.hooks is not None or getattr(array, "base", None) is not None:
                grad = _copy(grad)
            # As the leaf lies, so that `p.grad.view(-1)` works.
            grad = lying_as(grad, leaf._array)
        if self.wrap is not None:
            leaf._grad = grad if have is None else have + grad
        elif have is None:
            backend = backend_of(grad)
            leaf._grad = TensorBase._wrap(
                grad if type(grad) is backend.array_type else backend.asarray(grad)
            )
        elif have._node is not None:
            leaf._grad = TensorBase._wrap(have._array + grad)
        else:
            if have._array.shape != grad.shape:
                raise GraphError(
                    f"the .grad already there has shape {have._array.shape}, the new gradient "
                    f"{grad.shape}. "
                    f"Mend: set .grad to None, or to a tensor of the leaf's shape."
                )
            have._array += grad
            have._mutated("backward")
        if node.hooks is not None:
            for hook in list(node.hooks.accumulated.values()):
                hook(leaf)

    # Hooks always see tensors; between hooks and rules the walk keeps its own kind of value.

    def _tensor(self, grad: Any) -> Any:
        if grad is None or isinstance(grad, TensorBase):
            return grad
        return TensorBase._wrap(backend_of(grad).asarray(grad))

    def _value(self, grad: Any) -> Any:
        return grad._array if self.wrap is None and isinstance(grad, TensorBase) else grad

    def _before(self, node: Node, grad: Any) -> Any:
        hooks = node.hooks
        assert hooks is not None
        if not isinstance(grad, list):
            for hook in list(hooks.tensor.values()):
                changed = hook(self._tensor(grad))
                if changed is not None:
                    grad = self._value(_like(changed, node))
            for store in hooks.retain:
                store(self._tensor(grad))
        if hooks.pre:
            outputs = grad if isinstance(grad, list) else [grad]
            for hook in list(hooks.pre.values()):
                changed = hook(tuple(self._tensor(g) for g in outputs))
                if changed is not None:
                    outputs = [self._value(g) for g in _tuple(changed)]
            grad = outputs if isinstance(grad, list) else outputs[0]
        return grad

    def _after(self, node: Node, results: Sequence[Any], grad: Any) -> Sequence[Any]:
        outputs = tuple(self._tensor(g) for g in (grad if isinstance(grad, list) else [grad]))
        for hook in list(node.hooks.post.values()):  # type: ignore[union-attr]
            changed = hook(tuple(self._tensor(g) for g in results), outputs)
            if changed is not None:
                results = [self._value(g) for g in _tuple(changed)]
        return results

    def _check(self, node: Node, results: Sequence[Any]) -> None:
        arrays = [g._array if isinstance(g, TensorBase) else g for g in results]
        assert self.anomaly is not None
        self.anomaly(node, None, [a for a in arrays if a is not None])


def _tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _like(grad: Any, node: Node) -> Any:
    if not isinstance(grad, TensorBase):
        raise TypeError(f"a tensor hook must return a Tensor or None, not {type(grad).__name__}")
    if tuple(grad._array.shape) != tuple(node.shape):
        raise GraphError(
            f"a hook returned a gradient of shape {tuple(grad._array.shape)} for a value of shape "
            f"{tuple(node.shape)}"
        )
    return grad


def walk(
    roots: Sequence[Node],
    seeds: Sequence[Any],
    *,
    keep: bool,
    create_graph: bool,
    targets: set[Node] | None,
) -> dict[Node, Any]:
    """Run one walk with the recording mode it needs; returns the captured gradients of
    ``targets``."""
    run = Walk(keep, wrap_saved if create_graph else None, targets)
    before, outer = modes.grad, walked_now.nodes
    modes.grad = create_graph
    try:
        run.run(roots, seeds)
    finally:
        modes.grad, walked_now.nodes = before, outer
    return run.captured
