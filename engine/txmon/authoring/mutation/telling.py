"""Cases that would notice a mutant: the shortest stream that tells it from its rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.authoring.cases.append import append_cases
from txmon.authoring.streams.lab import columns_for
from txmon.authoring.streams.stream import StreamRow
from txmon.authoring.streams.telling import telling_stream
from txmon.packs import load_cases
from txmon.packs.cases import cases_beside

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from txmon.authoring.cases.case import Case
    from txmon.authoring.mutation.mutants import Mutant
    from txmon.authoring.mutation.run import RuleScore
    from txmon.authoring.streams.stream import Stream
    from txmon.language.checked import Pack, Rule


def telling_case(rule: Rule, mutant: Mutant, pack: Pack, seeds: Sequence[Case]) -> str | None:
    """A case in the notation of the rule's case file that the mutant fails, if one is found.

    What it expects is what the rule does now; whether that is right is for its author to say.
    """
    plain = [case for case in seeds if case.changed is None]
    stream = telling_stream(rule, mutant.rule, pack, plain)
    if stream is None or stream.expected(stream.old) == stream.expected(stream.new):
        return None  # what differs, such as the side, is not among what its case would expect
    document, _, _ = load_cases(cases_beside(rule.path))
    read = columns_for([rule, mutant.rule], pack, booked=False)
    fitted = beside(stream, {} if document is None else document.row, read)
    return fitted.case(f"mutant {mutant.change}: confirm what is right", stream.old)


def beside(stream: Stream, defaults: Mapping[str, str], read: Collection[str]) -> Stream:
    """The stream as it is written in a file whose rows have defaults.

    A column that has its default in every row is left out. One that has a default and no value,
    though the rules read it, says so.
    """
    texts = {name: {row.texts.get(name) for row in stream.rows} for name in stream.columns}
    shown = [name for name in stream.columns if texts[name] != {defaults.get(name)}]
    shown += [name for name in defaults if name in read and name not in stream.columns]
    rows = tuple(
        StreamRow(row.at, {name: row.texts.get(name) for name in shown}) for row in stream.rows
    )
    return replace(stream, columns=tuple(shown), rows=rows)


def write_telling(score: RuleScore) -> tuple[Path, int]:
    """Add the telling cases of a rule's survivors to its case file, each different one once.

    Returns:
        The file, and how many cases were added.

    Raises:
        OutputError: the file cannot be written, or has no cases to add to.
    """
    file = cases_beside(score.file)
    told = [one.case for one in score.survivors if one.case is not None]
    different = {case.partition("\n")[2]: case for case in reversed(told)}
    cases = [case for case in told if case in different.values()]
    if cases:
        append_cases(file, cases)
    return file, len(cases)
