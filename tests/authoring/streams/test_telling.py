"""The shortest stream that tells two rules apart: it tells, and it is as short as can be."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from txmon.authoring import run_cases
from txmon.authoring.cases.bench import CASE_KEY, lay_out
from txmon.authoring.cases.files import read_cases
from txmon.authoring.streams import telling_stream
from txmon.language.nodes import Compare, replaced
from txmon.language.strata import with_sources
from txmon.packs import load_pack
from txmon.testing.oracle_judge import judge

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.authoring.streams import Stream
    from txmon.language.checked import Pack, Rule

PACK = """\
name: test
version: 1.0.0
currency: CNY
timezone: UTC
values: {kind: [transfer, card, login]}
"""
HEADER = """\
id: {id}
version: 1.0.0
title: A rule
typology: test.{id}
severity: low
status: stable
"""
CASES = """\
rule: {rule}
start: 2026-03-01T00:00:00Z
row: {{debtor_account: V1, creditor_account: S1, kind: transfer, currency: CNY}}
cases:
"""
SHARE = """\
by: account
features:
  got: sum(amount) where direction == "in" over 24h
  gave: sum(amount) where direction == "out" over 24h
when: got > 100 and gave >= 80% * got
"""
STEPS = """\
by: debtor_account
sequence:
  within: 24h
  steps:
    - small: amount <= 5
    - large: amount >= 10 * small.amount
"""
RULES = {
    "large": ("by: debtor_account\nwhen: amount >= 500\n", "at amount\n+0h 700"),
    "many": (
        "by: debtor_account\nfeatures: {n: count() over 24h}\nwhen: n >= 3\n",
        "at amount\n+0h/1h*5 10",
    ),
    "total": (
        "by: debtor_account\nfeatures: {n: sum(amount) over 24h}\nwhen: n >= 1_000.00\n",
        "at amount\n+0h/1h*3 500",
    ),
    "share": (SHARE, "at debtor_account creditor_account amount\n+0h A B 300\n+1h B C 290"),
    "steps": (STEPS, "at amount\n+0h 4\n+2h 90"),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "pack.yaml").write_text(PACK)
    for name, (text, events) in RULES.items():
        (tmp_path / f"{name}.yaml").write_text(HEADER.format(id=name) + text)
        write_case(tmp_path, name, events, "[{}]")
    return tmp_path


def write_case(home: Path, rule: str, events: str, expect: str) -> None:
    rows = "\n".join(f"      {line}" for line in events.splitlines())
    text = f"  - name: a case\n    events: |\n{rows}\n    expect: {expect}\n"
    (home / f"{rule}.cases.yaml").write_text(CASES.format(rule=rule) + text)


def told(home: Path, pack: Pack, old: Rule, new: Rule) -> Stream | None:
    cases, findings = read_cases(home / f"{old.id}.cases.yaml", pack)
    assert cases
    assert not findings
    return telling_stream(old, new, pack, cases)


def named(pack: Pack, name: str) -> Rule:
    return next(rule for rule in pack.rules if rule.id == name)


def flipped(rule: Rule, old: str, new: str) -> Rule:
    """The rule with every comparison ``old`` of its levels and steps made ``new``."""

    def change(part: object) -> Compare | None:
        return replace(part, op=new) if isinstance(part, Compare) and part.op == old else None

    levels = tuple(replace(level, when=replaced(level.when, change)) for level in rule.levels)
    if rule.sequence is None:
        return replace(rule, levels=levels)
    steps = tuple(replace(one, when=replaced(one.when, change)) for one in rule.sequence.steps)
    return replace(rule, levels=levels, sequence=replace(rule.sequence, steps=steps))


def by_oracle(stream: Stream, home: Path, rule: Rule, pack: Pack) -> list[tuple[object, ...]]:
    """What the oracle says of a rule on a stream, written as a case and read back."""
    write_case(home, rule.id, stream.events(), "[]")
    cases, findings = read_cases(home / f"{rule.id}.cases.yaml", pack)
    assert not findings
    rows = lay_out([replace(cases[0], start=stream.start)], pack).rows.drop(CASE_KEY)
    rules = tuple(with_sources([rule], [rule, *(one for one in pack.rules if one.id != rule.id)]))
    alerts = judge(replace(pack, rules=rules), rows.to_dicts()).alerts
    return sorted(
        (one.event_time, one.level, one.side or "") for one in alerts if one.rule_id == rule.id
    )


@pytest.mark.parametrize(
    ("rule", "old", "new", "rows"),
    [
        ("large", ">=", ">", 1),
        ("large", ">=", "<", 1),
        ("many", ">=", ">", 3),
        ("total", ">=", ">", 1),
        ("share", ">=", ">", 2),
        ("share", ">", ">=", 1),  # to oneself
        ("steps", ">=", ">", 2),
        ("steps", "<=", "<", 2),
    ],
)
def test_the_shortest_stream_is_known(home: Path, rule: str, old: str, new: str, rows: int) -> None:
    pack = load_pack(home)
    mine = named(pack, rule)

    stream = told(home, pack, mine, flipped(mine, old, new))

    assert stream is not None
    assert len(stream.rows) == rows
    assert stream.old != stream.new


@pytest.mark.parametrize("rule", sorted(RULES))
def test_engine_and_oracle_agree_that_it_tells(home: Path, rule: str) -> None:
    pack = load_pack(home)
    mine = named(pack, rule)
    other = flipped(mine, ">=", ">")

    stream = told(home, pack, mine, other)

    assert stream is not None
    for judged, alerts in ((mine, stream.old), (other, stream.new)):
        assert len(by_oracle(stream, home, judged, pack)) == len(alerts)
    assert by_oracle(stream, home, mine, pack) != by_oracle(stream, home, other, pack)


def test_a_window_less_a_microsecond_takes_a_gap_of_just_that(home: Path) -> None:
    pack = load_pack(home)
    mine = named(pack, "many")
    feature = mine.features["n"]
    shorter = replace(feature, window=replace(feature.window, length=feature.window.length - 1))

    stream = told(home, pack, mine, replace(mine, features={"n": shorter}))

    assert stream is not None
    assert [row.at.microseconds for row in stream.rows][-1] == 999_999
    assert len(stream.rows) == 3
    assert "us" in stream.events()


def test_equal_rules_are_not_told_apart(home: Path) -> None:
    pack = load_pack(home)
    for name in RULES:
        mine = named(pack, name)
        assert told(home, pack, mine, replace(mine, title="Another", version="2.0.0")) is None


def test_rules_that_differ_beyond_all_streams_give_none_after_the_search(home: Path) -> None:
    pack = load_pack(home)
    mine = named(pack, "many")
    same = replace(mine, needs=Compare(">=", mine.levels[0].when.right, mine.levels[0].when.right))

    assert told(home, pack, mine, same) is None


def test_it_is_the_same_stream_every_time(home: Path) -> None:
    pack = load_pack(home)
    mine = named(pack, "share")
    other = flipped(mine, ">=", ">")

    assert told(home, pack, mine, other) == told(home, pack, mine, other)


def test_it_prints_as_a_case_that_holds(home: Path) -> None:
    pack = load_pack(home)
    for name in RULES:
        mine = named(pack, name)
        stream = told(home, pack, mine, flipped(mine, ">=", ">"))
        assert stream is not None
        head = dedent(f"""\
            rule: {name}
            start: {stream.start.isoformat()}
            cases:
            """)
        (home / f"{name}.cases.yaml").write_text(head + stream.case("exactly there", stream.old))

    report = run_cases(home)

    assert report.passed, (report.failed, report.findings)
    assert len(report.results) == len(RULES)
