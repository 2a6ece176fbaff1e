"""CUDA source of the kernels that the backend itself needs; plain text, so that it is testable.

Each is the body of a loop over ``i`` as CuPy's ``ElementwiseKernel`` takes it.
"""

from __future__ import annotations

# Thread i makes the four words of counter `start + i` (Salmon et al. 2011, Philox4x32-10);
# the same integers as philox.words computes with array operations.
PHILOX = """
unsigned long long counter = start + i;
unsigned int c0 = (unsigned int)counter, c1 = (unsigned int)(counter >> 32), c2 = 0u, c3 = 0u;
unsigned int k0 = (unsigned int)key, k1 = (unsigned int)(key >> 32);
for (int step = 0; step < 10; ++step) {
    unsigned long long p0 = 0xD2511F53ull * c0, p1 = 0xCD9E8D57ull * c2;
    c0 = (unsigned int)(p1 >> 32) ^ c1 ^ k0;
    c1 = (unsigned int)p1;
    c2 = (unsigned int)(p0 >> 32) ^ c3 ^ k1;
    c3 = (unsigned int)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
}
words[4 * i] = c0; words[4 * i + 1] = c1; words[4 * i + 2] = c2; words[4 * i + 3] = c3;
"""

NOTE_OUT_OF_RANGE = """
long long value = (long long)index;
if (value < low || value >= high) atomicCAS(&marks[0], 0, mark);
"""
