"""Rules over alerts: what they may name beside the payment's columns, and what they must say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.problems import Code
from txmon.schema import ALERT_COLUMNS, Schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.language.problems import Faults
    from txmon.language.scope import PackScope
    from txmon.model import RuleDocument

ALERTS = "alerts"
SUBJECT, SUBJECT_KIND = "subject", "subject_kind"


def alert_scope(pack: PackScope) -> PackScope:
    """What a rule over alerts may name: the pack's columns and those of an alert."""
    schema = Schema({**pack.schema.columns, **ALERT_COLUMNS})
    return replace(pack, schema=schema, over_alerts=True)


def with_subject_kind(keys: Sequence[str], pack: PackScope) -> tuple[str, ...]:
    """Keys of a timeline. Subjects meet as (kind, value), so ``subject`` brings its kind."""
    if not pack.over_alerts or SUBJECT not in keys or SUBJECT_KIND in keys:
        return tuple(keys)
    place = list(keys).index(SUBJECT)
    return (*keys[:place], SUBJECT_KIND, *keys[place:])


def check_input(document: RuleDocument, pack: PackScope, faults: Faults) -> None:
    """Report what is wrong with a rule's ``input`` and ``from``; ``pack`` is the rule's scope."""
    if document.input != ALERTS:
        if document.sources:
            advice = "write input: alerts above it, or take it away"
            message = "only a rule over alerts reads the alerts of others"
            faults.key(("from",), Code.SOURCE, message, advice)
        return
    if not document.sources:
        message = "missing key 'from': a rule over alerts names the rules it reads"
        advice = "write from: with rule ids, or typologies with all below them"
        faults.key(("input",), Code.MISSING_KEY, message, advice)
    for position, name in enumerate(document.sources):
        if name in document.sources[:position]:
            faults.whole(("from", position), Code.SOURCE, f"'{name}' stands twice")
    if document.events:
        message = "a rule over alerts sees every alert, whatever kind of row raised it"
        faults.key(("events",), Code.SOURCE, message, "take events away; to choose, write where:")
    for name, what in _own_names(pack):
        if name in ALERT_COLUMNS:
            message = f"the pack's {what} '{name}' clashes with the alert's column of that name"
            advice = "one name means one thing: rename it in pack.yaml"
            faults.key(("input",), Code.NAME_CLASH, message, advice)


def _own_names(pack: PackScope) -> list[tuple[str, str]]:
    columns = [(name, "column") for name in sorted(pack.own_columns)]
    return [*columns, *((name, "definition") for name in pack.definitions)]
