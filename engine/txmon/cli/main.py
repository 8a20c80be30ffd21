"""The ``txmon`` command: its sub-commands, what becomes of errors, and the exit codes.

0: done; alerts are no error. 1: findings: errors in a pack, failed cases, too many rejected rows.
2: wrong use or bad input. 130: interrupted.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer

from txmon.cli.authoring import check, run_tests
from txmon.cli.mapping import draft
from txmon.cli.scoring import features, score
from txmon.cli.screen import complain, forgiving, warnings_in_words
from txmon.cli.tools import simulate, warm
from txmon.errors import TxmonError

if TYPE_CHECKING:
    from collections.abc import Sequence

WRONG_USE = 2

app = typer.Typer(
    name="txmon",
    help="Payments and a pack of rules in, alerts with their evidence out.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("score")(score)
app.command("features")(features)
app.command("check")(check)
app.command("test")(run_tests)
app.command("map")(draft)
app.command("simulate")(simulate)
app.command("warm")(warm)


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
    try:
        with warnings_in_words():
            code = app(args=arguments, prog_name="txmon", standalone_mode=False)
            sys.stdout.flush()
    except typer.TyperException as error:
        complain(f"txmon: {error.format_message()}")
        return WRONG_USE
    except TxmonError as error:
        complain(f"txmon: {error}")
        return WRONG_USE
    except BrokenPipeError:
        # The reader, such as head, has seen enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return int(code or 0)
