"""A compiled expression has at every row the value that the oracle gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import given

from laws.engine import Rows, in_order, plain
from txmon.evaluate.measured import MEASURED
from txmon.language.compile import Compiler
from txmon.testing import trees
from txmon.testing.factories import frame
from txmon.testing.oracle_judge import judge
from txmon.testing.random_lists import LISTS
from txmon.testing.random_rules import HOLIDAYS
from txmon.testing.random_trees import COLUMNS, SCHEMA
from txmon.testing.strategies import expressions, rows
from txmon.types import Kind

if TYPE_CHECKING:
    from txmon.language.nodes import Expr

ZONE = "America/New_York"
COMPILER = Compiler(ZONE, LISTS, HOLIDAYS, measured=MEASURED)


def compiled(node: Expr, table: Rows) -> list[Any]:
    """The expression over the rows as evaluation holds them."""
    stored = frame(table, columns=COLUMNS)
    times = [
        name
        for name in stored.columns
        if name != "history" and SCHEMA.columns[name].kind in {Kind.TIME, Kind.DATE}
    ]
    held = stored.with_columns(pl.col(name).to_physical().cast(pl.Int64) for name in times)
    value = held.select(value=COMPILER.expression(node))["value"].to_list()
    return value if len(value) == len(table) else value * len(table)


def judged(node: Expr, table: Rows) -> list[Any]:
    rule = trees.rule(trees.boolean(value=False), features={"x": node})
    pack = trees.pack(rule, schema=SCHEMA, timezone=ZONE, lists=LISTS, holidays=HOLIDAYS)
    return [row["x"] for row in judge(pack, table).features["r1"].values()]


@given(rows(), expressions())
def test_a_compiled_expression_is_what_the_oracle_says(table: Rows, node: Expr) -> None:
    paid = [{**row, "amount": row["amount"] or 0} for row in table]
    found = [plain(value) for value in compiled(node, in_order(paid))]
    assert found == [plain(value) for value in judged(node, paid)]
