"""The ``txmon`` command: its sub-commands, what becomes of errors, and the exit codes.

0: done; alerts are no error. 1: findings: errors in a pack, failed cases, too many rejected rows.
2: wrong use or bad input. 3: a fault of ours. 130: interrupted (SIGINT). 143: stopped (SIGTERM).
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup
from typer.main import get_command

from txmon.cli.authoring import lock
from txmon.cli.backtesting import backtest
from txmon.cli.cases import run_tests
from txmon.cli.check import check
from txmon.cli.diff import diff
from txmon.cli.environment import by_environment, origin
from txmon.cli.mapping import draft
from txmon.cli.mutate import mutate
from txmon.cli.new import new
from txmon.cli.probe import probe
from txmon.cli.schema import schema
from txmon.cli.scoring import features, score
from txmon.cli.screen import complain, forgiving, warnings_in_words
from txmon.cli.tools import simulate, warm
from txmon.cli.tuning import tune
from txmon.cli.why import why
from txmon.errors import TxmonError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

WRONG_USE = 2
FAULT = 3
INTERRUPTED = 128 + signal.SIGINT
STOPPED = 128 + signal.SIGTERM

_SIGNALS = {INTERRUPTED: "interrupted", STOPPED: "stopped by SIGTERM"}

app = typer.Typer(
    name="txmon",
    help="Payments and a pack of rules in, alerts with their evidence out.",
    epilog="Every option can stand in the environment: TXMON_SCORE_OUT is --out of score.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: Mapping[str, Mapping[str, Callable[..., int]]] = {
    "Payments": {"score": score, "features": features, "map": draft},
    "Writing rules": {
        "new": new,
        "schema": schema,
        "check": check,
        "test": run_tests,
        "probe": probe,
        "mutate": mutate,
        "lock": lock,
    },
    "Judging rules": {"why": why, "diff": diff, "tune": tune, "backtest": backtest},
    "Setting up": {"simulate": simulate, "warm": warm},
}
"""The commands in the order of help, by what they are for."""

for _panel, _commands in COMMANDS.items():
    for _name, _command in _commands.items():
        app.command(_name, rich_help_panel=_panel)(_command)


def _version(asked: bool) -> None:  # noqa: FBT001 - typer hands it over by place
    if asked:
        typer.echo(f"txmon {version('txmon')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    *,
    _asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        raise typer.TyperException("which command? txmon --help lists them")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Args:
        arguments: what stands behind ``txmon``; by default those of the process.
    """
    forgiving()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        with warnings_in_words(), stopping():
            code = _run(given)
            sys.stdout.flush()
    except typer.TyperException as error:
        complain(f"txmon: {error.format_message()}{origin(error, given)}")
        return WRONG_USE
    except TxmonError as error:
        complain(f"txmon: {error}")
        return WRONG_USE
    except BrokenPipeError:
        # The reader, such as head, has seen enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except StoppedError:
        code = STOPPED
    except Exception:  # noqa: BLE001 - python itself would exit with 1, which means findings
        traceback.print_exc()
        complain("txmon: this is a fault of txmon, not of what it was given; please report it")
        return FAULT
    if code in _SIGNALS:
        complain(f"txmon: {_SIGNALS[code]}")
    return code


def _run(arguments: Sequence[str]) -> int:
    command = get_command(app)
    assert isinstance(command, TyperGroup)  # noqa: S101 - there are several commands
    code = by_environment(command).main(args=arguments, prog_name="txmon", standalone_mode=False)
    return int(code or 0)


class StoppedError(BaseException):
    """SIGTERM came; a BaseException, so that nothing takes it for a fault of the data."""


@contextmanager
def stopping() -> Iterator[None]:
    """SIGTERM, which a scheduler sends, unwinds as ctrl-C does: drafts are swept up."""

    def stop(*_: object) -> None:
        raise StoppedError

    try:
        earlier = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # only the main thread of a process may ask for signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, earlier)
