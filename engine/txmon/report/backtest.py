"""A backtest in words and tables: what each rule costs, finds and adds, and what is missed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.text import Text

from txmon.report.tables import WIDTH, headed, stacked, title
from txmon.report.tune import NOT_INNOCENT, percent
from txmon.report.words import clean, count, moment, several

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from txmon.authoring.backtesting.run import Backtest

NO_LABELS = (
    "Without labels nothing is said of which alerts are right, nor of false alarms: --labels FILE"
)
SHOWN = 5
"""Pairs of rules and missed cases put into words at most."""

_MUCH = 0.5
_DAYS_FROM = timedelta(hours=48)


def backtest_report(found: Backtest, *, width: int = WIDTH) -> list[RenderableType]:
    """What a backtest found, for people; ``width`` in columns of the page."""
    return stacked(
        (
            _head(found),
            _rules(found, width),
            _typologies(found, width),
            _cases(found, width),
            _by(found, width),
            _idle(found),
            _overlap(found),
            _missed(found),
            _unavailable(found),
            _note(found),
        )
    )


def _head(found: Backtest) -> Iterator[RenderableType]:
    head = Text(found.pack, style="bold")
    rejected = f", {count(found.rejected)} rejected" if found.rejected else ""
    size = several(found.rules.height, "rule")
    told = f"  {size} over {several(found.rows, 'payment')} in {found.days:.0f} days{rejected}"
    yield head.append(told, style="dim not bold")
    if found.labels is not None:
        outside = f"; {count(found.labels.outside)} lie outside" if found.labels.outside else ""
        lost = f"{count(round(found.labels.lost))} {found.currency} lost"
        cases = several(found.labels.cases, "labelled case")
        yield Text(f"{cases} in these payments, {lost}{outside}")


def _rules(found: Backtest, width: int) -> Iterator[RenderableType]:
    told = _finds if found.labels is not None else _volume
    if found.labels is None:
        headers: tuple[str, ...] = ("alerts", "subjects", _RATE)
    else:
        rate, share = ("false\nalarms", "precision") if found.honest else (_RATE, "labelled")
        headers = ("alerts", rate, share, "cases", "recall", "lead", "gone\nbefore", "first")
    table = headed(width, "rule", *headers, numbers_from=1)
    table.columns[0].no_wrap = True
    for row in found.rules.sort("alerts", "rule_id", descending=[True, False]).to_dicts():
        name = clean(row["rule_id"]) + (" (shadow)" if row["status"] == "shadow" else "")
        table.add_row(name, *told(row))
    for column, cell in zip(table.columns, ("all rules", *told(found.whole)), strict=False):
        column.footer = cell
    yield title("Rules")
    yield table


_RATE = "per 1,000\na month"


def _volume(row: Mapping[str, Any]) -> Iterator[str]:
    yield count(row["alerts"])
    yield count(row["subjects"])
    yield _rate(row["per_1000"])


def _finds(row: Mapping[str, Any]) -> Iterator[str]:
    yield count(row["alerts"])
    yield _rate(row["false_per_1000"] if "false_per_1000" in row else row["per_1000"])
    yield from _found(row)
    if "first" in row:
        yield count(row["first"])


def _found(row: Mapping[str, Any]) -> Iterator[str]:
    yield percent(row["precision"])
    yield count(row["found"])
    yield percent(row["recall"])
    yield span(row["lead"])
    yield percent(row["gone"])


def _rate(number: float | None) -> str:
    return "-" if number is None else f"{number:.1f}"


def span(lead: timedelta | None) -> str:
    """A time in days, hours or minutes; a dash for none."""
    if lead is None:
        return "-"
    if abs(lead) >= _DAYS_FROM:
        return f"{lead / timedelta(days=1):.1f} d"
    hours = lead / timedelta(hours=1)
    return f"{hours:.1f} h" if abs(hours) >= 1 else f"{60 * hours:.0f} min"


def _typologies(found: Backtest, width: int) -> Iterator[RenderableType]:
    """The widest typologies of the rules, if there are several."""
    rows = found.rule_typologies.filter(~pl.col("typology").str.contains(".", literal=True))
    if rows.height <= 1 or found.labels is None:
        return
    share = "precision" if found.honest else "labelled"
    headers = ("rules of", "alerts", "subjects", share, "cases", "recall", "lead", "gone before")
    table = headed(width, *headers, numbers_from=1, footer=False)
    for row in rows.to_dicts():
        told = (count(row["alerts"]), count(row["subjects"]))
        table.add_row(clean(row["typology"]), *told, *_found(row))
    yield title("Rules by typology")
    yield table


def _cases(found: Backtest, width: int) -> Iterator[RenderableType]:
    if found.case_typologies is not None and found.case_typologies.height:
        yield title("Labelled cases by typology, all rules together")
        yield _breakdown(found.case_typologies, "typology", width)


def _by(found: Backtest, width: int) -> Iterator[RenderableType]:
    if found.by is not None:
        for name in found.by["column"].unique(maintain_order=True).to_list():
            yield title(clean(f"Labelled cases by {name}"))
            yield _breakdown(found.by.filter(pl.col("column") == name), "value", width)


def _breakdown(table: pl.DataFrame, name: str, width: int) -> RenderableType:
    headers = (name, "cases", "found", "recall", "lost", "lost before", "lost after", "lead")
    shown = headed(width, *headers, numbers_from=1, footer=False)
    for row in table.to_dicts():
        money = (count(round(row[one])) for one in ("lost", "lost_before", "lost_after"))
        numbers = (count(row["cases"]), count(row["found"]), percent(row["recall"]))
        shown.add_row(clean(row[name]), *numbers, *money, span(row["lead"]))
    return shown


def _idle(found: Backtest) -> Iterator[RenderableType]:
    """Rules that add nothing: each case they find, others find no later."""
    if found.labels is None:
        return
    idle = found.rules.filter(~pl.col("adds"))["rule_id"].to_list()
    if idle:
        yield title("Never first: what these find, others find no later")
    for rule in idle:
        pairs = found.overlap.filter(pl.col("rule_id") == rule).sort(
            "cases", "other", descending=[True, False]
        )
        best = pairs.to_dicts()[0]
        cases = found.rules.filter(pl.col("rule_id") == rule)["found"].item()
        told = f"{best['other']} finds {count(best['cases'])} of its {several(cases, 'case')}"
        yield Text(clean(f"{rule}: {told}"))
    nothing = found.rules.filter(pl.col("found") == 0)["rule_id"].to_list()
    if nothing:
        yield Text(clean(f"No labelled case: {', '.join(nothing)}"))


def _overlap(found: Backtest) -> Iterator[RenderableType]:
    pairs = found.overlap.filter(pl.col("share") >= _MUCH).sort(
        "share", "subjects", "rule_id", "other", descending=[True, True, False, False]
    )
    if pairs.height:
        yield title("Rules that alert on the same subjects")
    for row in pairs.head(SHOWN).to_dicts():
        share = f"{percent(row['share'])} of those of {row['rule_id']}"
        told = f"both alert on {several(row['subjects'], 'subject')}, {share}"
        yield Text(clean(f"{row['rule_id']} and {row['other']}: {told}"))
    if pairs.height > SHOWN:
        yield Text(f"and {several(pairs.height - SHOWN, 'more pair')} of half or more", style="dim")


def _missed(found: Backtest) -> Iterator[RenderableType]:
    if found.missed is None or found.labels is None or found.missed.is_empty():
        return
    cases = several(found.labels.cases, "labelled case")
    yield title(f"No rule finds {count(found.missed.height)} of {cases}")
    for row in found.missed.head(SHOWN).to_dicts():
        when = "" if row["first"] is None else f", from {moment(row['first'], found.zone)}"
        size = several(row["transactions"], "transaction")
        lost = f"{count(round(row['lost']))} {found.currency} lost"
        kind = f"{row['typology']}, " if row["typology"] else ""
        yield Text(clean(f"{row['case']}: {kind}{lost}, {size}{when}"))


def _unavailable(found: Backtest) -> Iterator[RenderableType]:
    for rule, missing in found.unavailable.items():
        told = f"{rule} did not run: the payments lack {', '.join(missing)}"
        yield Text(clean(told), style="yellow")
    if found.drafts:
        told = f"{several(len(found.drafts), 'draft')}: {', '.join(found.drafts)}"
        yield Text(f"Did not run: {told}; a draft runs if it is selected by its id", style="yellow")


def _note(found: Backtest) -> Iterator[RenderableType]:
    if found.labels is None:
        yield Text(NO_LABELS, style="dim")
    elif not found.honest:
        yield Text(NOT_INNOCENT, style="dim")
