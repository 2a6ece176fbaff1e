"""Distributions expand, can be copied, and can be subclassed."""

from __future__ import annotations

import copy
import math
import pickle
import warnings
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest
from distribution_table import CASES, made, numbers

import autograd_core as ag
from autograd_core import distributions as D
from autograd_core import generator as generators
from autograd_core.distributions import constraints

by_case = pytest.mark.parametrize("key", CASES)


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    with generators.fork_rng():
        ag.manual_seed(8)
        yield


@by_case
def test_expansion_and_copies(key: str) -> None:
    d, _ = made(ag, key)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = d.sample()
        want = numbers(d.log_prob(value))
        wide = d.expand((2, *d.batch_shape))
        assert type(wide) is type(d) and wide.batch_shape == (2, *d.batch_shape)
        assert wide.event_shape == d.event_shape
        assert wide.sample((3,)).shape == (3, 2, *d.batch_shape, *d.event_shape)
        got = numbers(wide.log_prob(value))
        assert np.allclose(got, np.broadcast_to(want, got.shape))
        assert got.shape == (2, *d.batch_shape)
        wider = wide.expand((4, *wide.batch_shape))
        assert wider.sample().shape == (4, 2, *d.batch_shape, *d.event_shape)
        for name in d._constraints():
            if name in d.__dict__ and name in wide.__dict__:
                assert wide.__dict__[name].shape[: len(wide.batch_shape)] == wide.batch_shape
        for other in (copy.copy(d), pickle.loads(pickle.dumps(made(ag, key, grad=False)[0]))):
            assert np.allclose(numbers(other.log_prob(value)), want)


def test_subclasses_expand() -> None:
    class Shifted(D.Normal):
        """With a constructor of its own, and nothing said about expansion."""

        def __init__(self, width: Any) -> None:
            self.width = width
            super().__init__(3.0, width)

    class Named(D.Normal):
        def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
            new = self._get_checked_instance(Named, _instance)
            new.name = "kept"
            return super().expand(batch_shape, _instance=new)

    wide = Shifted(ag.tensor([1.0, 2.0])).expand((4, 2))
    assert type(wide) is Shifted and wide.sample().shape == (4, 2)
    assert wide.width.tolist() == [1.0, 2.0]
    named = Named(0.0, 1.0).expand((2,))
    assert named.name == "kept" and named.loc.shape == (2,) and type(named) is Named


def test_a_distribution_of_ones_own() -> None:
    class Triangle(D.Distribution):
        arg_constraints: ClassVar[Any] = {"width": constraints.positive}
        has_rsample = True

        def __init__(self, width: Any, validate_args: bool | None = None) -> None:
            self.width = width
            super().__init__(width.shape, validate_args=validate_args)

        @constraints.dependent_property(is_discrete=False, event_dim=0)
        def support(self) -> Any:
            return constraints.interval(-self.width, self.width)

        def rsample(self, sample_shape: Any = ()) -> Any:
            shape = self._extended_shape(sample_shape)
            return self.width * (ag.rand(shape) - ag.rand(shape))

        def log_prob(self, value: Any) -> Any:
            if self._validate_args:
                self._validate_sample(value)
            return ((1 - value.abs() / self.width) / self.width).log()

    d = Triangle(ag.tensor([1.0, 2.0]))
    assert d.sample((3,)).shape == (3, 2) and d.expand((5, 2)).sample().shape == (5, 2)
    assert repr(d) == "Triangle(width: autograd_core.Size([2]))"
    with pytest.raises(ValueError, match="Triangle: value"):
        d.log_prob(ag.tensor(1.5))
    with pytest.raises(ValueError, match="Triangle: parameter width"):
        Triangle(ag.tensor(-1.0))
    own = D.Independent(d, 1).log_prob(ag.zeros(2))
    assert np.isclose(own.item(), -math.log(2.0))
