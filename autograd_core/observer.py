"""What looks on while operators are recorded: anomaly mode, and hooks on saved values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.grad_mode import modes


class Observer:
    """Called with a node and the arrays that went in and came out; in backward ``inputs`` is None.

    Attributes:
        check: anomaly mode's look at the values, or None.
        pack: what replaces the values that a new node saved, or None.
    """

    __slots__ = ("check", "pack")

    def __init__(self, check: Callable[..., None] | None, pack: Callable[..., None] | None) -> None:
        self.check, self.pack = check, pack

    def __call__(self, node: Any, inputs: Sequence[Any] | None, outputs: Sequence[Any]) -> None:
        if self.check is not None:
            self.check(node, inputs, outputs)
        if self.pack is not None and inputs is not None:
            self.pack(node)


def current() -> tuple[Any, Any]:
    """This thread's check and pack."""
    observer: Any = modes.anomaly
    return (None, None) if observer is None else (observer.check, observer.pack)


def observe(check: Callable[..., None] | None, pack: Callable[..., None] | None) -> None:
    """Look on with these from now on, in this thread."""
    modes.anomaly = None if check is None and pack is None else Observer(check, pack)
