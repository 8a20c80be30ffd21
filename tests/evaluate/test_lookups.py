"""Lists and distances in rules: as of the event's day, unknown where nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from language.wrong_rules import HEADER
from txmon.evaluate import Carry, evaluate
from txmon.packs import load_pack
from txmon.plan import compile_plan
from txmon.testing.factories import transactions

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.evaluate import Evaluation
    from txmon.language.checked import Pack

PACK = "name: some\nversion: 1.0.0\ncurrency: CNY\ntimezone: Asia/Shanghai\n"
ACCOUNTS = """\
account,limit:money,opened:date,country,valid_from,valid_to
A,100,2020-01-01,CN,,2026-03-01
A,500,2020-01-01,,2026-03-02,2026-03-03
B,,2026-02-28,DE,2026-03-01,
"""


def _pack(folder: Path, rule: str, accounts: str = ACCOUNTS) -> Pack:
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "lists" / "accounts.csv").write_text(accounts)
    (folder / "lists" / "amounts.csv").write_text("limit:money,note\n99.5,odd\n1000,round\n")
    (folder / "pack.yaml").write_text(PACK)
    (folder / "rule.yaml").write_text(HEADER + rule)
    return load_pack(folder)


def _said(pack: Pack, rows: list[dict[str, str]], **defaults: str) -> Evaluation:
    table = transactions(rows, **{"creditor_account": "B", "amount": "200", **defaults})
    return evaluate(compile_plan(pack, table.columns), Carry(), table, features=True)


def _values(evaluation: Evaluation, name: str) -> list[object]:
    assert evaluation.features is not None
    return evaluation.features[f"wrong.{name}"].to_list()


def test_an_attribute_is_that_of_the_events_day_in_the_packs_zone(tmp_path: Path) -> None:
    pack = _pack(
        tmp_path,
        "features: {limit: 'lists.accounts[debtor_account].limit'}\nwhen: amount > limit\n",
    )
    times = (
        "2026-03-01T15:59:59.999999Z",  # March 1 in Shanghai
        "2026-03-01T16:00:00Z",
        "2026-03-03T15:59:59.999999Z",
        "2026-03-03T16:00:00Z",
    )

    said = _said(pack, [{"at": time, "debtor_account": "A"} for time in times])

    assert _values(said, "limit") == [1_000_000, 5_000_000, 5_000_000, None]
    assert said.outcomes["wrong"]["hit"] == 1
    assert said.outcomes["wrong"]["no_hit"] == 2
    assert said.causes["wrong"] == {"missing_value": 1}


def test_membership_is_false_for_what_is_absent_and_unknown_for_null(tmp_path: Path) -> None:
    pack = _pack(tmp_path, "when: device_id in lists.accounts or is_null(device_id)\n")
    rows = [{"device_id": "A"}, {"device_id": "X"}, {"device_id": None}, {"device_id": "B"}]

    said = _said(pack, rows, at="2026-03-04T00:00:00Z", debtor_account="A")  # type: ignore[arg-type]

    assert said.hits["transaction_id"].to_list() == ["002", "003"]
    assert said.outcomes["wrong"]["no_hit"] == 2


@pytest.mark.parametrize(
    ("when", "outcome", "cause"),
    [
        ('lists.accounts["A"].limit > 5', "hit", None),
        ('lists.accounts["X"].limit > 5', "unknown", "missing_value"),
        ('lists.accounts["B"].limit > 5', "unknown", "missing_value"),
        ('"X" in lists.accounts', "no_hit", None),
        ('lists.accounts[coalesce(device_id, "A")].country == "CN"', "hit", None),
        ('lists.accounts[device_id].country == "CN"', "unknown", "missing_value"),
        ("device_id in lists.accounts", "unknown", "missing_value"),
        ("amount / 2 > 5 and round(amount / 2, 2) in lists.amounts", "no_hit", None),
        ("0.4975 * amount in lists.amounts", "hit", None),
        ("0.49750000001 * amount in lists.amounts", "no_hit", None),
        ('lists.amounts[5 * amount].note == "round"', "hit", None),
        (
            "days_between(lists.accounts[debtor_account].opened, date(event_time)) > 2_000",
            "hit",
            None,
        ),
        (
            'lists.accounts["B"].valid_from == lists.accounts[creditor_account].valid_from',
            "hit",
            None,
        ),
        ('is_null(lists.accounts["A"].valid_from)', "hit", None),
    ],
)
def test_look_ups_in_conditions(when: str, outcome: str, cause: str | None, tmp_path: Path) -> None:
    pack = _pack(tmp_path, f"when: >-\n  {when}\n")

    said = _said(
        pack,
        [{}],
        at="2026-03-01T08:00:00Z",
        debtor_account="A",
        device_id=None,  # type: ignore[arg-type]
    )

    assert said.outcomes["wrong"][outcome] == 1
    assert said.causes["wrong"] == ({} if cause is None else {cause: 1})


def test_counted_rows_are_asked_as_of_their_own_day(tmp_path: Path) -> None:
    rule = """\
by: debtor_account
features:
  above: count() where amount > lists.accounts[debtor_account].limit over 7d
  most: max(lists.accounts[debtor_account].limit) over 7d
  countries: distinct(lists.accounts[creditor_account].country) over 7d
when: above == 1 and most > 5
"""
    rows = [{"at": "2026-03-01T08:00:00Z"}, {"at": "2026-03-02T08:00:00Z"}]

    said = _said(_pack(tmp_path, rule), rows, debtor_account="A")

    assert _values(said, "above") == [1, 1]
    assert _values(said, "most") == [1_000_000, 5_000_000]
    assert _values(said, "countries") == [1, 1]


def test_look_ups_and_distances_meet_the_payment_being_judged(tmp_path: Path) -> None:
    rule = """\
by: debtor_account
features:
  under: count() where lists.accounts[debtor_account].limit < this.amount over 7d
  noted: count() where lists.amounts[amount].note == "odd" and amount != this.amount over 7d
  alike: count() where edit_distance(debtor_name, this.debtor_name) <= 1 over 7d
when: alike >= 0
"""
    rows = [
        {"at": "2026-03-01T08:00:00Z", "amount": "99.5", "debtor_name": "rent"},
        {"at": "2026-03-02T08:00:00Z", "amount": "300", "debtor_name": "rest"},
        {"at": "2026-03-03T08:00:00Z", "amount": "600", "debtor_name": "gift"},
    ]

    said = _said(_pack(tmp_path, rule), rows, debtor_account="A")

    assert _values(said, "under") == [0, 1, 3]
    assert _values(said, "noted") == [0, 1, 1]
    assert _values(said, "alike") == [1, 2, 1]


def test_contents_of_a_list_are_in_the_packs_hash_and_not_in_the_rules(tmp_path: Path) -> None:
    rule = "when: 'amount > lists.accounts[debtor_account].limit'\n"
    before = _pack(tmp_path, rule)
    after = _pack(tmp_path, rule, ACCOUNTS.replace(",100,", ",101.005,"))
    undated = _pack(tmp_path, rule, "account,limit:money\nA,5\n")
    names = ["transaction_id", "event_time", "debtor_account", "amount"]

    hashes = {compile_plan(one, names).conditions[0].logic_hash for one in (before, after, undated)}

    assert len(hashes) == 1
    assert len({before.content_hash, after.content_hash, undated.content_hash}) == 3


def test_look_ups_of_other_columns_or_lists_are_other_logic(tmp_path: Path) -> None:
    whens = (
        "lists.accounts[debtor_account].opened == lists.accounts[debtor_account].opened",
        "lists.accounts[debtor_account].opened == lists.accounts[debtor_account].valid_from",
        "lists.accounts[debtor_account].opened == lists.accounts[creditor_account].opened",
    )
    names = ["transaction_id", "event_time", "debtor_account", "creditor_account", "amount"]
    packs = [_pack(tmp_path, f"when: {when}\n") for when in whens]

    assert len({compile_plan(one, names).conditions[0].logic_hash for one in packs}) == 3


def test_distances_in_rules_and_their_causes(tmp_path: Path) -> None:
    rule = """\
features:
  edits: edit_distance(debtor_name, "Jon Smith")
  alike: similarity(lower(debtor_name), lower(creditor_name))
  away: round(distance_km(latitude, longitude, 52.516275, 13.377704), 3)
when: edits >= 0 and alike >= 0 and away >= 0
"""
    places = {"creditor_name": "JOHN SMITH", "latitude": "48.858222", "longitude": "2.2945"}
    rows = [
        {"debtor_name": "John Smith", **places},
        {"debtor_name": "x" * 1_001, **places},
        {"debtor_name": "", **places, "latitude": "90.000001"},
        {"debtor_name": None, **places},
    ]

    said = _said(
        _pack(tmp_path, rule),
        rows,
        at="2026-03-01T08:00:00Z",
        debtor_account="A",  # type: ignore[arg-type]
    )

    assert _values(said, "edits") == [1, None, 9, None]
    assert _values(said, "alike") == [1.0, None, 0.0, None]
    assert _values(said, "away") == [879_097, 879_097, None, 879_097]
    assert said.causes["wrong"] == {"search_bound": 1, "missing_value": 2}
