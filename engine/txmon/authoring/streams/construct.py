"""First drafts made from a rule alone: rows of each kind that it counts, and one that completes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING

from txmon.authoring.streams.amounts import HOUR, MINUTE, shown
from txmon.authoring.streams.draft import Draft, Row
from txmon.authoring.streams.reading import deciding_features
from txmon.authoring.streams.satisfy import satisfied
from txmon.language.nodes import Aggregate, Column, Logic, Point
from txmon.language.patterns import Shape
from txmon.schema import ACCOUNTS, IN, Schema, side_columns
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from txmon.authoring.streams.reading import Constants
    from txmon.authoring.streams.satisfy import Assignment
    from txmon.language.checked import Pack, Rule
    from txmon.language.nodes import Expr

    Kinds = Sequence[Assignment]

_MOST = 1_200
_ACCOUNTS = {"debtor_account": "A", "creditor_account": "B"}
_USUAL_AMOUNT = "100"
_SIZES = (1, 2, 3, 5)
_LARGE = 30
_FEW = 4


def _different(kinds: Iterable[Assignment]) -> list[Assignment]:
    """Each kind once."""
    found: list[Assignment] = []
    for kind in kinds:
        if kind not in found:
            found.append(kind)
    return found


@dataclass(frozen=True)
class Builder:
    """Builds drafts for one rule over some columns, with the constants of that rule."""

    rule: Rule
    pack: Pack
    columns: tuple[str, ...]
    constants: Constants

    @cached_property
    def _everywhere(self) -> dict[str, str]:
        return self._asked_everywhere()

    @cached_property
    def _standing(self) -> dict[str, str | None]:
        return self._usual()

    def drafts(self) -> list[Draft]:
        """Drafts of many sizes, amounts, gaps and histories; some may fire, others are near."""
        if self.rule.graph is not None:
            return list(self._paths())
        return list(islice(dict.fromkeys(self._blocks()), _MOST))

    def _blocks(self) -> Iterator[Draft]:
        sizes = [one for one in (*self.constants.counts, *_SIZES) if 0 < one <= _LARGE]
        choices = product(
            list(dict.fromkeys(sizes))[:6],
            self._lead_times(),
            self._numbered(),
            self._amounts(),
            self._kinds(),
        )
        for size, lead, numbered, amount, kinds in choices:
            if size * len(kinds) <= _LARGE:
                block = self._block(kinds, size, lead, numbered, amount)
                yield block
                if len(kinds) > 1:
                    yield block.with_rows(block.rows[:-1])

    def _block(
        self, kinds: Kinds, size: int, lead: int, numbered: Sequence[str], amount: str
    ) -> Draft:
        """So many rows of each kind, the last kind once; before them one row, long ago."""
        rows: list[Row] = []
        if lead:
            rows.append(Row(0, self._texts(kinds[0], numbered, amount, 0)))
        at, gap = lead, self._gap(size * len(kinds))
        *before, last = kinds
        for kind in before or [last]:
            for count in range(1, size + 1):
                rows.append(Row(at, self._texts(kind, numbered, amount, count)))
                at += gap
        if before:
            rows.append(Row(at, self._texts(last, (), amount, 1)))
        return Draft(self.columns, tuple(rows))

    def _gap(self, size: int) -> int:
        """Short enough for all rows to stand in the shortest window, in full minutes."""
        shortest = min(self.constants.spans, default=HOUR)
        return max(0, min(HOUR, shortest // (size + 1)) // MINUTE * MINUTE)

    def _texts(
        self, kind: Assignment, numbered: Sequence[str], amount: str, count: int
    ) -> tuple[str | None, ...]:
        """A row of a kind: what the kind asks for over what is usual."""
        texts: dict[str, str | None] = {**self._everywhere, **self._standing, "amount": amount}
        inward = kind.get("direction") == IN
        for name in numbered:
            texts[self._whole(name, inward=inward)] = f"{name[0].upper()}{count}"
        for name, text in kind.items():
            if name != "direction":
                texts[self._whole(name, inward=inward)] = text
        if texts["amount"] is None:
            texts["currency"] = None
        return tuple(texts.get(name) for name in self.columns)

    def _whole(self, name: str, *, inward: bool) -> str:
        """The column behind a name on one side."""
        known = name in Schema.with_columns(self.pack.columns).columns
        return name if known else side_columns(name)[inward]

    def _usual(self) -> dict[str, str | None]:
        """A payment like any other; what timelines need has a value."""
        usual: dict[str, str | None] = {**_ACCOUNTS, "currency": self.pack.currency}
        if "kind" in self.columns:
            usual["kind"] = next(iter(self.pack.values.get("kind", ("transfer",))))
        keys = {*self.rule.by, self.rule.subject}
        for feature in deciding_features(self.rule).values():
            keys |= set(feature.keys) if isinstance(feature, Aggregate | Point) else set()
        schema = Schema.with_columns(self.pack.columns)
        for name in sorted(keys):
            for column in schema.sources(name):
                if column in schema.columns and schema.columns[column].kind is Kind.TEXT:
                    usual.setdefault(column, f"{column[0].upper()}1")
        return usual

    def _asked_everywhere(self) -> dict[str, str]:
        """The first text that any column is compared with, for rows that nobody asks it of."""
        schema = Schema.with_columns(self.pack.columns)
        found: dict[str, str] = {}
        for name, texts in self.constants.texts.items():
            for column in schema.sources(name):
                if column in schema.columns and schema.columns[column].kind is Kind.TEXT:
                    found.setdefault(column, texts[0])
        return {name: text for name, text in found.items() if name not in ACCOUNTS}

    def _lead_times(self) -> list[int]:
        """How long before the rest a first row stands; 0: there is none."""
        return [0, *sorted({span + HOUR for span in self.constants.spans})[:_FEW]]

    def _numbered(self) -> list[tuple[str, ...]]:
        """Columns whose values differ from row to row, as ``distinct`` counts them."""
        found: dict[tuple[str, ...], None] = {(): None}
        for feature in deciding_features(self.rule).values():
            if isinstance(feature, Aggregate) and feature.function == "distinct":
                names = (one.name for one in feature.arguments if isinstance(one, Column))
                found[tuple(names)] = None
            if isinstance(feature, Point) and isinstance(feature.argument, Column):
                found[(feature.argument.name,)] = None
        return list(found)[:_FEW]

    def _amounts(self) -> list[str]:
        money = [shown(one) for one in self.constants.money if one > 0]
        return list(dict.fromkeys((*money, _USUAL_AMOUNT)))[:_FEW]

    def _kinds(self) -> list[Kinds]:
        """Kinds of rows: those that features count or steps take, then one that is judged."""
        rule = self.rule
        if rule.sequence is not None:
            steps = [self._of(step.when) for step in rule.sequence.present]
            return [list(one) for one in islice(product(*steps), _FEW)]
        asked = [
            one.passes
            for one in deciding_features(rule).values()
            if isinstance(one, Aggregate | Point) and one.passes is not None
        ]
        counted = [self._of(one)[:2] for one in asked]
        judged = [way for level in rule.levels for way in self._of(level.when)]
        together: list[Kinds] = [
            [*_different(ways), last] for last in judged for ways in islice(product(*counted), _FEW)
        ]
        return [*([one] for one in judged), *together][: 2 * _FEW]

    def _of(self, node: Expr) -> list[Assignment]:
        """Ways for a row to pass the rule's ``where`` and a condition."""
        whole = node if self.rule.where is None else Logic("and", (self.rule.where, node))
        return satisfied(whole, self.pack) or [{}]

    def _paths(self) -> Iterator[Draft]:
        """The least graph that has the pattern, its payments an hour apart and alike."""
        graph = self.rule.graph
        assert graph is not None  # noqa: S101 - asked before
        size = graph.size.low
        names = [f"N{number}" for number in range(size + 1)]
        pairs = list(pairwise(names))
        if graph.shape is Shape.CYCLE:
            pairs = list(zip(names[:size], [*names[1:size], names[0]], strict=True))
        if graph.shape in {Shape.SCATTER_GATHER, Shape.SHARED}:
            middles = names[: max(2, size + 1)]
            pairs = [*(("S", one) for one in middles), *((one, "T") for one in middles)]
        for way in satisfied(self.rule.where, self.pack):
            for amount in self._amounts():
                yield self._path(pairs, way, amount)

    def _path(self, pairs: list[tuple[str, str]], way: Assignment, amount: str) -> Draft:
        rows = []
        for count, (debtor, creditor) in enumerate(pairs):
            kind = {**way, "debtor_account": debtor, "creditor_account": creditor}
            rows.append(Row(count * self._gap(len(pairs)), self._texts(kind, (), amount, count)))
        return Draft(self.columns, tuple(rows))
