"""Fraud as it is done: what syndicates plan, and how each scheme is played."""

from txmon.simulate.schemes import (
    click_farm,
    coached_loan,
    fake_identities,
    rented_cards,
    safe_account,
    waking,
)
from txmon.simulate.schemes.model import Run, Scheme, Syndicate
from txmon.simulate.schemes.planning import IDENTITIES, WAKING, Plan, plan

SCHEMES: dict[str, Scheme] = {
    WAKING: waking.SCHEME,
    IDENTITIES: fake_identities.SCHEME,
    **{
        scheme.SCHEME.name: scheme.SCHEME
        for scheme in (safe_account, click_farm, coached_loan, rented_cards)
    },
}
"""How each run is played, by the name it has in the plan."""

__all__ = ["SCHEMES", "Plan", "Run", "Scheme", "Syndicate", "plan"]
