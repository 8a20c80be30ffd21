"""Entries of camt.053 and camt.054, the ledger of one account, as rows of canonical columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.sources.facts import (
    Facts,
    Party,
    account_country,
    account_id,
    agent,
    first,
    moment,
    party,
    reference,
    remittance,
    row,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DEBIT = "DBIT"
_TRUE = ("true", "1")
_STATUS = {"BOOK": "booked", "PDNG": "pending", "INFO": "information", "FUTR": "future"}
_SUBFAMILIES = {"CWDL": "cash_withdrawal", "CDPT": "cash_deposit"}
_FAMILIES = {
    **dict.fromkeys(("ICDT", "RCDT", "IRCT", "RRCT"), "transfer"),
    **dict.fromkeys(("IDDT", "RDDT"), "direct_debit"),
    **dict.fromkeys(("CCRD", "MCRD"), "card"),
}
_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt")
_ORIGINALS = ("OrgnlTxId", "OrgnlEndToEndId", "OrgnlInstrId")


def entry_rows(
    entry: Facts, details: Sequence[Facts], context: Facts
) -> Iterator[tuple[str | None, ...]]:
    """A row for each transaction of an entry, or one for an entry that names none.

    Args:
        entry: facts of the entry, without those of its transactions.
        details: facts of each transaction.
        context: of its statement and header.
    """
    if not details:
        yield _row(entry, {}, context, "")
    for at, facts in enumerate(details, 1):
        yield _row(entry, facts, context, f"/{at}" if len(details) > 1 else "")


def _row(entry: Facts, facts: Facts, context: Facts, place: str) -> tuple[str | None, ...]:
    side = first(facts, "CdtDbtInd") or first(entry, "CdtDbtInd")
    back = first(entry, "RvslInd") in _TRUE
    reversal = back or any(path.startswith("RtrInf/") for path in facts)
    own = _own(context)
    other = _counterparty(facts, own, outgoing=(side == _DEBIT) is not reversal)
    debtor, creditor = (own, other) if side == _DEBIT else (other, own)
    amount, currency = _amount(entry, facts, alone=not place)
    known: Facts = {**entry, **facts}
    return row(
        {
            "transaction_id": _id(entry, facts, context, place, reversal=reversal),
            "event_time": moment(
                {**context, **known},
                "BookgDt/DtTm",
                "RltdDts/TxDtTm",
                "RltdDts/AccptncDtTm",
                "BookgDt/Dt",
                "ValDt/DtTm",
                "ValDt/Dt",
                "CreDtTm",
                "GrpHdr/CreDtTm",
            ),
            "kind": _kind(known),
            "status": _status(entry, back=back, returned=reversal),
            "debtor_account": debtor.account,
            "creditor_account": creditor.account,
            "amount": amount,
            "currency": currency,
            "debtor_name": debtor.name,
            "creditor_name": creditor.name,
            "debtor_agent": debtor.agent,
            "creditor_agent": creditor.agent,
            "debtor_country": debtor.country,
            "creditor_country": creditor.country,
            "remittance_information": remittance(facts) or first(entry, "AddtlNtryInf"),
            "reverses": _original(facts) if reversal else None,
            "message_id": first(context, "GrpHdr/MsgId"),
            "creation_time": moment(context, "CreDtTm", "GrpHdr/CreDtTm"),
            "booking_date": moment(entry, "BookgDt/Dt", "BookgDt/DtTm"),
            "value_date": moment(entry, "ValDt/Dt", "ValDt/DtTm"),
            "instruction_id": first(facts, "Refs/InstrId"),
            "end_to_end_id": first(facts, "Refs/EndToEndId"),
            "uetr": first(facts, "Refs/UETR"),
            "account_servicer_reference": first(known, "Refs/AcctSvcrRef", "AcctSvcrRef"),
            "purpose": first(facts, "Purp/Cd", "Purp/Prtry"),
            "bank_transaction_code": _code(known),
            "direction": side or "",
            "instructed_amount": first(facts, "AmtDtls/InstdAmt/Amt"),
            "instructed_currency": first(facts, "AmtDtls/InstdAmt/Amt@Ccy"),
        }
    )


def _own(context: Facts) -> Party:
    account = account_id(context, "Acct/")
    return Party(
        account,
        first(context, "Acct/Ownr/Nm"),
        agent(context, "Acct/Svcr/"),
        first(context, "Acct/Ownr/PstlAdr/Ctry") or account_country(account),
    )


def _counterparty(facts: Facts, own: Party, *, outgoing: bool) -> Party:
    """Who stands opposite.

    Args:
        facts: of the transaction.
        own: the account of the ledger.
        outgoing: whether the parties are those of a payment from it: in a reversal or return they
            keep the roles they had before.
    """
    related = {
        path.removeprefix("RltdPties/").removeprefix("RltdAgts/"): texts
        for path, texts in facts.items()
        if path.startswith(("RltdPties/", "RltdAgts/"))
    }
    debtor, creditor = party(related, "Dbtr"), party(related, "Cdtr")
    likely, unlikely = (creditor, debtor) if outgoing else (debtor, creditor)
    return unlikely if likely.account is not None and likely.account == own.account else likely


def _amount(entry: Facts, facts: Facts, *, alone: bool) -> tuple[str | None, str | None]:
    """A transaction's amount; the entry's is its only transaction's, and not one of many's."""
    for path in _AMOUNTS:
        if path in facts:
            return first(facts, path), first(facts, f"{path}@Ccy")
    currency = first(entry, "Amt@Ccy")
    return (first(entry, "Amt"), currency) if alone else (None, currency)


def _id(entry: Facts, facts: Facts, context: Facts, place: str, *, reversal: bool) -> str | None:
    """The first reference there is, the most particular first.

    The end-to-end id of a reversal is that of what it reverses, and a number of an entry is one of
    its statement only.
    """
    bank = reference(facts, "Refs/AcctSvcrRef", "Refs/TxId", "Refs/UETR")
    whole = reference(entry, "AcctSvcrRef")
    if bank is None and whole is not None:
        bank = whole + place
    customer = None if reversal else reference(facts, "Refs/EndToEndId")
    number, statement = first(entry, "NtryRef"), first(context, "Id")
    numbered = f"{statement}/{number}{place}" if number and statement else None
    return bank or customer or reference(facts, "Refs/InstrId") or numbered


def _original(facts: Facts) -> str | None:
    given = [
        path for original in _ORIGINALS for path in facts if path.rpartition("/")[2] == original
    ]
    return reference(facts, *given, "Refs/EndToEndId")


def _status(entry: Facts, *, back: bool, returned: bool) -> str | None:
    if back:
        return "reversal"
    if returned:
        return "return"
    code = first(entry, "Sts", "Sts/Cd", "Sts/Prtry")
    return None if code is None else _STATUS.get(code, code)


def _code(facts: Facts) -> str | None:
    parts = [
        first(facts, f"BkTxCd/{path}")
        for path in ("Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd")
    ]
    known = [part for part in parts if part is not None]
    return "-".join(known) or first(facts, "BkTxCd/Prtry/Cd")


def _kind(facts: Facts) -> str | None:
    family = first(facts, "BkTxCd/Domn/Fmly/Cd")
    inner = first(facts, "BkTxCd/Domn/Fmly/SubFmlyCd")
    return _SUBFAMILIES.get(inner or "") or _FAMILIES.get(family or "")
