"""Rates: rates.csv -> dated rates by currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.checked import Rate
from txmon.language.problems import Code, ExpressionError
from txmon.language.values import read_date, read_value
from txmon.packs.documents import DocumentError
from txmon.packs.tables import Cell, read_table
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from txmon.errors import Finding

RATE_COLUMNS = ("currency", "date", "rate")
MAX_RATE_SCALE = 12
CODE_LENGTH = 3


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
    for row in table.rows():
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
