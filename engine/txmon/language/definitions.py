"""A pack's definitions: named expressions over columns, put in wherever they are named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.check import Checker, check_size
from txmon.language.circles import circles, whole_circles
from txmon.language.names import check_clashes, check_name
from txmon.language.parse import parse_expression
from txmon.language.problems import Code, ExpressionError
from txmon.language.scope import Definition, PackScope, Place, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.nodes import Expr
    from txmon.language.problems import Faults, Path


def check_definitions(texts: Mapping[str, str], pack: PackScope, faults: Faults) -> PackScope:
    """The scope with every definition typed; one names only definitions above it."""
    for name in texts:
        check_name(("define", name), faults)
    check_clashes((("definition", ("define", name)) for name in texts), pack, faults)
    round_about = circles(texts)
    for way in whole_circles(round_about):
        message = f"definition '{way[0]}' needs itself: {' -> '.join(way)}"
        faults.key(("define", way[0]), Code.CIRCLE, message)
    known = dict.fromkeys(round_about, Definition(None))
    below = list(texts)
    for name, text in texts.items():
        below.remove(name)
        later = frozenset(below) - set(known)
        pack_so_far = replace(pack, definitions=dict(known))
        scope = Scope(pack_so_far, sided=True, place=Place.DEFINITION, later=later)
        known[name] = Definition(_typed(text, scope, ("define", name), faults))
    return replace(pack, definitions=known)


def _typed(text: str, scope: Scope, path: Path, faults: Faults) -> Expr | None:
    try:
        node = parse_expression(text)
    except ExpressionError as error:
        faults.add(path, error.problem)
        return None
    # A definition may read sides: whether it may be used is asked where it is.
    checker = Checker(scope)
    expr = checker.expr(node)
    oversized = None if expr is None else check_size(expr, len(text))
    problems = [*checker.problems, *([oversized] if oversized else [])]
    faults.extend(path, problems)
    return None if problems else expr
