"""Which rows are an entity's, and what to say if there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from txmon.language.nodes import Column, Compare, Literal, Logic
from txmon.language.patterns import Shape
from txmon.language.problems import did_you_mean
from txmon.schema import ACCOUNTS, ALERT_COLUMNS, Schema
from txmon.types import INT, TEXT, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.language.checked import Pack, Rule
    from txmon.language.nodes import Expr
    from txmon.types import Type

_SEARCHED = 5_000
"""Names that a wrong one is compared with; more would take seconds."""


def of_entity(pack: Pack, rule: Rule, entity: str) -> Expr | None:
    """Whether a row is the entity's: its key holds it, or it is the subject.

    None if no column that tells it could hold such a value.
    """
    tests = tuple(_equal(pack, rule, entity))
    return Logic("or", tests) if len(tests) > 1 else next(iter(tests), None)


def columns_of(rule: Rule) -> tuple[str, ...]:
    """The columns by which a row is somebody's."""
    if rule.graph is not None:
        shared = rule.graph.shape is Shape.SHARED
        return (*rule.graph.accounts, *((rule.graph.via,) if shared else ()))
    return tuple(dict.fromkeys((*rule.by, rule.subject)))


def _equal(pack: Pack, rule: Rule, entity: str) -> Iterator[Expr]:
    types = _types(pack)
    for name in columns_of(rule):
        type_ = types[name]
        if type_.kind is Kind.TEXT:
            yield Compare("==", Column(TEXT, name), Literal(TEXT, entity))
        elif type_.kind is Kind.INT and _whole(entity):
            yield Compare("==", Column(INT, name), Literal(INT, int(entity)))


def _types(pack: Pack) -> dict[str, Type]:
    schema = Schema.with_columns({**pack.columns, **ALERT_COLUMNS})
    return {**schema.sided(), **schema.columns}


def _whole(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= 18  # noqa: PLR2004 - int64


def nobody(pack: Pack, rule: Rule, entity: str, rows: pl.DataFrame) -> str:
    """What is wrong with an entity that has no row."""
    schema = Schema.with_columns({**pack.columns, **ALERT_COLUMNS})
    names = [source for name in columns_of(rule) for source in schema.sources(name)]
    held = [name for name in dict.fromkeys(names) if name in rows.columns]
    what = " or ".join(held) or "any column"
    if any((rows[name].cast(pl.String) == entity).any() for name in held):
        seen = f"{rule.id} judges no row of '{entity}'"
        if rule.sources:
            return f"{seen}: the rules it reads ({', '.join(rule.sources)}) raised no alert on it"
        return f"{seen}: its rows have no amount, and are of no kind that the rule's events name"
    where = next((name for name in ACCOUNTS if name in rows.columns and name not in held), None)
    if where is not None and (rows[where] == entity).any():
        return f"'{entity}' is in {where}, but {rule.id} goes by {what}"
    near = did_you_mean(entity, _like(entity, rows, held))
    advice = near or f"write a value that stands in {what}, spelt as it is there"
    return f"no row has '{entity}' in {what}: {advice}"


def _like(entity: str, rows: pl.DataFrame, names: list[str]) -> list[str]:
    """Values with a beginning or an end in common with a name, few enough to be compared."""
    found: list[str] = []
    half = max(1, len(entity) // 2)
    text = pl.col("value")
    near = text.str.starts_with(entity[:half]) | text.str.ends_with(entity[-half:])
    for name in names:
        values = pl.DataFrame({"value": rows[name].cast(pl.String).unique()}).drop_nulls()
        alike = values.filter(near | (pl.len() < _SEARCHED)).sort("value")
        found += alike["value"].head(_SEARCHED).to_list()
    return found
