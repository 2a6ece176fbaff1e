"""What the tables are made of: a module's name, its arguments, and what it is called with."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Draw:
    """A tensor of an input or an argument: how its numbers are drawn."""

    kind: str
    shape: tuple[int, ...]
    numbers: tuple[Any, ...] = ()
    grad: bool = True
    then: tuple[Any, ...] = ()  # a method of tensors and its arguments

    def __call__(self, rng: np.random.Generator) -> np.ndarray:
        return np.asarray(DRAWS[self.kind](rng, self.shape, *self.numbers))

    def __repr__(self) -> str:
        return f"{self.kind}{self.shape}"


def _kinks(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers, among them places where piecewise functions bend."""
    values = 2 * rng.standard_normal(shape)
    special = rng.choice([0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 6.0, 20.0, -40.0], shape)
    return np.where(rng.random(shape) < 0.3, special, values)


def _mask(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """True is masked out; the first of each row never is."""
    masked = rng.random(shape) < 0.4
    masked[..., 0] = False
    return masked


DRAWS: dict[str, Callable[..., Any]] = {
    "floats": lambda rng, shape: rng.standard_normal(shape),
    "kinks": _kinks,
    "ties": lambda rng, shape: rng.integers(-2, 3, shape).astype(float),
    "positive": lambda rng, shape: rng.random(shape) + 0.1,
    "unit": lambda rng, shape: 0.05 + 0.9 * rng.random(shape),
    "probabilities": lambda rng, shape: rng.dirichlet(np.ones(shape[-1]), shape[:-1]),
    "logs": lambda rng, shape: np.log(rng.dirichlet(np.ones(shape[-1]), shape[:-1])),
    "signs": lambda rng, shape: rng.choice([-1.0, 1.0], shape),
    "integers": lambda rng, shape, high: rng.integers(0, high, shape),
    "some": lambda rng, shape, high, other: np.where(
        rng.random(shape) < 0.3, other, rng.integers(0, high, shape)
    ),
    "given": lambda rng, shape, values: np.array(values).reshape(shape),
    "mask": _mask,
    "bools": lambda rng, shape: rng.random(shape) < 0.5,
}


def floats(*shape: int) -> Draw:
    return Draw("floats", shape)


def kinks(*shape: int) -> Draw:
    return Draw("kinks", shape)


def changeable(*shape: int) -> Draw:
    """No leaf, so that it can be changed in place."""
    return Draw("kinks", shape, then=("neg",))


def fixed(kind: str, *shape: int) -> Draw:
    """Numbers that no gradient is wanted of, for example targets."""
    return Draw(kind, shape, grad=False)


def integers(high: int, *shape: int) -> Draw:
    return Draw("integers", shape, (high,))


def array(values: Any) -> Draw:
    """These values."""
    return Draw("given", np.shape(values), (values,), grad=False)


@dataclass(frozen=True)
class Same:
    """The argument at this place once more: self-attention, tied inputs."""

    place: int


@dataclass(frozen=True)
class Packed:
    """A packed sequence of these lengths."""

    data: Draw
    lengths: tuple[int, ...]
    batch_first: bool = False


@dataclass(frozen=True)
class Of:
    """What has another name in each library: called with `torch`, and with `autograd_core`."""

    make: Callable[[Any], Any]
    text: str

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Given:
    """What a module is called with."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def given(*args: Any, **kwargs: Any) -> Given:
    return Given(args, kwargs)


@dataclass(frozen=True)
class Case:
    """A module's name, the arguments of its constructor, and what it is called with."""

    name: str
    kwargs: Mapping[str, Any]
    given: Given
    args: tuple[Any, ...] = ()
    kind: str = ""  # of what it is called with, for all arguments

    def __str__(self) -> str:
        made = [repr(a) for a in self.args] + [f"{k}={v!r}" for k, v in self.kwargs.items()]
        called = [repr(a) for a in self.given.args]
        called += [f"{k}={v!r}" for k, v in self.given.kwargs.items()]
        return f"{self.name}({', '.join(made)})({', '.join(called)})"

    def choices(self) -> set[tuple[str, str]]:
        """What distinguishes it from the others: values of arguments, kinds of inputs."""
        made = {(key, repr(value)) for key, value in self.kwargs.items()}
        made |= {(str(place), repr(value)) for place, value in enumerate(self.args)}
        return made | {("given", self.kind)}


Inputs = Iterable[Given] | Callable[..., Iterable[Given]]


def grid(name: str, inputs: Inputs, *args: Any, **choices: Iterable[Any]) -> Iterator[Case]:
    """The product of the choices of all arguments, each with all inputs.

    Args:
        name: the class in `torch.nn`.
        inputs: what it is called with, or a function of the arguments that returns it.
        args: positional arguments.
        choices: for each argument by name its values.
    """
    for values in itertools.product(*choices.values()):
        kwargs = dict(zip(choices, values, strict=True))
        if callable(inputs):
            for place, one in enumerate(inputs(**kwargs)):
                yield Case(name, kwargs, one, args, f"{inputs.__name__} {place}")
        else:
            for one in inputs:
                yield Case(name, kwargs, one, args, repr(one))


TRIES = 3


def representative(
    cases: Iterable[Case], run: Callable[[Case], str], seed: int = 0
) -> Iterator[str]:
    """Run a few of the cases, so that every value of every argument and every input occurs.

    A value that is refused is tried again with others, at most three times.
    """
    cases = list(cases)
    left: dict[tuple[str, str], int] = {}
    for place in np.random.default_rng(seed).permutation(len(cases)):
        choices = cases[place].choices()
        if any(left.get(choice, TRIES) for choice in choices):
            outcome = run(cases[place])
            for choice in choices:
                left[choice] = 0 if outcome != "refused" else max(left.get(choice, TRIES) - 1, 0)
            yield outcome
