"""Generated calls, run alike here and by PyTorch: both refuse them, or both give the same.

A ``Recipe`` describes a tensor in a few words (shape, dtype, layout in memory, contents), from
which either engine builds the same one. A ``Call`` is an operator's name with its arguments,
recipes among them. ``compare`` runs a call with both and compares values, gradients and second
gradients; what differs must be in the table ``fuzzing_excuses.EXCUSES``, with its reason. A failure
prints the call as Python, to be pasted.
"""

from __future__ import annotations

import inspect
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from fuzzing_calls import (
    COMPLEX,
    CONTENTS,
    FLOATS,
    LAYOUTS,
    NARROW,
    REFUSALS,
    STEP,
    WHOLE,
    WIDE,
    Call,
    Given,
    Outcome,
    Recipe,
    Type,
    dtype_name,
    is_tensor,
    mapped,
    to_numpy,
    torch,
)
from fuzzing_excuses import excuse
from hypothesis import HealthCheck, given, settings

import autograd_core as ag
from autograd_core.backends.registry import backend_of
from autograd_core.registry import REGISTRY

__all__ = [
    "COMPLEX",
    "CONTENTS",
    "FLOATS",
    "LAYOUTS",
    "NARROW",
    "TALLY",
    "WHOLE",
    "Call",
    "Given",
    "Recipe",
    "Type",
    "compare",
    "np",
    "run",
    "sizes",
]


# --- comparing -----------------------------------------------------------------------------------

TALLY: Counter[str] = Counter()  # what has been compared, and what was excused


def compare(
    call: Call,
    *,
    loose: float = 1.0,
    scale: bool = False,
    twice: bool = False,
    views: bool = False,
) -> list[str]:
    """Run a call here and with PyTorch; raise if they disagree and no excuse says why. Returns the
    excuses.

    Args:
        loose: how many roundings a value may be away from PyTorch's (times 4).
        scale: roundings of the largest input or result, and not of the value: for sums.
        twice: compare second gradients too, in double precision.
        views: the first result must share the inputs' memory where PyTorch's does.
    """
    TALLY["calls"] += 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = Outcome(torch, call)
    wide = all(r.dtype not in WIDE for r in call.recipes)
    reasons = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # (those of NumPy are of another kind)
            ours = Outcome(ag, call)
        for fault in faults(call, ours, theirs, 4 * loose, scale, twice and wide, views):
            reason = excuse(call, fault)
            if reason is None:
                raise AssertionError(fault)
            TALLY[f"excused: {reason}"] += 1
            reasons.append(reason)
    except Exception as error:
        raise AssertionError(_report(call, theirs, error)) from error
    return reasons


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
            yield f"raises here: {named(ours.error)}; with PyTorch: {named(theirs.error)}"
        TALLY["refused by both"] += 1
        return
    if len(ours.results) != len(theirs.results):
        first = ours.results[:1], theirs.results[:1]
        yield f"{len(ours.results)} results, PyTorch's {len(theirs.results)}; {first}"
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


def named(error: Exception | None) -> str:
    return f"{type(error).__name__}: {error}" if error else "nothing"


def _gradient_faults(
    ours: Outcome, theirs: Outcome, room: Room, exact: Exact, twice: bool
) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            want = theirs.gradients(twice)
        except (RuntimeError, IndexError) as error:  # not differentiable, at least not twice
            if twice:
                yield from _gradient_faults(ours, Outcome(torch, exact.call), room, exact, False)
                return
            want = None
            reason = named(error)
    try:
        got = ours.gradients(twice)
    except REFUSALS as error:
        if want is not None:
            yield f"backward raises here: {named(error)}"
        return
    if want is None:
        yield f"backward raises with PyTorch: {reason}"
        return
    for order, name in enumerate(("gradient", "second gradient")[: 1 + twice]):
        TALLY[name] += 1
        for i, (g, w) in enumerate(zip(got[order], want[order], strict=False)):
            if (g is None) != (w is None):
                rest = w if g is None else g
                values = to_numpy(rest)  # a missing gradient is one of zeros
                if room.bad(values, values * 0, dtype_name(rest), True).any():
                    yield f"{name} {i} is {g}, PyTorch's {w}"
            elif g is not None:
                yield from room.faults(
                    f"{name} {i}", g, w, lambda o=order, i=i: exact.gradients[o][i]
                )


def _numpy_faults(call: Call, ours: Outcome, room: Room) -> Iterator[str]:
    """What differs from the operator's reference, which is made of NumPy alone, in float64."""
    entry = REGISTRY.get(call.name)
    if entry is None or entry.reference is None or not ours.alone:
        return
    if any(r.dtype != "float64" for r in call.recipes) or dtype_name(ours.results[0]) != "float64":
        return
    options = call.kwargs.values()
    if () in options or any(type(option) is Type for option in options):
        return  # which NumPy takes otherwise
    inputs = [to_numpy(t).copy() for t in ours.inputs]
    if not all(np.isfinite(x).all() for x in inputs):
        return  # of which simple formulas make NaN
    arrays = iter(inputs)

    def plain(value: Any) -> Any:
        if type(value) is Recipe:
            return next(arrays)
        return value.values if type(value) is Given else value

    args, kwargs = mapped((call.args, call.kwargs), plain)
    try:
        inspect.signature(entry.reference).bind(*args, **kwargs)
    except TypeError:
        return  # a reference for some arguments only
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            want = np.asarray(entry.reference(*args, **kwargs))
        except (ValueError, IndexError):
            return  # NumPy refuses some corners
    TALLY["NumPy"] += 1
    got = to_numpy(ours.results[0])
    if got.shape != want.shape or room.bad(got, want, "float64", room.scale).any():
        yield f"value {got}, NumPy's {want}"


class Exact:
    """What PyTorch computes of a call in double precision, once it is asked for."""

    def __init__(self, call: Call, twice: bool) -> None:
        self.call, self.twice = call, twice

    @cached_property
    def outcome(self) -> Outcome:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
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
        self.loose, self.scale = loose, scale
        # A result of few digits has a gradient of as few.
        self.step = max(
            (STEP.get(dtype_name(r), 0.0) for r in ours.results if is_tensor(r)), default=0.0
        )
        self.largest = max(map(largest, ours.before), default=0.0) if scale else 0.0

    def bad(self, got: Any, want: Any, dtype: str, scale: bool, slack: Any = 0.0) -> Any:
        """Which values are too far away; equal infinities and NaN are not."""
        wide = np.complex128 if got.dtype.kind == "c" else np.float64
        got, want = got.astype(wide), want.astype(wide)
        with np.errstate(all="ignore"):
            same = (got == want) | ((got != got) & (want != want))
            sizes = np.abs(want)
            if scale:
                sizes = sizes + max(self.largest, largest(want), 1.0)
            room = self.loose * max(self.step, STEP[dtype]) * sizes + slack
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
        # Gradients are sums, with weights near 1.
        scale = self.scale or "gradient" in what
        if dtype not in STEP:
            bad = g != w
        else:
            bad = self.bad(g, w, dtype, scale)
            if bad.any() and dtype in WIDE and (right := exact()) is not None:  # who is right?
                right = to_numpy(right)
                with np.errstate(all="ignore"):
                    theirs = np.nan_to_num(np.abs(w - right), posinf=0.0)
                bad &= self.bad(g, right, dtype, scale, 2 * theirs)
        if bad.any():
            places = np.argwhere(bad)[:4].tolist()
            yield f"{what} is {g[bad][:4].tolist()} at {places}, PyTorch's {w[bad][:4].tolist()}"


def largest(values: Any) -> float:
    """The largest absolute value that is finite."""
    sizes = np.abs(values.astype(np.complex128))
    return float(sizes[np.isfinite(sizes)].max(initial=0))


def shares(outcome: Outcome) -> bool:
    """Whether the first result lies in memory of an input; what is empty lies nowhere."""
    result = outcome.results[0] if outcome.results else None
    if result is None or not result.numel():
        return False
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
