"""docs/workbench/lint.md: every code with a wrong example that gives just it, and a right one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from txmon.authoring import Lint, check_files
from txmon.authoring.lint.codes import TITLES
from txmon.authoring.sarif import help_page

PAGE = (Path(__file__).parents[2] / "docs/workbench/lint.md").read_text(encoding="utf-8")
PARTS = dict(re.findall(r"^### (L\d{3}): (.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE))
BLOCK = re.compile(
    r"^```(?:yaml|csv) (wrong|right)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
PACK = """\
name: example
version: 1.0.0
currency: EUR
timezone: Europe/Berlin
values:
  kind: [transfer, card, login]
  status: [accepted, rejected]
"""
HEADER = {
    "id": "example",
    "version": "1.0.0",
    "title": "An example",
    "typology": "test.example",
    "severity": "medium",
    "status": "draft",
}


def written(folder: Path, part: str, kind: str) -> Path:
    """A pack with the blocks of one kind; stable rules have the cases of L404."""
    files = {"pack.yaml": PACK}
    blocks = [found for found in BLOCK.findall(part) if found[0] == kind]
    assert blocks
    for _, name, text in blocks:
        files[name or "example.yaml"] = text
    rule = files["example.yaml"]
    if "status: stable" in rule:
        cases = [found for found in BLOCK.findall(PARTS["L404"]) if found[1]]
        files.setdefault(cases[0][1], cases[0][2])
    own = {line.partition(":")[0] for line in rule.splitlines()}
    header = "".join(f"{key}: {value}\n" for key, value in HEADER.items() if key not in own)
    files["example.yaml"] = header + rule
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("code", list(Lint))
def test_the_wrong_example_gives_exactly_the_code(code: Lint, tmp_path: Path) -> None:
    pack, findings = check_files(written(tmp_path, PARTS[code], "wrong"))
    assert pack is not None
    assert [finding.code for finding in findings] == [code], "\n".join(map(str, findings))
    assert findings[0].source
    assert findings[0].warning


@pytest.mark.parametrize("code", list(Lint))
def test_the_right_example_gives_nothing(code: Lint, tmp_path: Path) -> None:
    _, findings = check_files(written(tmp_path, PARTS[code], "right"))
    assert [str(finding) for finding in findings] == []


def test_the_page_has_each_code_once_and_no_other() -> None:
    assert list(PARTS) == [code.value for code in Lint]
    assert set(TITLES) == set(Lint)
    assert len(set(TITLES.values())) == len(TITLES)


@pytest.mark.parametrize("code", list(Lint))
def test_the_help_page_is_the_heading(code: Lint) -> None:
    heading = next(line for line in PAGE.splitlines() if line.startswith(f"### {code}: "))
    slug = re.sub(r"[^\w\- ]", "", heading.removeprefix("### ").lower()).replace(" ", "-")
    assert help_page(code) == f"docs/workbench/lint.md#{slug}"
    assert heading == f"### {code}: {TITLES[code]}"
