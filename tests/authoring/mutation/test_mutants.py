"""Rules one small change away: which there are, and that each could have been written."""

from __future__ import annotations

from pathlib import Path

import pytest

from authoring.mutation.small import RULE, loaded
from txmon.authoring.mutation.mutants import mutants_of
from txmon.authoring.mutation.retype import retyped
from txmon.packs import load_pack
from txmon.packs.folder import shipped_pack

YARDSTICK = Path(__file__).parents[2] / "yardstick"
PACKS = (shipped_pack(), YARDSTICK / "catalogue", YARDSTICK / "tazama")


def changes(folder: Path, rule: str) -> list[str]:
    pack = loaded(folder, rule)
    return [one.change for one in mutants_of(pack.rules[0], pack)]


def test_every_small_change_of_a_small_rule(tmp_path: Path) -> None:
    assert changes(tmp_path, RULE) == [
        "suppress: 24h -> (dropped)",
        "feature n: where amount > 5 -> (dropped)",
        "feature n: amount > 5 -> amount >= 5",
        "feature n: amount > 5 -> amount > 4.99",
        "feature n: amount > 5 -> amount > 5.01",
        "feature n: over 1h -> over 1h - 1ms",
        "feature n: over 1h -> over 1h + 1ms",
        "when: n >= 2 and ... -> n >= 2 or ...",
        "when: n >= 2 -> (dropped)",
        "when: amount >= 100 -> (dropped)",
        "when: n >= 2 -> n > 2",
        "when: n >= 2 -> n >= 1",
        "when: amount >= 100 -> amount > 100",
        "when: amount >= 100 -> amount >= 99.99",
        "when: amount >= 100 -> amount >= 100.01",
        "suppress: for 24h -> for 24h - 1ms",
        "suppress: for 24h -> for 24h + 1ms",
    ]


def of_when(folder: Path, when: str, features: str = "") -> list[str]:
    """The changes of a condition, without what is before the arrow."""
    head = RULE[: RULE.index("features:")]
    made = f"{head}features:\n  n: count() over 1h\n{features}when: {when}\n"
    return [one for one in changes(folder, made) if "feature n" not in one]


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ('kind == "card"', ['kind == "card" -> kind != "card"']),
        ("not (n < 2)", ["not n < 2 -> n < 2", "n < 2 -> n <= 2", "n < 2 -> n < 1"]),
        (
            'kind in ("card", "cash")',
            [
                'kind in ("card", "cash") -> kind in ("cash")',
                'kind in ("card", "cash") -> kind in ("card")',
            ],
        ),
        (
            "amount in 5..9",
            [
                "amount in 5..9 -> 5 < amount <= 9",
                "amount in 5..9 -> 5 <= amount < 9",
                *("amount in 5..9 -> amount in 4.99..9", "amount in 5..9 -> amount in 5.01..9"),
                *("amount in 5..9 -> amount in 5..8.99", "amount in 5..9 -> amount in 5..9.01"),
            ],
        ),
        (
            "amount / limit > 50%",
            [
                "amount / 100 > 0.5 -> amount / 100 >= 0.5",
                *(
                    "amount / 100 > 0.5 -> amount / 99.99 > 0.5",
                    "amount / 100 > 0.5 -> amount / 100.01 > 0.5",
                ),
                *(
                    "amount / 100 > 0.5 -> amount / 100 > 0.49",
                    "amount / 100 > 0.5 -> amount / 100 > 0.51",
                ),
            ],
        ),
        (
            "10% * amount > limit",
            [
                "0.1 * amount > 100 -> 0.1 * amount >= 100",
                "0.1 * amount > 100 -> amount / 0.1 > 100",
                *(
                    "0.1 * amount > 100 -> 0.09 * amount > 100",
                    "0.1 * amount > 100 -> 0.11 * amount > 100",
                ),
                *(
                    "0.1 * amount > 100 -> 0.1 * amount > 99.99",
                    "0.1 * amount > 100 -> 0.1 * amount > 100.01",
                ),
            ],
        ),
        (
            'creditor_country starts_with "C"',
            ['creditor_country starts_with "C" -> creditor_country contains "C"'],
        ),
    ],
)
def test_what_else_a_condition_could_say(tmp_path: Path, when: str, found: list[str]) -> None:
    assert of_when(tmp_path, when) == [f"when: {text}" for text in found]


@pytest.mark.parametrize(
    ("feature", "found"),
    [
        (
            "sum(amount) over last 3",
            {"sum() -> max()", "over last 3 -> over last 2", "over last 3 -> over last 4"},
        ),
        ("mean(amount) over all time", {"mean() -> max()"}),
        (
            "last(amount) over last 2 excluding this",
            {"last() -> first()", "excluding this -> (dropped)"},
        ),
        (
            "distinct(kind) over previous 3 calendar days",
            {"distinct() -> count()", "previous -> (dropped)"},
        ),
        ("time_since_first()", {"time_since_first() -> time_since_previous()"}),
        (
            "count() by [debtor_account, kind] over 1h",
            {"by debtor_account, kind -> by debtor_account"},
        ),
        ("sum(amount) over 2h ending 1h ago", {"ending 1h -> ending 1h - 1ms"}),
        (
            "max(count() per 24h having value > 1) over 2d",
            {"having value > 1 -> (dropped)", "over 2d -> over 2d + 24h", "max() -> sum()"},
        ),
        ("count() where kind == this.kind over all time", {"where kind == this.kind -> (dropped)"}),
    ],
)
def test_what_else_a_feature_could_say(tmp_path: Path, feature: str, found: set[str]) -> None:
    compared = "n > 5min" if feature.startswith("time") else "n > 0"
    rule = RULE.replace("count() where amount > 5 over 1h", feature).replace("n >= 2", compared)

    told = {one.removeprefix("feature n: ") for one in changes(tmp_path, rule)}

    assert found <= told
    assert not any(
        "kind != this.kind" in one for one in told
    )  # nobody could write that over all time
    assert not any("2d - 1ms" in one for one in told)  # blocks of a day do not fit


SEQUENCE = """\
sequence:
  within: 2d
  search_limit: 1000
  steps:
    - small: amount < 5
    - absent refund: kind == "refund"
    - big{2,3}: {when: amount > 100, within: 1d}
"""


def test_what_else_a_sequence_could_say(tmp_path: Path) -> None:
    rule = RULE[: RULE.index("params:")] + SEQUENCE

    assert changes(tmp_path, rule) == [
        "sequence within: 2d -> 2d - 1ms",
        "sequence within: 2d -> 2d + 1ms",
        'sequence steps: absent refund: kind == "refund" -> (dropped)',
        "sequence steps: big{2,3}: amount > 100 -> (dropped)",
        "step small: amount < 5 -> amount <= 5",
        "step small: amount < 5 -> amount < 4.99",
        "step small: amount < 5 -> amount < 5.01",
        'step refund: kind == "refund" -> kind != "refund"',
        "step big: within 24h -> within 24h - 1ms",
        "step big: within 24h -> within 24h + 1ms",
        "step big: big{2,3} -> big{1,3}",
        "step big: big{2,3} -> big{3,3}",
        "step big: big{2,3} -> big{2,2}",
        "step big: big{2,3} -> big{2,4}",
        "step big: amount > 100 -> amount >= 100",
        "step big: amount > 100 -> amount > 99.99",
        "step big: amount > 100 -> amount > 100.01",
    ]


def test_what_else_a_pattern_could_say(tmp_path: Path) -> None:
    graph = (
        "graph:\n  cycle: {hops: 2..4, within: 7d, hold: 24h, keep: 80%.., through: amount > 5}\n"
    )
    rule = RULE[: RULE.index("by:")] + graph

    assert changes(tmp_path, rule) == [
        "graph within: 7d -> 7d - 1ms",
        "graph within: 7d -> 7d + 1ms",
        "graph hold: 24h -> 24h - 1ms",
        "graph hold: 24h -> 24h + 1ms",
        "graph keep: 0.8.. -> (dropped)",
        "graph through: amount > 5 -> (dropped)",
        *("graph hops: 2..4 -> 3..4", "graph hops: 2..4 -> 2..3", "graph hops: 2..4 -> 2..5"),
        *("graph keep: 0.8 -> 0.79", "graph keep: 0.8 -> 0.81"),
        "graph through: amount > 5 -> amount >= 5",
        "graph through: amount > 5 -> amount > 4.99",
        "graph through: amount > 5 -> amount > 5.01",
    ]


def test_levels_are_dropped_and_exchanged(tmp_path: Path) -> None:
    levels = "levels:\n  - when: amount > 100\n  - when: amount > 5\n    severity: low\n"
    rule = RULE[: RULE.index("features:")] + levels

    assert changes(tmp_path, rule)[:3] == [
        "levels: level 1 -> (dropped)",
        "levels: level 2 -> (dropped)",
        "levels: level 1, level 2 -> (exchanged)",
    ]


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.name)
def test_rules_as_they_are_keep_their_types(path: Path) -> None:
    for rule in load_pack(path).rules:
        assert retyped(rule) == rule


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.name)
def test_every_rule_has_mutants_of_different_ids(path: Path) -> None:
    pack = load_pack(path)
    for rule in pack.rules[::5]:
        found = mutants_of(rule, pack)
        assert found, rule.id
        assert len({one.id for one in found}) == len({one.change for one in found}) == len(found)
        assert found == mutants_of(rule, pack)
