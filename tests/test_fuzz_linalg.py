"""Generated calls of products of matrices and of linear algebra, on batches of any layout."""

from __future__ import annotations

import string
from typing import Any

from fuzzing import COMPLEX, FLOATS, LAYOUTS, NARROW, Call, Recipe, compare, run, sizes
from fuzzing_strategies import broadcast, dims, recipes, shapes
from hypothesis import strategies as st

EXACT = (*FLOATS, *FLOATS, *FLOATS, "complex128")
EVERY = (*EXACT, *NARROW, "int64", "uint8", "complex64")
SIDES = st.sampled_from([0, 1, 1, 2, 2, 3, 3, 4, 5])

# --- products ------------------------------------------------------------------------------------


@st.composite
def batches(draw: Any, most: int = 2) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes that broadcast, seldom some that do not."""
    shape = draw(shapes(most, side=3))
    if draw(st.integers(0, 15)) == 0:
        return shape, draw(shapes(most, side=3))
    return draw(broadcast(shape)), draw(broadcast(shape))


def matmul(engine: Any, a: Any, b: Any) -> Any:
    return a @ b


@st.composite
def matmuls(draw: Any) -> Call:
    first, second = draw(batches())
    n, k, m = draw(SIDES), draw(SIDES), draw(SIDES)
    kind = draw(st.sampled_from(EVERY))
    a = (k,) if draw(st.integers(0, 3)) == 0 else (*first, n, k)
    b = (k,) if draw(st.integers(0, 3)) == 0 else (*second, k, m)
    if draw(st.integers(0, 15)) == 0:
        b = draw(shapes(3))
    return Call(matmul, draw(recipes(a, (kind,))), draw(recipes(b, (kind,))))


# What each takes, a letter for each size.
PRODUCTS = {
    "bmm": ("bnk", "bkm"),
    "mm": ("nk", "km"),
    "mv": ("nk", "k"),
    "dot": ("k", "k"),
    "vdot": ("k", "k"),
    "outer": ("n", "m"),
    "inner": ("bnk", "mk"),
    "linalg.vecdot": ("bnk", "bnk"),
    "nn.functional.linear": ("bnk", "mk", "m"),
    "nn.functional.bilinear": ("bn", "bk", "mnk", "m"),
    "addmm": ("nm", "nk", "km"),
    "addmv": ("n", "nk", "k"),
    "addr": ("nm", "n", "m"),
    "addbmm": ("nm", "bnk", "bkm"),
    "baddbmm": ("bnm", "bnk", "bkm"),
    "linalg.multi_dot": ("nk", "km", "mb"),
    "chain_matmul": ("nk", "km", "mb"),
    "cdist": ("bnk", "bmk"),
}  # fmt: skip
SCALED = {"addmm", "addmv", "addr", "addbmm", "baddbmm"}


@st.composite
def products(draw: Any) -> Call:
    name = draw(st.sampled_from(sorted(PRODUCTS)))
    side = {letter: draw(SIDES) for letter in "bnkm"}
    # (A distance is not smooth where two points meet.)
    kind = draw(st.sampled_from({"cdist": FLOATS, "linalg.vecdot": EXACT}.get(name, EVERY)))
    contents = ("normal",) if name == "cdist" else ("normal", "grid")
    layouts = LAYOUTS[:4] if name == "cdist" else LAYOUTS
    args = []
    for letters in PRODUCTS[name]:
        shape = tuple(side[letter] for letter in letters)
        if draw(st.integers(0, 31)) == 0:  # seldom another one
            shape = draw(shapes(3))
        args.append(draw(recipes(shape, (kind,), contents, layouts)))
    if name in SCALED:
        if draw(st.integers(0, 15)):
            shape = draw(broadcast(args[0].shape))
        args[0] = draw(recipes(shape, (kind,)))
        numbers = st.sampled_from([0, 1, 1, 2, -3])
        return Call(name, *args, beta=draw(numbers), alpha=draw(numbers))
    if name in ("linalg.multi_dot", "chain_matmul"):
        return Call(name, args) if name == "linalg.multi_dot" else Call(name, *args)
    return Call(name, *args)


def einsum(engine: Any, equation: str, *tensors: Any) -> Any:
    return engine.einsum(equation, *tensors)


@st.composite
def einsums(draw: Any) -> Call:
    """Equations with repeated letters, an Ellipsis, and with or without an output."""
    letters = string.ascii_lowercase[: draw(st.integers(1, 4))]
    side = {letter: draw(st.integers(1, 3)) for letter in letters}
    batch = draw(shapes(2, side=2, smallest=1))
    kind = draw(st.sampled_from(EVERY))
    terms, args, dotted = [], [], False
    for _ in range(draw(st.integers(1, 3))):
        term = "".join(draw(st.lists(st.sampled_from(letters), max_size=3)))
        shape = [side[letter] for letter in term]
        if draw(st.integers(0, 3)) == 0:
            at = draw(st.integers(0, len(term)))
            term = term[:at] + "..." + term[at:]
            shape[at:at] = draw(broadcast(batch))
            dotted = True
        terms.append(term)
        args.append(draw(recipes(tuple(shape), (kind,))))
    equation = ",".join(terms)
    if draw(st.integers(0, 2)):
        used = sorted({c for c in equation if c.isalpha()})
        kept = draw(st.permutations(used))[: draw(st.integers(0, len(used)))] if used else []
        at = draw(st.integers(0, len(kept)))
        dots = "..." if dotted else ""
        equation += "->" + "".join(kept[:at]) + dots + "".join(kept[at:])
    return Call(einsum, equation, *args)


@st.composite
def contractions(draw: Any) -> Call:
    name = draw(st.sampled_from(["tensordot", "kron", "cross", "linalg.matrix_power"]))
    kind = draw(st.sampled_from(EVERY))
    if name == "kron":
        return Call(
            name,
            draw(recipes(shapes(3, side=3), (kind,))),
            draw(recipes(shapes(3, side=3), (kind,))),
        )
    if name == "cross":
        shape = draw(shapes(3, least=1))
        dim = draw(dims(len(shape)))
        if -len(shape) <= dim < len(shape):
            place = dim % len(shape)
            shape = tuple(3 if d == place else n for d, n in enumerate(shape))
        other = draw(st.sampled_from([shape, shape, shape[1:] if dim < 0 else shape]))
        return Call(
            "linalg.cross", draw(recipes(shape, (kind,))), draw(recipes(other, (kind,))), dim=dim
        )
    if name == "linalg.matrix_power":
        n = draw(SIDES)
        x = draw(recipes((*draw(shapes(1)), n, n), (kind,)))
        return Call(name, x, draw(st.integers(0, 5)))
    common = draw(shapes(2, side=3))
    first, second = draw(shapes(2, side=3)), draw(shapes(2, side=3))
    order = draw(st.permutations(range(len(common))))
    if draw(st.booleans()):
        a, b = (*first, *common), (*common, *second)
        how: Any = len(common)
    else:
        a = (*(common[i] for i in order), *first)
        b = (*second, *common)
        how = (
            [order.index(i) for i in range(len(common))],
            [len(second) + i for i in range(len(common))],
        )
    return Call(name, draw(recipes(a, (kind,))), draw(recipes(b, (kind,))), how)


@sizes(60, 2500)
def test_products(examples: int) -> None:
    run(
        lambda call: compare(call, loose=20, scale=True, twice=True),
        matmuls() | products() | einsums() | contractions(),
        examples,
    )


# --- decompositions and what is made of them -----------------------------------------------------


def separated(engine: Any, x: Any) -> Any:
    """A matrix whose eigenvalues and singular values are far from each other, and from 0."""
    steps = engine.arange(1, x.shape[-1] + 1, dtype=x.real.dtype if x.is_complex() else x.dtype)
    return 0.25 * x + engine.eye(*x.shape[-2:], dtype=x.dtype) * steps


def positive(engine: Any, x: Any) -> Any:
    """A positive definite matrix."""
    matrix = separated(engine, x)
    return matrix @ matrix.mH / x.shape[-1]


def without_phase(vectors: Any) -> Any:
    """Vectors are determined up to a sign or phase."""
    return vectors.abs()


def of_square(name: str) -> Any:
    def call(engine: Any, x: Any, *args: Any, **options: Any) -> Any:
        return getattr(engine.linalg, name)(separated(engine, x), *args, **options)

    call.__name__ = f"separated_{name}"
    return call


def of_positive(name: str) -> Any:
    def call(engine: Any, x: Any, *args: Any, **options: Any) -> Any:
        return getattr(engine.linalg, name)(positive(engine, x), *args, **options)

    call.__name__ = f"positive_{name}"
    return call


def svd(engine: Any, x: Any, full: bool) -> Any:
    u, s, vh = engine.linalg.svd(separated(engine, x), full_matrices=full)
    return without_phase(u), s, without_phase(vh)


def svd_again(engine: Any, x: Any) -> Any:
    u, s, vh = engine.linalg.svd(separated(engine, x), full_matrices=False)
    return u @ vh, (u * s.to(u.dtype).unsqueeze(-2) ** 2) @ vh


def eigh(engine: Any, x: Any, UPLO: str) -> Any:
    values, vectors = engine.linalg.eigh(positive(engine, x), UPLO)
    return values, without_phase(vectors)


def qr(engine: Any, x: Any, mode: str) -> Any:
    q, r = engine.linalg.qr(separated(engine, x), mode)
    return r if mode == "r" else (q, r)


def eig(engine: Any, x: Any) -> Any:
    values, vectors = engine.linalg.eig(separated(engine, x))
    return values.abs().sort(-1)[0], (vectors.abs() ** 2).sum(-1).sum(-1)


def slogdet(engine: Any, x: Any) -> Any:
    sign, value = engine.linalg.slogdet(separated(engine, x))
    return sign, value


def lu(engine: Any, x: Any, pivot: bool) -> Any:
    p, lower, upper = engine.linalg.lu(separated(engine, x), pivot=pivot)
    return p, lower, upper


def lu_solve(engine: Any, x: Any, b: Any) -> Any:
    factors, pivots = engine.linalg.lu_factor(separated(engine, x))
    return engine.linalg.lu_solve(factors, pivots, b)


def solve(engine: Any, x: Any, b: Any, left: bool = True) -> Any:
    return engine.linalg.solve(separated(engine, x), b, left=left)


def solve_triangular(engine: Any, x: Any, b: Any, upper: bool, left: bool, unit: bool) -> Any:
    matrix = separated(engine, x)
    return engine.linalg.solve_triangular(matrix, b, upper=upper, left=left, unitriangular=unit)


def cholesky_solve(engine: Any, x: Any, b: Any, upper: bool) -> Any:
    factor = engine.linalg.cholesky(positive(engine, x))
    return engine.cholesky_solve(b, factor.mH if upper else factor, upper)


def cholesky_inverse(engine: Any, x: Any, upper: bool) -> Any:
    factor = engine.linalg.cholesky(positive(engine, x))
    return engine.cholesky_inverse(factor.mH if upper else factor, upper)


def lstsq(engine: Any, x: Any, b: Any) -> Any:
    return engine.linalg.lstsq(separated(engine, x), b)[0]


LINEAR = (*FLOATS, *FLOATS, *COMPLEX)


@st.composite
def matrices(draw: Any, square: bool, batch: Any = None) -> Recipe:
    n = draw(SIDES)
    shape = (
        *(draw(shapes(2, side=3)) if batch is None else batch),
        n,
        n if square else draw(SIDES),
    )
    if draw(st.integers(0, 31)) == 0:
        shape = draw(shapes(3))
    return draw(recipes(shape, LINEAR, ("normal",)))


@st.composite
def solutions(draw: Any) -> Call:
    """Systems of equations, one or more right sides, batches that broadcast."""
    first, second = draw(batches())
    x = draw(matrices(True, first))
    n, m = (x.shape or (1,))[-1], draw(SIDES)
    right = draw(st.integers(0, 3)) == 0
    b = draw(recipes((*second, m, n) if right else (*second, n, m), (x.dtype,)))
    vector = draw(recipes((*first, n), (x.dtype,)))
    made = draw(st.sampled_from(["solve", "solve", "triangular", "cholesky", "lstsq", "lu"]))
    if made == "solve":
        if draw(st.integers(0, 3)) == 0:
            return Call(solve, x, vector)
        return Call(solve, x, b, left=not right)
    if made == "triangular":
        flags = (draw(st.booleans()), not right, draw(st.booleans()))
        return Call(solve_triangular, x, b, *flags)
    if made == "lu":
        return Call(lu_solve, x, b)
    if made == "cholesky":
        return Call(cholesky_solve, x, b, draw(st.booleans()))
    tall = draw(matrices(False, first))
    rows = (tall.shape or (1,))[-2] if len(tall.shape) > 1 else 1
    return Call(lstsq, tall, draw(recipes((*first, rows, m), (tall.dtype,))))


@st.composite
def decompositions(draw: Any) -> Call:
    flag = draw(st.booleans())
    square = draw(matrices(True))
    oblong = draw(matrices(False))
    return draw(
        st.sampled_from(
            [
                Call(of_square("inv"), square),
                Call(of_square("det"), square),
                Call(of_square("matrix_exp"), square),
                Call(of_square("svdvals"), oblong),
                Call(of_square("pinv"), oblong),
                Call(of_square("matrix_rank"), oblong),
                Call(of_square("cond"), square, draw(st.sampled_from([None, 2, -2, 1, "fro"]))),
                Call(of_positive("cholesky"), square, upper=flag),
                Call(of_positive("eigvalsh"), square, draw(st.sampled_from("LU"))),
                Call(svd, oblong, False),
                Call(svd_again, oblong),
                Call(eigh, square, draw(st.sampled_from("LU"))),
                Call(qr, oblong, draw(st.sampled_from(["reduced", "complete", "r"]))),
                Call(eig, square),
                Call(slogdet, square),
                Call(lu, oblong, True),
                Call(cholesky_inverse, square, flag),
            ]
        )
    )


ORDERS = [None, 0, 1, 2, 3, 0.5, -1, -2, float("inf"), -float("inf"), "fro", "nuc"]


@st.composite
def norms(draw: Any) -> Call:
    x = draw(recipes(shapes(3), LINEAR))
    name = draw(st.sampled_from(["norm", "vector_norm", "matrix_norm"]))
    numbers = st.sampled_from([o for o in ORDERS if isinstance(o, (int, float))])
    orders = {"norm": st.sampled_from(ORDERS), "vector_norm": numbers}
    order = draw(orders.get(name, st.sampled_from([*ORDERS[2:4], *ORDERS[6:]])))
    if name == "matrix_norm" or isinstance(order, str):
        x = draw(matrices(False))
        return Call(of_square(name), x, order, keepdim=draw(st.booleans()))
    dim = draw(st.none() | dims(len(x.shape)))
    return Call(f"linalg.{name}", x, order, dim=dim, keepdim=draw(st.booleans()))


@sizes(60, 2000)
def test_linear_algebra(examples: int) -> None:
    run(
        lambda call: compare(call, loose=1000, scale=True, twice=True),
        solutions() | decompositions() | norms(),
        examples,
    )
