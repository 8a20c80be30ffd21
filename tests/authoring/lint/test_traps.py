"""Traps of rows, amounts, missing values, alerts and prose: what is told, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from authoring.lint.packs import codes, told

if TYPE_CHECKING:
    from pathlib import Path

BY = "by: debtor_account\n"
OUT = 'direction == "out"'
DAY = "alert: {suppress: 24h}\n"

TOLD = {
    "a share of what may be nothing": (
        "L107",
        (
            'by: account\nfeatures:\n  got: sum(amount) where direction == "in" over 24h\n'
            f"  gave: sum(amount) where {OUT} over 24h\nwhen: {OUT} and gave >= 80% * got\n"
        ),
    ),
    "a count of nothing": (
        "L107",
        (
            f"{BY}features:\n  usual: mean(count() per 24h) over 30d ending 24h ago\n"
            "  today: count() over 24h\nwhen: today > 3 * usual\n"
        ),
    ),
    "a spread that is equal to something": (
        "L108",
        f"{BY}features: {{spread: std(amount) over 7d}}\nwhen: amount > 500 and spread == 5\n",
    ),
    "a ratio without its percent": (
        "L109",
        f"{BY}features: {{ratio: amount / debtor_balance}}\nwhen: ratio >= 90\n",
    ),
    "a part of the amount in where": (
        "L201",
        (
            f"{BY}where: 500 <= amount < 1_000\nfeatures: {{idle: time_since_previous()}}\n"
            "when: idle > 90d\n"
        ),
    ),
    "the balance of another": (
        "L203",
        (
            "by: account\nfeatures:\n  low: count() where debtor_balance < 5 over 7d\n"
            f"when: {OUT} and low >= 3\nalert: {{suppress: 7d}}\n"
        ),
    ),
    "not to the last rows": (
        "L205",
        f"{BY}features: {{n: count() where amount > 500 over last 10}}\nwhen: n >= 5\n",
    ),
    "new without a past": ("L208", f"{BY}features: {{x: is_first(device_id)}}\nwhen: x\n"),
    "above its own maximum": (
        "L209",
        f"{BY}features: {{top: max(amount) over 90d}}\nwhen: amount >= top and amount > 500\n",
    ),
    "today among the days": (
        "L209",
        (
            f"{BY}features:\n  today: sum(amount) over calendar day\n"
            "  usual: mean(sum(amount) per active calendar day) over 30 calendar days\n"
            "when: today > 3 * usual and today > 500\nalert: {suppress: 24h}\n"
        ),
    ),
    "yen and dollars": ("L213", "when: original_amount > 10_000\n"),
    "a number of the prose": (
        "L307",
        "description: Told of payments of more than 10,000.\nwhen: amount > 5_000\n",
    ),
    "a span of the prose": (
        "L307",
        (
            f"{BY}description: Five within 7d, or so.\nfeatures: {{n: count() over 24h}}\n"
            f"when: n >= 5\n{DAY}"
        ),
    ),
}
QUIET = {
    "a share with a floor": (
        'by: account\nfeatures:\n  got: sum(amount) where direction == "in" over 24h\n'
        f"  gave: sum(amount) where {OUT} over 24h\n"
        f"when: {OUT} and got > 0 and gave >= 80% * got\n{DAY}"
    ),
    "a floor in needs": (
        f"{BY}features:\n  usual: mean(count() per 24h) over 30d ending 24h ago\n"
        "  today: count() over 24h\nneeds: usual > 0\nwhen: today > 3 * usual\n"
    ),
    "an upper bound": (
        f"{BY}features:\n  usual: mean(amount) over 30d excluding this\n"
        "when: amount < 10% * usual\n"
    ),
    "a spread of nothing": (
        f"{BY}features: {{spread: std(amount) over 7d}}\nwhen: amount > 500 and spread == 0\n"
    ),
    "a large multiple": (
        f"{BY}features: {{usual: mean(amount) over 90d excluding this}}\n"
        "when: amount >= 90 * usual\n"
    ),
    "an amount in where, and nothing counted": 'where: amount > 500\nwhen: channel == "web"\n',
    "both sides of an account's own past": (
        "by: account\nfeatures: {idle: time_since_previous()}\nwhen: idle > 90d\n"
    ),
    "the balance of the payer, who pays": (
        "by: account\nfeatures: {idle: time_since_previous()}\n"
        f"when: {OUT} and idle > 90d and amount >= 80% * debtor_balance\n"
    ),
    "rows that are compared with this": (
        f"{BY}features:\n  n: count() where creditor_account == this.creditor_account over last 3\n"
        "when: n >= 2\n"
    ),
    "new payees that are counted": (
        f"{BY}features:\n  new: is_first(creditor_account)\n  payees: count() where new over 24h\n"
        f"when: payees >= 5\n{DAY}"
    ),
    "one currency": (
        "by: [debtor_account, currency]\nfeatures: {total: sum(original_amount) over 24h}\n"
        f"when: total > 5_000\n{DAY}"
    ),
    "roundness of what was booked": (
        f"{BY}features:\n  n: count() where is_multiple(original_amount, 100) over 7d\n"
        "when: n >= 5\nalert: {suppress: 7d}\n"
    ),
    "a category that is asked for": (
        'when: not is_null(merchant_category) and merchant_category != "7995"\n'
    ),
    "a device that the timeline has": (
        "by: device_id\nfeatures: {n: count() over 7d}\n"
        'when: device_id != "kiosk" and n >= 5\n'
        'alert: {suppress: 7d, message: "{device_id} was used {n} times"}\n'
    ),
    "a value that the condition needs": (
        f"{BY}features: {{gap: time_since_previous()}}\nwhen: gap < 5min\n"
        'alert: {message: "{gap} after the one before"}\n'
    ),
    "a value of the rows that were counted": (
        'by: account\nfeatures:\n  got: sum(amount) where direction == "in" over 7d\n'
        '  latest: last(event_time) where direction == "in" over 7d\n'
        "  held: event_time - latest\n"
        f'when: {OUT} and got >= 500\nalert: {{suppress: 7d, message: "held for {{held}}"}}\n'
    ),
    "the prose says what the rule says": (
        f"{BY}title: Five within two days\ndescription: More than 10,000 within 48h.\n"
        "params: {limit: {type: money, default: 10_000.00}, span: {type: duration, default: 48h}}\n"
        "features: {total: sum(amount) over span, n: count() over span}\n"
        "when: n >= 5 and total > limit\nalert: {suppress: span}\n"
    ),
    "the prose tells of the world": (
        f"{BY}description: Founded in 1998; money is gone within minutes, after 3 days at most.\n"
        f"features: {{n: count() over 24h}}\nwhen: n >= 5\n{DAY}"
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_trap_is_told(name: str, tmp_path: Path) -> None:
    code, rule = TOLD[name]
    assert codes(tmp_path, rule) == [code]


@pytest.mark.parametrize("name", QUIET)
def test_what_is_no_trap_is_not(name: str, tmp_path: Path) -> None:
    assert [str(one) for one in told(tmp_path, QUIET[name])] == []
