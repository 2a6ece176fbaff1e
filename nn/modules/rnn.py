"""Names of ``torch.nn.modules.rnn``."""

from __future__ import annotations

from autograd_core.nn.recurrent import GRU, RNN, RNNBase
from autograd_core.nn.recurrent_cells import GRUCell, LSTMCell, RNNCell, RNNCellBase
from autograd_core.nn.recurrent_lstm import LSTM

__all__ = ["GRU", "GRUCell", "LSTM", "LSTMCell", "RNN", "RNNBase", "RNNCell", "RNNCellBase"]
