"""Benchmarks: what autograd_core costs, beside bare NumPy and PyTorch, on the CPU and the GPU.

``python -m benchmarks --help`` says how to run them, ``benchmarks/README.md`` how to read them.
"""
