"""SciPy's optimizers for losses of Tensors, with gradients and curvature from the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.grad_mode import enable_grad, no_grad
from autograd_core.tensor import Tensor

Function = Callable[[], Tensor]

# The methods that can use the Hessian times a vector, and those that need it as a matrix.
WITH_PRODUCTS = frozenset({"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"})
WITH_MATRIX = frozenset({"dogleg", "trust-exact"})
WITHOUT_GRADIENT = frozenset({"nelder-mead", "powell", "cobyla", "cobyqa"})


def minimize(
    loss: Function,
    params: Tensor | Iterable[Tensor],
    method: str = "L-BFGS-B",
    *,
    bounds: Any = None,
    constraints: Mapping[str, Any] | Sequence[Mapping[str, Any]] = (),
    hessp: bool | None = None,
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: dict[str, Any] | None = None,
) -> Any:
    """Minimize a loss by one of SciPy's methods, which leaves the result in the parameters.

    SciPy works in float64 on the host; parameters of another dtype or device are converted at
    every evaluation. Good for small problems that are to be solved to the last digit.

    Args:
        loss: computes the loss, a Tensor of one element, from the parameters as they are. It need
            not call `backward`.
        params: the parameters, floating-point or complex leaves that require grad.
        method: any of ``scipy.optimize.minimize``; default "L-BFGS-B".
        bounds: (low, high) for all parameters, or a list with one entry for each: None or
            (low, high). None stands for no bound; bounds may be arrays of the parameter's shape.
        constraints: dicts with "type", "eq" for `fun() = 0` or "ineq" for `fun() >= 0`, and
            "fun", which computes a Tensor from the parameters; for SLSQP, COBYLA, COBYQA and
            trust-constr.
        hessp: whether the method gets products of the Hessian with vectors, by a second backward;
            default: where it can use them. Methods that need the matrix get it.
        tol: tolerance for stopping; default SciPy's for the method.
        callback: called after each iteration, as SciPy does it.
        options: the method's own options.

    Returns:
        SciPy's ``OptimizeResult``: `x` (all parameters end to end), `fun`, `success`, `message`,
        `nit` and more.

    Raises:
        ImportError: SciPy is not installed.
        ValueError: there are no parameters, one is no leaf that requires grad, or bounds do not
            fit them; the loss has more than one element.

    Source: ``scipy.optimize.minimize``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([-1.0, 2.0], dtype=ag.float64, requires_grad=True)
        >>> def rosenbrock():
        ...     return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2
        >>> result = optim.minimize(rosenbrock, w, method="trust-ncg")
        >>> result.success, w
        (True, tensor([1.0000, 1.0000], dtype=autograd_core.float64, requires_grad=True))
    """
    scipy = _scipy()
    problem = _Problem(loss, _checked(params))
    name = method.lower()
    if hessp is None:
        hessp = name in WITH_PRODUCTS
    arguments: dict[str, Any] = {}
    if name not in WITHOUT_GRADIENT:
        arguments["jac"] = True
    if name in WITH_MATRIX:
        arguments["hess"] = problem.hessian
    elif hessp:
        arguments["hessp"] = problem.hessian_product
    if bounds is not None:
        arguments["bounds"] = scipy.Bounds(*problem.flat_bounds(bounds))
    if constraints:
        given = [constraints] if isinstance(constraints, Mapping) else constraints
        arguments["constraints"] = [problem.constraint(one) for one in given]
    result = scipy.minimize(
        problem.loss_and_gradient if "jac" in arguments else problem.loss_alone,
        problem.start(),
        method=method,
        tol=tol,
        callback=callback,
        options=options,
        **arguments,
    )
    problem.move_to(result.x)
    return result


class _Problem:
    """A loss of parameters as functions of one vector of float64."""

    def __init__(self, loss: Function, params: list[Tensor]) -> None:
        self.loss = loss
        self.params = params
        # The real numbers behind the parameters: views, so that writing them sets the parameters.
        self.parts = [_real(p.detach()) for p in params]
        self.sizes = [part.numel() for part in self.parts]
        # Where gradients with a graph were computed last, for products with the Hessian there.
        self._place: np.ndarray | None = None
        self._gradients: list[Tensor] = []

    def start(self) -> np.ndarray:
        return self._joined(self.parts)

    def move_to(self, x: np.ndarray) -> None:
        """Set the parameters; a graph of what they were before is of no use any more."""
        self._place = None
        with no_grad():
            pieces = np.split(np.asarray(x, np.float64), np.cumsum(self.sizes)[:-1])
            for part, piece in zip(self.parts, pieces, strict=True):
                part.copy_(ag.tensor(piece.reshape(part.shape), device=part.device))

    def loss_alone(self, x: np.ndarray) -> float:
        self.move_to(x)
        with no_grad():
            return float(self._loss().item())

    def loss_and_gradient(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        self.move_to(x)
        with enable_grad():
            value = self._loss()
        return float(value.item()), self._gradient(value)

    def hessian_product(self, x: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """The Hessian at `x` times `direction`: the gradient of the slope along it."""
        if self._place is None or not np.array_equal(self._place, x):
            self.move_to(x)
            with enable_grad():
                gradients = ag.autograd.grad(
                    self._loss(), self.params, create_graph=True, allow_unused=True
                )
            self._place, self._gradients = x.copy(), list(gradients)
        pieces = np.split(np.asarray(direction, np.float64), np.cumsum(self.sizes)[:-1])
        roots, along = [], []
        for p, gradient, piece in zip(self.params, self._gradients, pieces, strict=True):
            if gradient is not None and gradient.requires_grad:
                part = _real(gradient)
                roots.append(part)
                along.append(
                    ag.tensor(piece.reshape(part.shape), dtype=part.dtype, device=p.device)
                )
        if not roots:  # the loss is linear
            return np.zeros_like(direction)
        products = ag.autograd.grad(roots, self.params, along, retain_graph=True, allow_unused=True)
        return self._gradient_vector(products)

    def hessian(self, x: np.ndarray) -> np.ndarray:
        return np.stack([self.hessian_product(x, row) for row in np.eye(len(x))])

    def constraint(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A constraint as SciPy wants it, of the vector, with its Jacobian."""
        unknown = set(given) - {"type", "fun"}
        if unknown or given.get("type") not in ("eq", "ineq") or not callable(given.get("fun")):
            raise ValueError(
                'minimize: a constraint is a dict of "type" ("eq" or "ineq") and "fun" (a function '
                f"of no arguments that returns a Tensor), got {dict(given)!r}"
            )
        function = given["fun"]

        def values(x: np.ndarray) -> np.ndarray:
            self.move_to(x)
            with no_grad():
                return function().reshape(-1).cpu().numpy().astype(np.float64)

        def jacobian(x: np.ndarray) -> np.ndarray:
            self.move_to(x)
            with enable_grad():
                rows = list(function().reshape(-1))
            return np.stack([self._gradient(row) for row in rows])

        return {"type": given["type"], "fun": values, "jac": jacobian}

    def flat_bounds(self, bounds: Any) -> tuple[np.ndarray, np.ndarray]:
        """Bounds of every element, from those of every parameter."""
        one_for_all = isinstance(bounds, tuple) and len(bounds) == 2
        each = [bounds] * len(self.parts) if one_for_all else list(bounds)
        if len(each) != len(self.parts):
            raise ValueError(
                f"minimize: got bounds for {len(each)} parameters, but there are "
                f"{len(self.parts)}; a single pair for all is a tuple (low, high)"
            )
        sides: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
        for i, (part, pair) in enumerate(zip(self.parts, each, strict=True)):
            for side, value, default in zip(sides, pair or (None, None), (-np.inf, np.inf)):
                value = default if value is None else value
                value = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
                try:
                    full = np.broadcast_to(np.asarray(value, np.float64), tuple(part.shape))
                except ValueError as error:
                    raise ValueError(
                        f"minimize: the bounds of parameter {i} have shape {np.shape(value)}, "
                        f"which does not fit its shape {tuple(part.shape)}"
                    ) from error
                side.append(full.reshape(-1))
        return np.concatenate(sides[0]), np.concatenate(sides[1])

    def _loss(self) -> Tensor:
        value = self.loss()
        if not isinstance(value, Tensor) or value.numel() != 1:
            raise ValueError(
                "minimize: the loss must be a Tensor of one element, got "
                f"{tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__}"
            )
        return value.reshape(())

    def _gradient(self, value: Tensor) -> np.ndarray:
        if not value.requires_grad:
            return np.zeros(sum(self.sizes))
        return self._gradient_vector(ag.autograd.grad(value, self.params, allow_unused=True))

    def _gradient_vector(self, gradients: Sequence[Tensor | None]) -> np.ndarray:
        pairs = zip(gradients, self.params, strict=True)
        return self._joined([_real(ag.zeros_like(p) if g is None else g) for g, p in pairs])

    def _joined(self, parts: Sequence[Tensor]) -> np.ndarray:
        flat = [part.detach().cpu().numpy().astype(np.float64).reshape(-1) for part in parts]
        return np.concatenate(flat)


def _real(tensor: Tensor) -> Tensor:
    return ag.view_as_real(tensor) if tensor.is_complex() else tensor


def _checked(params: Tensor | Iterable[Tensor]) -> list[Tensor]:
    found = [params] if isinstance(params, Tensor) else list(params)
    if not found:
        raise ValueError("minimize: there are no parameters")
    for i, p in enumerate(found):
        if not isinstance(p, Tensor) or not p.is_leaf or not p.requires_grad:
            raise ValueError(
                f"minimize: parameter {i} is no leaf Tensor that requires grad: {p!r:.60}; make "
                "it one by .detach().requires_grad_()"
            )
    return found


def _scipy() -> Any:
    try:
        import scipy.optimize
    except ImportError as error:
        raise ImportError(
            'minimize needs the package SciPy: pip install "autograd-core[scipy]"'
        ) from error
    return scipy.optimize
