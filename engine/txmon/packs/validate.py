"""Located trees -> documents; what does not fit becomes findings at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from txmon.language.problems import WHOLE, Code, Fault, Problem, closest, did_you_mean
from txmon.model import Document, Plain
from txmon.packs.documents import Fields, Items, Scalar, Tree

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from txmon.errors import Finding
    from txmon.language.problems import Path

DocumentT = TypeVar("DocumentT", bound=Document)
MAX_LISTED = 8
_KEYS = ("keys with values are needed here", "write them on lines of their own, indented")
_TEXT = ("a text is needed here", "a text that begins with [ or { is quoted whole")
_LIST = ("a list is needed here", "write each item on a line of its own after a -")
_SHAPES: dict[str, tuple[str, str]] = {
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "dict_type": _KEYS,
    "tuple_type": _LIST,
    "list_type": _LIST,
}
"""Pydantic's word -> (message, help)."""
COMMA_IN_BRACES = (
    "a comma inside { } begins a new key: write the block form, each key on a line of its own"
)


def validate(tree: Tree, model: type[DocumentT]) -> tuple[DocumentT | None, tuple[Finding, ...]]:
    """The document that a tree holds, or None and every finding."""
    if not isinstance(tree, Fields):
        message = f"the file must hold keys with values, such as {_first_key(model)}: ..."
        fault = Fault((), Problem(Code.WRONG_SHAPE, message, 0, WHOLE))
        return None, (locate(tree, fault),)
    try:
        return model.model_validate(plain(tree)), ()
    except ValidationError as error:
        faults = [_fault(dict(item), tree, model) for item in error.errors()]
        findings = {
            (fault.path, fault.on_key, fault.problem.message): locate(tree, fault)
            for fault in faults
        }
        return None, tuple(findings.values())


def salvage(
    tree: Tree, model: type[DocumentT], required: Mapping[str, Plain], aside: Collection[str]
) -> DocumentT | None:
    """A document without its faulty keys, so that what else it says can be checked too.

    None where a fault lies within what the rest depends on: one mistake is told once.

    Args:
        tree: what ``validate`` found faults in.
        model: the document it should be.
        required: stand-ins for required keys that are missing or faulty.
        aside: the keys whose faults the rest does not depend on.
    """
    if not isinstance(tree, Fields):
        return None
    content = plain(tree)
    try:
        model.model_validate(content)
    except ValidationError as error:
        for item in error.errors():
            path = _real_path(tuple(item["loc"]), tree, missing=item["type"] == "missing")
            if path and path[0] in model.model_fields and path[0] not in aside:
                return None
            _drop(content, path)
    try:
        return model.model_validate({**required, **content})  # type: ignore[dict-item]
    except ValidationError:
        return None


def _drop(content: Plain, path: Path) -> None:
    """Take the value at a path out, where there is one."""
    for part in path[:-1]:
        if isinstance(content, dict):
            content = content.get(str(part), {})
        elif isinstance(content, list) and isinstance(part, int):
            content = content[part]
    if isinstance(content, dict) and path:
        content.pop(str(path[-1]), None)


def plain(tree: Tree) -> Plain:
    """A tree without its places."""
    if isinstance(tree, Scalar):
        return tree.text
    if isinstance(tree, Items):
        return [plain(item) for item in tree.items]
    return {key.text: plain(value) for key, value in tree.entries}


def _first_key(model: type[Document]) -> str:
    return next(iter(model.model_fields))


def _fault(error: dict[str, Any], tree: Fields, model: type[Document]) -> Fault:
    path = _real_path(tuple(error["loc"]), tree, missing=error["type"] == "missing")
    code, message, advice = _explained(error, path, model)
    parent = find(tree, path[:-1])
    on_key = code in {Code.UNKNOWN_KEY, Code.MISSING_KEY}
    if code is Code.MISSING_KEY:
        path = path[:-1]
    elif isinstance(parent, Fields) and parent.flow and _has_empty(parent):
        advice = COMMA_IN_BRACES
    return Fault(path, Problem(code, message, 0, WHOLE, advice), on_key)


def _has_empty(fields: Fields) -> bool:
    return any(isinstance(value, Scalar) and not value.text for _, value in fields.entries)


def _real_path(loc: Path, tree: Tree, *, missing: bool) -> Path:
    # Pydantic puts the names of union branches into a path; the tree knows no such keys.
    real: Path = ()
    for part in loc:
        if find(tree, (*real, part)) is not None:
            real = (*real, part)
    return (*real, loc[-1]) if missing else real


def _explained(error: dict[str, Any], path: Path, model: type[Document]) -> tuple[Code, str, str]:
    name, context, kind = str(path[-1]) if path else "", error.get("ctx", {}), error["type"]
    if kind == "extra_forbidden":
        advice = _key_advice(name, _keys(model, path[:-1]))
        return Code.UNKNOWN_KEY, f"unknown key '{name}'", advice
    if kind == "txmon_choice":
        choices, value = context["choices"], context["value"]
        message = f"expected one of {', '.join(choices)}, found '{value}'"
        return Code.BAD_VALUE, message, did_you_mean(value, choices)
    if kind == "txmon_value":
        return Code.BAD_VALUE, context["message"], ""
    if kind == "missing":
        return Code.MISSING_KEY, f"missing key '{name}'", ""
    return Code.WRONG_SHAPE, *_SHAPES.get(kind, _TEXT)


def _key_advice(name: str, known: Sequence[str]) -> str:
    match = closest(name, known)
    if match or len(known) > MAX_LISTED:
        return did_you_mean(name, known)
    return f"keys here are: {', '.join(known)}"


def _keys(model: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The keys that a document takes at a path."""
    current, skip = model, 0
    for part in path:
        fields = {field.alias or name: field for name, field in current.model_fields.items()}
        if skip:
            skip -= isinstance(part, str)
        elif part in fields:
            nested, skip = _nested(fields[str(part)])
            current = nested or current
    return tuple(field.alias or name for name, field in current.model_fields.items())


def _nested(field: Any) -> tuple[type[BaseModel] | None, int]:
    """The document inside a type, and how many keys of maps lie before it."""
    annotation = getattr(field, "annotation", field)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, 0
    for inner in get_args(annotation):
        nested, keys = _nested(inner)
        if nested is not None:
            return nested, keys + (get_origin(annotation) is dict)
    return None, 0


def find(tree: Tree, path: Path) -> Tree | None:
    """The value at a path, or None if there is none."""
    current: Tree | None = tree
    for part in path:
        if isinstance(current, Fields):
            current = current.get(str(part))
        elif isinstance(current, Items) and isinstance(part, int):
            current = current.items[part] if part < len(current.items) else None
        else:
            return None
    return current


def locate(tree: Tree, fault: Fault) -> Finding:
    """The finding of a fault: at its text, or at the nearest value or key that exists."""
    problem = fault.problem
    scalar = _key(tree, fault.path) if fault.on_key else _text(tree, fault.path)
    return scalar.finding(
        problem.code, problem.message, problem.start, problem.end, _advice(tree, fault)
    )


def line_of(tree: Tree, path: Path) -> int:
    """The line on which the value at a path begins, from 1."""
    scalar = _text(tree, path)
    return scalar.source.location(scalar.start, scalar.end).line


def _advice(tree: Tree, fault: Fault) -> str:
    parent = find(tree, fault.path[:-1])
    cut = isinstance(parent, Fields) and parent.flow and _has_empty(parent)
    return COMMA_IN_BRACES if cut else fault.problem.help


def _key(tree: Tree, path: Path) -> Scalar:
    while path:
        parent, name = find(tree, path[:-1]), path[-1]
        item = find(tree, path)
        if isinstance(parent, Items) and item is not None:
            return _first(item)
        key = parent.key(str(name)) if isinstance(parent, Fields) else None
        if key is not None:
            return key
        path = path[:-1]
    return _first(tree)


def _text(tree: Tree, path: Path) -> Scalar:
    for length in range(len(path), -1, -1):
        found = find(tree, path[:length])
        if isinstance(found, Scalar):
            return found if found.text else _beside(tree, path[:length], found)
        if found is not None:
            named = length and isinstance(path[length - 1], str)
            return _key(tree, path[:length]) if named else _first(found)
    return _first(tree)


def _beside(tree: Tree, path: Path, empty: Scalar) -> Scalar:
    # An empty value has no place of its own: its key is where one looks.
    parent = find(tree, path[:-1])
    key = parent.key(str(path[-1])) if isinstance(parent, Fields) and path else None
    return key or empty


def _first(tree: Tree) -> Scalar:
    if isinstance(tree, Scalar):
        return tree
    if isinstance(tree, Fields) and tree.entries:
        return tree.entries[0][0]
    if isinstance(tree, Items) and tree.items:
        return _first(tree.items[0])
    return Scalar(tree.source, tree.start, tree.start + 1, "")
