"""The laws of a batch, each in one sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import assume, given
from hypothesis import strategies as st

from laws.engine import NOT_SHOWN, Place, Rows, Said, by_engine, in_order, plain, without_outcomes
from txmon.language.strata import hears, with_sources
from txmon.testing.factories import START
from txmon.testing.strategies import packs, rows
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from txmon.language.checked import Pack

CUTS = st.lists(st.integers(0, 14), min_size=1, max_size=4)
PARTITIONS = st.integers(1, 5)
NAMES = {"A": "acme", "B": "bob", "C": "carl", "d1": "desk", "d2": "dune"}
SHIFTS = st.sampled_from([timedelta(microseconds=-1), timedelta(hours=5), timedelta(days=400)])


def of(said: Said, transactions: Collection[str]) -> Said:
    """What was said of some transactions alone; an alert elsewhere is not named.

    An alert is of the transaction that triggered it.
    """
    hits = {
        place: (level, raised, _known(alert, transactions))
        for place, (level, raised, alert) in said.hits.items()
        if _transaction(place[1]) in transactions
    }
    return Said(
        alerts={
            place: {**alert, "evidence": tuple(_named(x, transactions) for x in alert["evidence"])}
            for place, alert in said.alerts.items()
            if _transaction(place[1]) in transactions
        },
        hits=hits,
        features={p: x for p, x in said.features.items() if _transaction(p[1]) in transactions},
        whole={p: x for p, x in said.whole.items() if _transaction(p[1]) in transactions},
    )


def _transaction(name: str) -> str:
    """The transaction that a row is, or that triggered the alert of this name."""
    parts = name.split("|")
    return parts[len(parts) // 2]


def _named(name: str, transactions: Collection[str]) -> str:
    return name if "|" not in name or _transaction(name) in transactions else NOT_SHOWN


def _known(alert: tuple[str, str | None] | str | None, transactions: Collection[str]) -> Any:
    if alert is None or isinstance(alert, str):
        return alert
    return alert if _transaction(alert[0]) in transactions else None


def ids(table: Rows) -> set[str]:
    return {row["transaction_id"] for row in table}


@given(rows(history=True), packs(), CUTS)
def test_any_split_into_pieces_says_what_one_batch_says(
    table: Rows, pack: Pack, cuts: list[int]
) -> None:
    cuts = [min(cut, len(table)) for cut in cuts]
    assert by_engine(pack, table, cuts=cuts) == by_engine(pack, table)


@given(rows(history=True), packs(), PARTITIONS)
def test_any_number_of_partitions_says_what_one_says(
    table: Rows, pack: Pack, partitions: int
) -> None:
    assert by_engine(pack, table, partitions=partitions) == by_engine(pack, table)


@given(rows(), packs(), CUTS, PARTITIONS)
def test_pieces_of_partitions_say_what_one_batch_says(
    table: Rows, pack: Pack, cuts: list[int], partitions: int
) -> None:
    cuts = [min(cut, len(table)) for cut in cuts]
    assert by_engine(pack, table, cuts=cuts, partitions=partitions) == by_engine(pack, table)


@given(rows(), packs(late=False), st.integers(1, 13))
def test_a_later_transaction_never_changes_what_was_said_before(
    table: Rows, pack: Pack, count: int
) -> None:
    earlier = in_order(table)[:count]
    before, after = by_engine(pack, earlier), by_engine(pack, table)
    assert of(after, ids(earlier)) == without_outcomes(before)


@given(rows(), packs(), st.integers(1, 13))
def test_what_a_later_transaction_adds_is_not_earlier_than_what_was_known(
    table: Rows, pack: Pack, count: int
) -> None:
    earlier = in_order(table)[:count]
    before, after = by_engine(pack, earlier), by_engine(pack, table)
    known = plain(max(row["event_time"] for row in earlier))
    later = {place: row for place, row in after.whole.items() if place not in before.whole}
    assert {place: after.whole.get(place) for place in before.whole} == before.whole
    assert all(plain(row["event_time"]) >= known for row in later.values())


@given(rows(most=8), rows(most=8), packs(late=False))
def test_accounts_that_share_no_key_never_change_each_others_alerts(
    table: Rows, others: Rows, pack: Pack
) -> None:
    assume(all(rule.by or rule.graph for rule in pack.rules))
    strangers = [_stranger(row) for row in others]
    alone = by_engine(pack, table, data_start=START)
    together = by_engine(pack, table + strangers, data_start=START)
    assert of(together, ids(table)) == without_outcomes(alone)


def _stranger(row: dict[str, Any]) -> dict[str, Any]:
    """The row of someone else: nothing that can be a key stays the same."""
    texts = ("debtor_account", "creditor_account", "device_id", "debtor_segment")
    renamed = {name: row[name] and f"{row[name]}'" for name in (*texts, "creditor_segment")}
    tries = None if row["tries"] is None else row["tries"] + 10
    ids = {name: row[name] and f"s{row[name]}" for name in ("transaction_id", "reverses")}
    return {**row, **renamed, "tries": tries, **ids}


@given(rows(), st.lists(st.tuples(st.integers(0, 13), st.integers(0, 9))), packs())
def test_rows_of_a_kind_that_no_rule_names_change_nothing(
    table: Rows, resets: list[tuple[int, int]], pack: Pack
) -> None:
    nothing = {"amount": None, "original_amount": None, "currency": None, "kind": "password_reset"}
    events = [
        {**table[at % len(table)], **nothing, "transaction_id": f"{name}{number}"}
        for number, (at, name) in enumerate(resets)
    ]
    start = min(row["event_time"] for row in table)
    with_events = by_engine(pack, table + events, data_start=start)
    assert of(with_events, ids(table)) == without_outcomes(by_engine(pack, table))


@given(rows(), packs(spelling=False))
def test_renaming_keys_in_their_order_renames_values_and_nothing_else(
    table: Rows, pack: Pack
) -> None:
    def renamed(values: dict[str, Any]) -> dict[str, Any]:
        return {name: NAMES.get(str(value), value) for name, value in values.items()}

    def moved(places: dict[Place, Any]) -> dict[Place, Any]:
        """The subjects of graph rules stand in their places."""
        return {(*place[:2], NAMES.get(str(place[2]), place[2])): x for place, x in places.items()}

    before, after = by_engine(pack, table), by_engine(pack, [renamed(row) for row in table])
    features = {place: renamed(values) for place, values in before.features.items()}
    alerts = {
        place: {**alert, "timeline": tuple(NAMES.get(key, key) for key in alert["timeline"])}
        for place, alert in before.alerts.items()
    }
    hits = {
        place: (level, raised, alert and (alert[0], NAMES.get(str(alert[1]), alert[1])))
        for place, (level, raised, alert) in before.hits.items()
    }
    expected = replace(before, features=features, alerts=moved(alerts), hits=moved(hits), whole={})
    assert replace(after, whole={}) == expected


@given(rows(), packs(clock=False), SHIFTS)
def test_shifting_all_time_shifts_alerts_and_nothing_else(
    table: Rows, pack: Pack, shift: timedelta
) -> None:
    later = [
        {**row, **{name: row[name] and row[name] + shift for name in ("event_time", "seen_at")}}
        for row in table
    ]
    steps = shift // timedelta(microseconds=1)
    before, after = by_engine(pack, table), by_engine(pack, later)
    assert replace(after, whole={}) == _shifted(before, pack, steps)
    assert _alert_ids(after) == _alert_ids(before)


def _alert_ids(said: Said) -> dict[Place, str]:
    return {place: row["alert_id"] for place, row in said.whole.items()}


def _shifted(said: Said, pack: Pack, steps: int) -> Said:
    timed = ("event_time", "window_start", "window_end")
    times = {
        (rule.id, name)
        for rule in pack.rules
        for name, feature in rule.features.items()
        if feature.type.kind is Kind.TIME
    }

    def moved(values: dict[str, Any], *, timed: Collection[str]) -> dict[str, Any]:
        return {
            name: value + steps if name in timed and value is not None else value
            for name, value in values.items()
        }

    alerts = {place: moved(alert, timed=timed) for place, alert in said.alerts.items()}
    features = {
        place: moved(values, timed=[name for name in values if (place[0], name) in times])
        for place, values in said.features.items()
    }
    return replace(said, alerts=alerts, features=features, whole={})


@given(rows(history=True), packs())
def test_the_counts_add_up(table: Rows, pack: Pack) -> None:
    said = by_engine(pack, table)
    shown = sum(not row["history"] for row in table)
    for rule in pack.rules:
        outcomes = said.outcomes[rule.id]
        hits = [hit for place, hit in said.hits.items() if place[0] == rule.id]
        mine = [place for place in said.hits if place[0] == rule.id]
        rows_hit = {place[1:] if rule.graph is None else place[1] for place in mine}
        alerts = [place for place in said.alerts if place[0] == rule.id]
        read = {other.id for other in pack.rules if hears(rule, other)}
        asked = sum(place[0] in read for place in said.alerts) if rule.sources else shown
        late = rule.sequence is not None and rule.sequence.ending is not None
        judged = asked * (2 if rule.sided else 1) + (len(rows_hit) if late else 0)
        assert sum(outcomes.values()) == judged
        assert outcomes.get("unknown", 0) == sum(said.causes[rule.id].values())
        assert outcomes.get("hit", 0) == len(rows_hit)
        assert sum(raised for _, raised, _ in hits) == len(alerts)


@given(rows(), packs())
def test_adding_a_rule_changes_no_other_rules_alerts(table: Rows, pack: Pack) -> None:
    together = by_engine(pack, table)
    for rule in pack.rules:
        alone = by_engine(replace(pack, rules=with_sources([rule], pack.rules)), table)
        alone = _of_rule(alone, rule.id)
        assert alone.whole == {p: x for p, x in together.whole.items() if p[0] == rule.id}
        assert alone.hits == {p: x for p, x in together.hits.items() if p[0] == rule.id}
        assert alone.features == {p: x for p, x in together.features.items() if p[0] == rule.id}


def _of_rule(said: Said, rule_id: str) -> Said:
    """What one rule said."""
    return Said(
        hits={p: x for p, x in said.hits.items() if p[0] == rule_id},
        features={p: x for p, x in said.features.items() if p[0] == rule_id},
        whole={p: x for p, x in said.whole.items() if p[0] == rule_id},
    )


@given(rows(), packs(), st.integers(1, 13))
def test_history_keeps_back_what_it_would_have_said_alone(
    table: Rows, pack: Pack, count: int
) -> None:
    ordered = in_order(table)
    past = [{**row, "history": number < count} for number, row in enumerate(ordered)]
    alone, whole = by_engine(pack, ordered[:count]), by_engine(pack, table)
    said = by_engine(pack, past)
    assert said.whole == {p: x for p, x in whole.whole.items() if p not in alone.whole}


@given(rows(), packs(late=False), st.integers(1, 13))
def test_history_emits_nothing_but_suppresses(table: Rows, pack: Pack, count: int) -> None:
    ordered = in_order(table)
    past = [{**row, "history": number < count} for number, row in enumerate(ordered)]
    said = by_engine(pack, past)
    assert without_outcomes(said) == of(by_engine(pack, table), ids(ordered[count:]))
