"""Every YAML example of docs/rule-language.md does what the page says of it.

A block is ``yaml`` (a whole rule), ``yaml fragment`` (some keys of one), ``yaml pack`` (pack.yaml,
for all of them), ``yaml pack-keys`` (more keys of it), ``yaml tuning`` (for the first whole rule),
``yaml exceptions`` or ``yaml cases``; ``csv`` is the list of accounts.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from language.wrong_rules import HEADER
from txmon.language.builtins import AGGREGATE_ARITY, AGGREGATES, ARITY, POINTS
from txmon.packs import check_pack, load_cases

PAGE = (Path(__file__).parents[2] / "docs" / "rule-language.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```yaml ?([\w-]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLES = [(match[1] or "rule", match[2]) for match in BLOCK.finditer(PAGE)]
(ACCOUNTS,) = re.findall(r"^```csv\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
(PACK,) = (text for kind, text in EXAMPLES if kind == "pack")


READ = "alert: {exceptable: [creditor_account]}\n"
"""What rules over alerts read, and what is excepted."""
OURS = "name: our-lists\nversion: 1.0.0\ncurrency: CNY\ntimezone: UTC\n"


def _rules(kind: str) -> list[str]:
    return [text for found, text in EXAMPLES if found == kind]


def _codes(text: str, folder: Path, pack: str = PACK) -> list[str]:
    (folder / "pack.yaml").write_text(pack)
    (folder.parent / "our-lists").mkdir(exist_ok=True)
    (folder.parent / "our-lists" / "pack.yaml").write_text(OURS)
    (folder / "rule.yaml").write_text(text)
    for name, typology in (
        ()
        if "extends" in pack
        else (("drip", "scam.safe-account"), ("pass-through", "mule.pass-through"))
    ):
        other = HEADER.replace("id: wrong", f"id: {name}").replace("test.wrong", typology)
        (folder / f"{name}.yaml").write_text(f"{other}when: amount > 5\n{READ}")
    (folder / "lists").mkdir()
    (folder / "lists" / "holidays.csv").write_text("day:date\n2026-01-01\n")
    (folder / "lists" / "watched.csv").write_text("account\nA1\n")
    (folder / "lists" / "accounts.csv").write_text(ACCOUNTS)
    return [finding.code for finding in check_pack(folder)[1]]


@pytest.mark.parametrize("text", _rules("rule"))
def test_whole_rules_load(text: str, tmp_path: Path) -> None:
    assert _codes(text, tmp_path) == []


@pytest.mark.parametrize("text", _rules("fragment"))
def test_fragments_load(text: str, tmp_path: Path) -> None:
    assert _codes(HEADER + text, tmp_path) == []


@pytest.mark.parametrize("text", _rules("exceptions"))
def test_exceptions_load(text: str, tmp_path: Path) -> None:
    (tmp_path / "exceptions.yaml").write_text(text)

    assert _codes(HEADER + "when: amount > 5\n", tmp_path) == []


@pytest.mark.parametrize("text", _rules("pack-keys"))
def test_more_keys_of_the_pack_load(text: str, tmp_path: Path) -> None:
    below = tmp_path / "our-lists" / "lists"
    below.mkdir(parents=True)
    (below / "watched.csv").write_text("account\nA1\n")
    (tmp_path / "pack").mkdir()

    assert _codes(HEADER + "when: amount > 500\n", tmp_path / "pack", PACK + text) == []


@pytest.mark.parametrize("text", _rules("tuning"))
def test_tuning_fits_the_rule_of_the_page(text: str, tmp_path: Path) -> None:
    (tmp_path / "tuning.yaml").write_text(text)

    assert _codes(_rules("rule")[0], tmp_path) == []


@pytest.mark.parametrize("text", _rules("cases"))
def test_case_files_are_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.cases.yaml"
    path.write_text(text)

    document, _, findings = load_cases(path)

    assert findings == ()
    assert document is not None
    assert len(document.cases) == 3


def test_every_block_is_of_a_known_kind() -> None:
    known = {"rule", "fragment", "pack", "pack-keys", "tuning", "cases", "exceptions"}

    assert {kind for kind, _ in EXAMPLES} == known


@pytest.mark.parametrize("name", sorted({*ARITY, *AGGREGATES, *POINTS}))
def test_every_function_is_on_the_page(name: str) -> None:
    assert f"`{name}(" in PAGE


def test_functions_of_later_releases_are_named() -> None:
    section = PAGE[PAGE.index("## 12.") : PAGE.index("## 13.")]

    for name in set(AGGREGATE_ARITY) - AGGREGATES - POINTS:
        assert f"`{name}`" in section
