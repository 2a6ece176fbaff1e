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

# --- optimizer steps: one pass over a parameter and its state ------------------------------------

SGD = """
T g = grad;
if (weight_decay != 0) g = g + param * weight_decay;
param = param - g * lr;
"""

SGD_MOMENTUM = """
T g = grad;
if (weight_decay != 0) g = g + param * weight_decay;
buffer = first ? g : buffer * momentum + g * undampened;
param = param - (nesterov ? g + buffer * momentum : buffer) * lr;
"""

ADAM = """
T g = grad;
if (decoupled) param = param * shrink;
else if (weight_decay != 0) g = g + param * weight_decay;
mean = mean + (g - mean) * rate1;
square = square * beta2 + g * g * rate2;
"""
ADAM_END = "param = param - mean / (sqrt(square) + eps) * step_size;"
# max() would drop a NaN.
AMSGRAD_END = """
largest = square > largest || square != square ? square : largest;
param = param - mean / (sqrt(largest) + eps) * step_size;
"""

# --- rows ----------------------------------------------------------------------------------------

# One block for each row of an array (outer, columns, inner) along the middle: its threads walk
# along the row together, and what each has found is gathered in halves. THREADS is the most there
# are in a block, a power of two, and T the type of the elements.
ROWS = """
typedef %(type)s T;

__device__ T greater(T a, T b) { return b > a || b != b ? b : a; }  // NaN stays, unlike in max()

__device__ T most_of_all(T mine, T* shared) {
    shared[threadIdx.x] = mine;
    __syncthreads();
    for (int step = blockDim.x / 2; step > 0; step /= 2) {
        if (threadIdx.x < step)
            shared[threadIdx.x] = greater(shared[threadIdx.x], shared[threadIdx.x + step]);
        __syncthreads();
    }
    T result = shared[0];
    __syncthreads();
    return result;
}

__device__ T sum_of_all(T mine, T* shared) {
    shared[threadIdx.x] = mine;
    __syncthreads();
    for (int step = blockDim.x / 2; step > 0; step /= 2) {
        if (threadIdx.x < step) shared[threadIdx.x] += shared[threadIdx.x + step];
        __syncthreads();
    }
    T result = shared[0];
    __syncthreads();
    return result;
}

__device__ T most_in_row(const T* row, long long columns, long long inner, T* shared) {
    T most = row[0];
    for (long long c = threadIdx.x; c < columns; c += blockDim.x)
        most = greater(most, row[c * inner]);
    return most_of_all(most, shared);
}

__device__ T exponentials(const T* row, long long columns, long long inner, T most, T* shared) {
    T sum = 0;
    for (long long c = threadIdx.x; c < columns; c += blockDim.x)
        sum += exp(row[c * inner] - most);
    return sum_of_all(sum, shared);
}

extern "C" __global__ void softmax_rows(
    const T* x, T* y, long long columns, long long inner, int logarithm
) {
    __shared__ T shared[%(threads)s];
    long long start = blockIdx.x / inner * columns * inner + blockIdx.x %% inner;
    T most = most_in_row(x + start, columns, inner, shared);
    T sum = exponentials(x + start, columns, inner, most, shared);
    T log_sum = log(sum);
    for (long long c = threadIdx.x; c < columns; c += blockDim.x) {
        T above = x[start + c * inner] - most;
        y[start + c * inner] = logarithm ? above - log_sum : exp(above) / sum;
    }
}

extern "C" __global__ void cross_entropy_rows(
    const T* x, const long long* target, const T* each, T* loss, T* log_sum, T* shift,
    long long columns, long long inner
) {
    __shared__ T shared[%(threads)s];
    long long start = blockIdx.x / inner * columns * inner + blockIdx.x %% inner;
    T most = most_in_row(x + start, columns, inner, shared);
    T sum = exponentials(x + start, columns, inner, most, shared);
    if (threadIdx.x == 0) {
        T logarithm = log(sum), weight = each[blockIdx.x];
        long long c = target[blockIdx.x] %% columns;  // what is out of range was noted before
        T at_target = x[start + (c < 0 ? c + columns : c) * inner] - most;
        loss[blockIdx.x] = weight != 0 ? (logarithm - at_target) * weight : 0;
        log_sum[blockIdx.x] = logarithm;
        shift[blockIdx.x] = most;
    }
}
"""

CROSS_ENTROPY_GRADIENT = """
gradient = (exp(x - shift - log_sum) - (column == target)) * entry;
"""
