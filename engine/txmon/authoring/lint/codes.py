"""The stable codes of lints and what each is about; the page ``PAGE`` has a part on each."""

from __future__ import annotations

from enum import StrEnum


class Lint(StrEnum):
    """Stable codes of lints: never given to another meaning, never used again."""

    NEVER = "L101"
    ALWAYS = "L102"
    EXCLUDED = "L103"
    SHADOWED = "L104"
    UNREACHABLE = "L105"
    NEGATED_NULL = "L106"
    NO_FLOOR = "L107"
    EQUAL_FLOATS = "L108"
    PERCENT = "L109"
    UNDECLARED = "L110"

    HIDING_WHERE = "L201"
    BOTH_SIDES = "L202"
    OTHER_SIDE = "L203"
    INITIATOR = "L204"
    LAST_THEN_WHERE = "L205"
    COUNTED_EVENTS = "L206"
    COUNTED_ROWS = "L207"
    NO_HISTORY = "L208"
    OWN_BASELINE = "L209"
    SHORT_SUPPRESSION = "L210"
    LONG_SUPPRESSION = "L211"
    NO_SUPPRESSION = "L212"
    MIXED_CURRENCIES = "L213"

    UNUSED_PARAM = "L301"
    UNUSED_FEATURE = "L302"
    UNUSED_DEFINITION = "L303"
    UNUSED_LIST = "L304"
    LEVEL_ORDER = "L305"
    UNKNOWN_IN_MESSAGE = "L306"
    PROSE = "L307"

    NO_CASES = "L401"
    NO_FIRING_CASE = "L402"
    NO_SILENT_CASE = "L403"
    NO_DESCRIPTION = "L404"
    NO_REFERENCES = "L405"
    NO_FALSE_POSITIVES = "L406"
    NO_SCORE = "L407"
    NO_MESSAGE = "L408"

    IDLE_SUPPRESSION = "L901"
    UNKNOWN_CODE = "L902"


TITLES: dict[Lint, str] = {
    Lint.NEVER: "a condition that is never true",
    Lint.ALWAYS: "a condition that is always true",
    Lint.EXCLUDED: "conditions that exclude each other",
    Lint.SHADOWED: "a condition that another one already says",
    Lint.UNREACHABLE: "a level that is never reached",
    Lint.NEGATED_NULL: "what is missing is not unequal",
    Lint.NO_FLOOR: "a multiple of what can be zero, without a floor",
    Lint.EQUAL_FLOATS: "a computed number that must be exactly equal",
    Lint.PERCENT: "a share that lacks its percent sign",
    Lint.UNDECLARED: "values of a column that the pack does not declare",
    Lint.HIDING_WHERE: "the rule's where hides payments by their amount",
    Lint.BOTH_SIDES: "a condition that holds for payer and payee alike",
    Lint.OTHER_SIDE: "a debtor's or creditor's column in a two-sided rule",
    Lint.INITIATOR: "the payer's device on the payee's side",
    Lint.LAST_THEN_WHERE: "the last n rows, and then where",
    Lint.COUNTED_EVENTS: "a count that counts events without money too",
    Lint.COUNTED_ROWS: "a count of payments that is named like a count of people",
    Lint.NO_HISTORY: "what is new, in data where everything once was",
    Lint.OWN_BASELINE: "a payment that is compared with itself",
    Lint.SHORT_SUPPRESSION: "a suppression much shorter than the window",
    Lint.LONG_SUPPRESSION: "a suppression much longer than the window",
    Lint.NO_SUPPRESSION: "a window, and no suppression",
    Lint.MIXED_CURRENCIES: "amounts of several currencies taken together",
    Lint.UNUSED_PARAM: "a param that nothing reads",
    Lint.UNUSED_FEATURE: "a feature that nothing reads",
    Lint.UNUSED_DEFINITION: "a definition that nothing reads",
    Lint.UNUSED_LIST: "a list that nothing reads",
    Lint.LEVEL_ORDER: "a lower level that is graver than one above it",
    Lint.UNKNOWN_IN_MESSAGE: "a message with a value that may be missing",
    Lint.PROSE: "prose that says another number than the rule",
    Lint.NO_CASES: "a rule without cases",
    Lint.NO_FIRING_CASE: "no case in which the rule fires",
    Lint.NO_SILENT_CASE: "no case in which the rule stays silent",
    Lint.NO_DESCRIPTION: "a stable rule without a description",
    Lint.NO_REFERENCES: "a stable rule without references",
    Lint.NO_FALSE_POSITIVES: "a stable rule without its false positives",
    Lint.NO_SCORE: "a stable rule without a score",
    Lint.NO_MESSAGE: "a stable rule without a message",
    Lint.IDLE_SUPPRESSION: "a suppression of a lint that silences nothing",
    Lint.UNKNOWN_CODE: "a suppression of a lint that does not exist",
}
"""Code -> what it is about, in one line."""

PAGE = "docs/workbench/lint.md"
