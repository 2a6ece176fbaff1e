"""What modules return, by their names: activations caught on the way."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd_core.utils.watching import check_model, watching


@contextmanager
def capture(model: Any, pattern: str | Sequence[str] = "*") -> Iterator[dict[str, Any]]:
    """Inside, note what the modules of ``model`` whose names match return.

    Args:
        model: a module.
        pattern: which of its modules, as ``named_modules`` calls them, with ``*`` and ``?``; or a
            sequence of patterns.

    Returns:
        A dict from names to outputs, filled while the model runs. The outputs belong to the graph,
        so gradients can be taken with respect to them. A module that runs several times leaves the
        output of its last run.

    Raises:
        TypeError: ``model`` is no module, or a pattern is no text.
        ValueError: no module's name matches a pattern.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils import capture
        >>> model = ag.nn.Sequential(ag.nn.Linear(2, 3), ag.nn.ReLU(), ag.nn.Linear(3, 1))
        >>> with capture(model, "1") as activations:
        ...     _ = model(ag.ones(4, 2))
        >>> {name: tuple(value.shape) for name, value in activations.items()}
        {'1': (4, 3)}
    """
    check_model("capture", model)
    patterns: list[Any] = [pattern]
    if isinstance(pattern, Sequence) and not isinstance(pattern, str):
        patterns = list(pattern)
    for one in patterns:
        if not isinstance(one, str):
            raise TypeError(f"capture: expected a pattern of text, got {one!r}")
    names = [name for name, _ in model.named_modules()]
    for one in patterns:
        if not fnmatch.filter(names, one):
            known = ", ".join(repr(name) for name in names if name) or "none but the model itself"
            raise ValueError(f"capture: no module's name matches {one!r}; there are: {known}")
    found: dict[str, Any] = {}

    def after(path: str, module: Any, output: Any) -> None:
        if any(fnmatch.fnmatchcase(path, one) for one in patterns):
            found[path] = output

    with watching(model, after=after):
        yield found
