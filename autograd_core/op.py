"""How an operator and its gradient rules are declared, and what happens when it is called.

An operator's forward works on arrays: ``forward(xp, *inputs, *params)``, where ``xp`` is NumPy or CuPy. A rule gives
the gradient of one input: ``lambda g, out: g * out``. The names of a rule's arguments say what it wants besides the
output's gradient ``g``: inputs and outputs (which are then kept alive until backward) and plain parameters. What no
rule names is freed at once.

Rules use Python's operators and this package's functions, so that one rule serves every order: fed raw arrays it
computes at once, fed tensors it records.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from autograd_core.backends.registry import BACKENDS_BY_TYPE, backend_of
from autograd_core.base import TensorBase, as_view, node_of, saved
from autograd_core.dtypes import result_type
from autograd_core.errors import DeviceError, ShapeError
from autograd_core.graph import Node, Output, ParameterNode
from autograd_core.mode import modes, unusual_threads
from autograd_core.source import inside, place_and_text, user_frame

Rule = Callable[..., Any]


class Plan:
    """What an operator saves and runs, given which of its inputs need gradients."""

    __slots__ = ("calls", "joint", "needs", "op", "origins", "quick", "save_inputs", "save_outputs")

    def __init__(self, op: Op, needs: tuple[bool, ...], conjugate: bool) -> None:
        self.op = op
        self.needs = needs
        names: set[str] = set()
        rules: list[Rule | None]
        if op.joint is not None:
            rules = [op.joint]
        else:
            rules = [op.rules[i] if need else None for i, need in enumerate(needs)]
        for rule in rules:
            if rule is not None:
                names.update(_wants(rule, op))
        inputs = range(len(needs)) if op.variadic else range(len(op.inputs))
        self.save_inputs = tuple(
            i for i in inputs if (op.inputs[0] if op.variadic else op.inputs[i]) in names
        )
        self.save_outputs = tuple(i for i, name in enumerate(op.outputs) if name in names)
        # Where saved value k came from: input i, or output -1-i.
        self.origins = self.save_inputs + tuple(-1 - i for i in self.save_outputs)
        self.joint = None if op.joint is None else (op.joint, self._positions(op.joint))
        self.calls = tuple(
            None if r is None else (_conjugated(r) if conjugate else r, self._positions(r)) for r in rules
        )

        self.quick = self._quick()

    def _quick(self) -> Callable[[Any, Any], Sequence[Any]] | None:
        """The rules as one function of (saved, g), for elementwise operators on raw arrays; None for others.

        The walk of a small graph spends its time on bookkeeping between rules; these few shapes, which are those of
        almost all elementwise operators, need none.
        """
        if self.joint is not None or self.op.params or len(self.calls) > 2:
            return None
        rules = [None if call is None else call[0] for call in self.calls]
        wants = tuple([None if call is None else call[1] for call in self.calls])
        if len(rules) == 1:
            (rule,) = rules
            if wants == ((),):
                return lambda saved, g: (rule(g),)
            return (lambda saved, g: (rule(g, saved[0][0]),)) if wants == ((0,),) else None
        left, right = rules
        if wants == ((), ()):
            return lambda saved, g: (left(g), right(g))
        if wants == ((1,), (0,)):
            return lambda saved, g: (left(g, saved[1][0]), right(g, saved[0][0]))
        if wants == ((), None):
            return lambda saved, g: (left(g), None)
        if wants == ((0,), None):
            return lambda saved, g: (left(g, saved[0][0]), None)
        return None

    def _positions(self, rule: Rule) -> tuple[int, ...]:
        """Where the values that ``rule`` wants stand in (saved..., params...)."""
        op = self.op
        places = {name: len(self.origins) + i for i, name in enumerate(op.params)}
        for k, origin in enumerate(self.origins):
            if origin < 0:
                places[op.outputs[-1 - origin]] = k
            elif not op.variadic:
                places[op.inputs[origin]] = k
        return tuple(places[name] for name in _wants(rule, op))

    def origin_name(self, index: int) -> str:
        """ "output", or "input" with its name, for messages about saved value ``index``."""
        origin: int = self.origins[index]
        return "output" if origin < 0 else f"input {self.op.input_name(origin)!r}"


def _conjugated(rule: Rule) -> Rule:
    """A holomorphic operator's rule for complex values: g * conj(f') instead of g * f', as in PyTorch."""
    return lambda g, *values: rule(g.conj(), *values).conj()


def _arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    code = function.__code__
    return code.co_varnames[: code.co_argcount]


def _wants(rule: Rule, op: Op) -> tuple[str, ...]:
    """The names a rule wants besides g (and ``needs``, for a joint rule)."""
    return _arguments(rule)[2 if rule is op.joint else 1 :]


class Op:
    """One operator: forward, gradient rules, and how many values go in and out.

    Args:
        name: PyTorch's name; backends may override the forward under it (``Backend.kernels``).
        forward: ``forward(xp, *inputs, *params)`` on arrays; returns an array, or a tuple of ``outputs``.
        rules: gradient rule by input name. Inputs without a rule get no gradient.
        joint: instead of ``rules``, one ``joint(g, needs, ...)`` that returns the gradients of all inputs, for
            operators whose gradients share work. ``needs`` says which are wanted; others may be None.
        inputs: how many of forward's arguments are inputs (tensors); the rest are plain parameters.
        variadic: the single input is a sequence of tensors.
        several: the output is a tuple whose length depends on the arguments.
        outputs: names of the outputs. Only those in ``differentiable`` get gradients (default: all).
        view: the only output shares the only input's memory.
        may_copy: it does so where the memory allows, and is a copy elsewhere (reshape).
        holomorphic: rules are written as for real numbers, g * f'; for complex values they are conjugated here.
    """

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        rules: dict[str, Rule] | None = None,
        *,
        joint: Rule | None = None,
        inputs: int = 1,
        variadic: bool = False,
        several: bool = False,
        outputs: Sequence[str] = ("out",),
        differentiable: Sequence[str] | None = None,
        view: bool = False,
        may_copy: bool = False,
        holomorphic: bool = False,
    ) -> None:
        self.name = name
        self.forward = forward
        arguments = _arguments(forward)[1:]
        self.inputs, self.params = arguments[:inputs], arguments[inputs:]
        self.variadic, self.several = variadic, several
        self.arity = inputs
        self.outputs = tuple(outputs)
        self.single = not several and len(self.outputs) == 1
        chosen = self.outputs if differentiable is None else differentiable
        self.differentiable = tuple(i for i, o in enumerate(self.outputs) if o in chosen)
        self.joint = joint
        unknown = set(rules or ()) - set(self.inputs)
        if unknown:
            raise TypeError(f"{name}: rules for {sorted(unknown)}, which are not inputs {self.inputs}")
        self.rules = tuple((rules or {}).get(i) for i in self.inputs)
        self.view, self.may_copy = view, may_copy
        self.holomorphic = holomorphic
        self._plans: dict[tuple[tuple[bool, ...], bool], Plan] = {}

    def plan(self, needs: tuple[bool, ...], complex_values: bool = False) -> Plan:
        """The plan for inputs of which those marked True need gradients."""
        key = (needs, complex_values and self.holomorphic)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = Plan(self, *key)
        return plan

    def recording_plan(self, left: Node | None, right: Node | None, dtype: Any) -> Plan | None:
        """The plan for an elementwise call in any mode and dtype; None where it is not recorded."""
        if not modes.grad or dtype.kind in "biu":
            return None
        needs = tuple(n is not None and r is not None for n, r in zip((left, right), self.rules))
        return self.plan(needs, dtype.kind == "c") if True in needs else None

    def input_name(self, index: int) -> str:
        return f"{self.inputs[0]}[{index}]" if self.variadic else self.inputs[index]

    def __call__(self, *args: Any) -> Any:
        """Apply to tensors and raw arrays; with raw arrays alone, compute and return raw arrays."""
        if self.view:
            return self._look(args[0], args[1:])
        if self.variadic:
            inputs, params = tuple(args[0]), args[1:]
        else:
            inputs, params = args[: self.arity], args[self.arity :]
        arrays, recorded = [], False
        for value in inputs:
            if isinstance(value, TensorBase):
                arrays.append(value._array)
                recorded = True
            else:
                arrays.append(value)
        kind = type(arrays[0])
        backend = BACKENDS_BY_TYPE.get(kind) or backend_of(arrays[0])
        for array in arrays:
            if type(array) is not kind and backend_of(array) is not backend:
                raise device_mismatch(self.name, arrays)
        forward = backend.kernels.get(self.name, self.forward)
        try:
            if self.variadic:
                value = forward(backend.xp, arrays, *params)
            else:
                value = forward(backend.xp, *arrays, *params)
        except (ValueError, TypeError, IndexError) as error:
            raise explain(self.name, inputs, error) from error
        if not recorded:
            return value
        values = value if type(value) is tuple else (value,)
        results = []
        for array in values:
            if type(array) is not backend.array_type:
                array = backend.asarray(array)
            results.append(TensorBase._wrap(array))
        if not unusual_threads or modes.grad:
            node = self.record(inputs, params, results)
            if node is not None and modes.anomaly is not None:
                modes.anomaly(node, arrays, values)
        return tuple(results) if values is value else results[0]

    def _look(self, input: Any, params: tuple[Any, ...]) -> Any:
        """A view: one input and one output, which share their memory, version counter and place in the graph."""
        is_tensor = isinstance(input, TensorBase)
        array = input._array if is_tensor else input
        backend = backend_of(array)
        try:
            value = self.forward(backend.xp, array, *params)
        except (ValueError, TypeError, IndexError) as error:
            raise explain(self.name, (input,), error) from error
        if not is_tensor:
            return value
        result = TensorBase._wrap(value)
        if not self.may_copy or array.flags.c_contiguous or backend.shares_memory(array, value):
            as_view(result, input, self, params)
        kind = value.dtype.kind
        if kind in "biu" or not modes.grad:
            return result
        source = input._node if input._view is None else node_of(input)
        if source is None or self.rules[0] is None:
            return result
        plan = self.plan((True,), kind == "c")
        result._node = node = ParameterNode()
        node.plan, node.inputs, node.params, node.hooks = plan, (source,), params, None
        node.shape, node.dtype = value.shape, value.dtype
        node.saved = tuple([saved(input) for _ in plan.save_inputs])
        frame = sys._getframe(2)
        if inside[frame.f_code.co_filename]:
            frame = user_frame(frame)
        node.code, node.lasti = frame.f_code, frame.f_lasti
        if modes.anomaly is not None:
            modes.anomaly(node, (array,), (value,))
        return result

    def record(
        self, inputs: Sequence[Any], params: tuple[Any, ...], results: Sequence[TensorBase]
    ) -> Node | None:
        """Make the node of a call and give it to the results; None if no input needs a gradient."""
        sources, needs = [], []
        rules = repeat(True) if self.variadic or self.joint is not None else self.rules
        for value, rule in zip(inputs, rules):
            source = node_of(value) if rule is not None and isinstance(value, TensorBase) else None
            sources.append(source)
            needs.append(source is not None)
        if True not in needs:
            return None
        if self.single:
            array = results[0]._array
            if array.dtype.kind in "biu":
                return None
            node = self._node(tuple(needs), sources, params, array.dtype.kind == "c")
            node.shape, node.dtype = array.shape, array.dtype
            results[0]._node = node
        else:
            node = self._node_of_several(tuple(needs), sources, params, results)
            if node is None:
                return None
        plan = node.plan
        keep = [saved(inputs[i]) for i in plan.save_inputs] if plan.save_inputs else []
        for i in plan.save_outputs:
            keep.append(saved(results[i]))
        node.saved = tuple(keep)
        return node

    def _node(self, needs: Any, sources: Any, params: tuple[Any, ...], complex_values: bool) -> Node:
        """The node of a call, without what depends on its results."""
        node = Node()
        if params:
            node = ParameterNode()
            node.params = params
        node.plan = self.plan(needs, complex_values)
        node.inputs = tuple(sources)
        node.hooks = None
        frame = user_frame(sys._getframe(2))
        node.code, node.lasti = frame.f_code, frame.f_lasti
        return node

    def _node_of_several(
        self, needs: Any, sources: Any, params: tuple[Any, ...], results: Sequence[TensorBase]
    ) -> Node | None:
        """The node of a call with several outputs, given to those of them that are differentiable."""
        arrays = [r._array for r in results]
        which = range(len(results)) if self.several else self.differentiable
        which = [i for i in which if arrays[i].dtype.kind not in "biu"]
        if not which:
            return None
        node = self._node(needs, sources, params, arrays[which[0]].dtype.kind == "c")
        if self.several or len(self.differentiable) > 1:
            node.shape = [a.shape for a in arrays]  # type: ignore[assignment]
            node.dtype = [a.dtype for a in arrays]
            for i in which:
                results[i]._node = Output.of(node, i)
        else:
            node.shape, node.dtype = arrays[which[0]].shape, arrays[which[0]].dtype
            results[which[0]]._node = node
        return node

    def __repr__(self) -> str:
        return f"Op({self.name!r}, inputs={self.inputs}, params={self.params})"


def promote(name: str, *values: Any, like: Any = None) -> list[Any]:
    """Operands of one dtype, PyTorch's result type: tensors by a recorded cast, numbers as 0-d arrays.

    Where all are numbers, the array ``like`` says on which backend.
    """
    arrays = [v._array if isinstance(v, TensorBase) else v for v in values]
    lead = next((a for a in arrays if hasattr(a, "shape") and not isinstance(a, np.generic)), like)
    if lead is None:
        raise TypeError(f"{name}: expected a tensor among {', '.join(type(v).__name__ for v in values)}")
    backend, dtype = backend_of(lead), result_type(*arrays).numpy
    results = []
    for value, array in zip(values, arrays):
        if not isinstance(array, backend.array_type):
            if hasattr(array, "shape") and getattr(array, "ndim", 0):
                raise device_mismatch(name, [a for a in arrays if hasattr(a, "shape")])
            number = array if not hasattr(array, "shape") else backend_of(array).item(array)
            results.append(backend.asarray(number, dtype))
        elif array.dtype == dtype:
            results.append(value)
        else:
            results.append(value._cast(dtype) if isinstance(value, TensorBase) else array.astype(dtype))
    return results


def describe(value: Any) -> str:
    """A short description of an operand for messages: shape, dtype and where it was made."""
    if isinstance(value, TensorBase):
        array, node = value._array, value._node
        made = "" if node is None else f" from {node.operator} at {place_and_text(node.code, node.lasti)}"
        return f"{tuple(array.shape)} {array.dtype}{made}"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"{tuple(value.shape)} {value.dtype} array"
    return f"{type(value).__name__} {value!r}"[:80]


def operands(inputs: Sequence[Any]) -> Iterator[str]:
    """One description per operand, numbered."""
    for i, value in enumerate(inputs):
        yield f"operand {i + 1}: {describe(value)}"


def explain(name: str, inputs: Sequence[Any], error: Exception, mend: str = "") -> Exception:
    """The error to raise when an operator's arithmetic refused its operands."""
    frame = user_frame(sys._getframe(1))
    where = place_and_text(frame.f_code, frame.f_lasti)
    text = f"{name} at {where}: {error}; " + "; ".join(operands(inputs)) + (f". Mend: {mend}" if mend else "")
    if isinstance(error, IndexError):
        return IndexError(text)
    return TypeError(text) if isinstance(error, TypeError) else ShapeError(text)


def device_mismatch(name: str, arrays: Sequence[Any]) -> DeviceError:
    """The error for operands on different devices."""
    places = ", ".join(f"{tuple(a.shape)} {a.dtype} on {backend_of(a).device_of(a)}" for a in arrays)
    return DeviceError(
        f"{name}: expected all operands on one device, got {places}. Mend: move them with .to(device)."
    )
