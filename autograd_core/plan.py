"""What one recorded call saves, and which gradient rules its node will run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from autograd_core.op import Op

Rule = Callable[..., Any]
_origins: dict[tuple[int, ...], tuple[int, ...]] = {}


def interned(origins: tuple[int, ...]) -> tuple[int, ...]:
    """The same tuple for equal ones, so that hot code can ask which it is by identity."""
    return _origins.setdefault(origins, origins)


def linked(rule: Rule) -> Rule:
    """Mark a rule whose gradient varies with its operator's inputs only from piece to piece.

    Where the walk is recorded, what such a rule gives stays linked to the inputs, by a derivative
    of zero: second derivatives of a relu network are zeros then, as in PyTorch, whose formulas
    name the input. The link needs no saved value, and where nothing is recorded there is none.
    """
    rule.linked = True  # type: ignore[attr-defined]
    return rule


class Plan:
    """What an operator saves and runs, given which of its inputs need gradients.

    Attributes:
        quick: the rules as one function, see ``_quick``.
        negates: the second of the shares that ``quick`` gives is to be taken negative. So a
            difference need not negate what is then added to another gradient.
        linked: whether recorded gradients are to be linked to the inputs, see :func:`linked`.
    """

    __slots__ = (
        "calls", "joint", "linked", "needs", "negates", "op", "origins", "quick", "save_inputs",
        "save_outputs",
    )  # fmt: skip

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
        self.linked = any(getattr(rule, "linked", False) for rule in rules)
        inputs = range(len(needs)) if op.variadic else range(len(op.inputs))
        self.save_inputs = tuple(
            i for i in inputs if (op.inputs[0] if op.variadic else op.inputs[i]) in names
        )
        self.save_outputs = tuple(i for i, name in enumerate(op.outputs) if name in names)
        # Where saved value k came from: input i, or output -1-i.
        self.origins = interned(self.save_inputs + tuple(-1 - i for i in self.save_outputs))
        self.joint = None if op.joint is None else (op.joint, self._positions(op.joint))
        self.calls = tuple(
            None if r is None else (_conjugated(r) if conjugate else r, self._positions(r))
            for r in rules
        )

        self.negates = False
        self.quick = self._quick()

    def _quick(self) -> Callable[[Any, Any], Sequence[Any]] | None:
        """The rules as one function of (saved, g), for elementwise operators on raw arrays; None
        for others. It returns None when a version counter moved: then ``Node.unpack`` must look.

        The walk of a small graph spends its time on bookkeeping between rules; these few shapes,
        which are those of almost all elementwise operators, need none.
        """
        op = self.op
        if self.joint is not None or op.params or not op.single or len(self.calls) > 2:
            return None
        rules: list[Any] = [None if call is None else _direct(call[0]) for call in self.calls]
        wants = tuple([None if call is None else call[1] for call in self.calls])
        if len(rules) == 1:
            (rule,) = rules
            if wants == ((),):
                return lambda saved, g: (rule(g),)
            return _of_saved(rule) if wants == ((0,),) else None
        left, right = rules
        if wants == ((), ()):
            self.negates = _passes_on(left) and right is np.negative
            if self.negates or (_passes_on(left) and _passes_on(right)):
                return pass_on
            return lambda saved, g: (left(g), right(g))
        if wants == ((1,), (0,)):
            return _crosswise(left, right)
        if wants == ((), None):
            return lambda saved, g: (left(g), None)
        if wants == ((0,), None):
            return _left_of_saved(left)
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


# Rules that are one ufunc, by their code: on raw arrays that ufunc itself saves a call.
_UFUNCS: dict[bytes, Any] = {
    (lambda g, x: g * x).__code__.co_code: np.multiply,
    (lambda g, x: g / x).__code__.co_code: np.true_divide,
    (lambda g: -g).__code__.co_code: np.negative,
}


def pass_on(saved: Any, g: Any) -> Any:
    """The rules of a sum; and of a difference, whose second share the walk subtracts."""
    return g, g


_IDENTITY = (lambda g: g).__code__.co_code


def _passes_on(rule: Any) -> bool:
    """Whether the gradient is handed on as it is."""
    return hasattr(rule, "__code__") and rule.__code__.co_code == _IDENTITY


def _direct(rule: Rule) -> Any:
    return _UFUNCS.get(rule.__code__.co_code, rule)


def _of_saved(rule: Rule) -> Callable[[Any, Any], Any]:
    """The rule of a single input that wants the one saved value: sin."""

    def quick(saved: Any, g: Any) -> Any:
        value, version, stamp = saved
        return (rule(g, value),) if version.count == stamp else None

    return quick


def _left_of_saved(rule: Rule) -> Callable[[Any, Any], Any]:
    """The same of the first of two inputs: a tensor times a number."""

    def quick(saved: Any, g: Any) -> Any:
        value, version, stamp = saved
        return (rule(g, value), None) if version.count == stamp else None

    return quick


def _crosswise(left: Rule, right: Rule) -> Callable[[Any, Any], Any]:
    """Two rules, each of which wants the other's input: a product."""

    def quick(saved: Any, g: Any) -> Any:
        x, version, stamp, y, other_version, other_stamp = saved
        if version.count != stamp or other_version.count != other_stamp:
            return None
        return left(g, y), right(g, x)

    return quick


def _conjugated(rule: Rule) -> Rule:
    """A holomorphic operator's rule for complex values: g * conj(f') instead of g * f', as in
    PyTorch."""
    return lambda g, *values: rule(g.conj(), *values).conj()


def arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's positional arguments."""
    code = function.__code__
    return code.co_varnames[: code.co_argcount]


def _wants(rule: Rule, op: Op) -> tuple[str, ...]:
    """The names a rule wants besides g (and ``needs``, for a joint rule)."""
    return arguments(rule)[2 if rule is op.joint else 1 :]
