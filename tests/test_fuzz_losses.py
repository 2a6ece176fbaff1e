"""Generated calls of losses with every reduction and weight, and of activations with parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fuzzing import FLOATS, NARROW, Call, Given, compare, run, sizes
from fuzzing_strategies import broadcast, dims, masks, places, recipes, shapes, whole
from hypothesis import strategies as st

DOUBLE = ("float64", "float64", "float64", "float32")
REDUCTIONS = st.sampled_from(["mean", "sum", "none"])
MARGINS = st.sampled_from([0.0, 0.3, 1.0])


def constant(low: float, high: float, shape: Any, kind: str) -> Any:
    return recipes(shape, (kind,), ("normal",), low=low, high=high)


def weights(shape: Any, kind: str) -> Any:
    """PyTorch does not differentiate with respect to them."""
    return constant(0.2, 2.0, shape, kind).map(lambda recipe: replace(recipe, grad=False))


def signs(shape: tuple[int, ...], kind: str) -> Any:
    """Targets of -1 and 1."""
    return whole(shape, 0, 1).map(lambda v: Given((2 * v - 1).astype(kind)))


# --- of numbers ----------------------------------------------------------------------------------


@st.composite
def regressions(draw: Any) -> Call:
    names = ["l1_loss", "mse_loss", "smooth_l1_loss", "huber_loss", "kl_div", "poisson_nll_loss",
             "gaussian_nll_loss", "soft_margin_loss", "hinge_embedding_loss"]  # fmt: skip
    name = draw(st.sampled_from(names))
    kind, reduction = draw(st.sampled_from(DOUBLE)), draw(REDUCTIONS)
    shape = draw(shapes(3, 1, smallest=1) if name == "gaussian_nll_loss" else shapes())
    x = draw(recipes(shape, (kind,), ("normal",)))
    y = draw(recipes(shape, (kind,), ("normal",)))
    options: dict[str, Any] = {"reduction": reduction}
    path = f"nn.functional.{name}"
    if name in ("smooth_l1_loss", "huber_loss"):
        options["beta" if name[0] == "s" else "delta"] = draw(st.sampled_from([0.1, 1.0, 2.0]))
    elif name == "kl_div":
        options["log_target"] = draw(st.booleans())
        options["reduction"] = draw(st.sampled_from([reduction, "batchmean"]))
        y = y if options["log_target"] else draw(constant(0.1, 1.0, shape, kind))
    elif name == "poisson_nll_loss":
        options["log_input"], options["full"] = draw(st.booleans()), draw(st.booleans())
        x = x if options["log_input"] else draw(constant(0.1, 3.0, shape, kind))
        y = draw(constant(0.5, 4.0, shape, kind))
    elif name == "gaussian_nll_loss":
        var = shape[:-1] + draw(st.sampled_from([(), (1,), shape[-1:]]))
        options["full"] = draw(st.booleans())
        return Call(path, x, y, draw(constant(0.3, 2.0, var, kind)), **options)
    elif name in ("soft_margin_loss", "hinge_embedding_loss"):
        y = draw(signs(shape, kind))
        if name[0] == "h":
            options["margin"] = draw(MARGINS)
    elif draw(st.integers(0, 3)) == 0 and name in ("l1_loss", "mse_loss"):
        options["weight"] = draw(weights(shape, kind))
    return Call(path, x, y, **options)


@st.composite
def binaries(draw: Any) -> Call:
    kind, shape = draw(st.sampled_from(DOUBLE)), draw(shapes())
    weight = draw(st.none() | weights(draw(broadcast(shape)), kind))
    options = {"weight": weight, "reduction": draw(REDUCTIONS)}
    target = draw(constant(0.05, 0.95, shape, kind))
    if draw(st.booleans()):
        x = draw(constant(0.02, 0.98, shape, kind))
        return Call("nn.functional.binary_cross_entropy", x, target, **options)
    x = draw(recipes(shape, (kind,)))
    options["pos_weight"] = draw(st.none() | weights(shape[-1:], kind))
    return Call("nn.functional.binary_cross_entropy_with_logits", x, target, **options)


# --- of classes ----------------------------------------------------------------------------------


@st.composite
def classes(draw: Any) -> Call:
    kind, number = draw(st.sampled_from(DOUBLE)), draw(st.integers(1, 5))
    batch = draw(st.sampled_from([(), (1,), (3,), (4,), (0,)]))
    spatial = draw(shapes(2, side=3)) if batch else ()
    x = draw(recipes((*batch, number, *spatial), (kind,)))
    shape = (*batch, *spatial)
    options: dict[str, Any] = {
        "weight": draw(st.none() | weights((number,), kind)),
        "reduction": draw(REDUCTIONS),
    }
    outside = draw(st.integers(0, 15)) == 0
    target = draw(places(shape, 0, number - 1 + outside))
    ignored = draw(st.sampled_from([-100, 0, number - 1]))
    if draw(st.booleans()):
        options["ignore_index"] = ignored
    if draw(st.integers(0, 2)) == 0:
        return Call("nn.functional.nll_loss", x, target, **options)
    options["label_smoothing"] = draw(st.sampled_from([0.0, 0.0, 0.1, 1.0]))
    if draw(st.integers(0, 2)) == 0:
        options.pop("ignore_index", None)
        return Call("nn.functional.cross_entropy", x,
                    draw(constant(0.0, 1.0, x.shape, kind)), **options)  # fmt: skip
    return Call("nn.functional.cross_entropy", x, target, **options)


@st.composite
def margins(draw: Any) -> Call:
    names = ["multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss"]
    name = draw(st.sampled_from(names))
    kind, number = draw(st.sampled_from(DOUBLE)), draw(st.integers(1, 5))
    batch = draw(st.sampled_from([(), (1,), (3,)]))
    x = draw(recipes((*batch, number), (kind,), ("normal",)))
    options: dict[str, Any] = {"reduction": draw(REDUCTIONS)}
    path = f"nn.functional.{name}"
    if name == "multi_margin_loss":
        target = draw(places(batch, 0, number - 1))
        weight = draw(st.none() | weights((number,), kind))
        options |= {"p": draw(st.sampled_from([1, 2])), "margin": draw(MARGINS), "weight": weight}
        return Call(path, x, target, **options)
    if name == "multilabel_margin_loss":
        return Call(path, x, draw(places(x.shape, -1, number - 1)), **options)
    mask = draw(masks(x.shape))
    return Call(path, x, Given(mask.astype(kind)), **options)


# --- of vectors ----------------------------------------------------------------------------------


@st.composite
def vectors(draw: Any) -> Call:
    names = ["margin_ranking_loss", "cosine_embedding_loss", "triplet_margin_loss"]
    name = draw(st.sampled_from([*names, "cosine_similarity", "pairwise_distance"]))
    kind = draw(st.sampled_from(DOUBLE))
    shape = draw(st.sampled_from([(), (3,)])) + (draw(st.integers(1, 4)),)
    given = [draw(recipes(shape, (kind,), ("normal",))) for _ in range(3)]
    # A distance of 0 has no derivative.
    given = [replace(recipe, seed=3 * recipe.seed + i) for i, recipe in enumerate(given)]
    options: dict[str, Any] = {"reduction": draw(REDUCTIONS), "margin": draw(MARGINS)}
    path = f"nn.functional.{name}"
    if name == "margin_ranking_loss":
        return Call(path, *given[:2], draw(signs(shape, kind)), **options)
    if name == "cosine_embedding_loss":
        return Call(path, *given[:2], draw(signs(shape[:-1], kind)), **options)
    if name == "triplet_margin_loss":
        options |= {"p": draw(st.sampled_from([1.0, 2.0, 3.0])), "swap": draw(st.booleans())}
        return Call(path, *given, **options)
    if name == "cosine_similarity":
        whole_shape = draw(shapes(3, 1, smallest=1))
        for i in range(2):
            given[i] = replace(given[i], shape=draw(broadcast(whole_shape)), layout="contiguous")
        return Call(path, *given[:2], dim=draw(dims(len(whole_shape))))
    power, keep = draw(st.sampled_from([1.0, 2.0, 3.0, float("inf")])), draw(st.booleans())
    return Call(path, *given[:2], p=power, keepdim=keep)


@st.composite
def alignments(draw: Any) -> Call:
    """ctc_loss, behind the log_softmax that PyTorch's gradient supposes."""
    steps, batch, number = draw(st.integers(1, 6)), draw(st.integers(1, 3)), draw(st.integers(2, 4))
    longest = draw(st.integers(1, 3))
    x = draw(recipes((steps, batch, number), DOUBLE[:3], ("normal",)))
    target = draw(places((batch, longest), 1, number - 1))
    inputs = draw(st.lists(st.integers(1, steps), min_size=batch, max_size=batch))
    lengths = draw(st.lists(st.integers(0, longest), min_size=batch, max_size=batch))
    return Call(ctc_loss, x, target, inputs, lengths, draw(REDUCTIONS), draw(st.booleans()))


def ctc_loss(
    engine: Any, x: Any, target: Any, inputs: Any, lengths: Any, reduction: str, zero: bool
) -> Any:
    return engine.nn.functional.ctc_loss(
        x.log_softmax(-1), target, tuple(inputs), tuple(lengths),
        reduction=reduction, zero_infinity=zero,
    )  # fmt: skip


def check_loss(call: Call) -> None:
    # PyTorch's double backward adds 1e-12 to what it divides by.
    loose = 1e6 if call.name == "nn.functional.binary_cross_entropy" else 50
    compare(call, loose=loose, scale=True, twice=True)


@sizes(100, 2000)
def test_losses(examples: int) -> None:
    run(
        check_loss,
        regressions() | binaries() | classes() | margins() | vectors() | alignments(),
        examples,
    )


# --- activations ---------------------------------------------------------------------------------

# Those that test_fuzz_elementwise.py does not have.
PLAIN = ["relu6", "selu", "tanhshrink", "hardswish", "hardsigmoid"]
WITH_NUMBERS = {
    "celu": [(1.0,), (0.5,)],
    "hardshrink": [(0.5,), (0.2,)],
    "softshrink": [(0.5,), (0.2,)],
    "threshold": [(0.1, 20.0), (-0.5, 0.0)],
    "gelu": [()],
    "rrelu": [(0.1, 0.3, False)],
}


@st.composite
def activations(draw: Any) -> Call:
    # (Conventions at kinks are a matter of each operator's own tests.)
    x = draw(recipes(shapes(), (*FLOATS, *FLOATS, *NARROW), ("normal",)))
    path = "nn.functional."
    if draw(st.booleans()):
        return Call(path + draw(st.sampled_from(PLAIN)), x)
    name = draw(st.sampled_from([*WITH_NUMBERS, "prelu", "glu", "softmin"]))
    if name in ("glu", "softmin"):
        return Call(path + name, x, draw(dims(len(x.shape))))
    if name == "prelu":
        channels = x.shape[1] if len(x.shape) > 1 else 1
        return Call(path + name, x, draw(recipes(draw(st.sampled_from([(1,), (channels,)])),
                                                 (x.dtype,), ("normal",))))  # fmt: skip
    if name == "gelu":
        return Call(path + name, x, approximate="tanh")
    return Call(path + name, x, *draw(st.sampled_from(WITH_NUMBERS[name])))


@sizes(40, 800)
def test_activations(examples: int) -> None:
    run(lambda call: compare(call, loose=50, scale=True, twice=True), activations(), examples)
