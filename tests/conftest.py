"""What every test gets: a device to run on, a fixed seed, and a check that it leaves the engine
as it was."""

from __future__ import annotations

from collections.abc import Iterator

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
