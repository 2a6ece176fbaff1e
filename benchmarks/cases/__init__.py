"""The benchmark cases, one file per family. Every file here is loaded by name."""
