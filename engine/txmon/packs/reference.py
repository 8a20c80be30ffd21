"""Lists and rates: a pack's CSV files -> lookup tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.checked import ListTable, Rate
from txmon.language.problems import Code, ExpressionError, Problem, did_you_mean
from txmon.language.values import read_date, read_value
from txmon.packs.documents import DocumentError
from txmon.packs.tables import Cell, Table, read_table
from txmon.types import DATE, INT, INT64_BITS, MONEY_SCALE, TEXT, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from txmon.errors import Finding
    from txmon.language.nodes import Literal

LIST_KINDS = ("text", "int", "money", "number", "date", "bool")
DATING = ("valid_from", "valid_to")
RATE_COLUMNS = ("currency", "date", "rate")
MAX_RATE_SCALE = 12
CODE_LENGTH = 3
WIDEST = 2**INT64_BITS - 1


def read_list(path: Path) -> tuple[ListTable | None, list[Finding]]:
    """The keys of a list file, or None, and what is wrong with it."""
    try:
        table = read_table(path)
    except DocumentError as error:
        return None, [error.finding]
    kinds, findings = _kinds(table)
    if findings:
        return None, findings
    columns = [_column(table, position, kind) for position, kind in enumerate(kinds)]
    found = [finding for _, wrong in columns for finding in wrong]
    found += _twice(table)
    keys = None if found else _keys(kinds[0], columns[0][0])
    if keys is not None and any(isinstance(one, int) and abs(one) > WIDEST for one in keys.values):
        message = "the keys are too large, with the decimals of the longest, to be held exactly"
        found.append(table.header[0].finding(Code.LIST, message))
    return (None if found else keys), found


def _kinds(table: Table) -> tuple[list[Kind], list[Finding]]:
    kinds: list[Kind] = []
    findings: list[Finding] = []
    names: set[str] = set()
    for cell in table.header:
        name, _, kind = cell.text.partition(":")
        if name in DATING:
            message = "not available yet: dated lists, valid_from and valid_to"
            findings.append(cell.finding(Code.LATER, message))
        elif kind and kind not in LIST_KINDS:
            message = f"a list's column is one of {', '.join(LIST_KINDS)}, not '{kind}'"
            findings.append(cell.finding(Code.LIST, message, did_you_mean(kind, LIST_KINDS)))
        elif not name or name in names:
            message = "a column needs a name of its own: name or name:type"
            findings.append(cell.finding(Code.LIST, message))
        names.add(name)
        kinds.append(Kind(kind) if kind in LIST_KINDS else Kind.TEXT)
    return kinds, findings


def _column(table: Table, position: int, kind: Kind) -> tuple[list[Literal], list[Finding]]:
    values: list[Literal] = []
    findings: list[Finding] = []
    for row in table.rows:
        cell = row[position]
        if not cell.text and position:
            continue
        try:
            values.append(_value(kind, cell))
        except ExpressionError as error:
            findings.append(cell.finding(Code.LIST, error.problem.message))
    return values, findings


def _value(kind: Kind, cell: Cell) -> Literal:
    if not cell.text:
        raise ExpressionError(Problem(Code.LIST, "a key cannot be empty", 0, 1))
    return read_value(kind, cell.text)


def _twice(table: Table) -> list[Finding]:
    seen: set[str] = set()
    findings: list[Finding] = []
    for row in table.rows:
        if row[0].text in seen:
            message = f"the key '{row[0].text}' stands twice"
            findings.append(row[0].finding(Code.LIST, message))
        seen.add(row[0].text)
    return findings


def _keys(kind: Kind, values: Sequence[Literal]) -> ListTable:
    if kind is Kind.TEXT:
        return ListTable(TEXT, frozenset(str(value.value) for value in values))
    if kind not in {Kind.MONEY, Kind.NUMBER}:
        type_ = {Kind.INT: INT, Kind.DATE: DATE}.get(kind, Type(kind))
        return ListTable(type_, frozenset(int(value.value) for value in values))
    least = MONEY_SCALE if kind is Kind.MONEY else 0
    scale = max([least, *(value.type.scale for value in values)])
    stored = (int(value.value) * 10 ** (scale - value.type.scale) for value in values)
    return ListTable(Type(kind, scale, INT64_BITS), frozenset(stored))


def read_rates(path: Path, currency: str) -> tuple[tuple[Rate, ...], list[Finding]]:
    """The rates of rates.csv by currency and day, and what is wrong with the file."""
    try:
        table = read_table(path)
    except DocumentError as error:
        return (), [error.finding]
    names = tuple(cell.text for cell in table.header)
    if names != RATE_COLUMNS:
        message = f"rates.csv has the columns {', '.join(RATE_COLUMNS)}, in this order"
        return (), [table.header[0].finding(Code.RATES, message)]
    rates: dict[tuple[str, int], Rate] = {}
    findings: list[Finding] = []
    for row in table.rows:
        rate = _rate(row, currency, findings)
        if rate is not None and (rate.currency, rate.day) in rates:
            message = f"a second rate of {rate.currency} for {row[1].text}"
            findings.append(row[0].finding(Code.RATES, message))
        elif rate is not None:
            rates[rate.currency, rate.day] = rate
    return tuple(rates[key] for key in sorted(rates)), findings


def _rate(row: Sequence[Cell], currency: str, findings: list[Finding]) -> Rate | None:
    code, day, rate = row
    before = len(findings)
    if len(code.text) != CODE_LENGTH or not (code.text.isascii() and code.text.isupper()):
        message = f"expected a currency code such as EUR, found '{code.text}'"
        findings.append(code.finding(Code.RATES, message))
    if code.text == currency:
        message = f"{currency} is the reporting currency: its rate is always 1"
        findings.append(code.finding(Code.RATES, message))
    numerator, scale = _numerator(rate, findings)
    try:
        date = int(read_date(day.text).value)
    except ExpressionError as error:
        findings.append(day.finding(Code.RATES, error.problem.message))
        return None
    return Rate(code.text, date, numerator, scale) if len(findings) == before else None


def _numerator(cell: Cell, findings: list[Finding]) -> tuple[int, int]:
    try:
        literal = read_value(Kind.NUMBER, cell.text)
    except ExpressionError as error:
        findings.append(cell.finding(Code.RATES, error.problem.message))
        return 0, 0
    if int(literal.value) <= 0 or literal.type.scale > MAX_RATE_SCALE:
        message = f"a rate is more than zero and has at most {MAX_RATE_SCALE} decimals"
        findings.append(cell.finding(Code.RATES, message))
    return int(literal.value), literal.type.scale
