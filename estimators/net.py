"""`NetClassifier` and `NetRegressor`: a module with its training loop, as scikit-learn wants it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

import autograd_core as ag
from autograd_core import nn, optim
from autograd_core.random import get_rng_state_all, set_rng_state_all

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state, column_or_1d
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        "autograd_core.estimators needs the package scikit-learn 1.6 or later: "
        "pip install scikit-learn"
    ) from error

NESTED = ("module", "criterion", "optimizer")


class _Net(BaseEstimator):
    """What classifier and regressor share: parameters, the training loop and prediction."""

    _default_criterion: ClassVar[Callable[..., Any]]
    _random_numbers: dict[str, Any]  # their state after training, from which it goes on

    def __init__(
        self,
        module: Any,
        *,
        criterion: Any = None,
        optimizer: Any = optim.Adam,
        lr: float = 1e-3,
        epochs: int = 20,
        batch_size: int = 128,
        device: Any = None,
        random_state: Any = None,
        **nested: Any,
    ) -> None:
        self.module = module
        self.criterion = criterion
        self.optimizer = optimizer
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.device = device
        self.random_state = random_state
        unknown = [name for name in nested if not _is_nested(name)]
        if unknown:
            raise TypeError(
                f"{type(self).__name__}: unknown parameters {unknown}; those of the module, the "
                f"criterion and the optimizer are given as module__..., criterion__... and "
                f"optimizer__..."
            )
        self.__dict__.update(nested)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All parameters by name, those like ``module__hidden`` included."""
        nested = {name: value for name, value in vars(self).items() if _is_nested(name)}
        return {**super().get_params(deep=False), **nested}

    def set_params(self, **params: Any) -> Any:
        """Set parameters by name, those like ``module__hidden`` included; returns the estimator."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known and not _is_nested(name):
                raise ValueError(
                    f"{type(self).__name__}: unknown parameter {name!r}; there are {sorted(known)}"
                )
            setattr(self, name, value)
        return self

    def _of(self, part: str) -> dict[str, Any]:
        """The parameters of one part: ``module__hidden=8`` as ``{"hidden": 8}``."""
        start = f"{part}__"
        params = self.get_params()
        return {name.removeprefix(start): v for name, v in params.items() if name.startswith(start)}

    def _train(
        self, x: ag.Tensor, y: ag.Tensor, sample_weight: Any, anew: bool, epochs: int
    ) -> Any:
        """Train for some epochs, a module made anew or the one that there is; returns itself."""
        for name in ("epochs", "batch_size"):
            value = getattr(self, name)
            if not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(
                    f"{type(self).__name__}: {name} must be a whole number from 1 on, got {value!r}"
                )
        weights = None
        if sample_weight is not None:
            weights = ag.tensor(
                _check_sample_weight(sample_weight, x, ensure_non_negative=True),
                dtype=ag.get_default_dtype(), device=x.device,
            )  # fmt: skip
        seeded = self.random_state is not None
        with ag.fork_rng(enabled=seeded):
            if seeded and anew:
                ag.manual_seed(int(check_random_state(self.random_state).randint(2**31 - 1)))
            elif seeded:
                set_rng_state_all(self._random_numbers)
            if anew:
                self._prepare(x)
                self.losses_: list[float] = []
            self.module_.train()
            self.losses_ += [self._epoch(x, y, weights) for _ in range(epochs)]
            if seeded:
                self._random_numbers = get_rng_state_all()
        self.module_.eval()
        return self

    def _prepare(self, x: ag.Tensor) -> None:
        """Make the module, the criterion and the optimizer anew."""
        module, chosen = self.module, self._of("module")
        if isinstance(module, nn.Module):
            if chosen:
                raise ValueError(
                    f"{type(self).__name__}: {sorted(chosen)} are for a module to be made, but "
                    f"module is one already. Mend: give its class"
                )
            module = copy.deepcopy(module)
        else:
            module = module(**chosen)
        self.module_ = module.to(x.device)
        if any(isinstance(p, nn.parameter.UninitializedParameter) for p in module.parameters()):
            with ag.no_grad():
                module.eval()(x[:1])  # lazy layers take their sizes
        criterion = self._default_criterion if self.criterion is None else self.criterion
        if not isinstance(criterion, nn.Module):
            criterion = criterion(**self._of("criterion"))
        self.criterion_ = criterion.to(x.device)
        options = {"lr": self.lr, **self._of("optimizer")}
        self.optimizer_ = self.optimizer(module.parameters(), **options)

    def _epoch(self, x: ag.Tensor, y: ag.Tensor, weights: ag.Tensor | None) -> float:
        """Go through all samples once, in random order; the mean loss."""
        total = 0.0
        for batch in ag.randperm(len(x)).split(int(self.batch_size)):
            batch = batch.to(x.device)
            self.optimizer_.zero_grad()
            output = self._output(x[batch])
            if weights is None:
                loss = self.criterion_(output, y[batch])
            else:
                loss = self._weighted(output, y[batch], weights[batch])
            loss.backward()
            self.optimizer_.step()
            total += loss.item() * len(batch)
        return total / len(x)

    def _weighted(self, output: ag.Tensor, y: ag.Tensor, weights: ag.Tensor) -> ag.Tensor:
        """The mean of the samples' losses by their weights."""
        reduction = getattr(self.criterion_, "reduction", None)
        if reduction is None:
            raise ValueError(
                f"{type(self).__name__}: sample_weight needs a criterion with a reduction, which "
                f"{type(self.criterion_).__name__} has not"
            )
        try:
            self.criterion_.reduction = "none"
            each = self.criterion_(output, y)
        finally:
            self.criterion_.reduction = reduction
        each = each.reshape(len(weights), -1).mean(1)
        return (each * weights).sum() / weights.sum().clamp(min=1e-12)

    def _output(self, x: ag.Tensor) -> ag.Tensor:
        """The module's output, in the shape that the criterion wants."""
        output: ag.Tensor = self.module_(x)
        return output

    def _predict(self, X: Any) -> ag.Tensor:
        check_is_fitted(self, "module_")
        x = self._tensor(validate_data(self, X, reset=False, allow_nd=True))
        self.module_.eval()
        with ag.no_grad():
            return ag.cat([self._output(part) for part in x.split(int(self.batch_size))])

    def _tensor(self, array: Any) -> ag.Tensor:
        """Numbers with a fraction in the default dtype, whole ones as int64, on the device."""
        kind = array.dtype.kind
        dtype = ag.get_default_dtype() if kind == "f" else ag.int64
        return ag.tensor(array, dtype=dtype, device=self.device)


class NetClassifier(ClassifierMixin, _Net):
    """A module that scikit-learn takes for a classifier.

    Training starts anew at every ``fit``: the module is made, and trained with minibatches in
    random order. The parameters of the module, the criterion and the optimizer have names like
    ``module__hidden``, also in grids.

    Args:
        module: a class of modules or a function that makes one, called with the parameters that
            begin with ``module__``; or a module, of which a copy is trained. Its output has shape
            (N, classes).
        criterion: class of the loss, or a loss; default `nn.CrossEntropyLoss`.
        optimizer: class of the optimizer; default `optim.Adam`.
        lr: learning rate; default 1e-3.
        epochs: how often to go through all samples; default 20.
        batch_size: samples for a step, and for prediction at once; default 128.
        device: where to train; default: the default device.
        random_state: an int or NumPy RandomState from which weights, order and dropout are drawn,
            the engine's own random numbers being left as they were; default None: draws from them.
        nested: parameters of the parts: ``module__...``, ``criterion__...``, ``optimizer__...``.

    Attributes:
        classes_: the classes, sorted; column i of the module's output is for class i.
        module_, criterion_, optimizer_: what was made and trained.
        losses_: mean loss of each epoch.

    Source: the conventions of scikit-learn; names as in skorch.

    Example:
        >>> import numpy as np
        >>> import autograd_core as ag
        >>> X, y = np.eye(4, dtype=np.float32), np.array(["a", "b", "a", "b"])
        >>> net = NetClassifier(
        ...     ag.nn.Linear, module__in_features=4, module__out_features=2, lr=0.1, random_state=0
        ... )
        >>> net.fit(X, y).predict(X).tolist()
        ['a', 'b', 'a', 'b']
        >>> net.score(X, y)
        1.0
    """

    _default_criterion = nn.CrossEntropyLoss

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Train anew on samples ``X`` (N, ...) and labels ``y`` (N,) of any type, by weights (N,)
        if there are any; returns itself."""
        X, y = validate_data(self, X, column_or_1d(y, warn=True), allow_nd=True)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        x, target = self._tensor(X), self._tensor(numbers)
        return self._train(x, target, sample_weight, True, self.epochs)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Any:
        """Go through some samples once more, from where training stands; returns itself.

        Args:
            X, y, sample_weight: as in `fit`.
            classes: all labels that there will be; needed in the first call.
        """
        anew = not hasattr(self, "module_")
        X, y = validate_data(self, X, column_or_1d(y, warn=True), allow_nd=True, reset=anew)
        check_classification_targets(y)
        if anew:
            if classes is None:
                raise ValueError(
                    f"{type(self).__name__}: the first call of partial_fit needs classes, all "
                    f"labels that there will be"
                )
            self.classes_ = np.unique(classes)
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(
                f"{type(self).__name__}: the labels {unknown.tolist()} are not among the classes "
                f"{self.classes_.tolist()}"
            )
        x, target = self._tensor(X), self._tensor(np.searchsorted(self.classes_, y))
        return self._train(x, target, sample_weight, anew, 1)

    def predict_proba(self, X: Any) -> Any:
        """The probability of every class, (N, classes): the softmax of the output under
        `nn.CrossEntropyLoss`, its exponential under `nn.NLLLoss`, else the output itself."""
        output = self._predict(X)
        if isinstance(self.criterion_, nn.CrossEntropyLoss):
            output = output.softmax(-1)
        elif isinstance(self.criterion_, nn.NLLLoss):
            output = output.exp()
        return output.cpu().numpy()

    def predict(self, X: Any) -> Any:
        """The most probable class of every sample, (N,)."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(1)]

    def _output(self, x: ag.Tensor) -> ag.Tensor:
        output = super()._output(x)
        if tuple(output.shape) != (len(x), len(self.classes_)):
            raise ValueError(
                f"{type(self).__name__}: for {len(x)} samples of {len(self.classes_)} classes the "
                f"module's output has shape {tuple(output.shape)}; expected one row for each "
                f"sample and one column for each class"
            )
        return output


class NetRegressor(RegressorMixin, _Net):
    """A module that scikit-learn takes for a regressor.

    Args:
        module: as in `NetClassifier`; its output has the shape of the targets, where (N, 1) serves
            for (N,) too.
        criterion: class of the loss, or a loss; default `nn.MSELoss`.
        optimizer, lr, epochs, batch_size, device, random_state, nested: as in `NetClassifier`.

    Attributes:
        module_, criterion_, optimizer_: what was made and trained.
        losses_: mean loss of each epoch.

    Source: the conventions of scikit-learn; names as in skorch.

    Example:
        >>> import numpy as np
        >>> import autograd_core as ag
        >>> X = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
        >>> net = NetRegressor(
        ...     ag.nn.Linear, module__in_features=1, module__out_features=1, lr=0.1, epochs=200,
        ...     random_state=0,
        ... )
        >>> net.fit(X, 3 * X[:, 0] - 1).predict([[0.5]]).round(2).tolist()
        [0.5]
    """

    _default_criterion = nn.MSELoss

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Train anew on samples ``X`` (N, ...) and numbers ``y``, (N,) or (N, k), by weights (N,)
        if there are any; returns itself."""
        return self._fit(X, y, sample_weight, True, self.epochs)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Go through some samples once more, from where training stands; returns itself."""
        return self._fit(X, y, sample_weight, not hasattr(self, "module_"), 1)

    def _fit(self, X: Any, y: Any, sample_weight: Any, anew: bool, epochs: int) -> Any:
        X, y = validate_data(
            self, X, y, allow_nd=True, multi_output=True, y_numeric=True, reset=anew
        )
        self._flat = y.ndim == 1
        x, target = self._tensor(X), self._tensor(y.astype(np.float64))
        return self._train(x, target, sample_weight, anew, epochs)

    def predict(self, X: Any) -> Any:
        """The output for every sample, in the shape of the targets."""
        return self._predict(X).cpu().numpy()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _output(self, x: ag.Tensor) -> ag.Tensor:
        output = super()._output(x)
        flatten = self._flat and output.ndim == 2 and output.shape[1] == 1
        return output[:, 0] if flatten else output


def _is_nested(name: str) -> bool:
    part, stroke, rest = name.partition("__")
    return bool(stroke and rest) and part in NESTED
