"""einops on tensors: the values are those on NumPy arrays, and gradients flow."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import autograd_core as ag

einops = pytest.importorskip("einops")

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(2, 4, 6, 3))

CALLS = {
    "permute": lambda x: einops.rearrange(x, "b h w c -> b c h w"),
    "merge": lambda x: einops.rearrange(x, "b h w c -> (b h) (w c)"),
    "patches": lambda x: einops.rearrange(x, "b (h p) (w q) c -> b (h w) (p q c)", p=2, q=3),
    "new axis": lambda x: einops.rearrange(x, "b h w c -> b 1 h w 1 c"),
    "ellipsis": lambda x: einops.rearrange(x, "b ... c -> c ... b"),
    "list": lambda x: einops.rearrange([x, 2 * x], "n b h w c -> b n (h w) c"),
    "mean": lambda x: einops.reduce(x, "b h w c -> b c", "mean"),
    "sum": lambda x: einops.reduce(x, "b (h p) w c -> h b", "sum", p=2),
    "max": lambda x: einops.reduce(x, "b (h p) (w q) c -> b h w c", "max", p=2, q=2),
    "min": lambda x: einops.reduce(x, "b h w c -> c 1 b", "min"),
    "prod": lambda x: einops.reduce(x, "b h w c -> h", "prod"),
    "all of it": lambda x: einops.reduce(x, "b h w c -> ", "sum"),
    "repeat": lambda x: einops.repeat(x, "b h w c -> b (h p) n w c", p=2, n=3),
    "repeat scalar axis": lambda x: einops.repeat(x[0, 0, 0], "c -> n c", n=5),
    "einsum": lambda x: einops.einsum(x, 2 * x, "b h w c, b h v c -> b h w v"),
    "einsum names": lambda x: einops.einsum(x, x[0], "batch h w c, h w c -> batch h"),
    "pack": lambda x: einops.pack([x, x[:, :, 0], x[:, 0, 0]], "b * c")[0],
    "unpack": lambda x: einops.unpack(x, [(2,), (), (3,)], "b h * c")[2],
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_values_are_those_of_numpy(call) -> None:
    result = call(ag.tensor(IMAGES))
    expected = call(IMAGES)
    assert isinstance(result, ag.Tensor) and result.dtype == ag.float64
    assert tuple(result.shape) == expected.shape
    np.testing.assert_allclose(result.cpu().numpy(), expected, rtol=1e-13)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_gradients_are_right(call) -> None:
    x = ag.tensor(IMAGES[:, :2], requires_grad=True)
    assert ag.autograd.gradcheck(call, (x,))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_gradients_are_those_of_pytorch(call) -> None:
    torch = pytest.importorskip("torch")
    ours = ag.tensor(IMAGES, requires_grad=True)
    theirs = torch.tensor(IMAGES, requires_grad=True)
    for x in (ours, theirs):
        (call(x) ** 2).sum().backward()
    np.testing.assert_allclose(ours.grad.cpu().numpy(), theirs.grad.numpy(), rtol=1e-10)


def layers(package):
    """The same model of einops' layers in both packages."""
    if package == "torch":
        from einops.layers.torch import EinMix, Rearrange, Reduce
        from torch import nn
    else:
        from autograd_core import nn
        from autograd_core.nn.einops import EinMix, Rearrange, Reduce
    return nn.Sequential(
        Rearrange("b c (h p) (w q) -> b (h w) (p q c)", p=2, q=2), nn.LayerNorm(12),
        EinMix("b t c -> b t (h d)", weight_shape="c h d", bias_shape="h d", c=12, h=2, d=3),
        nn.ReLU(),
        EinMix("b t (h d) -> b t h d", weight_shape="t h d", h=2, d=3, t=6),
        Reduce("b t h d -> b h", "mean"),
    )  # fmt: skip


@pytest.mark.cpu_only  # the random numbers of PyTorch's CPU generator
def test_layers_are_modules_as_those_for_pytorch() -> None:
    torch = pytest.importorskip("torch")
    ag.manual_seed(0)
    ours = layers("autograd_core")
    state = torch.get_rng_state()
    torch.manual_seed(0)
    theirs = layers("torch")
    torch.set_rng_state(state)
    assert repr(ours) == repr(theirs)
    expected = theirs.state_dict()
    assert list(ours.state_dict()) == list(expected)
    for name, value in ours.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), expected[name].numpy())
    x = RNG.normal(size=(2, 3, 4, 6)).astype(np.float32)
    a, b = ag.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    (ours(a) ** 2).sum().backward()
    (theirs(b) ** 2).sum().backward()
    np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-5, atol=1e-6)
    for mine, other in zip(ours.parameters(), theirs.parameters()):
        np.testing.assert_allclose(mine.grad.numpy(), other.grad.numpy(), rtol=1e-5, atol=1e-6)


def test_layers_can_be_copied_and_pickled() -> None:
    model = layers("autograd_core")
    x = ag.randn(2, 3, 4, 6)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert (twin(x) == model(x)).all()
    with pytest.raises(einops.EinopsError, match="h b c"):
        layers("autograd_core")[0].__class__("a b -> h b c")


def test_float32_stays_float32_and_integers_are_taken() -> None:
    x = ag.tensor(IMAGES, dtype=ag.float32, requires_grad=True)
    y = einops.reduce(x, "b h w c -> c", "mean")
    y.sum().backward()
    assert y.dtype == ag.float32 and x.grad.dtype == ag.float32
    n = ag.arange(6).reshape(2, 3)
    assert einops.rearrange(n, "a b -> b a").tolist() == [[0, 3], [1, 4], [2, 5]]
    assert einops.reduce(n, "a b -> a", "max").tolist() == [2, 5]
    assert einops.reduce(n > 1, "a b -> a", "any").tolist() == [True, True]
    with pytest.raises(NotImplementedError, match="non-floating"):
        einops.reduce(n, "a b -> a", "mean")


def test_parse_shape_asnumpy_and_wrong_patterns() -> None:
    x = ag.tensor(IMAGES)
    assert einops.parse_shape(x, "b h _ c") == {"b": 2, "h": 4, "c": 3}
    np.testing.assert_array_equal(einops.asnumpy(x), IMAGES)
    with pytest.raises(einops.EinopsError):
        einops.rearrange(x, "b h -> h b")


LIST_THEM = (
    "import sys, {first}\nimport {second}\n"
    "assert not any('einops_hook' in repr(f) for f in sys.meta_path), sys.meta_path\n"
    "import einops, autograd_core as ag\n"
    "assert einops._backends.__spec__.loader is einops._backends.__loader__\n"
    "x = ag.ones(2, 3, requires_grad=True)\n"
    "einops.reduce(x, 'a b -> b', 'sum').sum().backward()\n"
    "print(x.grad.sum().item())"
)


@pytest.mark.parametrize("order", [("einops", "autograd_core"), ("autograd_core", "einops")])
def test_either_package_can_be_imported_first(order) -> None:
    code = LIST_THEM.format(first=order[0], second=order[1])
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "6.0", answer.stderr


def test_importing_autograd_core_does_not_import_einops() -> None:
    code = "import sys, autograd_core; print('einops' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "False", answer.stderr
