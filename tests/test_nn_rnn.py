"""Recurrent layers beside PyTorch's: outputs, states, gradients, text, state, first numbers."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from nn_beside_pytorch import check_initial_numbers
from nn_calls import check_calls, parts

import autograd_core as ag
from autograd_core import nn

T, N, F, H = 4, 3, 3, 4

KINDS = [("RNN", {}), ("RNN", {"nonlinearity": "relu"}), ("GRU", {}), ("LSTM", {})]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"num_layers": 2, "bidirectional": True},
    {"num_layers": 2, "bias": False, "batch_first": True},
    {"bidirectional": True, "batch_first": True},
]
LAYERS = [(kind, {**a, **b}) for (kind, a), b in itertools.product(KINDS, OPTIONS)]
LAYERS += [("LSTM", {"proj_size": 2, **o}) for o in OPTIONS]

layers = pytest.mark.parametrize("kind,options", LAYERS, ids=lambda v: str(v).replace(" ", ""))


def pair(torch: Any, kind: str, options: dict[str, Any], dtype: str = "float64") -> Any:
    torch.manual_seed(1)
    theirs = getattr(torch.nn, kind)(F, H, **options).to(getattr(torch, dtype))
    ours = getattr(nn, kind)(F, H, **options).to(getattr(ag, dtype))
    assert str(ours.load_state_dict(theirs.state_dict())) == "<All keys matched successfully>"
    assert repr(ours) == repr(theirs)
    return ours, theirs


def states(kind: str, options: dict[str, Any], *batch: int) -> Any:
    """First states for a layer, as arrays."""
    rng = np.random.default_rng(2)
    rows = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
    hidden = rng.standard_normal((rows, *batch, options.get("proj_size") or H))
    return (hidden, rng.standard_normal((rows, *batch, H))) if kind == "LSTM" else hidden


def values(options: dict[str, Any], *batch: int) -> np.ndarray:
    shape = (*batch, T, F) if options.get("batch_first") else (T, *batch, F)
    return np.random.default_rng(3).standard_normal(shape)


@layers
@pytest.mark.filterwarnings("ignore:LSTM with projections")  # PyTorch's own
def test_like_pytorch(kind: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    for dtype, tolerance in (("float64", 1e-11), ("float32", 2e-5)):
        ours, theirs = pair(torch, kind, options, dtype)
        check_calls(ours, theirs, (values(options, N), states(kind, options, N)), dtype, tolerance)
    ours, theirs = pair(torch, kind, options)
    check_calls(ours, theirs, (values(options, N),), "float64", 1e-11)
    check_calls(ours, theirs, (values(options), states(kind, options)), "float64", 1e-11)
    check_calls(ours.eval(), theirs.eval(), (values(options),), "float64", 1e-11)


@layers
@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("lengths", [[4, 4, 2], [2, 4, 1]], ids=str)
def test_packed_like_pytorch(kind: str, options: dict[str, Any], lengths: list[int]) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = pair(torch, kind, options)
    batch_first = options.get("batch_first", False)
    ordered = lengths == sorted(lengths, reverse=True)

    def walk(layer: Any, tools: Any) -> Any:
        def run(x: Any, hx: Any = None) -> Any:
            packed = tools.pack_padded_sequence(x, lengths, batch_first, ordered)
            out, last = layer(packed, hx)
            assert type(out) is tools.PackedSequence
            return *tools.pad_packed_sequence(out, batch_first), last

        return run

    given = (walk(ours, nn.utils.rnn), walk(theirs, torch.nn.utils.rnn))
    check_calls(*given, (values(options, N), states(kind, options, N)), "float64", 1e-11)
    check_calls(*given, (values(options, N),), "float64", 1e-11)


@pytest.mark.cpu_only
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_dropout_drops_what_pytorch_drops(kind: str, packed: bool) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = pair(torch, kind, {"num_layers": 3, "dropout": 0.4, "bidirectional": True})

    def seeded(layer: Any, module: Any, tools: Any) -> Any:
        def run(x: Any) -> Any:
            module.manual_seed(4)
            if packed:
                x = tools.pack_padded_sequence(x, [4, 3, 1])
            out, last = layer(x)
            return out[0] if packed else out, last

        return run

    given = (seeded(ours, ag, nn.utils.rnn), seeded(theirs, torch, torch.nn.utils.rnn))
    check_calls(*given, (values({}, N),), "float64", 1e-11)


@pytest.mark.cpu_only
@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_draws_pytorchs_numbers(kind: str) -> None:
    check_initial_numbers(kind, (3, 4), {"num_layers": 2, "bidirectional": True})
    check_initial_numbers(f"{kind}Cell", (3, 4), {})
    if kind == "LSTM":
        check_initial_numbers(kind, (3, 4), {"proj_size": 2})


CELLS = [
    ("RNNCell", {}),
    ("RNNCell", {"nonlinearity": "relu", "bias": False}),
    ("GRUCell", {}),
    ("GRUCell", {"bias": False}),
    ("LSTMCell", {}),
    ("LSTMCell", {"bias": False}),
]


@pytest.mark.parametrize("kind,options", CELLS, ids=lambda v: str(v).replace(" ", ""))
def test_cells_like_pytorch(kind: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    for dtype, tolerance in (("float64", 1e-12), ("float32", 2e-6)):
        ours, theirs = pair(torch, kind, options, dtype)
        for batch in ((), (N,)):
            x, h, c = [rng.standard_normal((*batch, size)) for size in (F, H, H)]
            check_calls(ours, theirs, (x,), dtype, tolerance)
            hx = (h, c) if kind == "LSTMCell" else h
            check_calls(ours, theirs, (x, hx), dtype, tolerance)


@pytest.mark.filterwarnings("ignore:TF32")  # PyTorch's own
@pytest.mark.parametrize(
    "kind,options",
    [("RNN", {}), ("GRU", {"bidirectional": True}), ("LSTM", {"num_layers": 2})],
    ids=lambda v: str(v).replace(" ", ""),
)
def test_second_derivatives_like_pytorch(kind: str, options: dict[str, Any]) -> None:
    """Of a penalty on the gradient; the recorded first gradient equals the other one."""
    torch = pytest.importorskip("torch")
    ours, theirs = pair(torch, kind, options)

    def penalty(layer: Any, engine: Any) -> Any:
        def run(x: Any, hx: Any) -> Any:
            out = layer(x, hx)[0]
            leaves = [x, *parts(hx), *layer.parameters()]
            grads = engine.autograd.grad((out * out).sum(), leaves, create_graph=True)
            return *grads, sum((g * g).sum() for g in grads)

        return run

    args = (values(options, N), states(kind, options, N))
    with torch.backends.mkldnn.flags(enabled=False):  # whose LSTM has no second derivative
        given = (penalty(ours, ag), penalty(theirs, torch))
        check_calls(*given, args, "float64", 1e-9)
        check_calls(lambda *a: given[0](*a)[-1], lambda *a: given[1](*a)[-1], args, "float64", 1e-9)


def test_states_that_depend_on_each_other() -> None:
    """One tensor in several places counts once for each, in the recorded gradient too."""
    x = ag.randn(2, 3, dtype=ag.float64, requires_grad=True)
    w_ih, w_hh = ag.randn(12, 3, dtype=ag.float64), ag.randn(12, 3, dtype=ag.float64)

    def step(x: Any) -> Any:
        hidden, cell = ag.lstm_cell(x, (x, (x * x)), w_ih, w_hh)
        return hidden * cell

    assert ag.autograd.gradcheck(step, (x,))
    assert ag.autograd.gradgradcheck(step, (x,))


def peephole_definition(layer: Any, x: Any) -> Any:
    """The formulas of Gers and Schmidhuber, step by step."""
    n = layer.hidden_size
    h = c = ag.zeros(x.shape[1], n, dtype=x.dtype)
    outs = []
    for step in x.unbind():
        z = nn.functional.linear(step, layer.weight_ih_l0, layer.bias_ih_l0)
        z = z + nn.functional.linear(h, layer.weight_hh_l0, layer.bias_hh_l0)
        i, f, g, o = z.chunk(4, 1)
        peep = layer.weight_ch_l0
        i, f = (i + peep[0] * c).sigmoid(), (f + peep[1] * c).sigmoid()
        c = f * c + i * g.tanh()
        h = (o + peep[2] * c).sigmoid() * c.tanh()
        outs.append(h)
    return ag.stack(outs), (h, c)


def test_peepholes() -> None:
    layer = nn.PeepholeLSTM(F, H, dtype=ag.float64)
    assert list(layer.state_dict())[-1] == "weight_ch_l0"
    assert repr(layer) == "PeepholeLSTM(3, 4)"
    x = ag.randn(T, N, F, dtype=ag.float64, requires_grad=True)
    leaves = [x, *layer.parameters()]
    sides = []
    for y in (layer(x), peephole_definition(layer, x)):
        loss = sum((p * (k + 1)).sin().sum() for k, p in enumerate(parts(y)))
        sides.append([*parts(y), *ag.autograd.grad(loss, leaves)])
    for a, b in zip(*sides, strict=True):
        assert ag.allclose(a, b, rtol=1e-11, atol=1e-12)
    packed = nn.utils.rnn.pack_padded_sequence(x, [4, 2, 1])
    twice = nn.PeepholeLSTM(F, H, 2, bidirectional=True, dtype=ag.float64)
    assert twice(packed)[0].data.shape == (7, 2 * H)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_half_types_are_kept(kind: str, dtype: str) -> None:
    layer = getattr(nn, kind)(F, H, num_layers=2)
    x = ag.randn(T, N, F)
    want = layer(x)[0]
    layer.to(getattr(ag, dtype))
    half = x.to(getattr(ag, dtype)).requires_grad_()
    out, last = layer(half)
    assert {p.dtype for p in (out, *parts(last))} == {half.dtype}
    assert ag.allclose(out.float(), want, atol=0.05)
    out.sum().backward()
    assert half.grad.dtype == layer.weight_hh_l0.grad.dtype == half.dtype


def test_a_layer_is_one_node() -> None:
    """The size of the graph does not depend on the length of the sequence."""

    def nodes(length: int) -> int:
        out = nn.LSTM(F, H)(ag.ones(length, N, F))[0]
        stack, seen = [out.grad_fn], set()
        while stack:
            node = stack.pop()
            if node is not None and node not in seen:
                seen.add(node)
                stack += [n for n, _ in node.next_functions]
        return len(seen)

    assert nodes(2) == nodes(50) < 12


def test_gradients_of_two_biases_share_no_memory() -> None:
    layer = nn.GRU(F, H)
    layer(ag.ones(T, N, F))[0].sum().backward()
    before = layer.bias_hh_l0.grad.tolist()
    layer.bias_ih_l0.grad.zero_()
    assert layer.bias_hh_l0.grad.tolist() == before
    lstm = nn.LSTM(F, H)
    lstm(ag.ones(T, N, F))[0].sum().backward()
    lstm.bias_ih_l0.grad.zero_()
    assert bool((lstm.bias_hh_l0.grad != 0).any())


def test_parts() -> None:
    layer = nn.LSTM(F, H, 2, bidirectional=True, proj_size=2)
    assert [len(each) for each in layer.all_weights] == [5] * 4
    assert layer.all_weights[1][4] is layer.weight_hr_l0_reverse
    layer.flatten_parameters()
    layer.weight_hh_l0 = nn.Parameter(ag.zeros(16, 2))
    assert layer.all_weights[0][1] is layer.weight_hh_l0


def test_dropout_of_one_layer_warns() -> None:
    with pytest.warns(UserWarning, match="between layers"):
        nn.GRU(F, H, dropout=0.5)


@pytest.mark.parametrize(
    "call,error,message",
    [
        (lambda: nn.RNN(F, H, nonlinearity="x"), ValueError, "'tanh' or 'relu', got 'x'"),
        (lambda: nn.RNNBase("X", F, H), ValueError, "mode must be one of"),
        (lambda: nn.LSTM(0, H), ValueError, "input_size must be greater than zero"),
        (lambda: nn.LSTM(F, -1), ValueError, "hidden_size must be greater than zero"),
        (lambda: nn.LSTM(F, H, 0), ValueError, "num_layers must be greater than zero"),
        (lambda: nn.LSTM(2.0, H), TypeError, "input_size should be of type int"),
        (lambda: nn.LSTM(F, H, bias=0), TypeError, "bias should be of type bool"),
        (lambda: nn.LSTM(F, H, proj_size=H), ValueError, "smaller than hidden_size"),
        (lambda: nn.GRU(F, H, 2, dropout=1.5), ValueError, "number in range"),
        (lambda: nn.GRU(F, H)(ag.ones(F)), ValueError, "2D or 3D, got 1D"),
        (lambda: nn.GRU(F, H)(ag.ones(T, N, 2)), RuntimeError, "input of 2 features"),
        (lambda: nn.GRU(F, H)(ag.ones(0, N, F)), RuntimeError, "at least one step"),
        (lambda: nn.GRU(F, H)(ag.ones(T, F, dtype=ag.float64)), ValueError, "does not match"),
        (lambda: nn.GRU(F, H)(ag.ones(T, F), ag.ones(1, N, H)), RuntimeError, "also be 2-D"),
        (lambda: nn.GRU(F, H)(ag.ones(T, N, F), ag.ones(1, 1, H)), RuntimeError, "(1, 3, 4)"),
        (lambda: nn.LSTM(F, H)(ag.ones(T, N, F), ag.ones(1, N, H)), TypeError, "pair"),
        (lambda: nn.GRUCell(F, H)(ag.ones(1, 1, F)), ValueError, "1D or 2D, got 3D"),
        (lambda: nn.GRUCell(F, H)(ag.ones(1, F), ag.ones(1, 1, H)), ValueError, "hidden to be"),
        (lambda: nn.GRUCell(F, H)(ag.ones(1, F), ag.ones(2, H)), RuntimeError, "states (N, n)"),
        (lambda: nn.GRUCell(F, H)(ag.ones(1, 2)), RuntimeError, "need a weight of shape"),
        (lambda: nn.RNNCell(F, H, nonlinearity="x")(ag.ones(1, F)), RuntimeError, "Unknown"),
        (lambda: ag.gru(ag.ones(1, 1, 1), ag.ones(1, 1, 1), [], True, 1, 0.0, False, False),
         ValueError, "expected 4 parameters"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


@pytest.mark.parametrize("info", ["RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell"])
def test_pytorchs_error_inputs(info: str) -> None:
    """What PyTorch's module database says must be refused is refused, with the same kind of
    error."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("expecttest")
    from test_nn_databases import MODULES, here

    (entry,) = [m for m in MODULES if m.module_cls.__name__ == info]
    count = 0
    for sample in entry.module_error_inputs_func(
        entry, device="cpu", dtype=torch.float64, requires_grad=False, training=True
    ):
        given = sample.module_error_input
        made, called = given.constructor_input, given.forward_input
        with pytest.raises((sample.error_type, ValueError, RuntimeError)):
            module = getattr(nn, info)(*made.args, **here(made.kwargs, [])).double()
            module(*here(called.args, []), **here(called.kwargs, []))
        count += 1
    assert count


COMPLEX = [
    ("RNN", {}), ("GRU", {"bidirectional": True, "num_layers": 2}), ("LSTM", {}),
    ("LSTM", {"proj_size": 2}), ("RNNCell", {}), ("GRUCell", {}), ("LSTMCell", {}),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Complex modules")
@pytest.mark.parametrize("kind,options", COMPLEX, ids=str)
def test_complex_numbers(kind: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)

    def draw(*shape: int) -> np.ndarray:
        return 0.4 * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))

    theirs = getattr(torch.nn, kind)(F, H, **options).to(torch.complex128)
    ours = getattr(nn, kind)(F, H, **options).to(ag.complex128)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(torch.tensor(draw(*parameter.shape)))
    ours.load_state_dict(theirs.state_dict())
    x = draw(N, F) if "Cell" in kind else draw(T, N, F)
    found = []
    for lib, module in ((ag, ours), (torch, theirs)):
        leaves = [lib.tensor(x, requires_grad=True), *module.parameters()]
        loss = sum((out.abs() ** 2).sum() for out in parts(module(leaves[0])))
        first = lib.autograd.grad(loss, leaves, create_graph=True)
        again = sum((part.abs() ** 2).sum() for part in first)
        found.append([*first, *lib.autograd.grad(again, leaves)])
    for mine, yours in zip(*found, strict=True):
        np.testing.assert_allclose(
            mine.detach().cpu().numpy(), yours.detach().numpy(), rtol=1e-9, atol=1e-9
        )


def test_relu_of_complex_numbers_is_refused() -> None:
    layer = nn.RNN(F, H, nonlinearity="relu").to(ag.complex64)
    with pytest.raises(TypeError, match="rnn_relu"):
        layer(ag.ones(T, N, F, dtype=ag.complex64))
    cell = nn.RNNCell(F, H, nonlinearity="relu").to(ag.complex64)
    with pytest.raises(TypeError, match="rnn_relu_cell"):
        cell(ag.ones(N, F, dtype=ag.complex64))
