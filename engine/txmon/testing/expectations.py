"""What a case expects of alerts, compared with the alerts that came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from txmon.language.checked import Severity
from txmon.language.problems import Code, Problem, closest
from txmon.testing.offsets import read_instant, read_offset, show_offset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Alert = Mapping[str, Any]
    """One row of the alerts, its transaction ids already those of the case."""

    Why = Callable[[Mapping[str, str]], Sequence[str]]
    """An expectation -> lines about why no alert met it."""

AT = "at"
NULL = "-"
TEXT_FIELDS = (
    *("alert_id", "rule_id", "rule_version", "logic_hash", "pack", "typology", "severity"),
    *("subject", "subject_kind", "side", "transaction_id", "message"),
)
WHOLE_FIELDS = ("score", "level", "evidence", "schema_version")
TIME_FIELDS = ("event_time", "window_start", "window_end")
TRUTH_FIELDS = ("history_complete", "evidence_cut")
LIST_FIELDS = ("timeline",)
_OTHER_ROW = frozenset({AT, "severity"})
"""Fields that differ where the expected alert did not come and another one did."""

FIELDS = (AT, *TEXT_FIELDS, *WHOLE_FIELDS, *TIME_FIELDS, *TRUTH_FIELDS, *LIST_FIELDS)
"""What an expectation may name: the columns of an alert, and ``at``, its time from the start."""

COLUMNS = (*(name for name in FIELDS if name not in {AT, "evidence"}), "evidence_count")
"""The columns of the alerts that are compared."""


def check_expectation(name: str, text: str) -> Problem | None:
    """What is wrong with one field of an expectation, if anything."""
    if name not in FIELDS:
        return check_name(name)
    if text == NULL:
        return None
    if name == AT or name in TIME_FIELDS:
        read = read_offset(text) if text.startswith("+") or name == AT else read_instant(text)
        return read if isinstance(read, Problem) else None
    return _check_choice(name, text)


def check_name(name: str) -> Problem | None:
    """That an alert has no field of a name, if it has none; ``evidence_count`` is ``evidence``."""
    if name in {*FIELDS, "evidence_count"}:
        return None
    message = f"an alert has no '{name}' to compare"
    near = closest(name, FIELDS)
    advice = f"did you mean '{near}'?" if near else f"it has: {', '.join(FIELDS)}"
    return Problem(Code.UNKNOWN_KEY, message, 0, max(1, len(name)), advice)


def _check_choice(name: str, text: str) -> Problem | None:
    choices: tuple[str, ...] = ()
    if name == "severity":
        choices = tuple(Severity)
    elif name == "side":
        choices = ("out", "in")
    elif name in TRUTH_FIELDS:
        choices = ("true", "false")
    elif name in WHOLE_FIELDS and not (text.isascii() and text.isdigit()):
        return Problem(Code.BAD_VALUE, f"{name} is a whole number, found '{text}'", 0, len(text))
    if not choices or text in choices:
        return None
    message = f"expected one of {', '.join(choices)}, found '{text}'"
    return Problem(Code.BAD_VALUE, message, 0, len(text))


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A field whose value is not the expected one."""

    name: str
    expected: str
    actual: str


def compare(expected: Mapping[str, str], alert: Alert, start: datetime) -> tuple[Mismatch, ...]:
    """The named fields in which an alert is not as expected."""
    return tuple(
        Mismatch(name, text, _shown_like(name, text, alert, start))
        for name, text in expected.items()
        if not _equal(name, text, alert, start)
    )


def evidence_text(ids: Sequence[str]) -> str:
    """Ids of transactions as an expectation tells them, where it tells more than their number."""
    return f"[{', '.join(ids)}]"


def show(name: str, alert: Alert, start: datetime) -> str:
    """A field of an alert as an expectation would write it."""
    value = _value(name, alert)
    if value is None:
        return NULL
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return show_offset(value - start)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _shown_like(name: str, text: str, alert: Alert, start: datetime) -> str:
    """A field of an alert in the form that was expected."""
    ids = name == "evidence" and text.startswith("[")
    return evidence_text(alert["evidence"]) if ids else show(name, alert, start)


def _value(name: str, alert: Alert) -> Any:
    if name == AT:
        return alert["event_time"]
    if name == "evidence":
        return alert["evidence_count"]
    return alert[name]


def _equal(name: str, text: str, alert: Alert, start: datetime) -> bool:
    if name == "evidence" and text.startswith("["):
        return evidence_text(alert["evidence"]) == text
    value = _value(name, alert)
    if isinstance(value, datetime) and text != NULL:
        offset = read_offset(text) if text.startswith("+") else None
        if offset is not None and not isinstance(offset, Problem):
            return bool(value - start == offset)
        return value == read_instant(text)
    if isinstance(value, int) and not isinstance(value, bool) and text != NULL:
        return value == int(text)
    return show(name, alert, start) == text


def differences(
    expected: Sequence[Mapping[str, str]],
    alerts: Sequence[Alert],
    start: datetime,
    why: Why | None = None,
) -> tuple[str, ...]:
    """How the alerts of a case differ from the expected ones, in lines; empty if they do not.

    Every alert must be the match of exactly one expectation, in any order. ``why`` gives lines
    that explain an alert that did not come.
    """
    matches = _pair_off(expected, alerts, start)
    missing = [wanted for place, wanted in enumerate(expected) if place not in matches]
    spare = [alert for place, alert in enumerate(alerts) if place not in matches.values()]
    return tuple(_lines(missing, spare, start, why))


def _pair_off(
    expected: Sequence[Mapping[str, str]], alerts: Sequence[Alert], start: datetime
) -> dict[int, int]:
    """The largest pairing of expectations with alerts that fit them (augmenting paths)."""
    fits = [
        [place for place, alert in enumerate(alerts) if not compare(wanted, alert, start)]
        for wanted in expected
    ]
    taken: dict[int, int] = {}

    def place_one(wanted: int, tried: set[int]) -> bool:
        for alert in fits[wanted]:
            if alert in tried:
                continue
            tried.add(alert)
            if alert not in taken or place_one(taken[alert], tried):
                taken[alert] = wanted
                return True
        return False

    for wanted in range(len(expected)):
        place_one(wanted, set())
    return {wanted: alert for alert, wanted in taken.items()}


def _lines(
    missing: list[Mapping[str, str]], spare: list[Alert], start: datetime, why: Why | None
) -> Iterator[str]:
    for wanted in missing:
        yield f"expected {_written(wanted)}"
        wrong: tuple[Mismatch, ...] = ()
        if spare:
            nearest = min(spare, key=_distance(wanted, start))
            spare.remove(nearest)
            wrong = compare(wanted, nearest, start)
            for mismatch in wrong:
                yield f"  {mismatch.name}: expected {mismatch.expected}, got {mismatch.actual}"
        else:
            yield "  but no such alert came"
        if why is not None and (not wrong or any(one.name in _OTHER_ROW for one in wrong)):
            yield from why(wanted)
    for alert in spare:
        yield f"not expected: an alert {_shown(alert, start)}"


def _distance(wanted: Mapping[str, str], start: datetime) -> Callable[[Alert], tuple[int, int]]:
    """Alerts that differ in fewer fields are nearer; among those, what is nearer in time."""
    offset = read_offset(wanted.get(AT, "+0h"))

    def distance(alert: Alert) -> tuple[int, int]:
        wrong = len(compare(wanted, alert, start))
        if isinstance(offset, Problem):
            return wrong, 0
        away = abs(alert["event_time"] - start - offset)
        return wrong, away.days * 86_400_000_000 + away.seconds * 1_000_000 + away.microseconds

    return distance


def _written(wanted: Mapping[str, str]) -> str:
    fields = ", ".join(f"{name}: {text}" for name, text in wanted.items())
    return f"{{{fields}}}" if fields else "an alert"


def _shown(alert: Alert, start: datetime) -> str:
    told = [name for name in ("subject", AT, "severity") if name == AT or name in alert]
    fields = {name: show(name, alert, start) for name in told}
    message = alert.get("message")
    return f"{_written(fields)}: {message}" if message else _written(fields)
