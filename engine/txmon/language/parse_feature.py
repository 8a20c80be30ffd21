"""Tokens -> the syntax tree of a feature: aggregates and points with their clauses."""

from __future__ import annotations

from typing import NoReturn

from txmon.language import syntax
from txmon.language.builtins import AGGREGATES, POINTS
from txmon.language.parse import CLAUSES, Parser, within_depth
from txmon.language.problems import Code, ExpressionError, Problem
from txmon.language.scan import DURATION, END, NAME, NUMBER, SYMBOL, Token

PERIODS = ("day", "week", "month", "year")
OVER = "say over which rows: over 24h, over last 10, or over all time"
ORDER = "clauses come in this order: where, by, over"


class FeatureParser(Parser):
    """Reads the text of one feature."""

    def feature(self) -> syntax.Node:
        """An aggregate, a point or an expression, alone in the text."""
        token = self.token
        if self.ahead.text != "(" or token.text not in AGGREGATES | POINTS:
            return self.whole()
        node = self._point() if token.text in POINTS else self._aggregate()
        self._nothing_after(node)
        return node

    def _nothing_after(self, node: syntax.Node) -> None:
        token = self.token
        if token.kind == END:
            return
        if token.text in CLAUSES:
            message = f"'{token.text}' cannot stand here"
            self._stop(Code.CLAUSE_ORDER, message, token, ORDER)
        if token.text in {"+", "-", "*", "/", "and", "or", "==", "!=", "<", "<=", ">", ">=", "in"}:
            message = "an aggregate stands alone in its feature"
            advice = "calculate with its name in a second feature, or in when"
            self._stop(Code.MISPLACED_AGGREGATE, message, token, advice)
        if isinstance(node, syntax.Aggregate | syntax.Point) and token.text == "ending":
            self._stop(
                Code.CLAUSE_ORDER, "'ending' follows a duration: over 30d ending 1d ago", token
            )
        self.fail(f"expected the end of the feature, found {token}")

    def _stop(self, code: Code, message: str, token: Token, help: str = "") -> NoReturn:  # noqa: A002
        raise ExpressionError(Problem(code, message, token.start, token.end, help))

    def _aggregate(self) -> syntax.Node:
        name = self.advance()
        arguments, _ = self._aggregate_arguments()
        where = self._where()
        keys = self._by()
        if not self.at("over"):
            self._no_window(name)
        window = self._over()
        end = self.before.end
        parts = (name.text, arguments, where, keys, window, name.end)
        return syntax.Aggregate(name.start, end, *parts)

    def _no_window(self, name: Token) -> NoReturn:
        token = self.token
        if token.kind == END:
            message = f"{name.text}() needs a window"
            self._stop(Code.MISSING_WINDOW, message, self.before, OVER)
        if token.text in {"where", "by"}:
            self._stop(Code.CLAUSE_ORDER, f"'{token.text}' cannot stand here", token, ORDER)
        if token.text == "per":
            advice = "write: sum(count() per 24h) over 30d"
            self._stop(Code.CLAUSE_ORDER, "'per' stands inside another aggregate", token, advice)
        if token.kind == SYMBOL:
            self._nothing_after(syntax.Node(name.start, name.end))
        self.fail(f"{name.text}() needs a window: expected 'over', found {token}", OVER)

    def _aggregate_arguments(self) -> tuple[tuple[syntax.Node, ...], int]:
        if self.ahead.text in AGGREGATES and self.look(2).text == "(":
            self.advance()
            inner = self.nested(self._inner)
            closing = self.expect(")", "to close the aggregate")
            return (inner,), closing.end
        return self.arguments()

    def _inner(self) -> syntax.Node:
        name = self.advance()
        arguments, _ = self.arguments()
        where = self._where()
        if not self.at("per"):
            message = "an aggregate inside an aggregate needs a per"
            advice = "write: mean(sum(amount) per 24h) over 30d, or name the inner one as a feature"
            self._stop(Code.MISPLACED_AGGREGATE, message, name, advice)
        if len(arguments) > 1:
            self._stop(Code.ARGUMENT_COUNT, f"{name.text}() takes one value before per", name)
        bucket = self._per()
        having = self.expression() if self.take("having") else None
        argument = arguments[0] if arguments else None
        parts = (name.text, argument, where, bucket, having, name.end)
        return syntax.Inner(name.start, self.before.end, *parts)

    def _per(self) -> syntax.Bucket:
        start = self.advance().start
        active = self.take("active") is not None
        if self.at("calendar", "business"):
            of: syntax.Node = self._period()
        elif not active and self.token.kind == DURATION:
            token = self.advance()
            of = syntax.Duration(token.start, token.end, token.value)
        elif not active and self.token.kind == NAME:
            token = self.advance()
            of = syntax.Name(token.start, token.end, token.text)
        else:
            advice = "write: per 24h, per calendar day, per business day, or per COLUMN"
            self.fail(f"expected what the groups are after 'per', found {self.token}", advice)
        return syntax.Bucket(start, of.end, of, active)

    def _point(self) -> syntax.Node:
        name = self.advance()
        arguments, _ = self.arguments()
        where = self._where()
        keys = self._by()
        window = self._over() if self.at("over") else None
        parts = (name.text, arguments, where, keys, window, name.end)
        return syntax.Point(name.start, self.before.end, *parts)

    def _where(self) -> syntax.Node | None:
        return self.expression() if self.take("where") else None

    def _by(self) -> tuple[syntax.Key, ...]:
        if not self.take("by"):
            return ()
        if not self.take("["):
            keys = (self._key(),)
            if self.at(","):
                self.fail("several keys stand in [ ]", "write: by [a, b]")
            return keys
        found = [self._key()]
        while self.take(","):
            found.append(self._key())
        self.expect("]", "to close the keys")
        return tuple(found)

    def _key(self) -> syntax.Key:
        name = self.name("the name of a key column")
        value = self.sum() if self.take("=") else None
        return syntax.Key(name.start, value.end if value else name.end, name.text, value)

    def _over(self) -> syntax.Window:
        start = self.advance().start
        window = self._span(start)
        if not self.at("excluding"):
            return window
        self.advance()
        closing = self.expect("this", "after 'excluding'")
        parts = (window.span, window.length, window.ending, window.period, window.matching)
        return syntax.Window(start, closing.end, *parts, excluding_this=True)

    def _span(self, start: int) -> syntax.Window:
        if self.take("all"):
            self._time_word()
            return syntax.Window(start, self.before.end, "all")
        if self.take("last"):
            return self._rows(start)
        if self.take("previous"):
            length = self._length() if self.token.kind in {NUMBER, NAME} else None
            if self.token.kind == DURATION:
                self._previous_duration()
            period = self._period()
            return syntax.Window(start, period.end, "previous", length, None, period)
        if self.at("calendar", "business"):
            period = self._period()
            return syntax.Window(start, period.end, "periods", None, None, period)
        return self._duration(start)

    def _previous_duration(self) -> NoReturn:
        token = self.token
        message = "'previous' counts complete calendar periods"
        advice = (
            f"write: over {token.text} excluding this, or over {token.text} ending {token.text} ago"
        )
        self._stop(Code.WINDOW, message, token, advice)

    def _time_word(self) -> None:
        if self.token.text != "time":
            self.fail(f"expected 'time' after 'all', found {self.token}", "write: over all time")
        self.advance()

    def _rows(self, start: int) -> syntax.Window:
        if self.token.kind == DURATION:
            token = self.token
            advice = f"write: over {token.text}, or over last 10 for ten rows"
            self._stop(Code.WINDOW, "'last' counts rows", token, advice)
        length = self._length()
        matching = self.token.text == "matching" and self.advance() is not None
        parts = (length, None, None, matching)
        return syntax.Window(start, self.before.end, "rows", *parts)

    def _duration(self, start: int) -> syntax.Window:
        names_then_length = self.token.kind == NAME and self.ahead.kind in {DURATION, NUMBER}
        if names_then_length or self.token.kind not in {DURATION, NUMBER, NAME}:
            self.fail(f"expected a window after 'over', found {self.token}", OVER)
        length = self._length()
        if self.at("calendar", "business"):
            period = self._period()
            return syntax.Window(start, period.end, "periods", length, None, period)
        ending = None
        if self.take("ending"):
            ending = self._length()
            if self.token.text != "ago":
                self.fail(f"expected 'ago', found {self.token}", "write: over 30d ending 1d ago")
            self.advance()
        return syntax.Window(start, self.before.end, "time", length, ending)

    def _length(self) -> syntax.Node:
        token = self.token
        if token.kind == DURATION:
            self.advance()
            return syntax.Duration(token.start, token.end, token.value)
        if token.kind == NUMBER:
            self.advance()
            whole = token.scale == 0
            return syntax.Number(token.start, token.end, token.value, token.scale, whole)
        name = self.name("a length: a duration, a whole number, or the name of a param")
        return syntax.Name(name.start, name.end, name.text)

    def _period(self) -> syntax.Period:
        first = self.token
        if not self.take("calendar", "business"):
            advice = "write: calendar day, calendar week, calendar month, calendar year"
            self.fail(f"expected a calendar period, found {first}", advice)
        unit = self.token.text.removesuffix("s")
        allowed = PERIODS if first.text == "calendar" else ("day",)
        if unit not in allowed:
            self.fail(f"expected {', '.join(allowed)} after '{first.text}', found {self.token}")
        end = self.advance().end
        return syntax.Period(first.start, end, "business day" if first.text == "business" else unit)


def parse_feature(text: str) -> syntax.Node:
    """The syntax tree of a feature.

    Raises:
        ExpressionError: at the first thing that does not fit.
    """
    return within_depth(FeatureParser(text).feature())
