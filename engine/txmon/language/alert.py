"""What a rule's alert says of itself: its subject, its suppression, what may be excepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.language.checked import Suppress
from txmon.language.graphs import shape_of
from txmon.language.lengths import read_length
from txmon.language.measures import ROLES_OF
from txmon.language.over_alerts import SUBJECT
from txmon.language.problems import Code, Faults, Path, did_you_mean

if TYPE_CHECKING:
    from txmon.language.patterns import Shape
    from txmon.language.scope import Scope
    from txmon.model import RuleDocument

DEFAULT_SUBJECT = "debtor_account"


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """The subject's column and the suppression of a rule."""

    subject: str
    suppress: Suppress | None


@dataclass(frozen=True, slots=True)
class AlertReader:
    """Reads the ``alert`` part of one rule."""

    scope: Scope
    faults: Faults

    def read(self, document: RuleDocument) -> AlertPolicy:
        """The policy; what is wrong with it is reported."""
        alert = document.alert
        nobody = SUBJECT if self.scope.pack.over_alerts else DEFAULT_SUBJECT
        default = document.by[0] if document.by else nobody
        shape = shape_of(document)
        if shape is not None:
            default = ROLES_OF[shape][0]
            self._role(alert.subject or default, shape)
        elif alert.subject is not None:
            self._column(("alert", "subject"), alert.subject)
        for position, name in enumerate(alert.exceptable):
            self._column(("alert", "exceptable", position), name)
        return AlertPolicy(alert.subject or default, self._suppress(document))

    def _role(self, subject: str, shape: Shape) -> None:
        roles = ROLES_OF[shape]
        if subject not in roles:
            message = f"the subject of {shape} is one of its accounts: {', '.join(roles)}"
            advice = did_you_mean(subject, roles)
            self.faults.whole(("alert", "subject"), Code.GRAPH, message, advice)

    def _column(self, path: Path, name: str) -> None:
        pack = self.scope.pack
        if pack.column(name) is None:
            known = (*pack.schema.columns, *pack.schema.sided())
            message = f"unknown column '{name}'"
            advice = did_you_mean(name, known)
            if name in self.scope.features or name in self.scope.params:
                message, advice = f"'{name}' is no column of the payments", ""
            self.faults.whole(path, Code.UNKNOWN_NAME, message, advice)
        elif pack.is_sided(name) and not self.scope.sided:
            message = f"'{name}' exists on the two-sided timeline only"
            advice = "write by: account in the rule, or name the debtor_ or creditor_ column"
            self.faults.whole(path, Code.SIDE, message, advice)

    def _suppress(self, document: RuleDocument) -> Suppress | None:
        suppress = document.alert.suppress
        if suppress is None:
            return None
        if not document.by and document.graph is None and suppress.by == "timeline":
            message = "a rule without by has no timeline to suppress on: one alert would hide all"
            advice = "write suppress: {for: 24h, by: subject}, or give the rule its by"
            self.faults.key(("alert", "suppress"), Code.BAD_VALUE, message, advice)
        span, problems = read_length(suppress.span, self.scope)
        self.faults.extend(("alert", "suppress", "for"), problems)
        return None if span is None else Suppress(span, suppress.by == "subject")
