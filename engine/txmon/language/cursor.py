"""A place in the tokens of a text, and how reading stops when something does not fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from txmon.language.builtins import RESERVED
from txmon.language.habits import DURATION_UNITS, FOREIGN_SYMBOLS, FOREIGN_UNITS, FOREIGN_WORDS
from txmon.language.problems import Code, ExpressionError, Problem
from txmon.language.scan import NAME, NUMBER, SYMBOL, WORD, Token, foreign_symbol, scan

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.language import syntax

MAX_NESTING = 40
_CURRENCY = re.compile("[A-Z]{3}")


class Cursor:
    """The tokens of one text, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = scan(text)
        self._position = 0
        self._nesting = 0

    @property
    def token(self) -> Token:
        """The token to be read next."""
        return self._tokens[self._position]

    @property
    def ahead(self) -> Token:
        """The token after the next one."""
        return self.look(1)

    @property
    def before(self) -> Token:
        """The token that was taken last."""
        return self._tokens[max(self._position - 1, 0)]

    def look(self, count: int) -> Token:
        """The token so many after the next one."""
        return self._tokens[min(self._position + count, len(self._tokens) - 1)]

    def mark(self) -> int:
        """The present place, to come back to."""
        return self._position

    def back(self, mark: int) -> None:
        """Read on from an earlier place."""
        self._position = mark

    def advance(self) -> Token:
        """Take the next token."""
        token = self.token
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of these words or symbols."""
        return self.token.kind in {WORD, SYMBOL, NAME} and self.token.text in texts

    def take(self, *texts: str) -> Token | None:
        """The next token if it is one of these words or symbols."""
        return self.advance() if self.at(*texts) else None

    def expect(self, text: str, purpose: str) -> Token:
        """The next token, which must be this word or symbol."""
        if not self.at(text):
            self.fail(f"expected '{text}' {purpose}, found {self.token}")
        return self.advance()

    def fail(self, message: str, help: str = "") -> NoReturn:  # noqa: A002
        """Stop at the next token."""
        token = self.token
        if odd := self._habit(token):
            raise ExpressionError(odd)
        raise ExpressionError(Problem(Code.UNEXPECTED, message, token.start, token.end, help))

    def _habit(self, token: Token) -> Problem | None:
        lowered = token.text.lower()
        if token.kind == SYMBOL and token.text in FOREIGN_SYMBOLS:
            return foreign_symbol(token.text, token.start)
        if token.kind == NAME and lowered in RESERVED:
            message = f"'{token.text}' is written in lower case"
            advice = f"write {lowered}"
        elif token.kind == NAME and lowered in FOREIGN_WORDS:
            message, advice = FOREIGN_WORDS[lowered]
        else:
            return self._after_number(token)
        return Problem(Code.FOREIGN_SYNTAX, message, token.start, token.end, advice)

    def _after_number(self, token: Token) -> Problem | None:
        number = self.before
        if token.kind != NAME or number.kind != NUMBER or number.end > token.start:
            return None
        start, end = number.start, token.end
        if token.text in DURATION_UNITS or token.text in FOREIGN_UNITS:
            advice = FOREIGN_UNITS.get(token.text, "write {n}" + token.text)
            message = "a duration is written in one word"
            return Problem(Code.BAD_NUMBER, message, start, end, advice.replace("{n}", number.text))
        if _CURRENCY.fullmatch(token.text):
            message = "amounts have no currency here"
            advice = "amount is in the pack's reporting currency, original_amount as booked"
            return Problem(Code.FOREIGN_SYNTAX, message, token.start, end, advice)
        return None

    def name(self, what: str) -> Token:
        """The next token, which must be a name; ``what`` says of what."""
        if self.token.kind != NAME:
            self.fail(f"expected {what}, found {self.token}")
        return self.advance()

    def nested(self, production: Callable[[], syntax.Node]) -> syntax.Node:
        """A production one level deeper, within the limit."""
        if self._nesting >= MAX_NESTING:
            token = self.token
            message = f"the expression is nested more than {MAX_NESTING} levels deep"
            advice = "give its parts names under features"
            raise ExpressionError(
                Problem(Code.TOO_COMPLEX, message, token.start, token.end, advice)
            )
        self._nesting += 1
        node = production()
        self._nesting -= 1
        return node
