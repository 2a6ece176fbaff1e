"""The backend of CUDA GPUs: CuPy, imported when a GPU is first asked for, and not before."""

from __future__ import annotations

from typing import Any

from autograd_core.backends.base import Backend

INSTALL = 'pip install "cupy-cuda13x[ctk]", or for an older driver pip install "cupy-cuda12x[ctk]"'


def load() -> Backend:
    """The CuPy backend.

    Raises:
        RuntimeError: CuPy is not installed, does not import, or finds no GPU; the message says
            which and what mends it.
    """
    try:
        import cupy

        if cupy.is_available():
            from autograd_core.backends.cupy.backend import CupyBackend

            return CupyBackend()
    except Exception as error:  # a broken CuPy can fail in any way
        if isinstance(error, ModuleNotFoundError) and error.name == "cupy":
            raise RuntimeError(
                "CUDA was asked for, but CuPy, the array library for CUDA GPUs, is not installed; "
                f"install it with {INSTALL}"
            ) from None
        raise _broken(error) from error
    raise RuntimeError(_why_no_gpu(cupy))


def _broken(error: Exception) -> RuntimeError:
    return RuntimeError(
        "CUDA was asked for, and CuPy is installed, but it does not work "
        f"({type(error).__name__}: {error}); uninstall it (pip list shows all installed packages "
        f"named cupy...), then install one of them again: {INSTALL}"
    )


def _why_no_gpu(cupy: Any) -> str:
    problem = f"CUDA was asked for, and CuPy {cupy.__version__} is installed, but "
    stay = 'or stay on the CPU with device="cpu"'
    try:
        driver = cupy.cuda.runtime.driverGetVersion()
        runtime = cupy.cuda.runtime.runtimeGetVersion()
    except Exception as error:  # whatever is wrong, the message must come out
        return (
            f"{problem}asking for the driver fails ({error}); reinstall the NVIDIA driver, {stay}"
        )
    if driver == 0:
        return f"{problem}there is no NVIDIA driver; install one (nvidia-smi shows it), {stay}"
    if driver // 1000 < runtime // 1000:
        return (
            f"{problem}the NVIDIA driver is made for CUDA {driver // 1000} and this CuPy for CUDA "
            f'{runtime // 1000}; pip install "cupy-cuda{driver // 1000}x[ctk]" in its place, {stay}'
        )
    return (
        f"{problem}no GPU is visible; look at nvidia-smi and at the environment variable "
        f"CUDA_VISIBLE_DEVICES, {stay}"
    )
