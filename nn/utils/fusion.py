"""A batch normalization put into the layer before it, for faster evaluation."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

import autograd_core as ag
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.tensor import Tensor

M = TypeVar("M", bound=Module)


def _fused(
    weight: Tensor,
    bias: Tensor | None,
    mean: Tensor,
    var: Tensor,
    eps: float,
    bn_weight: Tensor | None,
    bn_bias: Tensor | None,
    transpose: bool = False,
) -> tuple[Parameter, Parameter]:
    with ag.no_grad():
        scale = (var + eps).rsqrt()
        if bn_weight is not None:
            scale = scale * bn_weight
        offset = -mean if bias is None else bias - mean
        offset = offset * scale
        if bn_bias is not None:
            offset = offset + bn_bias
        flat = (1,) * (weight.ndim - 2)
        if not transpose:
            factors = scale.reshape(-1, 1, *flat)
        else:  # (in, out of a group, ...): the inputs of each group have its factors
            groups = scale.numel() // weight.shape[1]
            factors = scale.reshape(groups, 1, weight.shape[1])
            factors = factors.expand(-1, weight.shape[0] // groups, -1)
            factors = factors.reshape(weight.shape[0], weight.shape[1], *flat)
        trained = weight.requires_grad if bias is None else bias.requires_grad
        return (
            Parameter((weight * factors).to(weight.dtype), weight.requires_grad),
            Parameter(offset.to(weight.dtype), trained),
        )


def fuse_conv_bn_weights(
    conv_w: Tensor,
    conv_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
    transpose: bool = False,
) -> tuple[Parameter, Parameter]:
    """Weight and bias of a convolution that does what it and a batch normalization behind it do.

    Args:
        conv_w, conv_b: weight and bias of the convolution; the bias may be None.
        bn_rm, bn_rv, bn_eps: mean, variance and eps of the normalization.
        bn_w, bn_b: its weight and bias; None for 1 and 0.
        transpose: the convolution is a transposed one; default False.

    Returns:
        The weight and the bias.

    Source: PyTorch's ``torch.nn.utils.fusion.fuse_conv_bn_weights``.

    Example:
        >>> import autograd_core as ag
        >>> one, zero = ag.ones(1), ag.zeros(1)
        >>> bn = (one, 4 * one, 0.0, one, zero)
        >>> weight, bias = fuse_conv_bn_weights(ag.ones(1, 1, 1), None, *bn)
        >>> weight.item(), bias.item()
        (0.5, -0.5)
    """
    return _fused(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, transpose)


def fuse_linear_bn_weights(
    linear_w: Tensor,
    linear_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
) -> tuple[Parameter, Parameter]:
    """As :func:`fuse_conv_bn_weights`, for a linear layer. Source: PyTorch's
    ``torch.nn.utils.fusion.fuse_linear_bn_weights``.

    Args:
        linear_w, linear_b: weight and bias of the layer; the bias may be None.
        bn_rm, bn_rv, bn_eps: mean, variance and eps of the normalization.
        bn_w, bn_b: its weight and bias; None for 1 and 0.

    Returns:
        The weight and the bias.

    Example:
        >>> import autograd_core as ag
        >>> one, zero = ag.ones(1), ag.zeros(1)
        >>> weight, bias = fuse_linear_bn_weights(ag.ones(1, 1), one, one, 4 * one, 0.0, one, zero)
        >>> weight.item(), bias.item()
        (0.5, 0.0)
    """
    return _fused(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)


def _fuse(name: str, layer: M, bn: Any, transpose: bool) -> M:
    if layer.training or bn.training:
        raise ValueError(f"{name}: fusion is for evaluation only. Mend: call eval() on both")
    if bn.running_mean is None or bn.running_var is None:
        raise ValueError(f"{name}: the normalization keeps no running mean and variance")
    fused: Any = copy.deepcopy(layer)
    fused.weight, fused.bias = _fused(
        fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias,
        transpose,
    )  # fmt: skip
    return fused


def fuse_conv_bn_eval(conv: M, bn: Module, transpose: bool = False) -> M:
    """A convolution that does what it and a batch normalization behind it do in evaluation.

    Args:
        conv: the convolution, in evaluation mode; it stays as it is.
        bn: the normalization, in evaluation mode.
        transpose: the convolution is a transposed one; default False.

    Returns:
        A new convolution.

    Raises:
        ValueError: one of the two is in training mode, or there are no running statistics.

    Source: PyTorch's ``torch.nn.utils.fuse_conv_bn_eval``.

    Example:
        >>> from autograd_core import nn
        >>> conv, bn = nn.Conv2d(3, 8, 3, bias=False).eval(), nn.BatchNorm2d(8).eval()
        >>> nn.utils.fuse_conv_bn_eval(conv, bn).bias.shape
        autograd_core.Size([8])
    """
    return _fuse("fuse_conv_bn_eval", conv, bn, transpose)


def fuse_linear_bn_eval(linear: M, bn: Module) -> M:
    """A linear layer that does what it and a batch normalization behind it do in evaluation.

    Args:
        linear: the layer, in evaluation mode; it stays as it is.
        bn: the normalization, of as many features as the layer puts out, or of one.

    Returns:
        A new layer.

    Raises:
        ValueError: one of the two is in training mode, there are no running statistics, or the
            numbers of features do not fit.

    Source: PyTorch's ``torch.nn.utils.fuse_linear_bn_eval``.

    Example:
        >>> from autograd_core import nn
        >>> nn.utils.fuse_linear_bn_eval(nn.Linear(3, 8).eval(), nn.BatchNorm1d(8).eval())
        Linear(in_features=3, out_features=8, bias=True)
    """
    outputs, features = linear.out_features, bn.num_features
    if features not in (outputs, 1):
        raise ValueError(
            f"fuse_linear_bn_eval: the layer has {outputs} outputs, the normalization {features} "
            f"features; expected as many, or one"
        )
    return _fuse("fuse_linear_bn_eval", linear, bn, False)
