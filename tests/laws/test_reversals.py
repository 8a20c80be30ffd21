"""Rules that leave out reversed payments: engine, oracle, pieces and partitions agree."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from laws.engine import Rows, by_engine, in_order, without_outcomes
from laws.test_batch_laws import ids, of
from laws.test_oracle_law import assert_agreed
from txmon.testing import trees
from txmon.testing.factories import START
from txmon.testing.random_trees import SCHEMA
from txmon.testing.strategies import rows

if TYPE_CHECKING:
    from txmon.language.checked import Pack

FUNCTIONS = ("count", "sum", "mean", "min", "max", "std", "distinct", "first", "last", "median")
WINDOWS = (
    *(trees.over("1h"), trees.over("24h"), trees.over("24h", "1h"), trees.last(3)),
    *(trees.over("7d", excluding_this=True), trees.last(2, excluding_this=True)),
)
KEYS = (("account",), ("debtor_account",), ("creditor_account",), ("device_id",))
AMOUNT = trees.column("amount", SCHEMA)
TRANSFERS = trees.compare(trees.column("kind", SCHEMA), "==", trees.text("transfer"))
GAPS = st.sampled_from([timedelta(0), timedelta(minutes=20), timedelta(hours=1)])
CUTS = st.lists(st.integers(0, 14), min_size=1, max_size=4)


@st.composite
def reversals(draw: st.DrawFn) -> Rows:
    """Payments of which many take back others, before or after them."""
    table: Rows = draw(rows(most=14))
    time, named = START, st.sampled_from([None, None, *(f"t{one:02d}" for one in range(14))])
    changed = []
    for row in table:
        time += draw(GAPS)
        changed.append({**row, "event_time": time, "reverses": draw(named)})
    return changed


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    """A rule that leaves out reversals, its features over plain windows and one over another."""
    sided = draw(st.booleans())
    by = ("account",) if sided else ("debtor_account",)
    others = KEYS if sided else KEYS[1:]
    features: dict[str, Any] = {"paid": trees.aggregate("count", by=by, window=WINDOWS[1])}
    for number in range(3):
        function = draw(st.sampled_from(FUNCTIONS))
        features[f"f{number}"] = trees.aggregate(
            function,
            *(() if function == "count" else (AMOUNT,)),
            by=draw(st.sampled_from((by, by, *others))),
            window=draw(st.sampled_from(WINDOWS)),
            where=draw(st.sampled_from((None, TRANSFERS))),
        )
    paid = trees.ref("paid", features)
    features["most"] = trees.aggregate("max", paid, by=by, window=WINDOWS[1])
    when = trees.compare(paid, ">=", trees.integer(2))
    events = draw(st.sampled_from(((), ("login",))))
    return trees.pack(
        trees.rule(when, by=by, features=features, events=events, schema=SCHEMA, unreversed=True),
        schema=SCHEMA,
    )


@given(reversals(), packs())
def test_the_engine_says_what_the_oracle_says(table: Rows, pack: Pack) -> None:
    assert_agreed(table, pack)


@given(reversals(), packs(), CUTS, st.integers(1, 3))
def test_pieces_of_partitions_say_what_one_batch_says(
    table: Rows, pack: Pack, cuts: list[int], partitions: int
) -> None:
    cuts = [min(cut, len(table)) for cut in cuts]
    assert by_engine(pack, table, cuts=cuts, partitions=partitions) == by_engine(pack, table)


@given(reversals(), packs(), st.integers(1, 13))
def test_a_later_reversal_changes_nothing_that_was_said_before(
    table: Rows, pack: Pack, count: int
) -> None:
    earlier = in_order(table)[:count]
    before, after = by_engine(pack, earlier), by_engine(pack, table)
    assert of(after, ids(earlier)) == without_outcomes(before)
