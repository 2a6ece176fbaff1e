"""Recurrent layers over whole sequences."""

from __future__ import annotations

import math
import warnings
from typing import Any

import autograd_core as ag
from autograd_core.errors import ShapeError
from autograd_core.nn import init
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.nn.utils.rnn import PackedSequence
from autograd_core.tensor import Tensor

_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


class RNNBase(Module):
    """What RNN, LSTM and GRU share: their weights, and how an input is walked over.

    Args:
        mode: "LSTM", "GRU", "RNN_TANH" or "RNN_RELU".
        input_size: number of features of the input.
        hidden_size: number of features of a state.
        num_layers: number of layers; each sees the output of the one before; default 1.
        bias: learn biases; default True.
        batch_first: input and output are (N, T, ...) instead of (T, N, ...); default False.
        dropout: probability of dropping what one layer hands to the next while training; default 0.
        bidirectional: walk in both directions; the outputs stand side by side; default False.
        proj_size: project states to this number of features (LSTM only); default 0, do not.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Raises:
        ValueError: a size, a number of layers or a probability that makes no sense.
        TypeError: sizes that are no integers, flags that are no bools.

    Source: PyTorch's ``torch.nn.RNNBase``.
    """

    def __init__(
        self,
        mode: str,
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
        super().__init__()
        name = type(self).__name__
        if mode not in _GATES:
            raise ValueError(f"{name}: mode must be one of {', '.join(_GATES)}, got {mode!r}")
        for argument, flag in (("bias", bias), ("batch_first", batch_first)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name}: {argument} should be of type bool, got {flag!r}")
        for argument, size in (("input_size", input_size), ("hidden_size", hidden_size)):
            if not isinstance(size, int):
                raise TypeError(f"{name}: {argument} should be of type int, got {size!r}")
            if size <= 0:
                raise ValueError(f"{name}: {argument} must be greater than zero, got {size}")
        if num_layers <= 0:
            raise ValueError(f"{name}: num_layers must be greater than zero, got {num_layers}")
        if not 0 <= proj_size < hidden_size:
            raise ValueError(
                f"{name}: proj_size has to be smaller than hidden_size, {hidden_size}, or zero to "
                f"disable projections, got {proj_size}"
            )
        if isinstance(dropout, bool) or not 0 <= dropout <= 1:
            raise ValueError(
                f"{name}: dropout should be a number in range [0, 1], the probability of an "
                f"element being zeroed, got {dropout!r}"
            )
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                f"{name}: dropout is between layers, so dropout={dropout} does nothing with "
                f"num_layers=1",
                stacklevel=3,
            )
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._all_weights: list[list[str]] = []
        for layer in range(num_layers):
            for suffix in ("", "_reverse") if bidirectional else ("",):
                shapes = self._shapes(layer)
                names = [f"{kind}_l{layer}{suffix}" for kind in shapes]
                for key, shape in zip(names, shapes.values()):
                    values = ag.empty(shape, device=device, dtype=dtype)
                    self.register_parameter(key, Parameter(values))
                self._all_weights.append(names)
        self.reset_parameters()

    def _shapes(self, layer: int) -> dict[str, tuple[int, ...]]:
        """The shapes of a layer's weights in one direction, by the first part of their names."""
        state = self.proj_size or self.hidden_size
        features = self.input_size if layer == 0 else state * (1 + self.bidirectional)
        rows = _GATES[self.mode] * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, features),
            "weight_hh": (rows, state),
        }
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size:
            shapes |= {"weight_hr": (self.proj_size, self.hidden_size)}
        return shapes

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The weights of each layer in each direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def flatten_parameters(self) -> None:
        """Do nothing; there for programs written for PyTorch."""

    def reset_parameters(self) -> None:
        """Draw new weights and biases, evenly over +-1/sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _state_sizes(self) -> tuple[int, ...]:
        """The number of features of each of a layer's states."""
        return (self.hidden_size,)

    def _network(self, input: Tensor, states: tuple[Tensor, ...], batch_sizes: Any) -> Any:
        """The output and the last states of all layers."""
        functions = {"GRU": ag.gru, "RNN_TANH": ag.rnn_tanh, "RNN_RELU": ag.rnn_relu}
        return self._call(functions[self.mode], input, states[0], batch_sizes)

    def _call(self, function: Any, input: Tensor, hx: Any, batch_sizes: Any, **more: Any) -> Any:
        weights = [weight for layer in self.all_weights for weight in layer]
        padded = batch_sizes is None
        return function(
            input, hx, weights, self.bias, self.num_layers, self.dropout, self.training,
            self.bidirectional, self.batch_first and padded, batch_sizes=batch_sizes, **more,
        )  # fmt: skip

    def _walk(self, input: Any, states: tuple[Tensor, ...] | None) -> tuple[Any, ...]:
        """The output for a tensor or packed sequences, and the last states."""
        packed = isinstance(input, PackedSequence)
        data = input.data if packed else input
        weight = self.all_weights[0][0]
        if data.dtype != weight.dtype:
            raise ValueError(
                f"{type(self).__name__}: input dtype ({data.dtype}) does not match weight dtype "
                f"({weight.dtype}). Mend: input.to({weight.dtype})"
            )
        if packed:
            rows = int(input.batch_sizes[0])
            order = input.sorted_indices
            if order is not None and states is not None:
                for state in states:
                    if state.ndim != 3 or state.shape[1] != rows:
                        raise ShapeError(
                            f"{type(self).__name__}: expected states (layers, {rows}, features) "
                            f"for {rows} packed sequences, got {tuple(state.shape)}"
                        )
                states = tuple([state.index_select(1, order) for state in states])
            out, *lasts = self._network(data, self._first(data, rows, states), input.batch_sizes)
            if order is not None:
                lasts = [state.index_select(1, input.unsorted_indices) for state in lasts]
            fields = (input.batch_sizes, order, input.unsorted_indices)
            return (PackedSequence(out, *fields), *lasts)
        if data.ndim not in (2, 3):
            raise ValueError(
                f"{type(self).__name__}: Expected input to be 2D or 3D, got {data.ndim}D instead"
            )
        batched, place = data.ndim == 3, 0 if self.batch_first else 1
        for state in states or ():
            if state.ndim != data.ndim:
                raise ShapeError(
                    f"{type(self).__name__}: For {data.ndim}-D input, hx should also be "
                    f"{data.ndim}-D but got {state.ndim}-D"
                )
        if not batched:
            data = data.unsqueeze(place)
            states = None if states is None else tuple([state.unsqueeze(1) for state in states])
        out, *lasts = self._network(data, self._first(data, data.shape[place], states), None)
        if not batched:
            return (out.squeeze(place), *[state.squeeze(1) for state in lasts])
        return (out, *lasts)

    def _first(
        self, data: Tensor, rows: int, states: tuple[Tensor, ...] | None
    ) -> tuple[Tensor, ...]:
        """The states to begin with: zeros, unless given ones, which must fit."""
        layers = len(self._all_weights)
        shapes = [(layers, rows, size) for size in self._state_sizes()]
        if states is None:
            return tuple([ag.zeros(s, dtype=data.dtype, device=data.device) for s in shapes])
        for state, shape in zip(states, shapes):
            if tuple(state.shape) != shape:
                raise ShapeError(
                    f"{type(self).__name__}: Expected hidden size {shape}, got {tuple(state.shape)}"
                )
        return states

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        options = {
            "proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0,
            "bidirectional": False,
        }  # fmt: skip
        changed = [f"{k}={getattr(self, k)}" for k, v in options.items() if getattr(self, k) != v]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *changed])


class RNN(RNNBase):
    """A recurrent network of Elman's kind: ``h' = tanh(W_ih x + b_ih + W_hh h + b_hh)``.

    Args:
        input_size: number of features F of the input.
        hidden_size: number of features H of a state.
        num_layers: number of layers; each sees the output of the one before; default 1.
        nonlinearity: "tanh" (default) or "relu".
        bias: learn biases; default True.
        batch_first: input and output are (N, T, ...) instead of (T, N, ...); default False.
        dropout: probability of dropping what one layer hands to the next while training; default 0.
        bidirectional: walk in both directions (D = 2); default False (D = 1).
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input (T, N, F), or (T, F) without a batch, or a PackedSequence; hx (num_layers * D, N,
    H). Output (T, N, D * H), or as the input, and the last states, of the shape of hx.

    Attributes:
        weight_ih_l[k], weight_hh_l[k]: (H, F) and (H, H) of layer k; F is D * H after the first.
            Those of the other direction end with _reverse.
        bias_ih_l[k], bias_hh_l[k]: (H,).

    Raises:
        ValueError: `nonlinearity` is another, or a size makes no sense.

    Source: PyTorch's ``torch.nn.RNN``; Elman, "Finding structure in time" (1990). The same seed
    gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> out, last = nn.RNN(3, 4)(ag.ones(5, 2, 3))
        >>> out.shape, last.shape
        (autograd_core.Size([5, 2, 4]), autograd_core.Size([1, 2, 4]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(
            f"RNN_{nonlinearity.upper()}", input_size, hidden_size, num_layers, bias, batch_first,
            dropout, bidirectional, device=device, dtype=dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        """Return the last layer's states at all steps, and the last states of all layers.

        Args:
            input, hx: see Shape; `hx` is zeros if left out.
        """
        return self._walk(input, None if hx is None else (hx,))  # type: ignore[return-value]


class GRU(RNNBase):
    """Gated recurrent units, whose gates say how much of the last state stays.

    ``r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh)``, ``n = tanh(W_in x + b_in + r * (W_hn h +
    b_hn))``, ``h' = (1 - z) * n + z * h``.

    Args:
        input_size: number of features F of the input.
        hidden_size: number of features H of a state.
        num_layers: number of layers; each sees the output of the one before; default 1.
        bias: learn biases; default True.
        batch_first: input and output are (N, T, ...) instead of (T, N, ...); default False.
        dropout: probability of dropping what one layer hands to the next while training; default 0.
        bidirectional: walk in both directions (D = 2); default False (D = 1).
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input (T, N, F), or (T, F) without a batch, or a PackedSequence; hx (num_layers * D, N,
    H). Output (T, N, D * H), or as the input, and the last states, of the shape of hx.

    Attributes:
        weight_ih_l[k], weight_hh_l[k]: (3H, F) and (3H, H) of layer k, for r, z and n; F is D * H
            after the first. Those of the other direction end with _reverse.
        bias_ih_l[k], bias_hh_l[k]: (3H,).

    Raises:
        ValueError: a size makes no sense.

    Source: PyTorch's ``torch.nn.GRU``; Cho et al., "Learning phrase representations using RNN
    encoder-decoder" (2014). The same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> out, last = nn.GRU(3, 4, num_layers=2)(ag.ones(5, 2, 3))
        >>> out.shape, last.shape
        (autograd_core.Size([5, 2, 4]), autograd_core.Size([2, 2, 4]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            "GRU", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device=device, dtype=dtype,
        )  # fmt: skip

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        """Return the last layer's states at all steps, and the last states of all layers.

        Args:
            input, hx: see Shape; `hx` is zeros if left out.
        """
        return self._walk(input, None if hx is None else (hx,))  # type: ignore[return-value]
