"""The options of the commands, and how their texts are read.

Typer reads annotations when it runs: modules of commands do without postponed ones.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How a result is written to stdout."""

    TEXT = "text"
    JSON = "json"


class Partition(StrEnum):
    """What alerts are divided by."""

    DATE = "date"
    RULE = "rule"


Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Payments: files, globs, folders, s3:// or - ; Parquet, CSV, NDJSON or ISO 20022.",
    ),
]
Rules = Annotated[
    Path | None,
    typer.Option("--rules", metavar="PATH", help="A pack or a rule file.", show_default="shipped"),
]
History = Annotated[
    list[str] | None,
    typer.Option(
        "--history",
        metavar="INPUT",
        help="Earlier payments: they fill the windows, their alerts are not written. Repeatable.",
    ),
]
Mapping = Annotated[
    Path | None,
    typer.Option("--map", metavar="FILE", help="How columns become ours (YAML)."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="RULE.PARAM=VALUE", help="A param for this run. Repeatable."),
]
Tuning = Annotated[
    Path | None,
    typer.Option("--tuning", metavar="FILE", help="Params and more of rules for this run (YAML)."),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="WORD",
        help="Only rules of this id, typology or severity. Repeatable.",
    ),
]
DataStart = Annotated[
    str | None,
    typer.Option("--data-start", metavar="TIME", help="When the data begins, with its zone."),
]
MaxRejected = Annotated[
    str | None,
    typer.Option(
        "--max-rejected",
        metavar="N|P%",
        help="Exit with 1 if more rows are rejected; the run is written all the same.",
    ),
]
PartitionBy = Annotated[
    Partition | None,
    typer.Option("--partition-by", help="A file of alerts for each date, or for each rule."),
]
Sink = Annotated[
    str | None,
    typer.Option(
        "--sink",
        metavar="delta:TABLE",
        help="Merge the alerts into a Delta table as well; needs the extra 'delta'.",
    ),
]
Hits = Annotated[bool, typer.Option("--hits", help="Write the hits too.")]
RunFolder = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder of the run.")]
Table = Annotated[Path, typer.Option("--out", metavar="FILE", help="The table: .parquet or .csv.")]
SkipBadFiles = Annotated[
    bool, typer.Option("--skip-bad-files", help="List files that cannot be read and go on.")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="A column that a rule needs must be in the data.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Each step with its time, on stderr.")
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Check everything, say what would run, and write nothing."),
]
Shape = Annotated[Format, typer.Option("--format", help="Text for people, JSON for machines.")]

_GATE = re.compile(r"(\d{1,18})|(\d{1,3}(?:\.\d{1,9})?)%")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be evaluated, as it was asked for."""

    inputs: Sequence[str]
    rules: Path | None
    mapping: Path | None
    history: Sequence[str] | None
    settings: Sequence[str] | None
    tuning: Path | None
    select: Sequence[str] | None
    strict: bool
    skip_bad_files: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """How many rows may be rejected: a number, or percent of those read."""

    text: str
    limit: Decimal
    percent: bool

    def holds(self, rejected: int, read: int) -> bool:
        """Whether no more rows are rejected than allowed."""
        allowed = self.limit * read / 100 if self.percent else self.limit
        return rejected <= allowed


def read_gate(text: str | None, option: str = "--max-rejected") -> Gate | None:
    """``500`` or ``0.5%``."""
    if text is None:
        return None
    match = _GATE.fullmatch(text)
    if match is None or (match[2] and Decimal(match[2]) > 100):  # noqa: PLR2004
        raise wrong(option, f"write a number like 500 or 0.5%, found '{text}'")
    return Gate(text, Decimal(match[1] or match[2]), match[2] is not None)


def read_sink(text: str | None) -> str | None:
    """The table of ``delta:TABLE``."""
    if text is None:
        return None
    kind, _, table = text.partition(":")
    if kind != "delta" or not table:
        raise wrong("--sink", f"write delta:TABLE, found '{text}'")
    if find_spec("deltalake") is None:  # told before hours of scoring, not after
        raise wrong("--sink", "a Delta table needs the extra 'delta': pip install 'txmon[delta]'")
    return table


def read_settings(texts: Sequence[str]) -> dict[str, str]:
    """``rule.param=value`` as params by name; whether they exist is the pack's to say."""
    settings: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        rule, _, param = name.partition(".")
        if not (equals and rule and param):
            raise wrong("--set", f"write RULE.PARAM=VALUE, found '{text}'")
        if name in settings:
            raise wrong("--set", f"'{name}' is set twice")
        settings[name] = value
    return settings


def read_pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    """``name=value`` as values by name."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (equals and name and value):
            raise wrong(option, f"write NAME=VALUE, found '{text}'")
        if name in pairs:
            raise wrong(option, f"'{name}' stands twice")
        pairs[name] = value
    return pairs


def read_time(text: str | None) -> datetime | None:
    """An instant with its zone."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        advice = "write a time with its zone like 2026-03-01T00:00:00+08:00"
        raise wrong("--data-start", f"{advice}, found '{text}'")
    return instant.astimezone(UTC)


def read_date(text: str) -> date:
    """A day like 2026-03-01."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong("--start", f"write a date like 2026-03-01, found '{text}'") from None


def existing(path: Path | None, option: str) -> Path | None:
    """The path, if something is there."""
    if path is not None and not path.exists():
        raise wrong(option, f"there is no file or folder '{path}'")
    return path


def wrong(option: str, message: str) -> typer.BadParameter:
    """The error of an option that cannot be read."""
    return typer.BadParameter(message, param_hint=option)
