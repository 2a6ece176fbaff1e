"""Version counters: how the engine knows that memory changed after a node saved it.

A counter belongs to a piece of memory and is shared by every tensor that looks at it (views,
`detach()`, `.data`). Writes through the engine bump it. Memory that the user can also reach without
the engine (it came in from NumPy, or was handed out by `numpy()`) cannot be counted, so its content
is fingerprinted: when a node saves it, and again when backward needs it. Memory that was handed out
is watched no longer than someone holds it.
"""

from __future__ import annotations

import weakref
from types import CodeType
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import GraphError


class Version:
    """The write counter of one piece of memory. Class attributes are the defaults, so making one
    is free.

    A stamp is the count when a value was saved, with a fingerprint of the value where the user
    could reach its memory. The count also moves when memory comes within the user's reach:
    earlier stamps then no longer compare equal, and are verified by the fingerprint of the memory
    at that time.
    """

    count: int = 0
    writes: int = 0  # through the engine: the number PyTorch shows as ``_version``
    last_write: int = 0  # the count after it
    # Who wrote last: (operator, code, instruction offset).
    writer: tuple[str, CodeType, int] | None = None
    # Whether a stamp is just the count. Else ``stamp`` has more to do.
    plain: bool = True
    # Whether some stamp may have been taken.
    stamped: bool = True
    # Whether the user holds the memory for ever, and who else holds it now.
    given: bool = False
    holders: tuple[weakref.ref[Any], ...] = ()
    # When the memory last came within reach: its fingerprint, and from which count on it was that.
    exposure: tuple[int, Any, int] | None = None

    @classmethod
    def unstamped(cls) -> Version:
        """A counter for memory of which no node has saved anything yet."""
        version = cls()
        version.stamped = version.plain = False
        return version

    def stamp(self, array: Any) -> Any:
        """What a node keeps to recognise this content again."""
        if self.plain:
            return self.count
        self.stamped = True
        if self.within_reach():
            return (self.count, backend_of(array).fingerprint(array))
        self.plain = True
        return self.count

    def within_reach(self) -> bool:
        """Whether the user can write to the memory now without the engine's knowledge."""
        if self.holders:
            self.holders = tuple(h for h in self.holders if h() is not None)
        return self.given or bool(self.holders)

    def bump(self, operator: str, code: CodeType, lasti: int) -> None:
        """Note a write through the engine."""
        self.count += 1
        self.last_write = self.count
        self.writes += 1
        self.writer = (operator, code, lasti)
        self.exposure = None

    def expose(self, array: Any, holder: Any = None) -> None:
        """The user can now write to this memory: as long as ``holder`` lives, or for ever."""
        if not self.within_reach() and self.stamped:
            owner = array
            while (owner := getattr(owner, "base", None)) is not None:
                if hasattr(owner, "dtype"):  # (NumPy's as_strided puts something else in between)
                    array = owner
            fingerprint = backend_of(array).fingerprint(array)
            if self.exposure is None or self.exposure[2] != fingerprint:
                self.exposure = (self.count, array, fingerprint)
            self.count += 1
        self.plain = False
        if holder is None:
            self.given = True
        else:
            self.holders += (weakref.ref(holder),)

    def state(self, array: Any, stamp: Any) -> str:
        """Compare with a stamp: "same", "written" (by the engine) or "overwritten" (by others)."""
        if self.count == stamp:
            return "same"
        count, fingerprint = stamp if isinstance(stamp, tuple) else (stamp, None)
        if count < self.last_write:
            return "written"
        if fingerprint is None:
            # What was there at the stamp was still there when the memory next came within reach.
            assert self.exposure is not None
            since, array, fingerprint = self.exposure
            if count < since:
                return "overwritten"
        same = backend_of(array).fingerprint(array) == fingerprint
        return "same" if same else "overwritten"


class _InferenceVersion(Version):
    """Shared by all tensors made in inference mode: they cannot be saved, so need no counting."""

    plain = False  # so that saving asks for a stamp, and is refused

    def stamp(self, array: Any) -> Any:
        raise GraphError(
            "a tensor made in inference_mode() cannot be saved for backward. "
            "Mend: clone() it outside inference mode first, or make it under no_grad() instead."
        )

    def bump(self, operator: str, code: CodeType, lasti: int) -> None:
        pass

    def expose(self, array: Any, holder: Any = None) -> None:
        pass


INFERENCE = _InferenceVersion()
# For values that no one can change: Python numbers and arrays made by the engine for itself.
CONSTANT = Version()


def saved_raw(value: Any) -> tuple[Any, Version, Any]:
    """What a node keeps of an operand that is no tensor: an array of the user's own is watched.

    Not on a device, where reading it would make the host wait.
    """
    if isinstance(value, np.ndarray) and value.ndim:
        version = Version.unstamped()
        version.expose(value)
        return (value, version, version.stamp(value))
    return (value, CONSTANT, 0)
