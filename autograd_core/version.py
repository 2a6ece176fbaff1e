"""Version counters: how the engine knows that memory changed after a node saved it.

A counter belongs to a piece of memory and is shared by every tensor that looks at it (views, `detach()`,
`.data`). Writes through the engine bump it. Memory that the user can also reach without the engine (it came
in from NumPy, or was handed out by `numpy()`) cannot be counted, so its content is fingerprinted: when a node
saves it, and again when backward needs it.
"""

from __future__ import annotations

from types import CodeType
from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.errors import GraphError


class Version:
    """The write counter of one piece of memory. Class attributes are the defaults: making one is free."""

    count: int = 0
    # Set once the memory is within the user's reach: (count before, the memory, its fingerprint then).
    exposed: tuple[int, Any, int] | None = None
    # Who wrote last: (operator, code, instruction offset).
    writer: tuple[str, CodeType, int] | None = None

    def stamp(self, array: Any) -> Any:
        """What a node keeps to recognise this content again."""
        if self.exposed is None:
            return self.count
        return (self.count, backend_of(array).fingerprint(array))

    def bump(self, operator: str, code: CodeType, lasti: int) -> None:
        """Note a write through the engine."""
        self.count += 1
        self.writer = (operator, code, lasti)

    def expose(self, array: Any) -> None:
        """From now on the user can write to this memory without the engine's knowledge."""
        if self.exposed is None:
            while getattr(array, "base", None) is not None and hasattr(array.base, "dtype"):
                array = array.base
            self.exposed = (self.count, array, backend_of(array).fingerprint(array))
            # Stamps taken before now no longer compare equal, and are verified by content.
            self.count += 1

    @property
    def writes(self) -> int:
        """How often the engine wrote: the number PyTorch shows as ``_version``."""
        return self.count if self.exposed is None else self.count - 1

    def state(self, array: Any, stamp: Any) -> str:
        """Compare with a stamp: "same", "written" (by the engine) or "overwritten" (behind its back)."""
        if self.count == stamp:
            return "same"
        if isinstance(stamp, tuple):
            count, fingerprint = stamp
            if count != self.count:
                return "written"
            same = backend_of(array).fingerprint(array) == fingerprint
            return "same" if same else "overwritten"
        if self.exposed is not None and stamp == self.exposed[0] and self.count == stamp + 1:
            _, memory, fingerprint = self.exposed
            same = backend_of(memory).fingerprint(memory) == fingerprint
            return "same" if same else "overwritten"
        return "written"


class _InferenceVersion(Version):
    """Shared by all tensors made in inference mode: they cannot be saved, so they need no counting."""

    def stamp(self, array: Any) -> Any:
        raise GraphError(
            "a tensor made in inference_mode() cannot be saved for backward. "
            "Mend: clone() it outside inference mode first, or make it under no_grad() instead."
        )

    def bump(self, operator: str, code: CodeType, lasti: int) -> None:
        pass

    def expose(self, array: Any) -> None:
        pass


INFERENCE = _InferenceVersion()
# For values that no one can change: Python numbers and arrays made by the engine for itself.
CONSTANT = Version()
