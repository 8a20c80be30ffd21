"""How banks and public data sets call the columns that we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "transaction_id": "txn_id tx_id tran_id trans_id txid transactionid payment_id booking_id id"
    " uetr auth_id transaction reference ref end_to_end_id",
    "event_time": "event_time timestamp datetime booked booked_at booking_time created_at ts ts_ms"
    " tran_timestamp transaction_time transaction_date value_date book_date booking_date epoch"
    " date time received buchungstag",
    "amount": "amount amt base_amt amount_paid transaction_amount betrag value sum amount_minor",
    "currency": "currency ccy cur currency_code payment_currency waehrung iso_currency",
    "debtor_account": "debtor_account from_account from_account_id sender sender_account orig_acct"
    " nameorig payer payer_account debit_account originator ordering_account debtor_iban",
    "creditor_account": "creditor_account to_account to_account_id receiver receiver_account"
    " bene_acct namedest payee payee_account credit_account beneficiary_account creditor_iban",
    "debtor_agent": "from_bank from_bank_id sender_bank sender_bic bankorig debtor_bic",
    "creditor_agent": "to_bank to_bank_id receiver_bank receiver_bic bankdest creditor_bic",
    "debtor_name": "sender_name payer_name originator_name ordering_name",
    "creditor_name": "receiver_name payee_name beneficiary_name",
    "debtor_balance": "oldbalanceorg oldbalanceorig",
    "creditor_balance": "oldbalancedest",
    "kind": "type tx_type txn_type transaction_type operation payment_format txn_code op",
    "channel": "channel entry_mode medium",
    "status": "status state response",
    "remittance_information": "narrative narration remittance purpose description memo"
    " verwendungszweck details payment_details",
    "merchant_category": "mcc merchant_category_code",
    "merchant_id": "merchant merchant_id",
    "card_id": "card card_id card_token pan_token",
    "device_id": "device device_id",
    "ip_address": "ip ip_address client_ip",
    "phone": "phone msisdn mobile",
    "latitude": "lat latitude",
    "longitude": "lon lng longitude",
}
"""Known column -> names in lower case with ``_``, the likeliest first."""

OWN_NAMES: Mapping[str, str] = {
    "direction": "direction dc dr_cr cr_dr debit_credit credit_debit cdtdbtind dc_flag sign type",
    "account": "account account_id account_no account_number acct acct_no acct_id iban konto",
    "counterparty": "counterparty counterparty_account cp_acct cp_account contra_account"
    " other_account partner gegenkonto counterparty_iban",
    "counterparty_name": "cp_name counterparty_name partner_name",
    "own_balance": "balance_before bal_before",
}
"""Likewise of a ledger that has one account on each row."""

STEPS = frozenset({"step", "steps", "day", "hour", "period", "tick"})
"""Names of integers that count from a start."""

DEBITS = ("debit", "debit_amount", "withdrawal", "withdrawals", "paid_out", "soll")
CREDITS = ("credit", "credit_amount", "deposit", "deposits", "paid_in", "haben")
"""Names of a pair of amounts, one for each direction."""
