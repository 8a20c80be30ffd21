from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from txmon.authoring import CaseReport, run_cases
from txmon.packs import load_cases, load_pack

if TYPE_CHECKING:
    from txmon.language.checked import Pack, Rule

RULES = Path(__file__).parents[2] / "rules"
FILES = sorted(
    path
    for path in RULES.glob("*/*.yaml")
    if path.parent.name != "lists" and not path.name.endswith(".cases.yaml")
)
FEWEST_RULES, FEWEST_CASES = 15, 5


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(RULES)


@pytest.fixture(scope="module")
def report() -> CaseReport:
    return run_cases(RULES, coverage=True)


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def rule(request: pytest.FixtureRequest, pack: Pack) -> Rule:
    return next(rule for rule in pack.rules if rule.path == str(request.param))


def test_the_pack_loads_and_every_file_is_a_rule(pack: Pack) -> None:
    assert len(pack.rules) == len(FILES) >= FEWEST_RULES
    assert {rule.path for rule in pack.rules} == {str(path) for path in FILES}


def test_every_case_of_every_rule_passes(report: CaseReport) -> None:
    problems = [str(finding) for finding in report.findings]
    failures = [f"{one.rule}: {one.name}\n" + "\n".join(one.lines) for one in report.failed]

    assert not problems
    assert not failures


def test_every_clause_of_every_rule_is_seen_true_and_false(report: CaseReport) -> None:
    assert report.covered == 100


def test_the_file_is_named_after_the_rule(rule: Rule) -> None:
    assert Path(rule.path).stem == rule.id.replace("-", "_")


def test_the_rule_has_cases_that_fire_and_cases_that_stay_silent(rule: Rule) -> None:
    path = Path(rule.path)
    document, _, findings = load_cases(path.with_name(path.stem + ".cases.yaml"))

    assert document is not None, findings
    assert document.rule == rule.id
    assert len(document.cases) >= FEWEST_CASES
    assert any(case.expect for case in document.cases)
    assert any(not case.expect for case in document.cases)


def test_the_rule_says_what_an_investigator_needs(rule: Rule) -> None:
    assert rule.title
    assert "Look at" in rule.description
    assert len(rule.references) >= 2
    assert len(rule.false_positives) >= 2
    assert "." in rule.typology
    assert rule.status == "stable"


def test_the_rule_tells_its_alert(rule: Rule) -> None:
    assert rule.suppress is not None
    assert rule.exceptable
    assert rule.parameters
    for level in rule.levels:
        assert level.score is not None
        assert level.message is not None
        assert any(not isinstance(part, str) for part in level.message.parts)


def test_every_rule_stands_in_the_table_of_the_readme(rule: Rule) -> None:
    readme = (RULES / "README.md").read_text(encoding="utf-8")

    assert f"[{rule.id}]({Path(rule.path).relative_to(RULES).as_posix()})" in readme
