"""A small rule whose mutants can be counted by hand, and cases for it."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from txmon.packs import load_pack

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.language.checked import Pack

PACK = "name: small\nversion: 1.0.0\ncurrency: EUR\ntimezone: UTC\n"
RULE = """\
id: busy
version: 1.0.0
title: A rule
typology: test.busy
severity: high
status: stable
by: debtor_account
params:
  limit: {type: money, default: 100}
features:
  n: count() where amount > 5 over 1h
when: n >= 2 and amount >= limit
alert: {subject: debtor_account, suppress: 1d}
"""
HEAD = """\
rule: busy
start: 2026-03-01T09:00:00Z
row: {debtor_account: A, creditor_account: B, kind: transfer, currency: EUR}
cases:
"""
CASES = {
    "the second of them": """\
        events: |
          at     amount
          +0h    5.01
          +1ms   100
          +24h   100
          +1441min 100
        expect: [{at: +1ms}, {at: +1441min}]
    """,
    "a cent less": """\
        events: |
          at     amount
          +0h    5.01
          +1ms   99.99
        expect: []
    """,
    "half of it": """\
        events: |
          at     amount
          +0h    6
          +1ms   50
        expect: []
    """,
    "one alone": """\
        events: |
          at     amount
          +0h    5
          +1ms   1000
        expect: []
    """,
    "just inside the hour": """\
        events: |
          at     amount
          +0h    6
          +3599999ms 100.01
        expect: [{at: +3599999ms}]
    """,
    "an hour is too long": """\
        events: |
          at     amount
          +0h    6
          +1h    100
        expect: []
    """,
    "folds for a day": """\
        events: |
          at          amount
          +0h         100
          +1ms        100
          +86400000ms 100
          +86400001ms 100
        expect: [{at: +1ms}, {at: +86400001ms}]
    """,
    "folds until the last": """\
        events: |
          at          amount
          +0h         100
          +1ms        100
          +86399999ms 100
          +86400000ms 100
        expect: [{at: +1ms}]
    """,
}
"""Name of a case -> the rest of it; together they notice every mutant."""


def cases(*names: str) -> str:
    """A case file with some of the cases, all if none is named."""
    items = (f"  - name: {name}\n" + _indented(CASES[name]) for name in names or CASES)
    return HEAD + "".join(items)


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in dedent(text).splitlines())


def written(folder: Path, *, rule: str = RULE, case_file: str | None = None) -> Path:
    """The folder of a pack with one rule."""
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    (folder / "busy.yaml").write_text(rule, encoding="utf-8")
    if case_file is not None:
        (folder / "busy.cases.yaml").write_text(case_file, encoding="utf-8")
    return folder


def loaded(folder: Path, rule: str) -> Pack:
    """The pack with one rule."""
    return load_pack(written(folder, rule=rule))
