"""Recurrent layers that take one step at a time."""

from __future__ import annotations

import math
from typing import Any

import autograd_core as ag
from autograd_core.nn import init
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.tensor import Tensor


class RNNCellBase(Module):
    """What the cells share: their weights, and how an input without a batch is taken.

    Args:
        input_size: number of features of the input.
        hidden_size: number of features of a state.
        bias: learn biases.
        num_chunks: how many times `hidden_size` the weights have rows.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Source: PyTorch's ``torch.nn.RNNCellBase``.
    """

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = num_chunks * hidden_size
        shapes: dict[str, tuple[int, ...] | None] = {
            "weight_ih": (rows, input_size),
            "weight_hh": (rows, hidden_size),
            "bias_ih": (rows,) if bias else None,
            "bias_hh": (rows,) if bias else None,
        }
        for name, shape in shapes.items():
            values = None if shape is None else ag.empty(shape, device=device, dtype=dtype)
            self.register_parameter(name, None if values is None else Parameter(values))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights and biases, evenly over +-1/sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _step(self, function: Any, input: Tensor, states: Any, number: int) -> tuple[Tensor, ...]:
        """The next states, with or without a batch; ``function`` takes input, states, weights."""
        name = type(self).__name__
        if input.ndim not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        batched = input.ndim == 2
        if not batched:
            input = input.unsqueeze(0)
        if states is None:
            zeros = ag.zeros(
                input.shape[0], self.hidden_size, dtype=input.dtype, device=input.device
            )
            states = (zeros,) * number
        else:
            for state in states:
                if state.ndim not in (1, 2):
                    raise ValueError(
                        f"{name}: Expected hidden to be 1D or 2D, got {state.ndim}D instead"
                    )
            states = tuple([s if batched else s.unsqueeze(0) for s in states])
        hx = states if number > 1 else states[0]
        weights = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        found = function(input, hx, *weights)
        found = found if number > 1 else (found,)
        return found if batched else tuple([state.squeeze(0) for state in found])

    def extra_repr(self) -> str:
        """Return the sizes, as PyTorch prints them."""
        text = f"{self.input_size}, {self.hidden_size}"
        return text if self.bias is True else f"{text}, bias={self.bias}"


class RNNCell(RNNCellBase):
    """One step of :class:`~autograd_core.nn.RNN`: ``h' = tanh(W_ih x + b_ih + W_hh h + b_hh)``.

    Args:
        input_size: number of features F of the input.
        hidden_size: number of features H of a state.
        bias: learn biases; default True.
        nonlinearity: "tanh" (default) or "relu".
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input (N, F), hx and output (N, H); or all without N.

    Attributes:
        weight_ih, weight_hh: (H, F) and (H, H).
        bias_ih, bias_hh: (H,).

    Source: PyTorch's ``torch.nn.RNNCell``; Elman, "Finding structure in time" (1990).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.RNNCell(3, 4)(ag.ones(2, 3)).shape
        autograd_core.Size([2, 4])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return the next state.

        Args:
            input, hx: see Shape; `hx` is zeros if left out.

        Raises:
            RuntimeError: `nonlinearity` is another.
        """
        functions = {"tanh": ag.rnn_tanh_cell, "relu": ag.rnn_relu_cell}
        if self.nonlinearity not in functions:
            raise RuntimeError(f"RNNCell: Unknown nonlinearity: {self.nonlinearity!r}")
        states = None if hx is None else (hx,)
        return self._step(functions[self.nonlinearity], input, states, 1)[0]

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        text = super().extra_repr()
        return text if self.nonlinearity == "tanh" else f"{text}, nonlinearity={self.nonlinearity}"


class LSTMCell(RNNCellBase):
    """One step of :class:`~autograd_core.nn.LSTM`.

    Args:
        input_size: number of features F of the input.
        hidden_size: number of features H of a state and of a cell.
        bias: learn biases; default True.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input (N, F), hx and output pairs of (N, H), state and cell; or all without N.

    Attributes:
        weight_ih, weight_hh: (4H, F) and (4H, H), for i, f, g and o.
        bias_ih, bias_hh: (4H,).

    Source: PyTorch's ``torch.nn.LSTMCell``; Hochreiter and Schmidhuber, "Long short-term memory"
    (1997).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> hidden, cell = nn.LSTMCell(3, 4)(ag.ones(2, 3))
        >>> hidden.shape, cell.shape
        (autograd_core.Size([2, 4]), autograd_core.Size([2, 4]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the next state and cell.

        Args:
            input, hx: see Shape; `hx` is zeros if left out.
        """
        return self._step(ag.lstm_cell, input, hx, 2)  # type: ignore[return-value]


class GRUCell(RNNCellBase):
    """One step of :class:`~autograd_core.nn.GRU`.

    Args:
        input_size: number of features F of the input.
        hidden_size: number of features H of a state.
        bias: learn biases; default True.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input (N, F), hx and output (N, H); or all without N.

    Attributes:
        weight_ih, weight_hh: (3H, F) and (3H, H), for r, z and n.
        bias_ih, bias_hh: (3H,).

    Source: PyTorch's ``torch.nn.GRUCell``; Cho et al., "Learning phrase representations using RNN
    encoder-decoder" (2014).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.GRUCell(3, 4)(ag.ones(2, 3)).shape
        autograd_core.Size([2, 4])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return the next state.

        Args:
            input, hx: see Shape; `hx` is zeros if left out.
        """
        return self._step(ag.gru_cell, input, None if hx is None else (hx,), 1)[0]
