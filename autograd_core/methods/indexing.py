"""Indexing methods: reading and writing parts, sorting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_core.inplace import inplace
from autograd_core.later import later
from autograd_core.ops import assign, indexing
from autograd_core.ops import gather as gathers
from autograd_core.ops import scatter as scatters

if TYPE_CHECKING:
    from autograd_core.ops import (
        index_parts,
        sets,
        sorting,
    )
    from autograd_core.ops import masked_fill as filled
    from autograd_core.ops import nonzero as nonzeros
    from autograd_core.ops import scatter_reduce as reduced
else:
    filled = later("masked_fill")
    index_parts = later("index_parts")
    nonzeros = later("nonzero")
    reduced = later("scatter_reduce")
    sets = later("sets")
    sorting = later("sorting")


class IndexingMethods:
    """Reading and writing at indices: one line each."""

    __slots__ = ()

    # Python's operators
    __getitem__ = indexing.getitem
    __setitem__ = assign.setitem
    __iter__ = indexing.iterate
    __contains__ = indexing.contains

    # reading
    index_select = gathers.index_select
    gather = gathers.gather
    take = gathers.take
    take_along_dim = gathers.take_along_dim
    masked_select = gathers.masked_select
    nonzero = nonzeros.nonzero
    argwhere = nonzeros.argwhere
    sort = sorting.sort
    argsort = sorting.argsort
    topk = sorting.topk
    unique = sets.unique
    unique_consecutive = sets.unique_consecutive
    bincount = sets.bincount

    # writing
    scatter = scatters.scatter
    scatter_ = inplace(scatters.scatter)
    scatter_add = scatters.scatter_add
    scatter_add_ = inplace(scatters.scatter_add)
    scatter_reduce = reduced.scatter_reduce
    scatter_reduce_ = inplace(reduced.scatter_reduce, composed=True)
    index_reduce = reduced.index_reduce
    index_reduce_ = inplace(reduced.index_reduce, composed=True)
    put = reduced.put
    put_ = inplace(reduced.put, composed=True)
    index_add = index_parts.index_add
    index_add_ = inplace(index_parts.index_add)
    index_copy = index_parts.index_copy
    index_copy_ = inplace(index_parts.index_copy)
    index_fill = index_parts.index_fill
    index_fill_ = inplace(index_parts.index_fill)
    index_put = assign.index_put
    index_put_ = assign.index_put_
    masked_fill = filled.masked_fill
    masked_fill_ = inplace(filled.masked_fill)
    masked_scatter = filled.masked_scatter
    masked_scatter_ = inplace(filled.masked_scatter)
    copy_ = assign.copy_
    fill_ = assign.fill_
    zero_ = assign.zero_
