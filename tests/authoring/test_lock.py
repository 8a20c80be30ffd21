"""rules.lock: a rule whose logic changes gets another version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluate.small_packs import BIG_IN, CASE, PASSED_ON, pack_of
from txmon.authoring import check_files, write_lock
from txmon.authoring.lock import Locked, check_lock, lock_text
from txmon.packs import load_pack
from txmon.packs.folder import LOCK_FILE, shipped_pack

if TYPE_CHECKING:
    from pathlib import Path


def found(folder: Path) -> list[tuple[str, str]]:
    return [(str(one.code), one.message) for one in check_files(folder, lint=False)[1]]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def locked(folder: Path) -> Path:
    pack_of(folder, BIG_IN, PASSED_ON, CASE)
    file, findings = write_lock(folder)
    assert file == folder / LOCK_FILE
    assert findings == ()
    assert found(folder) == []
    return folder


def test_the_shipped_pack_agrees_with_its_lock() -> None:
    assert (shipped_pack() / LOCK_FILE).is_file()
    assert check_lock(shipped_pack(), load_pack()) == ()


def test_a_pack_without_a_lock_is_not_held_to_one(tmp_path: Path) -> None:
    pack_of(tmp_path, BIG_IN)

    assert found(tmp_path) == []


def test_logic_that_changes_needs_another_version(tmp_path: Path) -> None:
    locked(tmp_path)
    edit(tmp_path / "r0.yaml", ">= 1000", ">= 2000")

    (finding,) = check_files(tmp_path, lint=False)[1]
    assert (finding.code, finding.location.line) == ("E509", 1)
    assert finding.help == "raise the version, then run txmon lock"
    before = (tmp_path / LOCK_FILE).read_bytes()
    assert write_lock(tmp_path)[0] is None
    assert (tmp_path / LOCK_FILE).read_bytes() == before

    edit(tmp_path / "r0.yaml", "version: 1.0.0", "version: 1.1.0")
    assert [code for code, _ in found(tmp_path)] == ["E508"]
    write_lock(tmp_path)
    assert found(tmp_path) == []


def test_what_is_no_logic_may_change(tmp_path: Path) -> None:
    locked(tmp_path)
    edit(tmp_path / "r0.yaml", "title: A rule", "title: Another title")
    edit(tmp_path / "r0.yaml", "severity: high", "severity: low")
    edit(tmp_path / "r0.yaml", "score: 40", "score: 41")
    edit(tmp_path / "r0.yaml", "status: stable", "status: deprecated")

    assert found(tmp_path) == []


def test_whom_a_rule_reads_is_logic_and_what_they_say_is_not(tmp_path: Path) -> None:
    locked(tmp_path)
    edit(tmp_path / "r0.yaml", "version: 1.0.0", "version: 2.0.0")
    edit(tmp_path / "r0.yaml", ">= 1000", ">= 2000")
    write_lock(tmp_path)
    assert found(tmp_path) == []

    edit(tmp_path / "r2.yaml", "from: [scam, passed-on]", "from: [scam, mule]")
    assert [code for code, _ in found(tmp_path)] == ["E509"]


def test_new_and_removed_rules_are_told(tmp_path: Path) -> None:
    locked(tmp_path)
    (tmp_path / "r1.yaml").rename(tmp_path / "r3.yaml")
    edit(tmp_path / "r3.yaml", "id: passed-on", "id: passed-on-soon")
    edit(tmp_path / "r2.yaml", "from: [scam, passed-on]", "from: [passed-on-soon, scam]")
    edit(tmp_path / "r2.yaml", "version: 1.0.0", "version: 1.0.1")

    messages = [message for _, message in found(tmp_path)]
    assert messages == [
        "rules.lock has version 1.0.0 of 'victim-then-mule'",
        "rule 'passed-on-soon' is not in rules.lock",
        "the pack has no rule 'passed-on' any more",
    ]


def test_one_rule_is_looked_at_alone(tmp_path: Path) -> None:
    locked(tmp_path)
    edit(tmp_path / "r0.yaml", ">= 1000", ">= 2000")

    assert found(tmp_path / "r1.yaml") == []
    assert [code for code, _ in found(tmp_path / "r0.yaml")] == ["E509"]


def test_a_lock_is_in_order_and_the_same_every_time(tmp_path: Path) -> None:
    first = locked(tmp_path).joinpath(LOCK_FILE).read_bytes()
    write_lock(tmp_path)

    assert (tmp_path / LOCK_FILE).read_bytes() == first
    text = lock_text({"b": Locked("1.0.0", "x"), "a": Locked("2.0.0", "y")})
    assert text.splitlines()[1:] == [
        "rules:",
        "  a: {version: 2.0.0, logic: y}",
        "  b: {version: 1.0.0, logic: x}",
    ]


def test_a_lock_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    locked(tmp_path)
    (tmp_path / LOCK_FILE).write_text("rules: {big-in: {version: one}}\n")

    assert {code for code, _ in found(tmp_path)} == {"E007", "E009"}


def test_a_wrong_pack_gets_no_lock(tmp_path: Path) -> None:
    pack_of(tmp_path, BIG_IN)
    edit(tmp_path / "r0.yaml", "by: account", "by: acount")

    file, findings = write_lock(tmp_path)

    assert file is None
    assert findings
    assert not (tmp_path / LOCK_FILE).exists()
