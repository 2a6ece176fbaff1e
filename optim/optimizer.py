"""The base of every optimizer: parameter groups, state, the loop of a step, saving and loading.

A subclass says two small things: which state a parameter starts with (`init_single`) and how one
parameter is updated (`update_single`). Everything else is here, once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from autograd_core.creation import zeros_like
from autograd_core.grad_mode import enable_grad, no_grad
from autograd_core.inplace import check_writable
from autograd_core.optim.hooks import (
    Hooked,
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
    with_hooks,
)
from autograd_core.optim.param_groups import check_group, required
from autograd_core.optim.state_dict import pack, unpack
from autograd_core.optim.update import Update, Updates
from autograd_core.tensor import Tensor

__all__ = [
    "Optimizer",
    "register_optimizer_step_post_hook",
    "register_optimizer_step_pre_hook",
    "required",
]


class Optimizer(Hooked):
    """Base class of all optimizers.

    A subclass passes its defaults to `__init__` and defines `init_single` and `update_single`,
    which names a formula. It may instead define `apply_single`, with operations on Tensors, or
    override `step`, as optimizers written for PyTorch do.

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
        ...     def update_single(self, p, state, group):
        ...         return Update(self.formula, (), {"lr": group["lr"]})
        ...
        ...     @staticmethod
        ...     def formula(xp, p, grad, *, lr):
        ...         p -= lr * xp.sign(grad)
        >>> w = ag.tensor([3.0, -2.0], requires_grad=True)
        >>> opt = SignDescent([w])
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w.tolist()
        [2.5, -1.5]
    """

    # Entries of the state that have their parameter's shape, which is checked when they are loaded,
    # and entries that are Tensors of one element (see `scalars`).
    shaped_state: ClassVar[frozenset[str]] = frozenset()
    scalar_state: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                f"{type(self).__name__}: params argument given to the optimizer should be an "
                "iterable of Tensors or dicts, but got a single Tensor; write [tensor]"
            )
        self.defaults = defaults
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []

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
            cls.step = with_hooks(cls.__dict__["step"])  # type: ignore[method-assign]

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

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return how parameter `p` is updated in this step.

        Args:
            p: the parameter.
            state: what `init_single` returned; the formula changes its Tensors in place.
            group: the parameter group's options.

        Returns:
            The formula, the Tensors of the state that it changes, and its numbers.

        Raises:
            NotImplementedError: the subclass defines neither this nor `apply_single` nor `step`.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> w = ag.zeros(2, requires_grad=True)
            >>> opt = optim.SGD([w], lr=0.5)
            >>> update = opt.update_single(w, {}, opt.param_groups[0])
            >>> update.formula.__name__, update.numbers["lr"]
            ('sgd_step', 0.5)
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define update_single(p, state, group), "
            "apply_single(p, grad, state, group) or step()"
        )

    def apply_single(
        self, p: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        """Update parameter `p` in place from its gradient. Called without recording.

        Args:
            p: the parameter.
            grad: its gradient.
            state: what `init_single` returned, changed in place from step to step.
            group: the parameter group's options.
        """
        updates = Updates(f"{type(self).__name__}.step")
        updates.add(p, grad, self.update_single(p, state, group), group)
        updates.run()

    @staticmethod
    def _entry(state: dict[str, Any], name: str, p: Tensor) -> Tensor:
        """An entry of the state; zeros if the option that needs it was turned on only now."""
        if name not in state:
            state[name] = zeros_like(p)
        return state[name]

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
        updates = Updates(operator)
        # A subclass with a way of its own gets the parameters one by one.
        together = type(self).apply_single is Optimizer.apply_single
        with no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    grad = p.grad
                    if grad is None:
                        continue
                    state = self.state.get(p)
                    if not state:
                        state = self.init_single(p, group)
                        if state:
                            self.state[p] = state
                    if together:
                        updates.add(p, grad, self.update_single(p, state, group), group)
                    else:
                        check_writable(p, operator)
                        self.apply_single(p, grad, state, group)
                        p._mutated(operator)
            updates.run()
        return loss

    step = with_hooks(step)

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
        check_group(
            name, param_group, self.param_groups, self.defaults.get("differentiable", False)
        )
        for option, default in self.defaults.items():
            if default is required and option not in param_group:
                raise ValueError(
                    f"{name}: parameter group didn't specify a value of required optimization "
                    f"parameter {option}"
                )
            param_group.setdefault(option, default)
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
        for pre_hook in self._optimizer_state_dict_pre_hooks.values():
            pre_hook(self)
        packed = pack(self.state, self.param_groups)
        for post_hook in self._optimizer_state_dict_post_hooks.values():
            result = post_hook(self, packed)
            packed = packed if result is None else result
        return packed

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
        state_dict = dict(state_dict)
        for pre_hook in self._optimizer_load_state_dict_pre_hooks.values():
            result = pre_hook(self, state_dict)
            state_dict = state_dict if result is None else result
        state, groups = unpack(
            f"{type(self).__name__}.load_state_dict",
            state_dict,
            self.param_groups,
            self.shaped_state,
            self.scalar_state,
        )
        for group in groups:  # options that the saved state does not know yet
            for option, default in self.defaults.items():
                group.setdefault(option, default)
        self.state, self.param_groups = state, groups
        for post_hook in self._optimizer_load_state_dict_post_hooks.values():
            post_hook(self)

    # -- printing, copying ----------------------------------------------------------------------

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
