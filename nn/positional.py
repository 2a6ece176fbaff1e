"""Where an element stands in its sequence, told to attention; and a cache of keys and values."""

from __future__ import annotations

from typing import Any

import autograd_core as ag
from autograd_core.errors import ShapeError
from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class RoPE(Module):
    """Rotary position embedding: turns pairs of features of queries and keys by their positions.

    Args:
        dims: how many of the first features to turn, an even number.
        traditional: pairs are neighbouring features; default False: feature i and i + dims / 2.
        base: pair i turns by base ** (-2 i / dims) from one position to the next; default 10000.
        scale: positions are multiplied by it; default 1.

    Shape: input (..., T, E), output likewise.

    Source: Su et al., "RoFormer: Enhanced transformer with rotary position embedding" (2021).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.RoPE(4)(ag.ones(2, 3, 5, 8)).shape
        autograd_core.Size([2, 3, 5, 8])
    """

    def __init__(
        self, dims: int, traditional: bool = False, base: float = 10000.0, scale: float = 1.0
    ) -> None:
        super().__init__()
        self.dims = dims
        self.traditional = traditional
        self.base = base
        self.scale = scale

    def forward(self, input: Tensor, offset: int = 0) -> Tensor:
        """Return `input` turned.

        Args:
            input: queries or keys, see Shape.
            offset: position of the first row, for sequences that go on from a cache.
        """
        return F.rope(input, self.dims, self.traditional, self.base, self.scale, offset)

    def extra_repr(self) -> str:
        """Return the options."""
        return f"{self.dims}, traditional={self.traditional}, base={self.base}, scale={self.scale}"


class SinusoidalPositionalEncoding(Module):
    """Sines and cosines of positions, to be added to the elements of a sequence.

    Features 2i and 2i + 1 are sine and cosine of ``position / base ** (2i / dims)``.

    Args:
        dims: number of features E, even.
        base: default 10000.

    Shape: positions of any shape, output with E behind it.

    Raises:
        ValueError: `dims` is odd.

    Source: Vaswani et al., "Attention is all you need" (2017).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.SinusoidalPositionalEncoding(4)(ag.arange(2))
        tensor([[0.0000, 1.0000, 0.0000, 1.0000],
                [0.8415, 0.5403, 0.0100, 0.9999]])
    """

    def __init__(self, dims: int, base: float = 10000.0) -> None:
        super().__init__()
        if dims <= 0 or dims % 2:
            raise ValueError(f"SinusoidalPositionalEncoding: dims must be even, got {dims}")
        self.dims = dims
        self.base = base

    def forward(self, positions: Tensor) -> Tensor:
        """Return the encoding of `positions`, integers or floating-point numbers."""
        if not positions.is_floating_point():
            positions = positions.to(ag.get_default_dtype())
        steps = ag.arange(0, self.dims, 2, dtype=ag.float64, device=positions.device)
        rates = (self.base ** (-steps / self.dims)).to(positions.dtype)
        angles = positions.unsqueeze(-1) * rates
        return ag.stack([angles.sin(), angles.cos()], -1).flatten(-2)

    def extra_repr(self) -> str:
        """Return the options."""
        return f"{self.dims}, base={self.base}"


def _slopes(heads: int) -> list[float]:
    """The slopes of the paper: a geometric sequence; between powers of two every other one of the
    next sequence is added."""
    power = 1 << (heads.bit_length() - 1)
    slopes = [2.0 ** (-8.0 * (i + 1) / power) for i in range(power)]
    return slopes + [2.0 ** (-4.0 * (2 * i + 1) / power) for i in range(heads - power)]


class ALiBi(Module):
    """Attention with linear biases: what to add to scores, less the farther two elements are apart.

    Each head has its own slope. Give the result to attention as `attn_mask`.

    Args:
        num_heads: number of heads H.
        device: where the slopes are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Raises:
        ValueError: `num_heads` is not positive.

    Source: Press, Smith and Lewis, "Train short, test long: Attention with linear biases enables
    input length extrapolation" (2022).

    Example:
        >>> from autograd_core import nn
        >>> nn.ALiBi(8)(3)[0]
        tensor([[ 0.0000, -0.5000, -1.0000],
                [-0.5000,  0.0000, -0.5000],
                [-1.0000, -0.5000,  0.0000]])
    """

    slopes: Tensor

    def __init__(self, num_heads: int, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        if num_heads <= 0:
            raise ValueError(f"ALiBi: num_heads must be positive, got {num_heads}")
        self.num_heads = num_heads
        slopes = ag.tensor(_slopes(num_heads), device=device, dtype=dtype)
        self.register_buffer("slopes", slopes, persistent=False)

    def forward(self, length: int, key_length: int | None = None) -> Tensor:
        """Return the biases (H, L, S).

        Args:
            length: number L of queries, which are the last of the sequence.
            key_length: number S of keys; default L.
        """
        keys = length if key_length is None else key_length
        device = self.slopes.device
        queries = ag.arange(keys - length, keys, device=device).unsqueeze(1)
        nearness = -(queries - ag.arange(keys, device=device)).abs()
        return self.slopes.reshape(-1, 1, 1) * nearness.to(self.slopes.dtype)

    def extra_repr(self) -> str:
        """Return the number of heads."""
        return f"{self.num_heads}"


class KVCache:
    """The keys and values of the elements that were seen, so that each is computed once.

    For inference: use it under `no_grad()`. A block of L new elements sees S elements in all and,
    if L > 1, needs the mask `ag.ones(L, S, dtype=ag.bool).tril(S - L)`.

    Attributes:
        length: how many elements it holds.

    Source: Pope et al., "Efficiently scaling Transformer inference" (2022).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> cache = nn.KVCache()
        >>> for step in range(3):
        ...     new = ag.full((1, 2, 1, 4), float(step))
        ...     keys, values = cache.update(new, new)
        >>> keys.shape, cache.length
        (autograd_core.Size([1, 2, 3, 4]), 3)
    """

    def __init__(self) -> None:
        self._store: list[Tensor] = []
        self.length = 0

    def update(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add keys and values; return all so far, in memory that the cache goes on using.

        Args:
            keys, values: (..., L, E) and (..., L, Ev), of the L elements that come next.

        Raises:
            RuntimeError: they require grad, which the cache does not keep.
            ShapeError: the other sizes are not those of what came before.
        """
        given = (keys, values)
        if any(new.requires_grad for new in given):
            raise RuntimeError("KVCache: gradients are not kept. Mend: with ag.no_grad(): ...")
        start, length = self.length, self.length + keys.shape[-2]
        if not self._store:
            self._store = [self._room(new, length) for new in given]
        for i, new in enumerate(given):
            old = self._store[i]
            if (*new.shape[:-2], new.shape[-1]) != (*old.shape[:-2], old.shape[-1]):
                raise ShapeError(
                    f"KVCache: expected new elements as those before, {tuple(old.shape)} but for "
                    f"the last but one size, got {tuple(new.shape)}"
                )
            if length > old.shape[-2]:
                # Twice as much as before, so that all copies together cost as much as one.
                self._store[i] = self._room(new, max(length, 2 * old.shape[-2]))
                self._store[i][..., :start, :] = old[..., :start, :]
            self._store[i][..., start:length, :] = new
        self.length = length
        return tuple(store[..., :length, :] for store in self._store)  # type: ignore[return-value]

    @staticmethod
    def _room(new: Tensor, length: int) -> Tensor:
        shape = (*new.shape[:-2], length, new.shape[-1])
        return ag.empty(shape, dtype=new.dtype, device=new.device)

    def reset(self) -> None:
        """Forget all elements."""
        self._store, self.length = [], 0
