"""Programs drawn at random, of everything that is done with an optimizer: PyTorch's parameters."""

from __future__ import annotations

import copy
import pickle
import random
from typing import Any

import numpy as np
import pytest
from optim_grid import OPTIONS

import autograd_core as ag
from autograd_core import optim

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

# ASGD's rates are of float32 in PyTorch, which loses that when it loads them.
TOLERANCE = {"ASGD": 1e-6}
MATRICES = [(3, 4), (2, 5), (1, 6)]
SHAPES = [(3, 4), (5,), (), (2, 1, 3), (1,), (4, 4), (0,)]


@pytest.fixture(autouse=True)
def muon_in_full_precision(monkeypatch):
    """PyTorch's Muon orthogonalises in bfloat16, which leaves two digits to compare."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)


def as_torch(tree):
    if isinstance(tree, ag.Tensor):
        return torch.tensor(tree.cpu().numpy())
    if isinstance(tree, dict):
        return {k: as_torch(v) for k, v in tree.items()}
    return [as_torch(v) for v in tree] if isinstance(tree, list) else tree


class Program:
    """An optimizer here and one in PyTorch, to which the same is done."""

    def __init__(self, seed: int, path: Any) -> None:
        self.draw, self.numbers = random.Random(seed), np.random.RandomState(seed)
        self.path = path
        self.name = self.draw.choice(list(OPTIONS))
        self.options = self.draw.choice(OPTIONS[self.name])
        real = self.name in ("Muon", "Adafactor") or self.draw.random() < 0.85
        self.dtype = "float64" if real else "complex128"
        self.named = self.draw.random() < 0.4
        self.groups = [[self.new() for _ in range(self.draw.randint(1, 4))]]
        self.both = [self.make(side, **self.options) for side in (0, 1)]
        self.did: list[Any] = []

    def array(self, shape: tuple[int, ...]) -> np.ndarray:
        values = self.numbers.standard_normal((2, *shape))
        return values[0] + 1j * values[1] if self.dtype == "complex128" else values[0]

    def new(self) -> list[Any]:
        """A parameter here and in PyTorch, sometimes a transposed one."""
        choice = MATRICES if self.name == "Muon" else SHAPES
        shape = self.draw.choice(choice[:-1] if self.name == "Adafactor" else choice)
        value, turned = self.array(shape), len(shape) == 2 and self.draw.random() < 0.3
        pair = [lib.tensor(value.T.copy() if turned else value) for lib in (ag, torch)]
        return [(p.T if turned else p).detach().requires_grad_() for p in pair]

    def entries(self, side: int, group: int) -> list[Any]:
        params = [pair[side] for pair in self.groups[group]]
        return [(f"{group}.{i}", p) for i, p in enumerate(params)] if self.named else params

    def make(self, side: int, **options: Any) -> Any:
        groups = [{"params": self.entries(side, i)} for i in range(len(self.groups))]
        return getattr((optim, torch.optim)[side], self.name)(groups, **options)

    def pairs(self) -> list[list[Any]]:
        return [pair for group in self.groups for pair in group]

    # -- what may happen ---------------------------------------------------------------------------

    def step(self) -> None:
        for p, q in self.pairs():
            grad = None if self.draw.random() < 0.15 else self.array(tuple(q.shape))
            p.grad = None if grad is None else ag.tensor(grad)
            q.grad = None if grad is None else torch.tensor(grad)
        for optimizer in self.both:
            optimizer.step()

    def option(self) -> None:
        group = self.draw.randrange(len(self.groups))
        key, choice = self.draw.choice(
            [("lr", [0.01, 0.1]), ("maximize", [True, False]), ("weight_decay", [0, 0.1])]
        )
        value = self.draw.choice(choice)
        for optimizer in self.both:
            if key in optimizer.param_groups[group]:
                optimizer.param_groups[group][key] = value

    def group(self) -> None:
        self.groups.append([self.new()])
        for side, optimizer in enumerate(self.both):
            optimizer.add_param_group(
                {"params": self.entries(side, len(self.groups) - 1), "lr": 0.05}
            )

    def forget(self) -> None:
        to_none = self.draw.random() < 0.5
        for optimizer in self.both:
            optimizer.zero_grad(to_none)
            optimizer.step()

    def twin(self) -> None:
        pickled = self.draw.random() < 0.5
        twins = [pickle.loads(pickle.dumps(o)) if pickled else copy.deepcopy(o) for o in self.both]
        self.both = twins
        a, b = (o.param_groups for o in twins)
        self.groups = [
            [[p, q] for p, q in zip(x["params"], y["params"], strict=True)] for x, y in zip(a, b)
        ]

    def reload(self) -> None:
        """New optimizers, with their states, from a file, or with that of the other library."""
        ours, theirs = (copy.deepcopy(optimizer.state_dict()) for optimizer in self.both)
        way = self.draw.choice(["own", "file", "to PyTorch", "from PyTorch"])
        if way == "file":
            ag.save(ours, self.path)
            ours = ag.load(self.path)
        if way == "to PyTorch":
            theirs = as_torch(ours)
        if way == "from PyTorch":
            ours = theirs
        # Adagrad's start is an option of the optimizer there, and of the group here.
        start = {k: v for k, v in self.options.items() if k == "initial_accumulator_value"}
        self.both = [self.make(side, **start) for side in (0, 1)]
        for optimizer, state in zip(self.both, (ours, theirs)):
            optimizer.load_state_dict(state)

    def write(self) -> None:
        for p, q in self.pairs():
            p.detach().mul_(0.5)
            q.detach().mul_(0.5)

    def run(self, length: int) -> None:
        weights = {"step": 13, "option": 3, "group": 1, "forget": 1, "twin": 1, "reload": 2,
                   "write": 1}  # fmt: skip
        for _ in range(length):
            (what,) = self.draw.choices(list(weights), list(weights.values()))
            self.did.append(what)
            getattr(self, what)()
            tolerance = TOLERANCE.get(self.name, 1e-8)
            for p, q in self.pairs():
                np.testing.assert_allclose(
                    p.detach().cpu().numpy(),
                    q.detach().numpy(),
                    rtol=tolerance,
                    atol=tolerance,
                    err_msg=f"{self.name}({self.options}), {self.dtype}: {self.did}",
                )


@pytest.mark.parametrize("seed", range(25))
def test_some_programs(seed, tmp_path):
    Program(seed, tmp_path / "state").run(25)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25, 1025))
def test_many_programs(seed, tmp_path):
    Program(seed, tmp_path / "state").run(40)
