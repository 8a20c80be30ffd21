"""When a run was and what was asked for: the only place that reads the clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import JsonValue

    from txmon.results import Summary


@dataclass(slots=True)
class Occasion:
    """What the engine does not know of a run.

    Attributes:
        started: when the command began.
        options: what it was given.
        writing: when writing began, on the clock of ``time.perf_counter``.
        closed: the summary as it was written, once it is.
    """

    started: datetime
    options: dict[str, JsonValue]
    writing: float = 0.0
    closed: Summary | None = None

    @classmethod
    def begins(cls, options: dict[str, JsonValue]) -> Occasion:
        """Now."""
        return cls(datetime.now(UTC), options)

    def writes(self) -> None:
        """What comes from here on is writing."""
        self.writing = time.perf_counter()

    def close(self, summary: Summary) -> Summary:
        """The summary of a run whose tables are on disk."""
        occasion = {
            "started": self.started,
            "ended": datetime.now(UTC),
            "seconds": summary.seconds | {"write": time.perf_counter() - self.writing},
            "options": self.options,
        }
        self.closed = summary.model_copy(update=occasion)
        return self.closed
