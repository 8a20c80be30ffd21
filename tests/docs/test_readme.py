"""README.md does what it says: its commands and programs run, its output is real.

YAML blocks that begin with a path are put there. A ``console`` block holds commands and what they
print, a ``python`` block is followed by a ``text`` block with what it prints; in either ``...``
stands for anything. Blocks run in the order of the page, in a folder with the sample and the rules.
"""

from __future__ import annotations

import io
import json
import re
import shlex
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import txmon
from txmon.cli import main
from txmon.evaluate.alerts import ALERT_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/semantics.md",
    "docs/files.md",
    "docs/command-line.md",
)
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```([\w ]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCKS = [(match[1], match[2]) for match in BLOCK.finditer(README)]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
ALERT = README[README.index("## How to read an alert") : README.index("## Asking the alerts")]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("rules", "sample_data"):
        (tmp_path / name).symlink_to(ROOT / name)
    for kind, text in BLOCKS:
        path = re.match(r"# (\S+\.yaml)\n", text)
        if kind == "yaml" and path is not None:
            target = tmp_path / path[1]
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(command: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        main(shlex.split(command)[1:])
    return out.getvalue()


def assert_shown(shown: str, real: str) -> None:
    """What the page shows is what was printed, but for ``...`` and spaces at the ends of lines."""
    pattern = re.escape(plain(shown)).replace(re.escape("..."), ".*")
    assert re.fullmatch(pattern, plain(real), re.DOTALL), real


def plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def commands(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


@pytest.mark.usefixtures("place")
def test_commands_and_programs_print_what_is_shown() -> None:
    names: dict[str, Any] = {}
    following = [*BLOCKS[1:], ("", "")]

    for (kind, text), (after, shown) in zip(BLOCKS, following, strict=True):
        if kind == "console":
            for command, output in commands(text):
                assert_shown(output, printed(command))
        if kind == "python":
            out = io.StringIO()
            with redirect_stdout(out):
                exec(compile(text, "README.md", "exec"), names)  # noqa: S102 - our own page
            assert after == "text"
            assert_shown(shown, out.getvalue())


def test_a_wrong_rule_is_told_as_shown(place: Path) -> None:
    path = place / "my-rules" / "big_to_stranger.yaml"
    path.write_text(path.read_text().replace("  new: is", "  nwe: is"))
    (shown,) = (text for kind, text in BLOCKS if kind == "text" and "E201" in text)

    _, findings = txmon.check_pack("my-rules")

    assert shown.strip() == "\n".join(str(finding) for finding in findings)


@pytest.fixture(scope="module")
def alert() -> dict[str, Any]:
    id_ = re.search(r"\| `alert_id` \| `(\w+)`", ALERT)
    assert id_ is not None
    alerts = txmon.score(ROOT / "sample_data" / "payments", txmon.load_pack(ROOT / "rules")).alerts
    return alerts.filter(pl.col("alert_id") == id_[1]).row(0, named=True)


def test_every_column_of_the_alert_is_explained(alert: dict[str, Any]) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", ALERT, re.MULTILINE))
    told = {name: cell.strip("`") for name, cell in rows.items() if cell.startswith("`")}

    assert list(rows) == [*ALERT_SCHEMA, "transaction"]
    assert told == {name: in_words(alert[name]) for name in told}
    assert {*rows} - {*told} == {"features", "clauses", "evidence", "transaction"}


def in_words(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).replace("+00:00", "Z")
    return value if isinstance(value, str) else json.dumps(value)


def test_features_clauses_and_evidence_are_shown_as_they_are(alert: dict[str, Any]) -> None:
    (block,) = (text for kind, text in BLOCK.findall(ALERT) if kind == "text")
    shown = block.split()

    features = [str(cell) for one in alert["features"] for cell in one.values()]
    clauses = [
        cell if isinstance(cell, str) else json.dumps(cell + 0.0 if cell == 0 else cell)
        for one in alert["clauses"]
        for cell in one.values()
    ]
    evidence = [one["transaction_id"] for one in alert["evidence"]]
    heads = ["features name value number", "clauses text result value threshold margin"]
    every = [heads[0], *features, heads[1], *clauses, "evidence", *evidence]
    assert shown == " ".join(every).split()


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")

    for target, anchor in LINK.findall(text):
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


def anchors(path: Path) -> set[str]:
    """What the headings of a page are linked by."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES)
def test_targets_of_make_exist(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for target in re.findall(r"\bmake (\w+)\b(?=`|  )", (ROOT / page).read_text(encoding="utf-8")):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
