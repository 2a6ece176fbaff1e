"""Reading pickles without running them.

A pickle is a program for a small stack machine, whose instructions may name any function and call
it: whoever runs a stranger's pickle runs the stranger's code. Here the instructions are only read.
Numbers, strings and containers are built as they say; a name stands for what the caller lists
under it, and any other name is refused. Nothing is ever imported.
"""

from __future__ import annotations

import pickletools
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autograd_core.errors import CheckpointError

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
# Instructions that push the value that stands in them.
_VALUES = frozenset(
    [
        "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
        "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE",
        "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8",
    ]
)  # fmt: skip
_EMPTY: dict[str, Callable[[], Any]] = {
    "EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple, "EMPTY_SET": set,
}  # fmt: skip
_PUT, _GET = ("PUT", "BINPUT", "LONG_BINPUT"), ("GET", "BINGET", "LONG_BINGET")


class Name:
    """A name in a pickle, such as ``collections.OrderedDict``, and what it stands for here.

    Args:
        name: module and name, with a dot.
        call: makes the value of a call of it.
    """

    def __init__(self, name: str, call: Callable[..., Any]) -> None:
        self.name, self.call = name, call


class PickleReader:
    """Reads one pickle.

    Args:
        names: what may be named: ``"module.name"`` to a function that makes the value of a call,
            or to the value itself.
        persistent: makes the value of a persistent id, the reference to something outside.

    Raises:
        CheckpointError: the bytes are no pickle, or name what is not in ``names``.
    """

    def __init__(self, names: Mapping[str, Any], persistent: Callable[[Any], Any]) -> None:
        self.names, self.persistent = names, persistent

    def read(self, content: bytes) -> Any:
        """The object that the pickle at the start of ``content`` describes."""
        try:
            value = self._run(content)
            _check_settled(value)
            return value
        except CheckpointError:
            raise
        except (
            ArithmeticError, AttributeError, LookupError, TypeError, ValueError, Warning
        ) as error:  # (of unusual escapes in its strings, Python warns)  # fmt: skip
            raise CheckpointError(f"its pickle is damaged: {error}") from None

    def _run(self, content: bytes) -> Any:
        stack: list[Any] = []
        marks: list[list[Any]] = []  # the stacks below each mark
        memo: dict[int, Any] = {}
        places: dict[int, int] = {}  # of a value in the making: its id -> where it is in the memo
        arg: Any
        for opcode, arg, _ in pickletools.genops(content):
            code = opcode.name
            if code in _VALUES:
                stack.append(arg)
            elif code in _CONSTANTS:
                stack.append(_CONSTANTS[code])
            elif code in _EMPTY:
                stack.append(_EMPTY[code]())
            elif code == "MARK":
                marks.append(stack)
                stack = []
            elif code in ("TUPLE", "LIST", "DICT", "FROZENSET", "POP_MARK"):
                items, stack = stack, marks.pop()
                if code != "POP_MARK":
                    stack.append(_CONTAINERS[code](items))
            elif code in ("TUPLE1", "TUPLE2", "TUPLE3"):
                number = int(code[-1])
                _need(len(stack) >= number)
                stack[-number:] = [tuple(stack[-number:])]
            elif code in ("APPEND", "SETITEM"):
                items = [stack.pop()] if code == "APPEND" else [stack.pop(-2), stack.pop()]
                _extend(code, stack[-1], items)
            elif code in ("APPENDS", "SETITEMS", "ADDITEMS"):
                items, stack = stack, marks.pop()
                _extend(code, stack[-1], items)
            elif code in _PUT or code == "MEMOIZE":
                place = len(memo) if code == "MEMOIZE" else arg
                memo[place] = stack[-1]
                if hasattr(stack[-1], "with_state"):
                    places[id(stack[-1])] = place
            elif code in _GET:
                stack.append(memo[arg])
            elif code == "POP":
                stack.pop()
            elif code == "DUP":
                stack.append(stack[-1])
            elif code == "GLOBAL":
                stack.append(self._named(*arg.split(" ", 1)))
            elif code == "STACK_GLOBAL":
                name, module = stack.pop(), stack.pop()
                stack.append(self._named(module, name))
            elif code in ("REDUCE", "NEWOBJ"):
                arguments, function = stack.pop(), stack.pop()
                stack.append(called(function, arguments))
            elif code == "BUILD":
                state, value = stack.pop(), stack.pop()
                stack.append(_with_state(value, state))
                if id(value) in places:
                    memo[places[id(value)]] = stack[-1]
            elif code in ("PERSID", "BINPERSID"):
                stack.append(self.persistent(arg if code == "PERSID" else stack.pop()))
            elif code == "STOP":
                _need(len(stack) == 1 and not marks)
                return stack[0]
            elif code not in ("PROTO", "FRAME"):
                raise CheckpointError(f"its pickle has the instruction {code}, which is not read")
        raise CheckpointError("its pickle does not end")

    def _named(self, module: Any, name: Any) -> Any:
        full = f"{module}.{name}"
        if full not in self.names:
            raise CheckpointError(
                f"it holds an object of {full!r}, which would have to be imported and run; a file"
                f" of tensors and plain values is needed (in PyTorch, save a state_dict())"
            )
        found = self.names[full]
        return Name(full, found) if callable(found) else found


def _need(condition: bool) -> None:
    if not condition:
        raise ValueError("its instructions do not fit together")


def members(items: Iterable[Any]) -> list[Any]:
    """Members of a set, or keys: plain values, or tuples of plain values.

    Tuples nested in each other are refused, since a few bytes can describe one whose hash takes
    for ever.
    """
    items = list(items)
    for item in items:
        for part in item if isinstance(item, tuple) else (item,):
            _need(part is None or isinstance(part, (str, bytes, bool, int, float, complex)))
    return items


def _pairs(items: list[Any]) -> dict[Any, Any]:
    _need(len(items) % 2 == 0)
    return dict(zip(members(items[::2]), items[1::2]))


_CONTAINERS: dict[str, Callable[[list[Any]], Any]] = {
    "TUPLE": tuple, "LIST": list, "DICT": _pairs, "FROZENSET": lambda xs: frozenset(members(xs)),
}  # fmt: skip


def _extend(code: str, container: Any, items: list[Any]) -> None:
    """What the instructions that fill a container do."""
    if code.startswith("SETITEM"):
        _need(isinstance(container, dict))
        container.update(_pairs(items))
    elif code == "ADDITEMS":
        _need(isinstance(container, set))
        container.update(members(items))
    else:
        _need(isinstance(container, list))
        container.extend(items)


def called(function: Any, arguments: Any) -> Any:
    """The value of a call that the pickle describes."""
    _need(isinstance(function, Name) and isinstance(arguments, tuple))
    return function.call(*arguments)


def _with_state(value: Any, state: Any) -> Any:
    """What a value becomes that brings some state: it says so itself, in ``with_state``."""
    if hasattr(value, "with_state"):
        return value.with_state(state)
    _need(isinstance(state, dict))
    if isinstance(value, Namespace):
        vars(value).update(state)
        return value
    _need(isinstance(value, dict))
    metadata = state.get("_metadata")
    if isinstance(metadata, dict) and hasattr(value, "__dict__"):
        value._metadata = metadata  # type: ignore[attr-defined]  # the versions of modules
    return value


def _check_settled(value: Any) -> None:
    """Refuse a result that holds a name or another part of a description by itself."""
    waiting, seen = [value], set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, (list, tuple, dict, Namespace)):
            if id(item) not in seen:
                seen.add(id(item))
                inner = vars(item) if isinstance(item, Namespace) else item
                waiting.extend(inner.values() if isinstance(inner, dict) else inner)
        elif isinstance(item, Name):
            raise CheckpointError(f"it holds {item.name!r} by itself, of which nothing is made")
        elif hasattr(item, "with_state"):
            raise CheckpointError("it holds a part of a NumPy array by itself")
