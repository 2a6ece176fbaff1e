"""Tables of vectors, looked up by number, one by one or in bags."""

from __future__ import annotations

from typing import Any

import autograd_core as ag
from autograd_core.nn import functional as F
from autograd_core.nn import init
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.tensor import Tensor


def _padding(layer: str, padding_idx: int | None, rows: int) -> int | None:
    """``padding_idx`` as a number from 0 on."""
    if padding_idx is None:
        return None
    if not -rows <= padding_idx < rows:
        raise ValueError(f"{layer}: padding_idx={padding_idx} is out of range for {rows} numbers")
    return padding_idx % rows


def _check_table(layer: str, table: Tensor, shape: tuple[int, int]) -> None:
    if tuple(table.shape) != shape:
        raise ValueError(f"{layer}: expected a table {shape}, got {tuple(table.shape)}")


def _table_shape(embeddings: Tensor) -> tuple[int, int]:
    if embeddings.ndim != 2:
        raise ValueError(
            f"from_pretrained: embeddings must be (numbers, size), got shape "
            f"{tuple(embeddings.shape)}"
        )
    rows, size = embeddings.shape
    return rows, size


def _draw(table: Parameter, padding: int | None) -> None:
    """Normally distributed vectors, but zeros for the padding."""
    init.normal_(table)
    if padding is not None:
        with ag.no_grad():
            table[padding].fill_(0)


class Embedding(Module):
    """A learned vector for each number.

    Args:
        num_embeddings: how many numbers there are.
        embedding_dim: size of each vector.
        padding_idx: the vector of this number is zeros at first and never learned.
        max_norm: vectors that are asked for and longer are scaled to this length.
        norm_type: the exponent of the norm that this means; default 2.
        scale_grad_by_freq: divide gradients by how often their number occurs; default False.
        sparse: accepted as in PyTorch; gradients are dense.
        device: where the table is made; the default device if left out.
        dtype: its dtype; the default dtype if left out.

    Shape: integers of any shape, output with embedding_dim behind it.

    Attributes:
        weight: (num_embeddings, embedding_dim), normally distributed at first.

    Raises:
        ValueError: `padding_idx` is out of range.

    Source: PyTorch's ``torch.nn.Embedding``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Embedding(10, 3)(ag.tensor([[1, 2], [4, 3]])).shape
        autograd_core.Size([2, 2, 3])
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = _padding("Embedding", padding_idx, num_embeddings)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        shape = (num_embeddings, embedding_dim)
        if _weight is not None:
            _check_table("Embedding", _weight, shape)
            self.weight = Parameter(_weight, requires_grad=not _freeze)
        else:
            table = ag.empty(shape, device=device, dtype=dtype)
            self.weight = Parameter(table, requires_grad=not _freeze)
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new vectors."""
        _draw(self.weight, self.padding_idx)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Embedding:
        """A layer around a given table.

        Args:
            embeddings: (numbers, size).
            freeze: do not learn it; default True.
            padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse: as for the class.

        Raises:
            ValueError: the table has not two dimensions.
        """
        rows, size = _table_shape(embeddings)
        return cls(
            rows, size, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse,
            _weight=embeddings, _freeze=freeze,
        )  # fmt: skip

    def forward(self, input: Tensor) -> Any:
        """Return the vectors of the numbers in `input`."""
        return F.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type,
            self.scale_grad_by_freq, self.sparse,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Return the sizes and options, as PyTorch prints them."""
        parts = [f"{self.num_embeddings}, {self.embedding_dim}"]
        if self.padding_idx is not None:
            parts.append(f"padding_idx={self.padding_idx}")
        if self.max_norm is not None:
            parts.append(f"max_norm={self.max_norm}")
        if self.norm_type != 2:
            parts.append(f"norm_type={self.norm_type}")
        if self.scale_grad_by_freq:
            parts.append(f"scale_grad_by_freq={self.scale_grad_by_freq}")
        if self.sparse:
            parts.append("sparse=True")
        return ", ".join(parts)


class EmbeddingBag(Module):
    """A learned vector for each number, and the sum, mean or maximum of those of a bag of numbers.

    Args:
        num_embeddings: how many numbers there are.
        embedding_dim: size of each vector.
        max_norm: vectors that are asked for and longer are scaled to this length.
        norm_type: the exponent of the norm that this means; default 2.
        scale_grad_by_freq: divide gradients by how often their number occurs; not for "max".
        mode: "mean" (default), "sum" or "max".
        sparse: accepted as in PyTorch; gradients are dense.
        include_last_offset: offsets end with where the last bag ends.
        padding_idx: vectors of this number do not count, are zeros at first and never learned.
        device: where the table is made; the default device if left out.
        dtype: its dtype; the default dtype if left out.

    Shape: integers (bags, n), or (n) with the offsets at which bags start; output
    (bags, embedding_dim).

    Attributes:
        weight: (num_embeddings, embedding_dim), normally distributed at first.

    Raises:
        ValueError: `padding_idx` is out of range, or `mode` is unknown.

    Source: PyTorch's ``torch.nn.EmbeddingBag``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.EmbeddingBag(10, 3)(ag.tensor([1, 2, 4]), ag.tensor([0, 2])).shape
        autograd_core.Size([2, 3])
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if mode not in ("sum", "mean", "max"):
            raise ValueError(f"EmbeddingBag: mode must be 'sum', 'mean' or 'max', got {mode!r}")
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.padding_idx = _padding("EmbeddingBag", padding_idx, num_embeddings)
        self.mode = mode
        self.sparse = sparse
        self.include_last_offset = include_last_offset
        if _weight is not None:
            _check_table("EmbeddingBag", _weight, (num_embeddings, embedding_dim))
            self.weight = Parameter(_weight)
        else:
            self.weight = Parameter(
                ag.empty((num_embeddings, embedding_dim), device=device, dtype=dtype)
            )
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new vectors."""
        _draw(self.weight, self.padding_idx)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> EmbeddingBag:
        """A layer around a given table.

        Args:
            embeddings: (numbers, size).
            freeze: do not learn it; default True.
            max_norm, norm_type, scale_grad_by_freq, mode, sparse, include_last_offset, padding_idx:
                as for the class.

        Raises:
            ValueError: the table has not two dimensions.
        """
        rows, size = _table_shape(embeddings)
        layer = cls(
            rows, size, max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings,
            include_last_offset, padding_idx,
        )  # fmt: skip
        layer.weight.requires_grad_(not freeze)
        return layer

    def forward(
        self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None
    ) -> Any:
        """Return what the bags of numbers in `input` come to."""
        return F.embedding_bag(
            input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq,
            self.mode, self.sparse, per_sample_weights, self.include_last_offset, self.padding_idx,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Return the sizes and options, as PyTorch prints them."""
        parts = [f"{self.num_embeddings}, {self.embedding_dim}"]
        if self.max_norm is not None:
            parts.append(f"max_norm={self.max_norm}")
        if self.norm_type != 2:
            parts.append(f"norm_type={self.norm_type}")
        if self.scale_grad_by_freq:
            parts.append(f"scale_grad_by_freq={self.scale_grad_by_freq}")
        parts.append(f"mode={self.mode!r}")
        if self.padding_idx is not None:
            parts.append(f"padding_idx={self.padding_idx}")
        return ", ".join(parts)
