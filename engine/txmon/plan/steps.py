"""A sequence as one line that is equal for sequences of one meaning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.nodes import Expr, StepField, replaced
from txmon.language.text import canonical

if TYPE_CHECKING:
    from txmon.language.checked import Level, Sequence, Step


def sequence_text(sequence: Sequence, levels: tuple[Level, ...]) -> str:
    """The canonical text of a sequence and of what is asked of its chain, whatever the names."""
    places = {step.name: str(at) for at, step in enumerate(sequence.steps)}

    def numbered(part: Expr) -> Expr | None:
        return replace(part, step=places[part.step]) if isinstance(part, StepField) else None

    def line(step: Step) -> str:
        head = f"{'absent ' * step.absent}{step.least},{step.most} within {step.within}"
        return f"{head} {canonical(replaced(step.when, numbered))}"

    whens = (canonical(replaced(level.when, numbered)) for level in levels)
    bounds = f"within {sequence.within} search {sequence.search_limit}"
    return " | ".join((bounds, *map(line, sequence.steps), *whens))
