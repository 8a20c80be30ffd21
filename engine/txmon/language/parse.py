"""Tokens -> the syntax tree of an expression (recursive descent, one method a production)."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn, TypeVar

from txmon.language import syntax
from txmon.language.builtins import FOREIGN_FUNCTIONS, FUNCTIONS, RESERVED, STATEFUL
from txmon.language.cursor import Cursor
from txmon.language.habits import FOREIGN_WORDS
from txmon.language.problems import Code, ExpressionError, Problem, did_you_mean
from txmon.language.scan import (
    DURATION,
    END,
    NAME,
    NUMBER,
    SYMBOL,
    TEXT,
    WORD,
    Token,
)

NodeT = TypeVar("NodeT", bound=syntax.Node)

MAX_DEPTH = 60
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
TEXT_TESTS = ("contains", "starts_with", "ends_with", "matches")
CLAUSES = frozenset({"where", "by", "over", "per", "having"})


class Parser(Cursor):
    """Reads one text; every method consumes the production it is named after."""

    def whole(self) -> syntax.Node:
        """An expression that is all of the text."""
        node = self.expression()
        self.end()
        return node

    def end(self) -> None:
        """Make sure that nothing is left."""
        token = self.token
        if token.kind == END:
            return
        if token.text in CLAUSES and token.kind == WORD:
            self._stray_clause(token)
        self.fail(f"expected an operator or the end, found {token}")

    def _stray_clause(self, token: Token) -> NoReturn:
        message = f"'{token.text}' belongs to an aggregate such as count() or sum(x)"
        advice = "an aggregate stands alone in a feature: give it a name under features"
        problem = Problem(Code.MISPLACED_AGGREGATE, message, token.start, token.end, advice)
        raise ExpressionError(problem)

    def expression(self) -> syntax.Node:
        """``if a then b else c``, or logic."""
        if self.at("if"):
            return self.nested(self._choice)
        return self.logic()

    def _choice(self) -> syntax.Node:
        start = self.advance().start
        condition = self.expression()
        self.expect("then", "after the condition of 'if'")
        yes = self.expression()
        self.expect("else", "after the value of 'then'")
        no = self.expression()
        return syntax.If(start, no.end, condition, yes, no)

    def logic(self) -> syntax.Node:
        """Operands joined by ``and``, or by ``or``; never both without parentheses."""
        operands = [self.negation()]
        op = self.token.text if self.at("and", "or") else ""
        while word := self.take("and", "or"):
            if word.text != op:
                self._mixed(word)
            operands.append(self.negation())
        if len(operands) == 1:
            return operands[0]
        return syntax.Logic(operands[0].start, operands[-1].end, op, tuple(operands))

    def _mixed(self, word: Token) -> NoReturn:
        message = "'and' beside 'or' could mean two things"
        advice = "put parentheses around the part that belongs together"
        raise ExpressionError(Problem(Code.MIXED_LOGIC, message, word.start, word.end, advice))

    def negation(self) -> syntax.Node:
        """``not`` and a test, or a test."""
        if self.at("not"):
            return self.nested(self._not)
        return self.test()

    def _not(self) -> syntax.Node:
        start = self.advance().start
        operand = self.negation()
        return syntax.Not(start, operand.end, operand)

    def test(self) -> syntax.Node:
        """A comparison, a membership, a test of texts, or a plain value."""
        left = self.sum()
        if self.at(*COMPARISONS):
            return self._comparison(left)
        if self.at("in") or (self.at("not") and self.ahead.text == "in"):
            return self._membership(left)
        if word := self.take(*TEXT_TESTS):
            right = self.sum()
            return syntax.TextTest(left.start, right.end, word.text, left, right)
        return left

    def _comparison(self, left: syntax.Node) -> syntax.Node:
        op = self.advance().text
        middle = self.sum()
        if not self.at(*COMPARISONS):
            return syntax.Comparison(left.start, middle.end, op, left, middle)
        second = self.token.text
        if not {op, second} <= {"<", "<="}:
            advice = "a chain goes upwards: low < x <= high; join other comparisons with and"
            self.fail(f"{self.token} cannot follow '{op}'", advice)
        self.advance()
        right = self.sum()
        if self.at(*COMPARISONS):
            self.fail("a chain has two comparisons", "join more comparisons with and")
        opens = (op == "<", second == "<")
        return syntax.Between(left.start, right.end, middle, left, right, *opens)

    def _membership(self, left: syntax.Node) -> syntax.Node:
        negated = self.take("not")
        self.advance()
        node = self._members(left)
        return syntax.Not(left.start, node.end, node) if negated else node

    def _members(self, left: syntax.Node) -> syntax.Node:
        if self.at("lists"):
            return self._named_list(left)
        if self.token.kind == NAME and self._ends_member(self.ahead):
            name = self.advance()
            return syntax.InList(left.start, name.end, left, name.text, False, name.start)
        if self.at("("):
            return self._bracketed(left)
        return self._range(left, self.sum())

    def _ends_member(self, token: Token) -> bool:
        return token.kind in {END, WORD} or token.text in {")", ","}

    def _named_list(self, left: syntax.Node) -> syntax.Node:
        self.advance()
        self.expect(".", "after 'lists'")
        name = self.name("the name of a list after 'lists.'")
        return syntax.InList(left.start, name.end, left, name.text, True, name.start)

    def _bracketed(self, left: syntax.Node) -> syntax.Node:
        # ( starts a list of values or the first end of a range: `x in (a + b)..c`.
        mark = self.mark()
        values, end = self.arguments()
        if not self.at("..", "+", "-", "*", "/"):
            if not values:
                self.back(mark + 1)
                self.fail("a list of values cannot be empty")
            return syntax.InValues(left.start, end, left, values)
        self.back(mark)
        return self._range(left, self.sum())

    def _range(self, left: syntax.Node, low: syntax.Node) -> syntax.Node:
        advice = 'write: x in ("a", "b"), x in 1..5, x in lists.name, or x in a list param'
        if not self.take(".."):
            self.fail(
                f"expected a list of values or a range after 'in', found {self.token}", advice
            )
        high = self.sum()
        return syntax.Between(left.start, high.end, left, low, high, False, False)

    def sum(self) -> syntax.Node:
        """Products joined by ``+`` and ``-``."""
        left = self.product()
        while op := self.take("+", "-"):
            right = self.product()
            left = syntax.Binary(left.start, right.end, op.text, left, right)
        return left

    def product(self) -> syntax.Node:
        """Factors joined by ``*`` and ``/``."""
        left = self.factor()
        while op := self.take("*", "/"):
            right = self.factor()
            left = syntax.Binary(left.start, right.end, op.text, left, right)
        return left

    def factor(self) -> syntax.Node:
        """Minus a factor, or an atom."""
        if self.at("-"):
            return self.nested(self._minus)
        return self.atom()

    def _minus(self) -> syntax.Node:
        start = self.advance().start
        operand = self.factor()
        return syntax.Minus(start, operand.end, operand)

    def atom(self) -> syntax.Node:
        """A constant, a name, a call, or an expression in parentheses."""
        token = self.token
        if token.kind in {NUMBER, DURATION, TEXT}:
            return _constant(self.advance())
        if token.text == "(" and token.kind == SYMBOL:
            return self.nested(self._parenthesised)
        if token.text in FUNCTIONS and self.ahead.text == "(":
            return self.nested(self._call)
        if token.kind == WORD:
            return self._word()
        if token.kind == NAME:
            return self._named()
        return self.fail(f"expected a value, found {token}")

    def _parenthesised(self) -> syntax.Node:
        opening = self.advance()
        node = self.expression()
        closing = self.expect(")", "to close the parenthesis")
        return replace(node, start=opening.start, end=closing.end)

    def _word(self) -> syntax.Node:
        word = self.advance()
        if word.text in {"true", "false"}:
            return syntax.Boolean(word.start, word.end, word.text == "true")
        if word.text == "value":
            return syntax.Value(word.start, word.end)
        if word.text == "this":
            self.expect(".", "after 'this'")
            name = self.name("a name after 'this.'")
            return syntax.This(word.start, name.end, name.text)
        if word.text == "lists":
            return self._attribute(word)
        self.back(self.mark() - 1)
        advice = f"'{word.text}' is a word of the language, not a name"
        if word.text == "if":
            advice = "put the whole if ... then ... else ... in parentheses"
        return self.fail(f"expected a value, found {word}", advice)

    def _attribute(self, word: Token) -> syntax.Node:
        self.expect(".", "after 'lists'")
        name = self.name("the name of a list after 'lists.'")
        if not self.take("["):
            advice = f"a list stands right of in: x in lists.{name.text}"
            self.fail(f"expected '[' after the list's name, found {self.token}", advice)
        key = self.nested(self.expression)
        self.expect("]", "after the key")
        self.expect(".", "and the name of a column")
        column = self.name("the name of the list's column")
        return syntax.ListAttribute(word.start, column.end, name.text, key, column.text)

    def _named(self) -> syntax.Node:
        token = self.token
        if self.ahead.text == "(" and self.ahead.kind == SYMBOL:
            self._unknown_function(token)
        if token.text.lower() in RESERVED:
            self.fail("")
        self.advance()
        if self.at(".") and self.ahead.kind in {NAME, WORD}:
            self.advance()
            field = self.advance()
            return syntax.StepField(token.start, field.end, token.text, field.text)
        return syntax.Name(token.start, token.end, token.text)

    def _unknown_function(self, token: Token) -> NoReturn:
        lowered = token.text.lower()
        message = f"there is no function '{token.text}'"
        usual = FOREIGN_FUNCTIONS.get(lowered) or (f"{lowered}()" if lowered in FUNCTIONS else "")
        advice = f"write {usual}" if usual else did_you_mean(token.text, FUNCTIONS)
        if lowered in FOREIGN_WORDS or lowered in RESERVED:
            self.fail(message)
        raise ExpressionError(
            Problem(Code.UNKNOWN_FUNCTION, message, token.start, token.end, advice)
        )

    def _call(self) -> syntax.Node:
        name = self.token
        if name.text in STATEFUL:
            return self._step_pick() or self.misplaced(name)
        self.advance()
        arguments, end = self.arguments()
        return syntax.Call(name.start, end, name.text, arguments, name.end)

    def misplaced(self, name: Token) -> NoReturn:
        """Stop at an aggregate or point function that does not stand alone."""
        message = f"{name.text}() looks at other rows and cannot stand inside an expression"
        advice = "give it a name under features and use the name here"
        raise ExpressionError(
            Problem(Code.MISPLACED_AGGREGATE, message, name.start, name.end, advice)
        )

    def _step_pick(self) -> syntax.Node | None:
        # first(step.field) and last(step.field) look like aggregates but are values of a sequence.
        texts = [self.look(count).text for count in range(6)]
        if texts[0] not in {"first", "last"} or texts[3] != "." or texts[5] != ")":
            return None
        taken = [self.advance() for _ in range(6)]
        step, field = taken[2].text, taken[4].text
        return syntax.StepField(taken[0].start, taken[5].end, step, field, taken[0].text)

    def arguments(self) -> tuple[tuple[syntax.Node, ...], int]:
        """Expressions in parentheses and where the closing one ends."""
        self.expect("(", "to open the arguments")
        found: list[syntax.Node] = []
        while not self.at(")"):
            if self.at("*") and not found and self.ahead.text == ")":
                self.fail("'*' is no argument", "count() takes none")
            found.append(self.nested(self.expression))
            if not self.at(")"):
                self.expect(",", "or ')' after the argument")
        return tuple(found), self.advance().end


def _constant(token: Token) -> syntax.Node:
    if token.kind == DURATION:
        return syntax.Duration(token.start, token.end, token.value)
    if token.kind == TEXT:
        return syntax.Text(token.start, token.end, token.text)
    whole, percent = token.scale == 0, token.text.endswith("%")
    return syntax.Number(token.start, token.end, token.value, token.scale, whole, percent)


def parse_expression(text: str) -> syntax.Node:
    """The syntax tree of a whole expression.

    Raises:
        ExpressionError: at the first thing that does not fit.
    """
    return within_depth(Parser(text).whole())


def within_depth(node: NodeT) -> NodeT:
    """The node, if its tree is not too deep to be worked on."""
    if syntax.depth(node) > MAX_DEPTH:
        message = f"the expression is more than {MAX_DEPTH} steps deep"
        advice = "give its parts names under features"
        problem = Problem(Code.TOO_COMPLEX, message, node.start, node.end, advice)
        raise ExpressionError(problem)
    return node
