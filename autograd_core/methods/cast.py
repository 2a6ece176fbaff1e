"""Methods that copy, and that change dtype or device."""

from __future__ import annotations

from autograd_core.ops import cast


class CastMethods:
    """clone, contiguous, to and its shorthands: one line each."""

    __slots__ = ()

    clone = cast.clone
    contiguous = cast.contiguous
    to = cast.to
    type = cast.type_
    type_as = cast.type_as
    cpu = cast.cpu
    cuda = cast.cuda
    _cast = cast.cast

    double = cast.double
    half = cast.half
    bfloat16 = cast.bfloat16
    long = cast.long
    short = cast.short
    byte = cast.byte
    char = cast.char
    cfloat = cast.cfloat
    cdouble = cast.cdouble
    float = cast.float_
    int = cast.int_
    bool = cast.bool_
