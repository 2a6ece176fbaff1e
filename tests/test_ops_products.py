"""Matrix products, einsum and linear systems."""

from __future__ import annotations

import itertools
import random as pyrandom

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import DtypeError, ShapeError


def values(tensor: ag.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


LEFT = [(4,), (3, 4), (2, 3, 4), (1, 3, 4), (5, 1, 3, 4), (0, 4), (2, 0, 4)]
RIGHT = [(4,), (4, 2), (2, 4, 2), (1, 4, 2), (2, 4, 0)]


@pytest.mark.parametrize(("left", "right"), list(itertools.product(LEFT, RIGHT)))
def test_matmul_of_all_ranks(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a, b = random(*left), random(*right, seed=1)
    x, y = ag.tensor(a, requires_grad=True), ag.tensor(b, requires_grad=True)
    out = x @ y
    want = np.asarray(a @ b)
    np.testing.assert_allclose(values(out), want, rtol=1e-12)
    assert tuple(out.shape) == want.shape
    assert ag.autograd.gradcheck(ag.matmul, (x, y))
    assert ag.autograd.gradgradcheck(ag.matmul, (x, y))


def test_matmul_in_half_precision_accumulates_in_single() -> None:
    x = ag.full((1, 4096), 0.1, dtype=ag.float16)
    assert (x @ x.T).item() == pytest.approx(40.96, rel=1e-2)
    y = ag.full((1, 4096), 0.1, dtype=ag.bfloat16)
    assert (y @ y.T).dtype is ag.bfloat16
    assert (y @ y.T).item() == pytest.approx(40.96, rel=2e-2)


def test_matmul_refuses_what_does_not_fit() -> None:
    with pytest.raises(RuntimeError, match=r"matmul.*\(2, 3\).*\(2, 3\)"):
        ag.ones(2, 3) @ ag.ones(2, 3)
    with pytest.raises((RuntimeError, TypeError), match="matmul"):
        ag.ones(2, 3) @ 2.0
    for name, operands in {
        "mm": (ag.ones(2, 2, 2), ag.ones(2, 2)),
        "bmm": (ag.ones(2, 2), ag.ones(2, 2)),
        "mv": (ag.ones(2), ag.ones(2)),
        "dot": (ag.ones(2, 2), ag.ones(2)),
    }.items():
        with pytest.raises(RuntimeError, match=f"{name}: .* must have"):
            getattr(ag, name)(*operands)
    with pytest.raises(RuntimeError, match="bmm"):
        ag.bmm(ag.ones(2, 2, 2), ag.ones(1, 2, 2))


def test_beta_zero_ignores_the_input() -> None:
    nan = ag.full((2, 2), float("nan"))
    assert ag.addmm(nan, ag.ones(2, 3), ag.ones(3, 2), beta=0).tolist() == [[3.0, 3.0], [3.0, 3.0]]


EQUATIONS = [
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,kj->ki", [(2, 3), (4, 3)]),
    ("bhqd,bhkd->bhqk", [(2, 3, 4, 5), (2, 3, 6, 5)]),
    ("bhqk,bhkd->bqhd", [(2, 3, 4, 6), (2, 3, 6, 5)]),
    ("...ij,...jk->...ik", [(2, 1, 3, 4), (5, 4, 2)]),
    ("...,...->...", [(2, 3), (3,)]),
    ("i...->...", [(2, 3, 4)]),
    ("ii->i", [(3, 3)]),
    ("iij->j", [(3, 3, 2)]),
    ("iji->ij", [(3, 2, 3)]),
    ("ii,i", [(3, 3), (3,)]),
    ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)]),
    ("ab,cd->dbca", [(2, 3), (4, 5)]),
    ("a,a,a->a", [(3,), (3,), (3,)]),
    ("ij,ij->", [(2, 3), (2, 3)]),
    ("ij,j->ij", [(2, 3), (1,)]),
    ("ij,ik->i", [(2, 3), (2, 4)]),
    (",i->i", [(), (3,)]),
    ("ba", [(2, 3)]),
]


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_einsum(equation: str, shapes: list[tuple[int, ...]]) -> None:
    arrays = [random(*shape, seed=i) for i, shape in enumerate(shapes)]
    tensors = [ag.tensor(a, requires_grad=True) for a in arrays]
    np.testing.assert_allclose(
        values(ag.einsum(equation, *tensors)), np.einsum(equation, *arrays), rtol=1e-12, atol=1e-14
    )
    assert ag.autograd.gradcheck(lambda *t: ag.einsum(equation, *t), tuple(tensors))


@pytest.mark.parametrize(
    ("equation", "shapes", "message"),
    [
        ("ij,jk->ik", [(2, 3)], "2 operands"),
        ("ij->ij", [(2,)], "does not fit"),
        ("ij,jk->ik", [(2, 3), (4, 5)], "sizes 3 and 4"),
        ("ij->ik", [(2, 3)], "output"),
        ("ij->ii", [(2, 3)], "output"),
        ("i1->i", [(2, 3)], "letters"),
        ("ii->i", [(2, 3)], "sizes 2 and 3"),
    ],
)
def test_einsum_refuses(equation: str, shapes: list[tuple[int, ...]], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        ag.einsum(equation, *[ag.ones(*shape) for shape in shapes])
    assert isinstance(caught.value, RuntimeError)  # as PyTorch's


def test_einsum_of_lists_of_labels() -> None:
    torch = pytest.importorskip("torch")
    x, y, z = random(2, 3), random(3, 4, seed=1), random(5, 2, 2, seed=2)
    calls = [
        (x, [0, 1], y, [1, 2], [0, 2]),
        (x, [0, 1], y, [1, 2]),
        (x, (1, 0)),
        (x, [30, 3], y, [3, 51]),
        (z, [..., 0, 0]),
        (x, [..., 1], x, [..., 1], [...]),
    ]
    for args in calls:
        ours, theirs = (
            [make(a) if isinstance(a, np.ndarray) else a for a in args]
            for make in (ag.tensor, torch.tensor)
        )
        np.testing.assert_allclose(
            values(ag.einsum(*ours)), torch.einsum(*theirs).numpy(), rtol=1e-12, atol=1e-14
        )
    for wrong in ([0, 52], [0, "a"], [0]):
        with pytest.raises(ValueError, match="einsum: "):
            ag.einsum(ag.ones(2, 3), wrong)
    with pytest.raises(TypeError, match="list of labels after each tensor"):
        ag.einsum(ag.ones(2, 3), [0, 1], 3)


def test_einsums_lie_in_memory_as_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    draw = pyrandom.Random(0)
    sizes = {"a": 2, "b": 3, "c": 4, "d": 2, "e": 3}
    equations = ["ti,tj->ji", "i,j->ji", "abc,cd->dab", "abc->ca", "ac,bc->abc", "ab,bc->ca"]
    sizes |= dict(zip("tij", (6, 3, 4)))
    for _ in range(300):
        terms = [
            "".join(draw.sample("abcde", draw.randint(1, 4))) for _ in range(draw.randint(1, 3))
        ]
        known = sorted(set("".join(terms)))
        out = "".join(draw.sample(known, draw.randint(0, len(known))))
        equations.append(f"{','.join(terms)}->{out}")
    for equation in equations:
        terms = equation.partition("->")[0].split(",")
        arrays = [random(*[sizes[c] for c in term], seed=i) for i, term in enumerate(terms)]
        ours = ag.einsum(equation, *map(ag.tensor, arrays))
        theirs = torch.einsum(equation, *map(torch.tensor, arrays))
        assert ours.is_contiguous() or not theirs.is_contiguous(), equation
        np.testing.assert_allclose(values(ours), theirs.numpy(), rtol=1e-12, atol=1e-14)


def test_einsum_of_several_dtypes_where_nothing_is_summed() -> None:
    assert ag.einsum("i,i->i", ag.ones(2), ag.ones(2, dtype=ag.float64)).dtype == ag.float64
    with pytest.raises(DtypeError, match="dtype"):
        ag.einsum("i,i->", ag.ones(2), ag.ones(2, dtype=ag.float64))


def test_tensordot() -> None:
    a, b = random(2, 3, 4), random(4, 3, 5)
    for dims in (0, ([2], [0]), ([1, 2], [1, 0]), ([-1, -2], [0, 1])):
        got = values(ag.tensordot(ag.tensor(a), ag.tensor(b), dims))
        np.testing.assert_allclose(got, np.tensordot(a, b, dims), rtol=1e-12, atol=1e-14)
    with pytest.raises(RuntimeError, match="tensordot"):
        ag.tensordot(ag.ones(2, 3), ag.ones(2, 3), 1)


def test_linear_systems() -> None:
    a = random(2, 3, 3) + 3 * np.eye(3)
    x = ag.tensor(a)
    np.testing.assert_allclose(
        values(ag.linalg.inv(x) @ x), np.broadcast_to(np.eye(3), a.shape), atol=1e-12
    )
    b = ag.tensor(random(2, 3))
    assert ag.allclose((x @ ag.linalg.solve(x, b).unsqueeze(-1)).squeeze(-1), b)
    c = ag.tensor(random(2, 4, 3))
    assert ag.allclose(ag.linalg.solve(x, c, left=False) @ x, c)
    sign, logarithm = ag.linalg.slogdet(x)
    assert ag.allclose(sign * logarithm.exp(), ag.linalg.det(x))
    spd = x @ x.mT
    lower = ag.linalg.cholesky(spd)
    assert ag.allclose(lower @ lower.mT, spd) and lower.triu(1).abs().max().item() == 0.0
    assert ag.allclose(ag.linalg.cholesky(spd, upper=True), lower.mT)


def test_singular_matrices() -> None:
    flat = ag.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=ag.float64, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"linalg\.inv.*singular"):
        ag.linalg.inv(flat)
    with pytest.raises(RuntimeError, match="positive definite"):
        ag.linalg.cholesky(-ag.eye(2))
    ag.linalg.det(flat).backward()
    assert flat.grad.tolist() == [pytest.approx([4.0, -2.0]), pytest.approx([-2.0, 1.0])]
    with pytest.raises(RuntimeError, match="square"):
        ag.linalg.inv(ag.ones(2, 3))
    with pytest.raises(RuntimeError, match="float16"):
        ag.linalg.inv(ag.eye(2).half())


def test_added_input_fits_and_keeps_its_gradient() -> None:
    a, b = ag.ones(1, 2), ag.ones(2, 3)
    for shape in ((4, 3), (1, 1, 3), (2,)):
        for beta in (1, 0):
            with pytest.raises(ShapeError, match="addmm: input must broadcast"):
                ag.addmm(ag.ones(*shape), a, b, beta=beta)
    x = ag.full((3,), float("nan"), requires_grad=True)
    y = ag.addmm(x, a, b, beta=0)
    assert y.tolist() == [[2.0, 2.0, 2.0]]
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


def test_small_integers_are_widened_by_einsum_once() -> None:
    x = ag.full((3, 3, 3), 100, dtype=ag.uint8)
    two = ag.tensor(2, dtype=ag.uint8)
    assert ag.einsum(",aaa,->", two, x, two).item() == 1200


def test_a_weight_of_linear_has_one_dimension_or_two() -> None:
    linear, x = ag.nn.functional.linear, ag.ones(3, 2)
    assert linear(x, ag.ones(2), ag.tensor(1.0)).tolist() == [3.0, 3.0, 3.0]
    for weight, bias in ((ag.ones(2), ag.ones(3)), (ag.ones(1, 2, 2), None)):
        with pytest.raises(ShapeError, match="weight \\(out, in\\)"):
            linear(x, weight, bias)


def test_the_bias_of_bilinear_fits() -> None:
    x, weight = ag.ones(2, 3), ag.ones(4, 3, 3)
    assert ag.nn.functional.bilinear(x, x, weight, ag.ones(4)).tolist() == [[10.0] * 4] * 2
    for bias in (ag.tensor(1.0), ag.ones(1), ag.ones(2, 4)):
        with pytest.raises(ValueError, match="bias"):
            ag.nn.functional.bilinear(x, x, weight, bias)
