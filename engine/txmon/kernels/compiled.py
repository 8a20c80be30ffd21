"""How a kernel is compiled: for one signature, from a cache where one can be kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache, cached_property, update_wrapper
from typing import Any

import numpy as np
from numba import boolean, int32, int64, njit, types, uint64
from numba.extending import typeof_impl

Array = np.ndarray[Any, Any]
Loop = Callable[..., Any]


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


class Kernel:
    """A loop for one signature, compiled when it is first called, here or by another kernel."""

    def __init__(self, function: Loop, signature: object) -> None:
        update_wrapper(self, function)
        self._function = function
        self._signature = signature

    def __call__(self, *arguments: Any) -> Any:
        """Run it."""
        return self.machine(*arguments)

    @cached_property
    def machine(self) -> Any:
        """What Numba made of it, from the cache where one can be kept."""
        try:
            return njit(self._signature, nogil=True, cache=True)(self._function)
        except RuntimeError as error:
            if "no locator available" not in str(error):
                raise
            _warn_uncached()
            return njit(self._signature, nogil=True)(self._function)

    @property
    def cache_folder(self) -> str | None:
        """Where what was compiled is kept; None if it is not."""
        folder: str | None = self.machine.stats.cache_path
        return folder


@typeof_impl.register(Kernel)
def _as_called_by_kernels(kernel: Kernel, _: object) -> types.Type:
    return types.Dispatcher(kernel.machine)


_KERNELS: list[Kernel] = []


def compiled(signature: object) -> Callable[[Loop], Kernel]:
    """A kernel of one signature."""

    def made(function: Loop) -> Kernel:
        _KERNELS.append(Kernel(function, signature))
        return _KERNELS[-1]

    return made


def compile_all() -> str | None:
    """Compile every kernel whose module is loaded; the folder where they are kept, if any."""
    folders = [kernel.cache_folder for kernel in _KERNELS]
    return folders[0]


@cache
def _warn_uncached() -> None:
    """Say it once, not for every kernel."""
    warnings.warn(
        "txmon: no folder to cache compiled kernels in, so each process compiles them anew; "
        "set NUMBA_CACHE_DIR to a writable folder",
        RuntimeWarning,
        stacklevel=4,
    )
