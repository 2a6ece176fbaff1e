"""Programs as people write them for PyTorch: the same losses there after changing import lines."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core.random import fork_rng
from examples import (
    actor_critic,
    char_rnn,
    cnn_digits,
    dcgan,
    gpt,
    graph_network,
    lstm_language_model,
    sine_lbfgs,
    vae,
)  # fmt: skip

pytestmark = pytest.mark.cpu_only  # the random numbers of PyTorch's CPU generator

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
# The example, the arguments of `train`, and where the losses are in what it returns.
PROGRAMS = {
    "cnn_digits": (cnn_digits, {"epochs": 2}, lambda result: result),
    "vae": (vae, {"epochs": 2}, lambda result: result[1]),
    "dcgan": (dcgan, {"steps": 15}, lambda result: result[1]),
    "char_rnn": (char_rnn, {"steps": 15}, lambda result: result[1]),
    "lstm_language_model": (lstm_language_model, {"epochs": 3}, lambda result: result),
    "sine_lbfgs": (sine_lbfgs, {"steps": 2}, lambda result: result[1]),
    "gpt": (gpt, {"steps": 10}, lambda result: result[1]),
    "graph_network": (graph_network, {"epochs": 60}, lambda result: result[1:]),
    "actor_critic": (actor_critic, {"episodes": 6}, lambda result: result),
}


# Programs written for PyTorch: only their import lines are changed.
PASTED = sorted(path.stem for path in (Path(__file__).parent / "torch_programs").glob("*.py"))


def run(name: str, source: str) -> dict[str, Any]:
    """What a program defines."""
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(source, name, "exec"), namespace)
    return namespace


def under_pytorch(name: str) -> Any:
    """The example's functions, with its import lines changed."""
    source = (EXAMPLES / f"{name}.py").read_text()
    source = re.sub(r"^import autograd_core as ag$", "import torch as ag", source, flags=re.M)
    source = re.sub(r"^(import|from) autograd_core(?!\.datasets)", r"\1 torch", source, flags=re.M)
    return run(f"{name} under PyTorch", source)


def flat(values: Any) -> list[float]:
    if isinstance(values, (list, tuple)):
        return [number for value in values for number in flat(value)]
    return [float(values)]


@pytest.fixture
def torch() -> Iterator[Any]:
    """PyTorch on one thread (several wait for each other where the machine is busy)."""
    torch = pytest.importorskip("torch")
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch
    torch.set_num_threads(threads)
    torch.set_rng_state(state)


def compare(mine: Any, theirs: Any) -> None:
    """Run both; the losses are the same."""
    with fork_rng():
        random.seed(0)
        found = flat(mine())
    random.seed(0)
    expected = flat(theirs())
    assert len(found) == len(expected) > 5
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", PROGRAMS)
def test_losses_are_pytorchs(name: str, torch: Any) -> None:
    module, arguments, losses_of = PROGRAMS[name]
    theirs = under_pytorch(name)["train"]
    compare(lambda: losses_of(module.train(**arguments)), lambda: losses_of(theirs(**arguments)))


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")  # (PyTorch's)
@pytest.mark.parametrize("name", PASTED)
def test_pasted_programs_run_as_under_pytorch(name: str, torch: Any) -> None:
    source = (Path(__file__).parent / "torch_programs" / f"{name}.py").read_text()
    changed = re.sub(r"^import torch$", "import autograd_core as torch", source, flags=re.M)
    changed = re.sub(r"^(import|from) torch\b", r"\1 autograd_core", changed, flags=re.M)
    assert source.count("\n") == changed.count("\n") and "import autograd_core as" in changed
    compare(run(name, changed)["train"], run(f"{name} under PyTorch", source)["train"])


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_an_example_runs_as_a_newcomer_runs_it(name: str, tmp_path: Path) -> None:
    """From any folder, with its defaults; where there is something to see, it makes a picture."""
    command = [sys.executable, str(EXAMPLES / f"{name}.py")]
    for arguments in (["--help"], []):
        answer = subprocess.run(
            [*command, *arguments], capture_output=True, text=True, cwd=tmp_path, timeout=300
        )
        assert answer.returncode == 0 and answer.stderr == "", answer.stderr
    pictures = [path.name for path in tmp_path.rglob("*.png")]
    seen = {"vae", "dcgan", "sine_lbfgs", "graph_network", "actor_critic"}
    assert len(pictures) == (name in seen) and answer.stdout
