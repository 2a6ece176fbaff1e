"""Public functions and methods take the arguments of PyTorch's: the same names in the same order
with the same defaults, except for those that are listed with the reason."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import pytest
from test_names import place, public

import autograd_core as ag

torch = pytest.importorskip("torch")

# Arguments of no function here, or of some; docs/deviations.md says so.
NOT_TAKEN = {"out", "layout", "pin_memory", "memory_format", "out_dtype", "cudnn_enabled",
             "cudnn_enable", "_stacklevel", "path"}  # fmt: skip

# Where arguments are otherwise on purpose: a star stands for any letters.
OTHERWISE = {
    "undocumented in PyTorch, and other than the function of that name in nn.functional": """
        dropout alpha_dropout feature_alpha_dropout rrelu rrelu_ nn.functional.rrelu_
        nn.functional.elu_
    """,
    "packed sequences are given by name": "gru lstm rnn_relu rnn_tanh",
    "files of another kind": "save",
    "a tensor of indices has no name of its own": "tensor_split",
    "the method has the tensor first, not second": "Tensor.polygamma Tensor.where",
    "from is a word of Python's": "Tensor.uniform_",
    "where several orders are right the usual one is given": "Tensor.dim_order",
    "for random samples there is _random_samples": "nn.functional.fractional_max_pool?d*",
    "the default is found at the call": """
        randint randperm tril_indices triu_indices trapezoid trapz cumulative_trapezoid
    """,
    "alpha stands behind the others only by name": "add sub subtract rsub",
    "older forms, by position, which PyTorch no longer documents": "scatter isin arange",
    "of PyTorch's several forms one is in order, and all are understood": """
        std std_mean var var_mean max min
    """,
    "PyTorch's documentation has another name than its code, and it is here, too": """
        special.airy_ai special.*_polynomial_? special.hermite_polynomial_he special.scaled_*
        special.spherical_bessel_j0 nn.functional.one_hot
    """,
    "in PyTorch the third argument is how far up the stack warnings point": """
        nn.functional.softmax nn.functional.log_softmax nn.functional.softmin
    """,
    "numbers of repeats alone are the first argument": "repeat_interleave",
}


class Argument(NamedTuple):
    """One argument of PyTorch's."""

    name: str
    by_name: bool
    default: Any


NONE = inspect.Parameter.empty
PLACES = ("", "linalg", "fft", "special", "nn.functional", "signal.windows", "masked")
PREFIXES = {"linalg": "linalg_", "fft": "fft_", "special": "special_"}


def schemas(name: str) -> Iterator[list[Argument]]:
    """The forms of an operator of PyTorch's core, those of tensors."""
    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{name}"):
        if not schema.arguments:
            continue
        returns = " ".join(str(r.type) for r in schema.returns)
        other = "Dimname" in str(schema) or schema.arguments[0].name == "t"  # (of numbers)
        if "Tensor" in returns and not other and not any(a.is_out for a in schema.arguments):
            yield [
                argument(a.name, a.kwarg_only, a.default_value if a.has_default_value() else NONE)
                for a in schema.arguments
            ]


def argument(name: str, by_name: bool, default: Any) -> Argument:
    return Argument("input" if name == "self" else name, by_name, default)


def forms(path: str, name: str) -> list[list[Argument]]:
    """The ways in which PyTorch's function may be called."""
    function = getattr(place(torch, path), name)
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return list(schemas(PREFIXES.get(path, "") + name))
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in found):
        return list(schemas(PREFIXES.get(path, "") + name))
    return [[argument(p.name, p.kind is p.KEYWORD_ONLY, p.default) for p in found]]


def plain(value: Any) -> Any:
    """A default, where one number stands for equal ones, and None for an empty list."""
    if isinstance(value, (list, tuple)):
        return (plain(value[0]) if len(set(value)) == 1 else tuple(value)) if value else None
    if isinstance(value, (torch.dtype, ag.dtype)):
        return str(value).rpartition(".")[2]
    return 0 if value == "valid" else value


def faults(form: list[Argument], function: Any) -> Iterator[str]:
    """Which arguments of a form are not taken as PyTorch takes them."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # (a builtin one of Python's)
        return
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names = {p.name: p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    several = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters)
    others = getattr(function, "also", {})
    if places and places[0].name == "self":  # a method
        others = {"input": "self"}
    index = 0
    for argument in form:
        name = others.get(argument.name, argument.name)
        if name in NOT_TAKEN:
            continue
        parameter = names.get(name)
        if parameter is None:
            if not anything and not several:
                yield f"no {name}"
            index += not argument.by_name
            continue
        if not argument.by_name:
            if not several and (index >= len(places) or places[index].name != name):
                yield f"{name} is not number {index}"
            index += 1
        if argument.default is not NONE:
            if parameter.default is NONE:
                yield f"{name} must be given, PyTorch's default is {argument.default!r}"
            elif plain(parameter.default) != plain(argument.default):
                yield f"{name} is {parameter.default!r}, PyTorch's {argument.default!r}"


def otherwise(name: str) -> bool:
    return any(fnmatchcase(name, p) for text in OTHERWISE.values() for p in text.split())


def functions() -> Iterator[tuple[str, str]]:
    for path in PLACES:
        ours, theirs = place(ag, path), place(torch, path)
        for name in sorted(public(theirs)):
            if hasattr(ours, name) and callable(getattr(theirs, name)):
                yield path, name


def wrong_functions() -> dict[str, list[str]]:
    """What is not as in PyTorch, by the function's name."""
    wrong: dict[str, list[str]] = {}
    for path, name in functions():
        full = f"{path}.{name}" if path else name
        function = getattr(place(ag, path), name)
        for form in forms(path, name) if not inspect.isclass(function) else ():
            wrong.setdefault(full, []).extend(faults(form, function))
    return {name: found for name, found in wrong.items() if found}


def test_functions_take_what_pytorchs_take() -> None:
    wrong = wrong_functions()
    unknown = {name: found for name, found in wrong.items() if not otherwise(name)}
    assert not unknown
    listed = [p for text in OTHERWISE.values() for p in text.split() if "Tensor." not in p]
    needless = [p for p in listed if not any(fnmatchcase(n, p) for n in wrong)]
    assert not needless, f"listed without need: {needless}"


def test_methods_take_what_pytorchs_take() -> None:
    """The tensor itself stands first, whatever its name."""
    wrong = {}
    for name in sorted(public(torch.Tensor)):
        method = getattr(ag.Tensor, name, None)
        listed = otherwise(name.rstrip("_")) or otherwise(f"Tensor.{name}")
        if not inspect.isfunction(method) or listed:
            continue
        for form in forms("Tensor", name):
            if any(argument.name == "input" for argument in form):
                found = [f for f in faults(form, method) if f.split(" ")[:2] != ["no", "input"]]
                wrong.setdefault(name, []).extend(found)
    assert not {name: found for name, found in wrong.items() if found}


def test_arguments_by_pytorchs_names() -> None:
    """Names that PyTorch's code has beside those of its documentation."""
    x = ag.eye(2)
    assert ag.linalg.cholesky(input=x).tolist() == ag.linalg.cholesky(A=x).tolist() == x.tolist()
    assert ag.pow(x, exponent=2).tolist() == x.pow(exponent=2).tolist() == x.tolist()
    assert ag.heaviside(x, values=x).tolist() == x.tolist()
    assert ag.split(tensor=x, split_size_or_sections=1)[0].tolist() == [[1, 0]]
    assert x.split(split_size=1)[1].tolist() == ag.tensor_split(x, sections=2)[1].tolist()
    assert len(ag.hsplit(x, indices=[1])) == 2
    assert ag.arange(end=3).tolist() == [0, 1, 2] == ag.arange(start=0, end=3).tolist()
    with pytest.raises(TypeError, match="another name of 'A'; both are given"):
        ag.linalg.cholesky(input=x, A=x)
    with pytest.raises(TypeError, match="arange: expected an end"):
        ag.arange()
    with pytest.raises(ValueError, match="driver must be one of"):
        ag.linalg.svdvals(x, driver="gelsd")


def test_generators_of_like_functions() -> None:
    x = ag.zeros(3, 4)
    for draw in (ag.rand_like, ag.randn_like, lambda x, **k: ag.randint_like(x, 9, **k)):
        one, two = (
            draw(x, generator=ag.Generator(device=x.device).manual_seed(3)) for _ in range(2)
        )
        assert one.tolist() == two.tolist() and one.dtype == x.dtype


@pytest.mark.cpu_only
def test_from_dlpack_copies_if_told() -> None:
    array = ag.zeros(2).numpy()
    copy, shared = ag.from_dlpack(array, copy=True), ag.from_dlpack(array, device="cpu")
    array[0] = 5
    assert copy.tolist() == [0, 0] and shared.tolist() == [5, 0]


def test_numpys_names_of_dimensions_are_taken() -> None:
    x = ag.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert ag.cumprod(x, axis=0).tolist() == [[1.0, 2.0], [3.0, 8.0]]
    assert x.argmax(axis=1, keepdims=True).tolist() == [[1], [1]]
    assert ag.std(x, axis=0, keepdims=True).shape == (1, 2)
    assert ag.stack([x, x], axis=1).shape == (2, 2, 2) and x.clone().cumsum_(axis=0).shape == (2, 2)
    with pytest.raises(TypeError, match="'axis' is another name of 'dim'; both are given"):
        ag.cumsum(x, dim=0, axis=0)


def test_results_are_written_where_told() -> None:
    x = ag.tensor([[1.0, 2.0], [3.0, 4.0]])
    for function, args in (
        (ag.mm, (x, x)), (ag.bmm, (x[None], x[None])), (ag.cat, ([x, x],)), (ag.stack, ([x, x], 1)),
        (ag.sum, (x, 0)), (ag.mean, (x, 0, True)), (ag.clamp, (x, 2, 3)), (ag.matmul, (x, x)),
    ):  # fmt: skip
        want = function(*args)
        out = ag.zeros(*want.shape)
        assert function(*args, out=out) is out and out.tolist() == want.tolist()
        with pytest.raises(ValueError, match=f"{function.__name__}|matmul"):
            function(*args, out=ag.zeros(7))
        with pytest.raises(RuntimeError, match="out= is not differentiable"):
            function(*args, out=ag.zeros(*want.shape, requires_grad=True))
