"""Layers that take the size of their input from the first batch."""

from __future__ import annotations

from typing import Any, ClassVar

import autograd_core as ag
from autograd_core.errors import ShapeError
from autograd_core.nn.linear import Linear
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import UninitializedParameter, is_lazy
from autograd_core.tensor import Tensor


class LazyModuleMixin(Module):
    """What a lazy module has besides the layer that it is going to be.

    Its parameters and buffers are :class:`UninitializedParameter` and
    :class:`UninitializedBuffer`. The first call runs `initialize_parameters` with the arguments of
    the call, which gives them their shapes, and the module becomes a `cls_to_become`. Loading a
    state gives them their shapes too.

    Convert and move a lazy module first, then call it on a batch, and make the optimizer last.

    Source: PyTorch's ``torch.nn.modules.lazy.LazyModuleMixin``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> model = nn.Sequential(nn.LazyLinear(3), nn.ReLU(), nn.LazyLinear(1))
        >>> model
        Sequential(
          (0): LazyLinear(in_features=0, out_features=3, bias=True)
          (1): ReLU()
          (2): LazyLinear(in_features=0, out_features=1, bias=True)
        )
        >>> _ = model(ag.ones(2, 5))
        >>> model[0]
        Linear(in_features=5, out_features=3, bias=True)
    """

    # What the module becomes once its sizes are known; None if it stays what it is.
    cls_to_become: ClassVar[type[Module] | None] = None

    _waiting = True  # for the first call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Find out the sizes, if this is the first call, and run `forward`."""
        if self._waiting:
            self._infer_parameters(args, kwargs)
        return Module.__call__(self, *args, **kwargs)

    def _infer_parameters(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.initialize_parameters(*args, **kwargs)
        if self.has_uninitialized_params():
            raise RuntimeError(
                f"{type(self).__name__}: initialize_parameters() has left a parameter or buffer "
                "without a shape. Mend: materialize() all of them there."
            )
        if self.cls_to_become is not None:
            self.__class__ = self.cls_to_become  # type: ignore[assignment]
        else:
            self._waiting = False

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Give the parameters and buffers their shapes; subclasses define it.

        Args:
            args, kwargs: those of the first call.
        """
        raise NotImplementedError(
            f"initialize_parameters is not implemented for {type(self).__name__}"
        )

    def has_uninitialized_params(self) -> bool:
        """Return whether a parameter or buffer of this very module has no shape yet."""
        held = (*self._parameters.values(), *self._buffers.values())
        return any(is_lazy(one) for one in held)

    def _take(self, name: str, key: str, tensor: Tensor, given: Any, assign: bool) -> str:
        if is_lazy(tensor):
            if is_lazy(given):
                return ""
            if hasattr(given, "shape"):
                tensor.materialize(given.shape)  # type: ignore[attr-defined]
        return super()._take(name, key, tensor, given, assign)


class LazyLayer(LazyModuleMixin):
    """A layer with one size to find out: what the lazy layers of this package share."""

    size: ClassVar[str]  # the attribute that holds it

    def _size_of(self, input: Tensor) -> int:
        raise NotImplementedError

    def _shapes(self, size: int) -> dict[str, tuple[int, ...]]:
        """The shapes of parameters and buffers, given the size."""
        raise NotImplementedError

    def initialize_parameters(self, input: Tensor, *args: Any, **kwargs: Any) -> None:
        """Take the size from the input; give shapes and values to what has none yet."""
        size = self._size_of(input)
        waiting, loaded = [], {}
        for name, shape in self._shapes(size).items():
            held = getattr(self, name)
            if is_lazy(held):
                waiting.append((held, shape))
            elif held is not None:
                loaded[name] = held.detach().clone()
                if tuple(held.shape) != shape:
                    raise ShapeError(
                        f"{type(self).__name__}: {self.size}={size} as in input of shape "
                        f"{tuple(input.shape)} asks for {name} of shape {shape}, but the one that "
                        f"was loaded has {tuple(held.shape)}"
                    )
        setattr(self, self.size, size)
        if waiting:
            for held, shape in waiting:
                held.materialize(shape)
            self.reset_parameters()
            with ag.no_grad():
                for name, value in loaded.items():
                    getattr(self, name).copy_(value)

    def reset_parameters(self) -> None:
        """Draw new values, once the shapes are known."""
        if getattr(self, self.size) and not self.has_uninitialized_params():
            super().reset_parameters()  # type: ignore[misc]

    def _expect(self, name: str, device: Any, dtype: Any) -> None:
        """Have a parameter of that name, without a shape yet."""
        setattr(self, name, UninitializedParameter(device=device, dtype=dtype))


class LazyLinear(LazyLayer, Linear):
    """A :class:`Linear` that takes `in_features` from the first input.

    Args:
        out_features: size of the last dimension of the output.
        bias: add a learned bias; default True.
        device: where the parameters will be made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Source: PyTorch's ``torch.nn.LazyLinear``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> layer = nn.LazyLinear(3)
        >>> layer(ag.ones(2, 5)).shape
        autograd_core.Size([2, 3])
        >>> layer
        Linear(in_features=5, out_features=3, bias=True)
    """

    cls_to_become = Linear
    size = "in_features"

    def __init__(
        self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(0, 0, False)
        self.out_features = out_features
        self._expect("weight", device, dtype)
        if bias:
            self._expect("bias", device, dtype)

    def _size_of(self, input: Tensor) -> int:
        return int(input.shape[-1])

    def _shapes(self, size: int) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.out_features, size), "bias": (self.out_features,)}
