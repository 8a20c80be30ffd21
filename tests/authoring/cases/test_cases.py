from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from txmon.authoring import CaseReport, run_cases
from txmon.packs import load_pack

if TYPE_CHECKING:
    from pathlib import Path

PACK = """\
name: test
version: 1.0.0
currency: CNY
timezone: UTC
values: {kind: [transfer, login]}
"""
BURST = """\
id: burst
version: 1.0.0
title: Several payments
typology: test.burst
severity: low
status: draft
by: debtor_account
params:
  least: {type: int, default: 2}
features:
  payments: count() over 24h
  payees: distinct(creditor_account) by debtor_account over 24h
when: payments >= least
alert: {suppress: 24h, message: "{payments} payments"}
"""
TWO_SIDED = """\
id: forward
version: 1.0.0
title: In and out again
typology: test.forward
severity: medium
status: draft
by: account
features:
  received: sum(amount) where direction == "in" over 24h
when: direction == "out" and received >= amount
alert: {subject: account}
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
    (tmp_path / "burst.yaml").write_text(BURST)
    (tmp_path / "forward.yaml").write_text(TWO_SIDED)
    return tmp_path


def write(home: Path, rule: str, *cases: tuple[str, str, str]) -> Path:
    file = home / f"{rule}.cases.yaml"
    texts = [
        f"  - name: {name}\n    events: |\n{indent(events, '      ')}\n    expect: {expect}\n"
        for name, events, expect in cases
    ]
    file.write_text(HEAD.format(rule=rule) + "".join(texts))
    return file


def outcomes(report: CaseReport) -> dict[str, bool]:
    return {f"{one.rule}: {one.name}": one.passed for one in report.results}


TWICE = "at amount\n+0h 5\n+1h 5"
ONCE = "at amount\n+0h 5"
THROUGH = "at debtor_account creditor_account amount\n+0h V1 M1 5\n+1h M1 X1 5"


def test_cases_do_not_see_each_other(home: Path) -> None:
    write(
        home,
        "burst",
        ("one payment", ONCE, "[]"),
        ("one more", ONCE, "[]"),
        ("two", TWICE, "[{at: +1h, subject: V1}]"),
    )

    report = run_cases(home)

    assert report.passed
    assert len(report.results) == 3


def test_sided_rules_are_told_apart_too(home: Path) -> None:
    write(home, "forward", ("fires", THROUGH, "[{subject: M1, at: +1h, side: out}]"))

    assert outcomes(run_cases(home)) == {"forward: fires": True}


def test_a_case_hears_only_of_its_own_rule(home: Path) -> None:
    write(home, "burst", ("two", TWICE, "[{at: +1h}]"))
    write(home, "forward", ("no receipt", TWICE, "[]"))

    assert run_cases(home).passed


def test_a_failure_shows_only_what_differs(home: Path) -> None:
    write(home, "burst", ("two", TWICE, "[{at: +2h, subject: V1}]"))

    report = run_cases(home)

    assert not report.passed
    assert report.failed[0].lines == (
        "expected {at: +2h, subject: V1}",
        "  at: expected +2h, got +1h",
        "  at +2h: the case has no row here",
    )


def test_an_alert_that_came_in_its_place_is_not_said_to_be_missing(home: Path) -> None:
    write(home, "burst", ("two", TWICE, "[{at: +1h, severity: critical}]"))

    (failed,) = run_cases(home).failed

    assert failed.lines == (
        "expected {at: +1h, severity: critical}",
        "  severity: expected critical, got low",
        "  the rule's alerts are low",
    )


def test_a_missing_alert_names_the_clause_that_failed(home: Path) -> None:
    write(home, "burst", ("one", ONCE, "[{at: +0h}]"))

    (failed,) = run_cases(home).failed

    assert failed.lines == (
        "expected {at: +0h}",
        "  but no such alert came",
        "  at +0h: payments >= least is false, with 1 against 2",
    )


def test_a_folded_hit_is_told_from_silence(home: Path) -> None:
    thrice = f"{TWICE}\n+2h 5"
    write(home, "burst", ("three", thrice, "[{at: +1h}, {at: +2h}]"))

    (failed,) = run_cases(home).failed

    assert failed.lines == (
        "expected {at: +2h}",
        "  but no such alert came",
        "  at +2h: every clause is true, so it folded into an earlier alert",
    )


def test_history_that_is_needed_and_lacking_is_told(home: Path) -> None:
    (home / "burst.yaml").write_text(
        BURST.replace("when:", "  known_for: time_since_first()\nneeds: known_for >= 7d\nwhen:")
    )
    write(home, "burst", ("two", TWICE, "[{at: +1h}]"))

    (failed,) = run_cases(home).failed

    assert failed.lines[2] == "  at +1h: needs: known_for >= 7d is false, with 1h against 7d"


def test_silence_is_checked(home: Path) -> None:
    write(home, "burst", ("two", TWICE, "[]"))

    (failed,) = run_cases(home).failed

    assert failed.lines == (
        "not expected: an alert {subject: V1, at: +1h, severity: low}: 2 payments",
    )


def test_ids_are_row_numbers(home: Path) -> None:
    expect = '[{transaction_id: "0002"}]'
    write(home, "burst", ("two", TWICE, expect), ("two again", TWICE, expect))

    assert run_cases(home).passed


def test_a_message_names_the_ids_of_the_case(home: Path) -> None:
    (home / "burst.yaml").write_text(
        BURST.replace("{payments} payments", "{payments} with {transaction_id}")
    )
    write(home, "burst", ("two", TWICE, '[{message: "2 with 0002"}]'))

    assert run_cases(home).passed


def test_history_is_complete_or_not_for_each_case(home: Path) -> None:
    early = '[{history_complete: "true"}]\n    data_start: 2026-02-01T00:00:00Z'
    write(
        home,
        "burst",
        ("by default from the first row", TWICE, '[{history_complete: "false"}]'),
        ("declared", TWICE, early),
    )

    assert run_cases(home).passed


def test_a_row_no_bank_could_book_is_a_finding_at_its_line(home: Path) -> None:
    write(
        home,
        "burst",
        ("impossible", "at amount currency\n+0h 5.001 CNY", "[]"),
        ("possible", ONCE, "[]"),
    )

    report = run_cases(home)

    assert outcomes(report) == {"burst: possible": True}
    (finding,) = report.findings
    assert "5.001" in finding.message
    assert finding.source.strip() == "+0h 5.001 CNY"


def test_a_column_that_no_case_names_is_null_and_no_rule_is_set_aside(home: Path) -> None:
    (home / "burst.yaml").write_text(
        BURST.replace("payments >= least", "payments >= least and is_null(device_id)")
    )
    write(home, "burst", ("two", TWICE, "[{at: +1h}]"))

    assert run_cases(home).passed


def test_a_name_chooses_cases(home: Path) -> None:
    write(home, "burst", ("two", TWICE, "[{at: +1h}]"), ("one", ONCE, "[]"))
    write(home, "forward", ("two", TWICE, "[]"))

    assert list(outcomes(run_cases(home, name="two"))) == ["burst: two", "forward: two"]
    assert list(outcomes(run_cases(home, name="burst: o"))) == ["burst: one"]


def test_a_case_file_or_a_rule_file_may_be_named(home: Path) -> None:
    file = write(home, "burst", ("two", TWICE, "[{at: +1h}]"))
    write(home, "forward", ("two", TWICE, "[]"))

    assert list(outcomes(run_cases(file))) == ["burst: two"]
    assert list(outcomes(run_cases(home / "burst.yaml"))) == ["burst: two"]
    assert run_cases(home / "forward.yaml").passed


def test_a_broken_rule_is_told_and_its_cases_do_not_run(home: Path) -> None:
    write(home, "burst", ("two", TWICE, "[{at: +1h}]"))
    (home / "burst.yaml").write_text(BURST.replace("payments >= least", "paymnts >= least"))

    report = run_cases(home)

    assert not report.results
    assert "paymnts" in report.findings[0].message


def test_cases_may_run_on_a_pack_with_other_settings(home: Path) -> None:
    write(home, "burst", ("two", TWICE, "[]"))

    assert not run_cases(home).passed
    assert run_cases(home, pack=load_pack(home, settings={"burst.least": "3"})).passed


def test_a_folder_without_cases_has_nothing_to_run(home: Path) -> None:
    report = run_cases(home)

    assert report.passed
    assert not report.results


PAIR = """\
id: pair
version: 1.0.0
title: A small payment, then a large one
typology: test.pair
severity: low
status: draft
by: debtor_account
sequence:
  within: 24h
  steps:
    - small: amount <= 5
    - large: amount >= 10 * small.amount and amount > 9
"""


def test_a_missing_alert_of_a_sequence_names_the_steps_that_fit(home: Path) -> None:
    (home / "pair.yaml").write_text(PAIR)
    rows = "at amount\n+0h 5\n+1h 4\n+30h 60\n+31h 6"
    write(home, "pair", ("one", rows, "[{at: +30h}, {at: +31h}]"))

    (failed,) = run_cases(home).failed

    assert failed.lines == (
        "expected {at: +30h}",
        "  but no such alert came",
        (
            "  at +30h: fits the last step, but no chain within 24h ends here, or it folded into "
            "an earlier alert"
        ),
        "  at +30h: 2 rows up to here fit the step small: amount <= 5",
        "expected {at: +31h}",
        "  but no such alert came",
        "  at +31h: does not fit the last step, large: amount >= 10 * small.amount and amount > 9",
    )


QUIET = """\
id: quiet
version: 1.0.0
title: No second payment
typology: test.quiet
severity: low
status: draft
by: debtor_account
sequence:
  steps:
    - paid: amount >= 50
    - absent again: {when: amount >= 50, within: 24h}
"""


def test_each_case_waits_for_deadlines_by_its_own_rows(home: Path) -> None:
    (home / "quiet.yaml").write_text(QUIET)
    late = "at debtor_account amount\n+0h V1 50\n+25h V2 1"
    early = "at debtor_account amount\n+0h V1 50\n+24h V2 1"
    write(home, "quiet", ("passed", late, "[{at: +24h}]"), ("waiting", early, "[]"))

    assert outcomes(run_cases(home)) == {"quiet: passed": True, "quiet: waiting": True}

    write(home, "quiet", ("waiting", early, "[{at: +24h}]"))
    (failed,) = run_cases(home).failed
    assert failed.lines == (
        "expected {at: +24h}",
        "  but no such alert came",
        "  at +24h: no chain was left alone up to this deadline, or no later row has passed it",
    )
