"""The naive oracle: what a pack must say about some rows, obviously right and slow.

It judges row by row, collects every window anew from all rows and shares nothing with the
engine but the typed tree of the rules. Whoever doubts an alert can read it from top to bottom:
``oracle_values`` says what an expression means, ``oracle_windows`` what a feature means, and
this module what becomes of the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from txmon.schema import ALERT_COLUMNS, CREDITOR, DEBTOR, IN, OUT, Schema
from txmon.testing.oracle_alerts import Raised, in_order, raised_at, sources_of
from txmon.testing.oracle_evidence import evidence_features, evidence_of, window_bounds
from txmon.testing.oracle_graphs import Path, PathPlace, applies, search
from txmon.testing.oracle_reads import columns_read
from txmon.testing.oracle_sequences import Chains, Moment, chain_starts, chains_of
from txmon.testing.oracle_values import EPOCH, FIRST_DAY, Unknown, answer, is_true
from txmon.testing.oracle_verdicts import (
    HIT,
    INSUFFICIENT,
    NO_HIT,
    NOT_APPLICABLE,
    UNKNOWN,
    Alert,
    Hit,
    Outcome,
    Spot,
    Verdicts,
)
from txmon.testing.oracle_windows import (
    Stand,
    World,
    window_starts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from txmon.language.checked import Pack, Rule
    from txmon.testing.oracle_values import Value
    from txmon.testing.oracle_windows import Key, Row

EVIDENCE_LIMIT = 100


def judge(
    pack: Pack, rows: Iterable[Mapping[str, Any]], *, data_start: datetime | int | None = None
) -> Verdicts:
    """What every rule of the pack says about accepted rows, in any order.

    Args:
        pack: a checked pack.
        rows: one mapping a transaction in storage form: money and numbers as integers at their
            scale, times as ``datetime`` or microseconds, dates as ``date`` or days; columns that a
            row lacks are null; ``history: True`` marks rows that precede the input.
        data_start: when the data is declared to begin; by default the earliest event time.
    """
    ordered = sorted((_plain(row) for row in rows), key=_order)
    first = int(ordered[0]["event_time"] or 0) if ordered else 0
    start = first if data_start is None else _plain_value(data_start)
    done: dict[str, _Judged] = {}
    for rule in pack.rules:
        _judge_with_sources(pack, rule, ordered, start, done)
    judged = [done[rule.id] for rule in pack.rules]
    return Verdicts(
        outcomes={rule.id: one.outcomes for rule, one in zip(pack.rules, judged, strict=True)},
        features={rule.id: one.features for rule, one in zip(pack.rules, judged, strict=True)},
        alerts=tuple(alert for one in judged for alert in one.alerts),
        hits=tuple(hit for one in judged for hit in one.hits),
        late={rule.id: one.late for rule, one in zip(pack.rules, judged, strict=True)},
    )


def _plain(row: Mapping[str, Any]) -> Row:
    return {name: _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    """Times as microseconds and dates as days; everything else as it is."""
    if isinstance(value, datetime):
        since = value - EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if isinstance(value, date):
        return (value - FIRST_DAY).days
    return value


def _order(row: Row) -> tuple[int, bool, int, bytes]:
    sequence = row.get("sequence")
    return (
        int(row["event_time"] or 0),
        sequence is not None,
        int(sequence or 0),
        str(row["transaction_id"]).encode(),
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    outcomes: dict[Spot, Outcome]
    features: dict[Spot, dict[str, Value | None]]
    alerts: list[Alert]
    hits: list[Hit]
    raised: list[Raised]
    late: int
    starts: Callable[[int], list[int]]


def _judge_with_sources(
    pack: Pack, rule: Rule, rows: Sequence[Row], data_start: int, done: dict[str, _Judged]
) -> None:
    """Judge a rule over transactions; a rule over alerts after the rules that it reads."""
    if rule.id in done:
        return
    sources = sources_of(pack, rule)
    for source in sources:
        _judge_with_sources(pack, source, rows, data_start, done)
    read = rows
    if rule.sources:
        read = in_order(row for source in sources for row in done[source.id].raised)
    below = [done[source.id].starts for source in sources]
    done[rule.id] = _judge_rule(pack, rule, (read, rows), data_start, below)


def _judge_rule(
    pack: Pack,
    rule: Rule,
    read: tuple[Sequence[Row], Sequence[Row]],
    data_start: int,
    below: Sequence[Callable[[int], list[int]]],
) -> _Judged:
    """Judge a rule by the rows it reads; beside them stand the transactions, by which time goes."""
    rows, clock = read
    world = _world(pack, rule, rows)
    spots = [stand for position, row in enumerate(rows) for stand in _sides(rule, position, row)]
    paths: dict[Stand, list[Path]] = {}
    homes = {stand: home for stand in spots if (home := _home(world, stand)) is not None}
    chains = chains_of(world, homes)
    if rule.graph is None:
        outcomes = {stand: _outcome(world, stand, chains) for stand in spots}
        _one_hit_a_timeline(world, outcomes)
        found = {stand: one for stand, one in outcomes.items() if one.outcome == HIT}
    else:
        outcomes, paths = _graph_outcomes(world, spots)
        found = dict.fromkeys(paths, Outcome(HIT, level=0))
    shown = [stand for stand in spots if not stand.row.get("history")]
    moments = chains.moments(found, clock)
    if chains.late:  # such a hit is of its deadline, not of its row
        outcomes |= dict.fromkeys(found, Outcome(NO_HIT))
    hits, raised = _suppress(world, found, moments)
    starts = partial(_starts, world, rows, below)
    return _Judged(
        outcomes={_spot(stand): outcomes[stand] for stand in shown},
        features={
            _spot(stand): _values(world, stand)
            for stand in shown
            if _home(world, stand) is not None and (rule.graph is None or _pays(stand))
        },
        alerts=[
            _alert(
                world,
                stand,
                found[stand],
                _Behind(paths.get(stand, []), chains, moments[stand].time),
                min(starts(stand.time), default=data_start) >= data_start,
            )
            for stand in raised
            if not moments[stand].history
        ],
        hits=[hit for stand, hit in hits if not moments[stand].history],
        raised=[
            raised_at(
                world,
                stand,
                _home(world, stand) or (),
                found[stand].level or 0,
                (*moments[stand], number),
            )
            for number, stand in enumerate(raised)
        ],
        late=sum(not one.history for one in moments.values()) if chains.late else 0,
        starts=starts,
    )


def _starts(
    world: World, rows: Sequence[Row], below: Sequence[Callable[[int], list[int]]], time: int
) -> list[int]:
    """Where the windows behind a rule and the rules below it begin, looking back from a time."""
    rule = world.rule
    if not _available(world.pack, rule, rows):
        return []
    conditions = (rule.needs, *(level.when for level in rule.levels))
    own = [start for node in conditions for start in window_starts(world, node, time)]
    if rule.graph is not None:
        first = time - rule.graph.within
        own += [first, *window_starts(world, rule.graph.through, first)]
    own += chain_starts(world, time)
    since = min(own, default=time)
    return [*own, *(start for one in below for start in one(since))]


def _paths_asked(world: World, stand: Stand) -> tuple[Outcome, list[Path]]:
    """The outcome of a graph rule at a row, and the paths that say yes."""
    if not applies(world, stand):
        return Outcome(NOT_APPLICABLE), []
    if not is_true(world.rule.needs, world.at(stand)):
        return Outcome(INSUFFICIENT), []
    found = search(world, stand)
    when = world.rule.levels[0].when
    answers = [(path, answer(when, PathPlace(world, stand, path=path))) for path in found.paths]
    yes = [path for path, one in answers if one is True]
    if yes:
        return Outcome(HIT, level=0), yes
    causes = [one.cause for _, one in answers if isinstance(one, Unknown)]
    cause = "search_bound" if found.cut else next(iter(causes), None)
    return (Outcome(NO_HIT) if cause is None else Outcome(UNKNOWN, cause)), []


def _graph_outcomes(
    world: World, spots: Sequence[Stand]
) -> tuple[dict[Stand, Outcome], dict[Stand, list[Path]]]:
    """The outcome at every row; and for every row and account it is about, the paths."""
    outcomes: dict[Stand, Outcome] = {}
    found: dict[Stand, list[Path]] = {}
    for stand in spots:
        outcomes[stand], yes = _paths_asked(world, stand)
        roles = [path.roles[world.rule.subject] for path in yes]
        for account in sorted({str(one) for role in roles for one in role}):
            about = Stand(stand.position, account, stand.row)
            found[about] = [path for path, role in zip(yes, roles, strict=True) if account in role]
    return outcomes, found


def _sides(rule: Rule, position: int, row: Row) -> list[Stand]:
    sides = (OUT, IN) if rule.sided else (None,)
    return [Stand(position, side, row) for side in sides]


def _world(pack: Pack, rule: Rule, rows: Sequence[Row]) -> World:
    """The stands of every row that the rule can see."""
    every = World(pack, rule, (), ())
    if not _available(pack, rule, rows):
        return every
    whole = [Stand(position, None, row) for position, row in enumerate(rows)]
    seen = [
        stand for stand in whole if _visible(rule, stand) and is_true(rule.where, every.at(stand))
    ]
    sided = [
        Stand(stand.position, side, stand.row)
        for stand in seen
        for side, account in ((OUT, DEBTOR), (IN, CREDITOR))
        if stand.row.get(account + "account") is not None
    ]
    return World(pack, rule, seen, sided, rows)


def _available(pack: Pack, rule: Rule, rows: Sequence[Row]) -> bool:
    """Whether the data has every column that the rule reads."""
    had = {name for row in rows for name in row}
    schema = Schema({**pack.columns, **(ALERT_COLUMNS if rule.sources else {})})
    return all(had.issuperset(schema.sources(name)) for name in columns_read(rule))


def _visible(rule: Rule, stand: Stand) -> bool:
    if rule.sources:
        return True
    if rule.unreversed and stand.row.get("reverses") is not None:
        return False
    return stand.row.get("amount") is not None or stand.row.get("kind") in rule.events


def _spot(stand: Stand) -> Spot:
    return stand.name, stand.side


def _pays(stand: Stand) -> bool:
    """Whether somebody pays: the features of a graph rule are those of the account that does."""
    return stand.row.get(DEBTOR + "account") is not None


def _home(world: World, stand: Stand) -> Key | None:
    """The rule's timeline that the stand is on; None where the rule does not apply.

    A graph rule's hit is on the timeline of the account it is about, which stands for the side.
    """
    if world.rule.graph is not None and stand.side is not None:
        return (stand.side,)
    if stand not in (world.sided if world.rule.sided else world.whole):
        return None
    return world.key(world.rule.by, stand)


def _outcome(world: World, stand: Stand, chains: Chains) -> Outcome:
    if _home(world, stand) is None:
        return Outcome(NOT_APPLICABLE)
    if not is_true(world.rule.needs, world.at(stand)):
        return Outcome(INSUFFICIENT)
    if world.rule.sequence is not None and stand not in chains.latest:
        cut = stand in chains.bound
        return Outcome(UNKNOWN, "search_bound") if cut else Outcome(NO_HIT)
    place = chains.place(world, stand)
    answers = [answer(level.when, place) for level in world.rule.levels]
    for position, one in enumerate(answers):
        if one is True:
            return Outcome(HIT, level=position)
    unknown = next((one for one in answers if isinstance(one, Unknown)), None)
    return Outcome(NO_HIT) if unknown is None else Outcome(UNKNOWN, unknown.cause)


def _one_hit_a_timeline(world: World, outcomes: dict[Stand, Outcome]) -> None:
    """Of a self-transfer that hits with both sides on one timeline only the first is a hit."""
    seen: set[tuple[int, Key | None]] = set()
    for stand, outcome in outcomes.items():
        if outcome.outcome == HIT:
            place = stand.position, _home(world, stand)
            if place in seen:
                outcomes[stand] = Outcome(NO_HIT)
            seen.add(place)


def _suppress(
    world: World, found: Mapping[Stand, Outcome], moments: Mapping[Stand, Moment]
) -> tuple[list[tuple[Stand, Hit]], list[Stand]]:
    """Every hit with the alert it belongs to, and the stands that raise one."""
    open_alerts: dict[object, Stand] = {}
    hits, raised = [], []
    for stand, moment in moments.items():
        outcome = found[stand]
        exception = _exception(world, stand, moment.time)
        if exception is not None:
            level = outcome.level or 0
            hits.append((stand, Hit(world.rule.id, *_spot(stand), level, None, False, exception)))
            continue
        thread = _thread(world, stand)
        opened = open_alerts.get(thread)
        since = None if opened is None else moment.time - moments[opened].time
        higher = opened is not None and (outcome.level or 0) < (found[opened].level or 0)
        raises = since is None or higher or _is_over(world.rule, since)
        alert = stand if opened is None or raises else opened
        open_alerts[thread] = alert
        if raises:
            raised.append(stand)
        level = outcome.level or 0
        hits.append((stand, Hit(world.rule.id, *_spot(stand), level, _spot(alert), raises)))
    return hits, raised


def _exception(world: World, stand: Stand, time: int) -> str | None:
    """The first exception that takes a hit at a time out."""
    place = world.at(stand)
    moment = datetime.fromtimestamp(time // 1_000_000, tz=place.zone)
    day = moment.date().toordinal() - FIRST_DAY.toordinal()
    for entry in world.pack.exceptions:
        days = (entry.since is None or day >= entry.since) and day <= entry.until
        values = all(place.column(name) in known for name, known in entry.values.items())
        if world.rule.id in entry.rules and days and values:
            return entry.id
    return None


def _is_over(rule: Rule, since: int) -> bool:
    """Whether an alert so long ago suppresses no more."""
    return rule.suppress is None or since >= rule.suppress.span


def _thread(world: World, stand: Stand) -> object:
    """What hits are suppressed together by: the subject, else the timeline."""
    suppress = world.rule.suppress
    if suppress is not None and suppress.by_subject:
        place, rule = world.at(stand), world.rule
        subject = place.column(rule.subject)
        kind = place.column("subject_kind") if rule.sources and rule.subject == "subject" else ""
        if not isinstance(subject, Unknown):
            return "subject", kind, subject
    return "timeline", _home(world, stand)


def _values(world: World, stand: Stand) -> dict[str, Value | None]:
    if world.rule.graph is not None:
        stand = Stand(stand.position, OUT, stand.row)
    answers = {name: world.feature(name, stand) for name in world.rule.features}
    return {name: None if isinstance(x, Unknown) else x for name, x in answers.items()}


@dataclass(frozen=True, slots=True)
class _Behind:
    """What stands behind a hit: paths of a graph, or a chain; and when it is."""

    paths: Sequence[Path]
    chains: Chains
    time: int


def _alert(
    world: World,
    stand: Stand,
    outcome: Outcome,
    hit: _Behind,
    complete: bool,  # noqa: FBT001 - a field of the alert
) -> Alert:
    rule, paths = world.rule, hit.paths
    level = rule.levels[outcome.level or 0]
    place = hit.chains.place(world, stand)
    place = PathPlace(world, stand, path=paths[0]) if paths else place
    behind = evidence_features(world, level, place)
    taken = [*hit.chains.rows(stand), *(row for path in paths for row in path.rows)]
    evidence = evidence_of(world, behind, stand, taken)
    bounds = [one for feature in behind for one in window_bounds(world, feature, stand)]
    bounds += [(row.time, hit.time) for row in taken]
    closing = Stand(stand.position, None, stand.row)
    return Alert(
        rule_id=rule.id,
        transaction_id=stand.name,
        side=stand.side,
        timeline=_home(world, stand) or (),
        event_time=hit.time,
        level=level.position,
        window_start=min((start for start, _ in bounds), default=None),
        window_end=max((end for _, end in bounds), default=None),
        history_complete=complete,
        evidence=evidence[-EVIDENCE_LIMIT:],
        evidence_count=len(evidence),
        evidence_cut=len(evidence) > EVIDENCE_LIMIT or (bool(paths) and search(world, closing).cut),
    )
