"""Philox: known answers, and the same words from arrays and from the CUDA source."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import strict_device

import autograd_core as ag
from autograd_core.backends import philox, registry
from autograd_core.backends.cupy.sources import PHILOX


@pytest.mark.parametrize(
    ("counter", "key", "want"),
    [  # from the tables of the paper's authors
        (0, 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ],
)
def test_philox_known_answers(counter: int, key: int, want: str) -> None:
    words = philox.words(np, key, counter, 1)
    assert " ".join(f"{word:08x}" for word in words) == want


@pytest.mark.parametrize(
    ("counter", "key", "want"),
    [
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_philox_reference_passes_the_other_known_answers(
    counter: list[int], key: list[int], want: str
) -> None:
    """The reference below, with which the array version is then compared."""
    assert " ".join(f"{word:08x}" for word in _philox(counter, key)) == want


def _philox(counter: list[int], key: list[int]) -> list[int]:
    c, (k0, k1) = list(counter), key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k0, p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k1, p0 & 0xFFFFFFFF]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c


def test_philox_equals_the_reference() -> None:
    for key, start in ((0, 0), (2**64 - 1, 5), (0x299F31D0A4093822, 2**32 - 2), (1, 2**64 - 3)):
        words = philox.words(np, key, start, 5).reshape(5, 4).tolist()
        for i, row in enumerate(words):
            counter = (start + i) % 2**64
            split = [counter & 0xFFFFFFFF, counter >> 32, 0, 0]
            assert row == _philox(split, [key & 0xFFFFFFFF, key >> 32])


SHIM = """
#include <cstdio>
int main() {
    unsigned long long key = 0x299F31D0A4093822ull, start = 4294967294ull;
    unsigned int words[20];
    for (long i = 0; i < 5; ++i) {%s}
    for (unsigned int word : words) std::printf("%%u ", word);
}
"""


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_philox_source_of_the_gpu_run_on_the_cpu(tmp_path: Path) -> None:
    (tmp_path / "shim.cpp").write_text(SHIM % PHILOX)
    subprocess.run(["g++", "-o", tmp_path / "shim", tmp_path / "shim.cpp"], check=True)
    printed = subprocess.run([tmp_path / "shim"], check=True, capture_output=True, text=True).stdout
    want = philox.words(np, 0x299F31D0A4093822, 4294967294, 5).tolist()
    assert [int(word) for word in printed.split()] == want


@pytest.mark.gpu
def test_philox_is_the_same_on_a_gpu() -> None:
    if not registry.is_available("cuda"):
        pytest.skip("needs a CUDA GPU and CuPy")
    strict = strict_device.install()
    for draw in (ag.rand, ag.randint, ag.randperm):
        args = {ag.rand: (99,), ag.randint: (1000, (99,)), ag.randperm: (99,)}[draw]
        made = []
        for where in ("cuda", strict.device_type):
            made.append(draw(*args, generator=ag.Generator(where).manual_seed(3)).tolist())
        assert made[0] == made[1]
