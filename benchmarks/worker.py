"""Starts a measuring process and asks it for one turn at a time."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class WorkerError(RuntimeError):
    """The measuring process could not run the case; says why."""


def environment(threads: int) -> dict[str, str]:
    """The variables a measuring process starts with.

    ``OPENBLAS_*`` is left out: some machines pin OpenBLAS to the kernels of an older processor
    with ``OPENBLAS_CORETYPE``, which can halve the speed of NumPy's matrix product and would be
    taken for a property of the library. The number of threads is set by the variable that
    OpenBLAS, OpenMP and PyTorch all read.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return kept | {
        "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads), "PYTHONPATH": path,
    }  # fmt: skip


class Worker:
    """A process that holds one case, prepared, and measures a turn whenever it is asked.

    While it waits it uses no processor, so several workers can take turns.
    """

    def __init__(self, job: dict, timeout: float = 300.0) -> None:
        self._timeout = timeout
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed in close())
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.child", json.dumps(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment(job["threads"]),
        )

    def wait(self) -> dict:
        """The answer to what was asked last (to the start, at first)."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], self._timeout)
        if not ready:
            raise WorkerError(f"no answer within {self._timeout:.0f} s")
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            raise WorkerError(f"ended with code {self._process.returncode}: {self._last_error()}")
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    def turn(self) -> dict:
        """One turn: ``times`` (seconds per call of each block), ``others``, ``memory``."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"turn\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # wait() says how the process ended
        return self.wait()

    def close(self) -> None:
        """Ends the process, in the middle of a turn if need be."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _last_error(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "no message"
