"""Random tensors: ``rand``, ``randn``, ``randint`` and their like, on any device.

Together with the names of ``autograd_core.generator`` and ``autograd_core.draws``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.device import device as Device
from autograd_core.backends.registry import backend_of
from autograd_core.backends.stream import Stream
from autograd_core.base import TensorBase
from autograd_core.draws import bernoulli, binomial, made, multinomial, poisson
from autograd_core.dtypes import as_dtype, get_default_dtype
from autograd_core.errors import DtypeError
from autograd_core.from_data import place
from autograd_core.generator import (
    Generator,
    default_generator,
    fork_rng,
    get_rng_state,
    get_rng_state_all,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
    set_rng_state_all,
)
from autograd_core.layouts import order_like, takes_layout
from autograd_core.operands import check_floating, check_inexact
from autograd_core.ops.cast import cast
from autograd_core.ops.dims import sizes, whole
from autograd_core.sampling import (
    check_std,
    integer_values,
    normal_values,
    uniform_values,
)
from autograd_core.tensor import Tensor

__all__ = [
    "Generator", "default_generator", "fork_rng", "get_rng_state", "get_rng_state_all",
    "initial_seed", "manual_seed", "seed", "set_rng_state", "set_rng_state_all",
    "bernoulli", "binomial", "multinomial", "normal", "poisson", "rand", "rand_like", "randint",
    "randint_like", "randn", "randn_like", "randperm",
]  # fmt: skip


def _where(device: Any, generator: Generator | None) -> Device:
    """The device asked for; else the generator's, as no other could be filled from it."""
    return generator.device if device is None and generator is not None else place(device)[1]


def _shape(name: str, given: Any, named: Any = None) -> tuple[int, ...]:
    """Sizes given as numbers or as one sequence, none of them negative."""
    shape = sizes(name, given, named)
    if any(n < 0 for n in shape):
        raise RuntimeError(f"{name}: sizes must not be negative, got {shape}")
    return shape


def _floating(name: str, dtype: Any) -> np.dtype:
    """The type asked for, or the default one, if it holds fractions."""
    kind = (get_default_dtype() if dtype is None else as_dtype(dtype)).numpy
    if kind.kind in "biu":
        raise DtypeError(f"{name}: dtype must be floating-point or complex, got {kind}")
    return kind


@takes_layout
def rand(
    *given: Any,
    size: Any = None,
    generator: Generator | None = None,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Reals spread evenly over ``[0, 1)``.

    Args:
        given: Sizes, as numbers or as one sequence; also by name, ``size``.
        generator: Source of the numbers; default the device's default generator. Without
            ``device`` the tensor is made on the generator's device.
        out: Tensor to write into.
        dtype: Floating-point or complex type; default the default dtype.
        device: Default the default device.
        requires_grad: Whether gradients are needed.

    Raises:
        RuntimeError: A size is negative, the type is one of integers, or the generator is made
            for another device.

    Source: PyTorch, ``torch.rand``; the CPU's numbers are the same as there.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.rand(3)
        tensor([0.4963, 0.7682, 0.0885])
    """
    kind, shape = _floating("rand", dtype), _shape("rand", given, size)
    return made(
        "rand",
        uniform_values,
        shape,
        kind,
        _where(device, generator),
        generator,
        requires_grad,
        out,
    )


@takes_layout
def randn(
    *given: Any,
    size: Any = None,
    generator: Generator | None = None,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Reals of the normal distribution with mean 0 and variance 1; arguments as of :func:`rand`.

    Source: PyTorch, ``torch.randn``; the CPU's numbers are the same as there, but for last bits.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.randn(3)
        tensor([ 1.5410, -0.2934, -2.1788])
    """
    kind, shape = _floating("randn", dtype), _shape("randn", given, size)
    return made(
        "randn",
        normal_values,
        shape,
        kind,
        _where(device, generator),
        generator,
        requires_grad,
        out,
    )


@takes_layout
def randint(
    *bounds_and_size: Any,
    low: int = 0,
    high: int | None = None,
    size: Any = None,
    generator: Generator | None = None,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Integers of ``[low, high)``: ``randint(high, size)`` or ``randint(low, high, size)``.

    Args:
        low, high: Bounds; ``high`` itself does not come.
        size: Sequence of sizes.
        generator, out, device, requires_grad: As of :func:`rand`.
        dtype: Any real type; default int64.

    Raises:
        RuntimeError: ``low >= high``, or the type does not hold the bounds.
        TypeError: The arguments fit neither form.

    Source: PyTorch, ``torch.randint``; the CPU's numbers are the same as there.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.randint(10, (3,))
        tensor([4, 9, 3])
    """
    given = list(bounds_and_size)
    if given and size is None and not hasattr(given[-1], "__index__"):
        size = given.pop()
    if given and high is None:
        high = given.pop()
    if given:
        low = given.pop()
    if size is None or high is None or given:
        raise TypeError(
            f"randint: expected (high, size) or (low, high, size), got {bounds_and_size!r}"
        )
    kind = as_dtype("int64" if dtype is None else dtype).numpy
    draw = _integers("randint", low, high)
    shape = _shape("randint", (size,))
    return made(
        "randint", draw, shape, kind, _where(device, generator), generator, requires_grad, out
    )


def _integers(name: str, low: Any, high: Any) -> Any:
    first, end = whole(name, low, "low"), whole(name, high, "high")

    def draw(stream: Stream, shape: tuple[int, ...], dtype: np.dtype) -> Any:
        if dtype.kind == "c":
            raise RuntimeError(f"{name}: expected a real dtype, got {dtype.name}")
        return integer_values(name, stream, first, end, shape, dtype)

    return draw


@takes_layout
def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """The integers from 0 to ``n - 1`` in random order.

    Args:
        n: How many.
        generator, out, device, requires_grad: As of :func:`rand`.
        dtype: Any real type; default int64.

    Raises:
        RuntimeError: ``n`` is negative, or the type does not hold ``n - 1``.

    Source: PyTorch, ``torch.randperm``; the CPU's orders are the same as there.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.randperm(5)
        tensor([4, 0, 1, 3, 2])
    """
    (number,) = _shape("randperm", (n,))
    kind = as_dtype("int64" if dtype is None else dtype).numpy

    def draw(stream: Stream, shape: tuple[int, ...], dtype: np.dtype) -> Any:
        if dtype.kind in "iu" and number - 1 > np.iinfo(dtype).max:
            raise RuntimeError(f"randperm: {number - 1} does not fit into {dtype.name}")
        return stream.permutation(number, dtype)

    return made(
        "randperm", draw, (number,), kind, _where(device, generator), generator, requires_grad, out
    )


@takes_layout
def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Reals of normal distributions with the given means and standard deviations.

    Args:
        mean: Number, or tensor of one mean for each element.
        std: Number, or tensor that broadcasts with ``mean``.
        size: Sizes, where ``mean`` and ``std`` are numbers.
        generator: Source of the numbers; default the device's default generator.
        out: Tensor to write into.
        dtype, device, requires_grad: As of :func:`rand`, where ``mean`` and ``std`` are numbers.

    Returns:
        ``mean + std * noise``, and so the gradients of ``mean`` and ``std`` are 1 and the noise.

    Raises:
        RuntimeError: A number is given as ``std`` that is negative.
        TypeError: ``size`` is missing, or given beside a tensor.

    Source: PyTorch, ``torch.normal``.

    Example:
        >>> import autograd_core as ag
        >>> ag.normal(ag.zeros(2, 3), 0.5).shape
        autograd_core.Size([2, 3])
    """
    if not isinstance(std, TensorBase):
        check_std("normal", std)
    given = next((one for one in (mean, std) if isinstance(one, TensorBase)), None)
    if (size is None) == (given is None):
        raise TypeError("normal: expected size if mean and std are numbers, and only then")
    if given is None:
        kind, shape = _floating("normal", dtype), _shape("normal", (size,))
        draw = lambda stream, shape, kind: normal_values(stream, shape, kind, mean, std)
        return made(
            "normal", draw, shape, kind, _where(device, generator), generator, requires_grad, out
        )
    kind = check_inexact("normal", given, "mean" if given is mean else "std").dtype
    shapes = [one._array.shape for one in (mean, std) if isinstance(one, TensorBase)]
    shape, where = np.broadcast_shapes(*shapes), backend_of(given._array).device_of(given._array)
    if isinstance(std, TensorBase) and std._array.size:
        check_floating("normal", std, "std")
        check_std("normal", backend_of(std._array).item(std._array.min()))
    noise = made("normal", normal_values, shape, kind, where, generator)
    result = cast(noise * std + mean, kind)
    return result if out is None else out.copy_(result)


# --- like another tensor -------------------------------------------------------------------------


@takes_layout
def rand_like(
    input: Any,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """:func:`rand` in the shape, dtype and device of ``input``, unless given otherwise."""
    kind = _floating("rand_like", dtype or input.dtype)
    where = input.device if device is None else place(device)[1]
    shape, order = tuple(input.shape), order_like("rand_like", input._array, memory_format)
    return made(
        "rand_like", uniform_values, shape, kind, where, generator, requires_grad, order=order
    )


@takes_layout
def randn_like(
    input: Any,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """:func:`randn` in the shape, dtype and device of ``input``, unless given otherwise."""
    kind = _floating("randn_like", dtype or input.dtype)
    where = input.device if device is None else place(device)[1]
    shape, order = tuple(input.shape), order_like("randn_like", input._array, memory_format)
    return made(
        "randn_like", normal_values, shape, kind, where, generator, requires_grad, order=order
    )


@takes_layout
def randint_like(
    input: Any,
    *bounds: int,
    low: int = 0,
    high: int | None = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """:func:`randint` in the shape, dtype and device of ``input``, unless given otherwise."""
    kind = as_dtype(dtype or input.dtype).numpy
    where = input.device if device is None else place(device)[1]
    if len(bounds) == 2:
        low, high = bounds
    elif len(bounds) == 1:
        low, high = (bounds[0], high) if high is not None else (low, bounds[0])
    if high is None or len(bounds) > 2:
        raise TypeError(f"randint_like: expected (input, high) or (input, low, high), got {bounds}")
    draw = _integers("randint_like", low, high)
    shape, order = tuple(input.shape), order_like("randint_like", input._array, memory_format)
    return made("randint_like", draw, shape, kind, where, generator, requires_grad, order=order)
