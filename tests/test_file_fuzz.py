"""Files with damages of every kind load right or are refused; see `file_fuzz`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.cpu_only,  # reading a file is the host's business
    pytest.mark.skipif(os.name == "nt", reason="limits of memory and time are POSIX's"),
]
KINDS = 10


def fuzz(count: int, seed: int) -> dict[str, dict[str, int]]:
    """What became of the files of each kind."""
    program = Path(__file__).with_name("file_fuzz.py")
    answer = subprocess.run(
        [sys.executable, str(program), str(count), str(seed)], capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    lines = [line.partition("{") for line in answer.stdout.splitlines()]
    found = {kind.strip(): json.loads("{" + rest) for kind, _, rest in lines}
    assert len(found) == KINDS
    for counts in found.values():
        assert counts["refused"] + counts["loaded"] == count and counts["refused"] > count // 4
    return found


def test_damaged_files() -> None:
    found = fuzz(80, 0)
    assert sum(counts["loaded"] for counts in found.values()) > 40  # not all is refused


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_thousands_of_damaged_files(seed: int) -> None:
    print(fuzz(5000, seed))
