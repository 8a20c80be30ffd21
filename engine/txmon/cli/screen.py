"""The two streams: results on stdout, everything else on stderr."""

from __future__ import annotations

import io
import json
import sys
import time
import warnings
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.console import Console

from txmon.report import WIDTH, page_of, plain
from txmon.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import RenderableType


def width() -> int:
    """Columns of the page: those of the terminal, up to the report's own."""
    return min(Console().width, WIDTH) if sys.stdout.isatty() else WIDTH


def show(lines: Iterable[RenderableType]) -> None:
    """Lines of a report on stdout; with colour in a terminal only."""
    if not sys.stdout.isatty():
        sys.stdout.write(plain(lines, width()))
        return
    Console(width=width()).print(page_of(lines), crop=False)


def show_json(content: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def plain_values(content: Any) -> Any:
    """The same content as JSON can hold it: times as ISO texts, durations as seconds."""
    if isinstance(content, Mapping):
        return {str(name): plain_values(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [plain_values(value) for value in content]
    if isinstance(content, datetime):
        return content.isoformat()
    if isinstance(content, timedelta):
        return content.total_seconds()
    return str(content) if isinstance(content, Decimal) else content


def say(text: str) -> None:
    """A line on stdout."""
    sys.stdout.write(f"{clean(text)}\n")


def complain(text: str) -> None:
    """A line on stderr."""
    sys.stderr.write(f"{clean(text)}\n")


def forgiving() -> None:
    """A character that a stream's encoding lacks is replaced, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextmanager
def progress(*, quiet: bool, verbose: bool = False) -> Iterator[Callable[[str], None]]:
    """Tell what is under way: in lines that stay if asked for, else on a terminal while it lasts.

    Args:
        quiet: no sign of life.
        verbose: a line on stderr for each step as it begins, with the seconds since the start;
            it is what was asked for, so it goes before ``quiet``.
    """
    if verbose:
        tell = _stamped()
        yield tell
        tell("done")
        return
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with Console(stderr=True).status("starting") as status:
        yield status.update


def _stamped() -> Callable[[str], None]:
    begin = time.perf_counter()

    def tell(step: str) -> None:
        complain(f"txmon: {time.perf_counter() - begin:7.2f} s  {step}")

    return tell


@contextmanager
def warnings_in_words() -> Iterator[None]:
    """Warnings of the engine as plain lines on stderr."""

    def tell(message: Warning | str, *_: Any, **__: Any) -> None:
        complain(f"txmon: warning: {str(message).removeprefix('txmon: ')}")

    with warnings.catch_warnings():
        warnings.showwarning = tell
        yield
