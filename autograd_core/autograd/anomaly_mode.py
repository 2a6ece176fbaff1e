"""Anomaly mode: find the operator that made the first NaN or infinity, forward or backward.

Every recorded result and every gradient is looked at as soon as it is there, so nothing has to run
a second time. That reads all values (and waits for a GPU): a tool for searching, not for training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.errors import AnomalyError
from autograd_core.grad_mode import _ModeContext, modes
from autograd_core.graph import Freed, Node
from autograd_core.observer import current, observe


def _count(array: Any, test: str) -> int:
    if getattr(array, "dtype", None) is None or array.dtype.kind in "biu":
        return 0
    backend = backend_of(array)
    return int(backend.item(backend.asarray(getattr(backend.xp, test)(array).sum())))


def _describe(array: Any) -> str:
    return f"{tuple(array.shape)} {array.dtype}"


def _range(array: Any) -> str:
    backend = backend_of(array)
    if array.size == 0 or array.dtype.kind == "c":
        return _describe(array)
    low, high = (backend.item(backend.asarray(v)) for v in (array.min(), array.max()))
    return f"{_describe(array)} from {low:.6g} to {high:.6g}"


def _infinite_on_purpose(node: Node, inputs: Sequence[Any]) -> bool:
    """Whether an infinity went in already, as a value or a parameter (a mask of -inf)."""
    numbers = [p for p in (*node.params, *inputs) if isinstance(p, float)]
    return any(p in (float("inf"), float("-inf")) for p in numbers) or any(
        _count(a, "isinf") for a in inputs
    )


def check(node: Node, inputs: Sequence[Any] | None, outputs: Sequence[Any]) -> None:
    """Raise AnomalyError if an output is NaN, or infinite though no input is.

    Args:
        node: of the operator that ran.
        inputs: the arrays, tensors and numbers that went into it; None for its backward.
        outputs: the arrays that came out; in backward the gradients of its inputs.
    """
    if inputs is not None:
        inputs = [getattr(value, "_array", value) for value in inputs]
    for index, array in enumerate(outputs):
        nans, infinities = _count(array, "isnan"), _count(array, "isinf")
        if infinities and not nans and inputs is not None:
            infinities = 0 if _infinite_on_purpose(node, inputs) else infinities
        if nans or infinities:
            raise AnomalyError(_message(node, inputs, index, array, nans, infinities))


def _message(
    node: Node, inputs: Sequence[Any] | None, index: int, array: Any, nans: int, infinities: int
) -> str:
    found = " and ".join(
        f"{number} {name}" for number, name in ((nans, "NaN"), (infinities, "infinite")) if number
    )
    found = f"{found} of {array.size} elements"
    where = node.place_and_text
    if inputs is None:
        text = f"backward of {node.operator} at {where} made {found} in the gradient of its input "
        text += f"{index} ({_describe(array)})"
        values = () if isinstance(node.saved, Freed) else node.saved[::3]
        parts = [
            f"{node.value_name(i)}: {_range(a)}"
            for i, a in enumerate(values)
            if getattr(a, "ndim", None) is not None
        ]
        mend = (
            "keep the value away from where the derivative is infinite or undefined (clamp, + eps, "
            "ag.safe_sqrt and its like), or choose with ag.select(condition, f, g, x), which "
            "differentiates no branch that is not taken, instead of where"
        )
    else:
        text = f"{node.operator} at {where} made {found} in its output {index} ({_describe(array)})"
        arrays = [(i, a) for i, a in enumerate(inputs) if getattr(a, "ndim", None) is not None]
        parts = [f"input {i}: {_range(a)}" for i, a in arrays]
        had = [str(i) for i, a in arrays if _count(a, "isnan")]
        if had:
            text += f"; input {', '.join(had)} had NaN already, from outside the recorded graph"
        mend = "look at the inputs: a negative logarithm or root, 0/0, inf - inf, an overflow"
    return "; ".join([text, *parts]) + f". Mend: {mend}."


class detect_anomaly(_ModeContext):
    """Inside, raise as soon as an operator makes a NaN or an infinity, forward or backward.

    Args:
        check_nan: whether to look at the values; False switches the mode off inside.

    Raises:
        AnomalyError: names operator, line, shapes and ranges of values.

    Source: PyTorch, ``torch.autograd.detect_anomaly`` (which looks at NaN in backward only).

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([0.0, 4.0], requires_grad=True)
        >>> try:
        ...     with ag.autograd.detect_anomaly():
        ...         x.sqrt().sum().backward()
        ... except RuntimeError as error:
        ...     print(str(error)[:16])
        backward of sqrt
    """

    def __init__(self, check_nan: bool = True) -> None:
        self._wanted = check if check_nan else None

    def __enter__(self) -> None:
        self._before = modes.anomaly
        observe(self._wanted, current()[1])

    def __exit__(self, *exc: object) -> None:
        modes.anomaly = self._before

    def _again(self) -> detect_anomaly:
        return type(self)(self._wanted is not None)


class set_detect_anomaly(_ModeContext):
    """Switch anomaly mode on or off: at once when called, and back when left as a context.

    Args:
        mode: on or off.
        check_nan: as for :class:`detect_anomaly`.

    Source: PyTorch, ``torch.autograd.set_detect_anomaly``.

    Example:
        >>> import autograd_core as ag
        >>> with ag.autograd.set_detect_anomaly(True):
        ...     ag.autograd.is_anomaly_enabled()
        True
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = modes.anomaly
        self._wanted = check if mode and check_nan else None
        observe(self._wanted, current()[1])

    def __enter__(self) -> None:
        observe(self._wanted, current()[1])

    def __exit__(self, *exc: object) -> None:
        modes.anomaly = self._before

    def _again(self) -> set_detect_anomaly:
        return set_detect_anomaly(self._wanted is not None)


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on, in this thread. Source: PyTorch, ``torch.is_anomaly_enabled``."""
    return current()[0] is not None
