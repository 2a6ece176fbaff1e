"""Who is at work: which module of a model runs when an operator is recorded.

The tools that look at a model (summary, drawing, profiling) are built on this. It hooks into
modules by their methods alone, so it needs nothing of ``nn``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd_core.base import TensorBase
from autograd_core.generator import fork_rng
from autograd_core.grad_mode import enable_grad
from autograd_core.observer import current, observe

Seen = Callable[[str, Any, Sequence[Any], Sequence[Any]], None]


class Watch:
    """Knows the path of the module that runs now; ``""`` is the model itself, or no module.

    Attributes:
        path: the innermost running module, as ``named_modules`` calls it.
    """

    def __init__(self) -> None:
        self._stack: list[str] = []

    @property
    def path(self) -> str:
        return self._stack[-1] if self._stack else ""

    def enter(self, path: str) -> None:
        """A module begins."""
        self._stack.append(path)

    def leave(self) -> None:
        """The innermost module is done."""
        self._stack.pop()


@contextmanager
def watching(
    model: Any,
    seen: Seen | None = None,
    before: Callable[[str, Any, Any], None] | None = None,
    after: Callable[[str, Any, Any], None] | None = None,
) -> Iterator[Watch]:
    """Inside, keep track of the modules of ``model`` that run.

    Args:
        model: a module.
        seen: called with (path, node, inputs, outputs) for every operator that is recorded, and
            with ``inputs`` None for every rule in backward.
        before: called with (path, module, arguments) when a module begins.
        after: called with (path, module, output) when it is done.
    """
    watch = Watch()
    handles = []

    def entering(path: str) -> Any:
        def hook(module: Any, args: Any, kwargs: Any) -> None:
            watch.enter(path)
            if before is not None:
                before(path, module, (*args, *kwargs.values()))

        return hook

    def leaving(path: str) -> Any:
        def hook(module: Any, args: Any, output: Any) -> None:
            watch.leave()
            if after is not None and output is not None:
                after(path, module, output)

        return hook

    for path, module in model.named_modules():
        handles.append(module.register_forward_pre_hook(entering(path), with_kwargs=True))
        handles.append(module.register_forward_hook(leaving(path), always_call=True))
    check, pack = current()

    def observer(node: Any, inputs: Any, outputs: Any) -> None:
        if check is not None:
            check(node, inputs, outputs)
        if seen is not None:
            seen(watch.path, node, inputs, outputs)

    if seen is not None:
        observe(observer, pack)
    try:
        yield watch
    finally:
        if seen is not None:
            observe(check, pack)
        for handle in handles:
            handle.remove()


@contextmanager
def trial(model: Any) -> Iterator[None]:
    """Inside, ``model`` may run, recorded, and leaves no trace: buffers and random numbers are
    those of before."""
    before = {name: buffer.detach().clone() for name, buffer in model.named_buffers()}
    try:
        with fork_rng(), enable_grad():
            yield
    finally:
        for name, buffer in model.named_buffers():
            if name in before:
                buffer.data.copy_(before[name])


def fresh(value: Any, require_grad: bool) -> Any:
    """An input that leaves the caller's graph alone; if need be it requires grad, since only
    recorded operators are seen."""
    if not isinstance(value, TensorBase):
        return value
    value = value.detach()  # type: ignore[attr-defined]
    return value.requires_grad_() if require_grad and value.is_floating_point() else value


def check_model(name: str, model: Any) -> None:
    """Refuse what is no module."""
    if not hasattr(model, "named_modules"):
        raise TypeError(f"{name}: expected a module, got {type(model).__name__}")


def tensors_in(value: Any) -> Iterator[Any]:
    """All tensors in nested tuples, lists and dicts."""
    if isinstance(value, TensorBase):
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from tensors_in(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from tensors_in(entry)
