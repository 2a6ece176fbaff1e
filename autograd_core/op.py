"""How an operator and its gradient rules are declared, and what happens when it is called.

An operator's forward works on arrays: ``forward(xp, *inputs, *params)``, where ``xp`` is NumPy or
CuPy. A rule gives
the gradient of one input: ``lambda g, out: g * out``. The names of a rule's arguments say what it
wants besides the output's gradient ``g``: inputs and outputs (which are then kept alive until
backward) and plain parameters. What no rule names is freed at once.

Rules use Python's operators and this package's functions, so that one rule serves every order:
fed raw arrays it computes at once, fed tensors it records. Rules that look at their operator's
values only to choose a piece (``only(out > 0, g)``) are marked ``linked``, see ``plan.linked``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.backends.registry import BACKENDS_BY_TYPE, backend_of
from autograd_core.base import TensorBase, as_view, node_of, saved_of
from autograd_core.dtypes import result_type
from autograd_core.grad_mode import modes, unusual_threads, watching_threads
from autograd_core.graph import Node, Output, ParameterNode
from autograd_core.layouts import in_order_of
from autograd_core.messages import device_mismatch, explain
from autograd_core.plan import Plan, Rule, arguments
from autograd_core.ranges import stored
from autograd_core.source import user_place


class Op:
    """One operator: forward, gradient rules, and how many values go in and out.

    Args:
        name: PyTorch's name; backends may override the forward under it (``Backend.kernels``).
        forward: ``forward(xp, *inputs, *params)`` on arrays; returns an array, or a tuple of
            ``outputs``.
        rules: gradient rule by input name. Inputs without a rule get no gradient.
        joint: instead of ``rules``, one ``joint(g, needs, ...)`` that returns the gradients of
            all inputs, for operators whose gradients share work. ``needs`` says which are wanted;
            others may be None.
        inputs: how many of forward's arguments are inputs (tensors, or None for all but the first);
            the rest are plain parameters.
        variadic: the single input is a sequence of tensors.
        several: the output is a tuple whose length depends on the arguments.
        outputs: names of the outputs. Only those in ``differentiable`` get gradients (default:
            all).
        view: the only output shares the only input's memory.
        may_copy: it does so where the memory allows, and is a copy elsewhere (reshape).
        keeps_order: the result lies in memory as ``forward`` makes it: an elementwise one in the
            order of its inputs. Others are contiguous, as in PyTorch, so that ``view`` works on
            them.
        holomorphic: rules are written as for real numbers, g * f'; for complex values they are
            conjugated here.
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
        keeps_order: bool = False,
        holomorphic: bool = False,
    ) -> None:
        self.name = name
        self.forward = forward
        names = arguments(forward)[1:]
        self.inputs, self.params = names[:inputs], names[inputs:]
        self.variadic, self.several = variadic, several
        self.arity = inputs
        self.outputs = tuple(outputs)
        self.single = not several and len(self.outputs) == 1
        self.simple = self.single and inputs == 1 and not variadic and joint is None
        chosen = self.outputs if differentiable is None else differentiable
        self.differentiable = tuple(i for i, o in enumerate(self.outputs) if o in chosen)
        self.joint = joint
        unknown = set(rules or ()) - set(self.inputs)
        if unknown:
            raise TypeError(
                f"{name}: rules for {sorted(unknown)}, which are not inputs {self.inputs}"
            )
        self.rules = tuple((rules or {}).get(i) for i in self.inputs)
        self.view, self.may_copy = view, may_copy
        self.in_order = not (view or keeps_order or several)
        self.mixes = keeps_order and inputs > 1
        self.holomorphic = holomorphic
        self._plans: dict[tuple[tuple[bool, ...], bool], Plan] = {}
        self._alone: Plan | None = None  # that of one input, for real numbers

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

    def __call__(self, input: Any, *params: Any) -> Any:
        """Apply to tensors and raw arrays; with raw arrays alone, compute and return raw arrays."""
        if not self.simple:
            return self._apply(input, *params)
        if not isinstance(input, TensorBase):
            backend = BACKENDS_BY_TYPE.get(type(input)) or backend_of(input)
            return backend.kernels.get(self.name, self.forward)(backend.xp, input, *params)
        array = input._array
        backend = BACKENDS_BY_TYPE.get(type(array)) or backend_of(array)
        forward = backend.kernels.get(self.name, self.forward)
        try:
            value = forward(backend.xp, array, *params)
        except (ValueError, TypeError, IndexError) as error:
            raise explain(self.name, (input,), error) from error
        if type(value) is not backend.array_type:
            value = backend.asarray(value)
        if self.in_order and not value.flags.c_contiguous:
            value = value.copy()
        result = TensorBase._wrap(value)
        if self.view and (
            not self.may_copy or array.flags.c_contiguous or backend.shares_memory(array, value)
        ):
            as_view(result, input, self, params)
        source = input._node if input._view is None else node_of(input)
        if (
            source is None
            or (kind := (dtype := value.dtype).kind) in "biu"
            or self.rules[0] is None
            or (unusual_threads and not modes.grad)
        ):
            if watching_threads and modes.unrecorded is not None:
                modes.unrecorded(self, (array,), params, (value,))
            return result
        node: Node
        if params:
            node = ParameterNode()
            node.params = params
        else:
            node = Node()
        result._node = node
        plan = self._alone
        if plan is None or kind == "c":
            plan = self.plan((True,), kind == "c")
            if kind != "c":
                self._alone = plan
        node.plan = plan
        node.inputs = (source,)
        node.hooks = None
        node.shape, node.dtype = value.shape, dtype
        node.code, node.lasti = user_place(sys._getframe(1))
        node.saved = saved_of(plan.origins, (input,), (result,)) if plan.origins else ()
        if unusual_threads and modes.anomaly is not None:
            modes.anomaly(node, (array,), (value,))
        return result

    def _apply(self, *args: Any) -> Any:
        """The general case: several inputs or outputs, or one joint rule."""
        if self.variadic:
            inputs, params = tuple(args[0]), args[1:]
        else:
            inputs, params = args[: self.arity], args[self.arity :]
        arrays, sources, recorded = [], [], False
        for value in inputs:
            source = None
            if isinstance(value, TensorBase):
                source = value._node if value._view is None else node_of(value)
                value = value._array
                recorded = True
            sources.append(source)
            arrays.append(value)
        kind = type(arrays[0])
        backend = BACKENDS_BY_TYPE.get(kind) or backend_of(arrays[0])
        for array in arrays:
            if type(array) is kind or array is None:
                continue
            if backend_of(array) is not backend:
                raise device_mismatch(self.name, [a for a in arrays if a is not None])
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
            if self.in_order and not array.flags.c_contiguous:
                array = array.copy()
            elif self.mixes and array.ndim:
                for one in arrays:
                    if one is not None and not one.flags.c_contiguous:
                        array = in_order_of(array, *[a for a in arrays if a is not None])
                        break
            results.append(TensorBase._wrap(array))
        if not unusual_threads or modes.grad:
            node = self._recorded(sources, inputs, params, results)
            if node is not None:
                if unusual_threads and modes.anomaly is not None:
                    modes.anomaly(node, arrays, values)
                return tuple(results) if values is value else results[0]
        if watching_threads and modes.unrecorded is not None:
            modes.unrecorded(self, arrays, params, [r._array for r in results])
        return tuple(results) if values is value else results[0]

    def record(
        self, inputs: Sequence[Any], params: tuple[Any, ...], results: Sequence[TensorBase]
    ) -> Node | None:
        """Make the node of a call and give it to the results; None if no input needs a gradient."""
        return self._recorded([node_of(value) for value in inputs], inputs, params, results)

    def _recorded(
        self,
        sources: list[Node | None],
        inputs: Sequence[Any],
        params: tuple[Any, ...],
        results: Sequence[TensorBase],
    ) -> Node | None:
        """``record``, where the nodes of the inputs are known."""
        if self.joint is None:
            sources = [s if rule is not None else None for s, rule in zip(sources, self.rules)]
        needs = tuple([source is not None for source in sources])
        if True not in needs:
            return None
        if self.single:
            array = results[0]._array
            dtype = array.dtype
            if (kind := dtype.kind) in "biu":
                return None
            node = self._node(needs, sources, params, kind == "c")
            node.shape, node.dtype = array.shape, dtype
            results[0]._node = node
        else:
            made = self._node_of_several(needs, sources, params, results)
            if made is None:
                return None
            node = made
        origins = node.plan.origins
        node.saved = saved_of(origins, inputs, results) if origins else ()
        return node

    def _node(
        self, needs: Any, sources: Any, params: tuple[Any, ...], complex_values: bool
    ) -> Node:
        """The node of a call, without what depends on its results."""
        node: Node
        if params:
            node = ParameterNode()
            node.params = params
        else:
            node = Node()
        node.plan = self.plan(needs, complex_values)
        node.inputs = tuple(sources)
        node.hooks = None
        node.code, node.lasti = user_place(sys._getframe(3))
        return node

    def _node_of_several(
        self, needs: Any, sources: Any, params: tuple[Any, ...], results: Sequence[TensorBase]
    ) -> Node | None:
        """The node of a call with several outputs, given to those of them that are
        differentiable."""
        arrays = [r._array for r in results]
        candidates = range(len(results)) if self.several else self.differentiable
        which = [i for i in candidates if arrays[i].dtype.kind not in "biu"]
        if not which:
            return None
        node = self._node(needs, sources, params, arrays[which[0]].dtype.kind == "c")
        if self.several or len(self.differentiable) > 1:
            given = set(which)  # (no gradients are made for the others)
            node.shape = [a.shape if i in given else None for i, a in enumerate(arrays)]  # type: ignore[assignment]
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
    """Operands of one dtype, PyTorch's result type: tensors by a recorded cast, numbers as 0-d
    arrays.

    Where all are numbers, the array ``like`` says on which backend.
    """
    arrays: list[Any] = [v._array if isinstance(v, TensorBase) else v for v in values]
    kind = type(arrays[0])
    if kind in BACKENDS_BY_TYPE:
        own = arrays[0].dtype
        for one in arrays:
            if type(one) is not kind or one.dtype is not own:
                break
        else:
            return list(values)
    lead = next((a for a in arrays if hasattr(a, "shape") and not isinstance(a, np.generic)), like)
    if lead is None:
        raise TypeError(
            f"{name}: expected a tensor among {', '.join(type(v).__name__ for v in values)}"
        )
    backend = backend_of(lead)
    try:
        dtype = result_type(*arrays).numpy
    except TypeError:
        raise TypeError(
            f"{name}: expected tensors and numbers, got "
            f"{', '.join(type(v).__name__ for v in values)}"
        ) from None
    results = []
    for value, array in zip(values, arrays):
        here = isinstance(array, backend.array_type)
        if not here:
            if hasattr(array, "shape") and array.ndim:
                raise device_mismatch(name, [a for a in arrays if hasattr(a, "shape")])
            number = array if not hasattr(array, "shape") else backend_of(array).item(array)
            try:
                results.append(backend.asarray(number, dtype))
            except OverflowError:
                results.append(backend.asarray(stored(name, number, dtype), dtype))
        elif array.dtype == dtype:
            results.append(value)
        else:
            recorded = isinstance(value, TensorBase)
            results.append(value._cast(dtype) if recorded else array.astype(dtype))
    return results
