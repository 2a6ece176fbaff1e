"""Tensors made from numbers: evenly spaced ones are PyTorch's to the last digit."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

DTYPES = (
    "float16", "bfloat16", "float32", "float64", "int32", "int64", "complex64", "complex128",
)  # fmt: skip
ENDS = [(-1, 1), (0, 2), (0.1, 7.3), (10, 0), (3, 3), (-3.14159, 3.14159)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_linspace_is_pytorchs_to_the_last_digit(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    for start, end in ENDS:
        for steps in (0, 1, 2, 3, 7, 28, 100):
            ours = ag.linspace(start, end, steps, dtype=getattr(ag, dtype))
            theirs = torch.linspace(start, end, steps, dtype=getattr(torch, dtype))
            assert ours.tolist() == theirs.tolist(), (start, end, steps)


def test_linspace_ends_where_it_should() -> None:
    for start, end in ENDS:
        values = ag.linspace(start, end, 11, dtype=ag.float64).tolist()
        assert values[0] == start and values[-1] == end
        np.testing.assert_allclose(values, np.linspace(start, end, 11), rtol=1e-15, atol=1e-15)


@pytest.mark.filterwarnings("ignore:torch.asarray. unspecified requires_grad")
@pytest.mark.parametrize(
    "convert",
    [
        lambda lib, y: lib.asarray(y),
        lambda lib, y: lib.asarray(y, copy=True),
        lambda lib, y: lib.asarray(y, dtype=lib.float64),
        lambda lib, y: lib.asarray(y, requires_grad=True),
        lambda lib, y: lib.asarray(y.clone(), requires_grad=False),
        lambda lib, y: lib.as_tensor(y),
        lambda lib, y: lib.as_tensor(y, dtype=lib.float64),
        lambda lib, y: lib.Tensor(y),
        lambda lib, y: lib.FloatTensor(y),
        lambda lib, y: y.new(y),
    ],
)
def test_tensors_made_of_tensors_keep_the_graph_where_pytorchs_do(
    convert: Callable[[Any, Any], Any],
) -> None:
    torch = pytest.importorskip("torch")

    def grad(lib: Any, leaf: bool) -> list[float]:
        x = lib.tensor([1.0, 2.0], requires_grad=True)
        made = convert(lib, x if leaf else x * 3).to(x.device)
        ((x * 2).sum() + (made * made).sum()).backward()
        return x.grad.tolist()  # type: ignore[no-any-return]

    for leaf in (False, True):
        assert grad(ag, leaf) == grad(torch, leaf)


def test_asarray_gives_the_tensor_itself_and_older_constructors_its_memory() -> None:
    y = ag.ones(2, requires_grad=True) * 3
    assert ag.asarray(y) is y and ag.asarray(y, copy=False) is y
    assert ag.Tensor(y).data_ptr() == y.data_ptr() == y.new(y).data_ptr()
    assert ag.asarray([1.0]).requires_grad is False


# What PyTorch makes of nested sequences, and what it refuses.
NESTED = """
    T.tensor([T.tensor(0.1), 0.2])
    T.tensor([0.2, T.tensor(0.1)])
    T.tensor([1, T.tensor(2., dtype=T.float64)])
    T.tensor([1, T.tensor(2)])
    T.tensor([1, T.tensor(2, dtype=T.int16)])
    T.tensor([T.tensor(2, dtype=T.int16)])
    T.tensor([T.tensor(2, dtype=T.float16),T.tensor(2, dtype=T.bfloat16)])
    T.tensor([T.tensor(2, dtype=T.float16),1.5])
    T.tensor([T.tensor(2, dtype=T.float16),1])
    T.tensor([T.tensor(2, dtype=T.float16),True])
    T.tensor([True,1])
    T.tensor([True,1.5])
    T.tensor([1,1.5])
    T.tensor([1,1j])
    T.tensor([T.tensor(1.,dtype=T.float64),1j])
    T.tensor([T.tensor(2, dtype=T.uint8),T.tensor(-3, dtype=T.int8)])
    T.tensor([T.tensor(2, dtype=T.uint8),-3])
    T.tensor([T.tensor(2, dtype=T.uint16)])
    T.tensor([T.tensor([1.5]), T.tensor([2.])])
    T.tensor([T.tensor([1.]), 2.])
    T.tensor([2., T.tensor([1.])])
    T.tensor([T.tensor([1]), T.tensor([2])])
    T.tensor([T.ones(2)])
    T.tensor([T.ones(2),T.ones(2)])
    T.tensor([T.ones(2),1.])
    T.tensor([T.ones(1,1)])
    T.tensor([T.ones(0)])
    T.tensor([[T.tensor(1.)],[T.tensor(2.)]])
    T.tensor([[T.tensor([1.])],[2]])
    T.tensor([np.float64(1.5), 2.])
    T.tensor([np.float32(1.5), np.float64(2.)])
    T.tensor([2., np.float64(1.5)])
    T.tensor([2, np.float64(1.5)])
    T.tensor([2, np.float16(1.5)])
    T.tensor([np.float16(1.5)])
    T.tensor([np.float16(1.5),2])
    T.tensor([np.int32(1),2])
    T.tensor([np.int32(1)])
    T.tensor([np.int8(1), np.int16(3)])
    T.tensor([np.uint8(1), 300])
    T.tensor([2,np.int32(1)])
    T.tensor([np.int32(1),2.5])
    T.tensor([np.bool_(True)])
    T.tensor(np.float64(2))
    T.tensor(np.float32(2))
    T.tensor(np.int32(2))
    T.tensor(np.bool_(True))
    T.tensor(np.float16(2))
    T.tensor(np.complex64(2))
    T.tensor([np.complex64(2)])
    T.tensor([np.complex64(2),1.])
    T.tensor([np.array([1.5,2.]), np.array([1,2])])
    T.tensor([np.array([1,2]), np.array([1.5,2.])])
    T.tensor([np.array([1,2],np.int16), np.array([1,2],np.int32)])
    T.tensor([np.array([1,2],np.float32), [3.,4.]])
    T.tensor([[3.,4.],np.array([1,2],np.float64)])
    T.tensor([[3,4],np.array([1,2],np.float64)])
    T.tensor([np.array([1.5]),np.array([1.5])])
    T.tensor((np.array([1.5]),np.array([1.5])))
    T.tensor([[1.,2.],T.tensor([1.,2.])])
    T.tensor([[1.,2.],[T.tensor(1.,dtype=T.float64),2.]])
    T.tensor([np.zeros(0),np.zeros(0)])
    T.tensor([[],[]])
    T.tensor([[]])
    T.tensor([])
    T.tensor([[],[]],dtype=T.int64)
    T.tensor([np.ones((1,2),np.int64)])
    T.tensor([T.tensor([[1.,2.]])],dtype=T.float64)
    T.tensor(range(3))
    T.tensor([range(3),range(3)])
    T.tensor(None)
    T.tensor({1,2})
    T.tensor({1:2})
    T.tensor([[1],[1,2]])
    T.tensor(2**63)
    T.tensor([2**63])
    T.tensor(2**64)
    T.tensor(-2**63-1)
    T.tensor(2**63,dtype=T.float64)
    T.tensor(2**63,dtype=T.uint64)
    T.tensor([2**63,1.5])
    T.tensor([1.5,2**63])
    T.tensor(2**100,dtype=T.float64)
    T.tensor([2**64+1.])
    T.tensor([np.float64(1),np.float64(2)],dtype=T.float32)
    T.tensor([1.5,T.tensor(2)],dtype=T.int64)
    T.tensor([300,T.tensor(2)],dtype=T.uint8)
    T.tensor([T.tensor(300)],dtype=T.uint8)
    T.tensor([-1],dtype=T.uint8)
    T.tensor([1.5],dtype=T.bool)
    T.tensor(float('nan'),dtype=T.int64)
    T.tensor(T.tensor([1.5]).numpy())
    T.tensor([np.ones((2,2)),np.ones((2,3))])
    T.tensor([np.ones(2),np.ones(3)])
"""


@pytest.mark.cpu_only
@pytest.mark.parametrize("text", [line.strip() for line in NESTED.strip().splitlines()])
def test_nested_sequences_become_what_they_become_in_pytorch(text: str) -> None:
    torch = pytest.importorskip("torch")
    run = lambda lib: eval(text, {"T": lib, "np": np})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # (a list of arrays is slow there)
            expected = run(torch)
    except (TypeError, ValueError, RuntimeError) as error:
        with pytest.raises(type(error)):
            run(ag)
        return
    result = run(ag)
    assert str(result.dtype).split(".")[1] == str(expected.dtype).split(".")[1]
    assert result.shape == tuple(expected.shape) and result.tolist() == expected.tolist()


def test_what_is_no_number_is_refused() -> None:
    for data in (None, [None], {1, 2}, {1: 2}, (i for i in range(2)), object(), "a", [1, "a"]):
        for make in (ag.tensor, ag.as_tensor, ag.asarray):
            with pytest.raises(RuntimeError, match="cannot make a tensor of") as caught:
                make(data)
            assert isinstance(caught.value, TypeError)
    with pytest.raises(ValueError, match="one element"):
        ag.tensor([ag.ones(2), ag.ones(2)])
    assert ag.tensor([ag.ones(1), 2.0], dtype=ag.int64).tolist() == [1, 2]


# Forms of arguments: by name, and where the result goes.
FORMS = """
    T.zeros(size=(2,))
    T.ones(size=[2])
    T.empty(size=(2,))
    T.empty(2,3,memory_format=T.contiguous_format)
    T.empty(2,3,2,2,memory_format=T.channels_last)
    T.rand(size=(2,))
    T.randn(size=(2,))
    T.randint(3,size=(2,))
    T.randint(0,3,size=(2,))
    T.randint(low=0,high=3,size=(2,))
    T.full(size=(2,),fill_value=3.)
    T.rand(2,size=(2,))
    T.zeros((2,),size=(2,))
    T.zeros(2,layout=T.strided,pin_memory=False)
    T.ones(2,layout=T.strided,pin_memory=False)
    T.empty(2,layout=T.strided,pin_memory=False)
    T.full((2,),1.,layout=T.strided,pin_memory=False)
    T.zeros_like(x,layout=T.strided,pin_memory=False)
    T.empty_like(x,layout=T.strided,pin_memory=False)
    T.full_like(x,2,layout=T.strided,pin_memory=False)
    T.rand_like(x,layout=T.strided,pin_memory=False)
    T.randn_like(x,layout=T.strided,pin_memory=False)
    T.randint_like(x,5,layout=T.strided,pin_memory=False)
    T.arange(3,layout=T.strided,pin_memory=False)
    T.linspace(0,1,3,layout=T.strided,pin_memory=False)
    T.logspace(0,1,3,layout=T.strided,pin_memory=False)
    T.eye(2,layout=T.strided,pin_memory=False)
    T.rand(2,layout=T.strided,pin_memory=False)
    T.randn(2,layout=T.strided,pin_memory=False)
    T.randint(3,(2,),layout=T.strided,pin_memory=False)
    T.randperm(3,layout=T.strided,pin_memory=False)
    T.normal(0.,1.,(2,),layout=T.strided,pin_memory=False)
    T.normal(mean=0.,std=1.,size=(2,))
    T.tril_indices(2,2,layout=T.strided)
    T.scalar_tensor(2,layout=T.strided,pin_memory=False)
    T.hann_window(4,layout=T.strided,pin_memory=False)
    x.new_zeros(size=(2,))
    x.new_ones(size=(2,))
    x.new_empty(size=(2,))
    x.new_full(size=(2,),fill_value=3)
    x.new_zeros(2,layout=T.strided,pin_memory=False)
    x.new_full((2,),3,layout=T.strided,pin_memory=False)
    x.view(size=(2,2))
    x.view(dtype=T.int32)
    x.expand(size=(2,4))
    x.expand(2,4,implicit=False)
    x.reshape(shape=(2,2))
    x.repeat(repeats=(2,1))
    x.tile(dims=(2,))
    x.permute(dims=(0,))
    x.flip(dims=(0,))
    x.broadcast_to(2,4)
    x.broadcast_to((2,4))
    x.broadcast_to(size=(2,4))
    T.broadcast_to(x,(2,4))
    T.broadcast_to(x,size=(2,4))
    T.permute(x,dims=(0,))
    T.reshape(x,shape=(2,2))
    T.tile(x,dims=(2,))
    x.view(2,2,size=(2,2))
    x.roll(shifts=1,dims=0)
    x.unflatten(0,sizes=(2,2))
    T.zeros(2,names=None)
    T.zeros(2.5)
    T.zeros([2.5])
    T.zeros(T.tensor(2))
    T.zeros((T.tensor(2),3))
    T.zeros(x.shape)
    T.zeros(np.int64(2))
    T.zeros(None)
    T.zeros("2")
    T.zeros(np.array([2,3]))
    T.zeros(T.tensor([2]))
    T.zeros(range(2))
    T.ones(2,out=T.empty(0))
    T.zeros(2,3,out=T.empty(2,3))
    T.full((2,),5,out=T.empty(0))
    T.full((2,),5.,out=T.empty(0,dtype=T.int64))
    T.arange(3,out=T.empty(0))
    T.arange(3,out=T.empty(0,dtype=T.int64))
    T.arange(0,1,.25,out=T.empty(0,dtype=T.float64))
    T.arange(0,1,.25,out=T.empty(0),dtype=T.float64)
    T.eye(2,out=T.empty(0))
    T.eye(2,3,out=T.empty(0,dtype=T.int64))
    T.linspace(0,1,3,out=T.empty(0,dtype=T.float64))
    T.linspace(0,1,3,dtype=T.float64,out=T.empty(0))
    T.logspace(0,1,3,out=T.empty(0))
    T.rand(2,out=T.empty(0))
    T.randint(5,(2,),out=T.empty(0,dtype=T.int64))
    T.randperm(3,out=T.empty(0,dtype=T.int64))
    T.add(x,x,out=T.empty(0))
    T.sum(x,0,out=T.empty(0))
    T.mm(x.view(2,2),x.view(2,2),out=T.empty(0))
    T.exp(x,out=T.empty(0,dtype=T.float64))
    T.exp(x,out=T.empty(4,dtype=T.int64))
    T.stack([x,x],out=T.empty(0))
    T.normal(0.,1.,(2,),out=T.empty(0))
    T.zeros(2,out=T.empty(0),dtype=T.float64)
    T.zeros(2,out=None)
    T.clamp(x,1,2,out=T.empty(0))
"""


@pytest.mark.cpu_only
@pytest.mark.parametrize("text", [line.strip() for line in FORMS.strip().splitlines()])
def test_arguments_by_pytorchs_names_and_out(text: str) -> None:
    torch = pytest.importorskip("torch")
    run = lambda lib: eval(text, {"T": lib, "np": np, "x": lib.arange(4.0)})
    torch.manual_seed(0)
    ag.manual_seed(0)
    try:
        expected = run(torch)
    except (TypeError, ValueError, RuntimeError) as error:
        with pytest.raises(type(error)):
            run(ag)
        return
    result = run(ag)
    assert str(result.dtype).split(".")[1] == str(expected.dtype).split(".")[1]
    assert result.shape == tuple(expected.shape)
    if "empty" not in text.split("out=")[0]:
        np.testing.assert_allclose(result.tolist(), expected.tolist(), rtol=1e-6)


def test_an_out_with_elements_keeps_its_shape() -> None:
    for make in (
        lambda out: ag.zeros(2, out=out),
        lambda out: ag.arange(2, out=out),
        lambda out: ag.eye(2, out=out),
        lambda out: ag.linspace(0, 1, 2, out=out),
        lambda out: ag.randn(2, out=out),
        lambda out: ag.add(ag.ones(2), 1, out=out),
    ):
        with pytest.raises(ValueError, match=r"out has shape \(3,\), expected \(2"):
            make(ag.empty(3))
        with pytest.raises(RuntimeError):
            make(ag.empty(0, requires_grad=True))
        out = ag.empty(0)
        assert make(out) is out and out.shape[0] == 2
    with pytest.raises(ValueError, match="layout must be autograd_core.strided"):
        ag.zeros(2, layout="sparse")
