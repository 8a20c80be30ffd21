"""Why a value is unknown: the cause of its leftmost unknown operand, as a Polars expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from txmon.language.nodes import (
    Arithmetic,
    Call,
    Column,
    Expr,
    FeatureRef,
    If,
    Logic,
    Lookup,
    StepField,
    children,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.language.compile import Compiler

OWN_CAUSE = {
    "is_multiple": "zero_denominator",
    "edit_distance": "search_bound",
    "similarity": "search_bound",
    "distance_km": "missing_value",
}
"""Function -> why it is unknown though its arguments are known; else by overflow."""


class Causes:
    """Builds the expression that names the cause of an unknown value.

    ``of_feature`` gives the cause expression of an unknown feature by its name.
    """

    def __init__(self, compiler: Compiler, of_feature: Callable[[str], pl.Expr]) -> None:
        self._compiler = compiler
        self._of_feature = of_feature

    def cause(self, node: Expr) -> pl.Expr:
        """The cause, as text, at rows where the node is unknown; anything elsewhere."""
        if isinstance(node, Column | StepField):
            return pl.lit("missing_value")
        if isinstance(node, FeatureRef):
            return self._of_feature(node.name)
        if isinstance(node, If):
            return self._of_if(node)
        return self._of_operands(node)

    def _of_if(self, node: If) -> pl.Expr:
        condition = self._compiler.expression(node.condition)
        return (
            pl.when(condition.is_null())
            .then(self.cause(node.condition))
            .when(condition)
            .then(self.cause(node.yes))
            .otherwise(self.cause(node.no))
        )

    def _of_operands(self, node: Expr) -> pl.Expr:
        cause = pl.lit(_own_cause(node))
        for child in reversed(children(node)):
            unknown = self._compiler.expression(child).is_null()
            cause = pl.when(unknown).then(self.cause(child)).otherwise(cause)
        return cause

    def first(self, nodes: tuple[Expr, ...]) -> pl.Expr:
        """The cause of the first unknown of several conditions."""
        return self._of_operands(Logic("or", nodes))


def _own_cause(node: Expr) -> str:
    """The cause where every operand is known."""
    if isinstance(node, Arithmetic) and node.op == "/":
        return "zero_denominator"
    if isinstance(node, Lookup):
        return "missing_value"
    if isinstance(node, Call):
        return OWN_CAUSE.get(node.function, "overflow")
    return "overflow"
