"""Which columns a case may give and what may stand in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.language.problems import WHOLE, Code, Problem, closest, did_you_mean
from txmon.schema import RESERVED, Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.checked import Pack

AT = "at"
NULL = "-"
_MADE_BY_INTAKE = frozenset({"original_amount"})
_MONEY_GOES_WITH = "currency"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a pack that a case may give, and the defaults of every row of a file."""

    known: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    defaults: Mapping[str, str | None]

    @classmethod
    def of(cls, pack: Pack, row: Mapping[str, str]) -> Columns:
        """The columns of a pack, with the ``row`` of a case file."""
        names = Schema.with_columns(pack.columns).columns
        known = tuple(name for name in names if name not in RESERVED | _MADE_BY_INTAKE)
        defaults = {name: None if text == NULL else text for name, text in row.items()}
        return cls(known, pack.values, defaults)

    def unknown(self, name: str, start: int = 0, end: int = WHOLE) -> Problem | None:
        """That a case cannot give a column of this name, if it cannot."""
        if name in self.known:
            return None
        message = f"there is no column '{name}'"
        advice = did_you_mean(name, self.known)
        if name in RESERVED | _MADE_BY_INTAKE:
            message = f"'{name}' is made from the other columns; a case does not give it"
            advice = f"the time of a row stands under {AT}" if name == "event_time" else ""
        return Problem(Code.UNKNOWN_NAME, message, start, end, advice)

    def undeclared(
        self, name: str, text: str | None, start: int = 0, end: int = WHOLE
    ) -> Problem | None:
        """That the pack does not declare a value of a column, if it declares others."""
        declared = self.values.get(name, ())
        if text is None or text in declared or not declared or text == NULL:
            return None
        message = f"the pack declares no {name} '{text}'"
        near = closest(text, declared)
        advice = f"did you mean '{near}'?" if near else f"it declares: {', '.join(declared)}"
        return Problem(Code.UNKNOWN_VALUE, message, start, end, advice)

    def row(self, written: Mapping[str, str | None]) -> dict[str, str | None]:
        """The texts of a row: what is written over the defaults."""
        texts = {**self.defaults, **written}
        if texts.get("amount") is None and _MONEY_GOES_WITH not in written:
            # The default currency is that of amounts; a row without money has neither.
            texts[_MONEY_GOES_WITH] = None
        return texts
