"""What this machine offers the engine: ``python -m autograd_core info``.

Versions are read from the installed packages' metadata, so that asking for them imports nothing
that the engine itself does not need. Only the backend of GPUs is loaded, because nothing less
tells whether it can be used.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from autograd_core.backends.device import device
from autograd_core.backends.numpy.blas import openblas_files, openblas_function
from autograd_core.backends.registry import get_backend

# The distributions that provide a package, what it is for, and the line that installs it.
PACKAGES = (
    (("numpy",), "arrays on the CPU", "pip install numpy"),
    (("ml_dtypes",), "bfloat16", "pip install ml_dtypes"),
    (
        ("cupy-cuda13x", "cupy-cuda12x", "cupy"),
        "arrays on CUDA GPUs",
        'pip install "autograd-core[cuda13]" (or cuda12)',
    ),
    (("safetensors",), "save and load", 'pip install "autograd-core[safetensors]"'),
    (("tqdm",), "progress bars", 'pip install "autograd-core[progress]"'),
    (("matplotlib",), "pictures", 'pip install "autograd-core[plot]"'),
    (("scipy",), "optim.minimize", 'pip install "autograd-core[scipy]"'),
    (("torch",), "oracle of the tests", 'pip install "autograd-core[oracle]"'),
)

# Variables that choose kernels or features in place of what the processor is found to have.
PINNING = (
    "OPENBLAS_CORETYPE",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
OTHERS = ("AUTOGRAD_CORE_DEVICE", "CUDA_VISIBLE_DEVICES", "CUPY_TF32")


def collect(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Gather what is known about this machine.

    Args:
        environ: the environment variables to look at.

    Returns:
        A dictionary with the keys ``python``, ``packages``, ``cpu``, ``gpu``, ``blas``,
        ``environment`` and ``warnings``, made of strings, numbers, lists and dictionaries only.

    Example:
        >>> from autograd_core import info
        >>> sorted(info.collect({}))
        ['blas', 'cpu', 'environment', 'gpu', 'packages', 'python', 'warnings']
    """
    names = (*PINNING, *THREADS, *OTHERS)
    report: dict[str, Any] = {
        "python": f"{platform.python_version()} ({platform.python_implementation()}, "
        f"{platform.system()} {platform.machine()})",
        "packages": [_package(*package) for package in PACKAGES],
        "cpu": {"name": _cpu_name(), "cores": _cores()},
        "gpu": _gpus(),
        "blas": _blas(),
        "environment": {name: environ[name] for name in names if name in environ},
    }
    report["warnings"] = _warnings(report)
    return report


def _package(distributions: tuple[str, ...], purpose: str, install: str) -> dict[str, Any]:
    name, version = distributions[-1], None
    for candidate in distributions:
        try:
            name, version = candidate, metadata.version(candidate)
            break
        except metadata.PackageNotFoundError:
            continue
    return {"name": name, "version": version, "purpose": purpose, "install": install}


def _cores() -> int:
    """Cores that this process may use, which a container can make fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _gpus() -> dict[str, Any]:
    """The GPUs that the engine can use, or what keeps it from using one."""
    hardware = _nvidia_hardware()
    try:
        backend = get_backend("cuda")
    except RuntimeError as error:
        return {"devices": [], "hardware": hardware, "problem": str(error)}
    names = [backend.device_name(device("cuda", i)) for i in range(backend.device_count())]
    return {"devices": names, "hardware": hardware, "problem": None}


def _nvidia_hardware() -> list[str]:
    """The names of NVIDIA GPUs that the driver sees."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    try:
        answer = subprocess.run(
            [tool, "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in answer.stdout.splitlines() if line.strip()]


def _blas() -> dict[str, Any]:
    """The BLAS library that NumPy was built with, and what OpenBLAS says of itself."""
    config: Any = np.show_config(mode="dicts")
    built = config["Build Dependencies"]["blas"]
    found: dict[str, Any] = {"name": built.get("name"), "version": built.get("version")}
    for path in openblas_files():
        try:
            library = ctypes.CDLL(str(path))
        except OSError:
            continue
        core = openblas_function(library, "openblas_get_corename")
        threads = openblas_function(library, "openblas_get_num_threads")
        if core is not None and threads is not None:
            core.restype = ctypes.c_char_p
            name = core()
            found["kernels"] = name.decode() if name else None
            found["threads"] = threads()
            return found
    return found


def _warnings(report: dict[str, Any]) -> list[str]:
    warnings = []
    environment = report["environment"]
    for name in PINNING:
        if name in environment:
            warnings.append(
                f"{name}={environment[name]} overrides what this processor can do; "
                f"matrix products may run at half speed. Mend: unset {name}"
            )
    threads, cores = report["blas"].get("threads"), report["cpu"]["cores"]
    if threads is not None and threads < cores:
        limits = " ".join(name for name in THREADS if name in environment)
        mend = f". Mend: unset {limits}" if limits else ""
        warnings.append(f"the BLAS library uses {threads} of {cores} cores{mend}")
    gpu = report["gpu"]
    if gpu["hardware"] and not gpu["devices"]:
        warnings.append(f"there is a GPU ({gpu['hardware'][0]}): {gpu['problem']}")
    return warnings


def render(report: dict[str, Any]) -> str:
    """Set a report out as lines of text.

    Args:
        report: what ``collect`` returned.

    Returns:
        The text, without a final newline.
    """
    lines = [f"autograd_core {metadata.version('autograd-core')} on Python {report['python']}"]
    lines += ["", "Packages"]
    for package in report["packages"]:
        if package["version"] is not None:
            lines.append(f"  {package['name']:<14}{package['version']:<16}{package['purpose']}")
        else:
            missing = f"{package['purpose']}: {package['install']}"
            lines.append(f"  {package['name']:<14}{'not installed':<16}{missing}")
    lines += [
        "",
        "Devices",
        f"  {'cpu':<14}{report['cpu']['name']}, {report['cpu']['cores']} cores",
    ]
    gpu = report["gpu"]
    lines += [f"  {f'cuda:{index}':<14}{name}" for index, name in enumerate(gpu["devices"])]
    if gpu["problem"] is not None:
        indent = " " * 16
        problem = fill(gpu["problem"], 96, initial_indent=indent, subsequent_indent=indent)
        lines += [f"  {'cuda':<14}not available:", problem]
    blas = report["blas"]
    lines += ["", "Linear algebra", f"  {'library':<14}{blas['name']} {blas['version']}"]
    if "kernels" in blas:
        lines.append(f"  {'kernels':<14}{blas['kernels']}")
        lines.append(f"  {'threads':<14}{blas['threads']}")
    if report["environment"]:
        lines += ["", "Environment"]
        lines += [f"  {name}={value}" for name, value in report["environment"].items()]
    if report["warnings"]:
        lines += ["", "Warnings"]
        lines += [f"  ! {warning}" for warning in report["warnings"]]
    return "\n".join(lines)


def add_command(commands: Any) -> None:
    """Declare ``info`` on the command line.

    Args:
        commands: the object that ``ArgumentParser.add_subparsers`` returned.
    """
    parser = commands.add_parser("info", help="versions, devices, BLAS kernels, what is missing")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    report = collect()
    print(json.dumps(report, indent=2) if options.json else render(report))
    return 0
