"""The reference data of a family of packs: its lists and rates, each of one pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.errors import Finding, Location
from txmon.language.names import NAME
from txmon.language.problems import WHOLE, Code, ExpressionError, Fault, Problem, did_you_mean
from txmon.language.values import read_value
from txmon.packs.lists import read_list
from txmon.packs.rates import read_rates
from txmon.packs.validate import locate
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from txmon.language.checked import ListTable, Rate
    from txmon.packs.family import Member

DAY = 86_400_000_000
"""Microseconds."""

KINDS = ("lists.", "define.")
"""What ``replaces`` may name, by how it begins."""


def read_lists(
    members: Sequence[Member],
) -> tuple[dict[str, ListTable], frozenset[str], list[Finding]]:
    """The lists by name, the names of those that cannot be read, and what is wrong."""
    owners: dict[str, tuple[Member, Path]] = {}
    findings: list[Finding] = []
    for member in members:
        findings += _replacing(member, owners, members)
        for path in member.files.lists:
            if not NAME.fullmatch(path.stem):
                findings.append(_unnamable(path))
            if path.stem in owners and f"lists.{path.stem}" not in member.document.replaces:
                findings.append(_second(path, owners[path.stem][0]))
            owners[path.stem] = member, path
    tables: dict[str, ListTable] = {}
    for name, (_, path) in owners.items():
        table, wrong = read_list(path)
        findings += wrong
        if table is not None:
            tables[name] = table
    return tables, frozenset(owners) - set(tables), findings


def _unnamable(path: Path) -> Finding:
    message = f"'{path.stem}' cannot be a list's name, so no rule could use it"
    advice = "a name is a letter, then letters, digits and _"
    return Finding(Code.BAD_NAME, message, Location(str(path), 1, 1), "", advice)


def _second(path: Path, owner: Member) -> Finding:
    message = f"list '{path.stem}' stands in pack '{owner.document.name}' too"
    advice = f"to put this in its place write replaces: lists.{path.stem} in pack.yaml"
    return Finding(Code.NAME_CLASH, message, Location(str(path), 1, 1), "", advice)


def _replacing(
    member: Member, owners: dict[str, tuple[Member, Path]], members: Sequence[Member]
) -> Iterator[Finding]:
    """What ``replaces`` names, but is not both here and in a pack below."""
    below = members[: members.index(member)]
    old = [f"lists.{name}" for name in owners]
    old += [f"define.{name}" for one in below for name in one.document.define]
    new = [f"lists.{path.stem}" for path in member.files.lists]
    new += [f"define.{name}" for name in member.document.define]
    for position, text in enumerate(member.document.replaces):
        if text in old and text in new:
            continue
        if not text.startswith(KINDS):
            message, advice = "a list or definition is replaced", "write lists.NAME or define.NAME"
        elif text not in old:
            message, advice = f"no pack below has '{text}'", did_you_mean(text, old)
        else:
            message, advice = f"this pack has no '{text}' of its own", did_you_mean(text, new)
        problem = Problem(Code.BAD_VALUE, message, 0, WHOLE, advice)
        yield locate(member.tree, Fault(("replaces", position), problem))


def family_rates(
    members: Sequence[Member],
) -> tuple[tuple[Rate, ...], int | None, list[Finding]]:
    """The rates in force, the days that one holds at most (None: for ever), and what is wrong.

    They are the pack's own, or else those of the one pack below with rates into its currency.
    """
    currency = members[-1].document.currency
    findings: list[Finding] = []
    tables: dict[int, tuple[Rate, ...]] = {}
    for number, member in enumerate(members):
        if member.files.rates is not None:
            rates, wrong = read_rates(member.files.rates, member.document.currency)
            findings += wrong
            if member.document.currency == currency:
                tables[number] = rates
    if len(tables) > 1 and len(members) - 1 not in tables:
        names = " and ".join(members[number].document.name for number in tables)
        problem = Problem(
            Code.RATES, f"{names} have rates each", 0, WHOLE, "put a rates.csv into this pack"
        )
        findings.append(locate(members[-1].tree, Fault(("extends",), problem, on_key=True)))
    ages = [_max_age(member, findings) for member in members]
    used = max(tables, default=len(members) - 1)
    own = ages[-1] if members[-1].document.rates is not None else ages[used]
    return tables.get(used, ()), own, findings


def _max_age(member: Member, findings: list[Finding]) -> int | None:
    """The days of ``rates: {max_age: 7d}``."""
    rates = member.document.rates
    if rates is None:
        return None
    try:
        length = int(read_value(Kind.DURATION, rates.max_age).value)
    except ExpressionError as error:
        findings.append(locate(member.tree, Fault(("rates", "max_age"), error.problem)))
        return None
    if length < 0 or length % DAY:
        message = "rates are of days, so max_age is a number of days: 7d, or 0d for the day itself"
        problem = Problem(Code.BAD_VALUE, message, 0, WHOLE)
        findings.append(locate(member.tree, Fault(("rates", "max_age"), problem)))
    return length // DAY
