"""Which small changes the cases of a rule notice, and what txmon mutate says of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from authoring.mutation.small import CASES, HEAD, RULE, cases, written
from authoring.mutation.test_mutants import YARDSTICK
from txmon.authoring import run_mutants
from txmon.authoring.mutation.mutants import Mutant
from txmon.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.language.checked import Pack, Rule


def killed(folder: Path, *names: str) -> set[str]:
    (score,) = run_mutants(written(folder, case_file=cases(*names))).rules
    assert score.cases == len(names or CASES)
    return {one.mutant.change for one in score.verdicts if one.killed_by is not None}


def test_good_cases_notice_every_change(tmp_path: Path) -> None:
    report = run_mutants(written(tmp_path, case_file=cases()))

    (score,) = report.rules
    assert [one.mutant.change for one in score.survivors] == []
    assert (score.killed, score.counted, report.score, report.findings) == (17, 17, 100.0, ())
    assert {one.killed_by for one in score.verdicts} <= set(CASES)


def test_without_one_case_its_change_survives_where_it_stands(tmp_path: Path) -> None:
    names = [name for name in CASES if name != "a cent less"]

    (score,) = run_mutants(written(tmp_path, case_file=cases(*names))).rules

    (survivor,) = score.survivors
    assert survivor.mutant.change == "when: amount >= 100 -> amount >= 99.99"
    place = survivor.place
    assert (place.location.line, place.location.column) == (12, 18)
    assert place.source == "when: n >= 2 and amount >= limit"
    assert place.location.length == len("amount >= limit")


def test_more_cases_never_notice_less(tmp_path: Path) -> None:
    names = list(CASES)
    before: set[str] = set()
    for number in range(1, len(names) + 1):
        found = killed(tmp_path, *names[:number])
        assert before <= found
        before = found
    assert len(before) == 17


def test_without_cases_every_mutant_survives(tmp_path: Path) -> None:
    (score,) = run_mutants(written(tmp_path)).rules

    assert (score.cases, score.killed, len(score.survivors)) == (0, 0, 17)


def test_a_case_that_may_fail_and_one_that_does_tell_nothing(tmp_path: Path) -> None:
    may = cases("a cent less") + "    todo: some day\n"
    does = cases("folds until the last").removeprefix(HEAD).replace("[{at: +1ms}]", "[]")

    report = run_mutants(written(tmp_path, case_file=may + does))

    (score,) = report.rules
    assert (score.cases, score.killed) == (0, 0)
    (finding,) = report.findings
    assert "this case fails on the rule as it is" in finding.message
    assert finding.location.path.endswith("busy.cases.yaml")


def test_a_case_that_sets_params_is_judged_with_them(tmp_path: Path) -> None:
    case = """\
  - name: with a lower limit
    set: {limit: 50}
    events: |
      at   amount
      +0h  49.99
      +1ms 49.99
    expect: []
"""

    (score,) = run_mutants(written(tmp_path, case_file=HEAD + case)).rules

    found = {one.mutant.change for one in score.verdicts if one.killed_by}
    assert "when: amount >= 100 -> amount >= 99.99" in found  # 49.99 with the param set
    assert "when: amount >= 100 -> amount >= 100.01" not in found


CLAIMS = """\
rule: busy
equivalent:
  - id: {id}
    change: "{change}"
    reason: nobody pays exactly that
"""


@pytest.fixture
def claimed(tmp_path: Path) -> Path:
    names = [name for name in CASES if name != "a cent less"]
    return written(tmp_path, case_file=cases(*names))


def claim(folder: Path, **texts: str) -> None:
    change = "when: amount >= 100 -> amount >= 99.99"
    (survivor,) = (
        one.mutant for one in run_mutants(folder).rules[0].survivors if one.mutant.change == change
    )
    content = CLAIMS.format(**{"id": survivor.id, "change": change, **texts})
    (folder / "busy.mutants.yaml").write_text(content, encoding="utf-8")


def test_a_claimed_mutant_is_not_counted(claimed: Path) -> None:
    claim(claimed)

    report = run_mutants(claimed)

    (score,) = report.rules
    (told,) = (one.claim for one in score.verdicts if one.claim is not None)
    assert told == "nobody pays exactly that"
    assert (score.killed, score.counted, report.findings) == (16, 16, ())


def test_a_claim_that_is_stale_or_wrong_is_a_finding(claimed: Path) -> None:
    claim(claimed, id="0123abcd")
    (stale,) = run_mutants(claimed).findings
    claim_change = "when: amount >= 100 -> amount >= 99"
    claim_of(claimed, change=claim_change)
    (other,) = run_mutants(claimed).findings
    claim_of(claimed)
    written(claimed, case_file=cases())
    (disproved,) = run_mutants(claimed).findings

    assert "has no mutant '0123abcd' any more" in stale.message
    assert "this is not what the mutant changes" in other.message
    assert "the case 'a cent less' tells it apart" in disproved.message
    assert disproved.location.line == 3


def claim_of(folder: Path, **texts: str) -> None:
    (folder / "busy.mutants.yaml").unlink()
    claim(folder, **texts)


@pytest.mark.parametrize("name", ["", "busy.yaml", "busy.cases.yaml", "busy.mutants.yaml"])
def test_each_file_of_a_rule_stands_for_it(claimed: Path, name: str) -> None:
    claim(claimed)

    (score,) = run_mutants(claimed / name).rules

    assert (score.rule, score.counted) == ("busy", 16)


def test_a_claim_needs_its_reason(claimed: Path) -> None:
    claim(claimed)
    path = claimed / "busy.mutants.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")

    (finding,) = run_mutants(claimed).findings

    assert finding.message == "missing key 'reason'"


def test_a_rule_over_alerts_hears_the_rules_as_they_are(tmp_path: Path) -> None:
    reader = RULE.replace("id: busy", "id: twice").replace("typology: test.busy", "typology: x.y")
    reader = reader.replace("by: debtor_account", "input: alerts\nfrom: [busy]\nby: subject")
    reader = reader.replace("count() where amount > 5 over 1h", "count() over 2d")
    reader = reader.replace(" and amount >= limit", "").replace(
        "debtor_account, sup", "subject, sup"
    )
    reader = reader.replace("params:\n  limit: {type: money, default: 100}\n", "")
    (tmp_path / "twice.yaml").write_text(reader, encoding="utf-8")
    case = HEAD.replace("busy", "twice") + "".join(
        f"  - name: {name}\n    events: |\n      at amount\n      +0h 100\n      +1ms 100\n"
        f"      +24h 100\n      {at} 100\n    expect: {expect}\n"
        for name, at, expect in (("two", "+1441min", "[{subject: A}]"), ("one", "+1500min", "[]"))
    )
    (tmp_path / "twice.cases.yaml").write_text(case, encoding="utf-8")

    report = run_mutants(written(tmp_path), name="twice")

    (score,) = report.rules
    assert report.findings == ()
    assert score.cases == 2
    assert {"when: n >= 2 -> n > 2", "when: n >= 2 -> n >= 1"} <= {
        one.mutant.change for one in score.verdicts if one.killed_by
    }


@pytest.mark.parametrize(
    ("pack", "name"),
    [
        *(("catalogue", name) for name in ("e01-cycle", "l01-absent-refund", "k04-peers")),
        *(("tazama", name) for name in ("tz-010", "tz-021")),
    ],
)
def test_rules_of_other_systems_can_be_changed(pack: str, name: str) -> None:
    report = run_mutants(YARDSTICK / pack, name=name)

    assert report.findings == ()
    assert report.killed > 0


@pytest.mark.parametrize("name", ["k01-own-average", "e01-cycle", "l03-typology"])
def test_a_rule_under_another_name_is_no_mutant(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unchanged(rule: Rule, _: Pack) -> tuple[Mutant, ...]:
        return (Mutant("0" * 8, "nothing", "when", ("where", 0), "", None, replace(rule)),)

    monkeypatch.setattr("txmon.authoring.mutation.run.mutants_of", unchanged)

    (score,) = run_mutants(YARDSTICK / "catalogue", name=name).rules

    assert (score.killed, len(score.survivors)) == (0, 1)


def test_cases_that_would_notice_are_told_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = cases("just inside the hour", "one alone") + "# the end\n"
    pack = written(tmp_path, case_file=few)
    assert main(["mutate", str(pack), "--streams", "1"]) == 0
    one = capsys.readouterr().out
    assert main(["mutate", str(pack), "--write"]) == 0
    told = capsys.readouterr()

    assert one.count("this case would notice it:") == 1
    assert "    - name: 'mutant suppress: 24h -> (dropped): confirm what is right'\n" in one
    assert "busy.cases.yaml: cases added: " in told.err
    text = (pack / "busy.cases.yaml").read_text(encoding="utf-8")
    assert text.startswith(few)
    report = run_mutants(pack)
    assert report.findings == ()
    assert report.killed == report.counted


def test_the_command_tells_survivors_and_keeps_the_gate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [name for name in CASES if name != "a cent less"]
    pack = str(written(tmp_path, case_file=cases(*names)))

    assert main(["mutate", pack, "--streams", "0"]) == 0
    assert main(["mutate", pack, "--streams", "0", "--min-score", "90%"]) == 0
    capsys.readouterr()
    assert main(["mutate", pack, "--streams", "0", "--min-score", "100%"]) == 1
    told = capsys.readouterr()

    assert "busy.yaml:12:18: mutant " in told.out
    assert "  12 | when: n >= 2 and amount >= limit\n" in told.out
    assert "  when: amount >= 100 -> amount >= 99.99\n" in told.out
    assert "94 %: the cases notice 16 of 17 mutants of 1 rule" in told.out
    assert told.err == "txmon: --min-score asks for 100%\n"


def test_the_command_speaks_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", str(written(tmp_path, case_file=cases())), "--format", "json"]) == 0

    report = json.loads(capsys.readouterr().out)

    assert (report["mutants"], report["killed"], report["score"]) == (17, 17, 100.0)
    (rule,) = report["rules"]
    assert (rule["rule"], rule["cases"], len(rule["results"])) == ("busy", len(CASES), 17)
    first = rule["results"][0]
    assert first["change"] == "suppress: 24h -> (dropped)"
    assert (first["line"], first["claimed"], first["case"]) == (13, None, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--min-score", "101%"], "write a percentage like 95%"),
        (["--min-score", "high"], "write a percentage like 95%"),
        (["-k", "nothing"], "no rule has 'nothing' in its id"),
    ],
)
def test_wrong_use(
    tmp_path: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mutate", str(written(tmp_path)), *arguments]) == 2
    assert message in capsys.readouterr().err
