"""Recurrent layers and cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from module_grid.case import Case, Given, Packed, fixed, floats, given, grid, integers

BOTH = [True, False]
FEATURES, HIDDEN, STEPS, BATCH = 3, 4, 5, 3


def cells() -> Iterator[Case]:
    for name in ("RNNCell", "LSTMCell", "GRUCell"):
        calls = []
        for lead in ((BATCH,), (), (0,)):
            x, h = floats(*lead, FEATURES), floats(*lead, HIDDEN)
            states: list[Any] = [None, (h, floats(*lead, HIDDEN)) if name[0] == "L" else h]
            calls += [given(x), *(given(x, state) for state in states)]
        more = {"nonlinearity": ["tanh", "relu"]} if name == "RNNCell" else {}
        yield from grid(name, calls, input_size=[FEATURES], hidden_size=[HIDDEN], bias=BOTH, **more)
        yield from grid(name, [given(floats(2, 1))], 1, 1)
        wrong = [given(floats(BATCH, FEATURES + 1)), given(floats(2, 2, FEATURES)), given(floats())]
        state: Any = floats(BATCH + 1, HIDDEN)
        wrong.append(given(floats(BATCH, FEATURES), (state, state) if name[0] == "L" else state))
        yield from grid(name, wrong, FEATURES, HIDDEN)
        yield from grid(name, calls[:1], FEATURES, hidden_size=[0, -1])
        if name == "RNNCell":
            yield from grid(name, calls[:1], FEATURES, HIDDEN, nonlinearity=["sigmoid"])


def calls(
    lstm: bool,
    num_layers: int,
    batch_first: bool,
    bidirectional: bool,
    proj_size: int = 0,
    **_: Any,
) -> Iterator[Given]:
    """With and without batch, first states, packing."""
    layers = num_layers * (1 + bidirectional)

    def states(*lead: int) -> Any:
        h = floats(layers, *lead, proj_size or HIDDEN)
        return (h, floats(layers, *lead, HIDDEN)) if lstm else h

    for batch in (BATCH, 1):
        shape = (batch, STEPS, FEATURES) if batch_first else (STEPS, batch, FEATURES)
        yield given(floats(*shape))
        yield given(floats(*shape), states(batch))
    yield given(floats(1, 1, FEATURES))
    yield given(floats(STEPS, FEATURES), None)
    yield given(floats(STEPS, FEATURES), states())
    shape = (4, STEPS, FEATURES) if batch_first else (STEPS, 4, FEATURES)
    for lengths in ((5, 4, 4, 1), (2, 5, 1, 3), (5, 5, 5, 5)):
        yield given(Packed(floats(*shape), lengths, batch_first))
        yield given(Packed(floats(*shape), lengths, batch_first), states(4))


def wrong(lstm: bool) -> Iterator[Given]:
    """Wrong numbers of features, dimensions, layers, batches and states."""
    x = floats(STEPS, BATCH, FEATURES)

    def states(*shape: int) -> Any:
        return (floats(*shape), floats(*shape)) if lstm else floats(*shape)

    yield given(floats(STEPS, BATCH, FEATURES + 1))
    yield given(floats(FEATURES))
    yield given(floats(1, STEPS, BATCH, FEATURES))
    yield given(x, states(2, BATCH, HIDDEN))
    yield given(x, states(1, BATCH + 1, HIDDEN))
    yield given(x, states(1, BATCH, HIDDEN + 1))
    yield given(x, states(1, HIDDEN))
    yield given(floats(STEPS, FEATURES), states(1, BATCH, HIDDEN))
    yield given(floats(0, BATCH, FEATURES))
    yield given(integers(3, STEPS, BATCH, FEATURES))
    yield given(Packed(fixed("floats", STEPS, 4, FEATURES), (5, 4, 4, 1)), states(1, 3, HIDDEN))
    if lstm:
        yield given(x, floats(1, BATCH, HIDDEN))
        yield given(x, (floats(1, BATCH, HIDDEN), floats(1, BATCH, HIDDEN + 1)))


def layers(name: str, **more: Any) -> Iterator[Case]:
    lstm = name == "LSTM"

    def inputs(**kwargs: Any) -> Iterator[Given]:
        return calls(lstm, **kwargs)

    yield from grid(
        name,
        inputs,
        input_size=[FEATURES],
        hidden_size=[HIDDEN],
        num_layers=[1, 3],
        bias=BOTH,
        batch_first=BOTH,
        dropout=[0.0, 0.4],
        bidirectional=BOTH,
        **more,
    )
    yield from grid(name, wrong(lstm), FEATURES, HIDDEN)
    one = [given(floats(STEPS, BATCH, FEATURES))]
    yield from grid(
        name, one, input_size=[FEATURES, 0, -1, 2.0], hidden_size=[HIDDEN, 0, 2.0],
        num_layers=[1, 0, -1],
    )  # fmt: skip
    yield from grid(
        name, one, FEATURES, HIDDEN, num_layers=[2], dropout=[-0.1, 1.1, True, 0.5, 1.0]
    )
    yield from grid(name, one, FEATURES, HIDDEN, proj_size=[0, 2, HIDDEN, -1])


def cases() -> Iterator[Case]:
    yield from cells()
    yield from layers("RNN", nonlinearity=["tanh", "relu"])
    yield from layers("GRU")
    yield from layers("LSTM", proj_size=[0, 2])
    x = [given(floats(STEPS, BATCH, FEATURES))]
    yield from grid("RNN", x, FEATURES, HIDDEN, nonlinearity=["sigmoid", "tanh"])
    yield from grid("RNN", x, FEATURES, HIDDEN, 2, "relu", bias=BOTH)
    yield from grid("GRU", x, FEATURES, HIDDEN, 2, False)
