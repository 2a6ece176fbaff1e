"""The usual parametrisations: weight norm, spectral norm, orthogonal matrices."""

from __future__ import annotations

from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.creation import eye, zeros_like
from autograd_core.grad_mode import no_grad
from autograd_core.linalg import householder_product, matrix_exp, qr, solve
from autograd_core.nn.conv import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from autograd_core.nn.module import Module
from autograd_core.nn.utils.parametrize import register_parametrization
from autograd_core.nn.utils.spectral_norm import Spectrum
from autograd_core.nn.utils.weight_norm import norm_except_dim
from autograd_core.ops.join import cat
from autograd_core.random import randn
from autograd_core.tensor import Tensor

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]

_MAPS = ("matrix_exp", "cayley", "householder")


class _WeightNorm(Module):
    """A direction times a length: g * v / |v|."""

    def __init__(self, dim: int | None) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Any:
        return weight_v * (weight_g / norm_except_dim(weight_v, self.dim))

    def right_inverse(self, weight: Tensor) -> Any:
        return norm_except_dim(weight, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Train length and direction of a weight apart: ``weight = g * v / |v|``.

    Args:
        module: the module.
        name: its parameter's name.
        dim: the dimension that keeps lengths of its own; None for one length for all.

    Returns:
        ``module``; its state has ``parametrizations.weight.original0`` (g) and ``original1`` (v).

    Source: PyTorch, ``torch.nn.utils.parametrizations.weight_norm``; Salimans and Kingma, "Weight
    normalization" (2016).

    Example:
        >>> from autograd_core import nn
        >>> from autograd_core.nn.utils.parametrizations import weight_norm
        >>> layer = weight_norm(nn.Linear(3, 2))
        >>> layer.parametrizations.weight.original0.shape
        autograd_core.Size([2, 1])
    """
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


class _SpectralNorm(Module):
    """A matrix divided by its largest singular value, which a power iteration follows."""

    def __init__(self, weight: Tensor, n_power_iterations: int, dim: int, eps: float) -> None:
        super().__init__()
        self.spectrum = [Spectrum("spectral_norm", weight, n_power_iterations, dim, eps)]
        if weight.ndim > 1:
            u, v = self.spectrum[0].start(weight)
            self.register_buffer("_u", u)
            self.register_buffer("_v", v)
            self.spectrum[0].iterate(weight, self._u, self._v, 15)

    def forward(self, weight: Tensor) -> Any:
        (spectrum,) = self.spectrum
        if weight.ndim == 1:  # a vector's one singular value is its length
            return weight / weight.norm().clamp(min=spectrum.eps)
        if self.training:
            spectrum.iterate(weight, self._u, self._v, spectrum.iterations)
        return weight / spectrum.sigma(weight, self._u.clone(), self._v.clone())

    def right_inverse(self, value: Tensor) -> Any:
        return value  # one of the matrices that give it


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide a weight by its largest singular value, estimated by a power iteration in training.

    Args:
        module: the module.
        name: its parameter's name.
        n_power_iterations: steps at each forward in training mode.
        eps: keeps the iteration's vectors from being divided by 0.
        dim: the dimension that becomes the rows of the matrix; default 0, and 1 for transposed
            convolutions.

    Raises:
        ValueError: ``n_power_iterations`` is not positive, or there is no such tensor.

    Source: PyTorch, ``torch.nn.utils.parametrizations.spectral_norm``; Miyato et al., "Spectral
    normalization for generative adversarial networks" (2018).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> from autograd_core.nn.utils.parametrizations import spectral_norm
        >>> layer = spectral_norm(nn.Linear(20, 40))
        >>> round(ag.linalg.svdvals(layer.weight)[0].item(), 1)
        1.0
    """
    weight = _tensor(module, name)
    if dim is None:
        transposed = isinstance(module, (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d))
        dim = 1 if transposed else 0
    norm = _SpectralNorm(weight, n_power_iterations, dim, eps)
    return register_parametrization(module, name, norm)


class _Orthogonal(Module):
    """A matrix with orthonormal columns (or rows, if it is wide)."""

    base: Tensor

    def __init__(self, weight: Tensor, orthogonal_map: str, use_trivialization: bool) -> None:
        super().__init__()
        if weight.is_complex() and orthogonal_map == "householder":
            raise ValueError("The householder parametrization does not support complex tensors.")
        self.shape, self.orthogonal_map = weight.shape, orthogonal_map
        self.trivial = use_trivialization
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X: Tensor) -> Any:
        wide = X.shape[-2] < X.shape[-1]
        x: Any = X.mT if wide else X
        n, k = x.shape[-2], x.shape[-1]
        if self.orthogonal_map == "householder":
            reflectors = x.tril(-1)
            scale = 2.0 / (1.0 + (reflectors * reflectors).sum(-2))
            signs = x.detach().diagonal(0, -2, -1).sign()
            q = householder_product(reflectors, scale) * signs.unsqueeze(-2)
        else:
            x = x.tril()
            if n != k:
                x = cat([x, x.new_zeros(*x.shape[:-1], n - k)], -1)
            skew = x - x.mH
            if self.orthogonal_map == "matrix_exp":
                q = matrix_exp(skew)
            else:
                one = eye(n, dtype=skew.dtype, device=skew.device)
                q = solve(one - 0.5 * skew, one + 0.5 * skew)
            q = q[..., :k]
        if self.trivial:
            q = self.base @ q
        return q.mT if wide else q

    def right_inverse(self, Q: Tensor) -> Any:
        with no_grad():
            if Q.shape != self.shape:
                raise ValueError(
                    f"Expected a matrix or batch of matrices of shape {tuple(self.shape)}. Got a"
                    f" tensor of shape {tuple(Q.shape)}."
                )
            wide = Q.shape[-2] < Q.shape[-1]
            q: Any = Q.mT if wide else Q
            n, k = q.shape[-2], q.shape[-1]
            if not self.trivial:
                if self.orthogonal_map != "householder":
                    raise NotImplementedError(
                        "It is not possible to assign to the matrix exponential or the Cayley"
                        " parametrizations when use_trivialization=False."
                    )
                a = _reflectors(q)
                return a.mT if wide else a
            if n != k:
                more = randn(*q.shape[:-2], n, n - k, dtype=q.dtype, device=q.device)
                q = cat([q, more], -1)
            self.base = q.clone() if n == k and _is_orthogonal(q) else _made_orthogonal(q)
            # With -1 on the diagonal every map starts at the identity.
            start: Any = zeros_like(Q)
            start.diagonal(0, -2, -1).fill_(-1.0)
            return start


def _made_orthogonal(a: Any) -> Any:
    """The Q of A = QR whose R has a positive diagonal."""
    q, r = qr(a)
    return q * r.diagonal(0, -2, -1).sgn().unsqueeze(-2)


def _is_orthogonal(q: Any) -> bool:
    n = q.shape[-2]
    one = eye(n, dtype=q.dtype, device=q.device)
    return bool(((q.mH @ q - one).abs().max() < 10 * n * 1.2e-7).item())


def _reflectors(q: Any) -> Any:
    """The Householder vectors of ``q`` below the diagonal, and the signs that keep it on it."""
    array = q._array
    factors, scale = backend_of(array).xp.linalg.qr(array, mode="raw")
    a = Tensor._wrap(factors).mT.contiguous()
    signs = a.diagonal(0, -2, -1).sign()
    signs[Tensor._wrap(scale) == 0.0] *= -1
    a.diagonal(0, -2, -1).copy_(signs)
    return a


def orthogonal(
    module: Module,
    name: str = "weight",
    orthogonal_map: str | None = None,
    *,
    use_trivialization: bool = True,
) -> Module:
    """Keep a matrix orthogonal (unitary if complex), or with orthonormal columns or rows.

    Args:
        module: the module.
        name: its parameter's name.
        orthogonal_map: ``"matrix_exp"``, ``"cayley"`` or ``"householder"``; default the first for
            square and complex matrices, the last for others.
        use_trivialization: start from a base, so that any value can be assigned.

    Raises:
        ValueError: there is no such tensor, it is no matrix, or the map is unknown.

    Source: PyTorch, ``torch.nn.utils.parametrizations.orthogonal``; Lezcano-Casado,
    "Trivializations for gradient-based optimization on manifolds" (2019).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> from autograd_core.nn.utils.parametrizations import orthogonal
        >>> q = orthogonal(nn.Linear(4, 4)).weight
        >>> ag.allclose(q @ q.mT, ag.eye(4), atol=1e-5)
        True
    """
    weight = _tensor(module, name)
    if weight.ndim < 2:
        raise ValueError(
            f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions."
        )
    if orthogonal_map is None:
        square = weight.shape[-2] == weight.shape[-1]
        orthogonal_map = "matrix_exp" if square or weight.is_complex() else "householder"
    if orthogonal_map not in _MAPS:
        raise ValueError(
            'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got:'
            f" {orthogonal_map}"
        )
    chosen = _Orthogonal(weight, orthogonal_map, use_trivialization)
    return register_parametrization(module, name, chosen, unsafe=True)


def _tensor(module: Module, name: str) -> Any:
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(
            f"Module '{type(module).__name__}' has no parameter or buffer with name '{name}'"
        )
    return weight
