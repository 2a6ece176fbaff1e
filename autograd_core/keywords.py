"""Second names of arguments: PyTorch's documentation and its code do not always agree on them."""

from __future__ import annotations

import functools
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

        call.also = names  # type: ignore[attr-defined]
        return cast(F, call)

    return decorate
