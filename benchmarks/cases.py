"""How many cases a second ``txmon test`` runs: a generated pack of 5,000 cases, as files.

    python benchmarks/cases.py              makes the pack, runs it, prints the figures
    python benchmarks/cases.py --keep DIR   likewise, and leaves the pack there

Ten rules of five kinds, each with 500 cases of four to eight rows, half of them silent. The cases
are read from YAML, run and compared. Whole commands are measured in processes of their own; what
lies beyond starting up is measured in a process that has run cases before.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from txmon.authoring import run_cases

RULES, CASES, RUNS = 10, 500, 3
PACK = """\
name: many
version: 1.0.0
currency: CNY
timezone: Asia/Shanghai
values: {kind: [transfer, card]}
"""
HEADER = """\
id: rule-{number}
version: 1.0.0
title: Rule {number}
typology: test.rule
severity: medium
status: stable
where: kind == "transfer"
"""
KINDS = (
    """\
by: [debtor_account, creditor_account]
params: {least: {type: int, default: 4}, limit: {type: money, default: 4_000.00}}
features:
  small: count() where amount <= 5_000 over 24h
  total: sum(amount) where amount <= 5_000 over 24h
  known_for: time_since_first()
when: small >= least and total >= limit and known_for <= 7d
alert: {suppress: 24h, message: "{small} payments, {total} in all"}
""",
    """\
by: creditor_account
features:
  payers: distinct(debtor_account) over 48h
  received: sum(amount) over 48h
when: payers >= 4 and received >= 4_000
alert: {suppress: 24h, message: "{payers} payers"}
""",
    """\
by: account
features:
  taken: sum(amount) where direction == "in" over 24h
  passed: sum(amount) where direction == "out" over 24h
when: direction == "out" and taken >= 1_000 and passed >= 80% * taken
alert: {suppress: 24h}
""",
    """\
by: debtor_account
sequence:
  within: 24h
  steps:
    - small: amount <= 100
    - large: amount >= 10 * small.amount and amount >= 1_000
""",
    """\
by: debtor_account
features:
  usual: mean(amount) over last 5 excluding this
  seen: count() over last 5 excluding this
needs: seen >= 3
when: amount >= 3 * usual
""",
)
HEAD = """\
rule: rule-{number}
start: 2026-03-01T09:00:00+08:00
row: {{debtor_account: V1, creditor_account: S1, kind: transfer, currency: CNY}}
cases:
"""


def write_pack(folder: Path, rules: int = RULES, cases: int = CASES) -> None:
    """The pack with its case files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(PACK)
    for number in range(rules):
        rule = HEADER.format(number=number) + KINDS[number % len(KINDS)]
        (folder / f"rule_{number}.yaml").write_text(rule)
        texts = "".join(_case(number, place) for place in range(cases))
        (folder / f"rule_{number}.cases.yaml").write_text(HEAD.format(number=number) + texts)


def _case(number: int, place: int) -> str:
    kind = number % len(KINDS)
    fires = place % 2 == 0
    rows = [f"+{hour}h P{hour} S{place} {1000 + place}" for hour in range(4 + place % 4)]
    end, subject = f"+{3 + place % 4}h", "S"
    if kind == 0:
        rows = [row.replace(f"P{hour} ", "P1 ") for hour, row in enumerate(rows)]
        rows = rows[: 4 if fires else 3]
        end = "+3h"
    elif kind == 1:
        rows = rows[: 4 if fires else 3]
        end = "+3h"
    elif kind == 2:  # noqa: PLR2004 - the third kind
        rows = [*rows, f"+9h S{place} X {100_000 if fires else 10}"]
        end = "+9h"
    else:
        rows = [row.replace(f"P{hour} ", "P1 ") for hour, row in enumerate(rows)]
        rows = [row.replace(str(1000 + place), "50") for row in rows]
        rows += [f"+20h P1 S {1500 if fires else 60}"]
        end = "+20h"
    expect = f"[{{at: {end}}}]" if fires else "[]"
    table = "\n".join(
        f"      {row}" for row in ("at debtor_account creditor_account amount", *rows)
    )
    return f"  - name: case {place} {subject}\n    events: |\n{table}\n    expect: {expect}\n"


def measure(folder: Path) -> float:
    """Seconds of one ``txmon test`` on a folder, in a process of its own."""
    code = "import sys; from txmon.cli import main; sys.exit(main())"
    begin = time.perf_counter()
    subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", code, "test", str(folder)], check=True, capture_output=True
    )
    return time.perf_counter() - begin


def beyond(many: Path, few: Path) -> float:
    """CPU seconds of running the many cases, in a process that has run the few."""
    run_cases(few)
    begin = time.process_time()
    report = run_cases(many)
    took = time.process_time() - begin
    if not report.passed or len(report.results) != RULES * CASES:
        raise SystemExit("the cases of the benchmark do not hold")
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path)
    keep = parser.parse_args().keep
    with tempfile.TemporaryDirectory() as place:
        many, few = (keep or Path(place)) / "many", (keep or Path(place)) / "few"
        write_pack(many)
        write_pack(few, cases=1)
        start, whole = (min(measure(one) for _ in range(RUNS)) for one in (few, many))
        run = min(beyond(many, few) for _ in range(RUNS))
    cases = RULES * CASES
    print(f"txmon test: {whole:.2f} s for {cases:,} cases, {start:.2f} s for {RULES}")
    print(f"beyond start-up: {run:.2f} CPU seconds, {cases / run:,.0f} cases a second")


if __name__ == "__main__":
    main()
