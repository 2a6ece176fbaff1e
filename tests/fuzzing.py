"""Generated calls, run alike here and by PyTorch: both refuse them, or both give the same.

A ``Recipe`` describes a tensor in a few words (shape, dtype, layout in memory, contents) from which
either engine builds the same one. A ``Call`` is an operator's name with its arguments, recipes among
them. ``compare`` runs a call with both and compares values, gradients and second gradients; what
differs must be in the table ``fuzzing_excuses.EXCUSES``, with its reason. A failure prints the call
as Python, to be pasted.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from fuzzing_excuses import excuse
from hypothesis import HealthCheck, given, settings

import autograd_core as ag
from autograd_core.backends.registry import backend_of
from autograd_core.registry import REGISTRY

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
        leaf = torch.tensor(self._values(), dtype=getattr(torch, self.dtype))
        if engine is not torch:  # after rounding, which is the same then
            leaf = engine.tensor(to_numpy(leaf), dtype=getattr(engine, self.dtype))
        if wide and self.dtype in WIDE:
            leaf = leaf.to(getattr(engine, WIDE[self.dtype]))
        if self.grad and self.floating:
            leaf.requires_grad_()
        return leaf, self._view(engine, leaf)

    def _values(self) -> Any:
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

    def _view(self, engine: Any, leaf: Any) -> Any:
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
    """An operator by its name (``"sum"``, ``"nn.functional.pad"``, ``"Tensor.view"``), or a function
    of an engine and the arguments; and its arguments."""

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
REFUSALS = (TypeError, ValueError, RuntimeError, IndexError)


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


# --- comparing -----------------------------------------------------------------------------------

TALLY: Counter[str] = Counter()  # what has been compared, and what was excused


def compare(
    call: Call,
    *,
    loose: float = 1.0,
    scale: bool = False,
    twice: bool = False,
    views: bool = False,
) -> None:
    """Run a call here and with PyTorch; raise if they disagree and no excuse says why.

    Args:
        loose: how many roundings a value may be away from PyTorch's (times 4).
        scale: roundings of the largest input, and not of the value: for sums.
        twice: compare second gradients too.
        views: the first result must share the inputs' memory where PyTorch's does.
    """
    TALLY["calls"] += 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = Outcome(torch, call)
    try:
        ours = Outcome(ag, call)
        for fault in faults(call, ours, theirs, 4 * loose, scale, twice, views):
            reason = excuse(call, fault)
            if reason is None:
                raise AssertionError(fault)
            TALLY[f"excused: {reason}"] += 1
            return
    except Exception as error:
        raise AssertionError(_report(call, theirs, error)) from error


def _report(call: Call, theirs: Outcome, error: Exception) -> str:
    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    inputs = "\n".join(f"    {t.detach()!r}" for t in theirs.inputs if t.numel() <= 60)
    return (
        f"{call.name}: {kind}{error}\nto see it again, in the folder tests:\n"
        f"    from fuzzing import *; compare({call!r})\nwith\n{inputs}"
    )


def faults(
    call: Call,
    ours: Outcome,
    theirs: Outcome,
    loose: float,
    scale: bool,
    twice: bool,
    views: bool,
) -> Iterator[str]:
    """What differs, most important first."""
    if ours.error or theirs.error:
        if not (ours.error and theirs.error):
            yield f"raises here: {ours.error!r}; with PyTorch: {theirs.error!r}"
        TALLY["refused by both"] += 1
        return
    if len(ours.results) != len(theirs.results):
        yield f"{len(ours.results)} results, PyTorch's {len(theirs.results)}"
    exact = Exact(call, twice)
    room = Room(loose, scale, ours)
    for i, (got, want) in enumerate(zip(ours.results, theirs.results, strict=True)):
        yield from room.faults(f"result {i}", got, want, lambda i=i: exact.results[i])
        if is_tensor(want) and got.requires_grad != want.requires_grad:
            yield f"result {i} requires_grad {got.requires_grad}, PyTorch's {want.requires_grad}"
    for leaf, before in zip(ours.leaves, ours.before, strict=True):
        if not np.array_equal(to_numpy(leaf), before, equal_nan=before.dtype.kind in "fc"):
            yield f"an input was changed: {before} is now {to_numpy(leaf)}"
    if views and shares(ours) != shares(theirs):
        yield f"a view {shares(ours)}, PyTorch's {shares(theirs)}"
    TALLY["values"] += 1
    yield from _numpy_faults(call, ours, room)
    if theirs.smooth:
        yield from _gradient_faults(ours, theirs, room, exact, twice)


def _gradient_faults(
    ours: Outcome, theirs: Outcome, room: Room, exact: Exact, twice: bool
) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            want = theirs.gradients(twice)
        except RuntimeError as error:  # not differentiable there, at least not twice
            if twice:
                yield from _gradient_faults(ours, theirs, room, exact, False)
                return
            want = None
            reason = error
    try:
        got = ours.gradients(twice)
    except REFUSALS as error:
        if want is not None:
            yield f"backward raises here: {error!r}"
        return
    if want is None:
        yield f"backward raises with PyTorch: {reason!r}"
        return
    for order, name in enumerate(("gradient", "second gradient")[: 1 + twice]):
        TALLY[name] += 1
        for i, (g, w) in enumerate(zip(got[order], want[order], strict=False)):
            if (g is None) != (w is None):
                rest = w if g is None else g
                if to_numpy(rest).any():  # a missing gradient is one of zeros
                    yield f"{name} {i} is {g}, PyTorch's {w}"
            elif g is not None:
                yield from room.faults(
                    f"{name} {i}", g, w, lambda o=order, i=i: exact.gradients[o][i]
                )


def _numpy_faults(call: Call, ours: Outcome, room: Room) -> Iterator[str]:
    """What differs from the operator's reference, which is made of NumPy alone, in float64."""
    entry = REGISTRY.get(call.name)
    if entry is None or entry.reference is None or len(ours.results) != 1:
        return
    if any(r.dtype != "float64" for r in call.recipes) or dtype_name(ours.results[0]) != "float64":
        return
    arrays = iter([to_numpy(t).copy() for t in ours.inputs])

    def plain(value: Any) -> Any:
        if type(value) is Recipe:
            return next(arrays)
        return value.values if type(value) is Given else value

    args, kwargs = mapped((call.args, call.kwargs), plain)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = np.asarray(entry.reference(*args, **kwargs))
    TALLY["NumPy"] += 1
    got = to_numpy(ours.results[0])
    if got.shape != want.shape or room.bad(got, want, "float64").any():
        yield f"value {got}, NumPy's {want}"


class Exact:
    """What PyTorch computes of a call in double precision, once it is asked for."""

    def __init__(self, call: Call, twice: bool) -> None:
        self.call, self.twice = call, twice

    @cached_property
    def outcome(self) -> Outcome:
        return Outcome(torch, self.call, wide=True)

    @property
    def results(self) -> list[Any]:
        return self.outcome.results

    @cached_property
    def gradients(self) -> tuple[list[Any], list[Any]]:
        return self.outcome.gradients(self.twice)


class Room:
    """How far a value may be from PyTorch's."""

    def __init__(self, loose: float, scale: bool, ours: Outcome) -> None:
        self.loose, self.largest = loose, 0.0
        if scale:
            for before in ours.before:
                sizes = np.abs(before.astype(np.complex128))
                self.largest = max(self.largest, sizes[np.isfinite(sizes)].max(initial=0))

    def bad(self, got: Any, want: Any, dtype: str, slack: Any = 0.0) -> Any:
        """Which values are too far away; equal infinities and NaN are not."""
        wide = np.complex128 if got.dtype.kind == "c" else np.float64
        got, want = got.astype(wide), want.astype(wide)
        with np.errstate(all="ignore"):
            same = (got == want) | ((got != got) & (want != want))
            room = self.loose * STEP[dtype] * (np.abs(want) + self.largest) + slack
            near = np.isfinite(want) & (np.abs(got - want) <= room)
        return ~(same | near)

    def faults(self, what: str, got: Any, want: Any, exact: Callable[[], Any]) -> Iterator[str]:
        if not is_tensor(want):
            if got != want and not (got != got and want != want):
                yield f"{what} is {got!r}, PyTorch's {want!r}"
            return
        dtype = dtype_name(want)
        if dtype_name(got) != dtype or tuple(got.shape) != tuple(want.shape):
            yield (
                f"{what} is {dtype_name(got)} {tuple(got.shape)}, "
                f"PyTorch's {dtype} {tuple(want.shape)}"
            )
            return
        g, w = to_numpy(got), to_numpy(want)
        if dtype not in STEP:
            bad = g != w
        else:
            bad = self.bad(g, w, dtype)
            if bad.any() and dtype in WIDE:  # who is right?
                right = to_numpy(exact())
                with np.errstate(all="ignore"):
                    theirs = np.nan_to_num(np.abs(w - right), posinf=0.0)
                bad &= self.bad(g, right, dtype, slack=2 * theirs)
        if bad.any():
            yield f"{what} is {g[bad][:4]} at {np.argwhere(bad)[:4].tolist()}, PyTorch's {w[bad][:4]}"


def shares(outcome: Outcome) -> bool:
    """Whether the first result lies in memory of an input."""
    result = outcome.results[0]
    if outcome.engine is torch:
        memory = result.untyped_storage().data_ptr()
        return any(memory == t.untyped_storage().data_ptr() for t in outcome.inputs if t.numel())
    backend = backend_of(result._array)
    return any(backend.shares_memory(result._array, t._array) for t in outcome.inputs if t.numel())


# --- running -------------------------------------------------------------------------------------


def sizes(quick: int, full: int) -> Any:
    """Run a test on a few examples, always the same, and with -m slow on many."""
    return pytest.mark.parametrize(
        "examples",
        [pytest.param(quick, id="quick"), pytest.param(full, id="full", marks=pytest.mark.slow)],
    )


def run(check: Callable[[Any], None], strategy: Any, examples: int) -> None:
    """Give ``check`` that many generated examples, the same in every run."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def test(case: Any) -> None:
        check(case)

    before = TALLY.copy()
    test()
    calls, refused = (TALLY[k] - before[k] for k in ("calls", "refused by both"))
    assert refused <= calls / 2, f"of {calls} calls {refused} were refused: the strategy is poor"
