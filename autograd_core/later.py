"""Methods whose modules load when they are first asked for, so that ``import autograd_core`` stays
light."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


class Later:
    """A function that stands in a class as a method, before its module is loaded; then it takes its
    own place."""

    def __init__(self, path: str, name: str, wrap: Callable[[Any], Any] | None = None) -> None:
        self._path, self._name, self._wrap = path, name, wrap
        self._places: list[tuple[type, str]] = []

    def wrapped(self, wrap: Callable[[Any], Any]) -> Later:
        """What ``wrap`` will make of the function."""
        return Later(self._path, self._name, wrap)

    def __set_name__(self, owner: type, name: str) -> None:
        self._places.append((owner, name))

    def load(self) -> Any:
        """The function itself."""
        function = getattr(import_module(self._path), self._name)
        return function if self._wrap is None else self._wrap(function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.load()(*args, **kwargs)

    def __get__(self, instance: Any, owner: type) -> Any:
        function = self.load()
        for place, name in self._places:
            setattr(place, name, function)
        return function.__get__(instance, owner)


class LaterProperty(Later):
    """The same for a property without a setter: an assignment is refused before it is loaded,
    too."""

    def __set__(self, instance: Any, value: Any) -> None:
        self.load().__set__(instance, value)


def attribute(function: Any) -> property:
    """A property that reads a function, which may be loaded later."""
    if isinstance(function, Later):
        return LaterProperty(function._path, function._name, property)  # type: ignore[return-value]
    return property(function)


class later:
    """A module whose functions are methods, but not such as every program calls.

    Args:
        module: its name.
        package: where it lies.

    Example:
        >>> from autograd_core.later import later
        >>> powers = later("decompositions_powers")
        >>> class Methods:
        ...     matrix_power = powers.matrix_power
        >>> Methods.matrix_power.__name__
        'matrix_power'
    """

    def __init__(self, module: str, package: str = "autograd_core.ops") -> None:
        self._path = f"{package}.{module}"

    def __getattr__(self, name: str) -> Any:
        return Later(self._path, name)
