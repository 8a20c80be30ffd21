"""Mappings read from YAML and checked against the columns of a pack, every error with its place."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from txmon.errors import Finding, Location, PackError
from txmon.language.problems import Code, Fault, Faults, closest
from txmon.packs.documents import Fields, Source, read_document, read_tree
from txmon.packs.validate import find, locate, validate
from txmon.results import MappingStamp
from txmon.schema import OWN, is_sided
from txmon.sources.declared import check_declared, check_expression
from txmon.sources.mapping import IDENTITY, InputMapping
from txmon.sources.mapping_uses import check_references, check_use

if TYPE_CHECKING:
    from txmon.language.problems import Path as Place
    from txmon.packs.documents import Tree
    from txmon.schema import Schema
    from txmon.types import Type


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
    folder = Path() if isinstance(mapping, Mapping) else Path(mapping).parent
    loaded, findings = _checked(tree, schema, folder)
    _refuse((*syntax, *findings))
    return loaded or IDENTITY


def mapping_stamp(
    mapping: str | Path | Mapping[str, object] | InputMapping | None,
) -> MappingStamp | None:
    """What identifies a mapping: a file by its bytes, content by the YAML or JSON it stands for."""
    if mapping is None:
        return None
    if isinstance(mapping, InputMapping):
        name, content = "mapping", mapping.model_dump_json().encode()
    elif isinstance(mapping, Mapping):
        name, content = "mapping", _as_yaml(mapping).encode()
    else:
        name, content = str(mapping), Path(mapping).read_bytes()
    return MappingStamp(name=name, sha256=hashlib.sha256(content).hexdigest())


def _refuse(findings: tuple[Finding, ...]) -> None:
    if findings:
        raise PackError(findings)


def _tree(mapping: str | Path | Mapping[str, object]) -> tuple[Tree | None, tuple[Finding, ...]]:
    if not isinstance(mapping, Mapping):
        return read_document(mapping)
    return read_tree(Source("mapping", _as_yaml(mapping)))


def _as_yaml(mapping: Mapping[str, object]) -> str:
    stream = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.dump(dict(mapping), stream)
    return stream.getvalue()


def _checked(
    tree: Tree | None, schema: Schema, folder: Path
) -> tuple[InputMapping | None, tuple[Finding, ...]]:
    if tree is None:
        return None, ()
    mapping, findings = validate(tree, InputMapping)
    if mapping is None:
        return None, findings
    placed = _beside(mapping, folder)
    return placed, _findings(placed, schema, tree)


def _beside(mapping: InputMapping, folder: Path) -> InputMapping:
    """The mapping with the paths of its tables, which begin at its own folder."""
    tables = tuple(
        table.model_copy(update={"file": str(folder / table.file)}) for table in mapping.join
    )
    return mapping.model_copy(update={"join": tables})


def _findings(mapping: InputMapping, schema: Schema, tree: Tree | None) -> tuple[Finding, ...]:
    """What is wrong with a mapping that is well-formed."""
    faults = Faults()
    for name, spec in mapping.columns.items():
        type_ = _type_of(("columns", name), schema, faults)
        if type_ is not None:
            check_use(("columns", name), spec, type_, faults)
            check_expression(spec, type_, mapping.source, ("columns", name), faults)
    check_declared(mapping, faults)
    for name, spec in mapping.source.items():
        check_use(("source", name), spec, spec.value_type, faults)
    check_references(mapping, schema, faults)
    _check_sides(mapping, schema, faults)
    if tree is None:
        return tuple(
            Finding(fault.problem.code, fault.problem.message, Location("mapping", 1, 1))
            for fault in faults.found
        )
    return tuple(locate(tree, _placed(tree, fault)) for fault in faults.found)


def _placed(tree: Tree, fault: Fault) -> Fault:
    """The fault with its way in the file, where a single table of ``join`` stands in no list."""
    if fault.path[:1] == ("join",) and isinstance(find(tree, ("join",)), Fields):
        return replace(fault, path=("join", *fault.path[2:]))
    return fault


def _type_of(path: Place, schema: Schema, faults: Faults) -> Type | None:
    name = str(path[-1])
    if name == "original_amount":
        message = "original_amount is made from amount: map the amount as booked to amount"
        faults.key(path, Code.BAD_VALUE, message)
        return None
    known = {**schema.columns, **schema.sided()}
    if name not in known:
        near = closest(name, known)
        advice = f"did you mean '{near}'?" if near else "a pack may declare more under columns:"
        faults.key(path, Code.UNKNOWN_NAME, f"no column is called '{name}'", advice)
    return known.get(name)


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
