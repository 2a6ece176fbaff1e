"""class Tensor: a value with a graph behind it. Its operators are methods of one line, in
``methods/``."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from autograd_core import autograd
from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase, node_of
from autograd_core.copying import CopyMethods
from autograd_core.errors import ArgumentError, GraphError
from autograd_core.families import results_are
from autograd_core.graph import AccumulateGrad, Node, Output, named
from autograd_core.hooks import RemovableHandle
from autograd_core.interop import ArrayProtocols
from autograd_core.later import later
from autograd_core.legacy import legacy_tensor
from autograd_core.methods.cast import CastMethods
from autograd_core.methods.creation import NewMethods
from autograd_core.methods.elementwise import ElementwiseMethods
from autograd_core.methods.indexing import IndexingMethods
from autograd_core.methods.linalg import LinalgMethods
from autograd_core.methods.nn import NNMethods
from autograd_core.methods.properties import PropertyMethods
from autograd_core.methods.random import RandomMethods
from autograd_core.methods.reduction import ReductionMethods
from autograd_core.methods.shape import ShapeMethods
from autograd_core.methods.special import SpecialMethods
from autograd_core.version import INFERENCE


class Tensor(
    TensorBase,
    PropertyMethods,
    ElementwiseMethods,
    ReductionMethods,
    ShapeMethods,
    IndexingMethods,
    LinalgMethods,
    SpecialMethods,
    NNMethods,
    RandomMethods,
    CastMethods,
    NewMethods,
    CopyMethods,
    ArrayProtocols,
):
    """A multi-dimensional array that records what is computed with it.

    Made by :func:`autograd_core.tensor` and its like, and by operators. Source: PyTorch,
    ``torch.Tensor``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        tensor([2., 4.])
    """

    __slots__ = ()

    def __new__(cls, *size: Any) -> Any:
        """An uninitialised tensor of the given sizes, or one of the given data (as
        ``torch.Tensor``)."""
        return legacy_tensor(cls, *size)

    def __len__(self) -> int:
        if self._array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return int(self._array.shape[0])

    __repr__ = later("formatting", "autograd_core").format_tensor

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self._array.ndim == 0 else super().__format__(spec)

    __hash__ = object.__hash__

    # --- Python values ---------------------------------------------------------------------------

    def item(self) -> Any:
        """The only element as a Python number. Raises RuntimeError if there is not exactly one."""
        if self._array.size != 1:
            raise ArgumentError(
                f"item: a tensor of {self._array.size} elements is not one number. Mend: index "
                f"it, or tolist()."
            )
        return backend_of(self._array).item(self._array)

    def tolist(self) -> Any:
        """Nested lists of Python numbers; a number for a 0-d tensor."""
        return backend_of(self._array).to_numpy(self._array).tolist()

    def __bool__(self) -> bool:
        if self._array.size != 1:
            raise RuntimeError(
                f"the truth value of a tensor of {self._array.size} elements is ambiguous. Mend: "
                f".any() or .all()."
            )
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        value = self.item() if self._array.size == 1 else None
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(
                f"only integer tensors of one element can be an index, not {self.dtype}"
            )
        return value

    # --- the graph -------------------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are needed; assign or call ``requires_grad_()`` on leaves."""
        return node_of(self) is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Make this leaf require grad, or not; returns itself."""
        if requires_grad is not True and requires_grad is not False:
            raise TypeError(
                f"requires_grad_: requires_grad must be True or False, got {requires_grad!r:.40}"
            )
        node = node_of(self)
        if requires_grad and node is None:
            if not (self.dtype.is_floating_point or self.dtype.is_complex):
                raise RuntimeError(
                    f"only floating-point and complex tensors can require grad, not {self.dtype}. "
                    f"Mend: .float() first."
                )
            self._require_grad()
        elif not requires_grad and node is not None:
            if not isinstance(node, AccumulateGrad):
                raise RuntimeError(
                    "requires_grad can only be changed on leaf tensors. Mend: detach() gives a "
                    "tensor without graph."
                )
            self._node = None
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether no operator made this tensor (or none that recorded)."""
        node = node_of(self)
        return node is None or isinstance(node, AccumulateGrad)

    @property
    def grad_fn(self) -> Node | None:
        """The node of the operator that made this tensor; None for leaves."""
        node = node_of(self)
        if node is None or isinstance(node, AccumulateGrad):
            return None
        return named(node.inputs[0] if isinstance(node, Output) else node)

    @property
    def output_nr(self) -> int:
        """Which output of ``grad_fn`` this is."""
        return self._node.index if isinstance(self._node, Output) else 0

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient of a leaf (or of what ``retain_grad()`` was called on)."""
        if self._grad is None and not self.is_leaf and not self.retains_grad:
            import warnings

            warnings.warn(
                "the .grad of a tensor that is not a leaf is not filled. Mend: call retain_grad() "
                "on it before "
                "backward, or read the .grad of the leaf it came from.",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, TensorBase):
                raise TypeError(f"grad must be a Tensor or None, not {type(value).__name__}")
            if (
                value is self
                or value._array.shape != self._array.shape
                or value._array.dtype != self._array.dtype
            ):
                raise RuntimeError(
                    f"grad must be another tensor of shape {tuple(self.shape)} and dtype "
                    f"{self.dtype}, got "
                    f"{tuple(value.shape)} and {value.dtype}"
                )
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Add this tensor's gradients to the leaves; see
        :func:`autograd_core.autograd.backward`."""
        autograd.backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    def detach(self) -> Tensor:
        """The same memory, without graph; writes to it still count as writes to this tensor."""
        result = TensorBase._wrap(self._array)
        result._counter = self._version_counter()
        return result

    def detach_(self) -> Any:
        """Cut this tensor off its graph: it becomes a leaf."""
        if self._view is not None and self._view.base._node is not None:
            raise GraphError(
                "detach_: views of tensors in a graph cannot be detached in place. Mend: detach()."
            )
        self._node = None
        return self

    @property
    def data(self) -> Tensor:
        """The same memory as a tensor without graph; like ``detach()``, so that wrong gradients
        are noticed."""
        return self.detach()

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, TensorBase):
            raise TypeError(
                f"data must be a Tensor, not {type(value).__name__}. Mend: ag.as_tensor(...)."
            )
        self._array, self._counter, self._view = value._array, value._version_counter(), None
        if isinstance(self._node, AccumulateGrad):
            self._node.shape, self._node.dtype = value._array.shape, value._array.dtype

    @property
    def _version(self) -> int:
        """How often the memory was written through the engine."""
        return 0 if self._counter is None else self._counter.writes

    @property
    def _base(self) -> Tensor | None:
        """The tensor this is a view of."""
        return None if self._view is None else self._view.base  # type: ignore[return-value]

    def _is_view(self) -> bool:
        return self._view is not None

    def is_inference(self) -> bool:
        """Whether it was made in inference mode."""
        return self._counter is INFERENCE

    def retain_grad(self) -> None:
        """Fill ``.grad`` of this tensor too, although it is not a leaf."""
        node = node_of(self)
        if node is None:
            raise RuntimeError(
                "retain_grad: the tensor does not require grad. Mend: requires_grad_() its inputs."
            )
        if not isinstance(node, AccumulateGrad) and not self.retains_grad:
            node.own_hooks().retain.append(_grad_store(self))

    @property
    def retains_grad(self) -> bool:
        """Whether ``retain_grad()`` was called on this non-leaf."""
        hooks = None if self._node is None else self._node.hooks
        return hooks is not None and bool(hooks.retain)

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call ``hook(grad)`` when this tensor's gradient is known; what it returns replaces the
        gradient."""
        node = node_of(self)
        if node is None:
            raise RuntimeError(
                "register_hook: the tensor does not require grad. Mend: requires_grad_() first."
            )
        return node.own_hooks().tensor.add(hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call ``hook(tensor)`` after this leaf's ``.grad`` was updated."""
        node = node_of(self)
        if not isinstance(node, AccumulateGrad):
            raise RuntimeError(
                "register_post_accumulate_grad_hook: only leaves that require grad accumulate."
            )
        return node.own_hooks().accumulated.add(hook)


def _grad_store(tensor: Tensor) -> Callable[[Any], None]:
    """What keeps a non-leaf's gradient; it must not keep the tensor, which keeps the node."""
    reference = weakref.ref(tensor)

    def store(grad: Any) -> None:
        kept = reference()
        if kept is not None:
            kept._grad = grad if kept._grad is None else kept._grad + grad

    return store


results_are(Tensor)
