"""Layers that add elements around sequences, images and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any, ClassVar

from autograd_core.errors import ShapeError
from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


def _per_side(name: str, padding: Any, sides: int) -> tuple[int, ...]:
    """One number for each side, from one for all or from a sequence."""
    given = padding if isinstance(padding, Sequence) else (padding,) * sides
    if len(given) != sides or not all(hasattr(number, "__index__") for number in given):
        raise ValueError(f"{name}: padding must be an integer or {sides} of them, got {padding!r}")
    return tuple(map(index, given))


class _Pad(Module):
    """Padding of the last ``dims`` dimensions."""

    dims: ClassVar[int]
    mode: ClassVar[str]

    padding: tuple[int, ...]

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = _per_side(type(self).__name__, padding, 2 * self.dims)

    def forward(self, input: Tensor) -> Any:
        """Return `input` with elements around it."""
        n = self.dims
        if input.ndim not in (n + 1, n + 2):
            raise ShapeError(
                f"{type(self).__name__}: expected {n + 1}D or {n + 2}D input, got {input.ndim}D of "
                f"shape {tuple(input.shape)}"
            )
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        """Return the numbers, as PyTorch prints them."""
        return str(self.padding)


class _ConstantPad(_Pad):
    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Any:
        """Return `input` with the value around it."""
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """A value on both sides of the last dimension. Arguments as for :class:`ConstantPad2d`.

    Source: PyTorch's ``torch.nn.ConstantPad1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ConstantPad1d((1, 2), 5.0)(ag.zeros(1))
        tensor([5., 0., 5., 5.])
    """

    dims = 1


class ConstantPad2d(_ConstantPad):
    """A value around the last two dimensions.

    Args:
        padding: how many elements on each side: one number, or (left, right, top, bottom).
            Negative numbers take elements away.
        value: the value.

    Raises:
        ValueError: another number of numbers.

    Source: PyTorch's ``torch.nn.ConstantPad2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ConstantPad2d((1, 0, 0, 1), 5.0)(ag.zeros(1, 1))
        tensor([[5., 0.],
                [5., 5.]])
    """

    dims = 2


class ConstantPad3d(_ConstantPad):
    """A value around the last three dimensions. Arguments as for :class:`ConstantPad2d`, with six
    numbers.

    Source: PyTorch's ``torch.nn.ConstantPad3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ConstantPad3d(1, 5.0)(ag.zeros(1, 2, 2, 2)).shape
        autograd_core.Size([1, 4, 4, 4])
    """

    dims = 3


class _ZeroPad(_ConstantPad):
    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """Return the numbers, as PyTorch prints them."""
        return str(self.padding)


class ZeroPad1d(_ZeroPad, ConstantPad1d):
    """Zeros on both sides of the last dimension. Arguments as for :class:`ZeroPad2d`.

    Source: PyTorch's ``torch.nn.ZeroPad1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ZeroPad1d(1)(ag.ones(1))
        tensor([0., 1., 0.])
    """


class ZeroPad2d(_ZeroPad, ConstantPad2d):
    """Zeros around the last two dimensions.

    Args:
        padding: as for :class:`ConstantPad2d`.

    Source: PyTorch's ``torch.nn.ZeroPad2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ZeroPad2d((1, 0, 0, 0))(ag.ones(1, 1))
        tensor([[0., 1.]])
    """


class ZeroPad3d(_ZeroPad, ConstantPad3d):
    """Zeros around the last three dimensions. Arguments as for :class:`ZeroPad2d`.

    Source: PyTorch's ``torch.nn.ZeroPad3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ZeroPad3d(1)(ag.ones(1, 2, 2, 2)).shape
        autograd_core.Size([1, 4, 4, 4])
    """


class ReflectionPad1d(_Pad):
    """The elements of the last dimension mirrored at both ends. Arguments as for
    :class:`ReflectionPad2d`.

    Source: PyTorch's ``torch.nn.ReflectionPad1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ReflectionPad1d(2)(ag.tensor([[1.0, 2.0, 3.0]]))
        tensor([[3., 2., 1., 2., 3., 2., 1.]])
    """

    dims = 1
    mode = "reflect"


class ReflectionPad2d(_Pad):
    """Images mirrored at their borders, whose own elements are not repeated.

    Args:
        padding: how many elements on each side: one number, or (left, right, top, bottom); each
            less than the size.

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Raises:
        ValueError: another number of numbers, or of dimensions of the input.

    Source: PyTorch's ``torch.nn.ReflectionPad2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ReflectionPad2d((1, 0, 0, 0))(ag.tensor([[[1.0, 2.0]]]))
        tensor([[[2., 1., 2.]]])
    """

    dims = 2
    mode = "reflect"


class ReflectionPad3d(_Pad):
    """Volumes mirrored at their borders. Arguments as for :class:`ReflectionPad2d`, with six
    numbers.

    Source: PyTorch's ``torch.nn.ReflectionPad3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ReflectionPad3d(1)(ag.ones(1, 2, 2, 2)).shape
        autograd_core.Size([1, 4, 4, 4])
    """

    dims = 3
    mode = "reflect"


class ReplicationPad1d(_Pad):
    """The first and last element of the last dimension, repeated. Arguments as for
    :class:`ReplicationPad2d`.

    Source: PyTorch's ``torch.nn.ReplicationPad1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ReplicationPad1d(2)(ag.tensor([[1.0, 2.0]]))
        tensor([[1., 1., 1., 2., 2., 2.]])
    """

    dims = 1
    mode = "replicate"


class ReplicationPad2d(_Pad):
    """The border of images, repeated.

    Args:
        padding: how many elements on each side: one number, or (left, right, top, bottom).

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Raises:
        ValueError: another number of numbers, or of dimensions of the input.

    Source: PyTorch's ``torch.nn.ReplicationPad2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ReplicationPad2d((1, 0, 0, 0))(ag.tensor([[[1.0, 2.0]]]))
        tensor([[[1., 1., 2.]]])
    """

    dims = 2
    mode = "replicate"


class ReplicationPad3d(_Pad):
    """The border of volumes, repeated. Arguments as for :class:`ReplicationPad2d`, with six
    numbers.

    Source: PyTorch's ``torch.nn.ReplicationPad3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ReplicationPad3d(1)(ag.ones(1, 2, 2, 2)).shape
        autograd_core.Size([1, 4, 4, 4])
    """

    dims = 3
    mode = "replicate"


class CircularPad1d(_Pad):
    """The end of the last dimension put before its beginning, and the beginning after the end.
    Arguments as for :class:`CircularPad2d`.

    Source: PyTorch's ``torch.nn.CircularPad1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.CircularPad1d(1)(ag.tensor([[1.0, 2.0, 3.0]]))
        tensor([[3., 1., 2., 3., 1.]])
    """

    dims = 1
    mode = "circular"


class CircularPad2d(_Pad):
    """Images continued on each side by what is on the opposite side.

    Args:
        padding: how many elements on each side: one number, or (left, right, top, bottom); each at
            most the size.

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Raises:
        ValueError: another number of numbers, or of dimensions of the input.

    Source: PyTorch's ``torch.nn.CircularPad2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.CircularPad2d((1, 0, 0, 0))(ag.tensor([[[1.0, 2.0]]]))
        tensor([[[2., 1., 2.]]])
    """

    dims = 2
    mode = "circular"


class CircularPad3d(_Pad):
    """Volumes continued on each side by what is on the opposite side. Arguments as for
    :class:`CircularPad2d`, with six numbers.

    Source: PyTorch's ``torch.nn.CircularPad3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.CircularPad3d(1)(ag.ones(1, 2, 2, 2)).shape
        autograd_core.Size([1, 4, 4, 4])
    """

    dims = 3
    mode = "circular"
