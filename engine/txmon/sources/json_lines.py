"""NDJSON read as text: one object a line, every value what is written, broken lines kept.

Blocks of lines are scanned in threads, by a kernel where their lines are plain.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from txmon.errors import InputError
from txmon.sources.content import as_utf8, content
from txmon.sources.faults import Reason
from txmon.sources.json_blocks import Block, scan_block
from txmon.sources.json_objects import clean
from txmon.sources.spans import blocks_of
from txmon.sources.tables import Mark, TextTable, Unread, numbers_without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.sources.files import Piece

_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class LinesFile:
    """The scanned lines of an NDJSON file, and the names found in them."""

    header: tuple[str, ...]
    blocks: tuple[Block, ...]
    unread: Unread
    broken: bool


def open_lines(piece: Piece) -> LinesFile:
    """Read a file's lines and find the names in them.

    Raises:
        InputError: it cannot be read, is binary, or no line is an object.
    """
    data, broken = as_utf8(piece.name, content(piece))
    raw = np.frombuffer(data, np.uint8)
    if raw[: len(_ORDER_MARK)].tobytes() == _ORDER_MARK:
        raw = raw[len(_ORDER_MARK) :]
    blocks = _scanned(blocks_of(raw))
    unread = [(number, line, wrong) for number, line, wrong in _unread(blocks)]
    if not any(len(block.rows) for block in blocks):
        told = f"no line that is a JSON object: {unread[0][2]}" if unread else "no line at all"
        raise InputError(f"{piece.name} has {told}")
    names = chain.from_iterable(block.header for block in blocks)
    header = tuple(dict.fromkeys(map(clean, dict.fromkeys(names))))
    return LinesFile(header, blocks, Unread.of(Reason.BROKEN_LINE, unread), broken)


def _scanned(parts: list[np.ndarray]) -> tuple[Block, ...]:
    """The blocks scanned, the first alone: mostly it tells the names of all."""
    if not parts:
        return ()
    first = scan_block(parts[0], ())
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        rest = pool.map(partial(scan_block, known=first.names), parts[1:])
        return (first, *rest)


def _unread(blocks: tuple[Block, ...]) -> Iterator[tuple[int, str, str]]:
    before = 1
    for block in blocks:
        for row, wrong in block.broken.items():
            yield before + row, block.line(row), wrong
        before += len(block.lines)


def read_lines(file: LinesFile, columns: tuple[str, ...]) -> TextTable:
    """The given columns of an opened file; what is missing in a line is null there."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        taken = list(pool.map(partial(_taken, columns=columns), file.blocks))
    texts = {
        name: pl.concat([table[name] for table, _ in taken], rechunk=False) for name in columns
    }
    broken = file.broken or any(torn for _, torn in taken)
    height = sum(len(block.rows) for block in file.blocks)
    numbers = numbers_without(height, file.unread.numbers)
    marks = tuple(_marks(file.blocks, columns))
    return TextTable(pl.DataFrame(texts), numbers, file.unread, broken, marks)


def _taken(block: Block, columns: tuple[str, ...]) -> tuple[dict[str, pl.Series], bool]:
    read = {name: block.column(name) for name in columns}
    texts = {name: texts.alias(name) for name, (texts, _) in read.items()}
    return texts, any(torn for _, torn in read.values())


def _marks(blocks: tuple[Block, ...], columns: tuple[str, ...]) -> Iterator[Mark]:
    """Where an object or a list stands in a column."""
    for name in columns:
        rows: list[int] = []
        lines: list[str] = []
        before = 0
        for block in blocks:
            nested = block.nested(name)
            rows += (before + np.searchsorted(block.rows, nested)).tolist()
            lines += map(block.line, nested)
            before += len(block.rows)
        if rows:
            raw = pl.Series(lines, dtype=pl.String)
            yield Mark(name, Reason.NESTED_VALUE, pl.Series(rows, dtype=pl.UInt32), raw)
