"""Habits of SQL, Sigma and other languages, and what to write here instead."""

from __future__ import annotations

FOREIGN_SYMBOLS: dict[str, tuple[str, str]] = {
    "===": ("'===' is no comparison", "write == to compare"),
    "!==": ("'!==' is no comparison", "write != for different"),
    "<=>": ("'<=>' is no comparison", "write == to compare"),
    "&&": ("'&&' is not used here", "write and"),
    "||": ("'||' is not used here", "write or"),
    "<>": ("'<>' is no comparison", "write != for different"),
    "=>": ("'=>' is no comparison", "write >= for at least"),
    "=<": ("'=<' is no comparison", "write <= for at most"),
    "=~": ("'=~' is no comparison", 'write: x matches "pattern"'),
    "**": ("'**' is not used here", "there are no powers; write x * x"),
    ":=": ("':=' is not used here", "give the value a name under features"),
    "->": ("'->' is not used here", "write: if a then b else c"),
    "=": ("'=' is no comparison", "write == to compare"),
    "&": ("'&' is not used here", "write and"),
    "|": (
        "'|' is not used here",
        "write or; Sigma's modifiers are contains, starts_with, ends_with",
    ),
    "!": ("'!' is not used here", "write not"),
    "%": ("'%' belongs to a number, as in 80%", "for multiples write is_multiple(x, m)"),
    "?": ("'?' is not used here", "write: if a then b else c"),
    ":": ("':' is not used here", "write: if a then b else c"),
    ";": ("';' is not used here", "an expression is one line of logic; join with and"),
    "^": ("'^' is not used here", "there are no powers; write x * x"),
    "$": ("'$' is not used here", "names and amounts stand bare: amount > 500"),
    "@": ("'@' is not used here", "names stand bare"),
    "#": ("'#' is not used here", "comments belong to the YAML around it"),
    "`": ("a name needs no quotes", "write it bare"),
    "{": ("'{' is not used in expressions", "a value's place {name} is for messages only"),
    "}": ("'}' is not used in expressions", "a value's place {name} is for messages only"),
    "[": ("'[' is not used here", 'a list of values stands in ( ): kind in ("card", "transfer")'),
    "]": ("']' is not used here", 'a list of values stands in ( ): kind in ("card", "transfer")'),
    "\\": ("'\\' is used only inside texts", ""),
}
"""Symbol -> (message, help), the longer ones first."""

LOOKALIKES: dict[str, str] = {
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u2018": '"',
    "\u2019": '"',
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2260": "!=",
    "\u00d7": "*",
    "\u00f7": "/",
    "\u2212": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2026": "..",
    "\u2227": "and",
    "\u2228": "or",
    "\u00ac": "not",
    "\u00a0": "a plain space",
    "\u3000": "a plain space",
    "\u3001": ",",
}
"""Characters that look like ours -> what to type."""

FOREIGN_WORDS: dict[str, tuple[str, str]] = {
    "between": ("'between' is not used here", "write: x in low..high, or low <= x < high"),
    "is": ("'is' is not used here", "write is_null(x), not is_null(x), or =="),
    "like": ("'like' is not used here", 'write: x contains "part", or x matches "pattern"'),
    "ilike": ("'ilike' is not used here", 'write: lower(x) contains "part"'),
    "regexp": ("'regexp' is not used here", 'write: x matches "pattern"'),
    "case": ("'case' is not used here", "write: if a then b else c"),
    "when": ("'when' is a key of the rule, not part of an expression", "write: if a then b else c"),
    "elif": ("'elif' is not used here", "write: if a then b else if c then d else e"),
    "elseif": ("'elseif' is not used here", "write: if a then b else if c then d else e"),
    "xor": ("'xor' is not used here", "write: a != b"),
    "mod": ("'mod' is not used here", "write: is_multiple(x, m)"),
    "div": ("'div' is not used here", "write: a / b"),
    "group": (
        "'group by' is not used here",
        "write by KEY after the aggregate, or by: in the rule",
    ),
    "since": ("'since' is not used here", "write: over 24h"),
    "within": ("'within' is not a clause of a feature", "write: over 24h"),
    "during": ("'during' is not used here", "write: over 24h"),
    "for": ("'for' is not used here", "write: over 24h"),
    "distinct": ("'distinct' needs its brackets", "write: distinct(x)"),
    "prior": ("'prior' is not used here", "write: over 24h excluding this"),
    "filter": ("'filter' is not used here", "write where after the aggregate"),
    "having": ("'having' needs a per before it", ""),
    "partition": ("'partition by' is not used here", "write by KEY after the aggregate"),
    "rows": ("'rows' is not used here", "write: over last 10"),
    "select": ("'select' is not used here", "features: holds the values, when: the condition"),
    "from": ("'from' is not used here", "a rule reads the payments it is given"),
}
"""Word where an operator or the end was expected -> (message, help)."""

DURATION_UNITS: dict[str, int] = {
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
"""Unit -> microseconds."""

FOREIGN_UNITS: dict[str, str] = {
    "m": "m could be minutes or months: write {n}min; months exist as calendar months only",
    "M": "months exist as calendar months only; write days: {n}d is {n} days",
    "mo": "months exist as calendar months only",
    "mon": "months exist as calendar months only",
    "month": "months exist as calendar months only",
    "months": "months exist as calendar months only",
    "y": "years exist as calendar years only; 365d is 365 days",
    "yr": "years exist as calendar years only; 365d is 365 days",
    "year": "years exist as calendar years only; 365d is 365 days",
    "years": "years exist as calendar years only; 365d is 365 days",
    "mins": "write {n}min",
    "minute": "write {n}min",
    "minutes": "write {n}min",
    "sec": "write {n}s",
    "secs": "write {n}s",
    "second": "write {n}s",
    "seconds": "write {n}s",
    "hr": "write {n}h",
    "hrs": "write {n}h",
    "hour": "write {n}h",
    "hours": "write {n}h",
    "H": "write {n}h",
    "day": "write {n}d",
    "days": "write {n}d",
    "D": "write {n}d",
    "week": "write {n}w",
    "weeks": "write {n}w",
    "W": "write {n}w",
    "S": "write {n}s",
    "us": "the smallest unit is ms",
    "k": "write the number out: {n}_000",
    "K": "write the number out: {n}_000",
    "pct": "write {n}%",
    "percent": "write {n}%",
}
"""Unit that is not ours -> what to write; {n} is the number before it."""

CUT_BY_COMMENT = (
    "a # after a space starts a comment in YAML: quote the whole value, or use a > block"
)
NO_ESCAPES = "a text has no escapes and holds no double quote; a pattern may say \\x22"
