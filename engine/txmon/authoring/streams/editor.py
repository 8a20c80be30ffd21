"""Single edits that bring the quantities of a draft to the edges of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, chain, zip_longest
from typing import TYPE_CHECKING

from txmon.authoring.streams.amounts import (
    CENT,
    DAY,
    HOUR,
    MILLISECOND,
    MINUTE,
    SECOND,
    near,
    number,
    shown,
    smallest,
)
from txmon.authoring.streams.draft import Row
from txmon.authoring.streams.edit import Edit
from txmon.schema import COUNTERPARTY, CREDITOR, DEBTOR, OWN, Schema
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from txmon.authoring.streams.draft import Draft
    from txmon.authoring.streams.reading import Constants
    from txmon.language.checked import Pack

    Texts = tuple[str | None, ...]

_NEW = "new"
_MOST_NEW = 12
_CURRENCY = "currency"
_WEEK = 7
_ROUND = ("1", "10", "100", "1000", "10000")
_FEW = 12
"""Rows of a draft whose gaps to every other row are tried; of a longer one only to two."""


@dataclass(frozen=True, slots=True)
class Editor:
    """Thinks of edits of drafts over the columns of a pack, with the constants of some rules."""

    schema: Schema
    constants: Constants
    pack: Pack

    @classmethod
    def of(cls, pack: Pack, constants: Constants) -> Editor:
        """The editor for the columns of a pack."""
        return cls(Schema.with_columns(pack.columns), constants, pack)

    @property
    def round_amounts(self) -> tuple[str, ...]:
        """Amounts that are easy to read: powers of ten, and the limits of the rules."""
        limits = (shown(one) for one in self.constants.money if one > 0)
        return tuple(dict.fromkeys((*_ROUND, *limits)))

    def all(self, draft: Draft) -> Iterator[Edit]:
        """Every single edit, kinds of edits in turn, so that the first ones are of all kinds."""
        kinds = (
            self.counts(draft),
            self.times(draft),
            self.amounts(draft),
            self.texts(draft),
            self.wholes(draft),
        )
        return (one for one in chain.from_iterable(zip_longest(*kinds)) if one is not None)

    def counts(self, draft: Draft) -> Iterator[Edit]:
        """A row fewer, or a row more: the same again later, perhaps with one text exchanged."""
        rows = draft.rows
        if len(rows) > 1:
            yield from (Edit(dropped=(place,)) for place in range(len(rows)))
        last = rows[-1].at
        for texts in dict.fromkeys(row.texts for row in reversed(rows)):
            for gap in (HOUR, 0, *self._gaps()):
                yield Edit(added=(Row(last + gap, texts),))
            for _, other in self._exchanged(draft, texts):
                yield Edit(added=(Row(last + HOUR, other),))
            yield from self._several(draft, texts)

    def _several(self, draft: Draft, texts: Texts) -> Iterator[Edit]:
        """As many rows more as a rule may count, all at one time, each with a new value."""
        last = draft.rows[-1].at + MINUTE
        for count in self.constants.counts:
            fresh = _fresh(draft, min(count, _MOST_NEW))
            for column in self._text_columns(draft):
                if draft.columns[column] not in self.pack.values:
                    more = [(*texts[:column], one, *texts[column + 1 :]) for one in fresh]
                    yield Edit(added=tuple(Row(last, one) for one in more))

    def _exchanged(self, draft: Draft, texts: Texts) -> Iterator[tuple[int, Texts]]:
        """The row with one text new, or as another row or a constant has it."""
        for column in self._text_columns(draft):
            for text in self._choices(draft, draft.columns[column]):
                if text != texts[column]:
                    yield column, (*texts[:column], text, *texts[column + 1 :])

    def _text_columns(self, draft: Draft) -> list[int]:
        return [
            column
            for column, name in enumerate(draft.columns)
            if self.schema.columns[name].kind is Kind.TEXT and name != _CURRENCY
        ]

    def _gaps(self) -> list[int]:
        """Each window exactly, and a little less and more."""
        deltas = (0, -MILLISECOND, MILLISECOND, -SECOND, SECOND, -HOUR, HOUR, -1, 1)
        found = (span + delta for delta in deltas for span in self.constants.spans)
        return [gap for gap in dict.fromkeys(found) if gap >= 0]

    def times(self, draft: Draft) -> Iterator[Edit]:
        """Each gap between two rows made a window exactly, or a little less or more."""
        rows, gaps = draft.rows, self._gaps()
        for place in reversed(range(1, len(rows))):
            before = range(place) if len(rows) <= _FEW else (0, place - 1)
            for earlier in before:
                for gap in gaps:
                    move = rows[earlier].at + gap - rows[place].at
                    if move:
                        yield moved(draft, range(place, len(rows)), move)
                        yield moved(draft, (place,), move)

    def amounts(self, draft: Draft) -> Iterator[Edit]:
        """Each amount at, just below and just above what it may be held against."""
        for column, name in enumerate(draft.columns):
            type_ = self.schema.columns[name]
            if type_.kind not in {Kind.MONEY, Kind.INT, Kind.NUMBER}:
                continue
            read = [number(row.texts[column]) for row in draft.rows]
            for place in reversed(range(len(read))):
                money = type_.kind is Kind.MONEY
                wanted = self._targets(read, place) if money else self.constants.numbers
                for text in near(wanted, smallest(type_)):
                    yield Edit(((place, column, text),))
                yield Edit(((place, column, None),))

    def _targets(self, read: list[Fraction | None], place: int) -> Iterator[Fraction]:
        """Amounts at which a limit, a sum or a share over this row is met exactly."""
        others = [one for other, one in enumerate(read) if other != place and one is not None]
        sums = list(dict.fromkeys(accumulate(reversed(others))))
        shares = [one for one in self.constants.numbers if one > 0]
        for limit in self.constants.money:
            yield limit
            yield from (limit - total for total in sums)
            yield from (limit / (len(read) - less) for less in range(min(2, len(read))))
            yield from (limit * share for share in shares)
        for value in dict.fromkeys((*others, *sums)):
            yield value
            yield from (value * share for share in shares)
            yield from (value / share for share in shares)

    def texts(self, draft: Draft) -> Iterator[Edit]:
        """Each text exchanged for a constant, another row's, a new one or null; sides swapped."""
        for place, row in reversed(list(enumerate(draft.rows))):
            for column, other in self._exchanged(draft, row.texts):
                yield Edit(((place, column, other[column]),))
            yield self._swapped(draft, (place,))

    def _choices(self, draft: Draft, name: str) -> list[str | None]:
        """What may stand in a text column."""
        found: dict[str | None, None] = {}
        for alias in _aliases(name):
            found |= dict.fromkeys(self.constants.texts.get(alias, []))
        declared = self.pack.values.get(name, ())
        for other in _alike(draft, name):
            found |= dict.fromkeys(draft.column(other))
        return [*dict.fromkeys((*found, *(declared or _fresh(draft, 1)), None))]

    def _swapped(self, draft: Draft, places: Iterator[int] | range | tuple[int, ...]) -> Edit:
        """Rows with payer and payee exchanged."""
        texts = []
        for place in places:
            named = dict(zip(draft.columns, draft.rows[place].texts, strict=True))
            for column, name in enumerate(draft.columns):
                other = named.get(_opposite(name), named[name])
                if other != named[name]:
                    texts.append((place, column, other))
        return Edit(tuple(texts))

    def wholes(self, draft: Draft) -> Iterator[Edit]:
        """All rows changed: said again after a window, a text for all, by the clock."""
        yield from self._repeated(draft)
        every = range(len(draft.rows))
        for column in self._text_columns(draft):
            for text in self._choices(draft, draft.columns[column]):
                yield Edit(tuple((place, column, text) for place in every))
        yield self._swapped(draft, every)
        yield from self._shared_out(draft)
        if self.constants.hours:
            for move in _clock_moves():
                yield moved(draft, every, move)

    def _shared_out(self, draft: Draft) -> Iterator[Edit]:
        """Each limit shared out among all rows: evenly to the cent, or to one row of all but it."""
        size = len(draft.rows)
        if "amount" not in draft.columns or size == 1:
            return
        column = draft.columns.index("amount")
        for limit in self.constants.money:
            part = limit / size // CENT * CENT
            for share in (part, CENT * 100):
                rest = limit - (size - 1) * share
                for place in reversed(range(size)):
                    for other in near((rest, limit), CENT):
                        texts = [(one, column, shown(share)) for one in range(size) if one != place]
                        yield Edit((*texts, (place, column, other)))

    def _repeated(self, draft: Draft) -> Iterator[Edit]:
        """The stream once more, each row a window after itself."""
        for gap in self._gaps():
            if gap > 0:
                yield Edit(added=tuple(Row(row.at + gap, row.texts) for row in draft.rows))


def _fresh(draft: Draft, count: int) -> list[str]:
    """Texts that stand nowhere in a draft."""
    known = {text for row in draft.rows for text in row.texts}
    names = (f"{_NEW}{number}" for number in range(1, len(known) + count + 1))
    return [name for name in names if name not in known][:count]


def moved(draft: Draft, places: range | tuple[int, ...], move: int) -> Edit:
    """Rows later by some microseconds, or earlier."""
    return Edit(times=tuple((place, draft.rows[place].at + move) for place in places))


def _clock_moves() -> Iterator[int]:
    """To each hour of the day and just before it, and to each day of the week."""
    for hour in range(24):
        yield from (hour * HOUR - MILLISECOND, hour * HOUR + MILLISECOND, hour * HOUR)
    yield from (day * DAY for day in range(1, _WEEK))


def _aliases(name: str) -> tuple[str, ...]:
    """The names under which a rule may read a column."""
    for side in (DEBTOR, CREDITOR):
        if name.startswith(side):
            stem = name.removeprefix(side)
            more = ("account", "counterparty") if stem == "account" else ()
            return (name, OWN + stem, COUNTERPARTY + stem, *more)
    return (name,)


def _alike(draft: Draft, name: str) -> list[str]:
    """The columns that hold the same kind of thing: both sides of a payment."""
    stem = name.removeprefix(DEBTOR).removeprefix(CREDITOR)
    return [other for other in draft.columns if other in {name, DEBTOR + stem, CREDITOR + stem}]


def _opposite(name: str) -> str:
    if name.startswith(DEBTOR):
        return CREDITOR + name.removeprefix(DEBTOR)
    return DEBTOR + name.removeprefix(CREDITOR) if name.startswith(CREDITOR) else name
