"""Laundering: money is passed on through layers of rented accounts and leaves the bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.scenario import DAY, HOUR, MINUTE
from txmon.simulate.schemes.model import Receipt, Run
from txmon.simulate.stage import Session, pieces
from txmon.simulate.vocabulary import COUNTRIES, YUAN, AccountRole, Note, Role, Trade

if TYPE_CHECKING:
    from txmon.simulate.stage import Stage

_LAYERS = ((0.55, 0.35, 0.1, 0.0), (0.35, 0.35, 0.2, 0.1), (0.2, 0.3, 0.3, 0.2))
"""By difficulty: how often money sees two, three, four or five accounts here, with the first."""

_PATIENCE = ((0.3, 30.0), (1.0, 240.0), (2.0, 2_880.0))
"""By difficulty: the bounds of how many minutes a mule gathers before it passes on."""

_SLOWNESS = (0.6, 1.0, 6.0)
_SPLITS = ((0.7, 0.25, 0.05), (0.5, 0.3, 0.2), (0.35, 0.35, 0.3))
_SMALLEST_PART = 2_000 * YUAN
_OWN_DEVICE = (0.15, 0.35, 0.75)
_NOTES = (Note.TRANSFER, Note.GOODS_PAYMENT, Note.REPAYMENT, Note.LIVING_EXPENSES)
_MACHINE_DAY = 20_000 * YUAN
_MACHINE_TIMES = (2_000, 2_500, 3_000, 5_000)

EXITS = ("machines", "elsewhere", "spend_abroad", "remit_abroad", "valuables", "wallet")


def launder(stage: Stage, run: Run, received: list[Receipt]) -> tuple[tuple[int, int], ...]:
    """All that was received moves on, and out; returns the accounts with their parts."""
    collected = {receipt.account for receipt in received}
    touched: set[int] = set()
    held = received
    for _ in range(1 + stage.weighted(_LAYERS[run.difficulty])):
        held = [part for batch in _batches(stage, run, held) for part in _onward(stage, run, batch)]
        touched |= {receipt.account for receipt in held}
    for batch in _batches(stage, run, held):
        _out(stage, run, batch)
    return (
        *((victim, int(AccountRole.VICTIM)) for victim in run.victims),
        *((account, int(AccountRole.COLLECTOR)) for account in sorted(collected)),
        *((account, int(AccountRole.MULE)) for account in sorted(touched - collected)),
    )


def handler(stage: Stage, run: Run, account: int) -> Session:
    """The session of whoever works a rented account: its owner as told, or the gang itself."""
    if stage.chance(_OWN_DEVICE[run.difficulty]):
        return stage.session(account)
    gang = run.syndicate
    place = stage.morning.people.ranges.total + gang.den
    return Session(stage.pick(gang.devices), stage.pick(gang.addresses), place)


def _batches(stage: Stage, run: Run, received: list[Receipt]) -> list[Receipt]:
    """What comes to an account within its patience is moved on together."""
    patience = int(stage.spread(*_PATIENCE[run.difficulty]) * MINUTE)
    batches: list[Receipt] = []
    first: dict[int, int] = {}
    place: dict[int, int] = {}
    for receipt in sorted(received):
        account = receipt.account
        if account in first and receipt.time - first[account] <= patience:
            so_far = batches[place[account]]
            batches[place[account]] = Receipt(receipt.time, account, so_far.cents + receipt.cents)
            continue
        first[account], place[account] = receipt.time, len(batches)
        batches.append(receipt)
    return batches


def _onward(stage: Stage, run: Run, held: Receipt) -> list[Receipt]:
    """To one or a few of the next accounts, less what the mule keeps."""
    session = handler(stage, run, held.account)
    targets = [account for account in run.mules if account != held.account]
    if not targets:
        return [held]
    time = held.time + stage.pause(run.syndicate.pace * _SLOWNESS[run.difficulty], 1.0)
    if stage.chance(0.3):
        stage.login(time - 15_000_000, held.account, session=session, role=Role.LOGIN)
    count = 1 + stage.weighted(_SPLITS[run.difficulty])
    count = max(1, min(count, held.cents // _SMALLEST_PART, len(targets)))
    total = int(held.cents * (1 - stage.spread(0.0005, 0.12)))
    parts = []
    for part in pieces(stage.rng, total, count, 6.0):
        target = stage.pick(targets)
        stage.pay(
            time, held.account, target, part,
            note=stage.pick(_NOTES), session=session, role=Role.PASS_ON,
        )  # fmt: skip
        parts.append(Receipt(time, target, max(part, YUAN)))
        time += stage.pause(2)
    return parts


def _out(stage: Stage, run: Run, held: Receipt) -> None:
    """One way out for each sum, and a second for what a machine does not give."""
    way = EXITS[stage.weighted(run.syndicate.exits)]
    time = held.time + stage.pause(run.syndicate.pace * _SLOWNESS[run.difficulty], 1.1)
    left = Receipt(time, held.account, int(held.cents * (1 - stage.spread(0.0005, 0.06))))
    if way == "machines":
        left = _machines(stage, run, left)
    if way == "spend_abroad":
        left = _spend_abroad(stage, run, left)
    if way == "valuables":
        left = _valuables(stage, left)
    if left.cents < _SMALLEST_PART and way in {"machines", "spend_abroad", "valuables"}:
        return
    if way == "remit_abroad":
        _remit_abroad(stage, run, left)
    else:
        _elsewhere(stage, run, left, wallet=way == "wallet")


def _machines(stage: Stage, run: Run, held: Receipt) -> Receipt:
    """One cash machine after the other, up to what a day allows; what is left comes back."""
    time, left, today = held.time, held.cents, 0
    at_once = stage.pick(_MACHINE_TIMES) * YUAN
    city = run.syndicate.den
    for _ in range(stage.whole(2, 12)):
        hundreds = min(at_once, left) // (100 * YUAN)
        if hundreds == 0:
            break
        if today + hundreds * 100 * YUAN > _MACHINE_DAY:
            time, today = time + int(stage.rng.uniform(0.3, 1.1) * DAY), 0
        stage.withdraw(time, held.account, hundreds * 100 * YUAN, city=city, role=Role.CASH_OUT)
        left, today = left - hundreds * 100 * YUAN, today + hundreds * 100 * YUAN
        time += stage.pause(1.5)
    return Receipt(time + stage.pause(20), held.account, left)


def _spend_abroad(stage: Stage, run: Run, held: Receipt) -> Receipt:
    """Somebody abroad has a card: casinos, jewellers, shops, in foreign money."""
    people = stage.morning.people
    countries = len(COUNTRIES) - 1
    abroad = people.ranges.abroad
    merchants = range(abroad.start + run.syndicate.refuge - 1, abroad.stop, countries)
    time, left = held.time, held.cents
    for _ in range(stage.whole(1, 7)):
        cents = min(left, int(stage.spread(400, 30_000)) * YUAN)
        if cents < 100 * YUAN:
            break
        stage.swipe(time, held.account, stage.pick(merchants), cents, role=Role.SPEND_ABROAD)
        left -= int(cents * 1.01)
        time += stage.pause(stage.spread(5, 400))
    return Receipt(time, held.account, max(left, 0))


def _remit_abroad(stage: Stage, run: Run, held: Receipt) -> None:
    """To accounts abroad, in parts under what needs papers or all at once."""
    countries = len(COUNTRIES) - 1
    abroad = stage.morning.people.ranges.abroad
    payees = range(abroad.start + run.syndicate.refuge - 1, abroad.stop, countries)
    session, time = handler(stage, run, held.account), held.time
    for part in pieces(stage.rng, int(held.cents * 0.985), stage.whole(1, 3), 8.0):
        stage.remit(
            time, held.account, stage.pick(payees), part,
            session=session, note=stage.pick(_NOTES), role=Role.CASH_OUT,
        )  # fmt: skip
        time += stage.pause(25)


def _valuables(stage: Stage, held: Receipt) -> Receipt:
    """Gold and phones, which are sold again."""
    people = stage.morning.people
    trades = {int(Trade.JEWELLERY), int(Trade.ELECTRONICS)}
    shops = [
        people.ranges.shops.start + place
        for place, trade in enumerate(people.trade[:400].tolist())
        if trade in trades
    ]
    time, left = held.time + stage.whole(0, 3) * HOUR, held.cents
    for _ in range(stage.whole(1, 4)):
        cents = min(left, int(stage.spread(2_500, 40_000)) * YUAN)
        if cents < 500 * YUAN:
            break
        stage.swipe(time, held.account, stage.pick(shops), cents, role=Role.CASH_OUT)
        left -= cents
        time += stage.pause(25)
    return Receipt(time, held.account, left)


def _elsewhere(stage: Stage, run: Run, held: Receipt, *, wallet: bool) -> None:
    """To accounts at other banks, or into a wallet, where it is out of sight."""
    ranges = stage.morning.people.ranges
    payees = ranges.markets if wallet else ranges.outsiders
    session, time = handler(stage, run, held.account), held.time
    note = Note.WALLET_TOP_UP if wallet else stage.pick(_NOTES)
    for part in pieces(stage.rng, held.cents, 1 + stage.weighted(_SPLITS[run.difficulty]), 6.0):
        stage.pay(
            time, held.account, stage.pick(payees), part,
            note=note, session=session, role=Role.CASH_OUT,
        )  # fmt: skip
        time += stage.pause(3)
