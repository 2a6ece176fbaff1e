"""The formats of files that ``autograd_core.serialization`` reads and writes, a module for each."""
