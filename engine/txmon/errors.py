"""The error tree and located findings.

TxmonError
├── PackError       a pack, rule, case file or mapping is wrong; carries every finding
├── InputError      an input file or frame cannot be read or lacks what is required
├── DataError       strict mode: the data lacks what a rule needs
└── OutputError     the output cannot be written
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a text file; line and column count from 1."""

    path: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a file, where it is, and what to do about it."""

    code: str
    message: str
    location: Location
    source: str = ""
    help: str = ""

    @property
    def severity(self) -> str:
        """``error`` or ``warning``."""
        return "warning" if self.warning else "error"

    @property
    def warning(self) -> bool:
        """Whether the pack can be used all the same."""
        return self.code.startswith(("W", "L"))

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        lines = [f"{self.location}: {self.code} {self.message}"]
        if self.source:
            number = str(self.location.line)
            blank = " " * (self.location.column - 1)
            caret = "^" * max(1, self.location.length)
            lines.append(f"  {number} | {self.source}")
            lines.append(f"  {' ' * len(number)} | {blank}{caret}")
        if self.help:
            lines.append(f"  help: {self.help}")
        return lines


class TxmonError(Exception):
    """Base of every error that txmon raises on purpose."""


class PackError(TxmonError):
    """A pack, rule, case file or mapping is wrong.

    Attributes:
        findings: every error of every file, in order of file and place.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class InputError(TxmonError):
    """An input file or frame cannot be read or lacks what is required."""


class DataError(TxmonError):
    """In strict mode: the data lacks a column that a rule needs."""


class OutputError(TxmonError):
    """The output cannot be written where it was asked for."""
