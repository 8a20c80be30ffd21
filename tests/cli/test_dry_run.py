"""``--dry-run``: what would run and what would stop it, as the real run then shows."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cli.conftest import PAYMENTS
from txmon import read_run
from txmon.sinks.runs import locked
from txmon.sources.peek import ROWS

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]

MAP = """\
columns:
  transaction_id: ref
  event_time: {column: when, zone: Asia/Shanghai}
  debtor_account: payer
  amount: {column: sum, decimal: ","}
  currency: {constant: CNY}
"""
MAPPED = "ref,when,payer,sum,note\nT1,2026-03-01T09:00:00,D1,1200.5,x\nT2,10 o clock,D1,7,y\n"


def rehearsed(txmon: Run, *arguments: object) -> dict[str, Any]:
    ran = txmon(*arguments, "--dry-run", "--format", "json")
    told: dict[str, Any] = json.loads(ran.out)
    assert ran.code == (0 if told["would_run"] else 2)
    assert ran.err == ""
    return told


def tree(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize("command", ["score", "features"])
def test_nothing_is_written(
    command: str, txmon: Run, pack: Path, payments: Path, tmp_path: Path
) -> None:
    before = tree(tmp_path)
    out = tmp_path / "new" / "out.csv"
    ran = txmon(command, payments, "--rules", pack, "--out", out, "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Dry run: nothing is written\nsmall 1.0.0  1 rule\n")
    assert ran.out.endswith("It would run.\n")
    assert f"{out}: {'run folder' if command == 'score' else 'table'}, would be made" in ran.out
    assert tree(tmp_path) == before


def test_files_columns_and_times_are_told(
    txmon: Run, pack: Path, tmp_path: Path, out: Path
) -> None:
    file, mapping = tmp_path / "night.csv", tmp_path / "map.yaml"
    file.write_text(MAPPED.replace("1200.5", '"1200,5"'), encoding="utf-8")
    mapping.write_text(MAP, encoding="utf-8")

    told = rehearsed(txmon, "score", file, "--map", mapping, "--rules", pack, "--out", out)

    (seen,) = told["files"]
    assert (seen["form"], seen["bytes"], seen["rows"]) == ("csv", file.stat().st_size, 2)
    assert seen["mapped"] == {
        "transaction_id": ["ref"],
        "event_time": ["when"],
        "debtor_account": ["payer"],
        "amount": ["sum"],
        "currency": [],
    }
    assert seen["ignored"] == ["note"]
    assert told["mapping"]["name"] == str(mapping)
    assert len(told["mapping"]["sha256"]) == 64
    assert seen["first_event_time"] == "2026-03-01T01:00:00Z"
    assert (seen["checked"], seen["rejected"]) == (2, {"invalid_time": 1})
    real = json.loads(
        txmon(
            *("score", file, "--map", mapping, "--rules", pack, "--out", out, "--format", "json")
        ).out
    )
    assert real["counts"]["rejected"] == 1
    assert real["mapping"] == told["mapping"]
    assert real["pack_hash"] == told["pack"]["hash"]


def test_large_tables_are_not_read(txmon: Run, out: Path) -> None:
    told = rehearsed(txmon, "score", ROOT / "sample_data" / "payments", "--out", out)
    (seen,) = told["files"]
    assert (seen["form"], seen["rows"], seen["checked"]) == ("parquet", 250_000, ROWS)
    assert told["history"]["input"]["first"].startswith("2026-02-28T16:00:24")
    assert {rule["rule_id"]: rule["missing"] for rule in told["rules"]}["fan-in"] == []


@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_long_csv_is_looked_at_by_its_beginning(
    ending: str, txmon: Run, pack: Path, out: Path, tmp_path: Path
) -> None:
    row = 'T{n},2026-03-01T09:00:00+08:00,D1,"a creditor, with a long name {n}",1.00,CNY\n'
    lines = PAYMENTS.splitlines(keepends=True)[0] + "".join(row.format(n=n) for n in range(20_000))
    file = tmp_path / f"long.{ending}"
    file.write_bytes(gzip.compress(lines.encode()) if ending.endswith("gz") else lines.encode())
    (seen,) = rehearsed(txmon, "score", file, "--rules", pack, "--out", out)["files"]
    assert (seen["rows"], seen["checked"], seen["rejected"]) == (None, ROWS, {})
    assert seen["first_event_time"] is None


def test_rules_that_lack_a_column_stop_a_strict_run(
    txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    rule = pack / "large_payment.yaml"
    rule.write_text(rule.read_text().replace("amount >= limit", "phone == region"))
    arguments = ("score", payments, "--rules", pack, "--out", out)

    told = rehearsed(txmon, *arguments)
    assert told["rules"] == [
        {"rule_id": "large-payment", "severity": "high", "missing": ["phone", "region"]}
    ]

    strict = rehearsed(txmon, *arguments, "--strict")
    real = txmon(*arguments, "--strict")
    assert (real.code, real.err) == (2, f"txmon: {strict['problems'][0]['message']}\n")


def test_history_and_input_are_held_against_each_other(
    txmon: Run, pack: Path, payments: Path, out: Path, tmp_path: Path
) -> None:
    past = tmp_path / "past.csv"
    past.write_text(PAYMENTS.replace("2026-03-01", "2026-02-01"), encoding="utf-8")
    arguments = ("score", payments, "--rules", pack, "--out", out, "--history")

    apart = rehearsed(txmon, *arguments, past)["history"]
    assert (apart["overlaps"], apart["both"]) == (False, [])
    assert apart["history"]["last"] < apart["input"]["first"]
    same = rehearsed(txmon, *arguments, payments)["history"]
    assert (same["overlaps"], same["both"]) == (True, [str(payments / "monday.csv")])
    shown = txmon(*arguments, payments, "--dry-run").out
    assert "Input and history overlap: a row in both counts as input" in shown


def test_every_problem_is_told_at_once_and_with_its_place(
    txmon: Run, pack: Path, payments: Path, out: Path, tmp_path: Path
) -> None:
    mapping = tmp_path / "map.yaml"
    mapping.write_text(MAP.replace("decimal", "decimol").replace("Asia", "Asien"))
    empty = tmp_path / "empty.csv"
    empty.touch()
    out.write_text("a file")
    nowhere = tmp_path / "nowhere.csv"
    inputs = ("score", payments, empty, nowhere)
    free = tmp_path / "free"

    ran = txmon(*inputs, "--rules", pack, "--map", mapping, "--out", free, "--dry-run")
    assert ran.code == 2
    assert f"{mapping}:3:36: E009 'Asien/Shanghai' is no time zone" in ran.out
    assert f"{mapping}:5:25: E006 unknown key 'decimol'" in ran.out
    assert "help: did you mean 'decimal'?" in ran.out
    assert f"{nowhere} does not exist" in ran.out
    assert f"{empty} is empty" in ran.out
    assert "It would stop: 4 problems" in ran.out
    quiet = txmon(*inputs, "--rules", pack, "--map", mapping, "--out", free, "--dry-run", "-q")
    assert (quiet.code, quiet.out) == (2, "")
    assert quiet.err.count("txmon: ") == 4


def test_files_left_out_by_word_do_not_stop_it_unless_all_are(
    txmon: Run, pack: Path, payments: Path, out: Path, tmp_path: Path
) -> None:
    torn = tmp_path / "torn.parquet"
    torn.write_bytes(b"PAR1 and then nothing")
    arguments = ("--rules", pack, "--out", out, "--skip-bad-files")

    left = txmon("score", payments, torn, *arguments, "--dry-run")
    assert left.code == 0
    assert "Would be left out\n" in left.out
    for inputs in ((torn,), (torn, "--history", payments)):
        told = rehearsed(txmon, "score", *inputs, *arguments)
        real = txmon("score", *inputs, *arguments)
        assert (real.code, real.err) == (2, f"txmon: {told['problems'][0]['message']}\n")


@pytest.mark.parametrize("broken", ["foreign", "file", "locked"])
def test_an_output_that_cannot_be_written_is_told_before_the_work(
    broken: str, txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    if broken == "file":
        out.write_text("")
        target = out / "deep"
    else:
        out.mkdir()
        target = out
    if broken == "foreign":
        (out / "manifest.json").write_text('{"name": "a web app"}')
    arguments = ("score", payments, "--rules", pack, "--out", target)

    with locked(out) if broken == "locked" else nullcontext():
        told, real = rehearsed(txmon, *arguments), txmon(*arguments)

    assert real.code == 2
    assert real.err == f"txmon: {told['problems'][0]['message']}\n"


def test_a_wrong_pack_is_told_beside_the_files(
    txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    rule = pack / "large_payment.yaml"
    rule.write_text(rule.read_text().replace("amount >= limit", "amonut >= limit"))
    told = rehearsed(txmon, "score", payments, "--rules", pack, "--out", out)
    (problem,) = told["problems"]
    assert (problem["code"], problem["path"]) == ("E201", str(rule))
    assert problem["help"] == "did you mean 'amount'?"
    assert [seen["form"] for seen in told["files"]] == ["csv"]
    assert told["rules"] == []


def test_every_format_and_tables_joined_on_are_told(
    txmon: Run, pack: Path, payments: Path, out: Path, tmp_path: Path
) -> None:
    lines = tmp_path / "more.ndjson"
    rows = pl.read_csv(payments / "monday.csv", infer_schema=False)
    rows.with_columns(transaction_id="T" + pl.col("transaction_id")).write_ndjson(lines)
    table = tmp_path / "late.parquet"
    rows.with_columns(transaction_id="L" + pl.col("transaction_id")).write_parquet(table)
    accounts = tmp_path / "accounts.csv"
    accounts.write_text("id,region\nD1,north\n", encoding="utf-8")
    mapping = tmp_path / "map.yaml"
    joined = (
        "join:\n  file: accounts.csv\n  on: {debtor_account: id}\n  columns: {region: region}\n"
    )
    mapping.write_text(joined, encoding="utf-8")
    inputs = ("score", payments, lines, table, "--map", mapping, "--rules", pack, "--out", out)

    told = rehearsed(txmon, *inputs)

    seen = [(one["role"], one["form"], one["rows"]) for one in told["files"]]
    assert seen == [
        ("input", "csv", 3),
        ("input", "ndjson", 3),
        ("input", "parquet", 3),
        ("table", None, 1),
    ]
    assert told["files"][-1]["mapped"] == {"region": ["region"]}
    assert told["history"]["input"]["last"] == "2026-03-01T03:00:00Z"
    assert txmon(*inputs).code == 0
    assert read_run(out).summary.counts.accepted == 9

    accounts.write_text("id,region\nD1,north\nD1,south\n", encoding="utf-8")
    stopped = rehearsed(txmon, *inputs)
    assert txmon(*inputs).err == f"txmon: {stopped['problems'][0]['message']}\n"


def test_standard_input_can_be_looked_at(
    txmon: Run, pack: Path, payments: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (payments / "monday.csv").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    (seen,) = rehearsed(txmon, "score", "-", "--rules", pack, "--out", out)["files"]
    assert (seen["name"], seen["form"], seen["rows"]) == ("standard input", "csv", 3)
