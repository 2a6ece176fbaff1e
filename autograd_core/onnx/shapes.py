"""Operators that move, cut, join and add up in ONNX's operators."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from autograd_core.onnx.elementwise import Translation
from autograd_core.onnx.step import Pair, Step
from autograd_core.onnx.windows import columns, images

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
    """Advanced indexing by arrays of integers, which follow the operator's input."""
    at = step.call.params["places"].at
    dims = [dim for dim, item in enumerate(at) if not isinstance(item, slice)]
    if any(o.array.dtype.kind == "b" for o in step.call.operands[1:]):
        raise step.error("indexing by a mask has as many results as there are; use where")
    names = [step.input(1 + i) for i in range(len(dims))]
    if len(dims) == 1:
        return step.node("Gather", step.input(0), names[0], axis=dims[0])
    rank = max(step.rank(1 + i) for i in range(len(dims)))
    shape = _broadcast([step.shape(1 + i) for i in range(len(dims))])
    last = step.integers([rank])
    wide = [
        step.node("Unsqueeze", step.node("Expand", name, step.vector(shape)), last)
        for name in names
    ]
    rest = [dim for dim in range(step.rank()) if dim not in dims]
    moved = step.node("Transpose", step.input(0), perm=[*dims, *rest])
    found = step.node("GatherND", moved, step.node("Concat", *wide, axis=rank))
    if dims != list(range(dims[0], dims[0] + len(dims))) or not dims[0]:
        return found
    # Arrays side by side: their dimensions stand where those that they index stood.
    front = dims[0]
    perm = [*range(rank, rank + front), *range(rank), *range(rank + front, rank + len(rest))]
    return step.node("Transpose", found, perm=perm)


def _broadcast(shapes: list[list[Pair]]) -> list[Pair]:
    rank = max(map(len, shapes))
    padded = [[(1, 1)] * (rank - len(shape)) + shape for shape in shapes]
    return [max(pairs) for pairs in zip(*padded)]


def _repeat(step: Step) -> str:
    apart = step.reshape(step.input(0), step.pairs("apart"))
    wide = step.node("Expand", apart, step.vector(step.pairs("wide")))
    return step.reshape(wide, step.pairs("size"))


def _roll(step: Step) -> str:
    value = step.input(0)
    for shift, dim in zip(step.param("shifts"), step.param("dims")):
        axis = step.integers([dim])
        cuts = [step.integers([n]) for n in (-shift, END, 0)]
        if not shift:
            continue
        tail = step.node("Slice", value, cuts[0], cuts[1], axis)
        head = step.node("Slice", value, cuts[2], cuts[0], axis)
        value = step.node("Concat", tail, head, axis=dim)
    return step.node("Identity", value)


def _triangle(upper: bool) -> Translation:
    def translate(step: Step) -> str:
        diagonal = step.graph.constant(np.asarray(step.param("diagonal"), np.int64))
        return step.node("Trilu", step.input(0), diagonal, upper=int(upper))

    return translate


def _cumsum(step: Step) -> str:
    axis = step.graph.constant(np.asarray(step.param("dim"), np.int64))
    value = step.input(0, step.call.dtypes[0])
    return step.node("CumSum", value, axis, reverse=int(step.param("reverse")))


def _gather(step: Step) -> str:
    return step.node("GatherElements", step.input(0), step.input(1), axis=step.param("dim"))


def _windows(step: Step) -> str:
    """Tensor.unfold: the places of every window along one dimension."""
    dim, size, by = (step.param(name) for name in ("dim", "size", "step"))
    count = step.equal("the number of windows", *(c.shapes[0][dim] for c in step.runs))
    where = np.arange(count)[:, None] * by + np.arange(size)
    found = step.node("Gather", step.input(0), step.graph.constant(where), axis=dim)
    perm = [i for i in range(step.rank() + 1) if i != dim + 1] + [dim + 1]
    return step.node("Transpose", found, perm=perm)


def _sorted(step: Step) -> list[str]:
    params = step.call.params
    dim = step.param("dim")
    count = step.equal("k", *(c.shapes[0][dim] for c in step.runs))
    largest = step.param("largest") if "largest" in params else step.param("descending")
    k = step.integers([count])
    return step.nodes("TopK", [step.input(0), k], 2, axis=dim, largest=int(largest))


def _embedding(step: Step) -> str:
    return step.node("Gather", step.input(0), step.input(1), axis=0)


def _put_rows(step: Step) -> str:
    """A table of rows at other places; what is left has a row that fills."""
    index, rows = step.constant(1), step.param("rows")
    source = np.full(rows, len(index))
    source[index] = np.arange(len(index))
    one = step.vector([(1, 1), *step.shape(0)[1:]])
    filling = step.node("Expand", step.number(step.param("fill")), one)
    together = step.node("Concat", step.input(0), filling, axis=0)
    return step.node("Gather", together, step.integers(source), axis=0)


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
        value = step.input(0, step.call.dtypes[0])
        return reduce(step, kind, value, dims, bool(step.param("keepdim")))

    return translate


def _norm(step: Step) -> str:
    p, dims, keepdim = step.param("p"), step.param("dims"), bool(step.param("keepdim"))
    kind = {1: "ReduceL1", 2: "ReduceL2"}.get(p)
    if kind is not None:
        return reduce(step, kind, step.input(0), dims, keepdim)
    sizes = step.node("Abs", step.input(0))
    if p in (inf, -inf):
        return reduce(step, "ReduceMax" if p > 0 else "ReduceMin", sizes, dims, keepdim)
    if not p:
        raise step.error("the norm with p 0 cannot be exported")
    total = reduce(step, "ReduceSum", step.node("Pow", sizes, step.number(p)), dims, keepdim)
    return step.node("Pow", total, step.number(1 / p))


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
    "repeat": _repeat,
    "roll": _roll,
    "tril": _triangle(upper=False),
    "triu": _triangle(upper=True),
    "cumsum": _cumsum,
    "gather": _gather,
    "unfold": lambda step: _windows(step) if "dim" in step.call.params else columns(step),
    "fold": images,
    "sort": _sorted,
    "topk": _sorted,
    "prod": _reduction("ReduceProd"),
    "index": _index,
    "index_select": _index_select,
    "put_rows": _put_rows,
    "take_rows": lambda step: step.node("Gather", step.input(0), step.input(1), axis=0),
    "embedding": _embedding,
    "embedding_factor": lambda step: step.input(0),  # (its factor is the gradient's)
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
