"""Tensors and calls described in a few words, and what a call gives in either engine; see
fuzzing.py."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

torch: Any = pytest.importorskip("torch")

FLOATS = ("float64", "float32")
NARROW = ("float16", "bfloat16")
COMPLEX = ("complex128", "complex64")
WHOLE = ("int64", "int32", "int16", "int8", "uint8")
WIDE = {
    "float16": "float64",
    "bfloat16": "float64",
    "float32": "float64",
    "complex64": "complex128",
}
# The distance of 1 from the next number.
STEP = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "float64": 2.0**-52}
STEP |= {"complex64": STEP["float32"], "complex128": STEP["float64"]}

LAYOUTS = ("contiguous", "transposed", "stepped", "offset", "expanded", "flipped")
# What a tensor holds: numbers without ties; halves and whole numbers, with ties; also NaN,
# infinities, both zeros, and the largest and smallest integers.
CONTENTS = ("normal", "grid", "special")
SPECIAL = (math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5)


# --- what is called ------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A tensor: ``low`` and ``high`` (exclusive for integers) bound what it holds if given."""

    shape: tuple[int, ...] = ()
    dtype: str = "float64"
    layout: str = "contiguous"
    content: str = "normal"
    seed: int = 0
    grad: bool = True
    low: float | None = None
    high: float | None = None

    def __repr__(self) -> str:
        given = [repr(self.shape)]
        for field in dataclasses.fields(self)[1:]:
            value = getattr(self, field.name)
            if value != field.default:
                given.append(f"{field.name}={value!r}")
        return f"Recipe({', '.join(given)})"

    @property
    def floating(self) -> bool:
        return self.dtype in STEP

    def make(self, engine: Any, wide: bool = False) -> tuple[Any, Any]:
        """A leaf and the tensor, which is a view of the leaf."""
        leaf = torch.tensor(self.values(), dtype=getattr(torch, self.dtype))
        if engine is not torch:  # after rounding, which is the same then
            leaf = engine.tensor(to_numpy(leaf), dtype=getattr(engine, self.dtype))
        if wide and self.dtype in WIDE:
            leaf = leaf.to(getattr(engine, WIDE[self.dtype]))
        if self.grad and self.floating:
            leaf.requires_grad_()
        return leaf, self.view(engine, leaf)

    def array(self) -> Any:
        """What the tensor holds."""
        return to_numpy(self.make(torch)[1])

    def values(self) -> Any:
        """What the leaf holds, before rounding."""
        rng = np.random.default_rng(self.seed)
        shape = self._leaf_shape()
        if self.dtype == "bool":
            return rng.integers(0, 2, shape).astype(bool)
        if self.dtype in WHOLE:
            low = (0 if self.dtype == "uint8" else -5) if self.low is None else self.low
            values = rng.integers(int(low), 6 if self.high is None else int(self.high), shape)
            info = np.iinfo(self.dtype)
            return self._sprinkled(rng, values, (info.min, info.max, 0, 1))
        values = self._real(rng, shape)
        if self.dtype in COMPLEX:
            return values + 1j * self._real(rng, shape)
        return self._sprinkled(rng, values, SPECIAL)

    def _real(self, rng: Any, shape: Any) -> Any:
        if self.low is not None and self.high is not None:
            return rng.uniform(self.low, self.high, shape)
        return rng.standard_normal(shape) if self.content == "normal" else self._halves(rng, shape)

    def _halves(self, rng: Any, shape: Any) -> Any:
        return rng.integers(-5, 6, shape) / 2

    def _sprinkled(self, rng: Any, values: Any, special: Sequence[Any]) -> Any:
        if self.content != "special":
            return values
        return np.where(rng.random(values.shape) < 0.3, rng.choice(special, values.shape), values)

    def _leaf_shape(self) -> tuple[int, ...]:
        if self.layout == "transposed":
            return self.shape[::-1]
        if self.layout == "stepped":
            return tuple(2 * n + 1 for n in self.shape)
        if self.layout == "offset":
            return (math.prod(self.shape) + 3,)
        if self.layout == "expanded":
            return tuple(n if i % 2 else 1 for i, n in enumerate(self.shape))
        return self.shape

    def view(self, engine: Any, leaf: Any) -> Any:
        if not self.shape and self.layout != "offset":
            return leaf
        match self.layout:
            case "transposed":
                return leaf.permute(*reversed(range(leaf.ndim)))
            case "stepped":
                return leaf[(slice(1, None, 2),) * leaf.ndim]
            case "offset":
                return leaf[2 : leaf.shape[0] - 1].view(self.shape)
            case "expanded":
                return leaf.expand(self.shape)
            case "flipped" if engine is torch:  # which has no negative strides
                return leaf.flip(*range(leaf.ndim))
            case "flipped":
                return leaf[(slice(None, None, -1),) * leaf.ndim]
        return leaf


@dataclasses.dataclass(frozen=True)
class Type:
    """A dtype as an argument."""

    name: str

    def __repr__(self) -> str:
        return f"Type({self.name!r})"


class Given:
    """A tensor of certain values, as indices are."""

    def __init__(self, values: Any, dtype: str | None = None) -> None:
        self.values = np.asarray(values, dtype)

    def __repr__(self) -> str:
        if not self.values.size and self.values.ndim > 1:
            return f"Given(np.zeros({self.values.shape}), {str(self.values.dtype)!r})"
        return f"Given({self.values.tolist()}, {str(self.values.dtype)!r})"


class Call:
    """An operator by its name (``"sum"``, ``"nn.functional.pad"``, ``"Tensor.view"``), or a
    function of an engine and the arguments; and its arguments."""

    def __init__(self, what: str | Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.what, self.args, self.kwargs = what, args, kwargs

    @property
    def name(self) -> str:
        return self.what if isinstance(self.what, str) else self.what.__name__

    @property
    def recipes(self) -> list[Recipe]:
        found: list[Recipe] = []
        mapped((self.args, self.kwargs), lambda v: found.append(v) if type(v) is Recipe else v)
        return found

    def __repr__(self) -> str:
        what = repr(self.what) if isinstance(self.what, str) else self.name
        named = [f"{name}={value!r}" for name, value in self.kwargs.items()]
        return f"Call({', '.join([what, *map(repr, self.args), *named])})"


def mapped(value: Any, function: Callable[[Any], Any]) -> Any:
    """An argument with ``function`` applied to all that it is made of."""
    if type(value) in (tuple, list):
        return type(value)(mapped(v, function) for v in value)
    if isinstance(value, dict):
        return {k: mapped(v, function) for k, v in value.items()}
    if isinstance(value, slice):
        return slice(*(mapped(v, function) for v in (value.start, value.stop, value.step)))
    return function(value)


# --- what comes out ------------------------------------------------------------------------------

# What bad arguments may raise here; anything else is a failure.
REFUSALS = (TypeError, ValueError, RuntimeError, IndexError, ZeroDivisionError)


class Outcome:
    """A call as one engine runs it: leaves and views of them, and results or an error."""

    def __init__(self, engine: Any, call: Call, wide: bool = False) -> None:
        self.engine = engine
        self.leaves: list[Any] = []
        self.inputs: list[Any] = []
        self.error: Exception | None = None
        self.results: list[Any] = []

        def build(value: Any) -> Any:
            if type(value) is Type:
                return getattr(engine, value.name)
            if type(value) is Given:
                return engine.tensor(value.values)
            if type(value) is not Recipe:
                return value
            leaf, tensor = value.make(engine, wide)
            self.leaves.append(leaf)
            self.inputs.append(tensor)
            return tensor

        args, kwargs = mapped((call.args, call.kwargs), build)
        self.before = [to_numpy(leaf).copy() for leaf in self.leaves]
        try:
            if isinstance(call.what, str):
                result = find(engine, call.what)(*args, **kwargs)
            else:
                result = call.what(engine, *args, **kwargs)
        except Exception as error:
            if engine is ag and not isinstance(error, REFUSALS):
                raise
            self.error = error
        else:
            self.alone = is_tensor(result)
            mapped(list(result) if isinstance(result, tuple) else result, self.results.append)

    @property
    def smooth(self) -> list[int]:
        """Which results have gradients."""
        return [i for i, r in enumerate(self.results) if is_tensor(r) and r.requires_grad]

    def gradients(self, twice: bool) -> tuple[list[Any], list[Any]]:
        """The gradients of all results, weighted, and of the gradients in turn if asked for: then
        with respect to the weights, too."""
        sources = [leaf for leaf in self.leaves if leaf.requires_grad]
        outputs = [self.results[i] for i in self.smooth]
        given = self._weights(outputs)
        grad = self.engine.autograd.grad
        if not twice:
            return list(grad(outputs, sources, given, allow_unused=True)), []
        given = [weights.requires_grad_() for weights in given]
        first = list(grad(outputs, sources, given, create_graph=True, allow_unused=True))
        again = [(i, g) for i, g in enumerate(first) if g is not None and g.requires_grad]
        variables = [*sources, *given]
        if not again:
            return first, [None] * len(variables)
        places, outputs = zip(*again, strict=True)
        weights = self._weights(outputs, places)
        return first, list(grad(outputs, variables, weights, allow_unused=True))

    def _weights(self, outputs: Sequence[Any], seeds: Sequence[int] = range(99)) -> list[Any]:
        made = []
        for seed, output in zip(seeds, outputs, strict=False):
            rng = np.random.default_rng(seed)
            # Eighths are exact in every dtype.
            weights = rng.integers(-16, 17, tuple(output.shape)) / 8
            if output.is_complex():
                weights = weights + 1j * rng.integers(-16, 17, tuple(output.shape)) / 8
            made.append(self.engine.tensor(weights, dtype=output.dtype))
        return made


def find(engine: Any, path: str) -> Any:
    for part in path.split("."):
        engine = getattr(engine, part)
    return engine


def is_tensor(value: Any) -> bool:
    return isinstance(value, (torch.Tensor, ag.Tensor))


def dtype_name(value: Any) -> str:
    return str(value.dtype).rpartition(".")[2]


def to_numpy(value: Any) -> Any:
    """The values of a tensor; NumPy's own types lack bfloat16, hence float32."""
    value = value.detach().cpu()
    if dtype_name(value) == "bfloat16":
        value = value.float()
    return value.numpy(force=True) if isinstance(value, torch.Tensor) else value.numpy()
