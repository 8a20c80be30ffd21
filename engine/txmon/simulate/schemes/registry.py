"""Which schemes and occasions a scenario stages; incidents take them in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.schemes import fan_in, identity_ring, occasions, safe_account

if TYPE_CHECKING:
    from txmon.simulate.schemes.model import Scheme

SCHEMES: tuple[Scheme, ...] = (safe_account.SCHEME, fan_in.SCHEME, identity_ring.SCHEME)
OCCASIONS: tuple[Scheme, ...] = (occasions.CAR, occasions.COLLECTION)
