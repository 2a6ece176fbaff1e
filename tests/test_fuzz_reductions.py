"""Generated calls of reductions, scans and sorting: dimensions, nothing, 0-d tensors, ties, NaN."""

from __future__ import annotations

from typing import Any

from fuzzing import (
    COMPLEX,
    CONTENTS,
    FLOATS,
    NARROW,
    WHOLE,
    Call,
    Recipe,
    Type,
    compare,
    run,
    sizes,
)
from fuzzing_strategies import dims, recipes, several_dims, shapes
from hypothesis import strategies as st

EVERY = (*FLOATS, *FLOATS, *FLOATS, *NARROW, *WHOLE, "bool", *COMPLEX)
REAL = (*FLOATS, *FLOATS, *NARROW, *WHOLE)

# --- reductions to one value for each place ------------------------------------------------------

ALL_DIMS = [
    "sum", "mean", "var", "std", "amax", "amin", "logsumexp", "nansum", "nanmean", "count_nonzero",
    "all", "any", "linalg.vector_norm", "norm", "var_mean", "std_mean",
]  # fmt: skip
ONE_DIM = [
    "prod", "max", "min", "argmax", "argmin", "median", "nanmedian", "mode", "kthvalue", "aminmax",
    "quantile", "nanquantile",
]  # fmt: skip
# Those that PyTorch also takes without a dimension.
WITHOUT = {
    "sum", "mean", "var", "std", "amax", "amin", "nansum", "nanmean", "count_nonzero", "all",
    "any", "linalg.vector_norm", "norm", "prod", "max", "min", "argmax", "argmin", "median",
    "nanmedian", "aminmax", "quantile",
}  # fmt: skip
TYPED = {"sum", "mean", "prod", "nansum"}
ORDERS = [2, 1, 0, 3, 0.5, -1, float("inf"), float("-inf")]


@st.composite
def reductions(draw: Any) -> Call:
    x = draw(recipes(dtypes=EVERY, contents=CONTENTS))
    several = draw(st.booleans())
    name = draw(st.sampled_from(ALL_DIMS if several else ONE_DIM))
    args: list[Any] = [x]
    named: dict[str, Any] = {}
    if name == "kthvalue":
        args.append(draw(st.integers(0, 4)))
    elif "quantile" in name:
        q = st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0])
        args.append(draw(q))
        modes = ["linear", "lower", "higher", "midpoint", "nearest"]
        named["interpolation"] = draw(st.sampled_from(modes))
    elif name in ("norm", "linalg.vector_norm"):
        args.append(draw(st.sampled_from(ORDERS)))
    elif name in ("var", "std", "var_mean", "std_mean") and draw(st.booleans()):
        named["correction"] = draw(st.integers(0, 2))
    if name not in WITHOUT or draw(st.integers(0, 3)):
        one = not several or draw(st.booleans())
        named["dim"] = draw(dims(len(x.shape)) if one else several_dims(len(x.shape)))
        if name != "count_nonzero" and draw(st.booleans()):
            named["keepdim"] = True
    if name in TYPED and draw(st.integers(0, 3)) == 0:
        named["dtype"] = Type(draw(st.sampled_from(("float64", "float32", "int64"))))
    return Call(name, *args, **named)


def check(call: Call) -> None:
    # In derivatives of a small deviation large numbers cancel.
    compare(call, scale=True, loose=500 if "std" in call.name else 4, twice=True)


@sizes(60, 2500)
def test_reductions(examples: int) -> None:
    run(check, reductions(), examples)


# --- scans, sorting and others that keep the dimension -------------------------------------------

SCANS = ["cumsum", "cumprod", "cummax", "cummin", "logcumsumexp", "softmax", "log_softmax"]


@st.composite
def scans(draw: Any) -> Call:
    x = draw(recipes(dtypes=EVERY, contents=CONTENTS))
    return Call(draw(st.sampled_from(SCANS)), x, draw(dims(len(x.shape))))


@st.composite
def orders(draw: Any) -> Call:
    # Without ties: PyTorch does not say which of two equal elements comes first.
    name = draw(st.sampled_from(["sort", "argsort", "msort", "topk", "unique", "searchsorted"]))
    ties = name in ("unique", "msort", "searchsorted")
    kinds, contents = (REAL, CONTENTS) if ties else (FLOATS, CONTENTS[:1])
    x = draw(recipes(shapes(3, 1), kinds, contents, layouts=draw(st.sampled_from(LAYOUT_CHOICE))))
    dim = draw(dims(len(x.shape)))
    flag = st.booleans()
    if name == "topk":
        return Call(name, x, draw(st.integers(0, 4)), dim, draw(flag))
    if name in ("sort", "argsort"):
        return Call(name, x, dim=dim, descending=draw(flag), stable=draw(flag))
    if name == "unique":
        named = {k: draw(flag) for k in ("return_inverse", "return_counts")}
        if draw(flag):
            named["dim"] = dim
        return Call(name, x, **named)
    if name == "searchsorted":
        row = draw(recipes((draw(st.integers(0, 5)),), (x.dtype,), CONTENTS[:2]))
        return Call(_searchsorted, row, x, draw(flag))
    return Call(name, x)


# An expanded tensor has ties.
LAYOUT_CHOICE = [("contiguous", "transposed", "stepped", "offset", "flipped")]


def _searchsorted(engine: Any, row: Any, x: Any, right: bool) -> Any:
    return engine.searchsorted(engine.sort(row)[0], x, right=right)


def check_scans(call: Call) -> None:
    compare(call, scale=True, loose=20, twice=True)  # (PyTorch divides by elements)


@sizes(40, 1200)
def test_scans(examples: int) -> None:
    run(check_scans, scans(), examples)


@sizes(30, 800)
def test_orders(examples: int) -> None:
    run(check, orders(), examples)


# --- of two tensors ------------------------------------------------------------------------------


OTHERS = ["dist", "cosine_similarity", "diff", "trapezoid", "cov", "renorm"]


@st.composite
def of_two(draw: Any) -> Call:
    n, kind = draw(st.integers(0, 4)), draw(st.sampled_from((*FLOATS, *COMPLEX)))
    name = draw(st.sampled_from(OTHERS))
    shape = draw(shapes(2, 1))
    x: Recipe = draw(recipes((*shape, n), (kind,)))
    if name == "dist":
        return Call(name, x, draw(recipes((n,), (kind,))), draw(st.sampled_from(ORDERS)))
    if name == "cosine_similarity":
        other = draw(recipes((n,), (kind,)))
        return Call(f"nn.functional.{name}", x, other, dim=draw(dims(len(x.shape))))
    if name == "diff":
        return Call(name, x, draw(st.integers(0, 3)), draw(dims(len(x.shape))))
    if name == "trapezoid":
        return Call(name, x, dx=draw(st.sampled_from([1, 0.5])), dim=draw(dims(len(x.shape))))
    if name == "cov":
        return Call(name, draw(recipes((2, n), (kind,))), correction=draw(st.integers(0, 1)))
    return Call(name, x, draw(st.sampled_from([1, 2, 3])), draw(dims(len(x.shape))), 1.5)


def check_others(call: Call) -> None:
    compare(call, scale=True, loose=50, twice=True)


@sizes(20, 500)
def test_others(examples: int) -> None:
    run(check_others, of_two(), examples)
