"""The pack that a command asks for, with its settings and tuning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import txmon
from txmon.cli.options import existing, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.cli.options import Asked
    from txmon.language.checked import Pack


def load(asked: Asked, tell: Callable[[str], None]) -> Pack:
    """Load the rules.

    Raises:
        PackError: with every error of every file.
    """
    tell(f"load rules {asked.rules or 'shipped'}")
    params = read_settings(asked.settings or ())
    path = existing(asked.rules, "--rules")
    tuning = existing(asked.tuning, "--tuning")
    return txmon.load_pack(path, settings=params, tuning=tuning, select=asked.select or ())
