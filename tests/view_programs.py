"""Random programs of views and in-place writes, run alike by this engine and by PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

SHAPE = (3, 4)


class Program:
    """A sequence of steps, fixed by a seed; each takes a view, writes in place, or reads.

    ``run(library, tensor)`` runs it with either library on the same leaves and returns the loss.
    """

    def __init__(self, seed: int, steps: int = 12) -> None:
        self.rng = np.random.default_rng(seed)
        self.steps, self.column_major = steps, seed % 2 == 1
        self.leaves = [self.rng.standard_normal(SHAPE) for _ in range(3)]
        self.choices = self.rng.integers(0, 1 << 30, size=(steps, 6))

    def run(self, library: Any, w: Any, y: Any, z: Any) -> Any:
        """The loss: a function of ``w`` (whose copy is written to) and of ``y`` and ``z``."""
        x = w.t() * 1.5 if self.column_major else w * 1.5
        tensors = [x]
        loss = 0
        for kind, which, how, a, b, source in self.choices.tolist():
            target = tensors[which % len(tensors)]
            if kind % 3 == 0:
                view = VIEWS[how % len(VIEWS)](target, a, b)
                if view is not None and view.numel():
                    tensors.append(view)
            elif kind % 3 == 1:
                value = (y if source % 2 else z).reshape(-1)[a % 5 : a % 5 + 1]
                WRITES[how % len(WRITES)](library, target, value, a, b)
            else:
                # A copy: what backward needs of it must not be written to by a later step.
                read = target.clone()
                loss = loss + (read * read).sum() * (1 + a % 3) + read.reshape(-1)[0] ** 3
        for tensor in tensors:
            loss = loss + (tensor**2).sum()
        return loss


def _slice(t: Any, a: int, b: int) -> Any:
    return t[a % t.shape[0] :] if t.ndim else None


def _step(t: Any, a: int, b: int) -> Any:
    return t[..., b % t.shape[-1] :: 1 + a % 2] if t.ndim else None


def _diagonal(t: Any, a: int, b: int) -> Any:
    return t.diagonal(b % 2) if t.ndim >= 2 else None


def _flat_view(t: Any, a: int, b: int) -> Any:
    return t.view(-1) if t.is_contiguous() else t.transpose(0, -1) if t.ndim else None


VIEWS: list[Callable[[Any, int, int], Any]] = [
    _slice,
    _step,
    _diagonal,
    _flat_view,
    lambda t, a, b: t.select(b % t.ndim, a % t.shape[b % t.ndim]) if t.ndim else None,
    lambda t, a, b: t.t() if t.ndim == 2 else t.unsqueeze(a % (t.ndim + 1)),
    lambda t, a, b: t.narrow(b % t.ndim, 0, 1 + a % t.shape[b % t.ndim]) if t.ndim else None,
    lambda t, a, b: t.squeeze(),
    lambda t, a, b: t.reshape(-1) if t.is_contiguous() else t.permute(*reversed(range(t.ndim))),
    lambda t, a, b: t.unflatten(0, (1, -1)) if t.ndim else None,
    lambda t, a, b: t.expand(t.shape),
]


def _assign_index(library: Any, t: Any, value: Any, a: int, b: int) -> None:
    if t.ndim:
        index = library.tensor(
            [a % t.shape[0], b % t.shape[0]][: 1 + (a % t.shape[0] != b % t.shape[0])]
        )
        t[index] = value.sum()


def _assign_mask(library: Any, t: Any, value: Any, a: int, b: int) -> None:
    t[t.detach() > 0] = value.sum() * 2


def _add_to_slice(library: Any, t: Any, value: Any, a: int, b: int) -> None:
    if t.ndim:
        t[a % t.shape[0]] += value.sum()


def _mul_slice(library: Any, t: Any, value: Any, a: int, b: int) -> None:
    if t.ndim:
        t[..., : 1 + b % t.shape[-1]] *= value


WRITES: list[Callable[..., Any]] = [
    lambda library, t, value, a, b: t.mul_(value.sum()),
    lambda library, t, value, a, b: t.add_(value.sum()),
    lambda library, t, value, a, b: t.copy_(value if t.ndim else value.sum()),
    lambda library, t, value, a, b: t.fill_(0.5) if a % 3 else t.zero_(),
    lambda library, t, value, a, b: t.neg_() if a % 4 == 0 else t.mul_(0.5),
    lambda library, t, value, a, b: t.masked_fill_(t.detach() < 0, value.sum()),
    lambda library, t, value, a, b: t.clamp_(-1.3, 1.1),
    _assign_index,
    _assign_mask,
    _add_to_slice,
    _mul_slice,
]
