"""Modules that hold modules: in a chain, in a list, by name."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import chain
from typing import Any, TypeVar

from autograd_core.nn.module import Module, bracketed, indented

L = TypeVar("L", bound="_Listed")


class _Listed(Module):
    """What `Sequential` and `ModuleList` share: children numbered from "0", used like a list."""

    def _key(self, index: int) -> str:
        size = len(self)
        position = operator.index(index)
        if not -size <= position < size:
            raise IndexError(f"index {index} is out of range for {size} modules")
        return list(self._modules)[position]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self._of(list(self._modules.items())[index])
        return self._modules[self._key(index)]

    def _of(self, items: list[tuple[str, Any]]) -> Any:
        """Make a container of the same class from some of the children."""
        return type(self)([module for _, module in items])  # type: ignore[call-arg]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._key(index), module)

    def __delitem__(self, index: int | slice) -> None:
        if isinstance(index, slice):
            gone = list(self._modules)[index]
        else:
            gone = [self._key(index)]
        kept = [module for key, module in self._modules.items() if key not in gone]
        self._modules = {str(i): module for i, module in enumerate(kept)}

    def append(self: L, module: Module) -> L:
        """Add a module at the end; returns this container.

        Args:
            module: the module.
        """
        self.add_module(str(len(self)), module)
        return self

    def extend(self: L, modules: Iterable[Module]) -> L:
        """Add modules at the end; returns this container.

        Args:
            modules: the modules.

        Raises:
            TypeError: `modules` is not iterable.
        """
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"{type(self).__name__}.extend should be called with an iterable, but got "
                f"{type(modules).__name__}"
            )
        for module in list(modules):
            self.append(module)
        return self

    def _insert(self, index: int, module: Module) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        size = len(self)
        if not -size <= index <= size:
            raise IndexError(f"Index out of range: {index}")
        modules = list(self._modules.values())
        modules.insert(index + size if index < 0 else index, module)
        self._modules = {str(i): module for i, module in enumerate(modules)}

    def pop(self, key: int | slice) -> Any:
        """Remove a module, or a slice of them, and return it.

        Args:
            key: its position.
        """
        removed = self[key]
        del self[key]
        return removed


class Sequential(_Listed):
    """A chain of modules: each gets what the one before returned.

    Args:
        args: the modules in order, or one OrderedDict from names to modules.

    Source: PyTorch's ``torch.nn.Sequential``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> m = nn.Sequential(nn.Linear(4, 2), nn.ReLU())
        >>> m(ag.ones(3, 4)).shape
        autograd_core.Size([3, 2])
        >>> m
        Sequential(
          (0): Linear(in_features=4, out_features=2, bias=True)
          (1): ReLU()
        )
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for key, module in args[0].items():
                self.add_module(key, module)
        else:
            for i, module in enumerate(args):
                self.add_module(str(i), module)

    def _of(self, items: list[tuple[str, Any]]) -> Any:
        return type(self)(OrderedDict(items))

    def insert(self, index: int, module: Module) -> Sequential:
        """Add a module before position `index`; returns this container.

        Args:
            index: from minus the length to the length.
            module: the module.

        Raises:
            IndexError: `index` is outside that range.
            TypeError: `module` is not a Module.
        """
        self._insert(index, module)
        return self

    def forward(self, input: Any) -> Any:
        """Pass `input` through all modules."""
        for module in self._modules.values():
            input = module(input)  # type: ignore[misc]
        return input

    def __add__(self, other: Sequential) -> Sequential:
        _check_sequential(other)
        return Sequential(*self, *other)

    def __iadd__(self, other: Sequential) -> Sequential:
        _check_sequential(other)
        return self.extend(other)

    def __mul__(self, times: int) -> Sequential:
        _check_factor(times)
        return Sequential(*(list(self) * times))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Sequential:
        _check_factor(times)
        return self.extend(list(self) * (times - 1))


def _check_sequential(other: Any) -> None:
    if not isinstance(other, Sequential):
        raise ValueError(f"Sequential: can only add another Sequential, not {type(other).__name__}")


def _check_factor(times: Any) -> None:
    if not isinstance(times, int):
        raise TypeError(f"Sequential: can only be repeated an int of times, not {times!r}")
    if times <= 0:
        raise ValueError(f"Sequential: Non-positive multiplication factor {times}")


class ModuleList(_Listed):
    """A list of modules, registered as children. It has no forward of its own.

    Args:
        modules: the modules; none if left out.

    Source: PyTorch's ``torch.nn.ModuleList``.

    Example:
        >>> from autograd_core import nn
        >>> nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
        ModuleList(
          (0-2): 3 x Linear(in_features=2, out_features=2, bias=True)
        )
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def insert(self, index: int, module: Module) -> None:
        """Add a module before position `index`.

        Args:
            index: from minus the length to the length.
            module: the module.

        Raises:
            IndexError: `index` is outside that range.
            TypeError: `module` is not a Module.
        """
        self._insert(index, module)

    def __iadd__(self, modules: Iterable[Module]) -> ModuleList:
        return self.extend(modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList(chain(self, other))

    def __repr__(self) -> str:
        # Equal neighbours share a line.
        runs: list[list[Any]] = []
        for i, text in enumerate(map(repr, self)):
            if runs and runs[-1][2] == text:
                runs[-1][1] = i
            else:
                runs.append([i, i, text])
        lines = [
            f"({first}): {text}"
            if first == last
            else f"({first}-{last}): {last - first + 1} x {text}"
            for first, last, text in runs
        ]
        return bracketed(self._get_name(), [], [indented(line) for line in lines])


class ModuleDict(Module):
    """A dict of modules, registered as children. It has no forward of its own.

    Args:
        modules: a mapping, or an iterable of (name, module) pairs; none if left out.

    Source: PyTorch's ``torch.nn.ModuleDict``.

    Example:
        >>> from autograd_core import nn
        >>> m = nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()})
        >>> m["tanh"]
        Tanh()
        >>> list(m)
        ['relu', 'tanh']
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Remove all modules."""
        self._modules.clear()

    def pop(self, key: str) -> Any:
        """Remove a module and return it.

        Args:
            key: its name.
        """
        return self._modules.pop(key)

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._modules.keys()

    def items(self) -> ItemsView[str, Any]:
        """Return the (name, module) pairs."""
        return self._modules.items()

    def values(self) -> ValuesView[Any]:
        """Return the modules."""
        return self._modules.values()

    def update(self, modules: Any) -> None:
        """Add modules, in place of those of the same names.

        Args:
            modules: a mapping, another ModuleDict, or an iterable of (name, module) pairs.

        Raises:
            TypeError: `modules` is not iterable, or one of its entries is no pair.
            ValueError: an entry has not two parts.
        """
        for key, module in pairs("ModuleDict", modules):
            self[key] = module


def pairs(where: str, entries: Any) -> list[tuple[str, Any]]:
    """Return the (key, value) pairs of a mapping, or of an iterable of pairs.

    Args:
        where: the container's name, for messages.
        entries: anything with `items`, or an iterable of pairs.

    Raises:
        TypeError: `entries` is not iterable, or an entry is no pair.
        ValueError: an entry has not two parts.

    Example:
        >>> pairs("ModuleDict", [("a", 1)])
        [('a', 1)]
    """
    if hasattr(entries, "items"):
        return list(entries.items())
    if not isinstance(entries, Iterable):
        raise TypeError(
            f"{where}.update should be called with an iterable of key/value pairs, but got "
            f"{type(entries).__name__}"
        )
    checked = []
    for i, entry in enumerate(entries):
        if not isinstance(entry, Iterable):
            raise TypeError(
                f"{where} update sequence element #{i} should be a pair; is {type(entry).__name__}"
            )
        entry = tuple(entry)
        if len(entry) != 2:
            raise ValueError(
                f"{where} update sequence element #{i} has length {len(entry)}; 2 is required"
            )
        checked.append(entry)
    return checked
