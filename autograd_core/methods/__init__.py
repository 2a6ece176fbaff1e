"""Tensor's operator methods, one class per family: each line gives an operator its method name."""
