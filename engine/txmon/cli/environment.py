"""Options by environment variables: ``TXMON_SCORE_OUT`` stands for ``--out`` of ``txmon score``.

What is on the command line goes before the environment, and the environment before the default.
"""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup, TyperOption

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import JsonValue

PREFIX = "TXMON"
_COMMAND_LINE_ONLY = frozenset({"help", "version"})
"""What a variable that happens to be there, such as TXMON_VERSION, must not set off."""


def by_environment(command: TyperGroup) -> TyperGroup:
    """The command, each option of its sub-commands with its variable; ``--help`` shows them."""
    for name, sub in command.commands.items():
        for parameter in sub.params:
            if isinstance(parameter, TyperOption) and word(parameter) not in _COMMAND_LINE_ONLY:
                parameter.envvar = variable(name, word(parameter))
    return command


def variable(command: str, option: str) -> str:
    """The variable of an option: ``score``, ``max-rejected``: ``TXMON_SCORE_MAX_REJECTED``."""
    return f"{PREFIX}_{command}_{option}".replace("-", "_").upper()


def word(parameter: TyperOption) -> str:
    """An option's longest name without its dashes."""
    return max(parameter.opts, key=len).lstrip("-")


def origin(error: typer.TyperException, arguments: Sequence[str]) -> str:
    """The variable that a refused value came from, if it did and it is not yet told."""
    if not arguments or not isinstance(error, typer.BadParameter) or error.param is not None:
        return ""
    option = str(error.param_hint)
    if any(argument.split("=")[0] == option for argument in arguments):
        return ""
    name = variable(arguments[0], option.lstrip("-"))
    return f" (from {name})" if os.environ.get(name) else ""


def in_force(context: typer.Context) -> dict[str, JsonValue]:
    """What the command was given, by the names of its options and arguments, defaults included."""
    return dict(_given(context))


def _given(context: typer.Context) -> Iterator[tuple[str, JsonValue]]:
    yield "command", context.info_name
    for parameter in context.command.params:
        if parameter.name in context.params:
            name = word(parameter) if isinstance(parameter, TyperOption) else parameter.name
            yield name, _plain(context.params[parameter.name])


def _plain(value: object) -> JsonValue:
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return str(value.value)
    return str(value) if isinstance(value, Path) else value  # type: ignore[return-value]
