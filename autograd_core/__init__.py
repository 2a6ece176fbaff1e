"""autograd_core: reverse-mode automatic differentiation on NumPy and CuPy, with PyTorch's API."""

from __future__ import annotations

import importlib
import warnings
from math import e, inf, nan, pi
from typing import TYPE_CHECKING, Any

from autograd_core import autograd, einops_hook, registry
from autograd_core.backends.determinism import (
    are_deterministic_algorithms_enabled,
    is_deterministic_algorithms_warn_only_enabled,
    use_deterministic_algorithms,
)
from autograd_core.backends.device import device
from autograd_core.backends.registry import default_device as get_default_device
from autograd_core.backends.registry import set_default_device
from autograd_core.creation import (
    arange,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from autograd_core.dtypes import (
    bfloat16,
    bool_,
    can_cast,
    cdouble,
    cfloat,
    complex64,
    complex128,
    double,
    dtype,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    int8,
    int16,
    int32,
    int64,
    is_complex,
    is_floating_point,
    is_signed,
    long,
    promote_types,
    result_type,
    set_default_dtype,
    short,
    uint8,
    uint16,
    uint32,
    uint64,
)
from autograd_core.from_data import as_tensor, asarray, from_numpy, frombuffer, tensor
from autograd_core.grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from autograd_core.layouts import (
    channels_last,
    channels_last_3d,
    contiguous_format,
    layout,
    memory_format,
    preserve_format,
    strided,
)
from autograd_core.legacy import tensor_types
from autograd_core.size import Size
from autograd_core.tensor import Tensor

if TYPE_CHECKING:  # what __getattr__ finds
    from autograd_core.creation_more import (
        broadcast_shapes,
        empty_strided,
        logspace,
        range,
        scalar_tensor,
        tril_indices,
        triu_indices,
    )
    from autograd_core.dlpack import from_dlpack
    from autograd_core.formatting import get_printoptions, set_printoptions
    from autograd_core.limits import finfo, iinfo
    from autograd_core.queries import (
        _assert,
        detach,
        detach_copy,
        get_device,
        is_conj,
        is_inference,
        is_neg,
        is_nonzero,
        is_same_size,
        is_storage,
        numel,
        typename,
    )
    from autograd_core.random import (
        Generator,
        bernoulli,
        binomial,
        default_generator,
        fork_rng,
        get_rng_state,
        initial_seed,
        manual_seed,
        multinomial,
        normal,
        poisson,
        rand,
        rand_like,
        randint,
        randint_like,
        randn,
        randn_like,
        randperm,
        seed,
        set_rng_state,
    )
    from autograd_core.serialization import load, save
    from autograd_core.signal.windows import (
        bartlett_window,
        blackman_window,
        hamming_window,
        hann_window,
        kaiser_window,
    )

__version__ = "0.1.0"

# NumPy warns of overflow or division by zero where PyTorch is silent; anomaly mode is for finding
# those.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"autograd_core(\.|$)")

# Loaded when first asked for, so that `import autograd_core` stays light.
_LAZY = frozenset(
    {
        "nn",
        "optim",
        "utils",
        "datasets",
        "distributions",
        "accelerator",
        "cuda",
        "backends",
        "testing",
        "linalg",
        "masked",
        "signal",
        "special",
        "fft",
        "onnx",
        "estimators",
        "serialization",
    }
)


_LAZY_FUNCTIONS = {
    name: module
    for module, names in {
        "autograd.anomaly_mode": "is_anomaly_enabled",
        "creation_more": "broadcast_shapes empty_strided logspace range scalar_tensor tril_indices "
        "triu_indices",
        "differential": "odeint odeint_adjoint",
        "dlpack": "from_dlpack",
        "formatting": "get_printoptions set_printoptions",
        "limits": "finfo iinfo",
        "nn.functional": "bilinear celu celu_ conv_tbc max_pool1d_with_indices rrelu_ selu selu_ "
        "threshold_",
        "queries": "_assert detach detach_copy get_device is_conj is_inference is_neg is_nonzero "
        "is_same_size is_storage numel typename",
        "random": "Generator bernoulli binomial default_generator fork_rng get_rng_state "
        "initial_seed manual_seed multinomial normal poisson rand rand_like randint randint_like "
        "randn randn_like randperm seed set_rng_state",
        "ops.transpose": "swapaxes",
        "serialization": "load save",
        "settings": "get_deterministic_debug_mode set_deterministic_debug_mode "
        "get_float32_matmul_precision set_default_tensor_type set_float32_matmul_precision "
        "set_flush_denormal",
        "signal.windows": "bartlett_window blackman_window hamming_window hann_window "
        "kaiser_window",
        "threads": "get_num_interop_threads get_num_threads set_num_interop_threads "
        "set_num_threads",
    }.items()
    for name in names.split()
}


detach_, fill_, zero_ = Tensor.detach_, Tensor.fill_, Tensor.zero_
newaxis = None
OutOfMemoryError = MemoryError  # NumPy's and CuPy's errors are such

# PyTorch's names for these dtypes, which the modules of the package leave to Python.
globals().update(bool=bool_, int=int32, float=float32)
globals().update(tensor_types("", "cpu"))


def _publish() -> None:
    """The operators imported so far under their names and aliases; those of submodules are left
    to them."""
    for entry in registry.REGISTRY.values():
        for name in (entry.name, *entry.aliases):
            if "." not in name and name not in _LAZY_FUNCTIONS:
                globals().setdefault(name, entry.function)
                if hasattr(Tensor, f"{name}_"):
                    globals().setdefault(f"{name}_", getattr(Tensor, f"{name}_"))


_publish()
einops_hook.register()


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return importlib.import_module(f"autograd_core.{name}")
    if name in _LAZY_FUNCTIONS:
        module = importlib.import_module(f"autograd_core.{_LAZY_FUNCTIONS[name]}")
        value = globals()[name] = getattr(module, name)
        return value
    if not name.startswith("_"):
        if not hasattr(Tensor, name):  # (which loads its family)
            registry.operators()
        _publish()
        if name in globals():
            return globals()[name]
    raise AttributeError(f"module 'autograd_core' has no attribute {name!r}")


def __dir__() -> list[str]:
    registry.operators()
    _publish()
    return sorted({*globals(), *_LAZY, *_LAZY_FUNCTIONS})


def is_tensor(obj: Any) -> bool:
    """Whether ``obj`` is a tensor. Source: PyTorch, ``torch.is_tensor``."""
    return isinstance(obj, Tensor)
