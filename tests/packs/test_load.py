"""Loading a pack: the whole of it or every finding, with settings and a selection."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from txmon.errors import PackError
from txmon.language.checked import Rate
from txmon.language.nodes import Vary
from txmon.packs import check_pack, load_pack
from txmon.types import DATE, TEXT, Kind, Type

TINY = Path(__file__).parent / "tiny"
DRIP = TINY / "scams" / "safe_account_drip.yaml"
RULE = """\
id: {id}
version: 1.0.0
title: A rule
typology: {typology}
severity: {severity}
status: draft
when: amount > 500
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the tiny pack with two rules more."""
    folder = tmp_path / "pack"
    shutil.copytree(TINY, folder)
    more = (("a-first", "mule.fan-in", "low"), ("z-last", "scam", "high"))
    for id_, typology, severity in more:
        text = RULE.format(id=id_, typology=typology, severity=severity)
        (folder / f"{id_}.yaml").write_text(text)
    return folder


def test_rules_stand_in_order_of_id(pack: Path) -> None:
    assert [rule.id for rule in load_pack(pack).rules] == ["a-first", "safe-account-drip", "z-last"]


def test_the_header_gives_columns_values_lists_and_rates() -> None:
    pack = load_pack(TINY)

    assert (pack.name, pack.currency, pack.timezone) == ("tiny", "CNY", "Asia/Shanghai")
    assert pack.columns["risk_score"] == Type(Kind.NUMBER, 2, 63)
    assert pack.columns["branch"] == TEXT
    assert pack.values["channel"] == ("app", "web", "branch", "atm")
    assert pack.lists["holidays"].key == DATE
    assert pack.lists["holidays"].values == {20454, 20727}
    assert pack.rates[0] == Rate("EUR", 20454, 80125, 4)
    assert [rate.currency for rate in pack.rates] == ["EUR", "USD", "USD"]


def test_a_rule_file_loads_with_the_pack_it_stands_in(pack: Path) -> None:
    loaded = load_pack(pack / "scams" / "safe_account_drip.yaml")

    assert [rule.id for rule in loaded.rules] == ["safe-account-drip"]
    assert loaded.path == str(pack)


def test_the_shipped_pack_is_the_default() -> None:
    pack = load_pack()

    assert len(pack.rules) >= 5
    assert pack.rates


@pytest.mark.parametrize(
    ("select", "ids"),
    [
        (["a-first"], ["a-first"]),
        (["scam"], ["safe-account-drip", "z-last"]),
        (["scam.safe-account"], ["safe-account-drip"]),
        (["high"], ["safe-account-drip", "z-last"]),
        (["low", "z-last"], ["a-first", "z-last"]),
    ],
)
def test_a_selection_is_by_id_typology_or_severity(
    select: list[str], ids: list[str], pack: Path
) -> None:
    assert [rule.id for rule in load_pack(pack, select=select).rules] == ids


def test_a_selection_without_a_match_is_an_error(pack: Path) -> None:
    with pytest.raises(PackError) as error:
        load_pack(pack, select=["high", "scams"])

    assert str(error.value) == (
        "select:1:1: E504 'scams' matches no rule of the pack\n"
        "  1 | scams\n"
        "    | ^^^^^\n"
        "  help: did you mean 'scam'?"
    )


def test_part_of_a_typology_is_no_selection(pack: Path) -> None:
    with pytest.raises(PackError):
        load_pack(pack, select=["scam.safe"])


def test_a_setting_takes_the_place_of_the_default() -> None:
    rule = load_pack(TINY, settings={"safe-account-drip.min_total": "8_000"}).rules[0]
    clause = rule.levels[0].clauses[2]

    assert rule.parameters["min_total"] == "8_000 (debtor_segment corporate: 100_000.00)"
    assert isinstance(clause.node.right, Vary)  # type: ignore[union-attr]
    assert clause.node.right.default.value == 8_000 * 10_000  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("setting", "place", "message", "advice"),
    [
        ("safe-account.span=1h", 1, "there is no rule 'safe-account'", "'safe-account-drip'"),
        ("safe-account-drip.spam=1h", 19, "has no param 'spam'", "'span'"),
        ("safe-account-drip.span=1", 24, "expected a duration", ""),
        ("safe-account-drip.span=5m", 24, "'5m' is no number", "5min"),
        ("safe-account-drip=5", 19, "has no param ''", "its params are"),
    ],
)
def test_a_setting_that_fits_nothing_is_a_finding(
    setting: str, place: int, message: str, advice: str
) -> None:
    name, _, text = setting.partition("=")

    with pytest.raises(PackError) as error:
        load_pack(TINY, settings={name: text})

    (finding,) = error.value.findings
    assert (finding.code, finding.location.column) == ("E503", place)
    assert message in finding.message
    assert advice in finding.help
    assert finding.source == setting


def test_a_list_setting_is_split_at_commas(pack: Path) -> None:
    text = RULE.format(id="listed", typology="x", severity="low")
    params = "params: {kinds: {type: list, default: [card]}}\n"
    (pack / "listed.yaml").write_text(text.replace("amount > 500", "kind in kinds") + params)

    rule = load_pack(pack, settings={"listed.kinds": "card, transfer"}, select=["listed"]).rules[0]

    assert [value.value for value in rule.levels[0].when.values] == ["card", "transfer"]  # type: ignore[union-attr]


def test_every_error_of_every_file_is_found_in_order(pack: Path) -> None:
    (pack / "a-first.yaml").write_text("id: a\nwhen: [\n")
    (pack / "b.yaml").write_text(RULE.format(id="b", typology="x", severity="lowest"))
    (pack / "lists" / "bad.csv").write_text("a:int\nx\n")
    (pack / "rates.csv").write_text("currency,date,rate\nUSD,x,1\n")

    found, findings = check_pack(pack)

    assert found is None
    names = [Path(finding.location.path).name for finding in findings]
    assert names == ["a-first.yaml", "b.yaml", "bad.csv", "rates.csv"]


def test_a_broken_header_still_lets_rules_be_looked_at(pack: Path) -> None:
    (pack / "pack.yaml").write_text("name: x\n")
    (pack / "a-first.yaml").write_text("id: a\nwhen: [\n")

    _, findings = check_pack(pack)

    assert {Path(finding.location.path).name for finding in findings} == {
        "pack.yaml",
        "a-first.yaml",
    }


def test_a_broken_list_is_reported_once(pack: Path) -> None:
    (pack / "lists" / "bad.csv").write_text("a:int\nx\n")
    text = RULE.format(id="b", typology="x", severity="low")
    (pack / "b.yaml").write_text(text.replace("amount > 500", "debtor_account in lists.bad"))

    _, findings = check_pack(pack)

    assert [finding.code for finding in findings] == ["E505"]


@pytest.mark.parametrize("missing", ["", "nowhere", "pack/nothing.yaml"])
def test_what_is_no_pack_is_a_finding(missing: str, tmp_path: Path) -> None:
    found, findings = check_pack(tmp_path / missing)

    assert found is None
    assert [finding.code for finding in findings] == ["E001"]


def test_the_content_hash_changes_with_every_file_but_the_cases(pack: Path) -> None:
    before = load_pack(pack).content_hash
    (pack / "scams" / "safe_account_drip.cases.yaml").write_text("rule: x\n")
    (pack / "README.md").write_text("Words.\n")
    assert load_pack(pack).content_hash == before

    hashes = {before}
    for name in ("pack.yaml", "a-first.yaml", "lists/holidays.csv", "rates.csv"):
        path = pack / name
        path.write_text(path.read_text() + "\n")
        hashes.add(load_pack(pack).content_hash)
    (pack / "z-last.yaml").rename(pack / "zz.yaml")
    hashes.add(load_pack(pack).content_hash)
    assert len(hashes) == 6


def test_the_content_hash_does_not_know_where_the_pack_is(pack: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    shutil.copytree(pack, other)

    assert load_pack(other).content_hash == load_pack(pack).content_hash


def test_hidden_folders_hold_no_rules(pack: Path) -> None:
    (pack / ".cache").mkdir()
    (pack / ".cache" / "rule.yaml").write_text("nonsense")

    assert load_pack(pack)


def test_lists_of_every_type(pack: Path) -> None:
    tables = {
        "texts": ('name,note\nA,"x, y"\nB,\n', TEXT, {"A", "B"}),
        "ints": ("code:int\n7\n-8\n", Type(Kind.INT), {7, -8}),
        "money": ("limit:money\n5.5\n1\n", Type(Kind.MONEY, 4), {55_000, 10_000}),
        "numbers": ("share:number\n0.25\n80%\n", Type(Kind.NUMBER, 2), {25, 80}),
    }
    for name, (text, _, _) in tables.items():
        (pack / "lists" / f"{name}.csv").write_text(text)

    lists = load_pack(pack).lists

    for name, (_, key, values) in tables.items():
        assert lists[name].key == key
        assert lists[name].values == values


def test_a_sub_folder_loads_its_rules_with_the_pack_above(pack: Path) -> None:
    loaded = load_pack(pack / "scams")

    assert [rule.id for rule in loaded.rules] == ["safe-account-drip"]
    assert loaded.path == str(pack)


def test_pack_yaml_stands_for_its_folder_and_a_case_file_for_its_rule(pack: Path) -> None:
    cases = pack / "scams" / "safe_account_drip.cases.yaml"
    cases.write_text("rule: safe-account-drip\n")

    assert load_pack(pack / "pack.yaml") == load_pack(pack)
    assert [rule.id for rule in load_pack(cases).rules] == ["safe-account-drip"]


def test_one_word_may_be_selected_as_a_text(pack: Path) -> None:
    assert load_pack(pack, select="low").rules == load_pack(pack, select=["low"]).rules


def test_a_wrong_header_hides_no_mistake_in_the_logic(pack: Path) -> None:
    text = RULE.format(id="a-first", typology="mule", severity="hihg")
    (pack / "a-first.yaml").write_text(text.replace("amount", "amont") + "owner: Kim\n")

    _, findings = check_pack(pack)

    assert [(finding.location.line, finding.code) for finding in findings] == [
        (5, "E009"),
        (7, "E201"),
        (8, "E006"),
    ]


def test_a_fault_in_the_logic_itself_is_told_once(pack: Path) -> None:
    text = RULE.format(id="a-first", typology="mule", severity="low")
    (pack / "a-first.yaml").write_text(text.replace("when: amount > 500", "when: [amount]"))

    _, findings = check_pack(pack)

    assert [finding.location.line for finding in findings] == [7]
