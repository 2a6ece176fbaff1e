"""Loads thousands of damaged files, in a process of its own whose memory is limited.

    python tests/file_fuzz.py COUNT SEED [KIND ...]

Every file must load, or be refused by an error of the package, within a second, without taking
much memory, importing or running anything; what is protected by a checksum must be right.
"""

from __future__ import annotations

import io
import json
import os
import random
import resource
import signal
import sys
import tempfile
import traceback
import unicodedata  # noqa: F401  (Python's parser imports it for unusual letters)
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

import autograd_core as ag
from autograd_core.errors import CheckpointError, DeviceError
from autograd_core.files import packing

FILES = Path(__file__).parent / "data"
MEMORY = 1 << 30  # bytes beyond what the process has at its start
SECONDS = 5.0
FORBIDDEN = ("exec", "import", "os.", "subprocess.", "socket.", "ctypes.", "shutil.", "pickle.")
NUMBERS = [0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1]

watching = False
seen: list[str] = []


def watch(event: str, arguments: Any) -> None:
    if watching and event.startswith(FORBIDDEN) and event != "os.fspath":
        seen.append(f"{event} {arguments}")


def sample() -> dict[str, Any]:
    return {
        "weight": ag.arange(12).reshape(3, 4), "half": ag.ones(5, dtype=ag.bfloat16),
        "complex": ag.tensor([1 + 2j], dtype=ag.complex128), "epoch": 3,
        "list": [1.5, "text", (None, True, b"bytes")], "shape": ag.Size([2]),
        "ordered": ag.nn.Linear(1, 1).state_dict(), "counter": Counter("aab"), (1, "key"): 2,
        "parameter": ag.nn.Parameter(ag.ones(2, 3).t()),
    }  # fmt: skip


def content(obj: Any) -> bytes:
    file = io.BytesIO()
    ag.save(obj, file)
    return file.getvalue()


def arrays() -> dict[str, np.ndarray]:
    return {"a": np.arange(6.0).reshape(2, 3), "b": np.array([True, False]), "c": np.int8([[1, 2]])}


def npz(save: Callable[..., None]) -> bytes:
    file = io.BytesIO()
    save(file, **arrays())
    return file.getvalue()


def mutated(sound: bytes, chance: random.Random) -> bytes:
    """The bytes with a few of the damages that happen to files, or that someone does to them."""
    data = bytearray(sound)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(data) + 1)
        length = chance.choice((1, 1, 2, 4, 8, 64))
        match chance.randrange(8):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                data[at:at] = chance.randbytes(length)
            case 2:
                del data[at : at + length]
            case 3:
                number = chance.choice(NUMBERS)
                data[at : at + 8] = number.to_bytes(8, "little")[: chance.choice((1, 2, 4, 8))]
            case 4:
                other = chance.randrange(len(data) + 1)
                data[at : at + length] = data[other : other + length]
            case 5 if chance.random() < 0.3:
                del data[at:]
            case 6:
                digit = str(chance.choice((0, 1, -1, 5, 10**6, 10**18, 1e300))).encode()
                data[at : at + 1] = digit
            case _:
                if at < len(data):
                    data[at] ^= 1 << chance.randrange(8)
        if not data:
            return b""
    return bytes(data)


def inside_zip(sound: bytes, chance: random.Random) -> bytes:
    """An archive one of whose records is mutated, with a right checksum."""
    source, made = zipfile.ZipFile(io.BytesIO(sound)), io.BytesIO()
    victim = chance.choice([name for name in source.namelist() if "version" not in name])
    with zipfile.ZipFile(made, "w", source.infolist()[0].compress_type) as archive:
        for name in source.namelist():
            record = source.read(name)
            archive.writestr(name, mutated(record, chance) if name == victim else record)
    return made.getvalue()


def inside_description(sound: bytes, chance: random.Random) -> bytes:
    """A file of ours whose description is mutated, with right checksums."""
    size = int.from_bytes(sound[:8], "little")
    header = json.loads(sound[8 : 8 + size])
    text = mutated(header["__metadata__"][packing.FORMAT].encode(), chance).decode("latin1")
    header["__metadata__"][packing.FORMAT] = text
    header["__metadata__"][packing.CHECKSUM] = str(zlib.crc32(text.encode()))
    head = json.dumps(header).encode()
    return len(head).to_bytes(8, "little") + head + sound[8 + size :]


Mutation = Callable[[bytes, random.Random], bytes]


def kinds() -> dict[str, tuple[bytes, Mutation, bool]]:
    """Of each kind: a sound file, what damages it, and whether checksums protect it."""
    ours = content(sample())
    plain = safetensors.numpy.save(arrays(), {"some": "text"})
    zipped = (FILES / "pytorch_zip.pt").read_bytes()
    legacy = (FILES / "pytorch_legacy.pt").read_bytes()
    return {
        "safetensors of ours": (ours, mutated, True),
        "safetensors of ours, description": (ours, inside_description, False),
        "safetensors": (plain, mutated, False),
        "pytorch": (zipped, mutated, True),
        "pytorch, record": (zipped, inside_zip, False),
        "pytorch, legacy": (legacy, mutated, False),
        "npz": (npz(np.savez), mutated, True),
        "npz, record": (npz(np.savez), inside_zip, False),
        "npz, compressed": (npz(np.savez_compressed), mutated, True),
        "npz, compressed record": (npz(np.savez_compressed), inside_zip, False),
    }


def plain(value: Any, depth: int = 0) -> Any:
    """The values of every tensor, read."""
    if isinstance(value, ag.Tensor):
        if value.numel() > 1000:  # an expanded one may be very large
            return tuple(value.shape), value.dtype.name
        return value.dtype.name, tuple(value.shape), repr(value.detach().tolist())
    if isinstance(value, np.ndarray):
        return value.dtype.name, repr(value[:10])
    if depth > 20:
        return type(value).__name__
    if isinstance(value, dict):
        return {repr(key)[:50]: plain(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry, depth + 1) for entry in value[:1000]]
    return repr(value)[:50] if not isinstance(value, int) else value % 10**9


def outcome(damaged: bytes, path: Path | None) -> Any:
    """What a file loads as, or None if it is refused."""
    global watching
    if path is not None:
        path.write_bytes(damaged)
    source: Any = io.BytesIO(damaged) if path is None else path
    watching = True
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        return plain(ag.load(source, map_location="cpu", mmap=path is not None))
    except (CheckpointError, DeviceError):
        return None
    except ValueError as error:
        if "cannot be mapped" in str(error):
            return None
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        watching = False


def check(found: Any, expected: Any, protected: bool) -> None:
    """What is protected by checksums is right, if it is there."""
    if seen:
        raise AssertionError(f"loading it did {seen}")
    if not protected or found is None or not isinstance(found, dict):
        return
    if "'epoch'" in expected and "'epoch'" not in found:
        return  # the words that say that the file is ours are gone, and the checksums with them
    wrong = [name for name in found if found[name] != expected.get(name)]
    if wrong:
        raise AssertionError(f"it has other values of {wrong}")


def run(kind: str, count: int, seed: int, folder: Path) -> dict[str, int]:
    sound, damage, protected = kinds()[kind]
    chance = random.Random(f"{kind} {seed}")
    expected = outcome(sound, None)
    assert expected is not None, kind
    mappable = outcome(sound, folder / "file") is not None
    counts = {"refused": 0, "loaded": 0, "mapped": 0}
    for number in range(count):
        damaged = damage(sound, chance)
        try:
            found = outcome(damaged, None)
            check(found, expected, protected)
            counts["refused" if found is None else "loaded"] += 1
            if mappable and number % 4 == 0:
                counts["mapped"] += outcome(damaged, folder / "file") is not None
                check(None, expected, False)
        except BaseException:
            kept = Path(tempfile.gettempdir(), f"fuzz-{kind.replace(' ', '-')}-{seed}-{number}")
            kept.write_bytes(damaged)
            print(f"{kind} {number}, kept in {kept}\n{traceback.format_exc()}", flush=True)
            sys.exit(1)
    return counts


def too_long(*_: Any) -> None:
    raise TimeoutError(f"it takes more than {SECONDS} seconds")


def main() -> None:
    count, seed, *wanted = sys.argv[1:]
    warnings.simplefilter("error")
    sys.addaudithook(watch)
    signal.signal(signal.SIGALRM, too_long)
    for sound, _, _ in kinds().values():  # whatever is imported late is imported now
        repr(ag.load(io.BytesIO(sound), map_location="cpu"))
    for codec in ("raw_unicode_escape", "unicode_escape", "cp437", "latin1"):
        "x".encode(codec)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with tempfile.TemporaryDirectory() as folder:
        for kind in wanted or kinds():
            print(kind, json.dumps(run(kind, int(count), int(seed), Path(folder))), flush=True)


if __name__ == "__main__":
    main()
