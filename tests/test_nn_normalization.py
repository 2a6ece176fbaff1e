"""Normalisation, embedding and distance layers beside PyTorch's: output, gradients, text, state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nn_beside_pytorch import check_initial_numbers, check_layer

import autograd_core as ag
from autograd_core import nn

LAYERS: list[tuple[str, Any, Any, Any]] = [
    ("BatchNorm1d", (3,), {}, (4, 3)),
    ("BatchNorm1d", (3,), {"momentum": None}, (4, 3, 2)),
    ("BatchNorm2d", (3,), {"eps": 0.1, "momentum": 0.3}, (2, 3, 4, 3)),
    ("BatchNorm2d", (3,), {"affine": False}, (2, 3, 4, 3)),
    ("BatchNorm2d", (3,), {"track_running_stats": False, "bias": False}, (2, 3, 4, 3)),
    ("BatchNorm3d", (2,), {}, (2, 2, 2, 3, 2)),
    ("SyncBatchNorm", (3,), {}, (4, 3)),
    ("SyncBatchNorm", (3,), {"momentum": None, "bias": False}, (2, 3, 4, 1)),
    ("SyncBatchNorm", (3, 0.1, 0.3, False, False), {}, (2, 3, 4)),
    ("InstanceNorm1d", (3,), {}, (2, 3, 4)),
    ("InstanceNorm1d", (3,), {"affine": True, "track_running_stats": True}, (3, 4)),
    ("InstanceNorm2d", (3,), {"affine": True, "track_running_stats": True}, (2, 3, 4, 3)),
    ("InstanceNorm3d", (2,), {}, (2, 2, 2, 3, 2)),
    ("LayerNorm", (4,), {}, (2, 3, 4)),
    ("LayerNorm", ((3, 4),), {"bias": False, "eps": 0.1}, (2, 3, 4)),
    ("LayerNorm", ([3, 4],), {"elementwise_affine": False}, (2, 3, 4)),
    ("RMSNorm", (4,), {}, (2, 3, 4)),
    ("RMSNorm", ((3, 4),), {"eps": 0.1, "elementwise_affine": False}, (2, 3, 4)),
    ("GroupNorm", (2, 4), {}, (2, 4, 3)),
    ("GroupNorm", (4, 4), {"affine": False}, (2, 4, 3, 2)),
    ("GroupNorm", (1, 4), {"bias": False}, (2, 4)),
    ("LocalResponseNorm", (2,), {"alpha": 0.5}, (2, 4, 3)),
]
EMBEDDINGS: list[tuple[Any, Any]] = [
    ((6, 3), {}),
    ((6, 3), {"padding_idx": -2}),
    ((6, 3), {"max_norm": 0.8, "norm_type": 1.0}),
    ((6, 3), {"scale_grad_by_freq": True, "padding_idx": 1}),
]


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name,args,kwargs,shape", LAYERS, ids=lambda v: str(v).replace(" ", ""))
def test_like_pytorch(
    name: str, args: Any, kwargs: Any, shape: Any, dtype: str, training: bool
) -> None:
    value = np.random.RandomState(0).standard_normal(shape) * 2 + 1
    check_layer(name, args, kwargs, [value], dtype, training)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("args,kwargs", EMBEDDINGS, ids=lambda v: str(v).replace(" ", ""))
def test_embedding_like_pytorch(args: Any, kwargs: Any, dtype: str) -> None:
    check_layer("Embedding", args, kwargs, [np.array([[0, 5, 5], [4, 1, 0]])], dtype, True)


@pytest.mark.parametrize(
    "name,args", [("CosineSimilarity", (-1,)), ("PairwiseDistance", ()), ("PairwiseDistance", (1,))]
)
def test_distances_like_pytorch(name: str, args: Any) -> None:
    values = [np.random.RandomState(seed).standard_normal((2, 3)) for seed in (0, 1)]
    check_layer(name, args, {}, values, "float64", True)


@pytest.mark.cpu_only
@pytest.mark.parametrize("kwargs", [{}, {"padding_idx": 3}])
def test_embedding_draws_pytorchs_numbers(kwargs: Any) -> None:
    check_initial_numbers("Embedding", (7, 5), kwargs)


def test_from_pretrained() -> None:
    table = ag.randn(4, 2)
    layer = nn.Embedding.from_pretrained(table, padding_idx=0)
    assert layer(ag.tensor([2])).tolist() == table[2:3].tolist()
    assert not layer.weight.requires_grad and repr(layer) == "Embedding(4, 2, padding_idx=0)"
    assert nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad
    with pytest.raises(ValueError, match="from_pretrained"):
        nn.Embedding.from_pretrained(ag.ones(3))


def test_states_without_the_number_of_batches_load() -> None:
    layer = nn.BatchNorm1d(2)
    state = layer.state_dict()
    del state["num_batches_tracked"]
    state._metadata[""]["version"] = 1
    assert not layer.load_state_dict(state).missing_keys
    state._metadata[""]["version"] = 2
    with pytest.raises(RuntimeError, match="num_batches_tracked"):
        layer.load_state_dict(state)


def test_unused_channel_numbers_warn() -> None:
    with pytest.warns(UserWarning, match="num_features=4 channels, got 3"):
        nn.InstanceNorm1d(4)(ag.ones(2, 3, 2))


@pytest.mark.parametrize(
    "call,message",
    [
        (lambda: nn.BatchNorm2d(3)(ag.ones(2, 3)), "BatchNorm2d: expected 4D input"),
        (lambda: nn.BatchNorm1d(3)(ag.ones(2, 4)), r"running_mean must have shape \(4,\)"),
        (lambda: nn.InstanceNorm1d(3)(ag.ones(3)), "InstanceNorm1d: expected 2D or 3D"),
        (lambda: nn.InstanceNorm1d(4, affine=True)(ag.ones(2, 3, 2)), "num_features=4"),
        (lambda: nn.GroupNorm(3, 4), "must be divisible by num_groups"),
        (lambda: nn.LayerNorm(4)(ag.ones(2, 3)), r"normalized_shape=\(4,\)"),
        (lambda: nn.Embedding(4, 2, padding_idx=4), "padding_idx=4"),
        (lambda: nn.Embedding(4, 2, _weight=ag.ones(3, 2)), r"expected a table \(4, 2\)"),
    ],
)
def test_errors(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_sync_batchnorm_takes_the_place_of_batchnorm() -> None:
    torch = pytest.importorskip("torch")
    results = []
    for module in (nn, torch.nn):
        model = module.Sequential(
            module.BatchNorm2d(3, momentum=0.2),
            module.Sequential(module.BatchNorm1d(4, affine=False), module.InstanceNorm1d(2)),
            module.BatchNorm3d(2, track_running_stats=False, bias=False),
        ).eval()
        before = [*model.parameters(), *model.buffers()]
        converted = module.SyncBatchNorm.convert_sync_batchnorm(model, "group")
        assert converted is model
        after = [*model.parameters(), *model.buffers()]
        assert all(a is b for a, b in zip(before, after, strict=True))
        assert not any(m.training for m in model.modules())
        assert model[0].process_group == "group"
        results.append(repr(model))
    assert results[0] == results[1]
    alone = nn.SyncBatchNorm.convert_sync_batchnorm(nn.BatchNorm1d(2))
    assert type(alone) is nn.SyncBatchNorm
    with pytest.raises(ValueError, match="at least 2D input, got 1D"):
        alone(ag.ones(2))
    for eps in (0.0, -1.0):
        with pytest.raises(ValueError, match=f"eps must be positive while training, got {eps}"):
            nn.BatchNorm1d(2, eps)(ag.ones(3, 2))
