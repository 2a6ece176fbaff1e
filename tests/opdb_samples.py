"""PyTorch's own samples of its operators (op_db), for calls of both engines with the same
arguments."""

from __future__ import annotations

import inspect
import tomllib
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.registry import Entry, operators

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")  # PyTorch's own test helpers need it

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal import common_utils
    from torch.testing._internal.common_methods_invocations import op_db
    from torch.testing._internal.opinfo import core

# PyTorch looks through the stack for its own test each time that it makes samples, which takes
# longer than all the rest; there is none.
common_utils.extract_test_fn = core.extract_test_fn = lambda: None

TABLE: dict[str, list[Any]] = {}
for op in op_db:
    # (Views of a larger memory, which a copy into another engine does not have.)
    if op.variant_test_name != "partial_views":
        TABLE.setdefault(op.name, []).append(op)

NOTES = tomllib.loads((Path(__file__).parent.parent / "docs" / "coverage.toml").read_text())
# What is left out on purpose.
LEFT_OUT = {name for group in NOTES["left_out"] for name in group["names"]}

NAMES = sorted(set(TABLE) - LEFT_OUT)

# What draws random numbers: PyTorch's only on the CPU.
RANDOM = {
    "bernoulli", "normal", "multinomial", "rand_like", "randint", "randint_like", "randn",
    "randn_like", "cauchy", "exponential", "geometric", "log_normal", "uniform",
} | {
    f"nn.functional.{name}"
    for name in ("dropout", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")
    + ("rrelu", "fractional_max_pool2d", "fractional_max_pool3d")
}  # fmt: skip
SEED = 42  # that PyTorch's samples of these begin with

# What PyTorch itself computes to fewer digits.
LESS_EXACT = {
    "polygamma": 1e-9,
    "special.polygamma": 1e-9,
    "nn.functional.hardsigmoid": 1e-7,  # (a sixth is one of float32)
    "linalg.householder_product": 1e-7,  # (differences of large numbers)
    "special.airy_ai": 1e-8,
    "svd_lowrank": 1e-5,  # (second derivatives of complex singular vectors)
    "pca_lowrank": 1e-5,
    **dict.fromkeys([f"special.bessel_{name}" for name in ("j0", "j1", "y0", "y1")], 1e-5),
}

# Memory as it is found has no values to compare.
UNINITIALISED = {"empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided"}


def _seeded(name: str, a: Any, b: Any, **options: Any) -> Any:
    """Of a product of few columns; with the random vectors that PyTorch's samples draw."""
    ag.manual_seed(42)
    return getattr(ag, name)(a @ b.mT, **options)


# PyTorch's samples for these put the arguments in another order than the public function.
REORDERED = {
    "where": lambda input, condition, other: ag.where(condition, input, other),
    "einsum": lambda tensors, equation: ag.einsum(equation, *tensors),
    "polygamma": lambda input, n: ag.polygamma(n, input),
    "special.polygamma": lambda input, n: ag.polygamma(n, input),
    "slice": lambda input, dim=0, start=None, end=None, step=1: input.movedim(dim, 0)[
        start:end:step
    ].movedim(0, dim),
    "zero_": lambda input: input.clone().zero_(),
    "rand_like": lambda input, **options: ag.randn_like(input, **options),  # (sic)
    "nn.functional.embedding": lambda weight, input, **options: ag.nn.functional.embedding(
        input, weight, **options
    ),
    "nn.functional.embedding_bag": lambda weight, input, **options: ag.nn.functional.embedding_bag(
        input, weight, **options
    ),
    # Their samples broadcast, which losses here do where they are told to.
    "nn.functional.gaussian_nll_loss": partial(
        ag.nn.functional.gaussian_nll_loss, allow_broadcast=True
    ),
    "nn.functional.triplet_margin_with_distance_loss": lambda *args, distance_function, **options: (
        ag.nn.functional.triplet_margin_with_distance_loss(
            *args, distance_function=_distance_here(distance_function), **options
        )
    ),
    "svd_lowrank": partial(_seeded, "svd_lowrank"),
    "pca_lowrank": partial(_seeded, "pca_lowrank"),
    # Variants, which are other functions.
    "normal_number_mean": lambda std, mean, *args, **options: ag.normal(
        mean, std, *args, **options
    ),
    "normal_in_place": lambda input, *args: input.clone().normal_(*args),
    "linalg.pinv_singular": lambda a, b: ag.linalg.pinv(a @ b.mT),
    "linalg.lstsq_grad_oriented": lambda a, b, driver: ag.linalg.lstsq(a, b, driver=driver)[:2],
}

# Of these PyTorch reads one triangle, and gives gradients to the other one too; its own checks
# therefore cut the argument (the number says which) to its triangle first.
TRIANGULAR = {"cholesky_solve": 1, "cholesky_inverse": 0}
# PyTorch's gradient is right only behind a log_softmax, so its own checks put one before it.
NORMALIZED = {"nn.functional.ctc_loss"}
# Likewise of these, whose argument must be Hermitian; of Cholesky's the gradient of complex
# matrices is otherwise PyTorch's own, in which not all parts go with a Hermitian matrix.
HERMITIAN = {"linalg.pinv_hermitian", "cholesky", "linalg.cholesky", "linalg.cholesky_ex"}


# Arguments that say nothing of a NumPy array; the layout does where it is another than usual.
WITHOUT_MEANING = {"memory_format", "pin_memory"}


class Named(NamedTuple):
    """An operator of PyTorch's table that is no entry of ours, but a method or plain function."""

    name: str
    function: Callable[..., Any]
    differentiable: bool = True


def find(name: str) -> Entry | Named | None:
    """Our entry, function, method or attribute of PyTorch's name; None if there is none."""
    if name in operators():
        return operators()[name]
    found: Any = ag
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is None or isinstance(found, ag.dtype):
        found = getattr(ag.Tensor, name, None) or getattr(ag.Tensor, f"{name}_", None)
        if found is not None and not callable(found):
            return Named(name, lambda input: getattr(input, name))
    found = found or REORDERED.get(name)
    return None if found is None else Named(name, found)


def words(entry: Entry | Named) -> set[str]:
    """What a message may name: the operator, or one of its arguments."""
    names = {entry.name, entry.name.rpartition(".")[2]}
    names |= {entry.name.removesuffix("_as"), entry.name.removesuffix("_copy")}
    for parameter in inspect.signature(entry.function).parameters.values():
        names.add(parameter.name)
    return names


def full_name(op: Any) -> str:
    return f"{op.name}_{op.variant_test_name}" if op.variant_test_name else str(op.name)


def certain(op: Any, sample: Any) -> Any:
    """A sample of an operator that is not random but for dropout, without it."""
    if op.name == "nn.functional.multi_head_attention_forward":
        sample.args = (*sample.args[:9], 0.0, *sample.args[10:])
    if "dropout_p" in sample.kwargs:
        sample.kwargs["dropout_p"] = 0.0
    return sample


def calls(entry: Entry, op: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Our function and PyTorch's, for the arguments of the samples of ``op``."""
    name = full_name(op)
    function = REORDERED.get(name, REORDERED.get(entry.name, entry.function))
    if entry.name in TRIANGULAR:
        place = TRIANGULAR[entry.name]
        return partial(_on_triangle, place, function), partial(_on_triangle, place, op)
    if entry.name in RANDOM:
        return partial(_seeded, ag, function), partial(_seeded, torch, op)
    if name in NORMALIZED:
        return partial(_on_log_softmax, function), partial(_on_log_softmax, op)
    if name in HERMITIAN:
        return partial(_on_hermitian, function), partial(_on_hermitian, op)
    return function, op


def _seeded(engine: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
    engine.manual_seed(SEED)
    return function(*args, **kwargs)


def _on_log_softmax(function: Any, input: Any, *args: Any, **kwargs: Any) -> Any:
    return function(input.log_softmax(2), *args, **kwargs)


def _distance_here(distance: Any) -> Any:
    if isinstance(distance, torch.nn.PairwiseDistance):
        return ag.nn.PairwiseDistance(distance.norm, distance.eps, distance.keepdim)
    return distance


def _on_hermitian(function: Any, A: Any, *args: Any, **kwargs: Any) -> Any:
    square = A.ndim > 1 and A.shape[-1] == A.shape[-2]
    return function(A + A.mH if square else A, *args, **kwargs)


def _on_triangle(place: int, function: Any, *args: Any, **kwargs: Any) -> Any:
    cut = args[place].triu() if kwargs.get("upper") else args[place].tril()
    return function(*args[:place], cut, *args[place + 1 :], **kwargs)


def as_leaf(value: Any) -> Any:
    """Some samples are views of others; gradients are asked of what is passed."""
    part = isinstance(value, torch.Tensor) and value.requires_grad and value._is_view()
    return value.detach().clone().requires_grad_() if part else value


def arguments(sample: Any, leaves: list[tuple[Any, Any]]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a sample for our function; see ``here``."""
    args = [here(a, leaves) for a in (sample.input, *sample.args)]
    kept = {k: v for k, v in sample.kwargs.items() if k not in WITHOUT_MEANING}
    if kept.get("layout") is torch.strided:
        del kept["layout"]
    kwargs = {k: here(v, leaves) for k, v in kept.items()}
    return args, kwargs


def here(value: Any, leaves: list[tuple[Any, Any]]) -> Any:
    """PyTorch's argument as ours; floating tensors that require grad are noted in ``leaves``."""
    if isinstance(value, torch.Tensor):
        tensor = ag.tensor(to_numpy(value), dtype=_dtype_here(value.dtype))
        if value.requires_grad:
            leaves.append((value, tensor.requires_grad_()))
        return tensor
    if isinstance(value, torch.dtype):
        return _dtype_here(value)
    if isinstance(value, torch.device):
        return None
    if isinstance(value, torch.nn.LinearCrossEntropyOptions):
        return ag.nn.LinearCrossEntropyOptions(
            value.allow_retain_graph, value.batch_chunk_size, value.chunking_method
        )
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return (
            type(value)(here(v, leaves) for v in value)
            if type(value) in (list, tuple)
            else [here(v, leaves) for v in value]
        )
    if isinstance(value, dict):
        return {k: here(v, leaves) for k, v in value.items()}
    return value


def _dtype_here(dtype: Any) -> Any:
    return getattr(ag, str(dtype).removeprefix("torch."))


def dtype_name(value: Any) -> str:
    """The name of the dtype of a tensor of either engine."""
    return str(value.dtype).rpartition(".")[2]


def to_numpy(value: Any) -> Any:
    """The values of a tensor of either engine; NumPy's own types lack bfloat16, hence float32."""
    if dtype_name(value) == "bfloat16":
        value = value.float()
    if isinstance(value, torch.Tensor):
        return value.numpy(force=True)
    return value.detach().cpu().numpy()


def outputs(value: Any, kind: type) -> list[Any]:
    """The tensors of a result."""
    values = value if isinstance(value, (tuple, list)) else [value]
    return [v for v in values if isinstance(v, kind)]


def cotangents(outputs: list[Any]) -> list[Any]:
    """Random tensors of PyTorch's, always the same, of the shapes and dtypes of its outputs."""
    rng = np.random.default_rng(0)
    made = []
    for output in outputs:
        values = rng.standard_normal(tuple(output.shape))
        if output.is_complex():
            values = values + 1j * rng.standard_normal(tuple(output.shape))
        made.append(torch.tensor(values, dtype=output.dtype))
    return made


def gradients(pairs: list[tuple[Any, Any]], leaves: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """The gradients of PyTorch and of this engine for the same cotangents, leaf by leaf.

    Args:
        pairs: PyTorch's outputs and ours.
        leaves: PyTorch's leaves and ours.
    """
    given = cotangents([w for w, _ in pairs])
    theirs = derivatives(torch, [w for w, _ in pairs], [t for t, _ in leaves], given)[0]
    ours = derivatives(ag, [g for _, g in pairs], [o for _, o in leaves], here(given, []))[0]
    return list(zip(theirs, ours, strict=True))


def derivatives(
    engine: Any, outputs: list[Any], leaves: list[Any], given: list[Any], twice: bool = False
) -> tuple[list[Any], list[Any]]:
    """First and, if asked for, second gradients in one of the engines, which have one API.

    Args:
        engine: ``torch`` or ``autograd_core``.
        outputs: the tensors to differentiate.
        leaves: what to differentiate with respect to; the second time the cotangents, too.
        given: the cotangents of the outputs.
        twice: whether to go on, with random cotangents of the first gradients.
    """
    variables = list(leaves)
    if twice:
        given = [c.clone().requires_grad_() for c in given]
        variables += given
    first = list(
        engine.autograd.grad(outputs, leaves, given, create_graph=twice, allow_unused=True)
    )
    again = [(i, g) for i, g in enumerate(first) if twice and g is not None and g.requires_grad]
    if not again:
        return first, [None] * len(variables)
    ways = []
    for i, g in again:
        rng = np.random.default_rng(1 + i)
        way = rng.standard_normal(tuple(g.shape))
        if g.is_complex():
            way = way + 1j * rng.standard_normal(tuple(g.shape))
        ways.append(engine.tensor(way, dtype=g.dtype))
    second = engine.autograd.grad([g for _, g in again], variables, ways, allow_unused=True)
    return first, list(second)
