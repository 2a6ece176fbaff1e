"""Spectral norm as PyTorch first had it: a hook that divides a weight by its largest singular
value."""

from __future__ import annotations

from typing import Any

from autograd_core.grad_mode import no_grad
from autograd_core.nn.conv import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.nn.utils.weight_hooks import WeightHook, plain_weight, remove_hook
from autograd_core.random import randn
from autograd_core.tensor import Tensor

__all__ = ["remove_spectral_norm", "spectral_norm"]


class Spectrum:
    """The power iteration for the largest singular value of a weight, seen as a matrix.

    Args:
        name: who is asking, for messages.
        weight: the weight.
        iterations: steps at each use in training.
        dim: the dimension that becomes the rows.
        eps: keeps vectors from being divided by 0.

    Raises:
        ValueError: ``iterations`` is not positive.
        IndexError: ``dim`` is out of range.
    """

    def __init__(self, name: str, weight: Tensor, iterations: int, dim: int, eps: float) -> None:
        if iterations <= 0:
            raise ValueError(
                f"{name}: expected n_power_iterations to be positive, got {iterations}"
            )
        if not -weight.ndim <= dim < weight.ndim:
            raise IndexError(
                f"{name}: dim={dim} is out of range for a weight of {weight.ndim} dimensions"
            )
        self.iterations, self.dim, self.eps = iterations, dim % weight.ndim, eps

    def matrix(self, weight: Any) -> Any:
        """The weight as a matrix."""
        return weight.movedim(self.dim, 0).flatten(1)

    def _unit(self, vector: Any) -> Any:
        return vector / vector.norm().clamp(min=self.eps)

    def start(self, weight: Any) -> tuple[Any, Any]:
        """Random unit vectors to begin with."""
        with no_grad():
            rows, columns = self.matrix(weight).shape
            options = {"dtype": weight.dtype, "device": weight.device}
            return self._unit(randn(rows, **options)), self._unit(randn(columns, **options))

    def iterate(self, weight: Any, u: Any, v: Any, steps: int) -> None:
        """Take ``steps`` steps, in ``u`` and ``v``."""
        with no_grad():
            matrix = self.matrix(weight.detach())
            for _ in range(steps):
                u.copy_(self._unit(matrix @ v))
                v.copy_(self._unit(matrix.mH @ u))

    def sigma(self, weight: Any, u: Any, v: Any) -> Any:
        """The singular value, with a gradient for the weight."""
        return (u.conj() * (self.matrix(weight) @ v)).sum()


class _SpectralNormHook(WeightHook):
    title = "spectral_norm"
    parts = ("_u", "_v", "_orig")

    def __init__(self, name: str, spectrum: Spectrum) -> None:
        super().__init__(name)
        self.spectrum = spectrum

    def compute(self, module: Any, training: bool) -> Any:
        weight = getattr(module, f"{self.name}_orig")
        u, v = getattr(module, f"{self.name}_u"), getattr(module, f"{self.name}_v")
        if training:
            with no_grad():
                matrix = self.spectrum.matrix(weight.detach())
                for _ in range(self.spectrum.iterations):
                    v.copy_(self.spectrum._unit(matrix.mT @ u))
                    u.copy_(self.spectrum._unit(matrix @ v))
                u, v = u.clone(), v.clone()
        return weight / self.spectrum.sigma(weight, u, v)


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide a weight by its largest singular value before each forward.

    `parametrizations.spectral_norm` does the same without a hook; this form has the names
    (``weight_orig``, ``weight_u``, ``weight_v``) that older checkpoints have.

    Args:
        module: the module.
        name: its parameter's name.
        n_power_iterations: steps of the power iteration at each forward in training mode.
        eps: keeps the iteration's vectors from being divided by 0.
        dim: the dimension that becomes the rows of the matrix; default 0, and 1 for transposed
            convolutions.

    Raises:
        RuntimeError: the parameter has a spectral norm already.
        ValueError: there is no such parameter, or ``n_power_iterations`` is not positive.

    Source: PyTorch, ``torch.nn.utils.spectral_norm``; Miyato et al. (2018).

    Example:
        >>> from autograd_core import nn
        >>> list(nn.utils.spectral_norm(nn.Linear(3, 2)).state_dict())
        ['bias', 'weight_orig', 'weight_u', 'weight_v']
    """
    weight = plain_weight(module, _SpectralNormHook, name)
    if dim is None:
        transposed = isinstance(module, (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d))
        dim = 1 if transposed else 0
    hook = _SpectralNormHook(name, Spectrum("spectral_norm", weight, n_power_iterations, dim, eps))
    u, v = hook.spectrum.start(weight)
    delattr(module, name)
    module.register_parameter(f"{name}_orig", Parameter(weight.detach(), weight.requires_grad))
    setattr(module, name, weight.detach())
    module.register_buffer(f"{name}_u", u)
    module.register_buffer(f"{name}_v", v)
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """Make the weight a plain parameter again.

    Raises:
        ValueError: it has no spectral norm.

    Source: PyTorch, ``torch.nn.utils.remove_spectral_norm``.
    """
    return remove_hook(module, _SpectralNormHook, name)
