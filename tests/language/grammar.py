"""Random texts of the language: token soups, and expressions of a small grammar."""

from __future__ import annotations

from hypothesis import strategies as st

from txmon.language.aggregates import check_feature
from txmon.language.checked import ListTable
from txmon.language.conditions import read_condition
from txmon.language.scope import ListParam, PackScope, Place, Scope
from txmon.language.values import read_value
from txmon.schema import Schema
from txmon.types import DATE, INT, TEXT, Kind, Type

PACK = PackScope(
    Schema.with_columns({"score": Type(Kind.NUMBER, 2), "tries": INT, "opened": DATE}),
    values={"kind": ("card", "transfer")},
    lists={"watched": ListTable.of(TEXT, {"A"})},
)
SCOPE = Scope(
    PACK,
    sided=True,
    place=Place.FEATURE,
    params={
        "limit": read_value(Kind.MONEY, "500"),
        "span": read_value(Kind.DURATION, "24h"),
        "rows": read_value(Kind.INT, "10"),
        "kinds": ListParam("", (), ("card",)),
    },
)
WORDS = (
    *("and", "or", "not", "in", "if", "then", "else", "where", "by", "over", "per", "having"),
    *("this", "value", "lists", "true", "false", "last", "previous", "all", "calendar"),
    *("business", "active", "ending", "ago", "excluding", "contains", "matches", "time", "day"),
    *("amount", "kind", "event_time", "score", "tries", "opened", "account", "direction"),
    *("limit", "span", "rows", "kinds", "debtor_account", "first", "count", "sum", "max", "mean"),
    *("is_first", "time_since_first", "round", "coalesce", "least", "is_null", "hour", "date"),
    *("watched", "nothing", "steps", "null", "between", "EUR"),
    *("(", ")", "[", "]", "{", "}", ",", ".", "..", "+", "-", "*", "/", "=", "==", "!=", "<"),
    *("<=", ">", ">=", "&&", "<>", "%", "'x'", '"card"', '"', "#", "0", "5", "0.8", "80%"),
    *("24h", "7d", "5m", "1.5h", "10_000.00", "999999999999999999"),
)

soups = st.lists(st.sampled_from(WORDS), max_size=24).map(" ".join)
glued = st.lists(st.sampled_from(WORDS), max_size=12).map("".join)
texts = st.one_of(soups, glued, st.text(max_size=40))

# A money param among constants only has no text of its own, so none stands here.
_money = st.sampled_from(["amount", "debtor_balance", "500", "10.50", "-3"])
_number = st.sampled_from(["score", "tries", "5", "0.8", "80%", "2.0", "-1", "hour(event_time)"])
_text = st.sampled_from(["kind", "direction", "account", '"card"', "lower(kind)"])
_duration = st.sampled_from(["span", "24h", "7d", "90s", "event_time - event_time"])


def _pair(parts: st.SearchStrategy[str], *ops: str) -> st.SearchStrategy[str]:
    return st.builds("{} {} {}".format, parts, st.sampled_from(ops), parts)


_moneys = st.one_of(
    _money,
    _pair(_money, "+", "-"),
    st.builds("({} * {})".format, _number, _money),
    st.builds("{} / {}".format, _money, _number),
    st.builds("{}({}, {})".format, st.sampled_from(["least", "coalesce"]), _money, _money),
    st.builds("round({}, 2)".format, _money),
    st.builds("(if {} > 1 then {} else {})".format, _number, _money, _money),
)
_tests = st.one_of(
    _pair(_moneys, "<", "<=", ">", ">=", "==", "!="),
    _pair(_number, "<", "=="),
    _pair(_text, "==", "!=", "contains", "starts_with"),
    st.builds("{} < {} <= {}".format, _moneys, _moneys, _moneys),
    st.builds("{} in {}..{}".format, _number, _number, _number),
    st.builds("{} not in ({}, {})".format, _text, _text, _text),
    st.builds("{} in lists.watched".format, _text),
    st.builds("is_multiple({}, {})".format, _money, _money),
    st.builds("is_null({})".format, _moneys),
    _text.map('{} matches "^a|b$"'.format),
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("not {}".format, inner.map("({})".format)),
        st.builds(
            "({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner.map("({})".format)
        ),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
    )


conditions = st.recursive(_tests, _larger, max_leaves=6)

__all__ = [
    "PACK",
    "SCOPE",
    "check_feature",
    "conditions",
    "read_condition",
    "texts",
]
