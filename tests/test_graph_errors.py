"""The whole text of each error about the graph: it names operators, both lines, and the mend."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from autograd_core.errors import DtypeError, GraphError, ShapeError

# Each case is a program, a line of dashes, and the message with which it ends.
PROGRAMS = {
    "second backward": """
        import autograd_core as ag
        x = ag.tensor([1.0, 2.0], requires_grad=True)
        loss = (x * x).sum()
        loss.backward()
        loss.backward()
        ---
        backward a second time through mul at program.py:3 (`loss = (x * x).sum()`): the values it
        saved were freed by the backward at program.py:4 (`loss.backward()`); this one is at
        program.py:5 (`loss.backward()`). Mend: pass retain_graph=True to the first backward if you
        mean to go twice; if not, a loss that is summed over steps, a hidden state that is carried
        on without detach(), or two losses that share a trunk (use (loss1 + loss2).backward()) are
        the usual causes.
    """,
    "a saved output changed in place": """
        import autograd_core as ag
        x = ag.tensor([1.0, 2.0], requires_grad=True)
        y = x.exp()
        y += 1
        y.sum().backward()
        ---
        one of the values that backward needs was changed in place: exp at program.py:3 (`y =
        x.exp()`) saved its output (2 float32); add_ at program.py:4 (`y += 1`) changed it
        afterwards; backward at program.py:5 (`y.sum().backward()`) needs the value as it was. Mend:
        use the out-of-place form of add_ at program.py:4, or change a clone().
    """,
    "a saved input changed in place": """
        import autograd_core as ag
        w = ag.ones(2, 3, requires_grad=True)
        def model():
            return (w * w).sum()
        loss = model()
        with ag.no_grad():
            w -= 0.1
        loss.backward()
        ---
        one of the values that backward needs was changed in place: mul at program.py:4 (`return (w
        * w).sum()`) saved its input 'input' (2x3 float32); sub_ at program.py:7 (`w -= 0.1`)
        changed it afterwards; backward at program.py:8 (`loss.backward()`) needs the value as it
        was. Mend: use the out-of-place form of sub_ at program.py:7, or change a clone().
    """,
    "an argument of a custom function changed in place": """
        import autograd_core as ag
        class Square(ag.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x
            @staticmethod
            def backward(ctx, g):
                return 2 * g * ctx.saved_tensors[0]
        x = ag.ones(2, requires_grad=True) * 3
        y = Square.apply(x)
        x.mul_(2)
        y.sum().backward()
        ---
        one of the values that backward needs was changed in place: Square at program.py:11 (`y =
        Square.apply(x)`) saved its argument 0 (2 float32); mul_ at program.py:12 (`x.mul_(2)`)
        changed it afterwards; backward at program.py:9 (`return 2 * g * ctx.saved_tensors[0]`)
        needs the value as it was. Mend: use the out-of-place form of mul_ at program.py:12, or
        change a clone().
    """,
    "shapes that do not broadcast": """
        import autograd_core as ag
        x = ag.ones(2, 3, requires_grad=True)
        y = x * 2
        z = y + ag.ones(4)
        ---
        add at program.py:4 (`z = y + ag.ones(4)`): operands could not be broadcast together with
        shapes (2,3) (4,) ; operand 1: (2, 3) float32 from mul at program.py:3 (`y = x * 2`);
        operand 2: (4,) float32. Mend: make the shapes broadcast: from the right, sizes must be
        equal or 1 (unsqueeze, reshape, transpose)
    """,
    "backward of many elements": """
        import autograd_core as ag
        x = ag.ones(2, 3, requires_grad=True)
        (x * 2).backward()
        ---
        backward: the output has shape (2, 3); only a single element has a gradient without further
        ado. Mend: reduce it with .sum() or .mean(), or pass gradient=ag.ones_like(output).
    """,
    "a leaf changed in place": """
        import autograd_core as ag
        x = ag.ones(2, requires_grad=True)
        x += 1
        ---
        add_: a leaf tensor that requires grad is changed in place. Mend: work out of place (x = x +
        y), or inside `with ag.no_grad():` as optimizers do.
    """,
    "no graph": """
        import autograd_core as ag
        x = ag.ones(2, requires_grad=True)
        loss = (x * 2).detach().sum()
        loss.backward()
        ---
        backward: the tensor (() float32) does not require grad and has no graph. Mend: make its
        inputs with requires_grad=True, and compute it outside no_grad() and detach().
    """,
    "an input that was not used": """
        import autograd_core as ag
        x, y = ag.ones(2, requires_grad=True), ag.ones(3, requires_grad=True)
        ag.autograd.grad((x * 2).sum(), [x, y])
        ---
        grad: input 1 ((3,) float32 from leaf at program.py:2 (`x, y = ag.ones(2,
        requires_grad=True), ag.ones(3, requires_grad=True)`)) was not used to compute the outputs.
        Mend: allow_unused=True gives None for it, materialize_grads=True zeros.
    """,
    "a gradient of the wrong shape from a custom function": """
        import autograd_core as ag
        class Double(ag.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 2
            @staticmethod
            def backward(ctx, g):
                return g.reshape(3, 2)
        Double.apply(ag.ones(2, 3, requires_grad=True)).sum().backward()
        ---
        DoubleBackward returned a gradient of shape (3, 2) for argument 0 of forward, which has
        shape (2, 3) (applied at program.py:9 (`Double.apply(ag.ones(2, 3,
        requires_grad=True)).sum().backward()`)). Mend: a gradient has the shape of its argument.
    """,
}

OVERWRITTEN = """
    import autograd_core as ag, numpy as np
    array = np.array([1.0, 2.0], np.float32)
    x = ag.from_numpy(array).requires_grad_()
    loss = (x * x).sum()
    array *= 10
    loss.backward()
    ---
    one of the values that backward needs was overwritten outside the engine: mul at
    program.py:4 (`loss = (x * x).sum()`) saved its input 'input' (2 float32); its memory is
    shared with an array of yours (from_numpy, as_tensor, numpy() or dlpack), which has other
    content now; backward at program.py:6 (`loss.backward()`) needs the value as it was. Mend:
    give the engine a copy, ag.tensor(array) or array.copy(), or change the array after
    backward.
"""


def check(case: str, tmp_path: Path) -> None:
    """Run the program of a case, and compare the text of the error with which it ends."""
    program, expected = textwrap.dedent(case).strip().split("\n---\n")
    path = tmp_path / "program.py"
    path.write_text(program)
    with pytest.raises((GraphError, ShapeError)) as caught:
        exec(compile(program, str(path), "exec"), {"__name__": "program"})
    assert str(caught.value).split() == expected.split()


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_text(name: str, tmp_path: Path) -> None:
    check(PROGRAMS[name], tmp_path)


@pytest.mark.cpu_only
def test_the_text_for_an_overwritten_array(tmp_path: Path) -> None:
    check(OVERWRITTEN, tmp_path)


def test_errors_are_those_that_pytorch_programs_catch() -> None:
    assert issubclass(GraphError, RuntimeError)
    assert issubclass(ShapeError, RuntimeError) and issubclass(ShapeError, ValueError)
    assert issubclass(DtypeError, RuntimeError) and issubclass(DtypeError, TypeError)
