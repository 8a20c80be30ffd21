"""A rule -> its mutants: the well-typed rules one small change away that mean something else."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from txmon.authoring.mutation.alternatives import Context
from txmon.authoring.mutation.changes import Change, changes
from txmon.authoring.mutation.meaning import meaning
from txmon.authoring.mutation.retype import retyped
from txmon.schema import ALERT_COLUMNS, Schema, is_sided
from txmon.sources.currencies import MINOR_DIGITS

if TYPE_CHECKING:
    from txmon.language.checked import Pack, Rule

_ID_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one small change.

    ``id`` is a hash of ``change``, which says where and what, so both stay while the rule says
    the same there. ``at`` leads to the change in the rule's tree; ``old`` is what changes, with as
    much around it as tells it.
    """

    id: str
    change: str
    place: str
    at: tuple[str | int, ...]
    key: str
    old: Any
    rule: Rule


def mutants_of(rule: Rule, pack: Pack) -> tuple[Mutant, ...]:
    """The mutants of a rule of a pack, in the order of its parts.

    What means the same as the rule itself, or as an earlier mutant, is left out as far as the
    logic hash tells.
    """
    schema = schema_of(rule, pack)
    seen = {meaning(rule, schema)}
    told: Counter[str] = Counter()
    found: list[Mutant] = []
    for change in changes(rule, context_of(pack, schema)):
        changed = retyped(change.node)
        if changed is None:
            continue
        hashed = meaning(changed, schema)
        if hashed not in seen:
            seen.add(hashed)
            found.append(_mutant(change, changed, rule, told))
    return tuple(found)


def changed_alike(
    rule: Rule, pack: Pack, wanted: frozenset[tuple[str | int, ...]]
) -> dict[Any, Rule]:
    """For ways into a rule's tree, a rule that differs in values of params only, changed there."""
    context = context_of(pack, schema_of(rule, pack))
    found = ((one.at, retyped(one.node)) for one in changes(rule, context) if one.at in wanted)
    return {at: changed for at, changed in found if changed is not None}


def schema_of(rule: Rule, pack: Pack) -> Schema:
    """The columns that a rule of a pack can name."""
    alerts = ALERT_COLUMNS if rule.sources else {}
    return Schema.with_columns({**pack.columns, **alerts})


def context_of(pack: Pack, schema: Schema) -> Context:
    """What changes depend on, of a pack and the columns that its rule can name."""
    digits = MINOR_DIGITS.get(pack.currency, 2)
    return Context(digits, lambda name: is_sided(name, schema))


def _mutant(change: Change, rule: Rule, original: Rule, told: Counter[str]) -> Mutant:
    place = _place(change, original)
    text = f"{place}: {change.before} -> {change.after}"
    told[text] += 1  # the same text may stand twice in one place
    text += f" #{told[text]}" if told[text] > 1 else ""
    digest = hashlib.sha256(f"{original.id}\x1e{text}".encode()).hexdigest()[:_ID_LENGTH]
    return Mutant(digest, text, place, change.at, change.key, change.old, rule)


def _place(change: Change, rule: Rule) -> str:
    """The part of the rule that a change is in, in words."""
    match change.at:
        case ("features", name, *_):
            place = f"feature {name}"
        case ("levels", int(level), *_):
            place = "when" if len(rule.levels) == 1 else f"level {level + 1}"
        case ("sequence", "steps", int(step), *_) if rule.sequence is not None:
            place = f"step {rule.sequence.steps[step].name}"
        case ("sequence" | "graph" as pattern, *rest):
            place = f"{pattern} {change.key or rest[0]}"
        case (str(part), *_):
            place = part
        case _:
            place = change.key
    return place
