"""The table of wrong rules: cases in text files, each a piece of YAML and the exact findings.

A case is ``=== title``, the YAML, ``---``, and the findings. ``=== title [pack.yaml]`` is about
that file of the pack instead of a rule. Rules get a header of six lines unless they begin with
``id:`` or the case is ``[raw]``. To write the findings anew after a change of words, and then to
read the difference: ``PYTHONPATH=engine:tests python tests/language/wrong_rules.py``.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from txmon.packs import check_pack

FOLDER = Path(__file__).parent / "wrong_rules"
HEADER = """\
id: wrong
version: 1.0.0
title: A rule that is wrong
typology: test.wrong
severity: low
status: draft
"""
RIGHT = HEADER.replace("id: wrong", "id: right") + "when: amount > 500\n"
PACK = """\
name: testing
version: 1.0.0
currency: EUR
timezone: Europe/Berlin
columns: {branch: text, risk_score: {type: number, scale: 2}, opened: date, debtor_opened: date}
values: {kind: [transfer, card, login], channel: [app, web]}
define: {small: amount < 500, incoming: direction == "in"}
"""
FILES = {
    "pack.yaml": PACK,
    "lists/watched.csv": "account,since:date\nA1,2026-01-01\n",
    "lists/codes.csv": "code:int\n7995\n",
    "rules/right.yaml": RIGHT,
}
_CASE = re.compile(
    r"^=== (.+?)(?: \[(\S+)\])?\n(.*?)^---\n(.*?)(?=^=== |\Z)", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Case:
    """One wrong text, the file it is put in, and the findings it must give."""

    title: str
    file: str
    text: str
    expected: str


def read_cases(path: Path) -> list[Case]:
    return [
        Case(match[1], match[2] or "", match[3], match[4].strip())
        for match in _CASE.finditer(path.read_text(encoding="utf-8"))
    ]


def findings(case: Case, folder: Path) -> str:
    """What the pack with the wrong text says of itself."""
    files = dict(FILES)
    headless = not case.file and not case.text.startswith("id:")
    name = case.file if case.file not in {"", "raw"} else "rules/wrong.yaml"
    files[name] = (HEADER if headless else "") + case.text
    for other, text in files.items():
        path = folder / other
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _, found = check_pack(folder)
    shown = "\n".join(str(finding) for finding in found).replace(f"{folder}/", "")
    return "\n".join(line.rstrip() for line in shown.splitlines())


def rewrite(path: Path) -> None:
    parts = []
    for case in read_cases(path):
        with TemporaryDirectory() as folder:
            said = findings(case, Path(folder))
        file = f" [{case.file}]" if case.file else ""
        parts.append(f"=== {case.title}{file}\n{case.text}---\n{said}\n")
    path.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or sorted(map(str, FOLDER.glob("*.txt"))):
        rewrite(Path(chosen))
