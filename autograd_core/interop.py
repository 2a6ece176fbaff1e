"""NumPy and DLPack: tensors where arrays are expected, and the other way round."""

from __future__ import annotations

from typing import Any


class ArrayProtocols:
    """How other libraries see a tensor."""

    __slots__ = ()

    def numpy(self, *, force: bool = False) -> Any:
        """The values as a NumPy array."""
        return self._array  # type: ignore[attr-defined]
