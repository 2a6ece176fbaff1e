"""Memory for time: what a part of the program saves for backward is computed again when needed.

Inside a checkpoint nothing that operators save is kept, only the part's inputs. When backward asks
for the first of the saved values, the part is run once more, and every value it saves is put where
the first run had left a gap.

Source: Chen et al., "Training deep nets with sublinear memory cost" (2016); PyTorch's
``torch.utils.checkpoint``.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from autograd_core.autograd.function import Function
from autograd_core.autograd.saved_hooks import saved_tensors_hooks
from autograd_core.base import TensorBase
from autograd_core.creation import zeros
from autograd_core.errors import GraphError
from autograd_core.generator import fork_rng, get_rng_state_all, set_rng_state_all
from autograd_core.grad_mode import enable_grad, modes

Contexts = Callable[[], tuple[AbstractContextManager[Any], AbstractContextManager[Any]]]


_early_stop: ContextVar[bool | None] = ContextVar("early_stop", default=None)


class _Enough(Exception):
    """All that was missing is there: the rest of the second run is not needed."""


class CheckpointInputs(Function):
    """Keeps a checkpoint's inputs as a node keeps what it saves: watched for changes, and left to
    an outer checkpoint where there is one."""

    @staticmethod
    def forward(ctx: Any, dummy: Any, *inputs: Any) -> Any:
        ctx.save_for_backward(*inputs)
        return dummy.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        raise AssertionError("nothing leads back through a checkpoint's inputs")


class _Gap:
    """Stands for one value that the first run would have saved."""

    __slots__ = ("__weakref__", "index", "part", "what")

    def __init__(self, part: _Part, index: int, what: tuple[Any, ...]) -> None:
        self.part, self.index, self.what = part, index, what


class _Part:
    """One call of ``checkpoint``: how to run it again, and the gaps that it left."""

    def __init__(self, rerun: Callable[[], Any], check: bool, early_stop: bool) -> None:
        self.rerun, self.check, self.early_stop = rerun, check, early_stop
        self.gaps: list[weakref.ref[_Gap]] = []
        self.values: dict[int, Any] = {}

    def pack(self, value: Any) -> _Gap:
        gap = _Gap(self, len(self.gaps), _description(value))
        self.gaps.append(weakref.ref(gap))
        return gap

    def unpack(self, gap: _Gap) -> Any:
        if gap.index not in self.values:
            self._fill()
        return self.values.pop(gap.index)

    def _fill(self) -> None:
        """Run the part again, and keep what it saves for the gaps that still wait."""
        met = 0

        def collect(value: Any) -> Any:
            nonlocal met
            index, met = met, met + 1
            gap = self.gaps[index]() if index < len(self.gaps) else None
            if gap is not None:
                if self.check and gap.what != _description(value):
                    raise GraphError(
                        f"checkpoint: the second run saved {_shown(_description(value))} where the"
                        f" first saved {_shown(gap.what)} (value {index} of {len(self.gaps)})."
                        f" Mend: the function must do the same in both runs; it must not depend on"
                        f" what changed in between"
                    )
                self.values[index] = value.detach()
            if self.early_stop and met == len(self.gaps):
                raise _Enough
            return value

        try:
            with saved_tensors_hooks(collect, lambda value: value), enable_grad():
                self.rerun()
        except _Enough:
            return
        if met != len(self.gaps) and (self.check or met < len(self.gaps)):
            raise GraphError(
                f"checkpoint: the second run saved {met} values, the first {len(self.gaps)}. Mend:"
                f" the function must do the same in both runs; it must not depend on what changed"
                f" in between"
            )


def _description(value: Any) -> tuple[Any, ...]:
    return tuple(value.shape), value.dtype, value.device


def _shown(description: tuple[Any, ...]) -> str:
    shape, dtype, device = description
    return f"{shape} {dtype.name} on {device}"


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Contexts = lambda: (nullcontext(), nullcontext()),
    determinism_check: str = "default",
    debug: bool = False,
    preserve_rng_state: bool = True,
    early_stop: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Call ``function`` without keeping what it saves for backward: it is computed again then.

    Gradients are the same to the last bit, those of any order too; checkpoints may be nested. What
    a module does besides computing (batch norm's running statistics) it does twice.

    Args:
        function: the part of the program; its tensors may also come from outside.
        args, kwargs: its arguments.
        use_reentrant: accepted as in PyTorch; there is one implementation, without re-entering
            backward.
        context_fn: gives two context managers, around the first run and around the second.
        determinism_check: ``"default"`` compares shapes and dtypes of the two runs' values;
            ``"none"`` does not.
        debug: accepted as in PyTorch; errors name the values anyway.
        preserve_rng_state: whether the second run draws the first one's random numbers.
        early_stop: end the second run as soon as all that is missing is there (default: True, or
            as :func:`set_checkpoint_early_stop` says).

    Returns:
        What ``function`` returns.

    Raises:
        ValueError: an unknown ``determinism_check``.
        GraphError: in backward: the second run did not do what the first did, or an input was
            changed in place in between.

    Source: PyTorch, ``torch.utils.checkpoint.checkpoint``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils.checkpoint import checkpoint
        >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> y = checkpoint(lambda x: (x * x).exp().sum(), x)
        >>> y.backward()
        >>> x.grad
        tensor([  5.4366, 218.3926])
    """
    if determinism_check not in ("default", "none"):
        raise ValueError(
            f"checkpoint: determinism_check must be 'default' or 'none', got {determinism_check!r}"
        )
    first, second = context_fn()
    if not modes.grad:
        with first:
            return function(*args, **kwargs)
    given = [*args, *kwargs.values()]
    places = [i for i, value in enumerate(given) if isinstance(value, TensorBase)]
    needs_grad = [given[i].requires_grad for i in places]
    dummy = zeros((), requires_grad=True)
    node: Any = CheckpointInputs.apply(dummy, *[given[i] for i in places]).grad_fn
    rest = [None if isinstance(value, TensorBase) else value for value in given]
    names, number = tuple(kwargs), len(args)
    states = get_rng_state_all() if preserve_rng_state else {}

    def rerun() -> None:
        values = list(rest)
        for i, tensor, needs in zip(places, node.saved_tensors, needs_grad):
            values[i] = tensor.detach().requires_grad_(needs)
        with fork_rng(enabled=preserve_rng_state), second:
            set_rng_state_all(states)
            function(*values[:number], **dict(zip(names, values[number:])))

    stops = _early_stop.get()
    if stops is None:
        stops = True if early_stop is None else early_stop
    part = _Part(rerun, determinism_check == "default", stops)
    with first, saved_tensors_hooks(part.pack, part.unpack):
        return function(*args, **kwargs)


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Inside, checkpoints end their second run early, or do not, whatever they were told.

    Args:
        enable: whether.

    Source: PyTorch, ``torch.utils.checkpoint.set_checkpoint_early_stop``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils.checkpoint import checkpoint, set_checkpoint_early_stop
        >>> x = ag.ones(2, requires_grad=True)
        >>> with set_checkpoint_early_stop(False):
        ...     y = checkpoint(ag.exp, x)
    """
    token = _early_stop.set(enable)
    try:
        yield
    finally:
        _early_stop.reset(token)


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """Run functions one after the other, in ``segments`` checkpoints of about equal length.

    The last segment is run without one, since backward needs its values at once.

    Args:
        functions: a sequence of functions or modules, or an ``nn.Sequential``.
        segments: into how many parts they are divided.
        input: what the first one gets.
        use_reentrant, kwargs: as for :func:`checkpoint`.

    Raises:
        ValueError: there are fewer functions than segments.

    Source: PyTorch, ``torch.utils.checkpoint.checkpoint_sequential``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils.checkpoint import checkpoint_sequential
        >>> x = ag.tensor([1.0], requires_grad=True)
        >>> checkpoint_sequential([ag.exp, ag.sin, ag.exp, ag.cos], 2, x).backward()
        >>> x.grad
        tensor([3.7300])
    """
    functions = list(functions)
    if not 1 <= segments <= len(functions):
        raise ValueError(
            f"checkpoint_sequential: {len(functions)} functions cannot be divided into {segments}"
            f" segments; expected 1 to {len(functions)}"
        )
    size = len(functions) // segments
    for start in range(0, size * (segments - 1), size):
        part = functions[start : start + size]
        input = checkpoint(_in_turn(part), input, use_reentrant=use_reentrant, **kwargs)
    return _in_turn(functions[size * (segments - 1) :])(input)


def _in_turn(functions: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def run(value: Any) -> Any:
        for function in functions:
            value = function(value)
        return value

    return run
