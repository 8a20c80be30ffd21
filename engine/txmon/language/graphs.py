"""Graph patterns of a rule: text -> checked pattern, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.language.algebra import plain, spoken
from txmon.language.check import Checker
from txmon.language.conditions import read_condition
from txmon.language.lengths import read_length, read_whole
from txmon.language.measures import MEASURES, MEASURES_OF, ROLES
from txmon.language.nodes import Literal, Vary
from txmon.language.parse import Parser
from txmon.language.patterns import (
    DEFAULT_SEARCH,
    MAX_COUNT,
    MAX_HOPS,
    Count,
    Graph,
    Shape,
    Share,
)
from txmon.language.problems import Code, ExpressionError, did_you_mean
from txmon.language.scan import END
from txmon.language.scope import Place
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language import syntax
    from txmon.language.nodes import Expr
    from txmon.language.problems import Faults, Path
    from txmon.language.scope import Scope
    from txmon.model import GraphDocument, RuleDocument

_PATHS = ("hops", "within", "hold", "keep", "through", "search_limit")
KEYS: Mapping[Shape, tuple[str, ...]] = {
    Shape.CYCLE: _PATHS,
    Shape.CHAIN: _PATHS,
    Shape.SCATTER_GATHER: ("middles", "within", "hold", "keep", "search_limit"),
    Shape.SHARED: ("via", "common", "others", "within", "search_limit"),
}
NEEDED: Mapping[Shape, tuple[str, ...]] = {
    Shape.CYCLE: ("hops", "within"),
    Shape.CHAIN: ("hops", "within"),
    Shape.SCATTER_GATHER: ("middles", "within"),
    Shape.SHARED: ("via", "others", "within"),
}
LOWEST = {"hops": 2, "middles": 1, "others": 1, "common": 1}
HIGHEST = {"hops": MAX_HOPS}
SHARES = "between the ends: 80%..100%, or 80%.. for at least that share"
COUNTS = "between the ends: 3..6, or 3.. for at least 3"


def shape_of(document: RuleDocument) -> Shape | None:
    """The pattern that a rule asks for; the first one where there are several."""
    graph = document.graph
    named = [shape for shape in Shape if graph and getattr(graph, shape.value) is not None]
    return named[0] if named else None


def hidden_names(document: RuleDocument) -> dict[str, str]:
    """Why the measures and roles of graph patterns cannot be read as if they were columns."""
    shape = shape_of(document)
    if shape is None:
        return {}
    where = "only when and message, which are asked of each path, can read it"
    own, listed = MEASURES_OF[shape], ", ".join(MEASURES_OF[shape])
    return {
        name: f"'{name}' is a measure of the path: {where}"
        if name in own
        else f"'{name}' is no measure of {shape}; it has: {listed}"
        for name in MEASURES
    }


def check_graph(document: RuleDocument, scope: Scope, faults: Faults) -> Graph | None:
    """The pattern of a rule, or None; everything wrong with it is reported."""
    graph = document.graph
    if graph is None:
        return None
    _company(document, scope, faults)
    named = [shape for shape in Shape if getattr(graph, shape.value) is not None]
    if len(named) != 1:
        faults.key(("graph",), Code.GRAPH, f"a graph is one of {', '.join(Shape)}")
    read = [_Reader(shape, _texts(graph, shape), scope, faults).read() for shape in named]
    return read[0] if len(read) == 1 else None


def _texts(graph: GraphDocument, shape: Shape) -> Mapping[str, str]:
    texts: Mapping[str, str] = getattr(graph, shape.value)
    return texts


def _company(document: RuleDocument, scope: Scope, faults: Faults) -> None:
    """What may not stand beside a graph."""
    if document.by:
        message = "a graph pattern looks at every account at once and takes no by"
        faults.key(("by",), Code.GRAPH, message, "leave out by; features name their own key")
    if document.levels is not None:
        advice = "write when; for bands write a rule each"
        faults.key(("levels",), Code.GRAPH, "a graph pattern takes when, not levels", advice)
    if document.sequence is not None:
        faults.key(("graph",), Code.GRAPH, "a rule has a sequence or a graph, not both")
    if document.input == "alerts":
        faults.key(("graph",), Code.GRAPH, "a graph pattern looks at payments, not at alerts")
    for name in sorted({*MEASURES, *ROLES} & set(scope.pack.schema.columns)):
        message = f"the pack's column '{name}' clashes with a word of graph patterns"
        faults.key(("graph",), Code.NAME_CLASH, message, "one name means one thing: rename it")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the keys of one pattern."""

    shape: Shape
    texts: Mapping[str, str]
    scope: Scope
    faults: Faults

    def read(self) -> Graph | None:
        """The pattern, or None; what is wrong with it is reported."""
        before = len(self.faults.found)
        self._keys()
        sizes = [key for key in ("hops", "middles", "others") if key in KEYS[self.shape]]
        size = self._count(sizes[0])
        common = self._count("common") or Count(1, MAX_COUNT)
        within, hold = self._length("within"), self._length("hold")
        keep, through, via = self._keep(), self._through(), self._via()
        limit = self._limit()
        if len(self.faults.found) > before or size is None or within is None:
            return None
        held = within if hold is None else min(hold, within)
        return Graph(self.shape, size, within, held, limit, keep, through, via, common)

    def _path(self, key: str) -> Path:
        return ("graph", self.shape.value, key)

    def _keys(self) -> None:
        known = KEYS[self.shape]
        for key in self.texts:
            if key not in known:
                message = f"unknown key '{key}'"
                advice = did_you_mean(key, known) or f"{self.shape} takes: {', '.join(known)}"
                self.faults.key(self._path(key), Code.UNKNOWN_KEY, message, advice)
        for key in NEEDED[self.shape]:
            if key not in self.texts:
                message = f"missing key '{key}': {self.shape} needs it"
                self.faults.key(("graph", self.shape.value), Code.MISSING_KEY, message)

    def _text(self, key: str) -> str | None:
        return self.texts.get(key) if key in KEYS[self.shape] else None

    def _length(self, key: str) -> int | None:
        text = self._text(key)
        if text is None:
            return None
        length, problems = read_length(text, self.scope)
        self.faults.extend(self._path(key), problems)
        return length

    def _limit(self) -> int:
        text = self._text("search_limit")
        if text is None:
            return DEFAULT_SEARCH
        limit, problems = read_whole(text, self.scope)
        self.faults.extend(self._path("search_limit"), problems)
        return limit or DEFAULT_SEARCH

    def _count(self, key: str) -> Count | None:
        text = self._text(key)
        ends = None if text is None else self._ends(key, text, COUNTS, Kind.INT)
        if ends is None:
            return None
        lowest, highest = LOWEST[key], HIGHEST.get(key, MAX_COUNT)
        low, high = int(ends[0].value), highest if ends[1] is None else int(ends[1].value)
        if lowest <= low <= high <= highest:
            return Count(low, high)
        message = f"{key} is a range within {lowest}..{highest}, its lower end first"
        self.faults.whole(self._path(key), Code.GRAPH, message)
        return None

    def _keep(self) -> Share | None:
        text = self._text("keep")
        ends = None if text is None else self._ends("keep", text, SHARES, Kind.NUMBER)
        if ends is None:
            return None
        share = Share(*ends)
        if int(share.low.value) < 0 or (share.high and _less(share.high, share.low)):
            message = "keep is a range of shares from 0 on, its lower end first"
            self.faults.whole(self._path("keep"), Code.GRAPH, message)
            return None
        return share

    def _ends(
        self, key: str, text: str, purpose: str, kind: Kind
    ) -> tuple[Literal, Literal | None] | None:
        """Both ends of ``a..b``, or of ``a..`` with None above."""
        try:
            parser = Parser(text)
            low = parser.sum()
            parser.expect("..", purpose)
            high = parser.sum() if parser.token.kind != END else None
            parser.end()
        except ExpressionError as error:
            self.faults.add(self._path(key), error.problem)
            return None
        checker = Checker(self.scope)
        nodes = [node for node in (low, high) if node is not None]
        ends = [_constant(checker, node, kind) for node in nodes]
        self.faults.extend(self._path(key), checker.problems)
        if ends[0] is None or ends[-1] is None:
            return None
        return ends[0], (ends[1] if high is not None else None)

    def _through(self) -> Expr | None:
        text = self._text("through")
        if text is None:
            return None
        scope = self.scope.at(Place.STEP, sided=True)
        through, problems = read_condition(text, scope, "through")
        self.faults.extend(self._path("through"), problems)
        return through

    def _via(self) -> str:
        name = self._text("via")
        if name is None:
            return ""
        pack, path = self.scope.pack, self._path("via")
        type_ = pack.column(name)
        if type_ is None:
            message = f"unknown column '{name}'"
            known = (*pack.schema.columns, *pack.schema.sided())
            self.faults.whole(path, Code.UNKNOWN_NAME, message, did_you_mean(name, known))
        elif name in {"account", "direction"} or type_.kind not in {Kind.TEXT, Kind.INT, Kind.DATE}:
            message = f"accounts cannot be linked via '{name}'"
            advice = "name what accounts share: device_id, phone, counterparty, own_x ..."
            self.faults.whole(path, Code.GRAPH, message, advice)
        return name


def _less(left: Literal, right: Literal) -> bool:
    larger, smaller = int(right.value), int(left.value)
    return bool(smaller * 10**right.type.scale < larger * 10**left.type.scale)


def _constant(checker: Checker, node: syntax.Node, kind: Kind) -> Literal | None:
    """A constant of a kind: written, or a param without vary."""
    expr = checker.expr(node)
    if expr is None:
        return None
    if isinstance(expr, Vary):
        advice = "use a second param without vary"
        checker.report(Code.VARYING, "this varies, and one value is needed here", node, advice)
        return None
    wanted = expr.type.kind is kind or (kind is Kind.NUMBER and plain(expr.type.kind) is kind)
    if isinstance(expr, Literal) and wanted and expr.type.exact:
        return expr
    what = "a whole number" if kind is Kind.INT else "a share such as 80%"
    message = f"{what} or a param is needed here, not {spoken(expr.type)}"
    if not isinstance(expr, Literal):
        message = f"{what} or a param is needed here, not a value of the payment"
    checker.report(Code.GRAPH, message, node)
    return None
