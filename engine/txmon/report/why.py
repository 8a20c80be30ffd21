"""Why a rule fired at an entity or did not, in lines: a table of its rows, or one row in full."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from txmon.report.alerts import SEVERITY_STYLES
from txmon.report.tables import WIDTH, grid, roomy, stacked, title
from txmon.report.words import clean, count, moment, several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from txmon.authoring import ClauseSeen, FeatureSeen, RowSeen, Why

SHOWN = 30
"""Rows of a table, at most; hits and nearest misses are always among them."""

_SAID = {
    "no_hit": "no hit",
    "insufficient_history": "insufficient history",
    "not_applicable": "not applicable",
    "unknown": "unknown",
    "hit": "hit",
}
_STYLES = {"raised": "bold red", "folded": "red", "excepted": "magenta", "unknown": "yellow"}
_MARKS = {"raised": "!", "folded": "+", "excepted": "x"}
_REASONS = 6
"""Reasons why a rule did not apply, at most."""


def why_report(answer: Why, *, width: int = WIDTH) -> list[RenderableType]:
    """What a rule saw of an entity, for people.

    Args:
        answer: the answer; with ``detail`` that one row is told in full.
        width: columns of the page.
    """
    if answer.detail is not None:
        return stacked((_head(answer), *_in_full(answer, answer.detail)))
    return stacked(
        (_head(answer), _table(answer, width), _hidden(answer), _closest(answer), _notes(answer))
    )


def _head(answer: Why) -> Iterator[RenderableType]:
    head = Text(answer.rule, style="bold")
    yield head.append(clean(f"  {answer.title}"), style="not bold")
    yield Text(clean(f"{answer.entity}: {_counted(answer)}; times of {answer.zone}"))


def _counted(answer: Why) -> str:
    rows = answer.rows
    alerts = sum(row.hit == "raised" for row in rows)
    hits = f" ({several(alerts, 'alert')})" if answer.outcomes.get("hit") else ""
    told = [
        f"{count(number)} {_SAID[name]}{hits if name == 'hit' else ''}"
        for name in ("hit", "no_hit", "unknown", "insufficient_history", "not_applicable")
        if (number := answer.outcomes.get(name, 0))
    ]
    return ", ".join(told)


def _table(answer: Why, width: int) -> Iterator[RenderableType]:
    judged = [place for place, row in enumerate(answer.rows) if row.outcome != "not_applicable"]
    if not judged:
        yield Text("The rule applies to none of its rows.")
        return
    chosen = _chosen(answer, judged)
    left = len(judged) - len(chosen) + answer.left_out
    if left:
        told = f"{several(left, 'row')} not shown here; --last or --format json shows more"
        yield Text(told, style="dim")
    columns = ("left", "left", "left", "left", "left") if roomy(width) else ("left",) * 3
    table = grid(width, *columns)
    for place in chosen:
        row = answer.rows[place]
        mark = _mark(answer, place)
        when, what = moment(row.event_time, answer.zone), clean(_named(row, answer.entity))
        far = Text(clean(_far(row)), style=_style(row))
        said = Text(_outcome(row), style=_style(row))
        if roomy(width):
            table.add_row(mark, when, what, said, far)
        else:
            table.add_row(mark, when[4:16], Text(clean(f"{what} {_outcome(row)}: {_far(row)}")))
    yield table


def _chosen(answer: Why, judged: Sequence[int]) -> list[int]:
    """The places that are shown: alerts and nearest misses first of all, then the latest."""
    rows = answer.rows

    def rank(place: int) -> tuple[bool, bool, int]:
        telling = rows[place].hit == "raised" or place in answer.nearest
        return telling, rows[place].hit != "folded", place

    return sorted(sorted(judged, key=rank)[-SHOWN:])


def _mark(answer: Why, place: int) -> str:
    if place in answer.nearest:
        return str(answer.nearest.index(place) + 1)
    return _MARKS.get(answer.rows[place].hit, "")


def _named(row: RowSeen, entity: str) -> str:
    """The row, with what its timeline is of beside the entity."""
    side = "" if row.side is None else f" {row.side}"
    source = "" if row.source is None else f" {row.source}"
    others = "".join(f" {key}" for key in row.timeline if key != entity)
    return f"{row.transaction_id}{side}{source}{others}"


def _outcome(row: RowSeen) -> str:
    if row.hit == "raised":
        return "ALERT"
    return row.hit or _SAID[row.outcome]


def _far(row: RowSeen) -> str:
    if row.hit == "raised" and row.raised is not None:
        late = "; ".join(row.reasons)
        return "; ".join(part for part in (row.raised.message, late) if part)
    return "; ".join(row.reasons)


def _style(row: RowSeen) -> str:
    return _STYLES.get(row.hit or row.outcome, "")


def _hidden(answer: Why) -> Iterator[RenderableType]:
    """How often the rule did not apply, and why."""
    apart = Counter("; ".join(r.reasons) for r in answer.rows if r.outcome == "not_applicable")
    if not apart:
        return
    yield title("Did not apply")
    for reason, number in sorted(apart.items(), key=lambda item: (-item[1], item[0]))[:_REASONS]:
        yield Text(clean(f"{count(number)} x {reason or 'no reason is known'}"))
    if len(apart) > _REASONS:
        yield Text(f"... and {several(len(apart) - _REASONS, 'reason')} more", style="dim")


def _closest(answer: Why) -> Iterator[RenderableType]:
    row = answer.closest
    if row is None:
        return
    fired = any(one.hit for one in answer.rows)
    head = "closest it came without firing" if fired else "closest it came"
    when = moment(row.event_time, answer.zone)
    far = "; ".join(row.reasons)
    yield Text(clean(f"{head}: {when}  {_named(row, answer.entity)}: {far}"), style="bold")


def _notes(answer: Why) -> Iterator[RenderableType]:
    yield from (Text(f"note: {clean(note)}", style="dim") for note in answer.notes)


def _in_full(answer: Why, row: RowSeen) -> Iterator[Iterator[RenderableType]]:
    yield _verdict(answer, row)
    yield _clauses(row.clauses)
    yield _features(answer, row.features)
    yield _transaction(row)


def _verdict(answer: Why, row: RowSeen) -> Iterator[RenderableType]:
    head = Text(_outcome(row), style=_style(row) or "bold")
    head.append(
        clean(f"  {moment(row.event_time, answer.zone)}  {_named(row, answer.entity)}"),
        style="default",
    )
    yield head
    raised = row.raised
    if raised is not None and raised.severity is not None:
        score = "" if raised.score is None else f" {raised.score}"
        told = Text(f"{raised.severity}{score}", style=SEVERITY_STYLES[raised.severity])
        yield told.append(clean(f"  {raised.message or ''}"), style="not bold default")
    yield from (Text(clean(reason)) for reason in row.reasons)


def _clauses(clauses: Sequence[ClauseSeen]) -> Iterator[RenderableType]:
    if not clauses:
        return
    yield title("Clauses")
    table = grid(WIDTH, "left", "left", "left", "left")
    for clause in clauses:
        word = {True: "true", False: "false", None: "unknown"}[clause.result]
        style = {True: "green", False: "red", None: "yellow"}[clause.result]
        level = "" if clause.level is None else f"level {clause.level}: "
        part = "" if clause.part in {"when", "path"} else f"{clause.part} "
        text = Text(clean(f"{level}{part}{clause.text}"))
        table.add_row(Text(word, style=style), text, clean(_sides(clause)), clean(clause.short))
    yield table


def _sides(clause: ClauseSeen) -> str:
    if clause.value is None:
        return ""
    return clause.value + ("" if clause.threshold is None else f" against {clause.threshold}")


def _features(answer: Why, features: Sequence[FeatureSeen]) -> Iterator[RenderableType]:
    if not features:
        return
    yield title("Features")
    for feature in features:
        line = Text(clean(f"{feature.name} = {feature.value or 'unknown'}"))
        yield line.append(clean(f"  {feature.text}"), style="dim")
        table = grid(WIDTH, "left", "left", "right")
        for one in feature.counted or ():
            when = moment(one.event_time, answer.zone)
            table.add_row(when, clean(one.transaction_id), one.amount or "")
        if feature.counted:
            yield Padding(table, (0, 0, 0, 4))
        if feature.count is not None and feature.count > len(feature.counted or ()):
            yield Text(f"    ... of {several(feature.count, 'row')}", style="dim")


def _value(value: object) -> str:
    """A column's value; decimals without superfluous zeros, but money keeps two of them."""
    if not isinstance(value, Decimal):
        return str(value)
    text = f"{value:,f}".rstrip("0")
    return text + "0" * max(0, 2 - len(text.partition(".")[2]))


def _transaction(row: RowSeen) -> Iterator[RenderableType]:
    own = {"transaction_id", "event_time"}  # the head has them
    known = {k: v for k, v in row.transaction.items() if v is not None and k not in own}
    if known:
        yield title("The transaction")
        table = grid(WIDTH, "left", "left")
        for name, value in known.items():
            table.add_row(name, clean(_value(value)))
        yield table
