"""Walking over a module's tree: submodules, parameters and buffers, with their dotted names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from autograd_core.nn.parameter import Parameter
from autograd_core.nn.registry import Registry
from autograd_core.tensor import Tensor

if TYPE_CHECKING:
    from autograd_core.nn.module import Module


class Traversal(Registry):
    """The walks. All go in the order of registration, parents before children."""

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Yield this module and all below it, with their dotted names.

        Args:
            memo: modules to leave out; those yielded are added.
            prefix: put before every name.
            remove_duplicate: yield a module that is used in several places once; default True.

        Returns:
            An iterator of (name, module); this module's own name is `prefix`.

        Example:
            >>> from autograd_core import nn
            >>> [name for name, _ in nn.Sequential(nn.Linear(1, 1), nn.ReLU()).named_modules()]
            ['', '0', '1']
        """
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self  # type: ignore[misc]
        for name, module in self._modules.items():
            if module is not None:
                path = f"{prefix}.{name}" if prefix else name
                yield from module.named_modules(memo, path, remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """Yield this module and all below it; see `named_modules`.

        Example:
            >>> from autograd_core import nn
            >>> len(list(nn.Sequential(nn.ReLU(), nn.ReLU()).modules()))
            3
        """
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the modules directly below this one, each once, with their names.

        Example:
            >>> from autograd_core import nn
            >>> list(nn.Sequential(nn.ReLU(), nn.Tanh()).named_children())
            [('0', ReLU()), ('1', Tanh())]
        """
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """Yield the modules directly below this one, each once.

        Example:
            >>> from autograd_core import nn
            >>> list(nn.Sequential(nn.ReLU(), nn.Tanh()).children())
            [ReLU(), Tanh()]
        """
        for _, module in self.named_children():
            yield module

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield the parameters with their dotted names.

        Args:
            prefix: put before every name.
            recurse: also those of the modules below; default True.
            remove_duplicate: yield a shared parameter once; default True.

        Example:
            >>> from autograd_core import nn
            >>> [name for name, _ in nn.Sequential(nn.Linear(2, 3)).named_parameters()]
            ['0.weight', '0.bias']
        """
        return self._named_members(
            lambda module: module._parameters.items(), prefix, recurse, remove_duplicate
        )

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters, each once: what an optimizer takes.

        Args:
            recurse: also those of the modules below; default True.

        Example:
            >>> from autograd_core import nn
            >>> sum(p.numel() for p in nn.Linear(2, 3).parameters())
            9
        """
        for _, param in self.named_parameters(recurse=recurse):
            yield param

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield the buffers, persistent or not, with their dotted names.

        Args:
            prefix: put before every name.
            recurse: also those of the modules below; default True.
            remove_duplicate: yield a shared buffer once; default True.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import nn
            >>> m = nn.Module()
            >>> m.register_buffer("mean", ag.zeros(2))
            >>> [name for name, _ in m.named_buffers()]
            ['mean']
        """
        return self._named_members(
            lambda module: module._buffers.items(), prefix, recurse, remove_duplicate
        )

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers, each once.

        Args:
            recurse: also those of the modules below; default True.

        Example:
            >>> from autograd_core import nn
            >>> list(nn.Linear(2, 3).buffers())
            []
        """
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def _named_members(
        self,
        members: Callable[[Module], Any],
        prefix: str,
        recurse: bool,
        remove_duplicate: bool,
    ) -> Iterator[tuple[str, Any]]:
        modules: Any = [(prefix, self)]
        if recurse:
            modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        seen = set()
        for path, module in modules:
            for name, member in members(module):
                if member is None or id(member) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(member))
                yield f"{path}.{name}" if path else name, member
