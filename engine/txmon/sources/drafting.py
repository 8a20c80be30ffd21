"""A mapping drafted from a file: what its columns surely are, and questions where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.schema import STANDARD
from txmon.sources.known_names import CREDITS, DEBITS, NAMES, OWN_NAMES, STEPS
from txmon.sources.samples import sample
from txmon.sources.shapes import ISO_FORMATS, Shape
from txmon.sources.sketch import Sketch, flow, writable, written
from txmon.sources.suggestions import snake
from txmon.types import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.sources.sketch import Draft


def draft_mapping(path: str | Path) -> Draft:
    """Look at the names and first values of a file and draft its mapping.

    Raises:
        InputError: the file cannot be read.
    """
    seen = sample(path)
    named = [name for name in seen.frame.columns if writable(name)]
    sketch = Sketch({name: Shape.of(seen.frame[name]) for name in named})
    sketch.known_names()
    for part in (_identity, _time, _money, _parties, _rest):
        part(sketch)
    return written(seen, sketch)


def _identity(sketch: Sketch) -> None:
    if "transaction_id" in sketch.used:
        return
    names = NAMES["transaction_id"]
    shape = sketch.named(names, lambda one: one.unique) or sketch.named(names)
    if shape is None:
        sketch.ask("transaction_id", "which columns make a row unique? {join: [a, b], with: '-'}")
        return
    sketch.take("transaction_id", shape)
    if not shape.unique:
        sketch.ask("transaction_id", f"{shape.name} is not unique; join what makes it so?")


def _time(sketch: Sketch) -> None:
    shape = sketch.named(NAMES["event_time"], _tells_time)
    if shape is None:
        shape = next((one for one in sketch.free if one.zoned or _dated(one)), None)
    if shape is not None:
        _take_time(sketch, shape)
        return
    steps = sketch.named(" ".join(sorted(STEPS)), lambda one: one.whole)
    if steps is not None:
        unit = snake(steps.name) if snake(steps.name) in {"day", "hour"} else "hour"
        options = {"steps": unit, "start": "2026-01-01", "zone": "UTC"}
        sketch.take("event_time", steps, options)
        sketch.ask("event_time", "is a step an hour, or a day? when is step 0, and in which zone?")
        return
    sketch.ask("event_time", "which column is the time?")


def _tells_time(shape: Shape) -> bool:
    return shape.dtype.is_temporal() or shape.zoned or bool(shape.formats or shape.epoch)


def _dated(shape: Shape) -> bool:
    return shape.dtype.is_temporal() or (bool(shape.formats) and not shape.number)


def _take_time(sketch: Sketch, shape: Shape) -> None:
    if shape.epoch and not shape.formats:
        sketch.take("event_time", shape, {"epoch": shape.epoch})
        return
    if shape.zoned:
        sketch.take("event_time", shape)
        return
    options: dict[str, object] = {}
    if shape.formats and shape.formats[0] not in ISO_FORMATS:
        options["format"] = shape.formats[0]
    sketch.take("event_time", shape, options)
    if "%z" in str(options.get("format", "")):
        return
    example = f" ({shape.texts[0]})" if shape.texts else ""
    sketch.ask("event_time", f"its times name no zone{example}; add  zone: Europe/Berlin")
    others = [form for form in shape.formats[1:] if not shape.dtype.is_temporal()]
    if others:
        sketch.ask("event_time", f"the format could be {' or '.join(others)} as well")
    if all(len(text) <= len("2026-03-01") for text in shape.texts):
        clock = sketch.named("time clock book_time booking_time transaction_time")
        where = f"; is it in {clock.name}? join both" if clock else ""
        sketch.ask("event_time", f"days only: rules that look at hours need the time of day{where}")


def _money(sketch: Sketch) -> None:
    if not _two_amounts(sketch):
        shape = sketch.named(NAMES["amount"], lambda one: one.marks is not None)
        if shape is None:
            fractions = [one for one in sketch.free if one.marks and not one.whole]
            shape = fractions[0] if fractions else None
            if shape is not None:
                sketch.ask("amount", f"is {shape.name} the amount? its values look like one")
        if shape is None:
            sketch.ask("amount", "which column is the amount?")
        else:
            _take_amount(sketch, shape)
    if "amount" not in sketch.used:
        return
    shape = sketch.named(NAMES["currency"])
    if shape is None:
        shape = next((one for one in sketch.free if one.currencies is not None), None)
    if shape is None:
        sketch.ask("currency", "no column looks like a currency; which one is it?")
        sketch.lines["currency"] = "{constant: EUR}"
        return
    codes = shape.currencies
    sketch.take("currency", shape, {"values": codes} if codes else None)
    if codes is None or (codes and len(codes) < len(shape.distinct)):
        sketch.ask("currency", "which ISO 4217 codes are the other values?")


def _take_amount(sketch: Sketch, shape: Shape) -> None:
    decimal, thousands = shape.marks or (".", None)
    options: dict[str, object] = {"decimal": ","} if decimal == "," else {}
    if thousands:
        options["thousands"] = thousands
    if "minor" in snake(shape.name) or "cents" in snake(shape.name):
        options["unit"] = "minor"
    if shape.dtype.is_float():
        sketch.ask("amount", "floats: add  round: half_even  if they are finer than the currency")
    sketch.take("amount", shape, options)
    if shape.negative:
        sketch.ask(
            "amount",
            "some amounts are negative: does the sign decide the side? declare the column under"
            ' source: and write  direction: {expression: \'if x < 0 then "out" else "in"\'}'
            "  and  amount: {expression: abs(x)}",
        )


def _two_amounts(sketch: Sketch) -> bool:
    """Debit and credit columns: the one that is there is the amount and says the direction."""
    debit = sketch.named(" ".join(DEBITS), lambda one: one.marks is not None)
    credit = sketch.named(" ".join(CREDITS), lambda one: one.marks is not None)
    if debit is None or credit is None:
        return False
    for name, shape in (("debit", debit), ("credit", credit)):
        decimal, thousands = shape.marks or (".", None)
        spec = {"column": shape.name, "type": "money", "decimal": decimal, "thousands": thousands}
        told = {key: value for key, value in spec.items() if value not in {None, "."}}
        sketch.source.append(f"  {name}: {flow(told)}")
    sketch.used["amount"] = (debit.name, credit.name)
    sketch.lines["amount"] = '{expression: "coalesce(debit, credit)"}'
    sketch.used["direction"] = (debit.name, credit.name)
    sketch.lines["direction"] = '{expression: \'if is_null(debit) then "in" else "out"\'}'
    return True


def _parties(sketch: Sketch) -> None:
    if "debtor_account" in sketch.used or "creditor_account" in sketch.used:
        return
    _agents(sketch)
    debtor, creditor = (
        sketch.named(NAMES[name]) for name in ("debtor_account", "creditor_account")
    )
    twice = [sketch.named(name) for name in ("account", "account_2")]
    if debtor is None and creditor is None and all(twice):
        debtor, creditor = twice
        sketch.ask("debtor_account", "two columns are called Account; the payer's is the first?")
    if debtor is not None or creditor is not None:
        for name, shape in (("debtor_account", debtor), ("creditor_account", creditor)):
            if shape is not None:
                sketch.take(name, shape)
        return
    if not _ledger(sketch):
        _by_value(sketch)


def _agents(sketch: Sketch) -> None:
    """Columns that are called like a party but hold BICs are its bank."""
    for side in ("debtor", "creditor"):
        bank = sketch.named(NAMES[f"{side}_account"], lambda one: one.banks)
        if bank is not None and f"{side}_agent" not in sketch.used:
            sketch.take(f"{side}_agent", bank)


def _ledger(sketch: Sketch) -> bool:
    """One account on each row, and a flag or a pair of amounts that says in or out."""
    account = sketch.named(OWN_NAMES["account"])
    if account is None:
        return False
    flag = sketch.named(OWN_NAMES["direction"], lambda one: one.directions is not None)
    if flag is None and "direction" not in sketch.used:
        sketch.take("debtor_account", account)
        question = (
            f"{account.name} is taken as the payer's; or does a sign or flag tell in and out?"
        )
        sketch.ask("debtor_account", question)
        return True
    if flag is not None:
        told = flag.directions or {}
        same = all(text == way for text, way in told.items())
        sketch.take("direction", flag, None if same else {"values": told})
        others = [text for text in flag.distinct if text not in told]
        if others:
            sketch.ask("direction", f"is {', '.join(others)} in or out?")
        if len(told) == 1:
            sketch.ask("direction", f"only {next(iter(told))} was seen; what is the other called?")
    sketch.take("account", account)
    for name in ("counterparty", "counterparty_name", "own_balance"):
        shape = sketch.named(OWN_NAMES[name])
        if shape is not None:
            sketch.take(name, shape)
    return True


def _by_value(sketch: Sketch) -> None:
    accounts = [one for one in sketch.free if one.accounts][:2]
    for name, shape in zip(("debtor_account", "creditor_account"), accounts, strict=False):
        sketch.take(name, shape)
    if accounts:
        found = " and ".join(shape.name for shape in accounts)
        sketch.ask("debtor_account", f"{found} hold IBANs; which one pays, and which one receives?")
    else:
        question = "which columns are the paying and the receiving account?"
        sketch.ask("debtor_account", question)


def _rest(sketch: Sketch) -> None:
    for name, names in NAMES.items():
        if name in sketch.used or name in sketch.asked:
            continue
        kind = STANDARD[name].kind
        shape = sketch.named(names, lambda one, kind=kind: _fits(one, kind))  # type: ignore[misc]
        if shape is None and name == "ip_address":
            shape = next((one for one in sketch.free if one.addresses), None)
        if shape is not None:
            sketch.take(name, shape)
    kind_of = sketch.shapes.get(sketch.used["kind"][0]) if "kind" in sketch.lines else None
    if kind_of is not None and kind_of.few:
        values = ", ".join(kind_of.distinct)
        sketch.ask("kind", f"which of our kinds are its values ({values})? add  values: {{...}}")


def _fits(shape: Shape, kind: Kind) -> bool:
    if kind in {Kind.MONEY, Kind.NUMBER}:
        return shape.marks is not None
    return not shape.dtype.is_nested() and not shape.dtype.is_temporal()
