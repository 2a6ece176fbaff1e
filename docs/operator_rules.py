"""Gradient rules as the source states them: which an operator uses, their text, what they keep."""

from __future__ import annotations

import ast
import functools
import inspect
import warnings
from collections.abc import Callable, Container, Iterable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import autograd_core as ag
from autograd_core.graph import Output
from autograd_core.op import Op
from autograd_core.operator_checks import Call, floating_outputs, samples
from autograd_core.plan import arguments
from autograd_core.registry import Entry, operators

MOST_LINES = 70  # of a rule with its helpers, and of a composition, that a page shows


@cache
def recorded(name: str) -> tuple[Op, ...]:
    """The operators that the graph of an operator's samples holds, the last one first."""
    entry, found = operators()[name], {}
    for sample in samples(entry) if entry.differentiable else ():
        call = Call(sample)
        with ag.random.fork_rng(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outputs = floating_outputs(call(entry.function))
        queue, seen = [o.grad_fn for o in outputs], set()
        while queue:
            node = queue.pop(0)
            if node is None or node in seen:
                continue
            seen.add(node)
            op = getattr(node.plan, "op", None)
            if isinstance(op, Op) and not isinstance(node, Output):
                found.setdefault(id(op), op)
            queue.extend(node.inputs)
    return tuple(found.values())


def module_of(op: Op) -> str:
    """The module that states an operator's rules."""
    rule = next(iter(rules(op).values()), op.forward)
    return str(rule.__globals__["__name__"])


def rules(op: Op) -> dict[str, Callable[..., Any]]:
    """The gradient rules: by input, or one for all of them."""
    if op.joint is not None:
        return {"joint": op.joint}
    return {i: _plain(rule) for i, rule in zip(op.inputs, op.rules, strict=True) if rule}


def _plain(rule: Any) -> Callable[..., Any]:
    return _plain(rule.func) if isinstance(rule, functools.partial) else rule


@cache
def owner(op: Op) -> str | None:
    """The public operator that an ``Op`` is the node of; None for what has no name in public."""
    module = module_of(op)
    for name, entry in operators().items():
        spelled = {name, name.rpartition(".")[2], name.replace(".", "_")}
        if op.name in spelled and entry.function.__module__ == module:
            return name
    return op.name if op.name in operators() else None


def own(entry: Entry) -> list[Op]:
    """The nodes whose rules are this operator's, and not another public operator's."""
    return [op for op in recorded(entry.name) if owner(op) in (None, entry.name) and rules(op)]


def made_of(entry: Entry) -> list[str]:
    """The other public operators that it is made of."""
    names = (owner(op) for op in recorded(entry.name))
    return sorted({name for name in names if name is not None and name != entry.name})


def kept(op: Op) -> list[str]:
    """The inputs and outputs that rules name, which are kept until the gradient has passed."""
    found = {name for rule in rules(op).values() for name in arguments(rule)}
    return [name for name in (*op.inputs, *op.outputs) if name in found]


# --- source text ---------------------------------------------------------------------------------


@cache
def _tree(path: str) -> tuple[str, ast.Module]:
    text = Path(path).read_text()
    return text, ast.parse(text)


def _within(node: ast.AST, spot: tuple[int, int]) -> bool:
    place: Any = node
    start, end = (place.lineno, place.col_offset), (place.end_lineno, place.end_col_offset)
    return start <= spot < end


def source(function: Callable[..., Any], docstring: bool = True) -> str:
    """The text of a function or of a single lambda, as written, moved to the left margin.

    Args:
        function: written in Python.
        docstring: whether a function's docstring is part of it; decorators never are.
    """
    code = inspect.unwrap(function).__code__
    text, tree = _tree(code.co_filename)
    spots = {
        (line, column)
        for line, _, column, _ in code.co_positions()
        if line is not None and column is not None and (line, column) > (code.co_firstlineno, 0)
    }
    nodes = [n for n in ast.walk(tree) if isinstance(n, (ast.Lambda, ast.FunctionDef))]
    around = [n for n in nodes if all(_within(n, spot) for spot in spots)]
    node = max(around, key=lambda n: (n.lineno, n.col_offset))  # the innermost one
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    lines[-1] = lines[-1].encode()[: node.end_col_offset].decode()
    lines[0] = lines[0].encode()[node.col_offset :].decode()
    if isinstance(node, ast.FunctionDef):
        if not docstring and ast.get_docstring(node) is not None:
            first = node.body[0]
            del lines[first.lineno - node.lineno : (first.end_lineno or 0) - node.lineno + 1]
        return "\n".join([lines[0], *(line[node.col_offset :] for line in lines[1:])])
    rest = lines[1:]
    margin = min((len(line) - len(line.lstrip()) for line in rest), default=0)
    indent = "" if rest and rest[-1].strip()[0] in ")]}" else "    "
    return "\n".join([lines[0], *(indent + line[margin:] for line in rest)])


def helpers(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """The functions of its own module that a function calls, and those that they call; operators
    have sections of their own."""
    public = {entry.function for entry in operators().values()}
    found: dict[str, Callable[..., Any]] = {}
    queue = [function]
    while queue:
        one = inspect.unwrap(queue.pop(0))
        for name in _names(one.__code__):
            helper = one.__globals__.get(name)
            if not inspect.isfunction(helper) or helper in public or name in found:
                continue
            if helper.__module__ == one.__globals__["__name__"]:
                found[name] = helper
                queue.append(helper)
    return list(found.values())


def _names(code: Any) -> Iterable[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if inspect.iscode(constant):
            yield from _names(constant)


def rule_text(op: Op, told: Container[Any] = ()) -> tuple[str, list[Callable[..., Any]]]:
    """The rules of an operator as code, with the functions of its module that they call.

    Args:
        op: has rules.
        told: functions that need not be shown.

    Returns:
        The text, and the functions that it shows besides the rules.
    """
    parts: list[str] = []
    functions: list[Callable[..., Any]] = []
    for name, rule in rules(op).items():
        named = isinstance(rule, FunctionType) and rule.__name__ != "<lambda>"
        parts.append(f'"{name}": {rule.__name__ if named else source(rule)}')
        functions += [rule] if named else []
        functions += helpers(rule)
    length = sum(part.count("\n") + 1 for part in parts)
    new: list[Callable[..., Any]] = []
    for function in functions:
        text = source(function)
        length += text.count("\n") + 2
        if function not in told and function not in new and length <= MOST_LINES:
            parts.append("\n" + text)
            new.append(function)
    return "\n".join(parts), new


def composition(entry: Entry) -> str:
    """The public function's text, if it is short: what the operator is made of."""
    try:
        text = source(inspect.unwrap(entry.function), docstring=False)
    except (AttributeError, ValueError):
        return ""
    return text if text.count("\n") < MOST_LINES else ""
