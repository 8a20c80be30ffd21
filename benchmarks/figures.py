"""What the shipped rules find in made-up payments whose every fraud is labelled.

    python benchmarks/figures.py story RUN DATA    tells a run over DATA/payments by DATA/labels
    python benchmarks/figures.py table             writes the figures into rules/README.md

The table scores the sample, on which the rules were tuned, and payments of five seeds on which they
were not. ``found.Found`` says how each figure is counted.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from found import SHARED, Found, Labelled, mean, percent, story
from naive import NAIVE, naive_alerts

import txmon
from txmon.simulate import write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[1]
README = ROOT / "rules" / "README.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
UNSEEN = (111, 112, 113, 114, 115)
ROWS = 250_000
HARD = ("easy", "ordinary", "hard")


@dataclass(frozen=True)
class Scored:
    """One world of payments, scored by the rules and by the naive one that does best.

    ``naive`` raises as many alerts in all, ``equally_wrong`` as many honest ones.
    """

    name: str
    rules: Found
    naive: Found
    equally_wrong: Found

    @classmethod
    def of(cls, name: str, data: Labelled, hidden: Sequence[str] = ()) -> Scored:
        """Score payments, without some columns."""
        seen = data.payments.drop(hidden)
        rules = Found(data, txmon.score(seen, txmon.load_pack(ROOT / "rules")).alerts)

        def best(size: Callable[[pl.DataFrame], int]) -> Found:
            wanted = size(rules.alerts)
            tries = (Found(data, naive_alerts(seen, form, wanted, size)) for form in NAIVE)
            return max(tries, key=lambda found: found.in_time)

        return cls(name, rules, best(len), best(lambda alerts: Found(data, alerts).honest))


@dataclass(frozen=True)
class World:
    """One seed, as it is and as a bank sees it that records no devices."""

    seed: str
    whole: Scored
    blind: Scored

    @classmethod
    def of(cls, seed: str, folder: Path) -> World:
        """Score the payments of a folder both ways."""
        data = Labelled.read(folder)
        blind = Scored.of(f"{seed}, no devices", data, SHARED)
        return cls(seed, Scored.of(seed, data), blind)


def worlds() -> list[World]:
    """The sample and the worlds that were never looked at, in order."""
    found = [World.of("7 (tuned on)", ROOT / "sample_data")]
    for seed in UNSEEN:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), transactions=ROWS, seed=seed)
            found.append(World.of(str(seed), Path(folder)))
    return found


def pages(every: list[World]) -> str:
    """The figures as Markdown."""
    tuned, unseen = every[0].whole.rules, [world.whole.rules for world in every[1:]]
    rows = [world.whole for world in every] + [world.blind for world in every]
    return "\n\n".join([_packs(rows), _groups(tuned, unseen), _rules(tuned, unseen)])


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _packs(every: list[Scored]) -> str:
    head = ["seed", "alerts", "honest alerts per 1,000 accounts a month", "victims in time"]
    head += ["mules in time", "both", "both, strictly", "money moved before the alert"]
    head += ["naive, as many alerts: both", "as many honest alerts: both"]
    return _table(head, [_pack(scored) for scored in every])


def _pack(scored: Scored) -> list[str]:
    rules, naive = scored.rules, scored.naive
    mules = rules.fate(rules.data.passed_on)
    victims = rules.victims
    both = pl.concat([victims.select(mules.columns), mules])
    return [
        scored.name,
        f"{rules.alerts.height:,}",
        f"{rules.honest_rate:.1f}",
        percent(mean(victims["in_time"])),
        percent(mean(mules["in_time"])),
        percent(mean(both["in_time"])),
        percent(mean(both["in_time_with"])),
        percent(victims["gone"].sum() / victims["total"].sum()),
        percent(naive.in_time),
        percent(scored.equally_wrong.in_time),
    ]


def _groups(tuned: Found, unseen: list[Found]) -> str:
    head = ["scheme, role", "easy", "ordinary", "hard", "unseen: easy", "ordinary", "hard"]
    sides = [_people([tuned]), _people(unseen)]
    names = sorted(set(sides[0].select("scheme", "role").iter_rows()))
    return _table(
        head,
        [
            [
                f"{scheme}, {role}",
                *(_cell(side, scheme, role, hard) for side in sides for hard in HARD),
            ]
            for scheme, role in names
        ],
    )


def _people(found: list[Found]) -> pl.DataFrame:
    columns = ["scheme", "role", "difficulty", "in_time"]
    tables = [table for one in found for table in (one.victims, one.mules)]
    return pl.concat([table.select(columns) for table in tables])


def _cell(people: pl.DataFrame, scheme: str, role: str, difficulty: str) -> str:
    named = people.filter(scheme=scheme, role=role, difficulty=difficulty)["in_time"]
    return f"{percent(mean(named))} of {len(named)}" if len(named) else "-"


def _rules(tuned: Found, unseen: list[Found]) -> str:
    head = ["rule", "alerts", "right", "honest per 1,000 a month", "found", "by no other"]
    head += ["unseen: alerts", "right", "honest per 1,000 a month", "found", "by no other"]
    ids = [rule.id for rule in txmon.load_pack(ROOT / "rules").rules]
    return _table(head, [[id_, *_rule([tuned], id_), *_rule(unseen, id_)] for id_ in ids])


def _rule(found: list[Found], rule: str) -> list[str]:
    """Alerts, right ones, rate, accounts found and those that no other rule finds; means of all."""
    count = len(found)
    mine = [one.judged.filter(rule_id=rule) for one in found]
    alerts = sum(table.height for table in mine)
    right = sum(int(table["right"].sum()) for table in mine)
    rate = sum(one.rate(table) for one, table in zip(found, mine, strict=True)) / count
    met = [_met(one, rule) for one in found]
    share = percent(right / alerts) if alerts else "-"
    return [
        f"{alerts / count:,.0f}",
        share,
        f"{rate:.2f}",
        *(f"{sum(column) / count:,.0f}" for column in zip(*met, strict=True)),
    ]


def _met(found: Found, rule: str) -> tuple[int, int]:
    mine = found.meetings.filter(rule_id=rule)["account"].unique()
    others = found.meetings.filter(pl.col("rule_id") != rule)["account"].unique()
    return len(mine), len(set(mine) - set(others))


def main(arguments: list[str]) -> int:
    """Run one of the two commands."""
    if arguments[:1] == ["story"] and len(arguments) == 3:  # noqa: PLR2004 - the word and two paths
        run, data = map(Path, arguments[1:])
        folder = txmon.read_run(run).folder
        lines = story(pl.read_parquet(folder / "alerts.parquet"), Labelled.read(data))
        sys.stdout.write("\n".join(["", *lines, ""]))
        return 0
    if arguments == ["table"]:
        text = README.read_text(encoding="utf-8")
        head, _, rest = text.partition(BEGIN)
        _, _, tail = rest.partition(END)
        README.write_text(f"{head}{BEGIN}\n\n{pages(worlds())}\n\n{END}{tail}", encoding="utf-8")
        return 0
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
