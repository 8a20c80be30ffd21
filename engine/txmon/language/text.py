"""Typed nodes -> text: a readable form, and a canonical one for hashes and sharing."""

from __future__ import annotations

import json
from datetime import date
from itertools import zip_longest
from typing import TYPE_CHECKING

from txmon.language import nodes
from txmon.language.habits import DURATION_UNITS
from txmon.language.nodes import Aggregate, Expr, FeatureNode, Literal, Point, Span, Window
from txmon.language.values import EPOCH
from txmon.model import SEVERITIES
from txmon.types import Kind, Type

if TYPE_CHECKING:
    from txmon.language.patterns import Count, Graph, Share

IF, LOGIC, NOT, TEST, SUM, PRODUCT, FACTOR, ATOM = range(8)
"""How tightly the parts of an expression hold together, loosest first."""


def render(node: FeatureNode) -> str:
    """Source text of a typed node that reads like a rule and means the same.

    What has no text in the language is shown all the same: dates, and params that vary.
    """
    match node:
        case Aggregate() | Point():
            return _feature(node)
        case _:
            return _expr(node, IF)


def canonical(node: FeatureNode | Window | None) -> str:
    """One line that is equal for nodes of one meaning, whatever they looked like in the file.

    Parameters are in it by value, features by name.
    """
    match node:
        case None:
            return "-"
        case Window():
            flags = "m" * node.matching + "x" * node.excluding_this
            of = node.ending if node.unit is None else f"{'previous ' * node.previous}{node.unit}"
            return f"[{node.span} {node.length} {of} {flags}]"
        case Aggregate():
            line = _listed(node, node.arguments)
            return line if node.inner is None else f"(groups {_grouped(node.inner)} {line})"
        case Point():
            return _listed(node, () if node.argument is None else (node.argument,))
        case _:
            return _canonical(node)


def canonical_graph(graph: Graph) -> str:
    """One line that is equal for graph patterns of one meaning."""
    keep = "-" if graph.keep is None else _share(graph.keep)
    bounds = f"within {graph.within} hold {graph.hold} keep {keep} limit {graph.search_limit}"
    shared = f"via {graph.via} common {_count(graph.common)} " if graph.via else ""
    size, through = _count(graph.size), canonical(graph.through)
    return f"({graph.shape} {size} {shared}{bounds} through {through})"


def _count(count: Count) -> str:
    return f"{count.low}..{count.high}"


def _share(share: Share) -> str:
    ends = [share.low, *([] if share.high is None else [share.high])]
    texts = [render_decimal(int(end.value), end.type) for end in ends]
    return f"{texts[0]}..{''.join(texts[1:])}"


def _listed(node: Aggregate | Point, arguments: tuple[Expr, ...]) -> str:
    inside = " ".join(map(canonical, arguments))
    by = ",".join(node.keys)
    if node.probes:
        by += f" = {' '.join(map(canonical, node.probes))}"
    where, over = canonical(node.where), canonical(node.window)
    return f"({node.function} ({inside}) where {where} by {by} over {over})"


def _grouped(inner: nodes.Inner) -> str:
    arguments, bucket = " ".join(map(canonical, inner.arguments)), inner.bucket
    column = "" if bucket.column is None else bucket.column.name
    per = f"{bucket.length} {bucket.unit or ''} {'active' * bucket.active} {column}"
    head = f"{inner.function} ({arguments}) where {canonical(inner.where)}"
    return f"({head} per {per} having {canonical(inner.having)})"


def _canonical(node: Expr) -> str:
    match node:
        case Literal():
            text = json.dumps(node.value) if node.type.kind is Kind.TEXT else _constant(node)
            line = f"{node.type.kind}:{text}"
        case nodes.Column():
            line = node.name
        case nodes.FeatureRef():
            line = f"@{node.name}"
        case nodes.Measure():
            line = f"#{node.name}"
        case nodes.StepField():
            line = f"(step {node.step} {node.edge or '-'} {node.name})"
        case nodes.GroupValue():
            line = "value"
        case nodes.ListMember():
            line = f"(in {_canonical(node.operand)} lists.{node.name})"
        case nodes.Lookup():
            line = f"(of {_canonical(node.key)} lists.{node.name}.{node.column})"
        case nodes.Vary():
            cases = " ".join(f"{json.dumps(key)}:{_canonical(case)}" for key, case in node.cases)
            line = f"(vary {node.column} {cases} {_canonical(node.default)})"
        case _:
            line = f"({' '.join((_head(node), *map(_canonical, nodes.children(node))))})"
    return line


def _head(node: Expr) -> str:
    match node:
        case nodes.Arithmetic(op=op) | nodes.Compare(op=op) | nodes.TextTest(op=op):
            return op
        case nodes.Logic(op=op):
            return op
        case nodes.Range():
            return "range" + ("(" if node.low_open else "[") + (")" if node.high_open else "]")
        case nodes.Call(function=function, type=type_):
            return f"{function}.{type_.scale}" if function == "round" else function
        case _:
            return _HEADS.get(type(node), "in")


_HEADS = {nodes.Negate: "neg", nodes.Not: "not", nodes.If: "if", nodes.This: "this"}


def _feature(node: Aggregate | Point) -> str:
    arguments = node.arguments if isinstance(node, Aggregate) else (node.argument,)
    inside = ", ".join(_expr(part, IF) for part in arguments if part is not None)
    if isinstance(node, Aggregate) and node.inner is not None:
        inside = _inner(node.inner)
    text = f"{node.function}({inside})"
    if node.where is not None:
        text += f" where {_expr(node.where, IF)}"
    keys = [_key(key, probe) for key, probe in zip_longest(node.keys, node.probes)]
    text += f" by {keys[0]}" if len(keys) == 1 else f" by [{', '.join(keys)}]"
    return text if node.window is None else f"{text} over {render_window(node.window)}"


def _key(key: str, probe: Expr | None) -> str:
    return key if probe is None else f"{key} = {_expr(probe, SUM)}"


def _inner(inner: nodes.Inner) -> str:
    bucket = inner.bucket
    text = f"{inner.function}({', '.join(_expr(part, IF) for part in inner.arguments)})"
    if inner.where is not None:
        text += f" where {_expr(inner.where, IF)}"
    length = bucket.column.name if bucket.column else render_duration(bucket.length)
    text += f" per {'active ' * bucket.active}{bucket.unit or length}"
    return text if inner.having is None else f"{text} having {_expr(inner.having, IF)}"


def render_window(window: Window) -> str:
    """A window as it stands after ``over``."""
    if window.span is Span.ALL:
        text = "all time"
    elif window.span is Span.ROWS:
        text = f"last {window.length}" + " matching" * window.matching
    elif window.unit is not None:
        count = "" if window.length == 1 else f"{window.length} "
        text = f"{'previous ' * window.previous}{count}{window.unit}{'s' * (window.length > 1)}"
    else:
        text = render_duration(window.length)
        if window.ending:
            text += f" ending {render_duration(window.ending)} ago"
    return text + " excluding this" * window.excluding_this


def render_duration(microseconds: int) -> str:
    """A duration in the largest unit that holds it whole: ``24h``, ``36h``, ``7d``, ``-90s``."""
    sign, size = "-" * (microseconds < 0), abs(microseconds)
    if size == 0:
        return "0s"
    for unit in ("d", "h", "min", "s", "ms"):
        length = DURATION_UNITS[unit]
        if size % length == 0 and (unit != "d" or size > length):
            return f"{sign}{size // length}{unit}"
    return f"{sign}{size}us"


def _expr(node: Expr, around: int) -> str:
    text, strength = _rendered(node)
    return f"({text})" if strength < around else text


def _rendered(node: Expr) -> tuple[str, int]:
    match node:
        case Literal():
            return _constant(node), FACTOR if _negative(node) else ATOM
        case (
            nodes.Column()
            | nodes.FeatureRef()
            | nodes.This()
            | nodes.GroupValue()
            | nodes.Measure()
        ):
            return _name(node), ATOM
        case nodes.Call() | nodes.Vary() | nodes.Lookup() | nodes.StepField():
            return _whole(node), ATOM
        case nodes.Negate():
            return f"-{_expr(node.operand, FACTOR)}", FACTOR
        case nodes.Arithmetic():
            return _arithmetic(node)
        case _:
            return _condition(node)


def _name(
    node: nodes.Column | nodes.FeatureRef | nodes.This | nodes.GroupValue | nodes.Measure,
) -> str:
    if isinstance(node, nodes.GroupValue):
        return "value"
    return f"this.{_expr(node.operand, ATOM)}" if isinstance(node, nodes.This) else node.name


def _condition(node: Expr) -> tuple[str, int]:
    match node:
        case nodes.Logic():
            return f" {node.op} ".join(_expr(part, NOT) for part in node.operands), LOGIC
        case nodes.Not():
            return f"not {_expr(node.operand, NOT)}", NOT
        case nodes.If():
            parts = (_expr(part, IF) for part in (node.condition, node.yes, node.no))
            return "if {} then {} else {}".format(*parts), IF
        case _:
            return _test(node), TEST


def _whole(node: nodes.Call | nodes.Vary | nodes.Lookup | nodes.StepField) -> str:
    match node:
        case nodes.StepField(step=step, name=name, edge=edge):
            return f"{edge}({step}.{name})" if edge else f"{step}.{name}"
        case nodes.Vary():
            return _vary(node)
        case nodes.Lookup():
            return f"lists.{node.name}[{_expr(node.key, IF)}].{node.column}"
        case _:
            return _call(node)


def _call(node: nodes.Call) -> str:
    return f"{node.function}({', '.join(_expr(part, IF) for part in node.arguments)})"


def _arithmetic(node: nodes.Arithmetic) -> tuple[str, int]:
    strength = SUM if node.op in "+-" else PRODUCT
    left, right = _expr(node.left, strength), _expr(node.right, strength + 1)
    return f"{left} {node.op} {right}", strength


def _vary(node: nodes.Vary) -> str:
    cases = ", ".join(f"{text}: {_expr(case, IF)}" for text, case in node.cases)
    return f"{{{node.column}: {{{cases}}}, else: {_expr(node.default, IF)}}}"


def _test(node: Expr) -> str:
    match node:
        case nodes.Compare() | nodes.TextTest():
            return f"{_expr(node.left, SUM)} {node.op} {_expr(node.right, SUM)}"
        case nodes.Range(low_open=False, high_open=False):
            low, high = _expr(node.low, SUM), _expr(node.high, SUM)
            return f"{_expr(node.operand, SUM)} in {low}..{high}"
        case nodes.Range():
            below, above = "<" if node.low_open else "<=", "<" if node.high_open else "<="
            middle = _expr(node.operand, SUM)
            return f"{_expr(node.low, SUM)} {below} {middle} {above} {_expr(node.high, SUM)}"
        case nodes.Member():
            values = ", ".join(_expr(value, IF) for value in node.values)
            return f"{_expr(node.operand, SUM)} in ({values})"
        case nodes.ListMember():
            return f"{_expr(node.operand, SUM)} in lists.{node.name}"
        case _:
            raise TypeError(type(node).__name__)


def _negative(node: Literal) -> bool:
    return isinstance(node.value, int) and node.value < 0


def _constant(node: Literal) -> str:
    value = node.value
    match node.type.kind:
        case Kind.TEXT:
            return f'"{value}"'
        case Kind.BOOL:
            return "true" if value else "false"
        case Kind.SEVERITY:
            return f'"{SEVERITIES[int(value)]}"'
        case Kind.DATE:
            return date.fromordinal(int(value) + EPOCH).isoformat()
        case Kind.DURATION:
            exact = node.type.scale == 0
            return render_duration(int(value)) if exact else f"{_decimal(node)}us"
        case _:
            return _decimal(node)


def _decimal(node: Literal) -> str:
    text = render_decimal(int(node.value), node.type)
    return f"{text}.0" if node.type.kind is Kind.NUMBER and "." not in text else text


def render_decimal(value: int, type_: Type) -> str:
    """An exact number without superfluous zeros; money keeps two decimals unless it is whole."""
    scale = type_.scale
    while scale and value % 10 == 0:
        value, scale = value // 10, scale - 1
    if type_.kind is Kind.MONEY and scale == 1:
        value, scale = value * 10, 2
    sign, digits = "-" * (value < 0), str(abs(value)).rjust(scale + 1, "0")
    return f"{sign}{digits[: len(digits) - scale]}.{digits[-scale:]}" if scale else sign + digits
