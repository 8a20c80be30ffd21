"""Lints that are not to be told: which ``lint`` entries apply, and which say nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from txmon.authoring.lint.codes import Lint
from txmon.authoring.lint.reading import whole
from txmon.language.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from txmon.language.problems import Fault, Path
    from txmon.model import LintDocument

_NEVER_SILENT = frozenset({Lint.IDLE_SUPPRESSION, Lint.UNKNOWN_CODE})


@dataclass(slots=True)
class Silences:
    """The ``lint`` entries of one file, and how often each applied."""

    entries: Sequence[LintDocument]
    used: set[int] = field(default_factory=set)

    def takes(self, fault: Fault) -> bool:
        """Whether an entry silences a finding."""
        found = [
            position
            for position, entry in enumerate(self.entries)
            if entry.code == fault.problem.code and _at(entry.at, fault.path)
        ]
        self.used.update(found)
        return bool(found) and fault.problem.code not in _NEVER_SILENT

    def idle(self) -> Iterator[Fault]:
        """Entries of codes that do not exist."""
        for position, entry in enumerate(self.entries):
            path: Path = ("lint", position, "code")
            if entry.code not in set(Lint):
                message = f"there is no lint {entry.code}"
                yield whole(path, Lint.UNKNOWN_CODE, message, did_you_mean(entry.code, Lint))
            elif position not in self.used:
                message = f"nothing here gives {entry.code}"
                if entry.at:
                    message = f"nothing at {entry.at} gives {entry.code}"
                yield whole(path, Lint.IDLE_SUPPRESSION, message, "take the entry out")


def _at(place: str | None, path: Path) -> bool:
    """Whether a place such as ``features.total`` holds a path."""
    if place is None:
        return True
    named = tuple(place.split("."))
    return tuple(map(str, path[: len(named)])) == named
