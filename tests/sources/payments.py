"""Small packs and frames of payments for the tests of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from txmon.language.checked import Pack, Rate
from txmon.sources import intake
from txmon.types import BOOL, DATE, INT, INT64_BITS, MONEY, TEXT, TIME, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from txmon.sources import Intake

NOON = "2026-03-01T12:00:00Z"
COLUMNS: Mapping[str, Type] = {
    "branch": TEXT,
    "attempts": INT,
    "vip": BOOL,
    "fee": MONEY,
    "opened_at": TIME,
    "born": DATE,
    "risk": Type(Kind.NUMBER, scale=2, bits=INT64_BITS),
}
RATES = (
    Rate("USD", 20_513, 72_345, 4),  # 2026-03-01
    Rate("USD", 20_514, 7_3, 1),
    Rate("JPY", 20_000, 5, 2),
    Rate("KWD", 20_000, 235, 1),
)


def pack(
    currency: str = "CNY",
    timezone: str = "Asia/Shanghai",
    columns: Mapping[str, Type] = COLUMNS,
    rates: tuple[Rate, ...] = RATES,
) -> Pack:
    """A pack without rules."""
    return Pack("tiny", "1.0.0", currency, timezone, columns, {}, (), {}, rates, "hash")


def row(**fields: object) -> dict[str, object]:
    """One good payment, with other fields."""
    good: dict[str, object] = {
        "transaction_id": "t1",
        "event_time": NOON,
        "debtor_account": "A",
        "creditor_account": "B",
        "amount": "12.50",
        "currency": "CNY",
    }
    return {**good, **fields}


def frame(*rows: dict[str, object], **dtypes: pl.DataType) -> pl.DataFrame:
    """Rows as a frame, texts as String and the rest as inferred."""
    return pl.DataFrame(list(rows), schema_overrides=dtypes, infer_schema_length=None)


def take(*rows: dict[str, object], **dtypes: pl.DataType) -> Intake:
    """What intake makes of rows."""
    return intake(frame(*rows, **dtypes), pack())


def write_csv(path: Path, *lines: str) -> Path:
    """A CSV file of lines."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def zstd(content: bytes) -> bytes:
    """Bytes as one frame of Zstandard."""
    packed = pa.Codec("zstd").compress(content, asbytes=True)
    return bytes(packed)


def told(result: Intake) -> list[tuple[object, ...]]:
    """Column, value and reason of every rejected row."""
    return result.rejected.select("column", "value", "reason").rows()
