"""Modes of the engine: recording, inference and anomaly detection, one set per thread."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from threading import get_ident
from types import TracebackType
from typing import Any, TypeVar, cast

from autograd_core.version import INFERENCE, Version

F = TypeVar("F", bound=Callable[..., Any])


# Threads that do not record, or are looked at: usually none, so that an operator need only
# look whether this is empty, which is quicker than asking for the thread's own modes.
unusual_threads: set[int] = set()
# Those in which what is not recorded is looked at.
watching_threads: set[int] = set()


class _Modes(threading.local):
    """What the operators look at on every call; the class attributes are a new thread's
    defaults."""

    _grad: bool = True
    # The version counter that results get: none yet, or the mark of inference mode.
    version: Version | None = None
    _anomaly: Callable[..., None] | None = None
    _unrecorded: Callable[..., None] | None = None

    @property
    def grad(self) -> bool:
        """Whether operators record."""
        return self._grad

    @grad.setter
    def grad(self, enabled: bool) -> None:
        self._grad = enabled
        if enabled:
            self._note()
        else:
            unusual_threads.add(get_ident())

    @property
    def anomaly(self) -> Callable[..., None] | None:
        """Called with (node, input arrays, output arrays) after each recorded forward and each
        rule."""
        return self._anomaly

    @anomaly.setter
    def anomaly(self, check: Callable[..., None] | None) -> None:
        self._anomaly = check
        self._note()

    @property
    def unrecorded(self) -> Callable[..., None] | None:
        """Called with (operator, input arrays, parameters, output arrays) after each call of an
        operator that is not recorded, and with (None, (), (), (array,)) after each write into an
        array."""
        return self._unrecorded

    @unrecorded.setter
    def unrecorded(self, seen: Callable[..., None] | None) -> None:
        self._unrecorded = seen
        (watching_threads.discard if seen is None else watching_threads.add)(get_ident())
        self._note()

    def _note(self) -> None:
        usual = self._grad and self._anomaly is None and self._unrecorded is None
        (unusual_threads.discard if usual else unusual_threads.add)(get_ident())


modes = _Modes()


class _ModeContext:
    """A context manager that is also a decorator, of functions and of generators."""

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        raise NotImplementedError

    def _again(self) -> _ModeContext:
        """A fresh context of the same setting, so that one decorator serves nested calls."""
        return type(self)()

    def __call__(self, function: F) -> F:
        if inspect.isgeneratorfunction(function):
            return cast(F, _wrap_generator(self._again, function))

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return function(*args, **kwargs)

        return cast(F, wrapped)


def _wrap_generator(make: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """Run the generator's own code in the mode, and its consumer's code outside it."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        generator = function(*args, **kwargs)
        try:
            with make():
                item = next(generator)
            while True:
                try:
                    sent = yield item
                except GeneratorExit:
                    with make():
                        generator.close()
                    raise
                except BaseException as error:
                    with make():
                        item = generator.throw(error)
                else:
                    with make():
                        item = generator.send(sent)
        except StopIteration as stop:
            return stop.value

    return wrapped


class _GradMode(_ModeContext):
    enabled: bool

    def __new__(cls, function: Any = None) -> Any:
        # `@no_grad` without parentheses decorates at once, as in PyTorch.
        self = super().__new__(cls)
        return self if function is None else self(function)

    def __enter__(self) -> None:
        self._before = modes.grad
        # Inference mode is stronger: nothing records inside it.
        modes.grad = self.enabled and modes.version is None

    def __exit__(self, *exc: object) -> None:
        modes.grad = self._before


class no_grad(_GradMode):
    """Switch recording off, as a context manager or a decorator (thread-local).

    Source: PyTorch, ``torch.no_grad``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([1.0], requires_grad=True)
        >>> with ag.no_grad():
        ...     y = x * 2
        >>> y.requires_grad
        False
    """

    enabled = False


class enable_grad(_GradMode):
    """Switch recording on, as a context manager or a decorator (thread-local).

    Source: PyTorch, ``torch.enable_grad``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([1.0], requires_grad=True)
        >>> with ag.no_grad(), ag.enable_grad():
        ...     y = x * 2
        >>> y.requires_grad
        True
    """

    enabled = True


class set_grad_enabled(_ModeContext):
    """Switch recording on or off: at once when called, and back when left as a context.

    Args:
        mode: whether operators record.

    Source: PyTorch, ``torch.set_grad_enabled``.

    Example:
        >>> import autograd_core as ag
        >>> with ag.set_grad_enabled(False):
        ...     ag.is_grad_enabled()
        False
    """

    def __init__(self, mode: bool) -> None:
        self._before = modes.grad
        self._mode = bool(mode)
        modes.grad = self._mode and modes.version is None

    def __enter__(self) -> None:
        modes.grad = self._mode and modes.version is None

    def __exit__(self, *exc: object) -> None:
        modes.grad = self._before

    def __call__(self, function: F) -> F:
        modes.grad = self._before  # a decorator changes nothing until the function runs
        return super().__call__(function)

    def _again(self) -> set_grad_enabled:
        return set_grad_enabled(self._mode)


class inference_mode(_ModeContext):
    """Run without recording, and mark results so that no graph can ever save them.

    Args:
        mode: whether inference mode is on inside (default True).

    Source: PyTorch, ``torch.inference_mode``.

    Example:
        >>> import autograd_core as ag
        >>> with ag.inference_mode():
        ...     y = ag.ones(2) * 3
        >>> y.is_inference()
        True
    """

    def __new__(cls, mode: Any = True) -> Any:
        self = super().__new__(cls)
        if callable(mode):
            self.__init__(True)  # type: ignore[misc]
            return self(mode)
        return self

    def __init__(self, mode: bool = True) -> None:
        self._mode = bool(mode)

    def __enter__(self) -> None:
        self._before = (modes.grad, modes.version)
        modes.grad, modes.version = (False, INFERENCE) if self._mode else (True, None)

    def __exit__(self, *exc: object) -> None:
        modes.grad, modes.version = self._before

    def _again(self) -> inference_mode:
        return inference_mode(self._mode)


def is_grad_enabled() -> bool:
    """Whether operators record now, in this thread.

    Example:
        >>> import autograd_core as ag
        >>> ag.is_grad_enabled()
        True
    """
    return modes.grad


def is_inference_mode_enabled() -> bool:
    """Whether inference mode is on now, in this thread.

    Example:
        >>> import autograd_core as ag
        >>> ag.is_inference_mode_enabled()
        False
    """
    return modes.version is not None
