"""The contenders: a library on a device, how to load it, wait for it and ask for its memory."""

from __future__ import annotations

import importlib
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.case import Call, Case

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Contender:
    """A library on a device, such as ``torch`` on ``cuda``.

    ``bare`` is the array library alone: NumPy on the CPU, CuPy on the GPU.
    """

    library: str
    device: str

    @property
    def label(self) -> str:
        if self.library == "bare":
            return "numpy" if self.device == "cpu" else "cupy"
        return f"{self.library} {self.device}"

    def takes_part(self, case: Case) -> bool:
        return self.library != "bare" or case.bare is not None

    def load(self) -> Any:
        """The module that a case's setup receives."""
        return importlib.import_module(self.label if self.library == "bare" else self.library)

    def prepare(self, case: Case, size: int) -> Call:
        """The call that is timed."""
        if self.library == "bare":
            assert case.bare is not None
            return case.bare(self.load(), size)
        return case.setup(self.load(), self.device, size)

    def synchroniser(self) -> Callable[[], object]:
        """A function that waits until the device has done everything it was asked for."""
        if self.device == "cpu":
            return lambda: None
        if self.library == "torch":
            return self.load().cuda.synchronize
        return importlib.import_module("cupy").cuda.Device().synchronize

    def device_memory(self) -> float | None:
        """MiB the library has taken from the GPU at most so far; None on the CPU.

        CuPy's pool never gives memory back by itself, so what it holds is what it held at most.
        """
        if self.device == "cpu":
            return None
        if self.library == "torch":
            return self.load().cuda.max_memory_reserved() / MIB
        return importlib.import_module("cupy").get_default_memory_pool().total_bytes() / MIB


def contenders(libraries: list[str], devices: list[str]) -> list[Contender]:
    """Every library on every device, the libraries of one device side by side."""
    return [Contender(library, device) for device in devices for library in libraries]


def reset_peak_memory() -> float:
    """Makes the kernel forget the peak so far, where it can; returns MiB resident now."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass
    return peak_memory()


def peak_memory() -> float:
    """MiB this process had resident at most (``ru_maxrss``; macOS counts bytes, not KiB)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (MIB if sys.platform == "darwin" else 1024)
