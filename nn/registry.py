"""What a module holds: parameters, buffers and submodules, registered by plain assignment."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from autograd_core.hooks import Hooks
from autograd_core.nn.parameter import Buffer, Parameter
from autograd_core.tensor import Tensor

if TYPE_CHECKING:
    from autograd_core.nn.module import Module

# Called for every registration in any module, with (module, name, value); see hooks.py.
parameter_registration_hooks = Hooks()
buffer_registration_hooks = Hooks()
module_registration_hooks = Hooks()


def _through(hooks: Hooks, module: Registry, name: str, value: Any) -> Any:
    for hook in tuple(hooks.values()):
        replaced = hook(module, name, value)
        if replaced is not None:
            value = replaced
    return value


def _attribute(module: Any, name: str) -> Any:
    if not hasattr(module, name):
        raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
    return getattr(module, name)


class Registry:
    """The attributes of a module, and how assignment sorts them into the three registries."""

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _non_persistent_buffers_set: set[str]
    _modules: dict[str, Module | None]
    _forward_hooks: Hooks
    _forward_hooks_with_kwargs: OrderedDict[int, bool]
    _forward_hooks_always_called: OrderedDict[int, bool]
    _forward_pre_hooks: Hooks
    _forward_pre_hooks_with_kwargs: OrderedDict[int, bool]
    _backward_hooks: Hooks
    _backward_pre_hooks: Hooks
    _state_dict_hooks: Hooks
    _state_dict_pre_hooks: Hooks
    _load_state_dict_pre_hooks: Hooks
    _load_state_dict_post_hooks: Hooks

    def __init__(self) -> None:
        # Written straight into __dict__: none of these has to be sorted by __setattr__.
        self.__dict__.update(
            training=True,
            _parameters={},
            _buffers={},
            _non_persistent_buffers_set=set(),
            _modules={},
            _forward_hooks=Hooks(),
            _forward_hooks_with_kwargs=OrderedDict(),
            _forward_hooks_always_called=OrderedDict(),
            _forward_pre_hooks=Hooks(),
            _forward_pre_hooks_with_kwargs=OrderedDict(),
            _backward_hooks=Hooks(),
            _backward_pre_hooks=Hooks(),
            _state_dict_hooks=Hooks(),
            _state_dict_pre_hooks=Hooks(),
            _load_state_dict_pre_hooks=Hooks(),
            _load_state_dict_post_hooks=Hooks(),
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the attributes of a pickled or copied module; what they lack is as in a new one."""
        Registry.__init__(self)
        self.__dict__.update(state)

    # -- attributes ----------------------------------------------------------------------------

    # Called only where ordinary lookup finds nothing. Any and not Tensor | Module, since an
    # annotation in the class body (`weight: Parameter`) says it better.
    def __getattr__(self, name: str) -> Any:
        held = self.__dict__
        params = held.get("_parameters")
        if params is None:
            hint = "" if name.startswith("__") else ", as super().__init__() has not been called"
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'{hint}")
        # Written out, since layers ask for their weights on every call.
        if name in params:
            return params[name]
        if name in held["_modules"]:
            return held["_modules"][name]
        if name in held["_buffers"]:
            return held["_buffers"][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        held = self.__dict__
        if isinstance(value, Parameter):
            self._leave_others(name, "_parameters", "parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Registry):
            self._leave_others(name, "_modules", "module")
            held["_modules"][name] = _through(module_registration_hooks, self, name, value)
        elif isinstance(value, Buffer):
            self._leave_others(name, "_buffers", "buffer")
            self.register_buffer(name, value, value.persistent)
        elif "_parameters" not in held:
            object.__setattr__(self, name, value)
        elif name in held["_parameters"]:
            if value is not None:
                raise TypeError(
                    f"cannot assign '{type(value).__name__}' as parameter '{name}' "
                    "(Parameter or None expected); wrap the Tensor in nn.Parameter, or write its "
                    f"values into self.{name}.data"
                )
            self.register_parameter(name, None)
        elif name in held["_modules"]:
            if value is not None:
                raise TypeError(
                    f"cannot assign '{type(value).__name__}' as child module '{name}' "
                    "(Module or None expected)"
                )
            held["_modules"][name] = _through(module_registration_hooks, self, name, None)
        elif name in held["_buffers"]:
            if not (value is None or isinstance(value, Tensor)):
                raise TypeError(
                    f"cannot assign '{type(value).__name__}' as buffer '{name}' "
                    "(Buffer, Tensor or None expected)"
                )
            self.register_buffer(name, value, name not in self._non_persistent_buffers_set)
        else:
            object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        for registry in (self._parameters, self._buffers, self._modules):
            if name in registry:
                del registry[name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = {*super().__dir__(), *self._parameters, *self._buffers, *self._modules}
        return sorted(name for name in names if not name[:1].isdigit())

    def _leave_others(self, name: str, registry: str, kind: str) -> None:
        """Forget what `name` stood for in any place but `registry`."""
        held = self.__dict__
        if registry not in held:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        held.pop(name, None)
        for other in ("_parameters", "_buffers", "_modules"):
            if other != registry:
                held[other].pop(name, None)
        if registry != "_buffers":
            held["_non_persistent_buffers_set"].discard(name)

    def _check_name(self, kind: str, name: str, registry: str) -> None:
        if registry not in self.__dict__:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {type(name).__name__}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain ".", got: {name}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if name not in self.__dict__[registry] and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")

    # -- registration --------------------------------------------------------------------------

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, as assigning it to an attribute does.

        Args:
            name: its name; no dots.
            param: the parameter, or None for one that is switched off (such as a missing bias).

        Raises:
            TypeError: `param` is not a Parameter.
            KeyError: the name is taken, empty or has a dot.
            ValueError: `param` is not a leaf.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import nn
            >>> m = nn.Module()
            >>> m.register_parameter("scale", nn.Parameter(ag.ones(1)))
            >>> [name for name, _ in m.named_parameters()]
            ['scale']
        """
        self._check_name("parameter", name, "_parameters")
        if param is not None:
            if not isinstance(param, Parameter):
                raise TypeError(
                    f"cannot assign '{type(param).__name__}' object to parameter '{name}' "
                    "(Parameter or None required)"
                )
            if not param.is_leaf:
                raise ValueError(
                    f"Cannot assign non-leaf Tensor to parameter '{name}'. To express it as a "
                    "function of another Tensor, compute the value in the forward() method."
                )
            param = _through(parameter_registration_hooks, self, name, param)
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a Tensor that moves and is saved with the module but is not trained.

        Args:
            name: its name; no dots.
            tensor: the Tensor, or None for one that is switched off.
            persistent: whether `state_dict` saves it; default True.

        Raises:
            TypeError: `tensor` is not a Tensor.
            KeyError: the name is taken, empty or has a dot.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import nn
            >>> m = nn.Module()
            >>> m.register_buffer("mean", ag.zeros(2))
            >>> m.mean
            tensor([0., 0.])
        """
        self._check_name("buffer", name, "_buffers")
        if not (tensor is None or isinstance(tensor, Tensor)):
            raise TypeError(
                f"cannot assign '{type(tensor).__name__}' object to buffer '{name}' "
                "(Tensor or None required)"
            )
        self._buffers[name] = _through(buffer_registration_hooks, self, name, tensor)
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a submodule, as assigning it to an attribute does.

        Args:
            name: its name; no dots.
            module: the submodule, or None for one that is switched off.

        Raises:
            TypeError: `module` is not a Module.
            KeyError: the name is taken, empty or has a dot.

        Example:
            >>> from autograd_core import nn
            >>> m = nn.Module()
            >>> m.add_module("act", nn.ReLU())
            >>> m
            Module(
              (act): ReLU()
            )
        """
        if not (module is None or isinstance(module, Registry)):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._check_name("module", name, "_modules")
        self._modules[name] = _through(module_registration_hooks, self, name, module)

    def register_module(self, name: str, module: Module | None) -> None:
        """Another name of `add_module`."""
        self.add_module(name, module)

    # -- access by a dotted path ---------------------------------------------------------------

    def get_submodule(self, target: str) -> Module:
        """Return the submodule at a dotted path; "" is the module itself.

        Args:
            target: the path, for example "encoder.layers.0".

        Raises:
            AttributeError: there is none, or the path leads to something else than a module.

        Example:
            >>> from autograd_core import nn
            >>> m = nn.Sequential(nn.Sequential(nn.ReLU()))
            >>> m.get_submodule("0.0")
            ReLU()
        """
        module: Any = self
        for atom in target.split(".") if target else ():
            module = _attribute(module, atom)
            if not isinstance(module, Registry):
                raise AttributeError(f"`{atom}` is not an nn.Module")
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put a module at a dotted path, in place of another or as a new child.

        Args:
            target: the path; all but its last part must exist.
            module: the new module.
            strict: raise if there is nothing to replace; default False.

        Raises:
            ValueError: the path is empty or `module` is not a Module.
            AttributeError: the path does not exist or leads to something else than a module.

        Example:
            >>> from autograd_core import nn
            >>> m = nn.Sequential(nn.ReLU())
            >>> m.set_submodule("0", nn.Tanh())
            >>> m
            Sequential(
              (0): Tanh()
            )
        """
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Registry):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict or hasattr(parent, name):
            if not isinstance(_attribute(parent, name), Registry):
                raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter at a dotted path.

        Args:
            target: the path, for example "encoder.weight".

        Raises:
            AttributeError: there is none, or it is not a Parameter.

        Example:
            >>> from autograd_core import nn
            >>> nn.Sequential(nn.Linear(2, 3)).get_parameter("0.bias").shape
            autograd_core.Size([3])
        """
        path, _, name = target.rpartition(".")
        param = _attribute(self.get_submodule(path), name)
        if not isinstance(param, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return param

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer at a dotted path.

        Args:
            target: the path, for example "norm.running_mean".

        Raises:
            AttributeError: there is none, or it is not a buffer.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import nn
            >>> m = nn.Module()
            >>> m.register_buffer("mean", ag.zeros(2))
            >>> m.get_buffer("mean")
            tensor([0., 0.])
        """
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        buffer = _attribute(module, name)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return buffer
