"""Names that a rule or pack declares: well-formed, and each for one thing only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from txmon.language.builtins import RESERVED
from txmon.language.problems import Code
from txmon.schema import ALERT_COLUMNS, COUNTERPARTY, OWN, STANDARD
from txmon.schema import RESERVED as RESERVED_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from txmon.language.problems import Faults, Path
    from txmon.language.scope import PackScope

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


def check_name(path: Path, faults: Faults) -> bool:
    """Report the last key of ``path`` if it cannot be a name."""
    name = str(path[-1])
    if name in RESERVED:
        message = f"'{name}' is a word of the language and cannot be a name"
    elif not NAME.fullmatch(name):
        message = f"'{name}' cannot be a name"
    else:
        return True
    advice = "a name is a letter, then letters, digits and _"
    faults.key(path, Code.BAD_NAME, message, "" if name in RESERVED else advice)
    return False


def existing(name: str, pack: PackScope) -> str:
    """What a name already is for every rule of the pack, in words; empty if it is free."""
    if name in STANDARD:
        return f"the standard column '{name}'"
    if pack.over_alerts and name in ALERT_COLUMNS:
        return f"the alert's column '{name}'"
    if name in pack.schema.columns:
        return f"the pack's column '{name}'"
    if name in RESERVED_COLUMNS or name in pack.schema.sided():
        return f"the column '{name}' of two-sided rules"
    if name in pack.definitions:
        return f"the pack's definition '{name}'"
    return ""


def check_clashes(declared: Iterable[tuple[str, Path]], pack: PackScope, faults: Faults) -> None:
    """Report names that are declared twice; ``declared`` holds what each is, and its key."""
    taken: dict[str, str] = {}
    for what, path in declared:
        name = str(path[-1]) if what != "step" else step_name(str(path[-1]))
        before = taken.get(name) or existing(name, pack)
        if before:
            message = f"{what} '{name}' clashes with {before}"
            advice = "one name means one thing: rename it"
            faults.key(path, Code.NAME_CLASH, message, advice)
        taken.setdefault(name, f"{what} '{name}'")


def step_name(key: str) -> str:
    """The name of a step in its key: ``bait{2,5}``, ``absent refund``."""
    return key.partition("{")[0].removeprefix("absent ").strip()


def check_column_name(path: Path, faults: Faults) -> None:
    """Report a column of the pack whose name the schema has or keeps for itself."""
    name = str(path[-1])
    if not check_name(path, faults):
        return
    if name in STANDARD or name in RESERVED_COLUMNS:
        message = f"column '{name}' clashes with the standard column of that name"
        faults.key(path, Code.NAME_CLASH, message)
    elif name.startswith((OWN, COUNTERPARTY)):
        message = f"'{name}' begins like a column of two-sided rules"
        faults.key(path, Code.BAD_NAME, message, "declare debtor_x and creditor_x instead")
