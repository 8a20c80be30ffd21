"""What each construct of the rule language costs, beside a plain count of the last 24 hours.

    python benchmarks/constructs.py PAYMENTS    prints one JSON line a construct

The payments are read and validated once. Each construct is a pack of one rule whose condition is
never true, so that nothing but the construct is measured; evaluation starts from the ordered rows
and sorts its lanes itself. The best of two runs counts.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from txmon.evaluate import Carry, evaluate
from txmon.packs import load_pack
from txmon.plan import compile_plan
from txmon.sources import intake

if TYPE_CHECKING:
    from txmon.language.checked import Pack

BASELINE = "count over 24h"
RUNS = 2
PACK = """name: constructs
version: 1.0.0
currency: CNY
timezone: Asia/Shanghai
holidays: lists.holidays
"""
HEADER = """id: construct
version: 1.0.0
title: One construct
typology: benchmark
severity: low
status: stable
"""
LISTS = {
    "holidays.csv": "day:date\n2026-01-01\n2026-05-01\n",
    "countries.csv": "country,risk:int,valid_from:date,valid_to:date\nCN,1,2020-01-01,2030-12-31\n",
}


@dataclass(frozen=True, slots=True)
class Construct:
    """A construct by name, and the part of a rule that uses it."""

    name: str
    body: str


def _feature(name: str, text: str, by: str = "debtor_account") -> Construct:
    """A rule of one feature, with a condition that no value fulfils."""
    body = f"by: {by}\nfeatures:\n  x: {text}\nwhen: is_null(x) and not is_null(x)\n"
    return Construct(name, body)


def _pattern(name: str, text: str, by: str = "") -> Construct:
    head = f"by: {by}\n" if by else ""
    return Construct(name, f"{head}{text}\nwhen: amount < 0\n")


CONSTRUCTS = (
    _feature(BASELINE, "count() over 24h"),
    _feature("sum where over 30d", 'sum(amount) where channel == "app" over 30d'),
    _feature("mean and std", "std(amount) over 30d"),
    _feature("distinct", "distinct(creditor_account) over 30d"),
    _feature("max", "max(amount) over 30d"),
    _feature("over last 10", "sum(amount) over last 10"),
    _feature("over last 10 matching", 'sum(amount) where channel == "app" over last 10 matching'),
    _feature("all time", "mean(amount) over all time"),
    _feature("time_since_first", "time_since_first()"),
    _feature("is_first", "is_first(creditor_account)"),
    _feature("two-sided timeline", 'sum(amount) where direction == "in" over 24h', "account"),
    _feature("another lane's feature", "distinct(debtor_account) by creditor_account over 24h"),
    _feature("another timeline's value", "count() by account = creditor_account over 24h"),
    _feature("calendar window", "sum(amount) over 3 calendar months"),
    _feature("business days", "sum(amount) over 10 business days"),
    _feature("previous periods", "sum(amount) over previous 90 calendar days"),
    _feature("per blocks", "mean(count() per 24h) over 90d ending 24h ago"),
    _feature(
        "per calendar day",
        "median(sum(amount) per active calendar day) over previous 90 calendar days",
    ),
    _feature("per column", "max(sum(amount) per creditor_account) over 30d"),
    _feature("median", "median(amount) over 30d"),
    _feature("percentile", "percentile(amount, 95) over 30d"),
    _feature("benford", "benford(original_amount) over all time"),
    _feature("legs", "legs(amount, this.amount, 10%) over 24h"),
    _feature("this, equal", "count() where creditor_account == this.creditor_account over 30d"),
    _feature(
        "this, a range", "count() where abs(amount - this.amount) <= 10% * this.amount over 30d"
    ),
    _feature("this, anything", "count() where amount * 2 > this.amount + amount / 3 over last 20"),
    _feature("look-up", "lists.countries[creditor_country].risk"),
    _feature("edit_distance", "edit_distance(debtor_account, creditor_account)"),
    _pattern(
        "sequence of two",
        "sequence:\n  within: 24h\n  steps:\n    - a: amount >= 1_000\n"
        "    - b: amount >= 2_000 and creditor_account == a.creditor_account",
        "debtor_account",
    ),
    _pattern(
        "sequence with repetition",
        "sequence:\n  within: 7d\n  search_limit: 1000\n  steps:\n    - a{2,5}: amount < 100\n"
        "    - b: amount >= 5 * last(a.amount)",
        "debtor_account",
    ),
    _pattern("graph cycle", "graph:\n  cycle: {hops: 3..4, within: 72h, keep: 80%..100%}"),
    _pattern(
        "graph chain", "graph:\n  chain: {hops: 3..4, within: 72h, hold: 24h, keep: 80%..100%}"
    ),
    _pattern(
        "graph scatter-gather", "graph:\n  scatter_gather: {middles: 3.., within: 72h, hold: 24h}"
    ),
)


def main() -> None:
    """Measure every construct over the payments that the first argument names."""
    payments = sys.argv[1]
    with tempfile.TemporaryDirectory() as temporary:
        taken = intake(payments, _pack(CONSTRUCTS[0], Path(temporary) / "first"))
        seconds: dict[str, float] = {}
        for number, construct in enumerate(CONSTRUCTS):
            pack = _pack(construct, Path(temporary) / str(number))
            plan = compile_plan(pack, taken.accepted.columns)
            seconds[construct.name] = min(_seconds(plan, taken.accepted) for _ in range(RUNS))
            base = seconds[BASELINE]
            line = {
                "construct": construct.name,
                "rows": taken.accepted.height,
                "seconds": round(seconds[construct.name], 3),
                "times": round(seconds[construct.name] / base, 2),
            }
            print(json.dumps(line), flush=True)


def _seconds(plan: object, rows: object) -> float:
    begin = time.perf_counter()
    evaluate(plan, Carry(), rows)  # type: ignore[arg-type]
    return time.perf_counter() - begin


def _pack(construct: Construct, folder: Path) -> Pack:
    (folder / "lists").mkdir(parents=True)
    (folder / "pack.yaml").write_text(PACK)
    (folder / "construct.yaml").write_text(HEADER + construct.body)
    for name, text in LISTS.items():
        (folder / "lists" / name).write_text(text)
    return load_pack(folder)


if __name__ == "__main__":
    main()
