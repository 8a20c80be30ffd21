"""ISO 20022 XML: every transaction of the messages we read, and XML that is none of them."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sources.payments import pack, told, zstd
from txmon.errors import InputError
from txmon.language.checked import Rate
from txmon.sources import intake, messages
from txmon.sources.files import Piece

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.sources import Intake

FIXTURES = Path(__file__).parent / "fixtures"
BERLIN = {"columns": {"event_time": {"column": "event_time", "zone": "Europe/Berlin"}}}
RATES = (Rate("USD", 20_000, 7, 0), Rate("EUR", 20_000, 8, 0))
OWN, OTHER, THIRD = "DE89370400440532013000", "AT611904300234573201", "FR1420041010050500013M02606"
TRANSFER = (
    "<CdtTrfTxInf><PmtId><TxId>T-{0}</TxId></PmtId><IntrBkSttlmAmt Ccy='CNY'>1.50</IntrBkSttlmAmt>"
    "<AccptncDtTm>2026-03-01T09:00:00Z</AccptncDtTm>{1}"
    "<DbtrAcct><Id><Othr><Id>A</Id></Othr></Id></DbtrAcct></CdtTrfTxInf>"
)
OPEN, CLOSE = "<Document><FIToFICstmrCdtTrf>", "</FIToFICstmrCdtTrf></Document>"


def taken(name: str, mapping: dict[str, object] | None = BERLIN) -> Intake:  # type: ignore[assignment]
    return intake(FIXTURES / f"{name}.xml", pack(rates=RATES), mapping=mapping)


def shown(result: Intake, *columns: str) -> list[tuple[object, ...]]:
    return result.accepted.select(
        "transaction_id", result.accepted["event_time"].dt.to_string("%d %H:%M:%S"), *columns
    ).rows()


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "p.xml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_pacs_008_sides() -> None:
    result = taken("pacs008")

    assert shown(result, "debtor_account", "creditor_account", "debtor_country") == [
        ("T-1", "01 08:30:15", OWN, "55779911", "DE"),
        ("E-3", "01 23:00:00", "+49-170000000", None, None),
        ("I-2", "02 23:00:00", THIRD, OTHER, "FR"),
    ]
    assert result.accepted.select(
        "debtor_name", "creditor_name", "debtor_agent", "creditor_agent", "creditor_country"
    ).rows()[0] == ("Anna Weiß", "Brook & Sons Ltd", "COBADEFFXXX", "GBDSC:200000", None)


def test_pacs_008_money_and_words() -> None:
    result = taken("pacs008")

    assert result.accepted.select(
        "original_amount", "currency", "kind", "remittance_information"
    ).rows() == [
        (12_500_000, "EUR", "transfer", "invoice 17 and 18 RF18539007547034"),
        (1_000_000, "EUR", "transfer", None),
        (75_000, "EUR", "transfer", None),
    ]


def test_a_day_is_no_time_unless_the_mapping_names_a_zone() -> None:
    result = taken("pacs008", None)

    assert told(result) == [("event_time", "2026-03-02", "naive_time")]
    assert result.rejected["row"].to_list() == [3]
    # the other day has an offset and begins at its midnight
    assert shown(result) == [("T-1", "01 08:30:15"), ("I-2", "02 23:00:00")]


def test_a_mapping_takes_other_columns_of_a_message() -> None:
    mapping: dict[str, object] = {
        "columns": {"event_time": "creation_time", "amount": "instructed_amount"}
    }

    result = taken("pacs008", mapping)

    assert shown(result, "original_amount")[0] == ("T-1", "01 07:00:00", 14_000_000)
    assert {"message_id", "purpose", "uetr"} <= set(result.ignored)


def test_columns_that_no_transaction_has_are_not_there() -> None:
    assert {"reverses", "status"}.isdisjoint(taken("pacs008").accepted.columns)


def test_pacs_009_in_an_envelope() -> None:
    result = taken("pacs009", None)

    assert result.accepted.select(
        "transaction_id", "kind", "debtor_account", "creditor_account", "debtor_agent"
    ).rows() == [
        (
            "0a6f9b52-6f3c-4d5e-8b7a-2c1d3e4f5a6b",
            "institution_transfer",
            "BANKCNBJ",
            "400-1",
            "BANKCNBJ",
        )
    ]
    assert result.accepted.select("debtor_name", "creditor_agent", "debtor_country").rows() == [
        ("First Bank", "BANKUS33", "CN")
    ]


def test_pain_001_takes_the_debtor_from_its_group() -> None:
    result = taken("pain001")

    columns = ("debtor_account", "creditor_account", "debtor_name", "original_amount", "currency")
    assert shown(result, *columns) == [
        ("E-11", "01 23:00:00", OWN, OTHER, "Weiß GmbH", 100_100, "EUR"),
        ("E-12", "01 23:00:00", OWN, THIRD, "Weiß GmbH", 200_200, "USD"),
        ("E-21", "02 10:00:00", "777", "888", None, 300_000, "CNY"),
    ]


def test_camt_053_is_the_ledger_of_each_account() -> None:
    result = taken("camt053")

    columns = ("debtor_account", "creditor_account", "original_amount", "kind", "status")
    assert shown(result, *columns) == [
        ("A-4", "28 23:00:00", OWN, None, 50_000, "cash_withdrawal", "pending"),
        ("A-1", "01 10:00:00", OWN, OTHER, 500_000, "transfer", "booked"),
        ("A-2/1", "01 11:00:00", THIRD, OWN, 100_000, None, "booked"),
        ("X-9", "01 11:00:00", None, OWN, 200_000, None, "booked"),
        ("A-3", "01 14:00:00", OTHER, OWN, 500_000, None, "reversal"),
        ("A-6", "01 17:00:00", "777", None, 10_000, None, "information"),
    ]
    assert result.accepted["reverses"].drop_nulls().to_list() == ["E-1"]
    assert result.accepted["remittance_information"][0] == "ATM 12"


def test_camt_053_names_the_owner_and_the_other() -> None:
    result = taken("camt053")

    assert result.accepted.select(
        "debtor_name", "creditor_name", "debtor_agent", "creditor_agent"
    ).rows()[1:3] == [
        ("Weiß GmbH", "Chen Li", "COBADEFFXXX", "BKAUATWW"),
        ("Dora Oak", "Weiß GmbH", None, "COBADEFFXXX"),
    ]


def test_an_entry_of_many_gives_no_amount_and_one_needs_its_side() -> None:
    result = taken("camt053")

    assert result.rejected.select("row", "column", "reason", "value").rows() == [
        (4, "amount", "missing_amount", None),
        (7, "direction", "invalid_direction", None),
    ]
    assert result.counts.read == 8


def test_camt_054_a_return_goes_back_from_whom_it_went_to() -> None:
    result = taken("camt054", None)

    assert shown(result, "debtor_account", "creditor_account", "status", "reverses") == [
        ("N-A", "01 17:59:00", OTHER, OWN, "return", "E-77")
    ]


@pytest.mark.parametrize("packed", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_packed_messages_are_known_by_their_content(
    packed: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "ledger"
    path.write_bytes(packed((FIXTURES / "pain001.xml").read_bytes()))

    assert intake(path, pack(rates=RATES), mapping=BERLIN).counts.accepted == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_the_encoding_is_the_xmls_own(encoding: str, tmp_path: Path) -> None:
    text = OPEN + TRANSFER.format(1, "<Dbtr><Nm>Weiß</Nm></Dbtr>") + CLOSE
    name = encoding.removesuffix("-sig")
    path = written(tmp_path, f'<?xml version="1.0" encoding="{name}"?>{text}'.encode(encoding))

    assert intake(path, pack()).accepted["debtor_name"].to_list() == ["Weiß"]


def test_messages_in_one_file_are_one_input(tmp_path: Path) -> None:
    one = OPEN + TRANSFER.format(1, "") + CLOSE
    two = OPEN + TRANSFER.format(2, "") + CLOSE

    assert intake(written(tmp_path, f"<All>{one}{two}</All>"), pack()).counts.accepted == 2


def test_a_message_without_transactions_is_no_rows(tmp_path: Path) -> None:
    assert intake(written(tmp_path, OPEN + CLOSE), pack()).counts.read == 0


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE Document [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">',
        f"<!--{' ' * 70_000}--><!DOCTYPE Document>",
    ],
    ids=["billion laughs", "external entity", "external DTD", "after a long comment"],
)
def test_a_doctype_is_refused(declared: str, tmp_path: Path) -> None:
    path = written(tmp_path, f'<?xml version="1.0"?>{declared}{OPEN}{CLOSE}')

    with pytest.raises(InputError, match="has a DOCTYPE, which no ISO 20022 message has"):
        intake(path, pack())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OPEN + TRANSFER.format(1, ""), "is no well-formed XML: no element found"),
        (OPEN + "<a></b>" + CLOSE, "is no well-formed XML: mismatched tag: line 1, column"),
        (OPEN + "&nbsp;" + CLOSE, "is no well-formed XML: undefined entity"),
        (OPEN.encode() + b"\xff" + CLOSE.encode(), "is no well-formed XML: not well-formed"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "is no well-formed XML: unknown encoding"),
        ('<?xml version="1.0" encoding="gb18030"?><a/>', "is no well-formed XML: "),
        ("<html><body/></html>", "is XML without a message of pacs.008, pacs.009, pain.001, camt"),
        ("<Document><BkToCstmrAcctRpt/></Document>", "its root is Document"),
        ("<!-- nothing -->", "is no well-formed XML: no element found"),
        (
            OPEN + TRANSFER.format(1, "<a>" * 190 + "</a>" * 190) + CLOSE,
            "nested deeper than any ISO 20022 message",
        ),
    ],
)
def test_xml_that_cannot_be_read_is_refused_in_words(
    text: str | bytes, said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, text)

    with pytest.raises(InputError) as caught:
        intake(path, pack())

    assert said in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("transfer", "wanted"),
    [
        (TRANSFER.replace("<TxId>T-{0}</TxId>", ""), ("transaction_id", None, "missing_id")),
        (TRANSFER.replace("T-{0}", "NOTPROVIDED"), ("transaction_id", None, "missing_id")),
        (TRANSFER.replace("1.50", "1.505"), ("amount", "1.505", "too_many_digits")),
        (TRANSFER.replace("1.50", "1,50"), ("amount", "1,50", "invalid_amount")),
        (TRANSFER.replace("1.50", ""), ("amount", None, "missing_amount")),
        (TRANSFER.replace("IntrBkSttlmAmt", "Other"), ("amount", "", "invalid_amount")),
        (TRANSFER.replace(" Ccy='CNY'", ""), ("amount", "1.50", "missing_currency")),
        (TRANSFER.replace("CNY", "XYZ"), ("currency", "XYZ", "unknown_currency")),
        (TRANSFER.replace(":00Z", ":00"), ("event_time", "2026-03-01T09:00:00", "naive_time")),
        (TRANSFER.replace("AccptncDtTm", "Other"), ("event_time", None, "missing_time")),
        (TRANSFER.replace("DbtrAcct", "Other"), ("debtor_account", None, "missing_account")),
    ],
)
def test_a_wrong_transaction_is_rejected(
    transfer: str, wanted: tuple[str | None, ...], tmp_path: Path
) -> None:
    text = OPEN + TRANSFER.format(1, "") + transfer.format(2, "") + CLOSE

    result = intake(written(tmp_path, text), pack())

    assert told(result) == [wanted]
    assert result.counts.accepted == 1


class _Endless(io.RawIOBase):
    """A file of many transactions, each with much that nobody asks for, made as it is read."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._parts = {count: OPEN, -1: CLOSE}

    def read(self, _size: int = -1) -> bytes:
        self._left -= 1
        many = TRANSFER.format(self._left, f"<a>{'x' * 20_000}</a>") if self._left >= 0 else ""
        return (
            self._parts.pop(self._left + 1, "") + many + self._parts.pop(self._left, "")
        ).encode()


def test_only_the_transaction_at_hand_is_kept() -> None:
    tracemalloc.start()

    (frame,) = messages._frames("endless", _Endless(1000))  # type: ignore[arg-type]  # noqa: SLF001

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert frame.height == 1000
    assert most < 4_000_000  # of 20 MB


def test_rows_beyond_a_frame_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_ROWS", 2)
    text = OPEN + "".join(TRANSFER.format(at, "") for at in range(5)) + CLOSE

    file = messages.open_messages(Piece("p", path=written(tmp_path, text)))

    assert file.frame["transaction_id"].to_list() == [f"T-{at}" for at in range(5)]
