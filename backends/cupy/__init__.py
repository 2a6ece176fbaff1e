"""The backend of CUDA GPUs: CuPy. Importing this package imports CuPy."""

from __future__ import annotations
