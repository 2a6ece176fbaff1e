"""The names of before PyTorch 0.4, without underscore: they warn, and do the same."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from autograd_core.nn.init.basic import constant_, normal_, uniform_
from autograd_core.nn.init.scaled import (
    kaiming_normal_,
    kaiming_uniform_,
    xavier_normal_,
    xavier_uniform_,
)
from autograd_core.nn.init.structured import dirac_, eye_, orthogonal_, sparse_


def _old_name(function: Callable[..., Any]) -> Callable[..., Any]:
    name = function.__name__

    @functools.wraps(function)
    def old(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(
            f"nn.init.{name[:-1]} is deprecated. Mend: nn.init.{name}", FutureWarning, stacklevel=2
        )
        return function(*args, **kwargs)

    old.__name__ = old.__qualname__ = name[:-1]
    old.__doc__ = (
        f"The old name of :func:`{name}`; warns. Source: PyTorch's ``torch.nn.init.{name[:-1]}``."
    )
    return old


constant = _old_name(constant_)
dirac = _old_name(dirac_)
eye = _old_name(eye_)
kaiming_normal = _old_name(kaiming_normal_)
kaiming_uniform = _old_name(kaiming_uniform_)
normal = _old_name(normal_)
orthogonal = _old_name(orthogonal_)
sparse = _old_name(sparse_)
uniform = _old_name(uniform_)
xavier_normal = _old_name(xavier_normal_)
xavier_uniform = _old_name(xavier_uniform_)
