"""A case names what keeps its row silent, and fails for any other reason."""

from __future__ import annotations

from itertools import product
from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from txmon.authoring import CaseReport, run_cases
from txmon.authoring.cases.because import own_clauses, with_clauses
from txmon.packs import load_pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PACK = """\
name: test
version: 1.0.0
currency: CNY
timezone: UTC
values: {kind: [transfer, card, login]}
"""
HEADER = """\
version: 1.0.0
title: A rule
typology: test.rule
severity: low
status: stable
by: debtor_account
"""
BURST = f"""\
id: burst
{HEADER}where: kind == "transfer"
params:
  least: {{type: int, default: 3}}
features:
  payments: count() over 24h
  total: sum(amount) over 24h
  known_for: time_since_first()
needs: known_for >= 1h
when: payments >= least and (total >= 100 or debtor_balance < 5)
alert: {{suppress: 24h}}
"""
LEVELS = f"""\
id: levels
{HEADER}levels:
  - when: amount >= 100 and kind == "transfer"
  - when: amount >= 50 and not (kind == "card" or kind == "login")
"""
PAIR = f"""\
id: pair
{HEADER}sequence:
  within: 24h
  steps:
    - small: amount <= 5
    - absent card: kind == "card"
    - large: amount >= 10 * small.amount and amount > 9
when: large.amount < 1_000
"""
HEAD = """\
rule: {rule}
start: 2026-03-01T00:00:00Z
row: {{debtor_account: V1, creditor_account: S1, kind: transfer, currency: CNY}}
cases:
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "pack.yaml").write_text(PACK)
    for name, text in (("burst", BURST), ("levels", LEVELS), ("pair", PAIR)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def run(home: Path, rule: str, because: str, events: str, expect: str = "[]") -> CaseReport:
    table = indent(events, "      ")
    text = (
        f"  - name: a case\n    events: |\n{table}\n    expect: {expect}\n    because: {because}\n"
    )
    (home / f"{rule}.cases.yaml").write_text(HEAD.format(rule=rule) + text)
    return run_cases(home / f"{rule}.yaml")


@pytest.mark.parametrize(
    ("rule", "because", "events"),
    [
        ("burst", "payments >= least", "at amount\n+0h/1h*2 60"),
        ("burst", "payments   >= least", "at amount\n+0h/1h*2 60"),
        ("burst", "total >= 100", "at amount debtor_balance\n+0h/1h*3 20 9"),
        ("burst", "debtor_balance < 5", "at amount debtor_balance\n+0h/1h*3 20 9"),
        ("burst", "debtor_balance < 5 is unknown", "at amount\n+0h/1h*3 20"),
        ("burst", "known_for >= 1h", "at amount\n+0h/1min*3 50"),
        ("burst", "'kind == \"transfer\"'", "at amount kind\n+0h/1h*2 50 transfer\n+2h 50 card"),
        ("burst", "'kind == \"transfer\" is unknown'", "at amount kind\n+0h/1h*3 50 {transfer|-}"),
        ("burst", "{clause: payments >= least, at: +1h}", "at amount\n+0h/1h*2 60\n+2h 1"),
        ("levels", "amount >= 50", "at amount\n+0h 49"),
        ("levels", 'not (kind == "card")', "at amount kind\n+0h 50 card"),
        ("pair", "large", "at amount\n+0h 5\n+1h 6"),
        ("pair", "small", "at amount\n+0h 6\n+1h 60"),
        ("pair", "card", "at amount kind\n+0h 5 transfer\n+1h 8 card\n+2h 60 transfer"),
        ("pair", "large.amount < 1_000", "at amount\n+0h 5\n+1h 1000"),
    ],
)
def test_the_reason_is_right(home: Path, rule: str, because: str, events: str) -> None:
    expect = "[{at: +2h}]" if because.startswith("{") else "[]"
    report = run(home, rule, because, events, expect)
    assert not report.findings
    assert [result.lines for result in report.results] == [()]


def test_a_folded_hit_is_suppressed(home: Path) -> None:
    events = "at amount\n+0h/1h*4 50"
    assert run(home, "burst", "suppressed", events, "[{at: +2h}]").passed
    assert run(home, "burst", "{clause: suppressed, at: +3h}", events, "[{at: +2h}]").passed
    (failed,) = run(home, "burst", "{clause: suppressed, at: +1h}", events, "[{at: +2h}]").results
    assert failed.lines == (
        "because: suppressed",
        "  at +1h: the rule does not hit here, so there was nothing to suppress",
        "  at +1h: false: payments >= least, with 2 against 3",
        "  at +1h: unknown: debtor_balance < 5, with unknown against 5.00",
    )


@pytest.mark.parametrize(
    ("rule", "because", "events", "told"),
    [
        (
            "burst",
            "total >= 100",
            "at amount debtor_balance\n+0h/1h*2 60 9",
            (
                "  at +1h: true, not false: total >= 100, with 120.00 against 100.00",
                "  at +1h: false: payments >= least, with 2 against 3",
                "  at +1h: false: debtor_balance < 5, with 9.00 against 5.00",
            ),
        ),
        (
            "burst",
            "payments >= least",
            "at amount\n+0h/1min*2 60",
            (
                "  at +1min: false, too: needs: known_for >= 1h, with 1min against 1h",
                "  at +1min: unknown, too: debtor_balance < 5, with unknown against 5.00",
            ),
        ),
        (
            "burst",
            "debtor_balance < 5",
            "at amount\n+0h/1h*3 20",
            (
                "  at +2h: unknown, not false: debtor_balance < 5, with unknown against 5.00",
                "  at +2h: false: total >= 100, with 60.00 against 100.00",
            ),
        ),
        (
            "burst",
            "payments >= least",
            "at amount kind\n+0h/1h*2 60 card",
            (
                (
                    "  at +1h: the rule does not see this row: "
                    'kind == "transfer" is false, with card against transfer'
                ),
            ),
        ),
        (
            "burst",
            "payments >= least",
            "at amount debtor_account\n+0h 60 -",
            ("  at +0h: the row is on no timeline of the rule: a value of by is missing",),
        ),
        (
            "burst",
            "payments >= least",
            "at amount kind\n+0h - login",
            ("  at +0h: the rule does not see this row: it has no amount, and events lacks login",),
        ),
        (
            "pair",
            "large",
            "at amount\n+0h 6\n+1h 60",
            (
                (
                    "  at +1h: fits the last step, but no chain within 24h ends here, or it folded "
                    "into an earlier alert"
                ),
                "  at +1h: 0 rows up to here fit the step small: amount <= 5",
            ),
        ),
    ],
)
def test_a_wrong_reason_is_told_with_the_values(
    home: Path, rule: str, because: str, events: str, told: tuple[str, ...]
) -> None:
    (failed,) = run(home, rule, because, events).results
    assert failed.lines == (f"because: {because}", *told)


def test_an_alert_needs_no_reason(home: Path) -> None:
    events = "at amount\n+0h/1h*3 50"
    (failed,) = run(home, "burst", "payments >= least", events, "[{at: +2h}]").results
    assert failed.lines == ("because: payments >= least", "  at +2h: an alert came")


@pytest.mark.parametrize(
    ("rule", "because", "message", "advice"),
    [
        (
            "burst",
            "payment >= least",
            "rule 'burst' has no clause 'payment >= least'",
            "did you mean 'payments >= least'?",
        ),
        (
            "burst",
            "nothing",
            "rule 'burst' has no clause 'nothing'",
            (
                'it has: kind == "transfer"; known_for >= 1h; payments >= least; total >= 100; '
                "debtor_balance < 5; suppressed"
            ),
        ),
        ("pair", "large is unknown", "'large' is met or not, never unknown", None),
        ("levels", "suppressed", "rule 'levels' has no clause 'suppressed'", None),
        (
            "burst",
            "{clause: payments >= least, at: +9h}",
            "the case has no row at +9h",
            None,
        ),
        (
            "burst",
            "{clause: payments >= least, at: 9h}",
            "a time of a case is + and one duration, found '9h'",
            None,
        ),
        ("burst", "{at: +0h}", "missing key 'clause'", None),
    ],
)
def test_a_reason_that_cannot_be(
    home: Path, rule: str, because: str, message: str, advice: str | None
) -> None:
    report = run(home, rule, because, "at amount\n+0h 50")
    assert [finding.message for finding in report.findings] == [message]
    assert advice is None or report.findings[0].help == advice
    assert report.findings[0].location.line == 10


def test_every_clause_of_a_condition_can_be_changed(home: Path) -> None:
    for rule in load_pack(home).rules:
        for level in rule.levels:
            left = list(own_clauses(rule, level))
            with_clauses(level.when, left[:], lambda clause, left=left: left.remove(clause))  # type: ignore[misc]
            assert not left


TRUTH = {"true": "60", "false": "1", "unknown": "-"}
SEEN = {"true": True, "false": False, "unknown": None}


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("debtor_balance > 50 and creditor_balance > 50", all),
        ("debtor_balance > 50 or creditor_balance > 50", any),
        ("not (not (debtor_balance > 50) or not (creditor_balance > 50))", all),
    ],
)
def test_a_clause_is_the_reason_where_it_alone_decides(
    home: Path, when: str, holds: Callable[[list[bool | None]], bool]
) -> None:
    """Over every pair of truths: the rule is silent, and would not be, were the clause true."""
    (home / "levels.yaml").write_text(f"id: levels\n{HEADER}when: {when}\n")
    names = ("debtor_balance > 50", "creditor_balance > 50")
    texts, right = [], []
    for first, second, place, word in product(TRUTH, TRUTH, (0, 1), ("", " is unknown")):
        truths = [SEEN[first], SEEN[second]]
        wanted = None if word else False
        would = holds([True if at == place else truth for at, truth in enumerate(truths)])
        fires = holds(truths)
        right.append(not fires and truths[place] is wanted and would)
        texts.append(
            f"  - name: {len(texts)}\n    events: |\n      at amount debtor_balance "
            f"creditor_balance\n      +0h 5 {TRUTH[first]} {TRUTH[second]}\n"
            f"    expect: {'[{at: +0h}]' if fires else '[]'}\n    because: {names[place]}{word}\n"
        )
    (home / "levels.cases.yaml").write_text(HEAD.format(rule="levels") + "".join(texts))
    report = run_cases(home / "levels.yaml")
    assert not report.findings
    assert [result.passed for result in report.results] == right
    assert sum(right) >= 4
