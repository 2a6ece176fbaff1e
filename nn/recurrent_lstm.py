"""Long short-term memory as layers."""

from __future__ import annotations

from typing import Any

import autograd_core as ag
from autograd_core.nn.recurrent import RNNBase
from autograd_core.tensor import Tensor


class LSTM(RNNBase):
    """Long short-term memory: cells that gates write to, erase and read.

    ``i, f, g, o = W_ih x + b_ih + W_hh h + b_hh``, ``c' = sigmoid(f) * c + sigmoid(i) * tanh(g)``,
    ``h' = sigmoid(o) * tanh(c')``; with projections ``h' = W_hr (sigmoid(o) * tanh(c'))``.

    Args:
        input_size: number of features F of the input.
        hidden_size: number of features C of a cell.
        num_layers: number of layers; each sees the output of the one before; default 1.
        bias: learn biases; default True.
        batch_first: input and output are (N, T, ...) instead of (T, N, ...); default False.
        dropout: probability of dropping what one layer hands to the next while training; default 0.
        bidirectional: walk in both directions (D = 2); default False (D = 1).
        proj_size: project states to this number of features H; default 0, do not, and H is C.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input (T, N, F), or (T, F) without a batch, or a PackedSequence; hx a pair, states
    (num_layers * D, N, H) and cells (num_layers * D, N, C). Output (T, N, D * H), or as the input,
    and the pair of the last states and cells.

    Attributes:
        weight_ih_l[k], weight_hh_l[k]: (4C, F) and (4C, H) of layer k, for i, f, g and o; F is
            D * H after the first. Those of the other direction end with _reverse.
        bias_ih_l[k], bias_hh_l[k]: (4C,).
        weight_hr_l[k]: (H, C), the projection.

    Raises:
        ValueError: a size makes no sense.

    Source: PyTorch's ``torch.nn.LSTM``; Hochreiter and Schmidhuber, "Long short-term memory"
    (1997); for projections Sak et al. (2014). The same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> out, (h, c) = nn.LSTM(3, 4, bidirectional=True)(ag.ones(5, 2, 3))
        >>> out.shape, c.shape
        (autograd_core.Size([5, 2, 8]), autograd_core.Size([2, 2, 4]))
    """

    peepholes = False

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            "LSTM", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            proj_size, device, dtype,
        )  # fmt: skip

    def _state_sizes(self) -> tuple[int, ...]:
        return (self.proj_size or self.hidden_size, self.hidden_size)

    def _network(self, input: Tensor, states: tuple[Tensor, ...], batch_sizes: Any) -> Any:
        return self._call(ag.lstm, input, states, batch_sizes, peepholes=self.peepholes)

    def forward(
        self, input: Any, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Any, tuple[Tensor, Tensor]]:
        """Return the last layer's states at all steps, and the last states and cells of all layers.

        Args:
            input, hx: see Shape; `hx` is zeros if left out.

        Raises:
            TypeError: `hx` is no pair.
        """
        if hx is not None and (not isinstance(hx, (tuple, list)) or len(hx) != 2):
            raise TypeError(
                f"{type(self).__name__}: hx must be a pair, of states and of cells, got "
                f"{type(hx).__name__}"
            )
        out, hidden, cell = self._walk(input, hx)
        return out, (hidden, cell)


class PeepholeLSTM(LSTM):
    """:class:`LSTM` whose gates see the cells as well: i and f the last ones, o the new ones.

    Arguments and shapes as there.

    Attributes:
        weight_ch_l[k]: (3, C), the weights with which i, f and o see the cells of layer k; each
            gate its own cell. The others as of LSTM.

    Source: Gers and Schmidhuber, "Recurrent nets that time and count" (2000).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> out, (h, c) = nn.PeepholeLSTM(3, 4)(ag.ones(5, 2, 3))
        >>> out.shape
        autograd_core.Size([5, 2, 4])
    """

    peepholes = True

    def _shapes(self, layer: int) -> dict[str, tuple[int, ...]]:
        return {**super()._shapes(layer), "weight_ch": (3, self.hidden_size)}
