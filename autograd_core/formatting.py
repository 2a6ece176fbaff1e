"""How tensors print: PyTorch's text.

All numbers of a tensor are printed alike: as integers with a point if they all are integers, in
scientific notation if they lie far apart, else with a fixed number of decimals. Which of the three
is decided from the values that are shown and neither zero, infinite nor NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase, node_of
from autograd_core.dtypes import bool_, from_numpy_dtype, get_default_dtype, int64
from autograd_core.graph import AccumulateGrad, Output


class PrintOptions(NamedTuple):
    """What :func:`set_printoptions` sets."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


_PROFILES = {
    "default": PrintOptions(),
    "short": PrintOptions(precision=2, edgeitems=2),
    "full": PrintOptions(threshold=math.inf),
}
_options = PrintOptions()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors print from now on.

    Args:
        precision: digits after the point; at first 4.
        threshold: tensors of more elements are summarised; at first 1000.
        edgeitems: how many items a summary shows at each end of a dimension; at first 3.
        linewidth: characters per line; at first 80.
        profile: ``"default"``, ``"short"`` or ``"full"``, to start from.
        sci_mode: always or never scientific notation; None lets the values decide.

    Raises:
        ValueError: an unknown profile.

    Source: PyTorch, ``torch.set_printoptions``.

    Example:
        >>> import autograd_core as ag
        >>> ag.set_printoptions(precision=2)
        >>> ag.tensor([1.2345])
        tensor([1.23])
        >>> ag.set_printoptions(profile="default")
    """
    global _options
    if profile is not None and profile not in _PROFILES:
        names = ", ".join(_PROFILES)
        raise ValueError(f"set_printoptions: profile must be one of {names}, got {profile!r}")
    start = _options if profile is None else _PROFILES[profile]
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    changed: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    # Unlike the others, sci_mode goes back to None when it is not given, as in PyTorch.
    _options = start._replace(sci_mode=sci_mode, **changed)


def get_printoptions() -> PrintOptions:
    """What :func:`set_printoptions` set."""
    return _options


def format_tensor(tensor: TensorBase, prefix: str = "tensor(") -> str:
    """The text of ``repr(tensor)``."""
    array = backend_of(tensor._array).to_numpy(tensor._array)
    dtype = from_numpy_dtype(array.dtype)
    default = get_default_dtype()
    suffixes = []
    device = backend_of(tensor._array).device_of(tensor._array)
    if device.type != "cpu":
        suffixes.append(f"device='{device}'")
    if array.size == 0 and array.ndim != 1:
        suffixes.append(f"size={tuple(array.shape)}")
    usual = (default,) if array.size == 0 else (default, default.to_complex(), int64, bool_)
    if dtype not in usual:
        suffixes.append(f"dtype={dtype}")
    node = node_of(tensor)
    if isinstance(node, AccumulateGrad):
        suffixes.append("requires_grad=True")
    elif node is not None:
        maker = node.inputs[0] if isinstance(node, Output) else node
        suffixes.append(f"grad_fn=<{maker.name()}>")  # type: ignore[union-attr]
    return _with_suffixes(prefix + _array_text(array, len(prefix)), suffixes, len(prefix))


def _with_suffixes(text: str, suffixes: list[str], indent: int) -> str:
    used = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if used + len(suffix) + 2 > _options.linewidth:
            text += f",\n{' ' * indent}{suffix}"
            used = indent + len(suffix)
        else:
            text += f", {suffix}"
            used += len(suffix) + 2
    return text + ")"


def _array_text(array: Any, indent: int) -> str:
    if array.size == 0:
        return "[]"
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    summary = array.size > _options.threshold
    shown = _shown(array) if summary else array
    if array.dtype.kind == "c":
        real, imag = _number_format(shown.real), _number_format(shown.imag)
        width = real.width + imag.width + 1

        def text(value: Any) -> str:
            second = imag(value.imag).lstrip()
            return real(value.real) + ("" if second[0] in "+-" else "+") + second + "j"

    else:
        text = number = _number_format(shown)
        width = number.width
    return _nested(array, indent, summary, text, width + 2)


def _shown(array: Any) -> Any:
    """The elements that a summary shows."""
    edge = _options.edgeitems
    for axis, size in enumerate(array.shape):
        if size > 2 * edge:
            array = np.take(array, [*range(edge), *range(size - edge, size)], axis)
    return array


def _nested(array: Any, indent: int, summary: bool, text: Callable[[Any], str], width: int) -> str:
    """Nested brackets around the elements; ``width`` is that of an element with its comma."""
    if array.ndim == 0:
        return text(array[()])
    edge = _options.edgeitems
    cut = summary and len(array) > 2 * edge
    rows = [*array[:edge], *array[len(array) - edge :]] if cut else list(array)
    if array.ndim > 1:
        parts = [_nested(row, indent + 1, summary, text, width) for row in rows]
        if cut:
            parts.insert(edge, "...")
        return f"[{(',' + chr(10) * (array.ndim - 1) + ' ' * (indent + 1)).join(parts)}]"
    parts = [text(value) for value in rows]
    if cut:
        parts.insert(edge, " ...")
    per_line = max(1, (_options.linewidth - indent) // width)
    lines = [", ".join(parts[i : i + per_line]) for i in range(0, len(parts), per_line)]
    return f"[{(',' + chr(10) + ' ' * (indent + 1)).join(lines)}]"


class _NumberFormat:
    """Formats one number, padded to the width of the widest."""

    def __init__(self, values: Any, text: Callable[[Any], str], least: int = 1) -> None:
        self.text = text
        self.width = max([least, *(len(text(value)) for value in values)])

    def __call__(self, value: Any) -> str:
        return self.text(value).rjust(self.width)


def _number_format(shown: Any) -> _NumberFormat:
    if shown.dtype.kind in "biu":
        return _NumberFormat(shown.reshape(-1), str)
    wide = shown.reshape(-1).astype(np.float64)
    values = wide[np.isfinite(wide) & (wide != 0)]
    size = np.abs(values)
    largest, smallest = (size.max(), size.min()) if values.size else (1.0, 1.0)
    integers = bool(np.all(values == np.ceil(values)))
    scientific = largest / smallest > 1000 or largest > 1e8 or (not integers and smallest < 1e-4)
    if _options.sci_mode is not None and values.size:
        scientific = _options.sci_mode
    precision = _options.precision

    def text(value: Any) -> str:
        if scientific:
            return f"{value:.{precision}e}"
        if integers:
            return f"{value:.0f}" + ("." if math.isfinite(value) else "")
        return f"{value:.{precision}f}"

    return _NumberFormat(values, text)
