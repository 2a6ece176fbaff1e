"""Describes the machine and the versions: ``python -m benchmarks.machine`` prints JSON.

The runner asks for it in a process of its own, so that it stays small itself.
"""

from __future__ import annotations

import ctypes
import json
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.noise import processors
from benchmarks.worker import ROOT, environment


def installed(package: str) -> str | None:
    """The version of an installed distribution, None if there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def cpu_model() -> str:
    """The processor's name."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_gib() -> float | None:
    """The machine's memory in GiB, None where it is not known."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return None
    kib = next(line.split()[1] for line in meminfo.read_text().splitlines() if "MemTotal" in line)
    return round(int(kib) / 2**20, 1)


def blas() -> dict[str, Any]:
    """NumPy's BLAS, and the kernels OpenBLAS chose for this processor."""
    import numpy as np

    config: dict = np.show_config(mode="dicts")  # type: ignore[assignment]
    found = config["Build Dependencies"]["blas"]
    kernels = None
    for library in (Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas*"):
        for symbol in ("scipy_openblas_get_corename64_", "openblas_get_corename64_"):
            corename = getattr(ctypes.CDLL(str(library)), symbol, None)
            if corename is not None:
                corename.restype = ctypes.c_char_p
                kernels = corename().decode()
                break
    return {"name": found["name"], "version": found["version"], "kernels": kernels}


def cupy_gpus() -> tuple[list[dict], str | None]:
    """GPUs that CuPy can use, and CuPy's version."""
    try:
        import cupy
    except ImportError:
        return [], None
    try:
        found = []
        runtime = cupy.cuda.runtime.runtimeGetVersion()
        for i in range(cupy.cuda.runtime.getDeviceCount()):
            properties = cupy.cuda.runtime.getDeviceProperties(i)
            found.append(
                {
                    "name": properties["name"].decode(),
                    "memory_gib": round(properties["totalGlobalMem"] / 2**30, 1),
                    "cuda": f"{runtime // 1000}.{runtime % 1000 // 10}",
                }
            )
        return found, cupy.__version__
    except Exception:  # CuPy without a driver raises errors of several kinds
        return [], cupy.__version__


def torch_facts() -> dict | None:
    """PyTorch's version and whether it can use a GPU, None if it is not installed."""
    if installed("torch") is None:
        return None
    import torch

    return {
        "version": torch.__version__,
        "cuda": bool(torch.cuda.is_available()),
        "mkl": bool(torch.backends.mkl.is_available()),
    }


def commit() -> str | None:
    """The commit of this repository, None outside one."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    except OSError:
        return None
    return found.stdout.strip() or None


def describe() -> dict[str, Any]:
    """Everything a reader needs to place the figures."""
    gpus, cupy_version = cupy_gpus()
    return {
        "cpu": cpu_model(),
        "processors": len(processors()),
        "memory_gib": memory_gib(),
        "gpus": gpus,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "autograd_core": installed("autograd-core"),
        "commit": commit(),
        "numpy": installed("numpy"),
        "blas": blas(),
        "cupy": cupy_version,
        "torch": torch_facts(),
    }


def ask(threads: int) -> dict[str, Any]:
    """``describe()`` as a measuring process would see it."""
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.machine"],
        env=environment(threads), stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return json.loads(found.stdout)


if __name__ == "__main__":
    print(json.dumps(describe(), indent=2))
