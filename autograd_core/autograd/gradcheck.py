"""Check gradients against finite differences: ``gradcheck`` and ``gradgradcheck``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.base import TensorBase, node_of
from autograd_core.errors import GradcheckError
from autograd_core.gradcheck_compare import Check, call, differentiable, random_like
from autograd_core.gradients import grad

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Compare the gradients of ``func`` with central differences.

    Args:
        func: takes the inputs, returns a tensor or a tuple of tensors.
        inputs: a tensor or a tuple; those that require grad are checked, and must be float64 or
            complex128 (or ``eps`` large enough for their dtype).
        eps: step of the differences.
        atol, rtol: allowed difference, ``atol + rtol * |numeric|``.
        raise_exception: raise on failure; else return False.
        nondet_tol: how much two backward passes may differ.
        check_undefined_grad: outputs without a gradient must count as those with gradient zero.
        check_grad_dtypes: gradients must have the dtype of their inputs.
        check_batched_grad: ``is_grads_batched`` must agree with one gradient at a time.
        check_forward_ad: check forward mode too, by ``func.jvp``.
        check_backward_ad: check backward.
        fast_mode: compare along random directions instead of element by element.
        check_batched_forward_grad, masked: accepted as in PyTorch.

    Returns:
        True; False on failure if ``raise_exception`` is False.

    Raises:
        GradcheckError: the gradients differ. The message names the element, both values and the
            likely cause.
        ValueError: inputs for which finite differences mean nothing.

    Source: PyTorch, ``torch.autograd.gradcheck``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([0.5, 2.0], dtype=ag.float64, requires_grad=True)
        >>> ag.autograd.gradcheck(ag.exp, (x,))
        True
    """
    given = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    check = Check(func, given, eps, atol, rtol, nondet_tol, "gradcheck")
    return check.passes(
        raise_exception,
        backward=check_backward_ad,
        forward=check_forward_ad,
        undefined=check_undefined_grad,
        dtypes=check_grad_dtypes,
        batched=check_batched_grad,
        fast=fast_mode,
    )


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Compare second derivatives of ``func`` with central differences of its gradients.

    Args:
        func, inputs, eps, atol, rtol, raise_exception, nondet_tol, fast_mode: as in
            :func:`gradcheck`.
        grad_outputs: gradient of each output; default random ones.
        gen_non_contig_grad_outputs: make the random ones non-contiguous.
        check_fwd_over_rev: forward mode over backward.
        check_rev_over_rev: backward over backward.
        masked: accepted as in PyTorch.

    Raises:
        GradcheckError: the second derivatives differ.

    Source: PyTorch, ``torch.autograd.gradgradcheck``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([0.5, 2.0], dtype=ag.float64, requires_grad=True)
        >>> ag.autograd.gradgradcheck(ag.exp, (x,))
        True
    """
    given = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    count = len(given)
    if grad_outputs is None:
        rng = np.random.default_rng(0)
        seeds = [
            random_like(rng, out, gen_non_contig_grad_outputs).requires_grad_()
            for _, out in differentiable(call(func, given))
        ]
    else:
        seeds = [grad_outputs] if isinstance(grad_outputs, TensorBase) else list(grad_outputs)
        seeds = [s if node_of(s) is not None else s.detach().requires_grad_() for s in seeds]

    def gradient(*args: Any) -> tuple[Any, ...]:
        args, cotangents = args[:count], args[count:]
        outputs = [out for _, out in differentiable(call(func, args))]
        needed = [a for a in args if isinstance(a, TensorBase) and node_of(a) is not None]
        grads = grad(outputs, needed, list(cotangents), create_graph=True, allow_unused=True)
        return tuple(g for g in grads if g is not None)

    check = Check(gradient, (*given, *seeds), eps, atol, rtol, nondet_tol, "gradgradcheck")
    return check.passes(
        raise_exception,
        backward=check_rev_over_rev,
        forward=check_fwd_over_rev,
        undefined=check_undefined_grad,
        dtypes=check_grad_dtypes,
        batched=check_batched_grad,
        fast=fast_mode,
    )
