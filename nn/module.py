"""class Module: what every layer and every model is.

Its parts stand in files of their own, each adding to the one before: `registry` (what a module
holds), `traversal` (walking over it), `state_dict` (saving and loading), `hooks`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import autograd_core as ag
from autograd_core.dtypes import as_dtype
from autograd_core.grad_mode import no_grad
from autograd_core.nn.hooks import (
    ModuleHooks,
    global_backward_hooks,
    global_backward_pre_hooks,
    global_forward_hooks,
    global_forward_pre_hooks,
)
from autograd_core.nn.state_dict import StateDict
from autograd_core.tensor import Tensor

M = TypeVar("M", bound="Module")


def _forward_missing(self: Any, *args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError(
        f'Module [{type(self).__name__}] is missing the required "forward" function'
    )


class Module(ModuleHooks, StateDict):
    """Base class of all layers and models.

    Call `super().__init__()` first, then assign parameters and submodules as attributes: they are
    registered, so that they are trained, moved and saved with the module. Define `forward`, and
    call the module itself.

    Source: PyTorch's ``torch.nn.Module``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> class Model(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.linear = nn.Linear(4, 2)
        ...
        ...     def forward(self, x):
        ...         return self.linear(x).relu()
        >>> Model()
        Model(
          (linear): Linear(in_features=4, out_features=2, bias=True)
        )
        >>> Model()(ag.ones(3, 4)).shape
        autograd_core.Size([3, 2])
    """

    # A value and not a method, so that type checkers let subclasses choose their arguments.
    forward: Callable[..., Any] = _forward_missing

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`, with the hooks around it."""
        if (
            self._forward_hooks
            or self._forward_pre_hooks
            or self._backward_hooks
            or self._backward_pre_hooks
            or global_forward_hooks
            or global_forward_pre_hooks
            or global_backward_hooks
            or global_backward_pre_hooks
        ):
            return self._call_with_hooks(args, kwargs)
        return self.forward(*args, **kwargs)

    # -- the whole tree ------------------------------------------------------------------------

    def apply(self: M, fn: Callable[[Module], Any]) -> M:
        """Call `fn` on every module, the innermost first, for example to initialise weights.

        Args:
            fn: gets one module at a time.

        Returns:
            This module.

        Example:
            >>> from autograd_core import nn
            >>> def show(module):
            ...     print(type(module).__name__)
            >>> m = nn.Sequential(nn.ReLU(), nn.Tanh()).apply(show)
            ReLU
            Tanh
            Sequential
        """
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self: M, mode: bool = True) -> M:
        """Set training mode, in which layers such as Dropout act, here and below.

        Args:
            mode: True (default) for training, False for evaluation.

        Returns:
            This module.

        Raises:
            ValueError: `mode` is not a bool.

        Example:
            >>> from autograd_core import nn
            >>> nn.Dropout().train(False).training
            False
        """
        if not isinstance(mode, bool):
            raise ValueError(f"training mode is expected to be boolean, got {mode!r}")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self: M) -> M:
        """Set evaluation mode, here and below; returns this module.

        Example:
            >>> from autograd_core import nn
            >>> nn.Dropout().eval().training
            False
        """
        return self.train(False)

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Set whether gradients are collected for the parameters, for example to freeze a layer.

        Args:
            requires_grad: default True.

        Returns:
            This module.

        Example:
            >>> from autograd_core import nn
            >>> nn.Linear(2, 3).requires_grad_(False).weight.requires_grad
            False
        """
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        Args:
            set_to_none: True (default) sets `grad` to None, False fills it with zeros.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import nn
            >>> m = nn.Linear(2, 1)
            >>> m(ag.ones(1, 2)).sum().backward()
            >>> m.zero_grad()
            >>> m.weight.grad is None
            True
        """
        for param in self.parameters():
            if set_to_none:
                param.grad = None
            elif param.grad is not None:
                param.grad.detach_().zero_()

    # -- dtype and device ----------------------------------------------------------------------

    def _apply(self: M, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> M:
        """Replace the values of every parameter, its gradient and every buffer by `fn` of them.

        A Parameter stays the same object, so that an optimizer goes on with it.
        """
        if recurse:
            for module in self.children():
                module._apply(fn)
        with no_grad():
            for param in self._parameters.values():
                if param is not None:
                    grad, param.grad = param.grad, None
                    param.data = fn(param.detach())
                    if grad is not None:
                        param.grad = fn(grad)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
        return self

    def to(self: M, *args: Any, **kwargs: Any) -> M:
        """Move or convert the parameters and buffers, in place.

        Call it as `to(device)`, `to(dtype)`, `to(device, dtype)` or `to(tensor)`. A dtype is
        given to the floating-point and complex ones only.

        Args:
            args: a device, a dtype, or a Tensor that has both as wanted.
            kwargs: `device`, `dtype`; `non_blocking` and `memory_format` are accepted and ignored.

        Returns:
            This module.

        Raises:
            TypeError: the dtype is not floating-point or complex, or an argument is unknown.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import nn
            >>> nn.Linear(2, 3).to(ag.float64).weight.dtype
            autograd_core.float64
        """
        device, dtype = _device_and_dtype(*args, **kwargs)
        if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(
                "nn.Module.to only accepts floating point or complex dtypes, but got desired "
                f"dtype={dtype}"
            )

        def convert(t: Tensor) -> Tensor:
            wanted = dtype if t.is_floating_point() or t.is_complex() else None
            return t.to(device=device, dtype=wanted)

        return self._apply(convert)

    def to_empty(self: M, *, device: Any, recurse: bool = True) -> M:
        """Give the parameters and buffers new memory on a device, with whatever values it holds.

        Args:
            device: the device; None for each one's own.
            recurse: those of submodules too; default True.

        Returns:
            This module.

        Example:
            >>> from autograd_core import nn
            >>> nn.Linear(2, 3).to_empty(device="cpu").weight.shape
            autograd_core.Size([3, 2])
        """
        return self._apply(lambda t: ag.empty_like(t, device=device), recurse)

    def share_memory(self: M) -> M:
        """Move the parameters and buffers into memory that child processes share.

        Returns:
            This module.

        Source: PyTorch's ``torch.nn.Module.share_memory``.

        Example:
            >>> from autograd_core import nn
            >>> nn.Linear(2, 3).share_memory().weight.is_shared()
            True
        """
        return self._apply(lambda t: t.share_memory_())

    def cpu(self: M) -> M:
        """Move the parameters and buffers to the CPU; returns this module.

        Example:
            >>> from autograd_core import nn
            >>> nn.Linear(2, 3).cpu().weight.device
            device(type='cpu')
        """
        return self.to("cpu")

    def cuda(self: M, device: Any = None) -> M:
        """Move the parameters and buffers to a CUDA GPU; returns this module.

        Args:
            device: which one; the current one if left out.

        Raises:
            RuntimeError: there is no GPU, or CuPy is missing; the message says what to do.
        """
        return self.to("cuda" if device is None else device)

    def type(self: M, dst_type: Any) -> M:
        """Convert all parameters and buffers, integers too; returns this module.

        Args:
            dst_type: the dtype.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import nn
            >>> nn.Linear(2, 3).type(ag.float16).bias.dtype
            autograd_core.float16
        """
        return self._apply(lambda t: t.to(dtype=dst_type))

    def float(self: M) -> M:
        """Convert the floating-point parameters and buffers to float32; returns this module."""
        return self._convert_floats(ag.float32)

    def double(self: M) -> M:
        """Convert the floating-point parameters and buffers to float64; returns this module."""
        return self._convert_floats(ag.float64)

    def half(self: M) -> M:
        """Convert the floating-point parameters and buffers to float16; returns this module."""
        return self._convert_floats(ag.float16)

    def bfloat16(self: M) -> M:
        """Convert the floating-point parameters and buffers to bfloat16; returns this module."""
        return self._convert_floats(ag.bfloat16)

    def _convert_floats(self: M, dtype: Any) -> M:
        return self._apply(lambda t: t.to(dtype=dtype) if t.is_floating_point() else t)

    # -- printing ------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """Return what stands between the brackets of the module's text; subclasses override it.

        Example:
            >>> from autograd_core import nn
            >>> nn.Linear(2, 3).extra_repr()
            'in_features=2, out_features=3, bias=True'
        """
        return ""

    def _get_name(self) -> str:
        return self.__class__.__name__

    def __repr__(self) -> str:
        extra = self.extra_repr()
        extra_lines = extra.split("\n") if extra else []
        children = [f"({name}): {indented(repr(module))}" for name, module in self._modules.items()]
        return bracketed(self._get_name(), extra_lines, children)


def indented(text: str) -> str:
    """Indent all lines but the first by two spaces.

    Example:
        >>> indented("a\\nb")
        'a\\n  b'
    """
    return text.replace("\n", "\n  ")


def bracketed(name: str, extra: list[str], children: list[str]) -> str:
    """Put a module's text together: on one line if it is short, else a line for each part.

    Example:
        >>> bracketed("ReLU", ["inplace=True"], [])
        'ReLU(inplace=True)'
    """
    if not children and len(extra) <= 1:
        return f"{name}({''.join(extra)})"
    return f"{name}(\n  " + "\n  ".join(extra + children) + "\n)"


def _device_and_dtype(
    *args: Any,
    device: Any = None,
    dtype: Any = None,
    non_blocking: bool = False,
    memory_format: Any = None,
) -> tuple[Any, Any]:
    for arg in args:
        if isinstance(arg, Tensor):
            device, dtype = arg.device, arg.dtype
        elif isinstance(arg, (ag.dtype, type)):
            dtype = arg
        elif isinstance(arg, (str, int, ag.device)) and not isinstance(arg, bool):
            device = arg
        elif arg is not None and not isinstance(arg, bool):  # None: no device; a bool: non_blocking
            raise TypeError(
                f"nn.Module.to: expected a device, a dtype or a Tensor, got {type(arg).__name__}"
            )
    return device, None if dtype is None else as_dtype(dtype)
