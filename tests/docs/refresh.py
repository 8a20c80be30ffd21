"""``make docs``: put what commands and programs really print into the pages that show it.

What a page leaves out as ``...`` stays left out: the lines before it are as many as they were, and
those behind it begin where a line begins with the same word. Where there is none, it is told and
the page is left as it is.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from docs.test_pages import BLOCK, FILES, PAGES, ROOT, commands, done, matches, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

LEFT_OUT = "..."


class Unlike(Exception):  # noqa: N818 - it is no fault, only something to tell
    """The new output has no line that begins like one that is shown."""


def refresh(page: Path) -> list[str]:
    """Rewrite a page; what could not be put in its place is told."""
    text = page.read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    told: list[str] = []
    pieces: list[str] = []
    at = 0
    printed: str | None = None
    for match in BLOCK.finditer(text):
        kind, body = match[1], match[2]
        _put(kind, body)
        new = body
        if kind == "console":
            new = _console(body, told)
        elif kind == "text" and printed is not None:
            new = _fitted(body, printed, f"{page.name}: a program", told) + "\n"
        printed = _run(body, names, page.name) if kind == "python" else None
        pieces += [text[at : match.start(2)], new]
        at = match.end(2)
    page.write_text("".join([*pieces, text[at:]]), encoding="utf-8")
    return told


def _put(kind: str, body: str) -> None:
    """Write a block that is a file: its name stands behind its kind or in its first line."""
    named = re.match(r"# (\S+\.yaml)\n", body)
    name = kind.split()[1] if kind.startswith(FILES) and " " in kind else named and named[1]
    if name:
        target = Path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(body, encoding="utf-8")


def _run(body: str, names: dict[str, Any], page: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(body, page, "exec"), names)  # noqa: S102 - our own page
    return out.getvalue()


def _console(body: str, told: list[str]) -> str:
    lines = []
    for command, shown in commands(body):
        with pytest.MonkeyPatch.context() as patch:
            real = done(command, patch)
        fitted = _fitted(shown, real, command, told)
        lines.append(f"$ {command}\n{fitted}\n" if fitted else f"$ {command}\n")
    return "".join(lines)


def _fitted(shown: str, real: str, what: str, told: list[str]) -> str:
    if matches(shown, real):
        return plain(shown)
    before, now = plain(shown).splitlines(), plain(real).splitlines()
    now = [next((line for line in before if _is(line, new)), new) for new in now]
    try:
        return "\n".join(_elided(before, now))
    except Unlike as error:
        told.append(f"{what}: no line begins with '{error}'")
        return plain(shown)


def _elided(shown: Sequence[str], real: Sequence[str]) -> list[str]:
    """The real lines with those left out that were left out before."""
    if LEFT_OUT not in shown:
        return list(real)
    place = list(shown).index(LEFT_OUT)
    after = list(shown[place + 1 :])
    kept = [*real[:place], LEFT_OUT]
    if not after:
        return kept
    word = _word(after[0])
    found = next((at for at, line in enumerate(real) if at >= place and _word(line) == word), None)
    if found is None:
        raise Unlike(word)
    if found == place:  # nothing is left to leave out
        kept.pop()
    part = real[found:] if LEFT_OUT in after else real[found : found + len(after)]
    return kept + _elided(after, part)


def _is(shown: str, real: str) -> bool:
    """Whether a line that leaves out a part is the real one."""
    return LEFT_OUT in shown.strip(".") and matches(shown, real)


def _word(line: str) -> str:
    return (line.split() or [""])[0]


def main(pages: Sequence[str]) -> int:
    """Refresh the pages that are named, or all."""
    told = []
    for page in pages or ("README.md", *PAGES):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("rules", "sample_data"):
                (Path(folder) / name).symlink_to(ROOT / name)
            os.chdir(folder)
            told += [f"{page}: {line}" for line in refresh(ROOT / page)]
            os.chdir(ROOT)
    sys.stdout.write("".join(f"{line}\n" for line in told))
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
