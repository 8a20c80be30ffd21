"""``txmon new``: a rule and its cases to start from, by flags or, in a terminal, by questions."""

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txmon.cli.options import wrong
from txmon.cli.screen import say

if TYPE_CHECKING:
    from txmon.authoring.starters import Pattern

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CURRENCY, _ZONE = "EUR", "UTC"


class Patterns(StrEnum):
    """What the rule looks for."""

    SINGLE = "single"
    COUNT = "count"
    SUM = "sum"
    PAYERS = "payers"
    HABIT = "habit"
    NEW_PAYEE = "new-payee"
    PASS_THROUGH = "pass-through"  # noqa: S105 - a pattern of payments, no password
    SEQUENCE = "sequence"
    DORMANT = "dormant"


def new(
    name: Annotated[str, typer.Argument(metavar="ID", help="The rule's id: many-payers.")],
    folder: Annotated[
        Path, typer.Argument(metavar="[PACK]", help="The pack's folder, made if need be.")
    ] = Path("my-rules"),
    *,
    pattern: Annotated[
        Patterns | None, typer.Option("--pattern", help="What the rule looks for.")
    ] = None,
    typology: Annotated[
        str | None, typer.Option("--typology", metavar="WORDS", help="Such as scam.new-payee.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="COLUMN", help="The timeline, of the patterns count and sum."),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="One line.")] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", metavar="CODE", help="Of a new pack.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", metavar="ZONE", help="Of a new pack.")
    ] = None,
) -> int:
    """Write a rule and its cases to start from; they are valid at once."""
    from txmon.authoring.starters import PATTERNS, start_rule  # noqa: PLC0415 - start-up time
    from txmon.authoring.starters.write import Wish  # noqa: PLC0415 - likewise

    if not _ID.fullmatch(name):
        raise wrong("ID", f"write a lower-case id such as many-payers, found '{name}'")
    asks = sys.stdin.isatty()
    chosen = pattern or _ask_pattern(PATTERNS, asks=asks)
    base = PATTERNS[chosen]
    if by is not None and not base.chosen:
        raise wrong("--by", f"the pattern {chosen} has its own timeline; change it in the file")
    wish = Wish(
        name,
        chosen,
        typology or _answer("Typology, from wide to narrow", base.typology, asks=asks),
        by or (_answer("One timeline for each", base.by, asks=asks) if base.chosen else ""),
        title or _answer("Title", base.title, asks=asks),
    )
    fresh = asks and not (folder / "pack.yaml").is_file()
    started = start_rule(
        folder,
        wish,
        currency=_currency(currency or _answer("Currency of the pack", _CURRENCY, asks=fresh)),
        timezone=_zone(timezone or _answer("Time zone of the pack", _ZONE, asks=fresh)),
    )
    for file in started.files:
        say(f"{file}: written")
    say(f"next: txmon check {folder}, txmon test {folder}")
    say(f"on payments: txmon score INPUT --rules {folder} --select {name}")
    return 0


def _ask_pattern(patterns: "dict[str, Pattern]", *, asks: bool) -> Patterns:
    if not asks:
        told = "; ".join(f"{name}: {one.about}" for name, one in patterns.items())
        raise wrong("--pattern", f"say what the rule looks for: {told}")
    for name, one in patterns.items():
        typer.echo(f"  {name:<14}{one.about}", err=True)
    answer = _answer("Pattern", Patterns.COUNT, asks=True)
    if answer not in patterns:
        raise wrong("--pattern", f"there is no pattern '{answer}'")
    return Patterns(answer)


def _answer(question: str, default: str, *, asks: bool) -> str:
    if not asks:
        return default
    return str(typer.prompt(question, default=default, err=True)).strip()


def _currency(code: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise wrong("--currency", f"write a currency code such as EUR, found '{code}'")
    return code


def _zone(name: str) -> str:
    from txmon.authoring.starters.write import known_zone  # noqa: PLC0415 - start-up time

    if not known_zone(name):
        raise wrong("--timezone", f"write a time zone such as Asia/Shanghai, found '{name}'")
    return name
