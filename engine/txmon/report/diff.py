"""Two versions of a pack in lines: what changed in the rules, and which alerts came and went."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.text import Text

from txmon.report.tables import WIDTH, headed, stacked, title, unbroken
from txmon.report.words import clean, count, moment, several

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl
    from rich.console import RenderableType

    from txmon.authoring import Diff, RuleChange
    from txmon.authoring.comparing.results import Count

SAMPLES = 3
"""Alerts of each reason that are shown."""

_REASONS = 5
_KINDS = {
    "added": ("added", "green"),
    "removed": ("removed", "red"),
    "logic": ("another logic", "yellow"),
    "told": ("the same logic, told otherwise", "cyan"),
}


def diff_report(found: Diff, *, width: int = WIDTH) -> list[RenderableType]:
    """How two versions of a pack differ, for people; ``width`` is the columns of the page."""
    sections: list[Iterator[RenderableType]] = [_rules(found)]
    if not found.data:
        return stacked((*sections, *(_apart(found, name) for name in found.apart), _equal(found)))
    sections.append(_alerts(found, width))
    for table, name, style in (
        (found.gained, "Gained", "green"),
        (found.lost, "Lost", "red"),
    ):
        sections.append(_by_reason(found, table, name, style))
    return stacked((*sections, _changed(found), _equal(found)))


def _rules(found: Diff) -> Iterator[RenderableType]:
    yield Text(f"{found.old} -> {found.new}", style="bold")
    for rule in found.rules:
        if rule.kind != "same":
            yield from _rule(rule)
    same = sum(rule.kind == "same" for rule in found.rules)
    if same:
        yield Text(f"{several(same, 'rule')} the same", style="dim")


def _rule(rule: RuleChange) -> Iterator[RenderableType]:
    words, style = _KINDS[rule.kind]
    head = Text(rule.rule, style="bold")
    versions = [version for version in (rule.old_version, rule.new_version) if version]
    told = " -> ".join(dict.fromkeys(versions))
    yield head.append(f"  {told}  ", style="not bold").append(words, style=style)
    for change in rule.params:
        yield Text(clean(f"    param {change.what}: {change.old} -> {change.new}"))
    for change in rule.texts:
        yield Text(clean(f"    {change.what}: {change.old} -> {change.new}"))
    if rule.hint:
        yield Text(f"    note: {rule.hint}", style="yellow")


def _alerts(found: Diff, width: int) -> Iterator[RenderableType]:
    if not found.compared:
        return
    yield title("Alerts")
    yield _counts("rule", found.alerts, found.total, width)
    if found.by is not None:
        yield Text()
        yield _counts(found.by, found.segments, found.total, width)


def _counts(name: str, counts: Mapping[str, Count], total: Count, width: int) -> RenderableType:
    table = headed(width, name, "before", "now", "gained", "lost", "changed", numbers_from=1)
    for value, one in counts.items():
        table.add_row(clean(value), *map(count, _numbers(one)))
    table.columns[0].footer = "all"
    for column, number in zip(table.columns[1:], _numbers(total), strict=True):
        column.footer = count(number)
    return table


def _numbers(one: Count) -> tuple[int, ...]:
    return (one.old, one.new, one.gained, one.lost, one.changed)


def _by_reason(
    found: Diff, alerts: pl.DataFrame, name: str, style: str
) -> Iterator[RenderableType]:
    """Alerts by what made the difference, some of each."""
    if alerts.is_empty():
        return
    yield title(f"{name}: {several(alerts.height, 'alert')}")
    groups = Counter(zip(alerts["rule_id"], alerts["because"], strict=True))
    ranked = sorted(groups.items(), key=lambda item: (-item[1], item[0]))
    for (rule, because), number in ranked[:_REASONS]:
        yield Text(clean(f"{count(number)} x {rule}: {because}"), style=style)
        mine = alerts.filter((alerts["rule_id"] == rule) & (alerts["because"] == because))
        for alert in mine.head(SAMPLES).to_dicts():
            yield Text(clean(f"    {_alert(found, alert)}: {alert['reason']}"))
    if len(ranked) > _REASONS:
        yield Text(f"... and {several(len(ranked) - _REASONS, 'reason')} more", style="dim")


def _alert(found: Diff, alert: Mapping[str, Any]) -> str:
    when = moment(alert["event_time"], found.zone)
    return f"{when}  {alert['transaction_id']}  {alert['subject'] or '-'}"


def _changed(found: Diff) -> Iterator[RenderableType]:
    if found.changed.is_empty():
        return
    yield title(f"Changed: {several(found.changed.height, 'alert')}")
    names = found.changed["fields"].list.join(", ")
    groups = Counter(zip(found.changed["rule_id"], names, strict=True))
    for (rule, differs), number in sorted(groups.items(), key=lambda item: (-item[1], item[0])):
        yield Text(clean(f"{count(number)} x {rule}: {differs}"), style="yellow")
        mine = found.changed.filter((found.changed["rule_id"] == rule) & (names == differs))
        for pair in mine.head(SAMPLES).to_dicts():
            yield Text(clean(f"    {_alert(found, pair)}: {_both(pair)}"))


def _both(pair: Mapping[str, Any]) -> str:
    """The two values of what differs."""
    told: list[str] = []
    old, new = pair["old"], pair["new"]
    for name in pair["fields"]:
        if name == "values":
            told += _features(old, new)
        elif name == "evidence":
            told.append(f"evidence {old['evidence_count']} -> {new['evidence_count']} transactions")
        elif name == "transaction":
            told.append(f"raised by {old['transaction_id']} before")
        elif name != "event_time":
            told.append(f"{name} {old[name]} -> {new[name]}")
    return "; ".join(told)


def _features(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = ({one["name"]: one["value"] for one in each["features"]} for each in (old, new))
    for name in dict.fromkeys((*before, *after)):
        values = before.get(name, "-"), after.get(name, "-")
        if values[0] != values[1]:
            yield f"{name} {values[0]} -> {values[1]}"


def _apart(found: Diff, name: str) -> Iterator[RenderableType]:
    one = found.apart[name]
    if one.stream is None:
        told = f"{name}: another logic, but no difference in up to {count(one.tries)} streams tried"
        if not one.cases:
            told = (
                f"{name}: no difference was found, and no case stands beside the rule to begin with"
            )
            told += "; write one, or name payments to compare on"
        yield Text(f"{told}; that does not prove them equal", style="yellow")
        return
    yield title(f"{name}: the shortest stream found on which they differ")
    yield from (unbroken(clean(line)) for line in one.stream.events().splitlines())
    yield unbroken(clean(f"before: {one.stream.expected(one.stream.old)}"))
    yield unbroken(clean(f"now:    {one.stream.expected(one.stream.new)}"))


def _equal(found: Diff) -> Iterator[RenderableType]:
    """That there is nothing to tell, where there is not."""
    if all(rule.kind in {"same", "told"} for rule in found.rules) and not found.compared:
        yield Text("Equal in meaning: every rule computes the same", style="green")
    elif found.data and not (found.gained.height + found.lost.height + found.changed.height):
        same = several(found.total.new, "alert")
        yield Text(f"The alerts are the same: {same} of the compared rules", style="green")
