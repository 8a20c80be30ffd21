"""What can be wrong with a rule: stable codes, and problems by their place in one text."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Path = tuple[str | int, ...]
"""The way from a document's root to one of its values: keys and positions."""


class Code(StrEnum):
    """Stable codes of findings; ``docs/errors.md`` has a paragraph on each.

    Those with W are warnings: the pack can be used all the same.
    """

    UNREADABLE = "E001"
    YAML_SYNTAX = "E002"
    YAML_FEATURE = "E003"
    TOO_LARGE = "E004"
    DUPLICATE_KEY = "E005"
    UNKNOWN_KEY = "E006"
    MISSING_KEY = "E007"
    WRONG_SHAPE = "E008"
    BAD_VALUE = "E009"
    BAD_TABLE = "E010"

    BAD_CHARACTER = "E101"
    UNTERMINATED_TEXT = "E102"
    BAD_NUMBER = "E103"
    UNEXPECTED = "E104"
    MIXED_LOGIC = "E105"
    FOREIGN_SYNTAX = "E106"
    TOO_COMPLEX = "E107"
    MISSING_WINDOW = "E108"
    CLAUSE_ORDER = "E109"
    MISPLACED_AGGREGATE = "E110"

    UNKNOWN_NAME = "E201"
    NAME_CLASH = "E202"
    BAD_NAME = "E203"
    UNKNOWN_FUNCTION = "E204"
    UNKNOWN_LIST = "E205"
    CIRCLE = "E206"
    DUPLICATE_RULE = "E207"
    UNKNOWN_VALUE = "E208"
    NOT_VISIBLE = "E209"

    COMPARISON = "E301"
    ARITHMETIC = "E302"
    ARGUMENT = "E303"
    ARGUMENT_COUNT = "E304"
    NOT_A_CONDITION = "E305"
    BRANCHES = "E306"
    NO_ORDER = "E307"
    TOO_WIDE = "E308"
    LITERAL_RANGE = "E309"
    PATTERN = "E310"

    SIDE = "E401"
    AMBIGUOUS_KEY = "E402"
    KEY = "E403"
    WINDOW = "E404"
    UNBOUNDED = "E405"
    THIS = "E406"
    VARYING = "E407"
    SEQUENCE = "E408"
    GRAPH = "E409"
    SOURCE = "E410"
    REVERSALS = "E411"

    PARAM = "E501"
    MESSAGE = "E502"
    SETTING = "E503"
    SELECTION = "E504"
    LIST = "E505"
    RATES = "E506"
    EXCEPTION = "E507"
    LOCK = "E508"
    LOCK_LOGIC = "E509"

    SILENT_SOURCE = "W101"
    ENDED_EXCEPTION = "W102"


TITLES: dict[Code, str] = {
    Code.UNREADABLE: "the file or folder cannot be read",
    Code.YAML_SYNTAX: "the file is not well-formed YAML",
    Code.YAML_FEATURE: "a YAML feature that packs do not use",
    Code.TOO_LARGE: "a file is too long, too deep or has too many values",
    Code.DUPLICATE_KEY: "a key stands twice",
    Code.UNKNOWN_KEY: "a key that does not belong here",
    Code.MISSING_KEY: "a required key is missing",
    Code.WRONG_SHAPE: "a text where keys or a list belong, or the other way round",
    Code.BAD_VALUE: "a value that its key does not take",
    Code.BAD_TABLE: "a CSV table is not well-formed",
    Code.BAD_CHARACTER: "a character that expressions do not use",
    Code.UNTERMINATED_TEXT: "a text without its closing quote",
    Code.BAD_NUMBER: "a number or duration that cannot be read",
    Code.UNEXPECTED: "something else was expected here",
    Code.MIXED_LOGIC: "`and` beside `or` without parentheses",
    Code.FOREIGN_SYNTAX: "a habit of SQL, Sigma or another language",
    Code.TOO_COMPLEX: "an expression is too long or too deep",
    Code.MISSING_WINDOW: "an aggregate without its window",
    Code.CLAUSE_ORDER: "a clause of a feature is repeated or out of order",
    Code.MISPLACED_AGGREGATE: "an aggregate or point function outside a feature of its own",
    Code.UNKNOWN_NAME: "a name that nothing declares",
    Code.NAME_CLASH: "one name for two things",
    Code.BAD_NAME: "a name that cannot be used",
    Code.UNKNOWN_FUNCTION: "a function that does not exist",
    Code.UNKNOWN_LIST: "a list that the pack does not have",
    Code.CIRCLE: "features or definitions that need each other",
    Code.DUPLICATE_RULE: "two rules with one id",
    Code.UNKNOWN_VALUE: "a text that the pack does not declare for this column",
    Code.NOT_VISIBLE: "a name that exists but cannot be read here",
    Code.COMPARISON: "two types that cannot be compared",
    Code.ARITHMETIC: "two types that cannot be calculated with",
    Code.ARGUMENT: "an argument of the wrong type",
    Code.ARGUMENT_COUNT: "the wrong number of arguments",
    Code.NOT_A_CONDITION: "a value where true or false is needed",
    Code.BRANCHES: "branches of different types",
    Code.NO_ORDER: "a type that has no order",
    Code.TOO_WIDE: "an exact result could be too large",
    Code.LITERAL_RANGE: "a constant is out of range",
    Code.PATTERN: "a pattern that cannot be used",
    Code.SIDE: "a side is read where whole payments are looked at",
    Code.AMBIGUOUS_KEY: "a key that could mean either side",
    Code.KEY: "a key that cannot be a timeline's",
    Code.WINDOW: "a window that cannot be used",
    Code.UNBOUNDED: "`all time` with an aggregate that must forget",
    Code.THIS: "`this` or `value` where it has no meaning",
    Code.VARYING: "a varying param where one value is needed",
    Code.SEQUENCE: "a sequence or one of its steps is wrong",
    Code.GRAPH: "a graph pattern is wrong",
    Code.SOURCE: "the alerts that a rule over alerts reads are named wrongly",
    Code.REVERSALS: "reversed payments cannot be left out here",
    Code.PARAM: "a param's type, default or vary is wrong",
    Code.MESSAGE: "a message with a wrong place for a value",
    Code.SETTING: "a setting that fits no param",
    Code.SELECTION: "a selection that matches no rule",
    Code.LIST: "a list's file is wrong",
    Code.RATES: "rates.csv is wrong",
    Code.EXCEPTION: "an exception is wrong",
    Code.LOCK: "the lock file does not have the rules of the pack",
    Code.LOCK_LOGIC: "a rule's logic has changed and its version has not",
    Code.ENDED_EXCEPTION: "an exception has ended",
    Code.SILENT_SOURCE: "a rule over alerts reads rules that raise none for it",
}
"""Code -> what it is about, in one line."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong within one text, from offset ``start`` up to ``end``."""

    code: StrEnum
    message: str
    start: int
    end: int
    help: str = ""


class ExpressionError(Exception):
    """A text that cannot be read on; never leaves the front end."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem and the way to the text it is in; ``on_key`` means the key, not its value."""

    path: Path
    problem: Problem
    on_key: bool = False


@dataclass(slots=True)
class Faults:
    """Collects what is wrong with one document."""

    found: list[Fault] = field(default_factory=list)

    def add(self, path: Path, problem: Problem) -> None:
        """Note a problem within the text at ``path``."""
        self.found.append(Fault(path, problem))

    def extend(self, path: Path, problems: Iterable[Problem]) -> None:
        """Note several problems of the text at ``path``."""
        self.found.extend(Fault(path, problem) for problem in problems)

    def whole(self, path: Path, code: Code, message: str, help: str = "") -> None:  # noqa: A002
        """Note a problem with the whole value at ``path``."""
        self.add(path, Problem(code, message, 0, WHOLE, help))

    def key(self, path: Path, code: Code, message: str, help: str = "") -> None:  # noqa: A002
        """Note a problem with the last key of ``path``."""
        self.found.append(Fault(path, Problem(code, message, 0, WHOLE, help), on_key=True))


WHOLE = 1 << 30
"""An end beyond every text: the problem is with all of it."""


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` most likely meant, if any is near."""
    by_lower = {other.lower(): other for other in known}
    matches = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.65)
    return by_lower[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?``, or nothing when no known name is near."""
    match = closest(name, known)
    return f"did you mean '{match}'?" if match else ""
