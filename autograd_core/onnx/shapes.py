"""Operators that move, cut, join and add up in ONNX's operators."""

from __future__ import annotations

from typing import Any

from autograd_core.onnx.elementwise import Translation
from autograd_core.onnx.step import Step
from autograd_core.onnx.trace import on_host

END = 2**63 - 1  # "to the end" in Slice


def _reshape(step: Step) -> str:
    return step.reshape(step.input(0), list(zip(step.call.shapes[0], step.other.shapes[0])))


def _expand(step: Step) -> str:
    return step.node("Expand", step.input(0), step.vector(step.pairs("size")))


def _permute(step: Step) -> str:
    return step.node("Transpose", step.input(0), perm=step.param("dims"))


def _transpose(step: Step) -> str:
    dims = list(range(step.rank()))
    a, b = step.param("dim0"), step.param("dim1")
    dims[a], dims[b] = dims[b], dims[a]
    return step.node("Transpose", step.input(0), perm=dims)


def _slice(step: Step) -> str:
    """Basic indexing: slices, then the dimensions that integers take away, then new ones."""
    index, other = step.call.params["index"], step.other.params["index"]
    used = sum(item is not None and item is not Ellipsis for item in index)
    starts, ends, axes, steps, gone, new = [], [], [], [], [], []
    dim = out = 0
    for mine, twin in zip(index, other):
        if mine is Ellipsis:
            dim, out = dim + step.rank() - used, out + step.rank() - used
            continue
        if mine is None:
            new.append(out)
        elif isinstance(mine, slice):
            by = mine.step or 1
            if mine != slice(None):
                starts.append(
                    ((0 if by > 0 else END),) * 2
                    if mine.start is None
                    else (mine.start, twin.start)
                )
                ends.append(
                    ((END if by > 0 else -END),) * 2
                    if mine.stop is None
                    else (mine.stop, twin.stop)
                )
                axes.append(dim)
                steps.append(by)
        else:
            starts.append((mine, twin))
            ends.append((mine + 1, twin + 1) if mine != -1 else (END, END))
            axes.append(dim)
            steps.append(1)
            gone.append(dim)
        dim += mine is not None
        out += not isinstance(mine, int)
    value = step.input(0)
    if axes:
        bounds = [step.vector(starts), step.vector(ends)]
        value = step.node("Slice", value, *bounds, step.integers(axes), step.integers(steps))
    if gone:
        value = step.node("Squeeze", value, step.integers(gone))
    return step.node("Unsqueeze", value, step.integers(new)) if new else value


def _flip(step: Step) -> str:
    dims = step.param("dims")
    bounds = [step.integers([at] * len(dims)) for at in (END, -END)]
    steps = step.integers([-1] * len(dims))
    return step.node("Slice", step.input(0), *bounds, step.integers(dims), steps)


def _index(step: Step) -> str:
    """Advanced indexing by one vector or array of integers."""
    at = step.param("places").at
    arrays = [(dim, item) for dim, item in enumerate(at) if not isinstance(item, slice)]
    if len(arrays) != 1 or arrays[0][1].dtype == bool:
        raise step.error("only indexing by one array of integers can be exported")
    ((dim, where),) = arrays
    return step.node("Gather", step.input(0), step.graph.constant(on_host(where)), axis=dim)


def _embedding(step: Step) -> str:
    return step.node("Gather", step.input(0), step.input(1), axis=0)


def _index_select(step: Step) -> str:
    return step.node("Gather", step.input(0), step.input(1), axis=step.param("dim"))


def _cat(step: Step) -> str:
    names = [step.input(i) for i in range(len(step.call.operands))]
    return step.node("Concat", *names, axis=step.param("dim"))


def _stack(step: Step) -> str:
    where = step.integers([step.param("dim")])
    names = [step.node("Unsqueeze", step.input(i), where) for i in range(len(step.call.operands))]
    return step.node("Concat", *names, axis=step.param("dim"))


def _split(step: Step) -> list[str]:
    dim = step.param("dim")
    sizes = step.vector([(a[dim], b[dim]) for a, b in zip(step.call.shapes, step.other.shapes)])
    return step.nodes("Split", [step.input(0), sizes], len(step.call.shapes), axis=dim)


def _unbind(step: Step) -> list[str]:
    dim, count = step.param("dim"), len(step.call.shapes)
    if count != len(step.other.shapes):
        raise step.error("the number of its outputs depends on the inputs")
    sizes = step.integers([1] * count)
    parts = step.nodes("Split", [step.input(0), sizes], count, axis=dim)
    return [step.node("Squeeze", part, step.integers([dim])) for part in parts]


def _pad(step: Step) -> str:
    widths = step.param("widths")
    pads = step.integers([before for before, _ in widths] + [after for _, after in widths])
    return step.node("Pad", step.input(0), pads, step.number(step.param("value")))


def reduce(step: Step, kind: str, value: str, dims: Any, keepdim: bool = True) -> str:
    """A reduction; from version 18 on ONNX takes dimensions as an input, as ReduceSum always."""
    if kind == "ReduceSum" or step.graph.opset >= 18:
        return step.node(kind, value, step.integers(dims), keepdims=int(keepdim))
    return step.node(kind, value, axes=list(dims), keepdims=int(keepdim))


def _reduction(kind: str) -> Translation:
    def translate(step: Step) -> str:
        single = "dim" in step.call.params
        dims = [step.param("dim")] if single else step.param("dims")
        if dims is None:
            dims = range(step.rank())
        if not dims:
            return step.node("Identity", step.input(0))
        return reduce(step, kind, step.input(0), dims, bool(step.param("keepdim")))

    return translate


def _norm(step: Step) -> str:
    kind = {1: "ReduceL1", 2: "ReduceL2"}.get(step.param("p"))
    if kind is None:
        raise step.error(f"only norms with p 1 and 2 can be exported, got {step.param('p')}")
    return reduce(step, kind, step.input(0), step.param("dims"), bool(step.param("keepdim")))


def _var(step: Step) -> str:
    dims, keepdim = step.param("dims"), bool(step.param("keepdim"))
    apart = step.node("Sub", step.input(0), reduce(step, "ReduceMean", step.input(0), dims))
    total = reduce(step, "ReduceSum", step.node("Mul", apart, apart), dims, keepdim)
    result = step.node("Div", total, step.number(step.param("freedom")))
    return step.node("Sqrt", result) if step.call.operator == "std" else result


SHAPES: dict[str, Translation] = {
    "reshape": _reshape,
    "view": _reshape,
    "expand": _expand,
    "permute": _permute,
    "transpose": _transpose,
    "slice": _slice,
    "flip": _flip,
    "index": _index,
    "index_select": _index_select,
    "embedding": _embedding,
    "cat": _cat,
    "stack": _stack,
    "split": _split,
    "unbind": _unbind,
    "pad": _pad,
    "sum": _reduction("ReduceSum"),
    "mean": _reduction("ReduceMean"),
    "amax": _reduction("ReduceMax"),
    "amin": _reduction("ReduceMin"),
    "max": _reduction("ReduceMax"),
    "min": _reduction("ReduceMin"),
    "logsumexp": _reduction("ReduceLogSumExp"),
    "linalg_vector_norm": _norm,
    "var": _var,
    "std": _var,
}
