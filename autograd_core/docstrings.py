"""Docstrings of the operators that are declared with one call: what each family has in common."""

from __future__ import annotations

import sys
from typing import Any

UNARY_DOC = """

    Args:
        input: tensor of any shape{promotion}.
        out: tensor of the result's shape to write into; not differentiable.

    Returns:
        A tensor of the shape of ``input``.{method}

    Source: PyTorch, ``torch.{name}``.

    Example:
        {prompt} import autograd_core as ag
        {prompt} ag.{call}(ag.tensor([{low}, {high}])).shape
        autograd_core.Size([2])
    """

BINARY_DOC = """

    Args:
        input, other: tensors or numbers; shapes broadcast, dtypes promote{promotion}.
        out: tensor of the result's shape to write into; not differentiable.

    Returns:
        A tensor of the broadcast shape.{method}

    Raises:
        ShapeError: the shapes do not broadcast.

    Source: PyTorch, ``torch.{name}``.

    Example:
        {prompt} import autograd_core as ag
        {prompt} ag.{call}(ag.ones(2, 1), ag.ones(3)).shape
        autograd_core.Size([2, 3])
    """


def finish(function: Any, name: str, doc: str, template: str, **words: Any) -> None:
    """Give an operator's function its name, its module and (if it has a ``doc``) a docstring."""
    short = name.rpartition(".")[2]
    function.__name__ = function.__qualname__ = short
    function.__module__ = sys._getframe(2).f_globals["__name__"]
    if doc:
        other = "other" if template is BINARY_DOC else ""
        method = "" if "." in name else f" Also a method, ``input.{short}({other})``."
        words.update(name=name, method=method, call=name, prompt=">>>")
        function.__doc__ = doc + template.format(**words)
