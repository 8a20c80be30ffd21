"""The examples of docs/semantics.md: how they are read, and what the engine says of them.

In a ``text rule`` block some keys of a rule stand above a table of rows; in a ``text input`` block
there is the table alone. Left of the bar stands what comes in, right of it what is expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from txmon.authoring.cases.tables import read_grid
from txmon.evaluate import Carry, evaluate
from txmon.language.display import Display
from txmon.packs import load_pack
from txmon.results import CAUSES, OUTCOMES
from txmon.testing.factories import START, transactions
from txmon.types import MONEY, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from txmon.evaluate import Evaluation
    from txmon.language.checked import Pack
    from txmon.plan import Plan

PAGE = (Path(__file__).parents[2] / "docs" / "semantics.md").read_text(encoding="utf-8")
SENTENCE = re.compile(
    r"^\*\*(?P<number>\d+\.\d+)\*\* (?:(?!^\*\*\d|^#).)*", re.DOTALL | re.MULTILINE
)
BLOCK = re.compile(r"^```text (?P<kind>rule|input)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
PACK = """\
name: example
version: 1.0.0
currency: CNY
timezone: Asia/Shanghai
columns: {risk: {type: number, scale: 2}}
holidays: lists.holidays
"""
HEADER = """\
id: example
version: 1.0.0
title: An example
typology: test.example
severity: medium
status: stable
"""
RATES = "currency,date,rate\nUSD,2026-03-01,7.25\nUSD,2026-03-03,7.1\nJPY,2026-01-01,0.045\n"
(ACCOUNTS,) = re.findall(r"^```csv\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
ROW = {"debtor_account": "A", "creditor_account": "B", "amount": "10"}
DISPLAY = Display(2, "Asia/Shanghai")


@dataclass(frozen=True)
class Example:
    """One block: the keys of a rule, and the table's two halves, row by row."""

    rule: str
    given: list[dict[str, str | None]]
    expected: list[dict[str, str | None]]


def examples(kind: str) -> dict[str, Example]:
    """The examples of one kind by the number of their sentence."""
    return {
        sentence["number"]: _read(block)
        for sentence in SENTENCE.finditer(PAGE)
        for block in BLOCK.finditer(sentence[0])
        if block["kind"] == kind
    }


def _read(block: re.Match[str]) -> Example:
    rule, _, table = block["text"].rpartition("\n\n")
    grid, problems = read_grid(table)
    assert grid is not None, problems
    names = [str(cell.value) for cell in grid.header]
    bar = names.index("|")
    lines = [[cell.value for cell in line.cells] for line in grid.rows]
    return Example(
        rule,
        [dict(zip(names[:bar], line[:bar], strict=True)) for line in lines],
        [dict(zip(names[bar + 1 :], line[bar + 1 :], strict=True)) for line in lines],
    )


def pack_of(folder: Path, *rules: str) -> Pack:
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "lists" / "watched.csv").write_text("account\nX\n")
    (folder / "lists" / "accounts.csv").write_text(ACCOUNTS)
    (folder / "lists" / "holidays.csv").write_text("day:date\n2026-03-04\n")
    (folder / "pack.yaml").write_text(PACK)
    (folder / "rates.csv").write_text(RATES)
    for number, rule in enumerate(rules):
        text = rule if rule.startswith("id:") else f"{HEADER}{rule}\n"
        (folder / f"rule_{number}.yaml").write_text(text)
    return load_pack(folder)


def table_of(given: list[dict[str, str | None]]) -> pl.DataFrame:
    rows = [{"id": str(number), **row} for number, row in enumerate(given, 1)]
    return transactions(rows, **ROW)


class Said:
    """What the engine says of a table by one rule, in the words of the page."""

    def __init__(self, plan: Plan, table: pl.DataFrame) -> None:
        whole = evaluate(plan, Carry(), table, features=True, keep_carry=True)
        assert whole.features is not None
        self._plan = plan
        (self._condition,) = plan.conditions
        self._alerts = {
            (row["transaction_id"], row["side"]): row for row in whole.alerts.to_dicts()
        }
        self._hits = {(row["transaction_id"], row["side"]): row for row in whole.hits.to_dicts()}
        values = whole.features.to_dicts()
        self._features = {(row["transaction_id"], row["side"]): row for row in values}
        self._table = table

    @cached_property
    def _alone(self) -> dict[str, Evaluation]:
        pieces = row_by_row(self._plan, self._table)
        return dict(zip(self._table["transaction_id"], pieces, strict=True))

    def cell(self, id_: str, name: str) -> str | None:
        """A cell right of the bar; of two-sided rules the out row's and the in row's."""
        if name in {"says", "cause"}:
            return getattr(self, f"_{name}")(id_)
        sides = ("out", "in") if self._condition.lane.sided else (None,)
        cells = [self._at(id_, side, name) for side in sides]
        return None if set(cells) == {None} else "/".join(cell or "-" for cell in cells)

    def _says(self, id_: str) -> str | None:
        counts = self._alone[id_].outcomes[self._condition.rule.id]
        said = [outcome for outcome in OUTCOMES for _ in range(counts[outcome])]
        if (id_, "in") in self._hits and (id_, "out") not in self._hits:
            said.sort(key="hit".__eq__)
        elif (id_, "out") in self._hits:
            said.sort(key="hit".__ne__)
        return "/".join(said) or None

    def _cause(self, id_: str) -> str | None:
        causes = self._alone[id_].causes[self._condition.rule.id]
        return "/".join(cause for cause in CAUSES if causes.get(cause)) or None

    def _at(self, id_: str, side: str | None, name: str) -> str | None:
        if name == "alert":
            hit = self._hits.get((id_, side))
            return None if hit is None else "raised" if hit["raised"] else "folded"
        if name in self._condition.features:
            return self._feature(self._features.get((id_, side), {}), name)
        alert = self._alerts.get((id_, side))
        return None if alert is None else shown(alert, name)

    def _feature(self, row: Mapping[str, Any], name: str) -> str | None:
        value = row.get(f"{self._condition.rule.id}.{name}")
        type_ = self._plan.features[self._condition.features[name]].type
        if value is None:
            return None
        return str(value) if type_.kind is Kind.DATE else DISPLAY.show(value, type_)


def row_by_row(plan: Plan, table: pl.DataFrame) -> Iterator[Evaluation]:
    carry = Carry()
    for place in range(table.height):
        piece = evaluate(plan, carry, table[place : place + 1], keep_carry=True)
        assert piece.carry is not None
        carry = piece.carry
        yield piece


def shown(alert: Mapping[str, Any], name: str) -> str | None:
    value = alert[name]
    if name == "evidence":
        return ",".join(row["transaction_id"] for row in value)
    if name in {"window_start", "window_end"}:
        return None if value is None else offset(value - START)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


def offset(since: timedelta) -> str:
    hours = since / timedelta(hours=1)
    return f"{hours:+g}h"


def stored_cell(stored: Mapping[str, Any], name: str) -> str | None:
    value = stored.get(name)
    if value is None:
        return None
    if name == "risk":
        return f"{value / 100:.2f}"
    return DISPLAY.money(value, MONEY) if isinstance(value, int) else str(value)
