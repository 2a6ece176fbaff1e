"""The comparison behind ``gradcheck``: Jacobians by backward and by finite differences.

Complex numbers count as pairs of real ones, so a function's derivative is a real matrix J. Finite
differences give its columns; backward is the transpose, and gives its rows. The two must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd_core import gradients
from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase, node_of
from autograd_core.errors import GradcheckError
from autograd_core.grad_mode import enable_grad
from autograd_core.gradcheck_causes import Difference, likely_cause


def call(func: Callable[..., Any], inputs: Sequence[Any]) -> tuple[Any, ...]:
    with enable_grad():
        result = func(*inputs)
    return tuple(result) if isinstance(result, (tuple, list)) else (result,)


def differentiable(outputs: Sequence[Any]) -> list[tuple[int, Any]]:
    """The outputs that have a graph, with their positions."""
    return [
        (i, t)
        for i, t in enumerate(outputs)
        if isinstance(t, TensorBase) and node_of(t) is not None
    ]


def _host(value: Any) -> np.ndarray:
    """A tensor's values as a vector of float64, complex numbers as two."""
    array = value._array
    flat = backend_of(array).to_numpy(array).reshape(-1)
    if flat.dtype.kind == "c":
        return np.stack([flat.real, flat.imag], -1).reshape(-1).astype(np.float64)
    return flat.astype(np.float64)


def _from_host(flat: np.ndarray, like: Any) -> Any:
    """The inverse of ``_host``: a tensor of the shape, dtype and device of ``like``."""
    array = like._array
    backend = backend_of(array)
    if array.dtype.kind == "c":
        flat = flat[0::2] + 1j * flat[1::2]
    host = flat.reshape(array.shape).astype(array.dtype)
    return TensorBase._wrap(backend.array(host, None, backend.device_of(array)))


def random_like(rng: Any, like: Any, non_contiguous: bool) -> Any:
    size = like._array.size * (2 if like._array.dtype.kind == "c" else 1)
    made = _from_host(rng.uniform(-1, 1, size), like)
    if non_contiguous and made._array.ndim:
        double = backend_of(made._array).xp.repeat(made._array, 2, axis=-1)
        made = TensorBase._wrap(double[..., ::2])
    return made


class Check:
    """One comparison of a function's gradients with differences."""

    def __init__(
        self, func: Any, inputs: Any, eps: float, atol: float, rtol: float, nondet: float, name: str
    ) -> None:
        self.func, self.inputs, self.name = func, inputs, name
        self.eps, self.atol, self.rtol, self.nondet = eps, atol, rtol, nondet
        self.wanted = [
            (i, t) for i, t in enumerate(inputs) if isinstance(t, TensorBase) and node_of(t)
        ]
        if not self.wanted:
            raise ValueError(
                f"{name}: no input requires grad. Mend: make one with requires_grad=True."
            )
        for i, tensor in self.wanted:
            self._check_input(i, tensor)

    def _check_input(self, index: int, tensor: Any) -> None:
        array = tensor._array
        precision = np.finfo(array.dtype).eps if array.dtype.kind in "fc" else 1.0
        if precision > 1e-3 * self.eps:
            raise ValueError(
                f"{self.name}: input {index} is {tensor.dtype}, whose rounding errors drown a step "
                f"of {self.eps:g}. Mend: make it float64 with .double(), or pass eps, atol and "
                f"rtol that fit the dtype."
            )
        if array.size and any(
            s == 0 and n > 1 for n, s in zip(array.shape, array.strides, strict=True)
        ):
            raise ValueError(
                f"{self.name}: elements of input {index} share memory (expand), so none can be "
                f"changed alone. Mend: clone() it."
            )

    def passes(self, raise_exception: bool, **comparisons: bool) -> bool:
        """Whether the comparisons that were asked for succeed; a failure may raise."""
        try:
            self.run(**comparisons)
        except GradcheckError:
            if raise_exception:
                raise
            return False
        return True

    def run(
        self,
        *,
        backward: bool,
        forward: bool,
        undefined: bool,
        dtypes: bool,
        batched: bool,
        fast: bool,
    ) -> None:
        """Make all the comparisons that were asked for."""
        outputs = call(self.func, self.inputs)
        self._same_twice(outputs)
        chosen = differentiable(outputs)
        if not chosen:
            self._must_be_constant(outputs)
            return
        if backward:
            if not fast or not self._agrees_along_directions(outputs, chosen):
                self._by_element(outputs, chosen)
            if undefined and len(chosen) > 1:
                self._undefined_is_zero(chosen)
            if dtypes:
                self._dtypes(chosen)
            if batched:
                self._batched(chosen)
        if forward:
            self._forward(outputs)

    # --- the two Jacobians -----------------------------------------------------------------------

    def _same_twice(self, outputs: Sequence[Any]) -> None:
        for i, (one, two) in enumerate(zip(outputs, call(self.func, self.inputs), strict=True)):
            if isinstance(one, TensorBase) and not _equal(_host(one), _host(two), self.nondet):
                raise GradcheckError(
                    f"{self.name}: the function is not deterministic: two calls with the same "
                    f"inputs gave different values for output {i}. Mend: seed it inside the "
                    f"function (dropout, noise), or switch the randomness off."
                )

    @contextmanager
    def _shifted(self, tensor: Any, position: int, step: float) -> Iterator[None]:
        """Inside, one number of an input is another; in place, as ``func`` may know the tensor."""
        array = tensor._array
        parts = 2 if array.dtype.kind == "c" else 1
        at = np.unravel_index(position // parts, array.shape)
        backend = backend_of(array)
        before = backend.item(array[at])
        array[at] = before + (step * 1j if position % parts else step)
        try:
            yield
        finally:
            array[at] = before

    def values(self, tensor: Any, position: int, step: float) -> list[np.ndarray]:
        """The outputs where one number of an input is ``step`` more."""
        with self._shifted(tensor, position, step):
            outputs = call(self.func, self.inputs)
            return [_host(o) if isinstance(o, TensorBase) else np.zeros(0) for o in outputs]

    def numeric(self, tensor: Any, eps: float | None = None) -> list[np.ndarray]:
        """For each output the matrix of differences, (output numbers, input numbers)."""
        step = self.eps if eps is None else eps
        columns = []
        for position in range(_host(tensor).size):
            high = self.values(tensor, position, step)
            low = self.values(tensor, position, -step)
            columns.append([(h - l) / (2 * step) for h, l in zip(high, low, strict=True)])
        if not columns:
            return [np.zeros((n.size, 0)) for n in self.values_here()]
        return [np.stack(rows, 1) for rows in zip(*columns, strict=True)]

    def values_here(self) -> list[np.ndarray]:
        """The outputs at the inputs themselves."""
        outputs = call(self.func, self.inputs)
        return [_host(o) if isinstance(o, TensorBase) else np.zeros(0) for o in outputs]

    def _grads(self, outputs: Any, seeds: Any) -> list[Any]:
        tensors = [t for _, t in self.wanted]
        return list(gradients.grad(outputs, tensors, seeds, retain_graph=True, allow_unused=True))

    def analytic(self, output: Any) -> list[np.ndarray]:
        """For each checked input the matrix of gradients, (output numbers, input numbers)."""
        size = _host(output).size
        rows: list[list[np.ndarray]] = [[] for _ in self.wanted]
        for k in range(size):
            seed = _from_host(np.eye(1, size, k)[0], output)
            for i, grad in enumerate(self._grads([output], [seed])):
                count = _host(self.wanted[i][1]).size
                rows[i].append(np.zeros(count) if grad is None else _host(grad))
        return [
            np.stack(r) if r else np.zeros((0, _host(t).size))
            for r, (_, t) in zip(rows, self.wanted, strict=True)
        ]

    # --- comparisons -----------------------------------------------------------------------------

    def agree(self, analytic: np.ndarray, numeric: np.ndarray) -> np.ndarray:
        """Where the two agree."""
        return np.isclose(analytic, numeric, self.rtol, self.atol, equal_nan=True)

    def _by_element(self, outputs: Sequence[Any], chosen: Sequence[tuple[int, Any]]) -> None:
        analytic = {i: self.analytic(out) for i, out in chosen}
        for k, (index, tensor) in enumerate(self.wanted):
            numeric = self.numeric(tensor)
            for i, out in chosen:
                good = self.agree(analytic[i][k], numeric[i])
                if not good.all():
                    self._fail(i, out, index, tensor, analytic[i][k], numeric[i], good)
        for i, out in chosen:
            for one, two in zip(analytic[i], self.analytic(out), strict=True):
                if not _equal(one, two, self.nondet):
                    raise GradcheckError(
                        f"{self.name}: backward of output {i} is not deterministic: two walks gave "
                        f"gradients that differ by {np.abs(one - two).max():g} (nondet_tol "
                        f"{self.nondet:g}). Mend: remove the randomness from the rule, or allow it."
                    )

    def _agrees_along_directions(self, outputs: Any, chosen: Sequence[tuple[int, Any]]) -> bool:
        rng = np.random.default_rng(0)
        steps = [rng.uniform(-1, 1, _host(t).size) for _, t in self.wanted]
        here = [t._array.copy() for _, t in self.wanted]
        ends = []
        for sign in (1, -1):
            for (_, tensor), step, start in zip(self.wanted, steps, here, strict=True):
                tensor._array[...] = start + _from_host(sign * self.eps * step, tensor)._array
            ends.append([_host(o) for _, o in differentiable(call(self.func, self.inputs))])
        for (_, tensor), start in zip(self.wanted, here, strict=True):
            tensor._array[...] = start
        for (_, out), high, low in zip(chosen, *ends, strict=True):
            numeric = (high - low) / (2 * self.eps)
            weights = rng.uniform(-1, 1, numeric.size)
            grads = self._grads([out], [_from_host(weights, out)])
            analytic = sum(
                (_host(g) @ s for g, s in zip(grads, steps, strict=True) if g is not None), 0.0
            )
            scale = np.sqrt(max(numeric.size, 1))
            if not np.isclose(analytic, weights @ numeric, self.rtol, self.atol * scale):
                return False
        return True

    def _must_be_constant(self, outputs: Sequence[Any]) -> None:
        for index, tensor in self.wanted:
            for i, numeric in enumerate(self.numeric(tensor)):
                if (np.abs(numeric) > self.atol).any():
                    raise GradcheckError(
                        f"{self.name}: output {i} has no graph, but it changes with input {index}. "
                        f"Mend: an operator on the way cuts the graph (detach, .data, numpy())."
                    )

    def _undefined_is_zero(self, chosen: Sequence[tuple[int, Any]]) -> None:
        rng = np.random.default_rng(0)
        outputs = [out for _, out in chosen]
        for k, (i, out) in enumerate(chosen):
            seed = random_like(rng, out, False)
            seeds = [seed if j == k else _from_host(0 * _host(o), o) for j, o in enumerate(outputs)]
            pairs = zip(self._grads([out], [seed]), self._grads(outputs, seeds), strict=True)
            for (index, tensor), (alone, among) in zip(self.wanted, pairs, strict=True):
                nothing = 0 * _host(tensor)
                one = nothing if alone is None else _host(alone)
                two = nothing if among is None else _host(among)
                if not self.agree(one, two).all():
                    raise GradcheckError(
                        f"{self.name}: the gradient of input {index} depends on whether the other "
                        f"outputs' gradients are undefined or zero (output {i}). Mend: treat None "
                        f"as zeros in backward, or leave set_materialize_grads at True."
                    )

    def _dtypes(self, chosen: Sequence[tuple[int, Any]]) -> None:
        for _, out in chosen:
            grads = self._grads([out], [_from_host(0 * _host(out) + 1, out)])
            for (index, tensor), grad in zip(self.wanted, grads, strict=True):
                if grad is not None and grad._array.dtype != tensor._array.dtype:
                    raise GradcheckError(
                        f"{self.name}: the gradient of input {index} is {grad._array.dtype}, "
                        f"not {tensor._array.dtype}"
                    )

    def _batched(self, chosen: Sequence[tuple[int, Any]]) -> None:
        rng = np.random.default_rng(0)
        tensors = [t for _, t in self.wanted]
        for i, out in chosen:
            seeds = [random_like(rng, out, False) for _ in range(2)]
            xp = backend_of(out._array).xp
            batch = TensorBase._wrap(xp.stack([s._array for s in seeds]))
            together = gradients.grad(
                out, tensors, batch, retain_graph=True, allow_unused=True, is_grads_batched=True
            )
            for row, seed in enumerate(seeds):
                for grad, rows in zip(self._grads([out], [seed]), together, strict=True):
                    if grad is not None and not self.agree(_host(grad), _host(rows[row])).all():
                        raise GradcheckError(f"{self.name}: batched gradients of output {i} differ")

    def _forward(self, outputs: Sequence[Any]) -> None:
        raise NotImplementedError(
            f"{self.name}: forward mode is not checked here. Mend: check_forward_ad=False."
        )

    def _fail(
        self, i: int, out: Any, index: int, tensor: Any, analytic: Any, numeric: Any, good: Any
    ) -> None:
        wrong = np.where(good, -1.0, np.abs(analytic - numeric))
        wrong = np.where(np.isnan(wrong), np.inf, wrong)
        row, column = np.unravel_index(int(wrong.argmax()), wrong.shape)
        found = Difference(self, i, out, tensor, analytic, numeric, int(row), int(column))
        a, n = found.worst
        node = node_of(out)
        assert node is not None
        raise GradcheckError(
            f"{self.name}: the gradient of output {i} ({node.operator} at {node.place_and_text}) "
            f"with respect to input {index} is wrong: output{_element(out, int(row))}, "
            f"input{_element(tensor, int(column))}: analytic {a:.6g}, numeric {n:.6g}, allowed "
            f"difference {self.atol + self.rtol * abs(n):.2g}; {int((~good).sum())} of {good.size} "
            f"entries differ.\nLikely cause: {likely_cause(found)}\nNumeric:\n{_short(numeric)}\n"
            f"Analytic:\n{_short(analytic)}"
        )


def _equal(one: np.ndarray, two: np.ndarray, tolerance: float) -> bool:
    return bool(np.allclose(one, two, 0.0, tolerance, equal_nan=True))


def _element(tensor: Any, position: int) -> str:
    array = tensor._array
    parts = 2 if array.dtype.kind == "c" else 1
    index = [int(n) for n in np.unravel_index(position // parts, array.shape)]
    part = "" if parts == 1 else (".imag" if position % 2 else ".real")
    return (f"{index}" if index else "") + part


def _short(matrix: np.ndarray) -> str:
    return np.array2string(matrix, precision=6, threshold=40, edgeitems=3, max_line_width=100)
