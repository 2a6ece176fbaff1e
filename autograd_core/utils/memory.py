"""What a graph keeps alive until backward, and who asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase, node_of
from autograd_core.graph import AccumulateGrad, Freed, Node, entries
from autograd_core.utils.tables import bytes_text, table
from autograd_core.version import CONSTANT


@dataclass
class Kept:
    """What the calls of one operator at one line keep.

    Attributes:
        operator, place: the operator, and ``file.py:12`` in the user's program.
        calls: how many nodes.
        values: how many arrays they refer to.
        bytes: memory that is kept for them alone or first; what several share is counted once.
        leaves: of the values, how many are leaves that require grad: they live anyway (0 bytes).
    """

    operator: str
    place: str
    calls: int = 0
    values: int = 0
    bytes: int = 0
    leaves: int = 0


@dataclass
class SavedReport:
    """What `saved` found.

    Attributes:
        rows: one for each operator and line, the largest first.
        bytes: all of it.
    """

    rows: list[Kept] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        return sum(row.bytes for row in self.rows)

    def __str__(self) -> str:
        head = ["operator", "where", "calls", "values", "of leaves", "memory"]
        lines = [
            [r.operator, r.place, r.calls, r.values, r.leaves, bytes_text(r.bytes)]
            for r in self.rows
        ]
        return table(head, lines, ["", "", "", "", "all", bytes_text(self.bytes)])


def saved(*tensors: Any) -> SavedReport:
    """What the graph that leads to some tensors keeps for their backward.

    Memory that several nodes refer to, or that they see through views, is counted once, with the
    first of them. Leaves that require grad (parameters) live anyway and count as nothing; data
    that the graph keeps, such as a batch that a convolution needs, counts.

    Args:
        tensors: tensors that require grad, such as a loss.

    Returns:
        A report, printed as a table.

    Raises:
        TypeError: something is no tensor.
        ValueError: a tensor does not require grad.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils import memory
        >>> x = ag.ones(1000, 100, requires_grad=True)
        >>> memory.saved(x.exp().sin().sum()).bytes
        400000
    """
    if not tensors:
        raise TypeError("memory.saved: give a tensor that requires grad, such as a loss")
    roots = []
    for tensor in tensors:
        if not isinstance(tensor, TensorBase):
            raise TypeError(f"memory.saved: expected a tensor, got {type(tensor).__name__}")
        node = node_of(tensor)
        if node is None:
            raise ValueError(
                "memory.saved: a tensor does not require grad, so nothing is kept for it"
            )
        roots.append(node)
    nodes = list(reachable(roots))
    seen = {_memory(leaf._array) for leaf in map(_leaf, nodes) if leaf is not None}
    leaves = set(seen)
    rows: dict[tuple[str, str], Kept] = {}
    for node in nodes:
        if not node.saved or isinstance(node.saved, Freed):
            continue
        key = node.operator, node.place
        row = rows.setdefault(key, Kept(*key))
        row.calls += 1
        for array, version, _ in entries(node.saved):
            if version is CONSTANT or not hasattr(array, "nbytes"):
                continue  # a number of the program
            row.values += 1
            memory = _memory(array)
            row.leaves += memory in leaves
            if memory not in seen:
                seen.add(memory)
                row.bytes += memory[1]
    return SavedReport(sorted(rows.values(), key=lambda row: -row.bytes))


def reachable(roots: list[Node]) -> Iterator[Node]:
    """All nodes from which ``roots`` were computed, themselves included, users first."""
    stack, met = list(roots), set(roots)
    while stack:
        node = stack.pop()
        yield node
        for child in node.inputs:
            if child is not None and child not in met:
                met.add(child)
                stack.append(child)


def _leaf(node: Node) -> Any:
    return node.variable if isinstance(node, AccumulateGrad) else None


def _memory(array: Any) -> tuple[int, int]:
    """The piece of memory that an array looks at: its address and size."""
    while getattr(array, "base", None) is not None and hasattr(array.base, "nbytes"):
        array = array.base
    return backend_of(array).data_ptr(array), int(array.nbytes)
