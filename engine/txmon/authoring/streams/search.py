"""Combinations of edits, drawn by Hypothesis: always the same ones for the same drafts."""

from __future__ import annotations

import warnings
from struct import iter_unpack
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from txmon.authoring.streams.edit import edited

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from txmon.authoring.streams.draft import Draft
    from txmon.authoring.streams.edit import Edit

_MOST_EDITS = 4
_DRAW = "!6H"
"""One combination: which draft, how many edits, and which four."""
_DRAW_BYTES = 12
_BLOCK = 100
"""Combinations an example: Hypothesis spends milliseconds on each example."""


def combined(begun: Sequence[tuple[Draft, Sequence[Edit]]], count: int) -> list[Draft]:
    """Different drafts, each one of those given with two to four of its edits at once.

    Args:
        begun: drafts, each with its single edits.
        count: how many are drawn; fewer come if some are the same.
    """
    usable = [(draft, edits) for draft, edits in begun if edits]
    found: dict[Draft, None] = {}

    def draw(drawn: bytes) -> None:
        for which, size, *chosen in iter_unpack(_DRAW, drawn):
            draft, edits = usable[which % len(usable)]
            few = chosen[: 2 + size % (_MOST_EDITS - 1)]
            found[edited(draft, [edits[one % len(edits)] for one in few])] = None

    if usable:
        _drawn(draw, -(-count // _BLOCK))
    return list(found)


def _drawn(draw: Callable[[bytes], None], examples: int) -> None:
    size = _BLOCK * _DRAW_BYTES
    quiet = settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=examples,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quiet(given(st.binary(min_size=size, max_size=size))(draw))()
