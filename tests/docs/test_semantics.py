"""Every numbered sentence of docs/semantics.md is proved: by its example, or by a test below.

A sentence without an example is proved by tests whose names begin with its number:
``test_9_2_...`` proves **9.2**.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import txmon
from docs.examples import (
    BLOCK,
    HEADER,
    PAGE,
    SENTENCE,
    Example,
    Said,
    examples,
    pack_of,
    row_by_row,
    stored_cell,
    table_of,
)
from evaluate import test_exceptions as exceptions
from evaluate import test_over_alerts as over_alerts
from evaluate import test_reversals as reversals
from evaluate import test_sequences as sequences
from evaluate import test_shadow_and_drafts as shadow_and_drafts
from txmon.evaluate import Carry, evaluate
from txmon.evaluate.alerts import ALERT_SCHEMA
from txmon.language import separate
from txmon.packs import load_pack
from txmon.plan import compile_plan
from txmon.results import OUTCOMES
from txmon.sources import intake
from txmon.testing.factories import START

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.evaluate import Evaluation

RULES, INPUTS = examples("rule"), examples("input")


@pytest.mark.parametrize("example", [*RULES.values()], ids=[*RULES])
def test_examples_of_rules(example: Example, tmp_path: Path) -> None:
    table = table_of(example.given)
    plan = compile_plan(pack_of(tmp_path, example.rule), table.columns)
    said = Said(plan, table)
    ids = [row.get("id") or str(number) for number, row in enumerate(example.given, 1)]

    found = [
        {name: said.cell(id_, name) for name in row}
        for id_, row in zip(ids, example.expected, strict=True)
    ]

    assert found == example.expected


@pytest.mark.parametrize("example", [*INPUTS.values()], ids=[*INPUTS])
def test_examples_of_input(example: Example, tmp_path: Path) -> None:
    frame = pl.DataFrame(example.given, infer_schema_length=None).cast(pl.String)
    taken = intake(frame, pack_of(tmp_path))
    rejected = dict(taken.rejected.select("row", "reason").iter_rows())
    accepted = {row["transaction_id"]: row for row in taken.accepted.to_dicts()}

    found, fates, seen = [], [], set[str | None]()
    for number, (row, wanted) in enumerate(zip(example.given, example.expected, strict=True), 1):
        id_ = row["transaction_id"]
        fates.append(rejected.get(number) or ("duplicate" if id_ in seen else "accepted"))
        seen.add(id_)
        stored = {**accepted.get(str(id_), {}), "becomes": fates[-1]}
        kept = stored if fates[-1] == "accepted" else {"becomes": fates[-1]}
        found.append({name: stored_cell(kept, name) for name in wanted})

    assert found == example.expected
    assert taken.counts.accepted == fates.count("accepted")
    assert taken.counts.duplicate == fates.count("duplicate")
    assert taken.counts.rejected == len(rejected)


DRIP = """\
by: debtor_account
features:
  n: count() where amount >= 10 over 24h
when: n >= 2
alert:
  suppress: 2h
  message: "{n} payments"
"""
DRIPS = [{"at": f"+{hour}h", "amount": "20"} for hour in range(6)]


def evaluation(
    folder: Path, *rules: str, rows: list[dict[str, str | None]], **options: Any
) -> Evaluation:
    table = table_of(rows)
    return evaluate(compile_plan(pack_of(folder, *rules), table.columns), Carry(), table, **options)


def ids(found: Evaluation) -> list[str]:
    return found.alerts["alert_id"].to_list()


def payment(id_: str, **other: str | None) -> dict[str, str | None]:
    full = {"transaction_id": id_, "event_time": "2026-03-01T00:00:00Z", "debtor_account": "A"}
    return {**full, "amount": "10", "currency": "CNY", **other}


def test_1_6_a_rule_that_needs_a_missing_column_is_not_run(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, 'when: device_id == "d"')
    frame = pl.DataFrame([payment("1")])

    (rule,) = txmon.score(frame, pack).summary.rules

    assert rule.unavailable == "example: the data lacks device_id; map it, or leave the rule out"
    with pytest.raises(txmon.DataError, match="device_id"):
        txmon.score(frame, pack, strict=True)


def test_1_6_a_param_takes_its_default_where_the_data_lacks_its_column(tmp_path: Path) -> None:
    vary = "{limit: {type: money, default: 5, vary: {channel: {branch: 100}}}}"
    pack = pack_of(tmp_path, f"params: {vary}\nwhen: amount > limit")

    assert txmon.score(pl.DataFrame([payment("1")]), pack, strict=True).alerts.height == 1


@pytest.mark.parametrize(
    ("zone", "times", "today"),
    [
        # 23 hours on 8 March, 25 on 1 November
        ("America/New_York", ["03-08T05:00", "03-09T03:59", "03-09T04:00"], [1, 2, 1]),
        ("America/New_York", ["11-01T04:00", "11-02T04:59", "11-02T05:00"], [1, 2, 1]),
        # 24 April begins at 1:00: at midnight the clocks leapt over an hour
        (
            "Africa/Cairo",
            ["04-23T21:59", "04-23T22:00", "04-24T20:59", "04-24T21:00"],
            [1, 1, 2, 1],
        ),
    ],
)
def test_3_11_a_day_lasts_until_the_next_begins(
    zone: str, times: list[str], today: list[int], tmp_path: Path
) -> None:
    rule = "by: debtor_account\nfeatures: {n: count() over calendar day}\nwhen: n > 9"
    pack = replace(pack_of(tmp_path, rule), timezone=zone)
    table = table_of([{"at": f"2026-{time}:00+00:00"} for time in times])

    found = evaluate(compile_plan(pack, table.columns), Carry(), table, features=True).features

    assert found is not None
    assert found["example.n"].to_list() == today


def test_4_10_rows_that_a_where_cannot_decide_are_counted(tmp_path: Path) -> None:
    rule = 'by: debtor_account\nfeatures: {n: count() where kind != "card" over 24h}\nwhen: n > 9'
    rows = [{"at": "+0h", "kind": "card"}, {"at": "+1h", "kind": None}]

    assert evaluation(tmp_path, rule, rows=rows).skipped == {"example": {"n": 1}}


def test_4_16_rows_are_looked_at_up_to_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert separate.SEARCH_ROWS == 10_000
    monkeypatch.setattr(separate, "SEARCH_ROWS", 3)
    rule = """\
by: debtor_account
features:
  far: max(amount - this.amount) where kind == "card" over 24h
  parts: legs(amount, 40, 1%) where kind == "card" over 24h
when: far > 5 or parts > 9
"""
    kinds = ["card", "transfer", "card", "card", "card", "card"]
    table = table_of([{"at": f"+{hour}h", "kind": kind} for hour, kind in enumerate(kinds)])
    plan = compile_plan(pack_of(tmp_path, rule), table.columns)

    found = evaluate(plan, Carry(), table, features=True)

    assert found.features is not None
    assert found.features["example.far"].to_list() == [0, 0, 0, 0, None, None]
    assert found.features["example.parts"].to_list() == [None] * 6
    assert found.causes["example"] == {"nothing_in_window": 4, "search_bound": 2}


@pytest.mark.parametrize(("by", "rows_each"), [("debtor_account", 1), ("account", 2)])
def test_6_1_outcomes_add_up(by: str, rows_each: int, tmp_path: Path) -> None:
    rule = f'by: {by}\nwhere: kind == "card"\nneeds: amount > 10\nwhen: debtor_balance > 5'
    cells = [("card", "10", "9"), ("card", "20", None), ("card", "20", "9"), ("card", "20", "1")]
    rows = [
        {"at": "+0h", "kind": kind, "amount": amount, "debtor_balance": balance}
        for kind, amount, balance in [*cells, ("transfer", "20", "9")]
    ]

    outcomes = evaluation(tmp_path, rule, rows=rows).outcomes["example"]

    assert outcomes == dict.fromkeys(OUTCOMES, rows_each)
    assert sum(outcomes.values()) == rows_each * len(rows)


def test_7_6_a_sum_beyond_64_bits_is_unknown_while_it_is(tmp_path: Path) -> None:
    rule = "by: debtor_account\nfeatures: {s: sum(amount) over 100h}\nwhen: s > 0"
    most = "10000000000000"
    rows = [{"at": f"+{hour}h", "amount": most} for hour in range(93)]

    found = evaluation(tmp_path, rule, rows=[*rows, {"at": "+191h", "amount": most}])

    assert found.outcomes["example"]["unknown"] == 1
    assert found.causes == {"example": {"overflow": 1}}
    assert found.hits["transaction_id"][-1] == "94"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("when: amount * risk * 123456789.123456789 > 1", "bits"),
        ("features: {s: sum(amount * risk) by debtor_account over 1h}\nwhen: s > 1", "round"),
        ("features: {s: sum(amount / 3) by debtor_account over 1h}\nwhen: s > 1", "round"),
    ],
)
def test_7_7_what_cannot_be_exact_is_refused(keys: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(txmon.PackError, match=words):
        pack_of(tmp_path, keys)


def test_8_6_every_hit_names_its_alert(tmp_path: Path) -> None:
    found = evaluation(tmp_path, DRIP, rows=DRIPS)

    assert found.hits["raised"].to_list() == [True, False, True, False, True]
    assert found.hits.filter("raised")["alert_id"].to_list() == ids(found)
    assert found.hits["alert_id"].to_list() == [ids(found)[place] for place in (0, 0, 1, 1, 2)]


def test_8_7_a_hit_may_fold_into_an_alert_of_the_history(tmp_path: Path) -> None:
    rows: list[dict[str, str | None]] = [{**row, "history": "yes"} for row in DRIPS[:2]]

    found = evaluation(tmp_path, DRIP, rows=[*rows, DRIPS[2]])

    assert found.alerts.is_empty()
    assert found.hits["alert_id"].null_count() == 0


def test_9_1_ids_are_the_same_in_any_run(tmp_path: Path) -> None:
    found = ids(evaluation(tmp_path, DRIP, rows=DRIPS))
    table = table_of(DRIPS)
    pieces = row_by_row(compile_plan(load_pack(tmp_path), table.columns), table)
    numbered = [{**row, "id": str(number)} for number, row in enumerate(DRIPS, 1)]

    assert len(set(found)) == 3
    assert found == ids(evaluation(tmp_path, DRIP, rows=DRIPS, partitions=3))
    assert found == ids(evaluation(tmp_path, DRIP, rows=numbered[::-1]))
    assert found == [id_ for piece in pieces for id_ in ids(piece)]


def test_9_1_ids_tell_rule_timeline_side_and_transaction_apart(tmp_path: Path) -> None:
    sided = DRIP.replace("debtor_account", "account")
    other = HEADER.replace("id: example", "id: other") + sided

    found = evaluation(tmp_path, sided, other, rows=DRIPS)

    assert len(set(ids(found))) == found.alerts.height == 12


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("n >= 2", "n >= 3"),
        ("amount >= 10", "amount >= 9"),
        ("over 24h", "over 25h"),
        ("suppress: 2h", "suppress: 3h"),
        ("by: debtor_account", "by: [debtor_account]\nwhere: amount > 1"),
    ],
)
def test_9_2_new_logic_gives_new_ids(old: str, new: str, tmp_path: Path) -> None:
    before = evaluation(tmp_path, DRIP, rows=DRIPS)
    after = evaluation(tmp_path, DRIP.replace(old, new), rows=DRIPS)

    assert not set(ids(before)) & set(ids(after))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("n:", "how_many:"),
        ("title: An example", "title: Another"),
        ("severity: medium", "severity: high"),
        ("version: 1.0.0", "version: 1.0.1"),
        ("suppress: 2h", "suppress: 2h\n  score: 90"),
        ("{n} payments", "Look at {n}"),
        ("by: debtor_account", "by: [debtor_account]"),
    ],
)
def test_9_3_new_prose_gives_the_same_ids(old: str, new: str, tmp_path: Path) -> None:
    text = HEADER + DRIP
    changed = text.replace(old, new)
    if old == "n:":
        changed = text.replace("n: count", "m: count").replace("n >= 2", "m >= 2")
        changed = changed.replace("{n}", "{m}")

    assert ids(evaluation(tmp_path, text, rows=DRIPS)) == ids(
        evaluation(tmp_path, changed, rows=DRIPS)
    )
    assert changed != text


def test_9_3_the_content_of_lists_is_pinned_by_the_pack_hash(tmp_path: Path) -> None:
    before = pack_of(tmp_path, "when: creditor_account in lists.watched")
    (tmp_path / "lists" / "watched.csv").write_text("account\nX\nB\n")
    after = load_pack(tmp_path)
    hashes = [compile_plan(pack, STORED).conditions[0].logic_hash for pack in (before, after)]

    assert hashes[0] == hashes[1]
    assert before.content_hash != after.content_hash


STORED = table_of([{"at": "+0h"}]).columns


def test_9_4_other_rules_change_nothing(tmp_path: Path) -> None:
    alone = evaluation(tmp_path, DRIP, rows=DRIPS).alerts
    other = HEADER.replace("id: example", "id: other") + DRIP.replace("24h", "3h")
    both = evaluation(tmp_path, DRIP, other, rows=DRIPS).alerts

    assert both.filter(pl.col("rule_id") == "example").equals(alone)


def test_10_4_the_latest_hundred_are_listed(tmp_path: Path) -> None:
    rows = [{"at": f"+{minute}min", "amount": "20"} for minute in range(102)]
    rule = DRIP.replace("n >= 2", "n >= 101").replace("  suppress: 2h\n", "")

    found = evaluation(tmp_path, rule, rows=rows).alerts

    assert found["evidence_count"].to_list() == [101, 102]
    assert found["evidence_cut"].to_list() == [True, True]
    listed = [row["transaction_id"] for row in found["evidence"][1]]
    assert listed == [str(number) for number in range(3, 103)]


def test_10_6_the_data_begins_where_it_is_said_to(tmp_path: Path) -> None:
    early = int((START - timedelta(hours=23)).timestamp()) * 10**6
    rows: list[dict[str, str | None]] = [{**DRIPS[0], "history": "yes"}, *DRIPS[1:]]

    by_default = evaluation(tmp_path, DRIP, rows=rows).alerts["history_complete"]
    declared = evaluation(tmp_path, DRIP, rows=rows, data_start=early).alerts["history_complete"]

    assert by_default.to_list() == [False, False, False]
    assert declared.to_list() == [True, True, True]


def test_10_7_clauses_are_told_with_value_threshold_and_margin(tmp_path: Path) -> None:
    rule = (
        "by: debtor_account\nfeatures: {n: count() over 24h, gap: time_since_previous()}\n"
        'when: amount in 5..30 and (n < 4 or gap > 90min or kind == "card")'
    )
    rows = [{"at": "+0h", "kind": "card"}, {"at": "+1h", "amount": "20", "kind": "transfer"}]

    clauses = evaluation(tmp_path, rule, rows=rows).alerts["clauses"][1].to_list()

    assert [tuple(clause.values()) for clause in clauses] == [
        ("amount in 5..30", True, "20.00", "5.00..30.00", 10.0),
        ("n < 4", True, "2", "4", 2.0),
        ("gap > 90min", False, "1h", "1h 30min", -1800.0),
        ('kind == "card"', False, "transfer", "card", None),
    ]


def test_10_7_not_is_carried_down_to_the_clauses(tmp_path: Path) -> None:
    rule = 'when: not (amount > 50 or kind == "card")'

    (clauses,) = evaluation(tmp_path, rule, rows=[{"at": "+0h", "kind": "transfer"}]).alerts[
        "clauses"
    ]

    assert [tuple(clause.values()) for clause in clauses] == [
        ("not (amount > 50)", True, "10.00", "50.00", 40.0),
        ('not (kind == "card")', True, "transfer", "card", None),
    ]


def test_10_8_later_rows_change_nothing(tmp_path: Path) -> None:
    whole = evaluation(tmp_path, DRIP, rows=DRIPS).alerts

    for count in range(1, len(DRIPS)):
        part = evaluation(tmp_path, DRIP, rows=DRIPS[:count]).alerts
        assert whole.head(part.height).equals(part)


def test_11_7_counts_add_up_and_input_wins_over_history(tmp_path: Path) -> None:
    given = [payment("1"), payment("1"), payment("2"), payment("3", amount="x")]
    taken = intake(
        pl.DataFrame(given), pack_of(tmp_path), history=pl.DataFrame([payment("0"), payment("2")])
    )

    counts, past = taken.counts, taken.history_counts
    assert (counts.read, counts.accepted, counts.duplicate, counts.rejected) == (4, 2, 1, 1)
    assert (past.read, past.accepted, past.duplicate, past.rejected) == (2, 1, 1, 0)
    assert counts.late == 0
    assert taken.accepted.filter("history")["transaction_id"].to_list() == ["0"]


def test_11_8_a_bad_row_is_told_and_the_others_are_scored(tmp_path: Path) -> None:
    frame = pl.DataFrame([payment("1"), payment("2", amount="x"), payment("3")])

    result = txmon.score(frame, pack_of(tmp_path, "by: debtor_account\nwhen: amount >= 10"))

    assert result.alerts["transaction_id"].to_list() == ["1", "3"]
    told = result.rejected.select("row", "column", "value", "reason").rows()
    assert told == [(2, "amount", "x", "invalid_amount")]


def test_12_1_the_table_of_columns_is_the_schema() -> None:
    section = PAGE[PAGE.index("## 12.") : PAGE.index("## 13.")]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", section, re.MULTILINE)
    types = {name: type_ for name, type_, _ in rows}

    assert [*ALERT_SCHEMA, "transaction"] == list(types)
    assert {name: in_words(dtype) for name, dtype in ALERT_SCHEMA.items()} | {
        "transaction": "Struct"
    } == types


def in_words(dtype: Any) -> str:
    """A type as the page writes it."""
    if isinstance(dtype, pl.List):
        return f"List({in_words(dtype.inner)})"
    if isinstance(dtype, pl.Struct):
        inner = ", ".join(f"{field.name}: {in_words(field.dtype)}" for field in dtype.fields)
        return f"Struct({inner})"
    return "Datetime(us, UTC)" if isinstance(dtype, pl.Datetime) else str(dtype)


def test_12_1_alerts_stand_in_order_and_keep_the_transaction(tmp_path: Path) -> None:
    first = HEADER.replace("id: example", "id: a") + "by: account\nwhen: amount >= 10\n"
    found = evaluation(tmp_path, "when: amount >= 10", first, rows=DRIPS[:2]).alerts

    assert found.select("transaction_id", "rule_id", "side").rows() == [
        (id_, *one) for id_ in ("1", "2") for one in [("a", "out"), ("a", "in"), ("example", None)]
    ]
    assert found.schema["transaction"].to_schema()["amount"] == pl.Decimal(19, 4)


def test_12_2_files_say_what_they_were_made_of(tmp_path: Path) -> None:
    result = txmon.score(pl.DataFrame([payment("1")]), pack_of(tmp_path, "when: amount >= 10"))
    txmon.write_run(result, tmp_path / "out")

    run = txmon.read_run(tmp_path / "out")
    metadata = pl.read_parquet_metadata(run.folder / "alerts.parquet")

    assert run.alerts.equals(result.alerts)
    names = ("engine_version", "pack", "pack_hash", "parameters", "inputs")
    assert {f"txmon.{name}" for name in names} <= set(metadata)


ELSEWHERE = {
    "14.1": over_alerts.test_a_victims_alert_and_one_on_its_payee_meet_on_the_payees_timeline,
    "14.2": exceptions.test_an_excepted_hit_reaches_no_rule_over_alerts,
    "14.3": over_alerts.test_history_is_read_and_not_handed_out,
    "14.4": over_alerts.test_alerts_of_one_time_stand_in_the_order_of_their_transactions,
    "14.5": over_alerts.test_an_alert_on_a_row_without_money_is_seen,
    "14.6": over_alerts.test_subjects_meet_as_kind_and_value,
    "14.7": over_alerts.test_adding_a_rule_below_changes_no_id_of_the_alerts_above,
    "14.8": over_alerts.test_the_evidence_of_an_alert_over_alerts_are_those_it_counted,
    "14.9": over_alerts.test_how_far_back_an_alert_looks_counts_the_rules_below,
    "14.10": over_alerts.test_outcomes_of_a_rule_over_alerts_count_the_alerts_it_reads,
    "14.11": over_alerts.test_a_rule_that_cannot_run_raises_nothing_to_read,
    "14.12": over_alerts.test_selecting_a_rule_over_alerts_brings_what_it_reads,
    "15.1": shadow_and_drafts.test_shadow_alerts_have_the_ids_that_they_would_have_live,
    "15.2": shadow_and_drafts.test_a_live_rule_hears_nothing_of_shadow_alerts,
    "15.3": shadow_and_drafts.test_a_draft_runs_only_if_it_is_asked_for,
    "15.4": exceptions.test_both_days_hold_in_the_packs_zone,
    "15.5": exceptions.test_an_excepted_hit_opens_no_alert_for_others_to_fold_into,
    "15.6": exceptions.test_an_exception_from_a_typology_is_from_the_rules_that_allow_it,
    "18.1": reversals.test_by_default_a_reversal_is_a_payment_like_any_other,
    "18.2": reversals.test_a_reversed_payment_counts_until_it_is_reversed,
    "18.3": reversals.test_a_row_that_the_rule_cannot_see_takes_nothing_back,
    "18.4": reversals.test_points_look_at_payments_as_they_were_made,
    "19.10": sequences.test_hits_at_deadlines_are_counted_beside_the_rows,
    "19.14": sequences.test_how_far_a_chain_could_reach_is_part_of_complete_history,
    "19.15": sequences.test_the_window_of_an_alert_holds_its_chain_and_its_features_windows,
}
"""Sentences that are proved beside other tests of their subject."""


def test_16_4_keys_are_equal_as_values(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "amounts.csv").write_text("limit:money\n99.5\n")
    rows = [{"amount": "99.50"}, {"amount": "99.5001"}]

    found = evaluation(tmp_path, "when: amount in lists.amounts", rows=rows)
    finer = evaluation(tmp_path, "when: amount * 1.00000001 in lists.amounts", rows=rows)

    assert found.alerts["transaction_id"].to_list() == ["1"]
    assert finer.outcomes["example"]["no_hit"] == 2


TUNED = "params: {least: {type: money, default: 10}}\nwhen: amount >= least"


def test_16_7_tuning_is_applied_in_order(tmp_path: Path) -> None:
    base, top = tmp_path / "base", tmp_path / "top"
    mine = tmp_path / "mine.yaml"
    for folder in (base, top):
        folder.mkdir()
    pack_of(base, TUNED)
    (top / "pack.yaml").write_text(
        "name: top\nversion: 1.0.0\ncurrency: CNY\ntimezone: UTC\nextends: [../base]\n"
    )
    values = [load_pack(top).rules[0].parameters["least"]]
    for path, value in ((base / "tuning.yaml", 20), (top / "tuning.yaml", 30), (mine, 40)):
        path.write_text(f"rules: {{example: {{params: {{least: {value}}}}}}}\n")
        values.append(load_pack(top).rules[0].parameters["least"])
    values.append(load_pack(top, tuning=mine).rules[0].parameters["least"])
    last = load_pack(top, tuning=mine, settings={"example.least": "50"})
    values.append(last.rules[0].parameters["least"])

    assert values == ["10", "20", "30", "30", "40", "50"]
    mine.write_text("rules: {example: {enabled: false}}\n")
    assert load_pack(top, tuning=mine).rules == ()


def test_16_8_nothing_of_one_name_comes_from_two_packs(tmp_path: Path) -> None:
    base, top = tmp_path / "base", tmp_path / "top"
    for folder in (base, top):
        folder.mkdir()
    below = pack_of(base, TUNED)
    header = "name: top\nversion: 1.0.0\ncurrency: CNY\ntimezone: UTC\nextends: [../base]\n"
    (top / "pack.yaml").write_text(header)
    above = load_pack(top)
    (top / "lists").mkdir()
    (top / "lists" / "watched.csv").write_text("account\nZ\n")
    with pytest.raises(txmon.PackError, match="list 'watched' stands in pack 'example' too"):
        load_pack(top)
    (top / "pack.yaml").write_text(f"{header}replaces: lists.watched\n")

    assert (above.rules, above.columns) == (below.rules, below.columns)
    assert (above.timezone, below.timezone) == ("UTC", "Asia/Shanghai")
    assert load_pack(top).lists["watched"].values == {"Z"}


def test_16_9_the_content_hash_covers_what_is_below(tmp_path: Path) -> None:
    base, top = tmp_path / "base", tmp_path / "top"
    for folder in (base, top):
        folder.mkdir()
    pack_of(base, TUNED)
    (top / "pack.yaml").write_text(
        "name: top\nversion: 1.0.0\ncurrency: CNY\ntimezone: UTC\nextends: [../base]\n"
    )
    hashes = [load_pack(top).content_hash]
    for path in (base / "tuning.yaml", top / "tuning.yaml"):
        path.write_text("rules: {example: {score: 5}}\n")
        hashes.append(load_pack(top).content_hash)
    hashes.append(load_pack(top, tuning=path).content_hash)

    assert len(set(hashes)) == 4


def test_17_10_one_row_hits_for_each_account_in_the_role(tmp_path: Path) -> None:
    graph = "graph: {chain: {hops: 3..3, within: 24h}}\nalert: {subject: middle}"
    pairs = enumerate([("A", "B"), ("B", "C"), ("C", "D")])
    rows = [{"at": f"+{n}h", "debtor_account": d, "creditor_account": c} for n, (d, c) in pairs]
    table = table_of(rows)

    said = evaluate(compile_plan(pack_of(tmp_path, graph), table.columns), Carry(), table)

    assert said.outcomes["example"]["hit"] == 1
    assert said.hits["timeline"].to_list() == [["B"], ["C"]]
    assert said.alerts.select("subject", "subject_kind", "transaction_id").rows() == [
        ("B", "account", "3"),
        ("C", "account", "3"),
    ]


def test_every_sentence_is_proved() -> None:
    tests = [name for name in globals() if name.startswith("test_")]

    for sentence in SENTENCE.finditer(PAGE):
        number = sentence["number"].replace(".", "_")
        proved = (
            BLOCK.search(sentence[0])
            or sentence["number"] in ELSEWHERE
            or [name for name in tests if name.startswith(f"test_{number}_")]
        )
        assert proved, f"{sentence['number']} has neither an example nor a test"


def test_sentences_are_numbered_in_order() -> None:
    numbers = [match["number"].split(".") for match in SENTENCE.finditer(PAGE)]
    places = [(int(chapter), int(place)) for chapter, place in numbers]

    assert places == sorted(set(places))
    for chapter in {chapter for chapter, _ in places}:
        mine = [place for at, place in places if at == chapter]
        assert mine == list(range(1, len(mine) + 1))
