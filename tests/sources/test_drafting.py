"""Drafted mappings: sure where the file is plain, questions where it is not, and they load."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.payments import frame, pack, row, write_csv
from txmon.errors import InputError
from txmon.schema import Schema
from txmon.sources import Draft, InputMapping, draft_mapping, intake, load_mapping

FIXTURES = Path(__file__).parent / "fixtures"


def loaded(draft: Draft, folder: Path) -> InputMapping:
    path = folder / "draft.yaml"
    path.write_text(draft.text, encoding="utf-8")
    return load_mapping(path, Schema.with_columns({}))


def asked(draft: Draft) -> set[str]:
    return {question.partition(":")[0] for question in draft.questions}


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.[ct]sv")), ids=lambda path: path.stem)
def test_the_draft_of_every_worked_file_loads(path: Path, tmp_path: Path) -> None:
    draft = draft_mapping(path)

    assert loaded(draft, tmp_path).columns
    assert draft.text.count("# QUESTION") == len(draft.questions)


def test_a_plain_file_leaves_nothing_to_ask(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "p.csv",
        "Tx-ID,Timestamp,From Account,To Account,Amt,Ccy,Memo,IP",
        "1,2026-03-01T09:00:00+01:00,A,B,12.50,EUR,rent,203.0.113.9",
        "2,2026-03-01T10:00:00Z,B,A,7,EUR,food,203.0.113.9",
    )

    draft = draft_mapping(path)

    assert (draft.questions, draft.ignored) == ((), ())
    result = intake(path, pack(currency="EUR"), mapping=loaded(draft, tmp_path))
    names = ("transaction_id", "debtor_account", "amount", "remittance_information", "ip_address")
    assert result.accepted.select(names).rows() == [
        ("1", "A", 125_000, "rent", "203.0.113.9"),
        ("2", "B", 70_000, "food", "203.0.113.9"),
    ]


def test_columns_that_have_our_names_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    frame(row(), row(transaction_id="t2")).with_columns(
        event_time=pl.lit(datetime(2026, 3, 1, tzinfo=UTC))
    ).write_parquet(path)

    draft = draft_mapping(path)

    assert draft.questions == ()
    assert "columns: {}" in draft.text
    assert loaded(draft, tmp_path).columns == {}


def test_a_ledger_with_a_flag_is_told_by_its_values(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "l.csv",
        "ref;booked;acct_no;dc;amount;ccy;cp_acct",
        "1;31.03.2026 10:00;700;D;1.234,50;EUR;800",
        "2;01.04.2026 11:00;700;C;7,00;EUR;",
    )

    mapping = loaded(draft := draft_mapping(path), tmp_path)

    assert mapping.csv.separator == ";"
    assert mapping.columns["direction"].values == {"D": "out", "C": "in"}
    amount = mapping.columns["amount"]
    assert (amount.decimal, amount.thousands) == (",", ".")
    assert mapping.columns["event_time"].format == "%d.%m.%Y %H:%M"
    assert asked(draft) == {"event_time"}
    assert "zone" in draft.questions[0]


def test_debit_and_credit_columns_become_expressions(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "l.csv",
        "id,date,iban,Debit,Credit,currency",
        "1,2026-03-01T09:00:00Z,DE89370400440532013000,12.50,,EUR",
        "2,2026-03-01T09:00:00Z,DE89370400440532013000,,3.00,EUR",
    )

    draft = draft_mapping(path)

    assert draft.questions == ()
    found = intake(path, pack(currency="EUR"), mapping=loaded(draft, tmp_path)).accepted
    assert found["amount"].to_list() == [125_000, 30_000]
    assert found["debtor_account"].to_list() == ["DE89370400440532013000", None]


def test_accounts_are_found_by_their_shape(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "p.csv",
        "id,ts,x,y,amount,z",
        "1,1772355600000,DE89370400440532013000,GB29NWBK60161331926819,-1.5,US Dollar",
        "2,1772355600001,GB29NWBK60161331926819,DE89370400440532013000,2.25,Doubloon",
    )

    draft = draft_mapping(path)

    assert draft.columns["debtor_account"] == ("x",)
    assert draft.columns["creditor_account"] == ("y",)
    mapping = loaded(draft, tmp_path)
    assert mapping.columns["event_time"].epoch == "millisecond"
    assert mapping.columns["currency"].values == {"US Dollar": "USD"}
    assert asked(draft) == {"debtor_account", "amount", "currency"}


def test_what_is_not_there_is_asked_for(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p.csv", "colour,size", "red,big", "blue,small")

    draft = draft_mapping(path)

    assert asked(draft) == {"transaction_id", "event_time", "amount", "debtor_account"}
    assert draft.ignored == ("colour", "size")
    assert loaded(draft, tmp_path).columns == {}


def test_a_day_and_a_month_that_may_be_swapped_are_asked_about(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p.csv", "id,date", "1,03/04/2026", "2,05/06/2026")

    draft = draft_mapping(path)

    assert any("%m/%d/%Y" in question for question in draft.questions)
    assert any("days only" in question for question in draft.questions)


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "utf-8-sig"])
def test_the_encoding_is_told(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    text = "id\tccy\tmemo\n" + "".join(f"{at}\tCNY\t房租\n" for at in range(5))
    path.write_bytes(gzip.compress(text.encode(encoding)))

    draft = draft_mapping(path)

    mapping = loaded(draft, tmp_path)
    assert mapping.csv.separator == "\t"
    assert mapping.csv.encoding == ("utf-8" if encoding == "utf-8-sig" else encoding)
    assert ("csv" in asked(draft)) == (encoding == "gb18030")


def test_a_file_without_header_gets_names(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p.csv", "1,2026-03-01T09:00:00Z,A", "2,2026-03-01T09:00:00Z,B")

    draft = draft_mapping(path)

    assert loaded(draft, tmp_path).csv.header == ("c1", "c2", "c3")
    assert draft.columns["event_time"] == ("c2",)
    assert "csv" in asked(draft)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        draft_mapping(tmp_path / "no.csv")


FIELD = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=8),
    st.sampled_from(["id", "Amount", "DC", "D", "1,5", "2026-03-01", "EUR", "account", "debit"]),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.lists(FIELD, min_size=1, max_size=6), max_size=5),
    mark=st.sampled_from([",", ";", "\t"]),
    tail=st.binary(max_size=6),
)
def test_any_draft_loads(rows: list[list[str]], mark: str, tail: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes("\n".join(mark.join(fields) for fields in rows).encode() + tail)

    try:
        draft = draft_mapping(path)
    except InputError:
        return
    loaded(draft, tmp_path)
