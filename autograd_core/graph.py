"""The graph: nodes that remember how a value was made, and the order in which to go back.

A tensor points to its node, a node to the nodes of its operator's inputs and to the arrays that
gradient rules named; never to its own output tensor. So there is no reference cycle, and memory
goes when the last user does. This module knows arrays and nodes, but no tensor.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Collection, Iterable
from functools import cache, lru_cache
from types import CodeType
from typing import Any

from autograd_core.errors import GraphError
from autograd_core.hooks import Hooks, RemovableHandle
from autograd_core.source import here, place, place_and_text
from autograd_core.version import Version


class _WalkedNow(threading.local):
    """The nodes of the backward walk that runs in this thread, the innermost one."""

    nodes: Any = None


walked_now = _WalkedNow()

# Makes a tensor of a saved array and the node it came from; None when rules are fed raw arrays.
Wrap = Callable[[Any, "Node | None"], Any] | None


class NodeHooks:
    """The hooks of one node; most nodes have none and pay one empty slot."""

    def __init__(self) -> None:
        self.tensor = Hooks()  # on the gradient of the node's output
        self.retain: list[Callable[[Any], None]] = []  # where retain_grad() stores it
        self.pre = Hooks()  # node pre-hooks: all output gradients
        self.post = Hooks()  # node hooks: input gradients and output gradients
        self.accumulated = Hooks()  # leaf only: after .grad was updated


class Freed:
    """Stands where saved arrays were, and remembers which backward let them go."""

    __slots__ = ("code", "lasti")

    def __init__(self) -> None:
        self.code, self.lasti = here()


class NoPlan:
    """Of nodes that are no operator's: a leaf, a function of the user's."""

    quick = None
    linked = False


NO_PLAN = NoPlan()


class Node:
    """One recorded operator call.

    Attributes:
        plan: which rules to run, and what they want (see ``op.Plan``).
        inputs: the node of each input, None where no gradient is needed.
        saved: array, version counter and stamp of each saved value, one after the other (see
            ``entries``), or ``Freed``.
        params: the operator's plain arguments (dimensions, shapes, flags).
        shape, dtype: of the output, so that arriving gradients can be fitted to it.
        code, lasti: where in the user's program the operator was called.
    """

    __slots__ = (
        "__weakref__", "code", "dtype", "hooks", "inputs", "lasti", "plan", "saved", "shape",
    )  # fmt: skip

    plan: Any
    inputs: tuple[Node | None, ...]
    saved: Any
    params: tuple[Any, ...] = ()
    shape: tuple[int, ...]
    dtype: Any
    code: CodeType | None
    lasti: int
    hooks: NodeHooks | None
    # Of a node with several outputs: whether it gets zeros (or None) for those without influence.
    materialize_grads: bool = True

    @property
    def operator(self) -> str:
        """The operator's name."""
        return str(self.plan.op.name)

    def name(self) -> str:
        """PyTorch's name for this kind of node, such as ``MulBackward0``."""
        return "".join(part.title() for part in self.operator.split("_")) + "Backward0"

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes of the inputs, each with the number of the output it stands for."""
        return tuple(
            (named(n.inputs[0]), n.index) if isinstance(n, Output) else (named(n), 0)
            for n in self.inputs
        )

    @property
    def place(self) -> str:
        """``file.py:12``: where the operator was called."""
        return place(self.code, self.lasti)

    @property
    def place_and_text(self) -> str:
        """The place with the text of its line."""
        return place_and_text(self.code, self.lasti)

    def register_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(grad_inputs, grad_outputs)`` after this node's rules; it may return new
        grad_inputs."""
        return self.own_hooks().post.add(hook)

    def register_prehook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(grad_outputs)`` before this node's rules; it may return new grad_outputs."""
        return self.own_hooks().pre.add(hook)

    def own_hooks(self) -> NodeHooks:
        """This node's hooks, made on first use."""
        if self.hooks is None:
            self.hooks = NodeHooks()
        return self.hooks

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"

    def pull(self, grad: Any, wrap: Wrap) -> list[Any]:
        """The gradients of the inputs, None where none is needed.

        Args:
            grad: gradient of the output; a list of them where the operator has several outputs.
            wrap: None to feed the rules raw arrays, or how to make tensors of saved arrays.
        """
        plan = self.plan
        values = self.unpack(wrap) if self.saved else []
        if self.params:
            values.extend(self.params)
        if plan.joint is not None:
            rule, wants = plan.joint
            grads: list[Any] = rule(grad, plan.needs, *[values[i] for i in wants])
            return grads
        grads = []
        for call in plan.calls:
            if call is None:
                grads.append(None)
                continue
            rule, wants = call
            number = len(wants)
            if number == 1:
                grads.append(rule(grad, values[wants[0]]))
            elif number == 0:
                grads.append(rule(grad))
            elif number == 2:
                grads.append(rule(grad, values[wants[0]], values[wants[1]]))
            else:
                grads.append(rule(grad, *[values[i] for i in wants]))
        return grads

    def unpack(self, wrap: Wrap) -> list[Any]:
        """The saved values, each checked to be what was saved."""
        saved = self.saved
        if type(saved) is Freed:
            raise GraphError(self._second_backward(saved))
        values: list[Any] = []
        for array, version, stamp in entries(saved):
            if version.count != stamp:
                if version.count < 0:  # kept by saved_tensors_hooks
                    array = array.unpack(self, len(values))
                else:
                    self._check(len(values), array, version, stamp)
            values.append(array)
        if wrap is None:
            return values
        return [wrap(v, self.source(i)) for i, v in enumerate(values)]

    def source(self, index: int) -> Node | None:
        """The node that made saved value ``index``: an input's, or this one for an output that has
        a gradient."""
        origin: int = self.plan.origins[index]
        if origin >= 0:
            return self.inputs[origin]
        op = self.plan.op
        output = -1 - origin
        return self.output_node(output) if op.several or output in op.differentiable else None

    def output_node(self, index: int) -> Node:
        """The node of output ``index``."""
        return Output.of(self, index) if isinstance(self.shape, list) else self

    def value_name(self, index: int) -> str:
        """What saved value ``index`` was to the operator, for messages."""
        return str(self.plan.origin_name(index))

    def release(self, freed: Freed) -> None:
        """Let the saved arrays go; what saved none can be walked again, as in PyTorch."""
        if self.saved:
            self.saved = freed

    def _check(self, index: int, array: Any, version: Version, stamp: Any) -> None:
        state = version.state(array, stamp)
        if state == "same":
            return
        what = self.value_name(index)
        shape = "x".join(map(str, array.shape)) or "0-d"
        value = f"{self.operator} at {self.place_and_text} saved its {what} ({shape} {array.dtype})"
        code, lasti = here()
        if state == "written":
            operator, *written = version.writer or ("an operator", None, 0)
            where = place_and_text(*written)  # type: ignore[arg-type]
            raise GraphError(
                f"one of the values that backward needs was changed in place: {value}; "
                f"{operator} at {where} changed it afterwards; "
                f"backward at {place_and_text(code, lasti)} needs the value as it was. "
                f"Mend: use the out-of-place form of {operator} at {place(*written)}, "  # type: ignore[arg-type]
                f"or change a clone()."
            )
        raise GraphError(
            f"one of the values that backward needs was overwritten outside the engine: {value}; "
            f"its memory is "
            f"shared with an array of yours (from_numpy, as_tensor, numpy() or dlpack), which has "
            f"other content "
            f"now; backward at {place_and_text(code, lasti)} needs the value as it was. "
            f"Mend: give the engine a copy, ag.tensor(array) or array.copy(), or change the array "
            f"after backward."
        )

    def _second_backward(self, freed: Freed) -> str:
        code, lasti = here()
        return (
            f"backward a second time through {self.operator} at {self.place_and_text}: "
            f"the values it saved were freed by the backward at "
            f"{place_and_text(freed.code, freed.lasti)}; "
            f"this one is at {place_and_text(code, lasti)}. "
            f"Mend: pass retain_graph=True to the first backward if you mean to go twice; if not, "
            f"a loss that is "
            f"summed over steps, a hidden state that is carried on without detach(), or two "
            f"losses that share a "
            f"trunk (use (loss1 + loss2).backward()) are the usual causes."
        )


def entries(saved: tuple[Any, ...]) -> Iterable[tuple[Any, Version, Any]]:
    """Array, version counter and stamp of each value in ``Node.saved``, which is one flat tuple:
    a tuple more per value would cost a small graph as much time as the arithmetic."""
    return zip(saved[::3], saved[1::3], saved[2::3])


class ParameterNode(Node):
    """A node of an operator that has plain arguments besides its inputs."""

    __slots__ = ("params",)


@cache
def _class_of(base: type[Node], name: str) -> type[Node]:
    return type(name, (base,), {"__slots__": (), "__module__": base.__module__})


def named(node: Node | None) -> Node | None:
    """``node``, with a class of the name of its kind, ``MulBackward0``: what draws graphs asks.

    Nodes get it when a program looks at them: one class for all is what makes recording quick.
    """
    if type(node) is Node or type(node) is ParameterNode:
        node.__class__ = _class_of(type(node), node.name())  # type: ignore[arg-type]
    return node


class Output(Node):
    """Output ``index`` of a node with several outputs: hands its gradient to that node."""

    __slots__ = ("index",)
    index: int

    @classmethod
    def of(cls, parent: Node, index: int) -> Output:
        """The node of output ``index`` of ``parent``, whose shapes and dtypes are lists."""
        self = cls()
        self.plan = parent.plan
        self.inputs = (parent,)
        self.saved = ()
        self.shape, self.dtype = parent.shape[index], parent.dtype[index]  # type: ignore[assignment]
        self.code, self.lasti, self.hooks = parent.code, parent.lasti, None
        self.index = index
        return self

    @property
    def operator(self) -> str:
        return self.inputs[0].operator  # type: ignore[union-attr]

    def pull(self, grad: Any, wrap: Wrap) -> list[Any]:
        return [grad]


@lru_cache(maxsize=1024)
def _one(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The same tuple for leaves of equal shape, so that ``is`` sees most equal shapes."""
    return shape


class AccumulateGrad(Node):
    """The end of the graph: a leaf tensor, to whose ``.grad`` gradients are added.

    It refers to its tensor weakly, since the tensor refers to it.
    """

    __slots__ = ("_variable",)

    def __init__(self, variable: Any, shape: tuple[int, ...], dtype: Any) -> None:
        self._variable = weakref.ref(variable)
        self.plan = NO_PLAN
        self.inputs = self.saved = ()
        self.shape, self.dtype = _one(shape), dtype
        self.code, self.lasti = here()
        self.hooks = None

    @property
    def variable(self) -> Any:
        """The leaf tensor, or None once it is gone."""
        return self._variable()

    @property
    def operator(self) -> str:
        return "leaf"

    def name(self) -> str:
        return "AccumulateGrad"


def find_users(roots: Iterable[Node]) -> dict[Node, list[Any] | None]:
    """All nodes reachable from ``roots``: None for those with one user, which most are. For the
    others a list: how many users, the gradient so far (None), whether that is a sum that the walk
    made itself, and the shape and dtype that gradients must have.

    A node is ready when all its users have delivered: reverse topological order by counting,
    without recursion. A root counts as used once by the caller.
    """
    users: dict[Node, list[Any] | None] = {}
    stack: list[Node] = []
    nodes: Iterable[Node | None] = roots
    while True:
        follow: tuple[Node | None, ...] = ()
        for node in nodes:
            if node is None:
                continue
            if node in users:
                waiting = users[node]
                if waiting is None:
                    users[node] = [2, None, False, node.shape, node.dtype]
                else:
                    waiting[0] += 1
            else:
                users[node] = None
                if not follow:
                    follow = node.inputs  # (most nodes lead to one other: no need for the stack)
                elif node.inputs:
                    stack.append(node)
        if follow:
            nodes = follow
        elif stack:
            nodes = stack.pop().inputs
        else:
            return users


def nodes_leading_to(targets: set[Node], walked: Collection[Node]) -> set[Node]:
    """Those of the walked nodes from which some target can be reached, targets included."""
    users: dict[Node, list[Node]] = {}
    for node in walked:
        for child in node.inputs:
            if child is not None:
                users.setdefault(child, []).append(node)
    found = targets.intersection(walked)
    stack = list(found)
    while stack:
        for user in users.get(stack.pop(), ()):
            if user not in found:
                found.add(user)
                stack.append(user)
    return found
