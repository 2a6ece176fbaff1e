"""The modules of ``autograd`` stand where PyTorch has them, and load when they are asked for."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Any

import pytest

import autograd_core as ag

PATHS = {
    "function": "Function FunctionCtx InplaceFunction once_differentiable",
    "graph": "Node GradientEdge get_gradient_edge saved_tensors_hooks save_on_cpu "
    "disable_saved_tensors_hooks register_multi_grad_hook",
    "grad_mode": "enable_grad inference_mode no_grad set_grad_enabled",
    "anomaly_mode": "detect_anomaly set_detect_anomaly",
    "variable": "Variable",
    "gradcheck": "GradcheckError gradcheck gradgradcheck",
}
# Of these the package has the name too, and it is the same thing.
ALSO_ABOVE = ("Function", "detect_anomaly", "no_grad", "Variable", "gradcheck", "gradgradcheck")


@pytest.mark.parametrize("package", ["autograd_core", "torch"])
@pytest.mark.parametrize("path", PATHS)
def test_names(package: str, path: str) -> None:
    pytest.importorskip(package)
    module = importlib.import_module(f"{package}.autograd.{path}")
    above = importlib.import_module(f"{package}.autograd")
    for name in PATHS[path].split():
        assert hasattr(module, name), name
        if name in ALSO_ABOVE:
            assert getattr(module, name) is getattr(above, name)


@pytest.mark.parametrize(
    "statement",
    [
        "import autograd_core.autograd.gradcheck",
        "from autograd_core.autograd.gradcheck import GradcheckError",
        "ag.autograd.gradcheck",
        "ag.autograd.gradgradcheck",
        "from autograd_core.autograd import gradcheck",
    ],
)
def test_gradcheck_is_the_function(statement: str) -> None:
    program = (
        f"import autograd_core as ag; {statement}; x = ag.ones(2, dtype=ag.float64)\n"
        "assert ag.autograd.gradcheck(ag.exp, (x.requires_grad_(),))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", [path for path in PATHS if path != "gradcheck"])
def test_modules_are_attributes(path: str) -> None:
    assert getattr(ag.autograd, path) is importlib.import_module(f"autograd_core.autograd.{path}")


def test_an_inplace_function() -> None:
    class Double(ag.autograd.function.InplaceFunction):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

    x = ag.ones(3, requires_grad=True)
    y = x * 1
    assert Double.apply(y) is y
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]
