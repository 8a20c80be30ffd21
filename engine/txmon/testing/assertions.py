"""Alerts compared with what a test expects, and the difference in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.scoring import Result, score
from txmon.testing.expectations import AT, FIELDS, check_name, differences, evidence_text
from txmon.testing.factories import START

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from txmon.language.checked import Pack
    from txmon.sources.files import Sources

_COUNT = "evidence_count"


def assert_alerts(
    actual: Result | Sources,
    expected: Iterable[Mapping[str, Any]] | pl.DataFrame,
    *,
    pack: Pack | None = None,
    rule: str | None = None,
    start: datetime = START,
) -> None:
    """Assert that alerts are the expected ones, in any order, and no others.

    Args:
        actual: a result of ``txmon.score`` or a frame of alerts; with ``pack``, payments that are
            to be scored.
        expected: a mapping an alert, with the fields that matter only: columns of the alerts;
            ``at``, the offset of ``event_time`` from ``start``; ``evidence``, how many
            transactions, or their ids in order. Or a frame with such columns: that of ``oracle``.
        pack: the pack to score ``actual`` by.
        rule: only alerts of this rule are looked at.
        start: what ``at`` counts from.

    Raises:
        AssertionError: they are not; its text tells each difference.
        ValueError: an expected field is none of an alert.
    """
    table = _alerts(actual, pack)
    wanted = expected.to_dicts() if isinstance(expected, pl.DataFrame) else list(expected)
    if rule is not None:
        table = table.filter(pl.col("rule_id") == rule)
        wanted = [one for one in wanted if one.get("rule_id", rule) == rule]
    texts = [{name: _text(name, value) for name, value in one.items()} for one in wanted]
    for name in {name for one in texts for name in one}:
        problem = check_name(name)
        if problem is not None:
            raise ValueError(f"{problem.message}; {problem.help}")
    lines = differences(texts, _rows(table), start)
    if lines:
        raise AssertionError("the alerts differ\n" + "\n".join(lines))


def _alerts(actual: Any, pack: Pack | None) -> pl.DataFrame:
    if pack is not None:
        return score(actual, pack).alerts
    return actual.alerts if isinstance(actual, Result) else pl.DataFrame(actual)


def _rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    """The alerts with the ids of their evidence, whether the engine's or the oracle's."""
    known = [name for name in table.columns if name in {*FIELDS, _COUNT}]
    rows = table.select(known).to_dicts()
    for row in rows:
        found = row.get("evidence") or []
        row["evidence"] = [one["transaction_id"] if isinstance(one, dict) else one for one in found]
    return rows


def _text(name: str, value: Any) -> str:
    """A value as an expectation in a case file would write it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return evidence_text(value) if name == "evidence" else ", ".join(map(str, value))
    return str(value) if name != AT or str(value).startswith("+") else f"+{value}"
