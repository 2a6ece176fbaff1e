"""What every test gets: a device to run on, a fixed seed, and a check that it leaves the engine
as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import coverage_data
import pytest

import autograd_core as ag
from autograd_core.backends import registry as backends
from autograd_core.backends.base import Backend
from autograd_core.grad_mode import modes


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device",
        default="cpu",
        help="where tests make their tensors: cpu, cuda, or strict (a stand-in for a GPU)",
    )
    parser.addoption(
        "--write-coverage",
        action="store_true",
        help="write what the sweeps over PyTorch's samples find into docs/coverage.json",
    )


def pytest_configure(config: pytest.Config) -> None:
    where = config.getoption("--device")
    if where == "strict":
        import strict_device

        strict_device.install()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    where = config.getoption("--device")
    cuda = backends.is_available("cuda")
    for item in items:
        if "gpu" in item.keywords and not cuda:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA GPU and CuPy"))
        if "cpu_only" in item.keywords and where != "cpu":
            item.add_marker(
                pytest.mark.skip(reason="looks at NumPy arrays, so it runs on the CPU only")
            )


def _state() -> dict[str, object]:
    return {
        "recording": modes.grad,
        "inference mode": modes.version,
        "anomaly mode": modes.anomaly,
        "default dtype": ag.get_default_dtype(),
        "default device": ag.get_default_device(),
    }


@pytest.fixture(autouse=True)
def clean_engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run each test on the chosen device with a fixed seed; fail it if it leaves a mode or
    default changed."""
    ag.set_default_device(request.config.getoption("--device"))
    ag.manual_seed(0)
    before = _state()
    yield
    after = _state()
    modes.grad = before["recording"]  # type: ignore[assignment]
    modes.version = before["inference mode"]  # type: ignore[assignment]
    modes.anomaly = before["anomaly mode"]  # type: ignore[assignment]
    ag.set_default_dtype(before["default dtype"])  # type: ignore[arg-type]
    ag.set_default_device(None)
    changed = [name for name in before if before[name] != after[name]]
    assert not changed, f"the test left the {', '.join(changed)} changed"


@pytest.fixture(
    params=[
        pytest.param("fake", marks=pytest.mark.cpu_only),
        pytest.param("cuda", marks=pytest.mark.gpu),
    ]
)
def gpu(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Backend:
    """The CuPy backend, on a GPU and, with the tests of the CPU, on a CuPy that is acted out."""
    if request.param == "fake":
        import fake_cupy

        return fake_cupy.install(monkeypatch)
    return backends.get_backend("cuda")


@pytest.fixture
def coverage(request: pytest.FixtureRequest) -> coverage_data.Note:
    """Takes an operator's figures: ``coverage(name, value=[12, 12])``. They must be those of the
    coverage table, or become so at the end with --write-coverage."""

    def note(name: str, **figures: Any) -> None:
        if request.config.getoption("--write-coverage"):
            request.node.user_properties.append(("coverage", (name, figures)))
        else:
            coverage_data.compare(name, figures)

    return note


FOUND: dict[str, dict[str, Any]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Gather the figures, also those of other processes."""
    for key, value in report.user_properties if report.when == "call" else ():
        if key == "coverage":
            name, figures = value
            FOUND.setdefault(name, {}).update(figures)


def pytest_sessionfinish(session: pytest.Session) -> None:
    here = not hasattr(session.config, "workerinput")
    if here and FOUND and session.config.getoption("--write-coverage"):
        from opdb_samples import NAMES
        from operator_table import ENTRIES

        coverage_data.write(FOUND, {*NAMES, *(entry.name for entry in ENTRIES)})
