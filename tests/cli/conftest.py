"""Running commands in this process, and small inputs for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from txmon.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]

PACK = """\
name: small
version: 1.0.0
currency: CNY
timezone: Asia/Shanghai
"""

RULE = """\
id: large-payment
version: 1.0.0
title: A large payment
typology: scam.large
severity: high
status: stable
description: Look at how long the customer has known the payee.
references: [a test]
false_positives: [a used car]
by: debtor_account
params:
  limit: {type: money, default: 1_000.00}
when: amount >= limit
alert:
  score: 70
  subject: debtor_account
  message: "{amount} to {creditor_account}"
"""

CASES = """\
rule: large-payment
start: 2026-03-01T09:00:00+08:00
row: {currency: CNY, debtor_account: D1, creditor_account: C1}
cases:
  - name: fires at the limit
    events: |
      at  amount
      +0h 1000
    expect: [{subject: D1, at: +0h, score: 70}]
  - name: a cent less stays quiet
    events: |
      at  amount
      +0h 999.99
    expect: []
"""

PAYMENTS = """\
transaction_id,event_time,debtor_account,creditor_account,amount,currency
T1,2026-03-01T09:00:00+08:00,D1,C1,1200.00,CNY
T2,2026-03-01T10:00:00+08:00,D2,C1,800.00,CNY
T3,2026-03-01T11:00:00+08:00,D1,C2,5.00,CNY
"""


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def txmon(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return run


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    (folder / "large_payment.yaml").write_text(RULE, encoding="utf-8")
    (folder / "large_payment.cases.yaml").write_text(CASES, encoding="utf-8")
    return folder


@pytest.fixture
def payments(tmp_path: Path) -> Path:
    folder = tmp_path / "payments"
    folder.mkdir()
    (folder / "monday.csv").write_text(PAYMENTS, encoding="utf-8")
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"
