"""Where in a rule's file a mutant's change is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.nodes import Column, Expr, walk
from txmon.language.problems import WHOLE, Code, Fault, Problem
from txmon.packs.tree import Scalar
from txmon.packs.validate import find, locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.authoring.mutation.mutants import Mutant
    from txmon.errors import Finding
    from txmon.language.checked import Clause, Rule
    from txmon.language.problems import Path
    from txmon.packs.tree import Tree


def placed(mutant: Mutant, rule: Rule, tree: Tree) -> Finding:
    """The place of a mutant's change in the file of its rule, with the line.

    It is the clause where the rule's text has it word for word, else the key.
    """
    path, on_key = _path(mutant, rule, tree)
    start, end = 0, WHOLE
    text = find(tree, path)
    if isinstance(text, Scalar):
        start, end = next(_found(mutant, rule, text.text), (start, end))
    problem = Problem(Code.BAD_VALUE, mutant.change, start, end)
    return locate(tree, Fault(path, problem, on_key=on_key))


def _path(mutant: Mutant, rule: Rule, tree: Tree) -> tuple[Path, bool]:
    """The way to what changes in the file's tree, and whether its key is what is shown."""
    found: tuple[Path, bool]
    match mutant.at:
        case ("features", name, *_):
            found = ("features", name), False
        case ("levels", int(place), *_):
            alone = find(tree, ("when",)) is not None
            found = (("when",) if alone else ("levels", place, "when")), False
        case ("sequence", "steps", int(place), *_):
            found = ("sequence", "steps", place), True
        case ("sequence", *_):
            found = ("sequence", mutant.key), True
        case ("graph", part, *_) if rule.graph is not None:
            found = ("graph", rule.graph.shape.value, mutant.key or part), False
        case ("suppress", *_):
            found = ("alert", "suppress"), True
        case _:
            found = _of_whole(mutant)
    return found


def _of_whole(mutant: Mutant) -> tuple[Path, bool]:
    if mutant.key == "suppress":
        return ("alert", "suppress"), True
    if mutant.key:
        return (mutant.key,), mutant.key in {"events", "by", "from", "levels"}
    return (str(mutant.at[0]),), False


def _found(mutant: Mutant, rule: Rule, text: str) -> Iterator[tuple[int, int]]:
    """Where the clause that changes stands in the text of its condition."""
    for clause in _clauses(mutant, rule):
        start = text.find(clause.text)
        if start >= 0 and _holds(clause.node, mutant):
            yield start, start + len(clause.text)


def _clauses(mutant: Mutant, rule: Rule) -> tuple[Clause, ...]:
    match mutant.at:
        case ("levels", int(place), *_):
            return rule.levels[place].clauses
        case ("where", *_):
            return rule.where_clauses
        case ("needs", *_):
            return rule.needs_clauses
    return ()


def _holds(node: Expr, mutant: Mutant) -> bool:
    """Whether the changed part is in a clause; a lone column may be in several."""
    shown = mutant.old
    return not isinstance(shown, Column) and any(part == shown for part in walk(node))
