"""Honest occasions that would fool a careless rule, each with how often it happens."""

from txmon.simulate.occasions import family, gatherings, purchases, work
from txmon.simulate.occasions.model import Guests, Occasion

OCCASIONS: tuple[Occasion, ...] = (
    Occasion("wedding", 14, gatherings.wedding),
    Occasion("charity_collection", 8, gatherings.charity),
    Occasion("class_trip", 16, gatherings.class_trip),
    Occasion("school_fees", 10, gatherings.school_fees),
    Occasion("help_in_need", 36, gatherings.help_in_need),
    Occasion("rent_agent", 12, gatherings.rent_agent),
    Occasion("group_buy", 10, gatherings.group_buy),
    Occasion("car_in_parts", 50, purchases.car),
    Occasion("house_from_savings", 45, purchases.house),
    Occasion("new_landlord", 110, purchases.new_landlord),
    Occasion("renovation_loan", 90, purchases.renovation),
    Occasion("gold", 35, purchases.gold),
    Occasion("debts_paid_off", 70, purchases.debts_paid_off),
    Occasion("family_phone", 80, family.family_phone),
    Occasion("new_phone", 80, family.new_phone),
    Occasion("student_abroad", 30, family.student_abroad),
    Occasion("own_account_elsewhere", 70, family.own_account_elsewhere),
    Occasion("traveller", 60, family.traveller),
    Occasion("small_firm", 26, work.small_firm),
    Occasion("reseller", 22, work.reseller),
    Occasion("odd_jobs", 60, work.odd_jobs),
    Occasion("investor", 60, work.investor),
)

__all__ = ["OCCASIONS", "Guests", "Occasion"]
