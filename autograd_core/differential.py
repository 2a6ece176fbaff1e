"""Ordinary differential equations, solved so that the solution can be differentiated.

:func:`odeint` records every step, so its gradients are those of the numbers that it returns, of any
order. :func:`odeint_adjoint` records nothing and solves a second equation backwards in time
instead: memory that does not grow with the number of steps, for gradients as exact as the
tolerances.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from autograd_core.autograd import grad
from autograd_core.autograd.function import Function, once_differentiable
from autograd_core.dtypes import get_default_dtype
from autograd_core.errors import ShapeError
from autograd_core.grad_mode import enable_grad, no_grad
from autograd_core.limits import finfo
from autograd_core.messages import describe
from autograd_core.ops.join import stack
from autograd_core.tensor import Tensor

State = tuple[Any, ...]
Derivative = Callable[[Any, State], State]


class Tableau(NamedTuple):
    """A Runge-Kutta method: when its stages are, what they and the result add up, and the error.

    ``error`` holds the differences to a method of another order; empty for a fixed step.
    """

    at: tuple[float, ...]
    stages: tuple[tuple[float, ...], ...]
    result: tuple[float, ...]
    error: tuple[float, ...] = ()


_METHODS = {
    "euler": Tableau((0.0,), ((),), (1.0,)),
    "midpoint": Tableau((0.0, 0.5), ((), (0.5,)), (0.0, 1.0)),
    "rk4": Tableau(
        (0.0, 0.5, 0.5, 1.0), ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)),
        (1 / 6, 1 / 3, 1 / 3, 1 / 6),
    ),
    # Dormand and Prince, "A family of embedded Runge-Kutta formulae" (1980).
    "dopri5": Tableau(
        (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0),
        (
            (), (1 / 5,), (3 / 40, 9 / 40), (44 / 45, -56 / 15, 32 / 9),
            (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
            (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
            (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
        ),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0.0),
        (
            71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40,
        ),
    ),
}  # fmt: skip
_ORDER = 5  # of the method with an error
_MOST_STEPS = 100_000


class Tolerances(NamedTuple):
    """How exact and how long: see :func:`odeint`."""

    rtol: float
    atol: float
    step_size: float | None
    max_num_steps: int


def _combined(state: State, slopes: Sequence[State], factors: Iterable[float], step: Any) -> State:
    """The state, moved by the slopes times their factors times the step."""
    used = [(k, c) for k, c in zip(slopes, factors) if c]
    if not used:
        return state
    return tuple(y + sum(k[i] * c for k, c in used) * step for i, y in enumerate(state))


def _step(func: Derivative, method: Tableau, time: Any, state: State, step: Any) -> Any:
    """One step: the new state, and the slopes on the way."""
    slopes: list[State] = []
    for at, stage in zip(method.at, method.stages):
        slopes.append(func(time + step * at, _combined(state, slopes, stage, step)))
    return _combined(state, slopes, method.result, step), slopes


def _size(parts: State, scale: State) -> float:
    """The root of the mean square of the parts in units of the scale."""
    total = sum(float(((p / s).abs() ** 2).sum().item()) for p, s in zip(parts, scale))
    return math.sqrt(total / max(sum(p.numel() for p in parts), 1))


def _scale(states: Sequence[State], limits: Tolerances) -> State:
    """What counts as one: the tolerance at the larger of the states."""
    found = []
    for values in zip(*states):
        largest = values[0].abs()
        for value in values[1:]:
            largest = largest.maximum(value.abs())
        rtol = max(limits.rtol, 10 * finfo(values[0].dtype).eps)
        found.append(limits.atol + rtol * largest)
    return tuple(found)


def _first_step(func: Derivative, time: Any, state: State, limits: Tolerances) -> float:
    """A step of which an explicit step of order 1 would make a hundredth.

    Source: Hairer, Norsett and Wanner, "Solving ordinary differential equations I" (1993), II.4.
    """
    scale = _scale([state], limits)
    slope = func(time, state)
    value, change = _size(state, scale), _size(slope, scale)
    return 0.01 * value / change if value > 1e-5 and change > 1e-5 else 1e-6


def _detached(state: State) -> State:
    return tuple(y.detach() for y in state)


def _advance(
    func: Derivative, method: Tableau, times: tuple[Any, Any], state: State, step: float | None,
    limits: Tolerances,
) -> tuple[State, float | None]:  # fmt: skip
    """From one time to the next one; also the step that went well last."""
    start, end = times
    span = float((end - start).detach().item())
    if not method.error:
        count = math.ceil(abs(span) / limits.step_size - 1e-9) if limits.step_size else 1
        if count > limits.max_num_steps:
            raise _too_many(limits)
        even = (end - start) / max(count, 1)
        for i in range(count):
            state, _ = _step(func, method, start + even * i, state, even)
        return state, None
    sign, done = (1.0 if span >= 0 else -1.0), 0.0
    if step is None:
        with no_grad():
            step = _first_step(func, start.detach(), _detached(state), limits)
    for _ in range(limits.max_num_steps):
        left = abs(span) - done
        if left <= 0:
            return state, step
        last = step * (1 + 1e-9) >= left
        time = start + sign * done
        moved = end - time if last else sign * step
        reached, slopes = _step(func, method, time, state, moved)
        with no_grad():
            before, after = _detached(state), _detached(reached)
            zeros = tuple(y * 0 for y in before)
            wrong = _combined(zeros, [_detached(k) for k in slopes], method.error, moved)
            error = _size(wrong, _scale([before, after], limits))
        if error <= 1:
            state, done = reached, abs(span) if last else done + step
        # (A NaN gives the smallest factor.)
        factor = 0.9 * error ** (-1 / _ORDER) if error > 0 else 10.0
        grown = (left if last else step) * (min(max(factor, 0.2), 10.0) if error == error else 0.2)
        step = max(step, grown) if last and error <= 1 else grown
        if step <= 1e-14 * max(abs(span), 1e-300):
            raise RuntimeError(
                f"odeint: steps became too small at t = {float(time.detach()):.6g}: the solution "
                f"grows beyond bounds there, or the tolerances are too small"
            )
    raise _too_many(limits)


def _too_many(limits: Tolerances) -> RuntimeError:
    return RuntimeError(
        f"odeint: more than {limits.max_num_steps} steps between two times. Mend: larger "
        f"tolerances or steps, or options={{'max_num_steps': ...}}"
    )


def _solve(func: Derivative, state: State, t: Any, method: str, limits: Tolerances) -> list[State]:
    states, step = [state], None
    for i in range(t.shape[0] - 1):
        state, step = _advance(func, _METHODS[method], (t[i], t[i + 1]), state, step, limits)
        states.append(state)
    return states


# --- what comes in --------------------------------------------------------------------------------


def _checked(
    func: Any, y0: Any, t: Any, rtol: float, atol: float, method: str, options: Any
) -> tuple[Derivative, State, Any, Tolerances]:
    """The derivative of tuples, the state as one, the times, and the limits."""
    if not callable(func):
        raise TypeError(
            f"odeint: func must be a function of the time and the state, got {func!r:.60}"
        )
    single = isinstance(y0, Tensor)
    state = (y0,) if single else tuple(y0)
    if not state or not all(
        isinstance(y, Tensor) and (y.is_floating_point() or y.is_complex()) for y in state
    ):
        raise TypeError("odeint: y0 must be a tensor of floating-point numbers, or a tuple of them")
    if not isinstance(t, Tensor):
        t = state[0].new_tensor(t, dtype=get_default_dtype())
    times = t.tolist() if t.ndim == 1 else []
    steps = [b - a for a, b in pairwise(times)]
    if not times or not (all(s > 0 for s in steps) or all(s < 0 for s in steps)):
        raise ShapeError(
            f"odeint: t must have one dimension, and its times must rise or fall, got {describe(t)}"
        )
    if method not in _METHODS:
        raise ValueError(f"odeint: method must be one of {tuple(_METHODS)}, got {method!r}")
    if not (rtol >= 0 and atol >= 0 and rtol + atol > 0):
        raise ValueError(f"odeint: rtol and atol must not be negative, got {rtol} and {atol}")
    known = {"step_size": None, "max_num_steps": _MOST_STEPS, **(options or {})}
    if set(known) != {"step_size", "max_num_steps"}:
        raise ValueError(f"odeint: options are step_size and max_num_steps, got {sorted(known)}")
    limits = Tolerances(float(rtol), float(atol), **known)
    if not (limits.max_num_steps > 0 and (limits.step_size is None or limits.step_size > 0)):
        raise ValueError(
            f"odeint: the options step_size and max_num_steps are positive, got {known}"
        )

    def derivative(time: Any, state: State) -> State:
        slope = func(time, state[0] if single else state)
        slopes = (slope,) if isinstance(slope, Tensor) else tuple(slope or ())
        if [s.shape for s in slopes] != [y.shape for y in state]:
            raise ShapeError(
                f"odeint: func must return what has the shapes of the state, "
                f"{[tuple(y.shape) for y in state]}, got {[tuple(s.shape) for s in slopes]}"
            )
        return slopes

    return derivative, state, t, limits


def _stacked(states: Sequence[State], single: bool) -> Any:
    found = tuple(stack(values) for values in zip(*states))
    return found[0] if single else found


def odeint(
    func: Callable[..., Any], y0: Any, t: Any, *, rtol: float = 1e-7, atol: float = 1e-9,
    method: str = "dopri5", options: dict[str, Any] | None = None,
) -> Any:  # fmt: skip
    """The solution of ``dy/dt = func(t, y)`` with ``y(t[0]) = y0`` at the times ``t``.

    Args:
        func: takes the time, a tensor of no dimensions, and the state; returns its derivative.
        y0: the state at the first time: a tensor of floating-point or complex numbers, or a tuple.
        t: the times, rising or falling.
        rtol, atol: steps are chosen so that the error of each is below ``atol + rtol * abs(y)``
            (no ``rtol`` below ten times the precision of the dtype). For ``"dopri5"``.
        method: ``"dopri5"``, of order 5 with steps of its own; or, with fixed steps, ``"rk4"``,
            ``"midpoint"`` or ``"euler"``.
        options: ``step_size``, the largest step of the methods with fixed steps, default from one
            time to the next; ``max_num_steps`` between two times, default 100000.

    Returns:
        The states at all times, along a new first dimension: a tensor, or a tuple. Differentiable
        to any order with respect to ``y0``, ``t`` and whatever ``func`` uses; the choice of steps
        counts as constant. On a GPU the host waits for the error of every step.

    Raises:
        ShapeError: the times do not rise or fall, or ``func`` returns other shapes.
        RuntimeError: the steps become too many or too small.

    Source: Hairer, Norsett and Wanner, "Solving ordinary differential equations I" (1993); the
    signature is that of torchdiffeq.

    Example:
        >>> import autograd_core as ag
        >>> ag.odeint(lambda t, y: -y, ag.tensor(1.0), ag.tensor([0.0, 1.0, 2.0]))
        tensor([1.0000, 0.3679, 0.1353])
    """
    derivative, state, t, limits = _checked(func, y0, t, rtol, atol, method, options)
    return _stacked(_solve(derivative, state, t, method, limits), isinstance(y0, Tensor))


# --- the adjoint method ---------------------------------------------------------------------------


class _Adjoint(Function):
    """The states at all times; backward solves for how the loss depends on the state before."""

    @staticmethod
    def forward(
        ctx: Any, func: Any, count: int, method: str, limits: Any, t: Any, *values: Any
    ) -> Any:
        states = _solve(func, values[:count], t, method, limits)
        found = tuple(stack(parts) for parts in zip(*states))
        ctx.problem = func, count, method, limits
        ctx.save_for_backward(t, *values[count:], *found)
        return found

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Any) -> Any:
        func, count, method, limits = ctx.problem
        t, *rest = ctx.saved_tensors
        params, found = tuple(rest[:-count]), rest[-count:]

        def together(time: Any, whole: State) -> State:
            return _slopes_back(func, params, time, whole[:count], whole[count : 2 * count])

        adjoint = tuple(g[-1] for g in grads)
        sums: State = tuple(p * 0 for p in params)
        times = []
        for i in range(t.shape[0] - 1, 0, -1):
            state = tuple(y[i] for y in found)
            times.append(_inner([g[i] for g in grads], func(t[i], state)))
            whole = (*state, *adjoint, *sums)
            ends = (t[i], t[i - 1])
            whole, _ = _advance(together, _METHODS[method], ends, whole, None, limits)
            adjoint, sums = whole[count : 2 * count], whole[2 * count :]
            if i == 1:  # starting later is ending earlier
                times.append(-_inner(adjoint, func(t[0], tuple(y[0] for y in found))))
            adjoint = tuple(a + g[i - 1] for a, g in zip(adjoint, grads))
        if not times:
            times = [t[0] * 0]
        return None, None, None, None, stack(times[::-1]).to(t.dtype), *adjoint, *sums


def _inner(a: Iterable[Any], b: Iterable[Any]) -> Any:
    """How the loss changes with a change of the state; real."""
    return sum((x.conj() * y).sum().real for x, y in zip(a, b))


def _slopes_back(func: Any, params: State, time: Any, state: State, adjoint: State) -> State:
    """The derivatives in time of the state, its adjoint, and the gradients of the parameters."""
    with enable_grad():
        inputs = tuple(y.detach().requires_grad_() for y in state)
        slope = func(time, inputs)
        recorded = [(s, a) for s, a in zip(slope, adjoint) if s.requires_grad]
        found: Sequence[Any] = [None] * (len(inputs) + len(params))
        if recorded:
            found = grad(
                [s for s, _ in recorded], (*inputs, *params), [a for _, a in recorded],
                allow_unused=True,
            )  # fmt: skip
    changes = [x.detach() * 0 if g is None else -g for x, g in zip((*inputs, *params), found)]
    return (*_detached(slope), *changes)


def odeint_adjoint(
    func: Callable[..., Any], y0: Any, t: Any, *, rtol: float = 1e-7, atol: float = 1e-9,
    method: str = "dopri5", options: dict[str, Any] | None = None,
    adjoint_params: Iterable[Any] | None = None,
) -> Any:  # fmt: skip
    """:func:`odeint` whose gradients come from a second equation, solved backwards in time.

    Nothing is recorded on the way, so memory does not grow with the number of steps. The gradients
    are as exact as the tolerances, and of first order only.

    Args:
        func, y0, t, rtol, atol, method, options: as for :func:`odeint`.
        adjoint_params: the tensors in ``func`` that are to get gradients; default
            ``func.parameters()`` if it is a module, else none.

    Source: Chen, Rubanova, Bettencourt and Duvenaud, "Neural ordinary differential equations"
    (2018); the signature is that of torchdiffeq.

    Example:
        >>> import autograd_core as ag
        >>> rate = ag.tensor(2.0, requires_grad=True)
        >>> times = ag.tensor([0.0, 1.0])
        >>> y = ag.odeint_adjoint(lambda t, y: rate * y, ag.ones(1), times, adjoint_params=[rate])
        >>> y[-1].sum().backward()
        >>> rate.grad  # exp(2)
        tensor(7.3891)
    """
    derivative, state, t, limits = _checked(func, y0, t, rtol, atol, method, options)
    if adjoint_params is None:
        adjoint_params = func.parameters() if hasattr(func, "parameters") else ()
    params = [p for p in adjoint_params if p.requires_grad]
    found = _Adjoint.apply(derivative, len(state), method, limits, t, *state, *params)
    return found[0] if isinstance(y0, Tensor) else found
