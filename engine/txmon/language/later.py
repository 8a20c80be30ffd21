"""Graph patterns: read and checked as far as they go, then refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.conditions import read_condition
from txmon.language.lengths import read_length
from txmon.language.parse import Parser
from txmon.language.problems import Code, ExpressionError, did_you_mean
from txmon.language.scan import END
from txmon.language.scope import Place
from txmon.types import DURATION as DURATION_TYPE
from txmon.types import INT, MONEY, Type
from txmon.types import NUMBER as NUMBER_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.problems import Faults, Path
    from txmon.language.scope import Scope
    from txmon.model import GraphDocument

PATTERNS: dict[str, tuple[str, ...]] = {
    "cycle": ("hops", "within", "keep", "hold", "through"),
    "chain": ("hops", "within", "hold", "keep", "through"),
    "scatter_gather": ("middles", "within", "hold", "keep"),
    "shared": ("via", "common", "others", "within"),
}
MEASURES: dict[str, Type] = {
    **dict.fromkeys(("hops", "middles", "others"), INT),
    **dict.fromkeys(
        ("first_amount", "last_amount", "min_amount", "amount_in", "amount_out"), MONEY
    ),
    "amount_cv": NUMBER_TYPE,
    "duration": DURATION_TYPE,
}
ROLES = ("first", "middle", "last")


def check_graph(document: GraphDocument, scope: Scope, faults: Faults) -> None:
    """Report what is wrong with a graph pattern, and that it is not available yet."""
    given = {name: getattr(document, name) for name in PATTERNS}
    found = {name: keys for name, keys in given.items() if keys is not None}
    if len(found) != 1:
        message = f"a graph is one of {', '.join(PATTERNS)}"
        faults.key(("graph",), Code.GRAPH, message)
    for name, keys in found.items():
        _pattern(name, keys, scope, faults)
    faults.key(("graph",), Code.LATER, "not available yet: graph patterns")


def _pattern(name: str, keys: Mapping[str, str], scope: Scope, faults: Faults) -> None:
    for key, text in keys.items():
        path: Path = ("graph", name, key)
        if key not in PATTERNS[name]:
            message = f"unknown key '{key}'"
            faults.key(path, Code.UNKNOWN_KEY, message, did_you_mean(key, PATTERNS[name]))
        elif key in {"within", "hold"}:
            _length(text, path, scope, faults)
        elif key == "through":
            _, problems = read_condition(text, scope.at(Place.STEP, sided=True), "through")
            faults.extend(path, problems)
        elif key == "via":
            _via(text, path, scope, faults)
        else:
            _between(text, path, faults)


def _via(text: str, path: Path, scope: Scope, faults: Faults) -> None:
    columns = scope.pack.schema.columns
    if text not in columns:
        message = f"unknown column '{text}'"
        faults.whole(path, Code.UNKNOWN_NAME, message, did_you_mean(text, columns))


def _between(text: str, path: Path, faults: Faults) -> None:
    try:
        parser = Parser(text)
        parser.sum()
        parser.expect("..", "between the ends: 3..6, or 3.. for at least 3")
        if parser.token.kind != END:
            parser.sum()
        parser.end()
    except ExpressionError as error:
        faults.add(path, error.problem)


def _length(text: str, path: Path, scope: Scope, faults: Faults) -> None:
    faults.extend(path, read_length(text, scope)[1])
