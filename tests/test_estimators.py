"""Models as scikit-learn estimators."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

import autograd_core as ag
import autograd_core.nn as nn

sklearn = pytest.importorskip("sklearn")

from sklearn.base import clone, is_classifier, is_regressor  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from autograd_core.estimators import NetClassifier, NetRegressor  # noqa: E402


class MLP(nn.Module):
    """Takes any number of features."""

    def __init__(self, hidden: int = 32, outputs: int = 10, dropout: float = 0.0) -> None:
        super().__init__()
        self.first, self.dropout = nn.LazyLinear(hidden), nn.Dropout(dropout)
        self.last = nn.Linear(hidden, outputs)

    def forward(self, x):
        return self.last(self.dropout(self.first(x.to(self.last.weight.dtype)).relu()))


def digits(count=600):
    images, labels = ag.datasets.load_digits()
    return images.cpu().numpy()[:count].reshape(count, -1), labels.cpu().numpy()[:count]


def classifier(**params):
    return NetClassifier(MLP, **{"lr": 0.01, "epochs": 8, "random_state": 0, **params})


def regressor(**params):
    chosen = {"module__outputs": 1, "lr": 0.01, "epochs": 100, "random_state": 0, **params}
    return NetRegressor(MLP, **chosen)


def test_cross_validation_on_the_digits() -> None:
    scores = cross_val_score(classifier(epochs=20), *digits(900), cv=3)
    assert scores.shape == (3,) and scores.min() > 0.8


def test_grid_search_and_pipeline() -> None:
    grid = {"module__hidden": [2, 32], "optimizer__weight_decay": [0.0, 1e-3]}
    search = GridSearchCV(classifier(epochs=5), grid, cv=2).fit(*digits(400))
    assert search.best_params_["module__hidden"] == 32
    assert search.best_estimator_.module_.last.in_features == 32
    assert not [score for score in search.cv_results_["mean_test_score"] if np.isnan(score)]
    line = make_pipeline(StandardScaler(), classifier())
    line.set_params(netclassifier__module__hidden=16).fit(*digits(300))
    assert line[-1].module_.last.in_features == 16 and line.score(*digits(300)) > 0.9


def test_convolution_takes_images() -> None:
    images, labels = ag.datasets.load_digits()
    images, labels = images.cpu().numpy()[:300], labels.cpu().numpy()[:300]
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 10)
    )
    net = NetClassifier(model, lr=0.01, epochs=15, random_state=0).fit(images, labels)
    assert net.score(images, labels) > 0.9
    assert net.module_ is not model


def test_labels_of_any_type_and_probabilities() -> None:
    x, y = digits(200)
    keep = y < 3
    names = np.array(["zero", "one", "two"])[y[keep]]
    net = classifier(module__outputs=3, epochs=30).fit(x[keep], names)
    assert net.classes_.tolist() == ["one", "two", "zero"]
    assert net.score(x[keep], names) == 1.0
    p = net.predict_proba(x[keep])
    assert p.shape == (keep.sum(), 3) and p.dtype == np.float32
    np.testing.assert_allclose(p.sum(1), 1, rtol=1e-5)
    assert (net.classes_[p.argmax(1)] == net.predict(x[keep])).all()
    logs = NetClassifier(
        lambda: nn.Sequential(MLP(8, 3), nn.LogSoftmax(-1)), criterion=nn.NLLLoss, random_state=0
    ).fit(x[keep], names)
    np.testing.assert_allclose(logs.predict_proba(x[keep]).sum(1), 1, rtol=1e-5)


def test_regression() -> None:
    x = np.linspace(-2, 2, 200)[:, None]
    y = np.sin(x[:, 0])
    net = regressor().fit(x, y)
    assert net.score(x, y) > 0.98 and net.predict(x).shape == (200,)
    assert net.losses_[-1] < net.losses_[0] and len(net.losses_) == 100
    both = regressor(module__outputs=2, criterion=nn.HuberLoss, criterion__delta=2.0)
    both.fit(x, np.stack([y, y**2], 1))
    assert both.predict(x).shape == (200, 2) and both.criterion_.delta == 2.0
    assert cross_val_score(regressor(), x[::-1][::2], y[::-1][::2]).shape == (5,)


def test_parameters() -> None:
    net = classifier(module__hidden=7)
    assert net.get_params()["module__hidden"] == 7 and net.get_params()["lr"] == 0.01
    assert net.set_params(module__hidden=9, lr=0.1, optimizer__eps=1e-6) is net
    assert (net.module__hidden, net.lr, net.optimizer__eps) == (9, 0.1, 1e-6)
    twin = clone(net)
    assert twin is not net and twin.get_params() == net.get_params()
    assert "module__hidden=9" in repr(net)
    assert is_classifier(net) and is_regressor(regressor())
    with pytest.raises(ValueError, match="unknown parameter 'hidden'"):
        net.set_params(hidden=3)
    with pytest.raises(TypeError, match=r"unknown parameters \['hidden'\]; .*module__"):
        classifier(hidden=3)
    with pytest.raises(ValueError, match="epochs must be a whole number"):
        classifier(epochs=0).fit(*digits(20))
    with pytest.raises(ValueError, match="Mend: give its class"):
        NetClassifier(MLP(), module__hidden=3).fit(*digits(20))
    with pytest.raises(ValueError, match="samples of 10 classes the module's output has shape"):
        classifier(module__outputs=12).fit(*digits(50))
    with pytest.raises(NotFittedError):
        classifier().predict(digits(5)[0])


def test_random_state_decides_everything() -> None:
    x, y = digits(100)
    before = ag.get_rng_state()
    first, second, other = (
        classifier(module__dropout=0.5, random_state=n, epochs=2).fit(x, y).predict_proba(x)
        for n in (1, 1, 2)
    )
    assert (first == second).all() and not (first == other).all()
    assert (ag.get_rng_state() == before).all()
    ag.manual_seed(3)
    first = classifier(random_state=None, epochs=1).fit(x, y).predict_proba(x)
    ag.manual_seed(3)
    assert (classifier(random_state=None, epochs=1).fit(x, y).predict_proba(x) == first).all()


def test_fit_again_starts_anew_and_pickles() -> None:
    x, y = digits(100)
    net = classifier(epochs=2)
    first = net.fit(x, y).predict_proba(x)
    assert (net.fit(x, y).predict_proba(x) == first).all()
    assert (pickle.loads(pickle.dumps(net)).predict_proba(x) == first).all()


def test_weights_of_samples() -> None:
    """One batch, one step: weights of 2 are samples twice, weights of 0 none at all."""
    x, y = digits(60)
    once = np.tile([1.0, 2.0, 0.0], 20)
    many = np.repeat(np.arange(60), once.astype(int))
    start = MLP()
    start(ag.zeros(1, 64))  # (the same weights for both)
    for make, target in ((NetClassifier, y), (NetRegressor, y / 10)):
        options = {"epochs": 3, "batch_size": 100, "lr": 0.1, "optimizer": ag.optim.SGD}
        if make is NetRegressor:
            options["module"] = nn.Sequential(start, nn.Linear(10, 1))
        else:
            options["module"] = start
        weighted = make(**options).fit(x, target, sample_weight=once)
        repeated = make(**options).fit(x[many], target[many])
        one, other = (n.module_.state_dict() for n in (weighted, repeated))
        for name, value in one.items():
            np.testing.assert_allclose(value.cpu(), other[name].cpu(), rtol=1e-4, atol=1e-5)
        assert weighted.criterion_.reduction == "mean"
    with pytest.raises(ValueError, match="sample_weight"):
        classifier().fit(x, y, sample_weight=once[:5])
    with pytest.raises(ValueError, match="[Nn]egative"):
        classifier().fit(x, y, sample_weight=-once)

    class Own(nn.Module):
        def forward(self, output, target):
            return output.logsumexp(1).mean()

    with pytest.raises(ValueError, match="needs a criterion with a reduction, which Own has not"):
        classifier(criterion=Own).fit(x, y, sample_weight=once)


def test_training_goes_on() -> None:
    x, y = digits(200)
    whole = classifier(epochs=3, module__dropout=0.2).fit(x, y)
    parts = classifier(module__dropout=0.2)
    parts.partial_fit(x, y, classes=range(10)).partial_fit(x, y)
    parts = pickle.loads(pickle.dumps(parts)).partial_fit(x, y)
    assert parts.losses_ == whole.losses_
    assert (parts.predict_proba(x) == whole.predict_proba(x)).all()
    parts.partial_fit(x[:5], y[:5])
    assert len(parts.losses_) == 4
    with pytest.raises(ValueError, match="the first call of partial_fit needs classes"):
        classifier().partial_fit(x, y)
    with pytest.raises(ValueError, match=r"labels \[11\] are not among the classes"):
        parts.partial_fit(x, np.where(y == 3, 11, y))
    with pytest.raises(ValueError, match="expecting 64 features"):
        parts.partial_fit(x[:, :3], y)
    numbers = y / 10.0
    whole = regressor(epochs=2).fit(x, numbers)
    parts = regressor().partial_fit(x, numbers).partial_fit(x, numbers)
    assert (parts.predict(x) == whole.predict(x)).all()


def test_wrong_data() -> None:
    x, y = digits(40)
    net = classifier(epochs=1).fit(x, y)
    assert net.n_features_in_ == 64
    for wrong, message in (
        (x[:, :5], "X has 5 features, but NetClassifier is expecting 64"),
        (np.where(x > 0.5, np.nan, x), "contains NaN"), (x[0], "Expected 2D array"),
        (x[:0], "0 sample"), (np.full((2, 64), "a"), "bytes/strings"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            net.predict(wrong)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        net.fit(x, y[:-1])
    with pytest.raises(ValueError, match="Unknown label type"):
        net.fit(x, y + 0.5)


@pytest.mark.slow
def test_workers_in_other_processes(tmp_path) -> None:
    joblib = pytest.importorskip("joblib")
    grid = {"lr": [0.01, 0.02]}
    search = GridSearchCV(classifier(epochs=2), grid, cv=2, n_jobs=2).fit(*digits(200))
    alone = GridSearchCV(classifier(epochs=2), grid, cv=2).fit(*digits(200))
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )
    joblib.dump(search.best_estimator_, tmp_path / "net.joblib")
    again = joblib.load(tmp_path / "net.joblib")
    x = digits(20)[0]
    assert (again.predict_proba(x) == search.best_estimator_.predict_proba(x)).all()


def test_a_missing_package_is_named() -> None:
    code = (
        "import sys; sys.modules['sklearn'] = None; import autograd_core; autograd_core.estimators"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "needs the package scikit-learn 1.6 or later: pip install" in answer.stderr


class AsManyOutputs(NetClassifier):
    """Makes its module for the classes that there are, which differ from check to check."""

    def _of(self, part):
        more = {"outputs": len(self.classes_)} if part == "module" else {}
        return {**super()._of(part), **more}


def one_output():
    return MLP(outputs=1)


ESTIMATORS = [
    AsManyOutputs(MLP, lr=0.01, epochs=60, random_state=0),
    NetRegressor(one_output, lr=0.01, epochs=200, random_state=0),
]
ORDER = "minibatches are drawn in another order for another number of samples"
EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": ORDER,
    "check_do_not_raise_errors_in_init_or_set_params": "it takes **nested for a parameter",
    "check_regressor_multioutput": "the module of this test has one output",
}


@pytest.mark.slow
@parametrize_with_checks(ESTIMATORS, expected_failed_checks=lambda _: EXPECTED)
def test_conventions_of_scikit_learn(estimator, check) -> None:
    check(estimator)
