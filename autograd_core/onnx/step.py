"""What the translation of one operator works with: its inputs and plain arguments in ONNX's terms.

A model is run twice, the second time with other values and other sizes along dynamic axes. What is
equal in both runs is a constant; a size that differs is looked up among the sizes of the inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core.dtypes import result_type
from autograd_core.onnx.trace import Call, ExportError, Operand, on_host

Pair = tuple[int, int]  # a size in the first run and in the second


class Graph:
    """The ONNX graph so far.

    Attributes:
        nodes: ``NodeProto`` in order.
        initializers: constants and parameters by name.
        names: what each value of the trace is called.
        sizes: the dynamic sizes: pair to (input, axis, name of the dimension).
        opset: the version of ONNX's operators.
        folded: the numbers of the calls whose inputs are constants.
    """

    def __init__(
        self, helper: Any, opset: int, sizes: dict[Pair, tuple[str, int, str]], folded: set[int]
    ) -> None:
        self.helper, self.opset, self.sizes, self.folded = helper, opset, sizes, folded
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

    def reference(self, mine: Operand, other: Operand) -> Any:
        """Where an operand comes from; None for a constant, computed ones included."""
        if mine.reference is None or mine.reference[0] not in self.folded:
            return mine.reference
        return None if same(mine.array, other.array) else mine.reference

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

    def input(self, index: int, dtype: Any = None) -> str:
        """The name of an input; with a ``dtype``, cast to it."""
        mine, other = self.call.operands[index], self.other.operands[index]
        if dtype is not None and not hasattr(mine.array, "dtype"):  # a Python number
            mine, other = (o._replace(array=np.asarray(o.array, dtype)) for o in (mine, other))
        reference = self.graph.reference(mine, other)
        if reference is None:
            name = self._constant(index, mine, other)
        else:
            try:
                name = self.graph.names[reference]
            except KeyError:
                raise self.error(
                    "it uses an output of an operator that ONNX does not have"
                ) from None
        return name if dtype is None or dtype == mine.array.dtype else self.cast(name, dtype)

    def constant(self, index: int) -> Any:
        """The values of an input, which must not depend on the model's inputs."""
        mine, other = self.call.operands[index], self.other.operands[index]
        if self.graph.reference(mine, other) is not None:
            raise self.error(f"input {index} depends on the inputs")
        return self.equal(f"input {index}", on_host(mine.array), on_host(other.array))

    def cast(self, value: str, dtype: Any) -> str:
        """A value in another dtype."""
        return self.node("Cast", value, to=self.graph.helper.np_dtype_to_tensor_dtype(dtype))

    def _constant(self, index: int, mine: Operand, other: Operand) -> str:
        array, twin = (np.asarray(o.array) for o in (mine, other))
        if array.ndim == 0 and not hasattr(mine.array, "dtype"):  # a Python number
            array, twin = array.astype(self.dtype), twin.astype(self.dtype)
        if array.shape == twin.shape and np.array_equal(
            array, twin, equal_nan=array.dtype.kind == "f"
        ):
            return self.graph.constant(array)
        made = self._of_sizes(array, twin)
        if made is not None:
            return made
        what = (self.call.op.inputs if self.call.op and not self.call.op.variadic else [])[index:]
        name = f"its {what[0]}" if what else f"input {index}"
        if array.shape != twin.shape:
            raise self.error(
                f"{name} has another shape for other sizes of the inputs, {array.shape} and "
                f"{twin.shape}, and would be a constant. Mend: leave these axes out of dynamic_axes"
            )
        raise self.error(
            f"{name} was computed from the inputs in a way that cannot be followed (item(), "
            f"numpy(), a size), and would be a constant. Mend: compute it outside the model and "
            f"make it one of the inputs"
        )

    def _of_sizes(self, array: Any, twin: Any) -> str | None:
        """A constant that depends on sizes of the inputs alone: one number everywhere, or numbers
        in equal steps (arange)."""
        if not (array.size and twin.size and array.ndim == twin.ndim):
            return None
        first = array.flat[0]
        if (array == first).all() and (twin == first).all():
            kind = self.graph.helper.np_dtype_to_tensor_dtype(array.dtype)
            value = self.graph.helper.make_tensor("value", kind, [1], [first.item()])
            sizes = self.vector(list(zip(array.shape, twin.shape)))
            return self.node("ConstantOfShape", sizes, value=value)
        if array.ndim != 1 or array.dtype.kind not in "if":
            return None
        longer = max(array, twin, key=len)
        if len(longer) < 2:
            return None
        step = longer[1] - longer[0]
        if any(not np.array_equal(a, first + step * np.arange(len(a))) for a in (array, twin)):
            return None
        scalar = self.integers([0])
        size = self.vector([(len(array), len(twin))])
        end = self.node("Squeeze", size, scalar)
        numbers = [self.graph.constant(np.asarray(n, np.int64)) for n in (0, 1)]
        value = self.node("Range", numbers[0], end, numbers[1])
        if array.dtype != np.int64:
            value = self.cast(value, array.dtype)
        if step != 1:
            value = self.node("Mul", value, self.graph.constant(np.asarray(step, array.dtype)))
        if first != 0:
            value = self.node("Add", value, self.graph.constant(np.asarray(first, array.dtype)))
        return value

    @property
    def dtype(self) -> Any:
        """That of the floating-point inputs."""
        dtypes = [o.array.dtype for o in self.call.operands if hasattr(o.array, "dtype")]
        return next((d for d in dtypes if d.kind == "f"), dtypes[0])

    @property
    def common(self) -> Any:
        """The dtype to which all inputs are promoted."""
        arrays = [o.array for o in self.call.operands]
        if not any(hasattr(array, "dtype") for array in arrays):
            return self.call.dtypes[0]
        return result_type(*arrays).numpy

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
        return self.equal(name, mine, other)

    @property
    def runs(self) -> tuple[Call, Call]:
        """The call in both runs."""
        return self.call, self.other

    def equal(self, name: str, mine: Any, other: Any) -> Any:
        """What was found out of plain arguments, which must not depend on the inputs."""
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
