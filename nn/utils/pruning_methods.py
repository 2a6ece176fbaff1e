"""What is pruned: elements or whole channels, at random or those of the smallest values."""

from __future__ import annotations

from numbers import Real
from typing import Any

import autograd_core as ag
from autograd_core.nn.module import Module
from autograd_core.nn.utils.pruning import BasePruningMethod, check_dim
from autograd_core.tensor import Tensor


class _Amount(BasePruningMethod):
    """A method with a number or share of elements or channels to prune."""

    amount: float

    def __init__(self, amount: float) -> None:
        if not isinstance(amount, Real):
            raise TypeError(f"{type(self).__name__}: amount must be a number, got {amount!r}")
        if amount < 0 or (not isinstance(amount, int) and amount > 1):
            raise ValueError(
                f"{type(self).__name__}: amount must be an int that is not negative or a float "
                f"from 0 to 1, got {amount}"
            )
        self.amount = amount

    def _number(self, size: int) -> int:
        """How many of `size` are pruned."""
        number = self.amount if isinstance(self.amount, int) else round(self.amount * size)
        if number > size:
            raise ValueError(
                f"{type(self).__name__}: amount={number} is more than the {size} there are to prune"
            )
        return number


class RandomUnstructured(_Amount):
    """Prunes elements at random.

    Args:
        amount: how many (int), or which share of them (float).

    Source: PyTorch's ``torch.nn.utils.prune.RandomUnstructured``; one seed gives the same mask.
    """

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return `default_mask` with zeros for the elements that are drawn."""
        number = self._number(t.numel())
        if not number:
            return default_mask.clone()
        return _without(default_mask, ag.rand_like(t).reshape(-1).topk(number).indices)

    @classmethod
    def apply(  # type: ignore[override]
        cls, module: Module, name: str, amount: float
    ) -> BasePruningMethod:
        """See :meth:`BasePruningMethod.apply`."""
        return super().apply(module, name, amount=amount)


class L1Unstructured(_Amount):
    """Prunes the elements of the smallest absolute values.

    Args:
        amount: how many (int), or which share of them (float).

    Source: PyTorch's ``torch.nn.utils.prune.L1Unstructured``.
    """

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return `default_mask` with zeros for the smallest elements."""
        number = self._number(t.numel())
        smallest = t.abs().reshape(-1).topk(number, largest=False).indices
        return _without(default_mask, smallest)

    @classmethod
    def apply(  # type: ignore[override]
        cls, module: Module, name: str, amount: float, importance_scores: Any = None
    ) -> BasePruningMethod:
        """See :meth:`BasePruningMethod.apply`."""
        return super().apply(module, name, amount=amount, importance_scores=importance_scores)


def _without(mask: Tensor, places: Tensor) -> Tensor:
    flat = mask.reshape(-1).clone()
    flat[places] = 0
    return flat.reshape(mask.shape)


class _Structured(_Amount):
    """A method that prunes whole channels."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: float, dim: int = -1) -> None:
        super().__init__(amount)
        self.dim = dim

    def _keep(self, t: Tensor, number: int) -> Tensor:
        """Whether each channel stays, when so many are pruned."""
        raise NotImplementedError

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return `default_mask` with zeros for whole channels."""
        if t.ndim < 2:
            raise ValueError(
                f"{type(self).__name__}: channels of a tensor with {t.ndim} dimensions are its "
                "elements. Mend: an unstructured method."
            )
        check_dim(t, self.dim)
        dim = self.dim % t.ndim
        number = self._number(t.shape[dim])
        if not number:
            return default_mask
        shape = [-1 if d == dim else 1 for d in range(t.ndim)]
        return self._keep(t, number).to(t.dtype).reshape(shape) * default_mask.to(t.dtype)


class RandomStructured(_Structured):
    """Prunes channels at random.

    Args:
        amount: how many (int), or which share of them (float).
        dim: the dimension of the channels; default the last.

    Source: PyTorch's ``torch.nn.utils.prune.RandomStructured``; one seed gives the same mask.
    """

    def _keep(self, t: Tensor, number: int) -> Tensor:
        drawn = ag.rand(t.shape[self.dim], device="cpu")
        return (drawn > drawn.kthvalue(number).values).to(t.device)

    @classmethod
    def apply(  # type: ignore[override]
        cls, module: Module, name: str, amount: float, dim: int = -1
    ) -> BasePruningMethod:
        """See :meth:`BasePruningMethod.apply`."""
        return super().apply(module, name, amount=amount, dim=dim)


class LnStructured(_Structured):
    """Prunes the channels of the smallest norms.

    Args:
        amount: how many (int), or which share of them (float).
        n: which norm; see `norm`.
        dim: the dimension of the channels; default the last.

    Source: PyTorch's ``torch.nn.utils.prune.LnStructured``.
    """

    def __init__(self, amount: float, n: Any, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def _keep(self, t: Tensor, number: int) -> Tensor:
        dim = self.dim % t.ndim
        norms = ag.norm(t, p=self.n, dim=[d for d in range(t.ndim) if d != dim])
        keep = ag.zeros_like(norms, dtype=ag.bool)
        keep[norms.topk(t.shape[dim] - number).indices] = True
        return keep

    @classmethod
    def apply(  # type: ignore[override]
        cls, module: Module, name: str, amount: float, n: Any, dim: int,
        importance_scores: Any = None,
    ) -> BasePruningMethod:  # fmt: skip
        """See :meth:`BasePruningMethod.apply`."""
        return super().apply(
            module, name, amount=amount, n=n, dim=dim, importance_scores=importance_scores
        )
