"""Small tables for the oracle's tests: rows of defaults, and one feature or condition asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from txmon.schema import Schema
from txmon.testing import trees as t
from txmon.testing.factories import moment, transactions
from txmon.testing.oracle_judge import judge
from txmon.types import BOOL, DATE, INT, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.language.checked import Rule
    from txmon.language.nodes import Expr, FeatureNode
    from txmon.testing.oracle_verdicts import Verdicts

AMOUNT = t.column("amount")
ALWAYS = t.compare(AMOUNT, ">", t.money("-1"))
BY_DEBTOR = ("debtor_account",)
BY_ACCOUNT = ("account",)
WIDE: dict[str, Any] = {
    "debtor_account": "A",
    "creditor_account": "B",
    "amount": "10",
    "kind": "transfer",
    "device_id": None,
    "debtor_segment": None,
    "creditor_segment": None,
    "remittance_information": None,
}
COLUMNS = {
    "score": Type(Kind.NUMBER, 2),
    "tries": INT,
    "opened": DATE,
    "flag": BOOL,
}
SCHEMA = Schema.with_columns(COLUMNS)


Rows: TypeAlias = "Sequence[Mapping[str, Any]]"


def run(rows: Rows, *rules: Rule, **options: Any) -> Verdicts:
    defaults: dict[str, Any] = {**WIDE, **dict.fromkeys(COLUMNS)}
    frame = transactions(rows, columns=COLUMNS, **defaults)
    start = options.pop("data_start", None)
    pack = t.pack(*rules, schema=SCHEMA, **options)
    return judge(pack, frame.to_dicts(), data_start=start)


def microseconds(text: str) -> int:
    return int(moment(text).timestamp()) * 1_000_000


def values(rows: Rows, by: tuple[str, ...], feature: FeatureNode) -> list[Any]:
    """The feature at every row of a rule by these keys, in order."""
    rule = t.rule(ALWAYS, by=by, features={"x": feature})
    verdicts = run(rows, rule)
    return [features["x"] for features in verdicts.features["r1"].values()]


def expression(node: Expr, **row: Any) -> Any:
    """The value of an expression at a single row."""
    return values([{"at": "+0h", **row}], BY_DEBTOR, node)[0]


def cause(node: Expr, **row: Any) -> str | None:
    """Why a condition is unknown at a single row."""
    (outcome,) = run([{"at": "+0h", **row}], t.rule(node, by=BY_DEBTOR)).outcomes["r1"].values()
    return outcome.cause if outcome.outcome == "unknown" else outcome.outcome


def at(*offsets: str, **row: Any) -> Rows:
    return [{"at": offset, **row} for offset in offsets]


def counting(window: Any, by: tuple[str, ...] = BY_DEBTOR, where: Expr | None = None) -> Any:
    return t.aggregate("count", by=by, window=window, where=where)
