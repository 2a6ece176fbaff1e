# ruff: noqa: SIM905  (a table of names reads better as text)
"""What NumPy has and CuPy has not: read off CuPy 14.2 beside NumPy 2.4."""

from __future__ import annotations

# Names of the namespace, and of its submodules.
MISSING_NAMES = frozenset(
    """
    asmatrix block bmat busday_count datetime64 dtypes einsum_path emath errstate
    frompyfunc geomspace getbufsize geterr histogram_bin_edges insert longdouble ma matrix matvec
    memmap nanpercentile nanquantile ndenumerate nditer nested_iters object_ polyder polydiv polyint
    rec recarray setbufsize seterr spacing str_ strings timedelta64 unstack vecdot vecmat void
    linalg.diagonal linalg.matrix_norm linalg.multi_dot linalg.outer linalg.svdvals linalg.tensordot
    linalg.trace linalg.vecdot linalg.vector_norm
    """.split()
)

# Methods and attributes of arrays.
MISSING_METHODS = frozenset(
    """
    __array_interface__ __array_namespace__ __array_struct__ __array_wrap__ __contains__
    __imatmul__ __index__ __setstate__ ctypes getfield resize setfield setflags to_device
    """.split()
)

# Keyword arguments of functions.
_REDUCTION = frozenset({"initial", "where"})
_STATISTIC = frozenset({"where", "mean", "correction"})
_TRANSFORM = frozenset({"out"})
_CREATION = frozenset({"device", "like"})
MISSING_KEYWORDS: dict[str, frozenset[str]] = {
    **dict.fromkeys("amax amin max min nanmax nanmin nanprod nansum prod sum".split(), _REDUCTION),
    **dict.fromkeys("nanstd nanvar std var".split(), _STATISTIC),
    **dict.fromkeys("all any mean nanmean".split(), frozenset({"where"})),
    **dict.fromkeys(
        "arange array asanyarray asarray empty empty_like eye full full_like identity linspace "
        "ones ones_like zeros zeros_like fft.fftfreq fft.rfftfreq".split(),
        _CREATION,
    ),
    **{
        f"fft.{name}": _TRANSFORM
        for name in "fft fft2 fftn hfft ifft ifft2 ifftn ihfft irfft irfft2 irfftn rfft rfft2 "
        "rfftn".split()
    },
    "argpartition": frozenset({"kind", "order"}),
    "argsort": frozenset({"order", "stable"}),
    "clip": frozenset({"min", "max"}),
    "count_nonzero": frozenset({"keepdims"}),
    "indices": frozenset({"sparse"}),
    "isin": frozenset({"kind"}),
    "linalg.cholesky": frozenset({"upper"}),
    "linalg.matrix_rank": frozenset({"hermitian", "rtol"}),
    "linalg.pinv": frozenset({"hermitian", "rtol"}),
    "linalg.svd": frozenset({"hermitian"}),
    "partition": frozenset({"kind", "order"}),
    "percentile": frozenset({"weights"}),
    "quantile": frozenset({"weights"}),
    "sort": frozenset({"order", "stable"}),
    "take": frozenset({"mode"}),
    "unique": frozenset({"sorted"}),
}

# Functions whose result's shape depends on values: the host has to wait for the device.
SYNCHRONIZING = frozenset("argwhere flatnonzero nonzero trim_zeros unique unique_values".split())

# Functions that give a Python number in NumPy and an array without dimensions in CuPy.
ARRAY_RESULT = frozenset("allclose array_equal array_equiv count_nonzero".split())

# Functions without a version for bfloat16, which then compute in float32 and stay there.
WIDENING = frozenset("around clip round tril triu where".split())

# Functions that refuse bfloat16.
WITHOUT_BFLOAT16 = frozenset("argpartition argsort lexsort partition sort".split())
