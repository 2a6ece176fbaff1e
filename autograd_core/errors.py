"""The package's exceptions. Each is also the built-in error that PyTorch raises in its place."""

from __future__ import annotations

from pickle import UnpicklingError

from autograd_core.backends.base import IndexingError as IndexingError


class GraphError(RuntimeError):
    """The graph cannot be differentiated as asked: freed, changed, overwritten, detached."""


class ArgumentError(RuntimeError, ValueError):
    """A value that an argument cannot have."""


class ShapeError(ArgumentError):
    """Shapes that do not fit an operator."""


class DtypeError(NotImplementedError, TypeError):
    """A dtype that an operator does not take (PyTorch raises RuntimeError, NotImplementedError,
    which is one, or TypeError)."""


class DivisionError(RuntimeError, ZeroDivisionError):
    """Integers divided by zero."""


class LinAlgError(RuntimeError):
    """A matrix that has no inverse, factor or solution, or an iteration that did not converge."""


class DeviceError(RuntimeError):
    """Operands on different devices, or a device that is not there."""


class AnomalyError(RuntimeError):
    """A NaN or an infinity, found in anomaly mode."""


class GradcheckError(RuntimeError):
    """Gradients that differ from finite differences."""


class CheckpointError(ValueError, RuntimeError, UnpicklingError):
    """A file that cannot be loaded: damaged, cut short, or of another kind. (PyTorch raises
    RuntimeError for archives, UnpicklingError for other files.)"""


class FolderError(RuntimeError, FileNotFoundError):
    """A folder that is not there, for a file to be written."""
