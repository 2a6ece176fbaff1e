"""What a model consists of: layers, shapes, parameters, operations and memory, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd_core.base import TensorBase
from autograd_core.graph import entries
from autograd_core.utils.flops import flops
from autograd_core.utils.memory import _memory
from autograd_core.utils.tables import bytes_text, count_text, table
from autograd_core.utils.watching import check_model, fresh, tensors_in, trial, watching


@dataclass
class Layer:
    """One module of a model.

    Attributes:
        name, kind: its path in the model (``""`` for the model itself) and its class.
        depth: how deep it lies; 0 for the model.
        output: shapes of the tensors it returned, in its last run; None if it did not run.
        parameters, trainable: numbers in its parameters, those of its parts included.
        flops: floating-point operations of its run, parts included.
        saved: bytes that its operators keep for backward, parts included.
        runs: how often it ran.
    """

    name: str
    kind: str
    depth: int
    parameters: int
    trainable: int
    output: list[tuple[int, ...]] | None = None
    flops: int = 0
    saved: int = 0
    runs: int = 0


@dataclass
class Summary:
    """What `summary` found; printed as a table.

    Attributes:
        layers: the model first, then its modules in their order.
        parameters, trainable: numbers in all parameters, each counted once.
        parameter_bytes, buffer_bytes: what parameters and buffers occupy.
        shown: how deep the table goes; None for all of it.
    """

    layers: list[Layer]
    parameters: int
    trainable: int
    parameter_bytes: int
    buffer_bytes: int
    shown: int | None = None

    @property
    def flops(self) -> int:
        """Floating-point operations of one forward pass."""
        return self.layers[0].flops

    @property
    def saved(self) -> int:
        """Bytes kept for backward."""
        return self.layers[0].saved

    def __str__(self) -> str:
        lines = []
        for layer in self.layers:
            if self.shown is not None and layer.depth > self.shown:
                continue
            name = layer.name.rpartition(".")[2]
            title = f"{'  ' * layer.depth}{name + ': ' if name else ''}{layer.kind}"
            shapes = "not run" if layer.output is None else _shapes(layer.output)
            lines.append(
                [title, shapes, f"{layer.parameters:,}", count_text(layer.flops),
                 bytes_text(layer.saved)]
            )  # fmt: skip
        head = ["layer", "output", "parameters", "FLOPs", "kept for backward"]
        end = (
            f"{self.parameters:,} parameters, {self.trainable:,} of them trained;"
            f" {bytes_text(self.parameter_bytes)} of parameters,"
            f" {bytes_text(self.buffer_bytes)} of buffers; {count_text(self.flops)} FLOPs forward;"
            f" {bytes_text(self.saved)} kept for backward"
        )
        return f"{table(head, lines)}\n\n{end}"


def summary(model: Any, *inputs: Any, depth: int | None = None, **kwargs: Any) -> Summary:
    """Run a model once and tell what it consists of.

    The model is left as it was: parameters, buffers and random numbers are those of before. FLOPs
    and memory are those of a training step's forward pass on these inputs; what parts of a model
    share is counted where it comes first.

    Args:
        model: a module.
        inputs, kwargs: what it is called with.
        depth: how deep the table goes; default all of it.

    Raises:
        TypeError: ``model`` is no module.
        ValueError: no inputs are given.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils import summary
        >>> model = ag.nn.Sequential(ag.nn.Linear(8, 4), ag.nn.ReLU(), ag.nn.Linear(4, 2))
        >>> print(summary(model, ag.zeros(16, 8)))
        layer        output   parameters  FLOPs  kept for backward
        -----------  -------  ----------  -----  -----------------
        Sequential   (16, 2)          46  1.3 k              768 B
          0: Linear  (16, 4)          36  1.0 k              512 B
          1: ReLU    (16, 4)           0     64              256 B
          2: Linear  (16, 2)          10    256                0 B
        <BLANKLINE>
        46 parameters, 46 of them trained; 184 B of parameters, 0 B of buffers; 1.3 k FLOPs forward; 768 B kept for backward
    """  # noqa: E501
    check_model("summary", model)
    if not inputs and not kwargs:
        raise ValueError("summary: give the model's inputs, summary(model, input)")
    layers = {path: _layer(path, module) for path, module in model.named_modules()}
    met = {_memory(tensor._array) for tensor in (*model.parameters(), *model.buffers())}

    def seen(path: str, node: Any, given: Any, outputs: Any) -> None:
        if given is None:
            return
        work, kept = flops(node.operator, _arrays(given), outputs), 0
        for array, _, _ in entries(node.saved):
            if hasattr(array, "nbytes") and (memory := _memory(array)) not in met:
                met.add(memory)
                kept += memory[1]
        for layer in _up(layers, path):
            layer.flops += work
            layer.saved += kept

    def after(path: str, module: Any, output: Any) -> None:
        layers[path].output = [tuple(tensor.shape) for tensor in tensors_in(output)]
        layers[path].runs += 1

    parameters = list(model.parameters())
    trained = any(p.requires_grad for p in parameters)
    with trial(model), watching(model, seen, after=after):
        output = model(*[fresh(i, not trained) for i in inputs], **kwargs)
    del output
    return Summary(
        list(layers.values()),
        sum(p.numel() for p in parameters),
        sum(p.numel() for p in parameters if p.requires_grad),
        sum(p._array.nbytes for p in parameters),
        sum(b._array.nbytes for b in model.buffers()),
        depth,
    )


def _layer(path: str, module: Any) -> Layer:
    parameters = list(module.parameters())
    return Layer(
        path,
        type(module).__name__,
        path.count(".") + 1 if path else 0,
        sum(p.numel() for p in parameters),
        sum(p.numel() for p in parameters if p.requires_grad),
    )


def _up(layers: dict[str, Layer], path: str) -> list[Layer]:
    """A module and those that it is a part of."""
    found = [layers[path]]
    while path:
        path = path.rpartition(".")[0]
        if path in layers:
            found.append(layers[path])
    return found


def _arrays(values: Any) -> list[Any]:
    return [v._array if isinstance(v, TensorBase) else v for v in values]


def _shapes(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes))
