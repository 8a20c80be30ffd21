"""Which alerts belong to which labelled cases, and what was lost before them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from txmon import InputError
from txmon.authoring.known import UNIT, figures, known_cases, places_of
from txmon.authoring.labels import read_labels
from txmon.testing.factories import transactions

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.authoring.known import KnownCases

START = datetime(2026, 3, 1, tzinfo=UTC)
DATA = transactions(
    [
        {"at": f"+{hour}h", "debtor_account": debtor, "creditor_account": creditor, "amount": "10"}
        for hour, debtor, creditor in [
            (0, "V", "M"),
            (1, "V", "M"),
            (2, "X", "Y"),
            (3, "V", "M"),
            (4, "W", "N"),
            (5, "X", "M"),
            (6, "W", "N"),
        ]
    ]
)
LABELS = pl.DataFrame(
    {
        "transaction_id": ["000", "001", "003", "004", "006", "999"],
        "account": ["V", "V", "V", "W", "W", "Z"],
        "incident": ["a", "a", "a", "b", "b", "c"],
        "scheme": ["scam.police", "scam.police", "scam.police", "mule", "mule", "mule"],
        "lost": ["100.00", "200.50", "50", "", "7", "1"],
    }
)


def alerts(*rows: tuple[str, str]) -> pl.DataFrame:
    found = pl.DataFrame(
        rows, dict.fromkeys(("transaction_id", "subject"), pl.String), orient="row"
    )
    times = DATA.select("transaction_id", "event_time")
    told = found.join(times, on="transaction_id", maintain_order="left")
    return told.with_columns(places_of(told, DATA))


def known(labels: Any = LABELS, **options: Any) -> KnownCases:
    return known_cases(read_labels(labels), DATA, **options)


def test_cases_of_the_data_only() -> None:
    found = known()
    assert found.cases.select("case", "typology", "transactions", "lost").rows() == [
        ("a", "scam.police", 3, 350_5000),
        ("b", "mule", 2, 7_0000),
    ]
    assert (found.outside, found.lost) == (1, 357_5000)
    assert found.cases["last"].to_list() == [START + timedelta(hours=h) for h in (3, 6)]


def test_by_transaction_or_by_subject_while_the_case_lasts() -> None:
    asked = alerts(
        ("001", "M"), ("002", "V"), ("005", "V"), ("005", "M"), ("002", "Q"), ("006", "W")
    )
    met = known().meet(asked)
    assert list(zip(met.alerts.tolist(), met.cases.tolist(), strict=True)) == [
        (0, 0),
        (1, 0),
        (5, 1),
    ]


def test_what_was_lost_before_by_and_after_the_first_alert() -> None:
    found = known()
    met = found.meet(alerts(("003", "M"), ("001", "M"), ("002", "Q")))
    told = figures(found, met, 3)
    assert (told["labelled"], told["precision"]) == (2, 2 / 3)
    assert (told["found"], told["recall"]) == (1, 0.5)
    assert (told["lost_before"], told["lost_at"], told["lost_after"]) == (100.0, 200.5, 50.0)


def test_no_alerts_find_nothing() -> None:
    found = known()
    told = figures(found, found.meet(alerts()), 0)
    assert (told["found"], told["precision"], told["recall"], told["lost_after"]) == (
        0,
        None,
        0.0,
        0,
    )


def test_subjects_with_times_of_their_own() -> None:
    labels = pl.DataFrame(
        {
            "subject": ["M", "N", "K"],
            "case": ["m", "n", "k"],
            "from": ["2026-03-01T01:00:00Z", None, None],
            "until": ["2026-03-01T03:00:00Z", None, None],
            "lost": ["5", None, None],
        }
    )
    found = known(labels)
    assert found.cases["case"].to_list() == ["m", "n"]
    met = found.meet(alerts(("000", "M"), ("003", "M"), ("005", "M"), ("006", "N")))
    assert met.alerts.tolist() == [1, 3]
    assert (met.before.tolist(), met.at.tolist()) == ([0, 0], [5 * UNIT, 0])


def test_an_account_file_beside_the_transactions_takes_the_times_of_their_case() -> None:
    accounts = pl.DataFrame({"account": ["M"], "case": ["a"]})
    met = known([LABELS, accounts]).meet(alerts(("002", "M"), ("005", "M")))
    assert met.alerts.tolist() == [0]


def test_typologies_with_those_below() -> None:
    assert known(typologies=["scam"]).cases["case"].to_list() == ["a"]
    assert known(typologies=["scam.police", "mule"]).cases.height == 2
    assert known(typologies=["sca"]).cases.is_empty()


def test_a_deadline_alert_stands_behind_what_has_passed() -> None:
    late = pl.DataFrame(
        {"transaction_id": ["000"], "subject": ["V"], "event_time": [START + timedelta(hours=3.5)]}
    ).cast({"event_time": DATA.schema["event_time"]})
    late = late.with_columns(places_of(late, DATA))
    met = known().meet(late)
    assert (met.cases.tolist(), met.before.tolist(), met.at.tolist()) == (
        [0],
        [300_5000],
        [50_0000],
    )


def test_files_and_names(tmp_path: Path) -> None:
    LABELS.write_csv(tmp_path / "one.csv")
    LABELS.write_parquet(tmp_path / "two.parquet")
    one, two = (read_labels(tmp_path / name).rows for name in ("one.csv", "two.parquet"))
    assert one.equals(two)
    mapped = read_labels(LABELS, columns={"case": "account"}).rows
    assert mapped["case"].unique().sort().to_list() == ["V", "W", "Z"]
    assert mapped["subject"].null_count() == mapped.height


@pytest.mark.parametrize(
    ("labels", "columns", "told"),
    [
        ({"transaction_id": ["1"]}, {}, "labels need the columns case and transaction_id"),
        ({"case": ["1"]}, {}, "name yours with --label-map"),
        ({"case": ["a"], "subject": ["A"], "lost": ["1.23456"]}, {}, "found '1.23456'"),
        ({"case": ["a"], "subject": ["A"], "lost": ["many"]}, {}, "an amount"),
        ({"case": ["a"], "subject": ["A"], "from": ["soon"]}, {}, "expected a time like"),
        ({"case": ["a"], "subject": ["A"]}, {"case": "id"}, "there is no column 'id'"),
        ({"case": ["a"], "subject": ["A"]}, {"caes": "id"}, "did you mean 'case'"),
    ],
)
def test_wrong_labels_are_told(
    labels: dict[str, list[str]], columns: dict[str, str], told: str
) -> None:
    with pytest.raises(InputError) as error:
        read_labels(pl.DataFrame(labels), columns=columns)
    assert told in str(error.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_labels(tmp_path / "none.parquet")
