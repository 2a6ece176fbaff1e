"""Tools that look at models and graphs: summary, capture, memory.saved."""

from __future__ import annotations

from typing import Any

import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn import functional as F
from autograd_core.utils import capture, memory, summary
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
