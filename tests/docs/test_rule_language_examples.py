"""Every YAML example of docs/rule-language.md does what the page says of it.

A block is ```yaml (a whole rule), ``yaml fragment`` (some keys of a rule), ``yaml later`` (refused
with E901 only), ``yaml pack`` (pack.yaml, for all of them), ``yaml exceptions`` or ``yaml
cases``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from language.wrong_rules import HEADER
from txmon.language.builtins import AGGREGATE_ARITY, AGGREGATES, ARITY, POINTS
from txmon.packs import check_pack, load_cases

PAGE = (Path(__file__).parents[2] / "docs" / "rule-language.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```yaml ?(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLES = [(match[1] or "rule", match[2]) for match in BLOCK.finditer(PAGE)]
(PACK,) = (text for kind, text in EXAMPLES if kind == "pack")


READ = "alert: {exceptable: [creditor_account]}\n"
"""What rules over alerts read, and what is excepted."""


def _rules(kind: str) -> list[str]:
    return [text for found, text in EXAMPLES if found == kind]


def _codes(text: str, folder: Path) -> list[str]:
    (folder / "pack.yaml").write_text(PACK)
    (folder / "rule.yaml").write_text(text)
    for name, typology in (("drip", "scam.safe-account"), ("pass-through", "mule.pass-through")):
        other = HEADER.replace("id: wrong", f"id: {name}").replace("test.wrong", typology)
        (folder / f"{name}.yaml").write_text(f"{other}when: amount > 5\n{READ}")
    (folder / "lists").mkdir()
    (folder / "lists" / "holidays.csv").write_text("day:date\n2026-01-01\n")
    (folder / "lists" / "watched.csv").write_text("account\nA1\n")
    return [finding.code for finding in check_pack(folder)[1]]


@pytest.mark.parametrize("text", _rules("rule"))
def test_whole_rules_load(text: str, tmp_path: Path) -> None:
    assert _codes(text, tmp_path) == []


@pytest.mark.parametrize("text", _rules("fragment"))
def test_fragments_load(text: str, tmp_path: Path) -> None:
    assert _codes(HEADER + text, tmp_path) == []


@pytest.mark.parametrize("text", _rules("later"))
def test_what_is_not_available_yet_is_refused_for_that_only(text: str, tmp_path: Path) -> None:
    assert set(_codes(HEADER + text, tmp_path)) == {"E901"}


@pytest.mark.parametrize("text", _rules("exceptions"))
def test_exceptions_load(text: str, tmp_path: Path) -> None:
    (tmp_path / "exceptions.yaml").write_text(text)

    assert _codes(HEADER + "when: amount > 5\n", tmp_path) == []


@pytest.mark.parametrize("text", _rules("cases"))
def test_case_files_are_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.cases.yaml"
    path.write_text(text)

    document, _, findings = load_cases(path)

    assert findings == ()
    assert document is not None
    assert len(document.cases) == 2


def test_every_block_is_of_a_known_kind() -> None:
    assert {kind for kind, _ in EXAMPLES} == {
        *("rule", "fragment", "later", "pack", "cases", "exceptions")
    }


@pytest.mark.parametrize("name", sorted({*ARITY, *AGGREGATES, *POINTS}))
def test_every_function_is_on_the_page(name: str) -> None:
    assert f"`{name}(" in PAGE


def test_functions_of_later_releases_are_named() -> None:
    section = PAGE[PAGE.index("## 12.") : PAGE.index("## 13.")]

    for name in set(AGGREGATE_ARITY) - AGGREGATES - POINTS:
        assert f"`{name}`" in section
