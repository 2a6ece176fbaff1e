"""`y = a * x + b * y` in one pass over memory, which NumPy alone needs three for.

The OpenBLAS that NumPy's wheels bring along has it. It is called in the library that NumPy has
loaded already; where none is found, NumPy does it. It keeps to one thread, as the blocks do that
use it (``blocks``).
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import numpy as np

SMALL = 8192  # elements below which NumPy's calls are cheaper than one through ctypes

# By dtype's character: the function, and its kind of number. None: not looked for yet.
_functions: dict[str, Any] | None = None


def axpby(a: float, x: np.ndarray, b: float, y: np.ndarray) -> None:
    """`y = a * x + b * y` in place."""
    if y.size >= SMALL and x.dtype == y.dtype and x.flags.c_contiguous and y.flags.c_contiguous:
        function = _found().get(y.dtype.char)
        if function is not None:
            function(y.size, a, _address(x), 1, b, _address(y), 1)
            return
    if b != 1:
        y *= b
    y += x if a == 1 else a * x


def _address(array: np.ndarray) -> int:
    if array.flags.writeable:  # several times faster than the other way
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # type: ignore[arg-type]
    return array.ctypes.data


def openblas_files() -> list[Path]:
    """Where the OpenBLAS that NumPy has loaded may lie: in its wheel, or on the system."""
    package = Path(np.__file__).parent
    folders = (package.parent / "numpy.libs", package / ".dylibs")
    files = [path for folder in folders for path in sorted(folder.glob("*openblas*"))]
    maps = Path("/proc/self/maps")
    if not files and maps.exists():
        loaded = {line.split()[-1] for line in maps.read_text().splitlines() if "blas" in line}
        files = [Path(name) for name in sorted(loaded)]
    return files


def openblas_function(library: ctypes.CDLL, name: str) -> Any | None:
    """A function of OpenBLAS under any of the names that its builds give it.

    ``long_indices`` of the function says whether it counts in 64 bits.
    """
    for prefix in ("scipy_", ""):
        for suffix in ("64_", "_64", ""):
            function = getattr(library, prefix + name + suffix, None)
            if function is not None:
                function.long_indices = bool(suffix)
                return function
    return None


def _found() -> dict[str, Any]:
    global _functions
    if _functions is None:
        functions = {}
        for path in openblas_files():
            try:
                library = ctypes.CDLL(str(path))
            except OSError:
                continue
            for char, number in (("f", ctypes.c_float), ("d", ctypes.c_double)):
                name = "cblas_saxpby" if char == "f" else "cblas_daxpby"
                function = openblas_function(library, name)
                if function is not None:
                    size = ctypes.c_int64 if function.long_indices else ctypes.c_int
                    array = (ctypes.c_void_p, size)
                    function.argtypes = (size, number, *array, number, *array)
                    function.restype = None
                    functions[char] = function
        _functions = functions
    return _functions
