"""Carrying out updates: an optimizer's formula, run over raw arrays or over Tensors that record.

An optimizer says for each parameter which formula updates it, with which state and which numbers.
The formula is an ordinary function with in-place operators,

    def momentum_step(xp, p, grad, buffer, *, lr, momentum):
        buffer *= momentum
        buffer += grad
        p -= lr * buffer

and is written once. Usually it gets raw arrays, and parameters with the same formula and numbers
are updated together: the backend runs it in blocks, on threads, or has a kernel of the same name.
Where the step shall be differentiable it gets Tensors, and the graph records it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import autograd_core as ag
from autograd_core.backends.base import HALF_DTYPES, Backend
from autograd_core.backends.registry import backend_of
from autograd_core.grad_mode import enable_grad
from autograd_core.inplace import check_writable, rebind
from autograd_core.optim.options import number
from autograd_core.source import here
from autograd_core.tensor import Tensor

Formula = Callable[..., None]

PLAIN = frozenset({float, int, bool})
GRADIENT = 1  # its place among the arrays of a formula: it is only read


class Update(NamedTuple):
    """How one parameter is updated.

    Attributes:
        formula: called as `formula(xp, p, grad, *state, **numbers)`; changes `p` and the state in
            place and only reads `grad`. `xp` is NumPy, CuPy or `autograd_core`.
        state: Tensors of the parameter's state that the formula changes; None where there is none.
        numbers: learning rate and the like; Tensors of one element are turned into numbers.

    Example:
        >>> def step(xp, p, grad, *, lr):
        ...     p -= lr * grad
        >>> Update(step, (), {"lr": 0.1}).numbers
        {'lr': 0.1}
    """

    formula: Formula
    state: tuple[Tensor | None, ...]
    numbers: dict[str, Any]


def per_tensor(formula: Formula) -> Formula:
    """Mark a formula that looks at its arrays as wholes, for example at their norms.

    Args:
        formula: the formula; without the mark it works element by element.

    Returns:
        The same formula.

    Example:
        >>> @per_tensor
        ... def normalized_step(xp, p, grad, *, lr):
        ...     p -= lr / xp.sqrt(xp.sum(grad * grad)) * grad
    """
    formula.per_tensor = True  # type: ignore[attr-defined]
    return formula


class Updates:
    """The updates of one step: those that can run together wait for each other.

    Args:
        operator: the name of the step, for messages about what was written.
    """

    def __init__(self, operator: str) -> None:
        self.operator = operator
        self._where = here()
        # By all that must be equal for updates to run together: formula, whether to climb, numbers,
        # and the arrays of each.
        self._waiting: dict[tuple[Any, ...], tuple[Formula, bool, dict[str, Any], list[Any]]] = {}
        # What the last update was, and the list it went to; the next is mostly of the same kind.
        self._kind: tuple[Any, ...] = ()
        self._numbers: dict[str, Any] = {}
        self._items: list[Any] = []

    def add(self, p: Tensor, grad: Tensor, update: Update, group: dict[str, Any]) -> None:
        """Take one parameter's update, which is carried out by `run` at the latest.

        Args:
            p: the parameter.
            grad: its gradient.
            update: what to do.
            group: the options of its group; "maximize", "differentiable" and "capturable" matter.
        """
        maximize = group.get("maximize", False)
        if group.get("differentiable", False):
            with enable_grad():
                check_writable(p, self.operator)
                _record(p, -grad if maximize else grad, update)
            return
        check_writable(p, self.operator)
        array = p._array
        formula, state, numbers = update
        plain = PLAIN.issuperset(map(type, numbers.values()))
        if not plain:
            for name, value in numbers.items():
                if isinstance(value, Tensor):
                    numbers[name] = _plain(value, p, group)
        arrays = [array, grad._array]
        for entry in state:
            arrays.append(None if entry is None else entry._array)
        kind = (formula, type(array), array.dtype, maximize, [one is None for one in arrays])
        if not (plain and kind == self._kind and numbers == self._numbers):
            # Arrays on a device, which must not be read, are equal only to themselves.
            values = [n if type(n) in PLAIN else id(n) for n in numbers.values()]
            key = (*kind[:4], *kind[4], *values)
            _, _, _, self._items = self._waiting.setdefault(key, (formula, maximize, numbers, []))
            self._kind, self._numbers = kind if plain else (), numbers
        self._items.append(arrays)
        p._version_counter().bump(self.operator, *self._where)

    def run(self) -> None:
        """Carry out the updates that wait."""
        for formula, maximize, numbers, items in self._waiting.values():
            backend, dtype = backend_of(items[0][0]), items[0][0].dtype
            function = _prepared(formula, backend, dtype, maximize, numbers)
            if dtype.kind == "c":  # the parts are parameters of their own
                items = [part for arrays in items for part in _parts(arrays)]
            if hasattr(formula, "per_tensor"):
                for arrays in items:
                    if arrays[0].size:  # nothing has neither norm nor mean
                        function(*arrays)
            else:
                backend.in_blocks(function, items, writes=GRADIENT.__ne__)
        self._waiting.clear()
        self._kind = ()


def _plain(value: Tensor, p: Tensor, group: dict[str, Any]) -> Any:
    """A Tensor of one element as a number; where the step is captured, which must not wait for the
    device, as an array."""
    if group.get("capturable", False) and p.device.type != "cpu":
        where, dtype = p.device, p.dtype if p.is_floating_point() else value.dtype
        return value.detach().to(device=where, dtype=dtype).reshape(())._array
    return number(value)


def _prepared(
    formula: Formula, backend: Backend, dtype: Any, maximize: bool, numbers: dict[str, Any]
) -> Callable[..., None]:
    """The formula as a function of the arrays alone."""
    kernel = formula
    if formula.__module__.startswith("autograd_core."):  # another's may have any name
        kernel = backend.kernels.get(formula.__name__, formula)
    function = partial(kernel, backend.xp, **numbers)
    if maximize:
        function = partial(_climbing, function)
    if dtype.name in HALF_DTYPES:
        function = partial(_widened, function)
    return function


def _climbing(function: Callable[..., None], p: Any, grad: Any, *state: Any) -> None:
    function(p, -grad, *state)


def _widened(function: Callable[..., None], *arrays: Any) -> None:
    """Compute in float32 and round once: a step may be too small for the narrow floats."""
    wide = [None if a is None else a.astype(np.float32) for a in arrays]
    function(*wide)
    for index, (array, value) in enumerate(zip(arrays, wide)):
        if value is not None and index != GRADIENT:
            array[...] = value.astype(array.dtype)


def _parts(arrays: list[Any]) -> list[list[Any]]:
    """The real and the imaginary parts of complex arrays."""
    return [
        [None if a is None else a.real for a in arrays],
        [None if a is None else a.imag for a in arrays],
    ]


def _record(p: Tensor, grad: Tensor, update: Update) -> None:
    """Run a formula on Tensors. It works on copies, as the graph may need the values of before."""
    numbers = {name: _recorded(value) for name, value in update.numbers.items()}
    if isinstance(numbers.get("weight_decay"), Tensor) and not numbers.get("decoupled", False):
        # A decay whose gradient is wanted needs the parameter as it was.
        grad = grad + numbers["weight_decay"] * p
        numbers["weight_decay"] = 0.0
    tensors = (p, *update.state)
    copies = [None if t is None else t.clone() for t in tensors]
    views: list[Any] = [grad, *copies]
    if p.is_complex():
        views = [None if t is None else ag.view_as_real(t) for t in views]
    grad, changed, *state = views
    update.formula(ag, changed, grad, *state, **numbers)
    for tensor, copy in zip(tensors, copies):
        if tensor is not None and copy is not None:
            rebind(tensor, copy)


def _recorded(value: Any) -> Any:
    """An option as the formula gets it: a Tensor if its gradient is wanted, else a number."""
    if isinstance(value, Tensor):
        return value.reshape(()) if value.requires_grad else number(value)
    return value
