"""``txmon tune`` and ``txmon backtest``: what they print, write and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., Any]

PACK = "name: small\nversion: 1.0.0\ncurrency: CNY\ntimezone: Asia/Shanghai\n"
RULE = """\
id: large-payment
version: 1.0.0
title: A large payment
typology: scam.large
severity: high
status: stable
by: debtor_account
params:
  limit: {type: money, default: 300.00}
  quiet: {type: duration, default: 1d}
  times: {type: int, default: 1}
features: {count: count() over 7d}
when: amount >= limit and count >= times
alert: {suppress: quiet, message: "{amount} to {creditor_account}"}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pack, payments of 100, 200 ... 600 by six payers, and labels of two."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "pack.yaml").write_text(PACK, encoding="utf-8")
    (tmp_path / "rules" / "large.yaml").write_text(RULE, encoding="utf-8")
    rows = [
        f"T{at},2026-03-0{at}T10:00:00+08:00,D{at},C,{at}00,CNY,evil\x1b[31m" for at in range(1, 7)
    ]
    head = "transaction_id,event_time,debtor_account,creditor_account,amount,currency,channel"
    (tmp_path / "in.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    labels = "transaction_id,case,lost\nT2,a,200\nT5,b,500\n"
    (tmp_path / "labels.csv").write_text(labels, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("place")
def test_tune_marks_the_present_value_and_tells_steps(txmon: Run) -> None:
    command = ("tune", "in.csv", "--rules", "rules", "--rule", "large-payment")
    done = txmon(*command, "--param", "limit=100..600:100")
    assert (done.code, done.err) == (0, "")
    assert "*300.00       4     4         4" in done.out
    assert "limit from 200 to 300.00: 1 alert fewer\n" in done.out
    assert "Without labels nothing is said" in done.out


@pytest.mark.usefixtures("place")
def test_tune_as_json_with_labels_and_samples(txmon: Run) -> None:
    done = txmon(
        *("tune", "in.csv", "--rules", "rules", "--rule", "large-payment", "--format", "json"),
        *("--param", "limit=200,300,500", "--labels", "labels.csv", "--sample", "1"),
    )
    told = json.loads(done.out)
    assert done.code == 0
    assert told["labels"] == {"cases": 2, "outside": 0, "lost": 700.0}
    names = ("alerts", "found", "recall")
    figures = {row["limit"]: tuple(row[name] for name in names) for row in told["choices"]}
    assert figures == {"200": (5, 2, 1.0), "300.00": (4, 1, 0.5), "500": (2, 1, 0.5)}
    assert told["suggested"] == [{"reason": "fewer alerts", "params": {"limit": "500"}}]
    assert [row["transaction_id"] for row in told["below"]] == ["T2"]
    assert [row["transaction_id"] for row in told["above"]] == ["T3"]


def test_tune_shows_the_lines_that_adopt_a_choice(txmon: Run, place: Path) -> None:
    done = txmon(
        *("tune", "in.csv", "--rules", "rules", "--rule", "large-payment"),
        *("--param", "limit=200,300,500", "--labels", "labels.csv"),
    )
    assert "limit=500: 2 alerts instead of 4, 1 labelled cases instead of 1" in done.out
    assert "What has no label is not innocent" in done.out
    lines = done.out[done.out.index("rules:\n  large-payment:") :]
    (place / "mine.yaml").write_text(lines, encoding="utf-8")
    score = ("score", "in.csv", "--rules", "rules", "--tuning", "mine.yaml", "--out", "out")
    told = json.loads(txmon(*score, "--format", "json").out)
    assert told["alerts"] == 2


@pytest.mark.parametrize("params", [["limit=200..500:100"], ["limit=200..500:100", "quiet=1h..2d"]])
def test_charts(txmon: Run, place: Path, params: list[str]) -> None:
    asked = [word for param in params for word in ("--param", param)]
    command = ("tune", "in.csv", "--rules", "rules", "--rule", "large-payment", *asked)
    for name in ("a.png", "a.svg", "a.html", "b.svg"):
        assert txmon(*command, "--labels", "labels.csv", "--chart", name, "--quiet").code == 0
    assert (place / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (place / "a.svg").read_bytes() == (place / "b.svg").read_bytes()
    page = (place / "a.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert page.count("<tr") == page.count("</tr>") > 4
    assert page.count('class="present"') == 1
    assert "http" not in page.split("</svg>")[1]


@pytest.mark.usefixtures("place")
def test_a_chart_without_the_extra(txmon: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("txmon.cli.tuning.find_spec", lambda _: None)
    command = ("tune", "in.csv", "--rules", "rules", "--rule", "large-payment")
    done = txmon(*command, "--param", "limit=100,200", "--chart", "a.svg")
    assert (done.code, done.out) == (2, "")
    assert "needs the extra 'charts'" in done.err


def test_the_table_of_a_sweep(txmon: Run, place: Path) -> None:
    command = ("tune", "in.csv", "--rules", "rules", "--rule", "large-payment")
    assert txmon(*command, "--param", "limit=100..600:100", "--out", "g.parquet").code == 0
    table = pl.read_parquet(place / "g.parquet")
    assert table.select("limit.number", "alerts").rows()[0] == (100.0, 6)


def test_backtest(txmon: Run, place: Path) -> None:
    command = ("backtest", "in.csv", "--rules", "rules")
    done = txmon(*command, "--labels", "labels.csv", "--out", "found")
    assert done.code == 0
    assert "large-payment" in done.out
    assert "No rule finds 1 of 2 labelled cases" in done.out
    assert pl.read_parquet(place / "found" / "missed.parquet")["case"].to_list() == ["a"]
    honest = txmon(*command, "--labels", "labels.csv", "--unlabelled-is-honest")
    assert "precision" in honest.out
    assert "precision" not in done.out
    bare = txmon(*command)
    assert "labelled" not in bare.out.replace("nothing is said", "")
    told = json.loads(txmon(*command, "--format", "json").out)
    assert told["labels"] is None
    assert "precision" not in told["rules"][0]


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--param", "limit"], "Invalid value for --param: write NAME=VALUE, found 'limit'"),
        (["--param", "limit=1,2", "--param", "limit=3"], "'limit' stands twice"),
        (["--param", "limt=1,2"], "did you mean 'limit'?"),
        (["--param", "limit=1..2", "--chart", "a.pdf"], "in .html, .png or .svg, found 'a.pdf'"),
        (["--param", "limit=1..2", "--out", "a.txt"], "ends in .parquet or .csv"),
        (["--param", "limit=1..2", "--labels", "none.csv"], "no file or folder 'none.csv'"),
        (["--param", "limit=1..2", "--labels", "in.csv"], "labels need the columns case"),
        (["--param", "times=0h..2h"], "expected a whole number"),
    ],
)
def test_wrong_use_of_tune(txmon: Run, arguments: list[str], told: str) -> None:
    done = txmon("tune", "in.csv", "--rules", "rules", "--rule", "large-payment", *arguments)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
