"""What the names of one expression mean, and from where it looks at the payments."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from txmon.language.nodes import Expr, column_names
from txmon.schema import IN, OUT, Schema, is_sided
from txmon.types import Kind, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.checked import ListTable


class Place(StrEnum):
    """Which part of a rule an expression is."""

    RULE_WHERE = "the rule's where"
    FEATURE = "a feature"
    ARGUMENT = "an aggregate's argument"
    FEATURE_WHERE = "a feature's where"
    CONDITION = "a condition"
    DEFINITION = "a definition"
    MESSAGE = "a message"
    STEP = "a step"


@dataclass(frozen=True, slots=True)
class ListParam:
    """A list param's items as written, by varying column and case; the default last."""

    column: str
    cases: tuple[tuple[str, tuple[str, ...]], ...]
    default: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A pack definition: its typed expression, None if it is wrong itself."""

    expr: Expr | None


@dataclass(frozen=True, slots=True)
class FeatureInfo:
    """What others may know of a feature: its type (None if wrong) and whether it reads a side."""

    type: Type | None
    sided: bool


@dataclass(frozen=True, slots=True)
class PackScope:
    """What every rule of a pack may name.

    ``own_columns`` are those the pack declares; ``over_alerts`` is for rules over alerts, whose
    schema has the alerts' columns too.
    """

    schema: Schema
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lists: Mapping[str, ListTable] = field(default_factory=dict)
    broken_lists: frozenset[str] = frozenset()
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    own_columns: frozenset[str] = frozenset()
    over_alerts: bool = False

    def column(self, name: str) -> Type | None:
        """The type of a column, sided names included."""
        return self.schema.columns.get(name) or self.schema.sided().get(name)

    def is_sided(self, name: str) -> bool:
        """Whether a known name exists on sided rows only."""
        return is_sided(name, self.schema)

    def reads_side(self, node: Expr) -> bool:
        """Whether an expression reads a sided name at its own row."""
        return any(self.is_sided(name) for name in column_names(node))

    def declared_values(self, name: str) -> tuple[str, ...]:
        """The values a column may have; empty if the pack does not declare them all."""
        if name == "direction":
            return (OUT, IN)
        groups = [self.values.get(source, ()) for source in self.schema.sources(name)]
        if not groups or not all(groups):
            return ()
        return tuple(value for group in groups for value in group)


@dataclass(frozen=True, slots=True)
class Scope:
    """What one expression may name.

    ``sided``: it is asked of sided rows. ``features`` are those above it; ``later`` the names of
    those below. ``params`` are typed constants or Vary nodes, None where wrong. ``measures`` are
    those of the graph pattern's paths; ``hidden`` says why a name cannot be read here. ``judged``
    is how ``this`` sees the payment being judged; None where it has no meaning. ``steps`` are the
    steps that can be read, and whether they happen several times; ``closed_steps`` those that
    cannot, and why.
    """

    pack: PackScope
    sided: bool
    place: Place
    params: Mapping[str, Expr | ListParam | None] = field(default_factory=dict)
    features: Mapping[str, FeatureInfo] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    steps: Mapping[str, bool] = field(default_factory=dict)
    closed_steps: Mapping[str, str] = field(default_factory=dict)
    measures: Mapping[str, Type] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    group_value: Type | None = None
    judged: Scope | None = None

    def at(self, place: Place, *, sided: bool | None = None) -> Scope:
        """The same names seen from another part of the rule."""
        return replace(self, place=place, sided=self.sided if sided is None else sided)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that could have been meant."""
        columns = self.pack.schema.columns
        sided = self.pack.schema.sided() if self.sided else ()
        own = (*self.features, *self.params, *self.pack.definitions, *self.measures)
        return (*own, *columns, *sided)


def list_kind(type_: Type) -> Kind:
    """The kind under which a list's key can be looked up."""
    return Kind.NUMBER if type_.kind is Kind.INT else type_.kind
