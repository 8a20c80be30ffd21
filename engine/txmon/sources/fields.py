"""The mapping applied: source columns in, one raw column per canonical name out."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from txmon.errors import InputError
from txmon.schema import (
    ACCOUNTS,
    COUNTERPARTY,
    CREDITOR,
    DEBTOR,
    IN,
    OUT,
    OWN,
    REQUIRED,
    Schema,
    side_columns,
)
from txmon.sources.faults import Fault, Reason, find
from txmon.sources.mapping import ColumnMap
from txmon.sources.values import to_text
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.sources.mapping import InputMapping

_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "transaction_id": ("id", "tran_id", "trans_id", "tx_id", "txid", "transaction", "reference"),
    "event_time": ("time", "timestamp", "date", "datetime", "booked_at", "created_at"),
    "debtor_account": ("from_account", "sender", "orig_acct", "nameorig", "payer", "account"),
    "creditor_account": ("to_account", "receiver", "bene_acct", "namedest", "payee"),
    "amount": ("amt", "base_amt", "value", "sum", "amount_paid"),
    "currency": ("ccy", "cur", "payment_currency", "currency_code"),
}
_CLOSE = 0.6


@dataclass(frozen=True, slots=True)
class RawField:
    """The raw values of one canonical column and how to read them."""

    raw: pl.Series
    spec: ColumnMap


@dataclass(frozen=True, slots=True)
class Layout:
    """Which source columns make which canonical columns of one piece of input."""

    fields: Mapping[str, ColumnMap]
    sided: Mapping[str, ColumnMap]
    ignored: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The source columns to read, each once."""
        specs = (*self.fields.values(), *self.sided.values())
        return tuple(dict.fromkeys(name for spec in specs for name in spec.sources))

    def made_of(self, source: str) -> tuple[str, ...]:
        """The canonical (or sided) columns that a source column goes into."""
        specs = {**self.fields, **self.sided}
        return tuple(name for name, spec in specs.items() if source in spec.sources)


def lay_out(name: str, found: Sequence[str], mapping: InputMapping, schema: Schema) -> Layout:
    """Decide where each canonical column of a piece comes from.

    A source column with a canonical name that the mapping does not mention is taken as it is.

    Raises:
        InputError: a column that is required, or that the mapping names, is not there.
    """
    mapped = {source for spec in mapping.columns.values() for source in spec.sources}
    _require(name, found, sorted(mapped - set(found)), mapped)
    own = {
        column: ColumnMap(column=column)
        for column in found
        if column in schema.columns and column not in mapped and column not in mapping.columns
    }
    if "original_amount" in own:
        raise InputError(
            f"{name}: original_amount is made from amount, the amount as booked in its currency;"
            " map `amount: original_amount`, or leave the column out"
        )
    chosen = {**own, **mapping.columns}
    sided = {column: spec for column, spec in chosen.items() if column not in schema.columns}
    made = _made_by_sides(sided)
    fields = {
        column: chosen[column]
        for column in schema.columns
        if column in chosen and column not in made
    }
    _require_canonical(name, found, made | set(fields), schema)
    layout = Layout(fields, sided, ())
    used = set(layout.sources)
    return Layout(fields, sided, tuple(column for column in found if column not in used))


def _made_by_sides(sided: Mapping[str, ColumnMap]) -> set[str]:
    return {column for name in sided if name != "direction" for column in side_columns(name)}


def _require(name: str, found: Sequence[str], absent: Sequence[str], mapped: set[str]) -> None:
    if not absent:
        return
    hints = [_near(column, [other for other in found if other not in mapped]) for column in absent]
    hint = "".join(f' (did you mean "{near}"?)' for near in hints if near)
    raise InputError(
        f"{name}: the mapping names {_listed(absent)}, which the input does not have{hint};"
        f" it has {_listed(found)}"
    )


def _require_canonical(name: str, found: Sequence[str], made: set[str], schema: Schema) -> None:
    absent = [column for column in REQUIRED if column not in made]
    if not any(column in made for column in ACCOUNTS):
        absent.append("debtor_account or creditor_account")
    money = {column for column in made if schema.columns[column].kind is Kind.MONEY}
    if money or "currency" in made:  # amount and currency come together, or neither
        absent += [column for column in ("amount", "currency") if column not in made]
    if absent:
        raise InputError(
            f"{name} has no column {' and no '.join(absent)}; it has {_listed(found)}."
            f" Give a mapping:\n{_suggestion(absent, found)}"
        )


def _suggestion(absent: Sequence[str], found: Sequence[str]) -> str:
    lines = ["  columns:"]
    for names in absent:
        for name in names.split(" or "):
            default = "{constant: EUR}" if name == "currency" else "..."
            lines.append(f"    {name}: {_likely(name, found) or default}")
    return "\n".join(lines)


def _likely(name: str, found: Sequence[str]) -> str | None:
    by_lower = {column.lower().replace(" ", "_"): column for column in found}
    for synonym in _SYNONYMS.get(name, ()):
        if synonym in by_lower:
            return by_lower[synonym]
    return _near(name, found)


def _near(name: str, found: Sequence[str]) -> str | None:
    close = difflib.get_close_matches(name, found, 1, _CLOSE)
    return close[0] if close else None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "no column at all"


def fill(
    layout: Layout, frame: pl.DataFrame, numbers: pl.Series
) -> tuple[dict[str, RawField], tuple[Fault, ...]]:
    """The raw column behind every canonical one, and the values that the mapping does not know.

    Args:
        layout: what comes from where.
        frame: the source columns.
        numbers: 1-based row numbers.
    """
    faults: list[Fault] = []
    fields: dict[str, RawField] = {}
    for name, spec in layout.fields.items():
        raw, wrong = _source(name, spec, frame, numbers)
        fields[name] = RawField(raw, spec)
        faults += wrong
    if layout.sided:
        sided, wrong = _sides(layout.sided, frame, numbers)
        fields |= sided
        faults += wrong
    return fields, tuple(faults)


def _source(
    name: str, spec: ColumnMap, frame: pl.DataFrame, numbers: pl.Series
) -> tuple[pl.Series, tuple[Fault, ...]]:
    raw = _origin(name, spec, frame, numbers)
    if spec.values is None and spec.missing is None:
        return raw, ()
    texts = to_text(name, raw)
    renamed, unknown = _renamed(name, spec, texts.values)
    if spec.missing is not None:
        renamed = renamed.set(texts.values.is_null(), spec.missing)
    return renamed, texts.faults + unknown


def _origin(name: str, spec: ColumnMap, frame: pl.DataFrame, numbers: pl.Series) -> pl.Series:
    if spec.row_number is not None:
        return numbers.alias(name)
    if spec.constant is not None:
        return pl.repeat(spec.constant, frame.height, dtype=pl.String, eager=True).alias(name)
    if spec.join is not None:
        parts = [
            to_text(part, frame[part]).values.alias(str(at)) for at, part in enumerate(spec.join)
        ]
        joined = pl.concat_str(pl.all(), separator=spec.joiner, ignore_nulls=False)
        return pl.DataFrame(parts).select(joined.alias(name)).to_series()
    return frame[str(spec.column)].alias(name)


def _renamed(name: str, spec: ColumnMap, texts: pl.Series) -> tuple[pl.Series, tuple[Fault, ...]]:
    if spec.values is None:
        return texts, ()
    renamed = texts.replace_strict(dict(spec.values), default=None, return_dtype=pl.String)
    unknown = renamed.is_null() & texts.is_not_null()
    if spec.default is not None:
        return renamed.set(unknown, spec.default), ()
    return renamed, find(name, Reason.UNMAPPED_VALUE, unknown, texts)


def _sides(
    sided: Mapping[str, ColumnMap], frame: pl.DataFrame, numbers: pl.Series
) -> tuple[dict[str, RawField], tuple[Fault, ...]]:
    """Own and counterparty columns put on the side that the direction says."""
    direction, faults = _source("direction", sided["direction"], frame, numbers)
    flag = to_text("direction", direction)
    wrong = ~flag.values.is_in([OUT, IN]).fill_null(value=False)
    problems = [
        *faults,
        *flag.faults,
        *find("direction", Reason.INVALID_DIRECTION, wrong, flag.values),
    ]
    raws: dict[str, pl.Series] = {}
    for name, spec in sided.items():
        if name != "direction":
            raws[name], unknown = _source(name, spec, frame, numbers)
            problems += unknown
    outgoing = flag.values == OUT
    stems = dict.fromkeys(_stem(name) for name in raws)
    fields = {
        column: field
        for stem in stems
        for column, field in _pair(stem, raws, sided, outgoing).items()
    }
    return fields, tuple(problems)


def _stem(name: str) -> str:
    return side_columns(name)[0].removeprefix(DEBTOR).removeprefix(CREDITOR)


def _pair(
    stem: str,
    raws: Mapping[str, pl.Series],
    sided: Mapping[str, ColumnMap],
    outgoing: pl.Series,
) -> dict[str, RawField]:
    own_name, other_name = OWN + stem, COUNTERPARTY + stem
    if stem == "account":
        own_name, other_name = "account", "counterparty"
    own, other = raws.get(own_name), raws.get(other_name)
    if own is not None and other is not None and own.dtype != other.dtype:
        own, other = to_text(own_name, own).values, to_text(other_name, other).values
    some = own if own is not None else other
    if some is None:
        return {}
    empty = some.clear(len(some))
    own, other = empty if own is None else own, empty if other is None else other
    spec = sided[own_name] if own_name in sided else sided[other_name]
    return {
        DEBTOR + stem: RawField(own.zip_with(outgoing, other).alias(DEBTOR + stem), spec),
        CREDITOR + stem: RawField(other.zip_with(outgoing, own).alias(CREDITOR + stem), spec),
    }
