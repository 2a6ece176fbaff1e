"""Names of older and rarer functions that make tensors or set how, beside PyTorch's."""

from __future__ import annotations

import pytest

import autograd_core as ag

RANGES = [
    (0, 3), (0, 1, 0.25), (1, 4, 2), (5, 1, -2), (0.5, 3), (0, 3.9), (0, -1), (0, 3, 0), (2, 2),
    (0, float("inf")),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:torch.range is deprecated")
@pytest.mark.parametrize("arguments", RANGES, ids=str)
def test_range_includes_its_end_and_warns(arguments: tuple[float, ...]) -> None:
    torch = pytest.importorskip("torch")
    # (PyTorch ends the process at a step of 0 among integers.)
    whole = all(isinstance(number, int) for number in arguments) and arguments[-1] != 0
    for dtype in (None, "float64", *["int64"] * whole):
        kinds = {} if dtype is None else {"dtype": dtype}
        theirs = {name: getattr(torch, value) for name, value in kinds.items()}
        try:
            expected = torch.range(*arguments, **theirs)
        except RuntimeError:
            with pytest.warns(UserWarning, match="arange"), pytest.raises(RuntimeError):
                ag.range(*arguments, **kinds)
            continue
        with pytest.warns(UserWarning, match="use arange instead"):
            result = ag.range(*arguments, **kinds)
        assert result.dtype.name == str(expected.dtype).split(".")[1]
        assert result.tolist() == expected.tolist()


def test_empty_tensors_with_strides() -> None:
    torch = pytest.importorskip("torch")
    x = ag.ones(1, dtype=ag.float64)
    for size, stride in (((2, 3), (1, 2)), ((2, 3), (0, 1)), ((2, 3), (6, 2)), ((0, 3), (3, 1))):
        made = ag.empty_strided(size, stride)
        assert made.shape == size and made.dtype == ag.float32
        if 0 not in size:
            assert made.stride() == torch.empty_strided(size, stride).stride()
        assert x.new_empty_strided(size, stride).dtype == ag.float64
    assert ag.empty_strided((), (), requires_grad=True).is_leaf
    for stride in ((1,), (-1, 1)):
        with pytest.raises(RuntimeError, match="empty_strided: size"):
            ag.empty_strided((2, 3), stride)


@pytest.mark.cpu_only
def test_the_default_tensor_type() -> None:
    try:
        with pytest.warns(UserWarning, match="set_default_dtype"):
            ag.set_default_tensor_type(ag.DoubleTensor)
        assert ag.zeros(1).dtype == ag.float64
        with pytest.warns(UserWarning, match="set_default_dtype"):
            ag.set_default_tensor_type("torch.FloatTensor")
        assert ag.zeros(1).dtype == ag.float32
        for wrong in (ag.LongTensor, ag.float64, "x", "torch.LongTensor"):
            with pytest.warns(UserWarning), pytest.raises(TypeError, match="floating-point"):
                ag.set_default_tensor_type(wrong)
    finally:
        ag.set_default_dtype(ag.float32)


def test_settings_that_change_nothing_here() -> None:
    before = ag.get_num_interop_threads()
    ag.set_num_interop_threads(3)
    assert ag.get_num_interop_threads() == 3
    ag.set_num_interop_threads(before)
    with pytest.raises(ValueError, match="set_num_interop_threads: num must be at least 1"):
        ag.set_num_interop_threads(0)
    assert ag.set_flush_denormal(True) is False
    ag._assert(ag.tensor(True), "holds")
    with pytest.raises(AssertionError, match="does not hold"):
        ag._assert(ag.tensor(False), "does not hold")
    x = ag.ones(1)
    assert ag.is_storage(x.untyped_storage()) and not ag.is_storage(x)
    assert ag.OutOfMemoryError is ag.cuda.OutOfMemoryError is MemoryError
