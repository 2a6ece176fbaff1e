"""Arguments in other forms: by second names, as PyTorch's documentation and its code do not always
agree on them, and in the order of its older calls."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from numbers import Number
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


def numbers_first(*names: str) -> Callable[[F], F]:
    """Decorate a function whose numbers may stand among its tensors, as in PyTorch's older calls:
    ``add(t, 2, u)`` for ``add(t, u, alpha=2)``, ``addmm(1, t, 2, a, b)`` for ``addmm(t, a, b,
    beta=1, alpha=2)``.

    The function takes what is too many as ``*older`` and hands it to :func:`in_older_order`, so
    that the usual call costs nothing more; its signature does not show it.

    Args:
        names: the number's name, or those of the one for ``input`` and the one for the product.
    """

    def decorate(function: F) -> F:
        signature = inspect.signature(function)
        shown = [p for p in signature.parameters.values() if p.kind is not p.VAR_POSITIONAL]
        function.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
        function.numbers = names  # type: ignore[attr-defined]
        return function

    return decorate


def in_older_order(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call a function, decorated by :func:`numbers_first`, with numbers among its tensors.

    Args:
        args: its tensors and numbers.
        options: its keywords; the numbers that ``args`` give must have their default, 1.

    Raises:
        TypeError: the order is none of the older ones.

    Example:
        >>> import autograd_core as ag
        >>> in_older_order(ag.add, ag.ones(2), 3, ag.ones(2))
        tensor([4., 4.])
    """
    names, count = function.numbers, function.__code__.co_argcount  # type: ignore[attr-defined]
    # One number stands behind input. Of two, the first may stand before it instead (in functions),
    # and the second may be missing.
    for where in ((1,),) if len(names) == 1 else ((0,), (1,), (0, 2), (1, 2)):
        if len(args) != count + len(where) or not all(_is_number(args[i]) for i in where):
            continue
        rest = [x for i, x in enumerate(args) if i not in where]
        numbers = {name: _number(args[i]) for name, i in zip(names, where)}
        if hasattr(rest[0], "_array") and all(options.get(name, 1) == 1 for name in numbers):
            return function(*rest, **{**options, **numbers})
    raise TypeError(
        f"{function.__name__}: expected {count} operands, then {', '.join(names)} by name, got "
        f"{', '.join(type(x).__name__ for x in args)}"
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, Number) or (hasattr(value, "_array") and not value.ndim)


def _number(value: Any) -> Any:
    return value.item() if hasattr(value, "_array") else value
