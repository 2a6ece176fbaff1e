"""Generated calls of what layers are made of: convolution, pooling, normalisation, padding,
resizing, embedding, attention."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from fuzzing import LAYOUTS, NARROW, Call, Given, compare, run, sizes
from fuzzing_strategies import broadcast, dims, masks, places, recipes, shapes
from hypothesis import strategies as st

DOUBLE = ("float64", "float64", "float64", "float32")
EVERY = (*DOUBLE, *NARROW)

# --- convolution ---------------------------------------------------------------------------------


def one_or_each(number: Any, n: int) -> Any:
    """A number for all dimensions, or one for each."""
    return number | st.tuples(*[number] * n)


def each(value: Any, n: int) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,) * n


@st.composite
def images(draw: Any, channels: int, n: int, kinds: Any, side: int = 6, **options: Any) -> Any:
    """A batch, or one without, of ``n``-dimensional images."""
    batch = () if draw(st.integers(0, 3)) == 0 else (draw(st.integers(0, 4)) % 4,)
    whole = draw(st.tuples(*[st.integers(1, side)] * n))
    return draw(recipes((*batch, channels, *whole), kinds, **options))


@st.composite
def convolutions(draw: Any) -> Call:
    n, groups = draw(st.sampled_from([1, 2, 2, 3])), draw(st.integers(1, 3))
    inner, outer = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    x = draw(images(groups * inner, n, (*EVERY, "complex128"), 4 if n == 3 else 7))
    kernel = draw(st.tuples(*[st.integers(1, 3)] * n))
    small = st.integers(1, 3)
    options: dict[str, Any] = {
        "stride": draw(one_or_each(small, n)),
        "padding": draw(one_or_each(st.integers(0, 2), n)),
        "dilation": draw(one_or_each(st.integers(1, 2), n)),
        "groups": groups,
    }
    transposed = draw(st.integers(0, 2)) == 0
    if transposed:
        options["output_padding"] = draw(one_or_each(st.sampled_from([0, 0, 1]), n))
    elif draw(st.integers(0, 3)) == 0:
        options["padding"] = draw(st.sampled_from(["same", "valid"]))
        options["stride"] = draw(st.sampled_from([1, 1, 1, 2]))
    shape = (groups * inner, outer) if transposed else (groups * outer, inner)
    weight = draw(recipes((*shape, *kernel), (x.dtype,)))
    bias = draw(st.none() | recipes((groups * outer,), (x.dtype,)))
    name = f"nn.functional.conv{'_transpose' * transposed}{n}d"
    return Call(name, x, weight, bias, **options)


def padded_convolution(engine: Any, x: Any, weight: Any, mode: str, padding: Any) -> Any:
    """As a layer with that padding mode."""
    n = weight.ndim - 2
    layer = getattr(engine.nn, f"Conv{n}d")(
        weight.shape[1], weight.shape[0], tuple(weight.shape[2:]), padding=padding,
        padding_mode=mode, bias=False, dtype=weight.dtype,
    )  # fmt: skip
    del layer.weight
    layer.weight = weight
    return layer(x)


@st.composite
def padded_convolutions(draw: Any) -> Call:
    n = draw(st.integers(1, 3))
    x = draw(images(2, n, DOUBLE, 4))
    weight = draw(recipes((2, 2, *draw(st.tuples(*[st.integers(1, 3)] * n))), (x.dtype,)))
    mode = draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
    padding = draw(one_or_each(st.integers(0, 3), n) | st.just("same"))
    return Call(padded_convolution, x, weight, mode, padding)


@st.composite
def windows(draw: Any) -> Call:
    """unfold and fold, which is told a size that need not fit."""
    size = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    kernel = draw(one_or_each(st.integers(1, 3), 2))
    options = {
        "dilation": draw(one_or_each(st.integers(1, 2), 2)),
        "padding": draw(one_or_each(st.integers(0, 2), 2)),
        "stride": draw(one_or_each(st.integers(1, 3), 2)),
    }
    batch = draw(st.sampled_from([(), (1,), (3,)]))
    if draw(st.booleans()):
        x = draw(recipes((*batch, 2, *size), EVERY))
        return Call("nn.functional.unfold", x, kernel, **options)
    number = 1
    for d in range(2):
        reach = each(options["dilation"], 2)[d] * (each(kernel, 2)[d] - 1) + 1
        room = size[d] + 2 * each(options["padding"], 2)[d] - reach
        number *= max(room // each(options["stride"], 2)[d] + 1, 0)
    off = draw(st.integers(0, 9)) == 0
    columns = 2 * int(np.prod(each(kernel, 2)))
    x = draw(recipes((*batch, columns, number + off), EVERY))
    return Call("nn.functional.fold", x, size, kernel, **options)


@sizes(40, 1500)
def test_convolution(examples: int) -> None:
    run(
        lambda call: compare(call, loose=20, scale=True, twice=True),
        convolutions() | convolutions() | padded_convolutions() | windows(),
        examples,
    )


# --- pooling -------------------------------------------------------------------------------------


def unpooled(engine: Any, x: Any, n: int, kernel: Any, stride: Any) -> Any:
    functional = engine.nn.functional
    pool, unpool = getattr(functional, f"max_pool{n}d"), getattr(functional, f"max_unpool{n}d")
    values, indices = pool(x, kernel, stride, return_indices=True)
    return unpool(values, indices, kernel, stride, output_size=tuple(x.shape[-n:]))


@st.composite
def pools(draw: Any) -> Call:
    n = draw(st.sampled_from([1, 2, 2, 3]))
    kind = draw(st.sampled_from(["max", "max", "avg", "avg", "lp", "adaptive", "unpooled"]))
    # (Places that share their memory tie, and so do halves; which wins is not PyTorch's promise.)
    plain = {"contents": ("normal",), "layouts": LAYOUTS[:4]} if kind != "avg" else {}
    x = draw(images(2, n, EVERY if kind in ("avg", "adaptive") else DOUBLE, 7, **plain))
    kernel = draw(one_or_each(st.integers(1, 3), n))
    stride = draw(st.none() | one_or_each(st.integers(1, 3), n))
    path = "nn.functional."
    if kind == "unpooled":
        return Call(unpooled, x, n, each(kernel, n), each(kernel, n))
    if kind == "adaptive":
        size = draw(one_or_each(st.integers(1, 4), n))
        if isinstance(size, tuple) and n > 1 and draw(st.booleans()):
            size = (None, *size[1:])
        if draw(st.booleans()):
            return Call(f"{path}adaptive_avg_pool{n}d", x, size)
        return Call(f"{path}adaptive_max_pool{n}d", x, size, return_indices=draw(st.booleans()))
    ceil = draw(st.booleans())
    if kind == "lp":
        power = draw(st.sampled_from([1, 2, 3.0]))
        kernel = max(each(kernel, n)) if n == 1 else kernel
        return Call(f"{path}lp_pool{n}d", x, power, kernel, stride, ceil_mode=ceil)
    most = 1 if draw(st.integers(0, 7)) == 0 else min(each(kernel, n)) // 2
    padding = draw(one_or_each(st.integers(0, most), n))
    if kind == "max":
        dilation = draw(one_or_each(st.integers(1, 2), n))
        if min(x.shape[-n:]) < max(each(dilation, n)) and max(each(padding, n)):
            dilation = 1  # of a window without elements PyTorch's backward destroys memory
        return Call(f"{path}max_pool{n}d", x, kernel, stride, padding, dilation, ceil,
                    draw(st.booleans()))  # fmt: skip
    options: dict[str, Any] = {"count_include_pad": draw(st.booleans())}
    if n > 1:
        options["divisor_override"] = draw(st.sampled_from([None, None, 1, 3]))
    return Call(f"{path}avg_pool{n}d", x, kernel, stride, padding, ceil, **options)


@sizes(40, 1200)
def test_pooling(examples: int) -> None:
    run(lambda call: compare(call, loose=100, scale=True, twice=True), pools(), examples)


# --- normalisation -------------------------------------------------------------------------------


def batch_norm(engine: Any, x: Any, mean: Any, var: Any, *rest: Any, **options: Any) -> Any:
    """Also what it makes of the running figures."""
    mean, var = mean.clone(), var.clone()
    out = engine.nn.functional.batch_norm(x, mean, var, *rest, **options)
    return out, mean, var


def instance_norm(engine: Any, x: Any, mean: Any, var: Any, *rest: Any, **options: Any) -> Any:
    mean, var = mean.clone(), var.clone()
    out = engine.nn.functional.instance_norm(x, mean, var, *rest, **options)
    return out, mean, var


@st.composite
def normalizations(draw: Any) -> Call:
    kind = draw(st.sampled_from(["batch", "batch", "instance", "layer", "rms", "group", "local"]))
    kinds = EVERY if kind in ("layer", "rms") else DOUBLE
    eps = draw(st.sampled_from([1e-5, 1e-2]))
    if kind in ("layer", "rms"):
        shape = draw(shapes(4, 1, 5))
        last = shape[draw(st.integers(0, len(shape) - 1)) :]
        x = draw(recipes(shape, kinds))
        weight = draw(st.none() | recipes(last, (x.dtype,)))
        if kind == "rms":
            return Call(
                "nn.functional.rms_norm", x, last, weight, draw(st.sampled_from([None, eps]))
            )
        bias = draw(st.none() | recipes(last, (x.dtype,)))
        return Call("nn.functional.layer_norm", x, last, weight, bias, eps)
    groups = draw(st.integers(1, 3))
    channels = groups * draw(st.integers(1, 2))
    shape = (draw(st.integers(1, 4)), channels, *draw(shapes(3, 0, 4)))
    x = draw(recipes(shape, kinds))
    if kind == "local":
        numbers = (draw(st.integers(1, 4)), draw(st.sampled_from([1e-4, 0.5])), 0.75, 1.0)
        return Call("nn.functional.local_response_norm", x, *numbers)
    weight = draw(st.none() | recipes((channels,), (x.dtype,)))
    bias = draw(st.none() | recipes((channels,), (x.dtype,)))
    if kind == "group":
        return Call("nn.functional.group_norm", x, groups, weight, bias, eps)
    mean = draw(recipes((channels,), (x.dtype,), low=-1.0, high=1.0, layouts=LAYOUTS[:1]))
    var = draw(recipes((channels,), (x.dtype,), low=0.5, high=2.0, layouts=LAYOUTS[:1]))
    still = [replace(recipe, grad=False) for recipe in (mean, var)]
    train, momentum = draw(st.booleans()), draw(st.sampled_from([0.1, 0.5]))
    function = batch_norm if kind == "batch" else instance_norm
    return Call(function, x, *still, weight, bias, train, momentum, eps)


@st.composite
def normalized(draw: Any) -> Call:
    x = draw(recipes(shapes(3, 1), DOUBLE))
    power = draw(st.sampled_from([1, 2, 3.0, float("inf")]))
    return Call("nn.functional.normalize", x, power, draw(dims(len(x.shape))))


@sizes(50, 1000)
def test_normalization(examples: int) -> None:
    # Differences from a mean cancel, and what is left is divided by a small number.
    run(
        lambda call: compare(call, loose=2000, scale=True, twice=True),
        normalizations() | normalizations() | normalized(),
        examples,
    )


# --- padding, resizing, sampling -----------------------------------------------------------------


@st.composite
def paddings(draw: Any) -> Call:
    mode = draw(st.sampled_from(["constant", "reflect", "replicate", "circular"]))
    if mode == "constant":
        x = draw(recipes(shapes(4), (*EVERY, "int64", "bool")))
        number = draw(st.integers(0, len(x.shape)))
        pad = draw(st.lists(st.integers(-2, 3), min_size=2 * number, max_size=2 * number))
        return Call("nn.functional.pad", x, pad, mode, draw(st.sampled_from([None, 0, 1])))
    n = draw(st.integers(1, 3))
    x = draw(images(2, n, EVERY, 4))
    pad = draw(st.lists(st.integers(-1, 3), min_size=2 * n, max_size=2 * n))
    return Call("nn.functional.pad", x, pad, mode)


MODES = {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}


@st.composite
def resizings(draw: Any) -> Call:
    n = draw(st.sampled_from([1, 2, 2, 3]))
    mode = draw(st.sampled_from(["nearest", "nearest-exact", "area", *MODES[n] * 2]))
    shape = (draw(st.integers(1, 2)), 2, *draw(st.tuples(*[st.integers(1, 5)] * n)))
    x = draw(recipes(shape, DOUBLE))
    options: dict[str, Any] = {"mode": mode}
    if draw(st.booleans()):
        options["size"] = draw(one_or_each(st.integers(1, 7), n))
    else:
        options["scale_factor"] = draw(one_or_each(st.sampled_from([0.5, 1.3, 2, 2.5, 0.7]), n))
        options["recompute_scale_factor"] = draw(st.sampled_from([None, True]))
    if mode.endswith(("linear", "cubic")):
        options["align_corners"] = draw(st.sampled_from([None, False, True]))
        options["antialias"] = mode[0] == "b" and draw(st.booleans())
    return Call("nn.functional.interpolate", x, **options)


@st.composite
def samplings(draw: Any) -> Call:
    n = draw(st.sampled_from([2, 2, 3]))
    batch, sides = draw(st.integers(1, 2)), st.tuples(*[st.integers(1, 5)] * n)
    align = draw(st.booleans())
    if draw(st.integers(0, 3)) == 0:
        theta = draw(recipes((batch, n, n + 1), DOUBLE))
        return Call("nn.functional.affine_grid", theta, [batch, 2, *draw(sides)], align)
    x = draw(recipes((batch, 2, *draw(sides)), DOUBLE))
    shape = (batch, *draw(sides), n)
    grid = draw(recipes(shape, (x.dtype,), ("normal",), low=-1.4, high=1.4))
    mode = draw(st.sampled_from(["bilinear", "nearest", *["bicubic"] * (n == 2)]))
    padding = draw(st.sampled_from(["zeros", "border", "reflection"]))
    return Call("nn.functional.grid_sample", x, grid, mode, padding, align)


@sizes(60, 1500)
def test_padding_and_resizing(examples: int) -> None:
    run(
        lambda call: compare(call, loose=50, scale=True, twice=True),
        paddings() | resizings() | samplings(),
        examples,
    )


# --- embedding and attention ---------------------------------------------------------------------


@st.composite
def embeddings(draw: Any) -> Call:
    rows, width = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    weight = draw(recipes((rows, width), EVERY))
    padding = draw(st.none() | st.integers(-rows, rows - 1))
    outside = draw(st.integers(0, 15)) == 0
    if draw(st.booleans()):
        index = draw(places(draw(shapes(3)), -outside, rows - 1 + outside))
        scaled = draw(st.booleans())
        return Call("nn.functional.embedding", index, weight, padding_idx=padding,
                    scale_grad_by_freq=scaled)  # fmt: skip
    mode = draw(st.sampled_from(["sum", "mean", "max"]))
    options: dict[str, Any] = {"mode": mode, "padding_idx": padding}
    if draw(st.booleans()):
        shape = (draw(st.integers(1, 3)), draw(st.integers(1, 4)))
        index = draw(places(shape, -outside, rows - 1 + outside))
    else:
        shape = (draw(st.integers(1, 6)),)
        index = draw(places(shape, -outside, rows - 1 + outside))
        starts = sorted(draw(st.lists(st.integers(0, shape[0]), max_size=3)))
        options["offsets"] = Given([0, *starts])
        options["include_last_offset"] = False
    if mode == "sum" and draw(st.booleans()):
        options["per_sample_weights"] = draw(recipes(shape, (weight.dtype,)))
    return Call("nn.functional.embedding_bag", index, weight, **options)


@st.composite
def attentions(draw: Any) -> Call:
    kind = draw(st.sampled_from(DOUBLE))
    batch = draw(shapes(2, 1, 3, smallest=1))
    length, source = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    width, value_width = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    options: dict[str, Any] = {"is_causal": draw(st.integers(0, 3)) == 0}
    heads = batch
    if len(batch) == 2 and draw(st.integers(0, 3)) == 0:
        heads, options["enable_gqa"] = (batch[0], 1), True
    if not options["is_causal"]:
        shape = draw(broadcast((*batch, length, source)))
        shape = shape if len(shape) > 1 else (length, source)
        rows = masks(shape).map(lambda m: Given(m | (np.arange(m.shape[-1]) == 0)))
        options["attn_mask"] = draw(st.none() | rows | recipes(shape, (kind,)))
    options["scale"] = draw(st.sampled_from([None, None, 0.5]))
    query = draw(recipes((*batch, length, width), (kind,)))
    key = draw(recipes((*heads, source, width), (kind,)))
    value = draw(recipes((*heads, source, value_width), (kind,)))
    return Call("nn.functional.scaled_dot_product_attention", query, key, value, **options)


@sizes(40, 800)
def test_embedding_and_attention(examples: int) -> None:
    run(
        lambda call: compare(call, loose=50, scale=True, twice=True),
        embeddings() | attentions(),
        examples,
    )
