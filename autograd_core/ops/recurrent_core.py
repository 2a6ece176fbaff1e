"""What recurrent operators share: the steps of a walk over sequences, and their higher derivatives.

A whole sequence is one node: its steps and their backward are written out on arrays. Sequences come
packed: the rows of step 0, of step 1 and so on, one below the other. Longer sequences come first,
so that the rows of a step are the first of those of the step before. A padded batch is the case in
which all steps have all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from autograd_core.gradients import grad
from autograd_core.ops.cast import clone
from autograd_core.ops.join import cat


class Steps(NamedTuple):
    """How many rows each step has, and whether the walk begins at the last one."""

    sizes: tuple[int, ...]
    reverse: bool

    def walk(self) -> tuple[tuple[slice, int], ...]:
        """The rows of each step and their number, in the order of the walk."""
        return _walk(self)


@lru_cache(maxsize=64)
def _walk(steps: Steps) -> tuple[tuple[slice, int], ...]:
    places, start = [], 0
    for size in steps.sizes:
        places.append((slice(start, start + size), size))
        start += size
    return tuple(reversed(places) if steps.reverse else places)


def before(xp: Any, values: Any, first: Any, steps: Steps) -> Any:
    """What each row had before its step: ``values`` of the step that the walk came from, at the
    beginning ``first``."""
    state, found = first.copy(), xp.empty_like(values)
    for rows, size in steps.walk():
        found[rows] = state[:size]
        state[:size] = values[rows]
    return found


def from_input(input: Any, weight: Any, *biases: Any) -> Any:
    """``input @ weight.T`` plus the biases: what all steps get from the input, in one product."""
    out = input.dot(weight.T)
    for bias in biases:
        if bias is not None:
            out += bias
    return out


def for_steps(xp: Any, weight: Any, steps: Steps) -> Any:
    """``weight.T``, laid out for the product of every step if there are several."""
    return xp.ascontiguousarray(weight.T) if len(steps.sizes) > 1 else weight.T


def sigmoid_of_negative_(xp: Any, values: Any) -> None:
    """Replace values by ``1 / (1 + exp(values))``."""
    xp.exp(values, out=values)
    values += 1
    xp.reciprocal(values, out=values)


def joined(parts: Sequence[Any], steps: Steps) -> Any:
    """The tensors of all steps, given in the order of the walk, in the order of the rows."""
    return cat(list(reversed(parts)) if steps.reverse else list(parts))


def carried(new: Any, state: Any, size: int) -> Any:
    """The tensor of all sequences' states after a step that had the first ``size`` of them."""
    return new if size == state.shape[0] else cat([new, state[size:]])


def array_gradients(
    gradients: Callable[..., list[Any]], g: Sequence[Any], *values: Any
) -> list[Any]:
    """``gradients(g, *values)`` on arrays; of complex numbers g * conj(f'), as PyTorch's are."""
    if g[0].dtype.kind != "c":
        return gradients(g, *values)
    conjugates = [None if part is None else part.conj() for part in g]
    found = gradients(conjugates, *values)
    return [None if part is None else part.conj() for part in found]


def recorded_gradients(
    g: Sequence[Any],
    needs: Sequence[bool],
    definition: Callable[..., Sequence[Any]],
    inputs: Sequence[Any],
    steps: Steps,
) -> list[Any]:
    """The gradients as tensors whose derivatives are recorded: those of the definition in other
    operators, computed anew."""
    # Copies, so that an input that depends on another one, or is the same, counts for itself.
    own = [clone(value) if need else value for value, need in zip(inputs, needs)]
    wanted = [value for value, need in zip(own, needs) if need]
    outputs = definition(*own, steps)
    cotangents = g[: len(outputs)]
    found = iter(grad(outputs, wanted, cotangents, create_graph=True, allow_unused=True))
    return [next(found) if need else None for need in needs]
