"""Rules to start from are valid at once, and their cases hold each side of each threshold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from txmon.authoring import check_files, run_cases, write_lock
from txmon.authoring.starters import PATTERNS, start_rule
from txmon.authoring.starters.write import Wish
from txmon.errors import OutputError, PackError

ROOT = Path(__file__).parents[2]
PARAM = re.compile(r"^  (\w+): \{type: (\w+), default: (\S+)\}$", re.MULTILINE)
STEPS = {"money": 0.01, "int": 1, "number": 0.001, "duration": 1}
UNITS = {"h": 3_600, "d": 86_400}


def started(folder: Path, wish: Wish, currency: str = "EUR", timezone: str = "UTC") -> Path:
    made = start_rule(folder, wish, currency=currency, timezone=timezone)
    return made.files[-2]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(
    ("currency", "timezone"), [("EUR", "UTC"), ("JPY", "Asia/Tokyo"), ("TND", "Africa/Tunis")]
)
def test_valid_at_once(pattern: str, currency: str, timezone: str, tmp_path: Path) -> None:
    started(tmp_path, Wish("my-rule", pattern), currency, timezone)
    pack, findings = check_files(tmp_path)
    assert pack is not None
    assert findings == ()
    report = run_cases(tmp_path)
    assert report.passed
    assert len(report.results) >= 2


def nearby(kind: str, default: str) -> list[str]:
    """The value a step below, and a step above."""
    if kind == "duration":
        seconds = int(default[:-1]) * UNITS[default[-1]]
        return [f"{seconds - 1}s", f"{seconds + 1}s"]
    share = default.endswith("%")
    value = float(default.rstrip("%").replace("_", "")) / (100 if share else 1)
    digits = 0 if kind == "int" else 4
    return [f"{value + step:.{digits}f}" for step in (-STEPS[kind], STEPS[kind])]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_case_on_each_side_of_each_threshold(pattern: str, tmp_path: Path) -> None:
    rule = started(tmp_path, Wish("my-rule", pattern))
    text = rule.read_text(encoding="utf-8")
    params = list(PARAM.finditer(text))
    assert len(params) == text.count("{type:") >= 1
    for found in params:
        for other in nearby(found[2], found[3]):
            changed = found[0].replace(f"default: {found[3]}", f"default: {other}")
            rule.write_text(text.replace(found[0], changed), encoding="utf-8")
            assert not run_cases(tmp_path).passed, changed


def test_every_operator_is_held(tmp_path: Path) -> None:
    for pattern in PATTERNS:
        rule = started(tmp_path / pattern, Wish("my-rule", pattern))
        text = rule.read_text(encoding="utf-8")
        for operator in re.findall(r" (?:>=|<=) ", text):
            rule.write_text(text.replace(operator, operator.replace("=", ""), 1), encoding="utf-8")
            assert not run_cases(tmp_path / pattern).passed, (pattern, operator)


@pytest.mark.parametrize("by", ["creditor_account", "device_id", "card_id", "merchant_id"])
@pytest.mark.parametrize("pattern", ["count", "sum"])
def test_another_timeline(pattern: str, by: str, tmp_path: Path) -> None:
    rule = started(tmp_path, Wish("my-rule", pattern, by=by))
    assert f"\nby: {by} " in rule.read_text(encoding="utf-8")
    assert check_files(tmp_path)[1] == ()
    assert run_cases(tmp_path).passed


def test_what_was_wished(tmp_path: Path) -> None:
    wish = Wish("it-s-mine", "single", typology="own.kind", title="It's mine: 5 # of them")
    rule = started(tmp_path / "My Bank!", wish)
    assert rule == tmp_path / "My Bank!" / "own" / "it_s_mine.yaml"
    pack, findings = check_files(tmp_path / "My Bank!")
    assert findings == ()
    assert pack is not None
    assert (pack.name, pack.rules[0].title) == ("my-bank", "It's mine: 5 # of them")
    assert pack.rules[0].typology == "own.kind"


def test_nothing_is_written_over(tmp_path: Path) -> None:
    rule = started(tmp_path, Wish("my-rule", "single"))
    rule.write_text("mine", encoding="utf-8")
    pack = (tmp_path / "pack.yaml").read_text(encoding="utf-8")
    with pytest.raises((OutputError, PackError)):
        started(tmp_path, Wish("my-rule", "single"), "CNY")
    rule.unlink()
    cases = rule.with_name("my_rule.cases.yaml")
    cases.write_text("mine too", encoding="utf-8")
    with pytest.raises(OutputError, match="is there already"):
        started(tmp_path, Wish("my-rule", "single"), "CNY")
    assert not rule.exists()
    assert cases.read_text(encoding="utf-8") == "mine too"
    assert (tmp_path / "pack.yaml").read_text(encoding="utf-8") == pack


def test_what_cannot_be_leaves_nothing(tmp_path: Path) -> None:
    for wish in (
        Wish("my-rule", "count", by="nobody"),
        Wish("my-rule", "count", typology="Not A Typology"),
    ):
        with pytest.raises(PackError):
            started(tmp_path, wish)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_same_id_twice_in_a_pack(tmp_path: Path) -> None:
    started(tmp_path, Wish("my-rule", "single"))
    with pytest.raises(PackError, match="E207"):
        started(tmp_path, Wish("my-rule", "single", typology="other.kind"))
    assert not (tmp_path / "other" / "my_rule.yaml").exists()


def test_a_locked_pack_takes_a_new_rule(tmp_path: Path) -> None:
    started(tmp_path, Wish("my-rule", "single"))
    assert write_lock(tmp_path)[0] is not None
    started(tmp_path, Wish("your-rule", "single"))
    assert [finding.code for finding in check_files(tmp_path)[1]] == ["E508"]
    assert write_lock(tmp_path)[0] is not None
    assert check_files(tmp_path)[1] == ()


def test_the_schema_is_named_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    for kind in ("rule", "cases"):
        (tmp_path / "schemas" / f"{kind}.schema.json").write_text("{}")
    rule = started(tmp_path / "mine", Wish("my-rule", "single"))
    first = rule.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../schemas/rule.schema.json"
    assert (tmp_path / "mine" / "pack.yaml").read_text(encoding="utf-8").startswith("name: mine\n")
    assert check_files(tmp_path / "mine")[1] == ()
