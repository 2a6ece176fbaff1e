"""Methods that load when they are first asked for."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from autograd_core.later import attribute, later

fresh = """
import sys
import autograd_core as ag
assert "{module}" not in sys.modules, "loaded at once"
{code}
assert "{module}" in sys.modules, "not loaded"
"""


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("autograd_core.ops.activation", "assert ag.ones(2).relu().tolist() == [1, 1]"),
        ("autograd_core.ops.activation", "assert ag.relu(ag.ones(2)).tolist() == [1, 1]"),
        ("autograd_core.ops.activation", "assert ag.relu_(ag.ones(2)).tolist() == [1, 1]"),
        ("autograd_core.ops.logical", "assert (ag.tensor([6]) & 3).tolist() == [2]"),
        ("autograd_core.ops.logical", "x = ag.tensor([6]); x &= 3; assert x.tolist() == [2]"),
        ("autograd_core.ops.logical", "assert (1 << ag.tensor([3])).tolist() == [8]"),
        ("autograd_core.ops.complex", "assert ag.tensor([1 + 2j]).imag.tolist() == [2]"),
        ("autograd_core.ops.strided", "x = ag.ones(4); x.as_strided_((2,), (2,)); len(x) == 2"),
        ("autograd_core.ops.clamping", "class Own(ag.Tensor): pass\nOwn([1.0, 2.0]).clip(max=1)"),
        ("autograd_core.ops.norms", "hasattr(ag.Tensor, 'norm')"),
        ("autograd_core.formatting", "assert repr(ag.ones(2)) == 'tensor([1., 1.])'"),
        ("autograd_core.sampling", "ag.ones(2).normal_()"),
        ("autograd_core.random", "assert ag.rand(2).shape == (2,)"),
        ("autograd_core.signal.windows", "assert ag.hann_window(3).shape == (3,)"),
        ("autograd_core.autograd.function", "assert issubclass(ag.autograd.Function, object)"),
        ("ml_dtypes", "assert ag.ones(2).bfloat16().dtype is ag.bfloat16"),
        ("ml_dtypes", "assert ag.finfo(ag.float32).bits == 32"),
    ],
)
def test_what_few_programs_call_loads_when_it_is_called(module: str, code: str) -> None:
    program = fresh.format(module=module, code=code)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


gamma, numbers = later("gamma"), later("complex")


class Holder:
    lgamma = log_gamma = gamma.lgamma
    real = attribute(numbers.real)


def test_one_use_puts_the_function_under_all_its_names() -> None:
    assert Holder.log_gamma.__name__ == "lgamma"
    assert vars(Holder)["lgamma"] is vars(Holder)["log_gamma"] is Holder.lgamma


def test_an_instance_may_have_an_attribute_of_the_name() -> None:
    class Two:
        first = second = gamma.digamma

    two: Any = Two()
    two.second = 3
    assert two.second == 3 and two.first.__name__ == "digamma"


def test_a_property_is_read_and_refuses_to_be_set() -> None:
    with pytest.raises(AttributeError, match="no setter"):
        Holder().real = 1  # type: ignore[misc]
    assert not isinstance(vars(Holder)["real"], property)  # that did not load it
    with pytest.raises(AttributeError):
        _ = Holder().real  # (no tensor)
    assert isinstance(vars(Holder)["real"], property)
