"""The base of every optimizer: parameter groups, state, the loop of a step, saving and loading.

A subclass says two small things: which state a parameter starts with (`init_single`) and how one
parameter is updated from its gradient (`apply_single`). Everything else is here, once.
"""

from __future__ import annotations

import functools
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from autograd_core.grad_mode import enable_grad, no_grad
from autograd_core.hooks import RemovableHandle
from autograd_core.inplace import check_writable
from autograd_core.optim.param_groups import check_group, required
from autograd_core.optim.state_dict import pack, unpack
from autograd_core.tensor import Tensor


def _with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """Run an optimizer's step hooks around its `step`, also when a subclass wrote its own."""

    @functools.wraps(step)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        self: Optimizer = args[0]
        if self._in_step:  # a subclass's step that calls the step it overrides
            return step(*args, **kwargs)
        for pre_hook in tuple(self._optimizer_step_pre_hooks.values()):
            result = pre_hook(self, args, kwargs)
            if result is not None:
                if not (isinstance(result, tuple) and len(result) == 2):
                    raise RuntimeError(
                        f"{type(self).__name__}.step: a pre-hook must return None or a tuple "
                        f"(new_args, new_kwargs), but {pre_hook!r} returned {result!r}"
                    )
                args, kwargs = result
        self._opt_called = True  # what a learning rate scheduler asks before its first step
        self._in_step = True
        try:
            out = step(*args, **kwargs)
        finally:
            self._in_step = False
        for post_hook in tuple(self._optimizer_step_post_hooks.values()):
            post_hook(self, args, kwargs)
        return out

    return wrapped


class Optimizer:
    """Base class of all optimizers.

    A subclass passes its defaults to `__init__` and defines `init_single` and `apply_single`.
    It may instead override `step`, as optimizers written for PyTorch do.

    Args:
        params: what to optimize: an iterable of Tensors, of (name, Tensor) pairs such as
            `model.named_parameters()`, or of dicts, one per parameter group, with a "params"
            entry and the options that differ from the defaults.
        defaults: the options of groups that do not give their own.

    Raises:
        TypeError: `params` is a single Tensor, or holds something that is not a Tensor.
        ValueError: `params` is empty, or a parameter is not a leaf or appears in two groups.

    Source: PyTorch's ``torch.optim.Optimizer``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.optim import Optimizer
        >>> class SignDescent(Optimizer):
        ...     def __init__(self, params, lr=0.5):
        ...         super().__init__(params, {"lr": lr})
        ...
        ...     def apply_single(self, p, grad, state, group):
        ...         p.sub_(grad.sign(), alpha=group["lr"])
        >>> w = ag.tensor([3.0, -2.0], requires_grad=True)
        >>> opt = SignDescent([w])
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w.tolist()
        [2.5, -1.5]
    """

    # Entries of the state that have their parameter's shape; checked when a state is loaded.
    shaped_state: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                f"{type(self).__name__}: params must be an iterable of Tensors or dicts, "
                "got a single Tensor; write [tensor]"
            )
        self.defaults = defaults
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        self._make_hooks()

        groups = list(params)
        if not groups:
            raise ValueError(
                f"{type(self).__name__}: optimizer got an empty parameter list; a generator such "
                "as model.parameters() can be used only once"
            )
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in cls.__dict__:
            cls.step = _with_hooks(cls.__dict__["step"])  # type: ignore[method-assign]

    def _make_hooks(self) -> None:
        self._opt_called = False
        self._in_step = False
        self._optimizer_step_pre_hooks: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self._optimizer_step_post_hooks: OrderedDict[int, Callable[..., Any]] = OrderedDict()

    # -- what a subclass defines ---------------------------------------------------------------

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return the state that parameter `p` starts with; by default none.

        Args:
            p: the parameter, about to be updated for the first time.
            group: its parameter group's options.

        Returns:
            A dict of Tensors and plain values, kept in `self.state[p]`.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> w = ag.zeros(2, requires_grad=True)
            >>> opt = optim.Adam([w])
            >>> list(opt.init_single(w, opt.param_groups[0]))
            ['step', 'exp_avg', 'exp_avg_sq']
        """
        return {}

    def apply_single(
        self, p: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        """Update parameter `p` in place from its gradient. Called without recording.

        It may use Tensor operations or write into the raw arrays; the step notes the change.

        Args:
            p: the parameter.
            grad: its gradient, already negated where the group maximizes.
            state: what `init_single` returned, changed in place from step to step.
            group: the parameter group's options.

        Raises:
            NotImplementedError: the subclass defines neither this nor `step`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define apply_single(p, grad, state, group) or step()"
        )

    # -- the step ------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.

        Args:
            closure: computes the loss anew (gradients included) and returns it; optional.

        Returns:
            What `closure` returned, or None without one.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> w = ag.tensor([1.0], requires_grad=True)
            >>> opt = optim.SGD([w], lr=0.25)
            >>> (w * w).sum().backward()
            >>> opt.step()
            >>> w.tolist()
            [0.5]
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        operator = f"{type(self).__name__}.step"
        with no_grad():
            for group in self.param_groups:
                maximize = group.get("maximize", False)
                for p in group["params"]:
                    grad = p.grad
                    if grad is None:
                        continue
                    state = self.state.get(p)
                    if not state:
                        state = self.init_single(p, group)
                        if state:
                            self.state[p] = state
                    check_writable(p, operator)
                    self.apply_single(p, -grad if maximize else grad, state, group)
                    p._mutated(operator)
        return loss

    step = _with_hooks(step)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        Args:
            set_to_none: True sets `grad` to None (cheaper; a parameter without a gradient is
                skipped by the next step), False fills it with zeros.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> w = ag.tensor([1.0], requires_grad=True)
            >>> opt = optim.SGD([w])
            >>> w.sum().backward()
            >>> opt.zero_grad()
            >>> w.grad is None
            True
        """
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.detach_().zero_()

    # -- parameter groups ----------------------------------------------------------------------

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters with options of its own, for example a layer just unfrozen.

        Args:
            param_group: a dict with "params" (a Tensor, Tensors, or (name, Tensor) pairs) and
                the options that differ from the defaults.

        Raises:
            TypeError: not a dict, or its parameters are a set or hold something else than Tensors.
            ValueError: a parameter is no leaf, appears twice, or only some have names.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> a, b = ag.zeros(1, requires_grad=True), ag.zeros(1, requires_grad=True)
            >>> opt = optim.SGD([a], lr=0.1)
            >>> opt.add_param_group({"params": [b], "lr": 0.01})
            >>> [group["lr"] for group in opt.param_groups]
            [0.1, 0.01]
        """
        name = type(self).__name__
        check_group(name, param_group, self.param_groups)
        for option, default in self.defaults.items():
            if default is required and option not in param_group:
                raise ValueError(f"{name}: the parameter group does not give {option!r}")
            param_group.setdefault(option, default)
        if param_group.get("differentiable"):
            raise ValueError(
                f"{name}: differentiable=True is not supported; write the update with Tensor "
                "operations and differentiate that"
            )
        self.param_groups.append(param_group)

    # -- saving and loading --------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return the state and the options, in PyTorch's format.

        Returns:
            ``{"state": {index: {...}}, "param_groups": [{..., "params": [index, ...]}]}``, where
            parameters are numbered in the order of the groups. The Tensors are not copied.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> w = ag.tensor([1.0], requires_grad=True)
            >>> opt = optim.SGD([w], lr=0.1, momentum=0.9)
            >>> w.sum().backward()
            >>> opt.step()
            >>> opt.state_dict()["state"]
            {0: {'momentum_buffer': tensor([1.])}}
        """
        return pack(self.state, self.param_groups)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load what `state_dict` returned, here or in PyTorch.

        Parameters are matched by name where both sides know names (made from
        `model.named_parameters()`), whatever their order; otherwise by position. Tensors are
        copied to the dtype and device of their parameter; arrays of NumPy and Tensors of PyTorch
        are taken too.

        Args:
            state_dict: the saved state.

        Raises:
            ValueError: the groups, the names or the shapes do not match this optimizer's.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> w = ag.tensor([1.0], requires_grad=True)
            >>> saved = optim.SGD([w], lr=0.1).state_dict()
            >>> opt = optim.SGD([w], lr=0.5)
            >>> opt.load_state_dict(saved)
            >>> opt.param_groups[0]["lr"]
            0.1
        """
        where = f"{type(self).__name__}.load_state_dict"
        self.state, self.param_groups = unpack(
            where, state_dict, self.param_groups, self.shaped_state
        )

    # -- hooks, printing, copying --------------------------------------------------------------

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before every step.

        Args:
            hook: may return None, or `(new_args, new_kwargs)` to call the step with.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)])
            >>> handle = opt.register_step_pre_hook(lambda *_: print("before"))
            >>> opt.step()
            before
            >>> handle.remove()
        """
        handle = RemovableHandle(self._optimizer_step_pre_hooks)
        self._optimizer_step_pre_hooks[handle.id] = hook
        return handle

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after every step.

        Args:
            hook: what it returns is ignored.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)])
            >>> handle = opt.register_step_post_hook(lambda *_: print("after"))
            >>> opt.step()
            after
        """
        handle = RemovableHandle(self._optimizer_step_post_hooks)
        self._optimizer_step_post_hooks[handle.id] = hook
        return handle

    def __repr__(self) -> str:
        text = type(self).__name__ + " ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            text += "".join(
                f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params"
            )
        return text + ")"

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._make_hooks()
        self.__dict__.update(state)
