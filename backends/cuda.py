"""What programs for PyTorch set and ask about its CUDA libraries.

Source: PyTorch, ``torch.backends.cuda``.

Example:
    >>> import autograd_core as ag
    >>> ag.backends.cuda.matmul.allow_tf32 = True
"""

from __future__ import annotations

from importlib.util import find_spec


class _Matmul:
    """Without effect: products are in the precision of their dtype, unless CuPy is told otherwise
    by ``CUPY_TF32=1``."""

    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True


matmul = _Matmul()


def is_built() -> bool:
    """Whether CuPy is installed, with or without a GPU to run on."""
    return find_spec("cupy") is not None
