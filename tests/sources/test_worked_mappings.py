"""The worked mappings of docs/mappings on small files of their shape: every row accounted for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sources.payments import pack, told
from txmon.language.checked import Rate
from txmon.sources import Intake, intake

FIXTURES = Path(__file__).parent / "fixtures"
EXAMPLES = Path(__file__).parents[2] / "docs" / "mappings"
RATES = tuple(Rate(code, 20_000, 7, 0) for code in ("EUR", "USD", "JPY", "KWD"))


def taken(name: str, file: str) -> Intake:
    """What intake makes of a fixture by the mapping of its name."""
    result = intake(FIXTURES / file, pack(rates=RATES), mapping=EXAMPLES / f"{name}.yaml")
    counts = result.counts
    assert counts.read == counts.accepted + counts.rejected + counts.duplicate
    return result


def test_a_core_banking_ledger() -> None:
    result = taken("core-ledger", "core-ledger.csv")

    rows = result.accepted
    sides = ("transaction_id", "debtor_account", "creditor_account", "original_amount", "currency")
    assert rows.select(sides).rows() == [
        ("20260301-88101-1", "0000700123", "6222000011112222", 12_500_000, "CNY"),
        ("20260301-88101-2", None, "0000700124", 12_500_000, "CNY"),
        ("20260301-88102-1", "0000700123", None, 2_000_000, "CNY"),
        ("20260301-88103-1", None, "0000700124", 987_650_000, "JPY"),
    ]
    known = ("debtor_segment", "creditor_segment", "debtor_customer", "debtor_balance", "kind")
    assert rows.select(known).rows() == [
        ("retail", None, "C-1", 50_000_000, "transfer"),
        (None, "corporate", None, None, "transfer"),
        ("retail", None, "C-1", 37_500_000, "cash_withdrawal"),
        (None, "corporate", None, None, "other"),
    ]
    assert rows["event_time"][0] == datetime(2026, 3, 1, 1, 30, 5, tzinfo=UTC)
    assert told(result) == [
        ("event_time", "20260301240000", "invalid_time"),
        ("direction", "X", "unmapped_value"),
    ]


def test_a_two_sided_transfer_file_with_steps() -> None:
    result = taken("transfer-steps", "transfer-steps.csv")

    chosen = ("transaction_id", "event_time", "original_amount", "debtor_balance", "kind")
    assert result.accepted.select(chosen).rows() == [
        ("1-1", datetime(2026, 3, 1, 1, tzinfo=UTC), 98_396_400, 11_909_520_000, "card"),
        ("1-2", datetime(2026, 3, 1, 1, tzinfo=UTC), 1_810_000, 12_670_000, "transfer"),
        (
            "26-1",
            datetime(2026, 3, 2, 2, tzinfo=UTC),
            2_291_339_400,
            1_072_750_000,
            "cash_withdrawal",
        ),
    ]
    assert told(result) == [("kind", "SWAP", "unmapped_value")]


def test_a_card_file() -> None:
    result = taken("cards", "cards.csv")

    sides = ("transaction_id", "kind", "debtor_account", "creditor_account", "original_amount")
    assert result.accepted.select(sides).rows() == [
        ("a1", "card", "ACC1", "M100", 125_000),
        ("a2", "card", "ACC1", "M200", 5_000_000),
        ("a3", "card_refund", "M100", "ACC1", 125_000),
        ("a4", "card", "ACC2", "M300", 9_990_000),
    ]
    known = ("merchant_category", "channel", "status", "ip_address", "creditor_country")
    assert result.accepted.select(known).rows() == [
        ("5411", "chip", "accepted", None, "DE"),
        ("7995", "online", "accepted", "203.0.113.9", "JP"),
        ("5411", "chip", "accepted", None, "DE"),
        (None, "online", "declined", "198.51.100.7", "MT"),
    ]
    assert result.accepted["event_time"][0] == datetime(2026, 3, 1, 9, 0, 0, 123_000, tzinfo=UTC)
    assert result.rejected.select("column", "value", "reason", "others").rows() == [
        (
            "minor",
            "12.50",
            "invalid_integer",
            ["amount: unmatched_text", "currency: missing_rate"],
        )
    ]


def test_a_swift_export() -> None:
    result = taken("swift-export", "swift-export.tsv")

    chosen = (
        "debtor_account",
        "debtor_name",
        "creditor_country",
        "original_amount",
        "currency",
        "remittance_information",
    )
    assert result.accepted.select(chosen).rows() == [
        ("DE89370400440532013000", "MUSTER GMBH ", "HK", 12_340_000, "EUR", "INVOICE 4711"),
        ("DE89370400440532013000", "MUSTER GMBH", "HK", 995_000, "USD", None),
    ]
    assert result.accepted["event_time"][0] == datetime(2026, 3, 1, 8, 15, tzinfo=UTC)
    assert result.rejected.select("column", "reason", "others").rows() == [
        ("event_time", "invalid_time", []),
        (
            "creditor_account",
            "unmatched_text",
            ["amount: too_many_digits", "creditor_name: unmatched_text"],
        ),
    ]


def test_amlworld() -> None:
    result = taken("amlworld", "amlworld.csv")

    chosen = (
        "debtor_account",
        "creditor_account",
        "kind",
        "original_amount",
        "currency",
        "sequence",
    )
    assert result.accepted.select(chosen).rows() == [
        ("010-8000A0010", "010-8000A0010", "transfer", 36_973_400, "USD", 1),
        ("03208-8000A0020", "001-8000A0030", "cheque", 100, "USD", 2),
        ("001-8000A0030", "020-8000A0040", "transfer", 6_012_500, "EUR", 3),
        ("020-8000A0040", "010-8000A0010", "transfer", 1_460_000, "JPY", 5),
    ]
    assert result.counts.duplicate == 1
    assert told(result) == [("currency", "Bitcoin", "unmapped_value")]
    assert result.ignored == ("Is Laundering",)
