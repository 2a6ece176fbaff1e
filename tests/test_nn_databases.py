"""PyTorch's own sample inputs for modules and functions, run through both libraries."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from opdb_samples import certain

import autograd_core as ag
from autograd_core import nn
from autograd_core.registry import operators

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db
    from torch.testing._internal.common_modules import module_db

MODULES = [m for m in module_db if hasattr(nn, m.module_cls.__name__)]
# Functions that are no operators of the table, whose samples test_opdb.py runs.
OPERATORS = [
    op
    for op in op_db
    if op.name.startswith("nn.functional.")
    and op.name not in operators()
    and hasattr(nn.functional, op.name.split(".")[-1])
    and op.dtypes  # some are variants for GPUs
]
# PyTorch computes these in float64 with constants that were rounded to float32.
LOOSE = {"hardsigmoid": 1e-6, "celu": 1e-6, "Hardsigmoid": 1e-6, "CELU": 1e-6}
# What draws random numbers: PyTorch's only on the CPU.
RANDOM = {
    *("dropout", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout", "rrelu"),
    *("fractional_max_pool2d", "fractional_max_pool3d"),
    *("Dropout", "FractionalMaxPool2d", "FractionalMaxPool3d"),
}
# PyTorch's gradient of these is right only behind a log_softmax.
NORMALIZED = {"CTCLoss"}
SEED = 42  # that PyTorch's samples of random functions begin with


def seed(name):
    """The same seed for both libraries; what draws other numbers is skipped."""
    if name in RANDOM and ag.get_default_device().type != "cpu":
        pytest.skip("other devices draw other numbers")
    ag.manual_seed(SEED)
    torch.manual_seed(SEED)


DTYPES = {getattr(torch, n): getattr(ag, n) for n in ("float32", "float64", "int64")}


def here(value, leaves):
    """PyTorch's value as ours; floating-point Tensors become leaves, noted in pairs."""
    if isinstance(value, torch.Tensor):
        for known, same in leaves:
            if same is value:
                return known
        ours = ag.tensor(value.detach().numpy())
        if value.requires_grad:
            ours.requires_grad_()
            leaves.append((ours, value))
        return ours
    if isinstance(value, torch.dtype):
        return DTYPES[value]
    if value is torch.nn.functional.relu or value is torch.nn.functional.gelu:
        return getattr(nn.functional, value.__name__)
    if isinstance(value, torch.nn.LinearCrossEntropyOptions):
        return nn.LinearCrossEntropyOptions(
            value.allow_retain_graph, value.batch_chunk_size, value.chunking_method
        )
    if isinstance(value, torch.nn.TransformerEncoderLayer):
        return encoder_layer(value)
    if isinstance(value, (list, tuple)):
        return type(value)(here(v, leaves) for v in value)
    if isinstance(value, dict):
        return {k: here(v, leaves) for k, v in value.items()}
    return value


def encoder_layer(theirs):
    """Ours with the arguments that PyTorch's was made with."""
    attention = theirs.self_attn
    return nn.TransformerEncoderLayer(
        attention.embed_dim,
        attention.num_heads,
        theirs.linear1.out_features,
        theirs.dropout.p,
        here(theirs.activation, []),
        batch_first=attention.batch_first,
        norm_first=theirs.norm_first,
        bias=theirs.linear1.bias is not None,
    )


def tensors(result):
    """The tensors of a result, in order: of a tuple, of the tuples in it."""
    if isinstance(result, tuple):
        return [tensor for part in result for tensor in tensors(part)]
    return [] if result is None else [result]


def compare(ours, theirs, leaves, tolerance):
    """Every output, and the gradients of the leaves for random gradients of the outputs."""

    def same(a, b):
        np.testing.assert_allclose(
            a.detach().cpu().numpy(), b.detach().numpy(), rtol=tolerance, atol=tolerance
        )

    outputs = list(zip(tensors(ours), tensors(theirs), strict=True))
    for a, b in outputs:
        assert tuple(a.shape) == tuple(b.shape)
        same(a, b)
    outputs = [(a, b) for a, b in outputs if b.requires_grad]
    pairs = [(a, b) for a, b in leaves if a.is_leaf]
    if not (outputs and pairs):
        return
    weights = [torch.randn(b.shape, dtype=b.dtype, generator=torch.Generator()) for _, b in outputs]
    a_grads = ag.autograd.grad(
        [a for a, _ in outputs],
        [a for a, _ in pairs],
        [ag.tensor(w.numpy()) for w in weights],
        allow_unused=True,
    )
    b_grads = torch.autograd.grad(
        [b for _, b in outputs], [b for _, b in pairs], weights, allow_unused=True
    )
    for a, b in zip(a_grads, b_grads):
        assert (a is None) == (b is None)
        if a is not None:
            same(a, b)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("info", MODULES, ids=lambda m: m.module_cls.__name__)
def test_modules(info, training):
    name = info.module_cls.__name__
    count = 0
    for sample in info.module_inputs_func(
        info, device="cpu", dtype=torch.float64, requires_grad=True, training=training
    ):
        if sample.forward_input is None:
            continue
        args, kwargs = sample.constructor_input.args, dict(sample.constructor_input.kwargs)
        kwargs.pop("device", None)  # ours go where the tests run
        theirs = info.module_cls(*args, **kwargs).double().train(training)
        ours = getattr(nn, name)(*here(args, []), **here(kwargs, []))
        ours.double().train(training)
        given = sample.forward_input
        if name.startswith("Lazy"):  # whose parameters have no shapes before
            theirs(*given.args)
        ours.load_state_dict(theirs.state_dict())
        leaves = list(zip(ours.parameters(), theirs.parameters()))
        seed(name)
        theirs_given, ours_given = given.args, here(given.args, leaves)
        if name in NORMALIZED:
            theirs_given = (theirs_given[0].log_softmax(-1), *theirs_given[1:])
            ours_given = (ours_given[0].log_softmax(-1), *ours_given[1:])
        y = ours(*ours_given, **here(given.kwargs, leaves))
        z = theirs(*theirs_given, **given.kwargs)
        compare(y, z, leaves, LOOSE.get(name, 1e-11))
        count += 1
    assert count


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.name.split(".")[-1])
def test_functions(op):
    name = op.name.split(".")[-1]
    count = 0
    kinds = (torch.float64, torch.complex128, torch.int64)
    dtype = next(kind for kind in kinds if kind in op.dtypes)
    for sample in op.sample_inputs("cpu", dtype, requires_grad=dtype == torch.float64):
        sample = certain(op, sample)
        leaves: list = []
        ours = [here(v, leaves) for v in (sample.input, *sample.args)]
        if name == "embedding":  # whose samples have the table first
            ours.reverse()
        kwargs = here(sample.kwargs, leaves)
        seed(name)
        theirs = op(sample.input, *sample.args, **sample.kwargs)
        compare(
            getattr(nn.functional, name)(*ours, **kwargs), theirs, leaves, LOOSE.get(name, 1e-11)
        )
        count += 1
    assert count


# Accepted on purpose: a weight of another dtype is converted, and what has no effect is no error.
HARMLESS = {"NLLLoss", "HuberLoss", "CrossEntropyLoss"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "info", [m for m in MODULES if m.module_error_inputs_func], ids=lambda m: m.module_cls.__name__
)
def test_wrong_inputs_of_modules_are_refused(info):
    name = info.module_cls.__name__
    accepted = []
    for wrong in info.module_error_inputs_func(
        info, device="cpu", dtype=torch.float32, requires_grad=False, training=True
    ):
        wrong_input = wrong.module_error_input
        made, given = wrong_input.constructor_input, wrong_input.forward_input
        try:
            layer = getattr(nn, name)(*here(made.args, []), **here(made.kwargs, []))
            if given is not None:  # else the constructor should have refused
                layer(*here(given.args, []), **here(given.kwargs, []))
        except (ValueError, TypeError, RuntimeError, IndexError) as error:
            assert len(str(error)) > 20, "the message says too little"
        else:
            accepted.append((made.args, made.kwargs, wrong.error_regex))
    assert not accepted or name in HARMLESS, accepted
