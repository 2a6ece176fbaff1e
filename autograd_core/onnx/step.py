"""What the translation of one operator works with: its inputs and plain arguments in ONNX's terms.

A model is run twice, the second time with other values and other sizes along dynamic axes. What is
equal in both runs is a constant; a size that differs is looked up among the sizes of the inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core.onnx.trace import Call, Operand, on_host

Pair = tuple[int, int]  # a size in the first run and in the second


class ExportError(RuntimeError):
    """A model cannot be exported to ONNX as it is; the message names the operator and its line."""


class Graph:
    """The ONNX graph so far.

    Attributes:
        nodes: ``NodeProto`` in order.
        initializers: constants and parameters by name.
        names: what each value of the trace is called.
        sizes: the dynamic sizes: pair to (input, axis, name of the dimension).
        opset: the version of ONNX's operators.
    """

    def __init__(self, helper: Any, opset: int, sizes: dict[Pair, tuple[str, int, str]]) -> None:
        self.helper, self.opset, self.sizes = helper, opset, sizes
        self.nodes: list[Any] = []
        self.initializers: dict[str, Any] = {}
        self.names: dict[Any, str] = {}
        self._constants: dict[tuple[Any, ...], str] = {}
        self._size_names: dict[Pair, str] = {}
        self._count = 0

    def fresh(self, kind: str) -> str:
        """A name that nothing has yet."""
        self._count += 1
        return f"/{kind}_{self._count}"  # (no name of a parameter begins with a stroke)

    def node(self, kind: str, inputs: Sequence[str], outputs: int, **attributes: Any) -> list[str]:
        """Add a node; the names of its outputs."""
        names = [self.fresh(kind) for _ in range(outputs)]
        made = self.helper.make_node(kind, inputs, names, name=names[0], **attributes)
        self.nodes.append(made)
        return names

    def constant(self, array: Any) -> str:
        """The name of an initializer with these values."""
        array = np.ascontiguousarray(array).reshape(np.shape(array))
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = name = self.fresh("constant")
            self.initializers[name] = array
        return self._constants[key]

    def size(self, pair: Pair) -> str | None:
        """The name of a vector with one size, or None where it is not known what it depends on."""
        if pair[0] == pair[1]:
            return self.constant(np.array([pair[0]], np.int64))
        if pair not in self.sizes:
            return None
        if pair not in self._size_names:
            source, axis, _ = self.sizes[pair]
            (shape,) = self.node("Shape", [source], 1)
            where = self.constant(np.array([axis], np.int64))
            (self._size_names[pair],) = self.node("Gather", [shape, where], 1, axis=0)
        return self._size_names[pair]


class Step:
    """One call to be translated.

    Attributes:
        graph: where its nodes go.
        call, other: the call in both runs.
    """

    def __init__(self, graph: Graph, call: Call, other: Call) -> None:
        self.graph, self.call, self.other = graph, call, other

    def error(self, what: str) -> ExportError:
        """An error that says where the operator was called."""
        return ExportError(f"export: {self.call.operator} at {self.call.place}: {what}")

    # --- inputs ---

    def has(self, index: int) -> bool:
        """Whether the operator got this input."""
        return index < len(self.call.operands) and self.call.operands[index].array is not None

    def input(self, index: int) -> str:
        """The name of an input."""
        mine, other = self.call.operands[index], self.other.operands[index]
        if mine.reference is not None:
            try:
                return self.graph.names[mine.reference]
            except KeyError:
                raise self.error(
                    "it uses an output of an operator that ONNX does not have"
                ) from None
        return self._constant(index, mine, other)

    def _constant(self, index: int, mine: Operand, other: Operand) -> str:
        array, twin = (np.asarray(o.array) for o in (mine, other))
        if array.ndim == 0 and not hasattr(mine.array, "dtype"):  # a Python number
            array, twin = array.astype(self.dtype), twin.astype(self.dtype)
        if array.shape == twin.shape and np.array_equal(
            array, twin, equal_nan=array.dtype.kind == "f"
        ):
            return self.graph.constant(array)
        what = (self.call.op.inputs if self.call.op and not self.call.op.variadic else [])[index:]
        name = f"its {what[0]}" if what else f"input {index}"
        if array.size and twin.size and (array == array.flat[0]).all() and array.ndim == twin.ndim:
            if (twin == array.flat[0]).all():
                value = self.graph.helper.make_tensor(
                    "value", self.graph.helper.np_dtype_to_tensor_dtype(array.dtype), [1],
                    [array.flat[0].item()],
                )  # fmt: skip
                sizes = self.vector(list(zip(array.shape, twin.shape)))
                return self.node("ConstantOfShape", sizes, value=value)
        if array.shape != twin.shape:
            raise self.error(
                f"{name} has another shape for other sizes of the inputs, {array.shape} and "
                f"{twin.shape}, and would be a constant. Mend: leave these axes out of dynamic_axes"
            )
        raise self.error(
            f"{name} was computed from the inputs by operators without gradients (comparisons, "
            f"integers, no_grad, item()), which are not recorded, and would be a constant. Mend: "
            f"compute it outside the model and make it one of the inputs"
        )

    @property
    def dtype(self) -> Any:
        """That of the floating-point inputs."""
        dtypes = [o.array.dtype for o in self.call.operands if hasattr(o.array, "dtype")]
        return next((d for d in dtypes if d.kind == "f"), dtypes[0])

    def shape(self, index: int) -> list[Pair]:
        """The sizes of an input."""
        return list(zip(*(c.operands[index].array.shape for c in (self.call, self.other))))

    def rank(self, index: int = 0) -> int:
        """The number of dimensions of an input."""
        return len(self.shape(index))

    # --- plain arguments ---

    def param(self, name: str, *parts: str) -> Any:
        """A plain argument, or some of its attributes, which must not depend on the inputs."""
        mine, other = self.call.params[name], self.other.params[name]
        if parts:
            mine, other = ([getattr(v, part) for part in parts] for v in (mine, other))
        if not same(mine, other):
            raise self.error(f"{name} depends on the inputs: {mine} and {other} in two runs")
        return mine

    def pairs(self, name: str) -> list[Pair]:
        """A plain argument of several sizes."""
        return list(zip(self.call.params[name], self.other.params[name]))

    # --- results ---

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output."""
        return self.graph.node(kind, inputs, 1, **attributes)[0]

    def nodes(self, kind: str, inputs: Sequence[str], outputs: int, **attributes: Any) -> list[str]:
        """Add a node with several outputs."""
        return self.graph.node(kind, inputs, outputs, **attributes)

    def number(self, value: float) -> str:
        """A constant without dimensions, in the dtype of the inputs."""
        return self.graph.constant(np.asarray(value, self.dtype))

    def integers(self, values: Iterable[int]) -> str:
        """A constant vector of integers."""
        return self.graph.constant(np.asarray(list(values), np.int64))

    def vector(self, pairs: Sequence[Pair], infer: bool = False) -> str:
        """A vector of sizes; with ``infer`` one may be -1, what is left, as in Reshape."""
        unknown = [i for i, pair in enumerate(pairs) if pair[0] != pair[1]]
        if infer and len(unknown) == 1:
            return self.integers(-1 if n != m else n for n, m in pairs)
        if not unknown:
            return self.integers(n for n, _ in pairs)
        parts = [self.graph.size(pair) for pair in pairs]
        if infer and parts.count(None) == 1:
            parts[parts.index(None)] = self.integers([-1])
        names = [name for name in parts if name is not None]
        if len(names) < len(parts):
            found = [pair for pair, name in zip(pairs, parts) if name is None]
            raise self.error(
                f"sizes {found} (in two runs) are no sizes of an input. Mend: leave the axes that "
                f"they depend on out of dynamic_axes"
            )
        return self.node("Concat", *names, axis=0)

    def reshape(self, value: str, pairs: Sequence[Pair]) -> str:
        """A value in another shape."""
        return self.node("Reshape", value, self.vector(pairs, infer=True))


def same(left: Any, right: Any) -> bool:
    """Whether two plain arguments are equal, arrays and objects with arrays in them included."""
    if type(left) is not type(right):
        return False
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if hasattr(left, "shape") and not isinstance(left, np.dtype):
        return bool(np.array_equal(on_host(left), on_host(right)))
    if hasattr(left, "__dict__") and not isinstance(left, type):
        return left is right or all(
            same(v, vars(right)[k]) for k, v in vars(left).items() if k in vars(right)
        )
    return bool(left == right)
