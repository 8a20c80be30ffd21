"""What a graph pattern means at one row: every path that ends there, enumerated without wit."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from txmon.language.patterns import Shape
from txmon.schema import IN, OUT, Schema, is_sided, side_columns
from txmon.testing.oracle_reduce import HIGHEST_SQUARES
from txmon.testing.oracle_values import OVERFLOW, finite, fits, is_true
from txmon.testing.oracle_windows import RowPlace, Stand, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.language.patterns import Graph, Share
    from txmon.testing.oracle_values import Answer, Value

ACCOUNT = {OUT: "debtor_account", IN: "creditor_account"}


@dataclass(frozen=True)
class Path:
    """One path, or one group: its rows in order, its accounts by role, and what it counts.

    ``inward`` are the rows that bring money to a group's middle accounts.
    """

    rows: tuple[Stand, ...]
    roles: dict[str, tuple[Value, ...]]
    size: int
    inward: tuple[Stand, ...] = ()

    def measure(self, name: str, graph: Graph) -> Answer:
        """The value of a measure."""
        grouped = graph.shape is Shape.SCATTER_GATHER
        if name == "duration":
            return self.rows[-1].time - self.rows[0].time
        if name == "middles":
            return self.size if grouped else self.size - 1
        if name in {"hops", "others"}:
            return self.size
        if grouped and name in {"amount_in", "amount_out"}:
            inward = name == "amount_in"
            return _total([_amount(row) for row in self.rows if (row in self.inward) == inward])
        return _of_amounts(name, [_amount(row) for row in self.rows])


def _of_amounts(name: str, amounts: Sequence[int]) -> Answer:
    if name == "amount_cv":
        return _variation(amounts)
    if name == "min_amount":
        return min(amounts)
    return amounts[0] if name in {"first_amount", "amount_in"} else amounts[-1]


@dataclass(frozen=True)
class PathPlace(RowPlace):
    """A closing row as a condition sees it that is asked of one path."""

    path: Path | None = None

    def measure(self, name: str) -> Answer:
        """The value of a measure of the path."""
        graph = self.world.rule.graph
        assert graph is not None and self.path is not None  # noqa: S101, PT018 - so it is made
        return self.path.measure(name, graph)


@dataclass
class Search:
    """A search with a limit on the rows it may look at; ``cut`` if it would need more."""

    world: World
    graph: Graph
    closing: Stand
    looked: int = 0
    cut: bool = False
    paths: list[Path] = field(default_factory=list)

    def look(self, number: int = 1) -> bool:
        """Count what is looked at; false once there is more than may be."""
        self.looked += number
        self.cut = self.cut or self.looked > self.graph.search_limit
        return not self.cut

    @property
    def since(self) -> int:
        """Where the pattern's window begins."""
        return self.closing.time - self.graph.within


def applies(world: World, stand: Stand) -> bool:
    """Whether a row could close the rule's pattern at all."""
    graph = world.rule.graph
    if graph is None or stand not in world.whole:
        return False
    if graph.shape is Shape.SHARED:
        return any(use.row == stand for use in _uses(world, graph))
    return stand in _edges(world)


def search(world: World, stand: Stand) -> Search:
    """Every path that the row closes, the latest first, as far as the limit lets one look."""
    graph = world.rule.graph
    assert graph is not None  # noqa: S101 - only graph rules are searched
    found = Search(world, graph, stand)
    if graph.shape is Shape.SHARED:
        for use in [use for use in _uses(world, graph) if use.row == stand]:
            _share(found, use)
    elif graph.shape is Shape.SCATTER_GATHER:
        _gather(found)
    else:
        _search_paths(found)
    return found


def _amount(stand: Stand) -> int:
    return int(stand.row.get("amount") or 0)


def _payer(stand: Stand) -> Value | None:
    return stand.row.get("debtor_account")


def _payee(stand: Stand) -> Value | None:
    return stand.row.get("creditor_account")


def _edges(world: World) -> list[Stand]:
    """The payments of more than nothing from one account to another."""
    return [
        one
        for one in world.whole
        if _amount(one) > 0
        and None not in {_payer(one), _payee(one)}
        and _payer(one) != _payee(one)
    ]


def _passed_on(came: Stand, went: Stand, keep: Share | None) -> bool:
    if keep is None:
        return True
    least = int(keep.low.value) * _amount(came)
    enough = _amount(went) * 10**keep.low.type.scale >= least
    if keep.high is None:
        return bool(enough)
    most = int(keep.high.value) * _amount(came)
    return bool(enough and _amount(went) * 10**keep.high.type.scale <= most)


def _open(world: World, stand: Stand) -> bool:
    graph = world.rule.graph
    out = Stand(stand.position, OUT, stand.row)
    return graph is None or is_true(graph.through, world.at(out))


def _search_paths(found: Search) -> None:
    edges, closing = _edges(found.world), found.closing
    if not _open(found.world, closing):
        return
    if found.graph.shape is Shape.CYCLE:
        sent = [
            one
            for one in edges
            if _payer(one) == _payee(closing)
            and one.position < closing.position
            and one.time >= found.since
        ]
        if not sent or not found.look(len(sent)):
            return
    _lengthen(found, edges, (closing,))


def _lengthen(found: Search, edges: Sequence[Stand], path: tuple[Stand, ...]) -> None:
    """Every path that goes on backwards from one that is not finished."""
    graph, home, head = found.graph, _payee(found.closing), path[0]
    around = graph.shape is Shape.CYCLE
    since = max(found.since, head.time - graph.hold)
    earlier = [
        one
        for one in edges
        if _payee(one) == _payer(head) and one.position < head.position and one.time >= since
    ]
    if around and len(path) == graph.size.high - 1:
        earlier = [one for one in earlier if _payer(one) == home]
    for one in reversed(earlier):
        if found.cut or not found.look():
            return
        returns = _payer(one) == home
        visited = {_payer(other) for other in path}
        if not _passed_on(one, head, graph.keep) or _payer(one) in visited:
            continue
        if returns and not around:
            continue
        longer = (one, *path)
        if returns == around and len(longer) >= graph.size.low:
            found.paths.append(_path(longer))
        if not returns and len(longer) < graph.size.high and _open(found.world, one):
            _lengthen(found, edges, longer)


def _path(rows: tuple[Stand, ...]) -> Path:
    middle = tuple(_known(_payer(one)) for one in rows[1:])
    ends = _known(_payer(rows[0])), _known(_payee(rows[-1]))
    return Path(rows, {"first": ends[:1], "middle": middle, "last": ends[1:]}, len(rows))


def _known(account: Value | None) -> Value:
    assert account is not None  # noqa: S101 - payments between accounts have both
    return account


def _gather(found: Search) -> None:
    graph, closing, edges = found.graph, found.closing, _edges(found.world)
    target = _payee(closing)
    into = [
        one
        for one in edges
        if _payee(one) == target and one.position <= closing.position and one.time >= found.since
    ]
    came = {one: _received(edges, one, graph.hold) for one in into}
    if any(len(received) > graph.search_limit for received in came.values()):
        found.cut = True
        return
    pairs = [
        (first, second)
        for second, received in came.items()
        for first in received
        if first.time >= found.since
        and _passed_on(first, second, graph.keep)
        and _payer(first) != target
    ]
    latest = [first for first, second in pairs if second == closing]
    latest.sort(key=lambda one: one.position, reverse=True)
    for source in dict.fromkeys(_known(_payer(one)) for one in latest):
        _gathered(found, source, [pair for pair in pairs if _payer(pair[0]) == source])


def _received(edges: Sequence[Stand], went: Stand, hold: int) -> list[Stand]:
    return [
        one
        for one in edges
        if _payee(one) == _payer(went)
        and one.position < went.position
        and one.time >= went.time - hold
    ]


def _gathered(found: Search, source: Value, pairs: Sequence[tuple[Stand, Stand]]) -> None:
    middles = tuple({_known(_payee(first)): None for first, _ in pairs})
    if not found.graph.size.low <= len(middles) <= found.graph.size.high:
        return
    rows = {one.position: one for pair in pairs for one in pair}
    ordered = tuple(rows[position] for position in sorted(rows))
    roles = {"first": (source,), "middle": middles, "last": (_known(_payee(found.closing)),)}
    inward = tuple({first.position: first for first, _ in pairs}.values())
    found.paths.append(Path(ordered, roles, len(middles), inward))


@dataclass(frozen=True)
class _Use:
    """A row where an account stands beside a value; the debtor's side comes first."""

    row: Stand
    side: str
    account: Value
    value: Value

    @property
    def order(self) -> tuple[int, bool]:
        return self.row.position, self.side == IN


def _uses(world: World, graph: Graph) -> list[_Use]:
    """Every use of the column's values, in order."""
    found = []
    for stand in world.whole:
        for side, name in _columns(world, graph.via):
            account, value = stand.row.get(ACCOUNT[side]), stand.row.get(name)
            of_accounts = name in ACCOUNT.values()
            if account is None or value is None or (of_accounts and account == value):
                continue
            found.append(_Use(stand, side, account, value))
    return found


def _columns(world: World, via: str) -> list[tuple[str, str]]:
    """The sides whose accounts use a value, and the column it stands in."""
    if is_sided(via, Schema(world.pack.columns)):
        return list(zip((OUT, IN), side_columns(via), strict=True))
    own = {"debtor_account": IN, "creditor_account": OUT}
    return [(own.get(via, IN if via.startswith("creditor_") else OUT), via)]


def _share(found: Search, closing: _Use) -> None:
    graph = found.graph
    window = [
        use
        for use in _uses(found.world, graph)
        if use.order <= closing.order and use.row.time >= found.since
    ]
    same = [use for use in window if use.value == closing.value]
    others = list(dict.fromkeys(use.account for use in same if use.account != closing.account))
    if len(same) > graph.search_limit:
        found.cut = True
        return
    if len(others) < graph.size.low:
        return
    met = [use for use in window if use.account in {closing.account, *others}]
    if len(same) + len(met) > graph.search_limit:
        found.cut = True
        return
    own = {use.value for use in met if use.account == closing.account}
    common = {other: own & {use.value for use in met if use.account == other} for other in others}
    lowest, highest = graph.common.low, graph.common.high
    linked = {other: x for other, x in common.items() if lowest <= len(x) <= highest}
    if not graph.size.low <= len(linked) <= graph.size.high:
        return
    linking = {closing.account: set().union(*linked.values()), **linked}
    rows = {use.row.position: use.row for use in met if use.value in linking.get(use.account, ())}
    roles = {"middle": tuple(linked), "last": (closing.account,)}
    ordered = tuple(rows[position] for position in sorted(rows))
    found.paths.append(Path(ordered, roles, len(linked)))


def _total(amounts: Sequence[int]) -> Answer:
    return sum(amounts) if fits(sum(amounts)) else OVERFLOW


def _variation(amounts: Sequence[int]) -> Answer:
    """Sample deviation by mean."""
    n, total = len(amounts), sum(amounts)
    squares = n * sum(amount * amount for amount in amounts)
    if squares >= HIGHEST_SQUARES:
        return OVERFLOW
    deviation = math.sqrt(float(squares - total * total) / float(n * (n - 1)))
    return finite(deviation / (float(total) / float(n)))
