"""Methods that make another tensor of the same dtype on the same device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_core.dtypes import as_dtype
from autograd_core.from_data import finish, place, tensor
from autograd_core.later import later
from autograd_core.layouts import takes_layout
from autograd_core.legacy import construct
from autograd_core.ops.dims import sizes

if TYPE_CHECKING:
    from autograd_core import creation_more as more
else:
    more = later("creation_more", "autograd_core")


def _made(
    name: str, like: Any, size: Any, value: Any, dtype: Any, device: Any, requires_grad: bool
) -> Any:
    """A tensor filled with ``value`` (None: with nothing), by default as ``like``."""
    shape = sizes(name, (size,))
    if min(shape, default=0) < 0:
        raise RuntimeError(f"{name}: sizes must not be negative, got {shape}")
    backend, where = place(like.device if device is None else device)
    kind = as_dtype(like.dtype if dtype is None else dtype).numpy
    if value is None:
        return finish(backend.empty(shape, kind, where), requires_grad)
    return finish(backend.full(shape, value, kind, where), requires_grad)


class NewMethods:
    """``new_zeros`` and its like. ``dtype`` and ``device`` are those of this tensor unless told."""

    __slots__ = ()

    dtype: Any
    device: Any

    new_empty_strided = more.new_empty_strided

    def new(self, *size: Any) -> Any:
        """Of the given data, if that is one sequence or array; else of the given sizes and unset.
        Source: PyTorch, ``torch.Tensor.new``, an older name of ``new_tensor`` and ``new_empty``."""
        return construct("new", size, self.dtype, self.device)

    @takes_layout
    def new_zeros(
        self, *given: Any, size: Any = None, dtype: Any = None, device: Any = None,
        requires_grad: bool = False,
    ) -> Any:  # fmt: skip
        """Zeros of the given sizes. Source: PyTorch, ``torch.Tensor.new_zeros``."""
        return _made(
            "new_zeros", self, sizes("new_zeros", given, size), 0, dtype, device, requires_grad
        )

    @takes_layout
    def new_ones(
        self, *given: Any, size: Any = None, dtype: Any = None, device: Any = None,
        requires_grad: bool = False,
    ) -> Any:  # fmt: skip
        """Ones of the given sizes. Source: PyTorch, ``torch.Tensor.new_ones``."""
        return _made(
            "new_ones", self, sizes("new_ones", given, size), 1, dtype, device, requires_grad
        )

    @takes_layout
    def new_empty(
        self, *given: Any, size: Any = None, dtype: Any = None, device: Any = None,
        requires_grad: bool = False,
    ) -> Any:  # fmt: skip
        """Unset memory of the given sizes. Source: PyTorch, ``torch.Tensor.new_empty``."""
        return _made(
            "new_empty", self, sizes("new_empty", given, size), None, dtype, device, requires_grad
        )

    @takes_layout
    def new_full(
        self, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None,
        requires_grad: bool = False,
    ) -> Any:  # fmt: skip
        """One number in the given sizes. Source: PyTorch, ``torch.Tensor.new_full``."""
        value = fill_value.item() if hasattr(fill_value, "item") else fill_value
        return _made("new_full", self, tuple(size), value, dtype, device, requires_grad)

    def new_tensor(
        self, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Any:
        """A copy of ``data``. Source: PyTorch, ``torch.Tensor.new_tensor``."""
        return tensor(
            data,
            dtype=self.dtype if dtype is None else dtype,
            device=self.device if device is None else device,
            requires_grad=requires_grad,
        )
