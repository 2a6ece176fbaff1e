"""Programs as people write them for PyTorch: the same losses there after changing import lines."""

from __future__ import annotations

import random
import re
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


def under_pytorch(name: str) -> Any:
    """The example's functions, with its import lines changed."""
    source = (EXAMPLES / f"{name}.py").read_text()
    source = re.sub(r"^import autograd_core as ag$", "import torch as ag", source, flags=re.M)
    source = re.sub(r"^(import|from) autograd_core(?!\.datasets)", r"\1 torch", source, flags=re.M)
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(source, f"{name} under PyTorch", "exec"), namespace)
    return namespace


def flat(values: Any) -> list[float]:
    if isinstance(values, (list, tuple)):
        return [number for value in values for number in flat(value)]
    return [float(values)]


@pytest.mark.parametrize("name", PROGRAMS)
def test_losses_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    module, arguments, losses_of = PROGRAMS[name]
    with fork_rng():
        random.seed(0)
        mine = flat(losses_of(module.train(**arguments)))
    state = torch.get_rng_state()
    try:
        random.seed(0)
        theirs = flat(losses_of(under_pytorch(name)["train"](**arguments)))
    finally:
        torch.set_rng_state(state)
    assert len(mine) == len(theirs) > 5
    np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)
