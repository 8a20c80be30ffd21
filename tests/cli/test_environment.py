"""Options by environment variables: each has one, a flag goes before it, a default after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from typer.core import TyperGroup, TyperOption
from typer.main import get_command

from txmon import read_run
from txmon.cli.environment import by_environment, variable, word
from txmon.cli.main import app

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., Any]


def options() -> list[tuple[str, TyperOption]]:
    command = get_command(app)
    assert isinstance(command, TyperGroup)
    return [
        (name, parameter)
        for name, sub in by_environment(command).commands.items()
        for parameter in sub.params
        if isinstance(parameter, TyperOption)
    ]


def test_every_option_of_every_command_has_its_variable() -> None:
    found = {option.envvar for _, option in options()}
    assert len(found) == len(options()) > 40
    assert {"TXMON_SCORE_OUT", "TXMON_SCORE_MAX_REJECTED", "TXMON_FEATURES_MAP"} <= found
    assert {option.envvar for name, option in options()} == {
        variable(name, word(option)) for name, option in options()
    }


@pytest.mark.parametrize("command", sorted({name for name, _ in options()}))
def test_help_shows_the_variables(
    command: str, txmon: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    told = txmon(command, "--help").out
    variables = {str(option.envvar) for name, option in options() if name == command}
    assert variables == {one for one in variables if f"[env var: {one}]" in told}


def test_a_run_from_the_environment_alone(
    txmon: Run, pack: Path, payments: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("OUT", str(out)),
        ("RULES", str(pack)),
        ("SET", "large-payment.limit=800"),
        ("HITS", "1"),
        ("QUIET", "true"),
    ):
        monkeypatch.setenv(f"TXMON_SCORE_{name}", value)

    ran = txmon("score", payments)

    assert (ran.code, ran.out, ran.err) == (0, "", "")
    run = read_run(out)
    assert run.alerts["transaction_id"].to_list() == ["T1", "T2"]
    assert run.hits is not None
    assert run.summary.options["set"] == ["large-payment.limit=800"]
    assert run.summary.options["hits"] is True


def test_a_flag_goes_before_the_environment(
    txmon: Run, pack: Path, payments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TXMON_SCORE_OUT", str(tmp_path / "environment"))
    monkeypatch.setenv("TXMON_SCORE_SET", "large-payment.limit=800")
    flags = ("--out", tmp_path / "flag", "--set", "large-payment.limit=1200", "--rules", pack)

    assert txmon("score", payments, *flags).code == 0

    assert not (tmp_path / "environment").exists()
    parameters = read_run(tmp_path / "flag").summary.parameters
    assert parameters == {"large-payment": {"limit": "1200"}}


def test_an_empty_variable_is_none(
    txmon: Run, pack: Path, payments: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TXMON_SCORE_MAX_REJECTED", "")
    monkeypatch.setenv("TXMON_SCORE_RULES", "")
    assert txmon("score", payments, "--out", out, "--rules", pack).code == 0


def test_a_variable_for_a_list_is_split_at_blanks(
    txmon: Run, pack: Path, payments: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TXMON_SCORE_SELECT", "scam large-payment")
    assert txmon("score", payments, "--out", out, "--rules", pack).code == 0
    assert read_run(out).summary.options["select"] == ["scam", "large-payment"]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("MAX_REJECTED", "few", "write a number like 500 or 0.5%, found 'few'"),
        ("PARTITION_BY", "week", "'--partition-by'"),
        ("STRICT", "perhaps", "'--strict'"),
        ("RULES", "nowhere", "there is no file or folder 'nowhere'"),
    ],
)
def test_a_wrong_variable_is_named(
    name: str,
    value: str,
    told: str,
    txmon: Run,
    payments: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(f"TXMON_SCORE_{name}", value)

    ran = txmon("score", payments, "--out", out)

    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert ran.err.count(f"TXMON_SCORE_{name}") == 1


def test_a_wrong_flag_is_not_blamed_on_the_environment(
    txmon: Run, payments: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TXMON_SCORE_MAX_REJECTED", "1%")
    ran = txmon("score", payments, "--out", out, "--max-rejected=few")
    assert ran.code == 2
    assert "(from" not in ran.err


@pytest.mark.parametrize("name", ["TXMON_VERSION", "TXMON_SCORE_HELP", "TXMON_HELP"])
def test_variables_of_images_set_nothing_off(
    name: str,
    txmon: Run,
    pack: Path,
    payments: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, "1.2.3")
    ran = txmon("score", payments, "--out", out, "--rules", pack)
    assert (ran.code, ran.err) == (0, "")
    assert read_run(out).alerts.height == 1
