"""What a sweep says of a choice is what a run with these values set says."""

from __future__ import annotations

import itertools
from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from txmon import DataError, InputError, PackError, load_pack, score
from txmon.authoring import Labelling, tune
from txmon.authoring.tuning.advice import tuning_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from txmon.authoring import Tuning

PACK = """
name: bank
version: 1.0.0
currency: CNY
timezone: Asia/Shanghai
"""
RULE = """
id: drip
version: 1.0.0
title: Many small transfers
typology: scam.drip
severity: high
status: stable
by: account
where: kind == "transfer"
params:
  small:  {type: money, default: 500.00, vary: {debtor_segment: {corporate: 5_000.00}}}
  least:  {type: int, default: 3}
  grave:  {type: int, default: 5}
  share:  {type: number, default: 50%}
  span:   {type: duration, default: 24h}
  known:  {type: duration, default: 1d}
  quiet:  {type: duration, default: 12h}
  kinds:  {type: list, default: [a, b]}
  strict: {type: bool, default: "true"}
needs: customer >= known
features:
  sent:     sum(amount) where direction == "out" and amount <= small over span
  received: sum(amount) where direction == "in" over span
  count:    count() where direction == "out" and amount <= small over span
  customer: time_since_first()
  shown:    distinct(device_id) over 2d
levels:
  - when: count >= grave and (device_id in kinds or not strict)
    severity: critical
  - when: count >= least and not (received > 0 and sent < share * received)
alert:
  subject: account
  suppress: {for: quiet, by: subject}
  exceptable: [debtor_account]
  message: "{count} transfers, {shown} devices"
"""
EXCEPTIONS = """
exceptions:
  - rule: drip
    for: {debtor_account: E}
    owner: us
    reason: known
    until: 2027-01-01
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name, text in {"pack": PACK, "drip": RULE, "exceptions": EXCEPTIONS}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def payments() -> pl.DataFrame:
    """600 transfers among nine accounts: ties, self-transfers, amounts on the limits."""
    draw = Random(7)  # noqa: S311 - the same payments every time
    rows = []
    for at in range(600):
        day, hour, minute = 1 + at // 60, draw.randrange(24), draw.choice((0, 30))
        rows.append(
            {
                "transaction_id": f"t{at:03d}",
                "event_time": f"2026-03-{day:02d}T{hour:02d}:{minute:02d}:00Z",
                "kind": draw.choice(("transfer", "transfer", "transfer", "card")),
                "debtor_account": draw.choice("ABCDE"),
                "creditor_account": draw.choice("ABFGHI"),
                "amount": draw.choice(("100", "250", "500", "750", "4000")),
                "currency": "CNY",
                "debtor_segment": draw.choice(("corporate", "private", None)),
                "device_id": draw.choice(("a", "b", "c")),
            }
        )
    return pl.DataFrame(rows)


def by_a_run(home: Path, payments: pl.DataFrame, params: Mapping[str, str]) -> dict[str, Any]:
    settings = {f"drip.{param}": text for param, text in params.items()}
    result = score(payments, load_pack(home, settings=settings))
    (rule,) = result.summary.rules
    subjects = result.alerts["subject"].n_unique()
    return {"alerts": rule.alerts, "hits": rule.alerts + rule.folded, "subjects": subjects}


@pytest.mark.parametrize(
    "params",
    [
        {"small": "100..1_000:250", "least": "2..6:2"},
        {"span": "6h,1d,3d", "quiet": "1h..49h:24h"},
        {"known": "0h..4d:2d", "grave": "3..7:2", "strict": "true,false"},
        {"share": "0%..100%:25%", "kinds": "a|c|a,b,c"},
    ],
    ids=" ".join,
)
def test_each_choice_is_a_run(home: Path, payments: pl.DataFrame, params: dict[str, str]) -> None:
    found = tune(payments, "drip", params, rules=home)
    names = [axis.param for axis in found.axes]
    rows = found.grid.to_dicts()
    assert len(rows) == len(list(itertools.product(*(axis.values for axis in found.axes))))
    for row in rows:
        expected = by_a_run(home, payments, {name: row[name] for name in names})
        assert {name: row[name] for name in expected} == expected, row
    assert len({row["alerts"] for row in rows}) > 1
    assert found.grid["present"].sum() == 1


def test_settings_and_tuning_make_the_present_values(home: Path, payments: pl.DataFrame) -> None:
    tuning = home.parent / f"{home.name}.yaml"
    tuning.write_text("rules: {drip: {params: {span: 3d}}}", encoding="utf-8")
    found = tune(
        payments, "drip", {"least": "2,3"}, rules=home, tuning=tuning, settings={"drip.least": "4"}
    )
    (axis,) = found.axes
    assert (axis.values, axis.present) == (("2", "3", "4"), 2)
    expected = by_a_run(home, payments, {"least": "4", "span": "3d"})
    assert found.grid.filter("present")["alerts"].item() == expected["alerts"] > 0


def test_history_suppresses_and_is_not_counted(home: Path, payments: pl.DataFrame) -> None:
    past, new = payments[:300], payments[300:]
    found = tune(new, "drip", {"least": "2..4", "quiet": "6h,2d"}, rules=home, history=past)
    assert found.rows == 300
    for row in found.grid.to_dicts():
        params = {f"drip.{name}": row[name] for name in ("least", "quiet")}
        result = score(new, load_pack(home, settings=params), history=past)
        assert row["alerts"] == result.alerts.height > 0
        assert row["hits"] == result.hits.filter(pl.col("exception").is_null()).height


def test_a_rule_over_alerts(home: Path, payments: pl.DataFrame) -> None:
    (home / "twice.yaml").write_text(
        """
id: twice
version: 1.0.0
title: Again
typology: case.again
severity: high
status: stable
input: alerts
from: [drip]
by: subject
params:
  times: {type: int, default: 2}
  span: {type: duration, default: 5d}
features: {alerts: count() over span}
when: alerts >= times
""",
        encoding="utf-8",
    )
    found = tune(payments, "twice", {"times": "1..4", "span": "1d,5d"}, rules=home)
    for row in found.grid.to_dicts():
        params = {f"twice.{name}": row[name] for name in ("times", "span")}
        alerts = score(payments, load_pack(home, settings=params)).alerts
        assert row["alerts"] == alerts.filter(pl.col("rule_id") == "twice").height
    assert found.grid["alerts"].n_unique() > 2


def test_samples_lie_on_their_sides_of_the_line(home: Path, payments: pl.DataFrame) -> None:
    present = {"drip.least": "12", "drip.grave": "99"}

    def swept() -> Tuning:
        return tune(payments, "drip", {"least": "8..15:1"}, rules=home, settings=present, sample=3)

    found = swept()
    now = score(payments, load_pack(home, settings=present))
    raised = set(now.alerts["transaction_id"])
    hit = set(now.hits["transaction_id"])
    assert 0 < found.above.height <= 3
    assert 0 < found.below.height <= 3
    assert set(found.above["transaction_id"]) <= raised
    assert not set(found.below["transaction_id"]) & hit
    assert not set(found.below["subject"]) & set(now.alerts["subject"])
    for sample in (found.above, found.below):
        assert sample["subject"].is_unique().all()
    for row in (*found.above.to_dicts(), *found.below.to_dicts()):
        value = row["choice"].removeprefix("least=")
        other = score(payments, load_pack(home, settings={**present, "drip.least": value}))
        above = row["transaction_id"] in raised
        changed = other.hits if above else other.alerts
        assert (row["transaction_id"] in set(changed["transaction_id"])) is not above
        assert row["clauses"]
    assert swept().below.equals(found.below)


def test_steps_add_up(home: Path, payments: pl.DataFrame) -> None:
    found = tune(payments, "drip", {"least": "2..6", "span": "6h,1d,2d"}, rules=home)
    line = found.grid.filter(pl.col("span") == "24h")["alerts"]
    told = found.steps.filter(pl.col("param") == "least")["alerts"]
    assert told.to_list() == line.diff().drop_nulls().to_list()


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        (("dirp", {"least": "1..2"}), PackError, "did you mean 'drip'"),
        (("drip", {"span": "0h,1h"}), PackError, "with span=0h the rule is wrong"),
        (("drip", {}), InputError, "at least one param"),
        (("drip", {"least": "1..200:1", "grave": "1..200:1"}), InputError, "too many"),
    ],
)
def test_what_cannot_be_swept_is_told(
    home: Path,
    payments: pl.DataFrame,
    arguments: tuple[str, dict[str, str]],
    error: type[Exception],
    told: str,
) -> None:
    with pytest.raises(error) as raised:
        tune(payments, *arguments, rules=home)
    assert told in str(raised.value)


def test_payments_that_lack_a_column(home: Path, payments: pl.DataFrame) -> None:
    with pytest.raises(DataError, match="lack device_id"):
        tune(payments.drop("device_id"), "drip", {"least": "2..3"}, rules=home)


def test_nothing_that_any_choice_hits(home: Path, payments: pl.DataFrame) -> None:
    labels = pl.DataFrame({"transaction_id": ["t001"], "case": ["a"], "scheme": ["other"]})
    asked = Labelling(labels, typologies=["scam"])
    found = tune(
        payments,
        "drip",
        {"least": "900,999", "grave": "1_000"},
        rules=home,
        labels=asked,
        sample=3,
        settings={"drip.least": "900", "drip.grave": "1_000"},
    )
    assert found.grid["alerts"].to_list() == [0, 0]
    assert found.grid["recall"].to_list() == [None, None]
    assert (found.above.height, found.below.height, found.suggested) == (0, 0, ())


def test_the_alerts_of_a_draft_are_not_read(home: Path, payments: pl.DataFrame) -> None:
    reader = """
id: again
version: 1.0.0
title: Again
typology: case.again
severity: high
status: draft
input: alerts
from: [scam]
by: subject
params: {times: {type: int, default: 2}}
features: {alerts: count() over 5d}
when: alerts >= times
"""
    (home / "again.yaml").write_text(reader, encoding="utf-8")
    draft = RULE.replace("id: drip", "id: sketch").replace("status: stable", "status: draft")
    (home / "sketch.yaml").write_text(draft, encoding="utf-8")
    found = tune(payments, "again", {"times": "1..3"}, rules=home)
    for row in found.grid.to_dicts():
        pack = load_pack(home, settings={"again.times": row["times"]}, select=["again"])
        alerts = score(payments, pack).alerts.filter(pl.col("rule_id") == "again")
        assert row["alerts"] == alerts.height > 0


def test_the_lines_that_adopt_a_choice_are_a_tuning_file(
    home: Path, payments: pl.DataFrame
) -> None:
    params = {"kinds": "c", "span": "3d", "small": "700", "strict": "false", "share": "30%"}
    axes = tune(payments, "drip", {name: [text] for name, text in params.items()}, rules=home).axes
    tuning = home.parent / f"{home.name}-adopted.yaml"
    tuning.write_text("\n".join(tuning_lines("drip", axes, params, "a test")), encoding="utf-8")
    (told,) = load_pack(home, tuning=tuning).rules
    assert {name: told.parameters[name] for name in ("kinds", "span", "strict", "share")} == {
        name: params[name] for name in ("kinds", "span", "strict", "share")
    }
