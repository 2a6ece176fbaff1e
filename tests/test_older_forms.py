"""Calls in the forms of older programs for PyTorch, and others that few programs use."""

from __future__ import annotations

import inspect

import pytest

import autograd_core as ag

torch = pytest.importorskip("torch")


def beside(call):
    """What a call gives here; it must give the same values in PyTorch."""
    ours, theirs = call(ag), call(torch)
    assert ours.tolist() == theirs.tolist()
    assert str(ours.dtype).split(".")[-1] == str(theirs.dtype).split(".")[-1]
    return ours


def operands(m, kind="float32"):
    make = lambda *values: m.tensor(values, dtype=getattr(m, kind))
    return make(1, -2), make(3, 5), make(4, 2)


ELEMENTWISE = {
    "add": lambda m, t, a, b: m.add(t, 2, a),
    "add out": lambda m, t, a, b: m.add(t, 2, a, out=m.empty_like(t)),
    "add method": lambda m, t, a, b: t.add(2, a),
    "add_": lambda m, t, a, b: t.add_(-2, a),
    "add_ of data": lambda m, t, a, b: t.data.add_(-2, a),
    "add a number": lambda m, t, a, b: m.add(t, 2, 3),
    "add by a tensor": lambda m, t, a, b: m.add(t, a[0], b),
    "sub": lambda m, t, a, b: m.sub(t, 2, a),
    "sub_": lambda m, t, a, b: t.sub_(2, a),
    "addcmul": lambda m, t, a, b: m.addcmul(t, 2, a, b),
    "addcmul by a tensor": lambda m, t, a, b: m.addcmul(t, a[0], a, b),
    "addcmul_": lambda m, t, a, b: t.addcmul_(2, a, b),
}
FLOATING = {
    "add_": lambda m, t, a, b: t.add_(-0.25, a),
    "sub_": lambda m, t, a, b: t.sub_(0.5, a),
    "addcmul_": lambda m, t, a, b: t.addcmul_(1 - 0.75, a, a),
    "addcdiv": lambda m, t, a, b: m.addcdiv(t, 0.5, a, b),
    "addcdiv_": lambda m, t, a, b: t.addcdiv_(-0.5, a, b),
}


@pytest.mark.filterwarnings("ignore:This overload of")
@pytest.mark.parametrize("dtype", ["float32", "int64", "float16"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_number_before_the_last_operands(name: str, dtype: str) -> None:
    beside(lambda m: ELEMENTWISE[name](m, *operands(m, dtype)))


@pytest.mark.filterwarnings("ignore:This overload of")
@pytest.mark.parametrize("name", FLOATING)
def test_a_float_before_the_last_operands(name: str) -> None:
    beside(lambda m: FLOATING[name](m, *operands(m)))


PRODUCTS = {
    "addmm": ((2, 2), (2, 3), (3, 2)),
    "addmv": ((2,), (2, 3), (3,)),
    "addr": ((2, 3), (2,), (3,)),
    "addbmm": ((2, 2), (4, 2, 3), (4, 3, 2)),
    "baddbmm": ((4, 2, 2), (4, 2, 3), (4, 3, 2)),
}


def factors(m, name):
    count = lambda *shape: m.arange(float(torch.Size(shape).numel())).reshape(shape)
    return [count(*shape) + 1 for shape in PRODUCTS[name]]


@pytest.mark.filterwarnings("ignore:This overload of")
@pytest.mark.parametrize("name", PRODUCTS)
def test_numbers_among_the_operands_of_products(name: str) -> None:
    def function(m, *numbers):
        t, a, b = factors(m, name)
        places = [t, a, b]
        for place, number in numbers:
            places.insert(place, number)
        return getattr(m, name)(*places)

    beside(lambda m: function(m, (0, 0.5)))
    beside(lambda m: function(m, (0, 0.5), (2, 2)))
    beside(lambda m: function(m, (0, 0), (2, 2)))


@pytest.mark.filterwarnings("ignore:This overload of")
@pytest.mark.parametrize("form", [*PRODUCTS, *(f"{name}_" for name in PRODUCTS)])
def test_numbers_among_the_operands_of_methods(form: str) -> None:
    for numbers in ((0.5,), (0.5, 2), (0, 1)):

        def call(m, numbers=numbers):
            t, a, b = factors(m, form.rstrip("_"))
            return getattr(t, form)(*numbers, a, b)

        beside(call)


@pytest.mark.filterwarnings("ignore:This overload of")
def test_older_forms_have_gradients() -> None:
    def gradients(m):
        t, a, b = (x.requires_grad_() for x in factors(m, "addmm"))
        total = m.addmm(0.5, t, 2, a, b).sum() + t.mul(1).add_(3, t).sum()
        total = total + m.addcmul(t, 0.25, t, t).sum()
        return m.cat([g.flatten() for g in m.autograd.grad(total, (t, a, b))])

    beside(gradients)


@pytest.mark.parametrize(
    "call",
    [
        lambda t, u: t.add(u, 2),
        lambda t, u: t.add_(2, u, alpha=3),
        lambda t, u: ag.add(2, t, u),
        lambda t, u: ag.add(t, 2, 3, u),
        lambda t, u: ag.addcmul(t, u, u, 2),
        lambda t, u: ag.addcdiv(t, 2, u, u, value=3),
        lambda t, u: ag.addmm(t, u, u, 1, 2),
    ],
)
def test_other_orders_are_refused(call) -> None:
    with pytest.raises(TypeError, match="by name, got"):
        call(ag.ones(2), ag.ones(2))


def test_signatures_show_the_usual_form() -> None:
    assert str(inspect.signature(ag.addmm)).startswith(
        "(input: 'Any', mat1: 'Any', mat2: 'Any', *, "
    )


def laid_out(m):
    """Tensors in many layouts."""
    four, five = m.ones(2, 3, 4, 5), m.ones(2, 3, 4, 5, 6)
    return {
        "four": four,
        "permuted": four.permute(0, 3, 1, 2),
        "channels last": four.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2),
        "channels last 3d": five.permute(0, 2, 3, 4, 1).contiguous().permute(0, 4, 1, 2, 3),
        "transposed": four.transpose(0, 1),
        "one channel": m.ones(2, 1, 4, 5),
        "one pixel": m.ones(2, 3, 1, 1),
        "one sample": m.ones(1, 4, 5, 3).permute(0, 3, 1, 2),
        "empty": m.ones(0, 3, 4, 5),
        "five": five,
        "two": m.ones(2, 3),
        "scalar": m.ones(()),
        "strided": four[:, :, ::2],
        "expanded": m.ones(2, 1, 4, 5).expand(2, 3, 4, 5),
    }


FORMATS = ["contiguous_format", "channels_last", "channels_last_3d", "preserve_format"]


@pytest.mark.parametrize("name", laid_out(ag))
def test_contiguity_by_format(name: str) -> None:
    ours, theirs = laid_out(ag)[name], laid_out(torch)[name]
    for format in FORMATS:
        asked = [
            t.is_contiguous(memory_format=getattr(m, format))
            for m, t in ((ag, ours), (torch, theirs))
        ]
        assert asked[0] is asked[1], format
    assert ours.is_contiguous() is theirs.is_contiguous()
    assert ours.dim_order() == theirs.dim_order()


def test_contiguity_by_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="memory_format must be a memory format, got None"):
        ag.ones(2).is_contiguous(memory_format=None)


def test_counts_alone_are_repeated() -> None:
    def call(m, dtype):
        counts = m.tensor([1, 0, 2], dtype=getattr(m, dtype))
        outs = m.repeat_interleave(counts), m.repeat_interleave(repeats=counts, output_size=3)
        return [(out.tolist(), str(out.dtype).split(".")[-1]) for out in outs]

    for dtype in ("int64", "int32"):
        assert call(ag, dtype) == call(torch, dtype)
    for counts in (ag.tensor([1.0, 2.0]), ag.tensor([[1, 2]]), ag.tensor([-1])):
        with pytest.raises(RuntimeError, match="repeat_interleave: "):
            ag.repeat_interleave(counts)
    with pytest.raises(TypeError, match="repeat_interleave: "):
        ag.repeat_interleave(3)


def test_names_of_numpy_for_exchanged_dimensions() -> None:
    def call(m):
        x = m.arange(6).reshape(2, 3)
        outs = [m.swapaxes(x, axis0=0, axis1=1), x.swapaxes(axis0=0, axis1=-1), x.swapaxes(0, 1)]
        return [out.tolist() for out in (*outs, x.clone().swapaxes_(0, 1))]

    assert call(ag) == call(torch)
    x = ag.arange(6.0).reshape(2, 3).requires_grad_()
    (x.swapaxes(0, 1) * ag.arange(6.0).reshape(3, 2)).sum().backward()
    assert x.grad.tolist() == [[0, 2, 4], [1, 3, 5]]


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_the_stack_level_of_warnings_is_taken(name: str) -> None:
    def call(m):
        function = getattr(m.nn.functional, name)
        return m.stack([function(m.eye(2), dim=1, _stacklevel=5)]).tolist()

    assert call(ag) == [[pytest.approx(row) for row in rows] for rows in call(torch)]


def test_gradient_gives_a_tuple() -> None:
    assert isinstance(ag.gradient(ag.arange(3.0)), tuple)
    assert ag.conv_tbc is ag.nn.functional.conv_tbc
