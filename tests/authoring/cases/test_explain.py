"""Why an alert did not come, of rules that look at paths, alerts, levels and deadlines."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from txmon.authoring import run_cases

if TYPE_CHECKING:
    from pathlib import Path

PACK = "name: test\nversion: 1.0.0\ncurrency: CNY\ntimezone: UTC\n"
HEADER = """\
version: 1.0.0
title: A rule
typology: test.rule
severity: low
status: stable
"""
RULES = {
    "circle": "graph:\n  cycle: {hops: 2..3, within: 24h}\nwhen: amount_out >= 100\n",
    "above": (
        "input: alerts\nfrom: [circle]\nby: debtor_account\n"
        "features: {alerts: count() over 24h}\nwhen: alerts >= 2\n"
    ),
    "quiet": (
        "by: debtor_account\nsequence:\n  steps:\n    - paid: amount >= 50\n"
        "    - absent again: {when: amount >= 50, within: 24h}\n"
    ),
    "bands": (
        'by: account\nlevels:\n  - when: direction == "out" and amount >= 100\n'
        '    severity: high\n  - when: direction == "out" and amount >= 50\n'
    ),
    "logins": 'by: debtor_account\nevents: [login]\nwhere: channel == "web"\nwhen: amount > 5\n',
}
HEAD = """\
rule: {rule}
start: 2026-03-01T00:00:00Z
row: {{debtor_account: A, creditor_account: B, currency: CNY}}
cases:
  - name: a case
    events: |
{events}
    expect: {expect}
"""


@pytest.mark.parametrize(
    ("rule", "events", "expect", "told"),
    [
        (
            "circle",
            "at debtor_account creditor_account amount\n+0h A B 50\n+1h B A 50",
            "[{at: +1h}]",
            "amount_out >= 100 is false, with 50.00 against 100.00",
        ),
        (
            "circle",
            "at debtor_account creditor_account amount\n+0h A B 500\n+1h B C 500",
            "[{at: +1h}]",
            "no path of the pattern ends here",
        ),
        (
            "above",
            "at debtor_account creditor_account amount\n+0h A B 500\n+1h B A 500",
            "[{at: +1h}]",
            "alerts >= 2 is false, with 1 against 2",
        ),
        (
            "above",
            "at amount\n+1h 500",
            "[{at: +1h}]",
            "no alert of circle came here that the rule could read",
        ),
        (
            "quiet",
            "at amount\n+0h 50\n+2h 50",
            "[{at: +24h}]",
            "no chain was left alone up to this deadline, or no later row has passed it",
        ),
        (
            "bands",
            "at amount\n+1h 40",
            "[{at: +1h, severity: high, side: out}]",
            "amount >= 100 is false, with 40.00 against 100.00",
        ),
        (
            "bands",
            "at amount\n+1h 60",
            "[{at: +1h, severity: high, side: out}]",
            "amount >= 100 is false, with 60.00 against 100.00",
        ),
        (
            "bands",
            "at amount\n+1h 40",
            "[{at: +1h, side: out}]",
            "amount >= 50 is false, with 40.00 against 50.00",
        ),
        (
            "logins",
            "at kind channel\n+1h login app",
            "[{at: +1h}]",
            'the rule does not see this row: channel == "web" is false, with app against web',
        ),
        (
            "logins",
            "at kind channel\n+1h logout web",
            "[{at: +1h}]",
            "the rule does not see this row: it has no amount, and events lacks logout",
        ),
        (
            "logins",
            "at kind channel debtor_account\n+1h login web -",
            "[{at: +1h}]",
            "the row is on no timeline of the rule: a value of by is missing",
        ),
    ],
)
def test_what_is_missing_is_told(
    tmp_path: Path, rule: str, events: str, expect: str, told: str
) -> None:
    (tmp_path / "pack.yaml").write_text(PACK)
    for name, text in RULES.items():
        (tmp_path / f"{name}.yaml").write_text(f"id: {name}\n{HEADER}{text}")
    table = indent(events, "      ")
    (tmp_path / f"{rule}.cases.yaml").write_text(
        HEAD.format(rule=rule, events=table, expect=expect)
    )
    (failed,) = run_cases(tmp_path).failed
    place = "+24h" if rule == "quiet" else "+1h"
    assert failed.lines[-1] == f"  at {place}: {told}"
