"""What rented accounts did before: nothing, something long ago, or somebody's daily life."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.rows import Rows, rows
from txmon.simulate.scenario import DAY
from txmon.simulate.vocabulary import YUAN, Channel, Note, PaymentKind

if TYPE_CHECKING:
    from txmon.simulate.population import Population
    from txmon.simulate.scenario import Scenario

_LIVES = 8
_FRESH, _DORMANT = 0.4, 0.75
_OFTEN = 0.12


def past_lives(scenario: Scenario, people: Population) -> Rows:
    """Small purchases of their owners, early on or all the time; they are nobody's fraud."""
    rng = scenario.stream(_LIVES)
    rented = np.array(people.ranges.rented, np.int32)
    fate = rng.random(len(rented))
    lived, dormant = fate >= _DORMANT, (fate >= _FRESH) & (fate < _DORMANT)
    often = rng.poisson(scenario.days * _OFTEN, len(rented))
    once = rng.integers(1, 5, len(rented))
    count = np.where(lived, often, np.where(dormant, once, 0))
    until = np.where(lived, scenario.days, max(2, scenario.days // 10))
    who = np.repeat(np.arange(len(rented)), count)
    shops = people.shop_wheel.spin_in(rng, people.city[rented[who]])
    day = rng.random(len(who)) * until[who]
    affordable = people.opening[rented] // np.maximum(count, 1)
    cents = np.minimum(rng.integers(3 * YUAN, 45 * YUAN, len(who)), affordable[who])
    return rows(
        scenario.day(0).start + (day * DAY).astype(np.int64),
        kind=PaymentKind.CARD,
        channel=Channel.POS,
        debtor=rented[who],
        creditor=shops,
        cents=np.maximum(cents, 1),
        place=shops,
        note=Note.PURCHASE,
    )
