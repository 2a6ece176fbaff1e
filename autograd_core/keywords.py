"""Second names of arguments: PyTorch's documentation and its code do not always agree on them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def also(**names: str) -> Callable[[F], F]:
    """Decorate a function so that it takes arguments by other names, too.

    Args:
        names: the argument's own name for each other one.

    Example:
        >>> from autograd_core.keywords import also
        >>> @also(input="A")
        ... def size(A):
        ...     return len(A)
        >>> size(input=[1, 2]), size(A=[1, 2]), size([1, 2])
        (2, 2, 2)
    """

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            for other in names.keys() & kwargs.keys() if kwargs else ():
                own = names[other]
                if own in kwargs:
                    raise TypeError(
                        f"{function.__name__}: {other!r} is another name of {own!r}; both are given"
                    )
                kwargs[own] = kwargs.pop(other)
            return function(*args, **kwargs)

        call.also = {**getattr(function, "also", {}), **names}  # type: ignore[attr-defined]
        return cast(F, call)

    return decorate


def numpy_names(function: F) -> F:
    """The function, made to take NumPy's ``axis`` and ``keepdims`` for ``dim`` and ``keepdim``, as
    PyTorch's functions do; itself where it has neither or knows them already."""
    code = inspect.unwrap(function).__code__
    has = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    pairs = {"axis": "dim", "keepdims": "keepdim"}.items()
    names = {other: own for other, own in pairs if own in has and other not in has}
    return also(**names)(function) if names else function
