"""How the rules of two packs differ: logic, params, texts and versions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.authoring.comparing.results import Change, RuleChange
from txmon.language.strata import read_by
from txmon.language.text import canonical_graph, render, render_duration
from txmon.plan import compile_plan
from txmon.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from txmon.language.checked import Pack, Rule

_INTAKE = ("currency", "columns", "rates", "max_rate_age")
_MEANING = ("timezone", "holidays")
_WORDS = ("severity", "status", "title", "typology", "description", "subject", "exceptable")


def same_rows(old: Pack, new: Pack) -> bool:
    """Whether both packs take in payments alike."""
    return all(getattr(old, name) == getattr(new, name) for name in _INTAKE)


def same_world(old: Pack, new: Pack) -> bool:
    """Whether rules of both mean the same in one evaluation: zone, days off and equal lists."""
    shared = set(old.lists) & set(new.lists)
    lists = all(old.lists[name] == new.lists[name] for name in shared)
    alike = all(getattr(old, name) == getattr(new, name) for name in _MEANING)
    return same_rows(old, new) and alike and lists


def changes(old: Pack, new: Pack) -> tuple[RuleChange, ...]:
    """How each rule of either pack differs, in order of id."""
    before, after = logic(old), logic(new)
    olds, news = ({rule.id: rule for rule in pack.rules} for pack in (old, new))
    return tuple(
        _hinted(
            _change(id_, olds.get(id_), news.get(id_), same=before.get(id_) == after.get(id_)),
            old.drafts,
            new.drafts,
        )
        for id_ in sorted({*olds, *news})
    )


def _hinted(change: RuleChange, before: Collection[str], after: Collection[str]) -> RuleChange:
    """With a word on a rule that only seems added or removed: in one pack it is a draft."""
    if change.kind == "added" and change.rule in before:
        return replace(change, hint="it was a draft, and drafts do not run")
    if change.kind == "removed" and change.rule in after:
        return replace(change, hint="it is a draft now, and drafts do not run")
    return change


def logic(pack: Pack) -> dict[str, str]:
    """The hash of the logic of each rule."""
    plan = compile_plan(pack, Schema.with_columns(pack.columns).columns)
    every = (*plan.every_condition, *plan.every_unavailable)
    return {condition.rule.id: condition.logic_hash for condition in every}


def _change(id_: str, old: Rule | None, new: Rule | None, *, same: bool) -> RuleChange:
    if old is None or new is None:
        kind = "added" if old is None else "removed"
        before, after = (None if rule is None else rule.version for rule in (old, new))
        return RuleChange(id_, kind, before, after)
    params = tuple(_of_maps(old.parameters, new.parameters))
    texts = tuple(_texts(old, new))
    if not (same or params or texts):  # the same clauses put together otherwise, or a definition
        texts = tuple(_of_maps(_whens(old), _whens(new)))
    kind = "logic" if not same else "told" if params or texts else "same"
    hint = ""
    if not same and old.version == new.version:
        hint = "the logic has changed and the version has not: raise it, then run txmon lock"
    return RuleChange(id_, kind, old.version, new.version, params, texts, hint)


def _of_maps(old: Mapping[str, str], new: Mapping[str, str], what: str = "") -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, "-"), new.get(name, "-")
        if before != after:
            yield Change(f"{what}{name}", before, after)


def _texts(old: Rule, new: Rule) -> Iterator[Change]:
    yield from _of_maps(_parts(old), _parts(new))
    yield from _of_maps(_features(old), _features(new), what="feature ")


def _features(rule: Rule) -> dict[str, str]:
    texts = rule.feature_texts
    return {name: texts.get(name) or render(node) for name, node in rule.features.items()}


def _whens(rule: Rule) -> dict[str, str]:
    """The conditions as they are computed, params and definitions put in."""
    return {f"level {level.position + 1}": render(level.when) for level in rule.levels}


def _parts(rule: Rule) -> dict[str, str]:
    """What a rule says beside features and params, as texts."""
    found = {name: str(getattr(rule, name)) for name in _WORDS if getattr(rule, name)}
    found["by"] = ", ".join(rule.by) or "-"
    for name, node in (("where", rule.where), ("needs", rule.needs)):
        found[name] = "-" if node is None else render(node)
    if rule.suppress is not None:
        by = " by subject" * rule.suppress.by_subject
        found["suppress"] = f"{render_duration(rule.suppress.span)}{by}"
    if rule.sequence is not None:
        found |= {f"step {step.name}": step.text for step in rule.sequence.steps}
        within = rule.sequence.within
        found["within"] = "-" if within is None else render_duration(within)
    if rule.graph is not None:
        found["graph"] = canonical_graph(rule.graph)
    for level in rule.levels:
        name = "when" if len(rule.levels) == 1 else f"level {level.position + 1}"
        found[name] = " | ".join(clause.text for clause in level.clauses)
        found[f"{name} severity"] = str(level.severity)
        found[f"{name} score"] = str(level.score)
    return found


def affected(old: Pack, new: Pack, found: tuple[RuleChange, ...]) -> tuple[str, ...]:
    """The rules whose alerts may differ: changed ones, and those that read the alerts of such."""
    every = {rule.id for pack in (old, new) for rule in pack.rules}
    worlds = ("lists", "exceptions", "drafts")
    if not same_world(old, new) or any(getattr(old, x) != getattr(new, x) for x in worlds):
        return tuple(sorted(every))
    touched = {one.rule for one in found if one.kind != "same"}
    while True:
        more = {
            rule.id
            for pack in (old, new)
            for rule in pack.rules
            if rule.sources and {one.id for one in read_by(rule, pack.rules)} & touched
        }
        if more <= touched:
            return tuple(sorted(touched))
        touched |= more
