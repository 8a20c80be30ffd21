"""One evaluation from end to end: rules over transactions, then stratum by stratum over alerts."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Literal

import polars as pl

from txmon.evaluate.alert_rows import in_order, no_alerts
from txmon.evaluate.carry import Carry
from txmon.evaluate.run import Evaluation, Layer, evaluate_layer
from txmon.evaluate.table import TIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.evaluate.table import Clock
    from txmon.language.checked import Rule
    from txmon.plan import Plan, Stratum

    Start = int | Mapping[int, int] | None


def evaluate(
    plan: Plan,
    carry: Carry,
    rows: pl.DataFrame,
    *,
    digits: int = 2,
    data_start: int | Mapping[int, int] | None = None,
    partitions: int | None = None,
    keep_carry: bool = False,
    features: bool = False,
    evidence: bool = True,
) -> Evaluation:
    """Evaluate a plan over rows that come after those already in the carry.

    A pure function: no files, no clock, no global state.

    Args:
        plan: the compiled pack.
        carry: the state after earlier rows; ``Carry()`` before the first.
        rows: accepted rows in the contract's order, storage form.
        digits: decimals of the reporting currency, for texts.
        data_start: where the data begins (microseconds; with cases, per case); by default the
            carry's, else the earliest row.
        partitions: parts that each lane is cut into; by default by size.
        keep_carry: whether to work out the next carry.
        features: whether to hand out every feature at every row.
        evidence: whether alerts tell the transactions counted in their windows; without, an
            alert names its trigger and its pattern's rows only, at a fraction of the cost.
    """

    def layer(
        part: Plan, before: Carry, found: pl.DataFrame, start: Start, clock: Clock | None = None
    ) -> Layer:
        return evaluate_layer(
            part,
            before,
            found,
            digits=digits,
            data_start=start,
            partitions=partitions,
            keep_carry=keep_carry,
            features=features,
            evidence=evidence,
            clock=clock,
        )

    base = layer(plan, carry, rows, data_start)
    layers = [base]
    rules = {condition.rule.id: condition.rule for condition in plan.every_condition}
    befores = carry.strata or (Carry(),) * len(plan.strata)
    for stratum, before in zip(plan.strata, befores, strict=True):
        found = alerts_below(stratum, layers, rules, rows)
        layers.append(layer(stratum.plan, before, found, base.data_start, base.clock))
    return _joined([layer.evaluation for layer in layers])


def alerts_below(
    stratum: Stratum, layers: Sequence[Layer], rules: Mapping[str, Rule], rows: pl.DataFrame
) -> pl.DataFrame:
    """The alerts that a stratum reads, of those raised below it."""
    raised = {id_: alerts for layer in layers for id_, alerts in layer.raised.items()}
    found = [alerts for id_, alerts in raised.items() if stratum.reads(rules[id_])]
    return in_order(found) if found else no_alerts(rows)


def _joined(layers: Sequence[Evaluation]) -> Evaluation:
    """What all layers found, as one; each counts its own rules."""
    base, *above = layers
    if not above:
        return base
    carries = tuple(layer.carry for layer in above if layer.carry is not None)
    return Evaluation(
        alerts=_in_time([layer.alerts for layer in layers]),
        shadow_alerts=_in_time([layer.shadow_alerts for layer in layers]),
        hits=_in_time([layer.hits for layer in layers]),
        outcomes={id_: counts for layer in layers for id_, counts in layer.outcomes.items()},
        causes={id_: counts for layer in layers for id_, counts in layer.causes.items()},
        skipped={id_: counts for layer in layers for id_, counts in layer.skipped.items()},
        features=None if base.features is None else _tables(base.features, above),
        carry=None if base.carry is None else replace(base.carry, strata=carries),
        told=pl.concat([layer.told for layer in layers]),
    )


def _tables(transactions: pl.DataFrame, above: Sequence[Evaluation]) -> pl.DataFrame:
    """Features of transactions, then those of alerts: one row an alert and side.

    A layer whose rules all lack a column has no features, and says nothing of its alerts.
    """
    tables = [layer.features for layer in above if layer.features is not None]
    told = [table for table in tables if "alert_id" in table.columns]
    if not told:
        return transactions
    return pl.concat([transactions, reduce(_beside, told)], how="diagonal")


def _beside(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    keys = ["transaction_id", "side", "alert_id"]
    order: Literal["left_right"] = "left_right"
    return left.join(
        right, on=keys, how="full", coalesce=True, nulls_equal=True, maintain_order=order
    )


def _in_time(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(tables).sort(TIME, maintain_order=True)
