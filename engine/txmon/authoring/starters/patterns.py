"""The patterns of rules to start from: logic, and cases on each side of each threshold.

``$by`` is the timeline's column, ``$limit`` an amount and ``$less`` the next smaller one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A case: its name, its table without the head's indentation, and the alerts it expects."""

    name: str
    events: str
    expect: str = "[]"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of rule: what it asks, in which timeline, and the cases that pin it down.

    ``row`` holds what every row of the cases has beside its accounts; ``chosen`` says that the
    timeline may be another than ``by``.
    """

    about: str
    title: str
    typology: str
    logic: str
    cases: tuple[Case, ...]
    by: str = ""
    row: str = ""
    chosen: bool = False


PATTERNS: dict[str, Pattern] = {
    "single": Pattern(
        about="one large payment",
        title="A large payment",
        typology="amount.large",
        logic="""\
params:
  limit: {type: money, default: $limit}
when: amount >= limit
alert:
  subject: debtor_account
  score: 20
  message: "{amount} at once"
""",
        cases=(
            Case("fires at the limit", "at   amount\n+0h  $limit", "[{subject: A, at: +0h}]"),
            Case("the least amount below it stays quiet", "at   amount\n+0h  $less"),
        ),
    ),
    "count": Pattern(
        about="many payments within a time",
        title="Many payments within a day",
        typology="velocity.count",
        by="debtor_account",
        chosen=True,
        row=", amount: 100",
        logic="""\
by: $by  # one timeline for each value of it
params:
  min_count: {type: int, default: 5}
  span: {type: duration, default: 24h}
features:
  payments: count() over span          # this payment and those before it
when: payments >= min_count
alert:
  subject: $by
  suppress: span                       # hits within that time fold into one alert
  score: 30
  message: "{payments} payments within {span}"
""",
        cases=(
            Case(
                "fires at the fifth",
                "at\n+0h\n+1h\n+2h\n+3h\n+4h",
                "[{subject: $subject, at: +4h}]",
            ),
            Case("four stay quiet", "at\n+0h\n+1h\n+2h\n+3h"),
            Case("the first is exactly a day old and has left", "at\n+0h\n+1h\n+2h\n+3h\n+24h"),
            Case(
                "a second earlier it is still inside",
                "at\n+0h\n+1h\n+2h\n+3h\n+86399s",
                "[{at: +86399s}]",
            ),
        ),
    ),
    "sum": Pattern(
        about="much money within a time",
        title="Much money within a day",
        typology="velocity.amount",
        by="debtor_account",
        chosen=True,
        logic="""\
by: $by  # one timeline for each value of it
params:
  min_total: {type: money, default: $total}
  span: {type: duration, default: 24h}
features:
  total: sum(amount) over span         # this payment and those before it
when: total >= min_total
alert:
  subject: $by
  suppress: span                       # hits within that time fold into one alert
  score: 40
  message: "{total} within {span}"
""",
        cases=(
            Case(
                "fires when the total is reached exactly",
                "at   amount\n+0h  $limit\n+1h  $limit",
                "[{subject: $subject, at: +1h}]",
            ),
            Case("the least amount below it stays quiet", "at   amount\n+0h  $limit\n+1h  $less"),
            Case(
                "the first is exactly a day old and has left",
                "at    amount\n+0h   $limit\n+24h  $limit",
            ),
            Case(
                "a second earlier it is still inside",
                "at       amount\n+0h      $limit\n+86399s  $limit",
                "[{at: +86399s}]",
            ),
        ),
    ),
    "payers": Pattern(
        about="many payers of one account",
        title="Many payers of one account within a day",
        typology="mule.fan-in",
        by="creditor_account",
        row=", amount: 100",
        logic="""\
by: creditor_account                   # one timeline for each account that is paid
params:
  min_payers: {type: int, default: 5}
  span: {type: duration, default: 24h}
features:
  payers: distinct(debtor_account) over span
  received: sum(amount) over span
when: payers >= min_payers
alert:
  subject: creditor_account
  suppress: span                       # hits within that time fold into one alert
  score: 50
  message: "{payers} payers sent {received} within {span}"
""",
        cases=(
            Case(
                "fires at the fifth payer",
                "at   debtor_account\n+0h  P1\n+1h  P2\n+2h  P3\n+3h  P4\n+4h  P5",
                "[{subject: B, at: +4h}]",
            ),
            Case(
                "one that pays twice is one payer",
                "at   debtor_account\n+0h  P1\n+1h  P2\n+2h  P3\n+3h  P4\n+4h  P4",
            ),
            Case(
                "the first is exactly a day old and has left",
                "at    debtor_account\n+0h   P1\n+1h   P2\n+2h   P3\n+3h   P4\n+24h  P5",
            ),
            Case(
                "a second earlier it is still inside",
                "at       debtor_account\n+0h      P1\n+1h      P2\n+2h      P3\n+3h      P4\n"
                "+86399s  P5",
                "[{at: +86399s}]",
            ),
        ),
    ),
    "habit": Pattern(
        about="a payment far above the payer's own habit",
        title="A payment of many times what the payer usually pays",
        typology="behaviour.habit",
        by="debtor_account",
        logic="""\
by: debtor_account                     # one timeline for each payer
params:
  times: {type: int, default: 10}
  limit: {type: money, default: $limit}
  established: {type: int, default: 5}
  span: {type: duration, default: 60d}
features:
  usual: mean(amount) over span excluding this  # the payment itself is no habit
  earlier: count() over span excluding this
needs: earlier >= established          # of less nobody can say what is usual
when: amount >= limit and amount >= times * usual
alert:
  subject: debtor_account
  suppress: 7d                         # hits within that time fold into one alert
  score: 40
  message: "{amount}, where {usual} is usual"
""",
        cases=(
            Case(
                "fires at the limit and ten times the usual, after just enough payments",
                "at         amount\n+0d/1d*5   500\n+10d       $limit",
                "[{subject: A, at: +10d}]",
            ),
            Case(
                "less than ten times the usual",
                "at         amount\n+0d/1d*5   600\n+10d       5500",
            ),
            Case(
                "the least amount below the limit stays quiet",
                "at         amount\n+0d/1d*5   100\n+10d       $less",
            ),
            Case(
                "four payments are no habit",
                "at         amount\n+0d/1d*4   500\n+10d       $limit",
            ),
            Case(
                "the first is exactly 60 days old and has left",
                "at         amount\n+0d/1d*5   500\n+60d       $limit",
            ),
            Case(
                "a second earlier it is still inside",
                "at         amount\n+0d/1d*5   500\n+5183999s  $limit",
                "[{at: +5183999s}]",
            ),
            Case(
                "a large one of exactly 60 days ago is habit no more",
                "at         amount\n+0d        50000\n+1d/1d*5   500\n+60d       $limit",
                "[{at: +60d}]",
            ),
            Case(
                "a second earlier it still is",
                "at         amount\n+0d        50000\n+1d/1d*5   500\n+5183999s  $limit",
            ),
        ),
    ),
    "new-payee": Pattern(
        about="a large first payment to a new payee",
        title="A large first payment to a new payee",
        typology="scam.new-payee",
        by="debtor_account",
        logic="""\
by: debtor_account                     # one timeline for each payer
params:
  limit: {type: money, default: $limit}
  established: {type: duration, default: 30d}
features:
  new_payee: is_first(creditor_account)
  customer_for: time_since_first()
needs: customer_for >= established     # everybody is new on the first day of the data
when: new_payee and amount >= limit
alert:
  subject: debtor_account
  suppress: 24h                        # hits within that time fold into one alert
  score: 50
  message: "{amount} to {creditor_account}, paid for the first time"
""",
        cases=(
            Case(
                "fires at the limit, for a customer of just long enough",
                "at    creditor_account  amount\n+0d   L                 1\n"
                "+30d  B                 $limit",
                "[{subject: A, at: +30d}]",
            ),
            Case(
                "a customer of a second less is not judged",
                "at         creditor_account  amount\n+0d        L                 1\n"
                "+2591999s  B                 $limit",
            ),
            Case(
                "the least amount below the limit stays quiet",
                "at    creditor_account  amount\n+0d   L                 1\n"
                "+30d  B                 $less",
            ),
            Case(
                "a payee paid before is not new",
                "at    creditor_account  amount\n+0d   B                 1\n"
                "+30d  B                 $limit",
            ),
        ),
    ),
    "pass-through": Pattern(
        about="money that comes in and goes out again",
        title="Money received and passed on within a day",
        typology="mule.pass-through",
        by="account",
        logic="""\
by: account                            # each payment on both accounts' timelines: out and in
params:
  min_received: {type: money, default: $limit}
  share: {type: number, default: 80%}
  span: {type: duration, default: 24h}
features:
  received: sum(amount) where direction == "in" over span
  sent: sum(amount) where direction == "out" over span
when: direction == "out" and received >= min_received and sent >= share * received
alert:
  subject: account
  suppress: span                       # hits within that time fold into one alert
  score: 60
  message: "{received} came in and {sent} went out within {span}"
""",
        cases=(
            Case(
                "fires when exactly the share of exactly the least sum is passed on",
                "at   debtor_account  creditor_account  amount\n"
                "+0h  V               M                 $limit\n"
                "+1h  M               N                 $share",
                "[{subject: M, at: +1h, side: out}]",
            ),
            Case(
                "the least amount below the share stays quiet",
                "at   debtor_account  creditor_account  amount\n"
                "+0h  V               M                 $limit\n"
                "+1h  M               N                 $share_less",
            ),
            Case(
                "the least amount less came in",
                "at   debtor_account  creditor_account  amount\n"
                "+0h  V               M                 $less\n"
                "+1h  M               N                 $less",
            ),
            Case(
                "what came exactly a day ago has left the window",
                "at    debtor_account  creditor_account  amount\n"
                "+0h   V               M                 $limit\n"
                "+24h  M               N                 $limit",
            ),
            Case(
                "a second earlier it is still inside",
                "at       debtor_account  creditor_account  amount\n"
                "+0h      V               M                 $limit\n"
                "+86399s  M               N                 $limit",
                "[{subject: M, at: +86399s, side: out}]",
            ),
        ),
    ),
    "sequence": Pattern(
        about="a small payment, then a large one to the same payee",
        title="A small payment, then a large one to the same payee",
        typology="scam.test-payment",
        by="[debtor_account, creditor_account]",
        logic="""\
by: [debtor_account, creditor_account]  # one timeline for each pair
params:
  small: {type: money, default: 10.00}
  limit: {type: money, default: $limit}
  span: {type: duration, default: 24h}
sequence:
  within: span                          # from the first step to the last
  steps:
    - test: amount <= small
    - large: amount >= limit
alert:
  subject: debtor_account
  suppress: span                        # hits within that time fold into one alert
  score: 50
  message: "{test.amount}, then {amount} to {creditor_account}"
""",
        cases=(
            Case(
                "fires at both limits, exactly a day apart",
                "at    amount\n+0h   10\n+24h  $limit",
                "[{subject: A, at: +24h}]",
            ),
            Case("a second later it is too late", "at       amount\n+0h      10\n+86401s  $limit"),
            Case("the first is not small", "at   amount\n+0h  $above_ten\n+1h  $limit"),
            Case("the second is not large", "at   amount\n+0h  10\n+1h  $less"),
            Case("in the other order it is nothing", "at   amount\n+0h  $limit\n+1h  10"),
        ),
    ),
    "dormant": Pattern(
        about="an account that wakes up",
        title="A large payment from an account that slept for half a year",
        typology="mule.dormant",
        by="account",
        logic="""\
by: account                            # each payment on both accounts' timelines: out and in
params:
  asleep: {type: duration, default: 180d}
  limit: {type: money, default: $limit}
features:
  idle: time_since_previous()
when: direction == "out" and idle >= asleep and amount >= limit
alert:
  subject: account
  suppress: 24h                        # hits within that time fold into one alert
  score: 40
  message: "{amount} from {account}, which slept for {idle}"
""",
        cases=(
            Case(
                "fires after exactly so long, at the limit",
                "at     amount\n+0d    1\n+180d  $limit",
                "[{subject: A, at: +180d, side: out}]",
            ),
            Case(
                "a second less is no sleep", "at          amount\n+0d         1\n+15551999s  $limit"
            ),
            Case("the least amount below the limit", "at     amount\n+0d    1\n+180d  $less"),
            Case("an account without a past has not slept", "at    amount\n+0d   $limit"),
        ),
    ),
}
"""Pattern by name, simplest first."""
