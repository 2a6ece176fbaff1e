"""View and shape methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_core.inplace import inplace, inplace_view
from autograd_core.later import later
from autograd_core.ops import join, shape, slicing
from autograd_core.ops import transpose as transposes

if TYPE_CHECKING:
    from autograd_core.ops import (
        bookkeeping,
        branches,
        copies,
        rearrange,
        scatter_views,
        splitting,
        strided,
        tri,
    )
    from autograd_core.ops import repeat as repeats
else:
    bookkeeping = later("bookkeeping")
    branches = later("branches")
    copies = later("copies")
    rearrange = later("rearrange")
    repeats = later("repeat")
    scatter_views = later("scatter_views")
    splitting = later("splitting")
    strided = later("strided")
    tri = later("tri")


class ShapeMethods:
    """Views and shapes: one line each."""

    __slots__ = ()

    # views
    reshape = shape.reshape
    reshape_as = shape.reshape_as
    resolve_neg = bookkeeping.resolve_neg
    view = shape.view
    view_as = shape.view_as
    flatten = shape.flatten
    unflatten = shape.unflatten
    ravel = shape.ravel
    squeeze = shape.squeeze
    squeeze_ = inplace_view(shape.squeeze)
    unsqueeze = shape.unsqueeze
    unsqueeze_ = inplace_view(shape.unsqueeze)
    expand = shape.expand
    expand_as = shape.expand_as
    broadcast_to = shape.broadcast_to
    permute = transposes.permute
    transpose = swapdims = transposes.transpose
    transpose_ = swapdims_ = inplace_view(transposes.transpose)
    swapaxes, swapaxes_ = transposes.swapaxes, inplace_view(transposes.swapaxes)
    t = transposes.t
    t_ = inplace_view(transposes.t)
    movedim = moveaxis = transposes.movedim
    T = property(transposes.reverse_dims)
    mT = property(transposes.matrix_transpose)
    H = property(transposes.hermitian)
    adjoint = transposes.adjoint
    mH = property(transposes.adjoint)
    select = branches.select
    narrow = slicing.narrow
    diagonal = slicing.diagonal
    unbind = join.unbind
    split = join.split
    chunk = join.chunk
    tensor_split = join.tensor_split
    hsplit = splitting.hsplit
    vsplit = splitting.vsplit
    dsplit = splitting.dsplit
    split_with_sizes = unsafe_split_with_sizes = splitting.split_with_sizes
    unsafe_split = splitting.unsafe_split
    unsafe_chunk = splitting.unsafe_chunk
    as_strided = strided.as_strided
    as_strided_ = inplace_view(strided.as_strided)
    unfold = strided.unfold
    narrow_copy = copies.narrow_copy
    nonzero_static = copies.nonzero_static

    # copies
    diag = slicing.diag
    diag_embed = slicing.diag_embed
    diagflat = scatter_views.diagflat
    select_scatter = scatter_views.select_scatter
    slice_scatter = scatter_views.slice_scatter
    diagonal_scatter = scatter_views.diagonal_scatter
    as_strided_scatter = strided.as_strided_scatter
    fill_diagonal_ = strided.fill_diagonal_
    sum_to_size = splitting.sum_to_size
    repeat = repeats.repeat
    tile = repeats.tile
    repeat_interleave = repeats.repeat_interleave
    flip = rearrange.flip
    fliplr = rearrange.fliplr
    flipud = rearrange.flipud
    roll = rearrange.roll
    rot90 = rearrange.rot90
    tril = tri.tril
    tril_ = inplace(tri.tril)
    triu = tri.triu
    triu_ = inplace(tri.triu)
