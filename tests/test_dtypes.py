"""Element types and promotion, against PyTorch's."""

from __future__ import annotations

import copy
import itertools
import pickle
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import dtypes
from autograd_core.limits import finfo, iinfo


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch")


def _outcome(function: Any, *args: Any) -> str:
    """The name of the resulting type, or that there is none."""
    try:
        return str(function(*args)).rpartition(".")[2]
    except RuntimeError:
        return "refused"


def test_attributes_equal_pytorch(torch: Any) -> None:
    for one in dtypes.ALL:
        theirs = getattr(torch, one.name)
        for attribute in ("itemsize", "is_floating_point", "is_complex", "is_signed"):
            assert getattr(one, attribute) == getattr(theirs, attribute), (one, attribute)
        assert repr(one) == repr(theirs).replace("torch", "autograd_core")


def test_aliases_equal_pytorch(torch: Any) -> None:
    for alias in ("half", "float", "double", "short", "int", "long", "cfloat", "cdouble", "bool"):
        assert f"torch.{dtypes.as_dtype(alias).name}" == repr(getattr(torch, alias))


def test_promote_types_equals_pytorch_for_every_pair(torch: Any) -> None:
    for a, b in itertools.product(dtypes.ALL, repeat=2):
        want = _outcome(torch.promote_types, getattr(torch, a.name), getattr(torch, b.name))
        assert _outcome(dtypes.promote_types, a, b) == want, (a, b)


def test_can_cast_equals_pytorch_for_every_pair(torch: Any) -> None:
    for a, b in itertools.product(dtypes.ALL, repeat=2):
        want = torch.can_cast(getattr(torch, a.name), getattr(torch, b.name))
        assert dtypes.can_cast(a, b) == want, (a, b)


@pytest.mark.parametrize("default", ["float32", "float64", "bfloat16"])
def test_result_type_equals_pytorch_for_every_pair_of_operands(torch: Any, default: str) -> None:
    operands: list[tuple[Any, Any]] = [(x, x) for x in (True, 3, 2.5, 1j)]
    for one, shape in itertools.product(dtypes.ALL, [(2,), ()]):
        theirs = torch.zeros(shape, dtype=getattr(torch, one.name))
        operands.append((np.zeros(shape, one.numpy), theirs))
    dtypes.set_default_dtype(default)
    torch.set_default_dtype(getattr(torch, default))
    try:
        for (a, their_a), (b, their_b) in itertools.product(operands, repeat=2):
            want = _outcome(torch.result_type, their_a, their_b)
            want = want.replace("complex32", "complex64")  # there is no narrower complex type here
            assert _outcome(dtypes.result_type, a, b) == want, (a, b)
    finally:
        dtypes.set_default_dtype("float32")
        torch.set_default_dtype(torch.float32)


def test_result_type_of_many_operands_does_not_depend_on_their_order() -> None:
    operands = [np.zeros(2, np.int8), np.zeros((), np.float64), 2.5, np.zeros(3, np.int16)]
    for order in itertools.permutations(operands):
        assert dtypes.result_type(*order) is dtypes.float64


def test_numpy_scalars_count_as_plain_numbers() -> None:
    tensor = np.zeros(2, np.float32)
    for scalar in (np.float64(2), np.int64(2), np.bool_(True), dtypes.bfloat16.numpy.type(2)):
        assert dtypes.result_type(tensor, scalar) is dtypes.float32
    assert dtypes.result_type(np.zeros(2, np.int8), np.int64(3)) is dtypes.int8
    assert dtypes.result_type(tensor, np.complex128(1j)) is dtypes.complex64


def test_result_type_refuses_other_things() -> None:
    with pytest.raises(TypeError, match="expected tensors, arrays and numbers, got 'a'"):
        dtypes.result_type(np.zeros(2), "a")
    with pytest.raises(TypeError, match="at least one"):
        dtypes.result_type()


def test_one_object_per_type() -> None:
    for one in dtypes.ALL:
        assert pickle.loads(pickle.dumps(one)) is one
        assert copy.deepcopy(one) is one
        assert dtypes.from_numpy_dtype(one.numpy) is one
        assert dtypes.as_dtype(one) is dtypes.as_dtype(one.name) is one
        assert dtypes.as_dtype(repr(one)) is dtypes.as_dtype(f"torch.{one.name}") is one
        assert dtypes.as_dtype(one.numpy.type) is one
    assert len(dict.fromkeys(dtypes.ALL)) == len(dtypes.ALL)
    with pytest.raises(AttributeError, match="cannot be set"):
        dtypes.float32.name = "float64"


def test_pythons_types_are_wide_and_its_numbers_of_the_default_type(torch: Any) -> None:
    for kind in (bool, int, float, complex):
        for default in ("float32", "float64"):
            dtypes.set_default_dtype(default)
            torch.set_default_dtype(getattr(torch, default))
            try:
                wide = _outcome(lambda kind: torch.zeros(2, dtype=kind).dtype, kind)
                assert dtypes.as_dtype(kind).name == wide
                own = _outcome(torch.result_type, kind(1), kind(1))
                assert dtypes.result_type(kind(1)).name == own
                assert dtypes.get_default_dtype().name == default
            finally:
                dtypes.set_default_dtype(dtypes.float32)
                torch.set_default_dtype(torch.float32)
    with pytest.raises(TypeError, match="only floating-point types"):
        dtypes.set_default_dtype(dtypes.int64)


def test_pythons_types_as_dtypes_of_operators_and_modules(torch: Any) -> None:
    for call in (
        lambda lib: lib.ones(2).to(float),
        lambda lib: lib.ones(2).to(dtype=complex),
        lambda lib: lib.ones(2).sum(dtype=float),
        lambda lib: lib.ones(2).cumsum(0, dtype=float),
        lambda lib: lib.ones(2).softmax(0, dtype=float),
        lambda lib: lib.ones(2, dtype=bool),
        lambda lib: lib.arange(3, dtype=float),
        lambda lib: lib.full((2,), 1, dtype=float),
        lambda lib: lib.rand(2, dtype=float),
        lambda lib: lib.randint(3, (2,), dtype=int),
        lambda lib: lib.zeros_like(lib.ones(2), dtype=complex),
        lambda lib: lib.ones(2).new_zeros(2, dtype=float),
        lambda lib: lib.tensor([1, 2], dtype=float),
        lambda lib: lib.as_tensor([1.5], dtype=int),
        lambda lib: lib.nn.Linear(2, 2, dtype=float).weight,
        lambda lib: lib.nn.Linear(2, 2).to(float).weight,
        lambda lib: lib.nn.Linear(2, 2).to(dtype=float).weight,
        lambda lib: lib.nn.functional.softmax(lib.ones(2), 0, dtype=float),
    ):
        assert str(call(ag).dtype).split(".")[1] == str(call(torch).dtype).split(".")[1]


@pytest.mark.parametrize("bad", ["flot32", str, object, 3, None, np.dtype("U3"), "S1"])
def test_what_names_no_type_is_refused(bad: Any) -> None:
    with pytest.raises(TypeError, match="dtype"):
        dtypes.as_dtype(bad)


def test_foreign_byte_order_is_refused_with_the_mend() -> None:
    with pytest.raises(TypeError, match=r"foreign order; use .astype\('float32'\)"):
        dtypes.from_numpy_dtype(np.dtype(np.float32).newbyteorder())


def test_real_and_complex_partners() -> None:
    assert dtypes.complex128.to_real() is dtypes.float64
    assert dtypes.float32.to_real() is dtypes.float32
    assert dtypes.float64.to_complex() is dtypes.complex128
    assert dtypes.bfloat16.to_complex() is dtypes.complex64
    with pytest.raises(TypeError, match="only floating-point types"):
        dtypes.int64.to_complex()


def test_questions_about_tensors_and_types() -> None:
    assert dtypes.is_floating_point(np.zeros(2)) and not dtypes.is_floating_point(dtypes.int8)
    assert dtypes.is_complex(dtypes.complex64) and not dtypes.is_complex(np.zeros(2))
    assert dtypes.is_signed(np.zeros(2, np.int8)) and not dtypes.is_signed(dtypes.uint8)


def test_limits_equal_pytorch(torch: Any) -> None:
    for one in dtypes.ALL:
        theirs = getattr(torch, one.name)
        if one.is_floating_point or one.is_complex:
            ours, want = finfo(one), torch.finfo(theirs)
            names = ["bits", "eps", "max", "min", "tiny", "smallest_normal", "resolution", "dtype"]
            assert repr(ours) == repr(want)
        elif one is not dtypes.bool_:
            ours, want = iinfo(one), torch.iinfo(theirs)
            names = ["bits", "max", "min", "dtype"]
        else:
            continue
        for name in names:
            assert getattr(ours, name) == getattr(want, name), (one, name)
    assert repr(iinfo(dtypes.int8)) == repr(torch.iinfo(torch.int8))
    assert finfo().dtype == "float32"


def test_limits_refuse_the_wrong_kind() -> None:
    with pytest.raises(TypeError, match=r"use iinfo\(\)"):
        finfo(dtypes.int32)
    with pytest.raises(TypeError, match=r"use finfo\(\)"):
        iinfo(dtypes.float32)
    with pytest.raises(TypeError, match="not an integer type"):
        iinfo(dtypes.bool_)
