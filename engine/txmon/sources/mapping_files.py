"""Mappings read from YAML and checked against the columns of a pack, every error with its place."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from txmon.errors import Finding, Location, PackError
from txmon.language.problems import Code, Faults, closest
from txmon.packs.documents import Source, read_document, read_tree
from txmon.packs.validate import locate, validate
from txmon.schema import OWN, is_sided
from txmon.sources.mapping import IDENTITY, ColumnMap, InputMapping
from txmon.types import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.packs.documents import Tree
    from txmon.schema import Schema
    from txmon.types import Type

_NUMERIC = frozenset({Kind.MONEY, Kind.NUMBER})
_TIMED = frozenset({Kind.TIME, Kind.DATE})


def load_mapping(
    mapping: str | Path | Mapping[str, object] | InputMapping | None, schema: Schema
) -> InputMapping:
    """A mapping from its YAML file or from the same content as dicts, lists and texts.

    Raises:
        PackError: with every finding; the keys of a dict are placed as in the YAML it stands for.
    """
    if mapping is None:
        return IDENTITY
    if isinstance(mapping, InputMapping):
        _refuse(_findings(mapping, schema, None))
        return mapping
    tree, syntax = _tree(mapping)
    loaded, findings = _checked(tree, schema)
    _refuse((*syntax, *findings))
    return loaded or IDENTITY


def _refuse(findings: tuple[Finding, ...]) -> None:
    if findings:
        raise PackError(findings)


def _tree(mapping: str | Path | Mapping[str, object]) -> tuple[Tree | None, tuple[Finding, ...]]:
    if not isinstance(mapping, Mapping):
        return read_document(mapping)
    stream = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.dump(dict(mapping), stream)
    return read_tree(Source.of("mapping", stream.getvalue()))


def _checked(tree: Tree | None, schema: Schema) -> tuple[InputMapping | None, tuple[Finding, ...]]:
    if tree is None:
        return None, ()
    mapping, findings = validate(tree, InputMapping)
    if mapping is None:
        return None, findings
    return mapping, _findings(mapping, schema, tree)


def _findings(mapping: InputMapping, schema: Schema, tree: Tree | None) -> tuple[Finding, ...]:
    """What is wrong with a mapping that is well-formed."""
    faults = Faults()
    for name, spec in mapping.columns.items():
        type_ = _type_of(name, schema, faults)
        if type_ is not None:
            _check_use(name, spec, type_, faults)
    _check_sides(mapping, schema, faults)
    if tree is None:
        return tuple(
            Finding(fault.problem.code, fault.problem.message, Location("mapping", 1, 1))
            for fault in faults.found
        )
    return tuple(locate(tree, fault) for fault in faults.found)


def _type_of(name: str, schema: Schema, faults: Faults) -> Type | None:
    if name == "original_amount":
        message = "original_amount is made from amount: map the amount as booked to amount"
        faults.key(("columns", name), Code.BAD_VALUE, message)
        return None
    known = {**schema.columns, **schema.sided()}
    if name not in known:
        near = closest(name, known)
        advice = f"did you mean '{near}'?" if near else "a pack may declare more under columns:"
        faults.key(("columns", name), Code.UNKNOWN_NAME, f"no column is called '{name}'", advice)
    return known.get(name)


def _check_use(name: str, spec: ColumnMap, type_: Type, faults: Faults) -> None:
    """Options that the column's type does not understand."""
    path = ("columns", name)
    if spec.tells_time and type_.kind is not Kind.TIME:
        faults.key(path, Code.BAD_VALUE, f"zone and steps tell a time, and {name} is a {type_}")
    if spec.format is not None and type_.kind not in _TIMED:
        faults.key(path, Code.BAD_VALUE, f"a format reads a time, and {name} is a {type_}")
    if spec.decimal != "." and type_.kind not in _NUMERIC:
        faults.key(path, Code.BAD_VALUE, f"decimal reads an amount, and {name} is a {type_}")
    if spec.thousands is not None and type_.kind not in _NUMERIC:
        faults.key(path, Code.BAD_VALUE, f"thousands reads an amount, and {name} is a {type_}")
    if spec.round is not None and type_.kind is not Kind.MONEY:
        faults.key(path, Code.BAD_VALUE, f"round is for amounts, and {name} is a {type_}")
    if spec.row_number is not None and name != "sequence":
        faults.key(path, Code.BAD_VALUE, "a row number makes a sequence and nothing else")
    if spec.join is not None and type_.kind is not Kind.TEXT:
        faults.key(path, Code.BAD_VALUE, f"a join makes a text, and {name} is a {type_}")


def _check_sides(mapping: InputMapping, schema: Schema, faults: Faults) -> None:
    """A direction and what it directs belong together."""
    sided = [name for name in mapping.columns if is_sided(name, schema)]
    if not sided:
        return
    advice = "direction: {column: type, values: {CREDIT: in, DEBIT: out}}"
    if "direction" not in sided:
        message = f"{sided[0]} needs a direction, which says whose account it is"
        faults.key(("columns", sided[0]), Code.MISSING_KEY, message, advice)
    elif "account" not in sided:
        message = f"a direction needs account, the {OWN.rstrip('_')} account of each row"
        faults.key(("columns", "direction"), Code.MISSING_KEY, message)
    for name in sided:
        if name == "direction":
            continue
        for made in schema.sources(name):
            if made in mapping.columns:
                message = f"{made} is made from {name} and the direction already"
                faults.key(("columns", made), Code.BAD_VALUE, message)
