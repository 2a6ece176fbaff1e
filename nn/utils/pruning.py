"""How a tensor of a module is pruned: its values are multiplied by a mask of zeros and ones, before
every forward; several methods may follow one another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import autograd_core as ag
from autograd_core.grad_mode import no_grad
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class BasePruningMethod(ABC):
    """A way to prune, and the forward pre-hook that does it; subclasses define `compute_mask`.

    A class also says in `PRUNING_TYPE` what it looks at when the tensor has been pruned before:
    the elements that are left (``"unstructured"``), the channels of `dim` of which some are left
    (``"structured"``), or all (``"global"``).

    Source: PyTorch's ``torch.nn.utils.prune.BasePruningMethod``.
    """

    PRUNING_TYPE: ClassVar[str]

    _tensor_name: str

    def __call__(self, module: Module, inputs: Any) -> None:
        """Compute the pruned tensor anew, before every forward."""
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return a mask of the shape of `t`.

        Args:
            t: how important each element is; the tensor's values, where nothing else is given.
            default_mask: the mask so far, which stays in force.
        """

    def apply_mask(self, module: Module) -> Tensor:
        """Return the pruned tensor: the original one times the mask.

        Args:
            module: the module, which holds both.
        """
        original = getattr(module, f"{self._tensor_name}_orig")
        mask = getattr(module, f"{self._tensor_name}_mask")
        pruned: Tensor = mask.to(dtype=original.dtype) * original
        return pruned

    @classmethod
    def apply(
        cls, module: Module, name: str, *args: Any, importance_scores: Any = None, **kwargs: Any
    ) -> BasePruningMethod:
        """Prune a parameter, which may have been pruned before.

        The module then has the parameter ``NAME_orig``, the buffer ``NAME_mask`` and, in place of
        the parameter, their product.

        Args:
            module: the module.
            name: the parameter's name.
            args, kwargs: for the constructor of this class.
            importance_scores: how important each element is; the values themselves if left out.

        Returns:
            The method, or the container of all methods of this parameter.

        Raises:
            ValueError: there is no such parameter, or the scores have another shape.
        """
        method: BasePruningMethod = cls(*args, **kwargs)
        method._tensor_name = name
        original = getattr(module, name, None)
        old = method_of(module, name)
        if (old is None and module._parameters.get(name) is None) or original is None:
            raise ValueError(
                f"{cls.__name__}: {type(module).__name__} has no parameter {name!r} to prune"
            )
        scores = _scores(cls.__name__, importance_scores, original)
        if old is not None:
            container = old[1] if isinstance(old[1], PruningContainer) else PruningContainer(old[1])
            kept = container._pruning_methods
            container.add_pruning_method(method)
            method = container
            default_mask = getattr(module, f"{name}_mask").detach().clone()
        else:
            default_mask = ag.ones_like(original.detach()).contiguous()
        try:
            with no_grad():
                mask = method.compute_mask(scores, default_mask=default_mask)
        except Exception:
            if old is not None:
                container._pruning_methods = kept
            raise
        if old is not None:
            del module._forward_pre_hooks[old[0]]
        else:
            del module._parameters[name]
            module.register_parameter(f"{name}_orig", original)
        module.register_buffer(f"{name}_mask", mask)
        setattr(module, name, method.apply_mask(module))
        module.register_forward_pre_hook(method)
        return method

    def prune(
        self,
        t: Tensor,
        default_mask: Tensor | None = None,
        importance_scores: Tensor | None = None,
    ) -> Tensor:
        """Return a tensor pruned by this method.

        Args:
            t: the tensor.
            default_mask: a mask that stays in force; ones if left out.
            importance_scores: how important each element is; `t` itself if left out.

        Raises:
            ValueError: the scores have another shape.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core.nn.utils import prune
            >>> prune.L1Unstructured(amount=2).prune(ag.tensor([3.0, -1.0, 2.0, -4.0]))
            tensor([ 3., -0.,  0., -4.])
        """
        scores = _scores(type(self).__name__, importance_scores, t)
        with no_grad():
            mask = ag.ones_like(t.detach()) if default_mask is None else default_mask
            mask = self.compute_mask(scores, default_mask=mask)
        return t * mask

    def remove(self, module: Module) -> None:
        """Make the pruned tensor the parameter again, for good.

        Args:
            module: the module.
        """
        name = self._tensor_name
        values = self.apply_mask(module).detach()
        if hasattr(module, name):
            delattr(module, name)
        original: Any = module._parameters[f"{name}_orig"]
        original.data = values
        del module._parameters[f"{name}_orig"]
        del module._buffers[f"{name}_mask"]
        setattr(module, name, original)


def _scores(where: str, scores: Tensor | None, tensor: Tensor) -> Tensor:
    if scores is None:
        return tensor.detach()
    if scores.shape != tensor.shape:
        raise ValueError(
            f"{where}: importance_scores must have the tensor's shape {tuple(tensor.shape)}, got "
            f"{tuple(scores.shape)}"
        )
    return scores.detach()


def method_of(module: Module, name: str) -> tuple[int, BasePruningMethod] | None:
    """Return the hook that prunes a tensor, with its id; None if there is none.

    Args:
        module: the module.
        name: the tensor's name.
    """
    for id, hook in module._forward_pre_hooks.items():
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name:
            return id, hook
    return None


def check_dim(t: Tensor, dim: int) -> None:
    """Raise unless a tensor has a dimension.

    Args:
        t: the tensor.
        dim: the dimension.
    """
    if not -t.ndim <= dim < t.ndim:
        raise IndexError(f"pruning: dim={dim} is out of range for a tensor of shape {t.shape}")


class PruningContainer(BasePruningMethod):
    """The methods that prune one tensor, one after the other.

    Args:
        args: the methods.

    Source: PyTorch's ``torch.nn.utils.prune.PruningContainer``.
    """

    def __init__(self, *args: BasePruningMethod) -> None:
        self._pruning_methods: tuple[BasePruningMethod, ...] = ()
        if args:
            self._tensor_name = args[0]._tensor_name
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: BasePruningMethod) -> None:
        """Add a method at the end.

        Args:
            method: of the same tensor.

        Raises:
            TypeError: it is no pruning method.
            ValueError: it prunes another tensor.
        """
        if not isinstance(method, BasePruningMethod):
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if method._tensor_name != self._tensor_name:
            raise ValueError(
                f"PruningContainer: its methods prune {self._tensor_name!r}, got one for "
                f"{method._tensor_name!r}"
            )
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Iterator[BasePruningMethod]:
        return iter(self._pruning_methods)

    def __getitem__(self, idx: Any) -> Any:
        return self._pruning_methods[idx]

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return the mask of the last method, of what `default_mask` has left.

        Raises:
            ValueError: its `PRUNING_TYPE` is unknown.
        """
        method: Any = self._pruning_methods[-1]
        part: Any
        if method.PRUNING_TYPE == "unstructured":
            part = default_mask == 1
        elif method.PRUNING_TYPE == "structured":
            check_dim(t, method.dim)
            dim = method.dim % t.ndim
            others = [d for d in range(t.ndim) if d != dim]
            part = (slice(None),) * dim + (default_mask.sum(dim=others) != 0,)
        elif method.PRUNING_TYPE == "global":
            part = ...
        else:
            raise ValueError(
                f"{type(method).__name__}: PRUNING_TYPE must be 'unstructured', 'structured' or "
                f"'global', got {method.PRUNING_TYPE!r}"
            )
        mask = default_mask.to(dtype=t.dtype).clone()
        mask[part] = method.compute_mask(t[part], default_mask=default_mask[part]).to(mask.dtype)
        return mask


class Identity(BasePruningMethod):
    """Prunes nothing, by a mask of ones. Source: PyTorch's ``torch.nn.utils.prune.Identity``."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return `default_mask`."""
        return default_mask

    @classmethod
    def apply(cls, module: Module, name: str) -> BasePruningMethod:  # type: ignore[override]
        """See :meth:`BasePruningMethod.apply`."""
        return super().apply(module, name)


class CustomFromMask(BasePruningMethod):
    """Prunes by a given mask.

    Args:
        mask: of the tensor's shape.

    Source: PyTorch's ``torch.nn.utils.prune.CustomFromMask``.
    """

    PRUNING_TYPE = "global"

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return `default_mask` times the given one."""
        if self.mask.shape != default_mask.shape:
            raise ValueError(
                f"CustomFromMask: mask must have the tensor's shape {tuple(default_mask.shape)}, "
                f"got {tuple(self.mask.shape)}"
            )
        return default_mask * self.mask.to(dtype=default_mask.dtype)

    @classmethod
    def apply(  # type: ignore[override]
        cls, module: Module, name: str, mask: Tensor
    ) -> BasePruningMethod:
        """See :meth:`BasePruningMethod.apply`."""
        return super().apply(module, name, mask=mask)
