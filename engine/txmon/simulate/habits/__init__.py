"""Honest life in bulk: what is due by the calendar, and what people do when they feel like it."""

from txmon.simulate.habits.scheduled import scheduled, scheduled_count
from txmon.simulate.habits.spontaneous import spontaneous

__all__ = ["scheduled", "scheduled_count", "spontaneous"]
