"""einops' layers: `Rearrange`, `Reduce` and `EinMix` as modules.

The classes of ``einops.layers.torch``, from whose import lines a program changes to
``from autograd_core.nn.einops import Rearrange``.

Source: Rogozhnikov, "Einops: clear and reliable tensor manipulations with Einstein-like notation"
(2022).
"""

from __future__ import annotations

from typing import Any

import autograd_core as ag
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.tensor import Tensor

try:
    from einops.layers import RearrangeMixin, ReduceMixin
    from einops.layers._einmix import _EinmixMixin
except ImportError as error:
    raise ImportError(
        "autograd_core.nn.einops needs the package einops: pip install einops"
    ) from error

__all__ = ["EinMix", "Rearrange", "Reduce"]


class Rearrange(RearrangeMixin, Module):
    """``einops.rearrange`` as a module.

    Args:
        pattern: such as ``"b c h w -> b (c h w)"``.
        axes_lengths: sizes of named dimensions, by name.

    Source: einops, ``einops.layers.torch.Rearrange``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.nn.einops import Rearrange
        >>> Rearrange("b (h p) c -> b h (p c)", p=2)(ag.ones(2, 6, 5)).shape
        autograd_core.Size([2, 3, 10])
    """

    def forward(self, input: Tensor) -> Tensor:
        result: Tensor = self._apply_recipe(input)
        return result


class Reduce(ReduceMixin, Module):
    """``einops.reduce`` as a module.

    Args:
        pattern: such as ``"b c h w -> b c"``.
        reduction: ``"sum"``, ``"mean"``, ``"max"``, ``"min"``, ``"prod"``, ``"any"`` or ``"all"``.
        axes_lengths: sizes of named dimensions, by name.

    Source: einops, ``einops.layers.torch.Reduce``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.nn.einops import Reduce
        >>> Reduce("b c h w -> b c", "mean")(ag.ones(2, 3, 4, 4)).shape
        autograd_core.Size([2, 3])
    """

    def forward(self, input: Tensor) -> Tensor:
        result: Tensor = self._apply_recipe(input)
        return result


class EinMix(_EinmixMixin, Module):
    """A linear layer between named dimensions.

    Args:
        pattern: such as ``"b t c_in -> b t c_out"``.
        weight_shape: the names of the weight's dimensions, such as ``"c_in c_out"``.
        bias_shape: those of the bias; default None, no bias.
        axes_lengths: the sizes of the weight's dimensions, by name.

    Source: einops, ``einops.layers.torch.EinMix``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.nn.einops import EinMix
        >>> EinMix("b t i -> b t o", weight_shape="i o", bias_shape="o", i=3, o=4)(
        ...     ag.ones(2, 5, 3)
        ... ).shape
        autograd_core.Size([2, 5, 4])
    """

    def _create_parameters(
        self, weight_shape: Any, weight_bound: float, bias_shape: Any, bias_bound: float
    ) -> None:
        self.weight = Parameter(ag.zeros(weight_shape).uniform_(-weight_bound, weight_bound))
        self.bias = None
        if bias_shape is not None:
            self.bias = Parameter(ag.zeros(bias_shape).uniform_(-bias_bound, bias_bound))

    def _create_rearrange_layers(
        self, before: str | None, before_lengths: Any, after: str | None, after_lengths: Any
    ) -> None:
        self.pre_rearrange = _rearrange(before, before_lengths)
        self.post_rearrange = _rearrange(after, after_lengths)

    def forward(self, input: Tensor) -> Tensor:
        if self.pre_rearrange is not None:
            input = self.pre_rearrange(input)
        result = ag.einsum(self.einsum_pattern, input, self.weight)
        if self.bias is not None:
            result = result + self.bias
        return result if self.post_rearrange is None else self.post_rearrange(result)


def _rearrange(pattern: str | None, lengths: dict[str, int]) -> Any:
    kind: Any = Rearrange
    return None if pattern is None else kind(pattern, **lengths)
