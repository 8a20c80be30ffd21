"""``txmon score``: what it writes, what it shows, and its exit codes."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from txmon import read_run

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]

BAD_ROW = """\
transaction_id,event_time,debtor_account,creditor_account,amount,currency
T4,2026-03-02T09:00:00+08:00,D1,C1,plenty,CNY
T5,2026-03-02T09:00:00,D1,C1,3.00,CNY
T6,2026-03-02T10:00:00+08:00,D3,C1,3000.00,CNY
"""


def test_a_run_is_written_and_told(txmon: Run, pack: Path, payments: Path, out: Path) -> None:
    ran = txmon("score", payments, "--rules", pack, "--out", out)
    assert (ran.code, ran.err) == (0, "")
    run = read_run(out)
    assert run.alerts["transaction_id"].to_list() == ["T1"]
    assert run.hits is None
    assert run.summary.seconds["load rules"] > 0
    for words in ("small 1.0.0", "1,200.00 to C1", "amount >= limit", str(out / "manifest.json")):
        assert words in ran.out


def test_hits_are_written_on_request(txmon: Run, pack: Path, payments: Path, out: Path) -> None:
    assert txmon("score", payments, "--rules", pack, "--out", out, "--hits").code == 0
    hits = read_run(out).hits
    assert hits is not None
    assert hits["transaction_id"].to_list() == ["T1"]


def test_alerts_are_divided_by_the_days_of_the_pack(
    txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    ran = txmon("score", payments, "--rules", pack, "--out", out, "--partition-by", "date")

    assert ran.code == 0
    assert len(list(out.glob("run-*/alerts/date=2026-03-0*/part.parquet"))) >= 1
    assert read_run(out).alerts.height >= 1


def test_alerts_are_merged_into_a_delta_table(
    txmon: Run, pack: Path, payments: Path, out: Path, tmp_path: Path
) -> None:
    lake = pytest.importorskip("deltalake", reason="the extra 'delta' is not installed")
    table = tmp_path / "lake"

    for _ in range(2):
        ran = txmon("score", payments, "--rules", pack, "--out", out, "--sink", f"delta:{table}")
        assert ran.code == 0

    found = lake.DeltaTable(str(table)).to_pyarrow_table()
    assert found.num_rows == read_run(out).alerts.height


def test_a_tuning_file_gives_values_and_settings_the_last_word(
    txmon: Run, pack: Path, payments: Path, out: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("rules: {large-payment: {params: {limit: 9_000}, score: 5}}\n")
    command = ("score", payments, "--rules", pack, "--tuning", mine)

    assert txmon(*command, "--out", out).code == 0
    assert read_run(out).summary.parameters == {"large-payment": {"limit": "9_000"}}
    assert txmon(*command, "--out", out, "--set", "large-payment.limit=1").code == 0
    assert read_run(out).summary.parameters == {"large-payment": {"limit": "1"}}
    assert set(read_run(out).alerts["score"]) == {5}


@pytest.mark.parametrize("tuning", ["rules: {largepayment: {score: 5}}\n", None])
def test_a_wrong_tuning_file_is_told(
    tuning: str | None, txmon: Run, pack: Path, payments: Path, out: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.yaml"
    if tuning is not None:
        mine.write_text(tuning)

    for more in ((), ("--dry-run",)):
        ran = txmon("score", payments, "--rules", pack, "--tuning", mine, "--out", out, *more)
        told = "did you mean 'large-payment'" if tuning else "there is no file or folder"
        assert (ran.code, told in ran.err + ran.out) == (2, True)


@pytest.mark.parametrize("sink", ["delta", "delta:", "iceberg:x"])
def test_a_sink_is_named_with_its_table(
    sink: str, txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    ran = txmon("score", payments, "--rules", pack, "--out", out, "--sink", sink)

    assert (ran.code, "write delta:TABLE" in ran.err) == (2, True)
    assert not out.exists()


def test_json_is_the_summary_and_the_manifest(
    txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    ran = txmon("score", payments, "--rules", pack, "--out", out, "--format", "json")
    told = json.loads(ran.out)
    written = read_run(out).summary.model_dump(mode="json")
    assert set(told) == {*written, "manifest"}
    assert told["manifest"] == str(out / "manifest.json")
    assert told["counts"] == {"read": 3, "accepted": 3, "rejected": 0, "duplicate": 0, "late": 0}
    assert [rule["alerts"] for rule in told["rules"]] == [1]
    assert set(told["seconds"]) == {
        "load rules",
        "load engine",
        "read and validate",
        "compile",
        "evaluate",
        "write",
    }
    assert told == {**written, "manifest": told["manifest"]}


def test_quiet_says_nothing(txmon: Run, pack: Path, payments: Path, out: Path) -> None:
    ran = txmon("score", payments, "--rules", pack, "--out", out, "--quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_a_param_set_for_a_run_changes_its_alerts(
    txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    setting = "large-payment.limit=800"
    assert txmon("score", payments, "--rules", pack, "--out", out, "--set", setting).code == 0
    run = read_run(out)
    assert run.alerts["transaction_id"].to_list() == ["T1", "T2"]
    assert run.summary.parameters == {"large-payment": {"limit": "800"}}


def test_bad_rows_do_not_stop_the_good_ones(
    txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    (payments / "tuesday.csv").write_text(BAD_ROW, encoding="utf-8")
    ran = txmon("score", payments, "--rules", pack, "--out", out)
    assert ran.code == 0
    assert "rejected   2  1 invalid_amount, 1 naive_time" in ran.out
    run = read_run(out)
    assert run.alerts["transaction_id"].to_list() == ["T1", "T6"]
    assert run.rejected["row"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("allowed", "code"), [("2", 0), ("1", 1), ("0", 1), ("33.4%", 0), ("33.3%", 1), ("100%", 0)]
)
def test_the_gate_on_rejected_rows(
    txmon: Run, pack: Path, payments: Path, out: Path, allowed: str, code: int
) -> None:
    (payments / "tuesday.csv").write_text(BAD_ROW, encoding="utf-8")
    ran = txmon("score", payments, "--rules", pack, "--out", out, "--max-rejected", allowed)
    assert ran.code == code
    written = f"the run is written all the same: {out / 'manifest.json'}"
    message = f"txmon: 2 of 6 rows are rejected; --max-rejected allows {allowed}; {written}\n"
    assert ran.err == (message if code else "")
    assert read_run(out).rejected.height == 2


def test_history_fills_windows_and_is_told(
    txmon: Run, pack: Path, payments: Path, tmp_path: Path, out: Path
) -> None:
    past = tmp_path / "past.csv"
    past.write_text(BAD_ROW.replace("2026-03-02", "2026-02-02"), encoding="utf-8")
    ran = txmon("score", payments, "--rules", pack, "--out", out, "--history", past)
    assert ran.code == 0
    assert "history    3  1 accepted, 2 rejected: 1 invalid_amount, 1 naive_time" in ran.out
    assert read_run(out).alerts["transaction_id"].to_list() == ["T1"]


def test_a_mapping_renames_columns(
    txmon: Run, pack: Path, payments: Path, tmp_path: Path, out: Path
) -> None:
    file = payments / "monday.csv"
    file.write_text(file.read_text().replace("transaction_id", "number"), encoding="utf-8")
    mapping = tmp_path / "map.yaml"
    mapping.write_text("columns:\n  transaction_id: number\n", encoding="utf-8")
    ran = txmon("score", payments, "--rules", pack, "--out", out, "--map", mapping)
    assert (ran.code, ran.err) == (0, "")
    assert read_run(out).alerts["transaction_id"].to_list() == ["T1"]


def test_several_inputs_make_one_run(txmon: Run, pack: Path, payments: Path, out: Path) -> None:
    other = payments.parent / "more.csv"
    other.write_text(BAD_ROW, encoding="utf-8")
    txmon("score", payments / "monday.csv", other, "--rules", pack, "--out", out)
    assert read_run(out).summary.counts.read == 6


def test_the_data_may_begin_earlier(txmon: Run, payments: Path, out: Path) -> None:
    start = "2026-01-01T00:00:00+08:00"
    assert txmon("score", payments, "--out", out, "--data-start", start).code == 0
    told = read_run(out).summary.data_start
    assert told is not None
    assert told.isoformat() == "2025-12-31T16:00:00+00:00"


def test_rules_that_cannot_run_are_told_or_refused(
    txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    rule = pack / "large_payment.yaml"
    rule.write_text(rule.read_text().replace("amount >= limit", "phone == region"))
    lenient = txmon("score", payments, "--rules", pack, "--out", out)
    assert lenient.code == 0
    assert "Did not run: 1 rule\nlarge-payment: the data lacks phone, region;" in lenient.out
    strict = txmon("score", payments, "--rules", pack, "--out", out, "--strict")
    advice = "map it, or leave the rule out"
    assert (strict.code, strict.out) == (2, "")
    assert strict.err == f"txmon: large-payment: the data lacks phone, region; {advice}\n"


def test_select_keeps_the_rules_it_names(txmon: Run, out: Path) -> None:
    sample = ROOT / "sample_data" / "payments"
    select = ("--select", "scam.click-farm", "--select", "fan-in")
    ran = txmon("score", sample, "--out", out, "--format", "json", *select)
    rules = json.loads(ran.out)["rules"]
    assert sorted(rule["rule_id"] for rule in rules) == ["fan-in", "paid-for-clicks"]


def test_the_shipped_pack_on_the_sample(txmon: Run, out: Path) -> None:
    ran = txmon("score", ROOT / "sample_data" / "payments", "--out", out)
    run = read_run(out)
    assert (ran.code, ran.err) == (0, "")
    assert run.summary.counts.read == run.summary.counts.accepted == 250_000
    assert run.alerts.height > 5
    assert f"... and {run.alerts.height - 5:,} more" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 100 + len(str(out))


def test_features_become_a_table(txmon: Run, pack: Path, payments: Path, tmp_path: Path) -> None:
    rule = pack / "large_payment.yaml"
    feature = "features:\n  paid: sum(amount) over 24h\nwhen: "
    rule.write_text(rule.read_text().replace("when: ", feature))
    for ending, read in ((".parquet", pl.read_parquet), (".csv", pl.read_csv)):
        file = tmp_path / "new" / f"features{ending}"
        ran = txmon("features", payments, "--rules", pack, "--out", file)
        assert (ran.code, ran.out) == (0, f"{file}: 3 rows, 3 columns\n")
        table = read(file)
        assert table.columns == ["transaction_id", "side", "large-payment.paid"]
        assert table["large-payment.paid"].cast(pl.Float64).to_list() == [1200.0, 800.0, 1205.0]
        assert [path.name for path in file.parent.iterdir() if path.name.startswith(".")] == []


def test_a_file_that_cannot_be_read_stops_the_run_or_is_left_out_by_word(
    txmon: Run, pack: Path, payments: Path, out: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and then nothing")
    arguments = ("score", payments, broken, "--rules", pack, "--out", out)

    stopped = txmon(*arguments)
    assert stopped.code == 2
    assert "broken.parquet cannot be read" in stopped.err
    assert not (out / "manifest.json").exists()

    assert txmon(*arguments, "--skip-bad-files").code == 0
    run = read_run(out)
    assert run.alerts["transaction_id"].to_list() == ["T1"]
    assert [Path(file.name).name for file in run.summary.skipped] == ["broken.parquet"]


def test_run_json_tells_what_ran_when_and_with_what(
    txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    before = datetime.now(UTC)
    past = payments.parent / "past.csv"
    past.write_text(BAD_ROW.replace("2026-03-02", "2026-02-02"), encoding="utf-8")
    arguments = ("--rules", pack, "--history", past, "--max-rejected", "5%", "--out", out)
    assert txmon("score", payments, *arguments).code == 0

    told = json.loads((read_run(out).folder / "run.json").read_text())

    started, ended = (datetime.fromisoformat(told[name]) for name in ("started", "ended"))
    assert before <= started <= ended <= datetime.now(UTC)
    assert told["versions"]["txmon"] == version("txmon")
    assert told["versions"]["polars"] == pl.__version__
    assert set(told["versions"]) == {"txmon", "python", "polars", "pyarrow", "numba"}
    assert [(stamp["role"], stamp["rows"], len(stamp["sha256"])) for stamp in told["inputs"]] == [
        ("input", 3, 64),
        ("history", 3, 64),
    ]
    options = told["options"]
    assert (options["command"], options["inputs"]) == ("score", [str(payments)])
    assert (options["max-rejected"], options["hits"], options["map"]) == ("5%", False, None)
    assert told["mapping"] is None


def test_a_run_done_again_writes_the_same_files_and_tells_of_the_last(
    txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    def done() -> tuple[dict[str, bytes], datetime | None]:
        assert txmon("score", payments, "--rules", pack, "--out", out, "--quiet").code == 0
        tables = {str(path): path.read_bytes() for path in out.rglob("*.parquet")}
        return {**tables, "": (out / "manifest.json").read_bytes()}, read_run(out).summary.started

    (first, earlier), (second, later) = done(), done()

    assert first == second
    assert earlier is not None
    assert later is not None
    assert earlier < later
    assert len(list(out.rglob("run.json"))) == 1


def test_verbose_tells_each_step_with_its_time(
    txmon: Run, pack: Path, payments: Path, out: Path
) -> None:
    ran = txmon("score", payments, "--rules", pack, "--out", out, "-v", "-q")
    assert (ran.code, ran.out) == (0, "")
    lines = [re.fullmatch(r"txmon: +(\d+\.\d\d) s  (.+)", line) for line in ran.err.splitlines()]
    steps = [(float(line[1]), line[2]) for line in lines if line is not None]
    assert [step for _, step in steps] == [
        f"load rules {pack}",
        "load engine",
        "read and validate",
        f"read {payments / 'monday.csv'}",
        "compile",
        "evaluate (rules: 1, rows: 3)",
        f"write {out}",
        "done",
    ]
    assert len(steps) == len(lines)
    assert steps == sorted(steps, key=lambda step: step[0])


def test_standard_input_is_scored(
    txmon: Run, pack: Path, payments: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (payments / "monday.csv").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert txmon("score", "-", "--rules", pack, "--out", out).code == 0
    run = read_run(out)
    assert run.alerts["transaction_id"].to_list() == ["T1"]
    assert [stamp.name for stamp in run.summary.inputs] == ["standard input"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_without_rows_is_a_run_and_one_without_bytes_is_none(
    ending: str, txmon: Run, pack: Path, payments: Path, out: Path, tmp_path: Path
) -> None:
    header = pl.read_csv(payments / "monday.csv", infer_schema=False).clear()
    none, empty = tmp_path / f"none.{ending}", tmp_path / f"empty.{ending}"
    if ending == "csv":
        header.write_csv(none)
    else:
        header.write_parquet(none)
    empty.touch()

    assert txmon("score", none, "--rules", pack, "--out", out).code == 0
    assert read_run(out).summary.counts.read == 0
    ran = txmon("score", empty, "--rules", pack, "--out", out)
    assert (ran.code, ran.err) == (2, f"txmon: {empty} is empty\n")
    assert read_run(out).summary.counts.read == 0
