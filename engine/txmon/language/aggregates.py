"""Type check of features: aggregates and points with their keys and windows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from txmon.language import groups, nodes, syntax
from txmon.language.aggregate_kinds import FIXED, KEY_KINDS, NEED_EXACT, TAKES
from txmon.language.algebra import averaged, plain, raised_bits, spoken
from txmon.language.builtins import AGGREGATE_ARITY, FOREIGN_NAMES, RUNNING, foreign_column
from txmon.language.calls import counted
from txmon.language.check import Checker, check_size
from txmon.language.checking import Typed, met
from txmon.language.nodes import FeatureNode, feature_names
from txmon.language.over_alerts import with_subject_kind
from txmon.language.parse_feature import parse_feature
from txmon.language.problems import Code, ExpressionError, Problem, did_you_mean
from txmon.language.scope import FeatureInfo, Place, Scope
from txmon.language.separate import judged_parts, reads_row, separated
from txmon.language.windows import read_window
from txmon.types import BOOL, DURATION, EXACT_BITS, INT64_BITS, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


Keys = tuple[tuple[str, ...], tuple["nodes.Expr | None", ...]]
"""Key columns, and what each must equal on another timeline; that is empty on the payment's own."""


@dataclass(frozen=True, slots=True)
class CheckedFeature:
    """A feature's node (None if wrong), what others may know of it, and its problems."""

    node: FeatureNode | None
    info: FeatureInfo
    problems: tuple[Problem, ...]


def check_feature(text: str, scope: Scope, by: tuple[str, ...]) -> CheckedFeature:
    """Read and type one feature of a rule with the given ``by``."""
    try:
        node = parse_feature(text)
    except ExpressionError as error:
        return CheckedFeature(None, FeatureInfo(None, sided=False), (error.problem,))
    checker = FeatureChecker(scope, by)
    made = checker.feature(node)
    oversized = [check_size(part, len(text)) for part in _parts(made)]
    problems = (*checker.problems, *filter(None, oversized))
    type_ = None if made is None or problems else made.type
    return CheckedFeature(
        None if problems else made, FeatureInfo(type_, sided=checker.sided), problems
    )


def _parts(made: FeatureNode | None) -> tuple[nodes.Expr, ...]:
    match made:
        case None:
            return ()
        case nodes.Aggregate() | nodes.Point():
            return (*made.expressions, *(probe for probe in made.probes if probe is not None))
        case _:
            return (made,)


class FeatureChecker(Checker):
    """Types one feature; ``sided`` then says whether its value belongs to a side.

    ``rows_sided`` says whether the rows that it looks at are sided, ``probed`` whether they stand
    on a timeline that is named by an expression, ``asks`` whether ``this`` has a meaning.
    """

    def __init__(self, scope: Scope, by: tuple[str, ...]) -> None:
        super().__init__(scope)
        self.rule = scope
        self.by = by
        self.sided = self.rows_sided = self.probed = self.asks = False

    def feature(self, node: syntax.Node) -> FeatureNode | None:
        """The typed node of a feature."""
        match node:
            case syntax.Aggregate():
                return self._aggregate(node)
            case syntax.Point():
                return self._point(node)
            case _:
                return self._expression(node)

    def _expression(self, node: syntax.Node) -> FeatureNode | None:
        made = self.expr(node)
        self.sided = made is not None and self._reads_side(made)
        return made

    def _reads_side(self, node: nodes.Expr) -> bool:
        """Whether the value of an expression belongs to a side of its own row."""
        features = self.rule.features
        reads = any(features[name].sided for name in feature_names(node))
        return reads or self.rule.pack.reads_side(node)

    def _aggregate(self, node: syntax.Aggregate) -> FeatureNode | None:
        keys = self._keys(node)
        self.asks = not (node.arguments and isinstance(node.arguments[0], syntax.Inner))
        self._look_at(Place.ARGUMENT)
        if node.arguments and isinstance(node.arguments[0], syntax.Inner):
            return self._grouped(node, node.arguments[0], keys)
        typed = self._arguments(node)
        where = self._where(node.where)
        window = self._window(node)
        if typed is None or window is None or keys is None or (node.where and where is None):
            return None
        type_ = self._result(node.function, typed)
        if type_ is None:
            return None
        arguments = tuple(item.node for item in typed)
        if node.function == "legs" and not (arguments := self._legs(typed)):
            return None
        made = nodes.Aggregate(
            type_, node.function, arguments, where, keys[0], window, probes=keys[1]
        )
        self._belongs(made.probes, keys[0], (*arguments, where))
        return made if self._bounded(node, made) else None

    def _bounded(self, node: syntax.Aggregate, made: nodes.Aggregate) -> bool:
        """Whether the rows that are compared with the judged payment can be told in time."""
        parts = separated(made)
        if parts.mixed is None and not parts.scans:
            return True
        advice = "write over last n, or a window of time"
        if made.window.span is nodes.Span.ALL:
            message = "rows are compared with 'this', so old ones must leave the window"
            self.report(Code.UNBOUNDED, message, node.window, advice)
            return False
        if made.window.matching:
            message = "which rows match differs with 'this', so the latest n cannot be kept"
            self.report(Code.WINDOW, message, node.window, advice)
            return False
        return True

    def _belongs(
        self,
        probes: tuple[nodes.Expr | None, ...],
        keys: tuple[str, ...],
        asked: tuple[nodes.Expr | None, ...],
    ) -> None:
        """Say whether the value belongs to a side, now that all it reads is known."""
        self.sided = self.rows_sided
        if probes:
            own = [key for key, probe in zip(keys, probes, strict=True) if probe is None]
            parts = [part for node in asked if node for part in judged_parts(node)]
            read = (*(probe for probe in probes if probe), *parts)
            self.sided = any(map(self.rule.pack.is_sided, own)) or any(map(self._reads_side, read))

    def _look_at(self, place: Place) -> None:
        sided = self.rule.sided if self.probed else self.rows_sided
        judged = self.rule.at(Place.CONDITION, sided=sided) if self.asks else None
        self.scope = replace(self.rule.at(place, sided=self.rows_sided), judged=judged)

    def _keys(self, node: syntax.Aggregate | syntax.Point) -> Keys | None:
        if not node.keys:
            if not self.by:
                message = f"{node.function}() needs its key: the rule has no by"
                advice = "write by debtor_account before over, or by: in the rule"
                self.report_at(Code.KEY, message, node.start, node.name_end, advice)
                return None
            self.sided = self.rows_sided = self.rule.sided
            return self.by, ()
        pack = self.rule.pack
        sided = any(pack.is_sided(key.name) and pack.column(key.name) for key in node.keys)
        self.sided = self.rows_sided = sided
        self.probed = any(key.value is not None for key in node.keys)
        fits = [self._key(key) for key in node.keys]
        probes = tuple(self._probe(key) for key in node.keys) if all(fits) else ()
        names = tuple(key.name for key in node.keys)
        for key in node.keys:
            if names.count(key.name) > 1:
                self.report(Code.KEY, f"key '{key.name}' stands twice", key)
                return None
        wrong = any(key.value and not probe for key, probe in zip(node.keys, probes, strict=False))
        if wrong or not all(fits):
            return None
        keys, probe_of = with_subject_kind(names, pack), dict(zip(names, probes, strict=True))
        return keys, tuple(map(probe_of.get, keys)) if self.probed else ()

    def _key(self, key: syntax.Key) -> bool:
        pack = self.rule.pack
        if problem := key_problem(self.rule, key.name, key.start):
            self.problems.append(problem)
            return False
        if key.value is not None:
            return True
        if pack.is_sided(key.name) and not self.rule.sided:
            self._ambiguous(key)
            return False
        return True

    def _probe(self, key: syntax.Key) -> nodes.Expr | None:
        """The expression of ``by KEY = EXPR``, asked of the payment being judged."""
        self.scope = self.rule.at(Place.CONDITION)
        value = self.expr(key.value) if key.value else None
        type_ = self.rule.pack.column(key.name)
        if value is None or type_ is None:
            return None
        if value.type.kind is not type_.kind:
            message = f"'{key.name}' is {spoken(type_)}, this is {spoken(value.type)}"
            self.report(Code.KEY, message, key)
            return None
        if value.type.bits > INT64_BITS:
            message = "this value could need more than 63 bits, too wide for a key"
            self.report(Code.TOO_WIDE, message, key, "round(x, n) makes it narrower")
            return None
        return value

    def _ambiguous(self, key: syntax.Key) -> None:
        debtor, creditor = self.rule.pack.schema.sources(key.name) or ("", "")
        message = f"'by {key.name}' is ambiguous here: the rule looks at whole payments"
        advice = "make the rule two-sided with by: account"
        if debtor:
            advice = f"write by {debtor} or by {creditor}, or make the rule two-sided"
        self.report(Code.AMBIGUOUS_KEY, message, key, advice)

    def _arguments(
        self, node: syntax.Aggregate | syntax.Point | syntax.Inner
    ) -> tuple[Typed, ...] | None:
        given = (
            ((node.argument,) if node.argument else ())
            if isinstance(node, syntax.Inner)
            else node.arguments
        )
        lowest, highest = AGGREGATE_ARITY[node.function]
        if len(given) < lowest or (highest is not None and len(given) > highest):
            message = f"{counted(node.function, lowest, highest)}, not {len(given)}"
            advice = _count_advice(node.function)
            self.report_at(Code.ARGUMENT_COUNT, message, node.start, node.name_end, advice)
            return None
        self._look_at(Place.ARGUMENT)
        typed = self.all(given)
        if typed is None or not all(self._argument(node.function, item) for item in typed[:1]):
            return None
        return typed if all(self._narrow(item) for item in typed) else None

    def _argument(self, function: str, item: Typed) -> bool:
        kinds = TAKES.get(function)
        if kinds is not None and item.type.kind not in kinds:
            message = f"{function}() cannot take {spoken(item.type)}"
            advice = "distinct(x) counts different values" if item.type.kind is Kind.TEXT else ""
            self.report(Code.ARGUMENT, message, item.syntax, advice)
            return False
        if function in NEED_EXACT and not item.type.exact:
            message = f"{function}() needs exact values, and this is a mean, spread or division"
            self.report(Code.ARGUMENT, message, item.syntax, "round(x, n) makes it exact")
            return False
        return True

    def _narrow(self, item: Typed) -> bool:
        if not item.type.exact or item.type.bits <= INT64_BITS:
            return True
        message = "this value could need more than 63 bits, too wide for an aggregate"
        self.report(Code.TOO_WIDE, message, item.syntax, "round(x, n) makes it narrower")
        return False

    def _result(self, function: str, typed: Sequence[Typed]) -> Type | None:
        if function in FIXED:
            return FIXED[function]
        if function in {"mean", "std", "median"}:
            return averaged(typed[0].type)
        if function == "percentile":
            return self._percentile(typed)
        if function == "sum":
            return replace(typed[0].type, bits=INT64_BITS)
        return typed[0].type

    def _legs(self, typed: Sequence[Typed]) -> tuple[nodes.Expr, ...]:
        """The arguments of legs(x, target, tol); none if they do not fit."""
        sides = met(typed[:2])
        number = plain(typed[2].type.kind) is Kind.NUMBER
        for item, fits in ((typed[1], sides is not None), (typed[2], number)):
            if not fits or not item.type.exact:
                wanted = "a number" if item is typed[2] else spoken(typed[0].type)
                message = f"legs() needs an exact value here that is {wanted}"
                self.report(Code.ARGUMENT, message, item.syntax, "legs(x, target, tolerance)")
                return ()
            if reads_row(item.node):
                message = "legs() asks this once, of the payment being judged"
                self.report(Code.THIS, message, item.syntax, "write this. before the name")
                return ()
        arguments = (*(sides or ()), typed[2].node)
        if _legs_fit(*(node.type for node in arguments)):
            return arguments
        message = "the exact target could need more than 126 bits"
        self.report(Code.TOO_WIDE, message, typed[1].syntax, "round(x, n) makes a value narrower")
        return ()

    def _percentile(self, typed: Sequence[Typed]) -> Type | None:
        if _is_share(typed[1].node):
            return typed[0].type
        message = "percentile() needs a number from 0 to 100 as its second argument"
        self.report(Code.ARGUMENT, message, typed[1].syntax)
        return None

    def _where(self, node: syntax.Node | None) -> nodes.Expr | None:
        if node is None:
            return None
        self._look_at(Place.FEATURE_WHERE)
        return self.condition(node, "where")

    def _window(self, node: syntax.Aggregate) -> nodes.Window | None:
        window = read_window(self, node.window)
        grouped = bool(node.arguments) and isinstance(node.arguments[0], syntax.Inner)
        if node.window.span == "all" and (node.function not in RUNNING or grouped):
            what = "an aggregate of groups" if grouped else f"{node.function}()"
            message = f"{what} cannot look at all time: it must forget old rows"
            advice = "give it a window such as over 365d"
            self.report(Code.UNBOUNDED, message, node.window, advice)
            return None
        return window

    def _grouped(
        self, node: syntax.Aggregate, inner: syntax.Inner, keys: Keys | None
    ) -> FeatureNode | None:
        typed = self._arguments(inner)
        result = None if typed is None else self._result(inner.function, typed)
        able = groups.grouped(self, inner)
        where, inside = self._where(node.where), self._where(inner.where)
        window = self._window(node)
        bucket = self._bucket(inner.bucket, window)
        if result is None or not able or not groups.fits(self, node, inner, result):
            return None
        having = self._having(inner.having, result)
        given = ((node.where, where), (inner.where, inside), (inner.having, having))
        if any(text is not None and made is None for text, made in given):
            return None
        if typed is None or keys is None or window is None or bucket is None:
            return None
        arguments = tuple(item.node for item in typed)
        group = nodes.Inner(result, inner.function, arguments, inside, bucket, having)
        type_ = self._result(node.function, (Typed(inner, nodes.GroupValue(result)),))
        self._belongs(keys[1], keys[0], ())
        if type_ is None:
            return None
        return nodes.Aggregate(type_, node.function, (), where, keys[0], window, group, keys[1])

    def _bucket(self, bucket: syntax.Bucket, window: nodes.Window | None) -> nodes.Bucket | None:
        named = bucket.of if isinstance(bucket.of, syntax.Name) else None
        if named and (problem := key_problem(self.rule, named.name, named.start)):
            self.problems.append(problem)
            return None
        self._look_at(Place.ARGUMENT)
        return groups.read_bucket(self, bucket, window)

    def _having(self, node: syntax.Node | None, result: Type) -> nodes.Expr | None:
        self.scope = self.rule
        return None if node is None else groups.read_having(self, node, result)

    def _point(self, node: syntax.Point) -> FeatureNode | None:
        keys = self._keys(node)
        typed = self._arguments(node)
        where = self._where(node.where)
        window = self._point_window(node)
        wrong = typed is None or keys is None or (node.where is not None and where is None)
        if typed is None or keys is None or wrong or (node.window and window is None):
            return None
        argument = typed[0].node if typed else None
        self._belongs(keys[1], keys[0], (where,))
        if node.function == "is_first" and argument is not None and not self._sees(node, argument):
            return None
        type_ = {"is_first": BOOL, "previous": argument.type if argument else BOOL}
        result = type_.get(node.function, DURATION)
        limited = window if window is not None and window.finite else None
        return nodes.Point(result, node.function, argument, where, keys[0], limited, probes=keys[1])

    def _sees(self, node: syntax.Point, argument: nodes.Expr) -> bool:
        """Whether is_first(x) can ask x of the judged payment too."""
        if not self.probed or not self._reads_side(argument):
            return True
        if self.rule.sided:
            self.sided = True
            return True
        message = "the payment being judged has no side here, so is_first() cannot ask it for one"
        self.report(Code.SIDE, message, node.arguments[0], "read the debtor_ or creditor_ column")
        return False

    def _point_window(self, node: syntax.Point) -> nodes.Window | None:
        if node.window is None:
            return None
        if node.function == "is_first":
            return read_window(self, node.window)
        message = f"{node.function}() looks back as far as it needs and takes no window"
        self.report(Code.WINDOW, message, node.window, "only is_first(x) takes over")
        return None


def _is_share(node: nodes.Expr) -> bool:
    if not isinstance(node, nodes.Literal) or plain(node.type.kind) is not Kind.NUMBER:
        return False
    highest: int = 100 * 10**node.type.scale
    return 0 <= int(node.value) <= highest


def _legs_fit(x: Type, target: Type, tolerance: Type) -> bool:
    """Whether the target and the distance from it can be held at one scale, and added."""
    off = Type(target.kind, target.scale + tolerance.scale, target.bits + tolerance.bits)
    scale = max(off.scale, x.scale)
    return max(raised_bits(off, scale), raised_bits(target, scale)) < EXACT_BITS


def _count_advice(function: str) -> str:
    if function == "count":
        return "to count rows with a value write: count() where not is_null(x)"
    return ""


def _column_advice(name: str, known: Collection[str]) -> str:
    match = foreign_column(name, known)
    if match:
        return f"did you mean '{match}'?"
    return FOREIGN_NAMES.get(name.lower()) or did_you_mean(name, known)


def key_problem(scope: Scope, name: str, start: int) -> Problem | None:
    """What is wrong with a column as a key, whichever rows it is of."""
    type_ = scope.pack.column(name)
    end = start + len(name)
    if type_ is None:
        known = (*scope.pack.schema.columns, *scope.pack.schema.sided())
        message = f"unknown column '{name}'"
        if name in scope.features or name in scope.params:
            message = f"'{name}' is no column, and keys are columns"
        advice = "several keys stand in [ ]" if "," in name else _column_advice(name, known)
        return Problem(Code.UNKNOWN_NAME, message, start, end, advice)
    if type_.kind not in KEY_KINDS:
        message = f"{spoken(type_)} cannot be a key"
        return Problem(Code.KEY, message, start, end, "a key is a text, whole number or date")
    return None
