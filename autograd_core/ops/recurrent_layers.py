"""Recurrent networks of several layers and directions, whatever their cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core.errors import DtypeError, ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.cast import cast
from autograd_core.ops.dims import shape_of
from autograd_core.ops.dropout import dropout as drop
from autograd_core.ops.join import cat, stack, unbind
from autograd_core.ops.precision import is_half
from autograd_core.ops.recurrent_core import Steps
from autograd_core.ops.shape import reshape
from autograd_core.registry import Make, Sample

_WIDE = np.dtype(np.float32)


def split_weights(
    name: str, params: Sequence[Any], layers: int, has_biases: bool, extra: Sequence[bool] = ()
) -> list[list[Any]]:
    """The weights of each layer and direction, with None for the biases if there are none, and for
    each of the ``extra`` ones that is not there."""
    each = 2 + 2 * has_biases + sum(extra)
    if len(params) != layers * each:
        raise ValueError(
            f"{name}: expected {each} parameters for each of {layers} layers and directions, got "
            f"{len(params)}"
        )
    groups = []
    for start in range(0, len(params), each):
        given = iter(params[start : start + each])
        there = (True, True, has_biases, has_biases, *extra)
        groups.append([next(given) if one else None for one in there])
    return groups


def check(name: str, gates: int, input: Any, states: Sequence[Any], weights: Sequence[Any]) -> None:
    """Refuse operands of one layer in one direction that do not fit each other.

    Args:
        name: of the operator.
        gates: how many times the number of features of a state the weights have rows.
        input: (rows, features).
        states: (N, ...) each, the one that the weights see first.
        weights: from the input, from the state, and two biases or None.
    """
    values = (input, *states, *[w for w in weights if w is not None])
    dtypes = {value._array.dtype for value in values}
    if len(dtypes) > 1:
        raise DtypeError(
            f"{name}: expected input, states and weights of one dtype, got "
            f"{', '.join(sorted(map(str, dtypes)))}. Mend: input.to(weight.dtype)"
        )
    features, rows = shape_of(input)[-1], gates * shape_of(states[-1])[-1]
    wanted = [(rows, features), (rows, shape_of(states[0])[-1]), (rows,), (rows,)]
    for weight, shape in zip(weights, wanted):
        if weight is not None and shape_of(weight) != shape:
            raise ShapeError(
                f"{name}: an input of {features} features and states of {shape_of(states[0])[-1]} "
                f"need a weight of shape {shape}, got {describe(weight)}"
            )


def _sizes(name: str, input: Any, batch_sizes: Any) -> tuple[int, ...]:
    """The number of rows of each step of an input whose steps come first."""
    shape = shape_of(input)
    sizes = (shape[1],) * shape[0] if batch_sizes is None else tuple(batch_sizes.tolist())
    if not sizes:
        raise ShapeError(f"{name}: expected at least one step, got {describe(input)}")
    return sizes


def run(
    name: str, op: Op, gates: int, input: Any, states: Sequence[Any],
    weights: Sequence[Sequence[Any]], dropout: float, bidirectional: bool, batch_first: bool,
    batch_sizes: Any,
) -> tuple[Any, ...]:  # fmt: skip
    """Run layers one after the other, each in one or both directions.

    Args:
        name: of the operator, for messages.
        op: one layer in one direction; its inputs are rows, states and weights, its outputs rows,
            last states and more.
        gates: how many times the number of features of a state its weights have rows.
        input: (T, N, F), or (N, T, F) if ``batch_first``, or rows that belong to ``batch_sizes``.
        states: each (layers * directions, N, ...).
        weights: of each layer and direction.
        dropout: probability of dropping what one layer hands to the next.
        bidirectional: whether there are two directions.
        batch_first, batch_sizes: how the input lies.

    Returns:
        The last layer's output, as the input lies, and the last states.
    """
    ndim = 3 if batch_sizes is None else 2
    if input.ndim != ndim:
        raise ShapeError(f"{name}: expected an input of {ndim} dimensions, got {describe(input)}")
    if batch_first:
        input = input.swapaxes(0, 1)
    sizes = _sizes(name, input, batch_sizes)
    for state in states:
        if shape_of(state)[:-1] != (len(weights), sizes[0]):
            raise ShapeError(
                f"{name}: expected states of shape ({len(weights)}, {sizes[0]}, ...), for each "
                f"layer and direction and each sequence, got {describe(state)}"
            )
    dtype = input._array.dtype
    if is_half(dtype):
        input, states, weights = cast(input, _WIDE), _wide(states), [_wide(w) for w in weights]
    out = reshape(input, (-1, input.shape[-1])) if batch_sizes is None else input
    firsts = list(zip(*[unbind(state) for state in states]))
    lasts = []
    directions = 2 if bidirectional else 1
    for start in range(0, len(weights), directions):
        if start:
            out = drop(out, dropout)
        results = []
        for k in range(start, start + directions):
            check(name, gates, out, firsts[k], weights[k])
            results.append(op(out, *firsts[k], *weights[k], Steps(sizes, k > start)))
        out = results[0][0] if directions == 1 else cat([r[0] for r in results], 1)
        lasts += [r[1 : 1 + len(states)] for r in results]
    if batch_sizes is None:
        out = reshape(out, (len(sizes), sizes[0], out.shape[-1]))
    if batch_first:
        out = out.swapaxes(0, 1)
    return tuple([cast(value, dtype) for value in (out, *[stack(list(s)) for s in zip(*lasts)])])


def step(
    name: str, op: Op, gates: int, input: Any, states: Sequence[Any], weights: Sequence[Any]
) -> tuple[Any, ...]:
    """The states after one step of one layer."""
    if input.ndim != 2 or any(shape_of(s)[:-1] != shape_of(input)[:1] for s in states):
        raise ShapeError(
            f"{name}: expected input (N, F) and states (N, n), got "
            f"{', '.join(describe(v) for v in (input, *states))}"
        )
    check(name, gates, input, states, weights)
    dtype = input._array.dtype
    if is_half(dtype):
        input, states, weights = cast(input, _WIDE), _wide(states), _wide(weights)
    steps = Steps((input.shape[0],), False)
    found = op(input, *states, *weights, steps)[1 : 1 + len(states)]
    return tuple([cast(value, dtype) for value in found])


def _wide(values: Sequence[Any]) -> list[Any]:
    return [None if value is None else cast(value, _WIDE) for value in values]


def network_samples(gates: int, pair: bool = False) -> Callable[[Make], Iterable[Sample]]:
    """Samples of a network with such cells; of a state or a pair of them."""

    def weights(make: Make, n: int, *sizes: int, biases: bool = True) -> list[Any]:
        made = []
        for features in sizes:
            made += [make(n * gates, features), make(n * gates, n)]
            made += [make(n * gates), make(n * gates)] if biases else []
        return made

    def states(make: Make, *sizes: int) -> Any:
        return (make(*sizes), make(*sizes)) if pair else make(*sizes)

    def samples(make: Make) -> Iterable[Sample]:
        off = (0.0, False, False)
        yield Sample(make(2, 2, 2), states(make, 1, 2, 1), weights(make, 1, 2), True, 1, *off)
        two = weights(make, 2, 1, 2, biases=False)
        yield Sample(make(2, 1, 1), states(make, 2, 1, 2), two, False, 2, *off)
        both = weights(make, 1, 1, 1)
        yield Sample(make(1, 3, 1), states(make, 2, 1, 1), both, True, 1, 0.0, False, True, True)
        both = weights(make, 1, 1, 1)
        yield Sample(
            make(4, 1), states(make, 2, 2, 1), both, True, 1, 0.0, False, True,
            batch_sizes=np.array([2, 1, 1]),
        )  # fmt: skip

    return samples


def step_samples(gates: int, pair: bool = False) -> Callable[[Make], Iterable[Sample]]:
    """Samples of one step of such cells."""

    def samples(make: Make) -> Iterable[Sample]:
        for biases in ([], [make(2 * gates), make(2 * gates)]):
            hx = (make(3, 2), make(3, 2)) if pair else make(3, 2)
            yield Sample(make(3, 4), hx, make(2 * gates, 4), make(2 * gates, 2), *biases)

    return samples
