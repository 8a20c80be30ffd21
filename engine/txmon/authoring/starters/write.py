"""Writing a rule to start from and its cases into a pack, which is made if there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from os.path import relpath
from string import Template
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from txmon.authoring.check import check_files
from txmon.authoring.starters.patterns import PATTERNS
from txmon.errors import OutputError, PackError
from txmon.language.problems import Code
from txmon.packs import read_pack
from txmon.packs.folder import CASES_SUFFIX, PACK_FILE
from txmon.sources.currencies import MINOR_DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from txmon.authoring.starters.patterns import Case, Pattern
    from txmon.language.checked import Pack

START = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - it gets the pack's zone
LIMIT = Decimal(5_000)
SHARE = Decimal("0.8")
SMALL = Decimal(10)
_SCHEMAS = ("schemas", "docs/schemas")
_ACCOUNTS = {"debtor_account": "A", "creditor_account": "B"}


@dataclass(frozen=True, slots=True)
class Started:
    """What was written: the files in order, and the pack that they stand in."""

    files: tuple[Path, ...]
    pack: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A rule that is wanted; what is empty is the pattern's own."""

    id: str
    pattern: str
    typology: str = ""
    by: str = ""
    title: str = ""


def start_rule(folder: Path, wish: Wish, *, currency: str, timezone: str) -> Started:
    """Write a rule of a pattern and its cases; no file that is there is touched.

    Args:
        folder: the pack's; without a pack.yaml it gets one.
        wish: the rule.
        currency: of a new pack.
        timezone: of a new pack.

    Raises:
        PackError: the pack, or the rule with these names, is wrong; nothing of the rule is left.
        OutputError: a file is there already, or cannot be written.
    """
    written: list[Path] = []
    try:
        if not (folder / PACK_FILE).is_file():
            _write(folder / PACK_FILE, _new_pack(folder, currency, timezone), written)
        pack = _pack(folder)
        for path, text in _rule_files(folder, wish, pack).items():
            _write(path, text, written)
        _sound(folder, written)
    except (PackError, OutputError):
        for path in written:
            path.unlink()
        raise
    return Started(tuple(written), pack.name)


def _sound(folder: Path, written: list[Path]) -> None:
    """Refuse what is wrong with the new files; that a lock does not have them yet is not."""
    own = {str(path) for path in written}
    _, found = check_files(folder)
    findings = [one for one in found if one.location.path in own and one.code != Code.LOCK]
    if findings:
        raise PackError(findings)


def _pack(folder: Path) -> Pack:
    read = read_pack(folder)
    if read.pack is None:
        raise PackError(read.findings)
    return read.pack


def _new_pack(folder: Path, currency: str, timezone: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "my-rules"
    text = f"name: {name}\nversion: 0.1.0\ncurrency: {currency}\ntimezone: {timezone}\n"
    return _modeline(folder / PACK_FILE, "pack") + text


def _rule_files(folder: Path, wish: Wish, pack: Pack) -> dict[Path, str]:
    """The rule and its cases, in this order."""
    pattern = PATTERNS[wish.pattern]
    typology = wish.typology or pattern.typology
    rule = folder / typology.split(".")[0] / f"{wish.id.replace('-', '_')}.yaml"
    cases = rule.with_name(rule.stem + CASES_SUFFIX)
    words = _words(wish.by or pattern.by, pack)
    return {
        rule: _modeline(rule, "rule") + _rule(wish, pattern, typology, words),
        cases: _modeline(cases, "cases") + _cases(wish, pattern, words, pack),
    }


def _words(by: str, pack: Pack) -> Mapping[str, str]:
    """What stands for the names in a pattern: amounts have the currency's decimals."""
    least = Decimal(1).scaleb(-MINOR_DIGITS.get(pack.currency, 2))
    amounts = {
        "less": LIMIT - least,
        "share": SHARE * LIMIT,
        "share_less": SHARE * LIMIT - least,
        "above_ten": SMALL + least,
    }
    return {
        "by": by,
        "subject": _ACCOUNTS.get(by, "X"),
        "limit": f"{int(LIMIT):_}.00",
        "total": f"{int(2 * LIMIT):_}.00",
        **{name: f"{value.normalize():f}" for name, value in amounts.items()},
    }


def _rule(wish: Wish, pattern: Pattern, typology: str, words: Mapping[str, str]) -> str:
    title = (wish.title or pattern.title).replace("'", "''")
    head = (
        f"id: {wish.id}\nversion: 0.1.0\ntitle: '{title}'\ntypology: {typology}\n"
        "severity: medium\n"
        "status: draft                          # runs only if asked for by its id\n"
        "# Before it is stable it needs a description, references and false_positives.\n"
        "# A where: would hide payments from the features too; what merely should not alert\n"
        "# belongs into when.\n"
    )
    return head + Template(pattern.logic).substitute(words)


def _cases(wish: Wish, pattern: Pattern, words: Mapping[str, str], pack: Pack) -> str:
    start = START.replace(tzinfo=ZoneInfo(pack.timezone)).isoformat()
    by = words["by"]
    own = "" if not pattern.chosen or by in _ACCOUNTS else f", {by}: X"
    row = f"debtor_account: A, creditor_account: B, currency: {pack.currency}{own}{pattern.row}"
    head = f"rule: {wish.id}\nstart: {start}\nrow: {{{row}}}\ncases:\n"
    return head + "".join(line for case in pattern.cases for line in _case(case, words))


def _case(case: Case, words: Mapping[str, str]) -> Iterator[str]:
    plain = {**words, "limit": words["limit"].replace("_", "").removesuffix(".00")}
    yield f"  - name: {case.name}\n    events: |\n"
    for line in Template(case.events).substitute(plain).splitlines():
        yield f"      {line}\n"
    yield f"    expect: {Template(case.expect).substitute(plain)}\n"


def _modeline(path: Path, kind: str) -> str:
    """The line by which editors find the schema, if a folder above has it."""
    here = path.resolve().parent
    for parent in (here, *here.parents):
        for name in _SCHEMAS:
            schema = parent / name / f"{kind}.schema.json"
            if schema.is_file():
                return f"# yaml-language-server: $schema={relpath(schema, here)}\n"
    return ""


def _write(path: Path, text: str, written: list[Path]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as stream:
            written.append(path)
            stream.write(text)
    except FileExistsError as error:
        raise OutputError(f"{path} is there already; nothing is written over") from error
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error


def known_zone(name: str) -> bool:
    """Whether there is a time zone of that name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
