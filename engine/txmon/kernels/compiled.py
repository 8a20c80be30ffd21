"""How a kernel is compiled: for one signature, from a cache where one can be kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import boolean, int32, int64, njit, types, uint64

Array = np.ndarray[Any, Any]
Kernel = Callable[..., Any]


def read_only(kind: types.Type) -> types.Array:
    """The type of an array that a kernel reads: one dimension, contiguous."""
    return types.Array(kind, 1, "C", readonly=True)


def several(*kinds: types.Type) -> Any:
    """The type of several results."""
    return types.Tuple(kinds)  # type: ignore[no-untyped-call]


I32, I64, BOOLS = read_only(int32), read_only(int64), read_only(boolean)
HASHES = read_only(uint64)
ROWS, VALUES, FLAGS = int32[::1], int64[::1], boolean[::1]
LIMB = 0xFFFFFFFF


def compiled(signature: object) -> Callable[[Kernel], Kernel]:
    """Compile for one signature, from the cache where one can be kept."""

    def decorate(function: Kernel) -> Kernel:
        try:
            return njit(signature, nogil=True, cache=True)(function)
        except RuntimeError as error:
            if "no locator available" not in str(error):
                raise
            _warn_uncached()
            return njit(signature, nogil=True)(function)

    return decorate


@cache
def _warn_uncached() -> None:
    """Say it once, not for every kernel."""
    warnings.warn(
        "txmon: no folder to cache compiled kernels in, so each process compiles them anew; "
        "set NUMBA_CACHE_DIR to a writable folder",
        RuntimeWarning,
        stacklevel=4,
    )
