"""Reduction and scan methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_core.inplace import inplace
from autograd_core.later import later
from autograd_core.ops import reduction

if TYPE_CHECKING:
    from autograd_core.ops import (
        counting,
        covariance,
        differences,
        extremes,
        histograms,
        medians,
        norms,
        order_statistics,
        quantiles,
        scan,
        scan_extremes,
        sorting,
        variance,
    )
    from autograd_core.ops import renorm as renorms
else:
    counting = later("counting")
    covariance = later("covariance")
    differences = later("differences")
    extremes = later("extremes")
    histograms = later("histograms")
    medians = later("medians")
    norms = later("norms")
    order_statistics = later("order_statistics")
    quantiles = later("quantiles")
    renorms = later("renorm")
    scan = later("scan")
    scan_extremes = later("scan_extremes")
    sorting = later("sorting")
    variance = later("variance")


class ReductionMethods:
    """Sums, means, extremes: one line each."""

    __slots__ = ()

    sum = reduction.sum
    mean = reduction.mean
    prod = scan.prod
    nansum = counting.nansum
    nanmean = counting.nanmean
    var = variance.var
    std = variance.std
    norm = norms.norm
    logsumexp = norms.logsumexp

    amax = extremes.amax
    amin = extremes.amin
    max = extremes.max
    min = extremes.min
    argmax = extremes.argmax
    argmin = extremes.argmin
    aminmax = extremes.aminmax

    median = medians.median
    nanmedian = medians.nanmedian
    kthvalue = order_statistics.kthvalue
    mode = order_statistics.mode
    quantile = quantiles.quantile
    nanquantile = quantiles.nanquantile

    all = counting.all
    any = counting.any
    count_nonzero = counting.count_nonzero

    cumsum = scan.cumsum
    cumsum_ = inplace(scan.cumsum)
    cumprod = scan.cumprod
    cumprod_ = inplace(scan.cumprod)
    logcumsumexp = scan.logcumsumexp
    cummax = scan_extremes.cummax
    cummin = scan_extremes.cummin
    diff = differences.diff

    cov = covariance.cov
    corrcoef = covariance.corrcoef
    dist = norms.dist
    renorm = renorms.renorm
    renorm_ = inplace(renorms.renorm, composed=True)
    msort = sorting.msort
    histc = histograms.histc
    histogram = histograms.histogram
