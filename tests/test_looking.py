"""Tools that look at models and graphs: summary, capture, memory.saved."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn import functional as F
from autograd_core.utils import capture, draw, memory, profile, summary
from autograd_core.utils.flops import flops
from autograd_core.utils.tables import bytes_text, count_text, table


def cnn() -> nn.Module:
    first = (nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    return nn.Sequential(*first, nn.Flatten(), nn.Dropout(), nn.Linear(64, 3))


def test_summary_counts_what_there_is() -> None:
    found = summary(cnn(), ag.ones(2, 1, 6, 6))
    rows = {layer.name: layer for layer in found.layers}
    assert [layer.kind for layer in found.layers][:2] == ["Sequential", "Conv2d"]
    assert rows["0"].output == [(2, 4, 4, 4)] and rows["5"].output == [(2, 3)]
    assert (rows["0"].parameters, rows["5"].parameters) == (4 * 9 + 4, 64 * 3 + 3)
    assert rows["0"].flops == 2 * (2 * 4 * 4 * 4) * 9 and rows["5"].flops == 2 * 2 * 64 * 3
    assert found.parameters == found.trainable == 40 + 8 + 195
    assert found.flops == sum(layer.flops for layer in found.layers[1:])
    assert found.saved == sum(layer.saved for layer in found.layers[1:]) > 0
    assert found.parameter_bytes == 4 * found.parameters


def test_summary_leaves_the_model_and_random_numbers_as_they_were() -> None:
    model = cnn()
    before = {name: value.tolist() for name, value in model.state_dict().items()}
    state = ag.get_rng_state().tolist()
    summary(model, ag.ones(2, 1, 6, 6))
    assert {name: value.tolist() for name, value in model.state_dict().items()} == before
    assert ag.get_rng_state().tolist() == state
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not model[0]._forward_hooks and not model[0]._forward_pre_hooks


def test_summary_of_shared_frozen_and_idle_parts() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one = nn.Linear(4, 4)
            self.idle = nn.Linear(4, 9)

        def forward(self, x: Any, scale: float = 1.0) -> Any:
            return {"out": (self.one(self.one(x)) * scale, x)}

    model = Model().requires_grad_(False)
    found = summary(model, ag.ones(5, 4), scale=2.0, depth=0)
    rows = {layer.name: layer for layer in found.layers}
    assert rows["one"].runs == 2 and rows["one"].flops == 2 * (2 * 5 * 4 * 4)
    assert rows["idle"].output is None and rows[""].output == [(5, 4), (5, 4)]
    assert found.trainable == 0 and "idle" not in str(found) and "Model" in str(found)
    with pytest.raises(ValueError, match="give the model's inputs"):
        summary(model)


def test_summary_reads_as_a_table() -> None:
    text = str(summary(nn.Sequential(nn.Linear(8, 4), nn.ReLU()), ag.ones(16, 8)))
    lines = text.splitlines()
    assert lines[0].split("  ")[0] == "layer" and lines[3].startswith("  0: Linear  (16, 4)")
    assert lines[-1].startswith("36 parameters, 36 of them trained; 144 B of parameters")


def test_capture_finds_modules_by_pattern() -> None:
    model = nn.Sequential(nn.Sequential(nn.Linear(2, 3), nn.Tanh()), nn.Linear(3, 1))
    x = ag.ones(4, 2)
    with capture(model, ["*.1", "1"]) as found:
        y = model(x)
    assert sorted(found) == ["0.1", "1"] and found["1"] is y
    (gradient,) = ag.autograd.grad(y.sum(), found["0.1"])
    assert gradient.shape == (4, 3)
    model(x + 1)
    assert found["1"] is y  # only inside
    with pytest.raises(ValueError, match=r"no module's name matches 'attn\*'; there are: '0'"):
        with capture(model, "attn*"):
            pass


def test_memory_names_operators_and_lines_and_counts_shared_memory_once() -> None:
    x = ag.ones(1000, requires_grad=True)
    y = x * 2
    z = y.exp()
    loss = (z * z + y.sin() + z.reshape(10, 100).sum()).sum()
    found = memory.saved(loss)
    rows = {row.operator: row for row in found.rows}
    assert found.bytes == 2 * 4000  # y and z; x lives anyway
    assert rows["mul"].leaves == 0 and rows["exp"].values == 1 and rows["sin"].values == 1
    assert all(row.place.startswith("test_looking.py:") for row in found.rows)
    assert "all" in str(found).splitlines()[-1] and "8.0 kB" in str(found).splitlines()[-1]
    loss.backward()
    assert memory.saved(loss).bytes == 0


def test_memory_of_parameters_counts_as_nothing() -> None:
    model = nn.Linear(50, 50)
    x = ag.ones(3, 50)
    found = memory.saved(model(x).sum())
    (row,) = found.rows
    assert row.operator == "linear" and row.bytes == 3 * 50 * 4 and row.leaves <= 1
    with pytest.raises(ValueError, match="does not require grad"):
        memory.saved(x)


def test_memory_shows_what_a_checkpoint_spares() -> None:
    from autograd_core.utils.checkpoint import checkpoint

    x = ag.ones(1000, requires_grad=True)
    part = lambda x: x.exp().sin().exp()
    assert memory.saved(part(x)).bytes == 2 * 4000  # (sin keeps what exp keeps)
    assert memory.saved(checkpoint(part, x)).bytes == 0


@pytest.mark.cpu_only  # (tracemalloc sees NumPy's memory)
def test_memory_is_what_the_process_holds() -> None:
    layer = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True)
    x = ag.randn(8, 50, 64)
    for model in (layer, nn.LSTM(64, 96, 2, bidirectional=True)):
        tensors = lambda out: out if isinstance(out, ag.Tensor) else out[0]
        tensors(model(x)).sum()  # what is kept once for all is kept now
        gc.collect()
        tracemalloc.start()
        try:
            loss = tensors(model(x)).sum()
            gc.collect()
            held = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        report = memory.saved(loss)
        own = report.bytes - 4 * x.numel()  # x is kept too, but was there before
        assert abs(own - held) < 0.02 * held


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_model_that_fails_is_left_as_it_was(error: type[BaseException]) -> None:
    class Failing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(3)

        def forward(self, x: Any) -> Any:
            self.norm(x)
            raise error("broken")

    model, x = Failing(), ag.randn(4, 3)
    state = ag.get_rng_state().tolist()
    for look in (summary, draw):
        with pytest.raises(error):
            look(model, x)
        assert model.norm.num_batches_tracked.item() == 0 and not model.norm._forward_hooks
    assert ag.get_rng_state().tolist() == state and ag.is_grad_enabled()
    with pytest.raises(error), profile(model):
        model(x)
    assert not model._forward_hooks


def test_wrong_arguments() -> None:
    for call in (
        lambda: summary(3, ag.ones(2)), lambda: draw(3, ag.ones(2)), lambda: capture(3).__enter__(),
        lambda: profile(3).__enter__(),
    ):  # fmt: skip
        with pytest.raises(TypeError, match="expected a module, got int"):
            call()
    with pytest.raises(TypeError, match="expected a pattern of text, got 3"):
        capture(cnn(), ["0", 3]).__enter__()
    with pytest.raises(TypeError, match="expected a tensor, got int"):
        memory.saved(3)
    with pytest.raises(TypeError, match="give a tensor"):
        memory.saved()


LAYERS = {
    "Linear": ((7, 5), (4, 7)),
    "Conv1d": ((4, 6, 3), (2, 4, 9)),
    "Conv2d": ((4, 6, 3, 2, 1, 2, 2), (2, 4, 8, 8)),
    "Conv3d": ((2, 3, 2), (1, 2, 4, 4, 4)),
    "ConvTranspose2d": ((4, 6, 3, 2), (2, 4, 5, 5)),
    "LSTMCell": ((3, 4), (5, 3)),
    "GRUCell": ((3, 4), (5, 3)),
    "GRU": ((3, 4, 2), (5, 2, 3)),
    "RNN": ((3, 4, 1), (5, 2, 3)),
    "MultiheadAttention": ((8, 2), (5, 2, 8), (6, 2, 8), (6, 2, 8)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_flops_of_products_are_those_of_pytorchs_counter(name: str) -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    arguments, *shapes = LAYERS[name]
    with FlopCounterMode(display=False) as counter:
        getattr(torch.nn, name)(*arguments)(*[torch.ones(shape) for shape in shapes])
    products = []

    def seen(path: str, node: Any, given: Any, outputs: Any) -> None:
        work = flops(node.operator, given, outputs)
        products.append(work if work != outputs[0].size else 0)  # one each: elementwise

    from autograd_core.utils.watching import watching

    model = getattr(nn, name)(*arguments)
    with watching(model, seen):
        model(*[ag.ones(shape) for shape in shapes])
    assert sum(products) == counter.get_total_flops() > 0


def test_flops_of_an_lstm_and_of_moving() -> None:
    found = summary(nn.LSTM(12, 16, 2), ag.ones(7, 3, 12))  # (PyTorch's counter does not know it)
    assert found.flops == 2 * 7 * 3 * 4 * 16 * (12 + 16 + 16 + 16)
    assert summary(nn.Flatten(), ag.ones(7, 3, 12)).flops == 0


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda a: ag.matmul(a(2, 3), a(3, 4)), 2 * 2 * 3 * 4),
        (lambda a: ag.matmul(a(5, 2, 3), a(3, 4)), 5 * 2 * 2 * 3 * 4),
        (
            lambda a: nn.functional.conv2d(a(2, 4, 5, 5), a(6, 2, 3, 3), groups=2),
            2 * 2 * 6 * 9 * 18,
        ),
        (lambda a: F.conv_transpose2d(a(1, 2, 3, 3), a(2, 4, 2, 2)), 2 * 18 * 16),
        (lambda a: a(7).exp(), 7),
        (
            lambda a: F.scaled_dot_product_attention(a(2, 3, 5, 8), a(2, 3, 7, 8), a(2, 3, 7, 4)),
            2 * 2 * 3 * 5 * 7 * (8 + 4),
        ),
    ],
)
def test_flops(call: Any, expected: int) -> None:
    seen = []

    class One(nn.Module):
        def forward(self) -> Any:
            return call(lambda *shape: ag.ones(*shape, requires_grad=True))

    from autograd_core.utils.watching import watching

    model = One()
    with watching(model, lambda path, node, i, o: seen.append((node.operator, i, o))):
        model()
    assert sum(flops(*one) for one in seen) == expected


def test_tables() -> None:
    assert table(["a"], []).splitlines() == ["a", "-"]
    assert [bytes_text(n) for n in (0, 999, 1000, 999_999, 2.5e12)] == [
        "0 B", "999 B", "1.0 kB", "1.0 MB", "2.5 TB",
    ]  # fmt: skip
    assert [count_text(n) for n in (7, 1500, 999_960)] == ["7", "1.5 k", "1.0 M"]


def kinds_of_nodes(m: Any) -> list[str]:
    """The class names of a graph's nodes, as programs that draw graphs gather them."""
    x, weight = m.ones(2, 4, requires_grad=True), m.ones(4, requires_grad=True)
    small, large = (x * weight).exp().chunk(2, -1)
    stack, found = [(small - large).relu().sum().grad_fn], []
    while stack:
        node = stack.pop()
        found.append(type(node).__name__)
        assert found[-1] == node.name().removeprefix("torch::autograd::")
        stack += [child for child, _ in node.next_functions if child is not None]
    return found


def test_nodes_have_classes_of_pytorchs_names() -> None:
    torch = pytest.importorskip("torch")
    assert kinds_of_nodes(ag) == kinds_of_nodes(torch)


def test_a_node_that_was_looked_at_works_as_before() -> None:
    x = ag.tensor([1.0, -2.0], requires_grad=True)
    y = x * 3
    z = F.leaky_relu(y.exp(), 0.5) + y
    for tensor in (z, y):
        assert type(tensor.grad_fn) is type(tensor.grad_fn) and len(tensor.grad_fn.next_functions)
    z.sum().backward()
    assert x.grad.tolist() == pytest.approx([3 * 2.718281828**3 + 3, 3 * 2.718281828**-6 + 3])
    assert isinstance(y.grad_fn, ag.autograd.graph.Node)
    assert type((x * 2).grad_fn) is type(y.grad_fn) and "MulBackward0" in repr(y)
