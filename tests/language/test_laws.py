"""Laws of the front end: no text breaks it, and a typed node's text means the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import assume, given

from language.grammar import SCOPE, check_feature, conditions, read_condition, texts
from txmon.language.message import read_message
from txmon.language.text import canonical, render
from txmon.testing.random_trees import LISTS, SCHEMA
from txmon.testing.strategies import expressions

if TYPE_CHECKING:
    from txmon.language.nodes import Expr
    from txmon.language.problems import Problem
from txmon.language.scope import PackScope, Place, Scope


def _within(problems: list[Problem] | tuple[Problem, ...], text: str) -> bool:
    return all(0 <= one.start <= len(text) and one.start < one.end for one in problems)


@given(texts)
def test_any_text_is_a_condition_or_has_problems(text: str) -> None:
    expr, problems = read_condition(text, SCOPE, "when")

    assert (expr is None) == bool(problems)
    assert _within(problems, text)


@given(texts)
def test_any_text_is_a_feature_or_has_problems(text: str) -> None:
    checked = check_feature(text, SCOPE, ("account",))

    assert (checked.node is None) == bool(checked.problems)
    assert _within(checked.problems, text)


@given(texts)
def test_any_text_is_a_message_or_has_problems(text: str) -> None:
    message, problems = read_message(text, SCOPE)

    assert (message is None) == bool(problems)


@given(conditions)
def test_the_text_of_a_typed_node_means_that_node(text: str) -> None:
    expr, _ = read_condition(text, SCOPE, "when")
    assume(expr is not None)

    again, problems = read_condition(render(expr), SCOPE, "when")

    assert not problems
    assert again == expr
    assert canonical(again) == canonical(expr)


@given(expressions())
def test_trees_made_by_hand_have_the_types_of_their_texts(expr: Expr) -> None:
    """Trees whose text cannot be read back (times, dates, varying params) are passed over."""
    scope = Scope(PackScope(SCHEMA, lists=LISTS), sided=True, place=Place.FEATURE)
    checked = check_feature(render(expr), scope, ())
    assume(checked.node is not None)
    assume(canonical(checked.node) == canonical(expr))

    assert checked.node == expr
