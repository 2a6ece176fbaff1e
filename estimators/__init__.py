"""Models as scikit-learn estimators, for its cross-validation, grid search and pipelines."""

from __future__ import annotations

from autograd_core.estimators.net import NetClassifier, NetRegressor
from autograd_core.source import register_package

register_package(__file__)

__all__ = ["NetClassifier", "NetRegressor"]
