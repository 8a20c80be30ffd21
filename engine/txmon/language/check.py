"""Syntax -> typed nodes: names looked up, params and definitions put in, constants folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from txmon.language import algebra, nodes, syntax
from txmon.language.arithmetic import binary, minus
from txmon.language.builtins import FOREIGN_NAMES, FUNCTIONS, foreign_column
from txmon.language.calls import call, one_type
from txmon.language.checking import Checking
from txmon.language.compare import between, comparison, in_values, text_test
from txmon.language.lists import attribute, in_list
from txmon.language.nodes import Column, Expr, FeatureRef, GroupValue, Measure, column_names
from txmon.language.problems import Code, Problem, closest
from txmon.language.scope import ListParam, Place
from txmon.language.separate import judged
from txmon.schema import ALERT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable


MAX_NODES = 2_000
MAX_DEPTH = 100
FEATURELESS: dict[Place, str] = {
    Place.RULE_WHERE: "the rule's where decides which rows features see, so it reads no feature",
    Place.DEFINITION: "a definition belongs to every rule, so it reads columns only",
}


class Checker(Checking):
    """Types one expression within its scope."""

    def expr(self, node: syntax.Node) -> Expr | None:
        """The typed node of an expression, or None if something in it is wrong."""
        return self._HANDLERS[type(node)](self, node)

    def _name(self, node: syntax.Name) -> Expr | None:
        scope, name = self.scope, node.name
        if name in scope.features:
            return self._feature(node)
        if name in scope.params:
            return self._param(node)
        if name in scope.measures:
            return Measure(scope.measures[name], name)
        if name in scope.pack.definitions:
            return self._definition(node)
        type_ = scope.pack.column(name)
        if type_ is None:
            self._unknown(node)
            return None
        return Column(type_, name) if self._side_fits(name, node) else None

    def _side_fits(self, name: str, node: syntax.Node) -> bool:
        if self.scope.sided or not self.scope.pack.is_sided(name):
            return True
        if self.scope.place is Place.RULE_WHERE:
            message = f"the rule's where looks at whole payments; '{name}' belongs to a side"
            advice = "put it in when, or in a feature's where"
        else:
            message = f"'{name}' exists on the two-sided timeline only"
            advice = "write by: account in the rule, or read the debtor_ or creditor_ column"
        self.report(Code.SIDE, message, node, advice)
        return False

    def _feature(self, node: syntax.Name) -> Expr | None:
        scope, info = self.scope, self.scope.features[node.name]
        if scope.place in FEATURELESS:
            self.report(Code.NOT_VISIBLE, FEATURELESS[scope.place], node)
            return None
        if info.type is None:
            return None
        if info.sided and not scope.sided:
            message = f"feature '{node.name}' reads a side, and this looks at whole payments"
            self.report(Code.SIDE, message, node)
            return None
        return FeatureRef(info.type, node.name)

    def _param(self, node: syntax.Name) -> Expr | None:
        value = self.scope.params[node.name]
        if isinstance(value, ListParam):
            message = f"'{node.name}' is a list"
            self.report(Code.NOT_VISIBLE, message, node, f"write: x in {node.name}")
            return None
        if isinstance(value, nodes.Vary) and not self._side_fits(value.column, node):
            return None
        return value

    def _definition(self, node: syntax.Name) -> Expr | None:
        expr = self.scope.pack.definitions[node.name].expr
        if expr is None or self.scope.sided:
            return expr
        sided = sorted(filter(self.scope.pack.is_sided, column_names(expr)))
        if sided:
            message = f"definition '{node.name}' reads '{sided[0]}' of a side"
            advice = "it can be used in rules with by: account"
            self.report(Code.SIDE, message, node, advice)
            return None
        return expr

    def _unknown(self, node: syntax.Name) -> None:
        scope, name = self.scope, node.name
        if name in scope.hidden:
            self.report(Code.NOT_VISIBLE, scope.hidden[name], node)
            return
        if name in scope.later:
            what = "definition" if scope.place is Place.DEFINITION else "feature"
            message = f"{what} '{name}' stands below and cannot be read here yet"
            advice = f"a {what} reads {what}s above it only"
            self.report(Code.NOT_VISIBLE, message, node, advice)
            return
        if name in scope.pack.lists:
            message = f"'{name}' is a list of the pack"
            self.report(Code.NOT_VISIBLE, message, node, f"write: x in lists.{name}")
            return
        self.report(Code.UNKNOWN_NAME, f"unknown name '{name}'", node, self._advice(name))

    def _advice(self, name: str) -> str:
        if name.lower() in FOREIGN_NAMES:
            return FOREIGN_NAMES[name.lower()]
        if name in ALERT_COLUMNS:
            return "it is a column of alerts: only a rule with input: alerts can read it"
        match = foreign_column(name, self.scope.names) or closest(name, self.scope.names)
        if match:
            return f"did you mean '{match}'?"
        if name in FUNCTIONS:
            return f"a function needs its brackets: {name}()"
        return f'a name is a column, param or feature; for a text write "{name}"'

    def _logic(self, node: syntax.Logic) -> Expr | None:
        typed = [self.condition(item, f"a side of '{node.op}'") for item in node.operands]
        operands: list[Expr] = []
        for item in typed:
            if item is None:
                return None
            same = isinstance(item, nodes.Logic) and item.op == node.op
            operands.extend(nodes.children(item) if same else (item,))
        return nodes.Logic(node.op, tuple(operands))

    def _not(self, node: syntax.Not) -> Expr | None:
        operand = self.condition(node.operand, "what stands after 'not'")
        return None if operand is None else nodes.Not(operand)

    def _if(self, node: syntax.If) -> Expr | None:
        condition = self.condition(node.condition, "the condition of 'if'")
        branches = self.all((node.yes, node.no))
        if condition is None or branches is None:
            return None
        held = one_type(self, node, branches)
        return None if held is None else nodes.If(held[0], condition, *held[1])

    def _this(self, node: syntax.This) -> Expr | None:
        around = self.scope
        if around.judged is None:
            message = "'this' is the payment being judged, and has a meaning inside aggregates only"
            counted = around.place in {Place.ARGUMENT, Place.FEATURE_WHERE}
            self.report(Code.THIS, message, node, "" if counted else f"write {node.name}")
            return None
        self.scope = around.judged
        expr = self.expr(syntax.Name(node.end - len(node.name), node.end, node.name))
        self.scope = around
        return None if expr is None else judged(expr)

    def _value(self, node: syntax.Value) -> Expr | None:
        if self.scope.group_value is None:
            message = "'value' is a group's result and has a meaning after 'having' only"
            self.report(Code.THIS, message, node)
            return None
        return GroupValue(self.scope.group_value)

    def _step_field(self, node: syntax.StepField) -> Expr | None:
        repeated = self.scope.steps.get(node.step)
        if repeated is None:
            self._no_step(node)
            return None
        if repeated != bool(node.pick):
            advice = f"write first({node.step}.{node.name}) or last({node.step}.{node.name})"
            if not repeated:
                advice = f"write {node.step}.{node.name}"
            times = "several times" if repeated else "once"
            message = f"step '{node.step}' happens {times}"
            self.report(Code.SEQUENCE, message, node, advice)
            return None
        expr = self.expr(syntax.Name(node.start, node.end, node.name))
        if isinstance(expr, Column | FeatureRef):
            return nodes.StepField(expr.type, node.step, expr.name, node.pick)
        if expr is not None:
            message = f"'{node.name}' is neither a column nor a feature, so no step has it"
            self.report(Code.SEQUENCE, message, node, f"write {node.name}")
        return None

    def _no_step(self, node: syntax.StepField) -> None:
        if node.step in self.scope.closed_steps:
            self.report(Code.SEQUENCE, self.scope.closed_steps[node.step], node)
            return
        message = f"there is no step '{node.step}'"
        advice = ""
        if self.scope.pack.column(node.step) or node.step in self.scope.features:
            advice = f"'{node.step}' has no parts: a dot belongs to steps of a sequence"
        elif match := closest(node.step, self.scope.steps):
            advice = f"did you mean '{match}'?"
        self.report(Code.UNKNOWN_NAME, message, node, advice)

    _HANDLERS: ClassVar[dict[type[syntax.Node], Callable[[Any, Any], Expr | None]]] = {
        syntax.Number: lambda _, node: algebra.number(node.value, node.scale, whole=node.whole),
        syntax.Duration: lambda _, node: algebra.duration(node.value),
        syntax.Text: lambda _, node: algebra.text(node.value),
        syntax.Boolean: lambda _, node: algebra.boolean(node.value),
        syntax.Name: _name,
        syntax.Minus: minus,
        syntax.Binary: binary,
        syntax.Logic: _logic,
        syntax.Not: _not,
        syntax.If: _if,
        syntax.Comparison: comparison,
        syntax.Between: between,
        syntax.InValues: in_values,
        syntax.InList: in_list,
        syntax.TextTest: text_test,
        syntax.Call: call,
        syntax.This: _this,
        syntax.Value: _value,
        syntax.StepField: _step_field,
        syntax.ListAttribute: attribute,
    }


def check_size(expr: Expr, length: int) -> Problem | None:
    """What is wrong with the size of a typed tree, definitions put in; None if it may be used."""
    count, deepest, waiting = 0, 0, [(expr, 1)]
    while waiting and count <= MAX_NODES:
        node, level = waiting.pop()
        count, deepest = count + 1, max(deepest, level)
        waiting.extend((child, level + 1) for child in nodes.children(node))
    if count <= MAX_NODES and deepest <= MAX_DEPTH:
        return None
    message = "with its definitions put in, the expression is too large"
    return Problem(Code.TOO_COMPLEX, message, 0, length)
