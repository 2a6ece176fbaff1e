"""Pictures of graphs: what a loss was computed from, or how the modules of a model connect."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograd_core.base import TensorBase, node_of
from autograd_core.generator import fork_rng
from autograd_core.grad_mode import enable_grad
from autograd_core.graph import AccumulateGrad, Node, Output
from autograd_core.utils.layout import svg_of
from autograd_core.utils.memory import reachable
from autograd_core.utils.watching import tensors_in, watching


@dataclass
class Box:
    """One box of a picture.

    Attributes:
        lines: its text; the first line is its name.
        kind: ``"operator"``, ``"module"``, ``"parameter"``, ``"input"`` or ``"output"``.
    """

    lines: list[str]
    kind: str


@dataclass
class Drawing:
    """A graph to look at: in a notebook it shows itself.

    Attributes:
        boxes: the boxes by a key of their own, inputs before what is computed from them.
        arrows: pairs of keys, from where a value comes to where it goes.
    """

    boxes: dict[Any, Box] = field(default_factory=dict)
    arrows: dict[tuple[Any, Any], None] = field(default_factory=dict)

    def dot(self) -> str:
        """The graph in the language of Graphviz."""
        number = {key: i for i, key in enumerate(self.boxes)}
        lines = ["digraph {", "  node [shape=box, fontname=Helvetica];"]
        for key, box in self.boxes.items():
            label = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in box.lines)
            style = {"module": "bold", "parameter": "dashed"}.get(box.kind, "solid")
            lines.append(f'  n{number[key]} [label="{label}", style={style}];')
        lines += [f"  n{number[a]} -> n{number[b]};" for a, b in self.arrows]
        return "\n".join([*lines, "}"]) + "\n"

    def svg(self) -> str:
        """The graph as a picture, from top to bottom."""
        return svg_of(self.boxes, list(self.arrows))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file that ends in ``.svg`` or ``.dot``.

        Raises:
            ValueError: the path has another ending.
        """
        path = Path(path)
        if path.suffix not in (".svg", ".dot"):
            raise ValueError(f"Drawing.save: {path.name} ends in neither .svg nor .dot")
        path.write_text(self.svg() if path.suffix == ".svg" else self.dot(), encoding="utf-8")

    def _repr_svg_(self) -> str:
        return self.svg()


def draw(what: Any, *inputs: Any, depth: int | None = None, **kwargs: Any) -> Drawing:
    """Draw the graph of a tensor, or of a model's run.

    Args:
        what: a tensor that requires grad, such as a loss: every operator becomes a box, with its
            line in the program. Or a module: it is run on the inputs, and each of its modules
            becomes one box, as do the operators between them.
        inputs, kwargs: what the module is called with.
        depth: how deep modules are opened: with 1 those that the model itself calls are boxes;
            0 makes the model one box; default down to modules without parts.

    Raises:
        ValueError: the tensor does not require grad, or a module is given no inputs.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils import draw
        >>> x = ag.ones(2, requires_grad=True)
        >>> [box.lines[0] for box in draw((x * x).sum()).boxes.values()]
        ['leaf', 'mul', 'sum']
        >>> model = ag.nn.Sequential(ag.nn.Linear(2, 3), ag.nn.ReLU())
        >>> [box.lines[0] for box in draw(model, ag.ones(4, 2)).boxes.values()]
        ['input', '0: Linear', '1: ReLU', 'output']
    """
    if isinstance(what, TensorBase):
        node = node_of(what)
        if node is None:
            raise ValueError("draw: the tensor does not require grad, so it has no graph")
        return _of_nodes([node], {}, {})
    if not inputs and not kwargs:
        raise ValueError("draw: give the model's inputs, draw(model, input)")
    return _of_model(what, inputs, kwargs, depth)


def _of_model(model: Any, inputs: Any, kwargs: Any, depth: int | None) -> Drawing:
    kinds = {path: type(module).__name__ for path, module in model.named_modules()}
    inner = {path for path, module in model.named_modules() if any(True for _ in module.children())}
    groups: dict[Node, Any] = {}
    runs: list[tuple[str, int]] = []  # the running modules, each with the number of its run
    modules: dict[Any, Box] = {}  # by run
    count = 0

    def before(path: str, module: Any, arguments: Any) -> None:
        nonlocal count
        count += 1
        runs.append((path, count))

    def after(path: str, module: Any, output: Any) -> None:
        shapes = ", ".join(str(tuple(t.shape)) for t in tensors_in(output))
        modules[runs.pop()] = Box(
            [f"{path}: {kinds[path]}" if path else kinds[path], shapes], "module"
        )

    def seen(path: str, node: Node, given: Any, outputs: Any) -> None:
        if given is not None:
            group = _group(runs, inner, depth)
            if group is not None:
                groups[node] = group

    values = [_input(value) for value in inputs]
    named = {name: _input(value) for name, value in kwargs.items()}
    with fork_rng(), enable_grad(), watching(model, seen, before, after):
        result = model(*values, **named)
    names = {node_of(p): name for name, p in model.named_parameters()}
    names |= {node_of(value): "input" for value in tensors_in([values, named])}
    return _of_nodes([node_of(t) for t in tensors_in(result)], names, groups, modules)


def _group(runs: list[tuple[str, int]], inner: set[str], depth: int | None) -> Any:
    """The module run that stands for an operator in the picture; None if it stands for itself."""
    for level, (path, number) in enumerate(runs):
        deepest = path not in inner if depth is None else level >= depth
        if deepest:
            return path, number
    return None


def _input(value: Any) -> Any:
    if not isinstance(value, TensorBase):
        return value
    value = value.detach()  # type: ignore[attr-defined]
    return value.requires_grad_() if value.is_floating_point() else value


def _of_nodes(
    roots: Iterable[Node | None],
    names: dict[Any, str],
    groups: dict[Node, Any],
    modules: dict[Any, Box] | None = None,
) -> Drawing:
    ends = [_whole(root) for root in roots if root is not None]
    drawing = Drawing()
    for node in reversed(_sorted(ends)):
        key = groups.get(node, node)
        if isinstance(node, AccumulateGrad):
            name = names.get(node, "leaf")
            if groups and name != "input":
                continue  # a parameter is part of its module's box
            kind = "input" if name == "input" else "parameter"
            drawing.boxes[key] = Box([name, _shape(node)], kind)
            continue
        if key is not node:
            drawing.boxes[key] = modules[key]  # type: ignore[index]
        else:
            drawing.boxes[key] = Box([node.operator, _shape(node), node.place], "operator")
        for child in node.inputs:
            if child is not None:
                source = groups.get(_whole(child), _whole(child))
                if source in drawing.boxes and source != key:
                    drawing.arrows[source, key] = None
    if modules is not None:
        for root in ends:
            drawing.boxes["output", id(root)] = Box(["output", _shape(root)], "output")
            drawing.arrows[groups.get(root, root), ("output", id(root))] = None
    return drawing


def _whole(node: Node) -> Node:
    """The node itself, in place of one of its outputs."""
    return node.inputs[0] if isinstance(node, Output) else node  # type: ignore[return-value]


def _sorted(roots: list[Node]) -> list[Node]:
    """All nodes behind ``roots``, each before those that it was computed from."""
    users: dict[Node, int] = {}
    nodes = [node for node in reachable(roots) if not isinstance(node, Output)]
    for node in nodes:
        for child in {_whole(c) for c in node.inputs if c is not None}:
            users[child] = users.get(child, 0) + 1
    ready = [root for root in dict.fromkeys(roots) if not users.get(root)]
    found = []
    while ready:
        node = ready.pop()
        found.append(node)
        for child in dict.fromkeys(_whole(c) for c in node.inputs if c is not None):
            users[child] -= 1
            if not users[child]:
                ready.append(child)
    return found


def _shape(node: Node) -> str:
    shapes = node.shape if isinstance(node.shape, list) else [node.shape]
    return ", ".join(str(tuple(shape)) for shape in shapes if shape is not None)
