"""What programs wrap around models and attention, and what has no effect on one device."""

from __future__ import annotations

from typing import Any

import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn.attention import SDPBackend, sdpa_kernel

torch = pytest.importorskip("torch")


def test_data_parallel_without_a_gpu(monkeypatch: Any) -> None:
    monkeypatch.setattr(ag.cuda, "device_count", lambda: 0)
    for module in (nn, torch.nn):
        model = module.DataParallel(module.BatchNorm1d(2), device_ids=[0, 1])
        assert model.device_ids == [] and isinstance(model.module, module.BatchNorm1d)
        assert list(model.state_dict()) == [
            f"module.{name}"
            for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
        ]
        plain = module.BatchNorm1d(2)
        plain.load_state_dict(model.module.state_dict())
        model.eval()
        assert not model.module.training
    assert nn.parallel.DataParallel is nn.DataParallel
    ours, theirs = nn.DataParallel(nn.Linear(2, 3)), torch.nn.DataParallel(torch.nn.Linear(2, 3))
    assert repr(ours) == repr(theirs)
    ours.load_state_dict(theirs.state_dict())
    y = ours(input=ag.ones(4, 2))
    y.sum().backward()
    assert y.tolist()[0] == pytest.approx(theirs(torch.ones(4, 2))[0].tolist())
    assert ours.module.bias.grad.tolist() == [4.0] * 3


def test_data_parallel_with_gpus(monkeypatch: Any) -> None:
    moved: list[str] = []
    monkeypatch.setattr(nn.Linear, "to", lambda self, where: moved.append(where))
    monkeypatch.setattr(ag.Tensor, "to", lambda self, where: (moved.append(where), self)[1])
    monkeypatch.setattr(ag.cuda, "device_count", lambda: 1)
    for ids in (None, [0], ["cuda:0"], [ag.device("cuda:0")]):
        model = nn.DataParallel(nn.Linear(2, 2), ids)
        assert model.device_ids == [0] and model.output_device == 0 and model.dim == 0
        assert model(ag.ones(1, 2)).shape == (1, 2)
    assert moved == ["cuda:0"] * 8
    monkeypatch.setattr(ag.cuda, "device_count", lambda: 2)
    for ids in (None, [0, 1], []):
        with pytest.raises(RuntimeError, match=r"Mend: DataParallel\(module, device_ids=\[0\]\)"):
            nn.DataParallel(nn.Linear(2, 2), ids)
    assert nn.DataParallel(nn.Linear(2, 2), [1]).device_ids == [1]


def test_backends_of_attention() -> None:
    theirs = torch.nn.attention.SDPBackend
    found = {m.name: (m.value, repr(m), str(m)) for m in SDPBackend}
    for name, member in theirs.__members__.items():
        assert found.pop(name) == (int(member), repr(member), str(member))
    assert not found


def test_the_choice_of_a_backend_changes_nothing() -> None:
    q = ag.randn(1, 2, 5, 4, requires_grad=True)
    wanted = nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)
    for backends in (SDPBackend.MATH, [SDPBackend.FLASH_ATTENTION, SDPBackend.MATH]):
        with nn.attention.sdpa_kernel(backends, set_priority=True):
            found = nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)
        assert ag.equal(found, wanted)

    @sdpa_kernel(SDPBackend.EFFICIENT_ATTENTION)
    def attend() -> Any:
        return nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)

    assert ag.equal(attend(), wanted) and ag.equal(attend(), wanted)
    for wrong in ("math", ["math"]):
        with pytest.raises(TypeError, match="SDPBackend"):
            with sdpa_kernel(wrong):  # type: ignore[arg-type]
                pass
