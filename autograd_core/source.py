"""Where in the user's program an operator was called.

A node keeps a code object and an instruction offset, which costs some tens of nanoseconds; file,
line and text are looked up only when a message needs them.
"""

from __future__ import annotations

import linecache
import os
import sys
from types import CodeType, FrameType

_ROOTS = [os.path.dirname(os.path.abspath(__file__)) + os.sep]


class _Inside(dict[str, bool]):
    """File name -> whether it belongs to this package; filled as names are met."""

    def __missing__(self, filename: str) -> bool:
        inside = self[filename] = os.path.abspath(filename).startswith(tuple(_ROOTS))
        return inside


inside = _Inside()


def register_package(init_file: str) -> None:
    """Count the folder of ``init_file`` as the package's own code."""
    _ROOTS.append(os.path.dirname(os.path.abspath(init_file)) + os.sep)
    inside.clear()


def user_frame(frame: FrameType) -> FrameType:
    """The innermost frame, from ``frame`` outwards, that is not the package's own code."""
    outer: FrameType | None = frame
    while outer is not None:
        if not inside[outer.f_code.co_filename]:
            return outer
        frame, outer = outer, outer.f_back
    return frame


# The code that called last and was the user's: a loop asks the same question over and over.
_user_code: CodeType | None = None


def user_place(frame: FrameType) -> tuple[CodeType, int]:
    """Code object and instruction offset of the user's innermost frame, from ``frame`` outwards."""
    global _user_code
    code = frame.f_code
    while code is not _user_code:
        if not inside[code.co_filename]:
            _user_code = code
            break
        if frame.f_back is None:
            break
        frame = frame.f_back
        code = frame.f_code
    return code, frame.f_lasti


def here() -> tuple[CodeType, int]:
    """The user's current code object and instruction offset."""
    return user_place(sys._getframe(1))


def line_number(code: CodeType, lasti: int) -> int:
    """The line of instruction ``lasti``."""
    for start, end, line in code.co_lines():
        if start <= lasti < end and line is not None:
            return line
    return code.co_firstlineno


def place(code: CodeType | None, lasti: int) -> str:
    """``file.py:12`` for a recorded place."""
    if code is None:
        return "an unknown line"
    return f"{os.path.basename(code.co_filename)}:{line_number(code, lasti)}"


def place_and_text(code: CodeType | None, lasti: int) -> str:
    """``file.py:12 (`y = x.exp()`)`` for a recorded place, without the text where there is none."""
    if code is None:
        return "an unknown line"
    text = linecache.getline(code.co_filename, line_number(code, lasti)).strip()
    return f"{place(code, lasti)} (`{text}`)" if text else place(code, lasti)
