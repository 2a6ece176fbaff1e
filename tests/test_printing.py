"""``repr`` is PyTorch's text, module name and device apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_core as ag

pytestmark = pytest.mark.cpu_only  # elsewhere the text names the device


@pytest.fixture(autouse=True)
def default_options() -> Iterator[None]:
    yield
    ag.set_printoptions(profile="default")


def test_leaves_and_results() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x) == "tensor([1., 2.], requires_grad=True)"
    assert repr(x + 1) == "tensor([2., 3.], grad_fn=<AddBackward0>)"
    assert repr((x * 2).sum()) == "tensor(6., grad_fn=<SumBackward0>)"
    assert repr(x.detach()) == "tensor([1., 2.])"
    assert str(x) == repr(x)


def test_dtypes() -> None:
    assert repr(ag.tensor([1, 2])) == "tensor([1, 2])"
    assert repr(ag.tensor([True, False])) == "tensor([ True, False])"
    assert repr(ag.tensor([1.5], dtype=ag.float64)) == (
        "tensor([1.5000], dtype=autograd_core.float64)"
    )
    assert repr(ag.tensor([1.5, 2.0], dtype=ag.bfloat16)) == (
        "tensor([1.5000, 2.0000], dtype=autograd_core.bfloat16)"
    )
    assert repr(ag.tensor([1 + 2j])) == "tensor([1.+2.j])"
    ag.set_default_dtype(ag.float64)
    try:
        assert repr(ag.tensor([1.5])) == "tensor([1.5000])"
        assert repr(ag.ones(1, dtype=ag.float32)).endswith("dtype=autograd_core.float32)")
    finally:
        ag.set_default_dtype(ag.float32)


def test_empty_and_0d() -> None:
    assert repr(ag.zeros(0)) == "tensor([])"
    assert repr(ag.zeros(0, 3)) == "tensor([], size=(0, 3))"
    assert repr(ag.zeros(2, 0, dtype=ag.int64)) == (
        "tensor([], size=(2, 0), dtype=autograd_core.int64)"
    )
    assert repr(ag.tensor(3)) == "tensor(3)"
    assert repr(ag.tensor(float("nan"))) == "tensor(nan)"


def test_format() -> None:
    x = ag.tensor(3.14159)
    assert f"{x:.2f}" == "3.14" and f"{x}" == "3.141590118408203"
    assert f"{ag.tensor([1.0])}" == "tensor([1.])"
    with pytest.raises(TypeError):
        format(ag.tensor([1.0]), ".2f")


def test_options() -> None:
    x = ag.tensor([[1.23456, 2.0], [3.0, 4.0]])
    ag.set_printoptions(precision=2)
    assert repr(x) == "tensor([[1.23, 2.00],\n        [3.00, 4.00]])"
    ag.set_printoptions(threshold=3, edgeitems=1)
    assert repr(x.reshape(4)) == "tensor([1.23,  ..., 4.00])"
    ag.set_printoptions(sci_mode=True)
    assert "e+00" in repr(x)
    ag.set_printoptions(profile="default")
    assert repr(x) == "tensor([[1.2346, 2.0000],\n        [3.0000, 4.0000]])"
    assert ag.get_printoptions().precision == 4
    with pytest.raises(ValueError, match="profile"):
        ag.set_printoptions(profile="loud")


def test_a_large_tensor_prints_quickly() -> None:
    assert len(repr(ag.zeros(3000, 3000))) < 500


# --- against PyTorch ------------------------------------------------------------------------------


def same_text(array: Any) -> None:
    torch = pytest.importorskip("torch")
    ours = repr(ag.from_numpy(array.copy())).replace("autograd_core.", "torch.")
    theirs = repr(torch.from_numpy(array.copy()))
    # The longer module name may move the dtype to a line of its own.
    ours, theirs = (re.sub(r",\s+dtype", ", dtype", text) for text in (ours, theirs))
    assert ours == theirs


values = st.one_of(
    st.sampled_from([0.0, 1.0, -2.0, np.nan, np.inf, -np.inf, 1e-5, 1e5, 123456789.0, 0.5]),
    st.floats(-1e12, 1e12, allow_nan=False),
    st.floats(-3, 3, allow_nan=False),
)
shapes = st.lists(st.sampled_from([0, 1, 2, 3, 7]), max_size=4).map(tuple)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_every_array_prints_as_in_pytorch(data: Any) -> None:
    shape = data.draw(shapes)
    size = int(np.prod(shape))
    dtype = data.draw(
        st.sampled_from([np.float32, np.float64, np.float16, np.int64, np.int8, bool, np.complex64])
    )
    flat = data.draw(st.lists(values, min_size=size, max_size=size))
    array = np.array(flat, np.float64)
    kind = np.dtype(dtype).kind
    if kind in "biu":
        array = np.nan_to_num(array, posinf=0, neginf=0) % 100
    with np.errstate(all="ignore"):
        if kind == "c":
            array = array + 1j * np.roll(array, 1)
        same_text(array.reshape(shape).astype(dtype))


@pytest.mark.parametrize("shape", [(1001,), (40, 30), (2, 50, 11), (1000, 1000), (5, 7, 11, 13)])
@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e7])
def test_summaries_print_as_in_pytorch(shape: tuple[int, ...], scale: float) -> None:
    same_text(np.random.default_rng(0).standard_normal(shape) * scale)
    same_text((np.random.default_rng(0).standard_normal(shape) * 50).astype(np.int64))


@pytest.mark.parametrize(
    "options",
    [
        {"precision": 7},
        {"threshold": 10, "edgeitems": 2},
        {"linewidth": 40},
        {"sci_mode": True},
        {"sci_mode": False},
        {"profile": "short"},
        {"profile": "full"},
    ],
)
def test_options_act_as_in_pytorch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    torch.set_printoptions(**options)
    ag.set_printoptions(**options)
    try:
        rng = np.random.default_rng(0)
        for shape in [(3,), (4, 5), (3, 4, 5), (), (2000,)]:
            for scale in (1.0, 1e-6, 1e9):
                same_text(np.asarray(rng.standard_normal(shape) * scale))
                same_text(np.zeros(shape))
    finally:
        torch.set_printoptions(profile="default")
