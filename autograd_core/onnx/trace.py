"""One run of a model, written down: every operator with where its inputs came from.

Operators that are recorded for backward are known by their nodes; those that have no gradient
(comparisons, integers, what runs under ``no_grad``) by the arrays that they return.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.from_data import tensor
from autograd_core.grad_mode import modes, set_grad_enabled
from autograd_core.graph import AccumulateGrad, Output
from autograd_core.ops.indexing import Places
from autograd_core.source import here, place_and_text
from autograd_core.utils.watching import tensors_in, watching

# Where a value comes from: ("argument", number), ("parameter", name), or (call, output).
Reference = tuple[Any, Any]


class ExportError(RuntimeError):
    """A model cannot be exported to ONNX as it is; the message names the operator and its line."""


class Operand(NamedTuple):
    """An input of a call: a value of the graph, or a constant.

    Attributes:
        reference: where it comes from; None for a constant.
        array: its values in this run, None where the operator got none.
    """

    reference: Reference | None
    array: Any


class Call(NamedTuple):
    """One operator call.

    Attributes:
        op: the operator (``op.Op``); None for a function of the user's.
        operator: its name.
        place: file, line and text of the call.
        operands: the inputs; the arrays of an advanced index follow.
        params: the plain arguments by name.
        shapes, dtypes: those of the outputs.
        constant: whether it was computed from constants alone.
    """

    op: Any
    operator: str
    place: str
    operands: tuple[Operand, ...]
    params: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[Any, ...]
    constant: bool


class Trace(NamedTuple):
    """A run: its calls in order, and what came out."""

    calls: list[Call]
    outputs: list[Operand]


def trace(model: Any, args: Sequence[Any]) -> Trace:
    """Run ``model(*args)`` once, with every floating-point argument and parameter recorded."""
    return _Run(model, args).trace


class _Run:
    def __init__(self, model: Any, args: Sequence[Any]) -> None:
        self.nodes: dict[Any, Reference] = {}
        self.arrays: dict[int, Reference] = {}
        self.written: list[tuple[Any, int]] = []  # arrays, and how many calls came before
        self.kept: list[Any] = []  # so that no array gets the identity of one that is gone
        self.calls: list[Call] = []
        before = modes.unrecorded
        with _for_inference(model), set_grad_enabled(True):
            for name, parameter in model.named_parameters():
                self._meet(parameter, ("parameter", name))
            arguments = []
            for number, arg in enumerate(args):
                if arg.is_floating_point():  # (no leaf, so that it can be changed in place)
                    arg = arg.detach().requires_grad_().clone()
                self._meet(arg, ("argument", number))
                arguments.append(arg)
            modes.unrecorded = self._unrecorded
            try:
                with watching(model, self._recorded):
                    result = model(*arguments)
            finally:
                modes.unrecorded = before
        outputs = [self._operand(t._node, t) for t in tensors_in(result)]
        self.trace = Trace(self.calls, outputs)

    def _meet(self, value: Any, reference: Reference) -> None:
        if value._node is not None:
            self.nodes[value._node] = reference
        self.arrays[id(value._array)] = reference
        self.kept.append(value._array)

    def _operand(self, source: Any, value: Any) -> Operand:
        array = value._array if isinstance(value, TensorBase) else value
        if isinstance(source, Output):
            call, _ = self.nodes.get(source.inputs[0], (None, None))
            reference: Any = None if call is None else (call, source.index)
        else:
            reference = self.nodes.get(source)
        if reference is None and source is not None and not isinstance(source, AccumulateGrad):
            raise ExportError(
                f"export: {source.operator} at {source.place_and_text} is a write into a view, "
                f"which cannot be exported. Mend: compute the value out of place, with where or cat"
            )
        if reference is None:
            reference = self._by_array(array)
        if hasattr(array, "shape") and (reference is None or self._constant(reference)):
            array = on_host(array).copy()  # as it is now
        return Operand(reference, array)

    def _by_array(self, array: Any) -> Reference | None:
        reference = self.arrays.get(id(array))
        if reference is None or not self.written:
            return reference
        made = reference[0] if isinstance(reference[0], int) else -1
        for target, calls in self.written:
            if made < calls and backend_of(array).shares_memory(array, target):
                if self._constant(reference):
                    return None  # what was written is a constant too, or refused itself
                raise ExportError(
                    f"export: a value was changed in place before {place_and_text(*here())}, "
                    f"without being recorded, which cannot be exported. Mend: compute it out of "
                    f"place"
                )
        return reference

    def _constant(self, reference: Reference) -> bool:
        return isinstance(reference[0], int) and self.calls[reference[0]].constant

    def _recorded(self, path: str, node: Any, inputs: Any, outputs: Sequence[Any]) -> None:
        if inputs is None:
            return
        op = getattr(node.plan, "op", None)
        sources = [*node.inputs, *[None] * (len(inputs) - len(node.inputs))]
        number = len(self.calls)
        operands = [self._operand(s, v) for s, v in zip(sources, inputs)]
        self._note(op, node.operator, node.place_and_text, operands, node.params, outputs)
        alone = op is None or op.several or len(op.differentiable) != 1
        first = 0 if op is None or alone else op.differentiable[0]
        self.nodes[node] = (number, first)

    def _unrecorded(self, op: Any, inputs: Any, params: Any, outputs: Sequence[Any]) -> None:
        if op is None:
            self.written += [(array, len(self.calls)) for array in outputs]
            return
        operands = [self._operand(None, value) for value in inputs]
        self._note(op, op.name, place_and_text(*here()), operands, params, outputs)

    def _note(
        self, op: Any, name: str, place: str, operands: Any, params: Any, outputs: Sequence[Any]
    ) -> None:
        for param in params:
            if isinstance(param, Places):
                arrays = [item for item in param.at if not isinstance(item, slice)]
                operands = [*operands, *(self._operand(None, array) for array in arrays)]
        arrays = [o._array if isinstance(o, TensorBase) else o for o in outputs]
        for index, array in enumerate(arrays):
            if array is not None:
                self.arrays[id(array)] = (len(self.calls), index)
                self.kept.append(array)
        constant = all(o.reference is None or self._constant(o.reference) for o in operands)
        self.calls.append(
            Call(
                op, name, place, tuple(operands),
                dict(zip(getattr(op, "params", ()), params)),
                tuple(tuple(getattr(a, "shape", ())) for a in arrays),
                tuple(getattr(a, "dtype", None) for a in arrays),
                constant,
            )
        )  # fmt: skip


def on_host(array: Any) -> Any:
    """A backend's array as one of NumPy."""
    return backend_of(array).to_numpy(array)


@contextmanager
def _for_inference(model: Any) -> Iterator[None]:
    """The model in eval mode with gradients for all parameters; afterwards as it was."""
    modes = [(module, module.training) for module in model.modules()]
    frozen = [p for p in model.parameters() if p.is_floating_point() and not p.requires_grad]
    model.eval()
    for parameter in frozen:
        parameter.requires_grad_()
    try:
        yield
    finally:
        for parameter in frozen:
            parameter.requires_grad_(False)
        for module, training in modes:
            module.training = training


def varied(args: Sequence[Any], sizes: Sequence[dict[int, int]]) -> list[Any]:
    """Other arguments of the same kind: other values, and other sizes along dynamic axes.

    What a second run with them does otherwise than the first depends on the arguments. Integers
    and truth values change places only, since an index has to stay in its range.
    """
    results = []
    for arg, wanted in zip(args, sizes):
        array = arg.detach().cpu().numpy()
        for axis, size in wanted.items():
            array = np.take(array, np.arange(size) % array.shape[axis], axis)
        array = np.roll(array.reshape(-1)[::-1], 1).reshape(array.shape)
        if array.dtype.kind == "f":
            array = (-1.25 * array + 0.125).astype(array.dtype)
        results.append(tensor(array, device=arg.device))
    return results
