"""A mapping in the making: what is decided, what is asked, and the YAML of both."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from txmon.schema import STANDARD
from txmon.sources.suggestions import snake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from txmon.sources.samples import Sample
    from txmon.sources.shapes import Shape

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*([ -][A-Za-z0-9_]+)*")
_VARIED = frozenset({"event_time", "amount", "original_amount", "currency"})
_UNKEPT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Draft:
    """A mapping to begin with.

    Attributes:
        text: the YAML of it; it loads, and questions stand in it as comments.
        columns: our columns that it makes -> the columns they are made of.
        questions: what only somebody who knows the file can say.
        ignored: columns of the file that it does not use.
    """

    text: str
    columns: Mapping[str, tuple[str, ...]]
    questions: tuple[str, ...]
    ignored: tuple[str, ...]


@dataclass(slots=True)
class Sketch:
    """What is decided so far; ``lines`` and ``asked`` go by our column's name."""

    shapes: Mapping[str, Shape]
    used: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    source: list[str] = field(default_factory=list)
    asked: dict[str, list[str]] = field(default_factory=dict)

    def known_names(self) -> None:
        """Take the columns that have our names already, but those whose values vary in writing."""
        for name in self.shapes:
            if name in STANDARD and name not in _VARIED:
                self.used[name] = (name,)

    @property
    def free(self) -> list[Shape]:
        """The columns that nothing is made of yet."""
        taken = {name for names in self.used.values() for name in names}
        return [shape for name, shape in self.shapes.items() if name not in taken]

    def named(self, names: str, fits: Callable[[Shape], bool] = lambda _: True) -> Shape | None:
        """The free column with the likeliest of some names that fits."""
        free = {snake(shape.name): shape for shape in reversed(self.free)}
        known = (free[name] for name in names.split() if name in free)
        return next((shape for shape in known if fits(shape)), None)

    def take(self, name: str, shape: Shape, options: Mapping[str, object] | None = None) -> None:
        """Make our column of one of the file's, read by some options."""
        self.used[name] = (shape.name,)
        spec = {"column": shape.name, **(options or {})}
        if options or name != shape.name:
            self.lines[name] = flow(spec) if options else scalar(shape.name)

    def ask(self, name: str, question: str) -> None:
        """Leave a question at our column."""
        self.asked.setdefault(name, []).append(question)


def written(seen: Sample, sketch: Sketch) -> Draft:
    """The YAML of a sketch, our columns in the order of the schema."""
    questions = [f"{name}: {text}" for name, texts in sketch.asked.items() for text in texts]
    ignored = tuple(shape.name for shape in sketch.free)
    lines = [f"# A draft for {_clean(seen.name)}, from its first {seen.frame.height} rows."]
    if questions:
        told = f"{len(questions)} question{'' if len(questions) == 1 else 's'}"
        lines.append(f"# It has {told}: look for QUESTION.")
    lines += _csv_lines(seen, questions)
    if sketch.source:
        lines += ["source:", *sketch.source]
    lines += ["columns:" if sketch.lines else "columns: {}"]
    order = (*STANDARD, *(name for name in sketch.lines if name not in STANDARD))
    for name in dict.fromkeys([*order, *sketch.asked]):
        lines += [f"  # QUESTION: {_clean(text)}" for text in sketch.asked.get(name, ())]
        if name in sketch.lines:
            lines.append(f"  {name}: {sketch.lines[name]}")
        elif name in sketch.asked:
            lines.append(f"  # {name}: ...")
    if ignored:
        lines.append(f"# Not used: {_clean(', '.join(ignored))}")
    return Draft("\n".join(lines) + "\n", dict(sketch.used), tuple(questions), ignored)


def _csv_lines(seen: Sample, questions: list[str]) -> list[str]:
    lines: list[str] = []
    if seen.separator != ",":
        mark = "tab" if seen.separator == "\t" else f'"{seen.separator}"'
        lines.append(f"  separator: {mark}")
    if seen.encoding != "utf-8":
        if seen.guessed:
            questions.append(f"csv: is {seen.encoding} the encoding? the file is no UTF-8")
            lines.append("  # QUESTION: the file is no UTF-8; is this the encoding?")
        lines.append(f"  encoding: {seen.encoding}")
    if not seen.headed:
        questions.append("csv: the file has no header; what are its columns?")
        lines.append("  # QUESTION: the first line is no header; what are the columns called?")
        lines.append(f"  header: [{', '.join(seen.frame.columns)}]")
    return ["csv:", *lines] if lines else []


def flow(spec: Mapping[str, object]) -> str:
    """Keys and values as YAML in braces."""
    parts = [
        f"{key}: {flow(value) if isinstance(value, dict) else scalar(str(value))}"
        if key.isidentifier()
        else f"{scalar(key)}: {scalar(str(value))}"
        for key, value in spec.items()
    ]
    return f"{{{', '.join(parts)}}}"


def scalar(text: str) -> str:
    """A text as YAML; quoted unless it is a plain word."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def writable(name: str) -> bool:
    """Whether a mapping can name a column."""
    return bool(name.strip()) and _UNKEPT.search(name) is None


def _clean(text: str) -> str:
    """A text for a comment: one line without characters that YAML refuses."""
    return _UNKEPT.sub("?", text)
