"""Alerts of two packs paired off: the same ones, those that moved, and those without a partner.

Two alerts are the same if rule, timeline, side and trigger transaction are; of several on one
transaction the first is paired with the first. Ids cannot be used: they are made from the logic.
What is left is paired if rule and subject are the same and the evidence overlaps, most of it first.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

KEYS = ("rule_id", "#line", "side", "transaction_id", "#nth")
FIELDS = ("severity", "score", "level", "subject", "event_time")
OLD, NEW = "#old", "#new"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Places in the two tables of alerts: pairs that are the same or moved, and the rest."""

    both: pl.DataFrame
    lost: pl.Series
    gained: pl.Series


def paired(old: pl.DataFrame, new: pl.DataFrame) -> Pairs:
    """Pair off two tables of alerts."""
    left, right = _keyed(old, OLD), _keyed(new, NEW)
    exact = left.join(right, on=KEYS, how="inner", nulls_equal=True).select(OLD, NEW)
    lost = _rest(left[OLD], exact[OLD])
    gained = _rest(right[NEW], exact[NEW])
    moved = _overlapping(old, new, lost, gained)
    both = pl.concat([exact.with_columns(pl.lit(value=False).alias("moved")), moved])
    return Pairs(both.sort(NEW), _rest(lost, moved[OLD]), _rest(gained, moved[NEW]))


def fields(old: pl.DataFrame, new: pl.DataFrame, pairs: Pairs) -> pl.Series:
    """In what the alerts of each pair differ, as lists of names."""
    left = _compared(old)[pairs.both[OLD].to_list()]
    right = _compared(new)[pairs.both[NEW].to_list()]
    flags = [
        pl.when(left[name].ne_missing(right[name])).then(pl.lit(name)) for name in left.columns
    ]
    moved = pl.when(pairs.both["moved"]).then(pl.lit("transaction"))
    listed = pl.select(pl.concat_list([moved, *flags]).list.drop_nulls().alias("fields"))
    return listed.to_series()


def _keyed(alerts: pl.DataFrame, place: str) -> pl.DataFrame:
    line = pl.col("timeline").list.join("\x1f").fill_null("")
    keys = alerts.select("rule_id", line.alias("#line"), "side", "transaction_id")
    nth = pl.int_range(pl.len()).over(list(KEYS[:-1])).alias("#nth")
    return keys.with_columns(nth).with_row_index(place).cast({place: pl.Int64})


def _rest(places: pl.Series, taken: pl.Series) -> pl.Series:
    return places.filter(~places.is_in(taken.implode()))


def _overlapping(
    old: pl.DataFrame, new: pl.DataFrame, lost: pl.Series, gained: pl.Series
) -> pl.DataFrame:
    """Pairs of what is left with transactions in common, each alert once, most of them first."""
    left, right = _evidence(old, lost, OLD), _evidence(new, gained, NEW)
    common = left.join(right, on=["rule_id", "subject", "id"], how="inner")
    ranked = (
        common.group_by(OLD, NEW).len().sort(["len", NEW, OLD], descending=[True, False, False])
    )
    seen: tuple[set[int], set[int]] = (set(), set())
    chosen = []
    for before, after, _ in ranked.iter_rows():
        if before not in seen[0] and after not in seen[1]:
            seen[0].add(before)
            seen[1].add(after)
            chosen.append((before, after, True))
    schema = {OLD: pl.Int64, NEW: pl.Int64, "moved": pl.Boolean}
    return pl.DataFrame(chosen, schema=schema, orient="row")


def _evidence(alerts: pl.DataFrame, places: pl.Series, name: str) -> pl.DataFrame:
    chosen = alerts.select("rule_id", "subject", "evidence")[places.to_list()]
    ids = pl.col("evidence").list.eval(pl.element().struct.field("transaction_id")).alias("id")
    return chosen.with_columns(places.alias(name), ids).drop("evidence").explode("id").drop_nulls()


def _compared(alerts: pl.DataFrame) -> pl.DataFrame:
    """What makes two alerts of one transaction different, as plain columns."""
    one = pl.element().struct
    said = pl.concat_str(one.field("name"), pl.lit("="), one.field("value").fill_null("-"))
    return alerts.select(
        *FIELDS,
        pl.col("features").list.eval(said).list.join("\x1f").alias("values"),
        pl.col("evidence").list.eval(one.field("transaction_id")).list.join("\x1f"),
    )
