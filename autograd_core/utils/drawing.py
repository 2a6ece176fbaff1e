"""Pictures of graphs: what a loss was computed from, or how the modules of a model connect."""

from __future__ import annotations

import graphlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from autograd_core.base import TensorBase, node_of
from autograd_core.files.replacing import replacing
from autograd_core.graph import AccumulateGrad, Node, Output
from autograd_core.utils.layout import FILL, svg_of
from autograd_core.utils.memory import reachable
from autograd_core.utils.watching import check_model, fresh, tensors_in, trial, watching


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

    def mermaid(self) -> str:
        """The graph in the language of Mermaid, which Markdown files on GitHub show."""
        number = {key: i for i, key in enumerate(self.boxes)}
        lines = ["flowchart TD"]
        for key, box in self.boxes.items():
            label = "<br/>".join(escape(line) for line in box.lines)
            open_, close = ("([", "])") if box.kind in ("input", "output") else ("[", "]")
            lines.append(f'  n{number[key]}{open_}"{label}"{close}:::{box.kind}')
        lines += [f"  n{number[a]} --> n{number[b]}" for a, b in self.arrows]
        lines += [f"  classDef {kind} fill:{color}" for kind, color in FILL.items()]
        return "\n".join(lines) + "\n"

    def html(self) -> str:
        """The picture as a page of its own."""
        head = '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>graph</title></head>'
        return f"{head}\n<body>\n{self.svg()}</body></html>\n"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the graph to a file: ``.svg`` or ``.html`` for the picture, ``.dot`` for Graphviz,
        ``.mmd`` for Mermaid.

        Raises:
            ValueError: the path has another ending.
            FileNotFoundError: its folder does not exist.
        """
        path = Path(path)
        kinds = {".svg": self.svg, ".html": self.html, ".dot": self.dot, ".mmd": self.mermaid}
        if path.suffix not in kinds:
            raise ValueError(
                f"Drawing.save: {path.name} ends in none of {', '.join(kinds)}, which are written"
            )
        text = kinds[path.suffix]()
        with replacing(path, "Drawing.save") as temporary:
            temporary.write_text(text, encoding="utf-8")

    def _repr_svg_(self) -> str:
        return self.svg()


def draw(what: Any, *inputs: Any, depth: int | None = None, **kwargs: Any) -> Drawing:
    """Draw the graph of a tensor, or of a model's run.

    Args:
        what: a tensor that requires grad, such as a loss: every operator becomes a box, with its
            line in the program. Or a module: it is run on the inputs, and each of its modules
            becomes one box, as do the operators between them. The module is left as it was.
        inputs, kwargs: what the module is called with. With a tensor: modules, by whose names
            parameters are called.
        depth: how deep modules are opened: with 1 those that the model itself calls are boxes;
            0 makes the model one box; default down to modules that call no others.

    Raises:
        TypeError: ``what`` is neither, or something else than a module is given with a tensor.
        ValueError: the tensor, or all that the model returns, does not require grad; a module is
            given no inputs; ``depth`` is negative.

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
        for model in inputs:
            check_model("draw", model)
        parameters = [pair for model in inputs for pair in model.named_parameters()]
        return _of_nodes([node], {node_of(p): name for name, p in parameters})
    check_model("draw", what)
    if not inputs and not kwargs:
        raise ValueError("draw: give the model's inputs, draw(model, input)")
    if depth is not None and depth < 0:
        raise ValueError(f"draw: depth must be 0 or more, got {depth}")
    return _of_model(what, inputs, kwargs, depth)


Run = tuple[str, int]  # a module at work: its path, and the number of its run


def _of_model(model: Any, inputs: Any, kwargs: Any, depth: int | None) -> Drawing:
    kinds = {path: type(module).__name__ for path, module in model.named_modules()}
    runs: list[Run] = []  # the running modules, from the outermost
    calling: set[Run] = set()  # those that called others
    modules: dict[Run, Box] = {}
    calls: dict[Node, tuple[Run, ...]] = {}  # in which runs an operator was called
    taking: list[tuple[int, Node]] = []  # which operator took which input that has no node
    count = 0

    def before(path: str, module: Any, arguments: Any) -> None:
        nonlocal count
        count += 1
        calling.update(runs[-1:])
        runs.append((path, count))

    def after(path: str, module: Any, output: Any) -> None:
        title = f"{path}: {kinds[path]}" if path else kinds[path]
        modules[runs.pop()] = Box([title, _shapes(tensors_in(output))], "module")

    def seen(path: str, node: Node, given: Any, outputs: Any) -> None:
        if given is not None:
            calls[node] = tuple(runs)
            taking.extend((plain[id(array)], node) for array in given if id(array) in plain)

    with trial(model):
        values = [fresh(value, True) for value in inputs]
        named = {name: fresh(value, True) for name, value in kwargs.items()}
        given = list(tensors_in([values, named]))
        plain = {id(t._array): i for i, t in enumerate(given) if node_of(t) is None}
        with watching(model, seen, before, after):
            result = model(*values, **named)
    groups = {}
    for node, stack in calls.items():
        group = _group(stack, calling, depth)
        if group is not None:
            groups[node] = group
    names = {node_of(value): "input" for value in given if node_of(value) is not None}
    ends = [t for t in tensors_in(result) if node_of(t) is not None]
    if not ends:
        raise ValueError(
            "draw: nothing that the model returned depends on anything that requires grad"
        )
    drawing = Drawing()
    for number in dict.fromkeys(i for i, _ in taking):
        drawing.boxes["input", number] = Box(["input", _shapes([given[number]])], "input")
    _of_nodes([node_of(t) for t in ends], names, groups, modules, drawing)
    for number, node in taking:
        if (target := groups.get(node, node)) in drawing.boxes:
            drawing.arrows[("input", number), target] = None
    for source in dict.fromkeys(_source(t, groups) for t in ends):
        shapes = _shapes(t for t in ends if _source(t, groups) == source)
        drawing.boxes["output", source] = Box(["output", shapes], "output")
        drawing.arrows[source, ("output", source)] = None
    return _in_order(drawing)


def _group(stack: tuple[Run, ...], calling: set[Run], depth: int | None) -> Run | None:
    """The module run that stands for an operator in the picture; None if it stands for itself."""
    for level, run in enumerate(stack):
        if run not in calling if depth is None else level >= depth:
            return run
    return None


def _source(tensor: Any, groups: dict[Node, Run]) -> Any:
    node = _whole(node_of(tensor))  # type: ignore[arg-type]
    return groups.get(node, node)


def _of_nodes(
    roots: Iterable[Node | None],
    names: dict[Any, str],
    groups: dict[Node, Run] | None = None,
    modules: dict[Run, Box] | None = None,
    drawing: Drawing | None = None,
) -> Drawing:
    groups, modules, drawing = groups or {}, modules or {}, drawing or Drawing()
    ends = [_whole(root) for root in roots if root is not None]
    for node in reversed(_sorted(ends)):
        key: Any = groups.get(node, node)
        if isinstance(node, AccumulateGrad):
            name = names.get(node, "leaf")
            if groups and name != "input":
                continue  # a parameter is part of its module's box
            kind = "input" if name == "input" else "parameter"
            drawing.boxes[key] = Box([name, _shape(node)], kind)
            continue
        if key is not node:
            drawing.boxes[key] = modules[key]
        else:
            lines = [node.operator, _shape(node), node.place]
            # (A line that was typed into an interpreter cannot be looked up.)
            drawing.boxes[key] = Box(lines[: 2 if lines[2].startswith("<") else 3], "operator")
        for child in node.inputs:
            if child is not None:
                source = groups.get(_whole(child), _whole(child))
                if source != key:
                    drawing.arrows[source, key] = None
    drawing.arrows = {pair: None for pair in drawing.arrows if pair[0] in drawing.boxes}
    return drawing


def _in_order(drawing: Drawing) -> Drawing:
    """With the boxes in an order in which every arrow points forward."""
    sources: dict[Any, set[Any]] = {key: set() for key in drawing.boxes}
    for a, b in drawing.arrows:
        sources[b].add(a)
    order = graphlib.TopologicalSorter(sources).static_order()
    return Drawing({key: drawing.boxes[key] for key in order}, drawing.arrows)


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


def _shapes(tensors: Iterable[Any]) -> str:
    return ", ".join(str(tuple(tensor.shape)) for tensor in tensors)
