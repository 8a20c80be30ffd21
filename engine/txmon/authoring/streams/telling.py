"""The shortest stream of transactions on which two rules differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from txmon.authoring.streams.climb import Climber
from txmon.authoring.streams.draft import Draft, of_case
from txmon.authoring.streams.edit import edited
from txmon.authoring.streams.editor import Editor
from txmon.authoring.streams.lab import Lab
from txmon.authoring.streams.reading import constants_of, decision
from txmon.authoring.streams.search import combined
from txmon.authoring.streams.shrink import shrink
from txmon.authoring.streams.stream import Stream, stream_of
from txmon.language.strata import with_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from txmon.authoring.cases.case import Case
    from txmon.authoring.streams.lab import Alerts
    from txmon.language.checked import Pack, Rule

OLD, NEW = "old", "new"
_SHRUNK = 3
"""So many of the shortest telling drafts are shrunk; the simplest result wins."""
_BATCH = 1_500
_COMBINED = 6
"""Of so many of the first drafts, edits are combined."""


def telling_stream(
    old: Rule,
    new: Rule,
    pack: Pack,
    seeds: Sequence[Case] = (),
    *,
    tries: int = 3_000,
) -> Stream | None:
    """The shortest stream found on which the alerts of two rules differ, or None.

    Alerts are compared by subject, time, level, severity and side. First the seeds themselves are
    tried (or, if none of them fires, streams made from the rules), then edits of them that bring
    amounts, gaps and counts to the constants of the two rules, then combinations of edits. That
    none is found does not prove the rules equal.

    Args:
        old: a rule; of the pack or a changed one.
        new: another rule, which may have the same id.
        pack: the pack that both stand in, with the rules whose alerts they read.
        seeds: cases to begin with, those that fire first of all.
        tries: how many streams are judged at most, before those that shorten what was found.
    """
    if decision(old) == decision(new):
        return None
    lab = Lab({OLD: old, NEW: new}, pack)
    rules = with_sources([old, new], [old, new, *pack.rules])
    editor = Editor.of(pack, constants_of(rules, pack))
    search = _Search(lab, editor, tries)
    begun = _begun(seeds, lab)
    if not any(_fires(lab, begun)):
        begun = [*_constructed((new, old), lab, begun), *begun]
    found = search.found(begun)
    if not found:
        return None
    shortest = sorted(found, key=lambda draft: draft.weight)[:_SHRUNK]
    simple = [shrink(draft, partial(_telling, lab), editor) for draft in shortest]
    best = min(simple, key=lambda draft: draft.weight)
    alerts = lab.alerts([best])[0]
    assert alerts is not None  # noqa: S101 - what tells was judged
    return stream_of(best, alerts[OLD], alerts[NEW])


def _begun(seeds: Sequence[Case], lab: Lab) -> list[Draft]:
    """The drafts to begin with, those on which a rule fires before others, shorter ones first."""
    drafts = list(dict.fromkeys(of_case(case, lab.columns) for case in seeds if case.rows))
    alerts = lab.alerts(drafts)
    sound = [(draft, one) for draft, one in zip(drafts, alerts, strict=True) if one is not None]
    return [draft for draft, one in sorted(sound, key=lambda pair: _rank(*pair))]


def _fires(lab: Lab, drafts: Sequence[Draft]) -> list[bool]:
    return [one is not None and any(one.values()) for one in lab.alerts(drafts)]


def _constructed(rules: Sequence[Rule], lab: Lab, begun: Sequence[Draft]) -> list[Draft]:
    """Drafts on which either rule fires, made from the rule."""
    found: list[Draft] = []
    for rule in rules:
        if not found:
            found = Climber.of(rule, lab.pack, lab.columns).firing(begun[:_COMBINED])
    return found


def _rank(draft: Draft, alerts: Mapping[str, Alerts]) -> tuple[object, ...]:
    return not any(alerts.values()), draft.weight


def _telling(lab: Lab, drafts: Sequence[Draft]) -> list[bool]:
    return [one is not None and one[OLD] != one[NEW] for one in lab.alerts(drafts)]


@dataclass(slots=True)
class _Search:
    """Looks for telling drafts, a batch at a time, until the tries are used up."""

    lab: Lab
    editor: Editor
    tries: int

    def found(self, begun: Sequence[Draft]) -> list[Draft]:
        """Telling drafts: of the seeds, else of single edits, else of several."""
        telling = self._tell(begun)
        if telling:
            return telling
        for batch in self._batches(_in_turn([self._singles(draft) for draft in begun])):
            telling = self._tell(batch)
            if telling:
                return telling
        edits = [(draft, list(self.editor.all(draft))) for draft in begun[:_COMBINED]]
        return self._tell(combined(edits, self.tries))

    def _singles(self, draft: Draft) -> Iterator[Draft]:
        return (edited(draft, (edit,)) for edit in self.editor.all(draft))

    def _tell(self, drafts: Sequence[Draft]) -> list[Draft]:
        tells = _telling(self.lab, drafts)
        return [draft for draft, one in zip(drafts, tells, strict=True) if one]

    def _batches(self, drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
        """Different drafts, as many at a time as one evaluation judges well."""
        different = islice(_different(drafts), self.tries)
        while batch := list(islice(different, _BATCH)):
            yield batch


def _different(drafts: Iterable[Draft]) -> Iterator[Draft]:
    seen: set[Draft] = set()
    for draft in drafts:
        if draft not in seen:
            seen.add(draft)
            yield draft


def _in_turn(sources: Sequence[Iterator[Draft]]) -> Iterator[Draft]:
    """One of each source after the other, until all are empty."""
    waiting = list(sources)
    while waiting:
        for source in list(waiting):
            found = next(source, None)
            if found is None:
                waiting.remove(source)
            else:
                yield found
