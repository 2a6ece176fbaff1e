"""Parametrisations: a parameter that is computed from others, which are trained in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import local
from typing import Any

from autograd_core.grad_mode import no_grad
from autograd_core.nn.containers import ModuleDict, ModuleList
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.tensor import Tensor

__all__ = [
    "ParametrizationList", "cached", "is_parametrized", "register_parametrization",
    "remove_parametrizations", "transfer_parametrizations_and_params",
    "type_before_parametrizations",
]  # fmt: skip


class _Cache(local):
    """Values computed inside `cached`, by module and name."""

    depth = 0

    def __init__(self) -> None:
        self.values: dict[tuple[int, str], Any] = {}


_cache = _Cache()


@contextmanager
def cached() -> Iterator[None]:
    """Inside, every parametrised tensor is computed once, at its first use.

    Source: PyTorch, ``torch.nn.utils.parametrize.cached``.

    Example:
        >>> from autograd_core import nn
        >>> from autograd_core.nn.utils import parametrizations, parametrize
        >>> layer = parametrizations.weight_norm(nn.Linear(2, 2))
        >>> with parametrize.cached():
        ...     layer.weight is layer.weight
        True
    """
    _cache.depth += 1
    try:
        yield
    finally:
        _cache.depth -= 1
        if not _cache.depth:
            _cache.values.clear()


class ParametrizationList(ModuleList):
    """The parametrisations of one tensor, applied one after the other, and what they start from.

    It holds ``original`` where the first one takes one tensor, ``original0``, ``original1`` ...
    where it takes several.

    Args:
        modules: the parametrisations.
        original: the tensor to be parametrised.
        unsafe: whether shape and dtype may change.

    Raises:
        ValueError: the result has another shape or dtype than ``original``.

    Source: PyTorch, ``torch.nn.utils.parametrize.ParametrizationList``.
    """

    def __init__(self, modules: Sequence[Module], original: Tensor, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        with no_grad():
            start: Any = original
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    start = module.right_inverse(start)
        self.is_tensor = isinstance(start, Tensor)
        parts = {"original": start} if self.is_tensor else _numbered(start)
        self.ntensors = len(parts)
        trained = isinstance(original, Parameter)
        for name, part in parts.items():
            if part is original:
                part = original.detach()  # what computes it lets go of the old parameter
            if trained:
                self.register_parameter(name, Parameter(part, original.requires_grad))
            else:
                self.register_buffer(name, part)
        if not unsafe:
            _check("assembling the parametrisation", original, self())

    def originals(self) -> list[Tensor]:
        """The tensors that it starts from."""
        if self.is_tensor:
            return [self.original]
        return [getattr(self, f"original{i}") for i in range(self.ntensors)]

    def right_inverse(self, value: Tensor) -> None:
        """Set the originals so that the result is ``value``: what assigning to the tensor does.

        Raises:
            RuntimeError: a parametrisation has no ``right_inverse``.
        """
        with no_grad():
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(
                        f"parametrization {type(module).__name__} does not implement right_inverse,"
                        f" so its tensor cannot be assigned to"
                    )
                value = module.right_inverse(value)
            values = [value] if self.is_tensor else list(value)
            for original, new in zip(self.originals(), values, strict=True):
                original.data = new.detach().clone()

    def forward(self) -> Any:
        modules = list(self)
        x = modules[0](*self.originals())
        for module in modules[1:]:
            x = module(x)
        return x


def _numbered(parts: Any) -> dict[str, Any]:
    if not isinstance(parts, Sequence) or not all(isinstance(part, Tensor) for part in parts):
        raise ValueError("right_inverse must return a Tensor or a sequence of tensors")
    return {f"original{i}": part for i, part in enumerate(parts)}


def _check(when: str, before: Any, after: Any) -> None:
    if not isinstance(after, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {type(after).__name__}.")
    if before.dtype != after.dtype or before.shape != after.shape:
        raise ValueError(
            f"{when}: a parametrisation may change neither shape nor dtype, unless registered with"
            f" unsafe=True; before: {tuple(before.shape)} {before.dtype}, after:"
            f" {tuple(after.shape)} {after.dtype}"
        )


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Compute a parameter or buffer of ``module`` by ``parametrization`` from now on.

    ``module.weight`` becomes ``parametrization(original)``, computed at every use, and
    ``original`` is what is trained and saved, as ``parametrizations.weight.original``. A
    parametrisation may have ``right_inverse(value)``, which gives the original for a value: it is
    used at once, and when the tensor is assigned to. Several parametrisations follow one another.

    Args:
        module: the module.
        tensor_name: the name of the parameter or buffer.
        parametrization: a module from tensor to tensor.
        unsafe: whether shape and dtype may change.

    Returns:
        ``module``, whose class is a subclass of the one before.

    Raises:
        ValueError: the module has no such tensor, or shape or dtype would change.

    Source: PyTorch, ``torch.nn.utils.parametrize.register_parametrization``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> from autograd_core.nn.utils import parametrize
        >>> class Symmetric(nn.Module):
        ...     def forward(self, x):
        ...         return x.triu() + x.triu(1).mT
        >>> layer = nn.Linear(3, 3)
        >>> _ = parametrize.register_parametrization(layer, "weight", Symmetric())
        >>> ag.equal(layer.weight, layer.weight.mT)
        True
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        _append(module, tensor_name, parametrization, unsafe)
        return module
    owner = next((one for one in (module._parameters, module._buffers) if tensor_name in one), None)
    if owner is None:
        raise ValueError(
            f"Module '{type(module).__name__}' does not have a parameter, a buffer, or a"
            f" parametrized element with name '{tensor_name}'"
        )
    original = owner[tensor_name]
    if original is None:
        raise ValueError(f"'{tensor_name}' of {type(module).__name__} is None")
    chain = ParametrizationList([parametrization], original, unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        kind = type(module)
        module.__class__ = type(f"Parametrized{kind.__name__}", (kind,), {})
        module.parametrizations = ModuleDict()
    setattr(type(module), tensor_name, _property(tensor_name))
    module.parametrizations[tensor_name] = chain
    return module


def _append(module: Any, name: str, parametrization: Module, unsafe: bool) -> None:
    """One more parametrisation of a tensor that has some."""
    chain = module.parametrizations[name]
    if not unsafe:
        with no_grad():
            value = getattr(module, name)
            if hasattr(parametrization, "right_inverse"):
                back = parametrization.right_inverse(value)
                _check(f"right_inverse of {type(parametrization).__name__}", value, back)
                _check(type(parametrization).__name__, value, parametrization(back))
            else:
                _check(type(parametrization).__name__, value, parametrization(value))
    value = getattr(module, name)
    chain.append(parametrization)
    chain.unsafe |= unsafe
    if all(hasattr(one, "right_inverse") for one in chain):
        chain.right_inverse(value)


def _property(name: str) -> property:
    def get(module: Any) -> Any:
        chain = module.parametrizations[name]
        if not _cache.depth:
            return chain()
        key = id(module), name
        if key not in _cache.values:
            _cache.values[key] = chain()
        return _cache.values[key]

    def put(module: Any, value: Any) -> None:
        module.parametrizations[name].right_inverse(value)

    return property(get, put)


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a module has parametrised tensors, or whether the named one is.

    Source: PyTorch, ``torch.nn.utils.parametrize.is_parametrized``.
    """
    found = module._modules.get("parametrizations")
    if not isinstance(found, ModuleDict) or not len(found):
        return False
    return tensor_name is None or tensor_name in found


def remove_parametrizations(
    module: Module, tensor_name: str, leave_parametrized: bool = True
) -> Module:
    """Make a parametrised tensor a plain one again.

    Args:
        module: the module.
        tensor_name: the tensor's name.
        leave_parametrized: keep the computed value; else the original, if it is one tensor.

    Raises:
        ValueError: the tensor is not parametrised, or ``leave_parametrized=False`` with several
            originals.

    Source: PyTorch, ``torch.nn.utils.parametrize.remove_parametrizations``.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(
            f"Module {type(module).__name__} does not have a parametrization on {tensor_name}"
        )
    chain: Any = module.parametrizations[tensor_name]
    if not leave_parametrized and not chain.is_tensor:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is"
            " parametrized in terms of a sequence of tensors."
        )
    first = chain.originals()[0]
    if leave_parametrized:
        with no_grad():
            value = chain().detach().clone()
    else:
        value = first.detach()
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    if isinstance(first, Parameter):
        module.register_parameter(tensor_name, Parameter(value, first.requires_grad))
    else:
        module.register_buffer(tensor_name, value)
    if not len(module.parametrizations):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    return module


def transfer_parametrizations_and_params(
    from_module: Module, to_module: Module, tensor_name: str | None = None
) -> Module:
    """Give a module the parametrisations of another, and the parameters that they start from.

    Both modules share them afterwards.

    Args:
        from_module: whose they are; nothing happens if it has none.
        to_module: gets them; a tensor that it lacks is made.
        tensor_name: only those of this tensor; default all.

    Returns:
        ``to_module``.

    Source: PyTorch, ``torch.nn.utils.parametrize.transfer_parametrizations_and_params``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> from autograd_core.nn.utils import parametrizations, parametrize
        >>> a, b = parametrizations.weight_norm(nn.Linear(2, 2)), nn.Linear(2, 2)
        >>> b = parametrize.transfer_parametrizations_and_params(a, b)
        >>> ag.equal(a.weight, b.weight)
        True
    """
    if not is_parametrized(from_module):
        return to_module
    every: Any = from_module.parametrizations
    for name in list(every) if tensor_name is None else [tensor_name]:
        chain = every[name]
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name).detach()))
        for parametrization in chain:
            register_parametrization(to_module, name, parametrization, unsafe=chain.unsafe)
        given: Any = to_module.parametrizations
        for part in ("original", *(f"original{i}" for i in range(chain.ntensors))):
            if hasattr(chain, part):
                setattr(given[name], part, getattr(chain, part))
    return to_module


def type_before_parametrizations(module: Module) -> type:
    """The module's class without what parametrisations made of it.

    Source: PyTorch, ``torch.nn.utils.parametrize.type_before_parametrizations``.
    """
    return type(module).__bases__[0] if is_parametrized(module) else type(module)
