"""``txmon new``: by flags, and by questions in a terminal."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from txmon.authoring.starters import PATTERNS
from txmon.cli.new import Patterns

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

Run = Callable[..., Any]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_by_flags(txmon: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    ran = txmon("new", "busy", folder, "--pattern", "count", "--by", "device_id")
    assert (ran.code, ran.err) == (0, "")
    written = [f"{path}: written" for path in (folder / "pack.yaml", folder / "velocity/busy.yaml")]
    assert ran.out.splitlines()[:2] == written
    assert txmon("check", folder, "--strict").code == 0
    assert txmon("test", folder).code == 0


def test_patterns_are_those_there_are() -> None:
    assert list(Patterns) == list(PATTERNS)


def test_by_questions(txmon: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = "sum\nown.kind\ncreditor_account\n\nCNY\nAsia/Shanghai\n"
    monkeypatch.setattr("sys.stdin", Terminal(answers))
    folder = tmp_path / "mine"
    ran = txmon("new", "much", folder)
    assert ran.code == 0
    assert "many payers of one account" in ran.err
    text = (folder / "own" / "much.yaml").read_text(encoding="utf-8")
    assert "\nby: creditor_account " in text
    assert "title: 'Much money within a day'\n" in text
    pack = (folder / "pack.yaml").read_text(encoding="utf-8")
    assert pack == "name: mine\nversion: 0.1.0\ncurrency: CNY\ntimezone: Asia/Shanghai\n"
    assert txmon("test", folder).code == 0


def test_wrong_use(txmon: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    mine = tmp_path / "mine"
    for arguments, said in (
        (("new", "x", mine), "count: many payments within a time"),
        (("new", "Not An Id", mine, "--pattern", "sum"), "write a lower-case id"),
        (("new", "x", mine, "--pattern", "payers", "--by", "card_id"), "its own timeline"),
        (("new", "x", mine, "--pattern", "sum", "--currency", "euro"), "a currency code"),
        (("new", "x", mine, "--pattern", "sum", "--timezone", "Mars"), "a time zone"),
        (("new", "x", mine, "--pattern", "sum", "--by", "nobody"), "unknown column 'nobody'"),
    ):
        ran = txmon(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
    assert not mine.exists() or list(mine.rglob("*.yaml")) == []
