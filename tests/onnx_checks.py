"""What the tests of exported models share."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag
import autograd_core.nn as nn

runtime = pytest.importorskip("onnxruntime")


def evaluate(path, *arrays):
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {i.name: a for i, a in zip(session.get_inputs(), arrays)})


def tensors(result):
    """The tensors in nested results, in order."""
    if isinstance(result, ag.Tensor):
        return [result]
    values = result.values() if isinstance(result, dict) else result
    return [t for value in values for t in tensors(value)]


def check(model, args, path, *others, tolerance=1e-5, **options) -> None:
    """Export with ``args``; the file gives what the model gives for these and for ``others``."""
    model.eval()
    ag.onnx.export(model, args, path, **options)
    for case in (args, *others):
        with ag.no_grad():
            expected = tensors(model(*case))
        found = evaluate(path, *(a.detach().cpu().numpy() for a in case))
        assert len(found) == len(expected)
        for one, wanted in zip(found, expected):
            wanted = wanted.cpu().numpy()
            assert one.dtype == wanted.dtype and one.shape == wanted.shape
            np.testing.assert_allclose(one, wanted, rtol=tolerance, atol=tolerance)


class Lambda(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *args):
        return self.function(*args)
