"""``txmon simulate`` and ``txmon warm``: payments to try rules on, and kernels made ready."""

import time
from pathlib import Path
from typing import Annotated

import typer

from txmon.cli.options import Quiet, Verbose, read_date, wrong
from txmon.cli.screen import progress, say
from txmon.errors import OutputError


def simulate(
    *,
    transactions: Annotated[
        int, typer.Option("--transactions", metavar="N", help="How many payments, exactly.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to.")],
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", min=0, help="The same seed gives the same data.")
    ] = 1,
    scenario: Annotated[
        str, typer.Option("--scenario", metavar="NAME", help="What happens in them.")
    ] = "telefraud",
    days: Annotated[int, typer.Option("--days", metavar="D", help="Days they cover.")] = 90,
    start: Annotated[
        str, typer.Option("--start", metavar="DATE", help="The first day.")
    ] = "2026-03-01",
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Make up payments with known fraud in them, and labels that say where it is."""
    from txmon.simulate import write  # noqa: PLC0415 - start-up time: loads Polars

    first = read_date(start)
    with progress(quiet=quiet, verbose=verbose) as tell:
        tell(f"simulate {transactions:,} transactions")
        try:
            written = write(
                out,
                transactions=transactions,
                seed=seed,
                start=first,
                days=days,
                scenario=scenario,
            )
        except ValueError as error:
            raise wrong(_blamed(str(error)), str(error)) from None
        except OSError as error:
            raise OutputError(f"the payments cannot be written to {out}: {error}") from error
    if not quiet:
        files = len(written.files)
        told = (
            f"{written.transactions:,} transactions, {written.labelled:,} of them fraud on "
            f"{written.victims:,} victims"
        )
        say(f"{written.payments}: {told}, in {files} file{'' if files == 1 else 's'}")
    return 0


def _blamed(message: str) -> str:
    """The options that a refusal of the simulator is about."""
    return "--scenario" if message.startswith("there is no scenario") else "--transactions, --days"


def warm(*, quiet: Quiet = False, verbose: Verbose = False) -> int:
    """Compile the kernels now, so that the first run does not have to."""
    begin = time.perf_counter()
    with progress(quiet=quiet, verbose=verbose) as tell:
        tell("compile kernels")
        from txmon.evaluate import evaluate  # noqa: F401, PLC0415 - its kernels are to be known
        from txmon.kernels import compile_all  # noqa: PLC0415 - start-up time: loads Numba
        from txmon.sources import intake  # noqa: F401, PLC0415 - likewise those that read files

        folder = compile_all()
    if folder is None:
        raise OutputError("the kernels are compiled but cannot be kept: no folder is writable")
    if not quiet:
        say(f"kernels ready after {time.perf_counter() - begin:.1f} s, kept in {folder}")
    return 0
