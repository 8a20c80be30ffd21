"""Packs over packs: what a pack takes over, what it may not, and whose hash it has."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from txmon.packs import check_pack, load_pack
from txmon.packs.family import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

RULE = """\
id: {id}
version: 1.0.0
title: A rule
typology: test.rule
severity: low
status: stable
params: {{limit: {{type: money, default: 500}}}}
when: amount > limit and {when}
"""
PACK = "name: {name}\nversion: 1.0.0\ncurrency: {currency}\ntimezone: {zone}\n"


def _pack(folder: Path, name: str, more: str = "", **files: str) -> Path:
    root = folder / name
    (root / "lists").mkdir(parents=True, exist_ok=True)
    head = {"name": name, "currency": "CNY", "zone": "Asia/Shanghai"}
    (root / "pack.yaml").write_text(PACK.format(**head) + more)
    for stem, text in files.items():
        path = root / stem.replace("__", "/")
        path = path.with_suffix(".csv" if "lists" in stem or stem == "rates" else ".yaml")
        path.write_text(text)
    return root


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return _pack(
        tmp_path,
        "base",
        "columns: {branch: text}\nvalues: {kind: [card]}\ndefine: {tiny: amount < 5}\n"
        "holidays: lists.days\n",
        low=RULE.format(id="low", when='not tiny and branch in lists.branches and kind == "card"'),
        lists__branches="branch,region\nX,north\n",
        lists__days="day:date\n2026-01-01\n",
        rates="currency,date,rate\nUSD,2026-01-01,7\n",
    )


def _codes(folder: Path) -> list[tuple[str, str]]:
    parent = folder.parent
    return [
        (str(one.location).removeprefix(f"{parent}/"), one.code) for one in check_pack(folder)[1]
    ]


def test_a_pack_has_what_the_pack_below_has(base: Path) -> None:
    top = _pack(
        base.parent,
        "top",
        "extends: [../base]\nvalues: {kind: [gift]}\ncolumns: {desk: text}\n"
        "define: {small: tiny or amount < 9}\n",
        mine=RULE.format(
            id="mine", when='kind == "gift" and not small and lists.branches[branch].region == desk'
        ),
        lists__watched="account\nA\n",
    )

    pack = load_pack(top)

    assert [rule.id for rule in pack.rules] == ["low", "mine"]
    assert set(pack.lists) == {"branches", "days", "watched"}
    assert pack.values["kind"] == ("card", "gift")
    assert {"branch", "desk"} <= set(pack.columns)
    assert (pack.name, [rate.currency for rate in pack.rates]) == ("top", ["USD"])


def test_the_shipped_pack_is_extended_by_name(tmp_path: Path) -> None:
    shipped = load_pack()
    top = _pack(tmp_path, "top", f"extends: {SHIPPED}\n", mine=RULE.format(id="mine", when="true"))

    pack = load_pack(top)

    assert shipped.name == SHIPPED
    assert {rule.id for rule in pack.rules} == {rule.id for rule in shipped.rules} | {"mine"}


def test_tuning_changes_the_rules_of_the_pack_below(base: Path) -> None:
    (base / "tuning.yaml").write_text("rules: {low: {score: 5, params: {limit: 600}}}\n")
    top = _pack(base.parent, "top", "extends: [../base]\n")
    (top / "tuning.yaml").write_text("rules: {low: {params: {limit: 700}}}\n")

    (rule,) = load_pack(top).rules

    assert (rule.parameters["limit"], rule.levels[0].score) == ("700", 5)


def test_currency_and_zone_are_the_packs_own(base: Path) -> None:
    top = _pack(base.parent, "top")
    head = PACK.format(name="top", currency="EUR", zone="Europe/Berlin")
    (top / "pack.yaml").write_text(f"{head}extends: [../base]\n")

    pack = load_pack(top)

    assert (pack.currency, pack.timezone, pack.rates) == ("EUR", "Europe/Berlin", ())


def test_own_rates_stand_in_place_of_those_below(base: Path) -> None:
    (base / "pack.yaml").write_text((base / "pack.yaml").read_text() + "rates: {max_age: 7d}\n")
    top = _pack(base.parent, "top", "extends: [../base]\n")
    assert load_pack(top).max_rate_age == 7

    (top / "rates.csv").write_text("currency,date,rate\nEUR,2026-01-01,8\n")
    own = load_pack(top)

    assert ([rate.currency for rate in own.rates], own.max_rate_age) == (["EUR"], None)


def test_two_packs_with_rates_below_are_one_too_many(base: Path) -> None:
    _pack(base.parent, "other", rates="currency,date,rate\nUSD,2026-01-01,7\n")
    top = _pack(base.parent, "top", "extends: [../base, ../other]\n")

    assert _codes(top) == [("top/pack.yaml:5:1", "E506")]


def test_a_pack_reached_on_two_ways_is_there_once(base: Path) -> None:
    for name in ("left", "right"):
        _pack(
            base.parent, name, "extends: [../base]\n", **{name: RULE.format(id=name, when="tiny")}
        )
    top = _pack(base.parent, "top", "extends: [../left, ../right]\n")

    assert [rule.id for rule in load_pack(top).rules] == ["left", "low", "right"]


def test_a_circle_is_told_by_names(base: Path) -> None:
    text = (base / "pack.yaml").read_text()
    (base / "pack.yaml").write_text(f"{text}extends: [../top]\n")
    top = _pack(base.parent, "top", "extends: [../base]\n")

    findings = check_pack(top)[1]

    assert [finding.code for finding in findings] == ["E206"]
    assert "top -> base -> top" in findings[0].message


def test_a_rule_of_the_same_id_is_an_error(base: Path) -> None:
    top = _pack(base.parent, "top", "extends: [../base]\n", mine=RULE.format(id="low", when="true"))

    (finding,) = check_pack(top)[1]

    assert (finding.code, finding.location.path) == ("E207", str(top / "mine.yaml"))
    assert "tuning.yaml" in finding.help


def test_same_names_are_errors_unless_they_are_said_to_replace(base: Path) -> None:
    files = {"lists__branches": "branch,region\nY,south\n"}
    more = "extends: [../base]\ndefine: {tiny: amount < 50}\ncolumns: {branch: int}\n"
    top = _pack(base.parent, "top", more, **files)
    assert _codes(top)[:3] == [
        ("top/lists/branches.csv:1:1", "E202"),
        ("top/pack.yaml:6:10", "E202"),
        ("top/pack.yaml:7:11", "E202"),
    ]

    replaces = "replaces: [lists.branches, define.tiny]\n"
    _pack(base.parent, "top", more.replace("int", "text") + replaces, **files)
    pack = load_pack(top)

    assert pack.lists["branches"].values == {"Y"}
    assert [rule.id for rule in pack.rules] == ["low"]


def test_a_replaced_list_must_suit_the_rules_below(base: Path) -> None:
    top = _pack(
        base.parent,
        "top",
        "extends: [../base]\nreplaces: lists.branches\n",
        lists__branches="branch:int\n5\n",
    )

    (finding,) = check_pack(top)[1]

    assert (finding.code, finding.location.path.endswith("base/low.yaml")) == ("E301", True)


def test_errors_of_all_packs_are_told(base: Path) -> None:
    (base / "low.yaml").write_text(RULE.format(id="low", when="amont > 5"))
    (base / "lists" / "bad.csv").write_text("a:int\nx\n")
    top = _pack(
        base.parent, "top", "extends: [../base]\n", mine=RULE.format(id="mine", when="amoun > 5")
    )

    assert sorted(code for _, code in _codes(top)) == ["E201", "E201", "E505"]


def test_a_broken_pack_below_hides_no_broken_rule_and_blames_no_right_one(base: Path) -> None:
    (base / "pack.yaml").write_text("name: x\n")
    (base / "low.yaml").write_text("id: low\nwhen: [\n")
    top = _pack(
        base.parent, "top", "extends: [../base]\n", mine=RULE.format(id="mine", when="tiny")
    )

    places = {place.partition(":")[0] for place, _ in _codes(top)}

    assert places == {"base/pack.yaml", "base/low.yaml"}


def test_the_content_hash_covers_the_packs_below_wherever_they_stand(
    base: Path, tmp_path: Path
) -> None:
    top = _pack(base.parent, "top", "extends: [../base]\n")
    before = load_pack(top).content_hash
    away = tmp_path / "away"
    shutil.copytree(base, away / "base")
    shutil.copytree(top, away / "top")
    assert load_pack(away / "top").content_hash == before

    (base / "lists" / "branches.csv").write_text("branch,region\nZ,north\n")
    assert load_pack(top).content_hash != before


def test_a_rule_file_loads_with_all_names_and_without_the_rules_below(base: Path) -> None:
    top = _pack(
        base.parent, "top", "extends: [../base]\n", mine=RULE.format(id="mine", when="not tiny")
    )

    assert [rule.id for rule in load_pack(top / "mine.yaml").rules] == ["mine"]


def test_a_pack_within_a_pack_is_its_own(base: Path) -> None:
    top = _pack(base.parent, "top", "extends: [./inner/base]\n")
    shutil.copytree(base, top / "inner" / "base")

    assert [rule.id for rule in load_pack(top).rules] == ["low"]
