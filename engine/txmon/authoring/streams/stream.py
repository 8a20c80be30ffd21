"""A telling stream: its rows, what two rules do on it, and how a case would write it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from txmon.testing.offsets import show_offset

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from txmon.authoring.streams.draft import Draft
    from txmon.authoring.streams.lab import Alerts, Raised


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One transaction: its offset from the start, and its texts by column; None is null."""

    at: timedelta
    texts: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Stream:
    """A short list of transactions on which two rules differ.

    ``columns`` are those that have a value in some row, ``empty`` the others that are
    read. ``old`` and ``new`` are the alerts of the two rules. ``data_start`` is when the data
    begins, if not at the first row.
    """

    start: datetime
    columns: tuple[str, ...]
    rows: tuple[StreamRow, ...]
    old: Alerts
    new: Alerts
    data_start: datetime | None = None
    empty: tuple[str, ...] = ()

    def events(self) -> str:
        """The rows as the ``events`` table of a case: aligned, ``-`` for null."""
        return table(self.columns, self.rows)

    def _over(self, defaults: Collection[str]) -> str:
        """The table, with the columns that must be said to be null."""
        columns = [*self.columns, *(name for name in defaults if name in self.empty)]
        return table(columns, self.rows)

    def expected(self, alerts: Alerts) -> str:
        """The ``expect`` of a case for the alerts of either rule, in one line."""
        return expectations(alerts, self.start)

    def case(self, name: str, alerts: Alerts, defaults: Collection[str] = ()) -> str:
        """A whole case in the notation of case files, to stand under ``cases:``.

        Args:
            name: of the case; quoted if YAML asks for it.
            alerts: what the case expects, ``old`` or ``new``.
            defaults: the columns for which the file has a value of every row: those that are null
                here are written down.
        """
        lines = [f"  - name: {quoted(name)}"]
        if self.data_start is not None:
            lines.append(f"    data_start: {self.data_start.isoformat()}")
        lines += ["    events: |", *(f"      {line}" for line in self._over(defaults).splitlines())]
        return "\n".join([*lines, f"    expect: {self.expected(alerts)}", ""])


def stream_of(draft: Draft, old: Alerts, new: Alerts) -> Stream:
    """A draft as a result."""
    used = [name for name in draft.columns if any(text is not None for text in draft.column(name))]
    rows = tuple(
        StreamRow(
            timedelta(microseconds=row.at),
            dict(zip(draft.columns, row.texts, strict=True)),
        )
        for row in draft.rows
    )
    empty = tuple(name for name in draft.columns if name not in used)
    return Stream(draft.start, tuple(used), rows, old, new, draft.data_start, empty)


def table(columns: Sequence[str], rows: Sequence[StreamRow]) -> str:
    """An aligned table of rows, ``at`` first."""
    lines = [("at", *columns)]
    lines += [(show_offset(row.at), *(_cell(row.texts[name]) for name in columns)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        " ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "\n".join(padded)


def _cell(text: str | None) -> str:
    """A text as a cell: in quotes if it holds a space, is empty or could be read otherwise."""
    if text is None:
        return "-"
    bare = text and text != "-" and not any(one.isspace() or one == '"' for one in text)
    return text if bare else '"' + text.replace('"', '""') + '"'


def expectations(alerts: Alerts, start: datetime) -> str:
    """The ``expect`` of a case: each alert's subject, time, severity and level, or ``[]``."""
    return f"[{', '.join(_expected(one, start) for one in alerts)}]"


def _expected(alert: Raised, start: datetime) -> str:
    fields = {
        "subject": quoted(alert.subject),
        "at": show_offset(alert.event_time - start),
        "severity": alert.severity,
    }
    told = ", ".join(f"{name}: {text}" for name, text in fields.items())
    return f"{{{told}}}"


def quoted(text: str) -> str:
    """A text as a YAML scalar inside ``[ ]``: bare if nothing in it means anything to YAML."""
    plain = text and all(one.isalnum() or one in " ._/-+<>=%()" for one in text)
    safe = plain and text[0].isalnum() and text == text.strip()
    return text if safe else "'" + text.replace("'", "''") + "'"
