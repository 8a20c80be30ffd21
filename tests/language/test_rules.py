"""What the parts of a right rule become."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from language.rules import pack_of, rule_of
from language.wrong_rules import PACK
from txmon.errors import PackError
from txmon.language.checked import Severity, Suppress
from txmon.language.nodes import (
    Aggregate,
    Column,
    Compare,
    FeatureRef,
    Literal,
    Member,
    Not,
    Point,
    Span,
    Vary,
    Window,
)
from txmon.language.text import canonical, canonical_graph, render
from txmon.types import INT, MONEY, TEXT, Kind, Type

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400_000_000


def test_params_stand_as_their_values(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        """\
        params: {limit: {type: money, default: 5_000.00}}
        when: amount <= limit
        """,
    )

    assert rule.levels[0].when == Compare(
        "<=", Column(MONEY, "amount"), Literal(Type(Kind.MONEY, 4, 26), 50_000_000)
    )
    assert rule.parameters == {"limit": "5_000.00"}


def test_a_varying_param_is_one_node_of_one_scale(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        """\
        params: {share: {type: number, default: 0.5, vary: {channel: {app: 0.125, web: 1}}}}
        when: risk_score > share
        """,
    )
    node = rule.levels[0].when

    assert isinstance(node, Compare)
    assert isinstance(node.right, Vary)
    assert node.right.type == Type(Kind.NUMBER, 3, 10)
    assert [(text, case.value) for text, case in node.right.cases] == [("app", 125), ("web", 1000)]  # type: ignore[union-attr]
    assert node.right.default == Literal(Type(Kind.NUMBER, 3, 9), 500)
    assert rule.parameters == {"share": "0.5 (channel app: 0.125, channel web: 1)"}


def test_a_varying_list_param_asks_each_list(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        """\
        params: {kinds: {type: list, default: [card], vary: {channel: {app: [card, login]}}}}
        when: kind in kinds
        """,
    )
    node = rule.levels[0].when

    assert isinstance(node, Vary)
    assert isinstance(node.default, Member)
    assert canonical(node) == (
        '(vary channel "app":(in kind text:"card" text:"login") (in kind text:"card"))'
    )


def test_definitions_are_put_in(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, "by: account\nwhen: small and incoming\n")

    assert render(rule.levels[0].when) == 'amount < 500 and direction == "in"'
    assert [clause.text for clause in rule.levels[0].clauses] == ["small", "incoming"]


def test_a_rule_without_by_is_about_single_payments(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, "when: amount > 500\n")

    assert (rule.by, rule.sided, rule.subject) == ((), False, "debtor_account")
    assert rule.suppress is None


@pytest.mark.parametrize(
    ("by", "sided", "subject"),
    [
        ("account", True, "account"),
        ("[account, counterparty]", True, "account"),
        ("own_segment", True, "own_segment"),
        ("[creditor_account, debtor_account]", False, "creditor_account"),
        ("device_id", False, "device_id"),
    ],
)
def test_the_first_key_is_the_subject(by: str, sided: bool, subject: str, tmp_path: Path) -> None:  # noqa: FBT001
    rule = rule_of(tmp_path, f"by: {by}\nwhen: amount > 500\n")

    assert (rule.sided, rule.subject) == (sided, subject)


def test_suppression_is_by_timeline_unless_it_says_subject(tmp_path: Path) -> None:
    pack = pack_of(
        tmp_path,
        "by: debtor_account\nwhen: amount > 5\nalert: {suppress: 24h}\n",
        "when: amount > 5\nalert: {suppress: {for: 48h, by: subject}}\n",
        "by: debtor_account\nparams: {w: {type: duration, default: 7d}}\n"
        "when: amount > 5\nalert: {suppress: w}\n",
    )

    assert [rule.suppress for rule in pack.rules] == [
        Suppress(DAY),
        Suppress(2 * DAY, by_subject=True),
        Suppress(7 * DAY),
    ]


def test_levels_take_what_they_lack_from_the_rule(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        """\
        levels:
          - when: amount > 900
            severity: critical
            score: 99
            message: "very much"
          - when: amount > 500
        alert: {score: 50, message: "{amount}"}
        """,
    )
    first, second = rule.levels

    assert (first.position, first.severity, first.score) == (0, Severity.CRITICAL, 99)
    assert (second.position, second.severity, second.score) == (1, Severity.LOW, 50)
    assert first.message is not None
    assert second.message is not None
    assert first.message.parts == ("very much",)
    assert second.message.parts == (Column(MONEY, "amount"),)


def test_a_message_holds_columns_params_and_features(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        """\
        by: debtor_account
        params: {limit: {type: money, default: 5}, kinds: {type: list, default: [card, login]}}
        features: {n: count() over 24h}
        when: amount > limit and kind in kinds
        alert: {message: "{n} of {kinds} over {limit} by {debtor_account} {{sic}}"}
        """,
    )
    message = rule.levels[0].message

    assert message is not None
    assert message.parts == (
        FeatureRef(INT, "n"),
        " of ",
        Literal(TEXT, "card, login"),
        " over ",
        Literal(Type(Kind.MONEY, 4, 16), 50_000),
        " by ",
        Column(TEXT, "debtor_account"),
        " {sic}",
    )


WINDOWS = {
    "24h": Window(Span.TIME, DAY),
    "30d ending 1d ago": Window(Span.TIME, 30 * DAY, DAY),
    "span": Window(Span.TIME, 7 * DAY),
    "span ending 1h ago excluding this": Window(Span.TIME, 7 * DAY, DAY // 24, excluding_this=True),
    "24h excluding this": Window(Span.TIME, DAY, excluding_this=True),
    "last 10": Window(Span.ROWS, 10),
    "last k matching": Window(Span.ROWS, 3, matching=True),
    "last 10 excluding this": Window(Span.ROWS, 10, excluding_this=True),
    "all time": Window(Span.ALL),
    "all time excluding this": Window(Span.ALL, excluding_this=True),
}


@pytest.mark.parametrize(("text", "window"), WINDOWS.items())
def test_windows(text: str, window: Window, tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        f"""\
        by: debtor_account
        params: {{span: {{type: duration, default: 7d}}, k: {{type: int, default: 3}}}}
        features: {{n: count() where kind == "card" over {text}}}
        when: n > 3
        """,
    )

    assert rule.features["n"].window == window  # type: ignore[union-attr]
    assert rule.feature_texts["n"] == f'count() where kind == "card" over {text}'


TYPES = {
    "count() over 24h": INT,
    "distinct(counterparty, kind) over 24h": INT,
    "sum(amount) over 24h": Type(Kind.MONEY, 4, 63),
    "sum(risk_score) over 24h": Type(Kind.NUMBER, 2, 63),
    "sum(amount * 0.5) over 24h": Type(Kind.MONEY, 5, 63),
    "mean(amount) over 24h": Type(Kind.MONEY, 4, exact=False),
    "mean(risk_score) over 24h": Type(Kind.NUMBER, exact=False),
    "std(sequence) over 24h": Type(Kind.NUMBER, exact=False),
    "min(event_time) over 24h": Type(Kind.TIME),
    "max(amount / 2) over 24h": Type(Kind.MONEY, 4, exact=False),
    "first(kind) over 24h": TEXT,
    "last(opened) over 24h": Type(Kind.DATE),
    "previous(amount)": MONEY,
    "time_since_previous() by debtor_account": Type(Kind.DURATION),
    "time_since_first()": Type(Kind.DURATION),
    "is_first(counterparty) over 7d": Type(Kind.BOOL),
    "amount * 2": Type(Kind.MONEY, 4, 59),
    "amount + 0.12345": Type(Kind.MONEY, 5, 62),
    "amount / amount": Type(Kind.NUMBER, exact=False),
    "sequence * sequence": Type(Kind.INT, 0, 126),
    "sequence + 1": Type(Kind.INT, 0, 64),
    "sequence + 0.5": Type(Kind.NUMBER, 1, 68),
    "event_time - event_time": Type(Kind.DURATION),
    "event_time - 24h": Type(Kind.TIME),
    "24h * 0.5": Type(Kind.DURATION, 0, 36),
    "round(amount / 3, 2)": Type(Kind.MONEY, 4, 63),
    "round(amount / amount, 3)": Type(Kind.NUMBER, 3, 63),
    "coalesce(amount, 0)": MONEY,
    "hour(event_time)": Type(Kind.INT, 0, 5),
    "date(event_time)": Type(Kind.DATE),
    "lower(kind)": TEXT,
}


@pytest.mark.parametrize(("text", "type_"), TYPES.items())
def test_types_of_features(text: str, type_: Type, tmp_path: Path) -> None:
    rule = rule_of(tmp_path, f"by: account\nfeatures:\n  x: {text}\nwhen: is_null(x)\n")

    assert rule.features["x"].type == type_


def test_a_feature_takes_the_rules_keys_or_its_own(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        """\
        by: [account, counterparty]
        features:
          mine: count() over 24h
          theirs: count() by counterparty over 24h
          known: time_since_first() by [debtor_account, device_id]
        when: mine > 3 and theirs > 3 and known > 3h
        """,
    )

    keys = {name: node.keys for name, node in rule.features.items()}  # type: ignore[union-attr]
    assert keys == {
        "mine": ("account", "counterparty"),
        "theirs": ("counterparty",),
        "known": ("debtor_account", "device_id"),
    }


def test_features_read_features_above_them(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        """\
        by: account
        features:
          idle: time_since_previous()
          slept: max(idle) where idle > 1h over 48h
          long: slept > 30d
        when: long
        """,
    )
    slept = rule.features["slept"]

    assert isinstance(rule.features["idle"], Point)
    assert isinstance(slept, Aggregate)
    assert slept.arguments == (FeatureRef(Type(Kind.DURATION), "idle"),)
    assert rule.levels[0].when == FeatureRef(Type(Kind.BOOL), "long")


CLAUSES = {
    "amount > 5": ["amount > 5"],
    "(amount > 5)": ["amount > 5"],
    'amount > 5 and (kind == "card" or not is_null(branch))': [
        "amount > 5",
        'kind == "card"',
        "not (is_null(branch))",
    ],
    'not (amount > 5 or kind == "card")': ["not (amount > 5)", 'not (kind == "card")'],
    "not not amount > 5": ["amount > 5"],
    "(amount + 1) * 2 > (5 + amount)": ["(amount + 1) * 2 > (5 + amount)"],
    "5 < amount <= 9": ["5 < amount <= 9"],
    "if amount > 5 then true else false": ["if amount > 5 then true else false"],
}


@pytest.mark.parametrize(("when", "texts"), CLAUSES.items())
def test_clauses_are_the_leaves_with_their_texts(
    when: str, texts: list[str], tmp_path: Path
) -> None:
    rule = rule_of(tmp_path, f"when: >-\n  {when}\n")

    assert [clause.text for clause in rule.levels[0].clauses] == texts


def test_a_negated_clause_is_true_when_it_speaks_for_the_rule(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, 'when: not (amount > 5 or amount in 1..2 or kind == "card")\n')

    first, second, third = (clause.node for clause in rule.levels[0].clauses)
    assert render(first) == "amount <= 5"
    assert isinstance(second, Not)
    assert render(second) == "not amount in 1..2"
    assert render(third) == 'kind != "card"'


def test_a_clause_over_several_lines_is_one_line(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, 'when: |\n  amount > 5 and\n  kind\n    == "card"\n')

    assert [clause.text for clause in rule.levels[0].clauses] == ["amount > 5", 'kind == "card"']


CONSTANTS = {
    "2 * 3 + 1": (Kind.INT, 0, 7),
    "-5": (Kind.INT, 0, -5),
    "80%": (Kind.NUMBER, 1, 8),
    "0.50": (Kind.NUMBER, 1, 5),
    "2.0": (Kind.NUMBER, 0, 2),
    "1 - 0.25": (Kind.NUMBER, 2, 75),
    "24h + 30min": (Kind.DURATION, 0, 88_200_000_000),
}


@pytest.mark.parametrize(("text", "constant"), CONSTANTS.items())
def test_constants_are_folded(text: str, constant: tuple[Kind, int, int], tmp_path: Path) -> None:
    rule = rule_of(tmp_path, f"by: account\nfeatures:\n  x: {text}\nwhen: is_null(x)\n")
    node = rule.features["x"]

    assert isinstance(node, Literal)
    assert (node.type.kind, node.type.scale, node.value) == constant
    assert node.type.bits == abs(int(node.value)).bit_length()


SAME_MEANING = [
    ("amount > 5_000.00", "amount   >   5000"),
    ('amount > 5 and kind == "card"', '(amount > 5) and (kind == "card")'),
    (
        'amount > 5 and (kind == "card" and is_null(branch))',
        'amount > 5 and kind == "card" and is_null(branch)',
    ),
    ("amount in 5..9", "5 <= amount <= 9"),
    ("small", "amount < 500"),
]


@pytest.mark.parametrize(("one", "other"), SAME_MEANING)
def test_one_meaning_has_one_canonical_form(one: str, other: str, tmp_path: Path) -> None:
    pack = pack_of(tmp_path, f"when: {one}\n", f"when: {other}\n")

    first, second = (canonical(rule.levels[0].when) for rule in pack.rules)
    assert first == second


def test_events_where_and_needs_are_kept(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        """\
        by: debtor_account
        where: kind in ("card", "login")
        events: [login]
        features: {known: time_since_first()}
        needs: known > 30d
        when: amount > 5
        alert: {exceptable: [creditor_account]}
        """,
    )

    assert rule.events == ("login",)
    assert rule.where is not None
    assert rule.needs is not None
    assert rule.exceptable == ("creditor_account",)
    assert render(rule.where) == 'kind in ("card", "login")'
    assert render(rule.needs) == "known > 30d"


def test_a_pack_may_not_name_a_column_like_a_measure_of_its_graph_rules(tmp_path: Path) -> None:
    text = "graph: {cycle: {hops: 2..3, within: 24h}}\n"

    with pytest.raises(PackError, match="the pack's column 'hops' clashes"):
        pack_of(tmp_path, text, header=PACK.replace("branch: text", "hops: int"))


def test_bounds_that_mean_the_same_have_one_logic(tmp_path: Path) -> None:
    graphs = (
        "cycle: {hops: 2..20, within: 24h, keep: 80%..}",
        "cycle: {hops: 2.., within: 1d, hold: 48h, keep: 0.80.., search_limit: 10_000}",
        "cycle: {hops: 2.., within: 24h, hold: 23h, keep: 80%..}",
        "cycle: {hops: 2.., within: 24h, keep: 80%..100%}",
        "chain: {hops: 2.., within: 24h, keep: 80%..}",
        "cycle: {hops: 2.., within: 24h, keep: 80%.., through: amount > 5}",
    )
    rules = pack_of(tmp_path, *(f"graph: {{{graph}}}\n" for graph in graphs)).rules
    texts = [canonical_graph(rule.graph) for rule in rules if rule.graph]

    assert texts[0] == texts[1]
    assert len(set(texts)) == len(graphs) - 1
