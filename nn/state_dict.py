"""A module's state as a flat dictionary, and back: PyTorch's names, layouts and messages."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, overload

import numpy as np

import autograd_core as ag
from autograd_core.grad_mode import no_grad
from autograd_core.nn.parameter import Parameter, is_lazy
from autograd_core.nn.state_dict_hooks import Replacing, StateDictHooks
from autograd_core.tensor import Tensor

EXTRA_STATE = "_extra_state"


def _differ(given: Any, tensor: Tensor) -> bool:
    """Whether a saved value has another shape; what has none yet takes any."""
    known = hasattr(given, "shape") and not is_lazy(tensor)
    return known and tuple(given.shape) != tuple(tensor.shape)


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` found: keys the module has and the file lacks, and the reverse.

    Example:
        >>> IncompatibleKeys(["bias"], [])
        _IncompatibleKeys(missing_keys=['bias'], unexpected_keys=[])
    """

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return (
            f"_IncompatibleKeys(missing_keys={self.missing_keys}, "
            f"unexpected_keys={self.unexpected_keys})"
        )


class LoadReport(NamedTuple):
    """What `load_state_dict(..., strict="report")` found: also the entries of other shapes, as
    (key, shape in the file, shape in the module), which were left out.

    Example:
        >>> LoadReport(["bias"], [], [("weight", (3, 2), (3, 4))]).mismatched_keys
        [('weight', (3, 2), (3, 4))]
    """

    missing_keys: list[str]
    unexpected_keys: list[str]
    mismatched_keys: list[tuple[str, tuple[int, ...], tuple[int, ...]]]


class StateDict(StateDictHooks):
    """Saving and loading."""

    # Raise it when a module's state changes its form; `_load_from_state_dict` gets the saved one
    # in local_metadata["version"] and can convert.
    _version = 1

    def state_dict(
        self,
        *,
        destination: Any = None,
        prefix: str = "",
        keep_vars: bool = False,
    ) -> dict[str, Any]:
        """Return the parameters and persistent buffers of this module and all below it.

        Args:
            destination: a dict to fill; a new OrderedDict if left out.
            prefix: put before every key.
            keep_vars: give out the Parameters themselves and not detached Tensors; default False.

        Returns:
            The dict, from dotted names to Tensors that share the module's memory.

        Example:
            >>> from autograd_core import nn
            >>> {k: tuple(v.shape) for k, v in nn.Linear(2, 3).state_dict().items()}
            {'weight': (3, 2), 'bias': (3,)}
        """
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        local_metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = local_metadata
        for hook in tuple(self._state_dict_pre_hooks.values()):
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(
                    destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars
                )
        for hook in tuple(self._state_dict_hooks.values()):
            replaced = hook(self, destination, prefix, local_metadata)
            if replaced is not None:
                if not isinstance(hook, Replacing):
                    raise RuntimeError("state_dict post-hook must return None")
                destination = replaced
        return destination

    @overload
    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys: ...

    @overload
    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: Literal["report"], assign: bool = False
    ) -> LoadReport: ...

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool | str = True, assign: bool = False
    ) -> IncompatibleKeys | LoadReport:
        """Copy a saved state into this module and all below it.

        Args:
            state_dict: from names to Tensors; arrays of NumPy and Tensors of PyTorch are taken too.
            strict: raise if keys are missing or unexpected; default True. With "report" shapes may
                differ, too: what fits is loaded, and what does not is told.
            assign: put the given Tensors themselves in place of the module's (keeping their dtype
                and device) and do not copy; default False.

        Returns:
            The missing and the unexpected keys, as (missing_keys, unexpected_keys), and with
            "report" mismatched_keys.

        Raises:
            TypeError: `state_dict` is not a mapping.
            ValueError: `strict` is another text than "report".
            RuntimeError: the keys (if `strict`) or shapes do not match; it lists all of them.

        Example:
            >>> from autograd_core import nn
            >>> nn.Linear(2, 3).load_state_dict(nn.Linear(2, 3).state_dict())
            <All keys matched successfully>
            >>> other = nn.Linear(4, 3).state_dict()
            >>> nn.Linear(2, 3).load_state_dict(other, strict="report").mismatched_keys
            [('weight', (3, 4), (3, 2))]
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        if isinstance(strict, str) and strict != "report":
            raise ValueError(
                f"load_state_dict: strict must be True, False or 'report', got {strict!r}"
            )
        mismatched: list[tuple[str, tuple[int, ...], tuple[int, ...]]] | None = None
        if strict == "report":
            strict, mismatched = False, []
        metadata = getattr(state_dict, "_metadata", None)
        given: Any = OrderedDict(state_dict)  # hooks may change it
        if metadata is not None:
            given._metadata = metadata
        missing: list[str] = []
        unexpected: list[str] = []
        errors: list[str] = []

        def load(module: Any, given: Any, prefix: str) -> None:
            local_metadata = {} if metadata is None else dict(metadata.get(prefix[:-1], {}))
            if assign:
                local_metadata["assign_to_params_buffers"] = True
            if mismatched is not None:
                local_metadata["mismatched_keys"] = mismatched
            module._load_from_state_dict(
                given, prefix, local_metadata, True, missing, unexpected, errors
            )
            for name, child in module._modules.items():
                if child is not None:
                    below = f"{prefix}{name}."
                    load(child, {k: v for k, v in given.items() if k.startswith(below)}, below)
            found = IncompatibleKeys(missing, unexpected)
            for hook in tuple(module._load_state_dict_post_hooks.values()):
                if hook(module, found) is not None:
                    raise AssertionError(
                        "a hook registered with register_load_state_dict_post_hook must return "
                        "None; change the lists of incompatible keys in place"
                    )

        load(self, given, "")
        if strict:
            if unexpected:
                names = ", ".join(f'"{key}"' for key in unexpected)
                errors.insert(0, f"Unexpected key(s) in state_dict: {names}. ")
            if missing:
                names = ", ".join(f'"{key}"' for key in missing)
                errors.insert(0, f"Missing key(s) in state_dict: {names}. ")
        if errors:
            raise RuntimeError(
                f"Error(s) in loading state_dict for {type(self).__name__}:\n\t"
                + "\n\t".join(errors)
            )
        if mismatched is not None:
            return LoadReport(missing, unexpected, mismatched)
        return IncompatibleKeys(missing, unexpected)

    # -- one module's own share; subclasses may override ---------------------------------------

    def _own_state(self) -> Iterator[tuple[str, Tensor]]:
        """Yield this module's own parameters and persistent buffers."""
        for name, param in self._parameters.items():
            if param is not None:
                yield name, param
        for name, buffer in self._buffers.items():
            if buffer is not None and name not in self._non_persistent_buffers_set:
                yield name, buffer

    def _save_to_state_dict(
        self, destination: dict[str, Any], prefix: str, keep_vars: bool
    ) -> None:
        """Put this module's own state into `destination`."""
        for name, tensor in self._own_state():
            destination[prefix + name] = tensor if keep_vars else tensor.detach()
        if type(self).get_extra_state is not StateDict.get_extra_state:
            destination[prefix + EXTRA_STATE] = self.get_extra_state()

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Take this module's own state out of `state_dict`; append what is wrong to the lists."""
        for hook in tuple(self._load_state_dict_pre_hooks.values()):
            hook(
                self, state_dict, prefix, local_metadata, strict,
                missing_keys, unexpected_keys, error_msgs,
            )  # fmt: skip
        assign = local_metadata.get("assign_to_params_buffers", False)
        mismatched = local_metadata.get("mismatched_keys")
        own = dict(self._own_state())
        for name, tensor in own.items():
            key = prefix + name
            if key in state_dict:
                given = state_dict[key]
                if mismatched is not None and _differ(given, tensor):
                    mismatched.append((key, tuple(given.shape), tuple(tensor.shape)))
                elif error := self._take(name, key, tensor, given, assign):
                    error_msgs.append(error)
            elif strict:
                missing_keys.append(key)

        extra_key = prefix + EXTRA_STATE
        if type(self).set_extra_state is not StateDict.set_extra_state:
            if extra_key in state_dict:
                self.set_extra_state(state_dict[extra_key])
            elif strict:
                missing_keys.append(extra_key)
        elif strict and extra_key in state_dict:
            unexpected_keys.append(extra_key)

        if strict:
            for key in state_dict:
                if key.startswith(prefix) and key != extra_key:
                    first, dot, _ = key[len(prefix) :].partition(".")
                    if first not in (self._modules if dot else own):
                        unexpected_keys.append(key)

    def _take(self, name: str, key: str, tensor: Tensor, given: Any, assign: bool) -> str:
        """Load one entry; return what went wrong, or an empty string."""
        if not isinstance(given, Tensor):
            if not hasattr(given, "__array__"):
                return (
                    f'While copying the parameter named "{key}", expected a Tensor or an array '
                    f"from checkpoint but received {type(given)}"
                )
            given = ag.as_tensor(np.asarray(given))
        if tuple(given.shape) != tuple(tensor.shape):
            return (
                f"size mismatch for {key}: copying a param with shape {given.shape} from "
                f"checkpoint, the shape in current model is {tensor.shape}."
            )
        with no_grad():
            if not assign:
                tensor.copy_(given)
            elif isinstance(tensor, Parameter):
                if not isinstance(given, Parameter):
                    given = Parameter(given, tensor.requires_grad)
                setattr(self, name, given.requires_grad_(tensor.requires_grad))
            else:
                setattr(self, name, given)
        return ""

    def get_extra_state(self) -> Any:
        """Return what should be saved besides Tensors; define it together with `set_extra_state`.

        Returns:
            Any object that the format of the file can hold.

        Example:
            >>> from autograd_core import nn
            >>> class Counter(nn.Module):
            ...     count = 3
            ...
            ...     def get_extra_state(self):
            ...         return {"count": self.count}
            ...
            ...     def set_extra_state(self, state):
            ...         self.count = state["count"]
            >>> dict(Counter().state_dict())
            {'_extra_state': {'count': 3}}
        """
        raise RuntimeError(f"{type(self).__name__} does not define get_extra_state()")

    def set_extra_state(self, state: Any) -> None:
        """Take back what `get_extra_state` returned.

        Args:
            state: the saved object.
        """
        raise RuntimeError(f"{type(self).__name__} does not define set_extra_state()")
