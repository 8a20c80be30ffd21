"""Where cases are played: one line a payment, for schemes and honest occasions alike."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from txmon.simulate.exchange import to_foreign
from txmon.simulate.population.places import CITIES
from txmon.simulate.rows import Rows, table
from txmon.simulate.scenario import DAY, HOUR, MINUTE
from txmon.simulate.today import cash_machine, mobile_address, session_place
from txmon.simulate.vocabulary import NONE, YUAN, Channel, Note, PaymentKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.simulate.today import Today

_MOBILE = 0.5
_FIELDS = Rows.__slots__


class Session(NamedTuple):
    """Where a session comes from: codes of its device, network address and place."""

    device: int
    ip: int
    place: int


NOWHERE = Session(NONE, NONE, NONE)
"""The session of a payment that was not ordered here."""


@dataclass(slots=True)
class Stage:
    """The payments of the cases that start today, played one after the other.

    ``case`` is the number that the next lines get; ``rng`` serves the case that is being played.
    """

    morning: Today
    rng: np.random.Generator
    case: int = NONE
    lines: list[tuple[int, ...]] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        """True in that share of the draws."""
        return bool(self.rng.random() < share)

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def pick(
        self, choices: Sequence[int] | range | np.ndarray[tuple[int], np.dtype[np.int32]]
    ) -> int:
        """One of the choices, each as likely."""
        return int(choices[int(self.rng.integers(len(choices)))])

    def weighted(self, weights: Sequence[float]) -> int:
        """A place in the weights, in proportion to them."""
        mark = float(self.rng.random()) * sum(weights)
        for place, weight in enumerate(weights):
            mark -= weight
            if mark < 0:
                return place
        return len(weights) - 1

    def spread(self, low: float, high: float) -> float:
        """A number between two, drawn evenly on the logarithmic scale."""
        return math.exp(float(self.rng.uniform(math.log(low), math.log(high))))

    def pause(self, minutes: float, sigma: float = 0.8) -> int:
        """A log-normal waiting time around a median in minutes, in microseconds, 20 s at least."""
        drawn = math.exp(math.log(minutes) + sigma * float(self.rng.standard_normal()))
        return int(max(drawn, 1 / 3) * MINUTE)

    def at(self, day: int, first_hour: float, last_hour: float) -> int:
        """An instant of a day counted from today, between two hours."""
        hour = float(self.rng.uniform(first_hour, last_hour))
        return self.morning.day.start + day * DAY + int(hour * HOUR)

    def balance(self, account: int) -> int:
        """What stood on an account this morning, in cents, or nothing."""
        return max(0, int(self.morning.balances[account]))

    def session(self, account: int) -> Session:
        """A session of an account's owner with their own device."""
        people = self.morning.people
        device = int(people.device[account])
        if device == NONE:
            return NOWHERE
        place = int(session_place(people, people.city[account : account + 1])[0])
        if account < len(self.morning.device):
            device = int(self.morning.device[account])
            place = people.ranges.total + int(self.morning.city[account])
        mobile = self.chance(_MOBILE)
        ip = int(mobile_address(people, self.rng, 1)[0]) if mobile else int(people.ip[account])
        return Session(device, ip, place)

    def line(
        self,
        time: int,
        kind: int,
        channel: int,
        debtor: int,
        creditor: int,
        cents: int,
        *,
        session: Session = NOWHERE,
        currency: int = 0,
        note: int = NONE,
        role: int = NONE,
        victim: int = NONE,
    ) -> None:
        """One payment; ``cents`` are of the home currency whatever the currency."""
        where = (currency, *session, note, self.case, role, victim)
        self.lines.append((time, kind, channel, debtor, creditor, max(cents, 0), *where))

    def pay(
        self,
        time: int,
        debtor: int,
        creditor: int,
        cents: int,
        *,
        note: int = Note.TRANSFER,
        session: Session | None = None,
        role: int = NONE,
        victim: int = NONE,
    ) -> None:
        """A transfer by app, from the payer's own device unless a session is given."""
        self.line(
            time,
            PaymentKind.TRANSFER,
            Channel.APP,
            debtor,
            creditor,
            max(cents, YUAN),
            session=self.session(debtor) if session is None else session,
            note=note,
            role=role,
            victim=victim,
        )

    def paid_by(self, account: int, begun: int) -> int:
        """What an account paid, in cents, since so many lines were played."""
        debtor, cents = _FIELDS.index("debtor"), _FIELDS.index("cents")
        return sum(line[cents] for line in self.lines[begun:] if line[debtor] == account)

    def login(
        self, time: int, account: int, *, session: Session | None = None, role: int = NONE
    ) -> None:
        """A session that moves no money."""
        own = self.session(account) if session is None else session
        self.line(time, PaymentKind.LOGIN, Channel.APP, account, NONE, 0, session=own, role=role)

    def withdraw(self, time: int, account: int, cents: int, *, city: int, role: int = NONE) -> None:
        """Cash from a machine in a city, at home or abroad."""
        people = self.morning.people
        place = int(cash_machine(people, self.rng, np.array([city], np.int8))[0])
        self.line(
            time,
            PaymentKind.CASH_WITHDRAWAL,
            Channel.ATM,
            account,
            NONE,
            cents,
            session=Session(NONE, NONE, place),
            currency=CITIES[city].country,
            note=Note.CASH_WITHDRAWAL,
            role=role,
        )

    def swipe(
        self, time: int, account: int, merchant: int, cents: int, *, role: int = NONE
    ) -> None:
        """A card at a merchant's counter, at home or abroad in its currency."""
        currency = int(self.morning.people.country[merchant])
        self.line(
            time,
            PaymentKind.CARD,
            Channel.POS,
            account,
            merchant,
            max(cents, YUAN),
            session=Session(NONE, NONE, merchant),
            currency=currency,
            note=Note.OVERSEAS_PURCHASE if currency else Note.PURCHASE,
            role=role,
        )

    def lend(self, time: int, account: int, cents: int, *, role: int = NONE) -> None:
        """A loan is paid out to an account."""
        lender = self.pick(self.morning.people.ranges.lenders)
        self.line(
            time,
            PaymentKind.LOAN,
            Channel.APP,
            lender,
            account,
            cents,
            note=Note.LOAN_DISBURSEMENT,
            role=role,
        )

    def remit(
        self,
        time: int,
        account: int,
        payee: int,
        cents: int,
        *,
        session: Session | None = None,
        note: int = Note.TRANSFER,
        role: int = NONE,
    ) -> None:
        """A transfer to an account abroad, in its currency."""
        self.line(
            time,
            PaymentKind.TRANSFER,
            Channel.WEB,
            account,
            payee,
            max(cents, YUAN),
            session=self.session(account) if session is None else session,
            currency=int(self.morning.people.country[payee]),
            note=note,
            role=role,
        )

    def break_savings(
        self,
        time: int,
        person: int,
        cents: int,
        *,
        session: Session | None = None,
        role: int = NONE,
    ) -> int:
        """Up to so much comes back from a person's savings; returns what did."""
        account = int(self.morning.people.savings[person])
        if account == NONE:
            return 0
        broken = min(cents, int(self.balance(account) * 0.98)) // YUAN * YUAN
        if broken > 0:
            own = self.session(person) if session is None else session
            self.pay(time, account, person, broken, note=Note.OWN_ACCOUNT, session=own, role=role)
        return max(broken, 0)

    def rows(self) -> Rows:
        """Everything played so far, with foreign amounts in their currencies."""
        played = table(self.lines)
        foreign = to_foreign(played.cents, played.currency)
        return replace(played, cents=np.where(played.currency == 0, played.cents, foreign))


def shaped(rng: np.random.Generator, cents: int) -> int:
    """About that amount as people write it: in thousands, hundreds, lucky eights or to the yuan."""
    yuan = max(1, cents // YUAN)
    draw = float(rng.random())
    if draw < 0.3 and yuan >= 3_000:  # noqa: PLR2004
        return yuan // 1_000 * 1_000 * YUAN
    if draw < 0.6 and yuan >= 300:  # noqa: PLR2004
        return yuan // 100 * 100 * YUAN
    if draw < 0.75 and yuan >= 100:  # noqa: PLR2004
        return (yuan // 100 * 100 - 12) * YUAN
    return yuan * YUAN


def pieces(rng: np.random.Generator, total: int, count: int, evenness: float) -> list[int]:
    """A total in about so many parts; the higher the evenness the more alike they are."""
    if count == 1:
        return [shaped(rng, total)]
    shares = rng.dirichlet(np.full(count, evenness))
    parts = [shaped(rng, int(total * float(share))) for share in shares]
    return [part for part in parts if part >= YUAN]
