"""One case in both libraries: everything that PyTorch's module shows, this engine's must show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pytorch_streams import own_stream

import autograd_core as ag
from module_grid.case import Case, Draw, Given, Of, Packed, Same

# Of the largest number that is compared.
TOLERANCE = {"float64": 1e-10, "float32": 1e-5}
REFUSALS = (
    *(ValueError, TypeError, RuntimeError, IndexError, AssertionError, NotImplementedError),
    ZeroDivisionError,
)
# Attributes that tell PyTorch which of its implementations to take.
INTERNAL = {"activation_relu_or_gelu", "use_nested_tensor"}
# PyTorch computes these in float64 with constants that were rounded to float32.
LOOSE = {"Hardsigmoid": 1e-6, "CELU": 1e-6}


class Disagreement(AssertionError):
    """The libraries differ."""


class Side:
    """One of the libraries, and the leaves that it was given."""

    def __init__(self, library: Any, dtype: str, seed: int, twisted: bool = False) -> None:
        self.library = library
        self.dtype = dtype
        self.rng = np.random.default_rng(seed)
        self.twisted = twisted
        self.leaves: list[Any] = []

    def tensor(self, draw: Draw) -> Any:
        values = draw(self.rng)
        floats = values.dtype.kind == "f"
        values = values.astype(self.dtype) if floats else values
        if self.twisted:  # the same numbers, otherwise laid out in memory
            order = tuple(reversed(range(values.ndim)))
            leaf = self.library.tensor(np.ascontiguousarray(values.transpose(order)))
            tensor = leaf.permute(order)
        else:
            leaf = tensor = self.library.tensor(values)
        if floats and draw.grad:
            leaf.requires_grad_()
            self.leaves.append(leaf)
            tensor = leaf.permute(order) if self.twisted else leaf
        return getattr(tensor, draw.then[0])(*draw.then[1:]) if draw.then else tensor

    def value(self, value: Any) -> Any:
        """An argument or input as this library's."""
        if isinstance(value, Draw):
            return self.tensor(value)
        if isinstance(value, Of):
            return value.make(self.library)
        if isinstance(value, Packed):
            rnn = self.library.nn.utils.rnn
            return rnn.pack_padded_sequence(
                self.tensor(value.data), list(value.lengths), value.batch_first, False
            )
        if isinstance(value, tuple):
            return tuple(self.value(part) for part in value)
        return value

    def call(self, module: Any, given: Given) -> Any:
        """The result of a call."""
        args: list[Any] = []
        for value in given.args:
            args.append(args[value.place] if isinstance(value, Same) else self.value(value))
        kwargs = {key: self.value(value) for key, value in given.kwargs.items()}
        return module(*args, **kwargs)


def numpy(tensor: Any) -> np.ndarray:
    array: np.ndarray = tensor.detach().cpu().numpy()
    return array


def parts(value: Any) -> Iterator[Any]:
    """The tensors of a result, in order, and None."""
    if isinstance(value, (tuple, list)):
        for part in value:
            yield from parts(part)
    else:
        yield value


def same(what: str, ours: Any, theirs: Any, tolerance: float) -> None:
    """Raise unless shape, dtype and numbers agree."""
    if (ours is None) != (theirs is None):
        raise Disagreement(f"{what}: {ours if ours is None else 'a tensor'}, PyTorch's is not")
    if theirs is None:
        return
    if tuple(ours.shape) != tuple(theirs.shape):
        raise Disagreement(f"{what}: shape {tuple(ours.shape)}, not {tuple(theirs.shape)}")
    if str(ours.dtype).split(".")[-1] != str(theirs.dtype).split(".")[-1]:
        raise Disagreement(f"{what}: dtype {ours.dtype}, not {theirs.dtype}")
    a, b = numpy(ours), numpy(theirs)
    finite = np.abs(b[np.isfinite(b)]) if b.dtype.kind == "f" else np.abs(b.astype(np.int64))
    scale = max(1.0, float(finite.max(initial=0)))
    if not np.allclose(a, b, rtol=0, atol=tolerance * scale, equal_nan=True):
        worst = np.nanmax(np.abs(np.subtract(a, b, dtype=np.float64)))
        raise Disagreement(f"{what}: off by {worst:.3g} of {scale:.3g}")


def facts(module: Any) -> dict[str, Any]:
    """A module's public attributes that are plain values."""
    kinds = (bool, int, float, str, tuple, list, type(None))
    return {
        key: value
        for key, value in vars(module).items()
        if not key.startswith("_") and key not in INTERNAL and isinstance(value, kinds)
    }


def make(side: Side, case: Case, training: bool) -> Any:
    args = [side.value(value) for value in case.args]
    kwargs = {key: side.value(value) for key, value in case.kwargs.items()}
    module = getattr(side.library.nn, case.name)(*args, **kwargs)
    return module.to(getattr(side.library, side.dtype)).train(training)


def outcome(act: Any) -> Any:
    """What it returns, or the exception that refuses."""
    try:
        return act()
    except REFUSALS as error:
        return error


def refused(ours: Any, theirs: Any) -> bool:
    """Whether both refuse, ours with a message that says something."""
    no = isinstance(ours, Exception), isinstance(theirs, Exception)
    if no == (True, False):
        raise Disagreement(f"refused, while PyTorch accepts it: {ours!r}") from ours
    if no == (False, True):
        raise Disagreement(f"accepted, while PyTorch has {theirs!r}")
    if no[0] and len(str(ours)) < 20:
        raise Disagreement(f"the message says too little: {ours!r}") from ours
    return no[0]


def compare(case: Case, dtype: str, training: bool) -> str:
    """Both libraries: text, attributes, state, results, gradients, buffers.

    Returns:
        "same"; "refused" if both refuse the arguments or inputs; "random" if numbers are drawn,
        which are PyTorch's only on the CPU.

    Raises:
        Disagreement: they differ.
    """
    import torch

    on_cpu = ag.get_default_device().type == "cpu"
    tolerance = max(TOLERANCE[dtype], LOOSE.get(case.name, 0))
    torch.manual_seed(7)
    ag.manual_seed(7)
    theirs = outcome(lambda: make(Side(torch, dtype, 0), case, training))
    ours = outcome(lambda: make(Side(ag, dtype, 0), case, training))
    if isinstance(ours, Exception) and not isinstance(theirs, Exception):
        # What PyTorch refuses only when it is called may be refused before.
        theirs = outcome(lambda: Side(torch, dtype, 0).call(theirs, case.given))
    if refused(ours, theirs):
        return "refused"
    lazy = case.name.startswith("Lazy")
    if on_cpu and not lazy:
        check_state("first values", ours, theirs, 3e-7)
    if repr(ours) != repr(theirs):
        raise Disagreement(f"repr: {ours!r}, not {theirs!r}")
    for key, value in facts(theirs).items():
        if (mine := getattr(ours, key, "nothing")) != value:
            raise Disagreement(f"attribute {key}: {mine!r}, not {value!r}")
    if not lazy:
        move(theirs, ours)
    for seed in range(2):
        torch.manual_seed(seed)
        before = torch.get_rng_state()
        sides = Side(torch, dtype, seed, bool(seed)), Side(ag, dtype, seed, bool(seed))
        given = case.given
        their_result = outcome(lambda: sides[0].call(theirs, given))  # noqa: B023
        if seed and isinstance(their_result, Exception):  # only this layout is too much for it
            return "same"
        drawn = not torch.equal(before, torch.get_rng_state())
        if drawn and not (on_cpu and own_stream()) and not lazy:
            return "random"
        ag.manual_seed(seed)
        our_result = outcome(lambda: sides[1].call(ours, given))  # noqa: B023
        if refused(our_result, their_result):
            return "refused"
        if lazy:
            lazy = False
            move(theirs, ours)
            continue
        if drawn and ag.rand(2).tolist() != torch.rand(2).tolist():
            raise Disagreement("the generators are at different places")
        results = list(parts(our_result)), list(parts(their_result))
        check_results(results, (ours, theirs), sides, tolerance)
        check_state("buffers", ours, theirs, tolerance)
    back = make(Side(torch, dtype, 0), case, training)
    if not case.name.startswith("Lazy"):
        back.load_state_dict({k: torch.tensor(numpy(v)) for k, v in ours.state_dict().items()})
        check_state("state that went back", ours, back, 0)
    return "same"


def move(theirs: Any, ours: Any) -> None:
    """Numbers that are no corners into PyTorch's parameters, and its state into ours."""
    import torch

    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in theirs.parameters():
            noise = torch.randn(parameter.shape, dtype=parameter.dtype, generator=generator)
            parameter.add_(0.1 * noise)
    told = str(ours.load_state_dict(theirs.state_dict()))
    if told != "<All keys matched successfully>":
        raise Disagreement(f"load_state_dict: {told}")
    check_state("loaded state", ours, theirs, 0)


def check_state(what: str, ours: Any, theirs: Any, tolerance: float) -> None:
    mine, yours = ours.state_dict(), theirs.state_dict()
    if list(mine) != list(yours):
        raise Disagreement(f"{what}: names {list(mine)}, not {list(yours)}")
    for key in mine:
        same(f"{what}, {key}", mine[key], yours[key], tolerance)


def check_results(
    results: tuple[list[Any], list[Any]],
    modules: tuple[Any, Any],
    sides: tuple[Side, Side],
    tolerance: float,
) -> None:
    """Values, and the gradients of inputs and parameters for random gradients of the outputs."""
    import torch

    ours, theirs = results
    if len(ours) != len(theirs):
        raise Disagreement(f"{len(ours)} results, not {len(theirs)}")
    rng = np.random.default_rng(5)
    outputs: tuple[list[Any], list[Any], list[np.ndarray]] = ([], [], [])
    for place, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        same(f"output {place}", a, b, tolerance)
        if b is None:
            continue
        if a.requires_grad != b.requires_grad:
            raise Disagreement(f"output {place}: requires_grad={a.requires_grad}")
        if b.requires_grad:
            outputs[0].append(a)
            outputs[1].append(b)
            outputs[2].append(rng.standard_normal(tuple(b.shape)).astype(sides[0].dtype))
    their_leaves = [*sides[0].leaves, *modules[1].parameters()]
    our_leaves = [*sides[1].leaves, *modules[0].parameters()]
    if not outputs[0] or not their_leaves:
        return
    names = [f"input {place}" for place in range(len(sides[0].leaves))]
    names += [name for name, _ in modules[1].named_parameters()]
    weights = [torch.tensor(w) for w in outputs[2]]
    try:
        b_grads = torch.autograd.grad(outputs[1], their_leaves, weights, allow_unused=True)
    except RuntimeError:  # a few of PyTorch's own gradients fail for some layouts, or no elements
        if all(b.numel() for b in outputs[1]) and not sides[1].twisted:
            raise
        return
    given = [ag.tensor(w) for w in outputs[2]]
    a_grads = ag.autograd.grad(outputs[0], our_leaves, given, allow_unused=True)
    for name, a, b in zip(names, a_grads, b_grads, strict=True):
        if (a is None) != (b is None) and not numpy(b if a is None else a).any():
            continue  # none and zeros are the same
        same(f"gradient of {name}", a, b, tolerance)
