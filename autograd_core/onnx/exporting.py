"""Writing a model as an ONNX file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.files.replacing import replacing
from autograd_core.onnx.activations import ACTIVATIONS
from autograd_core.onnx.elementwise import ELEMENTWISE, Translation
from autograd_core.onnx.layers import LAYERS
from autograd_core.onnx.logic import LOGIC
from autograd_core.onnx.shapes import SHAPES
from autograd_core.onnx.step import Graph, Pair, Step
from autograd_core.onnx.trace import Call, ExportError, Operand, Trace, trace, varied

# From an operator's name to what makes ONNX's nodes of a call of it.
TRANSLATIONS: dict[str, Translation] = {
    **ELEMENTWISE, **ACTIVATIONS, **LOGIC, **SHAPES, **LAYERS,
}  # fmt: skip

OLDEST = 17  # the first version of ONNX's operators with LayerNormalization

Axes = Mapping[str, Mapping[int, str] | Sequence[int]]


def export(
    model: Any,
    args: Any,
    f: str | os.PathLike[str],
    *,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    dynamic_axes: Axes | None = None,
    opset_version: int = 20,
) -> None:
    """Write a model as an ONNX file, which ONNX Runtime and other programs evaluate.

    The model is run in eval mode and its operators are written down, also those that have no
    gradient; parameters keep their names of the state dict. It is run twice, the second time with
    other values and other sizes along dynamic axes: where the runs differ in what was not followed
    (``item()``, a branch), it raises instead of writing a constant. The file is written beside its
    place and moved there when it is complete.

    Args:
        model: a module whose forward takes tensors, and returns tensors or nested tuples, lists and
            dicts of them.
        args: example arguments, a tensor or a tuple of tensors; their values do not matter, except
            that integers must be valid indices in any order.
        f: the path of the file.
        input_names: what the inputs are called; default ``input``, or ``input_0`` and so on.
        output_names: what the outputs are called; default ``output``, or ``output_0`` and so on.
        dynamic_axes: the axes of each input, by its name, whose sizes are free: a dict from axis to
            a name for its size, or a list of axes. Axes with one name have the same size. Those of
            outputs are found out; they may be named here too. All other sizes are fixed.
        opset_version: the version of ONNX's operators, 17 or later; default 20.

    Raises:
        ImportError: the package ``onnx`` is not installed.
        ExportError: an operator has no counterpart, or something depends on the inputs in a way
            that was not followed; the message names the operator and the line that called it.
        ValueError: names or axes do not fit the arguments, or the version is not supported.

    Source: PyTorch, ``torch.onnx.export``; the format is https://onnx.ai.
    """
    onnx = _onnx()
    newest = onnx.defs.onnx_opset_version()
    if not OLDEST <= opset_version <= newest:
        raise ValueError(
            f"export: opset_version must be {OLDEST} to {newest} with onnx {onnx.__version__}, "
            f"got {opset_version}"
        )
    args = args if isinstance(args, (tuple, list)) else (args,)
    for number, arg in enumerate(args):
        if not isinstance(arg, TensorBase):
            raise TypeError(f"export: argument {number} must be a tensor, got {type(arg).__name__}")
    inputs = _names("input", input_names, len(args))
    chosen = _chosen_axes(dynamic_axes or {})
    sizes, dynamic = _dynamic_sizes(inputs, args, chosen)
    others = varied(args, dynamic)
    trace(model, others)  # a model that keeps masks or positions for a size makes them now
    first, second = trace(model, args), trace(model, others)
    _check_equal(first, second)
    outputs = _names("output", output_names, len(first.outputs))
    unknown = set(chosen) - {*inputs, *outputs}
    if unknown:
        raise ValueError(
            f"export: dynamic_axes names {sorted(unknown)}, got {inputs} and {outputs}"
        )
    folded = {number for number, call in enumerate(first.calls) if call.constant}
    graph = Graph(onnx.helper, opset_version, sizes, folded)
    graph.names.update({("argument", i): name for i, name in enumerate(inputs)})
    _meet_parameters(graph, model)
    _translate(graph, first, second)
    described = _outputs(graph, first, second, outputs, chosen)
    proto = _model(onnx, graph, _inputs(graph, inputs, args, chosen), described)
    onnx.checker.check_model(proto, full_check=True)
    with replacing(Path(f), "export") as temporary:
        temporary.write_bytes(proto.SerializeToString())


def _onnx() -> ModuleType:
    try:
        import onnx
    except ImportError as error:
        raise ImportError("export needs the package onnx: pip install onnx") from error
    return onnx


def _names(what: str, names: Sequence[str] | None, count: int) -> list[str]:
    if names is None:
        return [what] if count == 1 else [f"{what}_{i}" for i in range(count)]
    if len(names) != count or len(set(names)) != count:
        raise ValueError(f"export: expected {count} different {what}_names, got {list(names)}")
    return list(names)


def _chosen_axes(dynamic_axes: Axes) -> dict[str, dict[int, str]]:
    """Each value's dynamic axes with a name for every size."""
    return {
        name: dict(axes) if isinstance(axes, Mapping) else {axis: f"{name}_{axis}" for axis in axes}
        for name, axes in dynamic_axes.items()
    }


def _dynamic_sizes(
    inputs: Sequence[str], args: Sequence[Any], chosen: dict[str, dict[int, str]]
) -> tuple[dict[Pair, tuple[str, int, str]], list[dict[int, int]]]:
    """The dynamic sizes of the inputs, and those for the second run: all grow, each by another
    number, so that a size is known by the pair of what it was in both runs."""
    pairs: dict[str, Pair] = {}
    sizes: dict[Pair, tuple[str, int, str]] = {}
    dynamic: list[dict[int, int]] = []
    for name, arg in zip(inputs, args):
        axes: dict[int, int] = {}
        for axis, label in chosen.get(name, {}).items():
            if not 0 <= axis < arg.ndim:
                raise ValueError(
                    f"export: dynamic_axes[{name!r}] has axis {axis}, but {name} has shape "
                    f"{tuple(arg.shape)}; axes count from 0"
                )
            size = arg.shape[axis]
            pair = pairs.setdefault(label, (size, size + len(pairs) + 1))
            if pair[0] != size:
                raise ValueError(f"export: the sizes named {label!r} differ: {pair[0]} and {size}")
            sizes.setdefault(pair, (name, axis, label))
            axes[axis] = pair[1]
        dynamic.append(axes)
    return sizes, dynamic


def _check_equal(first: Trace, second: Trace) -> None:
    """Refuse a model that goes another way for other inputs."""
    for mine, other in zip(first.calls, second.calls):
        references = [[o.reference for o in call.operands] for call in (mine, other)]
        if mine.operator != other.operator or references[0] != references[1]:
            raise ExportError(
                f"export: the model took another way for other inputs: {mine.operator} at "
                f"{mine.place}, or {other.operator} at {other.place}"
            )
    if len(first.calls) != len(second.calls) or len(first.outputs) != len(second.outputs):
        raise ExportError("export: the model ran another number of operators for other inputs")


def _meet_parameters(graph: Graph, model: Any) -> None:
    for name, parameter in model.named_parameters():
        graph.names["parameter", name] = name
        graph.initializers[name] = parameter.detach().cpu().numpy()


def _translate(graph: Graph, first: Trace, second: Trace) -> None:
    """Add the nodes of every call that the outputs depend on."""

    def sources(mine: Sequence[Operand], other: Sequence[Operand]) -> set[Any]:
        found = [graph.reference(*pair) for pair in zip(mine, other)]
        return {reference[0] for reference in found if reference is not None}

    needed = sources(first.outputs, second.outputs)
    for number in reversed(range(len(first.calls))):
        if number in needed:
            calls = first.calls[number], second.calls[number]
            needed |= sources(calls[0].operands, calls[1].operands)
    for number, (mine, other) in enumerate(zip(first.calls, second.calls)):
        if number not in needed:
            continue
        step = Step(graph, mine, other)
        if mine.operator not in TRANSLATIONS:
            raise step.error("this operator cannot be exported to ONNX")
        made = TRANSLATIONS[mine.operator](step)
        for index, name in enumerate([made] if isinstance(made, str) else made):
            graph.names[number, index] = name


def _inputs(
    graph: Graph, names: list[str], args: Sequence[Any], chosen: dict[str, dict[int, str]]
) -> list[Any]:
    infos = []
    for name, arg in zip(names, args):
        array = arg.detach().cpu().numpy()
        shape = [chosen.get(name, {}).get(axis, size) for axis, size in enumerate(array.shape)]
        infos.append(_info(graph, name, array.dtype, shape))
    return infos


def _outputs(
    graph: Graph, first: Trace, second: Trace, names: list[str], chosen: dict[str, dict[int, str]]
) -> list[Any]:
    """The outputs, each a copy of its value under the name it shall have."""
    infos = []
    for mine, other, name in zip(first.outputs, second.outputs, names):
        # An output that is no operator's is checked as an input of one would be.
        call = Call(None, "output", f"the end, {name!r}", (mine,), {}, (), (), False)
        value = Step(graph, call, call._replace(operands=(other,))).input(0)
        graph.nodes.append(graph.helper.make_node("Identity", [value], [name], name=name))
        shape: list[Any] = []
        for axis, pair in enumerate(zip(mine.array.shape, other.array.shape)):
            found = graph.sizes.get(pair, (None, None, f"{name}_{axis}"))[2]
            fixed = pair[0] == pair[1]
            shape.append(pair[0] if fixed else chosen.get(name, {}).get(axis, found))
        infos.append(_info(graph, name, np.dtype(mine.array.dtype), shape))
    return infos


def _info(graph: Graph, name: str, dtype: Any, shape: list[Any]) -> Any:
    helper = graph.helper
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), shape)


def _model(onnx: ModuleType, graph: Graph, inputs: list[Any], outputs: list[Any]) -> Any:
    used = {name for node in graph.nodes for name in node.input}
    initializers = [
        onnx.numpy_helper.from_array(array, name)
        for name, array in graph.initializers.items()
        if name in used
    ]
    helper = graph.helper
    whole = helper.make_graph(graph.nodes, "model", inputs, outputs, initializer=initializers)
    opsets = [helper.make_opsetid("", graph.opset)]
    return helper.make_model(
        whole, opset_imports=opsets, ir_version=helper.find_min_ir_version_for(opsets),
        producer_name="autograd_core",
    )  # fmt: skip
