"""The command line: the only place that prints, warns on the screen and sets exit codes."""

from __future__ import annotations

from txmon.cli.main import main

__all__ = ["main"]
