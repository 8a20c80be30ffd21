"""The naive oracle: what a pack must say about some rows, obviously right and slow.

It judges row by row, collects every window anew from all rows and shares nothing with the
engine but the typed tree of the rules. Whoever doubts an alert can read it from top to bottom:
``oracle_values`` says what an expression means, ``oracle_windows`` what a feature means, and
this module what becomes of the rules.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from txmon.language.nodes import Span, step_fields
from txmon.results import OUTCOMES
from txmon.schema import CREDITOR, DEBTOR, IN, OUT, Schema
from txmon.testing.oracle_sequences import ChainPlace, Timeline
from txmon.testing.oracle_values import EPOCH, FIRST_DAY, Unknown, answer, is_true
from txmon.testing.oracle_windows import (
    Stand,
    World,
    aggregates_behind,
    bounds_of_periods,
    columns_read,
    counted,
    in_window,
    window_starts,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from txmon.language.checked import Level, Pack, Rule
    from txmon.language.nodes import Aggregate
    from txmon.testing.oracle_sequences import Completed
    from txmon.testing.oracle_values import Value
    from txmon.testing.oracle_windows import Key, Row

EVIDENCE_LIMIT = 100
NOT_APPLICABLE, INSUFFICIENT, UNKNOWN, HIT, NO_HIT = OUTCOMES

Spot = tuple[str, str | None]
"""A transaction id and the side, None for rules over whole payments."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule says at one row: one of OUTCOMES, the cause of an unknown, the level of a hit."""

    outcome: str
    cause: str | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it is raised; times in microseconds since 1970, evidence in order."""

    rule_id: str
    transaction_id: str
    side: str | None
    timeline: tuple[Value, ...]
    event_time: int
    level: int
    window_start: int | None
    window_end: int | None
    history_complete: bool
    evidence: tuple[str, ...]
    evidence_count: int
    evidence_cut: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A hit and the row of the alert that it raised or folded into."""

    rule_id: str
    transaction_id: str
    side: str | None
    level: int
    alert: Spot
    raised: bool


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Everything the oracle says. History rows are left out, as the engine leaves them out.

    ``outcomes`` has every (transaction, side); ``features`` the values at applicable rows, with
    None for unknown: exact values are integers at the feature's scale, times and durations
    microseconds, dates days since 1970-01-01, inexact values floats. ``alerts`` and ``hits`` are
    in order of rule, then of rows. ``late`` counts per rule the hits at deadlines, where an absent
    step did not happen: no row has them as its outcome.
    """

    outcomes: Mapping[str, Mapping[Spot, Outcome]]
    features: Mapping[str, Mapping[Spot, Mapping[str, Value | None]]]
    alerts: tuple[Alert, ...]
    hits: tuple[Hit, ...]
    late: Mapping[str, int]

    def counts(self, rule_id: str) -> dict[str, int]:
        """How many rows of a rule had each outcome; hits that came of an absence are added."""
        counts = Counter(one.outcome for one in self.outcomes[rule_id].values())
        return dict(counts + Counter({HIT: self.late[rule_id]}))

    def causes(self, rule_id: str) -> dict[str, int]:
        """How many rows of a rule were unknown for each cause."""
        found = (one.cause for one in self.outcomes[rule_id].values())
        return dict(Counter(cause for cause in found if cause is not None))


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
    judged = [_judge_rule(pack, rule, ordered, start) for rule in pack.rules]
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
    late: int


def _judge_rule(pack: Pack, rule: Rule, rows: Sequence[Row], data_start: int) -> _Judged:
    world = _world(pack, rule, rows)
    spots = [stand for position, row in enumerate(rows) for stand in _sides(rule, position, row)]
    chains = _chains(world, spots)
    outcomes = {stand: _outcome(world, stand, chains) for stand in spots}
    _one_hit_a_timeline(world, outcomes)
    shown = [stand for stand in spots if not stand.row.get("history")]
    fired = _fired(rows, outcomes, chains)
    if chains.late:  # such a hit is of its deadline, not of its row
        waited = [stand for stand, one in outcomes.items() if one.outcome == HIT]
        outcomes |= dict.fromkeys(waited, Outcome(NO_HIT))
    hits, raised = _suppress(world, fired)
    return _Judged(
        outcomes={_spot(stand): outcomes[stand] for stand in shown},
        features={
            _spot(stand): _values(world, stand)
            for stand in shown
            if _home(world, stand) is not None
        },
        alerts=[
            _alert(world, stand, fired[stand], data_start)
            for stand in raised
            if not fired[stand].history
        ],
        hits=[hit for stand, hit in hits if not fired[stand].history],
        late=sum(not one.history for one in fired.values()) if chains.late else 0,
    )


@dataclass(frozen=True, slots=True)
class _Chains:
    """Of a rule with a sequence: the latest chains, and the stands that its limit may have cut."""

    latest: Mapping[Stand, tuple[Timeline, Completed]]
    bound: Collection[Stand] = ()
    late: bool = False


@dataclass(frozen=True, slots=True)
class _Fired:
    """A hit: its outcome, its event time, whether it belongs to the history, its chain's rows."""

    outcome: Outcome
    time: int
    history: bool
    chain: tuple[tuple[str, Stand], ...] = ()


def _chains(world: World, spots: Sequence[Stand]) -> _Chains:
    sequence = world.rule.sequence
    if sequence is None:
        return _Chains({})
    timelines: dict[Key, list[Stand]] = {}
    for stand in spots:
        home = _home(world, stand)
        if home is not None:
            timelines.setdefault(home, []).append(stand)
    found = [Timeline(world, sequence, stands) for stands in timelines.values()]
    latest = {stand: (one, chain) for one in found for stand, chain in one.latest().items()}
    bound = {stand for one in found for stand in one.bound()} - set(latest)
    return _Chains(latest, bound, late=sequence.ending is not None)


def _fired(
    rows: Sequence[Row], outcomes: Mapping[Stand, Outcome], chains: _Chains
) -> dict[Stand, _Fired]:
    """The hits in order of their event times: of an absence, those whose deadline was passed."""
    found: dict[Stand, _Fired] = {}
    for stand, outcome in outcomes.items():
        if outcome.outcome != HIT:
            continue
        history, time = bool(stand.row.get("history")), stand.time
        chain: tuple[tuple[str, Stand], ...] = ()
        if stand in chains.latest:
            timeline, completed = chains.latest[stand]
            chain = completed.taken
            if chains.late:
                time = timeline.deadline(completed)
                after = [row for row in rows if int(row["event_time"] or 0) > time]
                if not after or not timeline.quiet(completed):
                    continue
                history = bool(after[0].get("history"))
        found[stand] = _Fired(outcome, time, history, chain)
    return dict(sorted(found.items(), key=lambda item: item[1].time))


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
    return World(pack, rule, seen, sided)


def _available(pack: Pack, rule: Rule, rows: Sequence[Row]) -> bool:
    """Whether the data has every column that the rule reads."""
    had = {name for row in rows for name in row}
    schema = Schema(pack.columns)
    return all(had.issuperset(schema.sources(name)) for name in columns_read(rule))


def _visible(rule: Rule, stand: Stand) -> bool:
    return stand.row.get("amount") is not None or stand.row.get("kind") in rule.events


def _spot(stand: Stand) -> Spot:
    return stand.transaction_id, stand.side


def _home(world: World, stand: Stand) -> Key | None:
    """The rule's timeline that the stand is on; None where the rule does not apply."""
    if stand not in (world.sided if world.rule.sided else world.whole):
        return None
    return world.key(world.rule.by, stand)


def _outcome(world: World, stand: Stand, chains: _Chains) -> Outcome:
    if _home(world, stand) is None:
        return Outcome(NOT_APPLICABLE)
    place = world.at(stand)
    if not is_true(world.rule.needs, place):
        return Outcome(INSUFFICIENT)
    if world.rule.sequence is not None:
        if stand in chains.bound:
            return Outcome(UNKNOWN, "search_bound")
        if stand not in chains.latest:
            return Outcome(NO_HIT)
        place = chains.latest[stand][1].at(world)
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
    world: World, found: Mapping[Stand, _Fired]
) -> tuple[list[tuple[Stand, Hit]], list[Stand]]:
    """Every hit with the alert it belongs to, and the stands that raise one."""
    open_alerts: dict[object, Stand] = {}
    hits, raised = [], []
    for stand, fired in found.items():
        thread = _thread(world, stand)
        opened = open_alerts.get(thread)
        raises = opened is None or _raises(world.rule, fired, found[opened])
        alert = stand if opened is None or raises else opened
        open_alerts[thread] = alert
        if raises:
            raised.append(stand)
        level = fired.outcome.level or 0
        hits.append((stand, Hit(world.rule.id, *_spot(stand), level, _spot(alert), raises)))
    return hits, raised


def _raises(rule: Rule, fired: _Fired, opened: _Fired) -> bool:
    if rule.suppress is None:
        return True
    over = fired.time - opened.time >= rule.suppress.span
    return over or (fired.outcome.level or 0) < (opened.outcome.level or 0)


def _thread(world: World, stand: Stand) -> object:
    """What hits are suppressed together by: the subject, else the timeline."""
    suppress = world.rule.suppress
    if suppress is not None and suppress.by_subject:
        subject = world.at(stand).column(world.rule.subject)
        if not isinstance(subject, Unknown):
            return "subject", subject
    return "timeline", _home(world, stand)


def _values(world: World, stand: Stand) -> dict[str, Value | None]:
    answers = {name: world.feature(name, stand) for name in world.rule.features}
    return {name: None if isinstance(x, Unknown) else x for name, x in answers.items()}


def _alert(world: World, stand: Stand, fired: _Fired, data_start: int) -> Alert:
    rule = world.rule
    level = rule.levels[fired.outcome.level or 0]
    place = ChainPlace(world, stand, taken=fired.chain)
    chain = [one for _, one in fired.chain]
    behind = _evidence_features(world, level, place)
    evidence = _evidence(world, behind, stand, chain)
    bounds = [one for feature in behind for one in _bounds(world, feature, stand)]
    bounds += [(chain[0].time, fired.time)] if chain else []
    starts = _looked_from(world, stand)
    return Alert(
        rule_id=rule.id,
        transaction_id=stand.transaction_id,
        side=stand.side,
        timeline=_home(world, stand) or (),
        event_time=fired.time,
        level=level.position,
        window_start=min((start for start, _ in bounds), default=None),
        window_end=max((end for _, end in bounds), default=None),
        history_complete=all(start >= data_start for start in starts),
        evidence=evidence[-EVIDENCE_LIMIT:],
        evidence_count=len(evidence),
        evidence_cut=len(evidence) > EVIDENCE_LIMIT,
    )


def _looked_from(world: World, stand: Stand) -> list[int]:
    """Where the windows begin that an alert's conditions look at, its chain's among them."""
    rule = world.rule
    conditions = (rule.needs, *(one.when for one in rule.levels))
    starts = [one for node in conditions for one in window_starts(world, node, stand.time)]
    if rule.sequence is None:
        return starts
    begin = stand.time - rule.sequence.span
    asked = [step.when for step in rule.sequence.steps]
    names = {field.name for node in (*asked, *conditions) if node for field in step_fields(node)}
    read = [*asked, *(rule.features[name] for name in sorted(names & set(rule.features)))]
    return [begin, *starts, *(one for node in read for one in window_starts(world, node, begin))]


def _evidence_features(world: World, level: Level, place: ChainPlace) -> list[Aggregate]:
    """The aggregates over finite windows that the true clauses of a level read."""
    true = [one.node for one in level.clauses if is_true(one.node, place)]
    behind = [aggregates_behind(world.rule, node) for node in true]
    features = {name: feature for one in behind for name, feature in one.items()}
    return [feature for feature in features.values() if feature.window.finite]


def _evidence(
    world: World, behind: Sequence[Aggregate], stand: Stand, chain: Sequence[Stand]
) -> tuple[str, ...]:
    """The trigger, its chain and all rows that count, each transaction once, in order."""
    stands = {one.position: one for one in (stand, *chain)}
    for feature in behind:
        stands |= {one.position: one for one in counted(world, feature, stand) or ()}
    return tuple(stands[position].transaction_id for position in sorted(stands))


def _bounds(world: World, feature: Aggregate, stand: Stand) -> list[tuple[int, int]]:
    """Where a finite window starts and ends; nothing if it has no timeline or holds no rows."""
    timeline = world.timeline(feature.keys, stand)
    if timeline is None:
        return []
    window = feature.window
    if window.span is Span.TIME:
        end = stand.time - window.ending
        return [(end - window.length, end)]
    if window.span is Span.PERIODS:
        since, until = bounds_of_periods(world, window, stand.time)
        return [(since, until if window.previous else stand.time)]
    inside = in_window(world, window, feature.where, *timeline)
    return [(inside[0].time, stand.time)] if inside else []
