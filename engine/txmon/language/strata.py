"""Which rules read the alerts of which, and so in which order they are evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Reader(Protocol):
    """What a rule is known by, and whose alerts it reads: a checked rule, or its document."""

    @property
    def id(self) -> str:
        """The rule's id."""

    @property
    def typology(self) -> str:
        """The rule's typology."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids and typologies of the rules whose alerts it reads; empty for transactions."""

    @property
    def status(self) -> str:
        """The rule's status."""


SHADOW = "shadow"
ReaderT = TypeVar("ReaderT", bound=Reader)


def fits(word: str, rule: Reader) -> bool:
    """Whether a word is the rule's id, its typology or one that its typology lies below."""
    return word in {rule.id, rule.typology} or rule.typology.startswith(f"{word}.")


def read_by(reader: Reader, rules: Sequence[ReaderT]) -> tuple[ReaderT, ...]:
    """The rules whose alerts a rule names."""
    return tuple(rule for rule in rules if any(fits(word, rule) for word in reader.sources))


def hears(reader: Reader, rule: Reader) -> bool:
    """Whether a rule's alerts reach a reader: it names the rule, and hears of shadow alerts only
    in shadow itself.
    """
    apart = rule.status == SHADOW and reader.status != SHADOW
    return not apart and any(fits(word, rule) for word in reader.sources)


def with_sources(chosen: Sequence[ReaderT], rules: Sequence[ReaderT]) -> tuple[ReaderT, ...]:
    """The chosen rules and all that they read, also through others, in order of ``rules``."""
    found = {rule.id for rule in chosen}
    waiting = list(chosen)
    while waiting:
        for rule in read_by(waiting.pop(), rules):
            if rule.id not in found:
                found.add(rule.id)
                waiting.append(rule)
    return tuple(rule for rule in rules if rule.id in found)


def levels(rules: Sequence[Reader]) -> Mapping[str, int]:
    """How many rules deep each rule reads: 0 over transactions, else one above what it reads.

    The rules read in no circle.
    """
    found: dict[str, int] = {}

    def level(rule: Reader) -> int:
        if rule.id not in found:
            below = (level(other) for other in read_by(rule, rules))
            found[rule.id] = 1 + max(below, default=0) if rule.sources else 0
        return found[rule.id]

    for rule in rules:
        level(rule)
    return found


def circles(rules: Sequence[Reader]) -> tuple[tuple[str, ...], ...]:
    """Each circle of rules that read each other once, shortest way, its first id also last."""
    reads = {rule.id: [other.id for other in read_by(rule, rules)] for rule in rules}
    told: dict[frozenset[str], tuple[str, ...]] = {}
    for name in sorted(reads):
        way = _way_back(name, reads)
        if way:
            told.setdefault(frozenset(way), way)
    return tuple(told.values())


def _way_back(name: str, reads: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for other in sorted(reads[way[-1]]):
            if other == name:
                return (*way, name)
            if other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return ()
