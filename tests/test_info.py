"""`python -m autograd_core info` tells what this machine offers, and warns of what slows it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from autograd_core import info
from autograd_core.__main__ import main
from autograd_core.backends.numpy import blas


def test_report_names_versions_devices_and_blas(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info"]) == 0
    text = capsys.readouterr().out
    assert np.__version__ in text
    for heading in ("Packages", "Devices", "Linear algebra"):
        assert heading in text
    assert "cpu" in text and "cores" in text


def test_json_report_is_the_same_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {package["name"]: package["version"] for package in report["packages"]}[
        "numpy"
    ] == np.__version__
    assert report["cpu"]["cores"] >= 1


def test_every_missing_package_comes_with_its_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_installed(name: str) -> str:
        raise info.metadata.PackageNotFoundError(name)

    report = info.collect({})
    monkeypatch.setattr(info.metadata, "version", nothing_installed)
    report["packages"] = [info._package(*package) for package in info.PACKAGES]
    monkeypatch.setattr(info.metadata, "version", lambda name: "0")
    packages = info.render(report).partition("Devices")[0]
    assert packages.count("not installed") == packages.count("pip install") == len(info.PACKAGES)


@pytest.mark.parametrize("name", info.PINNING)
def test_pinned_kernels_are_warned_of(name: str) -> None:
    report = info.collect({name: "Haswell"})
    assert any(f"unset {name}" in warning for warning in report["warnings"])
    assert f"{name}=Haswell" in info.render(report)


def test_nothing_pinned_gives_no_warning_about_kernels() -> None:
    assert not any("overrides" in warning for warning in info.collect({})["warnings"])


def test_a_gpu_without_cupy_is_warned_of() -> None:
    report = info.collect({})
    report["gpu"] = {"devices": [], "hardware": ["H100"], "problem": "CuPy is not installed"}
    assert any("H100" in warning for warning in info._warnings(report))


@pytest.mark.skipif(not blas.openblas_files(), reason="NumPy does not use OpenBLAS here")
def test_kernels_in_use_are_those_that_were_asked_for() -> None:
    environment = os.environ | {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1"}
    code = "from autograd_core import info; print(info._blas()['kernels'], info._blas()['threads'])"
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    if info.platform.machine() != "x86_64":
        pytest.skip("Haswell names kernels of x86-64 alone")
    assert answer.stdout.split() == ["Haswell", "1"]


def test_info_imports_no_heavy_package() -> None:
    code = (
        "import sys; from autograd_core.__main__ import main; main(['info']);"
        "heavy = {'torch', 'matplotlib', 'scipy', 'safetensors', 'autograd_core.nn'};"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr


def test_a_command_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "COMMAND" in capsys.readouterr().err
