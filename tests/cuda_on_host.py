"""Runs the CUDA source of kernels on the host: a C++ compiler instead of CuPy's and a GPU.

Both of CuPy's kinds of kernel are here under CuPy's signatures: ``ElementwiseKernel``, whose body
runs in a loop over ``i``, and ``RawModule``, whose blocks run one after the other, each on several
threads of the host, so that ``__syncthreads()`` means something.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strict_device import StrictArray

C_TYPES = {
    "bool": "bool", "uint8": "unsigned char", "int32": "int", "uint16": "unsigned short",
    "uint32": "unsigned int", "int64": "long long", "uint64": "unsigned long long",
    "float32": "float", "float64": "double",
}  # fmt: skip

SHIM = """
#include <cmath>
using std::erf; using std::erfc; using std::exp; using std::log; using std::sqrt;
template <typename T> T atomicCAS(T* at, T expected, T value) {
    T before = *at;
    if (before == expected) *at = value;
    return before;
}
"""

BLOCKS = """
#include <barrier>
#include <thread>
#include <vector>
#define __global__
#define __device__ static
#define __shared__ static
struct Index { unsigned int x; };
static thread_local Index threadIdx;
static Index blockIdx, blockDim, gridDim;
static std::barrier<>* at_barrier;
static void __syncthreads() { at_barrier->arrive_and_wait(); }
"""

LAUNCH = """
extern "C" void launch(int grid, int block, void** a) {
    gridDim.x = grid; blockDim.x = block;
    std::barrier<> sync(block);
    at_barrier = &sync;
    std::vector<std::thread> threads;
    for (int t = 0; t < block; ++t)
        threads.emplace_back([=] {
            threadIdx.x = t;
            for (int b = 0; b < grid; ++b) {
                if (t == 0) blockIdx.x = b;
                __syncthreads();
                %s;
                __syncthreads();
            }
        });
    for (std::thread& one : threads) one.join();
}
"""

# Enough for every kind of mistake between threads; more only take their time.
MOST_THREADS = 4


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="cuda_on_host_"))


@cache
def _compiled(source: str) -> ctypes.CDLL:
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("needs a C++ compiler")
    stem = _folder() / f"{len(list(_folder().iterdir()))}"
    stem.with_suffix(".cpp").write_text(source)
    command = [compiler, "-std=c++20", "-O1", "-ffp-contract=off", "-shared", "-fPIC", "-pthread"]
    library = stem.with_suffix(".so")
    subprocess.run([*command, "-o", library, stem.with_suffix(".cpp")], check=True)
    return ctypes.CDLL(str(library))


def _pointers(arrays: list[np.ndarray]) -> Any:
    return (ctypes.c_void_p * len(arrays))(*[array.ctypes.data for array in arrays])


class Parameter:
    """One of an ElementwiseKernel's: ``"raw uint32 words"``."""

    def __init__(self, text: str) -> None:
        *raw, self.type, self.name = text.split()
        self.raw = raw == ["raw"]

    def dtype(self, known: dict[str, np.dtype]) -> np.dtype:
        return known[self.type] if len(self.type) == 1 else np.dtype(self.type)


def parameters(text: str) -> list[Parameter]:
    return [Parameter(one) for one in text.split(",") if one.strip()]


class ElementwiseKernel:
    """``cupy.ElementwiseKernel``, with arrays of the strict device."""

    made: list[ElementwiseKernel] = []  # noqa: RUF012  (all there are, for tests over them)

    def __init__(self, in_params: str, out_params: str, operation: str, name: str) -> None:
        self.inputs, self.outputs = parameters(in_params), parameters(out_params)
        self.operation, self.name = operation, name
        self.made.append(self)

    def source(self, known: dict[str, np.dtype], head: str) -> str:
        """The kernel as one function of the number of elements and of pointers."""
        lines = []
        for k, one in enumerate((*self.inputs, *self.outputs)):
            kind = C_TYPES[one.dtype(known).name]
            at = f"(({kind}*)a[{k}])"
            if one.raw:
                lines.append(f"{kind}* {one.name} = {at};")
            else:
                const = "const " if one in self.inputs else ""
                lines.append(f"{const}{kind}& {one.name} = {at}[i];")
        types = "".join(f"typedef {C_TYPES[known[t].name]} {t}; " for t in known)
        body = "\n".join((*lines, self.operation, ";"))
        loop = f"for (long long i = 0; i < n; ++i) {{\n{body}\n}}"
        return f"{head} void run(long long n, void** a) {{ {types}\n{loop} }}\n"

    def __call__(self, *args: Any, size: int | None = None) -> Any:
        both = (*self.inputs, *self.outputs)
        known: dict[str, np.dtype] = {}
        for one, value in zip(both, args):
            if not isinstance(value, StrictArray):
                assert isinstance(value, (bool, int, float, np.generic)), type(value)
            elif len(one.type) == 1:
                assert known.setdefault(one.type, value.dtype) == value.dtype, self.name
            else:
                assert value.dtype == one.type, f"{self.name}: {one.name} is {value.dtype}"
        hosts = [value._host if isinstance(value, StrictArray) else value for value in args]
        shapes = [np.shape(host) for one, host in zip(both, hosts) if not one.raw]
        shape = np.broadcast_shapes(*shapes) if size is None else (size,)
        results = hosts[len(self.inputs) :]
        for one in self.outputs[len(results) :]:
            results.append(np.empty(shape, one.dtype(known)))
        passed, back = [], []
        for one, host in zip(both, (*hosts[: len(self.inputs)], *results)):
            laid = np.asarray(host, one.dtype(known))
            if not one.raw:
                assert one in self.inputs or laid.shape == shape, f"{self.name}: {one.name}"
                laid = np.broadcast_to(laid, shape)
            laid = np.array(laid, order="C")
            passed.append(laid)
            if one in self.outputs:
                back.append(laid)
        library = _compiled(SHIM + self.source(known, 'extern "C"'))
        library.run(ctypes.c_longlong(int(np.prod(shape))), _pointers(passed))
        for result, laid in zip(results, back):
            result[...] = laid
        made = tuple(
            value if isinstance(value, StrictArray) else StrictArray(result)
            for value, result in zip(
                (*args[len(self.inputs) :], *[None] * len(results)), results, strict=False
            )
        )
        return made[0] if len(made) == 1 else made


class RawModule:
    """``cupy.RawModule``, with arrays of the strict device."""

    made: list[RawModule] = []  # noqa: RUF012

    def __init__(self, *, code: str) -> None:
        self.code = code
        self.made.append(self)

    def get_function(self, name: str) -> Any:
        signature = re.search(rf"__global__ void {name}\(([^)]*)\)", self.code)
        assert signature is not None, name
        kinds = [one.rpartition(" ")[0].strip() for one in signature[1].split(",")]
        types = {new: old for old, new in re.findall(r"typedef (\w+) (\w+);", self.code)}
        call = f"{name}({', '.join(f'*({kind}*)a[{k}]' for k, kind in enumerate(kinds))})"
        source = SHIM + BLOCKS + self.code + LAUNCH % call

        def launch(grid: tuple[int], block: tuple[int], args: tuple[Any, ...]) -> None:
            assert len(args) == len(kinds) and grid[0] > 0 and 0 < block[0] <= 1024
            held = []
            for kind, value in zip(kinds, args):
                if kind.endswith("*"):
                    assert value.flags.c_contiguous
                    wanted = kind.removeprefix("const ")[:-1]
                    assert C_TYPES[value.dtype.name] == types.get(wanted, wanted)
                    held.append(np.array(value._host.ctypes.data, np.uint64))
                else:  # NumPy's numbers go over as they are, so their type must be right
                    assert C_TYPES[value.dtype.name] == kind, f"{name}: {value.dtype} for {kind}"
                    held.append(np.array(value))
            _compiled(source).launch(*grid, min(*block, MOST_THREADS), _pointers(held))

        return launch
