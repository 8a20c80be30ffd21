"""What an editor shows of a key: one or two sentences, by document and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXPRESSION = "An expression: and, or, not; == != < <= > >=; in; + - * /; names of columns, params"

RULE = {
    "id": "Lower-case words joined by -, unique in the pack; every alert carries it.",
    "version": "Three numbers. A change of the logic raises it; txmon lock keeps watch.",
    "title": "One line: what the rule finds.",
    "typology": "What kind of crime, from wide to narrow, joined by dots: scam.safe-account.",
    "severity": "How grave an alert is.",
    "status": (
        "draft: runs only if asked for by id. experimental, stable, deprecated: run. "
        "shadow: runs, and its alerts are kept apart."
    ),
    "description": "For the investigator: what happens, what to look at, what to do.",
    "references": "Where the rule comes from: guidance, cases, other systems.",
    "false_positives": "Which honest payments look the same.",
    "by": (
        "The timeline: a column or a list of columns. account makes it two-sided: each payment "
        "stands on the payer's and on the payee's. Without it single payments are judged."
    ),
    "where": (
        "Which payments the rule sees at all, its features included. What should merely not "
        "alert belongs into when. Reads no features and no sides."
    ),
    "events": "Kinds of rows without money that the rule sees too, such as login.",
    "params": "Values that may be tuned, by name.",
    "features": (
        "Named values, one to a line. An aggregate: sum(amount) where amount < 500 by "
        "debtor_account over 24h; a point: time_since_previous(), is_first(x); or an expression."
    ),
    "needs": "What must be true for judging at all; else the outcome is insufficient history.",
    "when": f"{_EXPRESSION} and features. The rule fires where it is true; unknown never fires.",
    "levels": "Several conditions, the gravest first; the first that is true decides.",
    "sequence": "Steps that rows of the timeline fill in order. when may stand beside it.",
    "graph": "One pattern of payments between accounts: cycle, chain, scatter_gather or shared.",
    "reversals": "leave_out: reversals, and what they reverse, count no more. Default: count.",
    "input": "alerts: the rule reads the alerts of other rules, named by from.",
    "from": "Ids of rules, or typologies with all below them, whose alerts the rule reads.",
    "alert": "What an alert of the rule carries, and which hits are told.",
    "lint": "Lints that txmon check is not to tell of this rule, each with its reason.",
}
_SCORE = "A whole number from 0 to 1000; it is not a probability."
_MESSAGE = "The investigator's sentence; {name} is a column, param or feature."
PARTS: Mapping[str, Mapping[str, str]] = {
    "LintDocument": {
        "code": "Such as L104; docs/workbench/lint.md has them all.",
        "at": "The one place it is about: when, features.total, alert.message, levels.1.",
        "reason": "Why the lint is wrong here.",
    },
    "ParamDocument": {
        "type": "What the value is; a list is looked up with in.",
        "default": "5_000.00 for money, 24h for a duration, 80% for a number, [a, b] for a list.",
        "vary": "Other values by the text of one column: {debtor_segment: {corporate: 100_000}}.",
    },
    "SuppressDocument": {
        "for": "Hits less than that after an open alert fold into it: 24h, or a duration param.",
        "by": "subject: whichever timeline of the subject. Default: timeline.",
    },
    "AlertDocument": {
        "subject": "The column that names whom the alert is about; default: the first of by.",
        "suppress": "A duration such as 24h, or for and by. Without it every hit is an alert.",
        "score": _SCORE,
        "exceptable": "Columns by which exceptions.yaml may except somebody from the rule.",
        "message": _MESSAGE,
    },
    "LevelDocument": {
        "when": f"{_EXPRESSION} and features.",
        "severity": "Of alerts at this level; default: the rule's.",
        "score": f"{_SCORE} Default: the rule's.",
        "message": f"{_MESSAGE} Default: the rule's.",
    },
    "StepDocument": {
        "when": f"{_EXPRESSION}, features and earlier steps: hook.amount, last(bait.amount).",
        "within": "How long after the last row of the step before, at most.",
    },
    "SequenceDocument": {
        "steps": "Each - NAME: condition. NAME{2,5} takes several rows, absent NAME none.",
        "within": "From the first row of the chain to its last, at most.",
        "search_limit": "How many rows are looked at; needed where txmon check says so.",
    },
    "GraphDocument": {
        "cycle": "Payments from account to account that return to the first.",
        "chain": "Payments from account to account, none of them twice.",
        "scatter_gather": "One account pays several, and each of them pays one and the same.",
        "shared": "An account has values of a column in common with other accounts.",
    },
    "ColumnDocument": {
        "type": "text, int, bool, money, time, date, or number with its scale.",
        "scale": "Decimals of a number, 0 to 9.",
    },
    "RatesDocument": {"max_age": "For how long after its day a rate holds: 7d, 0d."},
    "TunedParamDocument": {
        "default": "Takes the place of the param's default.",
        "vary": "Takes the place of the param's vary.",
    },
    "TunedRuleDocument": {
        "params": "Other values by param: a plain one is a default.",
        "severity": "Takes the place of the rule's; levels that name their own keep it.",
        "score": _SCORE,
        "status": "Takes the place of the rule's.",
        "enabled": "false leaves the rule out of every run.",
        "owner": "Whose choice it is.",
        "reason": "Why.",
    },
    "ExceptionDocument": {
        "rule": "A rule's id, or a typology with all below it.",
        "for": "Columns with their values; every column must have one of its values.",
        "owner": "Who answers for the exception.",
        "reason": "Why it is made.",
        "from": "Its first day; default: ever since.",
        "until": "Its last day, which belongs to it.",
        "id": "Under which name hits tell it.",
    },
}
FILES: Mapping[str, Mapping[str, str]] = {
    "rule": RULE,
    "pack": {
        "name": "Lower-case words joined by -; every alert carries it.",
        "version": "Three numbers, 1.0.0.",
        "currency": "The reporting currency, such as EUR: amount is in it.",
        "timezone": "Such as Asia/Shanghai: calendar days and hours are its.",
        "description": "What the pack is for.",
        "extends": "Packs below this one: telefraud, or paths of folders.",
        "replaces": "What of packs below ours stands in the place of: lists.NAME, define.NAME.",
        "columns": "Columns of ours beside the standard ones, each with its type.",
        "values": "What a text column may hold; a rule that compares it with else is an error.",
        "holidays": "lists.NAME with the days off beside Saturday and Sunday.",
        "rates": "How old a rate may be.",
        "define": "Named expressions over columns, for all rules of the pack.",
        "lint": "Lints that txmon check is not to tell of this pack, each with its reason.",
    },
    "tuning": {"rules": "What is different, by rule id."},
    "cases": {
        "rule": "The id of the rule that the cases are of.",
        "start": "The time that at counts from, with its zone: 2026-03-01T09:00:00+08:00.",
        "row": "Values that every row has unless its table says otherwise.",
        "cases": "Each a stream of payments, and the alerts that it must give.",
    },
    "exceptions": {"exceptions": "Who is excepted from what, by whom, until when."},
}
"""Kind of file -> its keys -> what an editor shows."""
