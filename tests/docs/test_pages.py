"""docs/command-line.md and docs/files.md show real commands with their real output.

A ``csv NAME``, ``ndjson NAME`` or ``yaml NAME`` block is a file. A ``console`` block holds commands
and what they print on both streams, ``...`` standing for anything; a command is ``txmon``, with
variables before it, a file piped into it and ``; echo $?`` behind it where wanted. A ``python``
block is followed by a ``text`` block with what it prints. Blocks work in the order of the page.
"""

from __future__ import annotations

import io
import re
import shlex
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.core import TyperGroup, TyperOption
from typer.main import get_command

from txmon.cli import main
from txmon.cli.environment import by_environment, word
from txmon.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = (
    "docs/command-line.md",
    "docs/files.md",
    "docs/workbench/README.md",
    "docs/workbench/backtest.md",
    "docs/workbench/cases.md",
    "docs/workbench/check.md",
    "docs/workbench/mutate.md",
    "docs/workbench/new.md",
    "docs/workbench/probe.md",
    "docs/workbench/schema.md",
    "docs/workbench/testing.md",
    "docs/workbench/tune.md",
    "docs/workbench/why.md",
    "docs/workbench/diff.md",
)
BLOCK = re.compile(r"^```([\w ./=-]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILES = ("csv", "ndjson", "yaml")


def blocks(page: str) -> list[tuple[str, str]]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [(match[1], match[2]) for match in BLOCK.finditer(text)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("rules", "sample_data"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_what_is_shown_is_what_happens(
    page: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: dict[str, Any] = {}
    found = blocks(page)
    ran = 0
    for (kind, text), (after, shown) in zip(found, [*found[1:], ("", "")], strict=True):
        if kind.startswith(FILES) and " " in kind:
            target = place / kind.split()[1]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        if kind == "console":
            for command, output in commands(text):
                assert_shown(output, done(command, monkeypatch), command)
                ran += 1
        if kind == "python":
            out = io.StringIO()
            with redirect_stdout(out):
                exec(compile(text, page, "exec"), names)  # noqa: S102 - our own page
            assert after == "text"
            assert_shown(shown, out.getvalue(), text)
            ran += 1
    assert ran >= 5


def commands(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def done(line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a line of the page prints on both streams."""
    command, *code = line.split("; echo $?")
    words = shlex.split(command)
    told = io.StringIO()
    with monkeypatch.context() as patch, redirect_stdout(told), redirect_stderr(told):
        if words[0] == "cat":
            content = Path(words[1]).read_bytes()
            patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
            words = words[3:]
        while "=" in words[0]:
            patch.setenv(*words.pop(0).split("=", 1))
        assert words[0] == "txmon", line
        returned = main(words[1:])
    return told.getvalue() + (f"{returned}\n" if code else "")


def assert_shown(shown: str, real: str, what: str) -> None:
    assert matches(shown, real), f"{what}\n{real}"


def matches(shown: str, real: str) -> bool:
    """Whether it is what was printed, but for ``...`` and spaces at the ends of lines."""
    pattern = re.escape(plain(shown)).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, plain(real), re.DOTALL) is not None


def plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def test_every_option_stands_in_the_table() -> None:
    text = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `--([\w-]+)` \| `(\w+)` \| ([\w, ]+) \|$", text, re.MULTILINE)
    shown = {(command, option) for option, _, names in rows for command in names.split(", ")}
    command = get_command(app)
    assert isinstance(command, TyperGroup)
    real = {
        (name, word(parameter))
        for name, sub in by_environment(command).commands.items()
        for parameter in sub.params
        if isinstance(parameter, TyperOption) and parameter.envvar is not None
    }
    assert shown == real
    assert all(variable == option.replace("-", "_").upper() for option, variable, _ in rows)
