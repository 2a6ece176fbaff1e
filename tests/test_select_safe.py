"""The NaN of the branch not taken: programs in which it appears, and what is finite instead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

NAN, INF = math.nan, math.inf

# name: (with where, with select, with a safe function, points, derivative, second derivative).
PROGRAMS: dict[str, tuple[Any, Any, Any, list[float], list[float], list[float]]] = {
    "root": (
        lambda x: ag.where(x > 0, x.sqrt(), x),
        lambda x: ag.select(x > 0, ag.sqrt, lambda x: x, x),
        lambda x: ag.where(x > 0, ag.safe_sqrt(x), x),
        [-1.0, 0.0, 4.0], [1, 1, 0.25], [0, 0, -1 / 32],
    ),
    "root of 0, masked": (
        lambda x: ag.where(x == 0, 0.0, x.sqrt()),
        lambda x: ag.select(x == 0, 0.0, ag.sqrt, x),
        lambda x: ag.safe_sqrt(x),
        [0.0, 4.0], [0, 0.25], [0, -1 / 32],
    ),
    "logarithm": (
        lambda x: ag.where(x > 0, x.log(), 0.0),
        lambda x: ag.select(x > 0, ag.log, 0.0, x),
        lambda x: ag.where(x > 0, ag.safe_log(x), 0.0),
        [0.0, -2.0, 2.0], [0, 0, 0.5], [0, 0, -0.25],
    ),
    "x log x": (
        lambda x: ag.where(x == 0, 0.0, x * x.log()),
        lambda x: ag.select(x == 0, 0.0, lambda x: x * ag.log(x), x),
        lambda x: ag.where(x == 0, 0.0, x * ag.safe_log(x)),
        [0.0, 1.0], [0, 1], [0, 1],
    ),
    "quotient": (
        lambda x: ag.where(x == 0, 1.0, x.sin() / x),
        lambda x: ag.select(x == 0, 1.0, lambda x: x.sin() / x, x),
        lambda x: ag.safe_div(x.sin(), x, fill=1.0),
        [0.0, math.pi], [0, -1 / math.pi], [0, 2 / math.pi**2],
    ),
    "power": (
        lambda x: ag.where(x > 0, x**0.5, 0.0),
        lambda x: ag.select(x > 0, lambda x: x**0.5, 0.0, x),
        lambda x: ag.safe_sqrt(x),
        [0.0, 4.0, -3.0], [0, 0.25, 0], [0, -1 / 32, 0],
    ),
    "exponential that overflows": (
        lambda x: ag.where(x > 0, x, x.exp() / (1 + x.exp())),
        lambda x: ag.select(x > 0, lambda x: x, lambda x: x.exp() / (1 + x.exp()), x),
        lambda x: ag.where(x > 0, x, x.sigmoid()),
        [1000.0, 0.0], [1, 0.25], [0, 0],
    ),
    "angle": (
        lambda x: ag.where(x.abs() < 1, x.acos(), 0.0),
        lambda x: ag.select(x.abs() < 1, ag.acos, 0.0, x),
        lambda x: ag.where(x.abs() < 1, ag.safe_acos(x), 0.0),
        [1.0, 2.0, 0.0], [0, 0, -1], [0, 0, 0],
    ),
}  # fmt: skip


def derivatives(function: Callable[[Any], Any], points: list[float]) -> tuple[Any, Any]:
    x = ag.tensor(points, dtype=ag.float64, requires_grad=True)
    (first,) = ag.autograd.grad(function(x).sum(), x, create_graph=True)
    if not first.requires_grad:
        return first.tolist(), [0] * len(points)
    (second,) = ag.autograd.grad(first.sum(), x)
    return first.tolist(), second.tolist()


@pytest.mark.parametrize("name", PROGRAMS)
def test_where_has_the_trap(name: str) -> None:
    """Else these programs would prove nothing."""
    trapped, _, _, points, *_ = PROGRAMS[name]
    got, _ = derivatives(trapped, points)
    assert any(math.isnan(g) for g in got)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("how", ["select", "safe"])
def test_no_trap(name: str, how: str) -> None:
    function = PROGRAMS[name][1 if how == "select" else 2]
    *_, points, first, second = PROGRAMS[name]
    got, again = derivatives(function, points)
    np.testing.assert_allclose(got, first, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(again, second, rtol=1e-12, atol=1e-12)


# --- select ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "shapes"),
    [((2, 3), [(2, 3)]), ((3,), [(2, 1), (3,)]), ((2, 3), [()]), ((), [(2,)]), ((0, 2), [(2,)])],
)
def test_select_is_where(condition: Any, shapes: Any) -> None:
    """Where no trap lies, values and derivatives of both orders are those of where."""
    rng = np.random.default_rng(0)
    mask = ag.tensor(rng.random(condition) < 0.5)
    xs = [ag.tensor(rng.standard_normal(s), requires_grad=True) for s in shapes]

    def f(*xs: Any) -> Any:
        return sum(x * x for x in xs)

    def g(*xs: Any) -> Any:
        return xs[0].sin() * xs[-1]

    got, want = ag.select(mask, f, g, *xs), ag.where(mask, f(*xs), g(*xs))
    assert got.shape == want.shape
    assert ag.allclose(got, want)
    assert ag.autograd.gradcheck(lambda *xs: ag.select(mask, f, g, *xs), xs)
    assert ag.autograd.gradgradcheck(lambda *xs: ag.select(mask, f, g, *xs), xs)


def test_each_function_sees_its_own_elements() -> None:
    seen: list[Any] = []

    def note(x: Any) -> Any:
        seen.append(x.tolist())
        return x

    x = ag.tensor([[1.0, -2.0], [3.0, -4.0]])
    out = ag.select(x > 0, note, lambda x: note(x) * 10, x)
    assert seen == [[1, 3], [-2, -4]]
    assert out.tolist() == [[1, -20], [3, -40]]
    assert ag.select(x > 9, note, 0.5, x).tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert seen[-1] == []


def test_select_promotes_and_keeps_dtypes() -> None:
    x = ag.tensor([1.0, -1.0])
    assert ag.select(x > 0, ag.sqrt, 0, x).dtype is ag.float32
    assert ag.select(x > 0, lambda x: x.double(), lambda x: x, x).dtype is ag.float64
    assert ag.select(x > 5, ag.sqrt, lambda x: x.half(), x).dtype is ag.float32
    whole = ag.tensor([1, 2])
    assert ag.select(whole > 1, lambda x: x * 2, lambda x: -x, whole).tolist() == [-1, 4]


def test_select_of_closures_and_parameters() -> None:
    scale = ag.tensor(2.0, requires_grad=True)
    x = ag.tensor([1.0, -1.0], requires_grad=True)
    ag.select(x > 0, lambda x: scale * x, scale, x).sum().backward()
    assert (scale.grad.item(), x.grad.tolist()) == (2, [2, 0])
    assert (x > 0).select(lambda x: x, 0.0, x).tolist() == [1, 0]


def test_select_is_still_pytorchs() -> None:
    x = ag.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert ag.select(x, 1, 0).tolist() == x.select(1, 0).tolist() == [1, 3]
    assert ag.select(input=x, dim=0, index=-1).tolist() == [3, 4]
    x.select(0, 0).fill_(7)
    assert x[0].tolist() == [7, 7]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: ag.select(x, ag.sqrt, 0.0, x), "mask must be a boolean"),
        (lambda x: ag.select(x > 0, lambda x: x[:1], 0.0, x), "f must give one element"),
        (lambda x: ag.select(x < 0, 0.0, lambda x: x.sum(0, True), x), "g must give one element"),
        (lambda x: ag.select(x > 0, lambda y: y * x, 0.0, x), "select|mul"),
        (lambda x: ag.select(x > 0, ag.sqrt, 0.0, ag.ones(4)), "select"),
        (lambda x: ag.select(x, 0, 0, x), "select: expected input, dim and index"),
        (lambda x: ag.select(x, 0, 9), "select: index 9"),
        (lambda x: ag.safe_log(x, 0.0), "safe_log: smallest"),
        (lambda x: ag.safe_norm(x, -1.0), "safe_norm: smallest"),
        (lambda x: ag.safe_sqrt(x + 1j), "safe_sqrt: .*complex"),
    ],
)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises((RuntimeError, ValueError, TypeError, IndexError), match=words):
        call(ag.tensor([1.0, -1.0, 2.0]))


# --- safe functions -------------------------------------------------------------------------------

SAFE = {
    "safe_sqrt": (ag.safe_sqrt, ag.sqrt, [0.3, 4.0], [0.0, -1.0, -INF], 0),
    "safe_log": (ag.safe_log, ag.log, [0.3, 4.0], [0.0, -1.0, -INF], math.log(2.0**-1022)),
    "safe_asin": (ag.safe_asin, ag.asin, [-0.3, 0.9], [1.0, 1.5, INF], math.pi / 2),
    "safe_acos": (ag.safe_acos, ag.acos, [-0.3, 0.9], [-1.0, -1.5, -INF], math.pi),
}


@pytest.mark.parametrize("name", SAFE)
def test_safe_functions_inside_and_outside(name: str) -> None:
    safe, usual, inside, outside, value = SAFE[name]
    assert derivatives(safe, inside) == derivatives(usual, inside)
    x = ag.tensor(outside, dtype=ag.float64)
    np.testing.assert_allclose(safe(x).tolist(), [value] * 3, rtol=1e-15)
    assert derivatives(safe, outside) == ([0, 0, 0], [0, 0, 0])
    assert safe(ag.tensor([NAN])).isnan().item()
    single = ag.tensor([0.5], requires_grad=True)
    safe(single).backward()
    assert single.grad.dtype is ag.float32
    assert safe(ag.tensor([1, 1])).dtype is ag.float32


def test_safe_div() -> None:
    a = ag.tensor([1.0, 0.0, 3.0], requires_grad=True)
    b = ag.tensor([0.0, 0.0, 2.0], requires_grad=True)
    out = ag.safe_div(a, b, fill=7.0)
    assert out.tolist() == [7, 7, 1.5]
    first = ag.autograd.grad(out.sum(), (a, b), create_graph=True)
    assert [g.tolist() for g in first] == [[0, 0, 0.5], [0, 0, -0.75]]
    second = ag.autograd.grad(first[1].sum(), (a, b))
    assert [g.tolist() for g in second] == [[0, 0, -0.25], [0, 0, 0.75]]
    assert ag.safe_div(1.0, ag.tensor([0.0, 2.0])).tolist() == [0, 0.5]
    assert ag.safe_div(ag.tensor([1j, 2j]), ag.tensor([0.0, 2.0])).tolist() == [0, 1j]


def test_safe_norm() -> None:
    """The direction of a vector is finite at 0, and so are its derivatives."""
    x = ag.tensor([[0.0, 0.0], [3.0, 4.0]], dtype=ag.float64, requires_grad=True)
    direction = x / ag.safe_norm(x, 1e-3, dim=1, keepdim=True)
    np.testing.assert_allclose(direction.tolist(), [[0, 0], [0.6, 0.8]])
    (first,) = ag.autograd.grad(direction[:, 0].sum(), x, create_graph=True)
    np.testing.assert_allclose(first.tolist(), [[1000, 0], [0.128, -0.096]], atol=1e-12)
    (second,) = ag.autograd.grad(first.sum(), x)
    assert second.isfinite().all().item()
    zero = ag.zeros(3, requires_grad=True)
    ag.safe_norm(zero).backward()
    assert zero.grad.tolist() == [0, 0, 0]
    assert ag.safe_norm(ag.tensor([3j, 4.0])).item() == 5


def test_a_masked_standard_deviation() -> None:
    """A group with one member has no standard deviation; where() would spoil the others'."""
    x = ag.tensor([1.0, 2.0, 4.0, 5.0], requires_grad=True)
    count = ag.tensor([3.0, 1.0])
    member = ag.tensor([[1.0, 1, 1, 0], [0, 0, 0, 1]])
    mean = (member * x).sum(1) / count
    square = (member * (x - mean[:, None]) ** 2).sum(1)
    spread = ag.select(count > 1, lambda s, n: (s / (n - 1)).sqrt(), 0.0, square, count)
    spread.sum().backward()
    assert x.grad.isfinite().all().item()
    assert spread[1].item() == 0 and spread[0].item() == pytest.approx(np.std([1, 2, 4], ddof=1))
