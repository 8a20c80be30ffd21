"""Credit transfers of pacs.008, pacs.009 and pain.001 as rows of canonical columns."""

from __future__ import annotations

from dataclasses import replace

from txmon.sources.facts import (
    Facts,
    Message,
    Party,
    agent,
    first,
    moment,
    party,
    reference,
    remittance,
    row,
)

_TIMES = {
    Message.PAIN_001: ("ReqdExctnDt/DtTm", "ReqdExctnDt/Dt", "ReqdExctnDt"),
    Message.PACS_008: (
        "AccptncDtTm",
        "SttlmTmIndctn/DbtDtTm",
        "SttlmTmIndctn/CdtDtTm",
        "IntrBkSttlmDt",
        "GrpHdr/IntrBkSttlmDt",
    ),
}
_CREATED = "GrpHdr/CreDtTm"
_AMOUNTS = ("IntrBkSttlmAmt", "Amt/InstdAmt", "Amt/EqvtAmt/Amt")
_INSTRUCTED = ("InstdAmt", "Amt/InstdAmt")


def transfer_row(message: Message, facts: Facts, context: Facts) -> tuple[str | None, ...]:
    """The row of one credit transfer.

    Args:
        message: what it stands in.
        facts: of the transaction.
        context: of its group (the debtor's side in pain.001) and header, which hold for it where it
            says nothing itself.
    """
    known: Facts = {**context, **facts}
    debtor, creditor = party(known, "Dbtr"), party(known, "Cdtr")
    if message is Message.PACS_009:
        debtor, creditor = (
            _institution(known, debtor, "Dbtr"),
            _institution(known, creditor, "Cdtr"),
        )
    amount = next((path for path in _AMOUNTS if path in facts or f"{path}@Ccy" in facts), "")
    instructed = next((path for path in _INSTRUCTED if path in facts), _INSTRUCTED[0])
    times = _TIMES.get(message, _TIMES[Message.PACS_008])
    return row(
        {
            "transaction_id": reference(
                facts, "PmtId/TxId", "PmtId/UETR", "PmtId/EndToEndId", "PmtId/InstrId"
            ),
            "event_time": moment(known, *times, _CREATED),
            "kind": "institution_transfer" if message is Message.PACS_009 else "transfer",
            "debtor_account": debtor.account,
            "creditor_account": creditor.account,
            "amount": first(facts, amount),
            "currency": first(facts, f"{amount}@Ccy"),
            "debtor_name": debtor.name,
            "creditor_name": creditor.name,
            "debtor_agent": debtor.agent,
            "creditor_agent": creditor.agent,
            "debtor_country": debtor.country,
            "creditor_country": creditor.country,
            "remittance_information": remittance(facts),
            "message_id": first(known, "GrpHdr/MsgId"),
            "creation_time": moment(known, _CREATED),
            "settlement_date": moment(known, "IntrBkSttlmDt", "GrpHdr/IntrBkSttlmDt"),
            "instruction_id": first(facts, "PmtId/InstrId"),
            "end_to_end_id": first(facts, "PmtId/EndToEndId"),
            "uetr": first(facts, "PmtId/UETR"),
            "purpose": first(facts, "Purp/Cd", "Purp/Prtry"),
            "instructed_amount": first(facts, instructed),
            "instructed_currency": first(facts, f"{instructed}@Ccy"),
        }
    )


def _institution(facts: Facts, side: Party, role: str) -> Party:
    """A side that is itself a bank: its own id where it names no account or no agent."""
    own = agent(facts, f"{role}/")
    return replace(side, account=side.account or own, agent=side.agent or own)
